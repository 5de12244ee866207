"""The European Union's TARIC: the workbook of import duties that the Commission publishes ("Duties Import 01-99").

A row is a measure on goods (ten digits and a suffix) by origin: 103 is the duty of third countries (origin 1011, erga
omnes), 142 a tariff preference. Quotas, suspensions and anti-dumping duties have conditions that the workbook does not
state; they are left out and counted.
"""

from __future__ import annotations

from entrepot.data.layouts import Layout

LAYOUTS = (
    Layout(
        name="taric",
        title="TARIC, Duties Import (workbook or CSV)",
        kind="rates",
        marks=(("goodscode",), ("duty",), ("origincode", "origin"), ("meastypecode", "measuretype")),
        columns={
            "product": ("goodscode",),
            "exporter": ("origincode", "origin"),
            "rate": ("duty",),
            "since": ("startdate",),
            "until": ("enddate",),
            "authority": ("meastypecode", "measuretype"),
            "measure": ("meastypecode", "measuretype"),
        },
        importer="EU",
        only={"measure": ("103", "142", "Third country duty", "Tariff preference")},
        spelt={
            "authority": {
                "103": "MFN",
                "142": "preferential",
                "Third country duty": "MFN",
                "Tariff preference": "preferential",
            },
            "exporter": {"1011": "ALL", "ERGA OMNES": "ALL", "2020": "GSP", "2027": "GSP+", "2005": "EBA"},
        },
    ),
)
