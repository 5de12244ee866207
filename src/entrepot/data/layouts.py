"""Layouts: how publishers of tables of trade and duties name their columns, and what the columns contain.

A layout is data, with a function for tables that first need reshaping. Each is in a tuple LAYOUTS of a module of
`entrepot.data.sources`. Readers of trade and duties find the layout by the column names, so that a public file in a new
layout needs one small module there and one test.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from entrepot.data.cross_tables import cross_table
from entrepot.data.periods import refuse_split_years
from entrepot.data.units import has_sign_of_unit, is_percent, read_unit, with_units_apart
from entrepot.data.unsupported import unsupported_table
from entrepot.errors import InputError, TableError, nearest
from entrepot.words import listed

TableKind = Literal["trade", "rates", "elasticities"]

#: The commands that read tables of each kind.
READ_BY: Mapping[TableKind, tuple[str, ...]] = {
    "trade": ("entrepot exposure --trade FILE",),
    "rates": ("entrepot exposure --schedule FILE", "entrepot economy import SOURCE PATH --tariffs FILE"),
    "elasticities": ("entrepot economy import SOURCE PATH --theta FILE --sectors CONCORDANCE",),
}

#: The size of units of value in US dollars; other units need an exchange rate.
VALUE_UNITS = {"usd": 1.0, "usd_k": 1e3, "usd_m": 1e6}
#: Units of value in other currencies: the name of the currency, and the size of the unit.
FOREIGN_UNITS = {"eur": ("euro", 1.0), "eur_k": ("euro", 1e3), "gbp": ("pound", 1.0)}
#: The size of units of rates as a fraction.
RATE_UNITS = {"fraction": 1.0, "percent": 0.01}

#: Reshapes a published table to tidy rows, and appends notes on what it did.
Tidy = Callable[[pd.DataFrame, list[str]], pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The layout of a published table.

    name, title  its name; `title` names the publisher
    read_by      the commands that read it, if they are not those of its kind (READ_BY)
    marks        groups of column names, folded to lower-case letters and digits; the table has one name of each group
    columns      by role, the possible names of the column; the first one present is used. Further columns of `importer`
                 and `exporter` (a name beside a code) are used in rows where the first is empty; those of `unit` are
                 read together (a currency beside a multiple)
    unit         the unit of values (VALUE_UNITS, FOREIGN_UNITS)
    rates        the unit of rates (RATE_UNITS)
    importer     the importer, if no column states it
    decimal      the decimal sign that the publisher always uses
    dates        the publisher's date format, if it is not 2025-04-03
    to_date      names of columns of values whose rows of a month are those of the year until then; the role month is
                 that of the number of a month beside a year
    only         by role, the texts of rows that are read ("C" for goods); other rows are counted and left out
    totals       by role, the texts that mark the total of a breakdown (all modes of transport)
    spelt        by role, the names of the publisher's codes (such as the number of an authority)
    tidy         the function that reshapes the table to tidy rows, with roles as column names; `columns` is then empty
    note         what its tables have and is not read, for the notes of an answer
    read         the genuine file with which it was tested; empty if none was available
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
    to_date: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    totals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spelt: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tidy: Tidy | None = None
    note: str = ""
    read: str = ""

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that read the table."""
        return self.read_by or READ_BY[self.kind]

    def fits(self, names: set[str]) -> bool:
        """Whether a table with these folded column names has this layout."""
        return all(names.intersection(group) for group in self.marks)


def fold_name(name: Any) -> str:
    """Return a column name in lower case with only its letters and digits."""
    return re.sub(r"[^a-z0-9]", "", str(name).casefold())


@functools.cache
def layouts() -> tuple[Layout, ...]:
    """Return all published layouts, those with more marks first. Raises `InputError` for what is not a `Layout`."""
    from entrepot.data.sources.catalogue import modules

    found: list[Layout] = []
    for module in modules():
        listed = getattr(module, "LAYOUTS", ())
        if not isinstance(listed, tuple | list) or not all(isinstance(layout, Layout) for layout in listed):
            raise InputError(f"{module.__name__}: LAYOUTS is not a tuple of Layout")
        found += listed
    return tuple(sorted(found, key=lambda layout: -len(layout.marks)))


def layout_of(names: Sequence[str], *kinds: TableKind) -> Layout | None:
    """Return the published layout, of one of the kinds (none: any), that fits the column names; else None."""
    folded = {fold_name(name) for name in names}
    return next((one for one in layouts() if one.kind in (kinds or (one.kind,)) and one.fits(folded)), None)


def recognised_as(*kinds: TableKind) -> Callable[[Sequence[str]], bool]:
    """Return a test of whether column names fit a published layout of one of these kinds."""
    return lambda names: layout_of(names, *kinds) is not None


# ---- users' own tables ----

