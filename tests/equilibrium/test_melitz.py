"""Melitz-Pareto: closed forms, a published model solved on its own, firms in levels, and laws.

The solver in levels knows nothing of hats, of nu or of phi: firms with Pareto productivities price, pay for access to a
market and stay out of it where that does not pay; scipy finds wages, incomes, price indices and the number of firms.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, root

import entrepot as ep
from entrepot.economy import storage
from entrepot.equilibrium.equilibrium_map import EquilibriumMap
from entrepot.equilibrium.preconditioner import own_country_jacobian
from entrepot.equilibrium.problem import Problem
from worlds import place, random_world

WORLD = random_world(3, 2, seed=11)  # elasticities of 4.4 and 6.6
SIGMA = {"s00": 4.0, "s01": 5.5}
FREE = ep.Closure(competition=ep.equilibrium.Melitz(SIGMA, entry="free"))
FIXED = ep.Closure(competition=ep.equilibrium.Melitz(SIGMA, entry="fixed"))
STATED = ep.Closure(
    competition=ep.equilibrium.Melitz(access={"C00": 0.2, "C01": 0.1}, exponent={"C00": 1.3, "C02": 0.9})
)
ALL = {"free": FREE, "fixed": FIXED, "stated": STATED}
TARIFF = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.3)
MEASURES: list[ep.measures.Measure] = [
    TARIFF,
    ep.ProductionSubsidy(country="C01", sector="s01", rate=0.08),
    ep.ProductionSubsidy(country="C00", sector="s00", rate=0.05),
    ep.ExportTax(exporter="C02", importer="C01", sector="s01", rate=0.1),
    ep.NonTariffBarrier(importer="C01", exporter="C00", sector="s00", rate=0.15),
]
QUOTAS: list[ep.measures.Measure] = [
    ep.ImportQuota(importer="C02", exporter="C01", sector="s01", cap=0.6, rent="exporter"),
    ep.SpecificTariff(importer="C02", exporter="C01", sector="s00", amount=0.1),
]


def real(outcome: ep.Outcome) -> np.ndarray:
    return outcome.countries["real_income_pct"].to_numpy() / 100


# ---- closed forms ----


def one_sector(theta: float = 5.0) -> ep.Economy:
    """Labour alone, no taxes: the case of Arkolakis, Costinot and Rodriguez-Clare (2012)."""
    return random_world(4, 1, seed=3, inputs=False, tariffs=False, theta=theta)


def own_share(value: np.ndarray) -> np.ndarray:
    """[n], of a country's own goods in its spending, of user values [0,n,i]."""
    return np.diagonal(value[0]) / value[0].sum(axis=1)


@pytest.mark.parametrize(
    "competition",
    [
        ep.equilibrium.Melitz(3.0, entry="free"),
        ep.equilibrium.Melitz(4.0),
        ep.equilibrium.Melitz(access={"C00": 0.25, "C02": 0.1}, exponent={"C00": 1.4, "C03": 0.8}),
    ],
    ids=str,
)
def test_gains_without_taxes_are_those_of_the_own_share_alone(competition: ep.equilibrium.Melitz) -> None:
    """One sector, labour alone, payments in balance (goods and access together), no taxes before or after: spending is
    then a constant multiple of the wage, and W^ = lambda^ to the power -1/theta, whatever nu and phi, since what
    producers keep is (1 - nu) of their country's spending (Arkolakis, Costinot and Rodriguez-Clare 2012, sec. II)."""
    closure = ep.Closure(deficit="balanced", competition=competition)
    barriers = [
        ep.NonTariffBarrier(importer="C00", sector="s00", rate=0.4),
        ep.NonTariffBarrier(importer="C02", exporter="C01", sector="s00", rate=-0.2),
    ]
    out = ep.solve(one_sector(), barriers, closure=closure, tol=1e-12)
    share = own_share(out.accounts.user_value) / own_share(out.economy.gross * out.economy.value)
    np.testing.assert_allclose(1 + real(out), share ** (-1 / 5.0), rtol=1e-10)
    assert np.abs(real(out)).max() > 0.005


