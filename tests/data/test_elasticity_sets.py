"""The published sets against the table they were prepared in, and how they are mapped to sectors with any names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.data.classifications import SECTIONS, classifications, isic_divisions
from entrepot.data.elasticities import read_elasticities
from entrepot.data.published_sets import published, set_behind, sets_with_numbers
from worlds import random_world

#: The names of the columns of the published table.
COLUMNS = ("BSY", "CP", "FGO", "GYY", "IS", "LL", "Shap", "U4")


@pytest.mark.parametrize("column", COLUMNS)
def test_sets_equal_the_published_table_by_its_own_sectors(column: str) -> None:
    table = pd.read_csv(shared("icio") / "elasticities.csv").set_index("sector")
    theta, _ = read_elasticities(column, list(table.index))
    np.testing.assert_allclose(theta, table[column], rtol=0, atol=1e-12)


def test_a_named_set_solves_as_the_numbers_typed_by_hand() -> None:
    """The numbers are those of the column LL in the published table, typed here."""
    sectors = ("C29", "C24A", "C10T12", "SERV")
    world = replace(random_world(3, 4, seed=3), sectors=sectors)
    tariff = ep.Tariff(importer="C00", exporter="C01", sector="C24A", rate=0.25, change="add")
    by_hand = world.with_theta({"C29": 2.805, "C24A": 3.004, "C10T12": 2.303, "SERV": 4.0})
    named = world.with_theta("ll2023")
    np.testing.assert_allclose(named.theta, by_hand.theta, rtol=0, atol=1e-12)
    one, other = (ep.solve(e, [tariff]).countries["equivalent_variation"] for e in (by_hand, named))
    np.testing.assert_allclose(other, one, rtol=0, atol=1e-12 * float(world.income.max()))
    assert abs(one["C00"]) > 1e-4 * world.income[0] * 1e-2


def test_some_estimates_are_means_of_those_of_another_set() -> None:
    """Caliendo and Parro's estimates are means of the numbers that the set cp2015 has; one is not among them."""
    cp, icio = published()["cp2015"].values, published()["cp2015-icio"].values
    assert icio["C16"] == pytest.approx((cp["Wood"] + cp["Paper"]) / 2)
    assert icio["C29"] == 1.115
    assert published()["simonovska-waugh"].also == ("U4",)


def test_sectors_without_an_estimate_are_named() -> None:
    theta, notes = read_elasticities("gyy2021", ["agriculture", "food", "services"])  # with and without fishing
    assert theta.tolist() == [4.0, 3.57, 4.0]
    assert notes[-1].startswith("Elasticities: not estimated for agriculture: the paper has no estimate; 4 is")
    assert "4, the set's value for non-traded sectors, for services" in notes[1]
    _, notes = read_elasticities("gyy2021", ["food", "manufacturing"])
    assert not any("not estimated" in note for note in notes), "of manufacturing, some is"


# ---- codes of ISIC Rev. 4 ----


@pytest.mark.parametrize(
    ("code", "divisions"),
    [
        ("C29", {29}),
        ("c 29", {29}),
        ("C291", {29}),
        ("C24A", {24}),
        ("C10T12", {10, 11, 12}),
        ("C17_18", {17, 18}),
        ("C10-C12", {10, 11, 12}),
        ("C302T309", {30}),
        ("A", {1, 2, 3}),
        ("R_S", {90, 91, 92, 93, 94, 95, 96}),
        ("29", set()),
        ("D29", set()),
        ("C09", set()),
        ("cars", set()),
    ],
)
def test_codes_of_isic(code: str, divisions: set[int]) -> None:
    assert isic_divisions(code) == divisions


@pytest.mark.parametrize("name", ["wiod2016", "icio2023", "icio2025"])
def test_codes_are_read_as_the_classifications_that_use_them(name: str) -> None:
    for label, divisions in classifications()[name].divisions.items():
        assert isic_divisions(label) == divisions, label


def test_sections_have_every_division_once() -> None:
    every = [d for first, last in SECTIONS.values() for d in range(first, last + 1)]
    assert len(set(every)) == len(every) == 88
    assert set(every) == set().union(*classifications()["wiod2016"].divisions.values())


# ---- sectors with any names ----


def test_sectors_of_several_classifications() -> None:
    theta, notes = read_elasticities("ll2023", ["A01", "C29", "C16", "motor_vehicles", "SERV"])
    assert theta.tolist() == [6.227, 2.805, 3.271, 2.805, 4.0]
    assert "(motor_vehicles, SERV by code or name)" in notes[0]


