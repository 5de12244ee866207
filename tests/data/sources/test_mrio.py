"""Any pymrio table as an Economy: the accounts are the table's, and repairs are noted."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import entrepot as ep
from entrepot.data.sources.mrio import economy_from_mrio
from shelves import examples

pymrio = pytest.importorskip("pymrio")


def system(countries: int, sectors: int, seed: int, unit: str = "Million USD") -> SimpleNamespace:
    """A random table in which inputs are at most 0.6 of output."""
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product(
        [[f"C{k}" for k in range(countries)], [f"s{k}" for k in range(sectors)]], names=["region", "sector"]
    )
    columns = pd.MultiIndex.from_product([rows.levels[0], ["households", "inventories"]], names=["region", "category"])
    size = len(rows)
    z = rng.uniform(0, 1, (size, size))
    y = rng.uniform(1, 2, (size, len(columns))) * size / 2
    output = z.sum(axis=1) + y.sum(axis=1)
    z *= np.minimum(1.0, 0.6 * output / z.sum(axis=0))
    return SimpleNamespace(
        Z=pd.DataFrame(z, rows, rows), Y=pd.DataFrame(y, rows, columns), unit=pd.DataFrame({"unit": [unit] * size})
    )


@given(st.integers(2, 4), st.integers(1, 4), st.integers(0, 1000))
@examples(25)
def test_mrio_accounts_equal_the_table(countries: int, sectors: int, seed: int) -> None:
    io = system(countries, sectors, seed)
    economy = ep.Economy.from_mrio(io, theta=4.0)
    shape = (countries, sectors)
    output = (io.Z.sum(axis=1) + io.Y.sum(axis=1)).to_numpy().reshape(shape)
    final = io.Y.T.groupby(level=0).sum().T.sum().to_numpy()
    np.testing.assert_allclose(economy.output.T, output)
    np.testing.assert_allclose(economy.income, final)
    inputs = economy.inputs * economy.output.T[:, None, :]
    wanted = io.Z.groupby(level=1, sort=False).sum().to_numpy().reshape(sectors, countries, sectors)
    np.testing.assert_allclose(inputs, wanted.transpose(1, 0, 2))
    flow = io.Z.loc[("C0", "s0"), "C1"].sum() + io.Y.loc[("C0", "s0"), "C1"].sum()
    assert economy.value[0, 1, 0] == pytest.approx(flow)
    assert np.abs(ep.solve(economy).countries["real_income_pct"]).max() < 1e-8


def test_mrio_tariffs_are_paid_on_inputs_and_final_goods() -> None:
    io = system(3, 2, seed=1)
    rate = np.full((2, 3, 3), 0.1)
    rate[:, range(3), range(3)] = 0.0
    economy = ep.Economy.from_mrio(io, tariffs=rate, theta=4.0)
    foreign = economy.value * ~economy.domestic
    np.testing.assert_allclose(economy.tariff_revenue, 0.1 * foreign.sum(axis=(0, 2)))
    free = ep.Economy.from_mrio(io, theta=4.0)
    np.testing.assert_allclose(economy.value, free.value)
    assert (economy.value_added < free.value_added).all()  # duties on inputs are cost


def test_pymrios_own_test_system() -> None:
    io = pymrio.load_test()
    with pytest.warns(UserWarning, match="differ by 98% of all sales: is it complete"):
        imported = economy_from_mrio(io, theta=4.0)
    output = (io.Z.sum(axis=1) + io.Y.sum(axis=1)).to_numpy().reshape(6, 8)
    np.testing.assert_allclose(imported.economy.output.T, output)
    assert imported.economy.countries == tuple(f"reg{k}" for k in range(1, 7))
    assert np.abs(ep.solve(imported.economy).countries["real_income_pct"]).max() < 1e-8
    assert any("Rows and columns differ in 48 of 48" in line for line in imported.mended)  # it is made up, and says so


def test_flows_from_coefficients() -> None:
    io = system(2, 3, seed=4)
    x = pd.DataFrame({"indout": io.Z.sum(axis=1) + io.Y.sum(axis=1)})
    bare = SimpleNamespace(A=io.Z / x["indout"], x=x, Y=io.Y, unit=io.unit)
    whole, again = (ep.Economy.from_mrio(table, theta=3.0) for table in (io, bare))
    np.testing.assert_allclose(whole.value, again.value)
    np.testing.assert_allclose(whole.inputs, again.inputs)


@pytest.mark.slow
def test_the_full_tables_by_both_routes(wiod50: ep.Economy) -> None:
    """44 x 50 as an IOSystem: each source's goods go to every use in the same shares, as in the tidy tables."""
    e = wiod50
    n, j = len(e.countries), len(e.sectors)
    rows = pd.MultiIndex.from_product([e.countries, e.sectors], names=["region", "sector"])
    use = e.inputs * e.output.T[:, None, :]
    bought = np.where(e.spending > 0, e.spending, 1.0)
    z = np.einsum("kni,kn,nkj->iknj", e.value, 1 / bought, use, optimize=True)
    y = e.value.transpose(2, 0, 1) - z.sum(axis=3)
    columns = pd.MultiIndex.from_product([e.countries, ["final"]], names=["region", "category"])
    io = pymrio.IOSystem(
        Z=pd.DataFrame(z.reshape(n * j, n * j), rows, rows),
        Y=pd.DataFrame(y.reshape(n * j, n), rows, columns),
        unit=pd.DataFrame({"unit": "Million USD"}, index=rows),
    )
    theta = dict(zip(e.sectors, map(float, e.theta), strict=True))
    again = ep.Economy.from_mrio(io, tariffs=e.tariff, theta=theta)
    np.testing.assert_allclose(again.value, e.value, rtol=1e-12, atol=1e-6)
    sold = np.broadcast_to((e.output.T > 0)[:, None, :], e.inputs.shape)
    np.testing.assert_allclose(again.inputs[sold], e.inputs[sold], atol=1e-9)
    measure = ep.Tariff(importer="USA", exporter="JPN", sector="C20", rate=0.25, change="add")
    one, other = (ep.solve(w, [measure]).countries["real_income_pct"] for w in (e, again))
    np.testing.assert_allclose(one, other, atol=1e-6)


