"""The key `path` of a case: that of ep.paths.solve, the timeline where nothing remembers, errors with a line."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.cases.case import Case
from entrepot.cases.case_checks import check_case
from entrepot.cases.case_path import CasePath, solve_case_path
from entrepot.equilibrium.industry import industry_numbers
from entrepot.paths import Capital, Dated, Elasticities, Inventories, Mobility
from entrepot.studies.path_frames import industry_frame
from shelves import slow_after, slow_unless
from worlds import random_world

HEAD = """\
case: steps
title: Steps
question: What if?
parties: [C00, C01]
scenarios:
  first: {title: First, measures: [{tariff: {importer: C00, exporter: C01, sector: s00, rate: 10%, change: add}}]}
  second: {title: Second, measures: [{tariff: {importer: C01, exporter: C02, sector: s01, rate: 5%, change: add}}]}
  capped: {title: Capped, measures: [{ver: {importer: C00, exporter: C01, sector: s00, cap: {match: first}}}]}
report:
  protected: {country: C00, sector: s00}
  markets: [{title: market, importer: C00, sectors: [s00], exporters: [C01, C02]}]
"""
TIMELINE = """\
timeline:
  from: 2019-01-01
  until: 2021-02-15
  discount_rate: 4%
  in_force: [{scenario: second, from: 2019-02-01}]
  deadline: 2019-11-13
  if_agreed: {in_force: [{scenario: capped, from: 2019-12-01, ends: [second]}]}
  if_lapsed: {in_force: [{scenario: first, from: 2020-02-10, until: 2020-11-03, ends: [second]}]}
"""
WINDOW: dict[str, Any] = {"since": "2019-01-01", "until": "2021-02-15"}
FIRST = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.1, change="add")
SECOND = ep.Tariff(importer="C01", exporter="C02", sector="s01", rate=0.05, change="add")
MARKETS = {"market": ep.Tariff(importer="C00", sector="s00", rate=0.0)}


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 2, seed=11)


def path_of(text: str, e: ep.Economy, head: str = HEAD + TIMELINE) -> CasePath:
    return solve_case_path(read_case(head + "path:\n" + text), e)


def same(one: Any, other: Any) -> None:
    for table in ("countries", "sectors", "markets", "totals", "surges"):
        mine, theirs = getattr(one, table), getattr(other, table)
        assert list(mine.columns) == list(theirs.columns)
        np.testing.assert_allclose(
            mine.to_numpy(dtype=float), theirs.to_numpy(dtype=float), rtol=1e-6, atol=1e-6, err_msg=table
        )


@pytest.mark.parametrize(
    ("expectations", "step"),
    slow_unless(
        [("beliefs", "year"), ("myopic", "quarter")],
        itertools.product(["foresight", "myopic", "beliefs"], ["quarter", "year"]),
    ),
)
def test_a_path_in_a_case_is_that_of_python(e: ep.Economy, expectations: Any, step: Any) -> None:
    """The scenario of a cap at another's volume is solved first; `ends` and the window are those of the branch."""
    made = path_of(
        f"""\
  branch: lapsed
  expectations: {expectations}
  step: {step}
  capital: {{depreciation: 8%, discount_factor: 0.95}}
  inventories: {{interest: 4%, storage: 10%, crowding: 2, lead: 60, sectors: s00}}
  elasticities: {{short: 40%, years: 2}}
  beliefs: {{first: {{announced: 2019-05-17, probability: 35%}}}}
""",
        e,
    )
    python = ep.paths.solve(
        e,
        [
            Dated(SECOND, since="2019-02-01", until="2020-02-10"),
            Dated(FIRST, since="2020-02-10", until="2020-11-03", announced="2019-05-17", probability=0.35),
        ],
        **WINDOW,
        step=step,
        expectations=expectations,
        capital=Capital(depreciation=0.08, discount_factor=0.95),
        inventories=Inventories(0.04, 0.1, 2.0, 60, "s00"),
        elasticities=Elasticities(0.4, 2.0),
        markets=MARKETS,
        discount_rate=0.04,
    )
    same(made.path, python)
    assert [str(day) for day in made.plan.deadlines] == ["2019-11-13"]


