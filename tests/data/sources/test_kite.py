"""KITE's initial conditions, written here as R writes them: what is read is the world that they were made from."""

from __future__ import annotations

import gzip
import struct
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.data.frames import read_frame
from entrepot.data.progress import silent
from entrepot.data.sources.catalogue import Imported, ImportRequest
from entrepot.data.sources.kite import read
from worlds import random_world

pytest.importorskip("rdata")

Tables = dict[str, pd.DataFrame]
CODES = ("DEU", "FRA", "ITA", "JPN", "USA")


# ---- R's serialization (R Internals, "Serialization Formats"): XDR, version 2 ----

NIL, SYMBOL, PAIRS, CHAR, INT, REAL, STRING, LIST, POINTER = 254, 1, 2, 9, 13, 14, 16, 19, 22


def word(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}i", *numbers)


def char(text: str) -> bytes:
    return word(0x40000 | CHAR, len(text.encode())) + text.encode()


def strings(values: list[str], flags: int = 0) -> bytes:
    return word(STRING | flags, len(values)) + b"".join(map(char, values))


def attributes(**given: bytes) -> bytes:
    pairs = [word(0x400 | PAIRS) + word(SYMBOL) + char(n.replace("__", ".")) + v for n, v in given.items()]
    return b"".join(pairs) + word(NIL)


def column(series: pd.Series) -> bytes:
    if series.dtype.kind == "f":
        return word(REAL, len(series)) + series.to_numpy().astype(">f8").tobytes()
    codes, levels = pd.factorize(series)
    labels = attributes(levels=strings([*levels]), **{"class": strings(["factor"])})
    return word(INT | 0x300, len(series)) + word(*(codes + 1)) + labels


def table(frame: pd.DataFrame) -> bytes:
    """A data.table: a data.frame with one class and one pointer more."""
    return (
        word(LIST | 0x300, frame.shape[1])
        + b"".join(column(frame[c]) for c in frame.columns)
        + attributes(
            names=strings([*frame.columns]),
            row__names=word(INT, 2, -(2**31), -len(frame)),
            **{"class": strings(["data.table", "data.frame"])},
            __internal__selfref=word(POINTER, NIL, NIL),
        )
    )


def rds(tables: dict[str, object], path: Path) -> Path:
    body = word(LIST | 0x200, len(tables))
    for content in tables.values():
        if isinstance(content, dict):
            inner = b"".join(table(t) for t in content.values())
            body += word(LIST | 0x200, len(content)) + inner + attributes(names=strings([*content]))
        else:
            body += table(content)  # type: ignore[arg-type]
    body += attributes(names=strings([*tables]))
    path.write_bytes(gzip.compress(b"X\n" + word(2, 0x40302, 0x20300) + body))
    return path


# ---- a world as KITE's tables ----


def tidy(names: list[str], labels: list[tuple[str, ...]], array: np.ndarray) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(labels, names=names)
    return pd.DataFrame({"value": np.asarray(array, dtype=float).ravel()}, index=index).reset_index()


@pytest.fixture(scope="module")
def origin() -> ep.Economy:
    """Five countries, three of them one customs union: the same rates on the two others."""
    world = random_world(5, 4, seed=3)
    rate = np.random.default_rng(1).uniform(0.0, 0.3, world.value.shape)
    rate[:, :3, 3:] = rate[:, :1, 3:]
    rate[:, :3, :3] = 0.0
    rate[:, range(5), range(5)] = 0.0
    trade = world.table().assign(tariff=rate.ravel()).sort_values("sector", kind="stable")  # as R sorts factors
    trade["importer"] = trade["importer"].map(dict(zip(world.countries, CODES, strict=True)))
    trade["exporter"] = trade["exporter"].map(dict(zip(world.countries, CODES, strict=True)))
    recipe = tidy(["country", "input", "output"], [CODES, world.sectors, world.sectors], world.inputs)
    theta = dict(zip(world.sectors, [2.0, 3.0, 4.0, 8.0], strict=True))
    return ep.Economy.from_tables(trade, recipe.rename(columns={"value": "cost_share"}), theta=theta)


