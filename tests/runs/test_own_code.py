"""Results that are kept are not reused after code that users bring themselves has changed."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import quantities
from entrepot.equilibrium.blocks import competition, deficits, labour, recycling
from entrepot.equilibrium.quantities import Quantity
from entrepot.measures import Instrument, register, registry
from entrepot.runs.own_code import own_code

pytestmark = pytest.mark.usefixtures("nothing_stays_registered")
CASE = ep.load_case("us-japan-autos-2019")
RULE = """
import numpy as np

from entrepot.equilibrium.blocks.labour import LabourRule

PART = {part}


class WageCurve(LabourRule):
    stated = "a wage curve with elasticity {{}}"

    def ln_real_wage(self, b):
        return self.slope(b) * b

    def slope(self, b):
        return np.broadcast_to(self.number / (PART + self.number), b.shape)
"""
WAGES = """
case: wages
title: A wage curve
question: Who gains?
parties: [USA, JPN]
economy: world2014
closure: {labour: {wage_curve: {USA: 1.9}}}
scenarios:
  tariff:
    title: 25 points
    measures: [{tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 25%, change: add}}]
uncertainty: {theta: {together: {lognormal: {sd: 0.25}}}}
"""


@dataclass(frozen=True, kw_only=True)
class Surcharge(ep.measures.BorderMeasure):
    kind = "surcharge"
    points: float = 0.1

    def put(self, policy: ep.measures.Policy) -> None:
        policy.tariff(self.flows(policy.economy), add=self.points)


@dataclass(frozen=True)
class Perfect(competition.Competition):
    def make(self, economy: ep.Economy) -> ep.Economy:
        return economy


class Own(deficits.Fixed):
    """Deficits as in the base, under a name of one's own."""


class Half(recycling.LabourTax):
    """Recycling under a name of one's own."""


class Curve(labour.Elastic):
    """Labour supply under a name of one's own."""


ENTRY = Instrument(
    measure=Surcharge, title="", flag="surcharge", line=("importer", "exporter", "sector"), form=registry.FLOWS
)


def openness(ledger: quantities.Ledger) -> np.ndarray:
    return ledger.sums["exports"]


def test_entrepots_own_code_is_left_out() -> None:
    assert own_code(CASE) == {}


@pytest.mark.parametrize(
    "bring",
    [
        lambda: register(ENTRY),
        lambda: quantities.register(Quantity("openness", "", "", "", ""), openness, by="country"),
        lambda: quantities.register(Quantity("openness", "", "", "", ""), partial(openness), by="country"),
    ],
    ids=["instrument", "quantity", "partial"],
)
def test_what_is_registered_is_in_the_digest(bring) -> None:  # type: ignore[no-untyped-def]
    bring()
    assert own_code(CASE) == own_code(CASE) != {}


@pytest.mark.parametrize(
    ("bring", "closure"),
    [
        (lambda: deficits.register("own", Own), {"deficit": "own"}),
        (lambda: labour.register("curve", Curve), {"labour": {"curve": {"USA": 1.9}}}),
        (lambda: recycling.register("half", Half), {"recycling": "half", "labour_tax": 0.3, "labour_supply": 0.5}),
    ],
    ids=["deficit", "labour", "recycling"],
)
def test_a_rule_is_in_the_digest_of_cases_that_use_it(bring, closure) -> None:  # type: ignore[no-untyped-def]
    bring()
    using = CASE.assuming(closure=ep.Closure(**closure))
    assert own_code(using) == own_code(using) != {}
    assert own_code(CASE) == {}


def test_what_is_defined_interactively_has_one_digest_until_it_is_defined_anew() -> None:
    def made() -> type:
        space: dict[str, type] = {"Own": Own}
        exec("class Typed(Own):\n    __module__ = '__typed__'", space)  # no source can be found
        return space["Typed"]

    deficits.register("own", made())
    case = CASE.assuming(closure=ep.Closure(deficit="own"))
    first = own_code(case)
    assert first == own_code(case)
    deficits.RULES["own"] = made()
    assert own_code(case) != first


def test_what_a_case_of_python_brings_is_in_the_digest() -> None:
    own = CASE.assuming(closure=ep.Closure(competition=Perfect()))
    assert own_code(own) != {}
    first = next(iter(CASE.scenarios.values()))
    measure = Surcharge(importer="USA", exporter="JPN", sector="motor_vehicles")
    scenarios = {"own": first.model_copy(update={"measures": (measure,)})}
    assert own_code(CASE.model_copy(update={"scenarios": scenarios})) != {}


def test_another_class_of_the_same_module_changes_the_digest() -> None:
    register(ENTRY)
    known = own_code(CASE)

    @dataclass(frozen=True, kw_only=True)
    class Other(Surcharge):
        kind = "other"

    register(replace(ENTRY, measure=Other, flag="other"))
    assert own_code(CASE) != known


def test_a_sweep_is_not_answered_by_the_rule_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule's number stands beside its class, in the same module."""
    monkeypatch.syspath_prepend(tmp_path)
    means = []
    for part in (1, 30):
        (tmp_path / "own_wages.py").write_text(RULE.format(part=part))
        sys.modules.pop("own_wages", None)
        importlib.invalidate_caches()
        labour.RULES["wage_curve"] = importlib.import_module("own_wages").WageCurve
        found = ep.sweep(ep.cases.read_case(WAGES), draws=2, store=tmp_path / "store")
        welfare = found.table("welfare")
        means.append(welfare[welfare.party == "USA"].equivalent_variation.mean())
    assert means[1] < 3 * means[0] < 0