def test_events_of_its_own_and_workers_are_those_of_python(e: ep.Economy) -> None:
    made = path_of(
        """\
  from: 2019-01-01
  until: 2020-01-01
  expectations: myopic
  mobility: {country: C00, stay: 80%, nu: 1.5}
  in_force:
    - {scenario: capped, from: 2019-06-01}
""",
        e,
        HEAD,
    )
    found = ep.solve(e, FIRST)
    cap = ep.VoluntaryExportRestraint(
        importer="C00", exporter="C01", sector="s00", cap=found.volume(FIRST), unit="usd_m"
    )
    python = ep.paths.solve(
        e,
        Dated(cap, since="2019-06-01"),
        since="2019-01-01",
        until="2020-01-01",
        expectations="myopic",
        mobility=Mobility("C00", stay=0.8, nu=1.5),
        markets=MARKETS,
    )
    same(made.path, python)
    np.testing.assert_allclose(made.path.workers, python.workers, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("branch", "closure"),
    slow_after(
        2,
        [
            ("lapsed", "closure: {deficit: balanced}\n"),
            ("agreed", ""),
            ("lapsed", ""),
            ("agreed", "closure: {deficit: balanced}\n"),
        ],
    ),
)
def test_where_nothing_remembers_it_is_the_branch_of_the_timeline(e: ep.Economy, branch: str, closure: str) -> None:
    """Both are measured from the base in which deficits are closed: before anything is in force nothing differs."""
    head = HEAD + closure + TIMELINE
    made = path_of(f"  branch: {branch}\n", e, head)
    timeline = ep.run(read_case(head), e).timeline
    assert timeline is not None
    was = (
        timeline.path[timeline.path["branch"] == branch]
        .set_index(["what", "quantity", "quarter"])["value"]
        .sort_index()
    )
    for party in ("C00", "C01", "WORLD"):
        mine = made.parties.xs(party, level="party")
        for key in ("real_income_pct", "equivalent_variation", "tariff_revenue_change", "quota_rent"):
            np.testing.assert_allclose(mine[key], was[party, key], rtol=1e-6, atol=1e-6, err_msg=f"{party} {key}")
            if closure:
                assert abs(mine[key].iloc[0]) < abs(mine[key]).max() or not mine[key].any()
    market = made.path.markets.xs("market", level="market")
    np.testing.assert_allclose(market["imports"], was["market", "imports"], rtol=1e-7)
    totals = timeline.totals[timeline.totals["branch"] == branch].set_index("party")
    for key in ("equivalent_variation", "tariff_revenue_change", "quota_rent"):
        np.testing.assert_allclose(made.totals[key], totals[key][made.totals.index], rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize("scenario", ["first", "capped"])
def test_before_anything_is_in_force_nothing_differs_from_the_closed_base(e: ep.Economy, scenario: str) -> None:
    """With balanced trade the base is not the Economy as read: its duties are others."""
    head = HEAD + "closure: {deficit: balanced}\n"
    entry = f"{{scenario: {scenario}, from: 2019-04-01}}"
    window = "  from: 2019-01-01\n  until: 2019-10-01\n"
    made = path_of(f"{window}  in_force: [{entry}]\n", e, head)
    timeline = ep.run(read_case(f"{head}timeline:\n{window}  in_force: [{entry}]\n"), e).timeline
    assert timeline is not None
    first = made.parties.xs(made.path.days[0], level="step")
    for key in ("real_income_pct", "equivalent_variation", "tariff_revenue_change", "quota_rent"):
        np.testing.assert_allclose(first[key], 0, atol=1e-6)
    early = timeline.path[timeline.path["quarter"] == made.path.days[0]].set_index(["what", "quantity"])["value"]
    changes = early.drop("market")
    np.testing.assert_allclose(changes, 0, atol=1e-6)
    closed = ep.solve(e, [], closure=ep.Closure(deficit="balanced")).economy
    assert np.abs(closed.tariff_revenue - e.tariff_revenue).max() > 1e-3


GROUP = HEAD.replace("country: C00, sector: s00", "country: [C00, C01, C02], sector: s00")
#: An industry whose labour earns little of it where it is large.
SHARES = "closure: {labour_share: {C00: {ALL: 0.9}, C01: {ALL: 0.2}, C02: {ALL: 0.6}}}\n"


@pytest.mark.parametrize("closure", ["", SHARES])
def test_an_industry_of_several_countries_is_that_of_the_study(e: ep.Economy, closure: str) -> None:
    text = "  {from: 2019-01-01, until: 2019-07-01, in_force: [{scenario: first, from: 2019-01-01}]}\n"
    found = path_of(text, e, GROUP + closure)
    out = ep.solve(e, FIRST, closure=found.case.closure)
    study = industry_numbers(
        out.accounts, [e.countries.index(c) for c in ("C00", "C01", "C02")], e.sectors.index("s00")
    )
    for column in ("output_volume_pct", "sector_employment_pct"):
        np.testing.assert_allclose(industry_frame(found)[column], float(study[column]), rtol=1e-6, err_msg=column)


@pytest.mark.parametrize("remembers", ["capital: {share: {C00: 0.1, C01: 0.7}}", "mobility: {country: C00}"])
def test_jobs_of_an_industry_are_weighted_by_what_labour_earns(e: ep.Economy, remembers: str) -> None:
    text = (
        f"  {{from: 2019-01-01, until: 2020-01-01, in_force: [{{scenario: first, from: 2019-01-01}}], {remembers}}}\n"
    )
    found = path_of(text, e, GROUP)
    labour = {"C00": 0.9, "C01": 0.3, "C02": 2 / 3} if "capital" in remembers else dict.fromkeys(e.countries, 1.0)
    at = e.sectors.index("s00")
    earned = np.array([labour[c] * e.cost[at, k] * e.value_added_share[k, at] for k, c in enumerate(e.countries)])
    jobs = found.path.sectors["sector_employment_pct"].xs("s00", level="sector").unstack("country")[list(e.countries)]
    np.testing.assert_allclose(
        industry_frame(found)["sector_employment_pct"], jobs.to_numpy() @ earned / earned.sum(), rtol=1e-9
    )


def test_investment_of_a_party_leaves_out_who_has_no_capital(e: ep.Economy) -> None:
    head = (
        HEAD.replace("[C00, C01]", "[C00, C01, WORLD]")
        + "closure: {labour_share: {WORLD: {ALL: 0.6}, C00: {ALL: 1}}}\n"
    )
    found = path_of(
        "  {from: 2019-01-01, until: 2019-07-01, in_force: [{scenario: first, from: 2019-01-01}], capital: {}}\n",
        e,
        head,
    )
    day, by_country = found.path.days[0], found.path.countries["investment_pct"]
    parties = found.parties["investment_pct"]
    assert np.isnan(parties[day, "C00"])
    assert np.isnan(found.parties["capital_pct"][day, "C00"])
    others = [c for c in e.countries if c != "C00"]
    income = [float(e.income[e.countries.index(c)]) for c in others]
    assert parties[day, "WORLD"] == pytest.approx(np.average([by_country[day, c] for c in others], weights=income))


def test_one_entry_in_two_scenarios_counts_once(e: ep.Economy) -> None:
    """A YAML anchor, as in a timeline."""
    head = HEAD.replace("measures: [{tariff: {importer: C00", "measures: [&ten {tariff: {importer: C00", 1)
    head = head.replace("scenarios:\n", "scenarios:\n", 1) + "  # nothing more\n"
    head = head.replace("report:", "  both: {title: Both, measures: [*ten]}\nreport:")
    window = "  from: 2019-01-01\n  until: 2019-07-01\n"
    once = path_of(window + "  in_force: [{scenario: first, from: 2019-01-01}]\n", e, head)
    twice = path_of(
        window + "  in_force: [{scenario: first, from: 2019-01-01}, {scenario: both, from: 2019-01-01}]\n", e, head
    )
    np.testing.assert_allclose(once.parties, twice.parties, rtol=1e-8, atol=1e-8)


def test_a_probability_for_all_moves_every_announcement(e: ep.Economy) -> None:
    text = "path:\n  branch: lapsed\n  expectations: beliefs\n  belief: 20%\n  inventories: {}\n"
    case = read_case(HEAD + TIMELINE + text + "  beliefs: {first: {announced: 2019-05-17}}\n")
    stated = HEAD + TIMELINE + text.replace("  belief: 20%\n", "")
    own = read_case(stated + "  beliefs: {first: {announced: 2019-05-17, probability: 20%}}\n")
    surges = [solve_case_path(c, e).path.surges["surge"].iloc[0] for c in (case, own, own.with_belief(0.7))]
    assert surges[0] == pytest.approx(surges[1], rel=1e-9)
    assert surges[2] > 1.5 * surges[0]
    head = stated.replace(", ends: [second]", "")
    known = "  beliefs: {first: {announced: 2019-05-17, probability: 20%"
    surges[0] = solve_case_path(read_case(f"{head}{known}}}}}\n"), e).path.surges["surge"].iloc[0]
    path = solve_case_path(read_case(f"{head}{known}, carried_out: false}}}}\n"), e).path
    assert not path.surges["carried_out"].iloc[0]
    assert path.surges["surge"].iloc[0] == pytest.approx(surges[0], rel=1e-6)
    assert list(path.events["event"]) == ["begins", "announced", "lapses"]


def test_threat_that_lapses_leaves_the_scenario_before_it_in_force(e: ep.Economy) -> None:
    """The scenario that a threat would replace stays in force where the threat is not carried out."""
    text = (
        "  branch: lapsed\n  expectations: beliefs\n  beliefs: {first: {announced: 2019-05-17, carried_out: false}}\n"
    )
    plan = path_of(text, e).plan
    assert {entry.scenario: entry.until for _, entry in plan.in_force}["second"] is None


def test_without_its_timeline_a_path_is_the_same(e: ep.Economy) -> None:
    case = read_case(HEAD + TIMELINE + "path: {branch: agreed, inventories: {sectors: s01}}\n")
    alone = case.without_timeline()
    assert alone.timeline is None
    mine, whole = alone.path_plan(), case.path_plan()
    assert mine is not None
    assert whole is not None
    assert [(p.scenario, p.since, p.until) for _, p in mine.in_force] == [
        ("second", date(2019, 2, 1), date(2019, 12, 1)),
        ("capped", date(2019, 12, 1), None),
    ]
    assert [entry for _, entry in mine.in_force] == [entry for _, entry in whole.in_force]
    same(solve_case_path(case, e).path, solve_case_path(alone, e).path)


def test_a_study_has_its_path_and_an_interrupt_keeps_what_is_solved(e: ep.Economy) -> None:
    case = read_case(HEAD + TIMELINE + "path: {branch: lapsed, capital: {}}\n")
    study = ep.run(case, e)
    assert study.path is not None
    whole = solve_case_path(case, e)
    np.testing.assert_allclose(study.path.totals, whole.totals, rtol=1e-7, atol=1e-7)
    assert ep.run(read_case(HEAD), e).path is None

    def stop(stage: str, done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    part = solve_case_path(case, e, progress=stop)
    assert not part.path.complete
    assert len(part.path.steps) == 3
    assert part.totals.shape == whole.totals.shape
    assert np.isfinite(part.parties.to_numpy()).all()


BEGIN = "  from: 2019-01-01\n  until: 2020-01-01\n"
FORCE = "  in_force: [{scenario: first, from: 2019-06-01}]\n"
BAD = {
    "announced late": (
        BEGIN + "  in_force:\n    - {scenario: first, from: 2019-06-01, announced: 2019-07-01}\n",
        "line 16: path.in_force.1.announced: 2019-07-01 is after first begins, 2019-06-01; leave 'announced' out",
    ),
    "probability": (
        BEGIN + "  in_force:\n    - {scenario: first, from: 2019-06-01, announced: 2019-05-01, probability: 1.4}\n",
        "path.in_force.1.probability: 1.4 is not between 0 and 1",
    ),
    "unannounced": (
        BEGIN + "  expectations: beliefs\n  in_force: [{scenario: first, from: 2019-06-01, probability: 40%}]\n",
        "path.in_force.1.probability: nobody knows of it before it begins",
    ),
    "belief without beliefs": (BEGIN + FORCE + "  belief: 40%\n", "path.belief: has no effect with expectations 'for"),
    "belief in nothing": (
        BEGIN + FORCE + "  expectations: beliefs\n  belief: 40%\n",
        "path.belief: nothing is announced before it begins",
    ),
    "belief of what states its own": (
        BEGIN
        + "  expectations: beliefs\n  belief: 40%\n"
        + "  in_force: [{scenario: first, from: 2019-06-01, announced: 2019-05-01, probability: 0.5}]\n",
        "path.belief: everything that is announced states its own",
    ),
    "misspelt": (BEGIN + FORCE + "  inventory: {}\n", "path.inventory: unknown key; did you mean inventories"),
    "misspelt within": (BEGIN + FORCE + "  capital: {depreciaton: 5%}\n", "did you mean depreciation"),
    "empty": (BEGIN + FORCE + "  capital:\n", "path.capital: write {} for the defaults, or leave the key out"),
    "depreciation": (
        BEGIN + FORCE + "  capital: {depreciation: 1.2}\n",
        "line 16: path.capital.depreciation: 1.2: a rate a year between 0 and 1 is needed",
    ),
    "storage": (BEGIN + FORCE + "  inventories: {storage: -5%}\n", "path.inventories.storage: -0.05: a part a year"),
    "lead": (BEGIN + FORCE + "  inventories: {lead: 0}\n", "path.inventories.lead: 0: a whole number of days"),
    "short": (BEGIN + FORCE + "  elasticities: {short: 1.5}\n", "path.elasticities.short: 1.5: a ratio above 0, up to"),
    "growth": (BEGIN + FORCE + "  elasticities: {growth: linea}\n", "path.elasticities.growth"),
    "stay": (BEGIN + FORCE + "  mobility: {country: C00, stay: 2}\n", "path.mobility.stay: 2.0: a part of workers"),
    "timing": (BEGIN + FORCE + "  capital: {timing: end}\n", "path.capital.timing"),
    "expectations": (BEGIN + FORCE + "  expectations: rational\n", "path.expectations"),
    "both factors": (
        BEGIN + FORCE + "  capital: {}\n  mobility: {country: C00}\n",
        "path.mobility: workers who move at a cost and capital cannot be on one path",
    ),
    "nothing": (BEGIN, "path: nothing is in force in its window"),
    "no window": (FORCE, "path: the key 'from' is missing"),
    "window": (
        "  from: 2019-01-01\n  until: 2018-01-01\n" + FORCE,
        "path.until: 2018-01-01 is not after the first day, 2019-01-01",
    ),
    "long": ("  from: 2019-01-01\n  until: 2319-01-01\n" + FORCE, "path.until: 2319-01-01 is more than 200 years"),
    "outside": (
        BEGIN + "  in_force: [{scenario: first, from: 2021-06-01}]\n",
        "path.in_force.1.from: lies outside the window",
    ),
    "deadline": (
        BEGIN + FORCE + "  deadlines: [2019-05-01, 2020-12-31]\n",
        "path.deadlines.2: 2020-12-31 lies outside the window, 2019-01-01 to 2020-01-01",
    ),
    "twice": (
        BEGIN + "  in_force: [{scenario: first, from: 2019-06-01}, {scenario: first, from: 2019-07-01}]\n",
        "path.in_force.2.from: 'first' is already in force from 2019-06-01",
    ),
    "unknown": (
        BEGIN + "  in_force: [{scenario: frist, from: 2019-06-01}]\n",
        "path.in_force.1.scenario: unknown scenario 'frist'; did you mean first",
    ),
    "no timeline": (BEGIN + FORCE + "  branch: lapsed\n", "path.branch: the case has no timeline"),
    "country": (BEGIN + FORCE + "  mobility: {country: ZZZ}\n", "path.mobility.country"),
    "sector": (BEGIN + FORCE + "  inventories: {sectors: cars}\n", "path.inventories.sectors"),
}


AGAIN = """\
  in_force:
    - {scenario: first, from: 2019-02-01}
    - {scenario: second, from: 2019-04-01, until: 2019-07-01, ends: [first]THREAT}
    - {scenario: first, from: 2019-09-01}
"""


def test_a_scenario_that_another_ended_may_begin_again_on_a_path(e: ep.Economy) -> None:
    found = path_of(BEGIN + AGAIN.replace("THREAT", ""), e, HEAD)
    days = [(entry.scenario, str(entry.since), str(entry.until)) for _, entry in found.plan.in_force]
    assert days == [
        ("first", "2019-02-01", "2019-04-01"),
        ("second", "2019-04-01", "2019-07-01"),
        ("first", "2019-09-01", "None"),
    ]
    threat = ", announced: 2019-03-01, carried_out: false"
    with pytest.raises(ep.errors.DocumentError, match="'first' is already in force from 2019-02-01"):
        path_of(BEGIN + AGAIN.replace("THREAT", threat), e, HEAD)


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD.keys())
def test_bad_input_gets_one_sentence_with_its_line(e: ep.Economy, text: str, says: str) -> None:
    with pytest.raises(ep.errors.DocumentError) as caught:
        path_of(text, e, HEAD)
    assert says in str(caught.value).replace("\n", " ")
    assert "line " in str(caught.value)


OF_BRANCHES = {
    "which": ("  capital: {}\n", "path: the key 'branch' is missing: name one of the timeline's, agreed, lapsed"),
    "unknown": ("  branch: laps\n", "path.branch: the timeline has no branch 'laps'; did you mean lapsed"),
    "beliefs": (
        "  branch: agreed\n  beliefs: {first: {announced: 2019-05-01}}\n",
        "path.beliefs.first: it is not in force on the branch",
    ),
    "late": (
        "  branch: lapsed\n  beliefs: {first: {announced: 2020-05-01}}\n",
        "path.beliefs.first.announced: 2020-05-01 is after first begins, 2020-02-10",
    ),
}


@pytest.mark.parametrize(("text", "says"), OF_BRANCHES.values(), ids=OF_BRANCHES.keys())
def test_what_a_path_says_of_a_branch_is_checked(text: str, says: str) -> None:
    with pytest.raises(ep.errors.DocumentError) as caught:
        read_case(HEAD + TIMELINE + "path:\n" + text)
    assert says in str(caught.value)


def test_a_belief_from_outside_is_checked(e: ep.Economy) -> None:
    def refused(case: Case, belief: float, says: str) -> None:
        with pytest.raises(ep.errors.InputError, match=says):
            case.with_belief(belief)

    lapsed = HEAD + TIMELINE + "path:\n  branch: lapsed\n"
    refused(read_case(HEAD), 0.3, "belief: the case has no path")
    refused(read_case(lapsed), 0.3, "belief: it has no effect with expectations 'foresight'")
    believed = lapsed + "  expectations: beliefs\n"
    refused(read_case(believed), 0.3, "belief: nothing is announced")
    refused(read_case(believed + "  beliefs: {first: {announced: 2019-05-01}}\n"), 1.3, "1.3 is not between 0 and 1")
    with pytest.raises(ep.errors.InputError, match="steps: the case has no path; add the key 'path'"):
        solve_case_path(read_case(HEAD), e)


def test_points_of_one_scenario_on_one_flow_get_a_note(e: ep.Economy) -> None:
    again = ", {tariff: {importer: C00, exporter: C01, sector: s00, rate: 20%, change: add}}]}\n  second"
    twice = HEAD.replace("]}\n  second", again)
    (note,) = [note for note in path_of(BEGIN + FORCE, e, twice).notes if "add up" in note]
    assert note.startswith("first: ")
    assert not any("add up" in note for note in path_of(BEGIN + FORCE, e, HEAD).notes)


def test_a_case_without_a_path_keeps_its_fingerprint() -> None:
    assert read_case(HEAD).fingerprint == read_case(HEAD + "notes: []\n").fingerprint
    one, other = (read_case(f"{HEAD}{TIMELINE}path: {{branch: {name}}}\n").fingerprint for name in ("agreed", "lapsed"))
    assert len({one, other, read_case(HEAD + TIMELINE).fingerprint}) == 3


def test_the_check_of_a_case_refuses_goods_stored_ahead_of_a_quota(e: ep.Economy) -> None:
    """The path says the same, before a step is solved; without inventories in these goods there is no fault."""
    stored = HEAD + (
        "path:\n  from: 2019-01-01\n  until: 2021-01-01\n  inventories: {sectors: s00}\n  in_force:\n"
        "    - {scenario: capped, from: 2019-02-01}\n    - {scenario: first, from: 2020-02-10}\n"
    )
    for check in (check_case, solve_case_path):
        with pytest.raises(ep.errors.DocumentError, match="'Capped' limits the quantity of s00 from C01 into C00"):
            check(read_case(stored), e)
    check_case(read_case(stored.replace("sectors: s00", "sectors: s01")), e)
