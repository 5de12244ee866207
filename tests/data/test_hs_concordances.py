"""The divisions of products, code by code, against the concordances that are published.

The files are not in this repository. ENTREPOT_CONCORDANCES names a folder with them, as CSV:
    HS{edition}_to_ISIC3, HS{edition}_to_NAICS,
    NAICS{2007,2012,2017}_to_ISIC4               insongkim/concordance, data/
    HS_correlations (later, code, earlier, was)  the same, data-raw/HS{2017,2022}toHS*: conversion and correlation
    raw/ISIC4_ISIC31.txt,
    raw/ISIC_Rev_31-ISIC_Rev_3_correspondence.txt  the same, data-raw/, as they stand
    CN2021_CPA21, CN2022_CPA21, ISIC4_CPC21      eurostat/correspondenceTables, inst/extdata/test/, as they stand
    HS2007_to_CPA2008                            BONSAMURAIS/Correspondence-tables, as it stands
    HS2012_to_CPC21_groups                       global-trade-alert/gtalibrary, data/cpc.to.hs.rda
"""

from __future__ import annotations

import csv
import os
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from entrepot.data import hs

FOLDER = os.environ.get("ENTREPOT_CONCORDANCES")
pytestmark = pytest.mark.skipif(not FOLDER, reason="ENTREPOT_CONCORDANCES names no folder of published concordances")

EDITIONS = (1992, 1996, 2002, 2007, 2012, 2017, 2022)
#: By edition: codes; those that agree with Eurostat, UN, WITS, Census; with all that name an industry; with most.
MEASURED = {
    1992: (5018, 4975, 4897, 4896, 4749, 4665, 4962),
    1996: (5113, 5071, 4990, 4986, 4836, 4760, 5052),
    2002: (5224, 5182, 5077, 5069, 4927, 4843, 5151),
    2007: (5052, 5014, 4919, 4904, 4775, 4696, 4995),
    2012: (5205, 5176, 5066, 5038, 4881, 4788, 5143),
    2017: (5387, 5355, 5239, 5211, 5003, 4928, 5319),
    2022: (5612, 5577, 5450, 5407, 5203, 5120, 5536),
}
#: Codes on which only Eurostat agrees: mostly waste, scrap and slag, to which the others give no industry or that of
#: the product it was, and a few that the others know only by their codes of before 2017 and 2022.
EUROSTAT_ALONE = {1992: 28, 1996: 28, 2002: 40, 2007: 38, 2012: 37, 2017: 40, 2022: 48}
Sets = Mapping[str, set[str]]