# ---- repairs, which are noted ----


def test_negative_cells_become_zero() -> None:
    io = system(2, 2, seed=2)
    io.Y.iloc[0, :2] = [1.0, -3.0]
    io.Z.iloc[1, 2] = -0.5
    imported = economy_from_mrio(io, theta=4.0)
    assert imported.economy.value.min() >= 0
    assert [line.split(" set")[0] for line in imported.mended] == [
        "1 negative cells of inputs",
        "1 negative cells of final demand (inventories that were run down)",
    ]


def test_inputs_above_output_are_scaled() -> None:
    io = system(2, 2, seed=2)
    io.Z.iloc[:, 0] *= 50
    imported = economy_from_mrio(io, theta=4.0)
    assert imported.economy.value_added_share[0, 0] == pytest.approx(0.01)
    assert any("cost more than 99% of what they sell (most: C0 s0" in line for line in imported.mended)


def test_a_region_without_output_is_left_out() -> None:
    io = system(3, 2, seed=2)
    io.Z.loc["C1"] = 0.0
    io.Y.loc["C1"] = 0.0
    imported = economy_from_mrio(io, theta=4.0)
    assert imported.economy.countries == ("C0", "C2")
    assert imported.refused[0].startswith("C1: no sales or no purchases")


@pytest.mark.parametrize(
    ("unit", "rate", "factor"),
    [("Million USD", None, 1.0), ("000 USD", None, 1e-3), ("M.EUR", 1.12, 1.12), ("bn EUR", 1.12, 1120.0)],
)
def test_units_of_money(unit: str, rate: float | None, factor: float) -> None:
    economy = ep.Economy.from_mrio(system(2, 2, seed=3, unit=unit), theta=4.0, usd_per_unit=rate)
    plain = ep.Economy.from_mrio(system(2, 2, seed=3), theta=4.0)
    np.testing.assert_allclose(economy.value, factor * plain.value)
    assert any(note.startswith("Money is in millions of US dollars") for note in economy.notes)


# ---- refused ----


def spoilt(io: SimpleNamespace, **changes: object) -> SimpleNamespace:
    return SimpleNamespace(**{**vars(io), **changes})


@pytest.mark.parametrize(
    ("spoil", "options", "message"),
    [
        (lambda io: io, {"theta": None}, "have no trade elasticities"),
        (lambda io: io, {"theta": "cp2051"}, "did you mean cp2015"),
        (lambda io: spoilt(io, Z=None), {}, "has no Z"),
        (lambda io: spoilt(io, unit=pd.DataFrame({"unit": ["M.EUR", "tonnes"]})), {}, r"mixed units \(M.EUR, tonnes\)"),
        (lambda io: spoilt(io, unit=None), {}, "give unit="),
        (
            lambda io: spoilt(io, unit=pd.DataFrame({"unit": ["M.EUR"]})),
            {},
            "give usd_per_unit, the dollars per EUR",
        ),
        (lambda io: spoilt(io, unit=pd.DataFrame({"unit": ["M.EUR"]})), {"usd_per_unit": -1}, "a rate above zero"),
        (lambda io: spoilt(io, Y=io.Y.rename(columns={"C0": "X"}, level=0)), {}, "columns of X"),
        (lambda io: spoilt(io, Y=io.Y.iloc[1:]), {}, "its rows are not those of Z"),
        (lambda io: spoilt(io, Z=io.Z.iloc[1:, 1:]), {}, "every region needs the same sectors"),
        (lambda io: spoilt(io, Z=io.Z.replace(io.Z.iloc[0, 0], np.nan)), {}, "is empty or not finite"),
        (lambda io: spoilt(io, Z=io.Z.astype(object).replace(io.Z.iloc[0, 0], "x")), {}, "is not numeric"),
        (lambda io: spoilt(io, Z=io.Z * 0, Y=io.Y * 0), {}, "no region both sells and buys"),
    ],
)
def test_tables_that_are_not_a_system_are_refused(spoil: object, options: dict[str, object], message: str) -> None:
    io = system(2, 2, seed=3)
    with pytest.raises(ep.errors.InputError, match=message):
        economy_from_mrio(spoil(io), **{"theta": 4.0, **options})  # type: ignore[operator]
