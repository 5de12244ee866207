"""Tables of duties of many countries: MAcMap-HS6, Teti's Global Tariff Database, the WTO's Tariff Download Facility.

MAcMap-HS6: the yearly files mmhs6_YEAR.csv (importer, exporter, hs6_2007, year, adv). CEPII's page calls the measure an
ad valorem equivalent in percent; programs that use the files read fractions (0.05 is 5%), as here; percentages
raise an error. Global Tariff Database: Teti (2024), "Missing Tariffs"; iso1 levies on iso2, by sector of ISIC Rev.
3.3 or by HS6, in percent. WTO: averages of ad valorem duties at HS2, HS4 and HS6 in one sheet, with the column names
below a heading of two rows.
"""

from __future__ import annotations

from entrepot.data.layouts import Layout

LAYOUTS = (
    Layout(
        name="macmap",
        title="MAcMap-HS6 (CSV)",
        kind="rates",
        marks=(("importer",), ("exporter",), ("hs62007", "hs6"), ("adv",)),
        columns={
            "importer": ("importer",),
            "exporter": ("exporter",),
            "product": ("hs62007", "hs6"),
            "rate": ("adv",),
            "year": ("year",),
        },
        rates="fraction",
    ),
    Layout(
        name="gtd",
        title="Global Tariff Database (Teti), by sector or product (CSV, Parquet or Stata)",
        kind="rates",
        marks=(("iso1",), ("iso2",), ("tariff",), ("mfn",)),
        columns={
            "importer": ("iso1",),
            "exporter": ("iso2",),
            "product": ("hs6", "sector", "isic", "product"),
            "rate": ("tariff",),
            "year": ("year",),
        },
        rates="percent",
    ),
    Layout(
        name="wto-tariffs",
        title="WTO, Tariff Download Facility (workbook)",
        kind="rates",
        marks=(("rep",), ("year",), ("hslevel",), ("hscode",), ("savg",)),
        columns={
            "importer": ("rep",),
            "product": ("hscode",),
            "rate": ("savg",),
            "year": ("year",),
            "level": ("hslevel",),
            "edition": ("hsversion",),
        },
        rates="percent",
        only={"level": ("6", "06")},
        read="applied MFN rates of Canada, Mexico and the United States, 2019",
    ),
)
