"""Tidy tables of trade, inputs, demand and production, read with checks whose errors name row and column."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.file_lines import with_lines
from entrepot.data.frames import as_labels, as_numbers, percentages, read_frame, refuse_repeated
from entrepot.data.layouts import fold_name, unknown_unit
from entrepot.data.number_formats import NumberKind
from entrepot.data.opening import OpenedTable, cells_as_text
from entrepot.data.row_checks import FLOW, more, row_of
from entrepot.data.stated_amounts import StatedAmounts, refuse_impossible
from entrepot.data.stated_policy import ON_FLOWS, QUOTA_NUMBERS, QUOTA_TEXTS, SIGNED
from entrepot.economy.geography import Place, find_place
from entrepot.economy.regions import region_members
from entrepot.errors import TableError, as_given
from entrepot.words import listed

#: Shares that miss one, or are below zero, by at most this much are repaired; beyond it they raise an error.
SHARE_TOLERANCE = 1e-3

#: What the column of a table of trade may be called before its unit.
TRADE_NAMES = ("value", "trade_value", "trade")
#: What a column of countries may be called where none is called country: codes before names.
_COUNTRIES = ("countrycode", "countryiso3", "iso3", "countryname", "economy")
#: Columns whose numbers may be percentages.
RATES = (
    *("tariff", "cost_share", "final_share", "value_added_share", "production_subsidy"),
    *ON_FLOWS,
    *(column for column in QUOTA_NUMBERS if column != "quantity"),
)


def read_trade(
    trade: Any,
    notes: list[str],
    *,
    year: int | None = None,
    usd_per_unit: float | None = None,
    convertible: bool = True,
    alone: bool = False,
) -> tuple[pd.DataFrame, int | None]:
    """Read the table of trade with its tariffs and other policy in force on flows, and the year of its rows.

    usd_per_unit, convertible   see `StatedAmounts`
    alone                       whether only flows are read, and no policy
    Raises `TableError`, also for a sector that is the total of others.
    """
    amounts = StatedAmounts("value", TRADE_NAMES, year, usd_per_unit, convertible)
    optional, sparse, texts = (["tariff", *ON_FLOWS], QUOTA_NUMBERS, QUOTA_TEXTS) if not alone else ([], (), ())
    flows = read_table("trade", trade, FLOW, ["value"], optional, notes, sparse=sparse, texts=texts, amounts=amounts)
    refuse_impossible(flows["value"], "trade", "value")
    refuse_total_sectors(flows, "trade")
    return flows, amounts.found_year


def read_table(
    table: str,
    data: Any,
    keys: list[str],
    numbers: list[str],
    optional: list[str],
    notes: list[str],
    *,
    sparse: Sequence[str] = (),
    texts: Sequence[str] = (),
    amounts: StatedAmounts | None = None,
) -> pd.DataFrame:
    """Return a checked copy of a table: key columns as text, number columns as floats, no repeated rows.

    `data` is any table (see `entrepot.data.opening`). Columns in `optional`, `sparse` (numbers) and `texts` may be
    missing, and cells of the last two may be empty. Codes stay as written ("01" is not 1). `amounts` is the one of
    `numbers` that is money, which is brought to millions of US dollars. Raises `TableError`.
    """
    optional = [*optional, *sparse, *texts]
    if isinstance(data, pd.DataFrame):
        _refuse_kinds(table, data, [*numbers, *optional])

    def recognises(names: Sequence[str]) -> bool:
        return {*keys, *numbers} <= set(names)

    with with_lines(data, recognises):
        known, of_numbers = [*keys, *numbers, *optional], [*numbers, *(name for name in optional if name in RATES)]
        frame, opened = read_frame(data, table, recognises=recognises, known=known, numbers=of_numbers)
        return _checked(table, frame, opened, keys, numbers, optional, sparse, texts, amounts, notes)


def _without_unit(name: str, sparse: Sequence[str]) -> str:
    """Return the name of a quantity, which may be in any unit, without it: "quantity (tonnes)"."""
    return "quantity" if "quantity" in sparse and re.fullmatch(r"quantity\s*[(\[（].*", name, re.IGNORECASE) else name


def _checked(
    table: str,
    frame: pd.DataFrame,
    opened: OpenedTable,
    keys: list[str],
    numbers: list[str],
    optional: list[str],
    sparse: Sequence[str],
    texts: Sequence[str],
    amounts: StatedAmounts | None,
    notes: list[str],
) -> pd.DataFrame:
    """Return the columns that are wanted of a table that was read, checked row by row."""
    table = opened.where
    notes += [f"{table}: {note}" for note in opened.notes]
    frame.columns = pd.Index([_without_unit(str(name).strip(), sparse) for name in frame.columns])
    refuse_repeated(frame.columns, table)
    wanted = [*keys, *numbers]
    if "country" in keys and "country" not in frame.columns:
        folded = {fold_name(name): name for name in frame.columns}
        other = next((folded[name] for name in _COUNTRIES if name in folded), None)
        frame = frame if other is None else frame.rename(columns={other: "country"})
    factor: pd.Series | None = None
    if amounts is not None:
        frame, factor = amounts.prepared(frame, table, [*keys, *optional], opened.notes, notes)
    missing = [c for c in wanted if c not in frame.columns]
    if missing:
        known = amounts.known[1:] if amounts is not None and missing[0] == amounts.column else ()
        also = f" or {' or '.join(map(repr, known))}" if known else ""
        names = [str(name) for name in frame.columns]
        if known and (unit := unknown_unit(names, [fold_name(name) for name in (missing[0], *known)])):
            raise TableError(f"{table}: no column {missing[0]!r}{unit}")
        raise TableError(f"{table}: no column {missing[0]!r}{also} (it has: {', '.join(map(str, frame.columns))})")
    read = [*wanted, *optional, *(amounts.used if amounts is not None else ())]
    rates = {fold_name(name): name for name in optional if name in RATES}
    for extra in [str(c) for c in frame.columns if c not in read and str(c)]:
        if (rate := rates.get(fold_name(extra))) is not None and rate not in frame.columns:
            raise TableError(
                f"{table}: {extra!r} has a unit; rates are fractions: write 0.1 for 10%, and call the column {rate!r}"
            )
        close = difflib.get_close_matches(extra.casefold(), optional, n=1, cutoff=0.75)
        if not close and "tariff" in optional and any(part in extra.casefold() for part in ("tarif", "duty", "duties")):
            close = ["tariff"]
        if close and close[0] not in frame.columns:
            raise TableError(f"{table}: unknown column {extra!r}; did you mean {close[0]!r}?")
        notes.append(f"{table}: column {extra!r} not used.")
    frame = frame[wanted + [c for c in optional if c in frame.columns]].copy()
    if frame.empty:
        raise TableError(f"{table}: the table has no rows")
    for key in keys:
        frame[key] = as_labels(frame[key], table)
        blank = frame[key].isna()
        if blank.any():
            raise TableError(f"{row_of(table, frame, blank, keys)}: {key} is empty")
    for column in frame.columns.difference(keys, sort=False):
        if column in texts:
            frame[column] = as_labels(frame[column], table)
        else:
            blank = cells_as_text(frame[column]).isna() & (column in sparse)
            frame[column] = _checked_numbers(table, frame, column, keys, opened.separator, notes, blank)
    if amounts is not None and factor is not None:
        frame[amounts.column] *= factor
    twice = frame.duplicated(keys, keep="first")
    if twice.any():
        raise TableError(f"{row_of(table, frame, twice, keys)}: this row is repeated{more(twice)}")
    return frame.reset_index(drop=True)


def _refuse_kinds(table: str, frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise `TableError` for dates, booleans and complex numbers where numbers are needed."""
    for column in columns:
        found = frame[column] if column in frame.columns else None
        if isinstance(found, pd.Series) and found.dtype.kind in "bcmM":
            raise TableError(f"{table}: the column {column!r} holds {found.dtype}, not numbers")


