"""The unit of value of a table of trade: in its columns, in the name of a column, in a title, or as an option."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from entrepot.data.formats.grid import titles_of
from entrepot.data.layouts import FOREIGN_UNITS, POWERS_OF_TEN, VALUE_UNITS, fold_name
from entrepot.data.number_formats import sql_states_money
from entrepot.data.source_table import SourceTable
from entrepot.data.units import (
    MOST_KINDS,
    ONES,
    POWERS,
    Unit,
    check_exchange_rate,
    find_unit,
    in_other_money,
    read_unit,
    refuse_exchange_rate,
    refuse_money_in_cells,
    refuse_other_numbers,
    says_dollars,
    says_value,
    states_scale,
    states_unknown_unit,
)
from entrepot.errors import InputError, TableError
from entrepot.words import listed

#: Names of currencies that `--unit` has.
_CURRENCIES = {**dict.fromkeys(("€", "eur", "euro", "euros"), "euro"), **dict.fromkeys(("£", "gbp", "pound"), "pound")}
#: Beginnings of names of quantity columns; beside one, a column of units may be that of the quantity.
_QUANTITY = ("quantity", "qty", "netw", "grossw", "weight", "volume", "supplementaryq")


def is_quantity(name: str) -> bool:
    """Whether a column is one of quantities, by its name."""
    return fold_name(name).startswith(_QUANTITY)


def refuse_mixed_numbers(table: SourceTable, roles: Iterable[str]) -> None:
    """Raise `TableError` for a column of `roles` whose texts say that numbers are not values, or have another scale."""
    flow = [table.text[role] for role in ("importer", "exporter", "product", "year") if role in table.columns]

    def repeats(text: str) -> bool:
        groups = f"GROUP BY {', '.join(flow)} HAVING count(DISTINCT {text}) > 1 LIMIT 1"
        return bool(table.select("1", then=groups))

    for role in roles:
        text, name = table.text[role], table.columns.name(role)
        if is_quantity(name):  # the unit of a quantity that stands beside the value
            continue
        found = table.select(f"DISTINCT {text}", f"{text} IS NOT NULL", f"LIMIT {MOST_KINDS + 1}")
        texts = sorted(str(cell) for (cell,) in found)
        refuse_other_numbers(
            table.where,
            name,
            texts,
            everywhere=len(texts) == 1 and not table.count(f"{text} IS NULL"),
            repeats=functools.partial(repeats, text),
        )


def millions_per_unit(table: SourceTable, option: str | None, usd_per_unit: float | None) -> str:
    """Return SQL for the size of the unit of a row's value in millions of US dollars.

    option        the unit, if the user states it (VALUE_UNITS, FOREIGN_UNITS)
    usd_per_unit  exchange rate of values in another currency
    Raises `TableError` and `InputError` for a unit that is not known or stated twice, and for a rate that is missing,
    not above zero, or beside values in US dollars.
    """
    check_exchange_rate(usd_per_unit)
    _check_money_in_cells(table, usd_per_unit)
    return _by_row(table, option, usd_per_unit) or repr(_of_all(table, option, usd_per_unit))


def _check_money_in_cells(table: SourceTable, usd_per_unit: float | None) -> None:
    """Raise `TableError` for values in whose cells another currency than dollars stands, without its exchange rate."""
    if table.is_number("value"):
        return
    text, name = table.text["value"], table.columns.name("value")
    cells = table.select(f"DISTINCT {text}", sql_states_money(text))
    refuse_money_in_cells((str(cell) for (cell,) in cells), f"{table.where}, column {name!r}", usd_per_unit)


def _of_all(table: SourceTable, option: str | None, usd_per_unit: float | None) -> float:
    """The size of the table's unit of value in millions of US dollars."""
    unit = option or table.columns.unit or "usd"
    if unit not in VALUE_UNITS and unit not in FOREIGN_UNITS:
        raise InputError(f"unit: {unit!r} is not one of {', '.join([*VALUE_UNITS, *FOREIGN_UNITS])}")
    own = table.columns.layout.name == "own"
    if own and option:
        _refuse_two_units(table, option)
    stated = _stated_unit(table, usd_per_unit) if own and not option else None
    if stated is not None:
        scale = stated.scale
        if not stated.money and says_dollars(table.columns.suffix):
            refuse_exchange_rate(table.where, usd_per_unit)
        if scale != 1:
            name = table.columns.name("value")
            money = "US dollars" if not stated.money else f"({stated.money})"
            table.notes.append(f"{table.where}: the column {name!r} is read in units of {scale:,.0f} {money}.")
    elif unit in VALUE_UNITS:
        scale = VALUE_UNITS[unit]
        if option or table.columns.unit:
            refuse_exchange_rate(table.where, usd_per_unit)
    else:
        currency, scale = FOREIGN_UNITS[unit]
        if usd_per_unit is None:
            raise InputError(
                f"{table.where}: values are in {currency}s, and results are in US dollars: give the dollars per "
                f"{currency}, --usd-per-unit (usd_per_unit=)"
            )
    return scale * (1.0 if usd_per_unit is None else usd_per_unit) / 1e6


