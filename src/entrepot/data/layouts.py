"""Layouts: how the publishers of tables of trade and of duties name their columns, and what stands in them.

A layout is data (and, where a table is more than rows and columns, one function that makes it so); each stands in a
file of `entrepot.data.sources` in a tuple LAYOUTS. Whatever reads trade or duties finds the layout by the columns'
names, so that a public file in a new layout is one small file there and one test.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from entrepot.data.cross_tables import cross_table
from entrepot.data.units import is_percent, read_unit
from entrepot.data.unsupported import unsupported_table
from entrepot.errors import TableError, nearest
from entrepot.words import listed

TableKind = Literal["trade", "rates", "elasticities"]

#: What reads tables of a kind, as typed.
READ_BY: Mapping[TableKind, tuple[str, ...]] = {
    "trade": ("entrepot exposure --trade FILE",),
    "rates": ("entrepot exposure --schedule FILE", "entrepot economy import SOURCE PATH --tariffs FILE"),
    "elasticities": ("entrepot economy import SOURCE PATH --theta FILE --sectors CONCORDANCE",),
}

#: US dollars in one of a unit of value; the others need a rate of exchange.
VALUE_UNITS = {"usd": 1.0, "usd_k": 1e3, "usd_m": 1e6}
#: Units of value in other money, and what one of the currency is called.
FOREIGN_UNITS = {"eur": ("euro", 1.0), "eur_k": ("euro", 1e3), "gbp": ("pound", 1.0)}
#: What one in a column of rates is, as a fraction.
RATE_UNITS = {"fraction": 1.0, "percent": 0.01}

#: Makes tidy rows of a table that is more than rows and columns; says what it did in the list.
Tidy = Callable[[pd.DataFrame, list[str]], pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a published table is laid out.

    name, title  what it is called; `title` names the publisher
    read_by      what reads it, as typed, where that is not what reads all of its kind (READ_BY)
    marks        names of columns that it has, one of each group (folded: small letters and digits alone)
    columns      by role, the names that a column may have, the first that is there is used; of `importer` and
                 `exporter` the further ones (a name beside a code) are used in the rows where the first says nothing,
                 and of `unit` they are read together (a currency beside a multiple)
    unit         of values (VALUE_UNITS, FOREIGN_UNITS);  rates  what one in a column of rates is (RATE_UNITS)
    importer     whose imports these are, where no column says so
    decimal      the sign before decimals, which its publisher always uses
    dates        how its publisher writes dates, where it is not 2025-04-03
    only         by role, what a row must say to be read ("C" for goods); the rest is counted and left out
    totals       by role, what stands for the sum over a breakdown (all modes of transport)
    spelt        by role, what codes in it are called here (an authority's number)
    tidy         the function that makes tidy rows of it, whose columns are named by their roles; `columns` is then
                 empty
    read         which genuine file has been read; empty where none was at hand
    """

    name: str
    title: str
    kind: TableKind
    marks: tuple[tuple[str, ...], ...]
    read_by: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit: str = "usd"
    rates: str | None = None
    importer: str | None = None
    decimal: Literal["point", "comma"] | None = "point"
    dates: str = ""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    totals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spelt: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tidy: Tidy | None = None
    read: str = ""

    @property
    def commands(self) -> tuple[str, ...]:
        return self.read_by or READ_BY[self.kind]

    def fits(self, names: set[str]) -> bool:
        return all(names.intersection(group) for group in self.marks)


def fold_name(name: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).casefold())


@functools.cache
def layouts() -> tuple[Layout, ...]:
    """Every published layout, the more particular before the more general."""
    from entrepot.data.sources.catalogue import modules

    found = [layout for module in modules() for layout in getattr(module, "LAYOUTS", ())]
    return tuple(sorted(found, key=lambda layout: -len(layout.marks)))


