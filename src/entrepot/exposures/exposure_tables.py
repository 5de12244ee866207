"""`Exposure`: effective rates, revenue and the response of imports, by partner, sector and authority."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from entrepot.documents import csv_text, refuse_input, write_texts
from entrepot.economy import Economy
from entrepot.errors import InputError
from entrepot.exposures.exposure_measures import SectorTariffs, tariffs_by_sector, write_case
from entrepot.exposures.sql import SUMS
from entrepot.exposures.stacking import Authority, Stacking
from entrepot.measures import Tariff
from entrepot.read_only import read_only
from entrepot.words import dollars

#: The row for products without a sector in the concordance.
NO_SECTOR = "(no sector)"
#: Tables that `to_folder` writes, and whether their rows have names.
TABLES = {
    **dict.fromkeys(("by_partner", "by_sector", "by_partner_sector", "by_authority"), True),
    **dict.fromkeys(("unmatched", "totals"), False),
}

#: Columns of the tables, with unit and formula. Rates are averages over the trade that has a rate.
COLUMNS = {
    "imports": ("US$ million", "value of trade before duty"),
    "lines": ("count", "flows by tariff line"),
    "applied": ("fraction", "sum of value times applied duty, over value"),
    "bound": ("fraction", "the same for bound rates, over the value that is bound"),
    "proposed": ("fraction", "the same for proposed duty; the applied rate where none is proposed"),
    "applied_simple": ("fraction", "mean of applied duty over lines with trade"),
    "bound_simple": ("fraction", "mean of bound rates over lines with trade"),
    "proposed_simple": ("fraction", "mean of proposed duty over lines with trade"),
    "water": ("fraction", "bound rate minus applied duty that it limits, weighted by trade, where both are known"),
    "bound_share": ("fraction", "share of the value that is bound"),
    "breach_lines": ("count", "lines whose proposed duty, of that which the bound rate limits, is above it"),
    "breach_imports": ("US$ million", "value of trade on them"),
    "revenue": ("US$ million", "value times applied duty"),
    "revenue_proposed": ("US$ million", "value times proposed duty, at constant trade"),
    "revenue_response": ("US$ million", "value after response times proposed duty"),
    "imports_response": ("US$ million", "value of trade after response"),
    "imports_response_pct": ("%", "change of imports by the response"),
}


@read_only
@dataclass(frozen=True, eq=False)
class Exposure:
    """Tariff schedules against trade; rates are fractions, money is in millions of US dollars.

    cells        sums by importer, partner and sector, from which every table is computed
    unmatched    trade without a rate, a base rate or a sector, and imports from the own country, by product
    authorities  those in the schedule, in the order of the stacking
    rows         number of rows of the trade table and of the schedules
    read         the files that were read, which are not written over
    """

    cells: pd.DataFrame
    unmatched: pd.DataFrame
    authorities: tuple[Authority, ...]
    economy: Economy
    stacking: Stacking
    date: datetime.date
    proposed: bool
    bound: bool
    response: bool
    sigma: Mapping[str, float]
    pass_through: float
    rows: tuple[int, int]
    notes: tuple[str, ...]
    seconds: float
    read: tuple[str, ...] = ()

    @cached_property
    def importers(self) -> tuple[str, ...]:
        """The importers of the trade table."""
        return tuple(dict.fromkeys(self.cells["importer"]))

    # ---- tables ----

    @cached_property
    def by_partner(self) -> pd.DataFrame:
        """The table by partner, largest first; by importer and partner where there are several importers."""
        return self._table(["partner"])

    @cached_property
    def by_sector(self) -> pd.DataFrame:
        """The table by sector of the Economy; trade without a sector is under "(no sector)"."""
        return self._table(["sector"])

    @cached_property
    def by_partner_sector(self) -> pd.DataFrame:
        """The table by partner and sector."""
        return self._table(["partner", "sector"])

    @cached_property
    def totals(self) -> pd.Series:
        """The same columns for all trade together."""
        return _rates(self.cells.assign(all=0).groupby("all")[list(SUMS)].sum(), self.proposed, self.bound).iloc[0]

    @cached_property
    def by_authority(self) -> pd.DataFrame:
        """The contribution of each authority: title, points of the effective rate, revenue and imports charged.

        Each is for the applied and the proposed duty. The points add up to the effective rates.
        """
        total = self.cells.sum(numeric_only=True)
        rated = total["rated_imports"]
        rows = {
            a.id: {
                "title": a.called,
                "applied": total[f"applied_{k}"] / rated if rated else np.nan,
                "proposed": total[f"proposed_{k}"] / rated if rated and self.proposed else np.nan,
                "revenue": total[f"applied_{k}"],
                "revenue_proposed": total[f"proposed_{k}"] if self.proposed else np.nan,
                "imports_charged": total[f"charged_{k}"],
                "imports_charged_proposed": total[f"charged_proposed_{k}"] if self.proposed else np.nan,
            }
            for k, a in enumerate(self.authorities)
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("authority")

    def _table(self, keys: list[str]) -> pd.DataFrame:
        frame = self.cells.rename(columns={"exporter": "partner"})
        frame = frame.assign(sector=frame["sector"].astype(object).where(frame["sector"].notna(), NO_SECTOR))
        by = [*(["importer"] if len(self.importers) > 1 else []), *keys]
        found = _rates(frame.groupby(by)[list(SUMS)].sum(), self.proposed, self.bound)
        if keys == ["partner"]:
            return found.sort_values("imports", ascending=False, kind="stable")
        order = {name: k for k, name in enumerate([*self.economy.sectors, NO_SECTOR])}
        return found.sort_index(level="sector", key=lambda level: level.map(order), sort_remaining=False, kind="stable")

    # ---- to the Economy ----

    @cached_property
    def tariffs(self) -> SectorTariffs:
        """The proposed change as Tariffs on the Economy, with notes. Raises `InputError` if nothing is proposed."""
        if not self.proposed:
            raise InputError(
                "measures: nothing is proposed; give rows of the kind 'proposed', or a table (--proposed, proposed=)"
            )
        return tariffs_by_sector(self.cells, self.economy)

    def to_measures(self) -> list[Tariff]:
        """Return the proposed change by partner and sector as Tariffs that add points to the duties of the Economy.

        The points are weighted by trade. Raises `InputError` where nothing is proposed, or an importer is not in the
        Economy.
        """
        return list(self.tariffs.measures)

    def to_case(self, path: str | os.PathLike[str]) -> Path:
        """Write the proposed change as a case file for `entrepot run`, and return its path.

        Raises `InputError` for a file that was read.
        """
        refuse_input(path, self.read)
        return write_case(path, self.tariffs, self.cells, self.economy, self.date)

    def to_folder(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write every table as CSV, all of them or none, and return the paths.

        Raises `InputError` where a file that was read would be overwritten.
        """
        for name in TABLES:
            refuse_input(Path(folder) / f"{name}.csv", self.read)
        totals = self.totals.rename("value").rename_axis("quantity").reset_index()
        frames = {name: totals if name == "totals" else getattr(self, name) for name in TABLES}
        return write_texts(folder, {f"{name}.csv": csv_text(frame, TABLES[name]) for name, frame in frames.items()})

    def __repr__(self) -> str:
        t = self.totals
        rates = f"applied {_pct(t['applied'])}"
        rates += f", bound {_pct(t['bound'])}" if self.bound else ""
        rates += f", proposed {_pct(t['proposed'])}" if self.proposed else ""
        return (
            f"Exposure of {dollars(t['imports'])} of imports on {self.date}: {rates}; duty {dollars(t['revenue'])}"
            + (f", then {dollars(t['revenue_response'])}" if self.proposed else "")
            + "\nNext: exposure.by_partner, .by_sector, .by_authority, .unmatched"
            + (", .to_measures()" if self.proposed else "")
        )


