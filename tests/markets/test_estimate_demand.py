"""Demand estimated with pyblp: published estimates, data made from known coefficients, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.markets import estimate_demand

pytest.importorskip("pyblp", reason="demand is estimated with pyblp: pip install '.[firms]'")

CHARACTERISTICS = "1 + hpwt + air + mpd + space"
PUBLISHED = {"1": 3.612, "hpwt": 4.628, "air": 1.818, "mpd": 1.050, "space": 2.056}


@pytest.fixture(scope="module")
def products() -> pd.DataFrame:
    return ep.markets.us_cars_data()[0]


def made_up(seed: int = 3, markets: int = 40, nesting: float = 0.0) -> pd.DataFrame:
    """Shares of logit demand with price coefficient -0.8 and a quality that raises prices; firms of two products."""
    rng = np.random.default_rng(seed)
    tables = []
    for market in range(markets):
        size = 8
        hpwt, shifter, quality = rng.normal(size=size), rng.normal(size=size), 0.3 * rng.normal(size=size)
        price = 5 + 0.5 * hpwt + shifter + quality
        value = 1 + 0.6 * hpwt - 0.8 * price + quality
        side = np.arange(size) % 2
        if nesting:
            inclusive = np.array([np.exp(value[side == g] / (1 - nesting)).sum() for g in (0, 1)])
            nest = inclusive ** (1 - nesting)
            shares = np.exp(value / (1 - nesting)) / inclusive[side] * nest[side] / (1 + nest.sum())
        else:
            shares = np.exp(value) / (1 + np.exp(value).sum())
        tables.append(
            pd.DataFrame(
                {
                    "year": market,
                    "maker": np.arange(size) // 2,
                    "side": side,
                    "product": [f"P{k}" for k in range(size)],
                    "plant": ["USA", "JPN"] * 4,
                    "cost_of_money": price,
                    "share": shares,
                    "hpwt": hpwt,
                    "shifter": shifter,
                    "shifted": shifter**2,
                    "rivals": hpwt.sum() - hpwt + rng.normal(size=size),
                    "side_value": np.array([hpwt[side == g].sum() for g in (0, 1)])[side] - hpwt,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


OWN = {
    "linear": "1 + hpwt",
    "price": "cost_of_money",
    "share": "share",
    "market": "year",
    "firm": "maker",
    "instruments": ["shifter", "side_value"],
}


# ---- estimates ----


def test_logit_by_least_squares_is_as_published(products: pd.DataFrame) -> None:
    """Berry, Levinsohn and Pakes (1995), Table III, logit by OLS: the price is its own instrument.

    The data that pyblp carries differ a little from those of the article: coefficients agree to 0.004.
    """
    found = estimate_demand(products, linear=CHARACTERISTICS, instruments=["prices"])
    published = {"1": -10.068, "hpwt": -0.121, "air": -0.035, "mpd": 0.263, "space": 2.341, "prices": -0.089}
    for name, value in published.items():
        assert found.coefficients[name] == pytest.approx(value, abs=0.004), name
    y = np.log(products["shares"] / (1 - products.groupby("market_ids")["shares"].transform("sum")))
    x = np.column_stack([np.ones(len(products)), products[["hpwt", "air", "mpd", "space", "prices"]]])
    np.testing.assert_allclose(found.coefficients, np.linalg.lstsq(x, y, rcond=None)[0], rtol=1e-8)
    assert int((found.own_elasticities > -1).sum()) == 1502  # 1,494 in the article
    assert "inelastic for 67.7% of 2,217 products" in found.sentence()


def test_sums_of_characteristics_are_the_instruments_when_none_are_given(products: pd.DataFrame) -> None:
    built = estimate_demand(products, linear=CHARACTERISTICS)
    least_squares = estimate_demand(products, linear=CHARACTERISTICS, instruments=["prices"])
    assert built.coefficients["prices"] < 1.5 * least_squares.coefficients["prices"] < 0
    table = built.table()
    assert table.loc["prices", "low"] < built.coefficients["prices"] < table.loc["prices", "high"]


def test_coefficients_that_made_the_data_are_found() -> None:
    found = estimate_demand(made_up(), **OWN)
    table = found.table()
    truth = {"1": 1.0, "hpwt": 0.6, "cost_of_money": -0.8}
    for name, value in truth.items():
        assert abs(table.loc[name, "coefficient"] - value) < 3 * table.loc[name, "std_error"], name
    assert table.loc["cost_of_money", "std_error"] < 0.05


@pytest.mark.parametrize("units", [{"hpwt": 3e7}, {"cost_of_money": 1e-9}, {"shifter": 1e11, "hpwt": 1e-8}])
@pytest.mark.parametrize("absorb", [None, "C(product)", "C(product) + C(month)"])
@pytest.mark.parametrize("nests", [None, "side"])
def test_units_of_a_column_change_its_coefficient_alone(
    units: dict[str, float], absorb: str | None, nests: str | None
) -> None:
    data = made_up(markets=30)
    data["month"] = np.random.default_rng(1).integers(0, 7, len(data))
    options = {**OWN, "absorb": absorb, "nests": nests, "instruments": ["shifter", "side_value", "rivals"]}
    wanted = estimate_demand(data, **options).table()
    found = estimate_demand(data.assign(**{name: data[name] * size for name, size in units.items()}), **options).table()
    size = np.array([units.get(name, 1.0) for name in found.index])
    np.testing.assert_allclose(found["coefficient"] * size, wanted["coefficient"], rtol=1e-4)
    np.testing.assert_allclose(found["std_error"] * size, wanted["std_error"], rtol=1e-4)


def test_a_category_is_named_by_its_value() -> None:
    data = made_up().assign(group=lambda t: t.index % 3)
    found = estimate_demand(data, **{**OWN, "linear": "1 + hpwt + C(group) + C(plant)"})
    labels = ["1", "hpwt", "group[1]", "group[2]", "plant['USA']", "cost_of_money"]
    assert found.coefficients.index.tolist() == labels


def test_powers_of_a_year_are_estimated_as_those_of_its_distance_from_another() -> None:
    data = made_up(markets=30)
    data["since"], data["date"] = data["year"] - 15.0, data["year"] + 1990.0
    since, date = (
        estimate_demand(data, **{**OWN, "linear": f"1 + hpwt + {t} + I({t}**2) + I({t}**3)"}).table()
        for t in ("since", "date")
    )
    for name in ("hpwt", "cost_of_money"):
        np.testing.assert_allclose(date.loc[name], since.loc[name], rtol=1e-5)
    assert date["coefficient"].iloc[4] == pytest.approx(since["coefficient"].iloc[4], rel=1e-4)


def test_nesting_that_made_the_data_is_found() -> None:
    found = estimate_demand(made_up(nesting=0.5), nests="side", nesting=0.3, **OWN)
    table = found.table()
    for name, value in {"nesting": 0.5, "cost_of_money": -0.8, "hpwt": 0.6}.items():
        assert abs(table.loc[name, "coefficient"] - value) < 3 * table.loc[name, "std_error"] + 1e-9, name
    assert table.loc["nesting", "std_error"] < 0.2
    market = found.market(0, importer="USA", market_size=1e6)
    assert market.demand.name == "nested_logit"
    np.testing.assert_allclose(market.solve(start=market.table.price * 1.05).prices, market.table.price, rtol=1e-10)


@pytest.mark.slow
def test_random_coefficients_held_at_published_ones_give_the_market_of_those() -> None:
    products, agents = ep.markets.us_cars_data()
    recent = products["market_ids"] >= 1986
    table = products[recent].assign(plant=products["region"].map({"US": "USA", "EU": "DEU", "JP": "JPN"}))
    found = estimate_demand(
        table,
        agents[agents["market_ids"] >= 1986],
        linear=CHARACTERISTICS,
        random=PUBLISHED,
        demographics={("prices", "1/income"): -43.501},
        cluster="clustering_ids",
        hold=True,
    )
    assert found.coefficients["prices x 1/income"] == -43.501
    market = found.market(1990, importer="USA", market_size=93_347_000, unit=1000)
    published = ep.markets.us_cars(1990)
    np.testing.assert_allclose(market.cost, published.cost, rtol=1e-10)
    np.testing.assert_allclose(
        found.own_elasticities[(table["market_ids"] == 1990).to_numpy()],
        published.products["own_elasticity"],
        rtol=1e-10,
    )
    assert "held at their starts" in repr(found)


@pytest.mark.slow
def test_random_coefficients_that_made_the_data_are_found() -> None:
    """Tastes for hpwt with standard deviation 1.5, on Halton draws of another seed than those of the estimate."""
    data = made_up(seed=5, markets=60)
    rng = np.random.default_rng(2)
    quality = 0.1 * rng.normal(size=len(data))
    shares = []
    for _, rows in data.groupby("year"):
        value = 1 + 0.6 * rows["hpwt"] - 0.8 * rows["cost_of_money"] + quality[rows.index]
        each = value.to_numpy()[:, None] + 1.5 * rows["hpwt"].to_numpy()[:, None] * rng.normal(size=4000)
        odds = np.exp(each)
        shares.append((odds / (1 + odds.sum(axis=0))).mean(axis=1))
    data = data.assign(share=np.concatenate(shares))
    options = {**OWN, "instruments": ["shifter", "side_value", "rivals", "shifted"]}
    found = estimate_demand(data, random="hpwt", draws=300, **options)
    table = found.table()
    for name, value in {"sd(hpwt)": 1.5, "cost_of_money": -0.8, "hpwt": 0.6}.items():
        assert abs(table.loc[name, "coefficient"] - value) < 3.5 * table.loc[name, "std_error"], name


# ---- what follows ----


def test_market_of_a_year_has_the_demand_of_the_estimate() -> None:
    data = made_up()
    found = estimate_demand(data, **OWN)
    market = found.market(7, importer="USA", market_size=1e6, unit=1000.0)
    rows = data[data["year"] == 7]
    np.testing.assert_allclose(market.table.price, 1000 * rows["cost_of_money"])
    alpha = -found.coefficients["cost_of_money"]
    own = -alpha * rows["cost_of_money"] * (1 - rows["share"])
    np.testing.assert_allclose(market.products["own_elasticity"], own, rtol=1e-10)
    np.testing.assert_allclose(found.own_elasticities[data["year"] == 7], own, rtol=1e-10)
    outcome = market.solve(ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.1))
    assert outcome.by_plant.set_index("plant").loc["JPN", "units_pct"] < 0
    assert (
        found.market(7, importer="USA", market_size=1e6, plant=dict.fromkeys(range(4), "MEX")).table.plant[0] == "MEX"
    )


def test_draws_have_the_distribution_of_the_estimates() -> None:
    found = estimate_demand(made_up(), **OWN)
    drawn = found.draws(2000, seed=4)
    table = pd.DataFrame([d.coefficients for d in drawn])
    error = np.sqrt(np.diagonal(found.covariance))
    np.testing.assert_allclose(table.mean(), found.coefficients, atol=4 * error.max() / np.sqrt(2000))
    np.testing.assert_allclose(np.cov(table.T.to_numpy()), found.covariance, rtol=0.1, atol=0.02 * error.max() ** 2)
    again = found.draws(2, seed=4)
    assert again[1].coefficients.equals(drawn[1].coefficients)
    changes = set()
    for each in again:
        outcome = each.market(0, importer="USA", market_size=1e6).solve(
            ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.1)
        )
        changes.add(round(float(outcome.by_plant["price_pct"].iloc[-1]), 6))
    assert len(changes) == 2


def test_draws_for_a_case_are_those_that_are_demand_per_unit_of_money() -> None:
    found = estimate_demand(made_up(), **OWN)
    alpha = np.array([d.coefficients["cost_of_money"] for d in found.draws(5, seed=4)])
    np.testing.assert_allclose(found.draws_for_case(5, 4, unit=1000.0)["price_coefficient"], alpha / 1000)
    lower = found.coefficients.where(found.coefficients.index != "cost_of_money", -1e-3)
    unsure = replace(found, coefficients=lower)
    alpha = np.array([d.coefficients["cost_of_money"] for d in unsure.draws(40, seed=4)])
    assert 0 < (alpha < 0).sum() < 40
    np.testing.assert_allclose(unsure.draws_for_case(40, 4)["price_coefficient"], alpha[alpha < 0])
    nested = estimate_demand(made_up(nesting=0.5), nests="side", nesting=0.3, **OWN)
    assert nested.draws_for_case(3, 1)["nesting"].between(0, 1).all()


def test_a_draw_whose_demand_rises_with_the_price_is_refused() -> None:
    found = estimate_demand(made_up(), **OWN)
    wrong = replace(found, coefficients=found.coefficients.mask(found.coefficients.index == "cost_of_money", 0.1))
    with pytest.raises(ep.errors.InputError, match="does not fall with the price"):
        wrong.market(0, importer="USA", market_size=1e6)


# ---- input ----


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda t: t.drop(columns="share"), {}, "unknown column 'share'"),
        (lambda t: t.assign(share=t["share"] * 30), {}, "add up to .* below one"),
        (lambda t: t.assign(share=-t["share"]), {}, "row 1: share is -.* above zero"),
        (lambda t: t.assign(share=t["share"].mask(t.index == 4)), {}, "row 5: share is missing"),
        (lambda t: t.assign(hpwt="fast"), {}, "column 'hpwt' holds"),
        (lambda t: t.iloc[:0], {}, "no rows"),
        (lambda t: t.to_dict(), {}, "a DataFrame is needed"),
        (lambda t: t, {"linear": "1 + hpwd"}, "unknown column 'hpwd'; did you mean hpwt"),
        (lambda t: t, {"instruments": "shifter"}, "a list of columns"),
        (lambda t: t, {"instruments": ["shift"]}, "unknown column 'shift'"),
        (lambda t: t, {"random": {"hpwt": 0.0}}, "starts at 0"),
        (lambda t: t, {"random": "hpwt", "nests": "side"}, "nests or random"),
        (lambda t: t, {"random": "hpwt", "demographics": {("hpwt", "income"): 1.0}, "hold": True}, "give agents"),
        (lambda t: t, {"random": {"hpwt": 1.0, "1": 1.0}, "instruments": ["shifter"]}, "1 for 3 coefficients"),
        (lambda t: t, {"linear": "1 + hpwt + I(2 * hpwt)"}, "^linear: this cannot be estimated"),
        (lambda t: t.iloc[:2], {}, "^linear: this cannot be estimated"),
        (lambda t: t.assign(of=t["side"] + 1.0), {"linear": "1 + of", "absorb": "C(side)"}, "^linear: this cannot be"),
        (
            lambda t: t.assign(at=1e3 * (t["month"] ** 2 + t["maker"])),
            {"linear": "0 + hpwt + at", "absorb": "C(month) + C(maker)"},
            "^linear: this cannot be estimated",
        ),
        (lambda t: t.assign(at=3 * t["hpwt"] + 1), {"linear": "1 + hpwt + at"}, "^linear: this cannot be estimated"),
        (
            lambda t: t.assign(at=3 * t["shifter"]),
            {"instruments": ["shifter", "at"]},
            "^instruments: this cannot be estimated",
        ),
        (lambda t: t, {"absorb": "C(product)", "instruments": None}, "name the columns of instruments"),
    ],
)
def test_input_that_is_refused(change: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        estimate_demand(change(made_up(markets=5).assign(month=lambda t: t.index % 7)), **{**OWN, **options})


def test_agents_that_are_refused() -> None:
    data = made_up(markets=3)
    draws = pd.DataFrame({"year": [0, 1, 2], "weights": 1.0, "nodes0": [0.1, 0.2, -0.3]})
    options = {**OWN, "random": "hpwt"}
    with pytest.raises(ep.errors.TableError, match="no column 'nodes0'"):
        estimate_demand(data, draws.drop(columns="nodes0"), **options)
    with pytest.raises(ep.errors.TableError, match="no rows for year 2"):
        estimate_demand(data, draws[draws["year"] < 2], **options)


def test_unknown_market_and_columns_are_refused() -> None:
    found = estimate_demand(made_up(), **OWN)
    with pytest.raises(ep.errors.UnknownNameError, match="unknown market '99'"):
        found.market(99, importer="USA", market_size=1e6)
    with pytest.raises(ep.errors.UnknownNameError, match="unknown column 'country'"):
        found.market(0, importer="USA", market_size=1e6, plant="country")
    with pytest.raises(ep.errors.InputError, match="must be above zero"):
        found.market(0, importer="USA", market_size=0.0)
    with pytest.raises(ep.errors.InputError, match="no country for the firm 1"):
        found.market(0, importer="USA", market_size=1e6, plant={0: "USA"})
    with pytest.raises(ep.errors.InputError, match="whole number"):
        found.draws(0, seed=1)


def test_without_pyblp_the_extra_is_named_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyblp", None)
    with pytest.raises(ep.errors.InputError, match=r'pip install "entrepot\[firms\]"'):
        estimate_demand(made_up(markets=2), **OWN)


@pytest.mark.slow
def test_pyblp_is_imported_when_demand_is_estimated_and_not_before() -> None:
    code = "import sys, entrepot.markets; entrepot.markets.us_cars(1990); print('pyblp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
