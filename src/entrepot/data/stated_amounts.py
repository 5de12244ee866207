"""What a table says of its amounts beside the numbers: unit, currency, year, period and flow.

A user's own tables are in millions of US dollars where they state nothing. A known unit is scaled, with a note;
another currency needs its exchange rate; several years, parts of a year and exports are refused, since they would go in
as if they were a year's imports.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import pandas as pd

from entrepot.data.formats.grid import titles_of
from entrepot.data.layouts import CURRENCIES, OWN_TRADE, POWERS_OF_TEN, behind_name, fold_name
from entrepot.data.opening import cells_as_text
from entrepot.data.periods import month_name, read_period, refuse_split_years, years_there
from entrepot.data.trade_units import is_quantity
from entrepot.data.units import (
    MOST_KINDS,
    ONES,
    POWERS,
    Unit,
    check_exchange_rate,
    find_unit,
    flows_in,
    in_other_money,
    other_prices,
    read_unit,
    refuse_exchange_rate,
    refuse_money_in_cells,
    refuse_other_numbers,
    says_value,
    says_what,
    states_unknown_unit,
)
from entrepot.data.wide import by_period, period_columns
from entrepot.errors import TableError
from entrepot.words import and_list, listed

MILLION = 1e6
#: Sales of a year in millions of US dollars, own sales included: some five times those of the world in 2022.
MOST_SALES = 1e9
#: Columns of years, of parts of a year, and of flows, folded.
_YEARS = ("year", "yr", "period", "refyear", "timeperiod", "time")
_PARTS, _WHOLE_YEAR = OWN_TRADE.columns["part of the year"], OWN_TRADE.totals["part of the year"]
#: Columns, folded, in which a statistical office names the item of its accounts.
_ITEMS = ("item", "items", "aggregate", "component", "subject", "nationalaccountsitem")
_EXPORTS = ("x", "export", "exports", "exp", "gross exports", "total exports", "re-export", "re-exports", "rx", "dx")


@dataclass
class StatedAmounts:
    """The column of amounts of a table, and what its rows must be.

    column        its name after it is read
    known         the names that it may have, alone or before a unit, as in "value (thousand USD)"
    year          year of the rows that are read
    usd_per_unit  US dollars for a unit of another currency
    convertible   whether the user can give that rate
    others        texts that name another quantity, where a column says what its rows are
    found_year    year of the rows, once they are read
    used          other columns that were read: of years and of units
    """

    column: str
    known: Sequence[str]
    year: int | None = None
    usd_per_unit: float | None = None
    convertible: bool = True
    others: re.Pattern[str] | None = None
    found_year: int | None = None
    used: list[str] = field(default_factory=list)

    def prepared(
        self, frame: pd.DataFrame, where: str, keys: Collection[str], opened: Sequence[str], notes: list[str]
    ) -> tuple[pd.DataFrame, pd.Series | None]:
        """Return the rows of the year, with the column under its name, and what its numbers are multiplied by.

        keys    columns that are used otherwise
        opened  notes made when the table was opened
        None stands for a factor of one. Raises `TableError`.
        """
        names = [str(name) for name in frame.columns]
        name = self.name_in(names, where)
        if name is None and period_columns(names, "trade"):
            frame = by_period(frame, "trade", where, notes)
            name = "value"
        if name is None:
            refuse_split_years(names, where)
            return frame, None
        used = [*keys, name]
        refuse_parts(frame, where, used)
        refuse_exports(frame, where, used, "" if self.column == "value" else self.column)
        frame = self.of_year(frame, where, used)
        if self.year is None and self.found_year is not None:
            notes.append(f"{where}: all rows are of {self.found_year}.")
        factor = self.factor(frame, where, name, keys, opened, notes)
        return frame.rename(columns={name: self.column}), factor

    def name_in(self, names: Sequence[str], where: str) -> str | None:
        """Return the name of the column of amounts: a known one, else one that states its unit; None without any."""
        folded = [fold_name(known) for known in self.known]
        plain = [name for known in folded for name in names if fold_name(name) == known]
        if plain:
            return plain[0]
        stated = self.names_in(names)
        if len(stated) > 1:
            raise TableError(
                f"{where}: the amounts are in {and_list([repr(name) for name in stated])}; keep one column"
            )
        return stated[0] if stated else None

    def names_in(self, names: Sequence[str]) -> list[str]:
        """Return the names of columns that are a known name with a unit behind it."""
        folded = [fold_name(known) for known in self.known]
        begun = [name for name in names if fold_name(name).startswith(tuple(folded))]
        return [name for name in begun if read_unit(behind_name(name, folded)) is not None]

    # ---- units ----

    def factor(
        self,
        frame: pd.DataFrame,
        where: str,
        name: str,
        keys: Collection[str],
        opened: Sequence[str],
        notes: list[str],
    ) -> pd.Series | None:
        """Return what brings the numbers to millions of US dollars; None where they are. Raises `TableError`."""
        check_exchange_rate(self.usd_per_unit)
        column = frame[name]
        if isinstance(column, pd.Series) and column.dtype.kind not in "iufb":
            cells = [str(cell) for cell in column.dropna().unique()]
            refuse_money_in_cells(cells, f"{where}, column {name!r}", self.usd_per_unit, convert=self.convertible)
        suffix = behind_name(name, [fold_name(known) for known in self.known])
        if states_unknown_unit(suffix):
            raise TableError(
                f"{where}: the name of the column {name!r} has a unit that is not known ({suffix!r}); write one that "
                f"is, such as '{self.column} (thousand USD)'"
            )
        of_header = read_unit(suffix) if suffix else None
        columns = [
            other
            for other in map(str, frame.columns)
            if other not in keys and other != name and fold_name(other) in OWN_TRADE.columns["unit"]
        ]
        for other in map(str, frame.columns):
            if other in (*keys, name, *self.used) or is_quantity(other):
                continue
            texts = _kinds(frame[other])
            if says_what(other):
                _refuse_other_prices(where, f"the column {other!r}", [text for text in texts if other_prices(text)])
            named = next((t for t in texts if self.others is not None and self.others.search(t)), None)
            if named is not None and (says_what(other) or fold_name(other) in _ITEMS):
                raise TableError(
                    f"{where}: the column {other!r} says {named!r}, which is not {self.column}; keep the rows of it"
                )
            if other not in columns:
                everywhere = len(texts) == 1 and bool(frame[other].notna().all())
                repeats = functools.partial(_repeats, frame, [key for key in keys if key in frame], other)
                refuse_other_numbers(where, other, texts, everywhere=everywhere, repeats=repeats)
        alone = len(columns) == 1
        cells = pd.DataFrame({other: _as_words(frame[other], alone=alone) for other in columns}, index=frame.index)
        rows = list(zip(*(cells[other] for other in columns), strict=True))
        stated = {key: _unit_of(dict(zip(columns, key, strict=True))) for key in dict.fromkeys(rows)}
        self._refuse_unknown_currency(where, columns, stated)
        units = {key: _together(of_header, unit, where, name, key) for key, unit in stated.items()}
        units = units or {(): of_header}
        if all(unit is None for unit in units.values()):
            _refuse_title(where, name, opened)
            strange = [
                other for other in columns if fold_name(other).startswith("unit") and _names_a_unit(cells[other])
            ]
            for other in strange:
                shown = listed([repr(text) for text in sorted(cells[other].dropna().unique())])
                notes.append(
                    f"{where}: the column {other!r} states {shown}, which is not a known unit of value; not used."
                )
            self.used += strange
        else:
            self.used += columns
        numbers = {key: self._size(unit, where, key, len(units)) for key, unit in units.items()}
        self._note(where, name, units, numbers, notes)
        if set(numbers.values()) == {1.0}:
            return None
        if not columns:
            return pd.Series(numbers[()], index=frame.index)
        return pd.Series([numbers[row] for row in rows], index=frame.index, dtype=float)

    def _size(self, unit: Unit | None, where: str, key: tuple[str | None, ...], number: int) -> float:
        rate = self.usd_per_unit
        if unit is None:
            if number > 1:
                raise TableError(
                    f"{where}: some rows state a unit of value and others none or another; write one for all"
                )
            return 1.0 if rate is None else rate
        if not unit.money:
            refuse_exchange_rate(where, rate)
            return unit.scale / MILLION
        if rate is None:
            says = ", ".join(filter(None, key)) or unit.money.upper()
            remedy = (
                "give the dollars for one of it, --usd-per-unit (usd_per_unit=)" if self.convertible else "convert it"
            )
            raise TableError(f"{where}: values are {in_other_money(unit, says)}: {remedy}")
        return unit.scale / MILLION * rate

    def _note(
        self,
        where: str,
        name: str,
        units: dict[tuple[str | None, ...], Unit | None],
        numbers: dict[tuple[str | None, ...], float],
        notes: list[str],
    ) -> None:
        for key, unit in units.items():
            if numbers[key] == 1.0:
                continue
            if unit is None:
                says = f"the unit is not stated: {name!r} is taken as millions of the currency of --usd-per-unit"
            else:
                says = f"{name!r} is in {', '.join(filter(None, key)) or _in_words(unit)}"
            notes.append(f"{where}: {says}; times {numbers[key]:.10g} it is in millions of US dollars.")

    def _refuse_unknown_currency(
        self, where: str, columns: Sequence[str], stated: dict[tuple[str | None, ...], Unit | None]
    ) -> None:
        for key, unit in stated.items():
            for column, text in zip(columns, key, strict=True):
                if unit is None and text and fold_name(column) in CURRENCIES:
                    raise TableError(
                        f"{where}: the column {column!r} says {text!r}, which is not a known currency; convert "
                        f"the values to US dollars and write USD"
                    )

    # ---- years ----

    def of_year(self, frame: pd.DataFrame, where: str, used: Collection[str]) -> pd.DataFrame:
        """Return the rows of the year where a column states it. Raises `TableError` for several and for parts."""
        column = next(
            (
                name
                for known in _YEARS
                for name in map(str, frame.columns)
                if fold_name(name) == known and name not in used
            ),
            None,
        )
        if column is None:
            self.found_year = self.year
            return frame
        texts = cells_as_text(frame[column])
        refuse_split_years(texts.dropna().unique(), where)
        periods = {text: read_period(text) for text in texts.dropna().unique()}
        if not any(periods.values()):
            self.found_year = self.year
            return frame
        bad = texts.map(lambda text: text is None or periods[text] is None)
        if bad.any():
            shown = texts[bad].iloc[0]
            raise TableError(
                f"{where}, row {row_number(frame, bad)}: the {column} is {'empty' if shown is None else repr(shown)}; "
                f"a year such as 2018 is needed"
            )
        part = texts.map(lambda text: periods[text].length != "year")  # type: ignore[union-attr]
        if part.any():
            raise TableError(
                f"{where}, row {row_number(frame, part)}: the {column} is {texts[part].iloc[0]!r}, a part of a year; "
                f"add the rows of a year up, so that each is of a year"
            )
        years = texts.map(lambda text: periods[text].year)  # type: ignore[union-attr]
        found = sorted({int(year) for year in years})
        chosen = found[0] if len(found) == 1 and self.year is None else self.year
        if chosen not in found:
            raise TableError(f"{where}: {years_there(found, self.year)}")
        self.found_year = chosen
        self.used.append(column)
        return frame[years == chosen]


def refuse_impossible(values: pd.Series, where: str, column: str) -> None:
    """Raise `TableError` for trade in millions of US dollars that no world has, so that it is in another unit."""
    total = float(values.sum())
    if total > MOST_SALES:
        raise TableError(
            f"{where}: in millions of US dollars {column!r} adds up to US${total / 1e6:,.0f} trillion, more than the "
            f"world sells; state another unit in the name of the column, such as value (USD)"
        )


def refuse_parts(frame: pd.DataFrame, where: str, used: Collection[str]) -> None:
    """Raise `TableError` for a table whose rows are of months or quarters."""
    for label in frame.columns:
        name, folded = str(label), fold_name(label)
        if name in used or folded not in _PARTS:
            continue
        texts = [str(text).casefold() for text in cells_as_text(frame[label]).dropna().unique()]
        parts = [text for text in texts if text not in _WHOLE_YEAR]
        if parts and all(re.fullmatch(r"[qm]?\d{1,2}", text) or month_name(text) for text in parts):
            raise TableError(
                f"{where}: the column {name!r} says that rows are of a part of a year ({listed(parts)}); add the "
                f"rows of a year up, and leave that column out"
            )


def refuse_exports(frame: pd.DataFrame, where: str, used: Collection[str], wanted: str = "") -> None:
    """Raise `TableError` for a table with rows of exports, which would be added to imports.

    used   the columns that are read;  wanted  what the rows are to be of, where that is not trade
    """
    for label in frame.columns:
        name, is_flow = str(label), fold_name(label) in OWN_TRADE.columns["flow"]
        if name in used:
            continue
        texts = cells_as_text(frame[label]).dropna().unique() if is_flow else _kinds(frame[label])
        flows = flows_in([str(text) for text in texts])
        if is_flow:
            flows |= {str(text): "exports" for text in texts if str(text).casefold() in _EXPORTS}
        found = [text.casefold() for text, flow in flows.items() if wanted or flow == "exports"]
        if found and wanted:
            raise TableError(
                f"{where}: the column {name!r} says {listed(found)}, which is not {wanted}; keep the rows of it"
            )
        if found:
            raise TableError(
                f"{where}: the column {name!r} says {listed(found)}; rows of imports are needed, with the "
                f"country that buys as the importer: keep those, or leave that column out where importer and "
                f"exporter are right"
            )


def row_number(frame: pd.DataFrame, bad: pd.Series) -> int:
    """Return the number of the first row where `bad` is true."""
    return int(frame.index[bad.to_numpy()][0]) + 1


def _repeats(frame: pd.DataFrame, keys: list[str], column: str) -> bool:
    """Whether rows with the same keys differ in a column."""
    return not keys or bool((frame.groupby(keys, dropna=False)[column].nunique() > 1).any())


def _kinds(column: pd.Series) -> list[str]:
    """The different texts of a column; none of one of numbers, or of more texts than say what a number is."""
    if not isinstance(column, pd.Series) or column.dtype.kind in "iufb":
        return []
    found = column.dropna().unique()
    return sorted(str(text).strip() for text in found) if len(found) <= MOST_KINDS else []


def _as_words(column: pd.Series, *, alone: bool) -> pd.Series:
    """A column of units as text, with powers of ten as words; a power of zero is US$ where no other column is there."""
    texts = cells_as_text(column).map(lambda text: None if text is None else str(text).removesuffix(".0"))
    if fold_name(column.name) in POWERS_OF_TEN:
        one = POWERS["0"] if alone else ONES[1]
        texts = texts.map(lambda text: one if str(text).casefold() in ONES else POWERS.get(text, text))
    return texts.astype(object).where(texts.notna(), None)


def _unit_of(stated: dict[str, str | None]) -> Unit | None:
    """The unit that the cells of a row state together; a currency alone has millions of it."""
    words = {name: text for name, text in stated.items() if text and not says_value(text)}
    if not words:
        return None
    ones = [name for name, text in words.items() if fold_name(name) in POWERS_OF_TEN and text == ONES[1]]
    words = {name: text for name, text in words.items() if name not in ones}
    if not words:
        return Unit(1.0)
    unit = read_unit(" ".join(words.values()))
    if unit is None:
        each = {name: _in_brackets(text) for name, text in words.items()}
        known = {name: found for name, found in each.items() if found is not None}
        if len(known) != 1:
            return None
        words, unit = {name: words[name] for name in known}, next(iter(known.values()))
    only_currency = not ones and all(fold_name(name) in CURRENCIES for name in words)
    return Unit(MILLION, unit.money) if only_currency and unit.scale == 1 else unit


def _in_brackets(text: str) -> Unit | None:
    """The unit in a text, or in its brackets: GDP (current US$)."""
    inside = re.search(r"\(([^()]*)\)\s*$", text)
    return read_unit(text) or (read_unit(inside[1]) if inside else None)


def _names_a_unit(cells: pd.Series) -> bool:
    return bool(cells.dropna().map(lambda text: not says_value(text)).any())


def _together(
    of_header: Unit | None, unit: Unit | None, where: str, name: str, key: tuple[str | None, ...]
) -> Unit | None:
    """The unit of the column's name and of the row. Raises `TableError` where they contradict each other."""
    if of_header is None or unit is None:
        return unit or of_header
    other_money = of_header.money != unit.money and bool(of_header.money)
    if (
        other_money
        or (unit.scale != of_header.scale and unit.scale not in (1.0, MILLION))
        or (unit.scale == MILLION != of_header.scale and any("mill" in (text or "").casefold() for text in key))
    ):
        raise TableError(
            f"{where}: the name of the column {name!r} and {', '.join(filter(None, key))!r} beside it state two units; "
            f"keep one"
        )
    return Unit(of_header.scale, unit.money or of_header.money)


