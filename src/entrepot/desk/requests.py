"""The models of requests; the same models as for files and Python check their cases against an Economy."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from entrepot.bargaining.levers import Kind, Over
from entrepot.cases import Case
from entrepot.cases.load import case_of
from entrepot.data.published_sets import published, set_named
from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.desk.library import ECONOMIES, ECONOMY_NAME, Library
from entrepot.economy.geography import WORLD, mid_year, resolve_countries, union_on
from entrepot.errors import DocumentError, EntrepotError, UnknownNameError
from entrepot.faults import Stated
from entrepot.languages import english
from entrepot.measures.fields import read_percentage
from entrepot.paths.entry_under_threat import ThreatTiming
from entrepot.paths.fear_of_measure import Exporters

#: The most measures in one scenario, and the most scenarios and parties in a case that is sent.
MEASURES, SCENARIOS, PARTIES = 200, 100, 50
#: The most parties of measures that are sent without parties.
_PARTIES = 6
#: The most products of a market.
PRODUCTS = 300
#: The most draws and members of a sweep; the command line has no such bound.
DRAWS, MEMBERS = 5_000, 20_000

#: The most members of a sweep in which a path is solved.
PATHS = 200
#: The most entries of a path's `in_force`.
ENTRIES = 24
#: The most steps of a path, and of one on which workers foresee what they earn; the command line has no such bound.
STEPS, WORKERS_STEPS = 80, 24

#: The most signals of talks: with each, the work doubles.
SIGNALS = 8
#: The most probabilities, and the most lengths of time, of a threat.
THREATS = 11

#: The name of the file in messages, and the place of a request's measures in the case that is built from it.
REQUEST_NAME = "the request"
_WITHIN = "scenarios.measures."

Name = Annotated[str, Field(min_length=1, max_length=80)]
Document = dict[str, Any]


class DeskRequest(Stated):
    """The base of all requests: unknown keys and infinite numbers are errors."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    def document(self) -> Document:
        """Return the request for a worker; raise `DocumentError` for a number that is not finite, at any depth."""
        stated = self.model_dump(exclude_unset=True)
        _check_numbers(stated, "")
        return self.model_dump(mode="json", exclude_unset=True)


class FlowsRequest(DeskRequest):
    """Which flows the full detail has: those of these importers, exporters and sectors; WORLD and ALL stand for all."""

    importers: list[Name] | None = Field(default=None, min_length=1, max_length=300)
    exporters: list[Name] | None = Field(default=None, min_length=1, max_length=300)
    sectors: list[Name] | None = Field(default=None, min_length=1, max_length=300)


class DetailRequest(DeskRequest):
    """How much of each solution the reply has."""

    detail: Literal["summary", "full"] = Field(
        default="summary",
        description="full adds sectors, trade by pair and sector, accounts, decomposition and residuals, with units.",
    )
    flows: FlowsRequest | None = Field(
        default=None,
        description="Of the full detail; default: the sectors and importers that a measure or a watched market names.",
    )


