"""From products to the Economy: the proposed change as Tariffs by partner and sector, and the case that solves them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from entrepot.data.tariff_files import listed
from entrepot.documents import write_text
from entrepot.economy.bundled import bundled_economies
from entrepot.errors import InputError
from entrepot.exposures.places import Places, members
from entrepot.measures import Tariff
from entrepot.words import dollars

if TYPE_CHECKING:
    from entrepot.exposures.result import Exposure

#: Changes below a millionth of a point are rounding.
DUST = 1e-8


@dataclass(frozen=True)
class Put:
    """The measures, and the trade (US$ million) that they leave out, in words."""

    measures: tuple[Tariff, ...]
    left_out: tuple[str, ...]


def put_on_economy(exposure: Exposure) -> Put:
    """Tariffs that add to the Economy's own: by partner and sector the mean change of duty, weighted by trade; partners
    with the same change in a sector share a measure. Raises `InputError` where there is no change to put."""
    if not exposure.proposed:
        raise InputError(
            "measures: nothing is proposed; give rows of the kind 'proposed', or a table (--proposed, proposed=)"
        )
    places = Places(exposure.economy.countries, exposure.date.year)
    frame = exposure.cells[exposure.cells["rated_imports"] > 0]
    for importer in dict.fromkeys(frame["importer"]):
        if importer not in exposure.economy.countries and not _members_here(exposure, importer):
            raise InputError(f"measures: the importer {importer} has no data of its own in {exposure.economy.name}")
    frame = frame.assign(home=[places.home(partner) for partner in frame["exporter"]])
    nowhere = frame[frame["home"].isna()]
    no_sector = frame[frame["sector"].isna() & frame["home"].notna()]
    own = frame[(frame["home"] == frame["importer"]) & frame["sector"].notna()]
    left_out = [
        f"{dollars(part['rated_imports'].sum())} of trade {why}"
        for part, why in (
            (
                nowhere,
                f"with partners that are not in {exposure.economy.name} ({listed(dict.fromkeys(nowhere['exporter']))})",
            ),
            (no_sector, "in products without a sector"),
            (own, "with partners that the Economy has in one with the importer"),
        )
        if not part.empty
    ]
    kept = frame[frame["home"].notna() & frame["sector"].notna() & (frame["home"] != frame["importer"])]
    sums = kept.groupby(["importer", "sector", "home"])[["rated_imports", "revenue", "revenue_proposed"]].sum()
    change = (sums["revenue_proposed"] - sums["revenue"]) / sums["rated_imports"]
    return Put(tuple(_tariffs(change[change.abs() > DUST])), tuple(left_out))


def _members_here(exposure: Exposure, importer: str) -> bool:
    return bool(members(importer) & set(exposure.economy.countries))


def _tariffs(change: pd.Series) -> list[Tariff]:
    """One measure for all partners of an importer with the same change (to 12 digits) in a sector."""
    together: dict[tuple[str, str, float], list[str]] = {}
    for (importer, sector, partner), points in change.items():
        together.setdefault((importer, sector, float(f"{points:.12g}")), []).append(partner)
    return [
        Tariff(importer=importer, exporter=tuple(partners), sector=sector, rate=points, change="add")
        for (importer, sector, points), partners in together.items()
    ]


def write_case(exposure: Exposure, path: str | os.PathLike[str]) -> Path:
    """A case with one scenario, the proposed change. The file appears whole or not at all."""
    from ruamel.yaml import YAML

    put = exposure.put
    if not put.measures:
        raise InputError("measures: what is proposed changes no duty on trade that the Economy has")
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in Path(path).stem.casefold()).strip("-")
    document = {
        "case": name or "exposure",
        "title": "A change of tariffs by product, on the Economy",
        "question": f"What does the change proposed on {dollars(exposure.totals['imports'])} of imports do to each?",
        "economy": exposure.economy.name,
        "parties": _parties(exposure),
        "scenarios": {
            "proposed": {
                "title": f"Duties by product as proposed, on {exposure.date}",
                "measures": [{"tariff": _plain(measure)} for measure in put.measures],
            }
        },
        "notes": [
            "Rates are points added to the Economy's own tariffs: the trade-weighted mean change of duty by product.",
            *(f"Left out: {said}." for said in put.left_out),
            *(
                []
                if exposure.economy.name in bundled_economies()
                else [
                    f"Made with the economy {exposure.economy.name!r}; give its file: entrepot run CASE --economy FILE."
                ]
            ),
        ],
    }
    text = StringIO()
    writer = YAML()
    writer.width = 120
    writer.dump(document, text)
    return write_text(path, text.getvalue())


def _parties(exposure: Exposure) -> list[str]:
    """Importers, and the partners with most trade."""
    places = Places(exposure.economy.countries, exposure.date.year)
    by_trade = exposure.cells.groupby("exporter")["imports"].sum().sort_values(ascending=False)
    homes = [places.home(partner) for partner in by_trade.index]
    return list(dict.fromkeys([*exposure.importers, *(home for home in homes if home is not None)]))[:6]


def _plain(measure: Tariff) -> dict[str, Any]:
    return {
        "importer": measure.importer[0],
        "exporter": list(measure.exporter) if len(measure.exporter) > 1 else measure.exporter[0],
        "sector": measure.sector[0],
        "rate": float(measure.rate),
        "change": "add",
    }
