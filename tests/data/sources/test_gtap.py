"""GTAP's accounts, written as header array files: what is read is the world that they were made from."""

from __future__ import annotations

import contextlib
import struct
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

import entrepot as ep
from entrepot.data.progress import silent
from entrepot.data.sources.catalogue import Imported, ImportRequest
from entrepot.data.sources.gtap import read
from entrepot.data.sources.header_array import read_header_arrays
from shelves import slow
from worlds import random_world

Arrays = dict[str, tuple[np.ndarray, tuple[str, ...]]]
COMM, REG = ("food", "cars", "svc"), ("usa", "jpn", "eu_28", "xrw")
SETS = {"COMM": COMM, "ACTS": ("a_food", "a_cars", "a_svc"), "PROD": (*COMM, "CGDS"), "REG": REG, "MARG": ("svc",)}
TRADE = ("COMM", "REG", "REG")


# ---- header array files ----


def record(*parts: bytes | int | np.ndarray) -> bytes:
    body = b"".join(
        p if isinstance(p, bytes) else struct.pack("<i", p) if isinstance(p, int) else p.tobytes() for p in parts
    )
    return struct.pack("<i", len(body)) + body + struct.pack("<i", len(body))


def text(*labels: str, width: int = 12) -> bytes:
    return "".join(label.ljust(width) for label in labels).encode()


def header(name: str, array: np.ndarray, axes: tuple[str, ...], sparse: bool = False, block: int = 7) -> bytes:
    """One header in single precision, its numbers in blocks of `block`."""
    sizes = np.array([*array.shape, *[1] * (7 - array.ndim)], dtype="<i4")
    flat = array.astype("<f4").ravel(order="F")
    out = record(text(name, width=4))
    out += record(b"    RE", b"SPSE" if sparse else b"FULL", text(name, width=70), 7, sizes)
    status = b"k" * len(axes)
    out += record(b"    ", 0, 1, len(axes), text(name), 1, text(*axes), status, np.zeros(len(axes), "<i4"), 0)
    for axis in dict.fromkeys(axes):
        labels = SETS[axis]
        out += record(b"    ", 2, len(labels), 1, text(labels[0])) if len(labels) > 1 else b""
        rest = labels[1:] if len(labels) > 1 else labels
        out += record(b"    ", 1, len(labels), len(rest), text(*rest))
    if sparse:
        place = np.flatnonzero(flat)
        parts = [place[k : k + block] for k in range(0, len(place), block)] or [place]
        out += record(b"    ", len(place), 4, 4, b" " * 80)
        for k, part in enumerate(parts):
            position = (part + 1).astype("<i4")
            out += record(b"    ", len(parts) - k, len(place), len(part), position, flat[part])
    else:
        parts = [flat[k : k + block] for k in range(0, len(flat), block)]
        out += record(b"    ", 2 * len(parts) + 1, 7, sizes)
        for k, part in enumerate(parts):
            out += record(b"    ", np.zeros(15, "<i4"))
            out += record(b"    ", 2 * (len(parts) - k) - 1, part)
    return out


def write(arrays: Mapping[str, tuple[np.ndarray, tuple[str, ...]]], path: Path) -> Path:
    """Every other array sparse, and a text header before them."""
    regions = record(text("SET1", width=4)) + record(b"    1CFULL", text("Regions", width=70), 2, 1, 12)
    regions += record(b"    ", 1, 1, 1, text("usa"))
    bodies = [header(name, *held, sparse=k % 2 == 1) for k, (name, held) in enumerate(arrays.items())]
    path.write_bytes(regions + b"".join(bodies))
    return path


def test_header_arrays_are_recovered_full_and_sparse(tmp_path: Path) -> None:
    array = np.arange(48.0).reshape(3, 4, 4) % 5
    held = read_header_arrays(write({"ONE": (array, TRADE), "TWO": (array, TRADE)}, tmp_path / "x.har"))
    assert set(held) == {"ONE", "TWO"}
    for found in held.values():
        np.testing.assert_array_equal(found.array, array)
        assert found.elements == (COMM, REG, REG)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("zeros", [0.0, 0.9])
def test_header_arrays_of_another_writer_are_read(tmp_path: Path, zeros: float) -> None:
    """HARPY, of the makers of GEMPACK, writes full or sparse by itself."""
    harpy = pytest.importorskip("harpy")
    rng = np.random.default_rng(0)
    array = (rng.uniform(1, 2, (3, 4, 4)) * (rng.uniform(size=(3, 4, 4)) > zeros)).astype(np.float32)
    sets = [{"name": a, "status": "k", "dim_type": "Set", "dim_desc": list(SETS[a])} for a in TRADE]
    file = harpy.HarFileObj()
    file.addHeaderArrayObjs(harpy.HeaderArrayObj.HeaderArrayFromData("VIWS", array, "VIWS", "trade", sets=sets))
    file.writeToDisk(str(tmp_path / "x.har"))
    found = read_header_arrays(tmp_path / "x.har")["VIWS"]
    np.testing.assert_array_equal(found.array, array)
    assert found.elements == (COMM, REG, REG)


