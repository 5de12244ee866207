"""UN Comtrade: its new and old tables, as CSV and as JSON.

Layouts as downloaded: the new one (comtradeplus.un.org and comtradeapi.un.org, since 2022) has typeCode ...
isAggregate, the old one as CSV "Classification", "Year", ... "Trade Value (US$)", and as JSON pfCode, yr, rgCode ...
TradeValue. Partner code 0 (W00) is the world; codes 0 and C00 of modes of transport, customs procedures and second
partners are the total over all of them.
"""

from __future__ import annotations

from entrepot.data.layouts import ALL_OF_COMTRADE, Layout

LAYOUTS = (
    Layout(
        name="comtrade",
        title="UN Comtrade, new layout (CSV or JSON)",
        kind="trade",
        marks=(
            ("reporteriso", "reportercode", "reporterdesc"),
            ("partneriso", "partnercode", "partnerdesc"),
            ("cmdcode",),
            ("flowcode", "flowdesc"),
            ("primaryvalue", "cifvalue", "fobvalue"),
        ),
        columns={
            "importer": ("reporteriso", "reportercode", "reporterdesc"),
            "exporter": ("partneriso", "partnercode", "partnerdesc"),
            "product": ("cmdcode",),
            "value": ("primaryvalue", "cifvalue", "fobvalue"),
            "year": ("period", "refyear"),
            "edition": ("classificationcode",),
            "flow": ("flowcode", "flowdesc"),
            "type": ("typecode",),
            "transport": ("motcode", "motdesc"),
            "customs": ("customscode", "customsdesc"),
            "supply": ("moscode",),
            "second partner": ("partner2code", "partner2iso", "partner2desc"),
        },
        only={"type": ("C",)},
        totals=ALL_OF_COMTRADE,
        read=(
            "CSV of the site (Thailand, integrated circuits, 2014-17; China, Germany and the United States, all "
            "goods, 2022; services, refused), JSON of its API (China, 2010), R tables of comtradr (Thailand; the Union)"
        ),
    ),
    Layout(
        name="comtrade-old",
        title="UN Comtrade, old layout (CSV)",
        kind="trade",
        marks=(("tradevalueus",), ("tradeflow", "tradeflowcode"), ("commoditycode",), ("partnercode", "partner")),
        columns={
            "importer": ("reporteriso", "reportercode", "reporter"),
            "exporter": ("partneriso", "partnercode", "partner"),
            "product": ("commoditycode",),
            "value": ("tradevalueus",),
            "year": ("period", "year"),
            "edition": ("classification",),
            "flow": ("tradeflow", "tradeflowcode"),
            "transport": ("modeoftransportcode", "modeoftransport"),
            "customs": ("customsproccode", "customs"),
            "second partner": ("2ndpartnercode", "2ndpartner"),
        },
        totals=ALL_OF_COMTRADE,
        read=(
            "CSV of the United Kingdom's trade at HS2 with all partners, 2012, and with the United States, 21 years; "
            "India, all goods with all partners, 2019; the United States from China at HS2, 2017; cement, 1988-2020 "
            "(the world as the only partner, refused)"
        ),
    ),
    Layout(
        name="comtrade-old-json",
        title="UN Comtrade, old layout (JSON)",
        kind="trade",
        marks=(("rgcode", "rgdesc"), ("rtcode", "rt3iso"), ("ptcode", "pt3iso"), ("tradevalue",)),
        columns={
            "importer": ("rt3iso", "rtcode", "rttitle"),
            "exporter": ("pt3iso", "ptcode", "pttitle"),
            "product": ("cmdcode",),
            "value": ("tradevalue",),
            "year": ("period", "yr"),
            "edition": ("pfcode",),
            "flow": ("rgcode", "rgdesc"),
            "transport": ("motcode",),
            "customs": ("cstcode",),
            "second partner": ("ptcode2", "pt3iso2"),
        },
        totals=ALL_OF_COMTRADE,
        read="a reply of its API: Albania, all goods, 2014 (the world as the only partner, refused)",
    ),
)
