"""Names and codes of countries, groups and sectors, and the members that they have in a given Economy.

The whole package uses one table of names and codes (data/places.csv): letters and numbers of ISO 3166, the numbers of
UN Comtrade and BACI where they differ, former letters (ROM, ZAR, TMP), the US Census Bureau's Schedule C, and names
as UN Comtrade, WITS, the World Bank, the OECD, Eurostat and the Census Bureau write them.
Sources: ISO 3166-1; UN Statistics Division, M49 and Comtrade's lists of reporters and partners; WITS' list of
countries; CEPII's BACI country codes; US Census Bureau, Schedule C. Groups are in data/groups.yaml.
"""

from __future__ import annotations

import csv
import datetime
import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from entrepot.documents import shipped_document, shipped_text
from entrepot.errors import InputError, UnknownNameError, nearest
from entrepot.languages import english

T = TypeVar("T")

WORLD = "WORLD"
ALL = "ALL"
#: The rest of the world: all countries that are not separate in an Economy.
ROW = "ROW"
#: Trade whose partner its publisher does not state: areas not specified, free zones, bunkers.
UNSPECIFIED = "NES"


# ---- one table of places ----

#: A country; a former country with several successors; a group; the world; the rest of the world; a partner that is
#: not specified; any other sum of countries (income groups, continents).
Kind = Literal["country", "former", "group", "world", "rest", "unspecified", "aggregate"]


@dataclass(frozen=True, slots=True)
class Place:
    """A country, group or other place that a name stands for.

    code     ISO 3166 alpha-3 of a country, the name of a group, WORLD, ROW or NES
    members  alpha-3 codes of its member countries; of a country, its own code
    """

    code: str
    kind: Kind
    name: str
    members: tuple[str, ...] = ()

    @property
    def is_total(self) -> bool:
        """Whether its trade is a sum of what other rows of a table may hold."""
        return self.kind in ("world", "group", "aggregate")


_WORLD = (
    *("WORLD", "World", "WLD", "W00", "World Total", "Total World", "All countries", "All partners", "All reporters"),
    *("All countries of the world", "Grand Total", "Total", "Total all countries", "All", "000", "00"),
    *("Monde", "Mundo", "Welt"),
)
_REST = ("ROW", "Rest of world", "Rest of the world", "FIGW1", "WRL_REST", "ROTW")
#: Names of the European Union without a date; they mean its members on the day of the data. EC is Ecuador.
_UNION = (
    *("EU", "EUN", "EUR", "EUU", "918", "97", "European Union", "European Communities", "European Community"),
    *("European Economic Community", "EU Customs Union"),
)
_AGGREGATES = {
    "EXTRA_EU": (
        "Extra-EU",
        "EU_EXTRA",
        "EXTRA_EU27_2020",
        "EXT_EU",
        "EXT_EU27_2020",
        "EXT_EU28",
        "Extra-EU27",
        "Extra-EU (= 'WORLD' - 'EU_INTRA')",
    ),
    "INTRA_EU": ("Intra-EU", "EU_INTRA", "INTRA_EU27_2020", "INT_EU", "INT_EU27_2020", "INT_EU28", "Intra-EU27"),
    "WORLD_BANK": (
        "Regions and income groups",
        *("AFE", "AFW", "ARB", "CEB", "CSS", "EAP", "EAR", "EAS", "ECA", "ECS", "FCS", "HIC", "HPC", "IBD", "IBT"),
        *("IDA", "IDB", "IDX", "LAC", "LCN", "LDC", "LIC", "LMC", "LMY", "LTE", "MEA", "MIC", "MNA", "NAC", "OED"),
        *("OSS", "PRE", "PSS", "PST", "SAS", "SSA", "SSF", "SST", "TEA", "TEC", "TLA", "TMN", "TSA", "TSS", "UMC"),
        *("High income", "Low income", "Middle income", "Upper middle income", "Lower middle income", "OECD members"),
        *("Sub-Saharan Africa", "East Asia & Pacific", "Europe & Central Asia", "Latin America & Caribbean"),
        *("South Asia", "Middle East & North Africa", "North America", "Arab World"),
        *("Africa", "Asia", "Europe", "Americas", "Oceania", "South America", "Central America"),
    ),
}

