"""Names and amounts in words."""

from __future__ import annotations

import pytest

from entrepot.words import chance, counted, distinguished, dollars, short, signed_dollars, spoken


@pytest.mark.parametrize(
    ("code", "label", "text"),
    [
        ("USA", "United States", "the United States"),
        ("GB", "United Kingdom", "the United Kingdom"),
        ("EU27", "EU", "the EU"),
        ("JPN+EU28", "Japan + EU", "Japan and the EU"),
        ("OTHER", "Others", "the others"),
        ("WORLD", "World", "the world"),
        ("Atlantis", "Atlantis", "Atlantis"),
    ],
)
def test_place_names(code: str, label: str, text: str) -> None:
    assert (short(code), spoken(code)) == (label, text)


def test_labels_that_are_names_have_their_article_in_a_sentence() -> None:
    known = ("United States", "Netherlands", "Japan")
    assert [spoken(one, known) for one in known] == ["the United States", "the Netherlands", "Japan"]
    assert [short(one, known) for one in known] == list(known)
    assert (spoken("PHL"), short("PHL")) == ("the Philippines", "Philippines")


def test_group_that_the_data_have_in_part() -> None:
    assert short("ASEAN", ("IDN", "USA")) == "ASEAN (1 of 10 members)"
    assert spoken("EU27", ("DEU", "FRA")) == "the EU (2 of 27 members)"
    assert short("EU27", ("EU27", "USA")) == "EU"


def test_signed_dollars_of_a_small_world() -> None:
    texts = [signed_dollars(amount) for amount in (-3765.0, 0.5, -2e-5, 1e-8, -1e-8, -0.0)]
    assert texts == ["-US$3.8 billion", "+US$500 thousand", "-US$20", "US$0", "US$0", "US$0"]


@pytest.mark.parametrize(
    ("remarks", "texts"),
    [
        (["steel", "", "cars"], ["ten (steel)", "eight", "ten (cars)"]),
        (["", "", "cars"], ["ten", "eight", "ten (cars)"]),
        (["cars", "all", "cars"], ["ten (cars) (1)", "eight", "ten (cars) (2)"]),
        (["", "", ""], ["ten (1)", "eight", "ten (2)"]),
    ],
)
def test_texts_that_read_alike_are_distinguished(remarks: list[str], texts: list[str]) -> None:
    assert distinguished(["ten", "eight", "ten"], remarks) == texts


@pytest.mark.parametrize(
    ("millions", "text"),
    [
        (3765.0, "US$3.8 billion"),
        (-210.0, "US$210 million"),
        (4.25, "US$4.2 million"),
        (0.5, "US$500 thousand"),
        (0.00995, "US$10 thousand"),
        (0.0024, "US$2.4 thousand"),
        (0.0009995, "US$1.0 thousand"),
        (0.0005, "US$500"),
        (0, "US$0"),
    ],
)
def test_dollars(millions: float, text: str) -> None:
    assert dollars(millions) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0, "0%"),
        (1 / 1000, "<1%"),
        (1 / 200, "<1%"),
        (0.006, "1%"),
        (1 / 8, "13%"),
        (37 / 200, "19%"),
        (0.37, "37%"),
        (0.994, "99%"),
        (199 / 200, ">99%"),
        (0.999, ">99%"),
        (1, "100%"),
    ],
)
def test_shares_of_draws_are_rounded_as_on_the_page_and_only_all_are_a_hundred_per_cent(part: float, text: str) -> None:
    assert chance(part) == text


def test_counts_agree_with_their_noun() -> None:
    assert counted(1, "row") == "1 row"
    assert counted(2000, "row") == "2,000 rows"
    assert [counted(n, "country", "countries") for n in (1, 2)] == ["1 country", "2 countries"]
