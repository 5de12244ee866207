"""Make the bundled table of the United States' tariff lines: rates, statistical lines, and the lists that name them.

    python scripts/build_us_tariff.py --schedule usitc_hts_2025.csv --chapter99 chapter99.txt --notice 2025-15819.txt \
        --china china_tariffs_2020.txt --lists us_tariffs --edition "2025 (basic edition)"

Works of the US Government:
SCHEDULE   the whole Harmonized Tariff Schedule as hts.usitc.gov exports it (CSV)
CHAPTER99  the text of its chapter 99 (`pdftotext -layout`; used: revision 6 of 2026)
NOTICE     the text of 90 FR 40326 (document 2025-15819), which put derivative articles of steel and aluminium on lists
CHINA      the text of the USITC's table "China Tariffs" of 1 January 2020 (code, heading): the list of Section 301 on
           which each line stood before the four-year review
LISTS is a folder with the lists that are not taken from these texts, one CSV a list (names below), each transcribed
from the official text that us-2026.yaml cites (used: the Budget Lab at Yale's tariff-rate-tracker, MIT licence). What
is written is none of these files but one row for each line of eight digits: its rates, and by the number of its chapter
99 heading every list that names it.
"""

from __future__ import annotations

import argparse
import csv
import lzma
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

#: Lists that the US notes state by heading: subdivisions (c)(i) and (iii) of note 16, (b) of note 33, note 38, note 37.
BY_PREFIX = {
    "aluminium": "7601 7604 7605 7606 7607 7608 7609 7616995160 7616995170",
    "steel": "7206 7207 7208 7209 7210 7211 7212 7213 7214 7215 72161000 72162100 72162200 72163100 72163200 72163300 "
    "72164000 72165000 72169900 7217 7218 7219 7220 7221 7222 7223 7224 7225 7226 7227 7228 7229 73011000 730210 "
    "73024000 730290 7304 7305 7306",
    "9903.94.01": "87032201 87032301 87032401 87033101 87033201 87033301 87034000 87035000 87036000 87037000 87038000 "
    "87039001 87042101 87043101 87044100 87045100 87046000",
    "9903.74.01": "87012100 87012200 87012300 87012400 87012900 87041010 87041050 87042211 87042251 87042301 87043201 "
    "87044200 87044300 87045200 87046000 87049001 87054000 8705900080 87060003 8706000520 8706000575 87060025 87060050 "
    "87091100 87091900",
    "9903.74.02": "8702",
    "9903.76.01": "44031100 44032101 44032201 44032301 44032401 44032501 44032601 44039901 44061100 44069100 44071100 "
    "44071200 44071300 44071400 44071900",
    "9903.76.02": "9401614011 9401614031 9401616011 9401616031",
    "9903.76.03": "9403409060 9403608093 9403910080",
    # Subdivisions (l), (m) and (n) of note 16 as they stood from 12 March 2025 (90 FR 11249; CSMS 64348411), and what
    # 90 FR 25208 added on 23 June 2025.
    "steel-derivative-2025-03-12": "730120 73023000 730721 730722 73072300 73072900 730791 730792 730793 730799 7308 "
    "7309 7310 7311 7312 7313 7314 7315 7316 7317 7318 7319 7320 7321 73221900 73229000 73231000 73239300 73239400 "
    "732399 73241000 73242900 73249000 73259100 732599 7326 84313100 84314200 843149 84321000 84329000 85479000 "
    "94032000 940599 94062000 94069001",
    "steel-derivative-2025-06-23": "84181000 84183000 84184000 84221100 84501100 84502000 84512100 84512900 85098020 "
    "85166040 9403999020",
    # Note 31 as the notices of the four-year review wrote it (89 FR 76581, annexes A and C; 89 FR 101682): what its
    # compiler has deleted since, and lists by statistical line.
    "9903.91.01": "6307909842 6307909844 6307909850 6307909875 8507600010",
    "9903.91.04": "6307909870",
    "9903.91.07": "6307909842 6307909844 6307909850 6307909870 6307909875",
    "9903.91.10": "9018310080",
}
#: When goods of today's list of heading 9903.01.32 came to it, and what left it. On the day of Executive Order 14257:
#: all others.
EXEMPT_SINCE = {
    # Memorandum of 11 April 2025, back to 5 April (CSMS 64724565). Its codes of 8541 and 8542 stood on the list before.
    "annex-ii-2025-04-11": "8471 847330 8486 85171300 85176200 85235100 8524 85285200",
    # Executive Order 14346, from 8 September 2025 (CSMS 66151866).
    "annex-ii-2025-09-08": "25041010 26040000 26090000 26122000 26139000 28254000 28332400 29035110 29242901 29242903 "
    "29242923 29242926 29242928 29242933 29242957 29242980 29269050 29332905 29332960 47031100 47032100 47032900 "
    "71081100 71081250 71081310 71081355 71081370 71082000 71159005 71159030 72026000 75011000 75021000 75022000 "
    "75030000 75040000 79039030 8505110070 85414100",
    # Executive Order 14360, from 13 November 2025 (CSMS 66814923): 237 lines.
    "annex-ii-2025-11-13": "01 02 03 04 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 3101 3102 3103 "
    "31053000 31054000 31055100 31055900 31059000",
}
#: Lines of the four-year review under the numbers of 2020 (HS 2017), from which HS 2022 made others.
BEFORE_2022 = {
    "40151210": "40151905",
    "85414200": "85414060",
    "85414300": "85414060",
    "85414910": "85414070",
    "85414970": "85414080",
    "85414980": "85414095",
    "85414995": "85414095",
    "85415100": "85415000",
    "85415900": "85415000",
}
EXEMPT_UNTIL = {
    "annex-ii-until-2025-09-08": "28183000 38249993 39072900 39073000 39076100 39076900 39079950 39100000",
}
#: Lists of chapter 99: the pattern at which each begins, that at which it ends, and its name.
IN_TEXT = (
    (r"\(a\) As provided for in heading 9903\.01\.32", r"\(b\) As provided in heading 9903\.02\.78", "9903.01.32"),
    (r"\(ii\) As provided in heading 9903\.03\.03", r"\(iii\) As provided in heading 9903\.03\.04", "9903.03.03"),
    (r"\(iv\) As provided in heading 9903\.03\.05", r"\(v\) As provided in heading 9903\.03\.06", "9903.03.05"),
    (r"\(vi\) Derivative aluminum articles", r"\(vii\) Derivative steel articles", "annex-1b-aluminium"),
    (r"\(vii\) Derivative steel articles", r"\(viii\) Articles of copper", "annex-1b-steel"),
    (r"\(viii\) Articles of copper", r"\(ix\) Derivative aluminum", "annex-1b-copper"),
    (r"\(ix\) Derivative aluminum", r"\(x\) Derivative steel", "annex-3-aluminium"),
    (r"\(x\) Derivative steel", r"\(d\) Headings 9903\.82\.04", "annex-3-steel"),
    (r"\(g\) Subject to a manufacturer", r"\(h\) Heading 9903\.94\.06", "9903.94.05"),
    (r"\(i\) The rates? of duty set forth in heading 9903\.74\.08", r"\(j\) Heading 9903\.74\.09", "9903.74.08"),
)
_CODE = re.compile(r"(?<![\d.])\d{4}(?:\.\d{2}(?:\.\d{2}(?:\d{2})?|\.\d{4})?)?(?![\d.])")
#: Beer and empty cans of aluminium, derivative articles since 4 April 2025 (90 FR 14786).
APRIL = ("22030000", "76129010")
#: Lists that were never in force: list 4B of Section 301, suspended before its first day.
NEVER = ("9903.88.16",)
#: Numbers in the running head of the text, which are not codes.
YEARS = ("2025", "2026")
#: The longest description that is kept.
WIDTH = 90