def layout_of(names: Sequence[str], *kinds: TableKind) -> Layout | None:
    """The published layout, of one of these kinds (none: any), that a table has by its columns' names."""
    folded = {fold_name(name) for name in names}
    return next((one for one in layouts() if one.kind in (kinds or (one.kind,)) and one.fits(folded)), None)


def recognised_as(*kinds: TableKind) -> Callable[[Sequence[str]], bool]:
    """Whether a table is in a published layout of one of these kinds, for `entrepot.data.opening`."""
    return lambda names: layout_of(names, *kinds) is not None


# ---- tables of the user's own ----

#: Codes before names: a code says the same in every table.
_REPORTER = (
    *("importeriso3", "reporteriso3", "reporteriso", "importeriso", "importercode", "reportercode"),
    *("importer", "reporter", "importername", "reportername", "declarant", "importers", "reporters"),
    *("refarea", "reportingcountry", "reportercountry"),
)
_PARTNER = (
    *("exporteriso3", "partneriso3", "partneriso", "exporteriso", "exportercode", "partnercode"),
    *("exporter", "partner", "exportername", "partnername", "origin", "country", "countryoforigin"),
    *("exporters", "partners", "counterpartarea", "partnercountry", "counterpartcountry"),
)
_PRODUCT = (
    *("product", "hs", "hscode", "hs10", "hs8", "tariffline", "tl", "hs6", "hts", "hts10", "hts8", "htsno"),
    *("htsnumber", "cn8", "productcode", "cmdcode", "commoditycode", "commodity", "hs62007", "goodscode"),
)
_EDITION = ("hsedition", "edition", "nomenclature", "nomencode", "classificationcode", "classification")
_YEAR = ("year", "period", "refyear", "tariffyear", "time", "timeperiod")
IN_THOUSANDS = ("importsvaluein1000usd", "tradevaluein1000usd", "tradevalue1000usd", "importusthousand")
#: Columns in which 3 or Thousands says that values are in thousands (SDMX, OECD).
POWERS_OF_TEN = ("unitmult", "unitmultiplier", "multiplier", "powercode", "powercodecode", "poweroften")
IN_PERCENT = ("simpleaverage", "weightedaverage", "advaloremequivalent")
#: The role of modes of transport, whose codes say in their digits what is a part of what.
TRANSPORT = "transport"
#: What stands for all modes of transport, customs procedures, modes of supply and second partners in UN Comtrade.
ALL_OF_COMTRADE = {
    TRANSPORT: ("0", "TOTAL MOT", "All modes of transport", "All MOTs"),
    "customs": ("C00", "0", "TOTAL CPC", "All customs procedure codes"),
    "supply": ("0",),
    "second partner": ("0", "W00", "World"),
}
#: Statistical regime 4 and procedure T are the sum of the others in Comext.
ALL_REGIMES = ("4", "T", "TOTAL")
#: Columns of no role that are looked at for totals.
MOST_OTHERS = 12

