"""What is added from outside the package: a kind of competition, and a reported number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

import entrepot as ep
from entrepot.economy.equations import Array
from entrepot.equilibrium import quantities
from entrepot.equilibrium.accounts import Ledger
from entrepot.equilibrium.blocks import competition
from entrepot.equilibrium.blocks.competition import Competition
from entrepot.equilibrium.quantities import Quantity
from entrepot.studies.provenance import _call
from worlds import random_world

WORLD = random_world(4, 3, seed=11)
TARIFF = ep.Tariff(importer="C00", exporter="C01", sector="ALL", rate=0.2)


# ---- a kind of competition ----


@dataclass(frozen=True)
class NationalMarkups(Competition):
    """Prices that are a part above cost, by country; purchases of inputs stay."""

    above: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return "markups by country"

    def make(self, economy: ep.Economy) -> ep.Economy:
        markup = np.ones(economy.output.shape)
        for code, part in self.above.items():
            markup[:, economy.countries.index(code)] += part
        return replace(economy, markup=markup, inputs=economy.inputs * markup.T[:, None, :])


@pytest.fixture
def named() -> Iterator[None]:
    competition.register("national", NationalMarkups)
    yield
    del competition.NAMES["national"]


def closure(**above: float) -> ep.Closure:
    return ep.Closure(competition=NationalMarkups(above))


def test_own_competition_at_the_markup_of_all_is_the_one_inside() -> None:
    """sigma = 11 is a price a tenth above cost, in every country."""
    own = ep.solve(WORLD, TARIFF, closure=closure(**dict.fromkeys(WORLD.countries, 0.1)))
    ours = ep.solve(WORLD, TARIFF, closure=ep.Closure(competition=ep.equilibrium.Markups(11)))
    np.testing.assert_allclose(own.countries, ours.countries, rtol=1e-7, atol=1e-9)


def test_own_competition_is_differentiated_and_solved_side_by_side() -> None:
    of = closure(C01=0.15)
    alone = ep.solve(WORLD, TARIFF, closure=of, tol=1e-12)
    assert alone.countries["profits"]["C01"] > 0 == alone.countries["profits"]["C00"]
    flow = TARIFF.flows(WORLD)[:1]
    gradient = alone.sensitivity.gradient(alone.sensitivity.real_income("C01"), flow)
    first, *others = WORLD.sectors
    rest = ep.Tariff(importer="C00", exporter="C01", sector=tuple(others), rate=0.2)
    near = [ep.Tariff(importer="C00", exporter="C01", sector=first, rate=rate) for rate in (0.2 - 1e-4, 0.2 + 1e-4)]
    batch = ep.solve_many(WORLD, [[one, rest] for one in near], closure=of, tol=1e-12)
    change = batch.real_income[1] - batch.real_income[0]
    assert gradient[0] == pytest.approx(change[WORLD.countries.index("C01")] / 2e-4, rel=1e-5)


def test_own_competition_has_a_name_in_cases(named: None) -> None:
    stated = ep.Closure(competition={"national": {"above": {"C01": "15%"}}})  # type: ignore[arg-type]
    assert stated == closure(C01=0.15)
    assert "markups by country" in str(stated)
    assert "NationalMarkups(above={'C01': 0.15})" in _call(stated)
    with pytest.raises(ep.errors.InputError, match="unknown key 'abov'"):
        ep.Closure(competition={"national": {"abov": 0.1}})  # type: ignore[arg-type]


def test_redefined_class_is_another_competition() -> None:
    """As where a cell of a notebook is run again: the base of before is not taken for that of now."""

    def written(above: float) -> type[Competition]:
        @dataclass(frozen=True)
        class Own(Competition):
            def make(self, economy: ep.Economy) -> ep.Economy:
                markup = np.full(economy.output.shape, 1 + above)
                return replace(economy, markup=markup, inputs=economy.inputs * (1 + above))

        return Own

    made = [ep.solve(WORLD, TARIFF, closure=ep.Closure(competition=written(above)())) for above in (0.2, 0.05)]
    assert [out.economy.markup[0, 0] for out in made] == pytest.approx([1.2, 1.05])


def test_own_competition_on_a_base_that_has_another_is_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="the base has markups or access to markets of its own"):
        ep.solve(WORLD.with_markups(11), TARIFF, closure=closure(C01=0.1))


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [("melitz", NationalMarkups, "the name is in use"), ("none", Competition, "Competition has no make")],
)
def test_a_competition_that_cannot_be_registered(name: str, kind: type[Competition], says: str) -> None:
    with pytest.raises(ep.errors.InputError, match=says):
        competition.register(name, kind)


def test_competition_that_is_not_a_dataclass_is_refused() -> None:
    class Bare(Competition):
        pass

    with pytest.raises(ep.errors.InputError, match="Bare is not a dataclass"):
        ep.Closure(competition=Bare())


def test_a_competition_without_such_a_name() -> None:
    with pytest.raises(ep.errors.InputError, match=r"competition 'melits'.*melitz"):
        ep.Closure(competition={"melits": {"sigma": 3}})  # type: ignore[arg-type]


# ---- a reported number ----


def openness(a: Ledger) -> Array:
    """Exports and imports over income, in percent."""
    return 100 * (a.sums["exports"] + a.sums["imports"]) / a.cleared.income


@pytest.fixture
def reported() -> Iterator[None]:
    quantity = Quantity("openness", "Openness", "%", "more trade", "(exports + imports) / I")
    quantities.register(quantity, openness, by="country")
    yield
    quantities._BY["country"].pop()
    del quantities.ALL["openness"], quantities.OF["openness"]


def test_an_own_number_is_reported_alone_and_side_by_side(reported: None) -> None:
    alone = ep.solve(WORLD, TARIFF)
    table = alone.countries
    expected = 100 * (table["exports"] + table["imports"]) / alone.accounts.income
    np.testing.assert_allclose(table["openness"], expected, rtol=1e-12)
    batch = ep.solve_many(WORLD, [TARIFF, []])
    np.testing.assert_allclose(batch.countries.loc[0]["openness"], expected, rtol=1e-7)


def test_an_own_number_under_a_key_in_use_is_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="'exports': the key is in use"):
        quantities.register(Quantity("exports", "", "%", "", ""), openness, by="country")