def _refuse_two_units(table: SourceTable, option: str) -> None:
    """Raise `TableError` where the name of the column of values states another unit than `--unit` does."""
    header = read_unit(table.columns.suffix)
    if header is None:
        header = Unit(VALUE_UNITS[table.columns.unit]) if table.columns.unit in VALUE_UNITS else None
    if header is None:
        return
    if _contradict(header, option, says_dollars(table.columns.suffix)):
        raise TableError(
            f"{table.where}: the column {table.columns.name('value')!r} states its unit, and --unit {option} (unit=) "
            f"another; leave --unit out, or rename the column"
        )


def _contradict(stated: Unit, option: str, dollars: bool) -> bool:
    """Whether a table states another unit than `--unit`; money alone may be thousands or millions of it.

    dollars   whether it names US dollars
    """
    currency, scale = FOREIGN_UNITS[option] if option in FOREIGN_UNITS else ("dollar", VALUE_UNITS[option])
    named = "dollar" if dollars else _CURRENCIES.get(stated.money, stated.money)
    return (stated.scale > 1 and stated.scale != scale) or named not in ("", currency)


def _by_row(table: SourceTable, option: str | None, usd_per_unit: float | None) -> str:
    """SQL for the size of a row's unit in millions of US dollars, if columns state it; else empty.

    The columns are unit, currency or indicator. Raises `TableError` for a unit of another currency or than that of
    the option, and for several indicators.
    """
    roles = [role for role in table.columns.position if role.split()[0] == "unit"]
    roles = [role for role in roles if not _is_power(table, role) or _states_power(table, role)]
    if any(map(is_quantity, table.columns.names)):
        roles = [
            role
            for role in roles
            if _is_power(table, role) or all(_says_money(str(text)) for text in table.distinct(role))
        ]
    text = f"concat_ws(' ', {', '.join(_scale_in_words(table, role, alone=len(roles) == 1) for role in roles)})"
    texts = [str(text) for (text,) in table.select(f"DISTINCT {text}", then="ORDER BY 1")] if roles else []
    if texts in ([], [""]):
        return ""
    names = ", ".join(repr(table.columns.name(role)) for role in roles)
    columns = f"{table.where}: the column{'s' if len(roles) > 1 else ''} {names} contain{'' if len(roles) > 1 else 's'}"
    columns += f" {listed([text or '(empty)' for text in texts])}"
    units = {text: Unit(1.0) if says_value(text) else read_unit(text) for text in texts}
    alone = units[texts[0]] if len(texts) == 1 else None
    if alone is not None and option and _contradict(alone, option, says_dollars(texts[0])):
        raise TableError(f"{columns}, and --unit {option} (unit=) is another unit; leave --unit out, or that column")
    if len(texts) == 1 and (option or says_value(texts[0])):
        return ""
    if option:
        raise TableError(f"{columns}, so that rows differ in their unit; leave --unit (unit=) out, or keep one of them")
    foreign = alone is not None and alone.money != "" and usd_per_unit is not None
    scales = {t: unit.scale / 1e6 for t, unit in units.items() if unit is not None and (foreign or not unit.money)}
    remedy = "keep the rows of one of them" if len(texts) > 1 else "convert them, or give their unit: --unit (unit=)"
    if alone is not None and alone.money:
        remedy = "convert them, or give the dollars of one unit of that money, --usd-per-unit (usd_per_unit=)"
    if len(scales) < len(texts) or sum(map(says_value, texts)) > 1:
        raise TableError(
            f"{columns}; values are read in US dollars (such as USD, US$ thousand or USD million): {remedy}"
        )
    if any(map(says_dollars, scales)):
        refuse_exchange_rate(table.where, usd_per_unit)
    table.store.run("DROP TABLE IF EXISTS unit_of_value")
    table.store.fill("unit_of_value", {"stated": "VARCHAR", "scale": "DOUBLE"}, [list(scales), list(scales.values())])
    table.notes.append(f"{columns}; values are read in these units.")
    rate = 1.0 if usd_per_unit is None else usd_per_unit
    return f"(SELECT scale FROM unit_of_value WHERE stated = {text}) * {rate!r}"


