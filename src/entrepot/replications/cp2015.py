"""Caliendo and Parro (2015), "Estimates of the Trade and Welfare Effects of NAFTA", from the authors' own files.

31 countries, 40 sectors, 1993. Their welfare effect is first order (terms of trade plus volume of trade); the exact
change in real income stands beside it. The variants strip the model down: no materials; materials from the own sector
only; two sectors, tradable and not ("one sector" in the paper).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium import Outcome, solve
from entrepot.errors import DocumentError, UnknownNameError
from entrepot.measures import Tariff
from entrepot.replications.replication import Line, Replication, needed_files

TITLE = "Trade and welfare effects of NAFTA's tariff reductions"
CITATION = (
    "Caliendo, L. and F. Parro (2015), Estimates of the Trade and Welfare Effects of NAFTA, "
    "Review of Economic Studies 82(1): 1-44"
)
ORIGIN = "https://academic.oup.com/restud/article/82/1/1/1547758#supplementary-data"
FILES = ("xbilat1993.txt", "tariffs1993.txt", "tariffs2005.txt", "GO.txt", "B.txt", "IO.txt", "T.txt")
DATA = f"a folder with the authors' {', '.join(FILES)} ({ORIGIN})"

# fmt: off
COUNTRIES = (
    "ARG", "AUS", "AUT", "BRA", "CAN", "CHL", "CHN", "DNK", "FIN", "FRA", "DEU", "GRC", "HUN", "IND", "IDN", "IRL",
    "ITA", "JPN", "KOR", "MEX", "NLD", "NZL", "NOR", "PRT", "ZAF", "ESP", "SWE", "TUR", "GBR", "USA", "ROW",
)
# fmt: on
SECTORS = tuple(f"S{k:02d}" for k in range(1, 41))
TRADABLE = 20
NAFTA = ("MEX", "CAN", "USA")

#: Elasticity of sectors that are not traded, and of both sectors of the "one sector" variant, as in the authors' code.
THETA_NON_TRADABLE, THETA_ONE_SECTOR = 8.22, 4.55
MODELS = ("benchmark", "one sector", "no materials", "no input-output")

#: Half a unit of the last digit published; the authors' code stops at 1e-7, about a unit of the fourth decimal.
TWO_DIGITS, FOUR_DIGITS, THREE_DIGITS = 0.005, 1e-4, 1e-3


def replicate(data: Path | None = None) -> Replication:
    """Raises `DocumentError` for missing or misshapen files."""
    return Replication.of("cp2015", TITLE, CITATION, _lines(Files.read(data)), NOTES)


NOTES = (
    "Percent. Welfare as published is first order, in proportional changes from the base: terms of trade "
    "sum(E dc - M dc)/I plus volume of trade sum(t (M' - M - M dc))/I. The exact change of real income differs: "
    "Mexico's is 0.01%, since lost tariff revenue takes back what the first-order formula counts as volume.",
    "Own sales are max(gross output, exports) - exports; final shares are what spending leaves after materials, not "
    "below zero; deficits are closed before the tariffs change; tariffs among the three go to 2005.",
    "Trade growth: imports from the two partners together, before duty, at current prices.",
    "One sector: two in fact, tradable and not, with theta 4.55, the median tariff and the median value-added share "
    "over sectors, mean input coefficients. No materials: all cost is value added. No input-output: each sector buys "
    "materials only from itself, as much of its cost as its own entry in the input-output table.",
    "NAFTA given world changes: the effect of all tariff changes less that of all but those among the three.",
    "The authors' web page: https://sites.google.com/site/lorenzocaliendo/research/CP. The authors' code was run once "
    "under GNU Octave, with deficits closed.",
    "Tolerance: half a unit of the last digit published; 0.0001 for the authors' code, which stops at 1e-7.",
)


@dataclass(frozen=True, eq=False, slots=True)
class Files:
    """The authors' files as arrays: n importer or country, i exporter, j and k sector; 20 tradable sectors come first.

    imports [j,n,i]          foreign trade of tradables before duty, millions of US dollars
    tariff[year] [j,n,i]     rates of 1993 and 2005, fractions
    output [j,n]             gross output, millions
    value_added_share [n,j]  of the cost of j;  materials [n,k,j]  share of input k in j's cost of materials
    theta [j]                trade elasticity
    """

    imports: Array
    tariff: dict[int, Array]
    output: Array
    value_added_share: Array
    materials: Array
    theta: Array

    @classmethod
    def read(cls, data: Path | None) -> Files:
        """Raises `DocumentError` that names the file at fault."""
        path = dict(zip(FILES, needed_files(data, FILES, ORIGIN), strict=True))
        n, j = len(COUNTRIES), len(SECTORS)
        flows = (TRADABLE, n, n)
        return cls(
            imports=_numbers(path["xbilat1993.txt"], flows) / 1e3,  # from thousands
            tariff={year: _numbers(path[f"tariffs{year}.txt"], flows) / 100 for year in (1993, 2005)},
            output=_numbers(path["GO.txt"], (j, n)) / 1e6,  # from dollars
            value_added_share=_numbers(path["B.txt"], (j, n)).T,
            materials=_numbers(path["IO.txt"], (n, j, j)),
            theta=np.append(_numbers(path["T.txt"], (TRADABLE,)), np.full(j - TRADABLE, THETA_NON_TRADABLE)),
        )


def _numbers(path: Path, shape: tuple[int, ...]) -> Array:
    try:
        array = np.loadtxt(path)
    except (OSError, ValueError) as error:
        raise DocumentError(f"cannot be read as a table of numbers: {error}", path=str(path)) from None
    if array.size != np.prod(shape):
        raise DocumentError(f"holds {array.size} numbers; {np.prod(shape)} are needed", path=str(path))
    return array.reshape(shape)


def base(files: Files, model: str = "benchmark") -> Economy:
    """The economy of 1993 with deficits closed, under one of `MODELS`."""
    f = files
    if model == "one sector":
        return _two_sectors(f)
    if model not in MODELS:
        raise UnknownNameError("model", model, MODELS)
    share = f.value_added_share[:, None, :]
    recipe = {
        "benchmark": lambda: (1 - share) * f.materials,
        "no materials": lambda: np.zeros_like(f.materials),
        "no input-output": lambda: f.materials * np.eye(len(SECTORS)),
    }[model]()
    return _economy(model, f.imports, f.tariff[1993], f.output, recipe, f.theta, SECTORS)


def _two_sectors(f: Files) -> Economy:
    """Tradable and non-tradable sectors, each merged into one as the authors do."""
    n = len(COUNTRIES)
    share = np.median(f.value_added_share.reshape(n, 2, TRADABLE), axis=2)
    materials = f.materials.reshape(n, 2, TRADABLE, 2, TRADABLE).mean(axis=(2, 4))
    materials /= materials.sum(axis=1, keepdims=True)
    return _economy(
        "one sector",
        f.imports.sum(axis=0, keepdims=True),
        one_tariff(f, 1993),
        f.output.reshape(2, TRADABLE, n).sum(axis=1),
        (1 - share[:, None, :]) * materials,
        np.full(2, THETA_ONE_SECTOR),
        ("tradable", "non_tradable"),
    )


def one_tariff(files: Files, year: int) -> Array:
    """The median over sectors, [1,n,i]."""
    return np.median(files.tariff[year], axis=0, keepdims=True)


def _economy(
    model: str, imports: Array, tariff: Array, output: Array, recipe: Array, theta: Array, sectors: tuple[str, ...]
) -> Economy:
    n, traded = len(COUNTRIES), len(imports)
    shape = (len(sectors), n, n)
    value, duty = np.zeros(shape), np.zeros(shape)
    value[:traded], duty[:traded] = imports, tariff
    exports = value.sum(axis=1)
    value[:, range(n), range(n)] = np.maximum(output, exports) - exports
    trade = _tidy({"value": value, "tariff": duty}, sector=sectors, importer=COUNTRIES, exporter=COUNTRIES)
    inputs = _tidy({"cost_share": recipe}, country=COUNTRIES, input=sectors, output=sectors)
    elasticity = dict(zip(sectors, theta, strict=True))
    return Economy.from_tables(
        trade, inputs, theta=elasticity, deficit="balanced", name=f"cp2015, {model}", source=CITATION, year=1993
    )


def _tidy(columns: dict[str, Array], **axes: tuple[str, ...]) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    return pd.DataFrame({k: v.ravel() for k, v in columns.items()}, index=index).reset_index()


def tariffs(economy: Economy, new: Array, keep: Callable[[str, str], bool]) -> list[Tariff]:
    """Tariffs `new` [j,n,i] wherever they differ from the base and keep(importer, exporter); partners at one rate
    together.
    """
    measures = []
    for j, n in np.ndindex(new.shape[:2]):
        at_rate: dict[float, list[str]] = {}
        for i in np.flatnonzero(new[j, n] != economy.tariff[j, n]):
            if i != n and keep(COUNTRIES[n], COUNTRIES[i]):
                at_rate.setdefault(float(new[j, n, i]), []).append(COUNTRIES[i])
        measures += [
            Tariff(importer=COUNTRIES[n], exporter=partners, sector=economy.sectors[j], rate=f"{100 * rate!r}%")
            for rate, partners in at_rate.items()
        ]
    return measures


def in_nafta(importer: str, exporter: str) -> bool:
    """Return whether both countries are NAFTA members."""
    return importer in NAFTA and exporter in NAFTA


def nafta(files: Files, model: str = "benchmark") -> Outcome:
    """Tariffs among the three go to 2005, the rest stay as in 1993."""
    economy = base(files, model)
    new = one_tariff(files, 2005) if model == "one sector" else files.tariff[2005]
    return solve(economy, tariffs(economy, new, in_nafta))


def first_order(outcome: Outcome) -> pd.Series:
    """The published welfare effect by country, percent: terms of trade plus volume of trade."""
    return outcome.countries["terms_of_trade_pct"] + outcome.countries["volume_of_trade_pct"]


def bloc_import_growth(outcome: Outcome) -> pd.Series:
    """Growth of each member's imports from the other two, percent, before duty and at current prices."""
    at = [COUNTRIES.index(c) for c in NAFTA]
    foreign = ~np.eye(len(at), dtype=bool)

    def imports(value: Array) -> Array:
        return (value.sum(axis=0)[np.ix_(at, at)] * foreign).sum(axis=1)

    growth = imports(outcome.accounts.producer_value) / imports(outcome.economy.value) - 1
    return pd.Series(100 * growth, index=list(NAFTA))


