"""Members of regions that tables name as one row, such as SAS for South Asia.

The regions of the World Bank are those of its country and lending groups of July 2023; continents are those of the
United Nations' standard M49, except that Central America is without Mexico. Regions of developing countries (SSA, LAC)
have the members of the whole region.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from entrepot.economy.geography import name_key

_WEST_AFRICA = (
    "BEN BFA CPV CMR CAF TCD COG CIV GNQ GAB GMB GHA GIN GNB LBR MLI MRT NER NGA STP SEN SLE TGO"  # as the World Bank
)
_EAST_AFRICA = "AGO BWA BDI COM COD ERI SWZ ETH KEN LSO MDG MWI MUS MOZ NAM RWA SYC SOM ZAF SSD SDN TZA UGA ZMB ZWE"
_PACIFIC = "AUS NZL FJI PNG SLB VUT NCL PYF WSM TON KIR FSM MHL NRU PLW TUV GUM ASM MNP"
_EAST_ASIA = "BRN CHN HKG IDN JPN PRK KOR LAO MAC MYS MNG MMR PHL SGP TWN THA TLS VNM KHM"
_SOUTH_ASIA = "AFG BGD BTN IND MDV NPL PAK LKA"
_EUROPE = (
    "ALB AND AUT BLR BEL BIH BGR HRV CZE DNK EST FRO FIN FRA DEU GIB GRC HUN ISL IRL IMN ITA XKX LVA LIE LTU LUX MDA "
    "MCO MNE NLD MKD NOR POL PRT ROU RUS SMR SRB SVK SVN ESP SWE CHE UKR GBR GGY JEY"
)
_CENTRAL_ASIA = "ARM AZE GEO KAZ KGZ TJK TKM UZB TUR CYP"
_SOUTH_AMERICA = "ARG BOL BRA CHL COL ECU GUY PRY PER SUR URY VEN"
_CENTRAL_AMERICA = "BLZ CRI GTM HND NIC PAN SLV"
_CARIBBEAN = "ATG ABW BHS BRB VGB CYM CUB CUW DMA DOM GRD HTI JAM PRI SXM KNA LCA MAF VCT TTO TCA VIR"
_NORTH_AFRICA = "DZA DJI EGY LBY MAR TUN"
_WEST_ASIA = "BHR IRN IRQ ISR JOR KWT LBN OMN QAT SAU SYR ARE PSE YEM"
_LATIN = f"{_SOUTH_AMERICA} {_CENTRAL_AMERICA} {_CARIBBEAN} MEX"
_NORTH = "BMU CAN USA"

#: Names of each region, and its members.
_REGIONS = (
    (("SAS", "TSA", "South Asia"), _SOUTH_ASIA),
    (("SSA", "SSF", "TSS", "Sub-Saharan Africa"), f"{_WEST_AFRICA} {_EAST_AFRICA}"),
    (("AFW",), _WEST_AFRICA),
    (("AFE",), _EAST_AFRICA),
    (("EAP", "EAS", "TEA", "East Asia & Pacific"), f"{_EAST_ASIA} {_PACIFIC}"),
    (("ECA", "ECS", "TEC", "Europe & Central Asia"), f"{_EUROPE} {_CENTRAL_ASIA} GRL"),
    (("LAC", "LCN", "TLA", "Latin America & Caribbean"), _LATIN),
    (("MEA", "MNA", "TMN", "Middle East & North Africa"), f"{_NORTH_AFRICA} {_WEST_ASIA} MLT"),
    (("NAC", "North America"), _NORTH),
    (("ARB", "Arab World"), "COM MRT SOM SDN BHR IRQ JOR KWT LBN OMN QAT SAU SYR ARE PSE YEM " + _NORTH_AFRICA),
    (("Africa",), f"{_WEST_AFRICA} {_EAST_AFRICA} {_NORTH_AFRICA} ESH"),
    (("Asia",), f"{_EAST_ASIA} {_SOUTH_ASIA} {_CENTRAL_ASIA} {_WEST_ASIA}"),
    (("Europe",), f"{_EUROPE} MLT"),
    (("Americas",), f"{_LATIN} {_NORTH} GRL"),
    (("Oceania",), _PACIFIC),
    (("South America",), _SOUTH_AMERICA),
    (("Central America",), _CENTRAL_AMERICA),
)


def region_members(name: str) -> frozenset[str] | None:
    """Return the alpha-3 codes of the members of a region by any of its names; None for another name."""
    return _by_name().get(name_key(name))


@functools.cache
def _by_name() -> Mapping[str, frozenset[str]]:
    return {name_key(name): frozenset(members.split()) for names, members in _REGIONS for name in names}