@pytest.fixture
def tables(origin: ep.Economy) -> Tables:
    """As the package documents them: tariffs by flow, positive elasticities."""
    c, s = tuple(x.lower() for x in origin.countries), origin.sectors
    labels, names = [s, c, c], ["sector", "destination", "origin"]
    share = origin.inputs / (1.0 - origin.value_added_share)[:, None, :]
    return {
        "trade_share": tidy(names, labels, origin.share)[["origin", "destination", "sector", "value"]],
        "tariff": tidy(names, labels, 1.0 + origin.tariff)[["origin", "destination", "sector", "value"]],
        "intermediate_share": tidy(["country", "input", "output"], [c, s, s], share),
        "factor_share": tidy(["country", "sector"], [c, s], origin.value_added_share),
        "consumption_share": tidy(["country", "sector"], [c, s], origin.final_share),
        "value_added": tidy(["country"], [c], origin.value_added),
        "trade_balance": tidy(["country"], [c], -origin.deficit),
        "trade_elasticity": tidy(["sector"], [s], origin.theta),
    }


def kite(tables: dict[str, object], path: Path, **options: object) -> Imported:
    request = ImportRequest(**({"source": "kite"} | options))  # type: ignore[arg-type]
    return read(rds(tables, path / "initial_conditions.rds"), request, silent)