OWN_TRADE = Layout(
    name="own",
    title="a table of your own",
    kind="trade",
    marks=(),
    decimal=None,
    columns={
        "importer": _REPORTER,
        "exporter": _PARTNER,
        "product": _PRODUCT,
        "value": (
            *("value", "tradevalue", "primaryvalue", "valueusd", "tradevalueus", "tradevalueusd", "customsvalue"),
            *("imports", "importvalue", "obsvalue", *IN_THOUSANDS),
        ),
        "year": _YEAR,
        "edition": _EDITION,
        "flow": ("flowcode", "tradeflow", "tradeflowname", "tradeflowcode", "flowdesc", "flow"),
        "part of the year": ("month", "quarter", "mon", "qtr"),
        "unit": (
            *("unit", "units", "currency", "currencycode", "measure", "indicator", "indicatorname", "unitofmeasure"),
            *("unitmeasure", "unitofvalue", "valueunit", "unitcode", *POWERS_OF_TEN),
        ),
        TRANSPORT: ("motcode", "mot", "motdesc", "modeoftransportcode", "modeoftransport", "transportmode"),
        "customs": ("customscode", "customsdesc", "customsproccode", "customsprocedure"),
        "supply": ("moscode", "modeofsupply"),
        "second partner": ("partner2code", "partner2iso", "partner2desc", "partner2", "2ndpartnercode", "2ndpartner"),
        "regime": ("statregime", "statprocedure", "statisticalprocedure", "statisticalregime"),
    },
    totals={
        "part of the year": ("", "0", "00", "all", "total", "year", "annual", "all year", "whole year"),
        **ALL_OF_COMTRADE,
        "regime": ALL_REGIMES,
    },
)
OWN_RATES = Layout(
    name="own",
    title="a table of your own",
    kind="rates",
    marks=(),
    decimal=None,
    columns={
        "importer": _REPORTER,
        "exporter": _PARTNER,
        "product": _PRODUCT,
        "sector": ("sector",),
        "authority": ("authority", "program", "programme", "dutytype"),
        "kind": ("kind",),
        "rate": (
            *("rate", "tariff", "dutyrate", "duty", "adv", "advalorem", "advaloremrate", "advaloremequivalent"),
            *IN_PERCENT,
        ),
        "applied": ("applied", "appliedrate", "mfnapplied"),
        "bound": ("bound", "boundrate", "boundtariff"),
        "proposed": ("proposed", "proposedrate"),
        "since": ("from", "since", "begin", "begineffectdate", "startdate", "validfrom"),
        "until": ("until", "to", "end", "endeffectivedate", "enddate", "validto"),
        "year": ("year", "tariffyear"),
        "weight": ("importsvaluein1000usd", "value"),
        "edition": _EDITION,
    },
)


# ---- columns by role ----


@dataclass(frozen=True)
class ColumnRoles:
    """Which columns of a table hold what.

    position  by role; of importer and exporter also what is asked where the first says nothing: "importer 2"
    unit      of values or rates, where the layout or a column's name states it
    said      what the name of one's own column of values says behind that it is one: "million USD"
    percent   roles of one's own columns of rates whose names say that they are percentages
    """

    layout: Layout
    position: dict[str, int]
    names: tuple[str, ...]
    unit: str | None = None
    said: str = ""
    percent: tuple[str, ...] = ()

    def __contains__(self, role: str) -> bool:
        return role in self.position

    def name(self, role: str) -> str:
        return self.names[self.position[role]]


def trade_columns(names: Sequence[str], where: str, layout: Layout | None) -> ColumnRoles:
    """Columns of a table of trade in a published layout (None: of one's own).

    Raises `TableError` for a name that is there twice, a role that no column has, and a table known not to be read.
    """
    known = "" if layout else unsupported_table({fold_name(name) for name in names})
    if known:
        raise TableError(f"{where}: {known[0].lower()}{known[1:]}")
    columns = _columns(layout or OWN_TRADE, names, where, layout.unit if layout else None)
    columns = columns if layout else _with_stated_value(columns)
    need(columns, ("exporter", "product", "value"), where)
    if layout is None and fold_name(columns.name("value")) in IN_THOUSANDS:
        return replace(columns, unit="usd_k")
    return columns if layout else _with_the_others(columns)


def rate_columns(names: Sequence[str], where: str, layout: Layout | None) -> ColumnRoles:
    """The same for duties, whose rates stand in one column (rate) or several (applied, bound, proposed)."""
    columns = _columns(layout or OWN_RATES, names, where, layout.rates if layout else None)
    columns = columns if layout else _with_stated_rates(columns)
    if "product" not in columns and "sector" not in columns:
        need(columns, ("product",), where)
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
    if layout is None and "rate" in columns and fold_name(columns.name("rate")) in IN_PERCENT:
        return replace(columns, unit="percent")
    return columns


