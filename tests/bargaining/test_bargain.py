"""The bargain of a case: laws on random worlds, the founding case's three questions, and errors in a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import numpy as np
import pytest

import entrepot as ep
from entrepot.bargaining import bargain, credibility, session
from entrepot.bargaining.bargain import Bargain
from entrepot.bargaining.credibility import own_over_sets
from entrepot.bargaining.deal import Addition, signs
from entrepot.bargaining.negotiation import Negotiation, base_of, quotas, slack
from entrepot.bargaining.payoff import Payoff
from entrepot.bargaining.solutions import undominated
from entrepot.bargaining.surface import payoff_surface
from entrepot.cases import load_case, read_case, solve_case
from entrepot.equilibrium.batch import SIZE
from entrepot.report.figures.bargain_figure import _finding
from entrepot.studies.bargain_sentences import _addition, _agreement, _ends, _outside, gain_in_words, sentences
from entrepot.studies.bargain_tables import sections
from entrepot.words import dollars
from shelves import slow_after
from worlds import random_world

CASE = """
case: made-up
title: A made-up dispute
question: Who would sign what?
parties: [C00, C01]
calendar:
  - {date: 2019-05-17, event: Talks begin, kind: us-232-negotiation-begun}
scenarios:
  threat:
    title: 12 points on s00
    measures:
      - tariff: {importer: C00, exporter: C01, sector: s00, rate: 12%, change: add}
  answer:
    title: The same in return
    measures:
      - tariff: {importer: C01, exporter: C00, sector: s01, rate: 40%, change: add}
table:
  between: [C00, C01]
  issues:
    tariff: {title: Tariff on s00, range: [0, 40%], now: 0, unit: points}
    quota: {title: Quota on s00, range: [20%, 130%], now: 130%}
    rent: {title: Rent to C01, range: [0, 100%]}
    cut: {title: Cut on s01, range: [0, 100%], now: 0}
  measures:
    - tariff: {importer: C00, exporter: C01, sector: s00, rate: $tariff, change: add}
    - ver: {importer: C00, exporter: C01, sector: s00, cap: $quota, rent: $rent}
    - tariff: {importer: C01, exporter: C00, sector: s01, rate: $cut, change: cut}
  points: {tariff: 3, quota: 5, rent: 2, cut: 3}
  threat: threat
  offers:
    fair: {title: A fair offer, levels: {cut: 50%}}
    harsh: {title: A harsh offer, levels: {tariff: 20%, cut: 50%}}
  menus:
    C00: {wait: {title: waits}, act: {title: acts, scenarios: [threat]}}
    C01: {hold: {title: holds}, answer: {title: answers, scenarios: [answer]}}
  talks: {from: 2019-05-17, until: 2019-11-13, every: 45, discount_rate: 5%, breakdown: 5%}
"""


def changed(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


TALKS = CASE[CASE.index("  talks:") :]
MENUS = CASE[CASE.index("  menus:") : CASE.index("  talks:")]
#: Two issues, no game and no talks: solved in a tenth of the time.
LEAN = changed(
    CASE,
    ("    quota: {title: Quota on s00, range: [20%, 130%], now: 130%}\n", ""),
    ("    rent: {title: Rent to C01, range: [0, 100%]}\n", ""),
    ("    - ver: {importer: C00, exporter: C01, sector: s00, cap: $quota, rent: $rent}\n", ""),
    ("{tariff: 3, quota: 5, rent: 2, cut: 3}", "{tariff: 3, cut: 3}"),
    (MENUS, ""),
    (TALKS, ""),
)
BOTH = pytest.mark.parametrize(
    "text", [pytest.param(LEAN, id="two issues"), pytest.param(CASE, id="four issues", marks=pytest.mark.slow)]
)


@pytest.fixture(scope="module")
def world() -> ep.Economy:
    return random_world(4, 3, 3)


@pytest.fixture(scope="module", params=slow_after(1, [7, session.RAYS]), ids="{} rays".format)
def found(request: pytest.FixtureRequest, world: ep.Economy) -> Bargain:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "RAYS", request.param)
        return bargain(read_case(CASE), world)


@pytest.fixture(autouse=True)
def few_rays(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the fast shelf a frontier has three points."""
    if "slow" not in request.keywords:
        monkeypatch.setattr(session, "RAYS", 3)


def again(found: Bargain, measures: Any) -> np.ndarray:
    """The payoffs of measures, solved from a cold start."""
    out = ep.solve(found.negotiation.economy, measures, tol=1e-12)
    return np.array([Payoff.to(p, None, out.economy).at(out) for p in found.parties])


def test_surface_has_the_payoffs_of_each_deal(found: Bargain) -> None:
    rng = np.random.default_rng(0)
    points, values = found.surface.points, found.surface.values
    assert found.surface.failures == 0
    for k in rng.choice(len(points), 12, replace=False):
        deal = found.negotiation.scenario(found.negotiation.levels(points[k]))
        assert values[k] == pytest.approx(again(found, deal), abs=1e-3)


def test_solutions_dominate_the_threat_and_lie_on_the_frontier(found: Bargain) -> None:
    assert set(found.solutions) == {"Nash", "Kalai-Smorodinsky", "egalitarian", "best for C00", "best for C01"}
    scale = np.abs(found.gains).max()
    for deal in found.solutions.values():
        mine = np.array(list(deal.gains.values()))
        assert (mine >= -1e-6 * scale).all()
        assert deal.signers == found.parties
        assert not (found.gains > mine + 1e-6 * scale).all(axis=1).any()
        assert list(deal.worth.values()) == pytest.approx(again(found, deal.outcome.scenario), abs=1e-3)
    nash = found.solutions["Nash"]
    in_zone = found.gains[(found.gains >= 0).all(axis=1)]
    assert np.prod(list(nash.gains.values())) >= in_zone.prod(axis=1).max() * (1 - 1e-9)
    gains = found.frontier[["gain of C00", "gain of C01"]].to_numpy()
    assert undominated(gains).all()
    assert (np.diff(gains[:, 0]) > 0).all()


def test_no_small_step_from_the_nash_deal_is_better(found: Bargain) -> None:
    no_small_step_is_better(found, found.negotiation.table.issues)


def no_small_step_is_better(found: Bargain, issues: Iterable[str]) -> None:
    """Hold the Nash deal against a step of a hundredth of the range of each issue."""
    n, nash = found.negotiation, found.solutions["Nash"]
    point = n.point(nash.levels)
    threat = np.array(list(found.threat.worth.values()))
    product = np.prod(list(nash.gains.values()))
    for i, span in enumerate(n.upper - n.lower):
        for step in (-0.01, 0.01) if list(n.table.issues)[i] in issues else ():
            there = point.copy()
            there[i] = np.clip(there[i] + step * span, n.lower[i], n.upper[i])
            assert np.prod(n.solve(there)[0] - threat) <= product * (1 + 1e-6)


