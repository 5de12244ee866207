"""Write docs/sources.md from the catalogue of sources and the published elasticities.

python scripts/build_sources_page.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from entrepot.data.elasticities import published
from entrepot.data.layouts import Layout, layouts
from entrepot.data.sources import sources

PAGE = Path(__file__).resolve().parents[1] / "docs" / "sources.md"

HEAD = """\
# Sources

`entrepot economy import SOURCE PATH --theta T [--year Y] [--tariffs F] -o world.ep` reads a public database that you
have downloaded under its own terms, says what it found, mended and left out, and saves an Economy. In Python:
`ep.import_economy(SOURCE, PATH, theta=..., ...)`, or `ep.Economy.from_mrio(io, theta=...)` for any `pymrio.IOSystem`.
`pip install '.[sources]'` adds the readers. `entrepot economy fetch icio|wiod|baci --year Y` downloads on a connected
machine.

`entrepot economy import --what FILE` says what a file looks like and which command reads it.

Any table may be text (CSV, TSV, .dat; any of the usual encodings; commas or points before decimals), an Excel workbook,
Parquet, Stata, a data frame of R, JSON, the table of a web page, of a DuckDB database or of a DuckDB query, in a zip or
not. One of several tables in a file is FILE#NAME (a sheet, a data frame, a list in JSON, a member of a zip).

This page is made by `scripts/build_sources_page.py` from the catalogue in the code. The layouts are tested on small
files that the tests write in them; the last column says which genuine file of the publisher's has been read.

"""

TABLES = """
## Tables of trade, duties and elasticities

Recognised by their columns, wherever such a table is taken. Totals are never added to their parts (levels of the
Harmonized System, all modes of transport, the world, a group beside its members, months beside their quarter or year):
they are held against them, and what they differ by is said; groups that have some members in common (G7 and EU27) are
refused. Imports are the flow M; `--flow exports` takes the mirror of X.

"""

TARIFFS = """
## Tariffs

`--tariffs FILE`: a table of one's own has importer, exporter, sector or product, tariff (fractions, or "2.5%") and,
where there are several, year; the published ones are above. Flows without a row are zero, and counted.

A row whose exporter is WORLD is the most favoured nation's, for partners without their own; of several rows for a flow
the one that covers the fewest flows holds. WORLD rows do not reach trade inside a customs union. Products go to sectors
by a concordance (product prefix, sector): the mean of those that have a rate, weighted by trade where the table has it.
Of a compound duty (3.3 cents/kg + 5%) the ad valorem part is read, and the rows are counted; duties without one are
left out and counted. Headings whose finer lines are in the table too do not count in the mean. Unions go by day; rates
of a year are taken on 1 July of it.

## Own sales, concordances, euros

Trade without own sales (BACI) needs `--own-sales`: a CSV (country, sector, output in millions of US dollars), from
which own sales are output less exports, not below zero (a row for the country ROW gathers those without a row, one for
the sector ALL serves where there is one sector); or a number, the home share of spending that you assume everywhere.

A concordance (`--sectors FILE`) has the columns product and sector (industry_id and sector for ITPD). Products of the
Harmonized System may be given by their first digits; the longest that fits holds, and what fits none is left out and
counted. `sections` stands for the 21 sections.

Everything is reported in US dollars: a table in euros (EXIOBASE, FIGARO) needs `--usd-per-unit`, the year's rate.

## Trade elasticities

theta is minus the elasticity of trade to its price with duty. Where a paper has trade valued before duty (customs
values), its elasticity to the tariff is minus one minus theta. `--theta` takes
a number, a CSV (sector, theta; or product, sigma with a concordance), or a set by name. The name is cited in every
report.

"""


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |\n" for line in lines)


def _holds(layout: Layout) -> str:
    """What one in its column of values or rates is."""
    units = {"usd": "US dollars", "usd_k": "thousands of US dollars", "eur": "euros"}
    rates = {"percent": "percent", "fraction": "fractions", None: "as the cells say (2.5%, Free, 3.3 cents/kg + 5%)"}
    return units[layout.unit] if layout.kind == "trade" else rates[layout.rates] if layout.kind == "rates" else "sigma"


def page() -> str:
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
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
