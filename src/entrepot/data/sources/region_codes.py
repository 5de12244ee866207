"""Region codes of databases as ISO 3166 alpha-3."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from entrepot.economy.geography import find_place


def as_iso3(codes: Iterable[str], keep: Collection[str] = ()) -> dict[str, str]:
    """New names by code: alpha-3 where the code is a country's, ROW for the rest of the world; a code in `keep`, or of
    neither, stays as it is.
    """
    return {code: code if code in keep else _as_iso3(code) for code in codes}


def _as_iso3(code: str) -> str:
    place = find_place(code)
    return place.code if place is not None and place.kind in ("country", "rest") else code
