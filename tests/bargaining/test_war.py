"""The trade war."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.bargaining import nash_tariffs, optimal_tariff
from worlds import random_world


def symmetric(countries: int = 3, sectors: int = 2) -> ep.Economy:
    """Countries that differ only in their names."""
    value = np.full((sectors, countries, countries), 1.0)
    value[:, range(countries), range(countries)] = 4.0
    return ep.Economy(
        countries=tuple(f"C{k:02d}" for k in range(countries)),
        sectors=tuple(f"s{k:02d}" for k in range(sectors)),
        value=1000 * value,
        tariff=np.zeros_like(value),
        inputs=np.zeros((countries, sectors, sectors)),
        theta=np.linspace(3.0, 6.0, sectors),
        name="symmetric",
    )


def test_symmetric_war_is_symmetric_and_the_world_loses() -> None:
    war = nash_tariffs(symmetric(), ("C00", "C01", "C02"), over="sector")
    by_player = war.rates.pivot(index="sector", columns="player", values="rate")
    assert by_player.to_numpy() == pytest.approx(np.repeat(by_player[["C00"]].to_numpy(), 3, axis=1), abs=1e-5)
    assert war.converged
    assert all(worth < 0 for worth in war.payoffs.values())


def test_each_rate_is_the_best_response_to_the_others() -> None:
    world = random_world(4, 2, 6)
    war = nash_tariffs(world, ("C00", "C01"))
    others = [t for t in war.outcome.scenario if t.importer == ("C01",)]
    alone = optimal_tariff(world, "C00", measures=others)
    rate = war.rates.set_index("player")["rate"]["C00"]
    assert alone.rates["rate"].item() == pytest.approx(rate, abs=1e-5)
    assert alone.payoff == pytest.approx(war.payoffs["C00"], rel=1e-6)


@pytest.mark.parametrize("seed", [3, 5])
def test_each_rate_of_a_war_of_two_is_the_formula_at_the_shares_of_the_war(seed: int) -> None:
    """Johnson (1953): 1/(theta lambda), lambda the share of the other's purchases, before its duty, that is its own.

    The tariffs of Gros (1987), where the other has one too: with M its imports before duty, m their share with duty,
    M = m / (1 + t - t m) in its wages, whose elasticity to their price is theta lambda.
    """
    world = random_world(2, 1, seed, tariffs=False, inputs=False, deficits=0.0, theta=4.0)
    war = nash_tariffs(world, ("C00", "C01"))
    bought = war.outcome.accounts.producer_value[0]
    own = np.diag(bought) / bought.sum(axis=1)
    rates = war.rates.set_index("player")["rate"]
    assert rates[list(world.countries)].to_numpy() == pytest.approx(1 / (4.0 * own[::-1]), abs=1e-5)


def test_world_real_income_falls_in_a_war_among_all(small: ep.Economy) -> None:
    free = ep.solve(small, [ep.Tariff(importer="WORLD", sector="ALL", rate=0)], closure=ep.Closure(deficit="balanced"))
    war = nash_tariffs(small, small.countries)
    at_war, at_peace = (o.countries["equivalent_variation"].sum() for o in (war.outcome, free))
    assert at_war < at_peace


def test_war_continues_from_start(small: ep.Economy) -> None:
    whole = nash_tariffs(small, ("C00", "C01"))
    begun = nash_tariffs(small, ("C00", "C01"), rounds=1)
    assert not begun.converged
    assert "start=" in repr(begun)
    ended = nash_tariffs(small, ("C00", "C01"), start=begun)
    assert ended.rates["rate"].to_numpy() == pytest.approx(whole.rates["rate"].to_numpy(), abs=1e-5)


def test_converged_war_stays_converged(small: ep.Economy) -> None:
    """A search that starts from a converged war, or from a best tariff, finds it again with the same gap."""
    war = nash_tariffs(small, ("C00", "C01"))
    again = nash_tariffs(small, ("C00", "C01"), start=war)
    assert again.converged
    assert again.rounds == 1
    assert again.evaluations <= 6  # for each player one at 10%, one where it was, one step at most
    best = optimal_tariff(small, "C00")
    assert optimal_tariff(small, "C00", start=best).payoff == pytest.approx(best.payoff, rel=1e-9)


def test_best_response_meets_its_first_order_condition(small: ep.Economy) -> None:
    """Rounding of payoffs does not stop a search: conditions are met to the requested accuracy in few equilibria."""
    war = nash_tariffs(small, small.countries)
    assert max(war.gaps.values()) <= 1e-6
    assert war.evaluations <= 6 * len(war.players) * war.rounds


def test_interrupt_keeps_whole_rounds(small: ep.Economy) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if stage.startswith("round 2"):
            raise KeyboardInterrupt

    war = nash_tariffs(small, ("C00", "C01"), progress=stop)
    assert war.rounds == 1
    assert not war.converged


def test_customs_union_is_one_player(world: ep.Economy) -> None:
    war = nash_tariffs(world, ("USA", "EU28"), sectors="motor_vehicles")
    assert set(war.rates["player"]) == {"USA", "EU28"}
    inside = war.outcome.trade["duty"].sel(importer="DEU", exporter="FRA", sector="motor_vehicles")
    assert float(inside) == 0.0


@pytest.mark.parametrize(
    ("players", "keys", "says"),
    [
        (("C00",), {}, "two or more"),
        (("C00", "C00"), {}, "each only once"),
        (("C00", "C09"), {}, "C09"),
        (("C00", "WORLD"), {}, "in both"),
        (("C00", "C01"), {"objectives": {"C02": ep.cases.Objective()}}, "C02"),
    ],
)
def test_bad_input(small: ep.Economy, players: tuple[str, ...], keys: dict[str, object], says: str) -> None:
    with pytest.raises(ep.errors.InputError, match=says):
        nash_tariffs(small, players, **keys)  # type: ignore[arg-type]


def test_outcome_is_that_of_its_scenario(small: ep.Economy) -> None:
    war = nash_tariffs(small, ("C00", "C01"), sectors=("s00", "s01"))
    again = ep.solve(small, war.outcome.scenario, closure=ep.Closure(deficit="balanced"))
    real = again.countries["real_income_pct"].to_numpy()
    assert war.outcome.countries["real_income_pct"].to_numpy() == pytest.approx(real, abs=1e-7)
    assert max(war.gaps.values()) < 1e-4
