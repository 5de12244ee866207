"""The uncertain numbers of a case: the name, the place and the distribution of each, and how they correlate."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from entrepot.cases.case import Case
from entrepot.cases.distributions import (
    KINDS,
    LEAST,
    Distribution,
    KeyPath,
    MixtureOfSets,
    checked,
    is_distribution,
    place_in,
    read_distribution,
    read_weights,
    value_at,
)
from entrepot.cases.path_numbers import path_place, stated_on_path
from entrepot.documents import beside, dotted_key, read_text
from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.errors import DocumentError, InputError, UnknownNameError, nearest
from entrepot.measures.fields import read_number, read_rent

#: Keys of a mixture of sets, beside the sets.
_MIXTURE = ("within", "sectors")
#: In place of a set in a mixture: the elasticities of the Economy itself.
OWN = "own"
#: The name of a table of draws of the market's demand.
DRAWS = "market.draws"
#: How negative an eigenvalue of a correlation may be, because its file has rounded digits.
ROUNDED = 1e-6


@dataclass(frozen=True, slots=True)
class Parameter:
    """One uncertain number of a case.

    name          dotted: theta.motor_vehicles, scenarios.tariff.measures.1.tariff.rate
    distribution  of the number
    place         in the case's document; None for an elasticity
    sectors       positions of the elasticities that it sets; several where they move together
    centres       the central values of those elasticities; none where the number is a factor on those of a set
    sets          by position of a mixture of sets, the elasticities [j] of each
    places, rows  by position among the rows of a table, the numbers that go to these places together
    """

    name: str
    distribution: Distribution | MixtureOfSets
    place: KeyPath | None = None
    sectors: tuple[int, ...] = ()
    centres: tuple[float, ...] = ()
    sets: tuple[tuple[float, ...], ...] = ()
    places: tuple[KeyPath, ...] = ()
    rows: tuple[tuple[float, ...], ...] = ()

    def placed(self, value: float) -> dict[KeyPath, float]:
        """Return the numbers in the case's document under a value of this parameter."""
        if self.places:
            return dict(zip(self.places, self.rows[int(value)], strict=True))
        return {} if self.place is None else {self.place: float(value)}

    def at(self, u: Array) -> Array:
        """Return the quantiles [..] at probabilities u; elasticities have a floor (`LEAST`)."""
        out = self.distribution.at(u)
        return np.maximum(out, LEAST * self.distribution.centre) if self.sectors and not self.sets else out


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """The uncertain numbers of a case on an Economy.

    parameters   in the order of the columns of every draw
    correlation  of the normal scores of the parameters [p, p]; None where they are independent
    trade_sd     sd of the log of every flow between countries; zero where flows are certain
    """

    parameters: tuple[Parameter, ...]
    correlation: Array | None = None
    trade_sd: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.parameters) or self.trade_sd > 0

    @property
    def names(self) -> list[str]:
        """The names of the parameters."""
        return [p.name for p in self.parameters]

    def centres(self) -> Array:
        """Return the centres of the parameters [p]."""
        return np.array([p.distribution.centre for p in self.parameters])

    def values(self, u: Array) -> Array:
        """Return the parameters [.., p] at points [.., p] of the unit cube."""
        from scipy.special import ndtr, ndtri

        if self.correlation is not None:
            root = np.linalg.cholesky(self.correlation + _lift(self.correlation) * np.eye(len(self.correlation)))
            u = ndtr(ndtri(u) @ root.T)
        u = np.clip(u, 1e-12, 1 - 1e-12)
        return np.stack([p.at(u[..., k]) for k, p in enumerate(self.parameters)], axis=-1)

    def theta(self, economy: Economy, values: Array) -> Array:
        """Return the elasticities [j] under a draw [p]."""
        theta = economy.theta.copy()
        for p, value in zip(self.parameters, values, strict=True):
            if p.sets:
                theta = np.array(p.sets[int(value)])
            elif p.sectors and not p.centres:
                theta[list(p.sectors)] *= value / p.distribution.centre
            elif p.sectors:
                theta[list(p.sectors)] = np.array(p.centres) * (value / p.distribution.centre)
        return theta

    @property
    def mixtures(self) -> dict[str, tuple[str, ...]]:
        """The names of the sets by position, by name of the uncertain number that chooses among them."""
        return {
            p.name: p.distribution.names
            for p in self.parameters
            if isinstance(p.distribution, MixtureOfSets) and p.sets
        }

    def placed(self, values: Array) -> dict[KeyPath, float]:
        """Return the numbers in the case's document under a draw [p]."""
        return {place: n for p, v in zip(self.parameters, values, strict=True) for place, n in p.placed(v).items()}

    def case(self, case: Case, values: Array) -> Case:
        """Return the case under a draw [p]; raise `DocumentError` where a drawn number is not valid at its place."""
        placed = self.placed(values)
        return case.with_numbers(placed) if placed else case


