"""What the columns of a table of trade or of tariffs are called, and what they then hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.data.sources.baci import COLUMNS as BACI
from entrepot.data.tariff_files import LAYOUTS, fold_name
from entrepot.errors import TableError, nearest

#: US dollars in one of a unit of value.
VALUE_UNITS = {"usd": 1.0, "usd_k": 1e3, "usd_m": 1e6}
#: What one in a column of rates is, as a fraction.
RATE_UNITS = {"fraction": 1.0, "percent": 0.01}


def _of_layouts(role: str) -> tuple[str, ...]:
    """The names that published tables of tariffs have for it."""
    return tuple(dict.fromkeys(name for layout in LAYOUTS for name in getattr(layout, role)))


_COUNTRY = {
    "importer": (*_of_layouts("importer"), "reporteriso3", "reporteriso", "importeriso3", "reportercode"),
    "exporter": (*_of_layouts("exporter"), "partneriso3", "partneriso", "exporteriso3", "partnercode", "origin"),
}
_PRODUCT = (
    *("product", "hs", "hscode", "hs10", "hs8", "hs6", "hts", "hts10", "hts8", "htsno", "htsnumber", "cn8"),
    *(name for name in _of_layouts("item") if name != "sector"),
    *("cmdcode", "commoditycode", "commodity", "tariffline"),
)
_EDITION = ("hsedition", "edition", "nomenclature", "nomencode", "classificationcode")

#: Columns of values in thousands of US dollars, and of rates in percent, as those who publish them say.
IN_THOUSANDS = ("importsvaluein1000usd", "tradevaluein1000usd", "tradevalue1000usd")
IN_PERCENT = ("simpleaverage", "weightedaverage")

#: Names by role, the first that is there is used. A name here is lower-case letters and digits alone.
TRADE = {
    **_COUNTRY,
    "product": _PRODUCT,
    "value": ("value", "tradevalue", "primaryvalue", "valueusd", "tradevalueus", "customsvalue", *IN_THOUSANDS),
    "year": ("year", "period", "refyear", "tariffyear"),
    "edition": _EDITION,
}
SCHEDULE = {
    **_COUNTRY,
    "product": _PRODUCT,
    "authority": ("authority", "program", "programme", "dutytype"),
    "kind": ("kind",),
    "rate": ("rate", "tariff", "dutyrate", "adv", "advalorem", "advaloremrate", "simpleaverage", "weightedaverage"),
    "applied": ("applied", "appliedrate", "mfnapplied"),
    "bound": ("bound", "boundrate", "boundtariff"),
    "proposed": ("proposed", "proposedrate"),
    "since": ("from", "since", "begin", "begineffectdate", "startdate"),
    "until": ("until", "to", "end", "endeffectivedate", "enddate"),
    "year": ("year", "tariffyear"),
    "edition": _EDITION,
}


@dataclass(frozen=True)
class Columns:
    """Which column of a table holds what: its position, by role; and the unit that its name states, if any."""

    position: dict[str, int]
    names: tuple[str, ...]
    unit: str | None = None

    def __contains__(self, role: str) -> bool:
        return role in self.position

    def name(self, role: str) -> str:
        return self.names[self.position[role]]


def read_trade_columns(names: Sequence[str], where: str) -> Columns:
    """Raises `TableError` for a name that is there twice, or a role that no column has."""
    folded = _once(names, where)
    if {BACI.importer, BACI.exporter, BACI.product, BACI.value} <= set(folded):
        position = {role: folded[name] for role, name in vars(BACI).items() if name in folded}
        return Columns(position, tuple(names), "usd_k")
    columns = _columns(folded, names, TRADE)
    _need(columns, ("exporter", "product", "value"), TRADE, where)
    thousands = fold_name(columns.name("value")) in IN_THOUSANDS
    return Columns(columns.position, columns.names, "usd_k" if thousands else None)


def read_schedule_columns(names: Sequence[str], where: str) -> Columns:
    """The same for a schedule, whose rates stand in one column (rate) or several (applied, bound, proposed)."""
    columns = _columns(_once(names, where), names, SCHEDULE)
    _need(columns, ("product",), SCHEDULE, where)
    wide = [kind for kind in ("applied", "bound", "proposed") if kind in columns]
    if "rate" not in columns and not wide:
        raise TableError(
            f"{where}: no column 'rate'{nearest('rate', names)}; a rate is needed, or columns applied, bound, proposed"
        )
    if "rate" in columns and wide:
        raise TableError(
            f"{where}: the rates are in {columns.name('rate')!r} and in {columns.name(wide[0])!r}; keep one column "
            f"with a column 'kind', or columns applied, bound and proposed"
        )
    if wide and "kind" in columns:
        raise TableError(f"{where}: a column 'kind' beside the columns {', '.join(wide)}, which say the kind already")
    percent = "rate" in columns and fold_name(columns.name("rate")) in IN_PERCENT
    return Columns(columns.position, columns.names, "percent" if percent else None)


def _once(names: Sequence[str], where: str) -> dict[str, int]:
    folded: dict[str, int] = {}
    for k, name in enumerate(names):
        if fold_name(name) in folded:
            raise TableError(f"{where}: the column {name!r} is there twice")
        folded[fold_name(name)] = k
    return folded


def _columns(folded: dict[str, int], names: Sequence[str], roles: dict[str, tuple[str, ...]]) -> Columns:
    found = {role: next((folded[name] for name in known if name in folded), None) for role, known in roles.items()}
    return Columns({role: place for role, place in found.items() if place is not None}, tuple(names))


def _need(columns: Columns, roles: Sequence[str], known: dict[str, tuple[str, ...]], where: str) -> None:
    for role in roles:
        if role not in columns:
            other = ", ".join(known[role][1:5])
            raise TableError(
                f"{where}: no column {role!r}{nearest(role, columns.names)}; it may also be called {other}"
            )
