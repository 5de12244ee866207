"""The world economy written a second time, in levels, from the manual alone: any measures, closures and bases together.

Arrays are [j,n,i]: sector, importer, exporter. A producer's unit costs one dollar in the base. Nothing of the engine's
equilibrium is used: a Newton search with slopes by differences sees all gaps at once. Goods pay in the order of their
way: export tax, export licences, duties, specific duties and levies, import licences.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import entrepot as ep

Flow = tuple[int, int, int]


@dataclass
class Quota:
    """A ceiling: `weight` are its units in a producer's unit of each flow, `top` a tariff-rate quota's ln surcharges.

    wedge  in the base: ln(1+mu), or of a tariff-rate quota the part of the surcharge, 0 to 1
    """

    flows: list[Flow]
    weight: np.ndarray
    cap: float
    stage: str  # "export", "duty" or "import"
    exporters: float
    top: np.ndarray | None = None
    wedge: float = 0.0

    def ln_wedge(self, wedge: float) -> np.ndarray:
        if self.top is None:
            return np.full(len(self.flows), wedge)
        return np.log1p(wedge * np.expm1(self.top))


@dataclass
class Rule:
    """Dollars of specific duty, or a minimum border price, on a producer's unit of a flow."""

    flow: Flow
    amount: float = 0.0
    floor: float = 0.0
    exporter: bool = True


@dataclass
class World:
    """Data and what is in force: value, tariffs, export taxes [j,n,i], subsidies, markups, nu and phi [j,n]."""

    value: np.ndarray
    tariff: np.ndarray
    inputs: np.ndarray  # [n,k,j]
    theta: np.ndarray
    export_tax: np.ndarray
    subsidy: np.ndarray
    markup: np.ndarray
    access: np.ndarray
    exponent: np.ndarray
    quotas: list[Quota] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    @classmethod
    def of(cls, e: ep.Economy) -> World:
        """The world of an Economy that has nothing in force but tariffs."""
        none = np.zeros(e.value.shape)
        data = (np.array(x) for x in (e.value, e.tariff, e.inputs, e.theta))
        competition = (np.array(x) for x in (e.markup, e.access, e.exponent))
        return cls(*data, none, none[:, :, 0], *competition)

    def receipts(self) -> np.ndarray:
        return (1 + self.subsidy)[:, None, :] * self.value

    def cost(self) -> np.ndarray:
        return ((1 - self.access)[:, :, None] * self.receipts()).sum(axis=1) / self.markup


@dataclass
class Rules:
    """A closure. labour_share [j,n], supply, tax [n], scale [j], capital [j,n]; countries of held wages and floors."""

    deficit: str = "fixed"
    short: bool = False
    labour_share: np.ndarray | None = None
    supply: Any = 0.0
    held: tuple[int, ...] = ()
    floors: tuple[int, ...] = ()
    recycled: bool = False
    tax: Any = 0.0
    scale: Any = 0.0
    capital: Any = 1.0


@dataclass
class Terms:
    """What stands on trade: tariffs, export taxes, subsidies, iceberg costs, quotas, rules, flows that go on."""

    tariff: np.ndarray
    export_tax: np.ndarray
    subsidy: np.ndarray
    iceberg: np.ndarray
    alive: np.ndarray
    quotas: list[Quota]
    rules: list[Rule]

    @classmethod
    def base(cls, w: World) -> Terms:
        one = np.ones(w.value.shape)
        return cls(w.tariff.copy(), w.export_tax.copy(), w.subsidy.copy(), one, one.copy(), [*w.quotas], [*w.rules])


