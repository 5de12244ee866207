"""Findings on a made-up statute: its period, its limits at their edges, its disputes and conflicts."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from test_facts import CARS, add, made, seen

import entrepot as ep
from entrepot.rules.book import Contest, Limit, rules, statutes
from entrepot.rules.domestic_law import authorities
from entrepot.rules.finding import Finding, Status

#: What a screen finds of a measure under the statute.
Screened = Callable[..., Finding]
CAP = ep.ImportQuota(**CARS, cap=0.8)
RESTRAINT = ep.VoluntaryExportRestraint(**CARS, exporter="JPN", cap=0.8)
BEGINS, ENDS = datetime.date(2010, 3, 1), datetime.date(2015, 3, 1)
DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def economy() -> ep.Economy:
    return made()


@pytest.fixture
def under(economy: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> Screened:
    """Return the finding on a measure under the statute, with some of its fields replaced."""

    def screen(
        measure: ep.measures.Measure | None = None, on: datetime.date = BEGINS, lasts: int | None = None, **parts: Any
    ) -> Finding:
        plain: dict[str, Any] = {"title": "Section 9 of the Act of 2009", "provision": "9 Acts 1", "invokes": ()}
        plain |= {
            "needs": (),
            "found": (),
            "found_by": (),
            "in_force": BEGINS,
            "until": None,
            "ended_for": (),
            "contests": (),
            "clashes_with": (),
        }
        mine = statutes()["us-232"].model_copy(update=plain | {"limits": Limit()} | parts)
        for module in ("legal_context", "law_section"):
            monkeypatch.setattr(f"entrepot.rules.{module}.statutes", lambda: {"mine": mine})
        law = {"under": "mine"} | ({"until": on + lasts * DAY} if lasts else {})
        (finding,) = authorities(seen(economy, measure or add(0.1, "WORLD"), on=on, law=law))
        return finding

    return screen


def step_texts(finding: Finding, fact: str) -> list[str]:
    return [step.says for step in finding.steps if step.fact == fact]


def test_statute_without_limits_allows_the_measure(under: Screened) -> None:
    finding = under()
    assert (finding.status, finding.condition, finding.met) == (Status.CONSISTENT, "", False)
    assert (finding.cure, finding.remedy, finding.complain) == ("", "", ())
    assert (finding.provision, finding.title) == ("Section 9 (9 Acts 1)", "Authority in the United States")
    (step,) = finding.steps
    assert (step.fact, step.answer, step.found_in) == ("statute", True, "9 Acts 1")
    assert step.says == f"Section 9 of the Act of 2009: {statutes()['us-232'].test}"
    assert finding.trade == pytest.approx(100), "40, 30, 20 and 10 million of cars"
    assert finding.citation == statutes()["us-232"].source.title
    assert finding.text == statutes()["us-232"].confidence
    assert finding.disputes == statutes()["us-232"].disputes


@pytest.mark.parametrize(
    ("kinds", "of_quotas"), [((), False), (("tariff",), True), (("tariff", "import_quota"), False)]
)
def test_statute_is_in_force_until_the_day_before_its_end(
    under: Screened, kinds: tuple[str, ...], of_quotas: bool
) -> None:
    """The end applies to the kinds of measure named, else to all; before the first day there is no authority."""
    duty = add(0.1, "WORLD")
    for on, measure, allowed in (
        (BEGINS - DAY, duty, False),
        (BEGINS - DAY, CAP, False),
        (BEGINS, duty, True),
        (BEGINS, CAP, True),
        (ENDS - DAY, duty, True),
        (ENDS, duty, False),
        (ENDS, CAP, of_quotas),
    ):
        finding = under(measure, on, until=ENDS, ended_for=kinds)
        assert finding.status is (Status.CONSISTENT if allowed else Status.INCONSISTENT), (on, measure)
        assert (step_texts(finding, "in_force") == []) is allowed


@pytest.mark.parametrize(
    ("measure", "over"),
    [
        (add(0.15, "WORLD"), False),
        (add(0.151, "WORLD"), True),
        (ep.Tariff(**CARS, rate=0.175), False),  # 2.5% before: 15 points
        (ep.Tariff(**CARS, rate=0.176), True),
        (ep.SpecificTariff(**CARS, amount="15%"), False),
        (ep.SpecificTariff(**CARS, amount="15.1%"), True),
    ],
)
def test_a_duty_may_rise_by_the_points_allowed(under: Screened, measure: ep.measures.Measure, over: bool) -> None:
    finding = under(measure, limits=Limit(points=0.15, confidence="derived"))
    assert finding.status is (Status.INCONSISTENT if over else Status.CONSISTENT)
    (step,) = (step for step in finding.steps if step.fact == "points")
    assert (step.answer, step.confidence, step.found_in) == (over, "derived", "9 Acts 1")
    sourced = under(measure, limits=Limit(points=0.15, source="9 Acts 2"))
    (step,) = (step for step in sourced.steps if step.fact == "points")
    assert step.found_in == ("9 Acts 2" if over else "9 Acts 1")


def test_limit_on_points_ignores_measures_without_a_rise(under: Screened) -> None:
    for measure in (add(-0.01, "WORLD"), CAP, ep.Tariff(**CARS, rate=0.025)):
        assert step_texts(under(measure, limits=Limit(points=0.0)), "points") == []
    assert step_texts(under(limits=Limit(points=0.0)), "points") == [
        "The duty rises by 10 percentage points; the statute allows at most 0 percentage points."
    ]


def test_equal_treatment_counts_only_where_the_statute_requires_it(under: Screened) -> None:
    for minds, exporter, status in (
        (True, "JPN", Status.INCONSISTENT),
        (True, "WORLD", Status.CONSISTENT),
        (False, "JPN", Status.CONSISTENT),
    ):
        assert under(add(0.1, exporter), limits=Limit(all_origins=minds)).status is status


@pytest.mark.parametrize(
    ("limit", "last", "allowed"),
    [
        (Limit(days=10), 10, "10 days"),
        (Limit(years=1), 365, "1 years"),
        (Limit(years=2.5), 913, "2.5 years"),  # 2.5 x 365.25 = 913.1 days
        (Limit(days=10, years=8), 10, "10 days"),
    ],
)
def test_a_measure_lasts_as_long_as_allowed(under: Screened, limit: Limit, last: int, allowed: str) -> None:
    endless = under(limits=limit)
    assert (endless.status, endless.condition) == (Status.JUSTIFIED_IF, f"it ends within {allowed}")
    assert step_texts(endless, "lasts") == [f"No end is stated (law: until); the statute allows {allowed}."]
    assert endless.steps[-1].answer is None
    assert endless.steps[-1].found_in == "not stated"
    in_time = under(lasts=last, limits=limit)
    assert (in_time.status, step_texts(in_time, "lasts")) == (Status.CONSISTENT, [])
    late = under(lasts=last + 1, limits=limit)
    assert late.status is Status.INCONSISTENT
    assert step_texts(late, "lasts") == [f"It lasts {last + 1} days; the statute allows {allowed}."]
    assert late.cure == "Act within the limits and deadlines of the statute."
    assert late.remedy == "Parties with standing may sue in the national courts."


def test_breach_stays_inconsistent_without_a_stated_end(under: Screened) -> None:
    finding = under(limits=Limit(points=0.05, days=10))
    assert (finding.status, finding.condition) == (Status.INCONSISTENT, "it ends within 10 days")


CONTEST = Contest(since=BEGINS, until=ENDS, what="Whether it reaches so far.", authorities=("one court", "another"))


def test_a_dispute_over_the_statute_from_its_first_day_to_its_last(under: Screened) -> None:
    for on, open_ in ((BEGINS, True), (ENDS - DAY, True), (ENDS, False)):
        finding = under(on=on, contests=(CONTEST,))
        assert finding.status is (Status.CONTESTED if open_ else Status.CONSISTENT)
        assert step_texts(finding, "contest") == (["Whether it reaches so far."] if open_ else [])
    finding = under(contests=(CONTEST,))
    assert finding.condition == "courts and commentators disagree on whether the authority extends to it"
    assert (finding.steps[-1].found_in, finding.steps[-1].confidence) == ("one court; another", "disputed")
    unsaved = under(contests=(CONTEST,), limits=Limit(points=0.05))
    assert (unsaved.status, len(step_texts(unsaved, "contest"))) == (Status.INCONSISTENT, 1)
    undecided = under(contests=(CONTEST,), limits=Limit(days=10))
    assert (undecided.status, undecided.condition) == (Status.CONTESTED, finding.condition)


@pytest.mark.parametrize(
    ("status", "bears"), [("lapsed", True), ("met late", True), ("met", False), ("open", False), (None, False)]
)
def test_dispute_on_a_lapse_counts_once_the_clock_has_lapsed(
    under: Screened, monkeypatch: pytest.MonkeyPatch, status: str | None, bears: bool
) -> None:
    clocks = {"a clock": SimpleNamespace(status=status)} if status else {"another": SimpleNamespace(status="lapsed")}
    monkeypatch.setattr("entrepot.rules.domestic_law.deadlines", lambda events, on: clocks)
    finding = under(contests=(CONTEST.model_copy(update={"clock": "a clock"}),))
    assert finding.status is (Status.CONTESTED if bears else Status.CONSISTENT)


def test_domestic_authority_is_not_a_defence_under_the_treaty(under: Screened) -> None:
    forbidden = f"{rules()['sg-11-1-b'].provision} and {rules()['gatt-xi-1'].provision}"
    finding = under(RESTRAINT, clashes_with=("sg-11-1-b", "gatt-xi-1"))
    assert step_texts(finding, "clash") == [
        f"Section 9 of the Act of 2009 names such an agreement as an option; {forbidden} forbids seeking it. "
        "Authority under domestic law is not a defence under the treaty."
    ]
    assert (finding.steps[-1].answer, finding.steps[-1].found_in) == (True, f"9 Acts 1; {forbidden}")
    assert finding.status is Status.CONSISTENT, "with the statute"
    assert step_texts(under(RESTRAINT), "clash") == []
    assert step_texts(under(CAP, clashes_with=("sg-11-1-b",)), "clash") == []


def test_statute_applies_to_its_country_as_importer(economy: ep.Economy) -> None:
    law = {"under": "us-232"}
    assert [f.rule for f in authorities(seen(economy, add(0.1), law=law))] == ["us-232"]
    assert authorities(seen(economy, add(0.1), role="exporter", law=law)) == []
    ours = ep.VoluntaryExportRestraint(importer="JPN", exporter="USA", sector="cars", cap=0.8)
    assert authorities(seen(economy, ours, role="exporter", law=law)) == []
    assert authorities(seen(economy, ours, law=law)) == []
    both = {"under": ["us-301", "us-232"]}
    assert [f.rule for f in authorities(seen(economy, add(0.1), law=both))] == ["us-301", "us-232"]
