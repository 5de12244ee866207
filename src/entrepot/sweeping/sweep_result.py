"""`Sweep`: the intervals, probabilities and drivers of a sweep, read from the run store by SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from entrepot.cases.case_checks import notes_on
from entrepot.errors import InputError, UnknownNameError
from entrepot.runs.store import Run
from entrepot.sql_quoting import sql_name, sql_text
from entrepot.sweeping.design_of_experiments import indices
from entrepot.sweeping.member_tables import FAILURES, KEYS
from entrepot.sweeping.plan import Plan
from entrepot.words import NamesParties

if TYPE_CHECKING:
    import pandas as pd

#: The smallest gain, in US$ million, with which a party signs; below zero, so that rounding does not refuse a deal.
SIGNS = -1e-3
#: A gain no further from zero than this is rounding; in US$ million and in percent.
ROUNDING = {"equivalent_variation": 1e-3, "payoff": 1e-3, "real_income_pct": 1e-8}


@dataclass(frozen=True, eq=False, repr=False)
class Sweep(NamesParties):
    """A sweep in the run store: print it, or read `intervals`, `probabilities`, `tornado`, `indices`, `table(name)`.

    members   solved so far, of `plan.size`;  solves, seconds  equilibria found in this call and the time it took
    """

    plan: Plan
    run: Run
    members: int
    solves: int
    seconds: float

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Notes on the sets that elasticities are drawn from, the case, how its names were read, and the data."""
        mixed = [p for p in self.plan.uncertain.parameters if p.sets and self.plan.draws]
        drawn = tuple(f"{p.name} is a position, from 0, in {p.distribution}: sets and weights." for p in mixed)
        return (*drawn, *notes_on(self.plan.case, self.plan.base))

    @property
    def known(self) -> tuple[str, ...]:
        """The country codes of the Economy."""
        return self.plan.economy.countries

    @property
    def complete(self) -> bool:
        """Whether every member is solved."""
        return self.run.complete

    @property
    def drawn(self) -> bool:
        """Whether a draw is solved: the members with one number at a time come first, and Morris' design has none."""
        plan, last = self.plan, max(self.run.parts("draws"), default=-1)
        solved = min((last + 1) * plan.part_size, plan.size)
        return plan.method != "morris" and plan.draws > 0 and solved > plan.singles

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables that have numbers."""
        return tuple(name for name in KEYS if self.run.parts(name))

    def table(self, name: str) -> pd.DataFrame:
        """The whole table `draws` (the drawn numbers), `failures`, or one of `tables`."""
        import pandas as pd

        _one_of(name, ("draws", "failures", *KEYS), "table")
        found = self.run.read(name)
        none = name == "failures" and not len(found.columns)
        return pd.DataFrame(columns=FAILURES) if none else found

    # ---- how sure ----

    def intervals(self, table: str = "welfare", level: float = 0.9) -> pd.DataFrame:
        """For every number of a table: its centre, mean and median, and the interval with `level` of the draws.

        above_zero   share of the draws in which the number is above zero
        flips        share of the draws in which its sign differs from that of the centre
        draws        number of draws, without those that have no equilibrium

        A gain within `ROUNDING` of zero has no sign. Over a grid there is no centre. Raises `InputError` for Morris'
        design, whose members are at a few levels and are not draws.
        """
        if not isinstance(level, float) or not 0 < level < 1:
            raise InputError(f"level {level!r}: give a share of the draws between 0 and 1, such as 0.9")
        self._drawn()
        keys, numbers = self._columns(table)
        by = ", ".join(sql_name(key) for key in [*self._axes, *keys, "number"])
        columns, tail = ", ".join(map(sql_name, numbers)), (1 - level) / 2
        found = self._query(
            f"""
            WITH long AS (
                SELECT *, CASE WHEN abs(value) <= {_rounding()} THEN 0 ELSE sign(value) END AS side
                FROM (UNPIVOT ({self._of(table)}) ON {columns} INTO NAME number VALUE value)
            ),
            middle AS (
                SELECT {by}, avg(value) AS centre, any_value(side) AS central
                FROM long WHERE kind = 'centre' GROUP BY {by}
            )
            SELECT {by}, any_value(centre) AS centre, avg(value) AS mean,
                   quantile_cont(value, {tail}) AS low, quantile_cont(value, 0.5) AS median,
                   quantile_cont(value, {1 - tail}) AS high,
                   avg((side > 0)::INT) AS above_zero,
                   avg(CASE WHEN NOT isnan(centre) THEN (side <> central)::INT END) AS flips, count(*) AS draws
            FROM long LEFT JOIN middle USING ({by}) WHERE kind = 'draw' AND NOT isnan(value) GROUP BY {by}
            """
        )
        return self._ordered(found, keys, numbers)

    def probabilities(self) -> pd.DataFrame:
        """For every offer: the share of the draws in which each party gains over the threat, and in which all sign.

        Each share is of the draws in which the party, or every party, has a number.
        """
        self._drawn()
        if "offers" not in self.tables:
            raise InputError(
                "the case has no table with offers and a scenario as its threat, so there are no probabilities"
            )
        axes = "".join(f"{sql_name(axis)}, " for axis in self._axes)
        found = self._query(
            f"""
            WITH each AS (SELECT *, gain >= {SIGNS} AS signs FROM ({self._of("offers")}) WHERE kind = 'draw'),
            every AS (
                SELECT {axes} member, offer, bool_and(signs) AS signed FROM each
                GROUP BY ALL HAVING NOT bool_or(coalesce(isnan(gain), true))
            )
            SELECT {axes} offer, party, avg(signs::INT) AS signs, any_value(signed) AS signed, count(*) AS draws
            FROM each
            LEFT JOIN (SELECT {axes} offer, avg(signed::INT) AS signed FROM every GROUP BY ALL) USING ({axes} offer)
            WHERE NOT isnan(gain)
            GROUP BY ALL
            """
        )
        return self._ordered(found, ("offer", "party"), ())

    # ---- what drives it ----

    def tornado(self, number: str = "real_income_pct", table: str = "welfare", **row: str) -> pd.DataFrame:
        """The number with one parameter at its 5th and 95th percentile and the others at their centres, widest first.

        row   selects the row of the table: scenario="tariff", party="USA"
        """
        keys, numbers = self._columns(table)
        _one_of(number, numbers, "number")
        chosen = self._row(table, keys, row)
        found = self._query(
            f"SELECT kind, parameter, {sql_name(number)} AS value FROM ({self._of(table)}) WHERE {chosen}"
        )
        centre = found.loc[found["kind"] == "centre", "value"]
        if not self.plan.singles:
            raise InputError("one number at a time is not solved on a grid; sweep without a grid")
        if centre.empty:
            raise InputError("the members with one number at a time are not solved yet: continue the sweep")
        wide = found[found["kind"].isin(["low", "high"])].pivot(index="parameter", columns="kind", values="value")
        wide = wide.reindex(index=self.plan.uncertain.names, columns=["low", "high"]).reset_index()
        wide["centre"] = float(centre.iloc[0])
        width = (wide["high"] - wide["low"]).abs()
        return wide.iloc[np.argsort(-width.to_numpy(), kind="stable")].reset_index(drop=True)

    def indices(self, number: str = "real_income_pct", table: str = "welfare", **row: str) -> pd.DataFrame:
        """Sensitivity indices by parameter of a design of experiments: see `design_of_experiments.indices`."""
        if self.plan.method == "draws":
            raise InputError("the sweep has draws and no design of experiments; sweep with method='sobol' or 'morris'")
        keys, numbers = self._columns(table)
        _one_of(number, numbers, "number")
        chosen = self._row(table, keys, row)
        found = self._query(
            f"SELECT member, {sql_name(number)} AS value FROM ({self._of(table)}) "
            f"WHERE {chosen} AND kind = 'draw' ORDER BY member"
        )
        points = self.plan.design
        assert points is not None
        if len(found) != len(points) and self.complete:
            raise InputError(
                f"{len(points) - len(found)} members of the design have numbers that are not allowed "
                f"(.table('failures')), and indices need all members: bound the distributions (min, max)"
            )
        if len(found) != len(points):
            raise InputError(f"{len(found)} of the {len(points)} members of the design are solved: continue the sweep")
        return indices(self.plan.method, self.plan.uncertain.names, points, found["value"].to_numpy(), self.plan.seed)

    # ---- reading the store ----

    def _drawn(self) -> None:
        if self.plan.method == "morris":
            raise InputError(
                "the members of Morris' design are at a few levels of each number and are not draws, so they give no "
                "intervals and no probabilities: read indices(), or sweep with method='draws'"
            )

    @property
    def _axes(self) -> list[str]:
        return [axis.name for axis in self.plan.grid]

    def _of(self, table: str) -> str:
        """SQL of a table with the kind, parameter and grid levels of each member."""
        axes = "".join(f", d.{sql_name(axis)}" for axis in self._axes)
        both = f"{self._files(table)} t JOIN {self._files('draws')} d USING (member)"
        return f"SELECT t.*, d.kind, d.parameter{axes} FROM {both}"

    def _files(self, table: str) -> str:
        return self.run.relation(table)

    def _query(self, sql: str) -> pd.DataFrame:
        return self.run.query(sql)

    def _columns(self, table: str) -> tuple[tuple[str, ...], list[str]]:
        """The key columns and the number columns of a table."""
        _one_of(table, self.tables, "table")
        head = self._query(f"SELECT * FROM {self._files(table)} LIMIT 1")
        return KEYS[table], [c for c in head.columns if c not in (*KEYS[table], "member")]

    def _row(self, table: str, keys: Sequence[str], row: dict[str, str]) -> str:
        for key in row:
            _one_of(key, keys, "key of the table")
        parts = []
        for key in keys:
            known = list(self._query(f"SELECT DISTINCT {sql_name(key)} AS k FROM {self._files(table)}")["k"])
            if key not in row and len(known) > 1:
                raise InputError(f"{table}: choose a {key}: {', '.join(map(str, known))}")
            name = row.get(key, known[0])
            _one_of(name, known, key)
            parts.append(f"{sql_name(key)} = {sql_text(name)}")
        return " AND ".join(parts)

    def _ordered(self, found: pd.DataFrame, keys: Sequence[str], numbers: Sequence[str]) -> pd.DataFrame:
        """Rows in the order of the case."""
        case = self.plan.case
        order: dict[str, list[str]] = {
            "scenario": list(self.plan.scenarios),
            "party": [*case.parties, *(case.table.between if case.table else ()), "OTHER", "WORLD"],
            "number": list(numbers),
            "offer": list(case.table.offers) if case.table else [],
            "owner": [*case.parties, "OTHER"],
            "plant": ["ALL", *case.parties, "OTHER"],
        }

        def rank(column: Any) -> Any:
            names = order.get(column.name)
            return column.map(lambda name: names.index(name) if name in names else len(names)) if names else column

        by = [*self._axes, *keys, *(["number"] if numbers else [])]
        return found.sort_values(by, key=rank, kind="stable", ignore_index=True)

    def __repr__(self) -> str:
        case = self.plan.case.case
        count = len(self.plan.uncertain.names)
        what = f"{count} uncertain number{'' if count == 1 else 's'}" if self.plan.uncertain else "no uncertain number"
        grid = "".join(f", {len(axis.levels)} levels of {axis.name}" for axis in self.plan.grid)
        rate = (
            f", {self.solves:,} equilibria in {self.seconds:.1f} s ({self.solves / self.seconds:,.0f} a second)"
            if self.solves
            else ""
        )
        state = "" if self.complete else f" of {self.plan.size:,} (stopped; the same call continues)"
        failed = self.table("failures")["member"].nunique() if self.run.parts("failures") else 0
        lost = f"\n{failed:,} members have a failure: .table('failures')" if failed else ""
        out = f"\nNot solved: {', '.join(self.plan.left_out)}" if self.plan.left_out else ""
        return (
            f"Sweep {self.run.id} of {case!r}: {self.members:,} members{state}, {what}{grid}, "
            f"seed {self.plan.seed}{rate}{lost}{out}\n"
            f"Next: .intervals(), .tornado(scenario=..., party=...), .table('welfare'), .tables"
        )


def _rounding() -> str:
    """The `ROUNDING` of each number as an SQL expression."""
    return f"CASE number {' '.join(f'WHEN {sql_text(name)} THEN {size}' for name, size in ROUNDING.items())} ELSE 0 END"


def _one_of(name: str, known: Sequence[str], what: str) -> None:
    if name not in known:
        raise UnknownNameError(what, name, list(map(str, known)))