class Prices:
    """Dollars on a producer's unit of each flow, from the factory gate to the user."""

    def __init__(self, t: Terms, producer: np.ndarray, wedges: Any) -> None:
        self.terms, self.producer = t, producer
        self.gate = producer[:, None, :] * (1 + t.export_tax)
        self.wedge: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for stage in ("export", "duty", "import"):
            ln_all, single = np.zeros(self.gate.shape), np.zeros(self.gate.shape)
            for q, wedge in zip(t.quotas, wedges, strict=True):
                for flow, ln_one in zip(q.flows, q.ln_wedge(wedge) if q.stage == stage else (), strict=False):
                    ln_all[flow] += ln_one
                    single[flow] += np.expm1(ln_one)
            self.wedge[stage] = np.exp(ln_all), single
        border = self.gate * self.wedge["export"][0]
        self.raised, self.levied = np.zeros(border.shape), np.zeros(border.shape)
        for rule in t.rules:
            gap = max(rule.floor - border[rule.flow], 0.0)
            self.raised[rule.flow] += gap if rule.exporter else 0.0
            self.levied[rule.flow] += rule.amount + (0.0 if rule.exporter else gap)
        self.border = border + self.raised
        self.inside = self.border * (1 + t.tariff)
        self.landed = self.inside * self.wedge["duty"][0] + self.levied
        self.user = self.landed * self.wedge["import"][0]
        self.wedges = wedges

    def rents(self, volume: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[float]]:
        """Rents of exporters and of importers [j,n,i], and by quota."""
        exporters, importers = self.raised * volume, np.zeros(volume.shape)
        by_quota = []
        before = {"export": self.gate, "duty": self.inside, "import": self.landed}
        for q, wedge in zip(self.terms.quotas, self.wedges, strict=True):
            under = sum(q.weight[k] * volume[flow] for k, flow in enumerate(q.flows))
            part = min(1.0, q.cap / under) if q.top is not None and under else 1.0
            together, single = self.wedge[q.stage]
            earned = 0.0
            for flow, ln_one in zip(q.flows, q.ln_wedge(wedge), strict=True):
                mine = np.expm1(ln_one) / single[flow] if single[flow] else 0.0
                rent = before[q.stage][flow] * (together[flow] - 1) * mine * volume[flow] * part
                exporters[flow] += q.exporters * rent
                importers[flow] += (1 - q.exporters) * rent
                earned += rent
            by_quota.append(earned)
        return exporters, importers, by_quota


@dataclass
class Ledger:
    """Who pays what to whom, in dollars of world value added."""

    value: np.ndarray
    volume: np.ndarray
    user: np.ndarray
    duty: np.ndarray
    taxed: np.ndarray
    exporters: np.ndarray
    importers: np.ndarray
    by_quota: list[float]
    revenue: np.ndarray

    @classmethod
    def of(cls, prices: Prices, value: np.ndarray) -> Ledger:
        t, volume = prices.terms, value / prices.producer[:, None, :]
        exporters, importers, by_quota = prices.rents(volume)
        user, taxed = prices.user * volume, t.export_tax * value
        duty = user - value - taxed - exporters - importers
        paid = (t.subsidy * value.sum(axis=1)).sum(axis=0)
        revenue = duty.sum(axis=(0, 2)) + taxed.sum(axis=(0, 1)) + exporters.sum(axis=(0, 1))
        revenue += importers.sum(axis=(0, 2)) - paid
        return cls(value, volume, user, duty, taxed, exporters, importers, by_quota, revenue)


