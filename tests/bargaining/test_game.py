"""Finite games with known equilibria, and pygambit's against ours."""

from __future__ import annotations

import numpy as np
import pytest

import entrepot as ep
from entrepot.bargaining.game import Game


def game(*payoffs: list[list[float]], moves: tuple[tuple[str, ...], ...] = (("a", "b"), ("a", "b"))) -> Game:
    worth = np.stack([np.array(p, dtype=float) for p in payoffs], axis=-1)
    return Game({f"P{k + 1}": m for k, m in enumerate(moves)}, worth)


DILEMMA = game([[3, 0], [5, 1]], [[3, 5], [0, 1]])
SEXES = game([[2, 0], [0, 1]], [[1, 0], [0, 2]])
PENNIES = game([[1, -1], [-1, 1]], [[-1, 1], [1, -1]])


def test_pure_equilibria() -> None:
    assert DILEMMA.pure() == (("b", "b"),)
    assert SEXES.pure() == (("a", "a"), ("b", "b"))
    assert PENNIES.pure() == ()


def test_the_table_of_a_game_has_a_row_for_each_combination_of_moves() -> None:
    table = DILEMMA.to_frame()
    assert list(table.columns) == ["move of P1", "move of P2", "worth to P1", "worth to P2", "equilibrium"]
    assert table.to_numpy().tolist() == [
        ["a", "a", 3.0, 3.0, False],
        ["a", "b", 0.0, 5.0, False],
        ["b", "a", 5.0, 0.0, False],
        ["b", "b", 1.0, 1.0, True],
    ]


@pytest.mark.slow
def test_mixed_equilibria() -> None:
    pytest.importorskip("pygambit")
    (only,) = PENNIES.mixed()
    assert only["P1"] == pytest.approx({"a": 0.5, "b": 0.5})
    mixed = next(e for e in SEXES.mixed() if len(e["P1"]) == 2)
    assert mixed["P1"] == pytest.approx({"a": 2 / 3, "b": 1 / 3})
    assert mixed["P2"] == pytest.approx({"a": 1 / 3, "b": 2 / 3})


@pytest.mark.parametrize("shape", [(2, 3), (3, 3), (2, 2, 2), (2, 3, 2)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pygambit_finds_the_same_pure_equilibria(shape: tuple[int, ...], seed: int) -> None:
    pytest.importorskip("pygambit")
    rng = np.random.default_rng(seed)
    moves = {f"P{k}": tuple(f"m{m}" for m in range(size)) for k, size in enumerate(shape)}
    made = Game(moves, 1e4 * rng.normal(size=(*shape, len(shape))))
    solved = made.mixed()
    pure = {tuple(next(iter(by)) for by in e.values()) for e in solved if all(len(by) == 1 for by in e.values())}
    assert pure == set(made.pure())
    assert len(solved) >= 1
    for equilibrium in solved:  # no player gains by another move
        chance = [np.array([equilibrium[p].get(m, 0.0) for m in moves[p]]) for p in moves]
        for p in range(len(shape)):
            worth = np.moveaxis(made.worth[..., p], p, 0)
            for k in range(len(shape) - 1, -1, -1):
                if k != p:
                    axis = k + 1 if k < p else k
                    worth = np.tensordot(worth, chance[k], axes=([axis], [0]))
            assert worth.max() <= chance[p] @ worth + 1e-6 * 1e4


def test_first_mover_has_its_way() -> None:
    """Whoever moves first in the battle of the sexes has its way; chicken, too."""
    assert SEXES.in_turn() == ("a", "a")
    assert SEXES.in_turn(("P2", "P1")) == ("b", "b")
    assert DILEMMA.in_turn() == ("b", "b")
    assert SEXES.at(("b", "b")) == pytest.approx([1, 2])


def test_tie_goes_to_the_move_that_is_listed_first() -> None:
    assert game([[1, 1], [1, 1]], [[0, 0], [0, 0]]).in_turn() == ("a", "a")


def test_error_without_pygambit_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pygambit", None)
    with pytest.raises(ep.errors.InputError, match=r"pip install 'entrepot\[games\]'"):
        PENNIES.mixed()