@pytest.mark.parametrize("entry", ["free", "fixed"])
def test_gains_with_tariffs_are_those_of_the_own_share_and_of_what_duties_leave(entry: Any) -> None:
    """With duties r of spending, spending over the wage moves with 1/(1 - r), and a market of that size has more
    varieties: W^ = ((1 - r)/(1 - r'))^phi lambda^ to the power -1/theta. phi is one without selection."""
    sigma, theta = 3.0, 5.0
    closure = ep.Closure(deficit="balanced", competition=ep.equilibrium.Melitz(sigma, entry=entry))
    base = ep.solve(one_sector(), ep.Tariff(importer="C01", sector="s00", rate=0.1), closure=closure, tol=1e-12)
    on = replace(closure, competition=closure.competition if entry == "free" else None)
    tariffs = [
        ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.3),
        ep.Tariff(importer="C01", sector="s00", rate=0.25),
    ]
    out = ep.solve(base.as_economy(), tariffs, closure=on, tol=1e-12)
    before, after = base.accounts, out.accounts
    left = [1 - a.duty.sum(axis=(0, 2)) / a.user_value.sum(axis=(0, 2)) for a in (before, after)]
    share = own_share(after.user_value) / own_share(before.user_value)
    phi = sigma / (sigma - 1) - 1 / theta
    np.testing.assert_allclose(1 + real(out), (left[0] / left[1]) ** phi * share ** (-1 / theta), rtol=1e-9)


@pytest.mark.parametrize(
    "competition",
    [
        ep.equilibrium.Melitz(3.5, entry="free"),
        ep.equilibrium.Melitz(3.5),
        ep.equilibrium.Melitz(access={"HHH": 0.2, "FFF": 0.05}, exponent={"HHH": 1.1, "FFF": 1.3}),
    ],
    ids=str,
)
def test_the_best_tariff_is_that_of_the_formula(competition: ep.equilibrium.Melitz) -> None:
    """Two countries, one sector: t = 1/((1 + q eps) phi - 1), with q the part of the partner's spending that is not on
    the importer's goods, at the optimum (Ignatenko, Lashkaripour, Macedoni and Simonovska 2025, for one partner)."""
    value = np.array([[[100.0, 30.0], [25.0, 200.0]]])
    world = ep.Economy(("HHH", "FFF"), ("goods",), value, 0 * value, np.zeros((2, 1, 1)), np.array([4.0]))
    closure = ep.Closure(deficit="balanced", competition=competition)
    _, home, abroad = place(world, "goods", "HHH", "FFF")

    def at(rate: float) -> ep.Outcome:
        tariff = ep.Tariff(importer="HHH", exporter="FFF", sector="goods", rate=rate)
        return ep.solve(world, tariff, closure=closure, tol=1e-12)

    def formula(out: ep.Outcome) -> float:
        bought, phi = out.accounts.user_value[0, abroad], float(out.economy.exponent[0, home])
        return 1 / ((1 + 4.0 * (1 - bought[home] / bought.sum())) * phi - 1)

    best = brentq(lambda rate: formula(at(rate)) - rate, 0.05, 0.6, xtol=1e-12)
    flow = np.array([np.ravel_multi_index((0, home, abroad), value.shape)])

    def slope(rate: float) -> float:
        sensitivity = at(rate).sensitivity
        return float(sensitivity.gradient(sensitivity.real_income("HHH"), flow)[0])

    assert slope(best) == pytest.approx(0.0, abs=1e-9)
    assert slope(best - 0.01) > 1e-4 > -1e-4 > slope(best + 0.01)


# ---- a published model, solved by other code ----

