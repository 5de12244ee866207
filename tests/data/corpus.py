"""Tables as people bring them: a small table with a known right answer, written in hundreds of ways.

A recipe chooses one way for each trait (separator, encoding, format of the file, how numbers, places and codes are
written, which totals stand among the rows, what else is in the file). Recipes are chosen so that every two ways of two
traits meet in one of them. The same recipe always makes the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

Recipe = Mapping[str, str]
Rows = list[dict[str, Any]]

# ---- traits ----

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
TEXT_FORMATS = ("csv", "csv.gz", "zip", "txt")
TRAITS: dict[str, tuple[str, ...]] = {
    "separator": tuple(SEPARATORS),
    "encoding": ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1", "stray"),
    "format": (*TEXT_FORMATS, "xlsx", "parquet", "dta", "json", "rda"),
    "numbers": ("native", "plain", "en", "de", "fr", "narrow", "ch", "typographic", "dollar", "behind", "scientific"),
    "names": (
        *("iso2", "eurostat", "iso3", "small letters", "m49", "bare m49", "comtrade numbers", "obsolete", "census"),
        *("comtrade", "wits", "world bank", "padded", "capitals"),
    ),
    "codes": ("plain", "zeros lost", "points", "float", "named", "apostrophe"),
    "totals": (
        *("none", "world", "levels", "all goods", "group", "modes", "flows", "quarters", "months", "own country"),
        *("second partner", "quarter column", "income groups"),
    ),
    "extra": (
        *("none", "titles", "footnotes", "trailing separator", "separator in the header", "blank rows", "quoted"),
        *("returns and feeds", "returns alone", "title over two lines", "other columns", "columns turned round"),
    ),
}

#: alpha-3; alpha-2; Eurostat's letters; M49; UN Comtrade's number; US Census Bureau; an obsolete code; names as UN
#: Comtrade, WITS and the World Bank write them.
_PLACES = """
USA US US 840 842 1000 USA|USA|United States|United States
JPN JP JP 392 392 5880 JPN|Japan|Japan|Japan
DEU DE DE 276 276 4280 DEU|Germany|Germany|Germany
FRA FR FR 250 251 4279 FRA|France|France|France
GRC GR EL 300 300 4840 GRC|Greece|Greece|Greece
GBR GB UK 826 826 4120 GBR|United Kingdom|United Kingdom|United Kingdom
KOR KR KR 410 410 5800 KOR|Rep. of Korea|Korea, Rep.|Korea, Rep.
PRK KP KP 408 408 5790 PRK|Dem. People's Rep. of Korea|Korea, Dem. Rep.|Korea, Dem. People's Rep.
COD CD CD 180 180 7660 ZAR|Dem. Rep. of the Congo|Congo, Dem. Rep.|Congo, Dem. Rep.
COG CG CG 178 178 7630 COG|Congo|Congo, Rep.|Congo, Rep.
CIV CI CI 384 384 7480 CIV|Côte d'Ivoire|Cote d'Ivoire|Cote d'Ivoire
TUR TR TR 792 792 4890 TUR|Türkiye|Turkey|Turkiye
ROU RO RO 642 642 4850 ROM|Romania|Romania|Romania
TLS TL TL 626 626 5601 TMP|Timor-Leste|East Timor|Timor-Leste
SRB RS RS 688 688 4801 SER|Serbia|Serbia, FR(Serbia/Montenegro)|Serbia
SDN SD SD 729 729 7321 SUD|Sudan|Sudan|Sudan
NAM NA NA 516 516 7920 NAM|Namibia|Namibia|Namibia
ALB AL AL 8 8 4810 ALB|Albania|Albania|Albania
CHE CH CH 756 757 4419 CHE|Switzerland|Switzerland|Switzerland
NOR NO NO 578 579 4039 NOR|Norway|Norway|Norway
IND IN IN 356 699 5330 IND|India|India|India
TWN TW TW 158 490 5830 TWN|Other Asia, nes|Taiwan, China|Taiwan, China
ECU EC EC 218 218 3310 ECU|Ecuador|Ecuador|Ecuador
LAO LA LA 418 418 5530 LAO|Lao People's Dem. Rep.|Lao PDR|Lao PDR
BHS BS BS 44 44 2360 BHS|Bahamas|Bahamas, The|Bahamas, The
VNM VN VN 704 704 5520 VNM|Viet Nam|Vietnam|Viet Nam
HKG HK HK 344 344 5820 HKG|China, Hong Kong SAR|Hong Kong, China|Hong Kong SAR, China
BOL BO BO 68 68 3350 BOL|Bolivia (Plurinational State of)|Bolivia|Bolivia
KNA KN KN 659 659 2483 KNA|Saint Kitts and Nevis|St. Kitts and Nevis|St. Kitts and Nevis
CZE CZ CZ 203 203 4351 CZE|Czechia|Czech Republic|Czechia
"""
_STYLES = ("iso2", "eurostat", "m49", "comtrade numbers", "census", "obsolete", "comtrade", "wits", "world bank")


def _spellings() -> dict[str, dict[str, str]]:
    """By alpha-3 code and style, how a place is written."""
    found = {}
    for line in _PLACES.strip().splitlines():
        code, *words = line.split(maxsplit=6)
        obsolete, *names = words[5].split("|")
        found[code] = dict(zip(_STYLES, [*words[:5], obsolete, *names], strict=True))
    return found


SPELLINGS = _spellings()
#: Totals of places by style; any other style writes the first.
_SPECIAL = {
    "WORLD": {"": "World", "iso3": "W00", "m49": "000", "bare m49": "0", "comtrade numbers": "0", "world bank": "WLD"},
    "EU": {"": "European Union", "iso3": "EUN", "m49": "918", "comtrade numbers": "97", "eurostat": "EU27_2020"},
    "HIGH": {"": "High income", "world bank": "HIC"},
}


def spelt(place: str, style: str) -> str:
    """A place as a table in this style writes it."""
    special = _SPECIAL.get(place)
    if special is not None:
        return special.get(style, special[""])
    if style in ("m49", "comtrade numbers"):
        return SPELLINGS[place][style].zfill(3)
    changed: dict[str, Callable[[], str]] = {
        "iso3": lambda: place,
        "small letters": place.lower,
        "bare m49": lambda: SPELLINGS[place]["m49"],
        "padded": lambda: f" {SPELLINGS[place]['comtrade']}  \u00a0",
        "capitals": lambda: SPELLINGS[place]["world bank"].upper(),
    }
    return changed[style]() if style in changed else SPELLINGS[place][style]


# ---- recipes ----


def recipes(traits: Mapping[str, Sequence[str]], number: int, seed: int = 1) -> list[Recipe]:
    """At least `number` recipes in which every two ways of two traits meet."""
    rng = random.Random(seed)
    missing = dict.fromkeys(
        frozenset({(one, x), (other, y)})
        for one, other in itertools.combinations(traits, 2)
        for x in traits[one]
        for y in traits[other]
    )
    found: list[Recipe] = []
    while missing:
        first = dict(next(iter(missing)))
        tried = [{trait: first.get(trait) or rng.choice(ways) for trait, ways in traits.items()} for _ in range(25)]
        best = max(tried, key=lambda recipe: sum(pair in missing for pair in _pairs(recipe)))
        for pair in _pairs(best):
            missing.pop(pair, None)
        found.append(best)
    while len(found) < number:
        found.append({trait: rng.choice(ways) for trait, ways in traits.items()})
    return found


def _pairs(recipe: Recipe) -> Iterator[frozenset[tuple[str, str]]]:
    return (frozenset(pair) for pair in itertools.combinations(recipe.items(), 2))


def each_way(recipes: Sequence[Recipe], times: int = 2) -> list[Recipe]:
    """Recipes in which every way of every trait is there `times` times, or as often as in all of them."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for recipe in recipes:
        if any(seen[way] < times for way in recipe.items()):
            seen.update(recipe.items())
            found.append(recipe)
    return found


