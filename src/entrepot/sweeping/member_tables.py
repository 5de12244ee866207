"""The numbers of a part's members as tidy tables, the ones that a report shows.

They are read from stacks of solutions, which is faster than from one Outcome after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.cases import Case
from entrepot.cases.report_numbers import (
    WatchedMarket,
    party_places,
    places_of,
    proceeds_numbers,
    research_numbers,
    welfare_numbers,
)
from entrepot.economy.geography import resolve_sectors, with_rest
from entrepot.equilibrium.industry import INDUSTRY
from entrepot.sweeping.market_members import MARKET_KEYS, market_rows
from entrepot.sweeping.measure_members import measure_names, measure_numbers
from entrepot.sweeping.offers import offers
from entrepot.sweeping.path_members import PATH_KEYS, path_rows
from entrepot.sweeping.solved_part import Chunk, PartSolved

if TYPE_CHECKING:
    import pandas as pd

#: The key columns of every table; the others are numbers. Every table has `member` before them.
KEYS = {
    "welfare": ("scenario", "party"),
    "industry": ("scenario",),
    "proceeds": ("scenario", "party"),
    "markets": ("market", "scenario", "exporter"),
    "measures": ("scenario", "measure"),
    "payoffs": ("scenario", "party"),
    "offers": ("offer", "party"),
    **MARKET_KEYS,
    **PATH_KEYS,
    "countries": ("scenario", "country"),
}
TABLES = tuple(KEYS)
#: Columns of the table of failures: `kind` is that of `solved_part.Failure`.
FAILURES = ["member", "scenario", "kind", "why"]
Columns = dict[str, Any]


def tables(part: PartSolved, design: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables `draws`, `failures` and those of the plan; an empty one is left out."""
    import pandas as pd

    made: dict[str, pd.DataFrame] = {"draws": design}
    wanted = part.plan.tables
    makers: dict[str, Callable[[PartSolved, str, Chunk], Iterator[Columns]]] = {
        "welfare": _welfare,
        "industry": _industry,
        "proceeds": _proceeds,
        "markets": _markets,
        "measures": _measures,
        "payoffs": _payoffs,
        "countries": _countries,
    }
    for name, maker in makers.items():
        if name not in wanted:
            continue
        blocks = [
            _block(part, chunk, columns)
            for scenario in part.plan.scenarios
            for chunk in part.chunks[scenario]
            for columns in maker(part, scenario, chunk)
        ]
        if blocks:
            joined = {key: np.concatenate([block[key] for block in blocks]) for key in blocks[0]}
            order = np.argsort(joined["member"], kind="stable")
            made[name] = pd.DataFrame({key: column[order] for key, column in joined.items()})
    if "offers" in wanted:
        rows = offers(part)
        if rows:
            made["offers"] = pd.DataFrame(rows, columns=["member", "offer", "party", "gain"])
    if set(MARKET_KEYS) & set(wanted):
        made |= {name: pd.DataFrame(rows) for name, rows in market_rows(part).items() if rows and name in wanted}
    if part.plan.follows_path:
        made |= {name: pd.DataFrame(rows) for name, rows in path_rows(part).items() if rows and name in wanted}
    failed = [
        (part.members[row].number, scenario, part.failures[row, scenario].kind, part.failures[row, scenario].why)
        for row, scenario in sorted(part.failures)
    ]
    made["failures"] = pd.DataFrame(failed, columns=FAILURES)
    return made


def _block(part: PartSolved, chunk: Chunk, columns: Columns) -> Columns:
    """Columns of one length with `member` before them; a single number or name is repeated in every row."""
    members = np.array([part.members[row].number for row in chunk.rows])
    length = max(np.size(column) for column in columns.values())
    return {
        "member": np.repeat(members, length // len(members)),
        **{key: np.broadcast_to(np.asarray(column), length) for key, column in columns.items()},
    }


def _case(part: PartSolved) -> Case:
    return part.plan.case


def _welfare(part: PartSolved, scenario: str, chunk: Chunk) -> Iterator[Columns]:
    income = chunk.solved.economy.income
    gain = income * chunk.solved.real_income
    for party in _case(part).with_world:
        yield {"scenario": scenario, "party": party} | welfare_numbers(
            gain, income, party_places(party, part.plan.base)
        )


def _countries(part: PartSolved, scenario: str, chunk: Chunk) -> Iterator[Columns]:
    columns = chunk.solved.countries()
    codes = np.tile(np.array(part.plan.base.countries), len(chunk.rows))
    yield {"scenario": scenario, "country": codes, **{name: column.ravel() for name, column in columns.items()}}


def _industry(part: PartSolved, scenario: str, chunk: Chunk) -> Iterator[Columns]:
    case, e = _case(part), part.plan.base
    protected = case.report.protected
    if protected is None:
        return
    n = party_places(protected.country, e)
    j = e.sectors.index(resolve_sectors(protected.sector, e.sectors, "report.protected.sector")[0])
    row = chunk.solved.industry(n, j)
    posed = chunk.solved.economy
    base = (posed.gross_margin[..., j][..., n] * posed.cost[..., j, :][..., n]).sum(axis=-1)
    intensity = np.array([_intensity(part.members[r].case) for r in chunk.rows])
    capacity = research_numbers(row["real_value_added"], base, intensity)
    yield {"scenario": scenario, **{name: row[name] for name in INDUSTRY}, **capacity}


def _intensity(case: Case) -> float:
    protected = case.report.protected
    return (protected.rd_intensity if protected else None) or float("nan")


def _proceeds(part: PartSolved, scenario: str, chunk: Chunk) -> Iterator[Columns]:
    e = part.plan.base
    for party, codes in with_rest(_case(part).parties, e.countries).items():
        yield {"scenario": scenario, "party": party} | proceeds_numbers(chunk.solved, places_of(codes, e))


def _markets(part: PartSolved, scenario: str, chunk: Chunk) -> Iterator[Columns]:
    for watch in _case(part).report.markets:
        market = WatchedMarket(watch, part.plan.base)
        for source, numbers in market.imports(chunk.solved.flows(market.flow).border_value):
            yield {"market": watch.title, "scenario": scenario, "exporter": source} | numbers


def _measures(part: PartSolved, scenario: str, chunk: Chunk) -> Iterator[Columns]:
    """What every measure of the case does, without those of a retaliation."""
    measures = list(_case(part).scenarios[scenario].build(scenario))
    for position, (name, measure) in enumerate(zip(measure_names(measures), measures, strict=True)):
        yield {"scenario": scenario, "measure": name} | measure_numbers(chunk.solved, position, measure)


def _payoffs(part: PartSolved, scenario: str, chunk: Chunk) -> Iterator[Columns]:
    """The payoff of every party under a scenario, without the cost of a breach, which draws do not change."""
    for party in _case(part).objectives:
        yield {"scenario": scenario, "party": party, "payoff": part.worth(chunk.rows, chunk.solved, party)}
