"""The instruments by name. One entry each feeds case files, the command line, the page and the API.

Another package adds an entry under the entry point group "entrepot.instruments"; a script calls `register`.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from dataclasses import MISSING, dataclass, fields
from typing import Any, Literal

from entrepot.errors import InputError, MeasureError, nearest
from entrepot.measures.fields import in_points
from entrepot.measures.instruments import (
    LIFTED,
    ExportBan,
    ExportQuota,
    ExportTax,
    ImportQuota,
    Lift,
    MinimumPrice,
    NonTariffBarrier,
    ProductionSubsidy,
    SpecificTariff,
    Tariff,
    TariffRateQuota,
    VoluntaryExportRestraint,
)
from entrepot.measures.measure import Measure
from entrepot.plugins import brought

#: The entry points of other packages.
GROUP = "entrepot.instruments"
#: Options that the verbs which take instruments have beside them.
RESERVED = (
    *("economy", "deficit", "closure", "horizon", "theta", "rd-intensity", "out", "format", "full", "tol"),
    *("importer", "demand", "conduct", "market-size", "market-elasticity", "price-coefficient", "sigma", "strength"),
    *("nests", "nesting", "draws", "collusion", "fit", "sector", "currency", "year", "duty-base", "quotas-foreseen"),
    *("scenario", "probability", "years", "timing", "sunk-share", "exit", "interest", "exporters"),
    *("each", "decimal", "help", "version"),
)
#: Arguments that name countries or sectors, several of them with commas between.
NAMES = ("importer", "exporter", "country", "sector")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One argument of an instrument in a form.

    type     "countries", "country", "sectors", "percent", "choice", or "rent" (the exporter's part of it)
    start    what a new measure begins with; None: left out
    low, high, step  of a percentage, in percent
    choices  values and what they mean
    """

    key: str
    type: Literal["countries", "country", "sectors", "percent", "choice", "rent"]
    title: str
    start: str | None = None
    low: float = 0.0
    high: float = 100.0
    step: float = 0.5
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """An entry of the registry.

    measure  the class; its `kind` is the name in case files, `taken_by` who acts
    title    for people
    short    a shorter name in case files
    flag     the option of `entrepot solve`, without dashes in front
    line     the arguments that the option takes, with colons between
    help     the rest of the option's help
    form     the fields of a form, in order; the first percentage is the size of the measure
    """

    measure: type[Measure]
    title: str
    flag: str
    line: tuple[str, ...]
    form: tuple[Field, ...]
    short: str = ""
    help: str = ""

    @property
    def kind(self) -> str:
        """The name in case files."""
        return self.measure.kind

    @property
    def names(self) -> tuple[str, ...]:
        """Its names in case files."""
        return tuple(dict.fromkeys(filter(None, (self.kind, self.short))))

    @property
    def shape(self) -> str:
        """The option's arguments in capitals, such as IMPORTER:EXPORTER:SECTOR:RATE."""
        return ":".join(key.removeprefix("out_").upper() for key in self.line)

    def default(self, key: str) -> str | None:
        """Return the default of an argument, where that is a text."""
        value = next(f.default for f in fields(self.measure) if f.name == key)
        return value if isinstance(value, str) else None

    def of_line(self, text: str, sector: str = "") -> Measure:
        """Read a measure from IMPORTER:EXPORTER:SECTOR:NUMBER and the like. Raises `MeasureError` with the option.

        Lists take commas, exemptions a minus. "+25%" adds points where the instrument adds or sets, "20000m" is a cap
        in millions of US dollars, "1680000units" one in units (of a Market), and "2000/25000" an amount over the base
        price of a unit. With `sector`, a line that leaves its sector out is on that one.
        """
        where, parts = f"--{self.flag} {text}", text.split(":")
        if sector and "sector" in self.line and len(parts) == len(self.line) - 1:
            parts.insert(self.line.index("sector"), sector)
        if len(parts) != len(self.line):
            free = " (SECTOR may be left out)" if sector and "sector" in self.line else ""
            raise MeasureError("", f"{text!r} has {len(parts)} parts; {self.shape} is needed{free}", self.kind)
        given: dict[str, Any] = dict(zip(self.line, (part.strip() for part in parts), strict=True))
        keys, _ = keys_of(self.measure)
        exempts = getattr(self.measure, "exempts", "")
        for side in ("exporter", "importer"):
            if "-" in given.get(side, ""):
                if side != exempts:
                    raise MeasureError(side, f"a minus exempts {exempts}s; name the {side}s in full", where)
                given[side], *given["exempt"] = given[side].split("-")
        for key in set(NAMES) & set(given):
            given[key] = [name for name in given[key].split(",") if name.strip()]
        number = self.line[-1]
        if "change" in keys:
            given["change"] = "add" if given[number][:1] in "+-" or in_points(given[number]) else "set"
        if "unit" in keys and given["cap"].lower().endswith("m"):
            given |= {"cap": given["cap"][:-1], "unit": "usd_m"}
        elif "unit" in keys and given["cap"].lower().endswith("units"):
            given |= {"cap": given["cap"][: -len("units")].strip(), "unit": "units"}
        if "unit_value" in keys and "/" in given[number]:
            given[number], given["unit_value"] = given[number].split("/", 1)
        try:
            return self.measure(**given)
        except MeasureError as error:
            raise MeasureError(error.key, error.message, where) from None


