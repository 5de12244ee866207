"""Region codes of databases as ISO 3166 alpha-3."""

from __future__ import annotations

import logging
from collections.abc import Sequence

#: Codes of rests of the world, which are no country's.
REST = {"FIGW1": "ROW", "RoW": "ROW", "WW": "ROW"}


def iso3(codes: Sequence[str]) -> dict[str, str]:
    """New names by code: alpha-3 where the code is alpha-2 (EU's UK and EL among them), else the code as it is."""
    import country_converter

    logging.getLogger("country_converter").setLevel(logging.CRITICAL)
    table = country_converter.CountryConverter().data
    known = dict(zip(table["ISO2"], table["ISO3"], strict=True)) | {"UK": "GBR", "EL": "GRC"} | REST
    return {str(code): str(known.get(code, code)) for code in codes}
