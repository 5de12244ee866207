"""Trade elasticities: published sets, and tables of your own, mapped to the sectors of an Economy."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.classifications import classifications, placed_sectors, recognise
from entrepot.data.concordances import harmonized, read_concordance
from entrepot.data.frames import as_labels, as_numbers, read_as, read_frame, unused_note
from entrepot.data.layouts import Layout, fold_name, layout_of
from entrepot.data.number_formats import NumberFormat, find_number_format
from entrepot.data.opening import OpenedTable, cells_as_text
from entrepot.data.published_sets import ElasticitySet, published, set_named, sets_with_numbers, with_sectors
from entrepot.documents import as_path
from entrepot.economy.equations import Array
from entrepot.economy.geography import ALL
from entrepot.economy.theta import EACH, LARGEST_THETA, LEAST_THETA, is_set_with_sectors, plainly, theta_array
from entrepot.errors import DocumentError, InputError, TableError, UnknownNameError
from entrepot.words import counted, listed

#: From this division of ISIC Rev. 4 on (repair, utilities, construction, services) a set's non-traded value applies.
FIRST_NONTRADED = 33
#: How far sigma - 1 may at least be from theta where both are given: the rounding of two numbers to two decimals.
ROUNDING = 0.01 + 1e-9
#: The part of theta by which rounding may put it off sigma - 1 without a note.
LARGEST_PART = 0.05
_AS_GIVEN = "Elasticities: by sector, as given"


def elasticities_by_set(economy: Any, *, sectors: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Return the trade elasticities of an Economy's sectors, a column for the Economy's own and one for each set.

    economy   an Economy, the name of a bundled one or a path
    sectors   what sectors with names of your own cover, as ISIC Rev. 4: {"cars": "C29", "farms": "A01 A02"}

    A set that has no value for some sector is left out; `frame.attrs["left_out"]` says why, and
    `frame.attrs["notes"]` how each set was mapped. Raises `InputError` where no set can be mapped.
    """
    from entrepot.economy import Economy, load_economy

    world = economy if isinstance(economy, Economy) else load_economy(economy)
    columns, left_out, notes = {"economy": world.theta}, {}, {}
    for name in sets_with_numbers():
        try:
            columns[name], notes[name] = read_elasticities(with_sectors(name, sectors), world.sectors)
        except InputError as error:
            left_out[name] = str(error)
    mapped = [name for name in columns if published().get(name) and published()[name].uniform is None]
    if not mapped and left_out:
        raise InputError(next(iter(left_out.values())))
    frame = pd.DataFrame(columns, index=pd.Index(world.sectors, name="sector"))
    frame.attrs.update(left_out=left_out, notes=notes)
    return frame


def read_elasticities(
    theta: Any, sectors: Sequence[str], *, classification: str | None = None, concordance: Any = None
) -> tuple[Array, tuple[str, ...]]:
    """Return trade elasticities [j] of `sectors`, and sentences for the report that state their source.

    `theta` is a number, a mapping by sector, the name of a published set, or a table (a DataFrame or a path)
    with the columns sector or product, and theta or sigma (theta = sigma - 1). Products need a `concordance` (see
    `tariff_array`); a row for ALL applies to sectors without a row. A set, or a table of another classification, is
    mapped by the simple mean over its sectors that share a division of ISIC Rev. 4; `classification` names the
    classification of `sectors`, which is otherwise recognised by the labels. {"set": NAME, "sectors": {sector: code}}
    names a set and states the codes of ISIC Rev. 4 that sectors cover, for names of your own. Raises `InputError`
    (`UnknownNameError`, `TableError`, `DocumentError`).
    """
    sectors = tuple(sectors)
    if theta is None:
        raise InputError(
            "theta: elasticities are needed: a number, a mapping by sector, a CSV file, or one of "
            f"{', '.join(published())}"
        )
    if is_set_with_sectors(theta):
        chosen = _chosen(theta["set"])
        return _from_set(chosen, sectors, classification, theta.get("sectors"))
    theta = plainly(theta)
    if isinstance(theta, Mapping):
        return theta_array(theta, sectors), (f"{_AS_GIVEN}.",)
    if isinstance(theta, str) and (theta == EACH or set_named(theta) is not None):
        return _from_set(_chosen(theta), sectors, classification)
    if isinstance(theta, str | os.PathLike | pd.DataFrame):
        return _from_table(theta, sectors, classification, concordance)
    array = theta_array(theta, sectors)
    return array, (f"Elasticities: {array[0]:g} for every sector, as given.",)


# ---- published sets ----