def digits(text: str) -> str:
    """Return the digits of a code."""
    return re.sub(r"\D", "", text)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file without the lines that begin with #."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))


class Lines:
    """The lines of eight digits of a schedule and the statistical lines under each."""

    def __init__(self, schedule: Path) -> None:
        self.rates: dict[str, list[str]] = {}
        self.suffixes: dict[str, list[str]] = defaultdict(list)
        self.heading = ""
        parents: list[tuple[int, str]] = []
        for row in rows(schedule):
            code, indent = digits(row["HTS Number"]), int(row["Indent"] or 0)
            parents = [p for p in parents if p[0] < indent]
            text = re.sub(r"<[^>]*>", "", row["Description"]).strip(" :")
            if code[:2] in ("98", "99"):
                continue
            if len(code) in (8, 10) and (row["General Rate of Duty"].strip() or len(code) == 8):
                where = [p[1] for p in parents if p[1]]
                self.rates[code[:8]] = [
                    " ".join(row["General Rate of Duty"].split()),
                    re.sub(r",\s+", ",", " ".join(row["Special Rate of Duty"].split())),
                    " ".join(row["Column 2 Rate of Duty"].split()),
                    self._short(where, text),
                ]
            if len(code) == 10:
                self.suffixes[code[:8]].append(code[8:])
            parents.append((indent, text))
        self.codes = [c + s for c in self.rates for s in (self.suffixes.get(c) or ["00"])]

    @staticmethod
    def _short(where: list[str], text: str) -> str:
        """Return a description that can stand alone: an Other takes the words of its heading before it."""
        first = where[0] if where else ""
        whole = (
            f"{first}: {text}"
            if first and (len(text) < 30 or text.lower().startswith(("other", "of ", "described in ")))
            else text
        )
        return whole if len(whole) <= WIDTH else whole[: WIDTH - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + " ..."


class Lists:
    """The lists that name each line, whole or by statistical lines."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.named: dict[str, dict[str, set[str] | None]] = defaultdict(dict)
        self.lost: dict[str, int] = defaultdict(int)
        self._under: dict[str, list[str]] = defaultdict(list)
        for code in lines.rates:
            for n in (2, 4, 6, 8):
                self._under[code[:n]].append(code)

    def add(self, name: str, prefixes: Iterable[str]) -> None:
        """Put every line that a prefix covers on the list; a code of ten digits covers its statistical line alone."""
        for prefix in map(digits, prefixes):
            if prefix[:2] in ("98", "99"):
                continue
            if len(prefix) == 10:
                self._statistical(name, prefix)
                continue
            found = self._under.get(prefix, [])
            if not found:
                self.lost[name] += 1
            for code in found:
                self.named[code][name] = None

    def _statistical(self, name: str, code: str) -> None:
        line, suffix = code[:8], code[8:]
        if line not in self.lines.rates:
            self.lost[name] += 1
            return
        known = self.lines.suffixes.get(line, [])
        if suffix == "00":  # the line without its statistical lines
            self.named[line][name] = None
            return
        if suffix not in known:
            known.append(suffix)
            self.lines.suffixes[line] = known
        held = self.named[line].get(name, set())
        if held is not None:
            self.named[line][name] = held | {suffix}

    def text(self, line: str) -> str:
        """Return the lists of a line: names, and after @ the statistical lines where it is not the whole line."""
        parts = []
        for name, suffixes in sorted(self.named.get(line, {}).items()):
            every = suffixes is None or suffixes >= set(self.lines.suffixes.get(line, []))
            parts.append(name if every or suffixes is None else f"{name}@{'+'.join(sorted(suffixes))}")
        return " ".join(parts)


def fill(lists: Lists, folder: Path) -> None:
    """Read every list of the folder."""
    for name, prefixes in BY_PREFIX.items():
        lists.add(name, prefixes.split())
    for row in rows(folder / "s301_product_lists.csv"):
        if row["ch99_code"] not in (*NEVER, "9903.91.07"):  # the last is by ten digits, above
            lists.add(row["ch99_code"], [row["hts8"]])
    for row in rows(folder / "fentanyl_carveout_products.csv"):
        lists.add(row["ch99_code"], [row["hts8"]])
    for row in rows(folder / "floor_exempt_products.csv"):
        lists.add(row["ch99_code"], [row["hts8"]])
    for row in rows(folder / "country_eo_exempt_products.csv"):
        late = row["effective_date_start"] > "2025-08-06"
        lists.add("9903.01.90" if late else "9903.01.81", [row["hts10"]])
    lists.add("9903.78.01", (row["hts10"] for row in rows(folder / "s232_copper_products.csv")))
    lists.add("9903.79.01", (row["hts10"] for row in rows(folder / "s232_semi_products.csv")))
    for row in rows(folder / "s201_solar_products.csv"):
        lists.add("solar-cells" if row["hts10"].startswith("854142") else "solar-modules", [row["hts10"]])


def from_text(lists: Lists, chapter: Path) -> None:
    """Read the lists of chapter 99 that its text states as codes."""
    text = chapter.read_bytes().decode("latin-1").replace("\x0c", "").split("\n")
    for begins, ends, name in IN_TEXT:
        lists.add(name, codes(text, begins, ends))
    # Subdivisions (c)(ii), (iv) and (v) of note 16 are printed in columns that run into each other; the chapter of a
    # code says which metal it is of.
    first = codes(text, r"\(ii\) Derivative aluminum articles", r"\(vi\) Derivative aluminum articles")
    primary = {digits(code) for name in ("steel", "aluminium") for code in BY_PREFIX[name].split()}
    for code in map(digits, first):
        metal = {"76": "aluminium", "74": "copper"}.get(code[:2], "steel")
        if code not in primary:
            lists.add(f"annex-1a-{metal}", [code])
    lists.add("annex-1a-aluminium", ["7308200035"])


def derivatives(lists: Lists, chapter: Path, notice: Path) -> None:
    """Read the derivative articles of steel and aluminium of 18 August 2025 from their notice, and those before.

    Subdivisions (i), (j) and (k) of note 19 still print every article of aluminium; what the notice did not add to them
    was there from 12 March 2025.
    """
    text = " ".join(notice.read_text(encoding="utf-8").split())
    added = {}
    for letter, note in (("m", 16), ("n", 16), ("j", 19), ("k", 19)):
        found = re.search(rf"By amending subdivision \({letter}\) to note {note},(.*?)[b-h]\. By amending", text)
        if found is None:
            raise SystemExit(f"{notice}: no amendment of subdivision ({letter}) of note {note}")
        held = found[1].rpartition("in the United States: ")[2] if letter == "n" else found[1]
        added[letter] = [digits(code) for code in _CODE.findall(held)]
    lists.add("steel-derivative-2025-08-18", [*added["m"], *added["n"]])
    august = {*added["j"], *added["k"]}
    lists.add("aluminium-derivative-2025-08-18", sorted(august))
    printed = chapter.read_bytes().decode("latin-1").replace("\x0c", "").split("\n")
    begins, ends = r"\(i\) The rates of duty set forth in heading 9903\.85\.04", r"For any derivative aluminum product"
    unstopped = [re.sub(r"\.(?=\s|$)", "", line) for line in printed]  # the last code of a list ends in a full stop
    whole = {digits(code) for code in codes(unstopped, begins.replace(r"\.", "[.]"), ends) if "." in code}
    lists.add("aluminium-derivative-2025-04-04", APRIL)
    lists.add("aluminium-derivative-2025-03-12", sorted(whole - august - set(APRIL)))


def before_the_review(lists: Lists, china: Path) -> None:
    """Put the lines that the four-year review of Section 301 moved on the lists on which they stood in 2020 as well.

    The review's own rates hold from their first days; those of the older lists hold before.
    """
    old = defaultdict(list)
    for code, heading in re.findall(r"(\d{4}\.\d\d\.\d\d)\s+(9903\.88\.\d\d)", china.read_text(encoding="utf-8")):
        old[digits(code)].append(heading)
    for line, named in list(lists.named.items()):
        if any(name.startswith("9903.91.") for name in named):
            for heading in old.get(BEFORE_2022.get(line, line), []):
                if heading not in NEVER:
                    lists.add(heading, [line])


def by_day(lists: Lists) -> None:
    """Divide the list of heading 9903.01.32 by the day on which its goods came to it."""
    late = {name: prefixes.split() for name, prefixes in EXEMPT_SINCE.items()}
    for line, named in list(lists.named.items()):
        if "9903.01.32" in named:
            ours = (name for name, prefixes in late.items() if any(line.startswith(p[:8]) for p in prefixes))
            named[next(ours, "annex-ii-2025-04-05")] = named["9903.01.32"]
    for name, prefixes in EXEMPT_UNTIL.items():
        lists.add(name, prefixes.split())


def codes(text: list[str], begins: str, ends: str) -> list[str]:
    """Return the codes between two lines of a text; numbers of chapter 99 itself and years are none."""
    first = next((k for k, line in enumerate(text) if re.search(begins, line)), None)
    if first is None:
        raise SystemExit(f"chapter 99: no line has {begins}")
    last = next((k for k in range(first + 1, len(text)) if re.search(ends, text[k])), None)
    if last is None:
        raise SystemExit(f"chapter 99: no line after {begins} has {ends}")
    found = [code for line in text[first + 1 : last] for code in _CODE.findall(line)]
    return [code for code in found if not code.startswith("99") and code not in YEARS]


def shares(folder: Path) -> dict[str, str]:
    """Return the USMCA's share of imports of each line from Canada and Mexico, 2025 and February 2026, in percent."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for file, year in (("usmca_product_shares_2025.csv", "25"), ("usmca_product_shares_2026_02.csv", "26")):
        totals: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
        for row in rows(folder / file):
            weight = float(row.get("total_value") or 1) or 0.0
            key = (row["hts10"][:8], {"1220": "C", "2010": "M"}[row["cty_code"]])
            totals[key][0] += weight * float(row["usmca_share"])
            totals[key][1] += weight
        for (line, partner), (used, whole) in totals.items():
            if whole:
                found[line][f"{partner}{year}"] = f"{100 * used / whole:.0f}"
    order = ("C25", "C26", "M25", "M26")
    return {line: ",".join(values.get(key, "") for key in order) for line, values in found.items()}


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--schedule", type=Path, required=True)
    parser.add_argument("--chapter99", type=Path, required=True)
    parser.add_argument("--notice", type=Path, required=True)
    parser.add_argument("--china", type=Path, required=True)
    parser.add_argument("--lists", type=Path, required=True)
    parser.add_argument("--edition", required=True, help="of the schedule, as answers state it")
    parser.add_argument("--from", dest="since", default="2025-01-01", help="first day of the edition")
    here = Path(__file__).resolve().parents[1]
    parser.add_argument("--out", type=Path, default=here / "src/entrepot/exposures/data/us-tariff-lines.tsv.xz")
    given = parser.parse_args()
    lines = Lines(given.schedule)
    lists = Lists(lines)
    fill(lists, given.lists)
    from_text(lists, given.chapter99)
    derivatives(lists, given.chapter99, given.notice)
    before_the_review(lists, given.china)
    by_day(lists)
    used = shares(given.lists)
    head = f"# Harmonized Tariff Schedule of the United States, {given.edition}\t{given.since}"
    columns = "line\tgeneral\tspecial\tcolumn2\tstatistical\tlists\tusmca\tdescription"
    body = [
        "\t".join(
            [
                *(code, general, special, column2),
                "".join(sorted(set(lines.suffixes.get(code, [])))),
                *(lists.text(code), used.get(code, ""), text.replace("\t", " ")),
            ]
        )
        for code, (general, special, column2, text) in sorted(lines.rates.items())
    ]
    text = "\n".join([head, columns, *body]) + "\n"
    given.out.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    lost = ", ".join(f"{name} {n}" for name, n in sorted(lists.lost.items()))
    sys.stderr.write(f"{len(body):,} lines, {given.out.stat().st_size:,} bytes. Codes without a line: {lost}.\n")


if __name__ == "__main__":
    main()
