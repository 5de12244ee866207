"""What is on the table: the instruments, and the Scenario that puts them in force together."""

from entrepot.measures.fields import Match
from entrepot.measures.instruments import (
    INSTRUMENTS,
    ExportTax,
    ImportQuota,
    Measure,
    NonTariffBarrier,
    ProductionSubsidy,
    QuantityMeasure,
    Tariff,
    TariffRateQuota,
    VoluntaryExportRestraint,
)
from entrepot.measures.scenario import Scenario

__all__ = [
    "INSTRUMENTS",
    "ExportTax",
    "ImportQuota",
    "Match",
    "Measure",
    "NonTariffBarrier",
    "ProductionSubsidy",
    "QuantityMeasure",
    "Scenario",
    "Tariff",
    "TariffRateQuota",
    "VoluntaryExportRestraint",
]