def label(recipe: Recipe) -> str:
    return "-".join(recipe.values()).replace(" ", "_")


# ---- numbers ----


def written(number: float, style: str, decimals: int = 2) -> Any:
    """An amount as a table in this style writes it."""
    if style == "native":
        return number
    if style == "scientific":
        return f"{number:.9E}"
    if style == "plain":
        return f"{number:.{decimals}f}"
    text = f"{number:,.{decimals}f}"
    signs = {
        "en": ",.",
        "de": ".,",
        "fr": "\u00a0,",
        "narrow": "\u202f,",
        "ch": "'.",
        "typographic": "\u2019.",
        "dollar": ",.",
        "behind": ".,",
    }
    thousands, decimal = signs[style]
    text = text.translate(str.maketrans({",": thousands, ".": decimal}))
    return {"dollar": f"${text}", "behind": f"{text} US$"}.get(style, text)


def possible_style(recipe: Recipe) -> str:
    """The recipe's style of numbers, or the nearest one that its format and its encoding have the signs for."""
    style = recipe["numbers"]
    if style == "native" and recipe["format"] in TEXT_FORMATS:
        return "plain"
    nearest = {"cp1252": {"narrow": "fr"}, "latin-1": {"narrow": "fr", "typographic": "ch"}}
    return nearest.get(recipe["encoding"], {}).get(style, style)


