"""Region codes of databases as ISO 3166 alpha-3."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from entrepot.economy.geography import iso3_by_name

#: Codes that are no country's, or not ISO's: rests of the world, and Eurostat's Greece and United Kingdom.
_OTHER = {"FIGW1": "ROW", "RoW": "ROW", "ROM": "ROU", "EL": "GRC", "UK": "GBR"}


def iso3(codes: Iterable[str], keep: Collection[str] = ()) -> dict[str, str]:
    """New names by code: alpha-3 where the code is a country's; a code in `keep`, or of no country, stays as it is."""
    known = iso3_by_name()
    return {code: code if code in keep else _OTHER.get(code) or known.get(code.casefold(), code) for code in codes}
