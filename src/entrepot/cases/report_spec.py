"""What a case asks its report to show: the protected industry, markets and a swap of rents."""

from __future__ import annotations

from pydantic import Field

from entrepot.cases.case_section import CaseSection


class Protected(CaseSection):
    """The industry that the measures protect.

    rd_intensity   its spending on research and development over its value added (0.05); the user's number
    """

    country: str
    sector: str
    rd_intensity: float | None = Field(default=None, gt=0, le=1)


class MarketWatch(CaseSection):
    """A market whose sources the report follows: `importer`'s imports of `sectors`, by groups of exporters."""

    title: str
    importer: str
    sectors: tuple[str, ...] = Field(min_length=1)
    exporters: tuple[str, ...] = Field(min_length=1)


class Swap(CaseSection):
    """Scenarios that leave the same volume and differ in who holds the rent: the report sets them side by side."""

    scenarios: tuple[str, ...] = Field(min_length=2)
    parties: tuple[str, ...] = Field(min_length=1)


class ReportSpec(CaseSection):
    """What the report puts first."""

    name_in_fingerprint = "Reading"

    protected: Protected | None = None
    markets: tuple[MarketWatch, ...] = ()
    swap: Swap | None = None
