"""Every block of the map: its slopes against central differences, and one world alone as among others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium.blocks.block import Block, Chain, Values
from entrepot.equilibrium.equilibrium_map import EquilibriumMap
from entrepot.equilibrium.problem import Problem
from worlds import random_world

WORLD = random_world(3, 2, seed=4, deficits=0.3)
ONE: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
MEASURES: list[ep.measures.Measure] = [
    ep.Tariff(importer="C00", sector="s01", rate=0.2, change="add"),
    ep.ExportTax(exporter="C02", importer="C01", sector="s01", rate=0.15),
    ep.ProductionSubsidy(country="C02", sector="s01", rate=0.06),
    ep.VoluntaryExportRestraint(importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.6),
    ep.ImportQuota(**ONE, cap=0.5, rent={"importer": 0.4, "exporter": 0.6}),
    ep.TariffRateQuota(**ONE, cap=0.05, in_rate=0.02, out_rate=0.3, rent={"importer": 0.5, "exporter": 0.5}),
    ep.MinimumPrice(**ONE, price=1.7, rent="exporter"),
    ep.SpecificTariff(importer="C01", exporter="C02", sector="s01", amount=0.1),
    ep.ImportQuota(importer="C01", exporter="C02", sector="s01", cap=0.7, rent="exporter"),
]
CLOSURES: dict[str, dict[str, Any]] = {
    "long": {},
    "income shares": {"deficit": "gdp_share", "labour_supply": {"C00": 0.4}},
    "markups": {"competition": ep.equilibrium.Markups({"s00": 4.0, "s01": 9.0})},
    "selection": {"competition": ep.equilibrium.Melitz(2.5, entry="free"), "labour_supply": 0.2},
    "selection, profits": {
        "competition": ep.equilibrium.Melitz({"s01": 4.0}),
        "horizon": "short",
        "labour_share": 0.5,
    },
    "selection by country": {
        "competition": ep.equilibrium.Melitz(access={"C00": 0.2, "C01": 0.1}, exponent={"C00": 1.3, "C02": 0.8}),
        "deficit": "own_share",
        "scale": 0.03,
    },
    "short": {"horizon": "short", "labour_share": 0.6, "deficit": "own_share", "scale": 0.03},
    "held wages": {"labour": {"real_wage": "C00"}, "labour_tax": 0.2},
    "wage floors": {"labour": {"real_wage_floor": "WORLD"}, "recycling": "labour_tax", "labour_tax": 0.1},
    "tax": {"recycling": "labour_tax", "labour_tax": {"C00": 0.2}, "labour_supply": 0.3},
}


def markets(name: str) -> tuple[EquilibriumMap, list[EquilibriumMap]]:
    """Three worlds side by side, with measures and elasticities of their own, and each alone."""
    closure = ep.Closure(**CLOSURES[name])
    worlds = [WORLD, WORLD.with_elasticities(WORLD.theta * 1.2), WORLD]
    problems = [
        Problem.of(world, ep.Scenario.of(measures), closure)
        for world, measures in zip(worlds, (MEASURES, MEASURES[2:], MEASURES[:5]), strict=True)
    ]
    return EquilibriumMap(problems), [EquilibriumMap(problem) for problem in problems]


def point(market: EquilibriumMap, seed: int) -> np.ndarray:
    rng, quotas = np.random.default_rng(seed), market.stack.quotas
    x = rng.normal(0, 0.03, market.start().shape)
    x[..., x.shape[-1] - quotas.count :] = np.minimum(0.07, 0.5 * quotas.ln_ceiling)
    return x


def run(market: EquilibriumMap, x: np.ndarray) -> Values:
    return market.moving.forward(market.values(market.unpack(x)))


def blocks(market: EquilibriumMap) -> list[Block]:
    return [*market.clearing.blocks, *market.moving.blocks]


@pytest.mark.parametrize("name", CLOSURES)
def test_block_pullback_is_its_derivative(name: str) -> None:
    """For random weights of all that a block gives, against central differences in all that it takes."""
    market, _ = markets(name)
    v, rng = run(market, point(market, 1)), np.random.default_rng(2)
    for block in blocks(market):
        by = {key: rng.normal(size=v[key].shape) for key in block.gives}
        found = block.pull(v, by)
        assert set(found) <= set(block.takes)
        for key in block.takes:
            if not v[key].size:
                continue
            step = 1e-6 * max(1.0, float(np.abs(v[key]).max()))
            slopes = found.get(key, np.zeros(v[key].shape))
            assert slopes.shape == v[key].shape, (type(block).__name__, key)
            scale = max(1e-9, float(np.abs(slopes).max()))
            for _ in range(4):
                direction = rng.normal(size=v[key].shape)

                ahead, back = (block.forward({**v, key: v[key] + s * direction}) for s in (step, -step))
                parts = list(zip(block.gives, ahead, back, strict=True))
                expected = sum(float((by[name] * (one - other)).sum()) for name, one, other in parts) / (2 * step)
                largest = sum(float(np.abs(by[name] * one).sum()) for name, one, _ in parts)
                rounding = 1e-15 * largest / step
                assert (slopes * direction).sum() == pytest.approx(expected, rel=1e-6, abs=1e-6 * scale + rounding), (
                    type(block).__name__,
                    key,
                )
            block.forward(v)  # leaves the links where they were


@pytest.mark.parametrize("name", CLOSURES)
def test_block_gives_the_same_alone_and_in_a_batch(name: str) -> None:
    market, alone = markets(name)
    x = point(market, 3)
    v, rng = run(market, x), np.random.default_rng(4)
    gives = [block.gives for block in blocks(market)]
    quotas = market.stack.quotas.count
    single = [run(one, x[k, : one.start().size]) for k, one in enumerate(alone)]
    for key in (key for names in gives for key in names):
        by_flow = key in ("ln_wedge", "ln_rule_wedge", "flow_value", "rent", "levied")
        if by_flow or not v[key].size:  # by flow, member after member
            continue
        for k, mine in enumerate(single):
            both = v[key][k]
            both = both[: mine[key].size] if key in ("volume", "next_ln_mu") and quotas else both
            np.testing.assert_allclose(both, mine[key], rtol=1e-11, atol=1e-12, err_msg=key)
    by = {
        "next_ln_labour_income": rng.normal(size=v["next_ln_labour_income"].shape),
        "income": rng.normal(size=v["income"].shape),
    }
    together = Chain(blocks(market)).pull(v, by)
    for k, one in enumerate(alone):
        mine = Chain(blocks(one)).pull(single[k], {key: slope[k] for key, slope in by.items()})
        for key in ("ln_labour_income", "ln_price", "ln_spending"):
            np.testing.assert_allclose(together[key][k], mine[key], rtol=1e-9, atol=1e-10 * np.abs(mine[key]).max())


@pytest.mark.parametrize("name", CLOSURES)
def test_blocks_take_only_names_given_before(name: str) -> None:
    market, _ = markets(name)
    known = set(market.unpack(market.start()).values())
    for block in blocks(market):
        assert set(block.takes) <= known, type(block).__name__
        assert not known & set(block.gives), type(block).__name__
        known |= set(block.gives)