class Levels:
    """A World under Terms and Rules; `solve` finds its equilibrium, `reckon` its books at any point."""

    def __init__(self, w: World, terms: Terms, rules: Rules) -> None:
        self.w, self.t, self.r = w, terms, rules
        sectors, countries, _ = w.value.shape
        cells, one = np.ones((sectors, countries)), np.ones(countries)
        self.before = Prices(Terms.base(w), cells, [q.wedge for q in w.quotas])
        self.old = Ledger.of(self.before, w.value)
        self.spending = self.old.user.sum(axis=2)
        self.share = self.old.user / np.where(self.spending > 0, self.spending, 1)[:, :, None]
        self.cost, self.factor = w.cost(), 1 - w.inputs.sum(axis=1).T
        self.access = (w.access[:, :, None] * w.receipts()).sum(axis=(0, 2))
        self.earned = (self.factor * self.cost).sum(axis=0) + self.access
        self.profit = ((w.markup - 1) * self.cost).sum(axis=0)
        final = self.spending - np.einsum("nkj,jn->kn", w.inputs, self.cost)
        self.income = final.sum(axis=0)
        self.final = final / self.income
        self.deficit = self.income - self.earned - self.old.revenue - self.profit
        self.lam = cells if rules.labour_share is None else rules.labour_share
        self.labour = (self.lam if rules.short else cells) * self.factor
        self.wages = (self.labour * self.cost).sum(axis=0) + self.access
        self.scale = np.broadcast_to(rules.scale, (sectors,))[:, None]
        self.supply, self.tax = one * rules.supply, one * rules.tax
        self.ln_capital = np.log(cells * rules.capital)
        self.sizes = [(countries,), *[(sectors, countries)] * 3, (countries,), (countries,), (len(terms.quotas),)]

    def reckon(self, x: np.ndarray) -> None:
        """Fill in every account at a point: logs of wages, prices, spending, cost, jobs, 1 - tax, and wedges."""
        w, t, parts = self.w, self.t, np.cumsum([int(np.prod(size)) for size in self.sizes])[:-1]
        wage, price, spent, cost, jobs, keep, self.wedges = (
            part.reshape(size) for part, size in zip(np.split(x, parts), self.sizes, strict=True)
        )
        self.ln_wage, self.ln_price, self.ln_jobs, self.ln_keep = wage, price, jobs, keep
        self.ln_spent, self.ln_cost = spent, cost
        capital = (self.factor - self.labour) * cost - (1 - self.lam) * self.factor * self.ln_capital
        inputs = np.einsum("nkj,kn->jn", w.inputs, price)
        unit = np.exp(self.labour * wage + inputs + capital - self.scale * (cost - wage))
        self.producer = unit * (1 + w.subsidy) / (1 + t.subsidy)
        self.prices = Prices(t, self.producer, self.wedges)

        def between(prices: Prices, subsidy: np.ndarray) -> np.ndarray:
            return prices.user / prices.producer[:, None, :] / (1 + subsidy)[:, None, :]

        taxes = between(self.prices, t.subsidy) / between(self.before, w.subsidy)
        theta = w.theta[:, None]
        dear = (t.iceberg * unit[:, None, :]) ** -theta[:, :, None] * taxes ** -(theta * w.exponent)[:, :, None]
        bought = self.share * t.alive * dear
        self.sum = bought.sum(axis=2)
        bought = bought / np.where(self.sum > 0, self.sum, 1)[:, :, None]
        value = bought * (self.spending * np.exp(spent))[:, :, None] * self.producer[:, None, :] / self.prices.user
        self.new = Ledger.of(self.prices, value)
        self.made = self.cost * np.exp(cost)
        after = replace(w, value=value, subsidy=t.subsidy)
        self.new_cost = after.cost()
        self.new_access = (w.access[:, :, None] * after.receipts()).sum(axis=(0, 2))
        self.factors = (self.factor * self.made).sum(axis=0) + self.new_access
        self.profits = ((w.markup - 1) * self.made).sum(axis=0)
        own = self.factors + self.new.revenue + self.profits
        self.lent = self.deficits(own.sum())
        self.new_income = own + self.lent
        self.ln_consumer = (self.final * price).sum(axis=0)

    def deficits(self, world_income: float) -> np.ndarray:
        rule = self.r.deficit
        if rule == "fixed":
            return self.deficit
        if rule == "gdp_share":
            return self.deficit / self.income.sum() * world_income
        if rule == "own_share":
            share = self.deficit / self.earned * self.factors
            return share - share.sum() * self.factors / self.factors.sum()
        return np.zeros(self.deficit.size)

    def gaps(self, x: np.ndarray) -> np.ndarray:
        self.reckon(x)
        w = self.w

        def apart(ln: np.ndarray, level: np.ndarray, base: np.ndarray) -> np.ndarray:
            there = base > 0
            return np.where(there, ln - np.log(np.where(there, level / np.where(there, base, 1), 1)), ln)

        ln_sum = np.log(np.where(self.sum > 0, self.sum, 1))
        price = -ln_sum / w.theta[:, None] + (1 - w.exponent) * (self.ln_spent - self.ln_wage)
        need = self.final * self.new_income + np.einsum("nkj,jn->kn", w.inputs, self.made)
        paid = (self.labour * self.made).sum(axis=0) + self.new_access
        real = self.ln_wage + self.ln_keep - self.ln_consumer
        jobs = self.ln_jobs - self.supply * real
        for n in self.r.held:
            jobs[n] = real[n]
        for n in self.r.floors:
            jobs[n] = min(real[n], -self.ln_jobs[n])
        keep = self.ln_keep.copy()
        if self.r.recycled:
            rate = 1 - (1 - self.tax) * np.exp(self.ln_keep)
            now = rate * np.exp(self.ln_wage + self.ln_jobs) * self.wages + self.new.revenue
            keep = (now - np.exp(self.ln_consumer) * (self.tax * self.wages + self.old.revenue)) / self.wages
        licences = np.zeros(len(self.t.quotas))
        for k, q in enumerate(self.t.quotas):
            volume = sum(q.weight[f] * self.new.volume[flow] for f, flow in enumerate(q.flows))
            step = 0.3 * np.log(volume / q.cap) / (1.0 if q.top is None else q.top.max())
            most = np.inf if q.top is None else 1.0
            licences[k] = self.wedges[k] - min(max(self.wedges[k] + step, 0.0), most)
        blocks = [
            np.where(self.spending > 0, self.ln_price - price, self.ln_price),
            apart(self.ln_spent, need, self.spending),
            apart(self.ln_cost, self.new_cost, self.cost),
            self.ln_wage + self.ln_jobs - np.log(paid / self.wages),
            jobs,
            keep,
            licences,
            np.log([self.factors.sum() / self.earned.sum()]),  # world value added is the unit of account
        ]
        return np.concatenate([block.ravel() for block in blocks])

    def solve(self) -> Levels:
        """Search by Newton's method; one equation too many, by Walras' law. Raises `AssertionError` without a root."""
        quotas = [q.wedge for q in self.t.quotas]
        x = np.concatenate([np.zeros(sum(int(np.prod(size)) for size in self.sizes[:-1])), quotas])
        for _ in range(100):
            gaps = self.gaps(x)
            if np.abs(gaps).max() < 1e-12:
                break
            ahead = np.array([(self.gaps(x + h) - self.gaps(x - h)) / 2e-7 for h in 1e-7 * np.eye(x.size)]).T
            step = np.linalg.lstsq(ahead, -gaps, rcond=None)[0]
            part = min(1.0, 0.5 / np.abs(step).max())
            while part > 1e-4 and not np.linalg.norm(self.gaps(x + part * step)) < np.linalg.norm(gaps):
                part /= 2
            x = x + part * step
        assert np.abs(self.gaps(x)).max() < 1e-9
        return self

    def as_world(self) -> World:
        """The equilibrium as a base: producers' units cost one dollar again."""
        at = self.producer
        quotas = [
            replace(q, weight=np.array([x / at[j, i] for x, (j, _, i) in zip(q.weight, q.flows, strict=True)]), wedge=y)
            for q, y in zip(self.t.quotas, self.wedges, strict=True)
        ]
        rules = [
            replace(rule, amount=rule.amount / at[rule.flow[0], rule.flow[2]], floor=rule.floor / at[rule.flow[::2]])
            for rule in self.t.rules
        ]
        t = self.t
        return replace(
            self.w,
            value=self.new.value,
            tariff=t.tariff,
            export_tax=t.export_tax,
            subsidy=t.subsidy,
            quotas=quotas,
            rules=rules,
        )

    @np.errstate(divide="ignore", invalid="ignore")
    def tables(self) -> dict[str, np.ndarray]:
        """What Outcomes report, by its name there, in world value added: by country, by (sector, country), by flow."""
        w, new, old = self.w, self.new, self.old
        abroad = ~np.eye(w.value.shape[1], dtype=bool)[None]
        real = self.ln_wage + self.ln_keep - self.ln_consumer
        more = np.expm1((1 + self.supply) * real) * self.supply / (1 + self.supply)
        gain = self.new_income / self.income / np.exp(self.ln_consumer) - 1
        gain = gain - (1 - self.tax) * self.wages / self.income * more
        border = new.value + new.taxed + new.exporters
        dearer, traded = (self.producer - 1)[:, None, :], w.value * abroad
        on_imports = traded * dearer
        rate = w.tariff * abroad
        subsidised = (1 + self.t.subsidy) * new.value.sum(axis=1)
        access = (w.access[:, :, None] * (1 + self.t.subsidy)[:, None, :] * new.value).sum(axis=1)
        profit = subsidised - access - self.made
        return {
            "real_income_pct": 100 * gain,
            "equivalent_variation": self.income * gain,
            "real_wage_pct": 100 * np.expm1(self.ln_wage - self.ln_consumer),
            "terms_of_trade_pct": 100 * (on_imports.sum(axis=(0, 1)) - on_imports.sum(axis=(0, 2))) / self.income,
            "volume_of_trade_pct": 100 * (rate * (new.value - w.value - on_imports)).sum(axis=(0, 2)) / self.income,
            "tariff_revenue": new.duty.sum(axis=(0, 2)),
            "quota_rent": new.exporters.sum(axis=(0, 1)) + new.importers.sum(axis=(0, 2)),
            "profits": self.profits,
            "exports": (border * abroad).sum(axis=(0, 1)),
            "imports": (border * abroad).sum(axis=(0, 2)),
            "consumer_price_pct": 100 * np.expm1(self.ln_consumer),
            "employment_pct": 100 * np.expm1(self.ln_jobs),
            "labour_tax": 1 - (1 - self.tax) * np.exp(self.ln_keep),
            "output_volume_pct": 100 * (new.volume.sum(axis=1) / w.value.sum(axis=1) - 1),
            "output_value": new.value.sum(axis=1),
            "value_added": self.factor * self.made + profit,
            "profit": profit,
            "sector_employment_pct": 100 * np.expm1(self.ln_cost - self.ln_wage),
            "producer_price_pct": 100 * (self.producer - 1),
            "price_pct": 100 * np.expm1(self.ln_price),
            "import_share": (new.user * abroad).sum(axis=2) / new.user.sum(axis=2),
            "value": border,
            "value_base": w.value + old.taxed + old.exporters,
            "volume_pct": 100 * (new.volume / w.value - 1),
            "duty": new.duty,
        }