def uncertainty(case: Case, economy: Economy, more: Mapping[str, Any] | None = None) -> Uncertainty:
    """Return the uncertain numbers of a case, and those of `more` by dotted name, which replace or add to them.

    Raises `DocumentError` with the key for a name that points nowhere, and for a wrong distribution.
    """
    found: dict[str, Parameter] = {}
    for place, distribution in case.distributions.items():
        if not _idle(case, place):
            found[dotted_key(place)] = Parameter(dotted_key(place), distribution, place)
    correlation: list[tuple[list[str], Array]] = []
    trade = 0.0
    stated = [(name, value, "uncertainty") for name, value in case.uncertainty.items()]
    stated += [(name, value, "") for name, value in (more or {}).items()]
    for name, value, block in stated:
        try:
            if name == "trade":
                trade = _trade_sd(value)
            elif name == "theta" or name.startswith("theta."):
                parameters, joint = _elasticities(name.partition(".")[2], _beside(case, value), economy)
                found = _without(found, parameters, economy) | {p.name: p for p in parameters}
                # An elasticity that is stated again takes its new correlation, not its earlier one.
                correlation = [*_among(correlation, set(found) - {p.name for p in parameters}), *joint]
            elif name == DRAWS:
                table = _table_of_draws(case, value)
                found = {key: p for key, p in found.items() if p.place not in table.places} | {name: table}
            else:
                parameter = _number(case, name, value)
                found[parameter.name] = parameter
        except InputError as error:
            message = str(error).removeprefix(f"{name}: ")
            if not block:
                raise InputError(f"{name}: {message}") from None
            raise case.fault(f"uncertainty.{name}", message) from None
    return Uncertainty(tuple(found.values()), _joint(list(found), correlation), trade)


def _without(found: Mapping[str, Parameter], stated: Sequence[Parameter], economy: Economy) -> dict[str, Parameter]:
    """Return the parameters without those whose elasticities are all stated again."""
    theirs = {j for p in stated for j in p.sectors}
    moved = {name: p.sectors if p.place is None else elasticities_at(p.place, economy) for name, p in found.items()}
    return {name: p for name, p in found.items() if not moved[name] or not theirs.issuperset(moved[name])}


def elasticities_at(place: KeyPath, economy: Economy) -> tuple[int, ...]:
    """Return the positions of the elasticities that a number of the case's document sets; none for any other number."""
    if place[0] != "theta":
        return ()
    return tuple(j for j, sector in enumerate(economy.sectors) if place[-1] in (sector, "theta"))


def varying(case: Case, name: str) -> KeyPath:
    """Return the place of a dotted name; raise `InputError` where there is none, or its number has no effect."""
    place = path_place(case.document, name) or place_in(case.document, name)
    why = _idle(case, place)
    if why:
        raise InputError(f"{name}: {why}")
    return place


def _idle(case: Case, place: KeyPath) -> str:
    """Return why a number of the file has no effect in a sweep; an empty text where it has one."""
    if place[0] in case.given:
        return f"another {place[0]} was given, which replaces that of the case; leave one of the two out"
    idle = {
        "timeline": "a sweep does not solve the timeline for each draw",
        "beliefs": "a sweep does not solve the talks for each draw; 'entrepot talks CASE --grid NAME=...' does",
    }
    return idle.get(str(place[0]), "")


def _number(case: Case, name: str, value: Any) -> Parameter:
    place = varying(case, name)
    stated = stated_on_path(case.document, place) if place[0] == "path" else value_at(case.document, place)
    try:
        centre = read_rent(stated) if place[-1] == "rent" else read_number("", stated)
    except InputError:
        raise InputError(f"the case has no number there, but {str(stated)[:40]!r}") from None
    return Parameter(dotted_key(place), _read(value, centre), place)