def _checked_numbers(
    table: str,
    frame: pd.DataFrame,
    column: str,
    keys: list[str],
    separator: str | None,
    notes: list[str],
    blank: pd.Series,
) -> pd.Series:
    """A number column: finite except where `blank`, and not negative except for taxes and subsidies."""
    kind: NumberKind = "rate" if column in RATES else "amount"
    given, divisor = percentages(frame[column]) if kind == "rate" else (frame[column], 1.0)
    number = as_numbers(given, f"{table}, column {column!r}", kind, separator, notes) / divisor
    bad = ~np.isfinite(number) & ~blank
    if bad.any():
        raise TableError(
            f"{row_of(table, frame, bad, keys)}: {column} is {_shown(frame.loc[bad, column].iloc[0])}, "
            f"not a finite number{more(bad)}"
        )
    if column == "cost_share":
        small = (number < 0) & (number >= -SHARE_TOLERANCE)
        if small.any():
            notes.append(
                f"{table}: {int(small.sum())} cost shares below zero (at least {number[small].min():.2g}) were set "
                "to zero."
            )
            number = number.where(~small, 0.0)
    if column not in SIGNED and (number < 0).any():
        bad = number < 0
        raise TableError(
            f"{row_of(table, frame, bad, keys)}: {column} is negative ({number[bad].iloc[0]:g}){more(bad)}"
        )
    return number


#: Names of a sector that is the sum of others.
_TOTAL = re.compile(
    r"_t|all|sum|tot|all (sectors|products|industries|commodities|goods)|"
    r"(grand|sub-?)?\s?totals?\b.*|.*\b(sub-?)?total|"
    r"gesamt|insgesamt|summe|alle (waren|sektoren)|suma|somme|ensemble|tous (les )?(produits|secteurs)|totale|totaal|"
    r"合計|総計|总计|合计|総額"
)
#: How far a sector may be from the sum of the others: as a part of it, and, where there are many flows, for rounding.
_ROUNDING, _MANY = 1e-4, 6