def put(w: World, e: ep.Economy, measures: list[Any]) -> Terms:
    """The terms of trade under measures of an Economy with the same names."""
    t, points = Terms.base(w), np.zeros(w.value.shape)
    base = Prices(Terms.base(w), np.ones(w.subsidy.shape), [q.wedge for q in w.quotas]).border

    def at(names: Any, codes: tuple[str, ...]) -> list[int]:
        listed = [names] if isinstance(names, str) else list(names)
        return [k for k, code in enumerate(codes) if code in listed or {"WORLD", "ALL"} & set(listed)]

    def flows(m: Any) -> list[Flow]:
        cells = [(j, n) for j in at(m.sector, e.sectors) for n in at(m.importer, e.countries)]
        return [(j, n, i) for j, n in cells for i in at(m.exporter, e.countries) if n != i and w.value[j, n, i] > 0]

    kinds = {kind: [m for m in measures if type(m).__name__ == kind] for kind in {type(m).__name__ for m in measures}}
    for m in kinds.get("Tariff", []):
        for f in flows(m):
            if m.change == "add":
                points[f] += m.rate
            else:
                t.tariff[f] = m.rate if m.change == "set" else w.tariff[f] * (1 - m.rate)
    schedules = kinds.get("TariffRateQuota", [])
    for m in schedules:
        for f in flows(m):
            if m.in_rate is not None:
                t.tariff[f] = m.in_rate + (t.tariff[f] if m.change == "add" else 0.0)
    t.tariff = t.tariff + points
    for place, q in enumerate(t.quotas):  # the duty beyond a tariff-rate quota in force stays, plus the points
        if q.top is not None:
            beyond = [(1 + w.tariff[f]) * np.exp(top) + points[f] for f, top in zip(q.flows, q.top, strict=True)]
            t.quotas[place] = replace(q, top=np.log(beyond / (1 + np.array([t.tariff[f] for f in q.flows]))))
    for m in measures:
        kind = type(m).__name__
        if kind == "ExportTax":
            for f in flows(m):
                t.export_tax[f] += m.rate
        elif kind == "ProductionSubsidy":
            for j in at(m.sector, e.sectors):
                for n in at(m.country, e.countries):
                    t.subsidy[j, n] += m.rate
        elif kind == "NonTariffBarrier":
            for f in flows(m):
                t.iceberg[f] *= 1 + m.rate
        elif kind == "SpecificTariff":
            t.rules += [Rule(f, amount=m.amount * base[f]) for f in flows(m)]
        elif kind == "MinimumPrice":
            t.rules += [Rule(f, floor=m.price * base[f], exporter=m.rent == "exporter") for f in flows(m)]
        elif kind in ("ImportQuota", "VoluntaryExportRestraint", "TariffRateQuota"):
            t.quotas.append(_quota(w, t, m, flows(m), points))
            if m.cap == 0:
                t.quotas.pop()
                for f in flows(m):
                    t.alive[f] = 0.0
    return t


