"""Report words to avoid, each with its line and with what to write instead. CI runs this.

python scripts/check_words.py [FILE OR FOLDER ...]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHECKED = [
    *("src", "tests", "docs", "scripts", "benchmarks", "notebooks", "page/source", "page/tests"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
]
SUFFIXES = {".py", ".md", ".j2", ".html", ".js"}

#: A pattern, and what to write instead. A name of several words (`as_said`) is found by its parts.
WORDS = {
    r"not a number|numbers that are not numbers": "NaN, or 'not numeric' where text stands for a number",
    r"taken away": "deleted, removed, subtracted",
    r"stands? twice": "is repeated, is given twice",
    r"(?<!there )(?<!here )\b(?:is|are) no (?!longer|more|less|fewer|larger|smaller|better|worse)[a-z]+": "is not",
    r"as good as": "nearly, the same as",
    r"(?<![a-z])(?:said|told|asked)(?![a-z])": "stated, reported, given, requested; or a noun: message, request",
    r"\bwhat of\b": "the part of ... that",
    r"\bamiss\b": "wrong",
    r"\bhangs? (?:up)?on\b": "depends on",
    r"\bspeaks? of\b": "covers, mentions, describes",
    r"\bthe house(?:'s)?\b": "the package, the project",
    r"\bby all means\b": "try every method",
    r"\bnext to no(?:ne|thing)?\b": "almost no",
    r"\bwhat is no\b": "what is not a",
    r"\bgoes before\b|\bgo before\b": "comes first, precedes",
    r"\bof the test's own\b": "for this test only",
    r"\bnearly all is not all\b": "say what is left out",
}
PATTERNS = {re.compile(pattern, re.IGNORECASE): instead for pattern, instead in WORDS.items()}
#: A line that must quote such a word ends with this.
QUOTED = "words: quoted"


def files(paths: list[Path]) -> Iterator[Path]:
    """Yield every file to check, in order, except this one, which lists the words."""
    for path in paths:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (f for f in found if f.suffix in SUFFIXES and f.resolve() != Path(__file__).resolve())


def faults(path: Path) -> Iterator[str]:
    """Yield a message for each word to avoid in a file."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if QUOTED in line:
            continue
        for pattern, instead in PATTERNS.items():
            for found in pattern.finditer(line):
                yield f"{path}:{number}: {found[0]!r}: write {instead}"


def main(arguments: list[str]) -> int:
    """Print the messages; return 1 if there are any."""
    paths = [Path(argument) for argument in arguments] or [ROOT / name for name in CHECKED]
    found = [fault for path in files(paths) for fault in faults(path)]
    print("\n".join(found) if found else "words: nothing found")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