def test_quota_that_does_not_bind_is_set_back_to_now(world: ep.Economy) -> None:
    here = session.Session(Negotiation.of(solve_case(read_case(CASE), world)))
    here.threats()
    levels = {"tariff": 0.2, "rent": 0.4, "cut": 0.5}
    loose, tight = (here.deal("fair", "A fair offer", {**levels, "quota": quota}) for quota in (1.0, 0.2))
    assert loose.levels == {**levels, "quota": 1.3}
    assert tight.levels == {**levels, "quota": 0.2}
    (row,) = (row for row in tight.outcome.measure_rows if row["kind"] == "voluntary_export_restraint")
    assert row["binding"]
    as_offered = here.negotiation.scenario({**levels, "quota": 1.0})
    again = ep.solve(world, as_offered, tol=1e-12)
    worth = [Payoff.to(p, None, world).at(again) for p in ("C00", "C01")]
    assert list(loose.worth.values()) == pytest.approx(worth, abs=1e-3)


def test_restraint_has_the_volume_of_the_threat(found: Bargain) -> None:
    restraint = found.restraint
    assert restraint is not None
    (quota,) = restraint.outcome.scenario
    assert restraint.outcome.volume(quota) == pytest.approx(found.threat.outcome.volume(quota), rel=1e-8)
    assert restraint.worth["C01"] > found.threat.worth["C01"]
    assert restraint.worth["C00"] < found.threat.worth["C00"]


def test_additions_make_a_party_sign(found: Bargain) -> None:
    assert found.offers["fair"].signers == found.parties
    assert found.additions["fair"] == ()
    (addition,) = found.additions["harsh"]
    assert addition.party == "C01"
    assert addition.money == pytest.approx(-found.offers["harsh"].gains["C01"])
    assert addition.moves
    for issue, level, gains in addition.moves:
        moved = {**found.offers["harsh"].levels, issue: level}
        worth = found.negotiation.solve(found.negotiation.point(moved))[0]
        assert worth[1] == pytest.approx(found.threat.worth["C01"], abs=1e-3)
        assert signs(gains["C01"])


def test_game_has_the_payoffs_of_its_scenarios(found: Bargain, world: ep.Economy) -> None:
    assert found.game is not None
    both = again(found, [m for s in ("threat", "answer") for m in found.case.scenarios[s].build(s)])
    assert found.game.at(("act", "answer")) == pytest.approx(both, abs=1e-3)
    assert found.game.at(("wait", "hold")) == pytest.approx([found.now.worth[p] for p in found.parties], abs=1e-6)


def test_talks_end_in_a_deal_on_the_table(found: Bargain) -> None:
    assert [(t.first, t.carried_out) for t in found.talks] == [
        ("C00", True),
        ("C00", False),
        ("C01", True),
        ("C01", False),
    ]
    by = {(t.first, t.carried_out): t for t in found.talks}
    for t in found.talks:
        if t.deal is not None:
            agreed = next(r for r in t.rounds if r.agreed)
            scale = np.abs(found.gains).max()
            assert list(t.deal.worth.values()) == pytest.approx(agreed.deal, abs=0.01 * scale)
    # the less patient party loses: a threat is worse for the party that it is directed at
    threatened, free = (by["C00", carried].rounds[0].value[1] for carried in (True, False))
    assert threatened <= free


def test_threat_is_credible_if_it_costs_the_threatening_party_nothing(found: Bargain) -> None:
    threat = found.threat
    assert set(threat.own) == {"C00"}
    assert threat.own["C00"] == pytest.approx(threat.worth["C00"] - found.now.worth["C00"])
    assert threat.credible == (threat.own["C00"] >= 0)


def test_every_country_is_listed(found: Bargain) -> None:
    table = found.countries
    nash = table[table["deal"] == "Nash"].set_index("country")
    assert nash["party"].to_dict() == {"C00": "C00", "C01": "C01", "C02": "", "C03": ""}
    assert nash["against_threat"][["C00", "C01"]].to_numpy() == pytest.approx(
        list(found.solutions["Nash"].gains.values()), abs=1e-4
    )
    now = table[table["deal"] == "now"]
    assert (now["exports_change"] == 0).all()


@pytest.mark.slow
@BOTH
def test_units_of_a_payoff_do_not_move_the_nash_deal(text: str, world: ep.Economy) -> None:
    other = text.replace("table:\n", "objectives: {C00: {real_income: 7.0}}\ntable:\n")
    mine, theirs = (bargain(read_case(one), world).solutions["Nash"] for one in (text, other))
    assert theirs.gains["C00"] / 7 == pytest.approx(mine.gains["C00"], rel=1e-3)
    assert theirs.gains["C01"] == pytest.approx(mine.gains["C01"], rel=1e-3)


def test_deal_that_is_the_threat_itself_is_in_the_zone(found: Bargain) -> None:
    """A loss of less than a thousand dollars a year counts as none, so rounding does not change the zone."""
    worth = np.array([found.threat.worth[p] for p in found.parties])
    grid = found.surface.values.copy()
    outside = int(np.argmin(found.gains.min(axis=1)))
    for less, more in ((1e-6, 1 / len(grid)), (0.01, 0.0)):
        grid[outside] = worth - less
        surface = replace(found.surface, worth=grid.reshape(found.surface.worth.shape))
        assert replace(found, surface=surface).zone == pytest.approx(found.zone + more, abs=1e-12)


def test_nearest_deal_is_found_in_an_empty_zone(world: ep.Economy) -> None:
    """Only a tariff on C01 is on the table, and the threat is the status quo."""
    text = changed(
        CASE,
        ("sector: s00, rate: 12%", "sector: s00, rate: 0%"),
        ("range: [0, 40%], now: 0, unit: points", "range: [10%, 40%], unit: points"),
        ("range: [20%, 130%], now: 130%", "range: [20%, 80%]"),
        ("    cut: {title: Cut on s01, range: [0, 100%], now: 0}\n", ""),
        ("    - tariff: {importer: C01, exporter: C00, sector: s01, rate: $cut, change: cut}\n", ""),
        ("points: {tariff: 3, quota: 5, rent: 2, cut: 3}", "points: 3"),
        ("    fair: {title: A fair offer, levels: {cut: 50%}}\n", ""),
        ("levels: {tariff: 20%, cut: 50%}", "levels: {tariff: 20%, quota: 40%, rent: 0}"),
    )
    found = bargain(read_case(text.replace("range: [0, 100%]}", "range: [0, 10%]}")), world)
    assert found.solutions == {}
    assert found.zone == 0
    assert found.nearest is not None
    assert min(found.nearest.gains.values()) == pytest.approx(
        max(min(g) for g in found.gains.tolist()), abs=0.02 * np.abs(found.gains).max()
    )
    from entrepot.studies.bargain_sentences import sentences

    text = " ".join(sentences(found))
    assert "beat the threat for both? No. The one that comes nearest" in text
    assert "short a year" in text


@BOTH
def test_interrupt_of_the_surface_keeps_what_was_solved_and_start_continues(text: str, world: ep.Economy) -> None:
    calls = 0

    def stop(what: str, done: int, total: int) -> None:
        nonlocal calls
        calls += what == "payoff surface"
        if calls == 2:
            raise KeyboardInterrupt

    case = read_case(text.replace("{tariff: 3, cut: 3}", "{tariff: 10, cut: 9}"))
    part = bargain(case, world, progress=stop)
    assert not part.complete
    assert part.surface.solved == SIZE
    assert f"STOPPED after {SIZE} deals" in repr(part)
    whole = bargain(case, world, start=part)
    assert whole.complete
    assert whole.surface.solved == 90
    kept = np.isfinite(part.surface.values)
    assert (whole.surface.values[kept] == part.surface.values[kept]).all()


