"""Eurostat: Comext's bulk files, and the tables of its data browser (DS-045409 and the like) as SDMX-CSV.

Values are in euros. Flow 1 is imports, 2 exports; statistical regime 4 and procedure T are the sum of the others. Codes
of confidential goods (with letters) belong to no product and are left out, with their share. Country numbers in the
bulk files are those of the Geonomenclature, not of ISO; the letters beside them are read instead.
"""

from __future__ import annotations

from entrepot.data.layouts import ALL_REGIMES, Layout

_READ_BY = ("entrepot exposure --trade FILE --usd-per-unit RATE",)

LAYOUTS = (
    Layout(
        name="comext",
        title="Eurostat Comext, bulk file",
        kind="trade",
        read_by=_READ_BY,
        marks=(
            ("declarantiso", "reporter"),
            ("partneriso", "partner"),
            ("productnc",),
            ("flow",),
            ("valueineuros", "valueeur"),
        ),
        columns={
            "importer": ("declarantiso", "reporter"),
            "exporter": ("partneriso", "partner"),
            "product": ("productnc",),
            "value": ("valueineuros", "valueeur"),
            "year": ("period",),
            "flow": ("flow",),
            "regime": ("statregime", "statprocedure"),
        },
        unit="eur",
        totals={"regime": ALL_REGIMES},
    ),
    Layout(
        name="eurostat",
        title="Eurostat, data browser (SDMX-CSV)",
        kind="trade",
        read_by=_READ_BY,
        marks=(("reporter",), ("partner",), ("product",), ("flow",), ("indicators",), ("obsvalue",)),
        columns={
            "importer": ("reporter",),
            "exporter": ("partner",),
            "product": ("product",),
            "value": ("obsvalue",),
            "year": ("timeperiod",),
            "flow": ("flow",),
            "indicator": ("indicators",),
        },
        unit="eur",
        only={"indicator": ("VALUE_IN_EUROS", "VALUE_EUR", "Value in euros")},
        read=(
            "imports of Germany and of the Union, waste of plastics (the world as the only partner, refused; in 100 "
            "kg, refused)"
        ),
    ),
)
