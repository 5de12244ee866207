"""What a Scenario does: an Economy solved under it, against its base, with the proof of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.economy.in_force import InForce, PriceRulesInForce, QuotasInForce
from entrepot.equilibrium import quantities
from entrepot.equilibrium.accounts import Accounts, ratio
from entrepot.equilibrium.equilibrium_map import EquilibriumMap, State
from entrepot.equilibrium.extrapolation import extrapolation_warnings
from entrepot.equilibrium.labelled import by_country, by_flow, by_sector
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.residuals import residual_arrays, worst_cells
from entrepot.equilibrium.search import find
from entrepot.equilibrium.sensitivity import Sensitivity
from entrepot.equilibrium.undetermined_rents import check_rents
from entrepot.equilibrium.welfare import exact_parts
from entrepot.errors import InputError
from entrepot.measures import Measure, Scenario
from entrepot.measures.acts import Act, Cap, ExportDuty, PriceRule, Subsidy
from entrepot.measures.policy import places, union
from entrepot.read_only import read_only
from entrepot.words import counted, signed_dollars

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


@read_only
@dataclass(frozen=True, eq=False)
class Outcome:
    """An Economy solved under a Scenario; every equilibrium condition holds to `tol`.

    Raises `MeasureError` where caps do not determine who holds the rent. The tables `countries`, `sectors`, `trade`,
    `measures` and `decomposition` are made when they are first read. Money is in millions of US dollars with world
    value added as the unit of account (or the closure's numeraire); `residuals` proves the solution.
    """

    problem: Problem
    state: State
    accounts: Accounts
    tol: float
    iterations: int
    seconds: float

    def __post_init__(self) -> None:
        check_rents(self.problem, self.state, self.accounts.cleared.volume)

    @property
    def economy(self) -> Economy:
        """The base that every change is measured from."""
        return self.problem.economy

    @cached_property
    def sensitivity(self) -> Sensitivity:
        """Gradients in tariffs at this point. Raises `InputError` beside measures that are not differentiated."""
        return Sensitivity(self.problem, self.state)

    @property
    def scenario(self) -> Scenario:
        """The measures in force."""
        return self.problem.scenario

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Why the answer extrapolates too far from the data to be a forecast (see `extrapolation`); mostly empty."""
        return extrapolation_warnings(self.problem, self.accounts)

    @property
    def notes(self) -> tuple[str, ...]:
        """The warnings, and notes on how names and caps were read in this Economy."""
        return (*self.warnings, *self.problem.notes)

    @property
    def status(self) -> str:
        """Always "converged": a search that fails raises instead."""
        return "converged"

    @cached_property
    def residual_by_cell(self) -> dict[str, Array]:
        """Relative gaps in each equilibrium condition, cell by cell (see `residuals.residual_arrays`)."""
        return residual_arrays(self.problem, self.state, self.accounts)

    @cached_property
    def residuals(self) -> dict[str, float]:
        """Largest relative gap in each equilibrium condition (see `residuals.residual_arrays`)."""
        return {block: float(np.abs(gaps).max(initial=0.0)) for block, gaps in self.residual_by_cell.items()}

    @property
    def worst(self) -> tuple[str, ...]:
        """The three cells furthest from balance, by name."""
        return worst_cells(self.problem, self.residual_by_cell)

    # ---- tables ----

    def number(self, key: str) -> Array:
        """Return one column of `countries` as an array [n], without pandas."""
        return quantities.read_one(key, self.accounts)

    @cached_property
    def countries(self) -> pd.DataFrame:
        """By country: real income and what goes into it (see `quantities.COUNTRY`)."""
        return by_country(self.economy, quantities.read("country", self.accounts))

    @cached_property
    def sectors(self) -> pd.DataFrame:
        """By (country, sector): output, value added, prices, import share (see `quantities.SECTOR`)."""
        return by_sector(self.economy, quantities.read("sector", self.accounts))

    @cached_property
    def trade(self) -> xr.Dataset:
        """Over (importer, exporter, sector): value and base value at the border, volume change, duty."""
        dataset = by_flow(self.economy, self.trade_numbers)
        for q in quantities.TRADE:
            dataset[q.key].attrs.update(long_name=q.label, units=q.measured_in, formula=q.formula)
        return dataset

    @property
    def trade_numbers(self) -> dict[str, Array]:
        """The arrays of `trade`, each [j,n,i]."""
        e, a = self.economy, self.accounts
        volume = 100 * (ratio(a.real_flow, e.value) - 1)
        return {"value": a.border_value, "value_base": e.border_value, "volume_pct": volume, "duty": a.duty}

    @cached_property
    def measures(self) -> pd.DataFrame:
        """By measure: volume, cap, whether it binds, wedge, rent and its holder, revenue (see `quantities.MEASURE`)."""
        import pandas as pd

        index = pd.Index([m.title for m in self.scenario], name="measure")
        return pd.DataFrame(self.measure_rows, index=index, columns=quantities.columns(quantities.MEASURE))

    @cached_property
    def measure_rows(self) -> list[dict[str, Any]]:
        """The rows of `measures`, as plain data."""
        return [self._measure_row(k, m) for k, m in enumerate(self.scenario)]

    def _measure_row(self, position: int, measure: Measure) -> dict[str, Any]:
        flow = measure.flows(self.economy)
        base = float(self.economy.value.ravel()[flow].sum())
        row: dict[str, Any] = {
            "kind": measure.kind,
            "volume": self.volume(measure),
            "volume_base": base,
            "cap": np.nan,
            "binding": False,
            "wedge": 0.0,
            "rent": 0.0,
            "rent_holder": "",
            "revenue": self._revenue(position),
            "pass_through": self.pass_through(flow),
        }
        policy = self.problem.policy
        caps, rules = policy.each(Cap, position), policy.each(PriceRule, position)
        if caps:
            row |= self._cap_row(caps)
        if rules:
            row = _joined(row, self._price_rule_row(rules)) if caps else row | self._price_rule_row(rules)
        return row

    def _revenue(self, position: int) -> float:
        """Revenue on a measure's flows: all duty there, whoever levies it, export taxes, less the cost of subsidies."""
        a, policy = self.accounts, self.problem.policy
        taxed, paid = policy.each(ExportDuty, position), policy.each(Subsidy, position)
        levied = [act for act in policy.each(Act, position) if act not in taxed and act not in paid]
        cost = np.expm1(self.problem.ln_subsidy) * a.cleared.sales
        return float(
            a.duty.ravel()[places(levied)].sum()
            + a.export_tax.ravel()[places(taxed)].sum()
            - cost.ravel()[places(paid)].sum()
        )

    def _cap_row(self, caps: Sequence[Cap]) -> dict[str, Any]:
        """The caps of one measure together: the rent of all, and the wedge weighted by value."""
        a, q = self.accounts, self.problem.quotas
        row: dict[str, Any] = {
            "cap": sum(cap.volume for cap in caps),
            "rent_holder": " and ".join(dict.fromkeys(cap.holder for cap in caps)),
        }
        found = np.flatnonzero(np.isin(q.act, [cap.number for cap in caps]))
        if found.size:
            mine = np.isin(q.owner, found)
            weight = a.producer_value.ravel()[q.flow[mine]]
            row["wedge"] = float(np.expm1(a.cleared.ln_wedge[mine]) @ weight / weight.sum())
            row["rent"] = float(a.rent_by_quota[found].sum())
            row["binding"] = bool((self.state.ln_mu[found] > 1e-9).any())
        if any(cap.forbids and self.economy.value.ravel()[cap.at].any() for cap in caps):
            row |= {"binding": True, "wedge": np.nan}
        return row

    def _price_rule_row(self, rules: Sequence[PriceRule]) -> dict[str, Any]:
        a, r = self.accounts, self.problem.price_rules
        mine = np.isin(r.flow, places(rules))
        weight = a.producer_value.ravel()[r.flow[mine]]
        if not weight.any():  # there is no trade, or an embargo covers all of it
            return {"wedge": np.nan}
        row: dict[str, Any] = {"wedge": float(np.expm1(a.cleared.ln_rule_wedge[mine]) @ weight / weight.sum())}
        if any(rule.floor.any() for rule in rules):
            row["binding"] = bool((a.cleared.ln_rule_wedge[mine] > 1e-9).any())
        held = np.isin(r.flow, places([rule for rule in rules if rule.exporter_holds]))
        if held.any():
            row |= {"rent": float(a.cleared.levied[held].sum()), "rent_holder": "exporter"}
        return row

    def pass_through(self, flow: Index) -> float:
        """Return the part of the change in wedge that buyers pay: sum F (dln k + dln p) / sum F dln k over the flows.

        Prices are in units of world value added whatever the closure's numeraire.
        """
        value, ln_wedge = self.economy.value.ravel()[flow], self.accounts.ln_user_wedge_hat.ravel()[flow]
        j, _, i = np.unravel_index(flow, self.economy.value.shape)
        moved = float(value @ ln_wedge)
        if abs(moved) <= 1e-9 * float(value.sum()) or np.isin(flow, self.problem.embargoed).any():
            return float("nan")
        ln_price = self.accounts.cleared.ln_producer_price[j, i] - np.log(self.accounts.unit)
        return 1 + float(value @ ln_price) / moved

    def volume(self, measure: Measure) -> float:
        """Trade on a measure's flows under this Scenario, at base producer prices, in millions of US dollars."""
        return float(self.accounts.real_flow.ravel()[measure.flows(self.economy)].sum())

    @cached_property
    def decomposition(self) -> pd.DataFrame:
        """Exact parts of the change in real income by country, in percent: they add up (see `welfare.exact_parts`).

        `attrs["quadrature_error"]` is the largest gap, in percent, that the integration left and that `rest` holds.
        Solves the Scenario at nine or more points along its path. Raises `InputError` if it has an embargo.
        """

        def at(problem: Problem, x: Array | None) -> State:
            return find(problem, 1e-12, x, fallback_tol=1e-9)[0]

        parts, error = exact_parts(self.problem, self.state, at)
        table = by_country(self.economy, {k: 100 * v for k, v in parts.items()})
        table["real_income"] = table.sum(axis=1)
        table.attrs["quadrature_error"] = 100 * error
        return table

    def as_economy(self, name: str | None = None) -> Economy:
        """Return this Outcome as a new base: its measures are in force, trade costs and embargoes are part of the data.

        Solving no change on it returns it, and one reform after the other is both at once, but where jobs are lost at
        a floor under real wages: the new base counts as full employment. Raises `InputError` where revenue cuts a tax
        on labour: the tax rate is then no longer that of the closure.
        """
        p = self.problem
        if p.factors.recycled:
            raise InputError(
                "an Outcome whose revenue cuts a tax on labour cannot become an Economy: it has another rate"
            )
        return replace(
            self.economy,
            value=self.accounts.producer_value,
            tariff=p.tariff,
            in_force=self._in_force(),
            name=name or f"{self.economy.name} under {self.scenario.name}",
        )

    def _in_force(self) -> InForce:
        """Policy in force beside tariffs at this point, in the units of the new base."""
        p, a = self.problem, self.accounts
        q, r, standing = p.quotas.only(p.standing), p.price_rules, p.price_rules.standing
        ln_price = a.cleared.ln_producer_price
        j, _, i = np.unravel_index(q.flow, self.economy.value.shape)
        flow = union([q.flow, r.flow[standing]])
        value = np.where(a.producer_value.ravel()[flow] > 0, a.producer_value.ravel()[flow], 1.0)
        ln_wedge = p.spread(p.quotas.flow, a.cleared.ln_wedge) + p.spread(r.flow, a.cleared.ln_rule_wedge)
        quotas = QuotasInForce(
            title=tuple(p.quota_title(int(k)) for k in np.flatnonzero(p.standing)),
            flow=q.flow,
            owner=q.owner,
            weight=q.weight * np.exp(-ln_price[j, i]),
            volume=np.exp(q.ln_cap),
            ln_surcharge=q.ln_surcharge,
            exporter_share=q.exporter_share,
            before_duty=q.before_duty,
            ln_mu=self.state.ln_mu[p.standing],
        )
        # A unit is what cost one dollar at the border in the base, and costs this many now.
        market = EquilibriumMap(p)
        unit = np.exp(market.floors.prices(market.values(self.state))[0])
        amount, floor = (r.amount / unit)[standing], (r.floor / unit)[standing]
        rules = PriceRulesInForce(r.flow[standing], amount, floor, r.exporter_holds[standing])
        return InForce(
            export_tax=p.export_tax if p.ln_export_tax.any() else np.zeros(0),
            subsidy=np.expm1(p.ln_subsidy) if p.ln_subsidy.any() else np.zeros(0),
            quotas=quotas,
            price_rules=rules,
            flow=flow,
            ln_wedge=ln_wedge.ravel()[flow],
            exporter_rent=a.exporter_rent.ravel()[flow] / value,
            importer_rent=a.importer_rent.ravel()[flow] / value,
        )

    def __repr__(self) -> str:
        real_income = self.accounts.real_income
        money = self.economy.income * real_income
        best, worst = int(np.argmax(money)), int(np.argmin(money))

        def who(i: int) -> str:
            return f"{self.economy.countries[i]} {100 * real_income[i]:+.4f}% ({signed_dollars(money[i])})"

        return (
            f"Outcome of {self.scenario.name!r} on {self.economy.name}: most gained {who(best)}, "
            f"most lost {who(worst)}; world {signed_dollars(money.sum())}. "
            f"Largest gap {max(self.residuals.values()):.1g}, {counted(self.iterations, 'iteration')}, "
            f"{1e3 * self.seconds:.0f} ms\n{''.join(f'{warning}.{chr(10)}' for warning in self.warnings)}"
            f"Next: .countries, .sectors, .trade, .measures, .decomposition, .residuals"
        )


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The row of a measure with a cap and a price rule: rents added up, and no single wedge."""
    holders = dict.fromkeys((one["rent_holder"], other.get("rent_holder", "")))
    return one | {
        "wedge": np.nan,
        "binding": one["binding"] or other.get("binding", False),
        "rent": one["rent"] + other.get("rent", 0.0),
        "rent_holder": " and ".join(filter(None, holders)),
    }