class SolveRequest(DetailRequest):
    """Measures in force together on an Economy, as the entries of a case's `measures:`."""

    measures: list[Document] = Field(
        max_length=MEASURES,
        examples=[
            [
                {
                    "tariff": {
                        "importer": "USA",
                        "exporter": "JPN",
                        "sector": "motor_vehicles",
                        "rate": "25%",
                        "change": "add",
                    }
                }
            ]
        ],
    )
    economy: Name = DEFAULT_ECONOMY
    closure: Document = Field(default_factory=dict)
    theta: float | Name | dict[str, float] | None = None
    parties: list[Name] = Field(
        default=["USA", "JPN", "EU27"],
        min_length=1,
        max_length=12,
        description="Whom to report on; without it those that the measures name, and then the default, with the "
        "European Union of the year of the data.",
    )
    report: Document = Field(default_factory=dict)

    def read(self, library: Library) -> Case:
        """Return a case with one scenario; raise `DocumentError`, which `in_place` gives the key of the request."""
        document = {
            "case": "table",
            "title": english("Measures on the table"),
            "question": english("Who gains, who pays, and who pockets the rent?"),
            "economy": self.economy,
            "closure": self.closure,
            "parties": self.parties if "parties" in self.model_fields_set else self._parties(library),
            "report": self.report,
            "scenarios": {"measures": {"title": english("all of them together"), "measures": self.measures}},
            **({} if self.theta is None else {"theta": self.theta}),
        }
        return _case(document, library)

    def _parties(self, library: Library) -> list[str]:
        """Return the default parties, and before them those that measures name where one of these is none of them.

        On an Economy that lacks some of the default parties, the rest of them and those that measures name.
        """
        try:
            economy = library.economy(self.economy)
        except EntrepotError:
            return self.parties  # the error on the Economy comes where the case is read

        def codes_of(name: str, *, partly: bool = False) -> set[str]:
            try:
                codes, missing = resolve_countries(name, economy.countries)
            except EntrepotError:
                return set()
            return set(codes) if name.upper() != WORLD and (partly or not missing) else set()

        own = [union_on(mid_year(economy.year)) if name == "EU27" and economy.year else name for name in self.parties]
        stated = [keys for entry in self.measures for keys in entry.values() if isinstance(keys, Mapping)]
        parts = [keys.get(key) for keys in stated for key in ("importer", "exporter", "country")]
        listed = [one for part in parts for one in (part if isinstance(part, list) else [part])]
        named = [one for one in listed if isinstance(one, str) and codes_of(one)]
        usual = {name: codes_of(name, partly=True) for name in own}
        if all(usual.values()):
            concerned: set[str] = set()
            kept = []
            for name in named:
                if not (codes := codes_of(name)) <= concerned:
                    kept.append(name)
                    concerned |= codes
            if concerned <= set().union(*usual.values()):
                return own
            return [*kept, *(name for name, codes in usual.items() if not codes & concerned)][:_PARTIES]
        here = [name for name in own if codes_of(name)]
        return list(dict.fromkeys([*here, *named]))[:4] or [economy.countries[0]]

    @staticmethod
    @contextmanager
    def in_place() -> Iterator[None]:
        """Raise errors of the case that is built from the request again as errors at a place of the request."""
        try:
            yield
        except DocumentError as error:
            message = str(error).removeprefix(f"{REQUEST_NAME}: ").removeprefix(f"{error.key}: ")
            raise DocumentError(message.replace(_WITHIN, ""), key=error.key.removeprefix(_WITHIN)) from None


class CaseRequest(DeskRequest):
    """A request about a case: the name of one on the desk, or a document with the keys of a case file."""

    case: Name | Document = Field(examples=["us-japan-autos-2019"])

    def read(self, library: Library) -> Case:
        """Return the case; raise `DocumentError` that names the key."""
        if not isinstance(self.case, str):
            return _case(self.case, library)
        try:
            return library.case(self.case)
        except (UnknownNameError, DocumentError) as error:
            raise DocumentError(str(error), key="case") from None


class RunRequest(CaseRequest, DetailRequest):
    """Solve every scenario of a case."""


class CodeRequest(RunRequest):
    """Write the commands that give the numbers of `/run` again."""


class TimelineRequest(CaseRequest):
    """Follow the branches of a case's timeline."""


class PathRequest(CaseRequest):
    """Follow a case's path: stocks, expectations and time."""

    belief: float | None = Field(
        default=None, ge=0, le=1, description="The probability of all that is announced; default: what the case states."
    )


class TalksRequest(CaseRequest):
    """How the talks of a case end when its threat may be a bluff."""

    assume: dict[Name, float] = Field(
        default_factory=dict,
        max_length=40,
        description="Other assumptions by name, such as belief, called.draft or breakdown; see `numbers` of the reply.",
        examples=[{"belief": 0.05}],
    )


Part = Annotated[float, Field(ge=0, le=1)]


class FearRequest(CaseRequest):
    """What the threat of a case costs while nothing is done."""

    scenario: Name | None = Field(default=None, description="Of the case; default: its threat.")
    probability: list[Part] = Field(
        default=[], max_length=THREATS, description="That it comes; default: that of the talks of the case."
    )
    years: list[Annotated[float, Field(gt=0, le=100)]] = Field(
        default=[], max_length=THREATS, description="Until the day; default: the deadline of the case."
    )
    timing: ThreatTiming = "deadline"
    exporters: Exporters = "leaving"
    interest: float = Field(default=0.05, gt=0, le=1)
    exit: float = Field(default=0.1, gt=0, lt=1, description="The part of exporters who leave a year.")
    sunk_share: Part = 1.0


class FigureRequest(RunRequest):
    """Draw one figure of a case; name and form are those of the path."""

    figure: Name
    form: Literal["svg", "png", "csv"]


class FiguresRequest(DeskRequest):
    """The name of a case on the desk, as a parameter of the query."""

    case: Name = Field(examples=["us-japan-autos-2019"])


class ScreenRequest(CaseRequest):
    """Screen a case's measures against the rules on a date (default: the date of the case)."""

    on: datetime.date | None = None


class CalendarRequest(CaseRequest):
    """Return a case's calendar as of a date (default: today, or a past case's own)."""

    on: datetime.date | None = None


class BargainRequest(CaseRequest):
    """Find the deals that the parties of a case's table would sign."""

    points: int | None = Field(default=None, ge=2, le=11)


