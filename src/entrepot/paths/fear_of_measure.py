"""What a measure costs before it comes: the trade that is lost while firms do not enter, in the equilibrium."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from entrepot.economy import Economy
from entrepot.economy.geography import by_sector_code, outdated
from entrepot.equilibrium import Closure, Melitz, Outcome, solve, solve_many
from entrepot.equilibrium.accounts import Accounts
from entrepot.equilibrium.solve import check_arguments
from entrepot.errors import InputError, check_choice
from entrepot.measures import Measure, Policy, Scenario
from entrepot.paths.dated import border_flows
from entrepot.paths.entry_under_threat import EntryUnderThreat, ThreatTiming
from entrepot.read_only import read_only
from entrepot.types import Array, Index, Progress
from entrepot.words import counted

if TYPE_CHECKING:
    import pandas as pd

Exporters = Literal["leaving", "settled"]

#: Where no sigma is stated it is 1 + theta / TAIL: the number of firms that sell more than a given amount falls with
#: that amount to the power of TAIL.
TAIL = 2.0
#: A tail near one, which Axtell (2001) finds for firms in the United States, and at which sigma would be theta + 1.
UNEVEN = 1.05


@dataclass(frozen=True, kw_only=True)
class LostVarieties(Measure):
    """Varieties that are no longer sold on some flows, as the trade cost that would take as much trade."""

    at: Index
    factor: Array
    kind: ClassVar[str] = "lost_varieties"

    def put(self, policy: Policy) -> None:
        """Raise the trade cost on the flows."""
        policy.iceberg(self.at, factor=self.factor)

    def describe(self) -> str:
        """Return the measure in words."""
        return "varieties that firms do not bring to market"


@read_only
@dataclass(frozen=True, eq=False, repr=False)
class Fear:
    """What a measure costs while it has not come (see `fear`).

    measure   the Outcome of the measure once it is there
    flows     positions in [j,n,i] of the trade whose exporters would earn less under it, and `omega` [f], what they
              would earn over what they earn now; `sigma`, `theta` [f]
    replaced_at  [f], the elasticity at which buyers replace lost varieties: theta, or sigma - 1 (9)
    entries   an `EntryUnderThreat` for each probability and number of years, and `outcomes`, the equilibrium of each
    notes     further sentences on the threat
    Amounts are millions of US dollars a year.
    """

    measure: Outcome
    flows: Index
    omega: Array
    sigma: Array
    theta: Array
    replaced_at: Array
    exporters: Exporters
    entries: tuple[EntryUnderThreat, ...]
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()

    @property
    def notes_on_groups(self) -> tuple[str, ...]:
        """A note on each group of the measures whose members are not those of the year of the data."""
        names = [name for measure in self.measure.scenario for name in measure.names]
        return tuple(outdated(names, None, self.economy.year))

    @property
    def economy(self) -> Economy:
        """The base."""
        return self.measure.economy

    @cached_property
    def trade(self) -> Array:
        """Base trade before duty on the flows [f]."""
        return self.economy.value.ravel()[self.flows]

    @cached_property
    def table(self) -> pd.DataFrame:
        """By (probability, years): entry, exporters, sales at given prices, trade in the equilibrium, in percent.

        entry_pct is of the first day, the others are of the time until the day. Over flows, means by base trade.
        sales_pct is at given prices; imports_pct is the volume of trade in the equilibrium, price_pct the importers'
        real price of the goods in those sectors.
        """
        import pandas as pd

        rows = [self._row(entry, outcome) for entry, outcome in zip(self.entries, self.outcomes, strict=True)]
        return pd.DataFrame(rows, index=self._index)

    def _row(self, entry: EntryUnderThreat, outcome: Outcome) -> dict[str, float]:
        settled = self.exporters == "settled"
        numbers = {
            "entry_pct": entry.entry(self.omega, self.sigma, self.theta),
            "exporters_pct": entry.exporters(self.omega, self.sigma, self.theta, settled),
            "sales_pct": entry.sales(self.omega, self.sigma, self.theta, settled),
        }
        row = {key: 100 * self._mean(number - 1) for key, number in numbers.items()}
        bought = outcome.accounts.real_flow.ravel()[self.flows]
        row["imports_pct"] = 100 * (float(bought.sum()) / float(self.trade.sum()) - 1) if self.flows.size else 0.0
        row["price_pct"] = 100 * self._mean(self._real_price(outcome.accounts) - 1)
        return row

    def _mean(self, numbers: Array) -> float:
        return float(np.average(numbers, weights=self.trade)) if self.flows.size else 0.0

    def _real_price(self, accounts: Accounts) -> Array:
        j, n, _ = np.unravel_index(self.flows, self.economy.value.shape)
        return np.exp(accounts.state.ln_price[j, n] - accounts.ln_consumer_price[n])

    @cached_property
    def countries(self) -> pd.DataFrame:
        """By (probability, years, country): real income in percent, and what is lost a year and until the day.

        `until_the_day` is NaN for exporters that are settled: a threat that has stood for so long has no such time.
        """
        import pandas as pd

        columns = ["real_income_pct", "equivalent_variation"]
        found = {key: o.countries[columns] for key, o in zip(self._index, self.outcomes, strict=True)}
        table = pd.concat(found, names=["probability", "years", "country"])
        years = table.index.get_level_values("years").to_numpy(dtype=float)
        table["until_the_day"] = table["equivalent_variation"] * (np.nan if self.exporters == "settled" else years)
        return table

    @property
    def first(self) -> int:
        """The position of the first threat that may come and whose day is not today; else of the first."""
        able = (k for k, entry in enumerate(self.entries) if entry.probability > 0 and entry.years > 0)
        return next(able, 0)

    @property
    def entry_at_last(self) -> float:
        """Entry just before the day, in percent of that without the threat, of the threat at `first`."""
        numbers = self.entries[self.first].entry(self.omega, self.sigma, self.theta, left=0.0)
        return 100 * self._mean(numbers - 1)

    @property
    def elasticity(self) -> float:
        """The elasticity at which buyers replace lost varieties from other sources, the mean of the flows (9)."""
        return self._mean(self.replaced_at)

    @cached_property
    def by_flow(self) -> pd.DataFrame:
        """By (sector, importer, exporter): base trade, omega, sigma, and entry and sales of the threat at `first`."""
        import pandas as pd

        e = self.economy
        j, n, i = np.unravel_index(self.flows, e.value.shape)
        names = [np.array(e.sectors)[j], np.array(e.countries)[n], np.array(e.countries)[i]]
        first, settled = self.entries[self.first], self.exporters == "settled"
        return pd.DataFrame(
            {
                "trade": self.trade,
                "omega": self.omega,
                "sigma": self.sigma,
                "entry_pct": 100 * (first.entry(self.omega, self.sigma, self.theta) - 1),
                "sales_pct": 100 * (first.sales(self.omega, self.sigma, self.theta, settled) - 1),
            },
            index=pd.MultiIndex.from_arrays(names, names=["sector", "importer", "exporter"]),
        )

    @cached_property
    def depends_on(self) -> pd.DataFrame:
        """By assumption: entry and sales at given prices if it alone were otherwise, of the threat at `first`.

        half_sunk and tenth_sunk: that part of the sunk share; twice_exit: exporters leave twice as fast; uneven_sizes:
        a sigma near theta + 1, at which the sizes of firms have a tail near one; settled: all have left who are not
        replaced.
        """
        import pandas as pd

        first, sigma, stock = self.entries[self.first], self.sigma, self.exporters
        uneven = 1 + self.theta / UNEVEN
        others: dict[str, tuple[EntryUnderThreat, Array, Exporters]] = {
            "stated": (first, sigma, stock),
            "half_sunk": (replace(first, sunk_share=first.sunk_share / 2), sigma, stock),
            "tenth_sunk": (replace(first, sunk_share=first.sunk_share / 10), sigma, stock),
            "twice_exit": (replace(first, exit=min(2 * first.exit, 0.99)), sigma, stock),
            "uneven_sizes": (first, uneven, stock),
            "settled": (first, sigma, "settled"),
        }
        rows = {}
        for name, (entry, sigmas, exporters) in others.items():
            omega = self.omega if sigmas is sigma else earned(self.measure.accounts, self.flows, sigmas)
            settled = exporters == "settled"
            rows[name] = {
                "entry_pct": 100 * self._mean(entry.entry(omega, sigmas, self.theta) - 1),
                "sales_pct": 100 * self._mean(entry.sales(omega, sigmas, self.theta, settled) - 1),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("assumption")

    @cached_property
    def _index(self) -> pd.MultiIndex:
        import pandas as pd

        return pd.MultiIndex.from_tuples(
            [(t.probability, t.years) for t in self.entries], names=["probability", "years"]
        )

    def __repr__(self) -> str:
        threats, flows = counted(len(self.entries), "threat"), counted(self.flows.size, "flow")
        noted = "".join(f"\n{note}." for note in self.notes_on_groups)
        return f"Fear({self.measure.scenario.name!r}: {threats}, {flows}){noted}"


def fear(
    economy: Economy,
    measures: Scenario | Measure | Iterable[Measure],
    *,
    probability: float | Sequence[float],
    years: float | Sequence[float],
    timing: ThreatTiming = "deadline",
    interest: float = 0.05,
    exit: float = 0.1,
    sunk_share: float = 1.0,
    sigma: float | Mapping[str, float] | None = None,
    exporters: Exporters = "leaving",
    closure: Closure | None = None,
    tol: float = 1e-10,
    progress: Progress | None = None,
) -> Fear:
    """Return what measures cost while they have not come, for each probability and number of years until the day.

    probability, years  numbers or lists; the table has every pair
    timing, interest, exit, sunk_share   see `EntryUnderThreat`
    sigma               elasticity of substitution among the varieties of a flow, above one and below theta + 1: a
                        number or by sector; where none is stated, 1 + theta / 2
    exporters           "leaving": those who are in leave at the rate `exit`; "settled": as if the threat had stood for
                        so long that all had left who are not replaced

    What firms would earn under the measure is that of its own equilibrium. The trade that they do not bring is put
    on its flows as a trade cost that takes as much of it at given prices: while all other firms are where they were,
    at an elasticity of sigma - 1 between sources; for "settled", and under a closure in which firms select into
    markets, at theta. Raises `InputError` for numbers that cannot be and measures without trade across a border, and
    `ConvergenceError` where there is no equilibrium.
    """
    closure = closure or Closure()
    check_arguments(economy, closure, tol)
    check_choice("fear: exporters", exporters, Exporters)
    entries = tuple(
        EntryUnderThreat(p, y, timing, interest, exit, sunk_share)
        for p in _listed("probability", probability)
        for y in _listed("years", years)
    )
    scenario = Scenario.of(measures)
    there = solve(economy, scenario, closure=closure, tol=tol)
    flows = _flows(scenario, economy)
    theta = economy.theta[flows // economy.domestic.size]
    varieties = _sigma(sigma, economy, flows)[flows // economy.domestic.size]
    omega = earned(there.accounts, flows, varieties)
    worse = omega < 1
    flows, theta, varieties, omega = flows[worse], theta[worse], varieties[worse], omega[worse]
    settled = exporters == "settled"
    world, elasticity = economy, theta
    if not settled and not _firms_select(economy, closure):
        world, elasticity = _others_stay(economy, flows, varieties), varieties - 1
    lost = [entry.sales(omega, varieties, theta, settled) ** (-1 / elasticity) for entry in entries]
    put = [[LostVarieties(at=flows, factor=factor)] if flows.size else [] for factor in lost]
    solved = solve_many(world, put, closure=closure, tol=tol, progress=progress)
    return Fear(
        measure=there,
        flows=flows,
        omega=omega,
        sigma=varieties,
        theta=theta,
        replaced_at=elasticity,
        exporters=exporters,
        entries=entries,
        outcomes=tuple(solved.outcome(k) for k in range(len(entries))),
    )


def _firms_select(economy: Economy, closure: Closure) -> bool:
    """Whether the equilibrium itself moves the thresholds of all firms, at the trade elasticity theta."""
    return isinstance(closure.competition, Melitz) or bool((economy.exponent != 1).any())


def _others_stay(economy: Economy, flows: Index, sigma: Array) -> Economy:
    """The Economy while all other firms are where they were: a trade elasticity of sigma - 1 in the feared sectors."""
    theta = economy.theta.copy()
    theta[flows // economy.domestic.size] = sigma - 1
    return replace(economy, theta=theta)


def earned(accounts: Accounts, flows: Index, sigma: Array) -> Array:
    """Return omega [f], what a firm on a flow earns over what it earned in the base, in its country's costs (8)."""
    p, e = accounts.problem, accounts.economy
    j, n, i = np.unravel_index(flows, e.value.shape)
    ln_cost = accounts.cleared.ln_producer_price[j, i]
    ln_wedge = accounts.ln_user_wedge_hat.ravel()[flows]
    ln_iceberg = p.spread(p.flow, p.ln_iceberg).ravel()[flows]
    ln_spending = np.log(accounts.user_value.sum(axis=2)[j, n] / e.spending[j, n])
    ln_paid = (1 - sigma) * (ln_wedge + ln_cost - accounts.state.ln_price[j, n]) + ln_spending
    omega: Array = np.exp(ln_paid - (ln_wedge - ln_iceberg) - ln_cost)
    omega[np.isin(flows, p.embargoed)] = 0.0
    return omega


