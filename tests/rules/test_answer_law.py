"""What may answer a measure without a ruling: a declared safeguard, and a binding changed under Article XXVIII."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.cases.case import CaseEvent
from entrepot.rules.book import rules
from entrepot.rules.finding import Finding
from entrepot.rules.law_section import LawSection, ScenarioLaw
from entrepot.rules.legal_context import Answered, LegalContext
from entrepot.rules.measure_view import measure_views
from entrepot.rules.obligations import judge
from entrepot.studies.calendar import remarks

#: A safeguard of the United States, and the European Union's change of a binding, both applied on 1 July 2026.
SAFEGUARD = Answered(frozenset({"gatt-xix"}), date(2026, 7, 1))
SECURITY = Answered(frozenset({"gatt-xxi"}), date(2026, 7, 1))
CHANGED = Answered(frozenset({"gatt-xxviii"}), date(2026, 7, 1))
BOUND = [{"country": "CHN", "sector": "metals", "rate": "2%"}]


def answer(
    world: ep.Economy,
    rule: str,
    claim: str,
    answered: Answered | None,
    since: str | None = None,
    events: Sequence[CaseEvent] = (),
    **facts: bool,
) -> Finding:
    """Return the finding of a rule on China's duty, which no ruling authorises, on 30 November 2026."""
    tariff = ep.Tariff(importer="CHN", exporter="USA", sector="metals", rate=0.25, change="add")
    law = {"claims": {"CHN": claim}, "facts": {"suspension_authorised": False, **facts}} | (
        {"since": since} if since else {}
    )
    context = LegalContext.of(
        world,
        ep.Scenario((tariff,)),
        date(2026, 11, 30),
        ScenarioLaw(**law),
        LawSection(bound_rates=BOUND),  # type: ignore[arg-type]
        events,
        answers={0: "It answers the scenario 'theirs'."},
        answered={} if answered is None else {0: answered},
    )
    view = next(v for v in measure_views(context) if v.role == "importer")
    finding = judge(rules()[rule], view)
    assert finding is not None
    return finding


def test_a_suspension_waits_for_thirty_days_of_notice(world: ep.Economy) -> None:
    """Agreement on Safeguards, 8.2: upon the expiration of thirty days from the written notice."""
    notice = [CaseEvent(date=date(2026, 8, 20), event="China gives notice", kind=("sg-suspension-notified",))]
    for since, status in (("2026-09-19", "inconsistent"), ("2026-09-20", "justified if")):
        finding = answer(world, "gatt-ii-1-b", "sg-8", SAFEGUARD, since, notice, imports_rose_absolutely=False)
        assert finding.status.value == status
        early = "by the notice of 20 August 2026 nothing is suspended before 20 September 2026"
        assert (early in says(finding)) is (status == "inconsistent")


def says(finding: Finding) -> str:
    return " ".join(step.says for step in finding.steps)


# ---- safeguards ----


@pytest.mark.parametrize(
    ("answered", "since", "rose", "verdict"),
    [
        (SAFEGUARD, "2026-09-29", False, "met"),  # the 90th day
        (SAFEGUARD, "2026-09-30", False, "inconsistent"),
        (SAFEGUARD, "2026-09-29", True, "inconsistent"),  # 8.3: not before 1 July 2029
        (SAFEGUARD, "2026-09-29", None, "justified if"),
        (SAFEGUARD, None, None, "justified if"),
        (SAFEGUARD, "2029-07-01", True, "justified if"),
        (SECURITY, None, None, "contested"),
        (None, None, None, "contested"),
    ],
)
def test_a_declared_safeguard_is_answered_within_article_8(
    world: ep.Economy, answered: Answered | None, since: str | None, rose: bool | None, verdict: str
) -> None:
    """Agreement on Safeguards, 8.2 (90 days, 30 days' notice) and 8.3 (three years on an absolute increase)."""
    facts = {} if rose is None else {"imports_rose_absolutely": rose}
    finding = answer(world, "gatt-ii-1-b", "sg-8", answered, since, **facts)
    assert ("met" if finding.met else finding.status.value) == verdict
    declared = answered is SAFEGUARD
    assert ("taken as a safeguard, under Article XIX" in says(finding)) is declared
    assert ("Section 232" in says(finding)) is not declared
    if declared and since is None:
        assert "its last day is 29 September 2026" in says(finding)
        assert "received by 29 August 2026" in says(finding)  # whose 30 days end with 28 September
        assert "nothing is suspended before 1 July 2029" in says(finding)


def test_a_case_may_state_that_the_other_measure_is_a_declared_safeguard(world: ep.Economy) -> None:
    finding = answer(world, "dsu-23", "sg-8", None, answers_a_declared_safeguard=True)
    assert finding.status.value == "justified if"
    assert "Section 232" not in says(finding)