# ---- a world as GTAP's accounts ----


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
    return {
        "VCIF": (cif, TRADE),
        "VMSB": (landed, TRADE),
        "VXSB": (0.9 * cif, TRADE),
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
    return read(path, ImportRequest(**({"source": "gtap", "theta": 4.0} | options)), silent)  # type: ignore[arg-type]


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


def test_the_release_is_that_which_the_file_states(old: Arrays, tmp_path: Path) -> None:
    file = write(old, tmp_path / "basedata.har")
    release = record(text("DREL", width=4)) + record(b"    1CFULL", text("Release", width=70), 2, 1, 12)
    file.write_bytes(release + record(b"    ", 1, 1, 1, text("R6.0_final")) + file.read_bytes())
    found = ep.import_economy("gtap", file, theta=4).economy
    assert found.source == "GTAP Data Base, R6.0_final. Center for Global Trade Analysis, Purdue University"


def test_regions_that_other_tables_have_as_totals(old: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GTAP's own aggregations have South Asia and sub-Saharan Africa as regions, and CHI for China."""
    monkeypatch.setitem(SETS, "REG", ("usa", "sas", "ssa", "chi"))
    imported = gtap(write(old, tmp_path / "basedata.har"))
    assert imported.economy.countries == ("USA", "SAS", "SSA", "CHN")
    assert any("CHI is China" in line for line in imported.mended)
    monkeypatch.setitem(SETS, "REG", ("usa", "sas", "ind", "chi"))
    with pytest.raises(ep.errors.TableError, match="'SAS' is a total of countries, and has parts in common with IND"):
        gtap(write(old, tmp_path / "basedata.har"))


def test_trade_inside_a_region_becomes_own_sales(new: Arrays, origin: ep.Economy, tmp_path: Path) -> None:
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
    with pytest.raises(ep.errors.InputError, match="theta: give a number"):
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
        (negative, {}, r"VCIF: has a value that is negative"),
        (lambda arrays: None, {"own_sales": 0.5}, r"are not supported here"),
    ],
)
def test_invalid_gtap_arrays_are_refused(
    new: Arrays, tmp_path: Path, spoil: Callable[[Arrays], object], options: dict[str, object], message: str
) -> None:
    spoil(new)
    path = write(new, tmp_path / "basedata.har")
    if not message:  # imports of final users follow from the trade arrays
        gtap(path)
        return
    with pytest.raises(ep.errors.InputError, match=message):
        gtap(path, **options)


@pytest.mark.parametrize(
    ("name", "axis"),
    [("VMSB", "REG"), ("VXSB", "REG"), ("VDPB", "REG"), ("VDFB", "COMM"), ("MAKB", "ACTS"), ("VMFB", "ACTS")],
)
def test_headers_with_elements_in_another_order_are_refused(
    new: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, axis: str
) -> None:
    monkeypatch.setitem(SETS, "TURN", SETS[axis][::-1])
    array, axes = new[name]
    new[name] = array, tuple("TURN" if one == axis else one for one in axes)
    with pytest.raises(ep.errors.InputError, match=rf"{name}: has the elements .* in another order than V"):
        gtap(write(new, tmp_path / "basedata.har"))


@pytest.mark.parametrize("content", [b"", b"not a header array file at all", bytes(range(200))])
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "basedata.har").write_bytes(content)
    with pytest.raises(ep.errors.InputError, match="header array"):
        gtap(tmp_path / "basedata.har")


def test_a_file_cut_short_anywhere_and_an_empty_folder(new: Arrays, tmp_path: Path) -> None:
    with pytest.raises(ep.errors.InputError, match="found 0"):
        gtap(tmp_path)
    whole = write(new, tmp_path / "basedata.har").read_bytes()
    for part in np.linspace(1, len(whole) - 1, 40).astype(int):
        (tmp_path / "basedata.har").write_bytes(whole[:part])
        with pytest.raises(ep.errors.InputError, match=r"cannot be read as a header array file|no header"):
            gtap(tmp_path / "basedata.har")


@pytest.mark.parametrize("times", [10, slow(60)])
def test_a_file_damaged_anywhere_is_refused_or_read(times: int, new: Arrays, tmp_path: Path) -> None:
    """Never anything but an error of ours, or an Economy (a changed number is a number)."""
    whole = write(new, tmp_path / "basedata.har").read_bytes()
    rng = np.random.default_rng(0)
    for at in rng.integers(0, len(whole), times):
        (tmp_path / "basedata.har").write_bytes(whole[:at] + bytes([rng.integers(256)]) + whole[at + 1 :])
        with contextlib.suppress(ep.EntrepotError), warnings.catch_warnings(action="ignore"):
            gtap(tmp_path / "basedata.har")
