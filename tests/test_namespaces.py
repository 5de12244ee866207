"""The names of `ep`: few at the top, the others in their rooms; a name that moved still works, and warns."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import entrepot as ep


def test_top_level_has_few_names() -> None:
    functions_and_classes = [name for name in ep.__all__ if not isinstance(getattr(ep, name), ModuleType)]
    assert len(functions_and_classes) <= 30
    assert not set(functions_and_classes) & set(ep.MOVED)


@pytest.mark.parametrize("name", sorted(ep.MOVED))
def test_moved_name_warns_and_gives_the_same_object(name: str) -> None:
    room = ep.MOVED[name]
    with pytest.warns(DeprecationWarning, match=f"ep.{name} is now ep.{room}.{name}"):
        old = getattr(ep, name)
    assert old is getattr(getattr(ep, room), name)
    assert not isinstance(old, ModuleType)


def test_functions_stay_functions_after_their_modules_are_imported() -> None:
    """A module of the same name as a function must not take its place, whatever is imported first."""
    functions = (
        "ep.sweep, ep.solve, ep.bargain, ep.run, ep.rules.nullification, ep.estimation.gravity, "
        "ep.exposures.exposure, ep.equilibrium.conditional, ep.data.update_economy"
    )
    modules = (
        "entrepot.sweeping.sweep, entrepot.rules.nullification, entrepot.estimation.gravity, entrepot.exposures.run"
    )
    code = f"import {modules}; import entrepot as ep; print(all(map(callable, ({functions}))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True", done.stderr
