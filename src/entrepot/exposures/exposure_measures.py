"""The proposed change of duties as Tariffs by partner and sector of an Economy, and as a case that solves them."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from entrepot.documents import write_text
from entrepot.economy import Economy
from entrepot.economy.bundled import bundled_economies
from entrepot.economy.geography import ROW
from entrepot.errors import InputError
from entrepot.exposures.places import homes, members, own_data
from entrepot.measures import Tariff
from entrepot.measures.fields import TariffChange
from entrepot.words import dollars, listed, sentence

#: Changes below a millionth of a percentage point are rounding errors.
DUST = 1e-8


@dataclass(frozen=True)
class SectorTariffs:
    """The measures, sentences on the trade that they leave out, and notes for reading them."""

    measures: tuple[Tariff, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...] = ()


def tariffs_by_sector(cells: pd.DataFrame, economy: Economy) -> SectorTariffs:
    """Return Tariffs that add the proposed change to the Economy's own duties, by partner and sector.

    The points are the change of revenue at constant trade over all imports, including those without a rate, on which
    nothing changes. A cut of more points than the Economy's duty on a flow cuts it to zero, since a proposal to levy
    less is none to pay for imports. Partners with the same change in a sector share a measure.

    Args:
        cells: sums by importer, exporter and sector, as in `Exposure.cells`.
        economy: the Economy that the measures are for.

    Raises:
        InputError: an importer has no data of its own in the Economy.
    """
    frame = cells
    for importer in dict.fromkeys(frame["importer"]):
        if not own_data(importer, economy.countries):
            raise InputError(f"measures: the importer {importer} has no data of its own in {economy.name}")
    units = {unit: homes(unit, economy.countries) for unit in dict.fromkeys(frame["exporter"])}
    frame = frame.assign(home=[units[unit] for unit in frame["exporter"]]).explode("home")
    nowhere = frame[frame["home"].isna()]
    no_sector = frame[frame["sector"].isna() & frame["home"].notna()].drop_duplicates(["importer", "exporter"])
    alone = {importer: own_data(importer, economy.countries) for importer in dict.fromkeys(frame["importer"])}
    at_home = pd.Series(
        [alone[importer] == (home,) for importer, home in zip(frame["importer"], frame["home"], strict=True)],
        index=frame.index,
        dtype=bool,
    )
    own = frame[at_home & frame["sector"].notna()]
    left_out = [
        f"{dollars(part['imports'].sum())} of trade {why}"
        for part, why in (
            (nowhere, f"with partners that are not in {economy.name} ({listed(dict.fromkeys(nowhere['exporter']))})"),
            (no_sector, "in products without a sector"),
            (own, "with partners that the Economy merges with the importer"),
        )
        if not part.empty
    ]
    kept = frame[frame["home"].notna() & frame["sector"].notna() & ~at_home]
    sums = kept.groupby(["importer", "sector", "home"])[
        ["imports", "rated_imports", "revenue", "revenue_proposed"]
    ].sum()
    sums = sums[sums["imports"] > 0]
    change = (sums["revenue_proposed"] - sums["revenue"]) / sums["imports"]
    moved = change[change.abs() > DUST]
    ended = _ended(moved, economy)
    measures = tuple(_tariffs(moved, units, ended, economy))
    notes = [*_notes(economy, units, sums.loc[moved.index], moved), *_notes_of_ends(economy, ended, moved, sums)]
    return SectorTariffs(measures, tuple(left_out), tuple(notes))


#: By importer, sector and partner whose duty is cut to zero, the importers in the Economy, each with its duty there.
_Ended = Mapping[tuple[str, str, str], Mapping[str, float]]


def _ended(change: pd.Series, economy: Economy) -> _Ended:
    """Return the flows of the Economy whose duty is below the cut."""
    found: dict[tuple[str, str, str], dict[str, float]] = {}
    for (importer, sector, partner), points in change.items():
        duties = {
            country: float(
                economy.tariff[
                    economy.sectors.index(sector), economy.countries.index(country), economy.countries.index(partner)
                ]
            )
            for country in own_data(importer, economy.countries)
            if country != partner
        }
        below = {country: duty for country, duty in duties.items() if points < 0 and duty + points < -DUST}
        if below:
            found[importer, sector, partner] = below
    return found


def _notes_of_ends(economy: Economy, ended: _Ended, change: pd.Series, sums: pd.DataFrame) -> Iterator[str]:
    """Yield a note on cuts of more points than the duties of the Economy, with the largest trade."""
    if not ended:
        return
    trade = sums["imports"][list(ended)].sort_values(ascending=False)
    largest = [
        f"{sector} of {importer} from {partner}, {-100 * change[importer, sector, partner]:.3g} points of "
        f"{100 * max(ended[importer, sector, partner].values()):.3g}%"
        for importer, sector, partner in trade.index[:3]
    ]
    yield (
        f"the cut is of more points than the duty in {economy.name} on {dollars(trade.sum())} of trade "
        f"({'; '.join(largest)}{' ...' if len(trade) > 3 else ''}); the duty is cut to zero there"
    )


def _notes(
    economy: Economy, units: Mapping[str, tuple[str, ...]], sums: pd.DataFrame, moved: pd.Series
) -> Iterator[str]:
    """Yield notes on trade that the measures cover though the trade table lacks it or has no rate for it."""
    bare = sums["imports"].sum() - sums["rated_imports"].sum()
    if bare > 1e-6 * sums["imports"].sum():
        yield (
            f"{dollars(bare)} of {dollars(sums['imports'].sum())} of trade in the sectors that change has no "
            "rate; no change is assumed there, and the mean includes it"
        )
    for unit, found in units.items():
        inside = members(unit)
        if len(inside) > 1 and found and found != (ROW,):
            absent = sorted(inside - set(found)) if set(found) <= inside else []
            if absent:
                yield (
                    f"{unit}: {len(found)} of {len(inside)} members have data of their own in {economy.name}; the "
                    f"change applies to these, and not to {listed(absent)}, whose trade is in the rest of the world"
                )
    resting = [unit for unit, found in units.items() if found == (ROW,) and unit != ROW]
    if resting and ROW in set(moved.index.get_level_values("home")):
        yield (
            f"{listed(resting)} belong to the rest of the world in {economy.name}; the change on ROW, the mean over "
            "the trade with them, applies to all its members, including those that the trade table does not have"
        )


def _tariffs(change: pd.Series, units: Mapping[str, tuple[str, ...]], ended: _Ended, economy: Economy) -> list[Tariff]:
    """Return one measure for all partners of an importer with the same change (to 12 digits) in a sector.

    Partners that form a group of the trade table appear under its name.
    """
    together: dict[tuple[tuple[str, ...], str, TariffChange, float], list[str]] = {}
    for (importer, sector, partner), points in change.items():
        below = ended.get((importer, sector, partner), {})
        kept = tuple(c for c in own_data(importer, economy.countries) if c not in (*below, partner))
        if kept:
            whole = (importer,) if not below else kept
            together.setdefault((whole, sector, "add", float(f"{points:.12g}")), []).append(partner)
        levied = tuple(country for country, duty in below.items() if duty > 0)
        if levied:
            together.setdefault((levied if kept else (importer,), sector, "cut", 1.0), []).append(partner)
    named = {frozenset(found): unit for unit, found in units.items() if len(found) > 1}
    return [
        Tariff(
            importer=importer,
            exporter=named.get(frozenset(partners), tuple(partners)),
            sector=sector,
            rate=rate,
            change=how,
        )
        for (importer, sector, how, rate), partners in together.items()
    ]


def write_case(
    path: str | os.PathLike[str], tariffs: SectorTariffs, cells: pd.DataFrame, economy: Economy, date: datetime.date
) -> Path:
    """Write a case with one scenario, the proposed change, and return its path. The write is atomic."""
    from ruamel.yaml import YAML

    if not tariffs.measures:
        raise InputError("measures: the proposal does not change a duty on any trade in the Economy")
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in Path(path).stem.casefold()).strip("-")
    document = {
        "case": name or "exposure",
        "title": "A change of tariffs by product, on the Economy",
        "question": f"What does the change proposed on {dollars(cells['imports'].sum())} of imports do to each party?",
        "economy": economy.name,
        "parties": _parties(cells, economy),
        "scenarios": {
            "proposed": {
                "title": f"Duties by product as proposed, on {date}",
                "measures": [{"tariff": _plain(measure)} for measure in tariffs.measures],
            }
        },
        "notes": [
            "Rates are points added to the tariffs of the Economy: the trade-weighted mean change of duty by product.",
            *(f"Left out: {trade}." for trade in tariffs.left_out),
            *(f"{sentence(note)}." for note in tariffs.notes),
            *(
                []
                if economy.name in bundled_economies()
                else [f"Made with the economy {economy.name!r}; give its file: entrepot run CASE --economy FILE."]
            ),
        ],
    }
    text = StringIO()
    writer = YAML()
    writer.width = 120
    writer.dump(document, text)
    return write_text(path, text.getvalue())


def _parties(cells: pd.DataFrame, economy: Economy) -> list[str]:
    """Return the importers and the partners with most trade, six at most; a group of the trade table counts as one."""
    by_trade = cells.groupby("exporter")["imports"].sum().sort_values(ascending=False)
    found = {unit: homes(unit, economy.countries) for unit in by_trade.index}
    parties = [unit if len(codes) > 1 else codes[0] for unit, codes in found.items() if codes]
    return list(dict.fromkeys([*dict.fromkeys(cells["importer"]), *parties]))[:6]


def _plain(measure: Tariff) -> dict[str, Any]:
    return {
        "importer": _one_or_several(tuple(measure.importer)),
        "exporter": _one_or_several(tuple(measure.exporter)),
        "sector": measure.sector[0],
        "rate": float(measure.rate),
        "change": measure.change,
    }


def _one_or_several(names: tuple[str, ...]) -> str | list[str]:
    return list(names) if len(names) > 1 else names[0]