#: Four countries that are made up; rows are origins. Solved by a program of the model in Ignatenko, Lashkaripour,
#: Macedoni and Simonovska (2025, "Making America great again? The economic impacts of Liberation Day tariffs") and by a
#: second one in levels, which agreed: labour fixed, deficits a fixed share of world wage income.
SPENT = [
    [182.348, 12.643, 2.157, 8.764],
    [14.505, 70.154, 7.559, 7.117],
    [11.967, 17.124, 163.762, 6.661],
    [8.191, 16.265, 6.437, 135.26],
]
DUTY = [[0.0, 0.01, 0.055, 0.116], [0.073, 0.0, 0.043, 0.063], [0.021, 0.036, 0.0, 0.064], [0.016, 0.069, 0.079, 0.0]]
RAISED = [[0.0, 0.25, 0.055, 0.116], [0.173, 0.0, 0.193, 0.113], [0.021, 0.34, 0.0, 0.064], [0.016, 0.2, 0.079, 0.0]]
PUBLISHED: dict[str, dict[str, Any]] = {
    "selection": {
        "nu": [0.1143, 0.2705, 0.18, 0.05],
        "phi": [1.1506664220390652, 1.432911240575737, 1.256280487804878, 1.0614473684210526],
        "earned": [204.42298528962073, 106.40317929991323, 194.89473531385207, 159.43228620380918],
        "owed": [11.226057830252541, 8.012754361082187, -15.875113186133342, -3.3636990052013975],
        "wage": [0.9788504975559428, 1.064080083953846, 0.9510405166103819, 0.9807539722512586],
        "spending": [0.9796170592994937, 1.09576840897861, 0.9483163918821149, 0.9812285132006334],
        "price": [0.9858692015883833, 1.1104258449485152, 0.9599601931821925, 0.9837794407963208],
        "welfare": [0.9936582436302742, 0.986800166767926, 0.9878705373589718, 0.9974070127003034],
        "revenue": [1.4328023839753121, 6.2005462500801025, 0.8972418403830651, 1.788518450310667],
        "share": [
            [0.8650393844188516, 0.055869243812642785, 0.011057403256660325, 0.056671800131836765],
            [0.03269682043789999, 0.7534050139053149, 0.014125013031404043, 0.027112888339604832],
            [0.06370735200618323, 0.06594768516065387, 0.942075096024174, 0.04833630618976614],
            [0.0385564431370652, 0.12477805712138844, 0.0327424876877616, 0.8678790053387923],
        ],
    },
    "none": {
        "nu": [0.0, 0.0, 0.0, 0.0],
        "phi": [1.0, 1.0, 1.0, 1.0],
        "earned": [204.76341814019352, 97.61473897840075, 198.27215777492012, 164.5028712136808],
        "owed": [10.885624979679745, 16.80119468259467, -19.25253564720139, -8.434284015073018],
        "wage": [0.9816446920901152, 1.051415280990105, 0.9573711494149765, 0.98539782354518],
        "spending": [0.9828293448009887, 1.0904722963383104, 0.9551322886804124, 0.9861710719098773],
        "price": [0.9881419502369869, 1.0931782127782788, 0.9647348437674617, 0.987909240635995],
        "welfare": [0.9946236414366133, 0.9975247252384483, 0.9900464307378497, 0.9982405582875218],
        "revenue": [1.5512399555218803, 7.505122943180923, 0.9974293083536012, 1.8316285572151165],
        "share": [
            [0.8627387679383713, 0.07133265035106964, 0.011184004653661086, 0.05696928463893537],
            [0.03651094165700647, 0.7056110442098131, 0.017398313426362742, 0.02924879076212492],
            [0.06258345683117765, 0.08951870152965968, 0.93854753851594, 0.047860119450773744],
            [0.03816683357344449, 0.1335376039094575, 0.03287014340403612, 0.865921805148166],
        ],
    },
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_liberation_day_model_solved_by_other_code(name: str) -> None:
    of, codes = PUBLISHED[name], ("AAA", "BBB", "CCC", "DDD")
    spent, duty, raised = (np.array(table).T[None] for table in (SPENT, DUTY, RAISED))  # [j,n,i]
    world = ep.Economy(codes, ("goods",), spent / (1 + duty), duty, np.zeros((4, 1, 1)), np.array([4.0]))
    by = {key: dict(zip(codes, of[key], strict=True)) for key in ("nu", "phi")}
    closure = ep.Closure(competition=ep.equilibrium.Melitz(access=by["nu"], exponent=by["phi"]))
    tariffs = [
        ep.Tariff(importer=codes[n], exporter=codes[i], sector="goods", rate=float(raised[0, n, i]))
        for n in range(4)
        for i in range(4)
        if n != i
    ]
    out = ep.solve(world, tariffs, closure=closure, tol=1e-12)
    np.testing.assert_allclose(out.economy.value_added, of["earned"], rtol=1e-12)
    np.testing.assert_allclose(out.economy.deficit, of["owed"], rtol=1e-11)
    unit = np.log(of["wage"][0]) - out.accounts.cleared.ln_wage[0]  # of their numeraire
    np.testing.assert_allclose(np.exp(out.accounts.cleared.ln_wage + unit), of["wage"], rtol=1e-9)
    np.testing.assert_allclose(np.exp(out.state.ln_price[0] + unit), of["price"], rtol=1e-9)
    np.testing.assert_allclose(out.accounts.income * np.exp(unit) / spent[0].sum(axis=1), of["spending"], rtol=1e-9)
    np.testing.assert_allclose(1 + real(out), of["welfare"], rtol=1e-9)
    np.testing.assert_allclose(out.countries["tariff_revenue"] * np.exp(unit), of["revenue"], rtol=1e-9)
    user = out.accounts.user_value[0]
    np.testing.assert_allclose(user / user.sum(axis=1, keepdims=True), np.array(of["share"]).T, rtol=1e-9)


# ---- firms in levels ----


class Firms:
    """Firms of a sector and country draw z from a Pareto distribution of shape theta, price sigma/(sigma - 1) over
    c d (1+t)/((1+s) z), and pay one unit of a market's labour to be in it. Base wages, costs, price indices and numbers
    of firms are one; what it costs to ship is what makes base trade."""

    def __init__(self, data: ep.Economy, sigma: dict[str, float], entry: str) -> None:
        e, self.entry = data, entry
        self.e, self.theta = e, e.theta[:, None, None]
        self.sigma = np.array([sigma[s] for s in e.sectors])[:, None, None]
        user = (1 + e.tariff) * e.value
        self.spending0, self.traded = user.sum(axis=2), user > 0
        lowest = self.sigma * (1 + e.tariff)  # sales of the firm that just pays for access
        sellers = user / (lowest * self.theta / (self.theta - self.sigma + 1))
        with np.errstate(divide="ignore"):
            cutoff = sellers ** (-1 / self.theta)
        price = (lowest / self.spending0[:, :, None]) ** (1 / (1 - self.sigma))
        finite = np.where(self.traded, cutoff, 1.0)
        self.shipping = price * finite * (self.sigma - 1) / (self.sigma * (1 + e.tariff))
        paid, received = sellers, e.value.sum(axis=1)
        used = np.einsum("nkj,jn->nkj", e.inputs, received)  # of inputs, as in the data
        cost = self._cost(received, paid.sum(axis=1)).T  # [n,j]
        self.input_share, self.cost0 = used / cost[:, None, :], cost.T
        self.labour_share = 1 - self.input_share.sum(axis=1)
        self.labour = (self.labour_share * cost).sum(axis=1) + paid.sum(axis=(0, 2))
        final = self.spending0.T - used.sum(axis=2)
        self.final, self.income0 = final / final.sum(axis=1, keepdims=True), final.sum(axis=1)
        profits = (received - paid.sum(axis=1) - cost.T).sum(axis=0)
        self.deficit = self.income0 - self.labour - profits - (e.tariff * e.value).sum(axis=(0, 2))

    def _cost(self, received: np.ndarray, paid: np.ndarray) -> np.ndarray:
        """[j,i]: of making goods; under free entry of entry too, which takes all that is left."""
        return received - paid if self.entry == "free" else received * (1 - 1 / self.sigma[:, :, 0])

    def solve(
        self, tariff: np.ndarray, export_tax: np.ndarray, subsidy: np.ndarray, barrier: np.ndarray
    ) -> dict[str, np.ndarray]:
        sectors, countries = self.cost0.shape
        cells = sectors * countries
        gross, s = (1 + tariff) * (1 + export_tax), subsidy[:, None, :]

        def at(x: np.ndarray) -> dict[str, np.ndarray]:
            wage, income = np.exp(x[:countries]), self.income0 * np.exp(x[countries : 2 * countries])
            index, spending, firms = np.exp(x[2 * countries :]).reshape(3, sectors, countries)
            spending = spending * self.spending0
            unit = np.exp(self.labour_share.T * np.log(wage) + np.einsum("nkj,kn->jn", self.input_share, np.log(index)))
            lowest = self.sigma * gross / (1 + s) * wage[:, None]
            price = self.sigma / (self.sigma - 1) * (unit / (1 + subsidy))[:, None, :] * gross
            price = price * self.shipping * (1 + barrier)
            cutoff = price / index[:, :, None] * (lowest / spending[:, :, None]) ** (1 / (self.sigma - 1))
            sellers = np.where(self.traded, firms[:, None, :] * cutoff**-self.theta, 0.0)
            bought = sellers * lowest * self.theta / (self.theta - self.sigma + 1)
            value = bought / gross
            received = (value * (1 + s)).sum(axis=1)
            paid = sellers * wage[:, None]  # by i in n
            cost = self._cost(received, paid.sum(axis=1))
            profits = received - paid.sum(axis=1) - cost
            wanted = self.final.T * income + np.einsum("nkj,jn->kn", self.input_share, cost)
            labour = (self.labour_share.T * cost).sum(axis=0) + paid.sum(axis=(0, 2))
            taxes = (tariff * (1 + export_tax) * value).sum(axis=(0, 2)) + (export_tax * value).sum(axis=(0, 1))
            owed = self.deficit * (wage @ self.labour) / self.labour.sum()
            earned = wage * self.labour + profits.sum(axis=0) + taxes - (s * value).sum(axis=(0, 1)) + owed
            grown = cost / wage / self.cost0 if self.entry == "free" else np.ones_like(firms)
            gaps = [labour / (wage * self.labour) - 1, earned / income - 1, (bought.sum(axis=2) / spending - 1).ravel()]
            gaps[0][0] = (wage @ self.labour) / self.labour.sum() - 1  # Walras' law leaves one out
            gaps += [(wanted / spending - 1).ravel(), np.log(grown / firms).ravel()]
            return {
                "gaps": np.concatenate(gaps),
                "real": income / self.income0 / np.prod(index**self.final.T, axis=0),
                "sales": value.sum(axis=1),
                "profits": profits.sum(axis=0),
                "access": paid.sum(axis=(0, 2)),
                "access_paid": paid.sum(axis=(0, 1)),
            }

        found = root(lambda x: at(x)["gaps"], np.zeros(2 * countries + 3 * cells), tol=1e-14, method="hybr")
        assert np.abs(at(found.x)["gaps"]).max() < 1e-11
        return at(found.x)


@pytest.mark.parametrize("entry", ["free", "fixed"])
def test_firms_in_levels_agree(entry: Any) -> None:
    """Inputs, deficits, tariffs in the base; a tariff, subsidies, an export tax and a barrier after."""
    out = ep.solve(
        WORLD, MEASURES, closure=ep.Closure(competition=ep.equilibrium.Melitz(SIGMA, entry=entry)), tol=1e-12
    )
    tariff, export_tax, barrier = WORLD.tariff.copy(), np.zeros_like(WORLD.tariff), np.zeros_like(WORLD.tariff)
    subsidy = np.zeros(WORLD.output.shape)
    tariff[place(WORLD, "s00", "C00", "C01")] = 0.3
    subsidy[place(WORLD, "s01", "C01")], subsidy[place(WORLD, "s00", "C00")] = 0.08, 0.05
    export_tax[place(WORLD, "s01", "C01", "C02")] = 0.1
    barrier[place(WORLD, "s00", "C01", "C00")] = 0.15
    expected = Firms(WORLD, SIGMA, entry).solve(tariff, export_tax, subsidy, barrier)
    np.testing.assert_allclose(1 + real(out), expected["real"], rtol=1e-9)
    np.testing.assert_allclose(out.sectors["output_value"], expected["sales"].T.ravel(), rtol=1e-9)
    np.testing.assert_allclose(out.accounts.access_received, expected["access"], rtol=1e-9)
    np.testing.assert_allclose(out.accounts.access_paid, expected["access_paid"], rtol=1e-9)
    size = WORLD.income.max()
    np.testing.assert_allclose(out.countries["profits"], expected["profits"], rtol=1e-9, atol=1e-10 * size)


# ---- limits and accounts ----


def test_open_markets_and_one_elasticity_are_the_model_without_selection() -> None:
    one, other = (
        ep.solve(WORLD, [*MEASURES, *QUOTAS], closure=ep.Closure(competition=c), tol=1e-12)
        for c in (None, ep.equilibrium.Melitz(access=0.0, exponent=1.0))
    )
    np.testing.assert_array_equal(real(one), real(other))
    assert not other.economy.has_selection
    assert other.accounts.cleared.access == 0


@pytest.mark.parametrize("entry", ["free", "fixed"])
def test_at_sigma_of_theta_plus_one_firms_are_those_of_markups(entry: Any) -> None:
    sigma = {s: float(t) + 1 for s, t in zip(WORLD.sectors, WORLD.theta, strict=True)}
    near = {s: number - 1e-9 for s, number in sigma.items()}
    one, other = (
        ep.solve(WORLD, MEASURES, closure=ep.Closure(competition=c), tol=1e-12)
        for c in (ep.equilibrium.Markups(sigma, entry), ep.equilibrium.Melitz(near, entry))
    )
    np.testing.assert_allclose(real(one), real(other), atol=1e-8)
    np.testing.assert_allclose(one.countries["profits"], other.countries["profits"], rtol=1e-7)


def test_nu_and_phi_are_those_of_chaney() -> None:
    world = FREE.competition.on(WORLD)  # type: ignore[union-attr]
    for name, sigma in SIGMA.items():
        j, theta = WORLD.sectors.index(name), float(WORLD.theta[WORLD.sectors.index(name)])
        np.testing.assert_allclose(world.access[j], (theta - sigma + 1) / (sigma * theta))
        np.testing.assert_allclose(world.exponent[j], sigma / (sigma - 1) - 1 / theta)
    some = ep.equilibrium.Melitz({"s01": 5.5}, entry="fixed").on(WORLD)
    j = WORLD.sectors.index("s00")
    assert not some.access[j].any()
    assert (some.exponent[j] == 1).all()
    assert (some.markup[j] == 1).all()


def test_some_sectors_may_be_named_beside_one_number() -> None:
    one, other = ep.equilibrium.Melitz(4.0, sectors="s01").on(WORLD), ep.equilibrium.Melitz({"s01": 4.0}).on(WORLD)
    some = ep.equilibrium.Melitz(access=0.3, exponent=1.2, sectors=["s01"]).on(WORLD)
    j, k = place(WORLD, "s00", "s01")
    for key in ("access", "exponent", "markup", "inputs"):
        np.testing.assert_array_equal(getattr(one, key), getattr(other, key))
    assert (some.access[k] == 0.3).all()
    assert (some.exponent[k] == 1.2).all()
    assert not some.access[j].any()
    assert (some.exponent[j] == 1.0).all()


@pytest.mark.parametrize("name", ALL)
def test_the_base_keeps_the_data_and_closes_its_accounts(name: str) -> None:
    out = ep.solve(WORLD, [], closure=ALL[name], tol=1e-12)
    e, data = out.economy, WORLD
    assert np.abs(real(out)).max() < 1e-12
    assert out.iterations <= 1
    np.testing.assert_array_equal(e.value, data.value)
    np.testing.assert_allclose(e.inputs * e.cost.T[:, None, :], data.inputs * data.cost.T[:, None, :], rtol=1e-12)
    np.testing.assert_allclose(e.income, data.income, rtol=1e-12)
    np.testing.assert_allclose(e.deficit.sum(), 0.0, atol=1e-9 * e.income.max())
    np.testing.assert_allclose(e.deficit - data.deficit, e.access_paid - e.access_income, atol=1e-10 * e.income.max())
    assert e.access_income.sum() == pytest.approx(e.access_paid.sum(), rel=1e-12)
    simple = random_world(3, 1, seed=2, inputs=False)
    base = STATED.competition.on(simple)  # type: ignore[union-attr]
    kept = np.einsum("jni,jn->i", simple.value, 1 - base.access)
    np.testing.assert_allclose(base.value_added, kept + (base.access * simple.value.sum(axis=2)).sum(axis=0))


@pytest.mark.parametrize("name", ALL)
def test_payments_balance_and_an_outcome_is_a_base(name: str) -> None:
    out = ep.solve(WORLD, [*MEASURES, *QUOTAS], closure=ALL[name], tol=1e-12)
    assert out.measures["binding"].iloc[-2]
    a, size = out.accounts, WORLD.income.max()
    services = a.access_received - a.access_paid
    assert np.abs(services).max() > 1e-4 * size
    np.testing.assert_allclose(a.imports - a.exports - services, a.cleared.deficit, atol=1e-10 * size)
    base, on = out.as_economy(), ALL[name] if name == "free" else ep.Closure()
    np.testing.assert_allclose(base.value_added, a.cleared.value_added, rtol=1e-10)
    np.testing.assert_allclose(base.deficit, a.cleared.deficit, atol=1e-10 * size)
    same = ep.solve(base, [], closure=on, tol=1e-12)
    assert np.abs(real(same)).max() < 1e-10
    onwards = ep.Tariff(importer="C01", exporter="C02", sector="s00", rate=0.2)
    after = ep.solve(base, onwards, closure=on, tol=1e-12)
    both = ep.solve(WORLD, [*MEASURES, *QUOTAS, onwards], closure=ALL[name], tol=1e-12)
    np.testing.assert_allclose((1 + real(out)) * (1 + real(after)), 1 + real(both), rtol=1e-9)


@pytest.mark.parametrize("name", ALL)
def test_the_parts_of_a_gain_add_up_with_selection(name: str) -> None:
    closure = replace(ALL[name], labour_supply=0.3, labour_tax=0.2)
    out = ep.solve(WORLD, [*MEASURES, *QUOTAS], closure=closure, tol=1e-12)
    assert out.decomposition.attrs["quadrature_error"] < 1e-5


@pytest.mark.parametrize("name", ALL)
def test_gradients_are_those_of_differences(name: str) -> None:
    def moved(rate: float) -> ep.Outcome:
        measures = [replace(TARIFF, rate=rate), *MEASURES[1:], *QUOTAS]
        return ep.solve(WORLD, measures, closure=ALL[name], tol=1e-13)

    at = moved(0.3).sensitivity
    ahead, back = moved(0.3001), moved(0.2999)
    for code in WORLD.countries:
        n = WORLD.countries.index(code)
        slope = at.gradient(at.real_income(code), TARIFF.flows(WORLD)).sum()
        assert slope == pytest.approx((real(ahead) - real(back))[n] / 2e-4, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("entry", ["free", "fixed"])
def test_the_own_country_step_knows_of_access_and_varieties(entry: Any) -> None:
    """The price and spending rows of one country alone, against differences of the map in a world of one."""
    one = WORLD.aggregate(countries={"ALL1": list(WORLD.countries)})
    sigma = {s: float(t) - 0.5 for s, t in zip(one.sectors, one.theta, strict=True)}
    market = EquilibriumMap(Problem.of(one, ep.Scenario(), ep.Closure(competition=ep.equilibrium.Melitz(sigma, entry))))
    jacobian = own_country_jacobian(market.problem.economy, market.factors)[0]
    x, step = market.start(), 1e-6
    found = np.array([(market.step(x + step * d) - market.step(x - step * d)) / (2 * step) for d in np.eye(x.size)]).T
    np.testing.assert_allclose(jacobian[1:5], found[1:5], atol=1e-7)


# ---- many ----


def test_a_batch_has_the_numbers_of_its_members() -> None:
    scenarios = [MEASURES, [TARIFF], QUOTAS]
    for closure in ALL.values():
        batch = ep.solve_many(WORLD, scenarios, closure=closure, tol=1e-12)
        assert not batch.failures
        for k, measures in enumerate(scenarios):
            alone = ep.solve(WORLD, measures, closure=closure, tol=1e-12)
            for key in ("real_income_pct", "profits", "tariff_revenue", "quota_rent", "exports"):
                np.testing.assert_allclose(batch.countries[key].loc[k], alone.countries[key], rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("name", ALL)
def test_draws_of_elasticities_have_their_own_access_and_scale(name: str) -> None:
    world, closure = random_world(3, 2, seed=11), ALL[name]
    drawn = [world.with_elasticities(world.theta * f) for f in (1.1, 0.9, 1.0, 1.3)]
    batch = ep.solve_many(drawn, [[*MEASURES, *QUOTAS]], closure=closure, tol=1e-12)
    assert np.ptp(batch.real_income, axis=0).max() > 1e-4
    first = Problem.of(drawn[0], ep.Scenario.of(QUOTAS), closure)
    for k, one in enumerate(drawn):
        alone = ep.solve(replace(one), [*MEASURES, *QUOTAS], closure=closure, tol=1e-12)
        np.testing.assert_allclose(batch.real_income[k], real(alone), atol=1e-10)
        other, mine = first.on(one), Problem.of(replace(one), ep.Scenario.of(QUOTAS), closure)
        for key in ("access", "exponent", "markup", "inputs", "deficit"):
            np.testing.assert_allclose(getattr(other.economy, key), getattr(mine.economy, key), rtol=1e-12, atol=1e-9)
        np.testing.assert_allclose(other.factors.scale, mine.factors.scale)
        np.testing.assert_allclose(other.quotas.theta, mine.quotas.theta)
        assert other.economy.value is world.value  # the data are not copied
        assert other.economy.share is first.economy.share


def test_draws_from_a_base_with_selection_are_those_from_its_data() -> None:
    world = random_world(3, 2, seed=11)
    base = Problem.of(world, ep.Scenario(()), FREE).economy
    assert Problem.of(base, ep.Scenario(()), FREE).economy is base
    one, other = (
        ep.solve(of.with_elasticities(world.theta * 1.2), TARIFF, closure=FREE, tol=1e-12) for of in (base, world)
    )
    np.testing.assert_allclose(real(one), real(other), atol=1e-11)


def test_many_share_their_slow_modes_and_closed_deficits() -> None:
    closure = replace(FREE, deficit="balanced")
    many = ep.solve_many(WORLD, [[TARIFF]] * 70, closure=closure, tol=1e-12)
    alone = ep.solve(WORLD, TARIFF, closure=closure, tol=1e-12)
    np.testing.assert_allclose(many.real_income[69], real(alone), atol=1e-10)
    np.testing.assert_allclose(alone.economy.deficit, 0.0, atol=1e-8 * WORLD.income.max())


# ---- files, words and errors ----


def test_a_sector_that_feeds_on_itself_has_no_one_answer_under_free_entry() -> None:
    """Scale times theta is one, and its own inputs get cheaper too: where the search fails, the error says so."""
    from entrepot.equilibrium.no_equilibrium import _crowded

    world = replace(WORLD, inputs=np.tile(0.5 * np.eye(2), (3, 1, 1)))
    words = _crowded(Problem.of(world, ep.Scenario(), FREE))
    scale = 1 / world.theta[world.sectors.index("s00" if "s00" in words else "s01")]
    assert f"economies of scale are {scale:.3g}" in words
    assert "% of its cost in" in words
    assert not _crowded(Problem.of(world, ep.Scenario(), FIXED))
    assert not _crowded(Problem.of(replace(WORLD, inputs=0 * WORLD.inputs), ep.Scenario(), FREE))


def test_a_base_with_selection_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, out = STATED.competition.on(WORLD), ep.solve(WORLD, [*MEASURES, *QUOTAS], closure=FIXED)  # type: ignore[union-attr]
    assert (
        "Access to markets: 0 to 20% of sales in them; taxes have 0.9 to 1.3 times the elasticity of costs."
        in plain.notes
    )
    for base in (plain, out.as_economy()):
        base.save(tmp_path / "base.npz")
        again = ep.Economy.load(tmp_path / "base.npz")
        assert again.fingerprint == base.fingerprint != WORLD.fingerprint
        for key in ("access", "exponent", "markup", "income"):
            np.testing.assert_array_equal(getattr(again, key), getattr(base, key))
        assert again.in_force.quotas.title == base.in_force.quotas.title
    for key in ("access", "exponent"):
        assert replace(plain, **{key: np.full(WORLD.output.shape, 0.3)}).fingerprint != plain.fingerprint
    with pytest.raises(ep.errors.TableError, match="merge first"):
        plain.aggregate(sectors={"goods": ["s00", "s01"]})
    monkeypatch.setattr(storage, "VERSION", 3)
    with pytest.raises(ep.errors.DocumentError, match="format version 4; this Entrepot reads up to 3"):
        ep.Economy.load(tmp_path / "base.npz")


def test_a_case_and_a_report_have_the_words() -> None:
    from entrepot.studies.provenance import _call

    stated: Any = {"melitz": {"access": {"C00": "20%", "C01": 0.1}, "exponent": {"C00": 1.3, "C02": 0.9}}}
    assert ep.Closure(competition=stated) == STATED
    assert ep.Closure(competition={"melitz": {"sigma": SIGMA, "entry": "fixed"}}) == FIXED  # type: ignore[arg-type]
    assert "(Melitz-Pareto) at an elasticity of substitution of s00 4, s01 5.5 with free entry" in str(FREE)
    assert "whose access costs C00 0.2, C01 0.1 of sales" in str(STATED)
    for closure in ALL.values():
        assert eval(_call(closure), {"ep": ep}) == closure


def solved(competition: ep.equilibrium.Melitz, world: ep.Economy = WORLD, **closure: Any) -> ep.Outcome:
    return ep.solve(world, [], closure=ep.Closure(competition=competition, **closure))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ep.equilibrium.Melitz(), "needs sigma, or access and exponent"),
        (lambda: ep.equilibrium.Melitz(3.0, access=0.1), "not both"),
        (lambda: ep.equilibrium.Melitz(1.0), "sigma 1.0 is not a finite number above one"),
        (lambda: ep.equilibrium.Melitz(3.0, sectors=[]), "sectors is an empty list"),
        (lambda: ep.equilibrium.Melitz({"s00": float("nan")}), "sigma of s00 nan"),
        (lambda: ep.equilibrium.Melitz(True), "sigma True"),
        (lambda: ep.equilibrium.Melitz({}), "sigma is an empty mapping"),
        (lambda: ep.equilibrium.Melitz(3.0, entry="none"), "entry 'none'"),  # type: ignore[arg-type]
        (lambda: ep.equilibrium.Melitz(access=0.1, entry="free"), "entry goes with sigma"),
        (lambda: ep.equilibrium.Melitz({"s00": 3.0}, sectors="s01"), "names the sectors already"),
        (lambda: solved(ep.equilibrium.Melitz(3.0, sectors="cars")), "cars"),
        (lambda: ep.equilibrium.Melitz(access=1.0), "access 1.0 is not a part of sales"),
        (lambda: ep.equilibrium.Melitz(access={"C00": -0.1}), "access of C00 -0.1"),
        (lambda: ep.equilibrium.Melitz(exponent=0.0), "exponent 0.0 is not a finite number above zero"),
        (lambda: ep.equilibrium.Melitz(exponent=float("inf")), "exponent inf"),
        (lambda: ep.equilibrium.Melitz(access="much"), "access 'much'"),  # type: ignore[arg-type]
        (lambda: ep.Closure(competition={"melitz": {"sigma": 3, "firms": 3}}), "unknown key 'firms'"),  # type: ignore[arg-type]
        (lambda: ep.Closure(competition={"melitz": 3}), "competition"),  # type: ignore[arg-type]
        (
            lambda: solved(ep.equilibrium.Melitz(6.0)),
            r"sigma of s00 \(6\) must be below its trade elasticity plus one \(5.38",
        ),
        (lambda: solved(ep.equilibrium.Melitz({"cars": 3.0})), "cars"),
        (lambda: solved(ep.equilibrium.Melitz(access={"C07": 0.1})), "C07"),
        (lambda: solved(ep.equilibrium.Melitz(access=0.8)), "more than all value added in"),
        (lambda: solved(ep.equilibrium.Melitz(1.3)), "take 76.9% of sales, more than all value added in"),
        (lambda: solved(ep.equilibrium.Melitz(3.0, entry="free"), scale=0.01), "beside free entry"),
        (lambda: solved(ep.equilibrium.Melitz(3.0), WORLD.with_markups(6.0)), "of its own"),
        (lambda: solved(ep.equilibrium.Melitz(3.0), ep.equilibrium.Melitz(3.5).on(WORLD)), "of its own"),
        (lambda: replace(WORLD, access=np.full(WORLD.output.shape, 1.0)), "below 1"),
        (lambda: replace(WORLD, exponent=np.zeros(WORLD.output.shape)), "above zero"),
        (lambda: replace(WORLD, access=np.ones((5, 5))), "access has shape"),
    ],
)
def test_bad_selection_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        make()
