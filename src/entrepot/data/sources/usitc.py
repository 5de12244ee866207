"""The US International Trade Commission: the tariff schedule (CSV and JSON), its annual tariff database, DataWeb.

The schedule as hts.usitc.gov exports it has one row per printed line: headings without rates, lines of eight digits
with rates, and statistical lines of ten digits without rates, to which the rate of the line above applies. Columns:
general (the ordinary rate), special (preferential programmes by symbol: "Free (AU,CL,KR)"), and column 2. Chapters 98
and 99 contain conditions and additional duties that only their text explains; a note counts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from entrepot.data.layouts import Layout
from entrepot.words import counted

#: Symbols of the special column and their beneficiaries: General Note 3(c) of the schedule; S and S+ are the USMCA.
#: Programmes for developing countries (A, D, E, R) have lists of beneficiaries that change by proclamation.
PROGRAMMES = {
    "AU": ("AUS",),
    "BH": ("BHR",),
    "CL": ("CHL",),
    "CO": ("COL",),
    "IL": ("ISR", "PSE"),
    "JO": ("JOR",),
    "JP": ("JPN",),
    "KR": ("KOR",),
    "MA": ("MAR",),
    "OM": ("OMN",),
    "PA": ("PAN",),
    "PE": ("PER",),
    "SG": ("SGP",),
    "S": ("CAN", "MEX"),
    "S+": ("CAN", "MEX"),
    "CA": ("CAN",),
    "MX": ("MEX",),
    "P": ("CRI", "DOM", "GTM", "HND", "NIC", "SLV"),
    "P+": ("CRI", "DOM", "GTM", "HND", "NIC", "SLV"),
    "NP": ("NPL",),
}
#: Preferential programmes whose beneficiaries the schedule does not list, and those that depend only on the product.
_UNNAMED = {
    "A": "GSP (expired on 31 December 2020)",
    "A+": "GSP for least developed countries (expired)",
    "A*": "GSP with exceptions (expired)",
    "B": "Automotive Products Trade Act",
    "C": "Agreement on Trade in Civil Aircraft",
    "D": "AGOA",
    "E": "Caribbean Basin Economic Recovery Act",
    "E*": "Caribbean Basin Economic Recovery Act with exceptions",
    "J": "Andean Trade Preference Act (expired)",
    "J+": "Andean Trade Preference Act (expired)",
    "J*": "Andean Trade Preference Act (expired)",
    "K": "Agreement on Trade in Pharmaceutical Products",
    "L": "Intermediate chemicals for dyes",
    "R": "Caribbean Basin Trade Partnership Act",
    "W": "Puerto Rico's drawback",
}
_PART = re.compile(r"\s*([^()]*?)\s*\(([^()]*)\)")
_LINE = re.compile(r"\d{4}\.\d{2}(\.\d{2}){0,2}|\d{6}|\d{8}|\d{10}")
#: Texts that refer to another line instead of stating a rate.
_BY_REFERENCE = re.compile(r"^(the (rate|duty)|no change|see )", re.IGNORECASE)


def tidy_schedule(frame: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Return rows (product, exporter, rate, authority): the ordinary rate, and special rates by partner.

    Each rate is given once, for the line that states it; it applies to the statistical lines whose codes begin with
    that code. Column 2 is not read, since the countries that pay it change by law; give it as a schedule.
    """
    columns = {re.sub(r"[^a-z]", "", str(name).casefold()): name for name in frame.columns}
    number = frame[columns.get("htsnumber", columns.get("htsno"))]
    general = frame[columns.get("generalrateofduty", columns.get("general"))]
    special = frame[columns.get("specialrateofduty", columns.get("special"))]
    lines = number.map(lambda text: bool(_LINE.fullmatch(str(text or "").strip())))
    code = number.fillna("").map(lambda text: re.sub(r"\D", "", str(text)))
    notes_only = lines & code.str[:2].isin(("98", "99"))
    used = lines & ~notes_only
    rows = list(_rows(code[used], general[used], special[used]))
    unread: dict[str, int] = {}
    kept = []
    for row in rows:
        if row["symbol"] in _UNNAMED or (row["symbol"] and row["symbol"] not in PROGRAMMES):
            unread[row["symbol"]] = unread.get(row["symbol"], 0) + 1
        else:
            kept.append(row)
    notes.append(
        f"Tariff schedule of the United States: {int((used & (general.fillna('') != '')).sum()):,} lines state an "
        "ordinary rate; "
        f"{int((~lines).sum()):,} headings and rows without a number; statistical lines have the rate of the line "
        "above."
    )
    if notes_only.any():
        notes.append(
            f"Chapters 98 and 99 ({int(notes_only.sum()):,} lines) contain conditions and additional duties that only "
            f"their text explains; they are not read as rates."
        )
    if unread:
        programmes = ", ".join(
            f"{s} ({_UNNAMED.get(s, 'unknown symbol')}: {counted(n, 'line')})" for s, n in sorted(unread.items())
        )
        notes.append(f"Special programmes without a partner in the schedule are left out: {programmes}.")
    return pd.DataFrame(kept, columns=["product", "exporter", "rate", "authority"])