#: Codes come before names: a code means the same in every table.
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
#: Names of a column of trade values, without one whose name states thousands.
_OF_TRADE = (
    *("value", "tradevalue", "primaryvalue", "valueusd", "tradevalueus", "tradevalueusd", "customsvalue"),
    *("imports", "importvalue"),
)
#: Columns in which 3 or "Thousands" states that values are in thousands (SDMX, OECD).
POWERS_OF_TEN = (
    *("unitmult", "unitmultiplier", "multiplier", "powercode", "powercodecode", "poweroften", "scale", "scalecode"),
    "magnitude",
)
#: Columns of currencies.
CURRENCIES = ("currency", "currencycode", "ccy", "curr", "devise", "divisa", "moneda", "monnaie", "valuta")
IN_PERCENT = ("simpleaverage", "weightedaverage", "advaloremequivalent")
#: The role of modes of transport, whose codes are hierarchical.
TRANSPORT = "transport"
#: Codes for all modes of transport, customs procedures, modes of supply and second partners in UN Comtrade.
ALL_OF_COMTRADE = {
    TRANSPORT: ("0", "TOTAL MOT", "All modes of transport", "All MOTs"),
    "customs": ("C00", "0", "TOTAL CPC", "All customs procedure codes"),
    "supply": ("0",),
    "second partner": ("0", "W00", "World"),
}
#: Statistical regime 4 and procedure T are the sum of the others in Comext.
ALL_REGIMES = ("4", "T", "TOTAL")
#: The most columns without a role that are searched for totals.
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
        "value": (*_OF_TRADE, "obsvalue", *IN_THOUSANDS),
        "year": _YEAR,
        "edition": _EDITION,
        "flow": ("flowcode", "tradeflow", "tradeflowname", "tradeflowcode", "flowdesc", "flow"),
        "part of the year": ("month", "quarter", "mon", "qtr"),
        "unit": (
            *("unit", "units", *CURRENCIES, "denomination", "measure", "indicator", "indicatorname", "seriesname"),
            *("unitofmeasure", "unitmeasure", "unitofvalue", "valueunit", "unitcode", *POWERS_OF_TEN),
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
        "since": (
            *("from", "since", "begin", "begineffectdate", "startdate", "validfrom", "validsince", "start", "datefrom"),
            *("effectivedate", "effectivefrom", "inforcefrom", "inforcesince", "entryintoforce", "firstday"),
        ),
        "until": (
            *("until", "to", "end", "endeffectivedate", "enddate", "validto", "validuntil", "dateto", "lastday"),
            *("effectiveuntil", "effectiveto", "inforceuntil", "expiry", "expirydate", "expirationdate", "expires"),
        ),
        "year": ("year", "tariffyear"),
        "weight": (*IN_THOUSANDS, *_OF_TRADE, "trade", "weight"),
        "edition": _EDITION,
        "unit": ("unit", "units", "rateunit", "unitofrate", "unitofrates"),
    },
)


# ---- columns by role ----


@dataclass(frozen=True)
class ColumnRoles:
    """The columns of a table by role.

    position  of the column by role; further columns of importer and exporter have roles such as "importer 2"
    unit      the unit of values or rates, if the layout or a column name states it
    suffix    in a user's own table, the text behind "value" in the name of that column: "million USD"
    percent   in a user's own table, roles of columns of rates whose names state percentages
    """

    layout: Layout
    position: dict[str, int]
    names: tuple[str, ...]
    unit: str | None = None
    suffix: str = ""
    percent: tuple[str, ...] = ()

    def __contains__(self, role: str) -> bool:
        return role in self.position

    def name(self, role: str) -> str:
        """Return the name of the column of a role."""
        return self.names[self.position[role]]


