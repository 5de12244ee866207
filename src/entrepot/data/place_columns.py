"""Names in a table's columns as places: all of them at once, with what each is worth, and one stated rule for the rest.

a country, a group                what it is
the world, income groups          a total: checks the rows it is the sum of, and is never added to them
areas not specified, bunkers      NES, which belongs to the rest of the world
a name that is known nowhere      an error that lists all of them, where they hold more than a hundredth; else NES
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from entrepot.data.amounts import percent
from entrepot.economy.geography import UNSPECIFIED, WORLD, Place, find_place, groups, place_names
from entrepot.errors import TableError, UnknownNameError, nearest

#: What separates the columns that name one place, where there are several (a code, a number, a name).
BETWEEN = "\x1f"
#: The share of names that are known nowhere up to which they are placed in the rest of the world, with a note.
UNKNOWN_SHARE = 0.01


@dataclass(frozen=True)
class Placing:
    """What the names of one column stand for.

    places   by what is written
    weight   what each name is worth (value of trade, or rows), and what that is called
    unknown  names that are known nowhere
    """

    places: Mapping[str, Place]
    weight: Mapping[str, float]
    unknown: tuple[str, ...]

    def share(self, names: tuple[str, ...]) -> float:
        total = sum(self.weight.values())
        return sum(self.weight[name] for name in names) / total if total else 0.0


def place_all(
    weight: Mapping[str, float], known: tuple[str, ...], day: datetime.date, *, spelt: Mapping[str, str] | None = None
) -> Placing:
    """Every name of a column, looked up: in the codes of an Economy (`known`) first, then in the table of places.

    weight  what each name is worth;  spelt  what the table's own codes are called
    """
    own = {code.casefold(): code for code in known}
    places: dict[str, Place] = {}
    unknown: list[str] = []
    for name in weight:
        found = next(filter(None, (_place(part, own, day, spelt or {}) for part in name.split(BETWEEN))), None)
        if found is None:
            unknown.append(name)
            found = find_place(UNSPECIFIED)
            assert found is not None
        places[name] = found
    return Placing(places, dict(weight), tuple(unknown))


def _place(name: str, own: Mapping[str, str], day: datetime.date, spelt: Mapping[str, str]) -> Place | None:
    text = spelt.get(name.strip(), name.strip())
    if not text:
        return None
    code = own.get(text.casefold())
    place = find_place(text, day)
    if code is None or (place is not None and place.code == code):
        return place
    return Place(code, "country", code, (code,))


def refuse_unknown(
    placing: Placing,
    where: str,
    role: str,
    worth: str,
    row_of: Callable[[str], int],
    *,
    left_out: bool = False,
    published: bool = False,
) -> list[str]:
    """A note on the names that are known nowhere, and whether they were left out or placed in the rest of the world.

    row_of  the first row that says a name
    Raises `UnknownNameError` where they are worth more than a hundredth of a table of one's own (of a `published` one:
    all of it), with all of them.
    """
    if not placing.unknown:
        return []
    share = placing.share(placing.unknown)
    listed = [
        f"{shown(name)!r} ({percent(placing.share((name,)))} of {worth}{_meant(name)})"
        for name in sorted(placing.unknown, key=lambda name: -placing.weight[name])[:12]
    ]
    more = f" and {len(placing.unknown) - 12} more" if len(placing.unknown) > 12 else ""
    said = f"{', '.join(listed)}{more}"
    if share > UNKNOWN_SHARE and (not published or len(placing.unknown) == len(placing.places)):
        name = placing.unknown[0]
        place = f"{where}, row {row_of(name)} ({role})"
        error = UnknownNameError("country", shown(name), [*place_names(), *groups(), WORLD], place)
        if all(re.fullmatch(r"[0-9]{1,4}", shown(unknown)) for unknown in placing.unknown):
            error.args = (
                f"{place}: unknown country by number: {said}; no codes of ISO 3166 or the United Nations, but "
                f"the publisher's own: write names or ISO codes, by the publisher's list of countries",
            )
        elif len(placing.unknown) > 1:
            error.args = (f"{place}: {len(placing.unknown)} names are no country or group: {said}",)
        raise error
    return [
        f"{where}: {len(placing.unknown)} names of the {role} are known nowhere ({percent(share)} of {worth}) and "
        "were "
        f"{'left out' if left_out else 'placed in the rest of the world'}: {said}."
    ]


def shown(name: str) -> str:
    """A name as a message has it: the first of the columns that name a place and are not empty."""
    return next((part for part in name.split(BETWEEN) if part.strip()), name)


def _meant(name: str) -> str:
    near = nearest(shown(name), place_names(), limit=0)
    return near.rstrip("?") if "did you mean" in near else ""


def refuse_totals_alone(places: Mapping[str, Place], where: str, role: str) -> None:
    """Raises `TableError` where a column names no place that is not a total."""
    if places and all(place.kind in ("world", "aggregate") for place in places.values()):
        names = ", ".join(repr(shown(name)) for name in list(places)[:3])
        raise TableError(
            f"{where}: every {role} is a total of countries ({names}); rows by country are needed, since rates differ "
            f"between them"
        )
