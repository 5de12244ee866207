"""Safeguards under Article XIX of GATT: partners in agreements, conditions, periods, and what may answer them."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

import entrepot as ep
from entrepot.rules.book import rules
from entrepot.rules.clocks import Calendar, deadlines
from entrepot.rules.finding import Finding
from entrepot.rules.law_section import ScenarioLaw
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import measure_views
from entrepot.rules.obligations import judge

ON = "2026-10-01"
#: What the Agreement on Safeguards asks for.
CONFORMS = {"serious_injury_found": True, "causal_link_shown": True, "unforeseen_developments_shown": True}


def burden(importer: str, exporter: Any = "WORLD", **keys: Any) -> ep.Tariff:
    return ep.Tariff(importer=importer, exporter=exporter, sector="metals", rate=0.25, change="add", **keys)


def by_rule(world: ep.Economy, measure: ep.Measure, **law: Any) -> dict[str, Finding]:
    found = ep.screen(measure, world, on=ON, law={"since": ON, "until": "2029-10-01", **law}).findings
    return {f.rule: f for f in found if f.role == "importer"}


def says(finding: Finding) -> str:
    return " ".join(step.says for step in finding.steps)


# ---- partners in free-trade agreements ----


@pytest.mark.parametrize(
    ("importer", "law", "pledge", "provision"),
    [
        ("KOR", {"claims": "gatt-xix"}, "korus-2-3", "Article 10.5"),
        ("USA", {"under": "us-201"}, "korus-2-3", "Article 10.5"),
        ("JPN", {"claims": "gatt-xix"}, "cptpp-duties", "Chapter 6"),
    ],
)
def test_agreements_leave_a_global_safeguard_open(
    world: ep.Economy, importer: str, law: dict[str, Any], pledge: str, provision: str
) -> None:
    """KORUS 10.5 and the CPTPP's chapter 6: each party retains its rights under Article XIX of GATT."""
    met = by_rule(world, burden(importer), facts=CONFORMS, **law)[pledge]
    assert met.status.value == "consistent"
    assert provision in says(met)
    open_ = by_rule(world, burden(importer), **law)[pledge]
    assert open_.verdict.startswith("justified if it meets the conditions of Article XIX")
    assert "eave out" not in open_.cure  # it would run against Article 2.2 of the Agreement on Safeguards
    without = by_rule(world, burden(importer), facts={"injury_found": False}, **law)[pledge]
    assert without.status.value == "inconsistent"
    assert by_rule(world, burden(importer))[pledge].cure.startswith("Leave out")  # a plain duty


@pytest.mark.parametrize(("importer", "law"), [("CAN", {"claims": "gatt-xix"}), ("USA", {"under": "us-201"})])
@pytest.mark.parametrize(
    ("cause", "verdict"),
    [
        (None, "justified if the goods of the partner are a substantial share"),
        (True, "consistent"),
        (False, "inconsistent"),
    ],
)
def test_usmca_leaves_partners_out_that_do_not_cause_the_injury(
    world: ep.Economy, importer: str, law: dict[str, Any], cause: bool | None, verdict: str
) -> None:
    """USMCA 10.2, as NAFTA 802: excluded unless a substantial share that contributes importantly to the injury."""
    facts = CONFORMS | ({} if cause is None else {"partners_cause_injury": cause})
    finding = by_rule(world, burden(importer), facts=facts, **law)["usmca-2-4"]
    assert finding.verdict.startswith(verdict)
    assert ("the two must match" in finding.cure) is (cause is not True)
    assert cause is not True or not finding.cure


def test_no_pledge_asks_a_safeguard_to_leave_its_partner_out(world: ep.Economy) -> None:
    """Agreement on Safeguards, Article 2.2: applied to a product irrespective of its source."""
    found = by_rule(world, burden("USA"), under="us-201")["standstill-2019"]
    assert found.status.value == "departed from"
    assert found.cure.startswith("Consult Japan first: a safeguard falls on all sources")
    assert by_rule(world, burden("USA"))["standstill-2019"].cure == "Leave out Japan."


def test_a_safeguard_quota_is_no_breach_of_an_agreement_either(world: ep.Economy) -> None:
    quota = ep.ImportQuota(importer="KOR", exporter="WORLD", sector="metals", cap=1.0)
    finding = by_rule(world, quota, claims="gatt-xix", facts=CONFORMS)["korus-2-3"]
    assert finding.status.value == "consistent"