def _rows(code: pd.Series, general: pd.Series, special: pd.Series) -> Iterator[dict[str, Any]]:
    for product, rate, programmes in zip(code, general, special, strict=True):
        text = str(rate or "").strip()
        if text:
            yield {"product": product, "exporter": "ALL", "rate": text, "authority": "MFN", "symbol": ""}
        for offered, symbols in _PART.findall(str(programmes or "")):
            if not offered or _BY_REFERENCE.match(offered):
                continue
            for symbol in re.split(r"[,\s]+", symbols.strip()):
                for partner in PROGRAMMES.get(symbol, (None,)) if symbol else ():
                    authority = "USMCA" if symbol in ("S", "S+", "CA", "MX") else "preferential"
                    yield {
                        "product": product,
                        "exporter": partner,
                        "rate": offered,
                        "authority": authority,
                        "symbol": symbol,
                    }


LAYOUTS = (
    Layout(
        name="usitc-hts",
        title="USITC, Harmonized Tariff Schedule of the United States (CSV or JSON)",
        kind="rates",
        marks=(
            ("htsnumber", "htsno"),
            ("indent",),
            ("generalrateofduty", "general"),
            ("specialrateofduty", "special"),
        ),
        importer="USA",
        tidy=tidy_schedule,
        read="the whole schedule of 2025 as CSV; chapters 61, 62 and 99 as JSON",
    ),
    Layout(
        name="usitc-tariff-database",
        title="USITC, annual tariff database (hts8, mfn_text_rate, ...)",
        kind="rates",
        marks=(("hts8",), ("mfntextrate",)),
        columns={
            "product": ("hts8",),
            "rate": ("mfntextrate",),
            "since": ("begineffectdate",),
            "until": ("endeffectivedate",),
        },
        importer="USA",
        dates="%m/%d/%Y",
        note="The rates are those of most favoured nations; the columns of programmes (NAFTA, Korea ...) are not read, "
        "so that goods that claim one pay less than is stated here.",
        read="the whole database of 2017, 12,716 lines, as a workbook and as text",
    ),
    Layout(
        name="usitc-dataweb",
        title="USITC DataWeb, imports by HTS number and country (workbook)",
        kind="trade",
        marks=(("datatype",), ("country",), ("year",), ("htsnumber",), ("customsvalue", "value")),
        columns={
            "exporter": ("country",),
            "product": ("htsnumber",),
            "value": ("customsvalue", "value"),
            "year": ("year",),
            "grand total": ("datatype",),
        },
        importer="USA",
        only={"grand total": ("Customs Value",)},
        read="a workbook of imports for consumption by HTS10 and country, 2024",
    ),
)