@BOTH
def test_interrupt_of_the_search_keeps_the_surface(text: str, world: ep.Economy) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if what == "frontier":
            raise KeyboardInterrupt

    part = bargain(read_case(text), world, progress=stop)
    assert not part.complete
    assert part.surface.complete
    assert "Nash" in part.solutions


@pytest.mark.slow
@BOTH
def test_war_as_a_threat(text: str, world: ep.Economy) -> None:
    text = text.replace("  threat: threat\n", "  threat: {war: {sectors: [s00, s01], at_most: 80%}}\n")
    found = bargain(read_case(text), world, points=3)
    war = ep.bargaining.nash_tariffs(
        world, ("C00", "C01"), sectors=("s00", "s01"), partners="players", at_most=0.8, closure=ep.Closure()
    )
    assert set(war.rates["exporter"]) == {"WORLD"}
    third = [t for t in war.outcome.scenario if "C02" in t.exporter or "WORLD" in t.exporter]
    assert not third
    assert found.threat.credible
    assert list(found.threat.worth.values()) == pytest.approx(list(war.payoffs.values()), abs=1e-3)
    assert set(found.threat.own) == {"C00", "C01"}
    assert "trade war" in found.threat.title


@pytest.mark.slow
@BOTH
def test_several_countries_bargain_as_one_party(text: str, world: ep.Economy) -> None:
    text = changed(text, ("  between: [C00, C01]", "  between: [C00, C01+C02]")).replace(
        "    C01: {hold", "    C01+C02: {hold"
    )
    found = bargain(read_case(text), world, points=3)
    members = found.countries.query("deal == 'Nash' and party == 'C01+C02'")
    assert list(members["country"]) == ["C01", "C02"]
    assert members["against_threat"].sum() == pytest.approx(found.solutions["Nash"].gains["C01+C02"], abs=1e-4)


@pytest.mark.slow
@BOTH
def test_three_parties(text: str, world: ep.Economy) -> None:
    text = text if "talks:" in text else text + TALKS
    text = changed(text, ("  between: [C00, C01]", "  between: [C00, C01, C02]"))
    found = bargain(read_case(text), world, points=3)
    gains = found.frontier[[f"gain of {p}" for p in found.parties]].to_numpy()
    assert undominated(gains).all()
    assert "for two parties only" in " ".join(found.notes)


def test_breach_costs_by_the_rules_of_the_screen(world: ep.Economy) -> None:
    autos = load_case("us-japan-autos-2019").model_copy(
        update={"objectives": {"JPN": ep.cases.Objective(breach={"inconsistent": 700.0})}}  # type: ignore[arg-type]
    )
    n = Negotiation.of(solve_case(autos.without_timeline(), ep.load_economy("world2014")))
    beside = n.beside
    for levels, rules in (({"farm_cut": 0.5}, 1), ({"car_quota": 0.8, "rent": 1.0}, 2)):
        scenario = n.scenario(levels)
        own = [m for m in scenario if m not in beside]
        on = autos.law.model_dump() | {"on": n.day}
        found = ep.screen(own, n.economy, law=on).findings
        broken = {f.rule for f in found if f.party == "JPN" and f.status is ep.rules.Status.INCONSISTENT}
        assert len(broken) >= rules
        out = n.outcome(scenario)
        gain = out.countries.loc["JPN", "equivalent_variation"]
        assert n.worth(out, n.findings_on(scenario, n.table.law))[1] == pytest.approx(gain - 700 * len(broken))
        assert n.solve(n.point(levels))[0][1] == pytest.approx(gain - 700 * len(broken), abs=1e-2)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  threat: threat\n", "", "threat: is missing"),
        ("  threat: threat\n", "  threat: thread\n", "unknown scenario 'thread'; did you mean threat"),
        ("  threat: threat\n", "  threat: {war: {}, scenario: threat}\n", "either a scenario or a war"),
        ("  threat: threat\n", "  threat: {scenario: threat, after: us-232-report}\n", "us-232-report"),
        ("between: [C00, C01]", "between: [C00]", "table.between: needs at least 2"),
        ("between: [C00, C01]", "between: [C00, C01, C00]", "'C00' is repeated"),
        ("range: [0, 40%], now: 0", "range: [40%, 0], now: 0", "tariff.range: 0.4 to 0 is not a range"),
        ("range: [0, 40%], now: 0", "range: [0, 40%, 50%], now: 0", "tariff.range: a range needs two ends"),
        ("discount_rate: 5%", "discount_rate: -5%", "talks.discount_rate: must be at least 0"),
        ("discount_rate: 5%", "discount_rate: 400", "talks.discount_rate: 400 is 40,000%"),
        ("table:\n", "objectives: {C00: {real_income: nan}}\ntable:\n", "real_income: 'nan' is neither a number"),
        ("range: [0, 40%], now: 0", "range: [0, 40%], now: 90%", "tariff.now: 0.9 lies outside the range"),
        ("rate: $tariff", "rate: $tarif", "unknown issue 'tarif'; did you mean tariff"),
        ("rate: $tariff", "rate: 10%", "uses no issue"),
        ("cap: $quota, rent: $rent", "cap: $quota", "issues.rent: no measure uses it"),
        (
            "exporter: C01, sector: s00, rate: $tariff",
            "exporter: C01, rate: $tariff",
            "measures.1.tariff: the key 'sector' is missing",
        ),
        ("levels: {cut: 50%}", "levels: {cuts: 50%}", "unknown issue 'cuts'; did you mean cut"),
        ("levels: {cut: 50%}", "levels: {cut: 150%}", "1.5 lies outside the range"),
        ("levels: {cut: 50%}", "levels: {quota: 80%}", "the level of rent is missing"),
        ("until: 2019-11-13, ", "", "the key 'until' is missing"),
        ("until: 2019-11-13", "until: 2019-05-01", "is not after the first day"),
        ("discount_rate: 5%", "discount_rate: {C09: 5%}", "'C09' is not one of the parties"),
        ("discount_rate: 5%", "discount_rate: {C00: 5%}", "the rate of C01 is missing"),
        (
            "points: {tariff: 3,",
            "points: {tariff: 1,",
            "points.tariff: 1 is not a whole number of levels from 2 to 1000",
        ),
        ("table:\n", "objectives: {C01: {revenue: 0.3}}\ntable:\n", "C01+C02 bargains as one party"),
        ("C00: {wait", "C07: {wait", "'C07' is not one of the parties"),
        ("scenarios: [threat]", "scenarios: [thread]", "unknown scenario 'thread'"),
        ("  talks:", "  talk:", "unknown key; did you mean talks"),
        ("table:\n", "objectives: {C00: {value_added: 0.3}}\ntable:\n", "a weight needs a name"),
        ("table:\n", "objectives: {C00: {value_add: {s00: 0.3}}}\ntable:\n", "did you mean value_added"),
    ],
)
def test_errors_in_a_table_name_the_line_and_the_key(old: str, new: str, says: str) -> None:
    text = CASE if "C01+C02" not in says else CASE.replace("[C00, C01]\n  issues", "[C00, C01+C02]\n  issues")
    text = text if "C01+C02" not in says else text.replace("    C01: {hold", "    C01+C02: {hold")
    with pytest.raises(ep.errors.DocumentError) as caught:
        read_case(changed(text, (old, new)), "mine.yaml")
    assert says in str(caught.value)
    assert "mine.yaml, line " in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("between: [C00, C01]", "between: [C00, C01, C09]", "table.between.3: unknown country 'C09'"),
        ("between: [C00, C01]", "between: [C00, C01, C02+C00]", "C00 is in both C00 and C02+C00"),
        ("sector: s01, rate: $cut", "sector: s09, rate: $cut", "table.measures.3: "),
        ("range: [0, 40%], now: 0", "range: [-150%, 40%], now: 0", "table.measures: rate: the tariff on s00"),
        ("threat: threat", "threat: {war: {sectors: [s09]}}", "table.threat.war.sectors: unknown sector 's09'"),
        (
            "table:\n",
            "objectives: {C00: {value_added: {s09: 0.3}}}\ntable:\n",
            "objectives.C00: objective: value_added: unknown",
        ),
    ],
)
def test_table_with_a_name_that_the_economy_does_not_have_is_refused(
    world: ep.Economy, old: str, new: str, says: str
) -> None:
    with pytest.raises(ep.errors.DocumentError) as caught:
        bargain(read_case(changed(CASE, (old, new)), "mine.yaml"), world)
    assert says in str(caught.value)


