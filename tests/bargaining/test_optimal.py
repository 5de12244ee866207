"""The best tariffs of a country: known answers, and first-order conditions computed independently."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.bargaining import optimal_tariff
from entrepot.bargaining.payoff import Payoff
from shelves import slow_after
from worlds import place, random_world


def payoff(world: ep.Economy, objective: ep.cases.Objective, party: str, measures: list[ep.measures.Measure]) -> float:
    o = ep.solve(world, measures, closure=ep.Closure(deficit="balanced"), tol=1e-12)
    return Payoff.to(party, objective, o.economy).at(o)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_optimal_tariff_of_two_countries_is_the_formula_of_gros(seed: int) -> None:
    """1/(theta lambda), lambda the partner's share of spending on its own goods (Gros 1987, J. Int. Econ. 23: 357-367;
    Costinot and Rodriguez-Clare 2014, section 4)."""
    world = random_world(2, 1, seed, tariffs=False, inputs=False, deficits=0.0, theta=4.0)
    best = optimal_tariff(world, "C00")
    (abroad,) = place(world, "C01")
    users = best.outcome.accounts.user_value[0, abroad]
    assert best.rates["rate"].item() == pytest.approx(1 / (4.0 * users[abroad] / users.sum()), abs=1e-6)


def test_small_country_gains_almost_nothing_beyond_the_market_power_of_its_variety() -> None:
    """Each country makes its own varieties, so the lowest optimal tariff is 1/theta; zero for perfect substitutes."""
    for theta in (4.0, 20.0, 60.0):
        world = small_country(theta)
        rate = optimal_tariff(world, "C00").rates["rate"].item()
        assert rate == pytest.approx(1 / theta, rel=2e-3)


def small_country(theta: float) -> ep.Economy:
    """C00 is a ten-thousandth of C01."""
    value = np.array([[[1.0, 0.5], [0.5, 1e4]]])
    return ep.Economy(
        countries=("C00", "C01"),
        sectors=("s",),
        value=value,
        tariff=np.zeros_like(value),
        inputs=np.zeros((2, 1, 1)),
        theta=np.array([theta]),
        name="small",
    )


@pytest.mark.parametrize("over", slow_after(2, ["partner", "both", "sector", "uniform"]))
@pytest.mark.parametrize(
    "objective",
    [
        ep.cases.Objective(),
        ep.cases.Objective(value_added={"s01": 0.4}, revenue=0.1),
        ep.cases.Objective(real_income=1.0, balance={"C02": 0.05}),
    ],
    ids=["real income", "political", "balance"],
)
def test_no_step_away_is_better(over: str, objective: ep.cases.Objective) -> None:
    world = random_world(4, 3, 5)
    best = optimal_tariff(world, "C01", over=over, objective=objective, at_most="200%")  # type: ignore[arg-type]
    tariffs = list(best.outcome.scenario)
    at = payoff(world, objective, "C01", tariffs)
    assert at == pytest.approx(best.payoff, rel=1e-8)
    for k in range(min(len(tariffs), 4)):
        t = tariffs[k]
        for step in (-1e-3, 1e-3):
            if not best.rates["at_bound"][k]:
                moved = ep.Tariff(importer=t.importer, exporter=t.exporter, sector=t.sector, rate=float(t.rate) + step)
                assert payoff(world, objective, "C01", [*tariffs[:k], moved, *tariffs[k + 1 :]]) < at


def test_more_freedom_is_never_worse(small: ep.Economy) -> None:
    worth = {over: optimal_tariff(small, "C00", over=over).payoff for over in ("uniform", "sector", "partner", "both")}  # type: ignore[arg-type]
    assert worth["uniform"] <= min(worth["sector"], worth["partner"]) + 1e-6
    assert max(worth["sector"], worth["partner"]) <= worth["both"] + 1e-6


def test_export_tax_does_what_a_tariff_does() -> None:
    """Lerner (1936): the optimal tariff and an equal tax on all exports give the same real incomes."""
    world = random_world(3, 2, 8, tariffs=False, deficits=0.0)
    closure = ep.Closure(deficit="balanced")
    best = optimal_tariff(world, "C00")
    rate = best.rates["rate"].item()
    taxed = ep.solve(world, [ep.ExportTax(exporter="C00", sector="ALL", rate=f"{100 * rate}%")], closure=closure)
    real_income = best.outcome.countries["real_income_pct"].to_numpy()
    assert real_income == pytest.approx(taxed.countries["real_income_pct"].to_numpy(), abs=1e-6)


@pytest.mark.parametrize("deficit", ["balanced", "closed"])
def test_what_rates_are_worth_leaves_out_what_is_in_force_without_them(small: ep.Economy, deficit: str) -> None:
    """Neither a measure that stays in force nor closing the deficits is the worth of a tariff."""
    closure = ep.Closure(deficit=deficit)
    hurts = ep.Tariff(importer="C01", exporter="C00", sector="ALL", rate=0.3, change="add")
    best = optimal_tariff(small, "C00", measures=hurts, closure=closure)
    gained = [
        o.countries.loc["C00", "equivalent_variation"] for o in (best.outcome, ep.solve(small, hurts, closure=closure))
    ]
    assert best.payoff == pytest.approx(gained[0], rel=1e-9)
    assert best.worth == pytest.approx(gained[0] - gained[1], rel=1e-6)
    assert best.payoff < best.worth
    assert "beyond the measures that stay in force" in repr(best)
    assert best.to_dict()["worth"] == best.worth


def test_without_measures_the_payoff_is_the_worth(small: ep.Economy) -> None:
    best = optimal_tariff(small, "C00")
    assert best.worth == pytest.approx(best.payoff, rel=1e-9)
    assert "beyond" not in repr(best)


def test_bounds_hold_and_are_marked_in_the_table(small: ep.Economy) -> None:
    free = optimal_tariff(small, "C00", over="sector")
    ceiling = {"s00": free.rates.set_index("sector").loc["s00", "rate"] / 2}
    bound = optimal_tariff(small, "C00", over="sector", at_most=ceiling)
    by_sector = bound.rates.set_index("sector")
    assert by_sector.loc["s00", "rate"] == pytest.approx(ceiling["s00"])
    assert list(by_sector.index[by_sector["at_bound"]]) == ["s00"]
    assert bound.payoff < free.payoff


def test_weight_on_an_industry_raises_its_tariff(world: ep.Economy) -> None:
    plain = optimal_tariff(world, "USA", over="sector")
    lobbied = optimal_tariff(
        world, "USA", over="sector", objective=ep.cases.Objective(value_added={"motor_vehicles": 0.3})
    )

    def rate(of: ep.bargain.OptimalTariff) -> float:  # type: ignore[name-defined]
        return float(of.rates.set_index("sector")["rate"]["motor_vehicles"])

    assert rate(lobbied) > rate(plain)
    assert lobbied.outcome.countries["real_income_pct"]["USA"] < plain.outcome.countries["real_income_pct"]["USA"]


@pytest.mark.slow
def test_exempt_partners_keep_their_rates(world: ep.Economy) -> None:
    best = optimal_tariff(world, "USA", over="partner", exempt=("CAN", "MEX"), sectors="motor_vehicles", at_most=1.0)
    assert not set(best.rates["exporter"]) & {"CAN", "MEX", "USA"}
    after = best.outcome.trade["duty"] / best.outcome.trade["value"]
    assert float(after.sel(importer="USA", exporter="CAN", sector="motor_vehicles")) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"over": "everything"}, "uniform, sector"),
        ({"at_most": 0.1, "at_least": 0.2}, "at_most"),
        ({"objective": ep.cases.Objective(value_added={"cars": 1.0})}, "cars"),
        ({"objective": ep.cases.Objective(balance={"C00": 1.0})}, "party itself"),
        ({"sectors": "s9"}, "s9"),
        (
            {"measures": [ep.TariffRateQuota(importer="C00", exporter="C01", sector="s00", cap=0.8, out_rate=0.5)]},
            "under a tariff-rate quota",
        ),
    ],
)
def test_bad_input(small: ep.Economy, keys: dict[str, object], says: str) -> None:
    with pytest.raises(ep.errors.InputError, match=says):
        optimal_tariff(small, "C00", **keys)  # type: ignore[arg-type]


@pytest.mark.parametrize("over", ["uniform", "sector", "partner", "both"])
def test_outcome_is_that_of_its_scenario(small: ep.Economy, over: str) -> None:
    best = optimal_tariff(
        small,
        "C00",
        over=over,
        sectors=("s00", "s01"),
        partners=("C01", "C02", "C03"),
        exempt=("C03",),  # type: ignore[arg-type]
    )
    again = ep.solve(small, best.outcome.scenario, closure=ep.Closure(deficit="balanced"))
    real = again.countries["real_income_pct"].to_numpy()
    assert best.outcome.countries["real_income_pct"].to_numpy() == pytest.approx(real, abs=1e-7)


@pytest.mark.parametrize("over", ["uniform", "sector"])
@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_bounds_that_leave_one_rate_are_the_answer(small: ep.Economy, over: str, rate: float) -> None:
    best = optimal_tariff(small, "C00", over=over, at_least=rate, at_most=rate)  # type: ignore[arg-type]
    assert best.rates["rate"].to_numpy() == pytest.approx(rate)
    assert best.rates["at_bound"].all()
    fixed = ep.Tariff(importer="C00", exporter="WORLD", sector="ALL", rate=rate, change="set")
    assert best.payoff == pytest.approx(payoff(small, ep.cases.Objective(), "C00", [fixed]), abs=1e-6)
    assert (best.gap, best.converged) == (0.0, True)


def test_bounds_below_zero(small: ep.Economy) -> None:
    best = optimal_tariff(small, "C00", at_least=-0.1, at_most=-0.05)
    assert best.rates["rate"].item() == pytest.approx(-0.05)
    assert bool(best.rates["at_bound"].item())


def test_stopped_search_keeps_its_best_rates_and_start_continues() -> None:
    world = random_world(4, 3, 2)

    def stop(stage: str, done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    part = optimal_tariff(world, "C00", over="sector", progress=stop)
    assert not part.converged
    assert "STOPPED" in repr(part)
    whole = optimal_tariff(world, "C00", over="sector", start=part)
    assert whole.converged
    assert whole.payoff >= part.payoff
    with pytest.raises(ep.errors.InputError, match="other instruments"):
        optimal_tariff(world, "C00", over="partner", start=part)


def test_breach_has_no_gradient() -> None:
    wants = ep.cases.Objective(breach={"inconsistent": 1.0})  # type: ignore[arg-type]
    with pytest.raises(ep.errors.InputError, match="bargain only"):
        optimal_tariff(random_world(3, 2, 1), "C00", objective=wants)
