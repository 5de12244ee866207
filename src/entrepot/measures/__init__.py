"""Instruments, the Policy that they fill, and the Scenario that puts them in force together."""

from entrepot.measures.fields import Match
from entrepot.measures.instruments import (
    ExportBan,
    ExportQuota,
    ExportTax,
    ImportQuota,
    Lift,
    MinimumPrice,
    NonTariffBarrier,
    ProductionSubsidy,
    QuantityMeasure,
    SpecificTariff,
    Tariff,
    TariffRateQuota,
    VoluntaryExportRestraint,
)
from entrepot.measures.measure import BorderMeasure, Measure
from entrepot.measures.policy import Policy
from entrepot.measures.registry import Field, Instrument, instrument, instruments, register
from entrepot.measures.scenario import Scenario

__all__ = [
    "BorderMeasure",
    "ExportBan",
    "ExportQuota",
    "ExportTax",
    "Field",
    "ImportQuota",
    "Instrument",
    "Lift",
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
    "instrument",
    "instruments",
    "register",
]
