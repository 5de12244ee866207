"""The output of a screen: its worst finding, counts, table, plain data and notes."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from test_facts import CARS, ON, add, made
from test_obligations import finding as blank

import entrepot as ep
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.law_section import LawSection
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.screen import Screen, screen_contexts, unbound_parties

LATER = datetime.date(2020, 6, 1)


def finding(scenario: str, party: str, status: Status, **parts: object) -> Finding:
    """Return a finding of the most-favoured-nation rule on a quota."""
    plain = {"scenario": scenario, "party": party, "measure": "a quota", "provision": "Article I", "role": "importer"}
    return replace(blank(status), **(plain | parts))  # type: ignore[arg-type]


@pytest.fixture
def screen() -> Screen:
    steps = (Step("a", True, "It is so.", "here"), Step("b", None, "That is open.", "there", "general"))
    found = (
        finding("first", "JPN", Status.CONSISTENT),
        finding("first", "USA", Status.CONTESTED, condition="it falls with XXI"),
        finding("second", "USA", Status.JUSTIFIED_IF, condition="it ends", steps=steps, complain=("JPN", "EU28")),
        finding("second", "JPN", Status.CONSISTENT),
    )
    return Screen(found, {"first": ON, "second": LATER}, ("A note.", "Another."))


def test_the_worst_finding_of_a_scenario(screen: Screen) -> None:
    assert screen.worst("first") is Status.CONTESTED
    assert screen.worst("second") is Status.JUSTIFIED_IF
    assert screen.worst("third") is Status.CONSISTENT
    assert screen.of("second") == screen.findings[2:]


def test_a_screen_prints_its_counts_from_the_worst_down_and_the_first_of_the_worst(screen: Screen) -> None:
    assert repr(screen) == (
        "Screen of 2 scenarios: 1 contested, 1 justified if, 2 consistent. The United States, a quota: Article I "
        "contested: it falls with XXI.\nA note.\nAnother.\nNext: print(screen), .findings, .to_frame()"
    )
    nothing = Screen((), {"first": ON})
    assert repr(nothing) == "Screen of 1 scenario: no rule is touched.\nNext: print(screen), .findings, .to_frame()"
    two = Screen((*screen.findings[:2], finding("first", "CHN", Status.CONTESTED)), {"first": ON})
    assert "2 contested, 1 consistent. The United States" in repr(two)


def test_a_screen_as_a_table_with_a_row_a_finding(screen: Screen) -> None:
    table = screen.to_frame()
    assert list(table["scenario"]) == ["first", "first", "second", "second"]
    assert list(table["date"]) == ["2019-05-17", "2019-05-17", "2020-06-01", "2020-06-01"]
    row = table.iloc[2]
    assert row["reasoning"] == "It is so. That is open."
    assert row["who_may_complain"] == "JPN; EU28"
    assert (row["status"], row["condition"], row["party"], row["role"]) == (
        "justified if",
        "it ends",
        "USA",
        "importer",
    )
    assert (row["measure"], row["provision"]) == ("a quota", "Article I")


def test_a_screen_as_plain_data(screen: Screen) -> None:
    data = screen.to_dict()
    assert data["on"] == {"first": "2019-05-17", "second": "2020-06-01"}
    assert data["notes"] == ["A note.", "Another."]
    assert [f["status"] for f in data["findings"]] == ["consistent", "contested", "justified if", "consistent"]
    assert [f["verdict"] for f in data["findings"]][1:3] == ["contested: it falls with XXI", "justified if it ends"]
    assert [step["says"] for step in data["findings"][2]["steps"]] == ["It is so.", "That is open."]


# ---- notes ----


def context(
    economy: ep.Economy, *measures: ep.measures.Measure, on: datetime.date = ON, **case: object
) -> LegalContext:
    return LegalContext.of(economy, ep.Scenario(measures), on, case=LawSection(**case))  # type: ignore[arg-type]


def test_unbound_parties_are_noted_with_the_reason() -> None:
    """Iran is not a Member; a made-up country is not in the book; the rest of the world is not mentioned."""
    economy = replace(made(), countries=("USA", "IRN", "C00", "ROW", "C01"))
    iran, unknown = unbound_parties(context(economy, add(0.25, "WORLD")))
    assert iran == (
        "Iran: not bound by the WTO agreements on 17 May 2019, according to the book (rules/data/members.yaml); "
        "not screened against them."
    )
    assert unknown == (
        "C00 and C01: not a country in the book, so not taken as a Member of the WTO and not screened; "
        "`members: [C00, C01]` in the law section of the case takes it as one."
    )
    (iran_alone,) = unbound_parties(context(economy, add(0.25, "WORLD"), members=("C00", "C01")))
    assert iran_alone == iran
    assert unbound_parties(context(economy, add(0.25, "WORLD"), members=("C00", "C01", "IRN"))) == []
    assert unbound_parties(context(economy, add(0.25, "ROW"))) == []
    # Before its accession China is not bound either, and Japan from 1955 on is.
    early = replace(made(), countries=("USA", "JPN", "CHN", "IRN", "DEU"))
    (both,) = unbound_parties(context(early, add(0.25, "WORLD"), on=datetime.date(2001, 12, 10)))
    assert both.startswith("China and Iran: not bound by the WTO agreements on 10 December 2001")


def test_notes_are_not_repeated_and_outdated_groups_are_noted() -> None:
    """The EU28 ended on 31 January 2020."""
    economy = made()
    german = ep.Tariff(importer="USA", exporter="EU28", sector="cars", rate=0.1)
    before, after = (context(economy, german, on=on) for on in (datetime.date(2020, 1, 31), LATER))
    assert screen_contexts([before]).notes == ()
    twice = screen_contexts([after, after], ["Of mine.", "Of mine."])
    assert twice.notes == ("Of mine.", "EU28 stands for its members until 2020-01-31, and the day is 2020-06-01.")
    assert list(twice.on.values()) == [LATER]
    assert len(twice.findings) == 2 * len(screen_contexts([after]).findings) > 0


def test_findings_come_by_measure_and_party_with_the_rules_of_the_wto_first() -> None:
    economy = made()
    measures = (add(0.25), ep.ImportQuota(**CARS, exporter="DEU", cap=0.8))
    case = {"under": ("us-232",), "isic4": {"cars": 29, "food": 10, "telecoms": 61}}
    found = screen_contexts([context(economy, *measures, **case)]).findings
    assert [f.measure for f in found] == sorted((f.measure for f in found), key=[m.title for m in measures].index)
    american = [f.rule for f in found if f.party == "USA" and f.measure == measures[0].title]
    assert american == ["gatt-i-1", "gatt-ii-1-b", "standstill-2018", "us-232"]
