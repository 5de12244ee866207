"""The whole model written a second time, with loops and ledgers, and solved by scipy: every instrument must agree.

Nothing of the engine is used: shares, prices, taxes, rents and incomes are reckoned flow by flow in dollars, and
scipy's root finder sees only the gaps. A quota enters as an equation (binding) or a fixed wedge (slack, or overfilled).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy.optimize import root

import entrepot as ep
from shelves import slow_pairs
from worlds import place, random_world

HOME, AWAY, THIRD = "C00", "C01", "C02"
WORLD = random_world(3, 2, seed=11)


@dataclass
class Policy:
    """Rates by (sector, importer, exporter), and one quantity measure over several flows."""

    tariff: dict[tuple[int, int, int], float] = field(default_factory=dict)
    export_tax: dict[tuple[int, int, int], float] = field(default_factory=dict)
    iceberg: dict[tuple[int, int, int], float] = field(default_factory=dict)
    subsidy: dict[tuple[int, int], float] = field(default_factory=dict)
    capped: tuple[tuple[int, int, int], ...] = ()
    cap: float | None = None  # in millions at base prices; None: no quantity measure
    before_duty: bool = False
    exporter_share: float = 0.0
    surcharge: float | None = None  # points, for a tariff-rate quota; with `overfilled` it is all due
    overfilled: bool = False


@dataclass
class Ledger:
    """The world at a point, in dollars."""

    spending: np.ndarray
    income: np.ndarray
    sales: np.ndarray
    cost: np.ndarray
    value: np.ndarray
    duty: np.ndarray
    rent: np.ndarray
    volume: float
    price_gap: np.ndarray


def keep_books(e: ep.Economy, p: Policy, x: np.ndarray, closure: str) -> Ledger:
    sectors, countries = len(e.sectors), len(e.countries)
    cells = sectors * countries
    wage = np.exp(x[:countries])
    price = np.exp(x[countries : countries + cells]).reshape(sectors, countries)
    spending = e.spending * np.exp(x[countries + cells : countries + 2 * cells]).reshape(sectors, countries)
    licence = x[-1] if p.cap is not None else 0.0

    producer = np.empty((sectors, countries))
    for j, i in itertools.product(range(sectors), range(countries)):
        cost = wage[i] ** e.value_added_share[i, j] * np.prod(price[:, i] ** e.inputs[i, :, j])
        producer[j, i] = cost / (1 + p.subsidy.get((j, i), 0.0))

    value, duty, rent = (np.zeros((sectors, countries, countries)) for _ in range(3))
    received, paid = np.zeros(countries), np.zeros(countries)
    price_gap = np.empty((sectors, countries))
    volume = 0.0
    for j, n in itertools.product(range(sectors), range(countries)):
        user, border, landed = np.empty(countries), np.empty(countries), np.empty(countries)
        for i in range(countries):
            at = (j, n, i)
            t, x_tax = p.tariff.get(at, e.tariff[at]), p.export_tax.get(at, 0.0)
            mine = at in p.capped
            border[i] = producer[j, i] * (1 + x_tax) * (1 + (licence if mine and p.before_duty else 0.0))
            landed[i] = border[i] * (1 + t)
            if mine and not p.before_duty:
                # A tariff-rate quota's licence is worth a part of the surcharge; a quota's, a part of the landed price.
                landed[i] += border[i] * licence * p.surcharge if p.surcharge is not None else landed[i] * licence
            user[i] = landed[i] * np.exp(p.iceberg.get(at, 0.0)) / (1 + e.tariff[at])
        weight = e.share[j, n] * user ** -e.theta[j]
        price_gap[j, n] = np.log(price[j, n] / weight.sum() ** (-1 / e.theta[j]))
        for i in range(countries):
            at = (j, n, i)
            t, mine = p.tariff.get(at, e.tariff[at]), at in p.capped
            spent = weight[i] / weight.sum() * spending[j, n]
            units = spent / landed[i]
            value[at] = units * producer[j, i]
            received[i] += units * producer[j, i] * p.export_tax.get(at, 0.0)
            if mine and p.before_duty:
                rent[at] = units * border[i] * licence / (1 + licence)
            elif mine:
                wedge = units * border[i] * (licence * p.surcharge if p.surcharge is not None else licence * (1 + t))
                rent[at] = wedge
            duty[at] = units * border[i] * t
            if mine:
                volume += units
    for at in p.capped:
        inside = min(1.0, p.cap / volume) if p.overfilled and p.cap is not None else 1.0
        duty[at] += (1 - inside) * rent[at]
        rent[at] *= inside
        received[at[2]] += p.exporter_share * rent[at]
        paid[at[1]] += (1 - p.exporter_share) * rent[at]
    sales = value.sum(axis=1)
    cost = np.array(
        [[sales[j, i] * (1 + p.subsidy.get((j, i), 0.0)) for i in range(countries)] for j in range(sectors)]
    )
    earned = wage * e.value_added + duty.sum(axis=(0, 2)) + received + paid - (cost - sales).sum(axis=0)
    if closure == "gdp_share":
        deficit = e.deficit / e.income.sum() * earned.sum()
    else:
        deficit = e.deficit * (wage @ e.value_added) / e.value_added.sum()
    return Ledger(spending, earned + deficit, sales, cost, value, duty, rent, volume, price_gap)


def oracle(e: ep.Economy, p: Policy, closure: str = "fixed") -> tuple[Ledger, np.ndarray, np.ndarray]:
    """The ledger in equilibrium, percent changes in real income, and the unknowns."""
    sectors, countries = len(e.sectors), len(e.countries)

    def gaps(x: np.ndarray) -> np.ndarray:
        b = keep_books(e, p, x, closure)
        wanted = e.final_share.T * b.income + np.einsum("nkj,jn->kn", e.inputs, b.cost)
        labour = (e.value_added_share.T * b.cost).sum(axis=0) / (np.exp(x[:countries]) * e.value_added) - 1
        labour[-1] = (
            np.exp(x[:countries]) @ e.value_added / e.value_added.sum() - 1
        )  # the numeraire, for a redundant one
        out = [labour, b.price_gap.ravel(), np.log(wanted / b.spending).ravel()]
        if p.cap is not None:
            out.append([x[-1] - 1.0] if p.overfilled else [np.log(b.volume / p.cap)])
        return np.concatenate(out)

    x0 = np.zeros(countries + 2 * sectors * countries + (p.cap is not None))
    if p.cap is not None:
        x0[-1] = 0.2
    found = root(gaps, x0, tol=1e-13)
    assert np.abs(gaps(found.x)).max() < 1e-9, found.message
    ledger = keep_books(e, p, found.x, closure)
    ln_price = found.x[countries : countries + sectors * countries].reshape(sectors, countries)
    real = ledger.income / e.income / np.exp((e.final_share.T * ln_price).sum(axis=0))
    return ledger, 100 * (real - 1), found.x


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return WORLD


FLOW = place(WORLD, "s00", HOME, AWAY)
MAKER = place(WORLD, "s00", AWAY)
WHERE = {"importer": HOME, "exporter": AWAY, "sector": "s00"}


def base_volume(e: ep.Economy, *flows: tuple[int, int, int]) -> float:
    return float(sum(e.value[f] for f in flows))


def cases(e: ep.Economy) -> dict[str, tuple[list[ep.measures.Measure], Policy]]:
    t = e.tariff[FLOW]
    half = 0.5 * base_volume(e, FLOW)
    both = tuple(place(e, s, HOME, abroad) for s in e.sectors for abroad in (AWAY, THIRD))
    return {
        "tariff set": ([ep.Tariff(**WHERE, rate=0.3)], Policy(tariff={FLOW: 0.3})),
        "tariff added": ([ep.Tariff(**WHERE, rate=0.3, change="add")], Policy(tariff={FLOW: t + 0.3})),
        "export tax": ([ep.ExportTax(**WHERE, rate=0.2)], Policy(export_tax={FLOW: 0.2})),
        "export subsidy": ([ep.ExportTax(**WHERE, rate=-0.2)], Policy(export_tax={FLOW: -0.2})),
        "barrier": ([ep.NonTariffBarrier(**WHERE, rate=0.2)], Policy(iceberg={FLOW: np.log(1.2)})),
        "subsidy": ([ep.ProductionSubsidy(country=AWAY, sector="s00", rate=0.15)], Policy(subsidy={MAKER: 0.15})),
        "quota": ([ep.ImportQuota(**WHERE, cap=0.5)], Policy(capped=(FLOW,), cap=half)),
        "quota, licences abroad": (
            [ep.ImportQuota(**WHERE, cap=0.5, rent={"importer": 0.25, "exporter": 0.75})],
            Policy(capped=(FLOW,), cap=half, exporter_share=0.75),
        ),
        "restraint": (
            [ep.VoluntaryExportRestraint(**WHERE, cap=0.5)],
            Policy(capped=(FLOW,), cap=half, before_duty=True, exporter_share=1.0),
        ),
        "restraint, rent split": (
            [ep.VoluntaryExportRestraint(**WHERE, cap=0.5, rent={"importer": 0.4, "exporter": 0.6})],
            Policy(capped=(FLOW,), cap=half, before_duty=True, exporter_share=0.6),
        ),
        "quota over four flows": (
            [ep.ImportQuota(importer=HOME, sector="ALL", cap=0.6)],
            Policy(capped=both, cap=0.6 * base_volume(e, *both)),
        ),
        "tariff-rate quota, filled": (
            [ep.TariffRateQuota(**WHERE, cap=0.9, out_rate=0.4, change="add")],
            Policy(capped=(FLOW,), cap=0.9 * base_volume(e, FLOW), surcharge=0.4),
        ),
        "tariff-rate quota, overfilled": (
            [ep.TariffRateQuota(**WHERE, cap=0.1, in_rate=0.02, out_rate=0.2, rent="exporter")],
            Policy(
                tariff={FLOW: 0.02},
                capped=(FLOW,),
                cap=0.1 * base_volume(e, FLOW),
                surcharge=0.18,
                overfilled=True,
                exporter_share=1.0,
            ),
        ),
        "everything on one flow": (
            [
                ep.Tariff(**WHERE, rate=0.1, change="add"),
                ep.ExportTax(**WHERE, rate=0.05),
                ep.NonTariffBarrier(**WHERE, rate=0.1),
                ep.ProductionSubsidy(country=AWAY, sector="s00", rate=0.1),
                ep.VoluntaryExportRestraint(**WHERE, cap=0.3),
            ],
            Policy(
                tariff={FLOW: t + 0.1},
                export_tax={FLOW: 0.05},
                iceberg={FLOW: np.log(1.1)},
                subsidy={MAKER: 0.1},
                capped=(FLOW,),
                cap=0.3 * base_volume(e, FLOW),
                before_duty=True,
                exporter_share=1.0,
            ),
        ),
    }


@pytest.mark.parametrize(("name", "closure"), slow_pairs(cases(WORLD), ["fixed", "gdp_share"]))
def test_solve_equals_the_oracle(e: ep.Economy, name: str, closure: str) -> None:
    measures, policy = cases(e)[name]
    ledger, real, x = oracle(e, policy, closure)
    outcome = ep.solve(e, measures, closure=ep.Closure(closure), tol=1e-12)
    table = outcome.countries
    np.testing.assert_allclose(table["real_income_pct"], real, atol=1e-7)
    np.testing.assert_allclose(table["equivalent_variation"], e.income * real / 100, atol=1e-6)
    np.testing.assert_allclose(outcome.accounts.cleared.ln_wage, x[:3], atol=1e-9)
    np.testing.assert_allclose(table["tariff_revenue"], ledger.duty.sum(axis=(0, 2)), rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(outcome.accounts.producer_value, ledger.value, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(outcome.trade["duty"].transpose("sector", ...), ledger.duty, rtol=1e-7, atol=1e-7)
    output = outcome.sectors["output_value"].to_numpy().reshape(3, 2).T
    np.testing.assert_allclose(output, ledger.sales, rtol=1e-8)
    held = (1 - policy.exporter_share) * ledger.rent.sum(axis=(0, 2)) + policy.exporter_share * ledger.rent.sum(
        axis=(0, 1)
    )
    np.testing.assert_allclose(table["quota_rent"], held, rtol=1e-7, atol=1e-7)
    if policy.cap is not None:
        row = outcome.measures.iloc[-1]
        assert row["volume"] == pytest.approx(ledger.volume, rel=1e-8)
        assert row["rent"] == pytest.approx(ledger.rent.sum(), rel=1e-7)
    parts = outcome.decomposition
    np.testing.assert_allclose(parts.drop(columns="real_income").sum(axis=1), real, atol=1e-7)
    assert parts.attrs["quadrature_error"] < 1e-6


@pytest.mark.slow
def test_exact_parts_against_a_fine_trapezoid(e: ep.Economy) -> None:
    """Terms of trade and volume of trade, integrated the plain way over 200 steps of the same path."""
    outcome = ep.solve(e, [ep.Tariff(importer=HOME, sector="ALL", rate=0.3, change="add")], tol=1e-12)
    steps = 200
    rates = (
        np.expm1(
            np.linspace(0, 1, steps + 1)[:, None, None, None] * (np.log1p(e.tariff + 0.3) - np.log1p(e.tariff))
            + np.log1p(e.tariff)
        )
        - e.tariff
    )  # added points along the path, by flow
    parts = {"terms_of_trade": np.zeros(3), "volume_of_trade": np.zeros(3)}
    previous = None
    foreign = ~e.domestic
    (home,) = place(e, HOME)
    for added in rates:
        measures = [
            ep.Tariff(importer=HOME, exporter=c, sector=s, rate=float(added[j, home, i]), change="add")
            for j, s in enumerate(e.sectors)
            for i, c in enumerate(e.countries)
            if i != home
        ]
        point = ep.solve(e, measures, tol=1e-12)
        a = point.accounts
        now = (
            a.real_flow,
            np.broadcast_to(np.exp(a.cleared.ln_producer_price)[:, None, :], a.real_flow.shape),
            np.divide(a.duty, a.real_flow, out=np.zeros_like(a.duty), where=a.real_flow > 0),
            (1 + point.countries["real_income_pct"].to_numpy() / 100) / a.income,
        )
        if previous is not None:
            q, _, wedge, dollar = ((x + y) / 2 for x, y in zip(now, previous, strict=True))
            dearer = q * (now[1] - previous[1]) * foreign
            more = wedge * (now[0] - previous[0]) * foreign
            parts["terms_of_trade"] += dollar * (dearer.sum(axis=(0, 1)) - dearer.sum(axis=(0, 2)))
            parts["volume_of_trade"] += dollar * more.sum(axis=(0, 2))
        previous = now
    for name, part in parts.items():
        np.testing.assert_allclose(outcome.decomposition[name], 100 * part, atol=2e-4)