def _table_of_draws(case: Case, value: Any) -> Parameter:
    """Return the choice among the rows of a table of demand's parameters; at its centre are the case's own numbers.

    Rows are in the order of their first column, so that the 5th percentile of the choice is a low value of it.
    """
    from entrepot.data.frames import read_frame, refuse_repeated  # it loads pandas

    frame, opened = read_frame(beside(case.path, str(value)), "draws")
    names = [str(column).strip() for column in frame.columns]
    refuse_repeated(names, opened.where)
    places = tuple(place_in(case.document, f"market.{name}") for name in names)
    places = tuple((*place, 0) if isinstance(value_at(case.document, place), list) else place for place in places)
    rows = []
    for line, row in enumerate(frame.itertuples(index=False), start=1):
        try:
            rows.append(tuple(read_number(name, str(cell)) for name, cell in zip(names, row, strict=True)))
        except InputError as error:
            raise InputError(f"{opened.where}, row {line}: {error}") from None
    if not rows:
        raise InputError(f"{opened.where}: the table has no rows")
    own = tuple(float(value_at(case.document, place)) for place in places)
    count = len(rows)
    chosen = MixtureOfSets(("own", *map(str, range(1, count + 1))), (0.0, *([1 / count] * count)), 0)
    return Parameter(DRAWS, chosen, places=places, rows=(own, *sorted(rows)))


def _read(value: Any, centre: float) -> Distribution:
    if isinstance(value, Distribution):
        return checked(value)
    error = getattr(value, "std_error", None)
    if error is not None:
        return checked(Distribution("normal", (float(value), float(error))))
    return read_distribution(value, centre)


def _trade_sd(value: Any) -> float:
    if not is_distribution(value) or "lognormal" not in value:
        raise InputError("trade: give {lognormal: {sd: 0.05}}: flows are positive, and each varies about its own value")
    d = read_distribution(value, 1.0)
    if d.parameters[0] != 1.0:
        raise InputError("trade: each flow varies about its own value; leave the median out")
    return d.parameters[1]


def _beside(case: Case, value: Any) -> Any:
    """Return a statement of elasticities, with the covariance of a file beside the case where it names one."""
    if isinstance(value, Mapping) and set(value) == {"covariance"}:
        return {"covariance": str(beside(case.path, str(value["covariance"])))}
    return value


def _elasticities(sector: str, value: Any, economy: Economy) -> tuple[list[Parameter], list[tuple[list[str], Array]]]:
    """Return the parameters of the elasticities, and their correlations as (names, matrix)."""

    def one(name: str, spec: Any) -> Parameter:
        if name not in economy.sectors:
            raise UnknownNameError("sector", name, economy.sectors)
        j = economy.sectors.index(name)
        centre = float(economy.theta[j])
        d = _read(spec, centre)
        if d.centre <= 0:
            raise InputError(f"theta.{name}: the centre {d.centre:g} is not above zero")
        return Parameter(f"theta.{name}", d, None, (j,), (d.centre,))

    if sector:
        return [one(sector, value)], []
    if isinstance(value, Mapping) and "mixture" in value:
        return _mixture(value, economy), []
    if isinstance(value, Mapping) and set(value) == {"together"}:
        d = _read(value["together"], 1.0)
        if d.kind != "lognormal" and abs(d.centre - 1) > 1e-12:
            raise InputError("together: give a ratio about 1, such as {lognormal: {sd: 0.2}}")
        every = tuple(range(len(economy.sectors)))
        return [Parameter("theta", d, None, every, tuple(map(float, economy.theta)))], []
    if isinstance(value, Mapping) and set(value) == {"covariance"}:
        return _with_covariance(str(value["covariance"]), one)
    if isinstance(value, Mapping) and not is_distribution(value):
        for name, spec in value.items():
            if name not in economy.sectors and isinstance(spec, Mapping) and not is_distribution(spec):
                raise InputError(f"{name!r} is neither a sector nor a distribution ({', '.join(KINDS)})")
        return [one(str(name), spec) for name, spec in value.items()], []
    return [one(name, value) for name in economy.sectors], []


