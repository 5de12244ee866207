"""The key `report` of a case: the protected industry, the markets and the swap of rents that the report shows."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from entrepot.cases.case_section import CaseSection
from entrepot.measures.fields import read_rate

Intensity = Annotated[float, BeforeValidator(lambda value: read_rate("rd_intensity", value)), Field(gt=0, le=1)]


class Protected(CaseSection):
    """The industry that the measures protect: a sector in a country, a group, or several of either.

    rd_intensity   its R&D spending as a share of its value added (0.05 or 5%), stated by the user
    """

    country: str | tuple[str, ...] = Field(min_length=1)
    sector: str
    rd_intensity: Intensity | None = None

    @property
    def owner(self) -> str:
        """The countries and groups as one: "DEU+FRA"."""
        return self.country if isinstance(self.country, str) else "+".join(self.country)


class MarketWatch(CaseSection):
    """A market that the report follows: `importer`'s imports of `sectors`, by groups of exporters.

    Several importers, or a group, are one market: what they sell to each other is not among its imports.
    """

    title: str
    importer: str | tuple[str, ...] = Field(min_length=1)
    sectors: tuple[str, ...] = Field(min_length=1)
    exporters: tuple[str, ...] = Field(min_length=1)

    @property
    def buyer(self) -> str:
        """The importing countries and groups as one: "DEU+FRA"."""
        return self.importer if isinstance(self.importer, str) else "+".join(self.importer)


class Swap(CaseSection):
    """Scenarios with the same volume of trade that differ in who holds the rent; the report compares them."""

    scenarios: tuple[str, ...] = Field(min_length=2)
    parties: tuple[str, ...] = Field(min_length=1)


class ReportSpec(CaseSection):
    """What the report shows first."""

    name_in_fingerprint = "Reading"

    protected: Protected | None = None
    markets: tuple[MarketWatch, ...] = ()
    swap: Swap | None = None