def test_case_without_a_table_is_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="japan-vers-1981: the case has no table"):
        bargain("japan-vers-1981")
    with pytest.raises(ep.errors.InputError, match="2 to 1000"):
        bargain("us-japan-autos-2019", points=1)


@pytest.mark.slow
def test_founding_case_answers_its_questions() -> None:
    """A restraint with its rent is worth more than the tariff to Japan, less to the United States; deals beat both."""
    n = Negotiation.of(solve_case(load_case("us-japan-autos-2019").without_timeline()))
    surface = payoff_surface(n)
    beside = list(n.beside)
    tariff = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25, change="add")
    threat = ep.solve(n.economy, [*beside, tariff], tol=1e-12)
    cap = threat.volume(tariff) / float(n.economy.value.ravel()[tariff.flows(n.economy)].sum())
    held = ep.solve(
        n.economy,
        [*beside, ep.VoluntaryExportRestraint(importer="USA", exporter="JPN", sector="motor_vehicles", cap=cap)],
        tol=1e-12,
    )
    gain = held.countries["equivalent_variation"] - threat.countries["equivalent_variation"]
    assert gain["JPN"] > 6000
    assert gain["USA"] < -5000
    worth = threat.countries["equivalent_variation"]
    beats = (surface.values > [worth["USA"], worth["JPN"]]).all(axis=1)
    assert 0.4 < beats.mean() < 0.9


@pytest.mark.parametrize("seed", slow_after(1, [3, 7, 12]))
def test_slopes_in_the_issues_match_central_differences(seed: int) -> None:
    """Issues are tariffs, caps, shares of a rent and cuts together, at deals with a binding quota."""
    n = Negotiation.of(solve_case(read_case(CASE), random_world(4, 3, seed)))
    rng = np.random.default_rng(seed)
    for _ in range(3):
        point = np.array([rng.uniform(0.02, 0.1), rng.uniform(0.3, 0.6), rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9)])
        exact, step = n.slopes(point), 1e-4
        for i, e in enumerate(np.eye(4)):
            numeric = (n.solve(point + step * e, tol=1e-12)[0] - n.solve(point - step * e, tol=1e-12)[0]) / (2 * step)
            assert exact[:, i] == pytest.approx(numeric, rel=1e-6, abs=1e-6 * np.abs(exact).max())


#: Without a quota C00 buys more than the level at which the quota is not an issue, so that the payoffs jump there.
JUMPS = changed(
    CASE,
    (
        "quota: {title: Quota on s00, range: [20%, 130%], now: 130%}",
        "quota: {title: Quota on s00, range: [20%, 90%], now: 90%}",
    ),
)


def test_slopes_where_a_quota_is_not_in_force_are_those_without_it(world: ep.Economy) -> None:
    n = Negotiation.of(solve_case(read_case(JUMPS), world))
    point, step = np.array([0.002, 0.9, 0.5, 0.3]), 1e-4
    exact = n.slopes(point)
    for i in (0, 3):
        e = np.eye(4)[i]
        numeric = (n.solve(point + step * e, tol=1e-12)[0] - n.solve(point - step * e, tol=1e-12)[0]) / (2 * step)
        assert exact[:, i] == pytest.approx(numeric, rel=1e-6, abs=1e-6 * np.abs(exact).max())
    assert exact[:, 1:3] == pytest.approx(0.0, abs=1e-6 * np.abs(exact).max())


def test_a_deal_is_solved_once_whatever_the_rent_of_a_quota_that_is_not_in_force(world: ep.Economy) -> None:
    here = session.Session(Negotiation.of(solve_case(read_case(CASE), world)))
    here.threats()
    free, held = ([here.gains(np.array([0.2, quota, rent, 0.5])) for rent in (0.0, 0.4, 1.0)] for quota in (1.0, 0.2))
    assert here.evaluations == 1 + 3
    assert np.ptp(free, axis=0).max() == 0
    assert np.ptp(held, axis=0).min() > 0.5


@pytest.mark.parametrize(
    ("ends", "tariff", "says"),
    [
        ("[20%, 90%]", 0.0, "the quota still holds trade back in some deals: Free trade. Deals with more trade, free"),
        ("[20%, 130%]", 0.0, ""),
        ("[20%, 90%], now: 90%", 0.0, "Quota on s00: the range ends at 90%, and without a quota there is more trade"),
        ("[20%, 130%], now: 130%", 0.0, ""),
        ("[20%, 90%], now: 90%", 0.4, ""),
    ],
)
def test_where_a_quota_ends_too_early_for_free_trade_the_answer_says_so(
    world: ep.Economy, ends: str, tariff: float, says: str
) -> None:
    offers = CASE[CASE.index("  offers:") : CASE.index("  menus:")]  # they leave out the quota, which has no level now
    text = changed(CASE, ("Quota on s00, range: [20%, 130%], now: 130%", f"Quota on s00, range: {ends}"), (offers, ""))
    n = Negotiation.of(solve_case(read_case(text), world))
    levels = {"tariff": tariff, "quota": n.table.issues["quota"].range[1], "rent": 0.0, "cut": 0.0}
    deal = session.Session(n).deal("free", "Free trade", levels)
    lines = _ends(SimpleNamespace(negotiation=n, solutions={"free": deal}))  # type: ignore[arg-type]
    assert [says in line for line in lines] == [True] * bool(says)