def _chosen(name: str) -> ElasticitySet:
    if name == EACH:
        raise InputError(
            "theta: each stands for every published set, one after another: entrepot run or solve --theta each, or "
            "ep.run(case, theta='each'); a sweep takes a mixture of sets (docs/uncertainty.md)"
        )
    found = set_named(name)
    if found is None:
        raise UnknownNameError("set of elasticities", name, published(), "theta")
    return found


def _from_set(
    chosen: ElasticitySet,
    sectors: tuple[str, ...],
    classification: str | None,
    stated: Mapping[str, Any] | None = None,
) -> tuple[Array, tuple[str, ...]]:
    source = f"Elasticities: {chosen}"
    if chosen.unusable:
        raise InputError(f"theta: {chosen.title}: {chosen.unusable}")
    if chosen.file == "user":
        raise InputError(
            f"theta: the package does not ship the numbers of {chosen.title}. Download them from {chosen.where} and "
            f"give the path of the file with a concordance (ProTEE_0_1.csv, by product, is read as published). Or "
            f"write a CSV "
            f"with the columns sector and theta (positive; minus the elasticity of trade to its price with duty, "
            f"so one less than that of trade valued before duty), or product and theta with a concordance"
        )
    if chosen.uniform is not None:
        span = f" (the source gives {chosen.range[0]:g} to {chosen.range[1]:g})" if chosen.range else ""
        return np.full(len(sectors), chosen.uniform), (f"{source}: {chosen.uniform:g} for every sector{span}.",)
    theta, notes, assumed = _mapped(
        chosen.values,
        chosen.classification,
        sectors,
        classification,
        chosen.nontraded,
        chosen.title,
        stated,
        chosen.assumed,
    )
    if assumed:
        notes.append(f"Elasticities: not estimated for {', '.join(assumed)}: {chosen.assumption}.")
    return theta, (f"{source}{notes[0]}", *notes[1:])


def _mapped(
    values: Mapping[str, float],
    own: str,
    sectors: tuple[str, ...],
    classification: str | None,
    nontraded: float | None,
    title: str,
    stated: Mapping[str, Any] | None = None,
    assumed: Sequence[str] = (),
) -> tuple[Array, list[str], list[str]]:
    """Values of the classification `own` mapped to `sectors`: the mean of the entries that share an ISIC division.

    Returns theta [j], notes, and the sectors whose value comes from `assumed` entries alone.
    """
    if classification in (None, own) and not stated and all(sector in values for sector in sectors):
        exact = np.array([values[sector] for sector in sectors], dtype=float)
        return exact, ["."], [sector for sector in sectors if sector in assumed]
    target, source = placed_sectors(sectors, classification, stated), classifications()[own]
    entries = {label: source.divisions[label] for label in values if source.divisions.get(label)}
    theta = np.full(len(sectors), np.nan)
    filled: list[str] = []
    taken: list[str] = []
    for j, sector in enumerate(sectors):
        divisions = target.divisions[sector]
        shared = [label for label, covered in entries.items() if covered & divisions]
        if shared and set(shared) <= set(assumed):
            taken.append(sector)
        if shared:
            theta[j] = np.mean([values[label] for label in shared])
        elif nontraded is not None and all(division >= FIRST_NONTRADED for division in divisions):
            theta[j] = nontraded
            filled.append(sector)
    missing = [sector for sector, number in zip(sectors, theta, strict=True) if np.isnan(number)]
    if missing:
        raise InputError(
            f"theta: {title} has no elasticity for {', '.join(missing)}; give theta by sector, as a mapping or a CSV"
        )
    how = f" ({'; '.join(target.notes)})" if target.notes else ""
    notes = [
        f", mapped from its {len(values)} sectors to {len(sectors)} of {target.title} by simple mean of those that "
        f"share a division of ISIC Rev. 4{how}."
    ]
    if filled:
        notes.append(f"Elasticities: {nontraded:g}, the set's value for non-traded sectors, for {', '.join(filled)}.")
    return theta, notes, taken


# ---- tables ----


def _from_table(
    theta: Any, sectors: tuple[str, ...], classification: str | None, concordance: Any
) -> tuple[Array, tuple[str, ...]]:
    frame, opened, layout = _read(theta)
    where, notes = opened.where, [f"{opened.where}: {note}" for note in opened.notes]
    array, cited = _of_rows(frame, where, layout, sectors, classification, concordance, notes)
    return array, (*cited, *notes)