def refuse_total_sectors(flows: pd.DataFrame, where: str) -> None:
    """Raise `TableError` for a sector that is the total of others, by its name or by its values in all pairs."""
    sectors = [str(name) for name in flows["sector"].unique()]
    if len(sectors) < 2:
        return
    named = next(
        (name for name in sectors if _TOTAL.fullmatch(" ".join(re.split(r"[\s_]+", name.casefold())).strip() or "_t")),
        None,
    )
    if named is None and len(sectors) > 2:
        named = _sum_of_others(flows)
        why = "is the sum of the other sectors in every flow between countries"
    else:
        why = "is by its name a total of sectors"
    if named is not None:
        raise TableError(
            f"{where}: the sector {named!r} {why}; remove its rows, or what they add up counts twice "
            f"(if it is not a total, give it another name)"
        )


def _sum_of_others(flows: pd.DataFrame) -> str | None:
    """The sector whose value is the sum of all others in every flow between countries that trade."""
    abroad = flows[(flows["importer"] != flows["exporter"]).to_numpy()]
    total = abroad.groupby(["importer", "exporter"], sort=False)["value"].transform("sum")
    traded = abroad[total > 0].assign(total=total[total > 0])
    pairs = len(traded[["importer", "exporter"]].drop_duplicates())
    allowed = _ROUNDING * traded["total"]
    if pairs >= _MANY:  # each value may be off by half of the last digit that any of them has
        allowed = allowed.clip(lower=0.5 * _last_digit(traded["value"]) * abroad["sector"].nunique())
        allowed = allowed.clip(upper=0.02 * traded["total"])
    off = (2 * traded["value"] - traded["total"]).abs() > allowed
    fitting = traded[~off].groupby("sector", sort=False).size()
    found = [str(name) for name, number in fitting.items() if number == pairs and pairs > 1]
    return found[0] if len(found) == 1 else None


def _last_digit(values: pd.Series) -> float:
    """The size of the last decimal that any of the values has, from a thousandth on."""
    sizes = (10.0**k for k in range(6, -4, -1))
    return next(
        (size for size in sizes if np.allclose(values / size, np.round(values / size), rtol=1e-12, atol=1e-6)), 0.0
    )


def refuse_overlapping_countries(countries: Sequence[str], where: str) -> None:
    """Raise `TableError` if a label is a total of others, or two labels are the same country."""
    places = {label: find_place(label) for label in countries}
    known = {label: place for label, place in places.items() if place is not None}
    for label, place in known.items():
        if place.is_total and place.kind != "group":
            inside = _members_beside(label, place, countries, known)
            if inside:
                raise TableError(
                    f"{where}: {label!r} is a total of countries, and has parts in common with "
                    f"{listed(inside)}, in the table too; remove its rows, or its members count twice"
                )
        for other, its in known.items():
            if label < other and place.code == its.code and place.kind != "aggregate":
                raise TableError(f"{where}: {label!r} and {other!r} are one country; use one name for it")
            if label != other and its.members and set(its.members) < set(place.members):
                raise TableError(
                    f"{where}: {label!r} is a group that {other!r} is a member of; keep the group or its members, or "
                    f"trade in both counts twice"
                )
            if label < other and (common := sorted(set(its.members) & set(place.members) - {*places})):
                raise TableError(
                    f"{where}: the groups {label!r} and {other!r} have members in common ({', '.join(common)}), which "
                    f"count twice; keep one of them"
                )


def former_codes(countries: Sequence[str]) -> list[str]:
    """Return a note on each code that is no longer, or never was, one of ISO 3166 and yet has a name here."""
    places = {label: find_place(label) for label in countries}
    return [
        f"trade: {label!r} is not a code of ISO 3166; it is called {place.name} here. Write another code if it is "
        f"something else."
        for label, place in places.items()
        if place is not None and place.kind == "former" and place.code == label
    ]


def _members_beside(label: str, place: Place, countries: Sequence[str], known: Mapping[str, Place]) -> list[str]:
    """Labels that the total `label` adds up: the members of a region; any country, where its members are not known."""
    others = [other for other in countries if other != label]
    if place.kind == "world":
        return others
    members = region_members(label)
    if members is None:
        return [other for other in others if other in known and known[other].kind in ("country", "group")]
    return [
        other for other in others if other in known and members & (region_members(other) or {*known[other].members})
    ]


def _shown(value: Any) -> str:
    return as_given(value) if value is None or isinstance(value, str) else str(value)


def in_order(*columns: pd.Series) -> tuple[str, ...]:
    """Return the labels of the columns in order of first appearance."""
    return tuple(dict.fromkeys(label for column in columns for label in column.unique()))
