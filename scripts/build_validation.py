"""Write docs/validation.md: every published result that is computed again, ours beside it.

    python scripts/build_validation.py --data DIR            (DIR holds cp2015/ and gegravity_sample/)
    python scripts/build_validation.py --data DIR --check    (compares instead; exits with 1 where they differ)

Needs the packages gegravity and pyfixest.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from entrepot.documents import read_text, write_text
from entrepot.errors import EntrepotError
from entrepot.replications import Replication, replicate, replications

TARGET = Path(__file__).resolve().parents[1] / "docs" / "validation.md"
FOLDERS = {
    "cp2015": "cp2015",
    "gegravity": "gegravity_sample",
    "gains-from-trade": "gegravity_sample",
    "gravity": "gegravity_sample",
}
HEAD = """# Validation: published results, computed again

Every number under "ours" was computed by `entrepot replicate NAME`; those under "published" are quoted. Where the
column is called otherwise, it is the published equations solved by another method in the same run. A number counts when
the difference is within the tolerance. This page is written by `scripts/build_validation.py` and is not edited by hand.
"""


def section(replication: Replication) -> str:
    """Return one replication as Markdown; numbers and differences are printed to a tenth of the tolerance."""
    needs = replications()[replication.name][1]
    lines = [
        f"## {replication.title}",
        "",
        f"{replication.citation}.",
        "",
        f"`entrepot replicate {replication.name}`. Data: {needs}.",
        "",
        f"**{replication.verdict}**",
        "",
        f"| | where | {replication.against} | ours | difference | tolerance | source |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for row, same in zip(replication.table.itertuples(index=False), replication.reproduced, strict=True):
        decimals = int(np.clip(np.ceil(-np.log10(row.tolerance)) + 1, 0, 12))
        numbers = " | ".join(
            f"{x + 0.0:.{decimals}f}" for x in (row.published, row.ours, round(row.difference, decimals))
        )
        mark = "" if same else "**!** "
        lines.append(f"| {mark}{row.what} | {row.where} | {numbers} | {row.tolerance:g} | {row.source} |")
    return "\n".join([*lines, "", *(f"- {note}" for note in replication.notes), ""])


def document(data: Path) -> str:
    """Return the whole page, with every replication computed."""
    found = [replicate(name, data / FOLDERS[name]) for name in replications()]
    return "\n".join([HEAD, *(section(r) for r in found)])


def differences(old: str, new: str) -> list[str]:
    """Return the lines of two versions of the page that differ by more than a unit of the last digit."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) != len(after):
        return [f"{len(before)} lines, now {len(after)}"]
    return [
        f"line {number}: {a!r}, now {b!r}"
        for number, (a, b) in enumerate(zip(before, after, strict=True), 1)
        if not same_line(a, b)
    ]


def same_line(a: str, b: str) -> bool:
    """Return whether two lines are the same up to a unit of the last digit printed."""
    cells = [line.split("|") for line in (a, b)]
    return len(cells[0]) == len(cells[1]) and all(same_cell(x.strip(), y.strip()) for x, y in zip(*cells, strict=True))


def same_cell(a: str, b: str) -> bool:
    """Return whether two cells are the same up to a unit of the last digit printed."""
    if a == b:
        return True
    try:
        x, y = float(a), float(b)
    except ValueError:
        return False
    unit = 10.0 ** -len(a.partition(".")[2])
    return abs(x - y) <= 1.001 * unit


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with cp2015/ and gegravity_sample/")
    parser.add_argument("--check", action="store_true", help="compare with the page that is there")
    parser.add_argument("--out", type=Path, default=TARGET, help="the page (docs/validation.md)")
    arguments = parser.parse_args()
    try:
        text = document(arguments.data)
        if not arguments.check:
            print(f"written: {write_text(arguments.out, text)}")
            return 0
        found = differences(read_text(arguments.out), text)
    except EntrepotError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(found) if found else f"{arguments.out} is as computed", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