def same(economy: ep.Economy, origin: ep.Economy) -> None:
    assert (economy.countries, economy.sectors) == (origin.countries, origin.sectors)
    np.testing.assert_allclose(economy.value, origin.value, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(economy.tariff, origin.tariff, atol=1e-12)
    np.testing.assert_allclose(economy.inputs, origin.inputs, atol=1e-10)
    np.testing.assert_allclose(economy.theta, origin.theta, rtol=1e-12)


def test_world_is_recovered_from_kite_tables(tables: Tables, origin: ep.Economy, tmp_path: Path) -> None:
    imported = kite(tables, tmp_path)  # type: ignore[arg-type]
    same(imported.economy, origin)
    assert any("Spending is not in the file" in line for line in imported.mended)
    assert not any("indexed by imposing country" in line for line in imported.mended)


def test_spending_in_the_file_is_used(tables: Tables, origin: ep.Economy, tmp_path: Path) -> None:
    axes = [origin.sectors, tuple(x.lower() for x in origin.countries)]
    tables["expenditure"] = tidy(["sector", "destination"], axes, origin.spending)
    imported = kite(tables, tmp_path)  # type: ignore[arg-type]
    same(imported.economy, origin)
    assert not any("Spending is not in the file" in line for line in imported.mended)


def test_tariffs_by_imposing_country_go_to_the_right_flow(tables: Tables, origin: ep.Economy, tmp_path: Path) -> None:
    tables["tariff"] = tables["tariff"].rename(columns={"origin": "destination", "destination": "origin"})
    imported = kite(tables, tmp_path)  # type: ignore[arg-type]
    same(imported.economy, origin)
    assert any("tariff is indexed by imposing country" in line for line in imported.mended)


def test_tariff_index_order_is_not_guessed(tables: Tables, tmp_path: Path) -> None:
    for name, frame in tables.items():
        spelt = {"deu": "bra", "fra": "ind", "ita": "zaf"}
        tables[name] = frame.replace(dict.fromkeys(("country", "origin", "destination"), spelt))
    with pytest.raises(ep.errors.InputError, match=r"it is unclear whether tariffs .* Give the tariffs with tariffs="):
        kite(tables, tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stored", "meaning"),
    [(lambda t: 1 / t, "1/theta"), (lambda t: -t, "-theta"), (lambda t: -1 / t, "-1/theta")],
)
def test_elasticities_of_older_releases(
    tables: Tables, origin: ep.Economy, tmp_path: Path, stored: Callable[[pd.Series], pd.Series], meaning: str
) -> None:
    frame = tables.pop("trade_elasticity")
    nested = {"trade_elasticity": frame.assign(value=stored(frame["value"]))}
    imported = kite({**tables, "elasticities": nested}, tmp_path)
    np.testing.assert_allclose(imported.economy.theta, origin.theta)
    assert any(f"trade_elasticity contains {meaning} " in line for line in imported.mended)


@pytest.mark.slow
def test_the_tables_of_wiod(tmp_path: Path) -> None:
    """As the file of WIOD 2014 has them: tariffs by imposing country, inverse elasticities (0.3259 for vehicles)."""
    folder = shared("wiod2014")
    trade, inputs, demand = (pd.read_parquet(folder / f"{name}.parquet") for name in ("trade", "inputs", "demand"))
    paid = trade.assign(value=trade["value"] * (1 + trade["tariff"]))
    trade["share"] = paid["value"] / paid.groupby(["importer", "sector"])["value"].transform("sum").clip(lower=1e-300)
    own = demand.rename(columns={"value_added_share": "value"}).set_index(["country", "sector"])["value"]
    bought = inputs.set_index(["country", "output"]).index.map(1.0 - own)
    countries, sectors = pd.read_csv(folder / "countries.csv"), pd.read_csv(folder / "sectors.csv")
    flow = ["origin", "destination", "sector", "value"]
    axes = {"exporter": "origin", "importer": "destination"}
    tables = {
        "trade_share": trade.rename(columns={**axes, "share": "value_", "value": "x"}).rename(
            columns={"value_": "value"}
        )[flow],
        "tariff": trade.assign(value=1 + trade["tariff"]).rename(
            columns={"importer": "origin", "exporter": "destination"}
        )[flow],
        "intermediate_share": inputs.assign(value=inputs["cost_share"] / np.where(bought > 0, bought, 1.0))[
            ["country", "input", "output", "value"]
        ],
        "factor_share": own.reset_index(),
        "consumption_share": demand[["country", "sector", "final_share"]].set_axis(
            ["country", "sector", "value"], axis=1
        ),
        "value_added": countries[["country", "value_added"]].set_axis(["country", "value"], axis=1),
        "trade_balance": countries[["country", "trade_balance"]].set_axis(["country", "value"], axis=1),
        "trade_elasticity": sectors[["sector"]].assign(value=1 / sectors["theta"]),
    }
    imported = kite(tables, tmp_path)
    economy = imported.economy
    assert any("indexed by imposing country" in line for line in imported.mended)
    vehicles, usa, jpn = (economy.sectors.index("C20"), *(economy.countries.index(c) for c in ("USA", "JPN")))
    assert economy.theta[vehicles] == pytest.approx(1 / 0.3259, rel=1e-3)
    rate = trade.set_index(["sector", "importer", "exporter"])["tariff"]["C20", "USA", "JPN"]
    assert economy.tariff[vehicles, usa, jpn] == pytest.approx(rate)
    assert economy.value[vehicles, usa, jpn] == pytest.approx(50_951, rel=0.05)


def test_elasticities_of_the_user_replace_those_of_the_file(tables: Tables, tmp_path: Path) -> None:
    assert list(kite(tables, tmp_path, theta=5.0).economy.theta) == [5.0] * 4  # type: ignore[arg-type]


def test_missing_tables_are_noted(tables: Tables, origin: ep.Economy, tmp_path: Path) -> None:
    tables["export_subsidy"] = tables["tariff"].assign(value=1.02)
    del tables["tariff"]
    tables["trade_share"] = tables["trade_share"].query("value > 0")
    mended = kite(tables, tmp_path).mended  # type: ignore[arg-type]
    assert any("no tariffs; they are zero" in line for line in mended)
    assert any("export_subsidy differs from one in 100 flows (at most by 2%)" in line for line in mended)


def test_duties_on_own_trade_are_dropped_and_named(tables: Tables, origin: ep.Economy, tmp_path: Path) -> None:
    own = (tables["tariff"]["origin"] == "jpn") & (tables["tariff"]["destination"] == "jpn")
    spoilt = own & (tables["tariff"]["sector"] == origin.sectors[1])
    tables["tariff"].loc[spoilt, "value"] = 1.125
    imported = kite(tables, tmp_path)  # type: ignore[arg-type]
    (messages,) = [line for line in imported.refused if "own sales" in line]
    assert f"1 rates on own sales, which are not levied, were set to zero: JPN {origin.sectors[1]} 12.5%" in messages
    np.testing.assert_allclose(imported.economy.tariff, origin.tariff, atol=1e-12)


def test_value_added_equals_that_of_the_file(tables: Tables, origin: ep.Economy, tmp_path: Path) -> None:
    economy = kite(tables, tmp_path).economy  # type: ignore[arg-type]
    np.testing.assert_allclose(economy.value_added, tables["value_added"]["value"], rtol=1e-7)


@pytest.mark.slow
def test_many_labels_are_read_in_seconds(tmp_path: Path) -> None:
    """A column of 900,000 labels, each written out: R writes them one by one, and equal ones are read once."""
    labels = [f"C{k % 50:02d}" for k in range(900_000)]
    column_ = word(STRING, len(labels)) + b"".join(char(label) for label in labels)
    names = attributes(
        names=strings(["sector"]), row__names=word(INT, 2, -(2**31), -len(labels)), **{"class": strings(["data.frame"])}
    )
    body = word(LIST | 0x300, 1) + column_ + names
    (tmp_path / "t.rds").write_bytes(gzip.compress(b"X\n" + word(2, 0x40302, 0x20300) + body, compresslevel=1))
    began = time.process_time()
    frame, _ = read_frame(tmp_path / "t.rds", "labels")
    assert time.process_time() - began < 12  # 20 times that where every label is made an object of its own
    assert frame["sector"].tolist() == labels


def without(name: str) -> Callable[[Tables], object]:
    return lambda tables: tables.pop(name)


def changed(name: str, **columns: object) -> Callable[[Tables], object]:
    return lambda tables: tables.update({name: tables[name].assign(**columns)})


@pytest.mark.parametrize(
    ("spoil", "options", "message"),
    [
        (without("trade_share"), {}, "no table 'trade_share' .it has: tariff"),
        (without("value_added"), {}, "no table 'value_added'"),
        (without("trade_elasticity"), {}, "no table 'trade_elasticity'; give theta="),
        (changed("factor_share", country="xxx"), {}, "factor_share: the country 'XXX' is not in trade_share"),
        (changed("factor_share", country="usa"), {}, "factor_share: row 5 is repeated"),
        (changed("value_added", value=np.nan), {}, "value_added: row 1: the value is NaN"),
        (changed("tariff", value=0.0), {}, "factors 1 . rate; one is not above zero"),
        (changed("trade_elasticity", value=[1.0, 2.0, -3.0, 4.0]), {}, "zero or of both signs"),
        (lambda t: t.update(tariff=t["tariff"].drop(columns="origin")), {}, "tariff has no column 'origin'"),
        (lambda t: None, {"sectors": "sections"}, "are not supported here"),
    ],
)
def test_invalid_kite_tables_are_refused(
    tables: Tables, tmp_path: Path, spoil: Callable[[Tables], object], options: dict[str, object], message: str
) -> None:
    spoil(tables)
    with pytest.raises(ep.errors.InputError, match=message):
        kite(tables, tmp_path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [b"", b"not R", gzip.compress(b"X\n" + word(2, 0x40302, 0x20300) + word(LIST, 9))],
    ids=["empty", "text", "cut short"],  # a compressed text has the time in it
)
def test_a_file_that_is_not_r(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.rds").write_bytes(content)
    with pytest.raises(ep.errors.InputError, match=r"cannot be read as a file of R"):
        read(tmp_path / "x.rds", ImportRequest(source="kite"), silent)
    rds({}, tmp_path / "x.rds")
    with pytest.raises(ep.errors.InputError, match=r"no table|not a list of tables"):
        read(tmp_path / "x.rds", ImportRequest(source="kite"), silent)
