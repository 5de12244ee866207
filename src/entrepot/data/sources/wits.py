"""WITS, the World Bank's World Integrated Trade Solution: results of queries, bulk files, workbooks and its API.

Column names and percentage points as in the online help of WITS ("Tariff and Trade Analysis, result") and in its files.
Partner 0 or 000 is the world, 918 or EUN the European Union. AHS is the rate effectively applied, MFN, PRF
preferential, BND bound. AVE files hold ad valorem equivalents; their measure 2 is the MFN rate.
"""

from __future__ import annotations

import pandas as pd

from entrepot.data.layouts import Layout

_REPORTER = ("reporteriso3", "reporterison", "reporter", "reportercode", "reportername")
_PARTNER = ("partneriso3", "partner", "partnercode", "partnername")


def by_partner(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Return duties from the workbook by partner: the trade-weighted average rate effectively applied (AHS)."""
    frame = frame[frame["Trade Flow"].astype(str).str.strip().str.casefold() == "import"]
    notes.append(
        "WITS by partner: the average rate effectively applied (AHS), weighted by trade, is read as the rate of "
        "every product."
    )
    return pd.DataFrame(
        {
            "importer": frame["Reporter Name"],
            "exporter": frame["Partner Name"],
            "product": frame["Product Group"].map(
                lambda group: "ALL" if str(group).strip() == "All Products" else group
            ),
            "year": frame["Year"] if "Year" in frame.columns else None,
            "rate": frame["AHS Weighted Average (%)"],
            "authority": "AHS",
            "weight": frame.get("Import (US$ Thousand)"),
        }
    ).dropna(axis="columns", how="all")


LAYOUTS = (
    Layout(
        name="wits",
        title="WITS, result of a tariff query (CSV or workbook)",
        kind="rates",
        marks=(
            ("reporter", "reportername"),
            ("partner", "partnername"),
            ("product",),
            ("simpleaverage", "weightedaverage"),
        ),
        columns={
            "importer": ("reporter", "reportername"),
            "exporter": ("partner", "partnername"),
            "product": ("product",),
            "rate": ("simpleaverage", "weightedaverage"),
            "year": ("tariffyear",),
            "weight": ("importsvaluein1000usd",),
            "authority": ("dutytype",),
            "edition": ("selectednomen", "nativenomen"),
        },
        rates="percent",
        read="MFN rates of Canada, Mexico and the United States by HS6, 2018 (workbook)",
    ),
    Layout(
        name="wits-ave",
        title="WITS, bulk file of ad valorem equivalents (CSV)",
        kind="rates",
        marks=(("reporterison",), ("productcode",), ("partner",), ("advaloremequivalent",)),
        columns={
            "importer": ("reporterison", "reportername"),
            "exporter": ("partner", "partnername"),
            "product": ("productcode",),
            "rate": ("advaloremequivalent",),
            "year": ("year",),
            "authority": ("measurecode",),
        },
        rates="percent",
        spelt={"authority": {"2": "MFN"}},
        read="United States, 2023, HS8",
    ),
    Layout(
        name="trains",
        title="TRAINS bulk file (AVEMFN, AVEPref)",
        kind="rates",
        marks=(("reporterison",), ("productcode",), ("simpleaverage",)),
        columns={
            "importer": ("reporterison", "reportername"),
            "exporter": ("partner", "partnername"),
            "product": ("productcode",),
            "rate": ("simpleaverage",),
            "year": ("year",),
            "weight": (),
        },
        rates="percent",
    ),
    Layout(
        name="wits-api-tariff",
        title="WITS API, tariffs of TRAINS (SDMX-JSON)",
        kind="rates",
        marks=(("reporter",), ("partner",), ("productcode",), ("tarifftype",), ("obsvalue",)),
        columns={
            "importer": ("reporter",),
            "exporter": ("partner",),
            "product": ("productcode",),
            "rate": ("obsvalue",),
            "year": ("timeperiod",),
            "authority": ("tarifftype",),
            "edition": ("nomencode",),
        },
        rates="percent",
        spelt={"authority": {"PREF": "PRF"}},
        read="MFN rates of the United States by HS6, 2017 (means of rates in whole percents, as the API gave them: "
        "2 where the schedule has 2.5)",
    ),
    Layout(
        name="wits-partner",
        title="WITS, workbook by partner (average duties)",
        kind="rates",
        marks=(("reportername",), ("partnername",), ("productgroup",), ("ahsweightedaverage",)),
        rates="percent",
        tidy=by_partner,
        read="imports of the United States, all products, 2022",
    ),
    Layout(
        name="wits-partner-trade",
        title="WITS, workbook by partner (trade)",
        kind="trade",
        marks=(("reportername",), ("partnername",), ("productgroup",), ("importusthousand",)),
        columns={
            "importer": ("reportername",),
            "exporter": ("partnername",),
            "product": ("productgroup",),
            "value": ("importusthousand",),
            "year": ("year",),
            "flow": ("tradeflow",),
        },
        unit="usd_k",
        read="imports of the United States, all products, 2022; of Portugal, 2020 (as JSON)",
    ),
    Layout(
        name="wits-trade",
        title="WITS, result of a trade query or bulk file (CSV)",
        kind="trade",
        marks=(
            ("tradeflowname", "tradeflow", "tradeflowcode"),
            ("productcode", "product"),
            ("tradevaluein1000usd", "tradevalue1000usd"),
        ),
        columns={
            "importer": _REPORTER,
            "exporter": _PARTNER,
            "product": ("productcode", "product"),
            "value": ("tradevaluein1000usd", "tradevalue1000usd"),
            "year": ("year",),
            "flow": ("tradeflowname", "tradeflow", "tradeflowcode"),
            "edition": ("nomenclature", "selectednomen"),
        },
        unit="usd_k",
    ),
    Layout(
        name="wits-api-trade",
        title="WITS API, trade statistics (SDMX-JSON)",
        kind="trade",
        marks=(
            ("reporter",),
            ("partner",),
            ("productcode",),
            ("indicator",),
            ("obsvalue",),
            ("timeperiod",),
            ("freq",),
        ),
        columns={
            "importer": ("reporter",),
            "exporter": ("partner",),
            "product": ("productcode",),
            "value": ("obsvalue",),
            "year": ("timeperiod",),
            "indicator": ("indicator",),
        },
        unit="usd_k",
        only={"indicator": ("MPRT-TRD-VL",)},
        read="imports of the United States from the world by groups of products that overlap, 2017 (refused: no codes)",
    ),
)
