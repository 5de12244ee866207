"""Write docs/sources.md from the catalogue of sources and the published elasticities.

python scripts/build_sources_page.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from entrepot.data.layouts import Layout, layouts
from entrepot.data.published_sets import published
from entrepot.data.sources import sources

PAGE = Path(__file__).resolve().parents[1] / "docs" / "sources.md"

HEAD = """\
# Sources

`entrepot economy import SOURCE PATH --theta T [--year Y] [--tariffs F] -o world.ep` reads a public database that you
have downloaded under its own terms, reports what it found, repaired and left out, and saves an Economy. In Python:
`ep.import_economy(SOURCE, PATH, theta=..., ...)`, or `ep.Economy.from_mrio(io, theta=...)` for any `pymrio.IOSystem`.
`pip install '.[sources]'` adds the readers. `entrepot economy fetch icio|wiod|baci --year Y` downloads on a connected
machine.

`entrepot economy import --what FILE` reports the layout of a file and the command that reads it.

A table may be text (CSV, TSV, .dat; in any usual encoding; with a decimal comma or point), an Excel workbook, Parquet,
Stata, a data frame of R, JSON, a table of a web page, or a table or query of DuckDB; the file may be in a zip.
FILE#NAME selects one of several tables in a file (a sheet, a data frame, a list in JSON, a member of a zip).

This page is made by `scripts/build_sources_page.py` from the catalogue in the code. The layouts are tested on small
files that the tests write; the last column names the publisher's genuine file that has been read.

"""

TABLES = """
## Tables of trade, duties and elasticities

These tables are recognised by their columns. Totals are never added to their parts (levels of the Harmonized System,
all modes of transport, the world, a group and its members, months and their quarter or year): they are compared with
the parts, and any difference is reported. Groups with common members (G7 and EU27) are refused. Imports are the flow M;
`--flow exports` mirrors X.

"""

TARIFFS = """
## Tariffs

`--tariffs FILE`: your own table has importer, exporter, sector or product, tariff (fractions, or "2.5%") and, if it
covers several years, year; published tables are listed above. Tariffs on flows without a row are zero, and are counted.

A row with the exporter WORLD has the most-favoured-nation rate, for partners without their own row; of several rows for
a flow the one that covers the fewest flows applies. WORLD rows do not apply to trade inside a customs union. A
concordance (product prefix, sector) assigns products to sectors: the tariff of a sector is the mean over its products
with a rate, weighted by trade if the table has it. Of a compound duty (3.3 cents/kg + 5%) the ad valorem part is read,
and the rows are counted; duties without an ad valorem part are left out and counted. Headings do not enter the mean if
the table has their finer lines. Membership of customs unions depends on the day; rates of a year are dated 1 July.
Of rows with first and last days (from, until) those in force on that day are read, or today where no year is given; the
others are counted.

## Own sales, concordances, euros

Trade without own sales (BACI) needs `--own-sales`: a CSV (country, sector, output in millions of US dollars), from
which own sales are output less exports, or zero if that is negative (the row ROW is for all countries without their own
row; the sector ALL may be used if there is only one sector); or a number, the assumed home share of spending (80%).

A concordance (`--sectors FILE`) has the columns product and sector (industry_id and sector for ITPD). Products of the
Harmonized System may be given by their first digits; the longest match applies, and products without a match are left
out and counted. `sections` means the 21 sections.

All results are in US dollars: a table in euros (EXIOBASE, FIGARO) needs `--usd-per-unit`, the year's rate.

Your own tables and gravity data sets are in millions of US dollars where they state nothing; a unit or currency in the
name of the column (`trade (thousand USD)`) or beside it (`unit`, `currency`, `UNIT_MULT`) is read. An option that a
source has no use for is refused.

## Trade elasticities

theta is minus the elasticity of trade to its price with duty. In papers with trade valued before duty (customs values),
the elasticity to the tariff is -1 - theta. `--theta` takes a number, a CSV (sector, theta; or product, sigma with a
concordance), or the name of a set, which every report cites.

"""


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |\n" for line in lines)


def _holds(layout: Layout) -> str:
    """Return the unit of its column of values or rates."""
    units = {"usd": "US dollars", "usd_k": "thousands of US dollars", "eur": "euros"}
    rates = {"percent": "percent", "fraction": "fractions", None: "as the cells say (2.5%, Free, 3.3 cents/kg + 5%)"}
    return units[layout.unit] if layout.kind == "trade" else rates[layout.rates] if layout.kind == "rates" else "sigma"


def page() -> str:
    """Return the whole page."""
    rows = [
        [f"`{s.name}`", f"{s.title}, {s.edition}", s.files, s.reads, s.repairs, s.licence, s.genuine or "none so far"]
        for s in sources().values()
    ]
    tables = [
        [
            x.title,
            {"rates": "duties"}.get(x.kind, x.kind),
            ", ".join(f"`{one}`" for one in x.commands),
            _holds(x),
            x.read or "none so far",
        ]
        for x in layouts()
    ]
    sets = [[f"`{name}`", s.citation, s.definition, s.horizon, s.numbers] for name, s in published().items()]
    return (
        HEAD
        + table(
            ["source", "edition and size", "file", "what is read", "what is mended", "licence", "genuine file read"],
            rows,
        )
        + TABLES
        + table(["layout", "of", "read by", "values or rates", "genuine file read"], tables)
        + TARIFFS
        + table(["name", "paper", "definition", "horizon", "numbers"], sets)
    )


if __name__ == "__main__":
    """Return a table in Markdown."""
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
