"""Tidy tables to an Economy: the arrays of the tables, and the equilibrium that they imply as its base."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from entrepot.data.elasticities import read_elasticities
from entrepot.data.row_checks import FLOW, checked_rate, negative_note, positions
from entrepot.data.stated_policy import ON_CELLS, StatedPolicy
from entrepot.data.tidy_tables import (
    SHARE_TOLERANCE,
    former_codes,
    in_order,
    read_table,
    read_trade,
    refuse_overlapping_countries,
)
from entrepot.economy import equations as eq
from entrepot.economy.base_accounts import check_labels
from entrepot.economy.calibration import base_value
from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array, Index
from entrepot.economy.theta import is_table_or_set, theta_array
from entrepot.errors import InputError, TableError
from entrepot.words import counted, listed

#: Share of trade by which the base may move to be an equilibrium: above it with a warning, and at most.
DOUBTFUL_MOVE, LARGEST_MOVE = 0.1, 0.5


def economy_from_tables(
    trade: Any,
    inputs: Any,
    demand: Any,
    production: Any = None,
    *,
    theta: Any,
    deficit: Literal["data", "balanced"],
    name: str,
    source: str,
    year: int | None,
    value_added: Mapping[str, float] | None = None,
) -> Economy:
    """Build an Economy from tidy tables; see `Economy.from_tables`.

    value_added  endowment by country, if it is known independently of output
    """
    if deficit not in ("data", "balanced"):
        raise InputError(f"deficit={deficit!r}: 'data' or 'balanced'")
    notes: list[str] = []
    flows, year = read_trade(trade, notes, year=year)
    countries = in_order(flows["importer"], flows["exporter"])
    sectors = in_order(flows["sector"])
    check_labels("country", countries)
    check_labels("sector", sectors)
    refuse_overlapping_countries(countries, "trade")
    notes += former_codes(countries)
    axes = (("sector", sectors), ("importer", countries), ("exporter", countries))
    at = tuple(positions("trade", flows, key, labels) for key, labels in axes)
    value, tariff = _trade_arrays(flows, at, countries, sectors, notes)
    output = value.sum(axis=1)
    policy = _policy(flows, at, production, countries, sectors, tariff, output, notes)
    recipe, value_added_share = _input_arrays(inputs, demand, countries, sectors, notes)
    elasticity, cited = (
        read_elasticities(theta, sectors) if is_table_or_set(theta) else (theta_array(theta, sectors), ())
    )
    notes += cited

    border = value * (1.0 + policy.to_exporters)
    gap = border.sum(axis=(0, 2)) - border.sum(axis=(0, 1)) if deficit == "data" else np.zeros(len(countries))
    paid = (1.0 + tariff) * policy.wedge * value
    revenue = (paid - border).sum(axis=(0, 2)) + (border - value).sum(axis=(0, 1))
    cost = output / policy.price_over_cost
    implied = eq.wage_bill(value_added_share, cost)
    endowment = implied if value_added is None else np.array([value_added[c] for c in countries], dtype=float)
    income = endowment + (output - cost).sum(axis=0) + revenue + gap
    if (income <= 0).any():
        i = int(np.argmin(income))
        raise TableError(
            f"trade: {countries[i]} earns {income[i]:.6g} in all (value added, tariffs and deficit); it must be "
            f"above zero: check its own sales and its exports"
        )
    final_share = _final_shares(demand, paid.sum(axis=2).T, cost, recipe, countries, sectors, notes)

    base, ln_wage = base_value(
        value,
        (1.0 + tariff) * policy.wedge - 1.0,
        recipe,
        elasticity,
        final_share,
        gap,
        value_added=endowment,
        markup=policy.price_over_cost,
        to_exporters=policy.to_exporters,
    )
    moved = np.abs(base - value).sum() / value.sum()
    largest = int(np.argmax(np.abs(ln_wage)))
    if moved > LARGEST_MOVE:
        raise TableError(
            f"the tables contradict each other: to be an equilibrium, trade values would have to move by "
            f"{100 * moved:.0f}% in sum (at most {100 * LARGEST_MOVE:.0f}% is accepted); check that trade, inputs and "
            f"demand are of one year and in one unit"
        )
    if moved > DOUBTFUL_MOVE:
        warnings.warn(
            f"the base moved by {100 * moved:.0f}% of trade to be an equilibrium: the tables are inconsistent",
            stacklevel=3,
        )
    notes.append(
        f"Base: the unshocked equilibrium of the tables. Trade values moved by {100 * moved:.3g}% in sum, wages by at "
        f"most {100 * abs(np.expm1(ln_wage[largest])):.3g}% ({countries[largest]})."
    )
    if value_added is not None:
        off = np.abs(implied / endowment - 1)
        reached = eq.wage_bill(value_added_share, base.sum(axis=1) / policy.price_over_cost) / endowment - 1
        worst = int(np.argmax(np.abs(reached)))
        notes.append(
            f"Value added is that of the data; the output in the tables would imply one that differs by up to "
            f"{100 * off.max():.3g}% ({countries[int(off.argmax())]}), and the base has one that differs by up to "
            f"{100 * abs(reached[worst]):.3g}% ({countries[worst]})."
        )
    return Economy(
        countries=countries,
        sectors=sectors,
        value=base,
        tariff=tariff,
        inputs=recipe,
        theta=elasticity,
        name=name,
        source=source,
        year=None if year is None else int(year),
        notes=tuple(notes),
        markup=policy.markup,
        in_force=policy.in_force(base),
    )


# ---- from rows to arrays ----


def _trade_arrays(
    flows: pd.DataFrame, at: tuple[Index, ...], countries: tuple[str, ...], sectors: tuple[str, ...], notes: list[str]
) -> tuple[Array, Array]:
    """Trade and tariffs [j,n,i] of rows that are at the positions `at`."""
    shape = (len(sectors), len(countries), len(countries))
    present = np.zeros(shape, dtype=bool)
    present[at] = True
    own_missing = np.argwhere(~present[:, range(shape[1]), range(shape[1])])
    if own_missing.size:
        pairs = listed(f"{countries[c]} {sectors[s]}" for s, c in own_missing)
        raise TableError(
            f"trade: own sales (importer = exporter) are missing for {len(own_missing)} of {shape[0] * shape[1]} "
            f"country-sectors: {pairs}. Add a row for each (gross output minus exports); write 0 where a country sells "
            f"nothing at home"
        )
    value, tariff = np.zeros(shape), np.zeros(shape)
    value[at] = flows["value"]
    if "tariff" in flows:
        tariff[at] = checked_rate("trade", flows, "tariff", FLOW)
        doubled = int((tariff > 1).sum())
        if doubled:
            notes.append(f"trade: {counted(doubled, 'tariff')} above 100% (the highest {100 * tariff.max():,.0f}%).")
        notes += negative_note(tariff, "trade")
    else:
        notes.append("trade: no tariff column; all tariffs are zero.")
    absent = int((~present).sum())
    if absent:
        notes.append(f"trade: {absent:,} of {present.size:,} flows have no row and are taken as zero.")
    return value, tariff


def _policy(
    flows: pd.DataFrame,
    at: tuple[Index, ...],
    production: Any,
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    tariff: Array,
    output: Array,
    notes: list[str],
) -> StatedPolicy:
    """Policy in force beside tariffs, as stated in the tables."""
    stated = StatedPolicy.on_flows(flows, np.ravel_multi_index(at, tariff.shape), tariff)
    if production is None:
        return stated
    frame = read_table("production", production, ["country", "sector"], [], list(ON_CELLS), notes)
    cells = (
        positions("production", frame, "sector", sectors),
        positions("production", frame, "country", countries),
    )
    return stated.on_cells(frame, cells, output)


def _input_arrays(
    inputs: Any, demand: Any, countries: tuple[str, ...], sectors: tuple[str, ...], notes: list[str]
) -> tuple[Array, Array]:
    """Cost shares [n,k,j] and value-added shares [n,j], which add up to one for every sector of every country."""
    stated = None if demand is None else _demand_column(demand, "value_added_share", countries, sectors, [])
    if inputs is None:
        if stated is not None and np.abs(stated - 1).max() > SHARE_TOLERANCE:
            n, j = np.argwhere(np.abs(stated - 1) > SHARE_TOLERANCE)[0]
            raise TableError(
                f"demand: value_added_share is {stated[n, j]:g} for {countries[n]} {sectors[j]}, but there is no "
                f"inputs table with the rest of its cost"
            )
        return np.zeros((len(countries), len(sectors), len(sectors))), np.ones((len(countries), len(sectors)))
    frame = read_table("inputs", inputs, ["country", "input", "output"], ["cost_share"], [], notes)
    recipe = np.zeros((len(countries), len(sectors), len(sectors)))
    given = np.zeros(recipe.shape, dtype=bool)
    rows = (
        positions("inputs", frame, "country", countries),
        positions("inputs", frame, "input", sectors),
        positions("inputs", frame, "output", sectors),
    )
    recipe[rows], given[rows] = frame["cost_share"], True
    bare = np.argwhere(~given.any(axis=1))
    if bare.size:
        n, j = bare[0]
        more = f" (and {len(bare) - 1} more)" if len(bare) > 1 else ""
        raise TableError(
            f"inputs: no row for the output {sectors[j]} of {countries[n]}{more}; write 0 where it uses none"
        )
    if not given.all():
        notes.append(
            f"inputs: {int((~given).sum()):,} of {given.size:,} cost shares have no row and are taken as zero."
        )
    materials = recipe.sum(axis=1)
    if stated is None:
        if materials.max() > 1 + SHARE_TOLERANCE:
            n, j = np.argwhere(materials > 1 + SHARE_TOLERANCE)[0]
            raise TableError(
                f"inputs: the cost shares of {countries[n]} {sectors[j]} add up to {materials[n, j]:.6g}, above one"
            )
        scale = np.maximum(materials, 1.0)
    else:
        scale = materials + stated
        off = np.abs(scale - 1)
        if off.max() > SHARE_TOLERANCE:
            n, j = np.unravel_index(int(off.argmax()), off.shape)
            raise TableError(
                f"inputs and demand: the cost shares of {countries[n]} {sectors[j]} ({materials[n, j]:.6g}) and its "
                f"value_added_share ({stated[n, j]:.6g}) add up to {scale[n, j]:.6g}, not one"
            )
        if off.max() > 1e-9:
            notes.append(f"inputs: cost shares missed one by at most {off.max():.2g} and were scaled.")
    recipe /= scale[:, None, :]
    return recipe, np.maximum(1.0 - recipe.sum(axis=1), 0.0)


def _demand_column(
    demand: Any, column: str, countries: tuple[str, ...], sectors: tuple[str, ...], notes: list[str]
) -> Array | None:
    frame = read_table("demand", demand, ["country", "sector"], [], ["final_share", "value_added_share"], notes)
    if column not in frame.columns:
        return None
    array = np.full((len(countries), len(sectors)), np.nan)
    array[positions("demand", frame, "country", countries), positions("demand", frame, "sector", sectors)] = frame[
        column
    ]
    missing = np.argwhere(np.isnan(array))
    if missing.size:
        n, j = missing[0]
        raise TableError(
            f"demand: no row for {countries[n]} {sectors[j]}"
            f"{f' (and {len(missing) - 1} more)' if len(missing) > 1 else ''}; write 0 where the share is zero"
        )
    return array


def _final_shares(
    demand: Any,
    bought: Array,
    cost: Array,
    recipe: Array,
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    notes: list[str],
) -> Array:
    """Final-demand shares [n,j]: read, or without a table, purchases [n,j] beyond the inputs in cost [j,n]."""
    if demand is None:
        left = bought - np.einsum("nkj,jn->nk", recipe, cost)
        final = np.maximum(left, 0.0)
        clipped = (final - left).sum()
        if clipped > 1e-9 * final.sum():
            notes.append(
                f"demand: no table; in {int((left < -1e-9 * bought).sum())} country-sectors intermediate use exceeds "
                f"spending (by {100 * clipped / final.sum():.3g}% of final demand in sum); their final share is zero."
            )
        if (final.sum(axis=1) <= 0).any():
            raise TableError(f"trade: nothing is left for final use in {countries[int(final.sum(axis=1).argmin())]}")
        return final / final.sum(axis=1, keepdims=True)
    shares = _demand_column(demand, "final_share", countries, sectors, notes)
    if shares is None:
        raise TableError("demand: no column 'final_share'")
    off = np.abs(shares.sum(axis=1) - 1)
    if off.max() > SHARE_TOLERANCE:
        n = int(off.argmax())
        raise TableError(f"demand: the final shares of {countries[n]} add up to {shares[n].sum():.6g}, not one")
    if off.max() > 1e-9:
        notes.append(f"demand: final shares missed one by at most {off.max():.2g} and were scaled.")
    unsold = np.argwhere((shares > 1e-6) & (bought <= 0))
    if unsold.size:
        n, j = unsold[0]
        raise TableError(
            f"demand: {countries[n]} spends {100 * shares[n, j]:.3g}% of final demand on {sectors[j]}, "
            f"but trade has no seller of it there"
        )
    shares = np.where(bought > 0, shares, 0.0)
    return shares / shares.sum(axis=1, keepdims=True)