# ---- what was published ----

_TABLE2, _CODE, _PAGE = "Table 2", "the authors' code, run", "the authors' web page"
#: statistic -> (member in the order of NAFTA), tolerance, source
_BENCHMARK: dict[str, tuple[tuple[float, float, float], float, str]] = {
    "welfare": ((1.31, -0.06, 0.08), TWO_DIGITS, _TABLE2),
    "terms of trade": ((-0.41, -0.11, 0.04), TWO_DIGITS, _TABLE2),
    "volume of trade": ((1.72, 0.04, 0.04), TWO_DIGITS, _TABLE2),
    "real wage": ((1.72, 0.32, 0.11), TWO_DIGITS, _TABLE2),
    "growth of imports from the bloc": ((118.0, 11.0, 41.0), 0.5, _PAGE),
    "welfare, unrounded": ((1.3121, -0.0638, 0.0848), FOUR_DIGITS, _CODE),
    "real income, exact": ((0.0073, -0.1101, 0.0741), FOUR_DIGITS, _CODE),
}
_VARIANTS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "one sector": ((0.4077, -0.0849, 0.0554), (60.99, 5.98, 17.34)),
    "no materials": ((0.5011, -0.0301, 0.0295), (88.08, 9.95, 26.91)),
    "no input-output": ((0.6565, -0.0393, 0.0418), (98.96, 10.14, 30.70)),
}
_ALL, _WITHOUT = (1.3616, 0.0985, 0.2221), (0.1883, 0.1615, 0.1425)
_GIVEN_WORLD = (1.173, -0.063, 0.080)