def trade_columns(names: Sequence[str], where: str, layout: Layout | None) -> ColumnRoles:
    """Return the columns of a table of trade in a published layout (None: a user's own table).

    Raises `TableError` for a repeated name, a missing role, and an unsupported table.
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
    """Return the columns of a table of duties, with one column of rates (rate) or several (applied, bound, proposed).

    Raises `TableError` as `trade_columns` does.
    """
    columns = _columns(layout or OWN_RATES, names, where, layout.rates if layout else None)
    columns = columns if layout else _with_stated_rates(columns, where)
    if "product" not in columns and "sector" not in columns:
        need(columns, ("product",), where)
    wide = [kind for kind in ("applied", "bound", "proposed") if kind in columns]
    if "rate" not in columns and not wide:
        refuse_split_years(_last_words(columns.names), where)
        raise TableError(
            f"{where}: no column 'rate'{nearest('rate', names)}; a rate is needed, or columns applied, bound, proposed"
        )
    if "rate" in columns and wide:
        raise TableError(
            f"{where}: the rates are in {columns.name('rate')!r} and in {columns.name(wide[0])!r}; keep one column "
            f"with a column 'kind', or columns applied, bound and proposed"
        )
    if wide and "kind" in columns:
        raise TableError(f"{where}: a column 'kind' beside the columns {', '.join(wide)}, which state the kind already")
    if layout is None and "rate" in columns and fold_name(columns.name("rate")) in IN_PERCENT:
        return replace(columns, unit="percent")
    return columns


def behind_name(name: str, known: Sequence[str], *, longest: bool = False) -> str:
    """Return the text behind a known name in a column name: "million USD" in "value (million USD)".

    longest  whether it is behind the longest known name instead of the shortest: "duty rate" instead of "duty"
    """
    words = [word for word in re.split(r"[\s_()\[\],:;/-]+", with_units_apart(name)) if word]
    begun = [fold_name("".join(words[:k])) for k in range(1, len(words) + 1)]
    ends = [k for k, name in enumerate(begun, start=1) if name in known and name not in begun[: k - 1]] or [len(words)]
    return " ".join(words[ends[-1 if longest else 0] :])


def unknown_unit(names: Sequence[str], known: Sequence[str]) -> str:
    """Return the end of an error on a missing column of amounts: which name of a column has no known unit behind it.

    known   the names that it may have, folded; the text is empty where no name begins with one of them
    """
    name = next((name for name in names if behind_name(name, known)), None)
    if name is None or re.search(r"(19|20)\d\d", name):  # a column of one of several years
        return ""
    return (
        f"; the column {name!r} is not read, since {behind_name(name, known)!r} is not a known unit: write one, such "
        f"as '{known[0]} (thousand USD)', or '{known[0]}' alone"
    )


def _with_stated_value(columns: ColumnRoles) -> ColumnRoles:
    """Add the column of values that states its unit, if none has a plain name, and the text of the unit."""
    known = OWN_TRADE.columns["value"]
    position = dict(columns.position)
    if "value" not in columns:
        units = {k: read_unit(behind_name(name, known)) for k, name in enumerate(columns.names)}
        stated = {k: unit for k, unit in units.items() if unit is not None}
        position |= {"value": min(stated, key=lambda k: (stated[k].money != "", k))} if stated else {}
    if "value" not in position:
        return columns
    return replace(columns, position=position, suffix=behind_name(columns.names[position["value"]], known))


def _with_stated_rates(columns: ColumnRoles, where: str) -> ColumnRoles:
    """Add the columns of rates whose names state percentages, "rate (%)", and one of trade that states its unit.

    Raises `TableError` for a column of rates whose name has the sign of another unit: "duty ($)".
    """
    position = dict(columns.position)
    percent: list[str] = []
    for role in ("rate", "applied", "bound", "proposed"):
        known = OWN_RATES.columns[role]
        places = [position[role]] if role in position else range(len(columns.names))
        stated = [k for k in places if is_percent(behind_name(columns.names[k], known, longest=True))]
        if stated:
            position[role] = stated[0]
            percent.append(role)
        elif role in position and has_sign_of_unit(behind_name(columns.name(role), known, longest=True)):
            raise TableError(
                f"{where}: the name of the column {columns.name(role)!r} has a unit that is not known; rates are "
                f"fractions of the value, or percentages in a column such as 'rate (%)'"
            )
    if "weight" not in position:
        known = OWN_RATES.columns["weight"]
        weights = [k for k, name in enumerate(columns.names) if read_unit(behind_name(name, known)) is not None]
        position |= {"weight": weights[0]} if weights else {}
    return replace(columns, position=position, percent=tuple(percent))


def _with_the_others(columns: ColumnRoles) -> ColumnRoles:
    """Add columns without a role as "other 1" and so on, since they may break flows down and contain totals."""
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
            raise TableError(f"{where}: the column {name!r} is repeated; remove one of the two, or rename it")
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
    """Whether the second column labels the codes in the first, as in SDMX tables: TRADE_FLOW, Trade flow.

    Two columns of values are never code and label.
    """
    return first.isupper() and not second.isupper() and fold_name(first) not in by_role.get("value", ())


def _last_words(names: Sequence[str]) -> list[str]:
    """The names that may be periods: each as a whole, and its last word ("Imported value in 2010-11")."""
    return [word for name in names for word in (name, *name.split()[-1:])]


def need(columns: ColumnRoles, roles: Sequence[str], where: str) -> None:
    """Raise `TableError` for missing roles, stating what the table is or which columns it lacks."""
    missing = [role for role in roles if role not in columns]
    if not missing:
        return
    if "value" in missing:
        refuse_split_years(_last_words(columns.names), where)
    across = cross_table(columns.names)
    if across:
        raise TableError(f"{where}: {across[0].lower()}{across[1:]}")
    if missing[0] == "value" and (unit := unknown_unit(columns.names, columns.layout.columns["value"])):
        raise TableError(f"{where}: no column 'value'{unit}")
    role, named = missing[0], [name for name in columns.names if name.strip()]
    known = columns.layout.columns.get(role, ())
    also = f"; it may also be called {', '.join(known[1:5])}" if len(known) > 1 else ""
    more = f"; no column {listed([repr(other) for other in missing[1:]])} either" if missing[1:] else ""
    raise TableError(f"{where}: no column {role!r}{nearest(role, named)}{also}{more}")