def _pct(rate: float) -> str:
    return f"{100 * rate:.2f}%"


def _rates(sums: pd.DataFrame, proposed: bool, bound: bool) -> pd.DataFrame:
    """Return the columns of a table from its sums."""

    def over(part: str, whole: str) -> pd.Series:
        return sums[part] / sums[whole].where(sums[whole] > 0)

    found = {
        "imports": sums["imports"],
        "lines": sums["lines"],
        "applied": over("revenue", "rated_imports"),
        "bound": over("bound_revenue", "bound_imports"),
        "proposed": over("revenue_proposed", "rated_imports"),
        "applied_simple": over("sum_applied", "rated_lines"),
        "bound_simple": over("sum_bound", "bound_lines"),
        "proposed_simple": over("sum_proposed", "rated_lines"),
        "water": (sums["water_bound"] - sums["water_applied"]) / sums["water_imports"].where(sums["water_imports"] > 0),
        "bound_share": over("bound_imports", "imports"),
        "breach_lines": sums["breach_lines"],
        "breach_imports": sums["breach_imports"],
        "revenue": sums["revenue"],
        "revenue_proposed": sums["revenue_proposed"],
        "revenue_response": sums["revenue_response"],
        "imports_response": sums["imports_response"],
        "imports_response_pct": 100 * (over("imports_response", "imports") - 1),
    }
    frame = pd.DataFrame(found)[list(COLUMNS)]
    unknown = [c for c in frame if ("proposed" in c or "response" in c) and not proposed]
    unknown += [c for c in frame if ("bound" in c or c == "water" or "breach" in c) and not bound]
    return frame.assign(**dict.fromkeys(unknown, np.nan)) if unknown else frame