def keys_of(instrument: type[Any]) -> tuple[list[str], list[str]]:
    """Return the keys that an instrument (any dataclass) takes, and those of them that are required."""
    known = fields(instrument)
    required = [f.name for f in known if _required(f)]
    return [f.name for f in known], required


def _required(argument: dataclasses.Field[Any]) -> bool:
    none = argument.default is MISSING and argument.default_factory is MISSING
    return none or bool(argument.metadata.get("stated"))


def instruments() -> dict[str, Instrument]:
    """Return every instrument by its kind: Entrepot's, those of installed packages, and those that were registered."""
    return {entry.kind: entry for entry in (*_installed(), *_OWN)}


def instrument(name: str) -> Instrument | None:
    """Return the instrument with this name in case files; None if there is none."""
    return next((entry for entry in instruments().values() if name in entry.names), None)


def register(entry: Instrument) -> None:
    """Add an instrument. Raises `InputError` for an incomplete entry or a name that is in use."""
    _check(entry, list(instruments().values()))
    _OWN.append(entry)


@functools.cache
def _installed() -> tuple[Instrument, ...]:
    found = list(BUNDLED)
    for where, entry in brought(GROUP):
        if not isinstance(entry, Instrument):
            raise InputError(f"{where} is not an Instrument")
        try:
            _check(entry, found)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        found.append(entry)
    return tuple(found)


def _check(entry: Instrument, others: list[Instrument]) -> None:
    if not isinstance(entry, Instrument):
        raise InputError(f"{entry!r} is not an Instrument")
    name = getattr(entry.measure, "__name__", repr(entry.measure))
    if not (isinstance(entry.measure, type) and issubclass(entry.measure, Measure)):
        raise InputError(f"instrument {name}: its class is not a Measure")
    if not entry.kind:
        raise InputError(f"instrument {name}: it has no name; give the class a kind, such as 'carbon_border_charge'")
    for written in entry.names:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", written):
            raise InputError(f"instrument {name}: the name {written!r} is not small letters, digits and _")
    if not re.fullmatch(r"[a-z][a-z0-9-]*", entry.flag) or entry.flag in RESERVED:
        raise InputError(f"instrument {name}: the flag {entry.flag!r} is not small letters, digits and -, or is taken")
    keys, required = keys_of(entry.measure)
    for key in (*entry.line, *(field.key for field in entry.form)):
        if key not in keys:
            raise InputError(f"instrument {entry.kind}: it has no argument {key!r}{nearest(key, keys)}")
    for key in required:
        if key not in entry.line:
            raise InputError(f"instrument {entry.kind}: line leaves out {key!r}, which must be given")
    for other in others:
        taken = sorted(set(entry.names) & set(other.names)) + [f"--{entry.flag}"] * (entry.flag == other.flag)
        if taken:
            raise InputError(f"instrument {name}: the name {taken[0]} is in use by {other.measure.__name__}")


# ---- Entrepot's own ----

IMPORTER = Field(key="importer", type="countries", title="Imports of", start="USA")
EXPORTER = Field(key="exporter", type="countries", title="From")
EXEMPT = Field(key="exempt", type="countries", title="Except from")
EXEMPT_TO = Field(key="exempt", type="countries", title="Except to")
SECTOR = Field(key="sector", type="sectors", title="Goods", start="motor_vehicles")
RATE = Field(key="rate", type="percent", title="Rate", start="25%")
EASED = Field(key="rate", type="percent", title="Rate", start="10%", low=-50, high=50, step=1)
CAP = Field(key="cap", type="percent", title="Volume allowed, of the base year's", start="80%", high=120, step=1)
OUT_RATE = Field(key="out_rate", type="percent", title="Tariff beyond it", start="25%")
AMOUNT = Field(key="amount", type="percent", title="Duty on a unit, of its base price", start="10%")
PRICE = Field(key="price", type="percent", title="Lowest price, of the base price", start="110%", high=200, step=1)
FLOWS = (IMPORTER, EXPORTER, EXEMPT, SECTOR)
ADDED = ("add", "points on top of today's tariff")
SET = ("set", "the tariff itself")
CUT = ("cut", "a cut, in percent of today's tariff")