@pytest.mark.slow
def test_nash_deal_without_the_quota_is_no_point_of_the_grid(world: ep.Economy) -> None:
    """Where the quota would bind if it were in force, the other issues are searched as if it did not exist."""
    found = bargain(read_case(changed(JUMPS, (MENUS, ""), (TALKS, ""))), world, points=3)
    nash = found.solutions["Nash"].levels
    assert nash["quota"] == pytest.approx(0.9)
    assert 0.52 < nash["cut"] < 0.55
    no_small_step_is_better(found, ["tariff", "cut"])


TAXES = changed(
    CASE,
    ("table:\n", "table:\n  beside: [standing]\n"),
    (
        "  answer:\n",
        "  standing:\n    title: A duty a unit\n    measures:\n"
        "      - specific: {importer: C01, exporter: C02, sector: s02, amount: 10%}\n  answer:\n",
    ),
    ("cap: $quota, rent: $rent}", "cap: $quota, rent: exporter}"),
    ("rent: {title: Rent to C01, range: [0, 100%]}", "rent: {title: Export tax of C01, range: [0, 40%], now: 0}"),
    (
        "    - tariff: {importer: C01, exporter: C00, sector: s01, rate: $cut, change: cut}",
        "    - export_tax: {exporter: C01, importer: C00, sector: s01, rate: $rent}\n"
        "    - production_subsidy: {country: C01, sector: s02, rate: $cut}",
    ),
)


@pytest.mark.parametrize("seed", slow_after(1, [3, 7]))
def test_slopes_in_export_taxes_and_subsidies_match_central_differences(seed: int) -> None:
    """A specific duty that no issue changes is in force too."""
    n = Negotiation.of(solve_case(read_case(TAXES), random_world(4, 3, seed)))
    point, step = np.array([0.05, 0.5, 0.1, 0.15]), 1e-4
    exact = n.slopes(point)
    for i, e in enumerate(np.eye(4)):
        numeric = (n.solve(point + step * e, tol=1e-12)[0] - n.solve(point - step * e, tol=1e-12)[0]) / (2 * step)
        assert exact[:, i] == pytest.approx(numeric, rel=1e-6, abs=1e-6 * np.abs(exact).max())


LIMITED = changed(
    CASE,
    ("table:\n", "table:\n  beside: [standing]\n"),
    (
        "  answer:\n",
        "  standing:\n    title: A quota on the same trade\n    measures:\n"
        "      - quota: {importer: C00, exporter: C01, sector: s00, cap: 50%}\n  answer:\n",
    ),
)


@pytest.mark.parametrize("quota", [0.35, 0.45, 0.65])
def test_slopes_in_a_quota_beside_one_on_the_same_trade_match_central_differences(
    quota: float, world: ep.Economy
) -> None:
    """Which of the two holds trade back depends on the level: below 50% that of the table, above it the other."""
    n = Negotiation.of(solve_case(read_case(LIMITED), world))
    point, step = np.array([0.02, quota, 0.4, 0.3]), 1e-4
    exact = n.slopes(point)
    for i, e in enumerate(np.eye(4)):
        numeric = (n.solve(point + step * e, tol=1e-12)[0] - n.solve(point - step * e, tol=1e-12)[0]) / (2 * step)
        assert exact[:, i] == pytest.approx(numeric, rel=1e-6, abs=1e-6 * np.abs(exact).max())


def test_slopes_where_a_quota_is_not_in_force_are_those_with_a_larger_one_on_the_same_trade(world: ep.Economy) -> None:
    """The one that is not in force is smaller, and yet the larger one holds trade back."""
    wide = changed(LIMITED, ("sector: s00, cap: 50%", "sector: s00, cap: 95%"), ("130%], now: 130%", "90%], now: 90%"))
    n = Negotiation.of(solve_case(read_case(wide), world))
    point, step = np.array([0.002, 0.9, 0.4, 0.9]), 1e-4
    exact = n.slopes(point)
    for i in (0, 3):
        e = np.eye(4)[i]
        numeric = (n.solve(point + step * e, tol=1e-12)[0] - n.solve(point - step * e, tol=1e-12)[0]) / (2 * step)
        assert exact[:, i] == pytest.approx(numeric, rel=1e-6, abs=1e-5)
    assert exact[:, 1:3] == pytest.approx(0.0, abs=1e-5)


#: The quota beside is on part of the trade under that of the table, which leaves it slack where it is small.
ON_MORE = changed(LIMITED, ("sector: s00, cap: $quota", "sector: [s00, s02], cap: $quota"))


def test_slopes_in_a_quota_beside_one_on_part_of_its_trade_match_central_differences(world: ep.Economy) -> None:
    n = Negotiation.of(solve_case(read_case(ON_MORE), world))
    point, step = np.array([0.02, 0.6, 0.4, 0.3]), 1e-4
    exact = n.slopes(point)
    for i, e in enumerate(np.eye(4)):
        numeric = (n.solve(point + step * e, tol=1e-12)[0] - n.solve(point - step * e, tol=1e-12)[0]) / (2 * step)
        assert exact[:, i] == pytest.approx(numeric, rel=1e-6, abs=1e-6 * np.abs(exact).max())


def test_slopes_in_the_duty_inside_a_tariff_rate_quota_are_refused(world: ep.Economy) -> None:
    """The duty beyond it stays, so that the surcharge changes too."""
    ver = "ver: {importer: C00, exporter: C01, sector: s00, cap: $quota, rent: $rent}"
    trq = "trq: {importer: C00, exporter: C01, sector: s00, cap: $quota, in_rate: $rent, out_rate: 200%}"
    n = Negotiation.of(solve_case(read_case(changed(CASE, (ver, trq))), world))
    with pytest.raises(ep.errors.InputError, match="has no derivative"):
        n.slopes(np.array([0.02, 0.6, 0.4, 0.3]))


@pytest.mark.slow
@BOTH
def test_issue_without_a_derivative_is_searched_by_differences(text: str, world: ep.Economy) -> None:
    text = changed(
        text,
        ("rate: $tariff, change: add}", "rate: $tariff}"),
        (
            "    - tariff: {importer: C00, exporter: C01, sector: s00, rate: $tariff",
            "    - ntb: {importer: C00, exporter: C01, sector: s00, rate: $tariff",
        ),
    )
    case = read_case(text)
    n = Negotiation.of(solve_case(case, world))
    with pytest.raises(ep.errors.InputError, match="has no derivative"):
        n.slopes(n.lower + 0.25 * (n.upper - n.lower))
    assert bargain(case, world, points=3).complete


PAYS = ("sector: s00, rate: 12%", "sector: s00, rate: 3%")
CREDIBLE = changed(CASE, PAYS)


@pytest.mark.parametrize(
    ("text", "seed"),
    [
        pytest.param(LEAN + TALKS, 3, id="two issues, threat that costs"),
        pytest.param(changed(LEAN, PAYS) + TALKS, 6, id="two issues, threat that pays", marks=pytest.mark.slow),
        *(
            pytest.param(text, seed, id=f"four issues, {which}, {seed}", marks=pytest.mark.slow)
            for text, which in ((CASE, "threat that costs"), (CREDIBLE, "threat that pays"))
            for seed in (3, 6)
        ),
    ],
)
@pytest.mark.slow
def test_no_deal_at_once_would_be_better_for_both_than_the_talks(text: str, seed: int) -> None:
    """The result of backward induction is efficient up to delay, and no worse than refusing for either party."""
    found = bargain(read_case(text.replace("breakdown: 5%", "breakdown: 0%")), random_world(4, 3, seed))
    for t in found.talks:
        years = 10.0
        worth = (1 - 1.05**-years) / np.log(1.05)
        first = t.rounds[0].value
        at_once = found.surface.values * worth
        better = (at_once > first + 1e-3 * np.abs(first).max() + 1e-6).all(axis=1)
        assert not better.any()


