"""Measure seconds and memory of `entrepot.exposure` on generated tables: a schedule of HS10 by partner and authority.

    python benchmarks/exposure.py [--schedule ROWS] [--trade ROWS] [--format parquet|csv] [--threads 2] [--memory 3GB]

The tables are generated first, in another process. The measured process reads them from disk, computes the tables and
writes its lines and its case. Peak memory is that process's, with DuckDB's.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from solve import machine

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

#: Tariff lines of HS10, as many as the United States has, and the parts of the lines that each authority covers.
LINES = 19_000
AUTHORITIES = {"MFN": 1.0, "reciprocal": 1.0, "301": 0.25, "232 steel": 0.1, "232 autos": 0.05}


def generate(folder: Path, schedule: int, trade: int, ending: str) -> None:
    """Write a schedule and a trade table with about these numbers of rows; 1 row in 50 is a proposed rate."""
    import duckdb

    from entrepot.economy.geography import iso3_by_name

    codes = sorted({code for code in iso3_by_name().values() if len(code) == 3} - {"USA"})[:220]
    database = duckdb.connect()
    database.execute("SELECT setseed(0.5)")
    database.execute("CREATE TABLE partner AS SELECT unnest(?) AS partner", [codes])
    database.execute(
        f"""
        CREATE TABLE line AS
        SELECT k, lpad((k * 96 // {LINES} + CASE WHEN k * 96 // {LINES} >= 76 THEN 2 ELSE 1 END)::VARCHAR, 2, '0')
               || lpad((k % 97)::VARCHAR, 2, '0') || lpad((k % 89)::VARCHAR, 2, '0') || lpad(k::VARCHAR, 5, '0')[2:]
               AS product
        FROM range({LINES}) AS t(k)"""
    )
    cells = len(codes) * LINES
    wanted = sum(AUTHORITIES.values()) * cells
    keep = min(1.0, schedule / wanted)
    rows = " UNION ALL ".join(
        f"SELECT 'USA' AS importer, partner, product, '{name}' AS authority, 'applied' AS kind, "
        f"round(random() * 0.3, 3) AS rate FROM line, partner WHERE k < {share * LINES} AND random() < {keep}"
        for name, share in AUTHORITIES.items()
    )
    extra = (
        "SELECT 'USA', 'ALL', product, 'MFN', 'bound', round(random() * 0.3, 3) FROM line UNION ALL "
        "SELECT 'USA', partner, product, 'reciprocal', 'proposed', round(random() * 0.3, 3) FROM line, partner WHERE "
        "random() < 0.02"
    )
    how = "(FORMAT parquet)" if ending == "parquet" else "(FORMAT csv, HEADER)"
    database.execute(f"COPY ({rows} UNION ALL {extra}) TO '{folder}/schedule.{ending}' {how}")
    database.execute(
        f"COPY (SELECT 'USA' AS importer, partner, product, round(random() * 1e6, 0) AS value FROM line, partner, "
        f"range({max(1, -(-trade // cells))}) WHERE random() < {trade / cells / max(1, -(-trade // cells))}) "
        f"TO '{folder}/trade.{ending}' {how}"
    )


def measure(folder: Path, ending: str, threads: int, memory: str) -> None:
    """Print rows, seconds and peak memory of one comparison of the generated tables."""
    import entrepot as ep

    began = time.perf_counter()
    found = ep.exposures.exposure(
        folder / f"trade.{ending}",
        folder / f"schedule.{ending}",
        lines=folder / "lines.parquet",
        threads=threads,
        memory=memory,
    )
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    found.to_case(folder / "case.yaml")
    rows = [len(found.by_partner), len(found.by_sector), len(found.by_partner_sector)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(repr(found).splitlines()[0])
    print(
        f"{found.rows[1]:,} rows of schedule and {found.rows[0]:,} of trade ({ending}), "
        f"{found.totals['lines']:,.0f} lines, {len(found.authorities)} authorities: {seconds:.1f} s "
        f"({used.ru_utime + used.ru_stime:.0f} s of processor time), peak {peak:,.0f} MB, {threads} threads, "
        f"DuckDB limited to {memory}; tables of {rows} rows",
        flush=True,
    )


def main() -> None:
    """Generate the tables in one process and measure in another."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedule", type=int, default=10_000_000)
    parser.add_argument("--trade", type=int, default=2_000_000)
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="3GB")
    parser.add_argument("--generate", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.generate:
        generate(options.generate, options.schedule, options.trade, options.format)
    elif options.measure:
        measure(options.measure, options.format, options.threads, options.memory)
    else:
        print(machine().replace(" (one used)", ""), flush=True)
        with tempfile.TemporaryDirectory(prefix="entrepot-benchmark-") as folder:
            for step in ("--generate", "--measure"):
                subprocess.run([sys.executable, __file__, step, folder, *sys.argv[1:]], check=True)


if __name__ == "__main__":
    main()
