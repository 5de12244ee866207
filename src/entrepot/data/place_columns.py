"""Columns of names of places: looked up together, weighted by value, with one rule for unknown names.

a country, a group                that place
the world, income groups          a total, which is compared with its parts and never added to them
areas not specified, bunkers      NES, which belongs to the rest of the world
an unknown name                   an error that lists all of them if their share exceeds one percent; else NES
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from entrepot.data.amounts import percent
from entrepot.economy.geography import UNSPECIFIED, WORLD, Place, find_place, groups, place_names
from entrepot.errors import TableError, UnknownNameError, nearest
from entrepot.words import counted

#: The separator between several columns that name one place (a code, a number, a name).
BETWEEN = "\x1f"
#: Unknown names with up to this share of the total go into the rest of the world, with a note.
UNKNOWN_SHARE = 0.01


@dataclass(frozen=True)
class Placing:
    """The places that the names of one column stand for.

    places   place by written name
    weight   weight by name: value of trade, or number of rows
    unknown  unknown names
    """

    places: Mapping[str, Place]
    weight: Mapping[str, float]
    unknown: tuple[str, ...]

    def share(self, names: tuple[str, ...]) -> float:
        """Return the share of some names in the total weight."""
        total = sum(self.weight.values())
        return sum(self.weight[name] for name in names) / total if total else 0.0


def place_all(
    weight: Mapping[str, float], known: tuple[str, ...], day: datetime.date, *, spelt: Mapping[str, str] | None = None
) -> Placing:
    """Look up every name of a column, first in the codes of an Economy (`known`), then in the table of places.

    weight  weight by name
    spelt   names of the table's own codes
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
    """Return a note on unknown names, which are left out or put into the rest of the world.

    worth   the name of the weights in messages
    row_of  returns the first row with a name
    Raises `UnknownNameError`, with all of them, if their share exceeds one percent of a user's own table, or if all
    names of a `published` table are unknown.
    """
    if not placing.unknown:
        return []
    share = placing.share(placing.unknown)
    listed = [
        f"{shown(name)!r} ({percent(placing.share((name,)))} of {worth}{_meant(name)})"
        for name in sorted(placing.unknown, key=lambda name: -placing.weight[name])[:12]
    ]
    more = f" and {len(placing.unknown) - 12} more" if len(placing.unknown) > 12 else ""
    names = f"{', '.join(listed)}{more}"
    if share > UNKNOWN_SHARE and (not published or len(placing.unknown) == len(placing.places)):
        name = placing.unknown[0]
        place = f"{where}, row {row_of(name)} ({role})"
        error = UnknownNameError("country", shown(name), [*place_names(), *groups(), WORLD], place)
        if all(re.fullmatch(r"[0-9]{1,4}", shown(unknown)) for unknown in placing.unknown):
            error.args = (
                f"{place}: unknown country by number: {names}; these are not codes of ISO 3166 or the United Nations "
                f"but the publisher's own: write names or ISO codes, from the publisher's list of countries",
            )
        elif len(placing.unknown) > 1:
            error.args = (f"{place}: {len(placing.unknown)} names are not countries or groups: {names}",)
        raise error
    return [
        f"{where}: {counted(len(placing.unknown), 'unknown name')} of the {role} ({percent(share)} of {worth}), "
        f"{'left out' if left_out else 'placed in the rest of the world'}: {names}."
    ]


def shown(name: str) -> str:
    """Return a name for messages: the first non-empty of the columns that name the place."""
    return next((part for part in name.split(BETWEEN) if part.strip()), name)


def _meant(name: str) -> str:
    near = nearest(shown(name), place_names(), limit=0)
    return near.rstrip("?") if "did you mean" in near else ""


def refuse_totals_alone(places: Mapping[str, Place], where: str, role: str) -> None:
    """Raise `TableError` if all places in a column are totals."""
    if places and all(place.kind in ("world", "aggregate") for place in places.values()):
        names = ", ".join(repr(shown(name)) for name in list(places)[:3])
        raise TableError(
            f"{where}: every {role} is a total of countries ({names}); rows by country are needed, since rates differ "
            f"between them"
        )