def _of_rows(
    frame: pd.DataFrame,
    where: str,
    layout: Layout | None,
    sectors: tuple[str, ...],
    classification: str | None,
    concordance: Any,
    notes: list[str],
) -> tuple[Array, tuple[str, ...]]:
    """Elasticities [j] and sentences on their source; notes on the form of the rows are added to `notes`."""
    if layout is not None:
        values, mended = _as_published(frame, where)
        array, cited = _by_product(values, None, sectors, concordance, where, f"Elasticities: {layout.title}")
        return array, (*cited, *mended)
    key = next((c for c in ("sector", "product") if c in frame.columns), None)
    number = next((c for c in ("theta", "sigma") if c in frame.columns), None)
    if key is None or number is None:
        raise TableError(
            f"{where}: the columns sector or product, and theta or sigma, are needed; found "
            f"{', '.join(map(str, frame.columns))}"
        )
    values = _numbers(frame, key, number, where, notes)
    if {"theta", "sigma"} <= set(frame.columns):
        notes += _check_two_elasticities(frame, key, where)
    source = f"Elasticities: {where.removeprefix('theta ').strip('()')}" if where != "theta" else _AS_GIVEN
    how = "; theta = sigma - 1" if number == "sigma" else ""
    notes += unused_note([c for c in map(str, frame.columns) if c not in (key, "theta", "sigma")], where)
    rest = values.pop(ALL, None)
    if key == "product":
        return _by_product(values, rest, sectors, concordance, where, f"{source}{how}")
    by_folded = {s.casefold(): s for s in sectors}
    named = {by_folded.get(label.casefold(), label): value for label, value in values.items()}
    strange = [label for label in named if label not in sectors]
    if strange and classification is None:
        try:
            own = recognise(list(values), "sectors of the table")
        except InputError:
            raise UnknownNameError("sector", strange[0], sectors, where) from None
        spelt = {own.label(label) or label: value for label, value in values.items()}
        array, mapped, _ = _mapped(spelt, own.name, sectors, classification, rest, where)
        return array, (f"{source}{how}{mapped[0]}", *mapped[1:])
    if strange:
        raise UnknownNameError("sector", strange[0], sectors, where)
    default = None if rest is None else np.full(len(sectors), rest)
    given = f"; {rest:g} for {len(sectors) - len(named)} sectors without a row" if rest is not None else ""
    return theta_array(named, sectors, default), (f"{source}{how}{given}.",)


def _read(theta: Any) -> tuple[pd.DataFrame, OpenedTable, Layout | None]:
    if not isinstance(theta, pd.DataFrame):
        path = as_path(theta)
        if not path.exists() and "#" not in str(theta):
            if path.suffix or os.sep in str(theta):
                raise DocumentError("no such file", path=str(theta))
            raise UnknownNameError("set of elasticities", str(theta), published(), "theta")
    keys, numbers = ("sector", "product", "hs6"), ("theta", "sigma")

    def recognises(names: Sequence[str]) -> bool:
        return not {*names}.isdisjoint(keys) and not {*names}.isdisjoint(numbers)

    frame, opened = read_frame(theta, "theta", known=(*keys, *numbers), recognises=recognises)
    return frame, opened, layout_of(list(map(str, frame.columns)), "elasticities")


def _numbers(frame: pd.DataFrame, key: str, number: str, where: str, notes: list[str]) -> dict[str, float]:
    """Return theta by label. Raises `TableError` for a repeated label or a theta that is not above zero."""
    values: dict[str, float] = {}
    least = 1.0 if number == "sigma" else 0.0
    numbers = as_numbers(frame[number], f"{where}, column {number!r}", "rate", None, notes)
    for row, (label, value, shown) in enumerate(
        zip(as_labels(frame[key], where), numbers, frame[number], strict=True), start=1
    ):
        if label is None:
            raise TableError(f"{where}, row {row}: {key} is empty")
        name = str(label)
        if name in values:
            raise TableError(f"{where}, row {row}: {name} is repeated; keep one row")
        if not np.isfinite(value) or value <= least:
            stated = "empty" if pd.isna(shown) else shown
            raise TableError(f"{where}, row {row} ({name}): {number} is {stated}; it must be a number above {least:g}")
        values[name] = float(value) - least
        if not LEAST_THETA <= values[name] <= LARGEST_THETA:
            limits = f"{least + LEAST_THETA:.7g} to {least + LARGEST_THETA:,.0f}"
            raise TableError(f"{where}, row {row} ({name}): {number} is {shown}; it must be from {limits}")
    if not values:
        raise TableError(f"{where}: the table has no rows")
    return values