def _rent(start: str) -> Field:
    return Field(key="rent", type="rent", title="Rent that goes to the exporter", start=start, step=5)


def _change(*choices: tuple[str, str]) -> Field:
    return Field(key="change", type="choice", title="What the rate is", start="add", choices=choices)


def _line(number: str, *more: str) -> tuple[str, ...]:
    return ("importer", "exporter", "sector", number, *more)


BUNDLED = (
    Instrument(
        measure=Tariff,
        title="Tariff",
        flag="tariff",
        line=_line("rate"),
        help="+25% adds, 25% sets",
        form=(*FLOWS, _change(ADDED, SET, CUT), RATE),
    ),
    Instrument(
        measure=ImportQuota,
        title="Import quota",
        short="quota",
        flag="quota",
        line=_line("cap"),
        help="rent to the importer",
        form=(*FLOWS, CAP, _rent("importer")),
    ),
    Instrument(
        measure=VoluntaryExportRestraint,
        title="Export restraint (VER)",
        short="ver",
        flag="ver",
        line=_line("cap"),
        help="rent to the exporter",
        form=(*FLOWS, CAP, _rent("exporter")),
    ),
    Instrument(
        measure=TariffRateQuota,
        title="Tariff-rate quota",
        short="trq",
        flag="trq",
        line=_line("cap", "out_rate"),
        help="the rate is due beyond it",
        form=(*FLOWS, CAP, _change(ADDED, SET), OUT_RATE, _rent("importer")),
    ),
    Instrument(
        measure=ExportTax,
        title="Export tax",
        flag="export-tax",
        line=("exporter", "importer", "sector", "rate"),
        help="negative is a subsidy",
        form=(IMPORTER, EXPORTER, EXEMPT_TO, SECTOR, EASED),
    ),
    Instrument(
        measure=ExportQuota,
        title="Export quota",
        flag="export-quota",
        line=("exporter", "importer", "sector", "cap"),
        help="the exporter's own limit",
        form=(IMPORTER, EXPORTER, EXEMPT_TO, SECTOR, CAP, _rent("exporter")),
    ),
    Instrument(
        measure=ExportBan,
        title="Export ban",
        flag="export-ban",
        line=("exporter", "importer", "sector"),
        help="the exporter's own ban",
        form=(IMPORTER, EXPORTER, EXEMPT_TO, SECTOR),
    ),
    Instrument(
        measure=NonTariffBarrier,
        title="Non-tariff barrier",
        short="ntb",
        flag="ntb",
        line=_line("rate"),
        help="a cost nobody collects",
        form=(*FLOWS, RATE),
    ),
    Instrument(
        measure=ProductionSubsidy,
        title="Production subsidy",
        short="subsidy",
        flag="subsidy",
        line=("country", "sector", "rate"),
        help="on output",
        form=(Field(key="country", type="country", title="Country", start="USA"), SECTOR, EASED),
    ),
    Instrument(
        measure=SpecificTariff,
        title="Specific duty",
        short="specific",
        flag="specific",
        line=_line("amount"),
        help="a duty a unit: 8% or 2000/25000",
        form=(*FLOWS, AMOUNT),
    ),
    Instrument(
        measure=MinimumPrice,
        title="Minimum price",
        flag="min-price",
        line=_line("price"),
        help="at the border: 110% or 27000/25000",
        form=(
            *FLOWS,
            PRICE,
            Field(
                key="rent",
                type="choice",
                title="Who takes the difference",
                start="exporter",
                choices=(("exporter", "the exporter, who raises its price"), ("importer", "the importer's customs")),
            ),
        ),
    ),
    Instrument(
        measure=Lift,
        title="End of what is in force",
        flag="lift",
        line=("importer", "exporter", "sector", "what"),
        help="of the base: all, quota, export_tax ...",
        form=(*FLOWS, Field(key="what", type="choice", title="What ends", start="all", choices=tuple(LIFTED.items()))),
    ),
)
_OWN: list[Instrument] = []