def rows(name: str) -> list[dict[str, str]]:
    with (Path(FOLDER or "") / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def pairs(name: str, key: str, value: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows(name):
        if row[value].strip():
            found[row[key].strip()].add(row[value].strip())
    return dict(found)


def through(first: Sets, second: Sets) -> dict[str, set[str]]:
    return {code: set().union(*(second.get(middle, set()) for middle in via)) for code, via in first.items()}


def divisions(classes: Sets) -> dict[str, set[str]]:
    return {code: {name[:2] for name in names} for code, names in classes.items()}


@pytest.fixture(scope="module")
def correlated() -> Mapping[tuple[int, int], Sets]:
    """By two editions, the codes of the second for each of the first."""
    found: dict[tuple[int, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows("HS_correlations.csv"):
        later, earlier = int(row["later"]), int(row["earlier"])
        found[later, earlier][row["code"]].add(row["was"])
        found[earlier, later][row["was"]].add(row["code"])
    return found


def every_edition(
    known: Mapping[int, Sets], codes: Mapping[int, set[str]], correlated: Mapping[tuple[int, int], Sets]
) -> dict[int, Sets]:
    """What some editions are known to be, for all: by correlation with the nearest edition that has the code."""

    def look(edition: int, code: str) -> set[str]:
        for other in sorted(known, key=lambda k: (abs(EDITIONS.index(k) - EDITIONS.index(edition)), -k)):
            via = {code} if other == edition else correlated.get((edition, other), {}).get(code, set())
            if listed := [known[other][c] for c in via if c in known[other]]:
                return set().union(*listed)
        return set()

    return {edition: {code: look(edition, code) for code in listed} for edition, listed in codes.items()}


def of_naics() -> dict[str, set[str]]:
    """By NAICS as the Census uses it for trade: an X stands for several industries, and 910000 for scrap."""
    by_year = [pairs(f"NAICS{year}_to_ISIC4.csv", "naics", "isic") for year in (2017, 2012, 2007)]
    known: dict[str, set[str]] = {"910000": {"3830"}}
    for name in {row["naics"] for edition in EDITIONS for row in rows(f"HS{edition}_to_NAICS.csv")} - set(known):
        start = name.rstrip("X")
        for table in by_year:
            if found := set().union(*(isic for code, isic in table.items() if code.startswith(start))):
                known[name] = found
                break
    return known


@pytest.fixture(scope="module")
def published(correlated: Mapping[tuple[int, int], Sets]) -> Mapping[str, Mapping[int, Sets]]:
    """By publisher and edition the divisions that a code may be of, none where the publisher names no industry."""
    isic3 = {edition: pairs(f"HS{edition}_to_ISIC3.csv", "hs6", "isic") for edition in EDITIONS}
    codes = {edition: set(listed) - {"999999"} for edition, listed in isic3.items()}
    rev31 = pairs("raw/ISIC_Rev_31-ISIC_Rev_3_correspondence.txt", "Rev3", "Rev31")
    rev4 = through(rev31, pairs("raw/ISIC4_ISIC31.txt", "ISIC31code", "ISIC4code"))
    naics = of_naics()
    cpa: dict[int, Sets] = {2007: {}}
    for year, edition in ((2021, 2017), (2022, 2022)):
        grouped: dict[str, set[str]] = defaultdict(set)
        for code, names in pairs(f"CN{year}_CPA21.csv", f"CN {year}", "CPA 2.1").items():
            grouped[re.sub(r"\D", "", code)[:6]] |= names
        cpa[edition] = grouped
    for code, names in pairs("HS2007_to_CPA2008.csv", "HS 2007", "CPA 2008").items():
        heading, _, rest = code.partition(".")  # saved as numbers: 101.1 is 0101.10
        cpa[2007] = {**cpa[2007], heading.zfill(4) + rest.ljust(2, "0"): names}
    groups: dict[str, set[str]] = defaultdict(set)
    for product, names in pairs("ISIC4_CPC21.csv", "CPC 2.1", "ISIC Rev. 4").items():
        groups[product[:3]] |= names
    un = {2012: through(pairs("HS2012_to_CPC21_groups.csv", "hs6", "cpc"), groups)}
    for edition in (2017, 2022):
        un[edition] = through(correlated[edition, 2012], un[2012])
    return {
        "Eurostat": {k: divisions(v) for k, v in every_edition(cpa, codes, correlated).items()},
        "UN": {k: divisions(v) for k, v in every_edition(un, codes, correlated).items()},
        "WITS": {k: divisions(through({c: isic3[k][c] for c in listed}, rev4)) for k, listed in codes.items()},
        "Census": {k: divisions(through(pairs(f"HS{k}_to_NAICS.csv", "hs6", "naics"), naics)) for k in EDITIONS},
    }


@pytest.mark.parametrize("edition", EDITIONS)
def test_product_divisions_agree_with_a_published_concordance(
    published: Mapping[str, Mapping[int, Sets]], edition: int, record_property: Callable[[str, object], None]
) -> None:
    ours = hs.divisions_of_hs()
    codes = sorted(published["WITS"][edition])
    agree = dict.fromkeys(published, 0)
    names = dict.fromkeys(published, 0)
    everyone = most = 0
    none: list[str] = []
    eurostat: list[str] = []
    for code in codes:
        division = ours.sector(code)
        votes = {who: by[edition][code] for who, by in published.items() if by[edition].get(code)}
        with_us = [who for who, allowed in votes.items() if division in allowed]
        for who in votes:
            names[who] += 1
            agree[who] += who in with_us
        everyone += len(with_us) == len(votes)
        most += 2 * len(with_us) > len(votes)
        if not with_us:
            none.append(code)
        elif with_us == ["Eurostat"]:
            eurostat.append(code)
    shares = ", ".join(f"{who} {agree[who] / names[who]:.2%} of {names[who]}" for who in published)
    messages = f"{len(codes)} codes; {shares}; all {everyone / len(codes):.2%}, most {most / len(codes):.2%}"
    record_property(f"HS {edition}", messages)
    assert not none
    assert len(eurostat) <= EUROSTAT_ALONE[edition], eurostat
    measured = MEASURED[edition]
    assert len(codes) == measured[0]
    found = (len(codes), *agree.values(), everyone, most)
    assert all(now >= then for now, then in zip(found, measured, strict=True)), messages
