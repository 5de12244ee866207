"""Read measures, retaliations and the closure from the mappings of a case file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from entrepot.cases.case_section import CaseError
from entrepot.equilibrium import Closure
from entrepot.errors import InputError, MeasureError, nearest
from entrepot.faults import unknown_key
from entrepot.measures import Measure, instrument, instruments
from entrepot.measures.registry import keys_of
from entrepot.rules.retaliation import Retaliation

B = TypeVar("B", bound=Measure | Retaliation)


def read_closure(value: Any) -> Closure:
    """Return a Closure from a mapping such as `{deficit: balanced, horizon: short, labour_share: 0.6}`."""
    if isinstance(value, Closure):
        return value
    if not isinstance(value, Mapping):
        raise CaseError("closure", "must be keys with values, such as {deficit: balanced}")
    known = [field.name for field in fields(Closure)]
    for key in value:
        if key not in known:
            raise CaseError(f"closure.{key}", unknown_key(str(key), known))
    try:
        return Closure(**value)
    except InputError as error:
        message = str(error).removeprefix("closure: ")
        key = message.split()[0].rstrip(":")
        raise CaseError(f"closure.{key}" if key in value else "closure", message) from None


#: What to write for measures that people call by other names, and for those that no instrument is.
INSTEAD = {
    **dict.fromkeys(("embargo", "import_ban"), "write import_quota with cap: 0"),
    **dict.fromkeys(("export_licence", "export_license", "export_control"), "write export_quota, or export_ban"),
    **dict.fromkeys(("anti_dumping", "anti_dumping_duty"), "write tariff, and law: {claims: gatt-vi} beside measures"),
    "countervailing_duty": "write tariff, and law: {claims: gatt-vi} beside measures",
    "safeguard": "write tariff, import_quota or tariff_rate_quota, and law: {claims: gatt-xix} beside measures",
    "surcharge": "write tariff with change: add",
    **dict.fromkeys(("cbam", "carbon_border_adjustment", "carbon_border_charge"), "write tariff with change: add"),
    **dict.fromkeys(
        ("price_cap", "price_ceiling", "maximum_price"),
        "no instrument holds a price down; a tariff of the buyers lowers the exporter's price, and they keep the rest",
    ),
    "minimum_export_price": "write minimum_price with importer: WORLD",
    "export_subsidy": "write export_tax with a rate below zero",
}


def read_measure(value: Any) -> Measure | Retaliation:
    """Return a Measure from `{tariff: {importer: USA, ...}}`, or a Retaliation from `{retaliation: {by: JPN, ...}}`.

    Instruments also have short names, such as ver, quota, trq and ntb (see `measures.registry`).
    """
    if isinstance(value, Measure | Retaliation):
        return value
    known = [*instruments(), "retaliation"]
    if not isinstance(value, Mapping) or len(value) != 1:
        raise MeasureError(
            "", f"a measure is one instrument and its keys, such as 'tariff: {{...}}'; known: {', '.join(known)}"
        )
    name, arguments = next(iter(value.items()))
    if name == "retaliation":
        return _built(str(name), Retaliation, arguments)
    found = instrument(str(name))
    if found is None:
        names = [*known, *(entry.short for entry in instruments().values() if entry.short)]
        instead = INSTEAD.get(re.sub(r"[\s_-]+", "_", str(name).strip().casefold()))
        raise MeasureError("", f"unknown instrument {name!r}{f'; {instead}' if instead else nearest(str(name), names)}")
    return _built(str(name), found.measure, arguments)


def read_retaliation(value: Any) -> Retaliation:
    """Return a Retaliation from `{by: JPN, against: USA, ...}`, the value of a case's key `retaliation`."""
    if isinstance(value, Retaliation):
        return value
    try:
        return _built("", Retaliation, value)
    except MeasureError as error:
        raise MeasureError(error.key.strip("."), error.message) from None


def _built(name: str, kind: type[B], arguments: Any) -> B:
    """Return the instrument with these arguments; raise `MeasureError` with NAME.KEY where one is wrong."""
    if not isinstance(arguments, Mapping):
        examples = "by and against" if kind is Retaliation else "importer and sector"
        raise MeasureError(name, f"its keys are missing, such as {examples}")
    known, required = keys_of(kind)
    for key in arguments:
        if key not in known:
            raise MeasureError(f"{name}.{key}", unknown_key(str(key), known))
    missing = [key for key in required if key not in arguments]
    if missing:
        raise MeasureError(name, f"the key {missing[0]!r} is missing")
    try:
        return kind(**arguments)
    except MeasureError as error:
        raise MeasureError(f"{name}.{error.key}", error.message) from None