class OfferRequest(CaseRequest):
    """Value one deal on a case's table: a level for each issue that has an effect."""

    levels: dict[Name, float] = Field(max_length=50)


class SweepRequest(CaseRequest):
    """Compute how uncertain the results of a case are."""

    draws: int | None = Field(default=None, ge=1, le=DRAWS)
    seed: int = Field(default=1, ge=0, le=2**31)
    uncertain: Document = Field(default_factory=dict)
    grid: dict[str, str | list[float]] = Field(default_factory=dict)
    method: Literal["draws", "sobol", "morris"] = "draws"
    scenarios: list[Name] | None = None
    level: float = Field(default=0.9, gt=0, lt=1)


class OptimalRequest(DeskRequest):
    """Find the tariffs, or the tariffs, export taxes and subsidies, that are best for a party."""

    party: Name = Field(examples=["USA"], description="A country or a group, which acts as one.")
    instruments: list[Kind] = Field(default=["tariff"], min_length=1, max_length=3)
    over: Over = Field(default="uniform", description="One rate, or one for each sector, partner, or both.")
    sectors: list[Name] = Field(default=["ALL"], min_length=1, max_length=100)
    partners: list[Name] = Field(default=["WORLD"], min_length=1, max_length=100)
    exempt: list[Name] = Field(default=[], max_length=100)
    at_least: float | None = Field(default=None, gt=-1, description="A rate: 0 for tariffs alone, else -0.5.")
    at_most: float | dict[Name, float] = Field(default=10.0, description="A rate, or one by sector: bound rates.")
    objective: Document = Field(default_factory=dict, description="As in a case; default: real income.")
    measures: list[Document] = Field(default=[], max_length=MEASURES, description="Also in force, as in a case.")
    economy: Name = DEFAULT_ECONOMY
    closure: Document | None = Field(default=None, description="As in a case; default: balanced trade.")
    theta: float | Name | dict[str, float] | None = None
    accuracy: float = Field(default=1e-6, ge=1e-10, le=1e-2)

    def read(self, library: Library) -> Case:
        """Return a case with the objective and the measures; raise `DocumentError` with the key of the request."""
        objective = {"objectives": {self.party: self.objective}} if self.objective else {}
        closure = {} if self.closure is None else {"closure": self.closure}
        in_force = self.measures or [{"tariff": {"importer": "WORLD", "sector": "ALL", "rate": "0%", "change": "add"}}]
        document = {
            "case": "optimal",
            "title": "Measures in force",
            "question": "Which rates are best?",
            "economy": self.economy,
            "parties": [self.party],
            **objective,
            **closure,
            "scenarios": {"measures": {"title": "in force", "measures": in_force}},
            **({} if self.theta is None else {"theta": self.theta}),
        }
        with SolveRequest.in_place():
            return _case(document, library)


#: A table as rows: the cells of a column are numbers or texts.
Rows = list[dict[Name, float | Annotated[str, Field(max_length=200)] | None]]
#: The most rows of a table of trade or of a tariff schedule; the command line has no such bound.
LINES = 5_000


class ExposureRequest(DeskRequest):
    """Set tariff schedules against trade, product by product; tables are rows, as of a CSV file."""

    trade: Rows = Field(
        min_length=1,
        max_length=LINES,
        examples=[[{"importer": "USA", "partner": "JPN", "product": "8703230190", "value": 40e9}]],
        description="importer, partner, product and value; or the columns of a published layout.",
    )
    schedule: Rows = Field(
        min_length=1,
        max_length=LINES,
        examples=[
            [
                {
                    "importer": "USA",
                    "product": "8703",
                    "partner": "",
                    "rate": "2.5%",
                    "authority": "MFN",
                    "kind": "applied",
                }
            ]
        ],
        description="importer, product, partner, rate, and any of authority, kind, from and until.",
    )
    proposed: Rows = Field(default=[], max_length=LINES, description="The same, of proposed rates.")
    economy: Name = DEFAULT_ECONOMY
    stacking: Name | None = Field(default=None, description="us-2025, us-2026 or plain.", examples=["us-2026"])
    on: datetime.date | None = None
    importer: Name | None = None
    year: int | None = Field(default=None, ge=1000, le=9999)
    concordance: Rows | None = Field(default=None, min_length=1, max_length=LINES, description="product and sector.")
    rates: Literal["fraction", "percent"] | None = None
    unit: Literal["usd", "usd_k", "usd_m", "eur", "eur_k", "gbp"] | None = None
    usd_per_unit: float | None = Field(default=None, gt=0)
    flow: Literal["imports", "exports"] = "imports"
    decimal: Literal["point", "comma"] | None = None
    response: bool = True
    elasticity: float | dict[Name, float] | None = None
    pass_through: float = Field(default=1.0, ge=0, le=1)