# ---- a table of trade ----

UNION = ("DEU", "FRA", "GRC", "ROU", "CZE")
PRODUCTS = ("010121", "850110", "870323")
REMARK = "Zürich, Malmö"


def trade(recipe: Recipe) -> tuple[Rows, dict[tuple[str, str], float]]:
    """Rows of a table of trade in this recipe, not written yet, and the right total by importer and partner (US$)."""
    rng = random.Random(label(recipe))
    others = [code for code in SPELLINGS if code not in ("USA", *UNION)]
    second, *picked = rng.sample(others, 4)
    rows: Rows = [
        {
            "importer": importer,
            "partner": partner,
            "product": product,
            "value": rng.choice((1e3, 1e5, 1e7)) * rng.randint(1, 9) + rng.randint(0, 999) + 0.25,
        }
        for importer in ("USA", second)
        for partner in (*UNION, *picked)
        for product in PRODUCTS
    ]
    right: dict[tuple[str, str], float] = {}
    for row in rows:
        pair = row["importer"], row["partner"]
        right[pair] = right.get(pair, 0.0) + row["value"]
    return _with_totals(rows, recipe["totals"]), right


def _sums(rows: Rows, **changed: Any) -> Rows:
    """Rows with these cells in place of their own, those that are then alike added up."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        new = row | {column: change(row[column]) if callable(change) else change for column, change in changed.items()}
        key = tuple(value for column, value in new.items() if column != "value")
        if key in found:
            found[key]["value"] += new["value"]
        else:
            found[key] = new
    return list(found.values())


def _split(rows: Rows, column: str, parts: Sequence[str], whole: str | None) -> Rows:
    """Rows broken down by a column, and before them (whole) the rows for all of it."""
    share = {part: (k + 1) * 2 / (len(parts) * (len(parts) + 1)) for k, part in enumerate(parts)}
    broken = [row | {column: part, "value": row["value"] * share[part]} for row in rows for part in parts]
    return [*([] if whole is None else [row | {column: whole} for row in rows]), *broken]


def _with_totals(rows: Rows, totals: str) -> Rows:
    if totals == "world":
        return [*_sums(rows, partner="WORLD"), *rows]
    if totals == "levels":
        return [
            *_sums(rows, product=lambda code: code[:2]),
            *rows,
            *_sums(rows, product=lambda code: code[:4]),
        ]
    if totals == "all goods":
        return [*_sums(rows, product="TOTAL"), *rows]
    if totals == "group":
        return [*rows, *_sums([row for row in rows if row["partner"] in UNION], partner="EU")]
    if totals == "income groups":
        return [*rows, *_sums(rows, partner="HIGH")]
    if totals == "modes":
        return _split(rows, "mode", ("sea", "air", "road"), "Total")
    if totals == "flows":
        more = {"M": 1.0, "X": 0.5, "RX": 0.25, "RM": 0.125, "DX": 0.25}
        return [row | {"flow": flow, "value": row["value"] * part} for row in rows for flow, part in more.items()]
    if totals == "quarters":
        return _split(rows, "period", [f"2024Q{k}" for k in range(1, 5)], "2024")
    if totals == "months":
        quarters = _split(rows, "period", [f"2024Q{k}" for k in range(1, 5)], None)
        months = _split([row for row in quarters if row["period"] == "2024Q1"], "period", ["202401", "202403"], None)
        return [*months, *quarters]
    if totals == "own country":
        return [*rows, *({**row, "partner": row["importer"]} for row in rows[::3])]
    if totals == "second partner":
        return _split(rows, "partner2", ("NLD", "BEL"), "World")
    if totals == "quarter column":
        return [row | {"year": "2024"} for row in _split(rows, "quarter", ("1", "2", "3", "4"), "")]
    return rows


def spelt_code(code: str, style: str) -> str:
    """A code of the Harmonized System as a table in this style writes it."""
    if not code.isdigit():
        return code
    changed = {
        "zeros lost": code.lstrip("0"),
        "points": f"{code[:4]}.{code[4:]}" if len(code) > 4 else code,
        "float": f"{code.lstrip('0')}.0",
        "named": f"{code} goods of this kind",
        "apostrophe": f"'{code}",
    }
    return changed.get(style, code)


def trade_table(recipe: Recipe) -> tuple[list[str], list[list[Any]], dict[tuple[str, str], float]]:
    """Names of columns, cells as written, and the right total by importer and partner (US$)."""
    rows, right = trade(recipe)
    numbers = possible_style(recipe)
    names = [name for name in rows[0] if name != "value"] + ["value", "remark"]
    for row in rows:
        row["importer"], row["partner"] = (spelt(row[side], recipe["names"]) for side in ("importer", "partner"))
        row["product"] = spelt_code(row["product"], recipe["codes"])
        row["value"] = written(row["value"], numbers, 4)
        row["remark"] = REMARK
    if recipe["extra"] == "other columns":
        names = ["id", *names, "unit of value"]
        rows = [{**row, "id": str(k), "unit of value": "US dollars"} for k, row in enumerate(rows)]
    if recipe["extra"] == "columns turned round":
        names = names[::-1]
    return names, [[row[name] for name in names] for row in rows], right


# ---- files ----


def write(path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]], recipe: Recipe) -> None:
    """The table as a file in the recipe's format."""
    kind = recipe["format"]
    if kind in TEXT_FORMATS:
        data = _text(names, rows, recipe)
        if kind == "csv.gz":
            data = gzip.compress(data, 1)
        if kind == "zip":
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("table.csv", data)
            data = packed.getvalue()
        path.write_bytes(data)
    elif kind == "xlsx":
        _workbook(path, names, rows, recipe.get("extra", "none"))
    elif kind == "json":
        records = [dict(zip(names, row, strict=True)) for row in rows]
        path.write_text(json.dumps({"data": records}, ensure_ascii=False), encoding="utf-8")
    else:
        frame = pd.DataFrame([list(row) for row in rows], columns=list(names))
        if kind == "parquet":
            frame.to_parquet(path)
        elif kind == "dta":
            frame.columns = pd.Index([name.replace(" ", "_") for name in names])
            frame.to_stata(path, write_index=False, version=118)
        else:
            _of_r(path, frame)