#: Abbreviations of words in country names; and words that no two country names differ by.
_LONG = {
    short: long
    for long, shorts in {
        "republic": "rep",
        "democratic": "dem",
        "federated": "fed",
        "states": "sts",
        "former": "fmr fm",
        "islands": "isds isd isl is island isle",
        "saint": "st",
        "british": "br",
        "french": "fr",
        "northern": "n",
        "southern": "so",
        "faroe": "faeroe",
        "netherlands": "neth",
        "territory": "terr ter territories",
    }.items()
    for short in shorts.split()
}
_EMPTY = frozenset(("of", "the", "and", "d", "state"))
#: Suffixes of names: Comtrade's end of validity, France's overseas departments.
_BEHIND = re.compile(r"\(\s*\.\.\.\s*\d{4}\s*\)|\(overseas france\)|\*")
_APOSTROPHE = re.compile("['`´’]")
_NES = re.compile(r"\bnot elsewhere specified\b|\bn\.e\.s\b")


@functools.lru_cache(maxsize=20_000)  # tables and reports name the same places over and over
def name_key(name: str) -> str:
    """Return a key that ignores case, accents, punctuation, abbreviations and word order ("Korea, Rep.")."""
    text = _APOSTROPHE.sub("", name.replace("ı", "i"))
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    words = re.findall(r"[a-z0-9]+", _NES.sub("nes", _BEHIND.sub("", text)))
    return " ".join(sorted(long for word in words if (long := _LONG.get(word, word)) not in _EMPTY))


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    places: dict[str, Place]
    by_code: dict[str, str]
    by_number: dict[str, str]
    by_name: dict[str, str]


@functools.cache
def _gazetteer() -> _Gazetteer:
    """Places by code, and codes by letters, by number and by name key."""
    found = _Gazetteer({}, {}, {}, {})

    def add(place: Place, codes: Sequence[str], names: Sequence[str]) -> None:
        found.places[place.code] = place
        for code in map(str, (place.code, *codes)):
            if code.isdigit():
                found.by_number.setdefault(_number(code), place.code)
            else:
                found.by_code.setdefault(code.casefold(), place.code)
        for name in (place.name, *names):
            found.by_name.setdefault(name_key(name), place.code)

    def add_all(place: Place, names: Sequence[str]) -> None:
        add(place, [name for name in names if " " not in name], names)

    add_all(Place(WORLD, "world", "World"), _WORLD)
    add_all(Place(ROW, "rest", "Rest of world"), _REST)
    for row in _rows():
        members = tuple(row["members"].split()) or ((row["code"],) if row["kind"] == "country" else ())
        codes = [c for c in (row["iso2"], row["number"], *row["census"].split(";"), *row["codes"].split(";")) if c]
        add(Place(row["code"], row["kind"], row["name"], members), codes, list(filter(None, row["also"].split(";"))))  # type: ignore[arg-type]
    for name, group in groups().items():
        add_all(Place(name, "group", group["title"], tuple(group["members"])), list(map(str, group.get("also", ()))))
    for name, also in _AGGREGATES.items():
        add_all(Place(name, "aggregate", also[0]), also)
    return found


def find_place(name: str, day: datetime.date | None = None) -> Place | None:
    """Return the place that a name or code stands for, in the spelling of any table; None if it is unknown.

    Only whole names and codes match: "Not China" is not China, and a name with an invisible character is unknown.
    Numbers are those of ISO 3166 (and of UN Comtrade and BACI where they differ), from 1000 on those of the US Census
    Bureau. `day` decides the members of the European Union where the name does not (None: today).
    """
    code = _found_code(name)
    if code is None:
        return None
    return _gazetteer().places[code or union_on(day or datetime.date.today())]


@functools.lru_cache(maxsize=20_000)  # tables and reports name the same places over and over
def _found_code(name: str) -> str | None:
    """Return the code of the place that a name stands for; empty for the European Union, None if it is unknown."""
    text = " ".join(name.strip().strip("'\"").split())
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text):
        return None
    known = _gazetteer()
    number = text.removesuffix(".0")
    if number in _UNION or text.upper() in _UNION or name_key(text) in _union_names():
        return ""
    if number.isascii() and number.isdigit():
        return known.by_number.get(_number(number))
    return known.by_code.get(text.casefold()) or known.by_name.get(name_key(text))


