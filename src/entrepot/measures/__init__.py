"""What is on the table: the instruments, and the Scenario that puts them in force together."""

from entrepot.measures.fields import Match
from entrepot.measures.instruments import (
    INSTRUMENTS,
    ExportTax,
    ImportQuota,
    Measure,
    MinimumPrice,
    NonTariffBarrier,
    ProductionSubsidy,
    QuantityMeasure,
    SpecificTariff,
    Tariff,
    TariffRateQuota,
    VoluntaryExportRestraint,
)
from entrepot.measures.policy import Policy
from entrepot.measures.scenario import Scenario

__all__ = [
    "INSTRUMENTS",
    "ExportTax",
    "ImportQuota",
    "Match",
    "Measure",
    "MinimumPrice",
    "NonTariffBarrier",
    "Policy",
    "ProductionSubsidy",
    "QuantityMeasure",
    "Scenario",
    "SpecificTariff",
    "Tariff",
    "TariffRateQuota",
    "VoluntaryExportRestraint",
]
