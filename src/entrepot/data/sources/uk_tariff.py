"""The United Kingdom's tariff: the UK Global Tariff of 2021, and tariff measures on declarable commodities."""

from __future__ import annotations

from entrepot.data.layouts import Layout

LAYOUTS = (
    Layout(
        name="ukgt",
        title="UK Global Tariff (CSV or workbook)",
        kind="rates",
        marks=(("commodity",), ("ukgtdutyrate",)),
        columns={"product": ("commodity",), "rate": ("ukgtdutyrate",)},
        importer="GBR",
        read="the whole table, 11,830 lines, as CSV and as a workbook",
    ),
    Layout(
        name="uk-measures",
        title="UK Integrated Online Tariff, measures on declarable commodities (CSV)",
        kind="rates",
        marks=(
            ("commoditycode",),
            ("measuredutyexpression",),
            ("measuregeographicalareaid", "measuregeographicalareadescription"),
        ),
        columns={
            "product": ("commoditycode",),
            "exporter": ("measuregeographicalareaid", "measuregeographicalareadescription"),
            "rate": ("measuredutyexpression",),
            "since": ("measureeffectivestartdate",),
            "until": ("measureeffectiveenddate",),
            "authority": ("measuretypeid",),
            "measure": ("measuretypeid",),
        },
        importer="GBR",
        only={"measure": ("103", "142")},
        spelt={"authority": {"103": "MFN", "142": "preferential"}, "exporter": {"1011": "ALL"}},
    ),
)
