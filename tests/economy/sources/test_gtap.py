"""GTAP's accounts, written as header array files: what is read is the world that they were made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

import entrepot as ep
from entrepot.economy.sources.catalogue import Ask, Imported, silent
from entrepot.economy.sources.gtap import read
from worlds import random_world

harpy = pytest.importorskip("harpy")

Arrays = dict[str, tuple[np.ndarray, tuple[str, ...]]]
COMM, REG = ("food", "cars", "svc"), ("usa", "jpn", "eu_28", "xrw")
SETS = {"COMM": COMM, "ACTS": ("a_food", "a_cars", "a_svc"), "PROD": (*COMM, "CGDS"), "REG": REG, "MARG": ("svc",)}


def write(arrays: Mapping[str, tuple[np.ndarray, tuple[str, ...]]], path: Path) -> Path:
    """Arrays with the names of their sets, in single precision as GEMPACK writes them."""
    file = harpy.HarFileObj()
    for name, (array, axes) in arrays.items():
        sets = [{"name": a, "status": "k", "dim_type": "Set", "dim_desc": list(SETS[a])} for a in axes]
        file.addHeaderArrayObjs(
            harpy.HeaderArrayObj.HeaderArrayFromData(
                name.ljust(4), array.astype(np.float32), name.ljust(12), name.ljust(70), sets=sets
            )
        )
    file.writeToDisk(str(path))
    return path


@pytest.fixture(scope="module")
def origin() -> ep.Economy:
    return random_world(len(REG), len(COMM), seed=5)


@pytest.fixture
def new(origin: ep.Economy) -> Arrays:
    """Version 7: users buy domestic goods and imports in the same proportion; activities make one commodity each."""
    cif = np.swapaxes(origin.value * ~origin.domestic, 1, 2)
    landed = np.swapaxes(origin.value * ~origin.domestic * (1 + origin.tariff), 1, 2)
    use = np.einsum("nkj,jn->kjn", origin.inputs, origin.output)
    final = origin.spending - use.sum(axis=1)
    home = np.einsum("jnn->jn", origin.value) / origin.spending
    third = ("COMM", "REG")
    final_use = {
        f"V{side}{who}B": (part * final * share, third)
        for side, share in (("D", home), ("M", 1 - home))
        for who, part in (("P", 0.6), ("G", 0.2), ("I", 0.2))
    }
    trade = ("COMM", "REG", "REG")
    return {
        "VCIF": (cif, trade),
        "VMSB": (landed, trade),
        "VXSB": (0.9 * cif, trade),
        "VDFB": (use * home[:, None, :], ("COMM", "ACTS", "REG")),
        "VMFB": (use * (1 - home)[:, None, :], ("COMM", "ACTS", "REG")),
        "MAKB": (np.eye(len(COMM))[:, :, None] * origin.output, ("COMM", "ACTS", "REG")),
        **final_use,
    }


@pytest.fixture
def old(new: Arrays, origin: ep.Economy) -> Arrays:
    """Version 6: investors are the producing sector CGDS; what exports do not pay for goes to the transport pool."""
    cif = new["VCIF"][0]
    exports = cif.copy()
    exports[2] *= 0.9
    pool = (cif - exports)[2:].sum(axis=2)

    def firms(use: str, investors: str) -> tuple[np.ndarray, tuple[str, ...]]:
        return np.concatenate([new[use][0], new[investors][0][:, None, :]], axis=1), ("COMM", "PROD", "REG")

    return {
        "VIWS": new["VCIF"],
        "VIMS": new["VMSB"],
        "VXMD": (exports, new["VCIF"][1]),
        "VST": (pool, ("MARG", "REG")),
        "VDFM": firms("VDFB", "VDIB"),
        "VIFM": firms("VMFB", "VMIB"),
        "VDPM": new["VDPB"],
        "VDGM": new["VDGB"],
    }


def gtap(path: Path, **options: object) -> Imported:
    return read(path, Ask(**({"source": "gtap", "theta": 4.0} | options)), silent)  # type: ignore[arg-type]


def same(economy: ep.Economy, origin: ep.Economy) -> None:
    """As far as single precision goes; labels come in order of first appearance."""
    assert economy.countries == tuple(r.upper() for r in REG)
    assert economy.sectors == COMM
    np.testing.assert_allclose(economy.value, origin.value, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(economy.tariff, origin.tariff, atol=1e-5)
    np.testing.assert_allclose(economy.inputs, origin.inputs, atol=1e-5)
    np.testing.assert_allclose(economy.final_share, origin.final_share, atol=1e-4)


def test_version_7(new: Arrays, origin: ep.Economy, tmp_path: Path) -> None:
    imported = gtap(write(new, tmp_path / "basedata.har"))
    same(imported.economy, origin)
    assert any("Transport margins and export taxes" in line for line in imported.mended)
    assert not any("more than one commodity" in line for line in imported.mended)


def test_version_6(old: Arrays, origin: ep.Economy, tmp_path: Path) -> None:
    imported = gtap(write(old, tmp_path / "basedata.har"))
    same(imported.economy, origin)
    assert any("headers of version 6" in line for line in imported.found)


def test_trade_inside_a_region_is_its_own_sales(new: Arrays, origin: ep.Economy, tmp_path: Path) -> None:
    """Half of the domestic purchases of a region turn out to be trade among its members, with tariffs of a quarter."""
    for name in ("VDFB", "VDPB", "VDGB", "VDIB"):
        array, axes = new[name]
        new[name] = (np.where(np.arange(4) == 2, array / 2, array), axes)
    inside = np.einsum("jnn->jn", origin.value)[:, 2] / 2
    new["VCIF"][0][:, 2, 2], new["VMSB"][0][:, 2, 2] = inside / 1.25, inside
    imported = gtap(write(new, tmp_path / "basedata.har"))
    np.testing.assert_allclose(imported.economy.value[:, 2, 2], origin.value[:, 2, 2], rtol=1e-3)
    assert (np.einsum("jnn->jn", imported.economy.tariff) == 0).all()
    assert any(line.startswith("Trade inside regions") for line in imported.mended)


@pytest.mark.parametrize("by_region", [False, True])
def test_elasticities_from_the_parameter_file(new: Arrays, tmp_path: Path, by_region: bool) -> None:
    write(new, tmp_path / "basedata.har")
    sigma = np.array([3.0, 6.0, 4.0])
    axes = ("COMM", "REG") if by_region else ("COMM",)
    write({"ESBM": (np.repeat(sigma[:, None], 4, axis=1) if by_region else sigma, axes)}, tmp_path / "default.prm")
    imported = gtap(tmp_path, theta=None)
    np.testing.assert_allclose(imported.economy.theta, [2.0, 5.0, 3.0], rtol=1e-6)
    assert any("theta is ESBM - 1 of default.prm" in line for line in imported.mended)
    with pytest.raises(ep.InputError, match="theta: give a number"):
        gtap(tmp_path / "basedata.har", theta=None)


def test_joint_products_share_their_makers_recipe(new: Arrays, tmp_path: Path) -> None:
    """Half of food is made by the activity that makes cars."""
    make = new["MAKB"][0]
    make[0, 1] = make[0, 0] = make[0, 0] / 2
    imported = gtap(write(new, tmp_path / "basedata.har"))
    use, out = new["VDFB"][0] + new["VMFB"][0], make.sum(axis=0)
    recipe = np.minimum((use / out)[:, :2].mean(axis=1), 1.0).T  # [n,k] of food: both makers weigh the same
    np.testing.assert_allclose(imported.economy.inputs[:, :, 0], recipe, rtol=1e-3)
    assert any("more than one commodity" in line for line in imported.mended)


def without(name: str) -> Callable[[Arrays], object]:
    return lambda arrays: arrays.pop(name)


def turned(name: str) -> Callable[[Arrays], object]:
    def spoil(arrays: Arrays) -> None:
        array, axes = arrays[name]
        arrays[name] = (np.swapaxes(array, 0, 2), axes[::-1])

    return spoil


def negative(arrays: Arrays) -> None:
    arrays["VCIF"][0][0, 0, 1] = -1.0


@pytest.mark.parametrize(
    ("spoil", "options", "message"),
    [
        (without("VCIF"), {}, r"no header VIWS \(it has: MAKB"),
        (without("VMIB"), {}, r""),
        (without("VDIB"), {}, r"no header VDIB"),
        (without("MAKB"), {}, r"no header MAKB"),
        (turned("VMSB"), {}, r"VMSB: has the shape \(4, 4, 3\); \(3, 4, 4\) is needed"),
        (turned("VCIF"), {}, r"VCIF is not by commodity, source and destination"),
        (negative, {}, r"VCIF: holds a value below zero"),
        (lambda arrays: None, {"own_sales": 0.5}, r"have no use here"),
    ],
)
def test_refused(
    new: Arrays, tmp_path: Path, spoil: Callable[[Arrays], object], options: dict[str, object], message: str
) -> None:
    spoil(new)
    path = write(new, tmp_path / "basedata.har")
    if not message:  # imports of final users follow from the trade arrays
        gtap(path)
        return
    with pytest.raises(ep.InputError, match=message):
        gtap(path, **options)


@pytest.mark.parametrize("content", [b"", b"not a header array file at all", bytes(range(200))])
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "basedata.har").write_bytes(content)
    with pytest.raises(ep.InputError, match="header array"):
        gtap(tmp_path / "basedata.har")


def test_a_file_cut_short_and_an_empty_folder(new: Arrays, tmp_path: Path) -> None:
    with pytest.raises(ep.InputError, match="found 0"):
        gtap(tmp_path)
    whole = write(new, tmp_path / "basedata.har").read_bytes()
    (tmp_path / "basedata.har").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ep.InputError, match=r"cannot be read as a header array file|no header"):
        gtap(tmp_path / "basedata.har")