def test_names_of_your_own_need_a_mapping() -> None:
    with pytest.raises(
        ep.errors.InputError, match=r"which does not have cars; say which .*\{set: NAME, sectors: \{cars: C29\}\}"
    ):
        read_elasticities("ll2023", ["cars", "food"])
    stated = {"set": "LL", "sectors": {"cars": "C29", "farms": ["A01", "A02"], "rest": "B C20-C22 services"}}
    theta, notes = read_elasticities(stated, ["cars", "food", "farms", "rest"])
    ll = published()["ll2023"].values
    rest = np.mean([ll[code] for code in ("B05", "B06", "B07", "B08", "B09", "C20", "C21", "C22")])
    np.testing.assert_allclose(theta, [2.805, 2.303, 6.227, rest])
    assert "cars, farms, rest as stated" in notes[0]
    for sectors, message in (
        ({"cars": "29x"}, "sectors: cars: '29x' is not a code of ISIC Rev. 4"),
        ({"lorries": "C29"}, "unknown sector 'lorries'"),
    ):
        with pytest.raises(ep.errors.InputError, match=message):
            read_elasticities({"set": "ll2023", "sectors": sectors}, ["cars"])


@pytest.mark.positions
def test_a_mapping_of_sectors_serves_an_economy_and_a_case() -> None:
    world = random_world(2, 2, seed=1)
    stated = {"set": "bsy2021", "sectors": {"s00": "C29", "s01": "services"}}
    assert world.with_theta(stated).theta.tolist() == [6.62, 4.0]
    case = ep.Case.model_validate(
        {
            "case": "own",
            "title": "t",
            "question": "q",
            "theta": stated,
            "parties": ["C00"],
            "scenarios": {
                "t": {
                    "title": "t",
                    "measures": [{"tariff": {"importer": "C00", "exporter": "C01", "sector": "s00", "rate": 0.1}}],
                }
            },
        }
    )
    assert ep.run(case, world).economy.theta.tolist() == [6.62, 4.0]


def test_unknown_divisions_of_a_partly_known_set_are_an_error() -> None:
    with pytest.raises(ep.errors.InputError, match=r"fit the classifications wiod2016 and .*wiod2014.*, which differ"):
        read_elasticities("ll2023", ["C16", "C17"])


# ---- the sets as a table ----


def test_sets_state_what_was_estimated() -> None:
    sets = ep.data.elasticity_sets()
    assert {s.also[0] for s in sets.values() if s.also} == set(COLUMNS)
    for found in sets.values():
        assert found.estimate
        low, high = found.bounds
        assert not found.has_numbers or low <= found.mean <= high
    assert set(sets_with_numbers()) == set(sets) - {"blp2023-short", "fgo2022-products"}


@pytest.mark.positions
def test_values_side_by_side(world: ep.Economy) -> None:
    frame = ep.data.elasticities_by_set(world)
    assert list(frame.columns) == ["economy", *sets_with_numbers()]
    np.testing.assert_array_equal(frame["economy"], world.theta)
    assert frame.loc["motor_vehicles", "cp2015"] == 8.22
    assert frame.attrs["left_out"] == {}
    with pytest.raises(ep.errors.InputError, match="which does not have s00"):
        ep.data.elasticities_by_set(random_world(2, 2, seed=1))
    own = ep.data.elasticities_by_set(random_world(2, 2, seed=1), sectors={"s00": "C29", "s01": "A"})
    assert own.loc["s00", "shapiro2016"] == 6.87


def test_the_set_behind_an_economy(world: ep.Economy, tmp_path: Path) -> None:
    def name(economy: ep.Economy) -> str | None:
        found = set_behind(economy)
        return found and found.name

    assert name(world) == "kite-wiod"
    assert name(world.with_theta("ll2023")) == "ll2023"
    assert name(world.with_theta({"metals": 3.0})) == "kite-wiod"
    assert name(world.with_theta(pd.Series({"metals": 3.0}))) == "kite-wiod"
    assert name(ep.load_economy("world2022")) == "kite-wiod"
    assert name(world.with_theta(4.0)) is None
    (tmp_path / "mine.csv").write_text("sector,theta\nALL,4\n")
    assert name(world.with_theta(tmp_path / "mine.csv")) is None
    assert name(random_world(2, 2, seed=1)) is None


def test_each_is_refused_for_one_economy(world: ep.Economy) -> None:
    with pytest.raises(ep.errors.InputError, match="each stands for every published set"):
        world.with_theta("each")