def _check_two_elasticities(frame: pd.DataFrame, key: str, where: str) -> list[str]:
    """Compare theta with a sigma beside it, in rows where sigma is a number.

    Returns a note where theta is above sigma - 1 in each of them, as the shape of a Pareto distribution is, or where
    numbers of few digits that may be rounded are far apart. Raises `TableError` for any other row whose theta is not
    sigma - 1.
    """
    texts = {name: cells_as_text(frame[name]) for name in ("theta", "sigma")}
    cells = [cell for column in texts.values() for cell in column.dropna()]
    try:
        style = find_number_format(cells, where, kind="rate")
    except TableError:
        style = find_number_format(texts["theta"].dropna(), where, kind="rate")
    theta, sigma = (read_as(column, style) for column in texts.values())
    halves = (column.map(lambda cell: _half_a_digit(cell, style), na_action="ignore") for column in texts.values())
    rounding = (next(halves) + next(halves)).astype(float)
    known = theta.notna() & sigma.notna()
    over = (theta - sigma + 1.0)[known]
    off = over.abs() > np.maximum(rounding[known] - 1e-9, ROUNDING)
    far = over.abs() > np.maximum(LARGEST_PART * theta[known], ROUNDING)
    if not (off | far).any():
        return []
    row = int((off if off.any() else far).idxmax())
    place, both = (
        f"row {row + 1} ({frame[key].iloc[row]})",
        f"theta is {theta.iloc[row]:g} and sigma {sigma.iloc[row]:g}",
    )
    if not off.any() or (off.all() and (over > 0).all()):
        return [f"{where}: theta is not sigma - 1: in {place} {both}; theta was used, and sigma was not."]
    raise TableError(
        f"{where}, {place}: {both}, but theta is sigma - 1; keep the column that is meant, and remove the other (a "
        f"theta that is the shape of a Pareto distribution goes without sigma)"
    )


def _half_a_digit(cell: str, style: NumberFormat) -> float:
    """Half a unit of the last digit that is written in a number."""
    return 0.5 * 0.1 ** len(cell.partition(style.decimal)[2].strip())


def _as_published(frame: pd.DataFrame, where: str) -> tuple[dict[str, float], list[str]]:
    """Return theta by HS6 product from ProTEE as CEPII publishes it, and notes on the repairs.

    Its column sigma is the elasticity of imports before duty to one plus the tariff: -(1 + theta), so that theta =
    -sigma - 1. Products without an estimate take the mean of their heading (HS4), else of their chapter; an estimate
    that implies theta <= 0 counts as missing.
    """
    codes = [harmonized(code) for code in as_labels(frame[_named(frame, "hs6")], where)]
    given = as_numbers(frame[_named(frame, "sigma")], where, "rate", None, [])
    theta = pd.Series(-given.to_numpy() - 1.0, index=codes)
    blank, weak = int(theta.isna().sum()), int((theta <= 0).sum())
    theta = theta.where(theta > 0)
    by_heading, by_chapter = (theta.groupby(theta.index.str[:n]).transform("mean") for n in (4, 2))
    filled = theta.fillna(by_heading).fillna(by_chapter)
    lost = [str(code) for code in filled.index[filled.isna()]]
    notes = [
        f"Elasticities: theta = -sigma - 1, as the file has the elasticity of imports before duty to one plus the "
        f"tariff. {blank:,} products without an estimate and {weak:,} whose theta would not be above zero took the "
        f"mean of their heading, else of their chapter."
    ]
    if lost:
        notes.append(f"Elasticities: no estimate in the chapter of {counted(len(lost), 'product')}: {listed(lost)}.")
    return {str(code): float(value) for code, value in filled.dropna().items()}, notes


def _named(frame: pd.DataFrame, folded: str) -> str:
    return next(str(name) for name in frame.columns if fold_name(name) == folded)


def _by_product(
    values: dict[str, float], rest: float | None, sectors: tuple[str, ...], concordance: Any, where: str, source: str
) -> tuple[Array, tuple[str, ...]]:
    if concordance is None:
        raise TableError(f"{where}: its rows are products, not sectors; give a concordance: a table (product, sector)")
    placed = read_concordance(concordance, sectors=sectors)
    place = placed.positions(list(values), sectors)
    numbers, kept = np.array(list(values.values())), place >= 0
    count = np.bincount(place[kept], minlength=len(sectors))
    total = np.bincount(place[kept], weights=numbers[kept], minlength=len(sectors))
    theta = np.divide(total, count, out=np.full(len(sectors), np.nan if rest is None else rest), where=count > 0)
    bare = [s for s, c in zip(sectors, count, strict=True) if not c]
    if bare and rest is None:
        raise TableError(f"{where}: no product of {listed(bare)}; add a row for the product ALL, or theta by sector")
    notes = [f"{source}; by sector the simple mean of its products ({counted(int(kept.sum()), 'product')})."]
    if not kept.all():
        notes.append(f"Elasticities: {counted(int((~kept).sum()), 'product')} missing from the concordance left out.")
    if bare:
        notes.append(f"Elasticities: {rest:g} for {', '.join(bare)}, which have no product.")
    return theta, (*notes, *placed.notes)