@BOTH
def test_status_quo_has_no_measure_of_the_table(text: str, world: ep.Economy) -> None:
    text = changed(
        text,
        ("range: [0, 100%], now: 0}", "range: [0, 100%]}"),
        ("levels: {tariff: 20%, cut: 50%}", "levels: {tariff: 20%, cut: 0}"),
    )
    found = bargain(read_case(text), world, points=3)
    assert len(found.now.outcome.scenario) == 0
    assert list(found.now.worth.values()) == pytest.approx([0, 0], abs=1e-6)


@pytest.mark.slow
@BOTH
def test_addition_may_be_a_move_inside_the_range_of_an_issue(text: str) -> None:
    """The payoff of a tariff has a maximum inside its range: neither end makes the country sign, the middle does."""
    text = changed(text, PAYS, ("levels: {cut: 50%}", "levels: {cut: 0}"))
    found = bargain(read_case(text), random_world(4, 3, 6), points=3)
    (addition,) = found.additions["fair"]
    assert addition.party == "C00"
    (move,) = [m for m in addition.moves if m[0] == "tariff"]
    assert 0 < move[1] <= 0.03 + 1e-9


#: The quota and its rent alone.
RESTRAINT = changed(
    CASE,
    ("    tariff: {title: Tariff on s00, range: [0, 40%], now: 0, unit: points}\n", ""),
    ("    cut: {title: Cut on s01, range: [0, 100%], now: 0}\n", ""),
    ("    - tariff: {importer: C00, exporter: C01, sector: s00, rate: $tariff, change: add}\n", ""),
    ("    - tariff: {importer: C01, exporter: C00, sector: s01, rate: $cut, change: cut}\n", ""),
    ("{tariff: 3, quota: 5, rent: 2, cut: 3}", "{quota: 2, rent: 2}"),
    (CASE[CASE.index("  offers:") :], ""),
)


@pytest.mark.parametrize(
    "text", [pytest.param(RESTRAINT, id="two issues"), pytest.param(CASE, id="four issues", marks=pytest.mark.slow)]
)
def test_restraint_whatever_the_order_of_its_keys(text: str, world: ep.Economy, found: Bargain) -> None:
    text = changed(text, ("cap: $quota, rent: $rent", "rent: $rent, cap: $quota"))
    other = bargain(read_case(text), world, points=2)
    assert other.restraint is not None
    assert found.restraint is not None
    assert other.restraint.worth == pytest.approx(found.restraint.worth, abs=1e-3)


def test_start_from_a_bargain_over_another_table_is_refused(world: ep.Economy, found: Bargain) -> None:
    text = changed(CASE, ("range: [0, 40%]", "range: [0, 30%]"))
    with pytest.raises(ep.errors.InputError, match="another table"):
        bargain(read_case(text), world, start=found)


def test_deal_that_only_equals_the_threat_does_not_beat_it(world: ep.Economy) -> None:
    """The threat is the one deal on the table that C00 would sign."""
    from entrepot.studies.bargain_sentences import sentences

    table = CASE[CASE.index("    quota: {title") : CASE.index("    cut: {title")]
    text = changed(
        CREDIBLE,
        (table, ""),
        ("    cut: {title: Cut on s01, range: [0, 100%], now: 0}\n", ""),
        ("    - ver: {importer: C00, exporter: C01, sector: s00, cap: $quota, rent: $rent}\n", ""),
        ("    - tariff: {importer: C01, exporter: C00, sector: s01, rate: $cut, change: cut}\n", ""),
        ("points: {tariff: 3, quota: 5, rent: 2, cut: 3}", "points: 3"),
        ("range: [0, 40%], now: 0", "range: [0, 3%], now: 0"),
        ("    fair: {title: A fair offer, levels: {cut: 50%}}\n", ""),
        ("levels: {tariff: 20%, cut: 50%}", "levels: {tariff: 2%}"),
    )
    found = bargain(read_case(text), world)
    assert "Nash" not in found.solutions
    assert "beat the threat for both? No: the best" in " ".join(sentences(found))


def test_caps_in_the_game_are_matched_beside_the_table() -> None:
    case = load_case("us-japan-autos-2019").without_timeline()
    n = Negotiation.of(solve_case(case, ep.load_economy("world2014")))
    (held,) = n.own("ver_japan")
    assert float(held.cap) == pytest.approx(n.outcome(n.under(["tariff_japan"])).volume(held), rel=1e-9)  # type: ignore[attr-defined]


FREE = """  set:
    title: One tariff set
    measures:
      - tariff: {importer: %s, exporter: %s, sector: %s, rate: 1%%}
table:
"""


@pytest.mark.slow
@BOTH
def test_war_beside_tariffs_that_are_set(text: str, world: ep.Economy) -> None:
    text = changed(
        text,
        ("  threat: threat\n", "  threat: {war: {sectors: [s00], at_most: 80%}}\n  beside: [set]\n"),
        ("table:\n", FREE % ("C00", "C01", "s00")),
    )
    assert bargain(read_case(text), world, points=2).threat.credible


def test_table_that_conflicts_with_measures_beside_it_is_refused(world: ep.Economy) -> None:
    text = changed(
        CASE,
        ("  threat: threat\n", "  threat: threat\n  beside: [set]\n"),
        ("table:\n", FREE % ("C01", "C00", "s01")),
    )
    with pytest.raises(ep.errors.DocumentError, match="set different rates") as caught:
        bargain(read_case(text, "mine.yaml"), world)
    assert "table.measures" in str(caught.value)


SET_CASE = CASE.replace("C00", "USA").replace("C01", "JPN").replace("s00", "metals").replace("s01", "food")


