"""Accounts, merging, saving."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from conftest import shared
from entrepot.economy.economy import CLOSE_DEFICITS, READ_ELASTICITIES, READ_MRIO, READ_TABLES
from entrepot.economy.storage import VERSION
from worlds import place, random_world


def test_accounts_balance_exactly(small: ep.Economy) -> None:
    e = small
    intermediate = np.einsum("nkj,jn->kn", e.inputs, e.output)
    np.testing.assert_allclose(e.final_share.T * e.income + intermediate, e.spending, rtol=1e-12)
    np.testing.assert_allclose(e.income, e.value_added + e.tariff_revenue + e.deficit)
    assert abs(e.deficit.sum()) < 1e-9 * e.income.sum()
    np.testing.assert_allclose(e.share.sum(axis=2), 1.0)


def test_economy_is_immutable(small: ep.Economy) -> None:
    with pytest.raises(ValueError, match="read-only"):
        small.value[0, 0, 0] = 1.0
    with pytest.raises(AttributeError):
        small.name = "other"  # type: ignore[misc]


def test_other_elasticities_leave_the_base(small: ep.Economy) -> None:
    other = small.with_theta({"s01": 9.0})
    expected = [9.0 if s == "s01" else t for s, t in zip(small.sectors, small.theta, strict=True)]
    assert list(other.theta) == expected
    assert ep.solve(other).countries["real_income_pct"].abs().max() < 1e-7


def test_merging_keeps_the_totals(small: ep.Economy) -> None:
    merged = small.aggregate(countries={"AB": ["C00", "C01"]}, sectors={"goods": ["s00", "s02"]}, rest_of_world="ROW")
    assert set(merged.countries) == {"AB", "ROW"}
    assert set(merged.sectors) == {"goods", "s01", "s03"}
    for account in ("income", "value_added", "tariff_revenue"):
        assert getattr(merged, account).sum() == pytest.approx(getattr(small, account).sum())
    (together,), members = place(merged, "AB"), list(place(small, "C00", "C01"))
    assert merged.income[together] == pytest.approx(small.income[members].sum())
    assert merged.deficit[together] == pytest.approx(small.deficit[members].sum())
    goods, parts = merged.theta[place(merged, "goods")], small.theta[list(place(small, "s00", "s02"))]
    assert min(parts) <= goods <= max(parts)
    assert max(ep.solve(merged).residuals.values()) < 1e-10
    assert ep.solve(merged).countries["real_income_pct"].abs().max() < 1e-7


def test_the_summary_of_a_merged_country_counts_the_duties_inside_it(small: ep.Economy) -> None:
    merged = small.aggregate(countries={"AB": ["C00", "C01"]}, rest_of_world="ROW")
    table = merged.summary()
    np.testing.assert_allclose(table["tariff_revenue"], merged.tariff_revenue)
    np.testing.assert_allclose(table["income"], table[["value_added", "tariff_revenue", "deficit"]].sum(axis=1))
    abroad = merged.value * ~merged.domestic
    np.testing.assert_allclose(
        table["average_tariff"], (merged.tariff * abroad).sum(axis=(0, 2)) / abroad.sum(axis=(0, 2))
    )


def test_merging_a_group_says_which_members_have_no_data() -> None:
    world = ep.load_economy("world2014")
    (line,) = set(world.aggregate(countries={"ASEAN": "ASEAN"}).notes) - set(world.notes)
    assert line.startswith("ASEAN: 1 of 10 members have data of their own; no separate data for BRN, KHM, LAO")
    assert world.aggregate(countries={"EU28": "EU28"}).notes == world.notes


def test_merging_commutes(small: ep.Economy) -> None:
    countries, sectors = {"AB": ["C00", "C01"]}, {"goods": ["s00", "s02"]}
    at_once = small.aggregate(countries=countries, sectors=sectors)
    in_turn = small.aggregate(countries=countries).aggregate(sectors=sectors)
    np.testing.assert_allclose(at_once.value, in_turn.value)
    np.testing.assert_allclose(at_once.inputs, in_turn.inputs)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"A": ["C00"], "B": ["C00", "C01"]}, "both 'A' and 'B'"),
        ({"A": ["Z9"]}, "unknown country 'Z9'"),
        ({"C01": ["C00"]}, "is a country and also the name of a group without it"),
    ],
)
def test_merging_into_unknown_or_overlapping_groups_is_refused(
    small: ep.Economy, groups: dict[str, list[str]], message: str
) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        small.aggregate(countries=groups)


def test_saved_and_loaded(small: ep.Economy, tmp_path: Path) -> None:
    small.save(tmp_path / "w.ep")
    again = ep.load_economy(tmp_path / "w.ep")
    assert again.fingerprint == small.fingerprint
    assert (again.name, again.year, again.notes) == (small.name, small.year, small.notes)
    assert [f.name for f in tmp_path.iterdir()] == ["w.ep"]  # no temporary file is left


@pytest.mark.parametrize("keep", [0, 10, 0.3, 0.6, 0.99])
def test_truncated_file_is_refused(small: ep.Economy, tmp_path: Path, keep: float) -> None:
    small.save(tmp_path / "w.ep")
    whole = (tmp_path / "w.ep").read_bytes()
    (tmp_path / "cut.ep").write_bytes(whole[: int(keep if keep >= 1 else keep * len(whole))])
    with pytest.raises(ep.errors.DocumentError, match=r"cut\.ep: is not a complete Entrepot economy file"):
        ep.load_economy(tmp_path / "cut.ep")


def test_other_files_and_newer_ones(tmp_path: Path, small: ep.Economy) -> None:
    (tmp_path / "x.ep").write_text("hello")
    np.savez(tmp_path / "y.npz", value=np.ones(3))
    pickled = np.array([object()], dtype=object)
    np.savez(tmp_path / "z.npz", header=pickled)
    for name in ("x.ep", "y.npz", "z.npz"):
        with pytest.raises(ep.errors.DocumentError, match="not a complete"):
            ep.Economy.load(tmp_path / name)
    small.save(tmp_path / "w.ep")
    with np.load(tmp_path / "w.ep") as archive:
        parts = dict(archive)
    header = json.loads(parts["header"].tobytes())
    changes = [({"version": VERSION + 1}, "update Entrepot"), ({"fingerprint": "0"}, "was changed")]
    changes += [({key: None}, "not a complete") for key in ("version", "countries", "notes", "format", "provenance")]
    changes += [({"version": "x"}, "not a complete"), ({"version": 0}, "not a complete")]
    for change, message in changes:
        parts["header"] = np.frombuffer(json.dumps(header | change).encode(), dtype=np.uint8)
        with (tmp_path / "n.ep").open("wb") as file:
            np.savez(file, **parts)
        with pytest.raises(ep.errors.DocumentError, match=message):
            ep.Economy.load(tmp_path / "n.ep")
    with pytest.raises(ep.errors.DocumentError, match="No such file"):
        ep.load_economy(tmp_path / "nowhere.ep")
    with pytest.raises(ep.errors.UnknownNameError, match="world2014"):
        ep.load_economy("world2015")


def test_saving_follows_links_and_refuses_devices(small: ep.Economy, tmp_path: Path) -> None:
    fifo, link, target = tmp_path / "fifo", tmp_path / "link.ep", tmp_path / "target.ep"
    os.mkfifo(fifo)
    with pytest.raises(ep.errors.DocumentError, match="not a regular file"):
        small.save(fifo)
    link.symlink_to(target)
    small.save(link)
    assert link.is_symlink()
    assert target.is_file()


@pytest.mark.parametrize("path", ["x" * 5000, "a\0.ep", None, 5, ""])
def test_invalid_paths_are_refused(small: ep.Economy, path: object) -> None:
    for use in (ep.load_economy, ep.load_case, small.save):
        with pytest.raises(ep.errors.InputError):
            use(path)  # type: ignore[operator]


@pytest.mark.parametrize("labels", [("A", "a"), ("A", ""), ("A", "World"), ("A", 3), ("A", "A")])
def test_ambiguous_labels_are_refused(small: ep.Economy, labels: tuple[str, str]) -> None:
    with pytest.raises(ep.errors.TableError):
        replace(small.aggregate(countries={"A": ["C00", "C01"]}, rest_of_world="B"), countries=labels)


@pytest.mark.parametrize("groups", ["EU28", ["C00"], {"A": []}, {"A": None}, {1: ["C00"]}])
def test_groupings_refused(small: ep.Economy, groups: object) -> None:
    with pytest.raises(ep.errors.TableError):
        small.aggregate(countries=groups)  # type: ignore[arg-type]


def test_a_failed_save_leaves_the_old_file(small: ep.Economy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.ep"
    path.write_text("old")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(ep.errors.DocumentError, match="No space left"):
        small.save(path)
    assert path.read_text() == "old"
    assert [f.name for f in tmp_path.iterdir()] == ["w.ep"]


class TestWorld2014:
    @pytest.fixture(scope="class")
    def world(self) -> ep.Economy:
        """As it is stored, whatever the order that other tests have it in."""
        return ep.load_economy("world2014")

    SECTORS = (
        "agriculture mining food textiles wood_paper petroleum chemicals plastics minerals metals metal_products "
        "electronics electrical machinery motor_vehicles other_transport other_manufacturing utilities construction "
        "trade_services transport_services business_services real_estate other_services"
    )

    def test_shape_and_provenance(self, world: ep.Economy) -> None:
        assert len(world.countries) == 44
        assert world.sectors == tuple(self.SECTORS.split())
        assert "CC BY 4.0" in world.source
        assert world.provenance["sectors"]["business_services"] == [f"C{k}" for k in [*range(36, 42), *range(43, 47)]]
        assert set(world.provenance["inputs_sha256"]) >= {"trade.parquet", "inputs.parquet", "demand.parquet"}

    def test_world2014_is_in_equilibrium(self, world: ep.Economy) -> None:
        outcome = ep.solve(world, tol=1e-12)
        assert outcome.countries["real_income_pct"].abs().max() < 1e-9
        assert abs(world.deficit.sum()) < 1e-6

    def test_file_of_world2014_is_small(self) -> None:
        import entrepot.economy

        file = Path(entrepot.economy.__file__).parent / "data" / "world2014.ep"
        assert file.stat().st_size < 500_000

    def test_us_car_imports_of_world2014_are_those_of_the_source(self, world: ep.Economy) -> None:
        """US imports of motor vehicles and parts from Japan, tariff included: 50,951 million in the source."""
        j, n, i = (
            world.sectors.index("motor_vehicles"),
            world.countries.index("USA"),
            world.countries.index("JPN"),
        )
        assert world.value[j, n, i] * (1 + world.tariff[j, n, i]) == pytest.approx(50_951, rel=0.005)

    def test_bundled_world_equals_what_the_script_builds(self, world: ep.Economy) -> None:
        import importlib.util

        script = Path(__file__).resolve().parents[2] / "scripts" / "build_world2014.py"
        spec = importlib.util.spec_from_file_location("build_world2014", script)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        built = module.build(shared("wiod2014"))
        np.testing.assert_allclose(built.value, world.value, rtol=2e-7)
        np.testing.assert_allclose(built.inputs, world.inputs, rtol=2e-7)
        assert built.provenance == world.provenance | {"sectors": built.provenance["sectors"]}

    def test_close_to_the_full_tables(self, world: ep.Economy, wiod50: ep.Economy) -> None:
        np.testing.assert_allclose(world.income, wiod50.income, rtol=1e-6)
        np.testing.assert_allclose(world.deficit, wiod50.deficit, rtol=1e-4, atol=1.0)


@pytest.mark.parametrize("name", [READ_TABLES, READ_MRIO, READ_ELASTICITIES, CLOSE_DEFICITS])
def test_functions_that_an_economy_loads_by_name_exist(name: str) -> None:
    assert callable(resolve_name(name))


@pytest.mark.parametrize("theta", [True, {"s01": True}, {"s01": np.bool_(False)}])
def test_true_is_not_an_elasticity_of_one(small: ep.Economy, theta: Any) -> None:
    with pytest.raises(ep.errors.TableError, match=r"theta: .*: give a number, or a mapping of numbers by sector"):
        small.with_theta(theta)


def test_the_text_of_an_economy_counts_one_in_the_singular() -> None:
    assert ": 2 countries x 1 sector, US$" in repr(random_world(2, 1, seed=1))


@pytest.mark.parametrize("theta", [1e300, 1e7, 1e-300])
def test_elasticities_without_an_equilibrium_are_refused(theta: float) -> None:
    message = r"theta: the elasticity of s00 is .*; it must be from 1e-06 to 1,000,000"
    with pytest.raises(ep.errors.TableError, match=message):
        random_world(2, 1, seed=1).with_theta(theta)
