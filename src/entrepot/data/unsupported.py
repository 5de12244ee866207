"""Tables of national publishers that are not supported: why not, and how to convert them.

They number countries in their own way, where some numbers are other countries in ISO 3166 (304 is the United States
in Japan's statistics, and Greenland in ISO 3166), or their values are in a national currency that no column states.
Header lines are as published, taken from public code.
"""

from __future__ import annotations

from collections.abc import Collection

#: Title of each table, its column names (folded; one name of each group is present), and how to convert it.
_UNREAD: tuple[tuple[str, tuple[tuple[str, ...], ...], str], ...] = (
    (
        "Trade Statistics of Japan (e-Stat)",
        (("exporimp",), ("hs",), ("country",)),
        "its countries are Japan Customs' own numbers and its values thousands of yen: keep the rows of imports (2), "
        "write ISO codes into a column partner, US dollars into a column value and the first six digits of HS into a "
        "column product, and take Country and HS out; --importer JPN",
    ),
    (
        "Comex Stat of Brazil",
        (("concm", "cosh4"), ("copais",)),
        "its countries are numbers of its own: write their ISO codes into a column partner (by CO_PAIS_ISOA3 in its "
        "table PAIS.csv), call CO_NCM product, VL_FOB value and CO_ANO year; a file IMP with --importer BRA",
    ),
    (
        "Canadian International Merchandise Trade (Statistics Canada)",
        (("yearmonthannemois",), ("countrypays",), ("valuevaleur",)),
        "its values are in Canadian dollars: write US dollars into a column value, call Country/Pays partner, the code "
        "product and YearMonth year; a file of imports (ODPFN014) with --importer CAN",
    ),
    (
        "Overseas trade statistics of the United Kingdom (HMRC)",
        (("monthid",), ("commodityid",), ("countryid",)),
        "its countries are numbers of its own and its values pounds: keep the rows of imports (FlowTypeId 1 and 3), "
        "write ISO codes into a column partner, call CommodityId product and MonthId year; --importer GBR --unit gbp "
        "--usd-per-unit RATE",
    ),
)


def unsupported_table(folded: Collection[str]) -> str:
    """Return a sentence on an unsupported table of trade; empty for any other. `folded`: its column names."""
    for title, marks, remedy in _UNREAD:
        if all(any(name in folded for name in group) for group in marks):
            return f"It looks like {title}, which is not read as it is: {remedy}."
    return ""
