"""The proof can fail: with one thing made wrong in a right solution, the condition that it breaks says by how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.batch import solve_stack
from entrepot.equilibrium.equilibrium_map import State
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.residuals import residual_arrays, stacked_gaps
from worlds import place, random_world

#: What is made wrong, and how far a gap in a right solution may be from zero.
WRONG, RIGHT = 1e-4, 1e-11
CLOSURES = {
    "long": ep.Closure(),
    "numeraire abroad": ep.Closure(numeraire="C03", deficit="gdp_share"),
    "short": ep.Closure(horizon="short", labour_share=0.6, deficit="own_share"),
    "scale": ep.Closure(scale=0.05, labour_supply=0.4),
    "all at once": ep.Closure(
        horizon="short",
        labour_share=0.7,
        labour_supply={"C00": 0.5, "C02": 0.2},
        labour_tax=0.2,
        recycling="labour_tax",
        scale=0.03,
        deficit="own_share",
    ),
}
MEASURES = [
    ep.Tariff(importer="C00", sector="s01", rate=0.2, change="add"),
    ep.ExportTax(exporter="C01", importer="C02", sector="s00", rate=0.1),
    ep.ProductionSubsidy(country="C02", sector="s01", rate=0.05),
    ep.NonTariffBarrier(importer="C03", exporter="C00", sector="s02", rate=0.1),
    ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.6),
    ep.ImportQuota(importer="C01", exporter="C03", sector="s02", cap=1.5),
    ep.TariffRateQuota(importer="C02", exporter="C00", sector="s02", cap=0.5, in_rate=0.02, out_rate=0.1),
    ep.SpecificTariff(importer="C03", exporter="C01", sector="s00", amount=0.1),
]
#: The restraint binds, the quota does not, and the tariff-rate quota is exceeded.
BINDS, SLACK, EXCEEDED = range(3)
WORLD = random_world(4, 3, seed=5)
J, N, X = place(WORLD, "s01", "C00", "C02")  # a sector, an importer that levies a tariff, an exporter that subsidises


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return WORLD


@pytest.fixture(scope="module", params=CLOSURES)
def solved(request: pytest.FixtureRequest, e: ep.Economy) -> ep.Outcome:
    return ep.solve(e, MEASURES, closure=CLOSURES[request.param], tol=RIGHT)


def moved(state: State, key: str, *at: int, by: float = WRONG) -> State:
    """A point with one unknown further on."""
    array = getattr(state, key).copy()
    array[at] += by
    return replace(state, **{key: array})


def gaps(outcome: ep.Outcome, state: State | None = None, accounts: Accounts | None = None) -> dict[str, np.ndarray]:
    found = residual_arrays(outcome.problem, state or outcome.state, accounts or outcome.accounts)
    return {block: np.abs(gap) for block, gap in found.items()}


def cleared(outcome: ep.Outcome, **values: Any) -> Accounts:
    """The accounts with something else in what was cleared, and the same flows."""
    return replace(outcome.accounts, cleared=replace(outcome.accounts.cleared, **values))


def flows(outcome: ep.Outcome, j: int, n: int | slice, i: int, factor: float = 1 + WRONG) -> Accounts:
    """The accounts with more (or less) in some flows, and all else the same."""
    value = outcome.accounts.producer_value.copy()
    value[j, n, i] *= factor
    return replace(outcome.accounts, producer_value=value)


def test_a_solution_has_no_gap_in_any_block(solved: ep.Outcome) -> None:
    closure = solved.problem.closure
    blocks = {"zero_profit", "price_index", "goods_market", "labour_market", "budget", "balance_of_payments"}
    blocks |= {"complementarity"}
    blocks |= {"capital_market"} if closure.horizon == "short" or closure.scale else set()
    blocks |= {"government"} if closure.recycling == "labour_tax" else set()
    assert set(solved.residuals) == blocks
    assert max(gap.max() for gap in gaps(solved).values()) <= RIGHT
    ln_mu = solved.state.ln_mu
    assert ln_mu[BINDS] > 1e-3
    assert ln_mu[SLACK] < 1e-12
    assert ln_mu[EXCEEDED] == pytest.approx(np.log(1.1 / 1.02))


# ---- zero profit ----


def test_a_producer_price_that_is_not_unit_cost(solved: ep.Outcome) -> None:
    price = solved.accounts.cleared.ln_producer_price.copy()
    price[J, X] += WRONG
    found = gaps(solved, accounts=cleared(solved, ln_producer_price=price))
    assert found["zero_profit"][J, X] == pytest.approx(WRONG, rel=1e-6)
    assert found["price_index"].max() > 0.01 * WRONG
    assert np.delete(found["zero_profit"].ravel(), J * 4 + X).max() <= RIGHT


def test_flows_that_are_not_those_of_the_unit_cost(solved: ep.Outcome) -> None:
    """If buyers everywhere take more of a good than they would at its unit cost, the price that they see is lower."""
    found = gaps(solved, accounts=flows(solved, J, slice(None), X))
    theta = solved.economy.theta[J]
    others = (1 + WRONG * solved.accounts.user_value[J, :, X] / solved.accounts.user_value[J].sum(axis=1)).max()
    assert found["zero_profit"][J, X] == pytest.approx(np.log1p(WRONG) / theta, abs=np.log(others) / theta + 1e-9)
    assert found["zero_profit"][J, X] > 0.05 * WRONG / theta


@pytest.mark.parametrize("again", [False, True], ids=["flows as they were", "flows at the wrong price"])
def test_a_wrong_price_of_what_is_bought(solved: ep.Outcome, again: bool) -> None:
    """It is neither the index of what users pay nor what makes cost and price equal, whatever flows go with it."""
    state = moved(solved.state, "ln_price", J, X)
    found = gaps(solved, state, Accounts.at(solved.problem, state) if again else None)
    assert found["price_index"][J, X] == pytest.approx(WRONG, rel=0.5)
    assert found["zero_profit"].max() > 0.1 * WRONG
    half = moved(solved.state, "ln_price", J, X, by=WRONG / 2)
    assert gaps(solved, half, Accounts.at(solved.problem, half))["zero_profit"].max() > 0.05 * WRONG


def test_a_wage_that_is_not_in_the_price(solved: ep.Outcome) -> None:
    found = gaps(solved, moved(solved.state, "ln_labour_income", X))
    factors = solved.problem.factors
    exponent = factors.wage_exponent[X] / (1 + factors.supply[X])  # the rest of what labour earns is jobs
    np.testing.assert_allclose(found["zero_profit"][:, X], WRONG * exponent, rtol=1e-6)


# ---- markets ----


def test_spending_that_is_not_demand(solved: ep.Outcome) -> None:
    """In the flows, in the unknowns, or in both."""
    e, state = solved.economy, moved(solved.state, "ln_spending", J, N)
    spent = solved.accounts.user_value.sum(axis=2)
    more = WRONG * spent[J, N] / spent[:, N].sum()
    together = gaps(solved, state, Accounts.at(solved.problem, state))
    for found in (gaps(solved, state), gaps(solved, accounts=flows(solved, J, N, X)), together):
        assert found["goods_market"][J, N] > 0.01 * more
    assert gaps(solved, state)["goods_market"][J, N] == pytest.approx(more, rel=1e-3)
    assert together["goods_market"][J, N] > 0.1 * more
    assert e.spending[J, N] > 0


def test_labour_that_does_not_earn_what_it_is_paid(solved: ep.Outcome) -> None:
    found = gaps(solved, moved(solved.state, "ln_labour_income", N))
    assert found["labour_market"][N] == pytest.approx(WRONG, rel=1e-3)
    assert np.delete(found["labour_market"], N).max() <= RIGHT


def test_labour_that_is_supplied_at_another_price(solved: ep.Outcome) -> None:
    found = gaps(solved, moved(solved.state, "ln_price", J, N))
    eta = solved.problem.factors.supply[N]
    of = eta / (1 + eta) * solved.economy.final_share[N, J]
    assert found["labour_market"][N] == pytest.approx(of * WRONG, rel=1e-3, abs=RIGHT)


def test_a_wage_that_is_not_the_rules(solved: ep.Outcome) -> None:
    wage = solved.accounts.cleared.ln_wage.copy()
    wage[N] += WRONG
    found = gaps(solved, accounts=cleared(solved, ln_wage=wage))
    assert found["labour_market"][N] == pytest.approx(WRONG, rel=1e-6)
    assert np.delete(found["labour_market"], N).max() <= RIGHT


def test_a_sector_that_is_not_as_active_as_its_cost(solved: ep.Outcome) -> None:
    if not solved.problem.factors.has_activity:
        assert "capital_market" not in solved.residuals
        return
    found = gaps(solved, moved(solved.state, "ln_activity", J, X))
    assert found["capital_market"][J, X] == pytest.approx(WRONG, rel=1e-3)
    assert np.delete(found["capital_market"].ravel(), J * 4 + X).max() <= RIGHT
    exponent = solved.problem.factors.activity_exponent[X, J]
    assert found["zero_profit"][J, X] == pytest.approx(abs(exponent) * WRONG, rel=1e-3)
    earned = solved.problem.factors.capital_income[J, X] * np.exp(solved.state.ln_activity[J, X])
    assert found["budget"][X] == pytest.approx(WRONG * earned / solved.accounts.income[X], rel=0.2, abs=RIGHT)
    more = flows(solved, J, slice(None), X)
    assert gaps(solved, accounts=more)["capital_market"][J, X] == pytest.approx(WRONG, rel=1e-3)


# ---- money ----


def test_a_tax_on_labour_that_is_not_what_revenue_leaves(solved: ep.Outcome) -> None:
    if not solved.problem.factors.recycled:
        assert "government" not in solved.residuals
        return
    a, factors = solved.accounts, solved.problem.factors
    found = gaps(solved, moved(solved.state, "ln_keep", N))
    kept = (1 - factors.tax[N]) * np.exp(solved.state.ln_keep[N])
    change = a.cleared.labour_income[N] * -kept
    assert found["government"][N] == pytest.approx(abs(change) * WRONG / a.income[N], rel=1e-2)
    more = flows(solved, J, N, X, 1 + 100 * WRONG)
    collected = abs(more.revenue[N] - a.revenue[N]) / a.income[N]
    assert collected > RIGHT
    assert gaps(solved, accounts=more)["government"][N] == pytest.approx(collected, rel=1e-6)


def test_an_income_that_was_not_earned(solved: ep.Outcome) -> None:
    income = solved.accounts.cleared.income.copy()
    income[N] *= 1 + WRONG
    found = gaps(solved, accounts=cleared(solved, income=income))
    spent = solved.accounts.user_value.sum(axis=(0, 2))
    expected = WRONG * solved.economy.final_share[N] * income[N] / spent[N]
    np.testing.assert_allclose(found["goods_market"][:, N], expected, rtol=1e-3)


def test_overspending_shows_in_the_budget(solved: ep.Outcome) -> None:
    """More is spent on final goods than factors, the treasury and the rest of the world bring in."""
    for state in (moved(solved.state, "ln_labour_income", N), moved(solved.state, "ln_spending", J, N)):
        found = gaps(solved, state, Accounts.at(solved.problem, state))
        assert found["budget"][N] > 0.02 * WRONG
    found = gaps(solved, moved(solved.state, "ln_labour_income", N))
    wages = solved.accounts.cleared.labour_income[N]
    assert found["budget"][N] == pytest.approx(WRONG * wages / solved.accounts.income[N], rel=0.2)


def test_a_duty_that_users_pay_and_do_not_spend(solved: ep.Outcome) -> None:
    """Under another tariff the same goods cost users more than the spending in the state."""
    problem, at = solved.problem, np.ravel_multi_index((J, N, X), solved.economy.value.shape)
    ln_tariff = problem.ln_tariff + np.where(problem.flow == at, WRONG, 0.0)
    assert at in problem.flow
    other = replace(problem, ln_tariff=ln_tariff)
    found = residual_arrays(other, solved.state, replace(solved.accounts, problem=other))
    paid = solved.accounts.user_value
    assert found["goods_market"][J, N] == pytest.approx(WRONG * paid[J, N, X] / paid[:, N].sum(), rel=1e-3)


@pytest.mark.parametrize("n", range(4))
def test_a_deficit_that_trade_does_not_leave(solved: ep.Outcome, n: int) -> None:
    a = solved.accounts
    deficit = a.cleared.deficit.copy()
    deficit[n] += WRONG * (a.imports[n] + a.exports[n]) / 2
    found = gaps(solved, accounts=cleared(solved, deficit=deficit))
    assert found["balance_of_payments"][n] == pytest.approx(WRONG, rel=1e-6)
    assert np.delete(found["balance_of_payments"], n).max() <= RIGHT


def test_unpaid_trade_shows_in_the_balance_of_payments(solved: ep.Outcome) -> None:
    found = gaps(solved, accounts=flows(solved, J, N, X, 1 + 100 * WRONG))["balance_of_payments"]
    a = solved.accounts
    for n in (N, X):
        more = 100 * WRONG * a.border_value[J, N, X] / ((a.imports[n] + a.exports[n]) / 2)
        assert found[n] == pytest.approx(more, rel=0.05)


def test_rent_that_is_not_what_the_licence_costs(solved: ep.Outcome) -> None:
    """A rent held abroad is a part of what imports cost, and of what exporters may spend."""
    a = solved.accounts
    found = gaps(solved, accounts=cleared(solved, rent=a.cleared.rent * (1 + WRONG)))
    paid, got = a.exporter_rent.sum(axis=(0, 2)), a.exporter_rent.sum(axis=(0, 1))
    assert paid[N] > 0 == got[N]
    moved_on = WRONG * np.abs(paid - got)
    np.testing.assert_allclose(
        found["balance_of_payments"], moved_on / ((a.imports + a.exports) / 2), rtol=1e-3, atol=RIGHT
    )
    np.testing.assert_allclose(found["budget"], moved_on / a.income, rtol=1e-3, atol=RIGHT)


# ---- quotas ----


def test_a_licence_price_at_which_the_quota_is_not_just_filled(solved: ep.Outcome) -> None:
    for by in (WRONG, -WRONG):
        state = moved(solved.state, "ln_mu", BINDS, by=by)
        found = gaps(solved, state, Accounts.at(solved.problem, state))["complementarity"]
        assert found[BINDS] > 0.5 * WRONG
        assert found[EXCEEDED] <= RIGHT
        alone = gaps(solved, state)["complementarity"]
        assert alone[BINDS] == pytest.approx(WRONG, rel=1e-3), "buyers do not pay the licence's price"


def test_a_licence_for_a_quota_that_is_not_filled_is_worth_nothing(solved: ep.Outcome) -> None:
    state = moved(solved.state, "ln_mu", SLACK)
    found = gaps(solved, state, Accounts.at(solved.problem, state))["complementarity"]
    assert found[SLACK] == pytest.approx(WRONG, rel=1e-3)


def test_beyond_a_tariff_rate_quota_no_more_than_the_surcharge_is_paid(solved: ep.Outcome) -> None:
    state = moved(solved.state, "ln_mu", EXCEEDED, by=-WRONG)
    found = gaps(solved, state, Accounts.at(solved.problem, state))["complementarity"]
    row = solved.measures.iloc[6]
    assert found[EXCEEDED] == pytest.approx(np.log(row["volume"] / row["cap"]), abs=10 * WRONG)
    assert row["volume"] > 1.01 * row["cap"], "more comes than the quota, and a lower duty is paid on it"


def test_volume_above_the_quota_shows_in_complementarity(solved: ep.Outcome) -> None:
    """Volumes are those of the flows."""
    j, i = place(WORLD, "s00", "C01")
    found = gaps(solved, accounts=flows(solved, j, slice(None), i))["complementarity"]
    q = solved.problem.quotas
    mine = q.flow[q.owner == BINDS]
    part = solved.accounts.real_flow.ravel()[mine]
    expected = WRONG * part[np.unravel_index(mine, solved.economy.value.shape)[2] == i].sum() / part.sum()
    assert found[BINDS] == pytest.approx(expected, rel=1e-3)


# ---- many at once ----

BATCHED: dict[str, tuple[str, tuple[int, ...], tuple[str, ...]]] = {
    "a wage": ("ln_labour_income", (N,), ("labour_market", "price_index")),
    "a price": ("ln_price", (J, N), ("price_index",)),
    "spending": ("ln_spending", (J, N), ("goods_market", "budget", "balance_of_payments")),
    "activity": ("ln_activity", (J, X), ("capital_market", "price_index")),
    "a tax on labour": ("ln_keep", (N,), ("government", "labour_market")),
    "a licence": ("ln_mu", (BINDS,), ("complementarity",)),
}
CLEARED: dict[str, tuple[Callable[[Any], float], str]] = {
    "income": (lambda m: m.income[1, N], "goods_market"),
    "deficit": (lambda m: m.spending[1, :, N].sum(), "balance_of_payments"),
    "revenue": (lambda m: m.income[1, N], "budget"),
    "labour_income": (lambda m: m.labour_income[1, N], "labour_market"),
    "to_exporters": (lambda m: m.spending[1, :, N].sum(), "balance_of_payments"),
}


@pytest.mark.parametrize("wrong", [*BATCHED, *CLEARED])
def test_in_a_batch_only_the_member_that_is_wrong_has_a_gap(e: ep.Economy, wrong: str) -> None:
    problems = [Problem.of(e, ep.Scenario.of(MEASURES[k:]), CLOSURES["all at once"]) for k in range(3)]
    batch = solve_stack(problems, tol=RIGHT)
    market, state, m = batch.market, batch.state, batch.cleared
    right = stacked_gaps(market, state, m)
    assert max(gap.max() for gap in right.values()) <= RIGHT
    if wrong in BATCHED:
        key, at, blocks = BATCHED[wrong]
        state = moved(state, key, 1, *at)
        m = market.clear(state)
    else:
        size, block = CLEARED[wrong]
        array = getattr(m, wrong).copy()
        array[1, N] += WRONG * size(m)
        m, blocks = replace(m, **{wrong: array}), (block,)
    found = stacked_gaps(market, state, m)
    assert set(found) == set(right)
    for block in blocks:
        assert 0.01 * WRONG < found[block][1] < 30 * WRONG, block
    for gap in found.values():
        assert gap[[0, 2]].max() <= RIGHT


def with_residuals(solved: ep.Outcome, gaps: dict[str, np.ndarray]) -> ep.Outcome:
    """The same Outcome with gaps of its own."""
    other = replace(solved)
    other.__dict__["residual_by_cell"] = gaps
    return other


def test_the_cells_furthest_from_balance_are_named(solved: ep.Outcome) -> None:
    """The three largest gaps of all blocks, largest first; NaN comes before any number."""
    e = solved.economy
    state = moved(
        moved(moved(solved.state, "ln_mu", BINDS, by=0.3), "ln_price", J, N, by=0.1), "ln_labour_income", X, by=0.2
    )
    wrong = with_residuals(solved, residual_arrays(solved.problem, state, solved.accounts))
    listed = []
    for block, gaps_ in wrong.residual_by_cell.items():
        for at, gap in np.ndenumerate(gaps_):
            where = e.countries[at[-1]] + (f" {e.sectors[at[0]]}" if len(at) == 2 else "")
            if block == "complementarity":
                where = solved.problem.policy.acts[solved.problem.quotas.act[at[0]]].measure.title
            listed.append((abs(float(gap)), f"{block.replace('_', ' ')} of {where} ({abs(gap):.2g})"))
    assert wrong.worst == tuple(text for _, text in sorted(listed, reverse=True)[:3])
    assert wrong.worst[0].startswith(f"complementarity of {solved.scenario.measures[4].title} (0.3")
    blocks = {name: gap.copy() for name, gap in wrong.residual_by_cell.items()}
    blocks["budget"][e.countries.index("C03")] = np.nan
    assert with_residuals(solved, blocks).worst[0] == "budget of C03 (inf)"
    assert np.isnan(with_residuals(solved, blocks).residuals["budget"])
