"""Goods by everyday words and codes: the sector is the one that the concordance of the Harmonized System gives."""

from __future__ import annotations

import re
from importlib import resources

import pytest

import entrepot as ep
from entrepot.data.classifications import reference_document
from entrepot.data.goods import find_goods, whereabouts
from entrepot.data.hs import hs_to_sectors
from entrepot.economy.geography import resolve_sectors
from entrepot.languages import speaking
from entrepot.words import sector_name

SECTORS = ep.load_economy("world2022").sectors


@pytest.mark.parametrize(
    ("query", "code", "sector"),
    [
        ("phone", "8517", "electronics"),
        ("smartphones", "8517", "electronics"),
        ("8517", "8517", "electronics"),
        ("8517.13.00", "85171300", "electronics"),
        ("steel", "", "steel"),
        ("72", "72", "steel"),
        ("cars", "8703", "motor_vehicles"),
        ("solar panels", "8541", "electronics"),
        ("whisky", "2208", "food"),
        ("wheat", "10", "agriculture"),
        ("planes", "88", "aircraft_rail"),
        ("pharma", "30", "pharmaceuticals"),
        ("critical minerals", "2530", "other_mining"),
        ("rare earths", "2530", "other_mining"),
        ("lithium", "2530", "other_mining"),
        ("cobalt", "26", "other_mining"),
        ("ores", "", "other_mining"),
        ("trucks", "8704", "motor_vehicles"),
        ("autos", "87", "motor_vehicles"),
        ("lorries", "8704", "motor_vehicles"),
        ("steel derivatives", "73", "metal_products"),
    ],
)
def test_first_good_is_the_one_that_is_meant(query: str, code: str, sector: str) -> None:
    first = find_goods(query, SECTORS)[0]
    assert (first.code, first.sectors[0]) == (code, sector)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("trucks", "Lorries (HS 8704) are a part of motor_vehicles; name the whole sector: motor_vehicles"),
        ("8704", "Lorries (HS 8704) are a part of motor_vehicles; name the whole sector: motor_vehicles"),
        (
            "critical minerals",
            "Other mineral substances (HS 2530) are a part of other_mining; name the whole sector: other_mining",
        ),
        ("truck xyzzy", "known: agriculture"),
        ("mineralz", "did you mean minerals (cement, glass and ceramics)?"),
        ("texttiles", "did you mean textiles?"),
        ("metal", "did you mean metals (steel and other_metals)?"),
        ("textile", "did you mean textiles?"),
    ],
)
def test_an_unknown_sector_of_a_measure_gets_the_sector_that_makes_the_goods(word: str, hint: str) -> None:
    """Not the sector whose name looks alike: `minerals` are cement, glass and ceramics."""
    world = ep.load_economy("world2022")
    with pytest.raises(ep.errors.UnknownNameError) as raised:
        ep.Tariff(importer="USA", exporter="CHN", sector=word, rate=0.1).flows(world)
    assert f"unknown sector {word!r}; {hint}" in str(raised.value)


def test_goods_of_two_sectors_name_both() -> None:
    assert whereabouts("rare earths", SECTORS).endswith("name the whole sector: other_mining or chemicals")
    assert whereabouts("8517", ["widgets", "gadgets"]) == ""


@pytest.mark.parametrize(
    ("word", "sectors"),
    [
        ("rice", "food"),  # 1006.30, which is ISIC 1061; paddy is a crop
        ("paddy", "agriculture"),
        ("natural gas", "energy_mining"),  # 2711.11 and 2711.21, ISIC 0620
        ("LNG", "energy_mining"),
        ("propane", "petroleum"),
        ("bananas", "agriculture"),
        ("oranges", "agriculture"),
        ("apples", "agriculture"),
        ("coffee", "food or agriculture"),
        ("cocoa", "food or agriculture"),
        ("cotton", "textiles or agriculture"),
        ("gold", "other_metals"),
        ("nickel", "other_metals or other_mining"),
        ("nickel ore", "other_mining"),
        ("cement", "minerals"),
    ],
)
def test_an_everyday_word_is_in_the_sector_that_makes_most_of_it(word: str, sectors: str) -> None:
    assert whereabouts(word, SECTORS).endswith(f"name the whole sector: {sectors}")


@pytest.mark.parametrize("code", SECTORS)
def test_a_sector_is_read_by_the_label_that_is_printed(code: str) -> None:
    assert resolve_sectors([sector_name(code).upper()], SECTORS) == (code,)


@pytest.mark.parametrize("query", ["", "  ", "xyzzy", "phone xyzzy", "7", "999999", "<b>"])
def test_nothing_is_found_for_other_words(query: str) -> None:
    assert find_goods(query, SECTORS) == ()


def test_codes_are_of_the_system_and_have_a_maker() -> None:
    goods = reference_document("goods.yaml")["goods"]
    assert all(re.fullmatch(r"\d{2}|\d{4}|\d{6}", code) for code in goods)
    makers = hs_to_sectors(SECTORS)
    for code in goods:
        if len(code) > 2:
            assert makers.sector(code), code
    assert {good.code for code in goods for good in find_goods(code, SECTORS)} >= set(goods)
    assert "goods.yaml" in {path.name for path in (resources.files("entrepot.data") / "reference").iterdir()}


def test_chapter_of_several_sectors_has_them_all() -> None:
    assert set(find_goods("85", SECTORS)[0].sectors) >= {"electrical", "electronics"}


def test_sectors_of_no_classification_are_found_by_their_own_names() -> None:
    assert [good.sectors for good in find_goods("widget", ["widgets", "gadgets"])] == [("widgets",)]
    assert find_goods("8517", ["widgets", "gadgets"]) == ()


@pytest.mark.parametrize(
    ("code", "query", "title", "good"),
    [
        ("de", "Käse", "Milcherzeugnisse, Eier und Honig", "04"),
        ("es", "telefonos", "Teléfonos y equipos de red", "8517"),
        ("fr", "bœuf", "Viandes", "02"),
        ("ja", "半導体", "半導体製造装置", "8486"),
        ("zh", "手机", "电话和网络设备", "8517"),
        ("de", "cheese", "Milcherzeugnisse, Eier und Honig", "04"),
        ("de", "8703", "Personenkraftwagen", "8703"),
    ],
)
def test_goods_are_found_by_the_words_of_the_language_and_in_english(
    code: str, query: str, title: str, good: str
) -> None:
    with speaking(code):
        found = {one.code: one.title for one in find_goods(query, SECTORS)}
    assert found[good] == title