def _number(digits: str) -> str:
    """Digits without leading zeros, which some tables omit."""
    return digits.lstrip("0") or "0"


@functools.cache
def _union_names() -> frozenset[str]:
    return frozenset(name_key(name) for name in _UNION if " " in name)


def iso3(name: str) -> str | None:
    """Return the ISO 3166 alpha-3 code of a country from any of its names and codes; None if it is not a country."""
    place = find_place(name)
    return place.code if place is not None and place.kind == "country" else None


def place_names() -> list[str]:
    """Return all codes and short names, to suggest a correction of a misspelt name."""
    return [text for place in _gazetteer().places.values() for text in (place.code, place.name)]


@functools.cache
def country_name(code: str) -> str:
    """Return the short English name of a country or group; the code itself if it has none."""
    place = _gazetteer().places.get(code)
    return place.name if place is not None else code


def _rows() -> Iterator[dict[str, str]]:
    """Return the rows of the table of places."""
    return csv.DictReader(shipped_text("economy/data/places.csv").splitlines())


@functools.cache
def _letters() -> dict[str, str]:
    return {row["code"]: row["iso2"] for row in _rows() if row["iso2"]}


def letters_of(code: str) -> str | None:
    """Return the ISO 3166 alpha-2 code of a country from its alpha-3 code; None if it is not a country."""
    return _letters().get(code)


@functools.cache
def _numbers() -> dict[str, str]:
    return {row["code"]: row["number"].zfill(3) for row in _rows() if row["kind"] == "country" and row["number"]}


def number_of(code: str) -> str:
    """Return the ISO 3166 number of a country, in three digits, from its alpha-3 code; empty if it has none."""
    return _numbers().get(code, "")


# ---- groups and customs unions ----


@functools.cache
def groups() -> dict[str, dict[str, Any]]:
    """Return country groups by name: members (ISO 3166 alpha-3), title, dates of membership, source."""
    return shipped_document("economy/data/groups.yaml")


def is_group(name: str) -> bool:
    """Whether a name is that of a country group."""
    return name.upper() in groups()


def is_customs_union(name: str) -> bool:
    """Whether a name is that of a group that is, or was, a customs union."""
    return bool(groups().get(name.upper(), {}).get("customs_union"))


def customs_unions(day: datetime.date) -> list[str]:
    """Return the groups that are a customs union on a day."""
    return [name for name, group in groups().items() if _in_force(group.get("customs_union"), day)]


@functools.lru_cache(maxsize=1000)
def union_on(day: datetime.date) -> str:
    """Return the group that is the European Union on a day; for days before the first one, the first."""
    unions = [name for name in groups() if name.startswith("EU") and is_customs_union(name)]
    return next((name for name in unions if _in_force(groups()[name]["customs_union"], day)), unions[0])


def outdated(names: Iterable[str], day: datetime.date | None, year: int | None = None) -> list[str]:
    """Return a note on each group among `names` whose membership list does not apply on `day`, if there is a day.

    Or which had ended by the middle of the `year` of the data, where it is given.
    """
    notes = []
    for name in dict.fromkeys(names):
        place = find_place(name)
        group = groups().get(place.code, {}) if place is not None else {}
        since, until = _date(group.get("as_of")), _date(group.get("until"))
        if until is not None and day is not None and day > until:
            notes.append(english(f"{name} stands for its members until {until}, and the day is {day}"))
        elif since is not None and day is not None and day < since:
            notes.append(english(f"{name} stands for its members since {since}, and the day is {day}"))
        elif until is not None and year is not None and mid_year(year) > until:
            notes.append(english(f"{name} stands for its members until {until}, and the data are of {year}"))
    return notes


def mid_year(year: int) -> datetime.date:
    """Return 1 July: the day on which yearly data are dated where a day is needed."""
    return datetime.date(year, 7, 1)


def _in_force(span: dict[str, Any] | None, day: datetime.date) -> bool:
    if not span:
        return False
    since, until = _date(span["from"]), _date(span.get("until"))
    return since is not None and since <= day and (until is None or day <= until)


def _date(written: Any) -> datetime.date | None:
    return None if written is None else datetime.date.fromisoformat(str(written))


# ---- names in an Economy ----


#: How a note says that a group has members without data.
WITH_DATA = "members have data of their own"