def _of_r(path: Path, frame: pd.DataFrame) -> None:
    import rdata

    texts = frame.select_dtypes(exclude="number").columns
    rdata.write_rda(path, {"table": frame.astype(dict.fromkeys(texts, object)).set_axis(range(1, len(frame) + 1))})


def _workbook(path: Path, names: Sequence[str], rows: Sequence[Sequence[Any]], extra: str) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("data")
    if extra == "titles":
        for title in ("Imports of goods", "Source: invented"):
            sheet.append([title])
    sheet.append(list(names))
    for k, row in enumerate(rows):
        if extra == "blank rows" and k == 2:
            sheet.append([])
        sheet.append(list(row))
    book.save(path)


def _text(names: Sequence[str], rows: Sequence[Sequence[Any]], recipe: Recipe) -> bytes:
    """The table as text: what the recipe's extra puts into it, then its line ends and its encoding."""
    separator, extra = SEPARATORS[recipe["separator"]], recipe.get("extra", "none")
    out = io.StringIO()
    if extra == "titles":
        out.write(f"Imports of goods\nSource: invented{separator}2024\n\n")
    if extra == "title over two lines":
        out.write('"Imports of goods\nby partner"\n')
    quoting = csv.QUOTE_ALL if extra == "quoted" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=separator, lineterminator="\n", quoting=quoting)
    last = [""] if extra == "trailing separator" else []
    writer.writerow([*names, *last, *([""] if extra == "separator in the header" else [])])
    for k, row in enumerate(rows):
        if extra == "blank rows" and k % 5 == 2:
            writer.writerow([""] * len(names) if k % 2 else [])
        writer.writerow([*row, *last])
    if extra == "footnotes":
        out.write("\nNote: values are invented\nAll rights waived\n")
    text = out.getvalue()
    text = text.replace("\n", {"returns and feeds": "\r\n", "returns alone": "\r"}.get(extra, "\n"))
    if recipe.get("encoding") != "stray":
        return text.encode(recipe.get("encoding", "utf-8"))
    before, last_remark, after = text.rpartition(REMARK)
    return before.encode() + last_remark.encode("cp1252") + after.encode()


# ---- a table of duties ----

RATE_TRAITS: dict[str, tuple[str, ...]] = {
    **{trait: TRAITS[trait] for trait in ("format", "names")},
    "rates": (
        *("fraction", "native", "comma", "percent", "percent and blank", "comma and percent", "no-break", "words"),
        *("free", "footnote", "compound", "column in percent"),
    ),
    "rows": ("partners", "everyone", "group", "wide", "years", "days"),
    "separator": TRAITS["separator"],
}
SECTORS = ("autos", "food")