def _lines(files: Files) -> Iterator[Line]:
    outcome = nafta(files)
    ours = {
        "welfare": first_order(outcome),
        "terms of trade": outcome.countries["terms_of_trade_pct"],
        "volume of trade": outcome.countries["volume_of_trade_pct"],
        "real wage": outcome.countries["real_wage_pct"],
        "growth of imports from the bloc": bloc_import_growth(outcome),
        "welfare, unrounded": first_order(outcome),
        "real income, exact": outcome.countries["real_income_pct"],
    }
    for what, (published, tolerance, source) in _BENCHMARK.items():
        yield from _members(what, published, ours[what], tolerance, source)
    for model, (welfare, growth) in _VARIANTS.items():
        variant = nafta(files, model)
        yield from _members(f"welfare, {model}", welfare, first_order(variant), FOUR_DIGITS, _CODE)
        yield from _members(f"imports, {model}", growth, bloc_import_growth(variant), 0.006, _CODE)
    yield from _world(outcome.economy, files)


def _world(economy: Economy, files: Files) -> Iterator[Line]:
    new = files.tariff[2005]
    everything = first_order(solve(economy, tariffs(economy, new, lambda _n, _i: True)))
    without = first_order(solve(economy, tariffs(economy, new, lambda n, i: not in_nafta(n, i))))
    yield from _members("welfare, world tariff changes", _ALL, everything, FOUR_DIGITS, _CODE)
    yield from _members("welfare, world without NAFTA's", _WITHOUT, without, FOUR_DIGITS, _CODE)
    yield from _members(
        "welfare, NAFTA given the world's", _GIVEN_WORLD, everything - without, THREE_DIGITS, f"{_CODE}; difference"
    )


def _members(what: str, published: Iterable[float], ours: pd.Series, tolerance: float, source: str) -> Iterator[Line]:
    for country, number in zip(NAFTA, published, strict=True):
        yield Line(what, country, number, float(ours[country]), tolerance, source)