# ---- periods ----


def calendar(**kinds: str) -> Calendar:
    dated = [
        SimpleNamespace(date=date.fromisoformat(day), event=kind, kind=(kind.replace("_", "-"),))
        for kind, day in kinds.items()
    ]
    return deadlines(dated, on=date(2027, 6, 1))


ENDS = ("sg-7-four-years", "sg-7-eight-years", "sg-9-ten-years")


def test_the_provisional_measure_counts_in_the_periods_of_article_7() -> None:
    """Agreement on Safeguards, Article 6, last sentence; the right of 8.2 runs from the definitive measure."""
    both = calendar(sg_provisional_applied="2026-11-15", sg_measure_applied="2027-05-20")
    assert [both.deadline(name).due for name in ENDS] == [date(2030, 11, 14), date(2034, 11, 14), date(2036, 11, 14)]
    assert both.deadline("sg-6-provisional").status == "met"
    assert both.deadline("sg-8-suspension").due == date(2027, 8, 18)
    alone = calendar(sg_measure_applied="2027-05-20")
    assert alone.deadline("sg-7-four-years").due == date(2031, 5, 19)
    # Of a provisional measure that had ended, 200 days count; a measure after the next one has none.
    gap = calendar(sg_provisional_applied="2026-06-01", sg_measure_applied="2027-05-20")
    assert gap.deadline("sg-7-four-years").due == date(2030, 10, 31)
    waiting = deadlines(calendar(sg_provisional_applied="2026-11-15").events, on=date(2026, 12, 1))
    assert waiting.deadline("sg-7-four-years").status == "expected"
    assert waiting.deadline("sg-7-four-years").due == date(2030, 11, 14)
    again = deadlines(
        [*both.events, SimpleNamespace(date=date(2045, 1, 1), event="again", kind=("sg-measure-applied",))],
        on=date(2045, 6, 1),
    )
    assert again.deadline("sg-7-four-years").due == date(2048, 12, 31)


@pytest.mark.parametrize(("until", "verdict"), [("2030-11-15", "consistent"), ("2034-11-16", "inconsistent")])
def test_the_screen_counts_the_periods_as_the_calendar_does(world: ep.Economy, until: str, verdict: str) -> None:
    finding = by_rule(world, burden("USA"), claims="gatt-xix", since="2026-11-15", until=until)["sg-7"]
    assert finding.status.value == verdict
    both = calendar(sg_provisional_applied="2026-11-15", sg_measure_applied="2027-05-20").events
    law = ScenarioLaw(claims="gatt-xix", since="2027-05-20", until=until)  # type: ignore[arg-type]
    context = LegalContext.of(world, ep.Scenario((burden("USA"),)), date(2027, 6, 1), law, events=both)
    view = next(v for v in measure_views(context) if v.role == "importer")
    counted = judge(rules()["sg-7"], view)
    assert counted is not None
    assert counted.status.value == verdict
    assert "15 November 2026" in says(counted)


# ---- conditions ----


@pytest.mark.parametrize(
    ("rule", "fact"),
    [
        ("sg-2", "serious_injury_found"),
        ("sg-2", "causal_link_shown"),
        ("gatt-xix-1-a", "unforeseen_developments_shown"),
    ],
)
def test_each_condition_of_a_safeguard_is_its_own(world: ep.Economy, rule: str, fact: str) -> None:
    """GATT XIX:1(a); Agreement on Safeguards, 2.1 and 4.2(b), in Argentina - Footwear and United States - Steel."""
    tariff = burden("USA")
    assert by_rule(world, tariff, claims="gatt-xix", facts=CONFORMS)[rule].status.value == "consistent"
    rest = {name: so for name, so in CONFORMS.items() if name != fact}
    open_ = by_rule(world, tariff, claims="gatt-xix", facts=rest)
    assert open_[rule].status.value == "justified if"
    assert "is not stated" in says(open_[rule])
    assert not open_["gatt-ii-1-b"].met
    assert by_rule(world, tariff, claims="gatt-xix", facts=rest | {fact: False})[rule].status.value == "inconsistent"


def test_a_finding_of_injury_is_not_the_whole_of_a_safeguard(world: ep.Economy) -> None:
    alone = by_rule(world, burden("USA"), claims="gatt-xix", facts={"injury_found": True})
    assert {alone[rule].status.value for rule in ("sg-2", "gatt-xix-1-a")} == {"justified if"}
