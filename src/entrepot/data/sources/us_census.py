"""The US Census Bureau: exports of USA Trade Online, and its API.

USA Trade Online writes title lines, names of commodities behind their codes ("0101210020 Horses ..."), thousands with
commas, and totals as "All Commodities", "All Districts", "World Total". The API replies with a list of rows below a row
of names; CTY_CODE is Schedule C, where codes with an X or two zeros in front are groups of countries, CON_VAL_MO the
value of a month and CON_VAL_YR that of the year until the end of the month.
"""

from __future__ import annotations

from entrepot.data.layouts import Layout

_IMPORTS = (
    *("customsvaluecons", "customsvalueconsus", "customsimportvaluecons", "customsvaluegen", "customsvaluegenus"),
    *("customsimportvaluegen", "importsforconsumption"),
    *("customsvalueconsusdefaultmember", "customsvaluegenusdefaultmember"),
)

LAYOUTS = (
    Layout(
        name="usa-trade-online",
        title="US Census Bureau, USA Trade Online (imports)",
        kind="trade",
        marks=(("commodity", "commodities"), ("country", "countries"), _IMPORTS),
        columns={
            "exporter": ("country", "countries"),
            "product": ("commodity", "commodities"),
            "value": _IMPORTS,
            "year": ("time",),
            "district": ("district", "port", "state", "districts", "ports", "states"),
        },
        importer="USA",
        totals={"district": ("All Districts", "All Ports", "All States")},
        read="imports from Africa by HS10, 2024",
    ),
    Layout(
        name="usa-trade-states",
        title="US Census Bureau, USA Trade Online (imports by state)",
        kind="trade",
        marks=(("state",), ("commodity",), ("country",), ("time",), ("totalvalueus",)),
        columns={
            "exporter": ("country",),
            "product": ("commodity",),
            "value": ("totalvalueus",),
            "year": ("time",),
            "district": ("state",),
        },
        importer="USA",
        totals={"district": ("All States",)},
        read="imports of the states from Mexico by HS2, 2024 and the first months of 2025",
    ),
    Layout(
        name="census-api",
        title="US Census Bureau, API of international trade (imports, JSON)",
        kind="trade",
        marks=(("ctycode", "ctyname"), ("icommodity",), ("convalyr", "convalmo", "genvalyr", "genvalmo")),
        columns={
            "exporter": ("ctycode", "ctyname"),
            "product": ("icommodity",),
            "value": ("convalyr", "genvalyr", "convalmo", "genvalmo"),
            "year": ("time", "year"),
            "month": ("month",),
            "district": ("district",),
        },
        to_date=("convalyr", "genvalyr"),
        importer="USA",
        totals={"district": ("-", "ALL")},
        spelt={"exporter": {"-": "WORLD", "TOTAL FOR ALL COUNTRIES": "WORLD"}},
        read="imports from ten countries by HS10, December 2024, which a user had saved as Parquet",
    ),
)
