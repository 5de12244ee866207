"""Codes of the Harmonized System as people write them, and the sectors that make products."""

from __future__ import annotations

import re

import pytest

import entrepot as ep
from entrepot.data import hs
from entrepot.data.elasticities import classifications
from entrepot.documents import plain, read_yaml


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("870323", "870323"),
        ("8703.23", "870323"),
        ("8703.23.01", "87032301"),
        ("8703.23.01.90", "8703230190"),
        ("8703.23.0190", "8703230190"),
        ("8703 23 01", "87032301"),
        ("870323.0", "870323"),
        ("8703.00", "870300"),
        ("8703.0", "8703"),
        ("'010121", "010121"),
        ("0101210020 Horses, Live, Purebred Breeding Female (no)", "0101210020"),
        ("0101210000 80", "0101210000"),
        ("12 Oil Seeds", "12"),
    ],
)
def test_a_code_as_it_is_written(written: str, bare: str) -> None:
    assert hs.bare_code(written) == bare


def test_lost_zeros_come_back_only_where_the_table_lost_them() -> None:
    assert hs.read_codes(["10121", "870323"]) == ({"10121": "010121", "870323": "870323"}, (), ("10121",))
    assert hs.read_codes(["10121", "010129"])[1] == ("10121",)  # the table keeps its zeros
    assert hs.read_codes(["870323001", "870324001"])[1] == (
        "870323001",
        "870324001",
    )  # nine digits throughout: another nomenclature


def test_what_is_no_code() -> None:
    for wrong in ("", "ABCD", "7701", "0012", "870323019012", "87-03"):
        assert hs.read_codes([wrong, "870323"])[1] == (wrong,)


@pytest.mark.parametrize(
    ("code", "division"),
    [
        ("870323", "29"), ("870120", "29"), ("870130", "28"), ("871200", "30"), ("840734", "29"), ("841112", "30"),
        ("720839", "24"), ("730890", "25"), ("732111", "27"), ("854231", "26"), ("850710", "27"), ("847130", "26"),
        ("270900", "06"), ("271012", "19"), ("270112", "05"), ("271600", "35"), ("300490", "21"), ("293621", "21"),
        ("390110", "20"), ("392690", "22"), ("010221", "01"), ("020130", "10"), ("030214", "03"), ("030314", "10"),
        ("100630", "10"), ("100610", "01"), ("440320", "02"), ("440710", "16"), ("610910", "14"), ("520100", "01"),
        ("520811", "13"), ("640399", "15"), ("940360", "31"), ("940120", "29"), ("950300", "32"), ("970110", "90"),
        ("880240", "30"), ("220300", "11"), ("240220", "12"), ("490199", "18"), ("252329", "23"), ("260111", "07"),
    ],
)  # fmt: skip
def test_divisions_of_products(code: str, division: str) -> None:
    assert hs.divisions_of_hs().sector(code) == division
    assert hs.divisions_of_hs().sector(code + "0190") == division


def test_the_table_is_sound() -> None:
    from importlib.resources import files

    text = (files("entrepot.data") / "reference" / "hs_isic4.yaml").read_text(encoding="utf-8")
    listed = [code for codes in plain(read_yaml(text))["divisions"].values() for code in codes.split()]
    assert len(set(listed)) == len(listed)
    assert all(re.fullmatch(r"\d{2}|\d{4}|\d{6}", code) for code in listed)
    chapters = {code[:2] for code in listed}
    assert chapters == {f"{k:02d}" for k in range(1, 98) if k != 77}


@pytest.mark.parametrize("name", ["world2014", "wiod2016", "icio2023"])
def test_every_chapter_has_a_sector_in_the_classifications(name: str) -> None:
    sectors = tuple(classifications()[name].divisions)
    concordance = hs.hs_to_sectors(sectors)
    assert set(concordance.sector_of.values()) <= {*sectors, hs.NOWHERE}
    assert concordance.sector("870323") is not None
    assert not concordance.notes


def test_a_division_that_sectors_share_is_left_open() -> None:
    sectors = tuple(classifications()["icio2025"].divisions)
    concordance = hs.hs_to_sectors(sectors)
    assert any("24 (C24A and C24B)" in note for note in concordance.notes)
    assert concordance.positions(["720839", "870323"], sectors).tolist() == [-1, sectors.index("C29")]


def test_sectors_of_no_classification(small: ep.Economy) -> None:
    with pytest.raises(ep.InputError, match="give a table \\(product, sector\\)"):
        hs.hs_to_sectors(small.sectors)
