"""What every measure has in common, and the measures on goods that cross a border."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.economy import Economy
from entrepot.economy.geography import is_customs_union, is_group, resolve_countries, resolve_sectors
from entrepot.errors import MeasureError, UnknownNameError
from entrepot.measures.acts import Subsidy
from entrepot.measures.fields import read_names
from entrepot.measures.policy import Policy, places, union
from entrepot.measures.wording import Wording, worded
from entrepot.types import Index

Names = str | tuple[str, ...] | list[str]
#: Metadata of an argument that documents and command lines must state, though it has a default in Python.
STATED = {"stated": True}

#: The name that stands for the sectors that make goods.
GOODS = "GOODS"


def known_goods(economy: Economy) -> tuple[str, ...]:
    """Return the sectors that make goods by their ISIC divisions; none where these are not known."""
    from entrepot.data.classifications import divisions_of, makes_goods

    return tuple(sector for sector, divisions in divisions_of(economy.sectors).items() if makes_goods(divisions))


def sectors_of(names: Names, economy: Economy, where: str) -> tuple[str, ...]:
    """Return the sectors that the `sector` of a measure stands for: names, ALL, or GOODS for those that make goods.

    Raises `UnknownNameError`, which says of everyday words for goods which sector makes them, and `MeasureError` for
    GOODS on an Economy whose sectors are of no known classification.
    """
    listed_names = [names] if isinstance(names, str) else list(names)
    is_sector = GOODS.casefold() in map(str.casefold, economy.sectors)
    plain = [name for name in listed_names if name.upper() != GOODS or is_sector]
    try:
        chosen = set(resolve_sectors(plain, economy.sectors, f"{where}: sector"))
    except UnknownNameError as error:
        from entrepot.data.goods import whereabouts

        hint = whereabouts(error.name, economy.sectors)
        raise UnknownNameError("sector", error.name, (), error.where, hint) if hint else error from None
    if len(plain) < len(listed_names):
        goods = known_goods(economy)
        if not goods:
            message = f"it is not known which sectors of {economy.name} make goods: name them, or ALL for every one"
            raise MeasureError("sector", message, where)
        chosen |= set(goods)
    return tuple(sector for sector in economy.sectors if sector in chosen)


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One instrument on the table. Country arguments take a code, a name, a group, WORLD or a list of these.

    An instrument of your own is a subclass with `put`, which states what it changes; docs/extend.md has one.
    """

    label: str | None = None

    #: Its name in case files.
    kind: ClassVar[str] = ""
    #: Who takes it: the "importer", the "exporter" or the "country" of production.
    taken_by: ClassVar[str] = "importer"
    #: Whether a limit on exports is the exporter's own control of them, which no importer asks for. Trade law treats a
    #: limit for the importer's sake (a voluntary export restraint) apart from it.
    export_control: ClassVar[bool] = False

    def _set(self, **values: Any) -> None:
        for key, value in values.items():
            object.__setattr__(self, key, value)

    def _read_names(self, *keys: str) -> None:
        for key in keys:
            value = getattr(self, key)
            nobody = (key == "exempt" and value is None) or (isinstance(value, tuple | list) and not value)
            self._set(**{key: () if key == "exempt" and nobody else read_names(key, value)})
        if self.label is not None and not (isinstance(self.label, str) and self.label.strip()):
            raise MeasureError("label", f"{self.label!r} is not a text")

    def put(self, policy: Policy) -> None:
        """Put on a Policy what the measure changes in `policy.economy`."""

    def flows(self, economy: Economy) -> Index:
        """Return flat positions in [j,n,i] of the trade that this measure touches, ascending.

        These are the flows that it changes at the border, and all sales of the output that it subsidises.
        """
        n = len(economy.countries)
        found = []
        for act in Policy.of(economy, [self]).acts:
            if isinstance(act, Subsidy):
                j, i = np.divmod(act.at, n)
                found.append(((j[:, None] * n + np.arange(n)) * n + i[:, None]).ravel())
            else:
                found.append(act.at)
        return union(found)

    def border_flows(self, economy: Economy) -> Index:
        """Return those of its flows that it changes at the border: none for a subsidy on output."""
        return places(act for act in Policy.of(economy, [self]).acts if not isinstance(act, Subsidy))

    def names_flow(self, economy: Economy, flow: Index) -> NDArray[np.bool_]:
        """Return whether it may change each of these flows [.]; a measure that names flows may change only those."""
        return np.ones(flow.shape, dtype=bool)

    def takers(self, economy: Economy) -> frozenset[str]:
        """Return the codes of the countries that take the measure.

        They levy or limit at the border, tax or restrain exports, or pay for output. Where a cap is stated by another
        scenario's volume, they are the side that it is `taken_by`.
        """
        if self.match:
            _, n, i = np.unravel_index(self.flows(economy), economy.value.shape)
            return frozenset(economy.countries[k] for k in np.unique(n if self.taken_by == "importer" else i))
        size = len(economy.countries)
        sides = [act.at % size if act.by_exporter else act.at // size % size for act in Policy.of(economy, [self]).acts]
        return frozenset(economy.countries[k] for k in np.unique(np.concatenate(sides)))

    @property
    def match(self) -> str | None:
        """The scenario whose volume its cap takes; None for any other measure."""
        return None

    def at_volume(self, volume: float) -> Measure:
        """Return the measure with its cap, if it has one, at `volume` (millions of US dollars at base prices)."""
        return self

    def notes(self, economy: Economy) -> tuple[str, ...]:
        """Return notes on how names were read in this Economy."""
        return resolve_countries(self.names, economy.countries, self.title)[1]

    @property
    def names(self) -> tuple[str, ...]:
        """Every country and group that it names, as written."""
        return tuple(name for key in ("importer", "exporter", "country", "exempt") for name in self.written(key))

    def written(self, key: str) -> tuple[str, ...]:
        """Return the names that it has under a key such as importer or sector, as written; none without that key."""
        names = getattr(self, key, None) or ()
        return (names,) if isinstance(names, str) else tuple(names)

    @cached_property
    def title(self) -> str:
        """The label, or else the measure in words."""
        return self.label or self.describe()

    def describe(self) -> str:
        """Return the measure in words, for when it has no label."""
        wording = self.wording()
        return str(wording) if wording is not None else self.kind or type(self).__name__

    def wording(self) -> Wording | None:
        """Return the measure as a message with values, for other languages; None where it has only `describe`."""
        return None


@dataclass(frozen=True, kw_only=True)
class BorderMeasure(Measure):
    """A measure on goods that cross a border: imports of `sector` into `importer` from `exporter`, but for `exempt`.

    Domestic sales are never touched: WORLD as exporter means every foreign one. Where a customs union is named as a
    group (EU27, EU28), neither is the trade inside it.
    """

    importer: Names
    exporter: Names = "WORLD"
    #: In an Economy it must be named; in a Market, nothing means all products.
    sector: Names = field(default=(), metadata=STATED)
    exempt: Names = ()

    #: Whether `exempt` names exporters (the usual case) or importers.
    exempts: ClassVar[str] = "exporter"

    def __post_init__(self) -> None:
        self._read_names("importer", "exporter", *(["sector"] if self.sector != () else []), "exempt")

    def describe(self) -> str:
        """Return the measure in words, for when it has no label; one without a wording by its kind and its trade."""
        if self.wording() is not None:
            return super().describe()
        trade = self._to_whom_worded() if self.exempts == "importer" else self._whom_worded()
        return f"{super().describe().replace('_', ' ')}: {trade}"

    def border_flows(self, economy: Economy) -> Index:
        """Return all of its flows."""
        return self.flows(economy)

    def names_flow(self, economy: Economy, flow: Index) -> NDArray[np.bool_]:
        """Return whether each of these flows is among its own."""
        return np.isin(flow, self.flows(economy))

    def flows(self, economy: Economy) -> Index:
        """Return flat positions [j,n,i] of its trade. Raises `MeasureError` where there is none.

        Those of the last countries and sectors are kept.
        """
        labels = (economy.countries, economy.sectors)
        kept: tuple[Any, Index] | None = self.__dict__.get("_kept_flows")
        if kept is None or kept[0] != labels:
            kept = self.__dict__["_kept_flows"] = (labels, self._named_flows(economy))
            kept[1].flags.writeable = False
        return kept[1]

    def _named_flows(self, economy: Economy) -> Index:
        where = self.title
        if not self.sector:
            raise MeasureError("sector", "name the sectors, or ALL for every one", where)
        named = {
            side: set(resolve_countries(getattr(self, side), economy.countries, f"{where}: {side}")[0])
            for side in ("importer", "exporter")
        }
        sides = {side: set(codes) for side, codes in named.items()}
        for name in self.exempt:
            free = set(resolve_countries(name, economy.countries, f"{where}: exempt")[0])
            if not free & (named[self.exempts] - (named[self._other] if len(named[self._other]) == 1 else set())):
                raise MeasureError(
                    "exempt", f"{name} is not among the {self.exempts}s, so there is nothing to exempt", where
                )
            sides[self.exempts] -= free
        sectors = sectors_of(self.sector, economy, where)
        n = np.array([k for k, c in enumerate(economy.countries) if c in sides["importer"]], dtype=np.intp)
        i = np.array([k for k, c in enumerate(economy.countries) if c in sides["exporter"]], dtype=np.intp)
        j = np.array([economy.sectors.index(s) for s in sectors], dtype=np.intp)
        foreign = (n[:, None] != i) & ~self._inside_a_union(economy)[n[:, None], i]
        if not foreign.any():
            if sides["importer"] and sides["importer"] == sides["exporter"]:
                raise MeasureError(
                    "exporter",
                    f"{', '.join(sorted(sides['importer']))} is both importer and exporter: a border measure cannot "
                    f"touch a country's own sales (use ProductionSubsidy for those)",
                    where,
                )
            raise MeasureError(
                "exporter",
                "no flow is left once own sales, exempt countries and trade inside a customs union are out",
                where,
            )
        size = len(economy.countries)
        pairs = (n[:, None] * size + i)[foreign]
        return (j[:, None] * size**2 + pairs).ravel()

    @property
    def _other(self) -> str:
        return "importer" if self.exempts == "exporter" else "exporter"

    def _inside_a_union(self, economy: Economy) -> NDArray[np.bool_]:
        """True where importer and exporter [n,i] are in one customs union that the measure names as a group."""
        return _inside_unions(frozenset({*self.importer, *self.exporter}), economy.countries)

    def notes(self, economy: Economy) -> tuple[str, ...]:
        """Return notes on names, and on groups whose own trade is included."""
        among = [
            f"{self.title}: trade among the members of {name} is included"
            for name in self.importer
            if is_group(name)
            and name not in economy.countries
            and not is_customs_union(name)
            and set(resolve_countries(name, economy.countries)[0])
            & set(resolve_countries(self.exporter, economy.countries)[0])
        ]
        return (*super().notes(economy), *among)

    def _whom_worded(self) -> Wording:
        some, every = "{importer} on {goods} from {exporter} except {exempt}", "{importer} on {goods} from {exporter}"
        return worded(some if self.exempt else every, **self._sides)

    def _to_whom_worded(self) -> Wording:
        some, every = "{exporter} on {goods} to {importer} except {exempt}", "{exporter} on {goods} to {importer}"
        return worded(some if self.exempt else every, **self._sides)

    @property
    def _sides(self) -> dict[str, Names]:
        return {"importer": self.importer, "goods": self.sector, "exporter": self.exporter, "exempt": self.exempt}


@functools.lru_cache(maxsize=256)  # the same measures stand in many scenarios and states of one Economy
def _inside_unions(names: frozenset[str], countries: tuple[str, ...]) -> NDArray[np.bool_]:
    """True where importer and exporter [n,i] are in one of the customs unions among the names. Read-only."""
    inside = np.zeros((len(countries),) * 2, dtype=bool)
    for name in names:
        if is_customs_union(name) and name not in countries:
            member = np.isin(countries, resolve_countries(name, countries)[0])
            inside |= member[:, None] & member
    inside.setflags(write=False)
    return inside
