"""The efficient frontier of two players' tariffs: Mayer's locus, symmetry, and no point beats another."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.bargaining import cooperate, nash_tariffs
from entrepot.bargaining.solutions import undominated
from shelves import slow
from worlds import random_world


def pair(mine: float = 0.4, size: float = 1.0) -> ep.Economy:
    value = 1000 * np.array([[[1 - mine, mine], [mine, size - mine]]])
    return ep.Economy(
        countries=("A", "B"),
        sectors=("s",),
        value=value,
        tariff=np.zeros_like(value),
        inputs=np.zeros((2, 1, 1)),
        theta=np.array([4.0]),
        name="pair",
    )


@pytest.mark.slow
def test_cooperation_of_identical_countries_is_free_trade() -> None:
    found = cooperate(pair(), ("A", "B"), at_least=-0.5, points=5, accuracy=1e-13)
    nash = found.frontier.loc["Nash"]
    assert [nash["A"], nash["B"]] == pytest.approx([0, 0], abs=1e-3)  # of an income of 1,000
    rates = found.rates.query("point == 'Nash'")["rate"]
    assert rates.to_numpy() == pytest.approx([0, 0], abs=1e-5)
    assert (found.frontier["gap"] < 1e-6).all()


@pytest.mark.slow
def test_efficient_pairs_of_tariffs_cancel() -> None:
    """With one good a side, efficiency is (1 + t)(1 + t*) = 1 (Mayer 1981, Am. Econ. Rev. 71: 135-149)."""
    found = cooperate(pair(0.3, 1.7), ("A", "B"), at_least=-0.6, at_most="200%", points=6, accuracy=1e-13)
    for _, rates in found.rates.groupby("point"):
        assert np.prod(1 + rates["rate"]) == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("over", "size"), [("uniform", (3, 1)), slow(("uniform", (4, 3))), slow(("sector", (4, 3)))])
def test_frontier_of_a_random_world(over: str, size: tuple[int, int]) -> None:
    world = random_world(*size, 5)
    war = nash_tariffs(world, ("C00", "C01"), over=over)  # type: ignore[arg-type]
    found = cooperate(world, ("C00", "C01"), over=over, start=war, points=5, accuracy=1e-12)  # type: ignore[arg-type]
    gains = found.frontier[["C00", "C01"]].to_numpy() - [found.threat["C00"], found.threat["C01"]]
    assert (gains >= -1e-4 * np.abs(gains).max()).all()
    assert (found.frontier["gap"] < 1e-3).all()
    assert undominated(np.round(gains, 2)).sum() >= 4
    nash = found.outcome
    again = ep.solve(world, nash.scenario, closure=ep.Closure(deficit="balanced"))
    assert again.countries["real_income_pct"].to_numpy() == pytest.approx(
        nash.countries["real_income_pct"].to_numpy(), abs=1e-7
    )
    assert "on the frontier" in repr(found)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(3, 1), slow(((4, 2),))])
def test_three_players(size: tuple[int, int]) -> None:
    world = random_world(*size, 6)
    players = ("C00", "C01", "C02")
    found = cooperate(world, players)
    gains = found.frontier[list(players)].to_numpy() - [found.threat[p] for p in players]
    assert (gains >= -1e-4 * np.abs(gains).max()).all()
    assert list(found.frontier.index) == ["Nash", "equal gains", "best for C00", "best for C01", "best for C02"]


@pytest.mark.slow
def test_interrupt_keeps_the_points_found() -> None:
    def stop(name: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    found = cooperate(pair(), ("A", "B"), progress=stop)
    assert not found.complete
    assert len(found.frontier) == 2
    whole = cooperate(pair(), ("A", "B"), start=found)
    assert whole.complete
    kept = ["A", "B"]
    assert whole.frontier.iloc[:2][kept].to_numpy() == pytest.approx(found.frontier[kept].to_numpy(), abs=1e-6)
    with pytest.raises(ep.errors.InputError, match="other instruments"):
        cooperate(pair(), ("A", "B"), over="partner", start=found)


def test_start_from_a_war_of_other_players_is_refused() -> None:
    war = nash_tariffs(pair(), ("A", "B"))
    with pytest.raises(ep.errors.InputError, match="a war of A, B, not of B, A"):
        cooperate(pair(), ("B", "A"), start=war)