def written_rate(rate: float, style: str) -> Any:
    """A duty (a fraction) as a schedule in this style writes it."""
    percent = f"{100 * rate:.4g}"
    if rate == 0 and style in ("free", "footnote"):
        return "Free" if style == "free" else "Free 1/"
    return {
        "fraction": f"{rate:.6g}",
        "native": rate,
        "comma": f"{rate:.6g}".replace(".", ","),
        "percent": f"{percent}%",
        "percent and blank": f"{percent} %",
        "comma and percent": f"{percent.replace('.', ',')}%",
        "no-break": f"{percent.replace('.', ',')}\u00a0%",
        "words": f"{percent} percent",
        "free": f"{percent}%",
        "footnote": f"{percent}% 2/",
        "compound": f"{percent}% + 3c/kg",
        "column in percent": percent,
    }[style]


def duties(recipe: Recipe) -> tuple[list[str], list[list[Any]], dict[tuple[str, str, str], float]]:
    """Names of columns, cells as written, and the right duty by importer, partner and sector."""
    rng = random.Random(label(recipe))
    others = rng.sample([code for code in SPELLINGS if code not in UNION], 4)
    importers, partners = others[:2], (*UNION, *others[2:])
    rows: Rows = []
    right: dict[tuple[str, str, str], float] = {}

    def levy(importer: str, partner: str, sector: str, reach: Sequence[str]) -> None:
        rate = rng.choice((0.0, 0.025, 0.104, 0.275, 0.0875))
        rows.append({"importer": importer, "partner": partner, "sector": sector, "rate": rate})
        right.update({(importer, one, sector): rate for one in reach})

    for importer, sector in itertools.product(importers, SECTORS):
        if recipe["rows"] == "everyone":
            levy(importer, "WORLD", sector, [one for one in (*partners, *importers) if one != importer])
        if recipe["rows"] in ("everyone", "group"):
            levy(importer, "EU", sector, UNION)
        narrow = partners if recipe["rows"] not in ("everyone", "group") else (partners[0], partners[-1])
        for partner in narrow:
            levy(importer, partner, sector, [partner])
    style = recipe["rates"]
    if style == "native" and recipe["format"] in TEXT_FORMATS:
        style = "fraction"
    name = "Ad valorem equivalent" if style == "column in percent" else "rate"
    for row in rows:
        row["importer"], row["partner"] = (spelt(row[side], recipe["names"]) for side in ("importer", "partner"))
        row[name] = written_rate(row.pop("rate"), style)
        row["remark"] = REMARK
    rows, name = _other_rows(rows, recipe["rows"], name, style)
    names = [column for column in rows[0] if column != name] + [name]
    return names, [[row[column] for column in names] for row in rows], right


def _other_rows(rows: Rows, kind: str, name: str, style: str) -> tuple[Rows, str]:
    """With rows that do not hold: of another year, of days that have passed; or with the column called after a kind."""
    wrong = {**rows[0], name: written_rate(0.5, style)}
    if kind == "wide" and name == "rate":
        return [{("applied" if key == "rate" else key): cell for key, cell in row.items()} for row in rows], "applied"
    if kind == "years":
        return [*({**row, "year": "2024"} for row in rows), {**wrong, "year": "2020"}], name
    if kind == "days":
        span = {"from": "2024-01-01", "until": "2024-12-31"}
        return [*({**row, **span} for row in rows), {**wrong, "from": "2019-01-01", "until": "2019-12-31"}], name
    return rows, name


# ---- tables of an Economy of one's own ----

TABLE_TRAITS = {trait: TRAITS[trait] for trait in ("separator", "encoding", "format", "numbers")}


def own_trade(recipe: Recipe) -> tuple[list[str], list[list[Any]], dict[tuple[str, str, str], float]]:
    """A table of trade by sector, own sales too, as `entrepot economy import tables` reads it; and its right values."""
    rng = random.Random(label(recipe))
    numbers = possible_style(recipe)
    codes = ("NA", "01", "JP", "Zürich")
    right = {
        (importer, exporter, sector): float(rng.randint(1, 9_999_999)) + 0.25
        for importer in codes
        for exporter in codes
        for sector in ("01", "1E3", "8703.23")
    }
    names = ["importer", "exporter", "sector", "value"]
    rows = [[*keys, written(value, numbers)] for keys, value in right.items()]
    return names, rows, right
