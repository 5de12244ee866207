"""Entries of the book by their printed names, their numbers and countries; and what the book lacks."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

import entrepot as ep
from entrepot.errors import InputError, UnknownNameError
from entrepot.report.terminal_rule_book import listing, looked_up
from entrepot.rules.book import agreements, missing, rules, statutes
from entrepot.rules.entry import Cited
from entrepot.rules.lookup import found_by, is_country, meant

BOOK: dict[str, Cited] = {**rules(), **statutes(), **agreements()}


def shown(name: str) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(looked_up(name))
    return capture.get()


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("2411", "us-301"),
        ("1862", "us-232"),
        ("19usc1862", "us-232"),
        ("19 U.S.C. 1862", "us-232"),
        ("2253", "us-201"),  # in a range of sections
        ("section 232", "us-232"),
        ("U.S. 232", "us-232"),
        ("Section 122", "us-122"),
        ("Safeguards 8.2", "sg-8"),
        ("Agreement on Safeguards, Article 8.2", "sg-8"),
        ("XIX", "gatt-xix"),
        ("gatt xix", "gatt-xix"),
        ("GATT Article XXVIII:3", "gatt-xxviii-3"),
        ("2023/2675", "eu-aci"),
    ],
)
def test_printed_names_and_numbers_are_found(name: str, first: str) -> None:
    assert found_by(name, BOOK)[0] == [first]
    assert first in shown(name)


def test_a_country_or_a_word_lists_what_it_may_mean() -> None:
    korea = shown("korea")
    assert "'korea' may mean:" in korea
    assert all(name in korea for name in ("korus", "kr-customs-63", "us-korea-2025"))
    assert "Customs Act, Articles 51 to 62" in korea.partition("The book does not have")[2]
    assert "Lei 15.122/2025" in shown("brazil")
    assert all(f"sg-{number}" in shown("safeguard") for number in (2, 5, 7, 8))


def test_words_that_a_reader_puts_in_are_no_country() -> None:
    assert is_country("korea", BOOK)
    assert not is_country("section of the", BOOK)


def test_what_is_nowhere_is_unknown_and_what_is_missing_is_named() -> None:
    with pytest.raises(InputError, match=r"The book does not have Regulation \(EU\) 2015/478"):
        looked_up("2015/478")
    with pytest.raises(UnknownNameError, match="did you mean us-232"):
        looked_up("us-223")


@pytest.mark.parametrize(
    ("law", "right"),
    [
        ({"under": "section 232"}, "did you mean us-232?"),
        ({"claims": ["XIX"]}, "did you mean gatt-xix?"),
        ({"under": "us-223"}, "did you mean us-232"),
    ],
)
def test_an_unknown_name_in_the_law_of_a_case_gets_the_right_key(
    world: ep.Economy, law: dict[str, Any], right: str
) -> None:
    tariff = ep.Tariff(importer="USA", exporter="JPN", sector="metals", rate=0.1, change="add")
    with pytest.raises(InputError, match=right.replace("?", r"\?")):
        ep.screen(tariff, world, on="2026-10-01", law=law)


def test_a_name_that_means_too_much_gets_the_nearest_ids() -> None:
    assert meant("agreement", rules()).startswith("; known: gatt-i-1")


# ---- what the book lacks ----


@pytest.mark.parametrize(
    ("importer", "law", "note"),
    [
        ("BRA", {}, "The book has no statute of Brazil; it lacks Law No. 15.122"),
        ("KOR", {"claims": "gatt-xix"}, "The book lacks a statute of South Korea on this: Customs Act, Articles 51"),
        ("EU27", {"claims": "gatt-xix"}, "Regulation (EU) 2015/478"),
        ("EU27", {"claims": "gatt-vi"}, "Regulations (EU) 2016/1036 and (EU) 2016/1037"),
        ("AUS", {}, "The book has no statute of Australia"),
        ("KOR", {}, None),
        ("USA", {"under": "us-232"}, None),
        ("USA", {"under": "us-201"}, None),
    ],
)
def test_the_screen_names_the_party_whose_statutes_are_missing(
    world: ep.Economy, importer: str, law: dict[str, Any], note: str | None
) -> None:
    tariff = ep.Tariff(importer=importer, exporter="CHN", sector="metals", rate=0.1, change="add")
    notes = ep.screen(tariff, world, on="2026-06-01", law=law).notes
    lacking = [text for text in notes if "statute of" in text]
    assert len(lacking) == (note is not None)
    assert note is None or note in lacking[0]
    assert note is None or lacking[0].endswith("authority under its own law is not screened.")


def test_what_is_missing_is_in_the_manual() -> None:
    assert {"br-reciprocity-2025", "kr-trade-remedies", "eu-2015-478", "eu-2016-1036", "eu-korea-fta"} <= set(missing())
    known = {rule.id for rule in rules().values() if rule.kind == "exception"}
    assert all(set(one.serves) <= known for one in missing().values())


@pytest.mark.parametrize("name", [None, "statutes", "us-122", "Section 122"])
def test_the_book_says_as_of_when_its_law_is(name: str | None) -> None:
    """On a list and on an entry: what was decided later is not in it."""
    console = Console(width=200, no_color=True)
    with console.capture() as capture:
        console.print(listing(name) if name in (None, "statutes") else looked_up(name))
    assert "Law as of 30 September 2026." in capture.get()