def resolve_countries(
    names: str | Sequence[str], known: Sequence[str], where: str = ""
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the country codes that `names` stand for, in the order of `known`, and notes on members without data.

    A name is a code in `known`, a group (data/groups.yaml), WORLD, or any name or code of a country (Japan, JP, 392).
    Raises `UnknownNameError`, or `InputError` when a group has no member in `known`.
    """
    return _resolve((names,) if isinstance(names, str) else tuple(map(str, names)), tuple(known), where)


@functools.lru_cache(maxsize=4096)
def _resolve(names: tuple[str, ...], known: tuple[str, ...], where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    wanted: set[str] = set()
    notes: list[str] = []
    for name in names:
        members, missing = _members(name, known, where)
        wanted.update(members)
        if missing:
            count = f"{len(members)} of {len(members) + len(missing)} {WITH_DATA}"
            notes.append(f"{name}: {count}; no separate data for {', '.join(missing)}, left out")
    return tuple(code for code in known if code in wanted), tuple(notes)


@functools.lru_cache(maxsize=64)
def labels_by_code(known: tuple[str, ...]) -> dict[str, str]:
    """Return the labels that are names of countries ("Viet Nam"), by the code of the country.

    Capitals are codes of an Economy's own: CAM is Central America in one of GTAP's, and WF a rest of EXIOBASE.
    """
    found = {label: find_place(label) for label in known if not label.isupper()}
    return {place.code: label for label, place in found.items() if place and place.kind == "country"}


def labels_of(codes: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Return the labels in `known` that are one of the codes, or a name of its country ("Viet Nam").

    A customs union in `known` is one of them too where all its members are: EU27, of the codes of EU28.
    """
    wanted, named = {*codes}, labels_by_code(tuple(known))
    unions = {label for label, members in _unions_among(tuple(known)).items() if members <= wanted}
    wanted |= {named[code] for code in wanted & {*named}} | unions
    return tuple(label for label in known if label in wanted)


@functools.lru_cache(maxsize=64)
def _unions_among(known: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """The labels that are customs unions, with the codes of their members."""
    places = {label: find_place(label) for label in known}
    return {
        label: frozenset(place.members)
        for label, place in places.items()
        if place is not None and is_customs_union(place.code)
    }


def _members(name: str, known: tuple[str, ...], where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes in `known`, and members of a group that are not in it."""
    by_folded = {code.casefold(): code for code in known}
    folded = name.strip().casefold()
    if folded in by_folded:
        return (by_folded[folded],), ()
    place = find_place(name)
    at = f"{where}: " if where else ""
    if place is None or place.kind in ("rest", "unspecified", "aggregate"):
        raise UnknownNameError("country", name, [*known, WORLD, *groups()], where)
    if place.kind == "world":
        return known, ()
    label = {code: code for code in known} | labels_by_code(known)
    present = tuple(label[code] for code in place.members if code in label)
    if place.kind in ("group", "former"):
        if not present:
            raise InputError(f"{at}no member of {name} is in this Economy by itself")
        return present, tuple(code for code in place.members if code not in label)
    if not present:
        rest = "; it is part of ROW" if ROW in known else ""
        raise InputError(f"{at}{place.name} ({place.code}) has no data of its own in this Economy{rest}")
    return present, ()


#: Sectors of world2014 that world2018 and world2022 have in parts; a name stands for its parts where these are known.
SECTOR_PARTS: Mapping[str, tuple[str, ...]] = {
    "metals": ("steel", "other_metals"),
    "mining": ("energy_mining", "other_mining"),
    "wood_paper": ("wood", "paper"),
    "other_transport": ("ships", "aircraft_rail"),
}

#: Sectors whose label is not their code.
SECTOR_LABELS: Mapping[str, str] = {
    "GOODS": "goods",
    "energy_mining": "coal, oil and gas",
    "other_mining": "ores and other mining",
    "minerals": "cement, glass and ceramics",
    "aircraft_rail": "aircraft and railway equipment",
}


def sector_label(code: str) -> str:
    """Return a sector in words, in English: "motor vehicles"."""
    return SECTOR_LABELS.get(code, code.replace("_", " "))


def resolve_sectors(names: str | Sequence[str], known: Sequence[str], where: str = "") -> tuple[str, ...]:
    """Return the sector codes that `names` stand for, in the order of `known`. Raises `UnknownNameError`.

    ALL stands for every sector, and a name in SECTOR_PARTS for its parts. A sector's label ("metal products") is
    read as its code is.
    """
    by_folded = _by_folded(tuple(known))
    wanted: set[str] = set()
    for name in [names] if isinstance(names, str) else names:
        folded = str(name).strip().casefold()
        if folded in by_folded:
            wanted.add(by_folded[folded])
        elif folded == ALL.casefold():
            wanted.update(known)
        elif set(SECTOR_PARTS.get(folded, ())) & set(known):
            wanted.update(SECTOR_PARTS[folded])
        else:
            raise UnknownNameError("sector", str(name), [*known, ALL], where, _what_near_ones_are(str(name), known))
    return tuple(code for code in known if code in wanted)


@functools.lru_cache(maxsize=64)  # names are read many times for the same sectors, or products of a market
def _by_folded(known: tuple[str, ...]) -> dict[str, str]:
    """Codes by their labels and by themselves, without capital letters."""
    return {sector_label(code).casefold(): code for code in known} | {code.casefold(): code for code in known}


def _what_near_ones_are(name: str, known: Sequence[str]) -> str:
    """Return the nearest sectors with what they are, where one has a label that is not its code; else ""."""
    near = nearest(name, [*known, ALL])
    labelled = [code for code in known if code in SECTOR_LABELS and re.search(rf"\b{re.escape(code)}\b", near)]
    if not near.startswith("; did you mean") or not labelled:
        return ""
    for code in labelled:
        near = re.sub(rf"\b{re.escape(code)}\b", f"{code} ({SECTOR_LABELS[code]})", near)
    return near.removeprefix("; ")


def by_sector_code(values: Mapping[str, T], known: Sequence[str], where: str = "") -> dict[str, T]:
    """Return values by sector code from values by name; a sector's own value overrides that of ALL.

    Raises `UnknownNameError`, and `InputError` for a sector under two names.
    """
    named = broadest_first(values, lambda name: resolve_sectors(name, known, where), where)
    found = {code: value for codes, value in named for code in codes}
    return {code: found[code] for code in known if code in found}


def broadest_first(
    values: Mapping[str, T], resolve: Callable[[str], Sequence[str]], where: str = ""
) -> list[tuple[tuple[str, ...], T]]:
    """Return labels and what is stated for them, so that the later overrides: all, then groups, then single names.

    A group is one also where a single member of it is known. Raises `InputError` for one label under two names.
    """
    named = [(tuple(resolve(str(name))), str(name), value) for name, value in values.items()]
    single: dict[tuple[str, ...], str] = {}
    for labels, name, _ in named:
        if len(labels) == 1 and not _stands_for_several(name) and (other := single.setdefault(labels, name)) != name:
            raise InputError(f"{f'{where}: ' if where else ''}{other} and {name} are both {labels[0]}; keep one")
    named.sort(key=lambda one: (-len(one[0]), not _stands_for_several(one[1])))
    return [(labels, value) for labels, _, value in named]


def _stands_for_several(name: str) -> bool:
    """Return whether a name is that of a group, of all, or of a sector in parts, whatever members are known."""
    place = find_place(name)
    group = place is not None and place.kind in ("group", "former", "world")
    return group or name.strip().casefold() in (ALL.casefold(), *SECTOR_PARTS)


#: The name of the countries that are in no group of a partition.
OTHER = "OTHER"


def with_rest(groups: Sequence[str], known: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the countries of each group, which may overlap, and those in no group under OTHER."""
    parts = {group: resolve_countries(group, known)[0] for group in groups}
    in_some = {code for codes in parts.values() for code in codes}
    rest = tuple(code for code in known if code not in in_some)
    return parts | ({OTHER: rest} if rest else {})


def partition(groups: Sequence[str], known: Sequence[str], countries: Sequence[str]) -> dict[str, list[str]]:
    """Return `countries` by the first group that contains them, and those in no group under OTHER."""
    left = list(countries)
    parts: dict[str, list[str]] = {}
    for group in groups:
        wanted = resolve_countries(group, tuple(known))[0]
        parts[group] = [c for c in left if c in wanted]
        left = [c for c in left if c not in wanted]
    if left:
        parts[OTHER] = left
    return parts
