"""Solve a path: static equilibria in time, with the stocks that each leaves to the next."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from entrepot.economy import Economy
from entrepot.economy.geography import resolve_sectors
from entrepot.equilibrium import Closure
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.solve import check_arguments
from entrepot.errors import InputError, check_choice
from entrepot.interrupts import stopped_by_signals
from entrepot.measures import BorderMeasure, Policy
from entrepot.measures.acts import Cap, flow_name
from entrepot.paths.capital import Capital
from entrepot.paths.dated import Dated, Day, border_flows, read_dated, read_day
from entrepot.paths.expectations import Expectations
from entrepot.paths.growing_elasticities import Elasticities, History
from entrepot.paths.importers import Importers, days_awaited, refuse_limits
from entrepot.paths.inventories import Inventories
from entrepot.paths.march import March
from entrepot.paths.mobility import Mobility
from entrepot.paths.path import Path
from entrepot.paths.plans import solve_steps
from entrepot.paths.solved_step import SolvedStep
from entrepot.paths.static_states import StaticStates
from entrepot.paths.surges import Surge
from entrepot.paths.window import StepLength, TimeStep, steps_before, time_steps
from entrepot.paths.workers_march import solve_workers
from entrepot.types import Index, Progress, no_progress


@stopped_by_signals()
def solve(
    economy: Economy,
    scenario: Any,
    *,
    since: Day,
    until: Day,
    step: StepLength = "quarter",
    expectations: Expectations = "foresight",
    closure: Closure | None = None,
    capital: Capital | None = None,
    inventories: Inventories | None = None,
    elasticities: Elasticities | None = None,
    mobility: Mobility | None = None,
    markets: Mapping[str, BorderMeasure] | None = None,
    discount_rate: float = 0.0,
    tol: float = 1e-10,
    progress: Progress | None = None,
) -> Path:
    """Return the path of an Economy under measures that begin and end on given days.

    scenario      `Dated` measures, or a mapping of days to measures that are in force from then on
    since, until  the window: its first day, and the first day after it. Where capital or workers were moved by a
                  measure that began earlier, steps from then on are solved too, and left out of the tables
    expectations  "foresight": all is known from the first day; "myopic": nobody expects anything; "beliefs": measures
                  are unknown before they are announced, and believed with their probability until they begin
    capital, inventories, elasticities, mobility   what remembers; each is off where it is left out
    markets       what imports to report: by title, a border measure that names them, such as a Tariff; without it
                  those that each entry touches
    discount_rate a year, for totals; amounts are discounted from the middle of their step to the first day

    An interrupt returns the path until then (`complete` is False). Raises `InputError` for days and numbers that cannot
    be, and `ConvergenceError` where a step has no equilibrium or stocks have no bound.
    """
    began = time.perf_counter()
    closure = closure or Closure()
    check_arguments(economy, closure, tol)
    entries = read_dated(scenario)
    first, after = read_day("since", since), read_day("until", until)
    if first is None or after is None:
        raise InputError("path: since and until are needed, days such as 2019-05-17")
    _check_choices(expectations, discount_rate, capital, inventories, elasticities)
    _check_mobility(mobility, capital)
    steps = time_steps(entries, first, after, step)
    before: tuple[TimeStep, ...] = ()
    if capital is not None or mobility is not None:
        before = steps_before(entries, first, expectations == "beliefs", step)
    if capital is not None:
        closure = capital.closure(closure)
        # Raises where capital's part of value added is not determined.
        Factors.of(economy, replace(closure, capital=2.0))
    if mobility is not None:
        closure = mobility.closure(economy, closure)
    if inventories is not None:
        check_stored(economy, entries, expectations, first, after, inventories)
    watched, by_market = _watched(economy, entries, markets)
    states = StaticStates(economy, entries, closure, watched, by_market, tol)
    base = states.base()
    history = None if elasticities is None else History(states.economy, entries, elasticities)
    march = March(states, (*before, *steps), capital, history, base)
    solved: list[SolvedStep] = []
    found: list[Surge] = []
    complete = True
    try:
        report = progress or no_progress

        def keep(t: int, done: SolvedStep) -> None:
            report("path", t, len(before) + len(steps))
            if t >= len(before):
                solved[t - len(before) : t - len(before) + 1] = [done]

        if mobility is not None:
            solve_workers(march, mobility, expectations, keep)
        else:
            solve_steps(march, expectations, keep)
        if inventories is not None:

            def name_of(flow: int) -> str:
                return flow_name(economy, watched[flow])

            touched, limited = _stored(economy, entries, watched, inventories.sectors)
            importers = Importers(inventories, march.at, entries, expectations, touched, limited, name_of)
            found = importers.surges(solved)
    except KeyboardInterrupt:
        complete = False
    return Path(
        economy=states.economy,
        entries=entries,
        steps=tuple(solved),
        base=base,
        watched=watched,
        by_market=by_market,
        stockpiles=tuple(found),
        mobility=mobility,
        expectations=expectations,
        discount_rate=float(discount_rate),
        complete=complete,
        equilibria=states.solved,
        seconds=time.perf_counter() - began,
    )


def _check_choices(expectations: Any, discount_rate: Any, capital: Any, inventories: Any, elasticities: Any) -> None:
    check_choice("path: expectations", expectations, Expectations)
    number = isinstance(discount_rate, int | float) and not isinstance(discount_rate, bool)
    if not number or not -0.5 < discount_rate < 10:
        raise InputError(f"path: discount_rate {discount_rate!r} is not a rate a year, such as 0.03")
    for name, value, kind in (
        ("capital", capital, Capital),
        ("inventories", inventories, Inventories),
        ("elasticities", elasticities, Elasticities),
    ):
        if value is not None and not isinstance(value, kind):
            raise InputError(f"path: {name} {value!r} is not {kind.__name__}(...), such as ep.paths.{kind.__name__}()")


def _check_mobility(mobility: Any, capital: Any) -> None:
    if mobility is None:
        return
    if not isinstance(mobility, Mobility):
        raise InputError(f"path: mobility {mobility!r} is not Mobility(...), such as ep.paths.Mobility('USA')")
    if capital is not None:
        raise InputError(
            "path: workers who move at a cost and capital cannot be on one path: in the model each sector has one "
            "factor of its own, and both would be it; solve a path with each"
        )


def check_stored(
    economy: Economy,
    entries: Sequence[Dated],
    expectations: Expectations,
    since: datetime.date,
    until: datetime.date,
    inventories: Inventories,
) -> None:
    """Raise `InputError` where goods would be stored ahead of a quota or a ban, which is not solved."""
    every, _ = _watched(economy, entries, None)
    touched, limited = _stored(economy, entries, every, inventories.sectors)
    awaited = days_awaited(entries, expectations, since, until, inventories)
    refuse_limits(awaited, touched, limited, lambda flow: flow_name(economy, every[flow]))


def _watched(
    economy: Economy, entries: Sequence[Dated], markets: Mapping[str, BorderMeasure] | None
) -> tuple[Index, dict[str, Index]]:
    """Return the flows that a path watches, and by market their positions among them."""
    touched = [border_flows(entry.scenario, economy) for entry in entries]
    named: dict[str, Index] = {}
    if markets is None:
        for entry, flows in zip(entries, touched, strict=True):
            named[entry.title] = np.union1d(named.get(entry.title, flows[:0]), flows)
    else:
        named = {title: measure.flows(economy) for title, measure in markets.items()}
    every = np.unique(np.concatenate([np.zeros(0, dtype=np.intp), *touched, *named.values()])).astype(np.intp)
    return every, {title: np.searchsorted(every, flows) for title, flows in named.items() if flows.size}


def _stored(
    economy: Economy, entries: Sequence[Dated], watched: Index, sectors: str | Sequence[str]
) -> tuple[list[Index], list[Index]]:
    """Return the flows that each entry touches in some sectors, and those of them with a quota or ban on it.

    Both are positions among the flows that are watched.
    """
    storable = np.isin(economy.sectors, resolve_sectors(sectors, economy.sectors, "inventories: sectors"))
    touched = [border_flows(entry.scenario, economy) for entry in entries]
    touched = [flows[storable[flows // economy.domestic.size]] for flows in touched]
    limits = [[cap.at for cap in Policy.of(economy, entry.scenario).each(Cap)] for entry in entries]
    held = economy.in_force.quotas.flow
    limited = [
        np.intersect1d(flows, np.concatenate([held, *caps])) for flows, caps in zip(touched, limits, strict=True)
    ]
    return [np.searchsorted(watched, flows) for flows in touched], [np.searchsorted(watched, f) for f in limited]
