"""What `duty` and `duty_path` are given, read and checked: days, places, amounts."""

from __future__ import annotations

import datetime
from numbers import Real
from typing import Any

from entrepot.dates import day_of
from entrepot.economy.geography import find_place, place_names, union_on
from entrepot.errors import InputError, UnknownNameError
from entrepot.exposures.levies import Preference
from entrepot.exposures.stacking import Stacking
from entrepot.words import and_list, spoken

#: The book that knows rates, lists and days.
BOOK = "us-2026"
#: How a verb or a request says whether goods claim the programme of their origin.
CLAIMS: dict[str, Preference] = {"yes": True, "no": False, "share": "share"}
#: Territories of the United States: Puerto Rico and the insular possessions.
TERRITORIES = frozenset({"PRI", "VIR", "GUM", "ASM", "MNP"})
#: The largest customs value, US$, for which amounts are worked out.
LARGEST_VALUE = 1e12


def read_day(on: datetime.date | str | None, rules: Stacking, key: str = "on") -> datetime.date:
    """Return the day that `key` states as a date.

    Raises `InputError` for text that is not one, and for a day that the book lacks.
    """
    try:
        date = datetime.date.today() if on is None else day_of(on)
    except ValueError as error:
        raise InputError(f"{key}: {on!r} is not a day such as 2026-03-15{error}") from None
    since, until = rules.known_since, rules.known_until
    if since is None or until is None:
        raise InputError(
            f"law: the stacking {rules.stacking!r} states no rates by day (known_since, known_until); use {BOOK}"
        )
    if not since <= date <= until:
        raise InputError(
            f"{key}: {date} is outside what {rules.stacking} knows, from {since} until {until}"
            + ("; give another day (--on)" if on is None else "")
        )
    return date


def refuse_importer(name: str, rules: Stacking, date: datetime.date) -> None:
    """Raise `InputError` unless the importer is one of the book's."""
    place = find_place(str(name), date)
    if place is None:
        raise UnknownNameError("country", str(name), place_names(), "importer")
    if place.code not in rules.importers:
        raise InputError(
            f"importer: the duty by product is known for {and_list([spoken(p) for p in rules.importers])} alone, not "
            f"for {spoken(place.code)}; for another country give its schedule to 'entrepot exposure --schedule FILE'"
        )


def read_exporter(name: str, date: datetime.date) -> str:
    """Return the code of the country or group of origin. Raises `UnknownNameError` and `InputError`."""
    place = find_place(str(name), date)
    if place is None:
        raise UnknownNameError("country", str(name), place_names(), "exporter")
    if place.kind not in ("country", "group"):
        raise InputError(f"exporter: {place.name} is not one origin; name a country")
    if place.code == "USA":
        raise InputError("exporter: goods of the United States that come back are under chapter 98, which is not here")
    if place.code in TERRITORIES:
        raise InputError(
            f"exporter: {place.name} is in the customs territory of the United States or an insular possession "
            "(General Notes 2 and 3(a)(iv)), whose goods are not imports from abroad"
        )
    if place.kind == "group" and place.code != union_on(date):
        raise InputError(
            f"exporter: the members of {place.name} may pay different duties on {date}; name one of them, such as "
            f"{', '.join(place.members[:3])}"
        )
    return place.code


def read_preference(given: Any) -> Preference:
    """Return whether goods claim the programme of their origin. Raises `InputError` for anything else."""
    if isinstance(given, bool) or given == "share":
        return given
    raise InputError(f"preference: {given!r} is not one of True, False and 'share'")


def refuse_amounts(value: Any, quantity: Any) -> None:
    """Raise `InputError` for a value or quantity that is not an amount, and for a quantity without a value."""
    for name, amount in (("value", value), ("quantity", quantity)):
        if amount is None:
            continue
        if isinstance(amount, bool) or not isinstance(amount, Real) or not 0 <= amount <= LARGEST_VALUE:  # type: ignore[operator]
            raise InputError(f"{name}: {amount!r}: give an amount from 0 to {LARGEST_VALUE:,.0f}")
    if quantity is not None and value is None:
        raise InputError("quantity: give the customs value with it (--value)")
