"""Results and parts of a solve are immutable and compare by identity, not by their numbers."""

from __future__ import annotations

import copy
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.batch import solve_many
from entrepot.equilibrium.preconditioner import Modes
from entrepot.equilibrium.stack import Stack
from worlds import random_world

WORLD = random_world(3, 2, seed=4)
QUOTA = ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.5)


def nouns() -> dict[str, Any]:
    outcome = ep.solve(WORLD, QUOTA)
    batch = solve_many(WORLD, [[QUOTA], []])
    problem, one = outcome.problem, np.ones((1, 1), dtype=np.float32)
    several = Stack.of([problem, replace(problem, economy=WORLD.with_elasticities(WORLD.theta))])
    made = [outcome, outcome.state, outcome.accounts, outcome.accounts.cleared, problem, problem.quotas]
    made += [problem.factors, problem.price_rules, several, several.economy, several.at, batch, batch.stacks[0]]
    made += [*problem.policy.acts, Modes(one, one)]
    return {type(noun).__name__: noun for noun in made}


NOUNS = nouns()


@pytest.mark.parametrize("name", NOUNS)
def test_a_noun_does_not_change_and_is_itself(name: str) -> None:
    noun = NOUNS[name]
    key = fields(noun)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(noun, key, None)
    assert noun == noun
    assert noun != copy.copy(noun)
    assert isinstance(hash(noun), int)


@pytest.mark.parametrize("name", ["State", "Cleared", "Places"])
def test_what_is_made_at_every_step_has_no_room_for_more(name: str) -> None:
    assert not hasattr(NOUNS[name], "__dict__")


@pytest.mark.parametrize("name", ["Outcome", "Batch", "Solved"])
def test_what_holds_many_numbers_does_not_print_them(name: str) -> None:
    assert "array(" not in repr(NOUNS[name])
