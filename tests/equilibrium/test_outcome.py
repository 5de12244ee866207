"""The tables of an Outcome, number by number, reckoned again from the flows, prices and wages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import quantities
from entrepot.equilibrium.residuals import worst_cells
from entrepot.equilibrium.sensitivity import Sensitivity
from worlds import place, random_world

MEASURES: list[ep.measures.Measure] = [
    ep.Tariff(importer="C00", sector="s01", rate=0.2, change="add"),
    ep.ExportTax(exporter="C01", importer="C02", sector="s00", rate=0.1),
    ep.ProductionSubsidy(country="C02", sector="s01", rate=0.05),
    ep.NonTariffBarrier(importer="C03", exporter="C00", sector="s02", rate=0.1),
    ep.VoluntaryExportRestraint(
        importer="C00", exporter=["C01", "C02"], sector="s00", cap=0.6, rent={"importer": 0.25, "exporter": 0.75}
    ),
    ep.ImportQuota(importer="C01", exporter="C03", sector="s02", cap=1.5),
    ep.TariffRateQuota(importer="C02", exporter="C00", sector="s02", cap=0.2, in_rate=0.02, out_rate=0.1),
    ep.SpecificTariff(importer="C03", exporter="C01", sector="s00", amount=0.1),
    ep.MinimumPrice(importer="C03", exporter="C02", sector="s00", price=1.2),
    ep.MinimumPrice(importer="C01", exporter="C02", sector="s00", price=1.2, rent="importer"),
    ep.ImportQuota(importer="C03", exporter="C02", sector="s01", cap=0),
]
CLOSURES = [
    ep.Closure(),
    ep.Closure(
        horizon="short",
        labour_share={"s00": 0.5, "s01": 0.6, "s02": 1.0},
        labour_supply=0.4,
        labour_tax=0.2,
        recycling="labour_tax",
        numeraire="C02",
        deficit="own_share",
    ),
]


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(4, 3, seed=5)


@pytest.fixture(scope="module", params=CLOSURES, ids=str)
def outcome(request: pytest.FixtureRequest, e: ep.Economy) -> ep.Outcome:
    return ep.solve(e, MEASURES, closure=request.param, tol=1e-12)


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=1e-9, atol=1e-9)


def test_table_of_countries_by_hand(e: ep.Economy, outcome: ep.Outcome) -> None:
    a, state, table = outcome.accounts, outcome.state, outcome.countries
    factors, numbers = outcome.problem.factors, range(4)
    index = np.array([np.exp(sum(e.final_share[n, j] * state.ln_price[j, n] for j in range(3))) for n in numbers])
    wage = np.exp(a.cleared.ln_wage)
    kept = np.exp(state.ln_keep) if state.ln_keep.size else np.ones(4)
    labour = (wage * kept / index) ** factors.labour_rule.number
    effort = np.zeros(4)
    if factors.elastic:
        eta = factors.labour_rule.number
        earned = (1 - factors.tax) * factors.labour_income / e.income
        effort = earned * eta / (1 + eta) * ((wage * kept / index) ** (1 + eta) - 1)
    gain = a.income / e.income / index - effort - 1
    close(table["real_income_pct"], 100 * gain)
    close(table["equivalent_variation"], e.income * gain)
    close(table["real_wage_pct"], 100 * (wage / index - 1))
    close(table["consumer_price_pct"], 100 * (index - 1))
    close(table["employment_pct"], 100 * (labour - 1))
    close(table["labour_tax"], 1 - (1 - factors.tax) * kept)
    border = a.producer_value + a.export_tax + a.exporter_rent
    for n in numbers:
        others = [i for i in numbers if i != n]
        assert table["imports"].iloc[n] == pytest.approx(border[:, n, others].sum())
        assert table["exports"].iloc[n] == pytest.approx(border[:, others, n].sum())
        duty = (a.user_value - border - a.importer_rent)[:, n].sum()
        assert table["tariff_revenue"].iloc[n] == pytest.approx(duty)
        held = a.importer_rent[:, n].sum() + a.exporter_rent[:, :, n].sum()
        assert table["quota_rent"].iloc[n] == pytest.approx(held)
    assert list(table.columns) == [q.key for q in quantities.COUNTRY]
    assert table.index.name == "country"


def test_first_order_parts_of_the_terms_and_the_volume_of_trade(e: ep.Economy, outcome: ep.Outcome) -> None:
    """Caliendo and Parro (2015), eq. 16, by loops, in units of world value added."""
    a = outcome.accounts
    unit = a.cleared.value_added.sum() / e.value_added.sum()
    dearer = np.exp(a.cleared.ln_producer_price) / unit - 1
    for n in range(4):
        terms = volume = 0.0
        for j in range(3):
            for i in range(4):
                if i == n:
                    continue
                terms += e.value[j, i, n] * dearer[j, n] - e.value[j, n, i] * dearer[j, i]
                more = a.producer_value[j, n, i] / unit - e.value[j, n, i] - e.value[j, n, i] * dearer[j, i]
                volume += e.tariff[j, n, i] * more
        row = outcome.countries.iloc[n]
        assert row["terms_of_trade_pct"] == pytest.approx(100 * terms / e.income[n], rel=1e-9, abs=1e-12)
        assert row["volume_of_trade_pct"] == pytest.approx(100 * volume / e.income[n], rel=1e-9, abs=1e-12)


def test_table_of_sectors_by_hand(e: ep.Economy, outcome: ep.Outcome) -> None:
    a, state, table = outcome.accounts, outcome.state, outcome.sectors
    factors = outcome.problem.factors
    sales = a.producer_value.sum(axis=1)
    cost = sales * np.exp(outcome.problem.ln_subsidy)
    for n, country in enumerate(e.countries):
        index = np.exp(e.final_share[n] @ state.ln_price[:, n])
        for j, sector in enumerate(e.sectors):
            row = table.loc[(country, sector)]
            price = np.exp(a.cleared.ln_producer_price[j, n])
            expected = {
                "output_volume_pct": 100 * (sales[j, n] / price / e.output[j, n] - 1),
                "output_value": sales[j, n],
                "value_added": e.value_added_share[n, j] * cost[j, n],
                "operating_surplus": factors.surplus[n, j] * cost[j, n],
                "sector_employment_pct": 100 * (cost[j, n] / e.output[j, n] / np.exp(a.cleared.ln_wage[n]) - 1),
                "producer_price_pct": 100 * (price - 1),
                "input_cost_pct": 100 * (np.prod(np.exp(state.ln_price[:, n]) ** e.inputs[n, :, j]) - 1),
                "price_pct": 100 * (np.exp(state.ln_price[j, n]) - 1),
                "real_price_pct": 100 * (np.exp(state.ln_price[j, n]) / index - 1),
                "import_share": 1 - a.user_value[j, n, n] / a.user_value[j, n].sum(),
            }
            for name, number in expected.items():
                np.testing.assert_allclose(row[name], number, rtol=1e-9, atol=1e-9, err_msg=name)
            capital = factors.capital[n, j]
            earned = 100 * (cost[j, n] / e.output[j, n] / index - 1) if capital > 0 else np.nan
            np.testing.assert_allclose(row["capital_return_pct"], earned, rtol=1e-9, atol=1e-9)
    assert list(table.columns) == [q.key for q in quantities.SECTOR]
    assert table.index.names == ["country", "sector"]


def test_table_of_trade_by_hand(e: ep.Economy, outcome: ep.Outcome) -> None:
    a, data = outcome.accounts, outcome.trade
    border = a.producer_value + a.export_tax + a.exporter_rent
    volume = a.producer_value / np.exp(a.cleared.ln_producer_price)[:, None, :]
    table = {name: data[name].transpose("sector", "importer", "exporter").to_numpy() for name in data}
    for at, base in np.ndenumerate(e.value):
        assert table["value"][at] == pytest.approx(border[at])
        assert table["value_base"][at] == base
        change = 100 * (volume[at] / base - 1) if base else np.nan
        assert table["volume_pct"][at] == pytest.approx(change, rel=1e-9, abs=1e-9, nan_ok=True)
        duty = a.user_value[at] - border[at] - a.importer_rent[at]
        assert table["duty"][at] == pytest.approx(duty, abs=1e-8)
    assert float(data["value"].sel(sector="s01", importer="C00", exporter="C02")) == pytest.approx(
        border[place(e, "s01", "C00", "C02")]
    )
    assert tuple(data["value"].coords["sector"].to_numpy()) == e.sectors
    assert tuple(data["value"].coords["importer"].to_numpy()) == e.countries
    assert tuple(data["value"].coords["exporter"].to_numpy()) == e.countries
    assert set(data) == {q.key for q in quantities.TRADE}
    for q in quantities.TRADE:
        attributes = data[q.key].attrs
        assert attributes == {"long_name": q.label, "units": q.measured_in, "formula": q.formula}
    assert data["value"].attrs["units"] == "US$ million (numeraire)"
    assert data["volume_pct"].attrs["units"] == "%"


def test_table_of_measures_by_hand(e: ep.Economy, outcome: ep.Outcome) -> None:
    """Each row, from the flows of the measure alone."""
    a, table = outcome.accounts, outcome.measures
    price = np.exp(a.cleared.ln_producer_price)
    border = a.producer_value + a.export_tax + a.exporter_rent
    duty = a.user_value - border - a.importer_rent
    for k, measure in enumerate(MEASURES):
        row, flows = table.iloc[k], [np.unravel_index(f, e.value.shape) for f in measure.flows(e)]
        assert row["kind"] == measure.kind
        assert row["volume_base"] == pytest.approx(sum(e.value[f] for f in flows))
        assert row["volume"] == pytest.approx(sum(a.producer_value[f] / price[f[0], f[2]] for f in flows), abs=1e-9)
        assert row["volume"] == outcome.volume(measure)
        if not isinstance(measure, ep.ExportTax | ep.ProductionSubsidy):
            assert row["revenue"] == pytest.approx(sum(duty[f] for f in flows), abs=1e-8)
    rows = dict(zip([m.kind for m in MEASURES], range(len(MEASURES)), strict=True))
    tax, subsidy = table.iloc[rows["export_tax"]], table.iloc[rows["production_subsidy"]]
    assert tax["revenue"] == pytest.approx(0.1 * a.producer_value[place(e, "s00", "C02", "C01")])
    j, i = place(e, "s01", "C02")
    assert subsidy["revenue"] == pytest.approx(-0.05 * a.producer_value[j, :, i].sum())
    restraint, slack, exceeded, floor, levied, embargo = (table.iloc[k] for k in (4, 5, 6, 8, 9, 10))
    assert restraint["cap"] == pytest.approx(0.6 * restraint["volume_base"])
    assert restraint["volume"] == pytest.approx(restraint["cap"])
    assert bool(restraint["binding"])
    value = sum(a.producer_value[place(e, "s00", "C00", i)] for i in ("C01", "C02"))
    assert restraint["rent"] == pytest.approx(restraint["wedge"] * value)
    assert restraint["rent_holder"] == "exporter 75%, importer 25%"
    assert not bool(slack["binding"])
    assert (slack["wedge"], slack["rent"]) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert slack["rent_holder"] == "importer"
    assert exceeded["wedge"] == pytest.approx(0.08 / 1.02)
    inside = exceeded["cap"] / exceeded["volume"]
    assert exceeded["rent"] == pytest.approx(0.08 * inside * a.producer_value[place(e, "s02", "C02", "C00")])
    assert bool(floor["binding"])
    assert floor["rent_holder"] == "exporter"
    assert floor["rent"] == pytest.approx(floor["wedge"] * a.producer_value[place(e, "s00", "C03", "C02")])
    assert bool(levied["binding"])
    assert (levied["rent"], levied["rent_holder"]) == (0.0, "")
    assert bool(embargo["binding"])
    assert np.isnan(embargo["wedge"])
    assert (embargo["volume"], embargo["cap"]) == (0.0, 0.0)
    assert list(table.index) == [measure.title for measure in MEASURES]
    assert table.index.name == "measure"
    assert list(table.columns) == [q.key for q in quantities.MEASURE]


def test_without_measures_the_table_has_its_columns_and_no_rows(e: ep.Economy) -> None:
    table = ep.solve(e).measures
    assert list(table.columns) == [q.key for q in quantities.MEASURE]
    assert len(table) == 0


def test_pass_through_of_measures(e: ep.Economy, outcome: ep.Outcome) -> None:
    a = outcome.accounts
    unit = np.log(a.cleared.value_added.sum() / e.value_added.sum())
    for k, measure in enumerate(MEASURES):
        moved = paid = 0.0
        for f in measure.flows(e):
            j, n, i = np.unravel_index(f, e.value.shape)
            if (j, n, i) == place(e, "s01", "C03", "C02"):
                moved = np.nan  # the price of what is under an embargo is infinite
                continue
            wedge = np.log(a.user_value[j, n, i] / a.producer_value[j, n, i] / (1 + e.tariff[j, n, i]))
            wedge += outcome.problem.spread(outcome.problem.flow, outcome.problem.ln_iceberg)[j, n, i]
            moved += e.value[j, n, i] * wedge
            paid += e.value[j, n, i] * (wedge + a.cleared.ln_producer_price[j, i] - unit)
        expected = paid / moved if not abs(moved) < 1e-6 else np.nan
        np.testing.assert_allclose(outcome.measures["pass_through"].iloc[k], expected, rtol=1e-6)
    known = outcome.measures["pass_through"].notna()
    assert list(known) == [k not in (2, 5, 10) for k in range(len(MEASURES))], "nothing moved, or to infinity"


# ---- cells without trade, and limits ----


@pytest.fixture(scope="module")
def sparse() -> ep.Economy:
    """C01 makes nothing of s02, and C03 buys none of it."""
    e = random_world(4, 3, seed=9)
    j, maker, buyer = place(e, "s02", "C01", "C03")
    value, inputs = e.value.copy(), e.inputs.copy()
    value[j, :, maker] = value[j, buyer, :] = 0.0
    inputs[buyer, j, :] = 0.0
    inputs[maker, j, :] *= 0.05
    return replace(e, value=value, inputs=inputs)


def test_empty_sectors_have_nan_changes_and_zero_shares(sparse: ep.Economy) -> None:
    closure = ep.Closure(horizon="short", labour_share=0.6)
    outcome = ep.solve(sparse, [ep.Tariff(importer="C00", sector="ALL", rate=0.2)], closure=closure)
    with np.errstate(divide="raise", invalid="raise"):
        table, trade = outcome.sectors, outcome.trade
    made, bought = table.loc[("C01", "s02")], table.loc[("C03", "s02")]
    unknown = ["output_volume_pct", "capital_return_pct", "sector_employment_pct"]
    assert made[unknown].isna().all()
    assert (made[["output_value", "value_added", "operating_surplus"]] == 0).all()
    assert made["import_share"] == 1.0
    assert bought["import_share"] == 0.0
    assert table.drop(("C01", "s02")).notna().all().all()
    assert np.isnan(float(trade["volume_pct"].sel(importer="C00", exporter="C01", sector="s02")))
    assert not np.isnan(trade["volume_pct"].sel(sector="s00")).any()
    rows = [(c, s) for c in sparse.countries for s in sparse.sectors]
    assert list(table.index) == rows
    assert list(outcome.countries.index) == list(sparse.countries)


def test_measure_on_zero_trade(sparse: ep.Economy) -> None:
    """Nothing goes, nothing binds and nothing is passed on, whatever the measure."""
    where = {"importer": "C03", "exporter": "C00", "sector": "s02"}
    measures = [
        ep.Tariff(**where, rate=0.2),
        ep.ImportQuota(**where, cap=0),
        ep.SpecificTariff(**where, amount=0.1),
    ]
    for measure in measures:
        row = ep.solve(sparse, measure).measures.iloc[0]
        assert (row["volume"], row["volume_base"], row["revenue"], row["rent"]) == (0, 0, 0, 0)
        assert not row["binding"]
        assert np.isnan(row["pass_through"])
    assert ep.solve(sparse, measures[1]).measures["wedge"].iloc[0] == 0.0


def test_money_is_counted_in_any_unit(e: ep.Economy, sparse: ep.Economy) -> None:
    """A world a millionth of the size has the same changes and shares, and a millionth of the money."""
    for world, measures in ((e, MEASURES), (sparse, MEASURES[:2])):
        large, small = (ep.solve(w, measures, tol=1e-12) for w in (world, replace(world, value=1e-6 * world.value)))
        for name in ("countries", "sectors", "measures", "trade"):
            one, other = getattr(large, name), getattr(small, name)
            for column in one:
                money = quantities.ALL[column].unit == "US$ million"
                if quantities.ALL[column].unit == "text":
                    assert list(one[column]) == list(other[column])
                    continue
                expected = np.asarray(one[column], dtype=float) * (1e-6 if money else 1.0)
                np.testing.assert_allclose(
                    np.asarray(other[column], dtype=float),
                    expected,
                    rtol=1e-6,
                    atol=1e-12 if money else 1e-6,
                    err_msg=column,
                )


PAIR = {"importer": "C00", "exporter": "C01", "sector": "s00"}


def test_measure_beside_an_embargo(e: ep.Economy) -> None:
    """A floor of which all trade is forbidden has no wedge; one of which a part is left has that of the rest."""
    embargo = ep.ImportQuota(**PAIR, cap=0)
    gone = ep.solve(e, [embargo, ep.MinimumPrice(**PAIR, price=1.2)]).measures.iloc[1]
    assert np.isnan(gone["wedge"])
    assert (gone["binding"], gone["rent"], gone["rent_holder"], gone["volume"]) == (False, 0.0, "", 0.0)
    both = PAIR | {"exporter": ["C01", "C02"]}
    outcome = ep.solve(e, [embargo, ep.MinimumPrice(**both, price=1.2)], tol=1e-12)
    part = outcome.measures.iloc[1]
    j, n, i = place(e, "s00", "C00", "C02")
    price = np.exp(outcome.accounts.cleared.ln_producer_price[j, i])
    assert part["wedge"] == pytest.approx(1.2 / price - 1)
    assert part["rent"] == pytest.approx((1.2 / price - 1) * outcome.accounts.producer_value[j, n, i])
    assert np.isnan(part["pass_through"]), "infinite on what is forbidden"


def test_a_floor_holds_where_one_of_its_prices_is_below_it(e: ep.Economy) -> None:
    """Of two sources, one is dearer than the floor: the other makes it bind, and the mean wedge is by value."""
    tax = ep.Tariff(importer="C00", sector="ALL", rate=0.5, change="add")
    prices = np.exp(ep.solve(e, tax, tol=1e-12).accounts.cleared.ln_producer_price)
    j, n, one, two = place(e, "s00", "C03", "C01", "C02")
    low, high = sorted((one, two), key=lambda i: prices[j, i])
    assert prices[j, low] < prices[j, high]
    floor = ep.MinimumPrice(
        importer="C03", exporter=["C01", "C02"], sector="s00", price=float(prices[j, [low, high]].mean())
    )
    outcome = ep.solve(e, [tax, floor], tol=1e-12)
    row, a = outcome.measures.iloc[1], outcome.accounts
    wedges = {i: float(floor.price) / np.exp(a.cleared.ln_producer_price[j, i]) - 1 for i in (low, high)}
    assert wedges[low] > 1e-4 > 0 > wedges[high]
    values = {i: a.producer_value[j, n, i] for i in (low, high)}
    assert bool(row["binding"])
    assert row["wedge"] == pytest.approx(wedges[low] * values[low] / (values[low] + values[high]))
    assert row["rent"] == pytest.approx(wedges[low] * values[low])


@pytest.mark.parametrize(("ln_mu", "binding"), [(0.0, False), (1e-9, False), (2e-9, True)])
def test_a_wedge_of_rounding_does_not_bind(e: ep.Economy, ln_mu: float, binding: bool) -> None:
    outcome = ep.solve(e, ep.ImportQuota(**PAIR, cap=1.5))
    moved = replace(outcome, state=replace(outcome.state, ln_mu=np.array([ln_mu])))
    assert bool(moved.measures["binding"].iloc[0]) is binding
    floor = ep.solve(e, ep.MinimumPrice(**PAIR, price=0.5))
    cleared = replace(floor.accounts.cleared, ln_rule_wedge=np.array([ln_mu]))
    moved = replace(floor, accounts=replace(floor.accounts, cleared=cleared))
    assert bool(moved.measures["binding"].iloc[0]) is binding


# ---- itself ----


def test_outcome_has_problem_residuals_and_notes(e: ep.Economy) -> None:
    scenario = ep.Scenario((ep.Tariff(**PAIR, rate=-0.7), ep.ImportQuota(**PAIR, cap=0.5)), name="both")
    outcome = ep.solve(e, scenario)
    assert outcome.scenario == scenario
    assert outcome.economy is outcome.problem.economy
    assert outcome.status == "converged"
    assert set(outcome.residuals) == set(outcome.residual_by_cell)
    for block, gaps in outcome.residual_by_cell.items():
        assert outcome.residuals[block] == np.abs(gaps).max()
    assert outcome.worst == worst_cells(outcome.problem, outcome.residual_by_cell)
    assert ep.solve(e, ep.Tariff(**PAIR, rate=0.1)).residuals["complementarity"] == 0.0, "no caps, no gap"
    (warning,) = outcome.warnings
    assert "a duty of -70%" in warning
    noted = replace(outcome, problem=replace(outcome.problem, notes=("a note", "another")))
    assert noted.notes == (warning, "a note", "another")
    text = repr(noted).splitlines()
    assert text[1:] == [
        f"{warning}.",
        "Next: .countries, .sectors, .trade, .measures, .decomposition, .residuals",
    ]
    assert isinstance(ep.solve(e, ep.Tariff(**PAIR, rate=0.1)).sensitivity, Sensitivity)


def test_outcome_repr_names_largest_gain_and_loss(e: ep.Economy) -> None:
    measure = ep.Tariff(importer="C00", sector="ALL", rate=0.1, change="add")
    outcome = ep.solve(e, ep.Scenario((measure,), name="tariff"))
    money, real = (outcome.countries[c] for c in ("equivalent_variation", "real_income_pct"))
    best, worst = money.idxmax(), money.idxmin()
    assert best != worst
    text = repr(outcome)
    assert text.startswith(f"Outcome of 'tariff' on {e.name}: ")
    assert f"most gained {best} {real[best]:+.4f}% (+US${money[best]:.1f} million)" in text
    assert f"most lost {worst} {real[worst]:+.4f}% (-US${-money[worst]:.1f} million)" in text
    assert f"world -US${-money.sum():.1f} million" in text
    assert f"Largest gap {max(outcome.residuals.values()):.1g}, {outcome.iterations} iterations" in text
    taken = re.search(r"(\d+) ms", text)
    assert taken is not None
    assert int(taken[1]) == round(1e3 * outcome.seconds)
    assert 0 < outcome.seconds < 60


def test_an_outcome_is_a_base(e: ep.Economy) -> None:
    tariff = ep.Tariff(importer="C00", sector="s01", rate=0.2)
    solved = ep.solve(e, [tariff, ep.NonTariffBarrier(importer="C01", sector="s00", rate=0.1)])
    base = solved.as_economy()
    assert base.name == f"{e.name} under {solved.scenario.name}"
    assert solved.as_economy("mine").name == "mine"
    np.testing.assert_allclose(base.value, solved.accounts.producer_value)
    expected = e.tariff.copy()
    j, n = place(e, "s01", "C00")
    expected[j, n] = np.where(np.arange(4) == n, expected[j, n], 0.2)
    np.testing.assert_allclose(base.tariff, expected, atol=1e-15)
    np.testing.assert_allclose(ep.solve(base).countries["real_income_pct"], 0.0, atol=1e-7)
    assert not base.in_force
    assert ep.solve(e, [MEASURES[1], tariff]).as_economy().in_force


def test_every_reported_number_is_registered_once() -> None:
    keys = [q.key for group in quantities.GROUPS for q in group]
    assert len(keys) == len(set(keys)) == len(quantities.ALL)
    assert all(quantities.ALL[key].label for key in keys)


def test_notes_are_not_repeated(e: ep.Economy) -> None:
    value = e.value.copy()
    for n in ("C00", "C02"):
        value[place(e, "s01", n, "C01")] = 0.0
    world = replace(e, value=value)
    caps = [ep.ImportQuota(importer=n, exporter="C01", sector="s01", cap=0.5) for n in ("C00", "C02")]
    assert ep.solve(world, caps).notes == tuple(f"{m.title}: covers no trade in the base and cannot bind" for m in caps)
    assert ep.solve(world).notes == ()


def test_quota_larger_than_the_one_in_force_in_the_base_is_noted() -> None:
    world = random_world(3, 2, 5)
    flow: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
    base = ep.solve(world, ep.ImportQuota(cap=0.5, **flow)).as_economy("limited")
    held = base.in_force.quotas.title[0]
    larger = ep.ImportQuota(cap=1.3, **flow)
    note = f"{larger.title}: {held} is in force in the base, is smaller and stays; to replace it, lift it first"
    assert note in ep.solve(base, larger).notes
    assert not any("stays" in n for n in ep.solve(base, ep.ImportQuota(cap=0.9, **flow)).notes)
    assert not any("stays" in n for n in ep.solve(base, ep.ImportQuota(cap=1.0, **flow)).notes)
    lift = ep.measures.Lift(**flow, what="quota")
    assert not any("stays" in n for n in ep.solve(base, [lift, larger]).notes)
    elsewhere = ep.ImportQuota(importer="C00", exporter=("C01", "C02"), sector="s00", cap=1.3)
    assert not any("stays" in n for n in ep.solve(base, elsewhere).notes)


def test_tariff_rate_quota_on_one_in_force_in_the_base_is_refused() -> None:
    world = random_world(3, 2, 5)
    flow: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
    base = ep.solve(world, ep.TariffRateQuota(cap=0.5, **flow, in_rate=0.0, out_rate=0.6)).as_economy("limited")
    larger = ep.TariffRateQuota(cap=1.3, **flow, in_rate=0.0, out_rate=0.6)
    with pytest.raises(ep.errors.MeasureError, match="has a tariff-rate quota in force in the base; lift it"):
        ep.solve(base, larger)
    lift = ep.measures.Lift(**flow, what="quota")
    assert not any("stays" in n for n in ep.solve(base, [lift, larger]).notes)


def test_tariff_rate_quota_with_one_duty_inside_and_beyond_is_none() -> None:
    world = random_world(3, 2, 5)
    flow: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
    alike = ep.TariffRateQuota(cap=0.5, **flow, in_rate=0.2, out_rate=0.2)
    second = ep.TariffRateQuota(cap=0.5, **flow, in_rate=0.1, out_rate=0.6)
    bases = [ep.solve(world, measure, tol=1e-12).as_economy() for measure in (alike, ep.Tariff(**flow, rate=0.2))]
    gains = [ep.solve(base, second, tol=1e-12).countries["real_income_pct"] for base in bases]
    np.testing.assert_allclose(*gains, atol=1e-8)