def _quota(w: World, t: Terms, m: Any, on: list[Flow], points: np.ndarray) -> Quota:
    stage = {"ImportQuota": "import", "VoluntaryExportRestraint": "export", "TariffRateQuota": "duty"}[type(m).__name__]
    top = None
    if stage == "duty":
        inside = np.array([t.tariff[f] for f in on])
        added = np.array([points[f] for f in on])
        beyond = m.out_rate + added if m.change == "set" else inside - (m.in_rate or 0.0) + m.out_rate
        top = np.log((1 + beyond) / (1 + inside))
    share = m.rent if isinstance(m.rent, str) else dict(m.rent)["exporter"]
    exporters = {"exporter": 1.0, "importer": 0.0}.get(share, share) if isinstance(share, str) else float(share)
    return Quota(on, np.ones(len(on)), m.cap * sum(w.value[f] for f in on), stage, exporters, top)


def with_markups(w: World, sigma: dict[int, float]) -> World:
    """Markups with fixed entry: sales and purchases of inputs stay, profits come out of value added."""
    markup = w.markup.copy()
    for j, number in sigma.items():
        markup[j] = number / (number - 1)
    return _same_purchases(w, replace(w, markup=markup))


def with_selection(w: World, sigma: dict[int, float], free: bool = False) -> World:
    """Melitz and Pareto, with fixed entry, or free entry (which needs a scale of 1/theta)."""
    markup, access, exponent = w.markup.copy(), w.access.copy(), w.exponent.copy()
    for j, number in sigma.items():
        theta = w.theta[j]
        access[j], exponent[j] = (theta - number + 1) / (number * theta), number / (number - 1) - 1 / theta
        markup[j] = 1.0 if free else (theta + 1) / theta
    return _same_purchases(w, replace(w, markup=markup, access=access, exponent=exponent))


def _same_purchases(old: World, new: World) -> World:
    """For worlds in which every good is made everywhere."""
    return replace(new, inputs=old.inputs * (old.cost() / new.cost()).T[:, None, :])