def _behind(name: str, known: Sequence[str]) -> str:
    """What a column's name says behind one of some names: "million USD" of "value (million USD)"."""
    words = [word for word in re.split(r"[\s_()\[\],:;/-]+", name) if word]
    at = next((k for k in range(1, len(words) + 1) if fold_name("".join(words[:k])) in known), len(words))
    return " ".join(words[at:])


def _with_stated_value(columns: ColumnRoles) -> ColumnRoles:
    """With the column of values that says its unit, where none has a plain name; and with what it says."""
    known = OWN_TRADE.columns["value"]
    position = dict(columns.position)
    if "value" not in columns:
        units = {k: read_unit(_behind(name, known)) for k, name in enumerate(columns.names)}
        stated = {k: unit for k, unit in units.items() if unit is not None}
        position |= {"value": min(stated, key=lambda k: (stated[k].money != "", k))} if stated else {}
    if "value" not in position:
        return columns
    return replace(columns, position=position, said=_behind(columns.names[position["value"]], known))


def _with_stated_rates(columns: ColumnRoles) -> ColumnRoles:
    """With the columns of rates whose names say that they are percentages: "rate (%)"."""
    position = dict(columns.position)
    percent: list[str] = []
    for role in ("rate", "applied", "bound", "proposed"):
        known = OWN_RATES.columns[role]
        places = [position[role]] if role in position else range(len(columns.names))
        stated = [k for k in places if is_percent(_behind(columns.names[k], known))]
        if stated:
            position[role] = stated[0]
            percent.append(role)
    return replace(columns, position=position, percent=tuple(percent))


def _with_the_others(columns: ColumnRoles) -> ColumnRoles:
    """With the columns of no role too, which may break flows down and hold totals: "other 1" and so on."""
    taken = set(columns.position.values())
    others = [k for k, name in enumerate(columns.names) if k not in taken and name][:MOST_OTHERS]
    more = {f"other {number}": k for number, k in enumerate(others, start=1)}
    return replace(columns, position={**columns.position, **more})


def _columns(layout: Layout, names: Sequence[str], where: str, unit: str | None) -> ColumnRoles:
    by_role = layout.columns if layout.tidy is None else {role: (role,) for role in OWN_RATES.columns}
    folded: dict[str, int] = {}
    used = {name for known in by_role.values() for name in known}
    for k, name in enumerate(names):
        key = fold_name(name)
        if key in folded and key in used and not _labels(names[folded[key]], name, by_role):
            raise TableError(f"{where}: the column {name!r} is there twice; take one out, or call it something else")
        if key:
            folded.setdefault(key, k)
    position: dict[str, int] = {}
    for role, known in by_role.items():
        there = list(dict.fromkeys(folded[name] for name in known if name in folded))
        several = role in ("importer", "exporter", "unit")
        for number, place in enumerate(there if several else there[:1], start=1):
            position[role if number == 1 else f"{role} {number}"] = place
    return ColumnRoles(layout, position, tuple(names), unit)


def _labels(first: str, second: str, by_role: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the second of two columns labels the codes in the first, as in tables of SDMX: TRADE_FLOW, Trade flow.

    Two columns of values are never taken so.
    """
    return first.isupper() and not second.isupper() and fold_name(first) not in by_role.get("value", ())


def need(columns: ColumnRoles, roles: Sequence[str], where: str) -> None:
    """Raises `TableError` for roles that no column has: what the table is, or which columns it lacks."""
    missing = [role for role in roles if role not in columns]
    if not missing:
        return
    across = cross_table(columns.names)
    if across:
        raise TableError(f"{where}: {across[0].lower()}{across[1:]}")
    role, named = missing[0], [name for name in columns.names if name.strip()]
    known = columns.layout.columns.get(role, ())
    also = f"; it may also be called {', '.join(known[1:5])}" if len(known) > 1 else ""
    more = f"; no column {listed([repr(other) for other in missing[1:]])} either" if missing[1:] else ""
    raise TableError(f"{where}: no column {role!r}{nearest(role, named)}{also}{more}")