def _mixture(value: Mapping[str, Any], economy: Economy) -> list[Parameter]:
    """Return the choice among published sets, and the factors of the spread within each.

    Sets are in the order of their mean elasticity, so that the 5th percentile of the choice is a low set.
    """
    from entrepot.data.elasticities import read_elasticities  # it loads pandas
    from entrepot.data.published_sets import set_named, sets_with_numbers, with_sectors

    stated = value["mixture"]
    if len(value) > 1 or not isinstance(stated, Mapping) or "sets" not in stated:
        raise InputError("mixture: give {mixture: {sets: [cp2015, ll2023]}}; within and sectors may be added")
    for key in stated:
        if key not in (*_MIXTURE, "sets"):
            raise InputError(f"mixture: unknown key {key!r}{nearest(str(key), ['sets', *_MIXTURE])}")
    weights = read_weights(stated["sets"], sets_with_numbers())
    known: dict[str, float] = {}
    for name, weight in weights.items():
        found = set_named(name)
        if found is None and name != OWN:
            raise UnknownNameError("set of elasticities", name, [*sets_with_numbers(), OWN], "mixture")
        full = name if found is None else found.name
        if full in known:
            raise InputError(f"mixture: {name} is {full}, which is named too; name it once, with a weight")
        known[full] = weight
    theta = {
        name: economy.theta
        if name == OWN
        else read_elasticities(with_sectors(name, stated.get("sectors")), economy.sectors)[0]
        for name in known
    }
    order = sorted(known, key=lambda name: (float(theta[name].mean()), name))
    every = tuple(range(len(economy.sectors)))
    own = next((k for k, name in enumerate(order) if np.allclose(theta[name], economy.theta, rtol=1e-9)), -1)
    choice = MixtureOfSets(tuple(order), tuple(known[name] for name in order), own)
    sets = tuple(tuple(map(float, theta[name])) for name in order)
    return [Parameter("theta.set", choice, None, every, (), sets), *_within(stated.get("within"), economy.sectors)]


def _within(spec: Any, sectors: Sequence[str]) -> list[Parameter]:
    """Return the factors on a set's elasticities: one a sector, or one for all under `together`; each is about one."""
    if spec is None:
        return []
    together = isinstance(spec, Mapping) and set(spec) == {"together"}
    d = _read(spec["together"] if together else spec, 1.0)
    if d.kind != "lognormal" and abs(d.centre - 1) > 1e-12:
        raise InputError("mixture: within: give a ratio about 1, such as {lognormal: {sd: 0.25}}")
    if together:
        return [Parameter("theta.within", d, None, tuple(range(len(sectors))))]
    return [Parameter(f"theta.within.{name}", d, None, (j,)) for j, name in enumerate(sectors)]


def _with_covariance(path: str, one: Any) -> tuple[list[Parameter], list[tuple[list[str], Array]]]:
    """Return normal elasticities about the Economy's, with the covariance of a CSV file by sector."""
    rows = list(csv.reader(io.StringIO(read_text(path).lstrip("\ufeff"))))
    head = [name.strip() for name in rows[0][1:]] if rows else []
    if not head or [row[0].strip() for row in rows[1:] if row] != head:
        raise DocumentError(
            "the first column and the first row must name the same sectors in the same order", path=path
        )
    if len(set(head)) < len(head):
        raise DocumentError(f"{next(name for name in head if head.count(name) > 1)!r} is repeated", path=path)
    for line, row in enumerate(rows, start=1):
        if row and len(row) != len(head) + 1:
            raise DocumentError(f"{len(row) - 1} numbers for {len(head)} sectors", path=path, line=line)
    try:
        covariance = np.array([[float(x) for x in row[1:]] for row in rows[1:] if row])
    except ValueError as error:
        raise DocumentError(
            f"{error}".replace("could not convert string to float: ", "not numeric: "), path=path
        ) from None
    if covariance.shape != (len(head), len(head)) or not np.allclose(covariance, covariance.T):
        raise DocumentError("the covariance is not a symmetric square matrix", path=path)
    if not np.isfinite(covariance).all():
        raise DocumentError("the covariance has entries that are not finite", path=path)
    sd = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if (sd <= 0).any() or np.linalg.eigvalsh(covariance / np.outer(sd, sd)).min() < -ROUNDED:
        raise DocumentError("the covariance has a variance of zero or is not positive semidefinite", path=path)
    parameters = [one(name, {"normal": {"sd": float(s)}}) for name, s in zip(head, sd, strict=True)]
    names = [p.name for p in parameters]
    joint = covariance / sd / sd[:, None]
    return parameters, [(names, joint)]


def _among(blocks: Sequence[tuple[list[str], Array]], names: set[str]) -> list[tuple[list[str], Array]]:
    """Return the correlations restricted to parameters with these names."""
    out = []
    for among, correlation in blocks:
        kept = [k for k, name in enumerate(among) if name in names]
        if len(kept) > 1:
            out.append(([among[k] for k in kept], correlation[np.ix_(kept, kept)]))
    return out


def _lift(correlation: Array) -> float:
    """Return the number to add to the diagonal so that a singular or rounded correlation has a Cholesky factor."""
    return 1e-12 + max(0.0, -float(np.linalg.eigvalsh(correlation).min()))


def _joint(names: list[str], blocks: Sequence[tuple[list[str], Array]]) -> Array | None:
    if not blocks:
        return None
    out = np.eye(len(names))
    for among, correlation in blocks:
        at = [names.index(name) for name in among]
        out[np.ix_(at, at)] = correlation
    return out