def test_ctrl_c_while_the_sets_are_solved_keeps_the_bargain(
    found: Bargain, world: ep.Economy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(credibility, "solve_case", stopped)
    assert own_over_sets(found, world) == {}


@pytest.mark.slow
def test_a_threat_is_held_against_every_set_of_elasticities() -> None:
    """Each set's gain is that of the case with these elasticities, solved by the engine without the bargain."""
    text = SET_CASE.replace("parties:", "economy: world2014\nparties:", 1)
    case = read_case(
        text[: text.index("  menus:")].replace("points: {tariff: 3, quota: 5, rent: 2, cut: 3}", "points: 2")
    )
    found = bargain(case)
    over = own_over_sets(found)["threat"]
    assert over["own"] == dict(found.threat.own)
    assert len(over) > 8
    for name in ("fgo2022", "ll2023"):
        solved = solve_case(case.assuming(theta=name))
        gain = solved.outcomes["threat"].countries["equivalent_variation"]["USA"]
        assert over[name]["USA"] == pytest.approx(gain, rel=1e-6)
    held = sum(all(map(signs, own.values())) == found.threat.credible for own in over.values())
    (line,) = [line for line in sentences(replace(found, own_over_sets={"threat": over})) if "sets of trade" in line]
    assert f"credible under {held} of {len(over)} sets of trade elasticities" in line
    assert any("whether that holds under others: entrepot bargain made-up" in line for line in sentences(found))


def test_scenario_called_war_is_a_threat_like_any_other(world: ep.Economy) -> None:
    text = changed(
        LEAN,
        ("  threat:\n    title: 12 points", "  war:\n    title: 12 points"),
        ("  threat: threat\n", "  threat: war\n"),
    )
    found, same = bargain(read_case(text), world), bargain(read_case(LEAN), world)
    assert not found.threat.stable
    assert found.threat.credible == same.threat.credible
    assert not any("nobody would move alone" in line for line in sentences(found))


def test_objective_holds_under_whatever_name_a_party_has_at_the_table(world: ep.Economy) -> None:
    real = replace(world, countries=("USA", "KOR", *world.countries[2:]))
    text = LEAN.replace("C00", "USA").replace("C01", "KOR")
    wants = "\nobjectives: {{{}: {{value_added: {{s00: 0.5}}}}}}\n"
    stated = bargain(read_case(text + wants.format("KOR")), real)
    spelled = changed(text, ("parties: [USA, KOR]", "parties: [USA, South Korea]")) + wants.format("South Korea")
    found = bargain(read_case(spelled), real)
    assert found.negotiation.payoffs[1].objective.value_added == {"s00": 0.5}
    assert dict(found.threat.worth) == dict(stated.threat.worth)
    twice = changed(text, ("parties: [USA, KOR]", "parties: [USA, KOR, South Korea]"))
    twice += "\nobjectives: {KOR: {revenue: 1}, South Korea: {revenue: 2}}\n"
    with pytest.raises(ep.errors.InputError, match=r"objectives\.South Korea: KOR is the same party"):
        bargain(read_case(twice), real)


def test_a_sweep_counts_the_objective_that_the_bargain_counts(world: ep.Economy, tmp_path: Path) -> None:
    """Also where it is stated under another name of the party at the table."""
    real = replace(world, countries=("USA", "KOR", *world.countries[2:]))
    text = LEAN.replace("C00", "USA").replace("C01", "KOR")
    spelled = changed(text, ("parties: [USA, KOR]", "parties: [USA, South Korea]"))
    wants = "\nobjectives: {{{}: {{value_added: {{s00: 0.5}}}}}}\n"
    gains = []
    for case in (text + wants.format("KOR"), spelled + wants.format("South Korea")):
        theta = {"theta": {"lognormal": {"sd": 0.1}}}
        sweep = ep.sweep(read_case(case), real, draws=2, uncertain=theta, store=tmp_path)
        gains.append(sweep.table("offers")["gain"].to_numpy())
    np.testing.assert_allclose(gains[0], gains[1], rtol=1e-9)


def test_unknown_party_of_an_objective_lists_each_party_once() -> None:
    with pytest.raises(ep.errors.InputError, match=r"known: C00, C01$"):
        read_case(LEAN + "\nobjectives: {Elsewhere: {revenue: 1}}\n")


def test_weight_on_profit_where_there_is_none_is_refused(world: ep.Economy) -> None:
    text = LEAN + "\nobjectives: {C01: {profit: {s00: 0.5}}}\n"
    says = "objectives.C01: profit: firms earn none in s00 here"
    with pytest.raises(ep.errors.InputError, match=says):
        bargain(read_case(text), world)
    with_markups = text + "closure: {competition: {sigma: {s00: 6}, entry: fixed}}\n"
    found = bargain(read_case(with_markups), world)
    assert found.threat.worth["C01"] != 0
    wanted = ep.cases.Objective(profit={"s00": 0.5})
    with pytest.raises(ep.errors.InputError, match="profit: firms earn none in s00"):
        ep.bargaining.optimal_tariff(world, "C01", objective=wanted)
    with pytest.raises(ep.errors.InputError, match="profit: firms earn none in s00"):
        ep.bargaining.nash_tariffs(world, ("C00", "C01"), objectives={"C01": wanted})


def test_talks_beyond_their_horizon_are_refused() -> None:
    text = LEAN + TALKS
    says = "table.talks.years: the 0.3 years that are counted do not reach beyond the deadline, 2019-11-13"
    with pytest.raises(ep.errors.InputError, match=says):
        read_case(changed(text, ("breakdown: 5%", "breakdown: 5%, years: 0.3")))


def test_turns_of_talks_are_at_most_a_century_apart() -> None:
    with pytest.raises(ep.errors.InputError, match=r"table\.talks\.every: must be at most 36,525"):
        read_case(changed(LEAN + TALKS, ("every: 45", f"every: {10**29}")))


def test_move_that_makes_a_party_sign_says_every_term_that_comes_with_it(found: Bargain) -> None:
    signed = {"C00": 1.0, "C01": 0.0}
    move = Addition("C01", 5.0, (("quota", 0.9, signed), ("cut", 0.2, signed)))
    text = _addition(found, found.offers["fair"], move)
    assert text.endswith("which all would sign: Quota on s00 90% and Rent to C01 100%; Cut on s01 20%.")


def test_stopped_search_says_what_it_found_and_nothing_of_the_rest(world: ep.Economy) -> None:
    def stop_at(stage: str) -> Bargain:
        def stop(what: str, done: int, total: int) -> None:
            if what == stage:
                raise KeyboardInterrupt

        return bargain(read_case(LEAN), world, progress=stop)

    late, early = (" ".join(sentences(stop_at(stage))) for stage in ("frontier", "solutions"))
    assert "The Nash deal:" in late
    assert "Stopped before the end" in late
    assert "no solution was sought" not in late
    assert "no solution was sought" in early


def test_weights_of_the_nash_solution_are_stated(world: ep.Economy) -> None:
    weighted = changed(LEAN, ("  threat: threat\n", "  threat: threat\n  power: {C00: 3}\n"))
    assert "In the Nash solution C00 counts 3 and C01 1." in " ".join(sentences(bargain(read_case(weighted), world)))
    even = changed(LEAN, ("  threat: threat\n", "  threat: threat\n  power: {C00: 2, C01: 2}\n"))
    assert "In the Nash solution" not in " ".join(sentences(bargain(read_case(even), world)))


def test_several_countries_at_the_table_are_one_side_in_sentences(world: ep.Economy) -> None:
    found = bargain(read_case(changed(LEAN, ("  between: [C00, C01]", "  between: [C00, C01+C02]"))), world)
    text = " ".join(sentences(found))
    assert "the side of C01 and C02 gains" in text
    assert "and C01 and C02 gains" not in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"C02": -40.0, "C03": 900.0}, "brings others US$900 million a year of exports of these goods, most to C03"),
        ({"C02": -400.0, "C03": 900.0}, "It takes US$400 million a year from others, most from C02 (US$400 million)."),
        ({"C02": -400.0, "C03": 10.0}, "takes US$400 million a year of exports of these goods from others"),
    ],
)
def test_exports_of_others_rise_or_fall(found: Bargain, changes: dict[str, float], expected: str) -> None:
    rows = found.countries.copy()
    outside = rows["party"] == ""
    rows.loc[outside, "exports_change"] = rows.loc[outside, "country"].map(changes).fillna(0.0)
    made = replace(found)
    object.__setattr__(made, "__dict__", {**made.__dict__, "countries": rows})
    text = " ".join(_outside(made))
    assert "Outside, against things as they are, the Nash deal" in text
    assert expected in text
    assert ("takes" in text) == (changes["C02"] < -50)


