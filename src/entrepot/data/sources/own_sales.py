"""Own sales (importer = exporter) for trade data without them: from output, or from an assumed home share."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.file_lines import with_lines
from entrepot.data.frames import as_labels, as_numbers, read_frame
from entrepot.data.stated_amounts import StatedAmounts, row_number
from entrepot.documents import as_path
from entrepot.economy.geography import find_place
from entrepot.errors import DocumentError, InputError, TableError, UnknownNameError, as_given
from entrepot.words import figure, listed

#: Labels in the output table: the only sector, and the country that collects countries without a row.
ALL, REST = "ALL", "ROW"
#: Output that is less or more times exports in sum is in another unit than trade; above the last it may be.
DOUBTFUL_TIMES, HIGH_TIMES = (1 / 30, 30_000.0), 300.0
WAYS = (
    "give own_sales= a table (country, sector, output; millions of US dollars), from which own = output - exports, "
    "or a number between 0 and 1 (0.8, 80%): the home share h of spending, from which own = h / (1 - h) x imports"
)


def with_own_sales(
    trade: pd.DataFrame, given: Any, *, year: int | None = None, usd_per_unit: float | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """Return `trade` (importer, exporter, sector, value in millions) with own sales, and notes on assumptions.

    given  a table (country, sector, output): own[n,j] = output[n,j] - exports[n,j], or zero if that is negative;
           or the home share of spending h, 0 < h < 1: own[n,j] = h / (1 - h) imports[n,j].
    year, usd_per_unit  of the table, see `entrepot.data.stated_amounts`
    Own sales already in `trade` are replaced. Raises `InputError` if `given` is neither, `TableError` for output that
    is missing, repeated, negative or of a country or sector without trade.
    """
    if given is None:
        raise InputError(f"these data have no own sales (importer = exporter): {WAYS}")
    notes: list[str] = []
    foreign = trade[trade["importer"] != trade["exporter"]]
    if len(foreign) < len(trade):
        notes.append(f"Own sales of the data ({len(trade) - len(foreign):,} rows) were replaced by own_sales.")
    share = _home_share(given)
    if share is not None:
        own = _from_home_share(foreign, share, notes)
    else:
        with with_lines(given, lambda names: "output" in names):
            output = _output_table(given, foreign, year, usd_per_unit, notes)
        foreign, own = _from_output(foreign, output, notes)
    own = own.rename_axis(["importer", "sector"]).rename("value").reset_index()
    return pd.concat([foreign, own.assign(exporter=own["importer"])], ignore_index=True), notes


def _home_share(given: Any) -> float | None:
    """The home share h if `given` is a number or a percentage ("80%"), else None."""
    if isinstance(given, bool) or not isinstance(given, int | float | np.number | str):
        return None
    text = str(given).strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        return None
    if not 0.0 < share < 1.0:
        raise InputError(f"own_sales={given}: a home share of spending lies between 0 and 1; {WAYS}")
    return share


def _by_country_sector(foreign: pd.DataFrame, side: str) -> pd.Series:
    """Trade by country and sector, zero where there is none."""
    countries = sorted({*foreign["importer"], *foreign["exporter"]})
    cells = pd.MultiIndex.from_product([countries, foreign["sector"].unique()], names=["country", "sector"])
    return foreign.groupby([side, "sector"])["value"].sum().reindex(cells, fill_value=0.0)


def _from_home_share(foreign: pd.DataFrame, share: float, notes: list[str]) -> pd.Series:
    imports = _by_country_sector(foreign, "importer")
    notes.append(
        f"Assumption: every country buys {100 * share:.3g}% of every sector at home (own = h / (1 - h) x imports); "
        f"own sales of {share / (1 - share) * imports.sum():,.0f} million are not data."
    )
    return share / (1.0 - share) * imports


def _check_unit(output: float, exports: float, notes: list[str]) -> None:
    """Raise `TableError` for output in another unit than exports, both sums; note what is unusually far above them."""
    if not exports > 0:
        return
    times = output / exports
    if not DOUBTFUL_TIMES[0] < times < DOUBTFUL_TIMES[1]:
        raise TableError(
            f"own_sales: output is {figure(times, 3)} times exports in sum: it must be in millions of US dollars, as "
            f"trade is; state another unit in the name of the column: output (thousand USD)"
        )
    if times > HIGH_TIMES:
        notes.append(
            f"Output is {figure(times, 3)} times exports in sum, as of goods that are hardly traded; if it is not in "
            f"millions of US dollars, state its unit in the name of the column: output (thousand USD)."
        )


def _from_output(foreign: pd.DataFrame, output: pd.Series, notes: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    trading = pd.Index(sorted({*foreign["importer"], *foreign["exporter"]}))
    stated = output.index.get_level_values("country").unique()
    unlisted = trading.difference(stated)
    if len(unlisted):
        if REST not in stated:
            raise TableError(
                f"own_sales: no output for {len(unlisted)} of {len(trading)} countries: "
                f"{listed(unlisted, 8)}. Add them, or a row with the country {REST}, which then collects all countries "
                f"without their own row"
            )
        foreign = _gathered(foreign, set(unlisted))
        notes.append(f"{len(unlisted)} countries without output were merged into {REST}: {', '.join(unlisted)}.")
    elif REST in stated and REST not in trading:
        notes.append(f"The output of {REST} is not used: every country has its own row.")
    exports = _by_country_sector(foreign, "exporter")
    missing = exports.index.difference(output.index)
    if len(missing):
        country, sector = missing[0]
        raise TableError(
            f"own_sales: no output of {sector!r} for {country}"
            f"{f' (and {len(missing) - 1} more)' if len(missing) > 1 else ''}; write 0 where there is no output"
        )
    _check_unit(float(output.reindex(exports.index).sum()), float(exports.sum()), notes)
    own = output.reindex(exports.index) - exports
    short = own < 0
    if short.any():
        country, sector = own.idxmin()
        notes.append(
            f"Exports exceed output in {int(short.sum())} of {len(own)} country-sectors by {-own[short].sum():,.0f} "
            f"million in sum (most: {sector}, {country}); their own sales are zero."
        )
    return foreign, own.clip(lower=0.0)


def _gathered(foreign: pd.DataFrame, members: set[str]) -> pd.DataFrame:
    """Merge `members` into REST; their trade with each other becomes part of its own sales and is dropped."""
    merged = foreign.assign(
        **{side: foreign[side].where(~foreign[side].isin(members), REST) for side in ("importer", "exporter")}
    )
    merged = merged[merged["importer"] != merged["exporter"]]
    return merged.groupby(["importer", "exporter", "sector"], sort=False, as_index=False)["value"].sum()


def _output_table(
    given: Any, foreign: pd.DataFrame, year: int | None, rate: float | None, notes: list[str]
) -> pd.Series:
    """Output [country, sector] of the year, in millions of US dollars, with labels checked against the trade data."""
    frame, where, opened = _read(given)
    amounts = StatedAmounts("output", ("output", "gross_output"), year, rate)
    frame, factor = amounts.prepared(frame, where, ["country", "sector"], opened, notes)
    frame = frame.copy()
    missing = [c for c in ("country", "output") if c not in frame.columns]
    if missing:
        raise TableError(f"{where}: no column {missing[0]!r} (it has: {', '.join(map(str, frame.columns))}); {WAYS}")
    sectors = list(foreign["sector"].unique())
    for key in ("country", *(["sector"] if "sector" in frame.columns else [])):
        frame[key] = as_labels(frame[key], where)
        if frame[key].isna().any():
            raise TableError(f"{where}, row {row_number(frame, frame[key].isna())}: {key} is empty")
    frame["sector"] = frame["sector"] if "sector" in frame.columns else ALL
    frame["country"] = _as_in_trade(frame["country"], foreign)
    if len(sectors) == 1:
        frame["sector"] = frame["sector"].replace(ALL, sectors[0])
    known = {"country": sorted({*foreign["importer"], *foreign["exporter"]}), "sector": sectors}
    for kind, labels in known.items():
        strange = ~frame[kind].isin([*labels, REST] if kind == "country" else labels)
        if strange.any():
            row = int(strange.to_numpy().argmax())
            if kind == "country" and find_place(str(frame[kind].iloc[row])) is not None:
                raise TableError(
                    f"{where}, row {row_number(frame, strange)}: {frame[kind].iloc[row]} has output here and no trade: "
                    f"in the data, or in the products that have a sector (see --sectors); leave its rows out"
                )
            raise UnknownNameError(kind, frame[kind].iloc[row], labels, f"{where}, row {row_number(frame, strange)}")
    number = as_numbers(frame["output"], f"{where}, column 'output'", "amount", None, [])
    wrong = ~(np.isfinite(number) & (number >= 0))
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise TableError(
            f"{where}, row {row_number(frame, wrong)}: output is {as_given(frame['output'].iloc[row])}, but must be a "
            f"number of at least zero"
        )
    twice = frame.duplicated(["country", "sector"])
    if twice.any():
        row = int(twice.to_numpy().argmax())
        raise TableError(
            f"{where}, row {row_number(frame, twice)}: {frame['country'].iloc[row]} is repeated for the same sector"
        )
    number = number if factor is None else number * factor
    return frame.assign(output=number).set_index(["country", "sector"])["output"]


def _as_in_trade(countries: pd.Series, foreign: pd.DataFrame) -> pd.Series:
    """Rename countries to their labels in the trade table, by any of their names and codes."""
    trading = {*foreign["importer"], *foreign["exporter"]}
    by_place = {place.code: label for label in trading if (place := find_place(str(label))) is not None}
    own = {
        name: by_place[place.code]
        for name in countries.unique()
        if name not in (*trading, REST) and (place := find_place(name)) is not None and place.code in by_place
    }
    return countries.replace(own)


def _read(given: Any) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    if not isinstance(given, pd.DataFrame | str | os.PathLike):
        raise InputError(f"own_sales={given!r}: {WAYS}")
    if isinstance(given, str | os.PathLike) and not as_path(given).exists() and "#" not in str(given):
        raise DocumentError(f"no such file; {WAYS}", path=str(given))
    known = ("country", "sector", "output")
    frame, opened = read_frame(
        given, "own_sales", known=known, numbers=("output",), recognises=lambda names: "output" in names
    )
    return frame, opened.where, opened.notes