def _says_money(text: str) -> bool:
    """Whether a text beside quantities is a unit of value; "m" and "K" may be metres and kelvins."""
    unit = read_unit(text)
    return unit is not None and (unit.money != "" or says_dollars(text) or states_scale(text))


def _is_power(table: SourceTable, role: str) -> bool:
    """Whether a column states the power of ten of values."""
    return fold_name(table.columns.name(role)) in POWERS_OF_TEN


def _states_power(table: SourceTable, role: str) -> bool:
    """Whether a column named for powers of ten may state one, or a unit; `scale` may also say national."""
    if fold_name(table.columns.name(role)) not in ("scale", "magnitude"):
        return True
    texts = [str(text).removesuffix(".0") for text in table.distinct(role) if text is not None]
    return any(text.isdecimal() or text.casefold() in ONES or read_unit(text) is not None for text in texts)


def _scale_in_words(table: SourceTable, role: str, *, alone: bool) -> str:
    """SQL for a column of units as text, with powers of ten as words; a power of zero is one beside a currency."""
    text = table.text[role]
    if not _is_power(table, role):
        return text
    words = " ".join(f"WHEN '{power}' THEN '{word}'" for power, word in POWERS.items() if power not in ONES)
    ones = ", ".join(f"'{one}'" for one in ONES)
    zero = f"'{POWERS['0']}'" if alone else "NULL"
    return f"CASE WHEN lower({text}) IN ({ones}) THEN {zero} ELSE CASE {text} {words} ELSE {text} END END"


def _stated_unit(table: SourceTable, usd_per_unit: float | None) -> Unit | None:
    """The unit in the name of the value column of a user's own table.

    Raises `TableError` for another currency without its rate, for a unit that is not known, and for one that only a
    title above the header, or the label of the column, states.
    """
    if states_unknown_unit(table.columns.suffix):
        raise TableError(
            f"{table.where}: the name of the column {table.columns.name('value')!r} has a unit that is not known "
            f"({table.columns.suffix!r}); write one that is, such as 'value (thousand USD)', or give it: --unit (unit=)"
        )
    only_above = False
    unit, origin = read_unit(table.columns.suffix), f"the column {table.columns.name('value')!r}"
    if unit is None and table.columns.unit is None:
        titles = titles_of(table.source.notes, table.columns.name("value"))
        stated = ((find_unit(text), place) for text, place in titles)
        unit, origin = next((found for found in stated if found[0] is not None), (None, ""))
        only_above = unit is not None
        if unit is not None and not unit.money and unit.scale > 1:
            remedy = f"confirm it: {unit.option} (unit=)" if unit.option else "write them in US dollars"
            raise TableError(
                f"{table.where}: {origin} states that values are in {unit.scale:,.0f} US dollars; {remedy}, or if they "
                f"are in dollars: --unit usd"
            )
    if unit is not None and unit.money and (usd_per_unit is None or only_above):
        raise TableError(
            f"{table.where}: {origin} states values {in_other_money(unit, unit.money)}; convert them, "
            f"or give their unit and exchange rate: --unit {', '.join(FOREIGN_UNITS)} with --usd-per-unit (unit=, "
            f"usd_per_unit=); where the column's name states the unit, --usd-per-unit alone"
        )
    return unit