class LinesRequest(DeskRequest):
    """List the tariff lines of a sector of an Economy, with the duty on each from a partner on a day."""

    importer: Name = Field(examples=["USA"])
    exporter: Name = Field(examples=["JPN"])
    sector: Name = Field(examples=["motor_vehicles"])
    economy: Annotated[str, Field(min_length=1, max_length=80, pattern=ECONOMY_NAME)] = DEFAULT_ECONOMY
    on: datetime.date | None = Field(default=None, description="Default: today.")


class TariffPathRequest(DeskRequest):
    """Compute the mean duty of the United States through time, of each partner or of all together."""

    importer: Name
    exporters: list[Name] = Field(min_length=1, max_length=10)
    products: list[Name] = Field(default=[], max_length=50)
    since: datetime.date = datetime.date(2025, 1, 1)
    until: datetime.date | None = None
    by: Literal["partner", "sector", "chapter"] = "partner"
    preference: Literal["yes", "no", "share"] = "share"
    us_content: float = Field(default=0.4, ge=0, le=1)
    metal_share: float = Field(default=1.0, ge=0, le=1)


def _check_numbers(value: Any, key: str) -> None:
    """Raise `DocumentError` for NaN, infinity, and integers beyond floats, which Python's JSON reader accepts."""
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value, start=1)
    elif isinstance(value, int | float) and not abs(value) <= sys.float_info.max:
        raise DocumentError("must be a finite number", key=key)
    for name, part in parts:
        _check_numbers(part, f"{key}.{name}" if key else str(name))


def _case(document: Document, library: Library) -> Case:
    _check_size(document)
    _check_files(document, library)
    return case_of(document, REQUEST_NAME)


def _check_size(document: Document) -> None:
    """Raise `DocumentError` for a case that would take more memory and time than a desk has."""
    scenarios = document.get("scenarios")
    many = {"parties": (document.get("parties"), PARTIES), "scenarios": (scenarios, SCENARIOS)}
    for key, part, most in (("path", "in_force", ENTRIES), ("beliefs", "signals", SIGNALS)):
        section = document.get(key)
        if isinstance(section, Mapping):
            many[f"{key}.{part}"] = (section.get(part), most)
    for name, spec in scenarios.items() if isinstance(scenarios, Mapping) else ():
        if isinstance(spec, Mapping):
            many[f"scenarios.{name}.measures"] = (spec.get("measures"), MEASURES)
    for key, (parts, most) in many.items():
        if isinstance(parts, list | Mapping) and len(parts) > most:
            detail = f"has {len(parts)} entries; a desk takes at most {most}, the command line any number"
            raise DocumentError(detail, key=key)


def _check_files(document: Document, library: Library) -> None:
    """Raise `DocumentError` where a key that may name a file has no known name."""
    economy, known = document.get("economy", DEFAULT_ECONOMY), library.names(ECONOMIES)
    if not isinstance(economy, str) or library.economy_name(economy) not in known:
        raise DocumentError(str(library.unknown(ECONOMIES, str(economy))), key="economy")
    theta = document.get("theta")
    if isinstance(theta, str) and set_named(theta) is None:
        raise DocumentError(str(UnknownNameError("set of elasticities", theta, published())), key="theta")
    closure = document.get("closure")
    share = closure.get("labour_share") if isinstance(closure, Mapping) else None
    if isinstance(share, str) and read_percentage(share) is None:
        raise DocumentError(
            "give a number, by sector, or by country and sector; a desk reads no file", key="closure.labour_share"
        )
    from entrepot.markets import bundled_markets  # it loads pandas

    market = document.get("market")
    if isinstance(market, str):
        market = {"products": market}
    if isinstance(market, Mapping):
        products = market.get("products")
        if isinstance(products, str) and products not in bundled_markets():
            raise DocumentError("give the rows, or a bundled market; a desk reads no file", key="market.products")
        if isinstance(products, list) and len(products) > PRODUCTS:
            raise DocumentError(
                f"has {len(products)} rows; a desk takes at most {PRODUCTS}, the command line any number",
                key="market.products",
            )
    if isinstance(document.get("uncertainty"), Mapping) and "market.draws" in document["uncertainty"]:
        raise DocumentError("a desk reads no file", key="uncertainty.market.draws")
    no_covariance(document.get("uncertainty"), "uncertainty")


def no_covariance(value: Any, place: str) -> None:
    """Raise `DocumentError` for a covariance, which would come from a file."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key == "covariance":
                raise DocumentError("a desk reads no file; state a distribution instead", key=f"{place}.covariance")
            no_covariance(part, f"{place}.{key}")
