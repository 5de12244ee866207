"""Problems side by side: what each brings stands in its place, and what is padded out binds nothing."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.economy import Economy
from entrepot.equilibrium.batch import solve_stack
from entrepot.equilibrium.equilibrium_map import EquilibriumMap
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.stack import Bases, Stack
from entrepot.equilibrium.trade_links import OwnLinks, SharedLinks
from worlds import place, random_world

WORLD = random_world(3, 2, seed=4)
WHERE: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
UNLIKE: list[list[ep.measures.Measure]] = [
    [ep.Tariff(importer="C00", sector="s01", rate=0.3, change="add"), ep.ExportTax(**WHERE, rate=0.1)],
    [
        ep.ImportQuota(**WHERE, cap=0.5, rent={"importer": 0.3, "exporter": 0.7}),
        ep.TariffRateQuota(importer="C02", exporter="C00", sector="s00", cap=0.5, in_rate=0.02, out_rate=0.3),
        ep.SpecificTariff(importer="C00", exporter=["C01", "C02"], sector="s00", amount=0.1),
        ep.ExportTax(**WHERE, rate=0.2),
    ],
    [ep.VoluntaryExportRestraint(importer="C01", exporter="C02", sector="s00", cap=0.5)],
    [
        ep.ProductionSubsidy(country="C01", sector="s00", rate=0.1),
        ep.ImportQuota(importer="C02", exporter="C01", sector="s00", cap=0),
    ],
]


def problems(economies: Any = WORLD, **closure: Any) -> list[Problem]:
    worlds = [economies] * len(UNLIKE) if isinstance(economies, Economy) else economies
    return [Problem.of(e, ep.Scenario.of(m), ep.Closure(**closure)) for e, m in zip(worlds, UNLIKE, strict=True)]


def flow(sector: str, importer: str, exporter: str) -> int:
    return int(np.ravel_multi_index(place(WORLD, sector, importer, exporter), WORLD.value.shape))


def test_stacked_policies_are_concatenated_with_their_members() -> None:
    several = problems()
    stack = Stack.of(several)
    assert stack.members == (4,)
    assert stack.problems == tuple(several)
    for places, name in ((stack.at, "flow"), (stack.removed, "embargoed")):
        parts = [getattr(p, name) for p in several]
        assert places.flow.tolist() == np.concatenate(parts).tolist()
        assert places.member.tolist() == [k for k, part in enumerate(parts) for _ in part]
    for name in ("ln_tariff_base", "ln_tariff", "ln_export_tax", "ln_iceberg"):
        assert getattr(stack, name).tolist() == np.concatenate([getattr(p, name) for p in several]).tolist()
    assert stack.removed.flow.tolist() == [flow("s00", "C02", "C01")]
    assert stack.removed.member.tolist() == [3]


def test_quotas_are_padded_with_ones_that_cannot_bind() -> None:
    several = problems()
    q = Stack.of(several).quotas
    assert q.count == 2
    assert q.owner.tolist() == [2, 3, 4], "of the second member its two, of the third its first"
    own = several[1].quotas
    for name in ("ln_cap", "ln_base", "ln_ceiling", "exporter_share", "before_duty", "theta", "act"):
        found = getattr(q, name)
        assert found.shape == (4, 2)
        assert found[1].tolist() == getattr(own, name).tolist()
        assert found[2, 0] == getattr(several[2].quotas, name)[0]
    padded = (np.array([0, 0, 2, 3, 3]), np.array([0, 1, 1, 0, 1]))
    assert (q.ln_cap[padded] == np.inf).all()
    assert (q.ln_ceiling[padded] == 0.0).all()
    assert not q.before_duty[padded].any()
    assert (q.act[padded] == -1).all()
    assert (q.theta[padded] == 1.0).all()
    assert q.ln_surcharge.tolist() == [*own.ln_surcharge.tolist(), np.inf]
    assert Stack.of(several, 5).quotas.ln_cap.shape == (4, 5)
    assert Stack.of(several, 5).quotas.owner.tolist() == [5, 6, 10]
    assert Stack.of(several, 1).quotas.count == 2
    market = EquilibriumMap(several)
    moved = market.unpack(market.step(market.start())).ln_mu
    assert (moved[padded] == 0.0).all()
    assert moved[2, 0] > 0


def test_a_flow_under_a_quota_and_a_rule_has_one_place_among_the_wedges() -> None:
    """Of the second member: the quota's flow and the rule's first are one."""
    stack = Stack.of(problems())
    mine = flow("s00", "C00", "C01")
    for of, on in ((stack.quota_at, stack.quota_on), (stack.rule_at, stack.rule_on)):
        assert stack.wedge_at.flow[on].tolist() == of.flow.tolist()
        assert stack.wedge_at.member[on].tolist() == of.member.tolist()
    assert stack.wedge_at.flow.size == 4, "two of quotas and two of rules, of which one is both; and one elsewhere"
    assert stack.quota_on[stack.quota_at.flow == mine] == stack.rule_on[stack.rule_at.flow == mine]


def test_border_taxes_of_quotas_and_rules_are_those_of_their_member() -> None:
    several = problems()
    stack = Stack.of(several)
    for at, tariff, tax in (
        (stack.quota_at, stack.quota_tariff, stack.quota_export_tax),
        (stack.rule_at, stack.rule_tariff, stack.rule_export_tax),
    ):
        for member, one, ln_tariff, ln_tax in zip(at.member, at.flow, tariff, tax, strict=True):
            expected = several[member].border_taxes(np.array([one]))
            assert (ln_tariff, ln_tax) == (expected[0][0], expected[1][0])
    assert np.expm1(stack.quota_export_tax) == pytest.approx([0.2, 0.0, 0.0])


def test_stacked_price_rules_are_concatenated() -> None:
    rules = Stack.of(problems()).rules
    assert rules.flow.tolist() == [flow("s00", "C00", i) for i in sorted(("C01", "C02"), key=WORLD.countries.index)]
    assert rules.amount.tolist() == [0.1, 0.1]
    assert rules.floor.tolist() == [0.0, 0.0]
    assert rules.exporter_holds.tolist() == [False, False]


def test_subsidies_have_an_axis_of_members_where_there_are_some() -> None:
    several = problems()
    stack = Stack.of(several)
    assert stack.ln_subsidy.shape == (4, 2, 3)
    assert not stack.ln_subsidy[:3].any()
    assert stack.ln_subsidy[3].tolist() == several[3].ln_subsidy.tolist()
    assert Stack.of(several[:3]).ln_subsidy.shape == (2, 3)


def test_stack_of_one_problem_is_that_problem() -> None:
    (_, problem, *_), alone = problems(), Stack.of(problems()[1])
    assert alone.members == ()
    assert alone.economy is problem.economy
    assert alone.quotas.ln_cap.shape == (2,)
    assert alone.rules.flow.tolist() == problem.price_rules.flow.tolist()
    assert len(alone.at.source) == 2
    assert len(Stack.of([problem]).at.source) == 3
    assert isinstance(EquilibriumMap(problem).links, OwnLinks)


# ---- economies and factors ----


def test_economies_that_differ_in_elasticities_share_their_accounts() -> None:
    drawn = [WORLD.with_elasticities(WORLD.theta * f) for f in (1.0, 1.1, 0.9, 1.2)]
    for economies in (drawn, [WORLD, *drawn[1:]]):
        bases = Bases.of(economies)
        assert isinstance(bases, Bases)
        assert bases.value is WORLD.value
        assert bases.share is WORLD.share
        np.testing.assert_array_equal(bases.theta, [e.theta for e in economies])
    assert (bases.countries, bases.sectors) == (WORLD.countries, WORLD.sectors)
    assert Bases.of([WORLD, WORLD]) is WORLD
    assert isinstance(Bases.of([WORLD, drawn[0]]), Bases)


def test_economies_of_one_shape_can_be_stacked() -> None:
    others = [random_world(3, 2, seed) for seed in (4, 5)]
    bases = Bases.of(others)
    for name in ("value", "tariff", "share", "net_share", "spending", "output", "inputs", "final_share", "value_added",
                 "value_added_share", "deficit", "income", "tariff_revenue", "theta"):  # fmt: skip
        np.testing.assert_array_equal(getattr(bases, name), [getattr(e, name) for e in others], err_msg=name)
    for other in (random_world(4, 2, 4), random_world(3, 3, 4)):
        with pytest.raises(ep.errors.InputError, match="same countries and sectors, in the same order"):
            Bases.of([WORLD, other])


def test_factors_have_an_axis_of_members_where_they_differ() -> None:
    same = problems(horizon="short", labour_share=0.6)
    assert Stack.of(same).factors is same[0].factors
    others = problems([random_world(3, 2, seed) for seed in range(4)], horizon="short", labour_share=0.6)
    stack = Stack.of(others)
    for name in ("labour", "capital", "surplus"):
        np.testing.assert_array_equal(
            getattr(stack.factors, name), [getattr(p.factors, name) for p in others], err_msg=name
        )
    assert stack.factors.scale.shape == (2,)
    assert stack.factors.economy is stack.economy
    drawn = problems([WORLD.with_elasticities(WORLD.theta * f) for f in (1.0, 1.1, 1.2, 1.3)])
    assert Stack.of(drawn).factors.labour.shape == (3, 2), "they share the accounts, and so the shares"
    numbers = [
        Problem.of(WORLD, ep.Scenario(), ep.Closure(scale=s, labour_supply=eta, labour_tax=tax))
        for s, eta, tax in ((0.0, 0.1, 0.2), (0.05, 0.2, 0.3))
    ]
    factors = Stack.of(numbers).factors
    np.testing.assert_array_equal(factors.labour_rule.number, [[0.1] * 3, [0.2] * 3])
    np.testing.assert_array_equal(factors.tax, [[0.2] * 3, [0.3] * 3])
    np.testing.assert_array_equal(factors.scale, [[[0.0, 0.0]], [[0.05, 0.05]]])
    np.testing.assert_allclose(factors.wage_exponent, [p.factors.wage_exponent for p in numbers])
    np.testing.assert_allclose(factors.activity_exponent, [p.factors.activity_exponent for p in numbers])


@pytest.mark.parametrize(
    "other",
    [
        ep.Closure(deficit="own_share"),
        ep.Closure(numeraire="C01"),
        ep.Closure(horizon="short", labour_share=0.6),
        ep.Closure(recycling="labour_tax"),
    ],
    ids=str,
)
def test_rules_of_the_closure_are_one_for_all(other: ep.Closure) -> None:
    with pytest.raises(ep.errors.InputError, match="Problems of one closure; only its numbers may differ"):
        Stack.of([Problem.of(WORLD, ep.Scenario(), c) for c in (ep.Closure(), other)])


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "closures",
    [
        [{"scale": 0.0}, {"scale": 0.1}],
        [{"horizon": "short", "labour_share": share} for share in (1.0, 0.6)],
        [{"competition": ep.equilibrium.Markups(sigma)} for sigma in (11.0, 15.0)],
        [{"competition": ep.equilibrium.Melitz(access=nu, exponent=1.2)} for nu in (0.0, 0.05)],
        [{"competition": ep.equilibrium.Melitz(access=0.05, exponent=phi)} for phi in (1.0, 1.2)],
    ],
    ids=["scale", "capital", "markups", "access", "exponent"],
)
def test_closures_with_different_numbers_can_be_stacked(closures: list[dict[str, Any]], turned: bool) -> None:
    """Whatever the order, and where only some have an unknown activity or costs of access: each as it is alone."""
    made = [ep.Closure(**closure) for closure in (reversed(closures) if turned else closures)]
    tariff = ep.Tariff(importer="C00", sector="s01", rate=0.3)
    several = [Problem.of(WORLD, ep.Scenario((tariff,)), closure) for closure in made]
    solved = solve_stack(several)
    assert not solved.failures
    for k, closure in enumerate(made):
        alone = ep.solve(WORLD, tariff, closure=closure).countries
        np.testing.assert_allclose(solved.outcome(k).countries, alone, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(100 * solved.real_income[k], alone["real_income_pct"], atol=1e-8)


def test_kinds_of_competition_cannot_be_stacked() -> None:
    kinds = [ep.Closure(competition=kind) for kind in (ep.equilibrium.Markups(11), ep.equilibrium.Melitz(access=0.05))]
    with pytest.raises(ep.errors.InputError, match="Problems of one closure; only its numbers may differ"):
        Stack.of([Problem.of(WORLD, ep.Scenario(), closure) for closure in kinds])


# ---- the map of a stack ----

CLOSURES: list[dict[str, Any]] = [
    {},
    {"deficit": "gdp_share", "scale": 0.05},
    {"deficit": "own_share", "horizon": "short", "labour_share": 0.6, "labour_supply": 0.4},
    {"recycling": "labour_tax", "labour_tax": 0.2, "labour_supply": 0.3, "numeraire": "C01"},
]


@pytest.mark.parametrize("closure", CLOSURES, ids=str)
@pytest.mark.parametrize("kind", ["one base", "drawn", "several bases"])
def test_the_map_of_a_stack_is_each_members_own(closure: dict[str, Any], kind: str) -> None:
    """Away from an equilibrium, member by member: the map, its unit of account and its own-country step."""
    worlds = {
        "one base": WORLD,
        "drawn": [WORLD.with_elasticities(WORLD.theta * f) for f in (1.0, 1.1, 0.9, 1.2)],
        "several bases": [random_world(3, 2, seed) for seed in (4, 6, 8, 9)],
    }[kind]
    several = problems(worlds, **closure)
    market = EquilibriumMap(several)
    rng = np.random.default_rng(6)
    x = market.project(rng.normal(0, 0.05, market.start().shape))
    x[:, -2:] *= [[0, 0], [1, 1], [1, 0], [0, 0]]  # wedges of quotas that are there
    stepped, state = market.step(x), market.unpack(x)
    counted = market.in_numeraire(state)
    assert isinstance(market.links, SharedLinks | OwnLinks)
    for k, problem in enumerate(several):
        alone = EquilibriumMap(problem)
        size = alone.start().size
        np.testing.assert_allclose(stepped[k, :size], alone.step(x[k, :size]), atol=1e-12)
        assert (stepped[k, size:] == 0).all()
        np.testing.assert_array_equal(state.member(k).pack()[:size], x[k, :size])
        mine = alone.in_numeraire(alone.unpack(x[k, :size].copy())).pack()
        np.testing.assert_allclose(counted.member(k).pack()[:size], mine, atol=1e-15)
        if kind != "several bases":
            step = alone.precondition(x[k, :size])
            np.testing.assert_allclose(market.precondition(x)[k, :size], step, rtol=1e-4, atol=1e-6)


def test_other_rates_on_the_same_flows_share_all_places() -> None:
    for problem in problems():
        rates = {name: getattr(problem, name) + 0.01 for name in ("ln_tariff", "ln_export_tax", "ln_subsidy")}
        moved = replace(problem, **rates)
        made, shared = Stack.of(moved), Stack.of(problem).at_rates(moved)
        assert shared is not None
        assert shared.problems == (moved,)
        for f in fields(Stack):
            if isinstance(getattr(made, f.name), np.ndarray):
                np.testing.assert_array_equal(getattr(shared, f.name), getattr(made, f.name), err_msg=f.name)
        alone, beside = EquilibriumMap(moved), EquilibriumMap(moved, near=EquilibriumMap(problem))
        np.testing.assert_array_equal(beside.step(beside.start() + 0.01), alone.step(alone.start() + 0.01))
    first, second, *_ = problems()
    assert Stack.of(first).at_rates(second) is None
    assert Stack.of(problems()).at_rates(first) is None
