"""The duties on the tariff lines of a sector from a partner on a day: the function `sector_duties`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.data.hs import hs_to_sectors
from entrepot.errors import InputError
from entrepot.exposures.duty_answer import duty
from entrepot.exposures.duty_inputs import BOOK, read_day, read_exporter, refuse_importer
from entrepot.exposures.product_duty import ProductDuty
from entrepot.exposures.stacking import load_stacking
from entrepot.exposures.tariff_lines import TariffLine, bundled_lines


@dataclass(frozen=True)
class LineDuty:
    """The duty on a line of eight digits, as a share of the value.

    base      the ordinary rate as the schedule writes it
    low, high the lowest and the highest total of its statistical lines, which mostly are the same
    specific  the part per unit of quantity that comes on top; empty for none
    """

    code: str
    description: str
    base: str
    low: float
    high: float
    specific: str


def sector_duties(
    importer: str,
    sector: str,
    *,
    exporter: str,
    sectors: Sequence[str],
    on: datetime.date | str | None = None,
) -> tuple[LineDuty, ...]:
    """Return the duty on every tariff line of a sector, as `duty` computes each.

    sectors   all sectors of the Economy, which decide what belongs to `sector` (by the divisions of ISIC Rev. 4)

    Goods are taken as `duty` takes them by default: they claim the programme of their origin, and are all metal where
    a duty falls on metal. Raises `InputError` for another importer than the bundled law has, and for a group whose
    members pay different duties; `UnknownNameError` for a country.
    """
    rules = load_stacking(BOOK)
    date = read_day(on, rules)
    refuse_importer(importer, rules, date)
    read_exporter(exporter, date)
    concordance = hs_to_sectors(sectors)
    lines = bundled_lines().lines
    return tuple(
        _line_duty(importer, line, exporter, date) for code, line in lines.items() if concordance.sector(code) == sector
    )


def _line_duty(importer: str, line: TariffLine, exporter: str, date: datetime.date) -> LineDuty:
    try:
        found = [duty(importer, line.code, exporter=exporter, on=date)]
    except InputError:  # its statistical lines differ
        found = [duty(importer, line.code + ending, exporter=exporter, on=date) for ending in line.statistical]
    rates = [one.rate for one in found]
    return LineDuty(line.code, line.description, line.general, min(rates), max(rates), _specific(found))


def _specific(found: Sequence[ProductDuty]) -> str:
    return next((one.specific.text for one in found if one.specific is not None), "")