@pytest.mark.parametrize(("zone", "share"), [(0.998, ">99%"), (0.005, "<1%"), (0.37, "37%"), (1.0, "100%")])
def test_share_of_deals_is_all_of_them_only_where_it_is(
    found: Bargain, zone: float, share: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bargain, "zone", zone)
    assert f"Yes: {share} of " in " ".join(_agreement(found, found.now))
    assert f". {share} of " in repr(found)
    assert _finding(found).startswith(f"{share} of ")


def test_restraint_is_on_the_trade_that_is_threatened(world: ep.Economy) -> None:
    other = "    - ver: {importer: C00, exporter: C01, sector: s00, cap: $quota, rent: $rent}\n"
    text = changed(
        CASE,
        (MENUS, ""),
        (TALKS, ""),
        (other, "    - quota: {importer: C01, exporter: C00, sector: s02, cap: $quota, rent: $rent}\n"),
        ("range: [20%, 130%]", "range: [20%, 130%]"),
    )
    found = bargain(read_case(text), world, points=2)
    quota = next(
        found.negotiation.table.filled_in(t, {"quota": 1.0, "rent": 1.0}) for t, _ in quotas(found.negotiation)
    )
    assert found.threat.outcome.volume(quota) < base_of(found.negotiation, quota)
    assert found.restraint is None


def test_rent_of_the_restraint_is_its_own_and_its_worth_against_now(world: ep.Economy) -> None:
    standing = (
        "scenarios:\n  standing:\n    title: A standing quota\n    measures:\n"
        "      - quota: {importer: C00, exporter: C02, sector: s02, cap: 50%}\n"
    )
    text = changed(
        CASE, (MENUS, ""), (TALKS, ""), ("scenarios:\n", standing), ("  issues:\n", "  beside: [standing]\n  issues:\n")
    )
    found = bargain(read_case(text), world, points=2)
    assert found.restraint is not None
    own, beside = (
        sum(
            float(row["rent"])
            for measure, row in zip(found.restraint.outcome.scenario, found.restraint.outcome.measure_rows, strict=True)
            if found.negotiation.stands_beside(measure) == stands
        )
        for stands in (False, True)
    )
    assert beside > 1
    line = next(line for line in sentences(found) if "leaves the volume of the threat" in line)
    assert f"carries a rent of {dollars(own)} a year." in line
    note = next(section.note for section in sections(found) if section.title == "On the table")
    assert "In force whatever is agreed: A standing quota." in note
    assert abs(found.now.worth["C00"]) > 1, "what is in force beside the table is not in the base"
    for party in found.parties:  # counted as in every table
        restrained, threatened = (d.worth[party] - found.now.worth[party] for d in (found.restraint, found.threat))
        compared = next(line for line in sentences(found) if f"more than the threat to {party}?" in line)
        assert "against things as they are" in compared
        assert f"{gain_in_words(restrained)} under it and {gain_in_words(threatened)} under the threat" in compared


@pytest.mark.parametrize(
    ("more", "holder"),
    [
        ("", "exporter 75%, importer 25%"),
        (
            "    - quota: {importer: C01, exporter: C00, sector: s01, cap: $quota}\n",
            "exporter 75%, importer 25% and importer",
        ),
    ],
)
def test_restraint_names_the_holder_of_its_rent_unless_that_is_an_issue(
    world: ep.Economy, more: str, holder: str
) -> None:
    text = changed(
        CASE,
        (MENUS, ""),
        (TALKS, ""),
        ("    rent: {title: Rent to C01, range: [0, 100%]}\n", ""),
        (", rent: $rent}\n", ", rent: {exporter: 75%, importer: 25%}}\n" + more),
        ("quota: 5, rent: 2", "quota: 5"),
    )
    line = next(line for line in sentences(bargain(read_case(text), world, points=2)) if "leaves the volume" in line)
    assert line.endswith(" a year, held by: " + holder + ".")


def test_level_next_to_an_end_of_its_range_is_that_end_where_nobody_would_notice(world: ep.Economy) -> None:
    n = Negotiation.of(solve_case(read_case(LEAN), world))
    made = session.Session(n)
    made.threats()
    near = made.at("near", np.array([3e-6, 0.5]))
    assert dict(near.levels) == {"tariff": 0.0, "cut": 0.5}
    assert near.words == "Cut on s01 50%"
    assert made.at("far", np.array([0.01, 0.5])).levels["tariff"] == pytest.approx(0.004)
    assert made.at("inside", np.array([0.5, 0.5 + 3e-6])).levels["cut"] == pytest.approx(0.5 + 3e-6, abs=1e-12)


def test_quotas_of_one_label_are_not_confused(world: ep.Economy) -> None:
    both = (
        "    - quota: {%simporter: C00, exporter: C01, sector: s00, cap: $quota}\n"
        "    - quota: {%simporter: C01, exporter: C00, sector: s01, cap: $back}\n"
    )
    own = "    - ver: {importer: C00, exporter: C01, sector: s00, cap: $quota, rent: $rent}\n"
    labelled, plain = (
        changed(
            CASE,
            (MENUS, ""),
            (TALKS, ""),
            (own, both % (label, label)),
            (
                "    rent: {title: Rent to C01, range: [0, 100%]}\n",
                "    back: {title: Back, range: [50%, 200%], now: 200%}\n",
            ),
            ("quota: 5, rent: 2", "quota: 2, back: 2"),
            ("levels: {cut: 50%}", "levels: {quota: 60%, back: 190%}"),
        )
        for label in ("label: mutual quota, ", "")
    )
    n, other = (Negotiation.of(solve_case(read_case(text), world)) for text in (labelled, plain))
    levels = {"quota": 0.6, "back": 1.9}
    assert slack(n, n.outcome(n.scenario(levels)), levels) == {"back"}
    assert slack(other, other.outcome(other.scenario(levels)), levels) == {"back"}


def test_signers_are_one_cell_whose_names_may_have_spaces() -> None:
    deal = SimpleNamespace(levels={}, worth={}, gains={}, words="A deal.", signers=("South Korea", "United States"))
    table = Bargain.to_frame(SimpleNamespace(deals={"one": deal}, parties=()))  # type: ignore[arg-type]
    assert list(table["signed_by"]) == ["South Korea; United States"]


def test_a_level_of_one_point_is_singular() -> None:
    issue = read_case(CASE).table.issues["tariff"]  # type: ignore[union-attr]
    assert [issue.shown(level) for level in (0.01, 0.25, 0.005, 0)] == [
        "1 point",
        "25 points",
        "0.5 points",
        "0 points",
    ]
