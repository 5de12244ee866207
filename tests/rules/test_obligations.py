"""From a rule to a finding: touched or not, breached or not, excused or not, and the sentence for each."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

import entrepot as ep
from entrepot.rules.book import Rule, cited, decided_alike, disputes, rules
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.law_section import ScenarioLaw
from entrepot.rules.legal_context import LegalContext
from entrepot.rules.measure_view import MeasureView, measure_views
from entrepot.rules.obligations import judge, precedents

CARS: dict[str, Any] = {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
ON = "2019-05-17"
TARIFF = ep.Tariff(**CARS, rate=0.25, change="add")
QUOTA = ep.ImportQuota(**CARS, cap=0.8)
DAY = datetime.timedelta(days=1)


def seen(
    world: ep.Economy,
    measure: ep.Measure = TARIFF,
    law: Mapping[str, Any] | None = None,
    on: str = ON,
    role: str = "importer",
    **context: Any,
) -> MeasureView:
    at = LegalContext.of(
        world, ep.Scenario((measure,)), datetime.date.fromisoformat(on), ScenarioLaw(**(law or {})), **context
    )
    return next(s for s in measure_views(at) if s.role == role)


def found(
    world: ep.Economy,
    rule: str,
    measure: ep.Measure = TARIFF,
    law: Mapping[str, Any] | None = None,
    on: str = ON,
    role: str = "importer",
) -> Finding:
    finding = judge(rules()[rule], seen(world, measure, law, on, role))
    assert finding is not None
    return finding


def made_up(**parts: Any) -> Rule:
    """A rule on stated facts: local content touches it, adverse effects breach it."""
    plain = {"touched_by": ("local_content_required",), "breached_if": ("adverse_effects",), "excused_by": ()}
    return rules()["trims-2"].model_copy(update=plain | parts)


def stated(**facts: bool | None) -> dict[str, Any]:
    return {"facts": {name: value for name, value in facts.items() if value is not None}}


# ---- touched, breached ----


@pytest.mark.parametrize(
    ("touches", "breaches", "status"),
    [
        (False, True, None),
        (False, None, None),
        (None, True, None),  # nobody says that it is touched
        (True, True, Status.INCONSISTENT),
        (True, False, Status.CONSISTENT),
        (True, None, Status.JUSTIFIED_IF),
    ],
)
def test_stated_facts_decide(
    world: ep.Economy, touches: bool | None, breaches: bool | None, status: Status | None
) -> None:
    law = stated(local_content_required=touches, adverse_effects=breaches)
    finding = judge(made_up(), seen(world, law=law))
    assert (finding.status if finding else None) == status
    if finding:
        assert (finding.complain == ()) == (status is Status.CONSISTENT)
        assert (finding.remedy == "") == (status is Status.CONSISTENT)
        assert not finding.met


def test_unknown_computed_fact_still_yields_a_finding(world: ep.Economy) -> None:
    """A quota with licences held abroad: it is unknown whether governments agreed on it, which is reported."""
    rule = made_up(touched_by=("quota_by_agreement",))
    abroad = ep.ImportQuota(**CARS, cap=0.8, rent="exporter")
    for breaches, status in ((True, Status.JUSTIFIED_IF), (None, Status.JUSTIFIED_IF), (False, Status.CONSISTENT)):
        finding = judge(rule, seen(world, abroad, stated(adverse_effects=breaches)))
        assert finding is not None
        assert finding.status is status
    assert judge(rule, seen(world, QUOTA, stated(adverse_effects=True))) is None


@pytest.mark.parametrize(
    ("touched_by", "local_content", "speaks"),
    [
        (("quota_by_agreement", "local_content_required"), True, True),
        (("quota_by_agreement", "local_content_required"), None, True),
        (("not quota_by_agreement",), None, True),
        (("is_import_quota", "local_content_required"), None, False),  # what is known was found, what is not is silent
        (("is_import_quota", "not local_content_required"), None, False),
    ],
)
def test_unknown_stated_fact_alone_yields_no_finding(
    world: ep.Economy, touched_by: tuple[str, ...], local_content: bool | None, speaks: bool
) -> None:
    abroad = ep.ImportQuota(**CARS, cap=0.8, rent="exporter")
    law = stated(local_content_required=local_content, adverse_effects=True)
    finding = judge(made_up(touched_by=touched_by), seen(world, abroad, law))
    assert (finding is not None) is speaks
    assert finding is None or finding.status is Status.JUSTIFIED_IF


def test_consistent_finding_has_no_condition(world: ep.Economy) -> None:
    rule = made_up(touched_by=("quota_by_agreement",))
    abroad = ep.ImportQuota(**CARS, cap=0.8, rent="exporter")
    finding = judge(rule, seen(world, abroad, stated(adverse_effects=False)))
    assert finding is not None
    assert (finding.status, finding.condition) == (Status.CONSISTENT, "")


def test_condition_names_each_unknown_fact_once(world: ep.Economy) -> None:
    rule = made_up(breached_if=("adverse_effects", "not injury_found", "adverse_effects"))
    finding = judge(rule, seen(world, law=stated(local_content_required=True)))
    assert finding is not None
    assert finding.condition == (
        "it neither injures another Member's industry nor seriously prejudices its interests; and an investigation "
        "found serious injury from increased imports"
    )
    # Facts without a sentence of that kind leave it open.
    rule = made_up(breached_if=("not critical_shortage",))
    finding = judge(rule, seen(world, law=stated(local_content_required=True)))
    assert finding is not None
    assert finding.condition == "the facts that are unknown here bear it out"


def test_fact_used_twice_makes_one_step(world: ep.Economy) -> None:
    for name in ("trims-2", "scm-3"):
        measure = ep.ExportTax(**CARS, rate=-0.1)
        law = stated(local_content_required=True)
        finding = found(world, name, measure, law, role="exporter")
        assert finding.status is Status.INCONSISTENT
        facts = [step.fact for step in finding.steps]
        assert len(facts) == len(set(facts)), name


def test_all_questions_must_hold_and_the_first_no_ends_them(world: ep.Economy) -> None:
    rule = made_up(breached_if=("injury_found", "adverse_effects"))
    both = stated(local_content_required=True, injury_found=True, adverse_effects=True)
    assert judge(rule, seen(world, law=both)).status is Status.INCONSISTENT  # type: ignore[union-attr]
    one = judge(rule, seen(world, law=stated(local_content_required=True, injury_found=False, adverse_effects=True)))
    assert one is not None
    assert one.status is Status.CONSISTENT
    assert [step.fact for step in one.steps] == ["local_content_required", "injury_found"]
    # A no after something unknown is still a no.
    other = judge(rule, seen(world, law=stated(local_content_required=True, adverse_effects=False)))
    assert other is not None
    assert other.status is Status.CONSISTENT


# ---- in force ----


def test_rule_yields_no_finding_outside_its_period(world: ep.Economy) -> None:
    law = stated(local_content_required=True, adverse_effects=True)
    day = datetime.date.fromisoformat(ON)
    for since, until, speaks in (
        (day, None, True),
        (day + DAY, None, False),
        (day - DAY, day + DAY, True),
        (day - DAY, day, False),
    ):
        rule = made_up(in_force=since, until=until)
        assert (judge(rule, seen(world, law=law)) is not None) is speaks


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("gatt-i-1", "1948-01-01"),
        ("gatt-xi-1", "1948-01-01"),
        ("sg-2", "1995-01-01"),
        ("sg-11-1-b", "1995-01-01"),
        ("scm-3", "1995-01-01"),
        ("ag-4-2", "1995-01-01"),
        ("trims-2", "1995-01-01"),
        ("dsu-23", "1995-01-01"),
        ("dsu", "1995-01-01"),
        ("dsu-22", "1995-01-01"),
        ("enabling-clause", "1979-11-28"),
        ("gatt-xxi", "1948-01-01"),
        ("gatt-xxiv", "1948-01-01"),
    ],
)
def test_the_gatt_is_of_1948_and_the_wto_of_1995(rule: str, first: str) -> None:
    assert rules()[rule].in_force.isoformat() == first
    assert rules()[rule].until is None


def test_gatt_has_its_name_on_the_date(world: ep.Economy) -> None:
    for on, name in (("1994-12-31", "GATT 1947"), ("1995-01-01", "GATT 1994")):
        finding = found(world, "gatt-i-1", law={"claims": "gatt-xx"}, on=on)
        assert finding.provision == f"{name}, Article I:1"
        assert f"({name}, Article XX)" in finding.condition


def test_unbound_parties_have_no_findings(world: ep.Economy) -> None:
    chinese = ep.VoluntaryExportRestraint(importer="USA", exporter="CHN", sector="motor_vehicles", cap=0.8)
    for on, bound in (("2001-12-10", False), ("2001-12-11", True)):
        s = seen(world, chinese, on=on, role="exporter")
        assert (judge(rules()["gatt-xi-1"], s) is not None) is bound


# ---- exceptions ----


def test_unexcused_breach_lists_exceptions_not_relied_on(world: ep.Economy) -> None:
    finding = found(world, "gatt-xi-1", QUOTA)
    assert (finding.status, finding.condition, finding.met) == (Status.INCONSISTENT, "", False)
    last = finding.steps[-1]
    assert (last.fact, last.answer, last.found_in) == ("exceptions", None, "the case")
    assert last.says == (
        "Not relied on here: GATT 1994, Article XIX; GATT 1994, Article VI; GATT 1994, "
        "Article XII; GATT 1994, Article XX; GATT 1994, Article XXI(b); Dispute Settlement Understanding, Article 22; "
        "Agreement on Safeguards, Article 8.2."
    )
    assert finding.cure == rules()["gatt-xi-1"].cure
    assert finding.consequence == rules()["gatt-xi-1"].consequence


def test_before_1995_only_the_gatts_own_exceptions_are_named(world: ep.Economy) -> None:
    last = found(world, "gatt-xi-1", QUOTA, on="1981-05-01").steps[-1].says
    assert "Article XX" in last
    assert "Safeguards, Article 8.2" not in last
    assert "Article 22" not in last


def test_an_exception_that_is_met_excuses_and_says_what_follows(world: ep.Economy) -> None:
    law = {"claims": "gatt-xxi", "facts": {"war_or_emergency": True}}
    finding = found(world, "gatt-xi-1", QUOTA, law)
    exception = rules()["gatt-xxi"]
    assert (finding.status, finding.met) == (Status.JUSTIFIED_IF, True)
    assert finding.condition == f"{exception.condition} (GATT 1994, Article XXI(b))"
    assert finding.verdict == f"justified if {finding.condition}, which holds on the facts here"
    assert finding.consequence == exception.consequence
    assert finding.cure == "", "there is nothing to cure"
    assert not any(step.fact == "exceptions" for step in finding.steps)
    assert not any("contested" in (step.confidence or "") for step in finding.steps)


def test_exception_with_unknown_facts_is_justified_if(world: ep.Economy) -> None:
    finding = found(world, "gatt-xi-1", QUOTA, {"claims": "gatt-xx"})
    assert (finding.status, finding.met) == (Status.JUSTIFIED_IF, False)
    assert finding.condition == f"{rules()['gatt-xx'].condition} (GATT 1994, Article XX)"
    assert finding.verdict == f"justified if {finding.condition}"
    assert finding.consequence == rules()["gatt-xi-1"].consequence
    assert finding.cure == rules()["gatt-xi-1"].cure


def test_exception_with_contrary_facts_does_not_apply(world: ep.Economy) -> None:
    law = {"claims": "gatt-xx"} | stated(fits_a_paragraph_of_xx=True, not_a_disguised_restriction=False)
    finding = found(world, "gatt-xi-1", QUOTA, law)
    assert finding.status is Status.INCONSISTENT
    (text,) = [step for step in finding.steps if step.fact == "gatt-xx"]
    assert text.answer is False
    assert text.says == f"GATT 1994, Article XX does not apply: it requires that {rules()['gatt-xx'].condition}."
    # The exceptions that were not relied on are named all the same.
    assert "Not relied on here: GATT 1994, Article XIX" in finding.steps[-1].says
    assert "Article XX;" not in finding.steps[-1].says


@pytest.mark.parametrize("emergency", [None, False])
def test_security_is_contested_whatever_the_facts(world: ep.Economy, emergency: bool | None) -> None:
    law = {"claims": "gatt-xxi"} | stated(war_or_emergency=emergency)
    finding = found(world, "gatt-xi-1", QUOTA, law)
    assert finding.status is Status.CONTESTED
    assert finding.verdict == "contested: it stands or falls with GATT 1994, Article XXI(b)"
    (contest,) = [step for step in finding.steps if step.fact == "gatt-xxi"]
    assert contest.confidence == "disputed"
    assert contest.found_in == "panels, below; United States' statements to the Dispute Settlement Body"
    text = [step.says for step in finding.steps if step.fact == "dispute"]
    assert "Russia - Measures Concerning Traffic in Transit, DS512 (5 April 2019)" in text[0]
    assert finding.confidence == "disputed"


def test_contest_counts_from_its_first_day(world: ep.Economy) -> None:
    """Article 8.2 and the duties of 2018: before the notifications of that spring nobody had disputed it."""
    for on, status in (("2018-03-31", Status.JUSTIFIED_IF), ("2018-04-01", Status.CONTESTED)):
        finding = found(world, "gatt-i-1", law={"claims": "sg-8"}, on=on)
        assert finding.status is status


def test_the_best_of_several_exceptions_decides(world: ep.Economy) -> None:
    """The order in which they are claimed does not matter."""
    unmet = stated(fits_a_paragraph_of_xx=False)
    for claims in (["gatt-xx", "gatt-xxi"], ["gatt-xxi", "gatt-xx"]):
        finding = found(world, "gatt-xi-1", QUOTA, {"claims": claims} | unmet)
        assert finding.status is Status.CONTESTED
        finding = found(world, "gatt-xi-1", QUOTA, {"claims": claims})
        assert finding.status is Status.JUSTIFIED_IF
        assert "Article XX)" in finding.condition


def test_an_exception_may_help_where_the_breach_itself_is_not_known(world: ep.Economy) -> None:
    """Metals: the book has no bound rate, so it is either within it or the exception must hold."""
    metals = ep.Tariff(importer="USA", exporter="JPN", sector="metals", rate=0.25, change="add")
    plain = found(world, "gatt-ii-1-b", metals)
    assert plain.condition == "the duty stays within the bound rate"
    claimed = found(world, "gatt-ii-1-b", metals, {"claims": "gatt-xx"})
    assert claimed.condition == (
        f"the duty stays within the bound rate; or else, if {rules()['gatt-xx'].condition} (GATT 1994, Article XX)"
    )
    useless = found(world, "gatt-ii-1-b", metals, {"claims": "gatt-xx"} | stated(fits_a_paragraph_of_xx=False))
    assert useless.condition == plain.condition
    assert len(useless.steps) == len(plain.steps)


def excusing(monkeypatch: pytest.MonkeyPatch, **exceptions: Rule) -> None:
    """Exceptions in addition to those of the book."""
    monkeypatch.setattr("entrepot.rules.obligations.rules", lambda: {**rules(), **exceptions})


BREACH = stated(local_content_required=True, adverse_effects=True)


def test_an_exception_that_holds_is_better_than_one_that_may(world: ep.Economy) -> None:
    """The balance of payments is listed first and not known to be in danger; Article XX holds on the facts here."""
    facts = stated(fits_a_paragraph_of_xx=True, not_a_disguised_restriction=True)
    for claims in (["gatt-xii", "gatt-xx"], ["gatt-xx", "gatt-xii"]):
        finding = found(world, "gatt-xi-1", QUOTA, {"claims": claims} | facts)
        assert (finding.status, finding.met) == (Status.JUSTIFIED_IF, True)
        assert "Article XX)" in finding.condition
        # Of two that may hold, both are named, in the order of the rule.
        both = found(world, "gatt-xi-1", QUOTA, {"claims": claims})
        first, second = (
            f"{rules()[name].condition} (GATT 1994, Article {name[5:].upper()})" for name in ("gatt-xii", "gatt-xx")
        )
        assert (both.met, both.condition) == (False, f"{first}; or else, if {second}")


def test_every_exception_that_may_help_is_a_way_out(world: ep.Economy) -> None:
    """One that is contested comes after one that turns on a fact; one that fails is left out."""
    law = {"claims": ["gatt-xxi", "gatt-xx", "gatt-xii"]}
    finding = found(world, "gatt-xi-1", QUOTA, law | stated(reserves_in_danger=False))
    assert finding.status is Status.JUSTIFIED_IF
    assert finding.condition == (
        f"{rules()['gatt-xx'].condition} (GATT 1994, Article XX); "
        "or else, it stands or falls with GATT 1994, Article XXI(b)"
    )
    alone = found(world, "gatt-xi-1", QUOTA, law | stated(reserves_in_danger=False, fits_a_paragraph_of_xx=False))
    assert alone.verdict == "contested: it stands or falls with GATT 1994, Article XXI(b)"


def test_an_answer_to_a_safeguard_has_the_way_out_that_it_claims(world: ep.Economy) -> None:
    """Where Article 8.2 is claimed, an authorisation is not the only way out."""
    finding = found(world, "gatt-i-1", law={"claims": ["sg-8", "dsu-22"]}, on="2018-03-31")
    assert finding.status is Status.JUSTIFIED_IF
    for name in ("dsu-22", "sg-8"):
        assert str(rules()[name].condition) in finding.condition


@pytest.mark.parametrize(
    ("despite_facts", "emergency", "status"),
    [
        (True, None, Status.CONTESTED),
        (True, False, Status.CONTESTED),
        (False, None, Status.CONTESTED),
        (False, False, Status.INCONSISTENT),
        (True, True, Status.JUSTIFIED_IF),
    ],
)
def test_a_dispute_over_an_exception_is_open_where_its_facts_are_or_where_it_is_about_them(
    world: ep.Economy,
    monkeypatch: pytest.MonkeyPatch,
    despite_facts: bool,
    emergency: bool | None,
    status: Status,
) -> None:
    contest = rules()["gatt-xxi"].contested
    assert contest is not None
    disputed = contest.model_copy(update={"despite_facts": despite_facts})
    excusing(monkeypatch, mine=rules()["gatt-xxi"].model_copy(update={"contested": disputed}))
    law = {"claims": "gatt-xxi", "facts": BREACH["facts"] | stated(war_or_emergency=emergency)["facts"]}
    finding = judge(made_up(excused_by=("mine",)), seen(world, law=law))
    assert finding is not None
    assert finding.status is status


def test_claim_shared_by_two_exceptions_makes_one_step(world: ep.Economy) -> None:
    rule = made_up(excused_by=("gatt-xix", "sg-5-2-b"))
    finding = judge(rule, seen(world, law=BREACH | {"claims": "gatt-xix"}))
    assert finding is not None
    assert [step.fact for step in finding.steps].count("safeguard_claimed") == 1
    assert [step.fact for step in finding.steps][-1] == "departure_agreed_in_committee"


def test_a_rule_without_exceptions_names_none(world: ep.Economy) -> None:
    finding = judge(made_up(), seen(world, law=BREACH))
    assert finding is not None
    assert [step.fact for step in finding.steps] == ["local_content_required", "adverse_effects"]


def test_finding_copies_the_text_of_the_rule(world: ep.Economy) -> None:
    rule = rules()["trims-2"]
    finding = judge(made_up(), seen(world, law=BREACH))
    assert finding is not None
    assert (finding.rule, finding.title, finding.citation) == ("trims-2", rule.title, rule.source.title)
    assert (finding.consequence, finding.cure, finding.disputes) == (rule.consequence, rule.cure, rule.disputes)
    assert finding.disputes == ("ds54",)
    assert finding.text == rule.confidence
    assert finding.trade == pytest.approx(seen(world).trade)
    # A rule need not name a cure, nor a remedy, whether dispute settlement is open yet or not.
    bare = made_up(cure=None, remedy=None, in_force=datetime.date(1948, 1, 1))
    for on in (ON, "1994-12-31"):
        other = judge(bare, seen(world, law=BREACH, on=on))
        assert other is not None
        assert (other.cure, other.remedy) == ("", "")


# ---- precedents ----


def test_precedents_are_by_date_and_later_ones_are_marked() -> None:
    steps = precedents(rules()["gatt-xxi"], datetime.date(2020, 6, 16))
    days = [disputes()[name].decided for name in ("ds512", "ds567", "ds544")]
    assert days == sorted(days)
    assert [step.says.startswith("Decided later: ") for step in steps] == [False, False, True]
    first, second, third = (step.says for step in steps)
    assert first.endswith(disputes()["ds512"].held), "adopted, and no word of its status"
    assert f"Status: {disputes()['ds567'].status}." in second
    assert "Steel and Aluminium Products, DS544, DS552, DS556, DS564 (9 December 2022)" in third
    assert [step.confidence for step in steps] == ["seen", "general", "seen"]
    assert all(step.answer is None and step.found_in for step in steps)
    # What is decided on the day itself is not later.
    on_the_day = precedents(rules()["gatt-xxi"], disputes()["ds544"].decided)
    assert not any(step.says.startswith("Decided later: ") for step in on_the_day)
    eve = precedents(rules()["gatt-xxi"], disputes()["ds512"].decided - DAY)
    assert all(step.says.startswith("Decided later: ") for step in eve)


def test_disputes_that_a_rule_names_are_in_the_book() -> None:
    assert {name for rule in rules().values() for name in rule.disputes} <= set(disputes())


def test_disputes_decided_alike_are_cited_together() -> None:
    steel = [disputes()[name] for name in ("ds544", "ds552")]
    assert cited(steel) == "United States - Certain Measures on Steel and Aluminium Products, DS544, DS552"
    assert cited(steel[:1]) == "United States - Certain Measures on Steel and Aluminium Products (China), DS544"
    assert [[d.id for d in group] for group in decided_alike(["ds512", "ds544", "ds567", "ds552"])] == [
        ["ds512"],
        ["ds544", "ds552"],
        ["ds567"],
    ]


# ---- who may complain, and what they may do ----


def test_those_who_may_complain_are_bound_too_and_named_by_trade(world: ep.Economy) -> None:
    all_of_them = ep.ImportQuota(importer="USA", sector="motor_vehicles", cap=0.8)
    finding = found(world, "gatt-xi-1", all_of_them)
    assert "ROW" not in finding.complain
    assert "RUS" in finding.complain
    assert "RUS" not in found(world, "gatt-xi-1", all_of_them, on="2012-08-21").complain
    j, n = world.sectors.index("motor_vehicles"), world.countries.index("USA")
    value = {c: world.value[j, n, k] for k, c in enumerate(world.countries)}
    alone = [c for c in finding.complain if c in value]
    assert [value[c] for c in alone] == sorted((value[c] for c in alone), reverse=True)
    assert finding.trade == pytest.approx(sum(v for c, v in value.items() if c != "USA"))


@pytest.mark.parametrize(
    ("on", "starts", "stuck"),
    [
        ("1994-12-31", "Make representations", False),
        ("1995-01-01", "Ask for consultations (Article 4)", False),
        ("2019-12-10", "Ask for consultations (Article 4)", False),
        ("2019-12-11", "Ask for consultations (Article 4)", True),
    ],
)
def test_remedy_on_the_date(world: ep.Economy, on: str, starts: str, stuck: bool) -> None:
    """Representations under the GATT, dispute settlement under the WTO, and no appeals since December 2019."""
    remedy = found(world, "gatt-xi-1", QUOTA, on=on).remedy
    assert remedy.startswith(starts)
    assert ("An appeal leaves the report unadopted" in remedy) is stuck


# ---- findings and the screen ----


def finding(status: Status, condition: str = "", met: bool = False) -> Finding:
    names = ("scenario", "measure", "party", "role", "rule", "provision", "title", "consequence", "cure", "remedy")
    return Finding(
        **dict.fromkeys((*names, "citation"), ""),  # type: ignore[arg-type]
        status=status,
        condition=condition,
        met=met,
        steps=(),
        complain=(),
        trade=0.0,
        disputes=(),
        text="seen",
        confidence="seen",
    )


def test_verdict_is_the_status_with_its_condition() -> None:
    assert finding(Status.CONSISTENT, "x").verdict == "consistent"
    assert finding(Status.INCONSISTENT, "x").verdict == "inconsistent"
    assert finding(Status.DEPARTED).verdict == "departed from"
    assert finding(Status.DEPARTED, "x").verdict == "departed from if x"
    assert finding(Status.CONTESTED).verdict == "contested"
    assert finding(Status.CONTESTED, "x").verdict == "contested: x"
    assert finding(Status.JUSTIFIED_IF, "x").verdict == "justified if x"
    assert finding(Status.JUSTIFIED_IF, "x", met=True).verdict == "justified if x, which holds on the facts here"


def test_the_order_of_severity() -> None:
    order = [Status.CONSISTENT, Status.DEPARTED, Status.JUSTIFIED_IF, Status.CONTESTED, Status.INCONSISTENT]
    assert sorted(Status, key=lambda s: s.severity) == order
    assert len({s.severity for s in Status}) == 5


def test_finding_has_the_lowest_confidence_of_text_and_steps(world: ep.Economy) -> None:
    s = seen(world, TARIFF)
    rest: dict[str, Any] = dict.fromkeys(
        ("rule", "provision", "title", "condition", "consequence", "cure", "remedy", "citation"), ""
    ) | {"status": Status.CONSISTENT, "met": False, "complain": (), "trade": 0.0, "disputes": ()}
    steps = [Step("a", True, "", ""), Step("b", True, "", "", "derived")]
    for text, weakest in (("seen", "derived"), ("general", "general"), ("disputed", "disputed")):
        made = Finding.on(s, text=text, steps=steps, **rest)  # type: ignore[arg-type]
        assert (made.text, made.confidence) == (text, weakest)
        assert (made.party, made.role, made.measure) == ("USA", "importer", TARIFF.title)
    assert Finding.on(s, text="seen", steps=[steps[0]], **rest).confidence == "seen"


def test_rule_applies_only_to_the_roles_it_binds(world: ep.Economy) -> None:
    food = CARS | {"sector": "food"}
    measures = [TARIFF, QUOTA, ep.VoluntaryExportRestraint(**food, cap=0.8), ep.ExportTax(**CARS, rate=-0.1)]
    screen = ep.screen(measures, world, on=ON)
    book = rules()
    calls = {(f.rule, f.role) for f in screen.findings if f.rule in book}
    assert calls
    for rule, role in calls:
        assert book[rule].kind == "obligation"
        assert role in book[rule].binds
    assert ("gatt-xi-1", "exporter") in calls
    assert ("gatt-i-1", "exporter") not in calls
    assert ("scm-3", "exporter") in calls


def test_the_worst_of_a_scenario_and_its_table(world: ep.Economy) -> None:
    screen = ep.screen([QUOTA], world, on=ON)
    (name,) = screen.on
    assert screen.worst(name) is Status.INCONSISTENT
    assert screen.worst("another") is Status.CONSISTENT
    assert screen.of("another") == ()
    table = screen.to_frame().set_index("rule")
    row = table.loc["gatt-xi-1"]
    (one,) = [f for f in screen.findings if f.rule == "gatt-xi-1"]
    assert row["date"] == ON
    assert row["status"] == "inconsistent"
    assert row["who_may_complain"] == "; ".join(one.complain) == "JPN"
    assert row["trade_at_stake"] == pytest.approx(one.trade)
    assert row["reasoning"] == " ".join(step.says for step in one.steps)
    assert (row["party"], row["role"], row["confidence"]) == ("USA", "importer", one.confidence)
    data = screen.to_dict()
    assert data["on"] == {name: ON}
    assert data["findings"][0]["verdict"] == screen.findings[0].verdict
    text = repr(screen)
    assert text.startswith("Screen of 1 scenario: ")
    count = [(status, sum(f.status is status for f in screen.findings)) for status in reversed(Status)]
    assert ", ".join(f"{number} {status.value}" for status, number in count if number) + "." in text
    assert "The United States, " in text
    fine = ep.screen([replace(TARIFF, rate=0.0)], world, on=ON)
    assert repr(fine).startswith("Screen of 1 scenario: no rule is touched")
