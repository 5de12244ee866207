"""Region codes of databases as ISO 3166 alpha-3 codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from entrepot.economy.geography import find_place


def as_iso3(codes: Iterable[str], keep: Collection[str] = ()) -> dict[str, str]:
    """Return new names by code: alpha-3 for a country, ROW for the rest of the world.

    Codes in `keep`, and any other codes, are unchanged.
    """
    return {code: code if code in keep else _as_iso3(code) for code in codes}


def _as_iso3(code: str) -> str:
    place = find_place(code)
    return place.code if place is not None and place.kind in ("country", "rest") else code