# ---- Article XXVIII ----


@pytest.mark.parametrize(
    ("answered", "since", "rights", "verdict"),
    [
        (CHANGED, "2027-01-01", True, "met"),
        (CHANGED, "2027-01-02", True, "inconsistent"),
        (CHANGED, "2027-01-01", None, "justified if"),
        (CHANGED, "2027-01-01", False, "inconsistent"),
        (CHANGED, None, True, "justified if"),
        (None, "2027-01-01", True, "justified if"),
    ],
)
@pytest.mark.parametrize("claim", ["gatt-xxviii", "gatt-xxviii-3"])
def test_an_answer_under_article_xxviii_is_the_withdrawal_of_paragraph_3(
    world: ep.Economy, claim: str, answered: Answered | None, since: str | None, rights: bool | None, verdict: str
) -> None:
    """GATT XXVIII:3(a): within six months of the action, on 30 days' notice, by those with rights in the binding."""
    facts = {} if rights is None else {"has_negotiating_rights": rights}
    finding = answer(world, "gatt-ii-1-b", claim, answered, since, **facts)
    assert ("met" if finding.met else finding.status.value) == verdict
    assert "renegotiat" not in f"{finding.condition} {says(finding)}"
    assert verdict == "inconsistent" or "Article XXVIII:3" in finding.condition
    unilateral = answer(world, "dsu-23", claim, answered, since, **facts)
    assert (unilateral.status.value == "inconsistent") is (verdict == "inconsistent")


def test_the_last_day_of_the_right_is_in_the_calendar_of_the_steel_quotas() -> None:
    calendar = ep.load_case("eu-steel-trq").deadlines(date(2026, 11, 30))
    deadline = calendar.deadline("gatt-xxviii-3")
    assert (deadline.due, deadline.says) == (date(2027, 1, 1), "open: 32 days left")
    assert [day for day, _ in deadline.others] == [date(2026, 12, 1)]  # its 30 days are over at the end of 31 December
    assert any("1 December 2026" in line for line in remarks(calendar))


CASE = """
case: answered
title: An answer to a safeguard
question: Is it allowed?
parties: [USA, CHN]
law: {on: 2026-11-30}
scenarios:
  tariff:
    title: A safeguard
    law: {under: us-201, since: 2026-07-01, claims: {CHN: [sg-8]}}
    measures:
      - tariff: {importer: USA, exporter: WORLD, sector: metals, rate: 5%, change: add}
retaliation: {by: CHN, against: USA, equivalent_to: tariff}
"""


def test_a_case_knows_that_what_it_answers_is_a_safeguard(world: ep.Economy) -> None:
    found = ep.screen(read_case(CASE), world).of("retaliation")
    (finding,) = [f for f in found if f.party == "CHN" and f.role == "importer" and f.rule == "dsu-23"]
    assert finding.status.value == "justified if"
    assert "its last day is 29 September 2026" in says(finding)
    sections = Answered.of(ScenarioLaw(claims={"CHN": ("gatt-xx",)}), LawSection(), ["USA"])  # those of the other side
    assert sections == Answered()


OF_EXPORTS = """
case: of-exports
title: An answer to a charge on exports
question: Is it allowed?
parties: [USA, CHN]
law: {on: 2026-11-30}
scenarios:
  theirs:
    title: China taxes or limits its exports
    law: {claims: {USA: [sg-8]}}
    measures:
      - MEASURE
retaliation: {by: USA, against: CHN, equivalent_to: theirs, yardstick: income}
"""


@pytest.mark.parametrize(
    "measure",
    [
        "export_tax: {importer: USA, exporter: CHN, sector: metals, rate: 10%}",
        "export_quota: {importer: USA, exporter: CHN, sector: metals, cap: 90%}",
        "minimum_price: {importer: WORLD, exporter: CHN, sector: metals, price: 110%}",
    ],
)
def test_a_measure_on_exports_is_no_safeguard(world: ep.Economy, measure: str) -> None:
    """Agreement on Safeguards, Article 1 with GATT XIX: a safeguard is on imports."""
    found = ep.screen(read_case(OF_EXPORTS.replace("MEASURE", measure)), world).of("retaliation")
    by_rule = {f.rule: f for f in found if f.party == "USA" and f.role == "importer"}
    mfn = says(by_rule["gatt-i-1"])
    assert "The measure that it answers is on exports, and a safeguard is on imports." in mfn
    assert "Section 232" not in mfn
    assert by_rule["dsu-23"].verdict == "justified if the Dispute Settlement Body authorises it"