def _refuse_other_prices(where: str, place: str, texts: Sequence[str]) -> None:
    """Raise `TableError` where `texts` name amounts at purchasing power parity or at constant prices."""
    if texts:
        raise TableError(
            f"{where}: {place} says {texts[0]!r}: amounts at purchasing power parity or at constant prices are not US "
            f"dollars of the year; a table in current US dollars is needed"
        )


def _refuse_title(where: str, name: str, opened: Sequence[str]) -> None:
    """Raise `TableError` where only a title or the column's label states another unit than millions of US dollars."""
    titles = titles_of(opened, name)
    for text, place in titles:
        if prices := other_prices(text):
            _refuse_other_prices(where, place, [prices])
    stated = ((find_unit(text), place) for text, place in titles)
    unit, place = next((found for found in stated if found[0] is not None), (None, ""))
    dollars = Unit(1.0, "")  # published labels say so of millions of dollars too; a note shows the label
    if unit is not None and not (unit == dollars and place.startswith("the label")) and unit != Unit(MILLION, ""):
        raise TableError(
            f"{where}: {place} states that values are in {_in_words(unit)}; write the unit into the name of the "
            f"column, such as '{name} (thousand USD)'"
        )


def _in_words(unit: Unit) -> str:
    size = {1.0: "", 1e3: "thousands of ", 1e6: "millions of ", 1e9: "billions of "}[unit.scale]
    return f"{size}{unit.money.upper() or 'US dollars'}"