def _listed(what: str, given: Any) -> tuple[Any, ...]:
    listed = (given,) if isinstance(given, int | float | str) else tuple(given)
    if not listed:
        raise InputError(f"fear: {what} is an empty list; state at least one number")
    return listed


def _flows(scenario: Scenario, economy: Economy) -> Index:
    flows = border_flows(scenario, economy)
    flows = flows[economy.value.ravel()[flows] > 0]
    if not flows.size:
        raise InputError("fear: the measures touch no trade across a border, so no exporter need fear them")
    return flows


def _sigma(sigma: float | Mapping[str, float] | None, economy: Economy, flows: Index) -> Array:
    """Sigma [j]. Raises `InputError` where it is not between one and theta + 1 in a sector of the flows."""
    numbers = 1 + economy.theta / TAIL
    if sigma is None:
        return numbers
    by = sigma if isinstance(sigma, Mapping) else {"ALL": sigma}
    stated = by_sector_code(by, economy.sectors, "fear: sigma")
    feared = set((flows // economy.domestic.size).tolist())
    for name, number in stated.items():
        j = economy.sectors.index(name)
        if j not in feared:
            continue
        fine = isinstance(number, int | float) and not isinstance(number, bool) and 1 < number < economy.theta[j] + 1
        if not fine:
            raise InputError(
                f"fear: sigma of {name} {number!r}: a number above 1 and below its trade elasticity plus one "
                f"({economy.theta[j] + 1:.3g}) is needed, or the best firms' sales have no finite mean"
            )
        numbers[j] = number
    return numbers
