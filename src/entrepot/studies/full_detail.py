"""Everything that the Outcomes of a study hold, as tidy rows: sectors, flows, accounts, decomposition and residuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.economy.geography import resolve_countries, resolve_sectors
from entrepot.equilibrium import Outcome, quantities
from entrepot.errors import InputError
from entrepot.studies import tidy_frames

#: The most rows of flows in one answer, over all scenarios: one scenario of the largest bundled Economy has 203,391.
MOST_FLOWS = 250_000


def full_detail(
    study: SolvedCase,
    *,
    importers: Sequence[str] | None = None,
    exporters: Sequence[str] | None = None,
    sectors: Sequence[str] | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables `sectors`, `trade`, `accounts`, `decomposition` and `residuals` of every scenario, tidy.

    importers, exporters, sectors   which flows `trade` has, by code, name or group. Without any of them it has those of
                                    the sectors and importers that a measure or a watched market names.
    A scenario with an embargo has no decomposition. Raises `InputError` for more than `MOST_FLOWS` flows.
    """
    wanted = _chosen_flows(study, importers, exporters, sectors)
    many = int(wanted.sum()) * len(study.outcomes)
    if many > MOST_FLOWS:
        raise InputError(
            f"{many:,} flows are more than the {MOST_FLOWS:,} of one answer; name fewer importers, exporters or sectors"
        )
    return {
        "sectors": tidy_frames.sectors(study),
        "trade": tidy_frames.stacked({name: flows_of(outcome, wanted) for name, outcome in study.outcomes.items()}),
        "accounts": tidy_frames.stacked({name: accounts_of(outcome) for name, outcome in study.outcomes.items()}),
        "decomposition": tidy_frames.decompositions(study),
        "residuals": pd.DataFrame(
            [
                (name, block, gap)
                for name, outcome in study.outcomes.items()
                for block, gap in outcome.residuals.items()
            ],
            columns=["scenario", "condition", "gap"],
        ),
    }


def accounts_of(outcome: Outcome) -> pd.DataFrame:
    """Return what each country earns and spends (`quantities.ACCOUNTS`); the parts add up to its income."""
    return pd.DataFrame({"country": outcome.economy.countries, **quantities.read("accounts", outcome.accounts)})


def flows_of(outcome: Outcome, wanted: np.ndarray) -> pd.DataFrame:
    """Return the flows that are `wanted` [j,n,i], with who receives what users pay for each (`quantities.SPLIT`)."""
    at = np.nonzero(wanted)
    split = quantities.read("split", outcome.accounts)
    return tidy_frames.flows_of(outcome, wanted).assign(**{key: number[at] for key, number in split.items()})


def outcome_facts(study: SolvedCase) -> dict[str, dict[str, Any]]:
    """Return for each scenario how it was solved: status, tolerance, iterations, seconds, worst cells and notes."""
    return {
        name: {
            "status": outcome.status,
            "tol": outcome.tol,
            "iterations": outcome.iterations,
            "seconds": outcome.seconds,
            "worst": list(outcome.worst),
            "notes": list(outcome.notes),
            "decomposed": not outcome.problem.embargoed.size,
        }
        for name, outcome in study.outcomes.items()
    }


def registered(frames: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Return the registered numbers among the columns of tables: label, unit, sign, formula and source of each."""
    used = dict.fromkeys(str(column) for frame in frames.values() for column in frame.columns)
    facts = ("key", "label", "unit", "nominal", "positive", "formula", "source")
    known = [quantities.ALL[key] for key in used if key in quantities.ALL]
    return [{fact: getattr(q, fact) for fact in facts} for q in known]


def _chosen_flows(
    study: SolvedCase, importers: Sequence[str] | None, exporters: Sequence[str] | None, sectors: Sequence[str] | None
) -> np.ndarray:
    """Return which flows [j,n,i] are wanted."""
    e = study.economy
    if importers is None and exporters is None and sectors is None:
        return np.repeat(tidy_frames.touched(study)[:, :, None], len(e.countries), axis=2)

    def at(names: Sequence[str] | None, place: str) -> np.ndarray:
        if names is None:
            return np.ones(len(e.countries), dtype=bool)
        codes = {code for name in names for code in resolve_countries(name, e.countries, place)[0]}
        return np.isin(e.countries, sorted(codes))

    j = np.isin(e.sectors, e.sectors if sectors is None else resolve_sectors(tuple(sectors), e.sectors, "sectors"))
    n, i = at(importers, "importers"), at(exporters, "exporters")
    return j[:, None, None] & n[:, None] & i
