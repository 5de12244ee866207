"""The registry of instruments: names, lines, forms, and entries of one's own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot import plugins
from entrepot.cases.read_measure import read_measure
from entrepot.measures import Field, Instrument, instrument, instruments, register, registry

DOCS = Path(__file__).parents[2] / "docs" / "extend.md"
pytestmark = pytest.mark.usefixtures("nothing_stays_registered")
WORLD = ep.load_economy("world2014")


@dataclass(frozen=True, kw_only=True)
class Surcharge(ep.measures.BorderMeasure):
    """Points on top of the tariff."""

    kind = "surcharge"
    points: float = 0.1

    def put(self, policy: ep.measures.Policy) -> None:
        policy.tariff(self.flows(policy.economy), add=self.points)


ENTRY = Instrument(
    measure=Surcharge,
    title="Surcharge",
    short="extra",
    flag="surcharge",
    line=("importer", "exporter", "sector"),
    form=registry.FLOWS,
)


@pytest.mark.parametrize("entry", registry.BUNDLED, ids=lambda entry: entry.kind)
def test_form_defaults_make_a_measure(entry: Instrument) -> None:
    """What a new form holds can be put on the world that the page opens with, in cases' words."""
    body = {field.key: field.start for field in entry.form if field.start is not None}
    body |= {"exporter": "JPN"} if "exporter" in registry.keys_of(entry.measure)[1] else {}
    world = WORLD if entry.measure is not ep.measures.Lift else _with_a_restraint()  # there must be something to lift
    for name in entry.names:
        assert ep.measures.Policy.of(world, [read_measure({name: body})]).acts  # type: ignore[list-item]
    if set(entry.line) <= set(registry.NAMES):
        return  # a ban has no size
    assert entry.form[-1].type in ("percent", "rent", "choice")
    size = next((field for field in entry.form if field.type == "percent"), entry.form[-1]).key
    assert size == next(key for key in entry.line if key not in registry.NAMES)


def _with_a_restraint() -> ep.Economy:
    restraint = ep.VoluntaryExportRestraint(importer="USA", exporter="JPN", sector="motor_vehicles", cap=0.8)
    return ep.solve(WORLD, restraint).as_economy()


@pytest.mark.parametrize(
    ("kind", "line", "measure"),
    [
        ("tariff", "USA:WORLD-CAN-MEX:food:+10%", {"exporter": ("WORLD",), "exempt": ("CAN", "MEX"), "change": "add"}),
        ("tariff", "USA:JPN,KOR:food:10%", {"exporter": ("JPN", "KOR"), "change": "set"}),
        ("quota", "USA:JPN:food:20000m", {"cap": 20000.0, "unit": "usd_m"}),
        ("ver", "USA:JPN:food:80%", {"cap": 0.8, "unit": "share"}),
        ("trq", "USA:JPN:food:80%:+20%", {"cap": 0.8, "out_rate": 0.2, "change": "add"}),
        ("export_quota", "CHN:WORLD-RUS:food:80%", {"cap": 0.8, "exempt": ("RUS",), "exporter": ("CHN",)}),
        ("export_ban", "CHN:USA,JPN:food", {"importer": ("USA", "JPN"), "exporter": ("CHN",)}),
        ("export_tax", "JPN:WORLD-USA:food:5%", {"importer": ("WORLD",), "exempt": ("USA",), "exporter": ("JPN",)}),
        ("subsidy", "USA:food,textiles:5%", {"country": ("USA",), "sector": ("food", "textiles")}),
        ("specific", "USA:JPN:food:2000/25000", {"amount": 2000.0, "unit_value": 25000.0}),
        ("lift", "USA:JPN,KOR:food:quota", {"exporter": ("JPN", "KOR"), "what": "quota"}),
        ("minimum_price", "USA:JPN:food:110%", {"price": 1.1, "unit_value": None}),
    ],
)
def test_command_line_options_are_read(kind: str, line: str, measure: dict[str, Any]) -> None:
    entry = instrument(kind)
    assert entry is not None
    made = entry.of_line(line)
    assert {key: getattr(made, key) for key in measure} == measure


def test_registered_instrument_is_known_everywhere() -> None:
    assert instrument("surcharge") is None
    register(ENTRY)
    assert instruments()["surcharge"] is ENTRY
    made = read_measure({"extra": {"importer": "USA", "sector": "food", "points": 0.2}})
    assert made == Surcharge(importer="USA", sector="food", points=0.2)
    assert ENTRY.of_line("USA:JPN:food") == Surcharge(importer="USA", exporter="JPN", sector="food")
    with pytest.raises(ep.errors.MeasureError, match="has 2 parts; IMPORTER:EXPORTER:SECTOR is needed"):
        ENTRY.of_line("USA:JPN")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "the name extra is in use by Surcharge"),
        ({"short": "ver"}, "the name ver is in use by VoluntaryExportRestraint"),
        ({"line": ("importer", "whence", "sector")}, "it has no argument 'whence'"),
        ({"line": ("exporter", "sector")}, "line leaves out 'importer', which must be given"),
        ({"form": (Field(key="size", type="percent", title="Size"),)}, "it has no argument 'size'"),
        ({"measure": ep.measures.BorderMeasure}, "BorderMeasure: it has no name"),
        ({"measure": dict}, "its class is not a Measure"),
        ({"measure": None}, "its class is not a Measure"),
        ({"flag": "closure"}, "the flag 'closure' is not"),
        ({"flag": "Carbon Charge"}, "the flag 'Carbon Charge' is not"),
        ({"flag": ""}, "the flag '' is not"),
        ({"short": "s 4:"}, "the name 's 4:' is not"),
    ],
)
def test_invalid_entries_are_refused(change: dict[str, Any], message: str) -> None:
    register(ENTRY)
    with pytest.raises(ep.errors.InputError, match=message):
        register(replace(ENTRY, **change))
    assert list(instruments().values())[-1] is ENTRY


def test_a_flag_in_use_is_refused() -> None:
    with pytest.raises(ep.errors.InputError, match="the name --tariff is in use by Tariff"):
        register(replace(ENTRY, flag="tariff"))


@pytest.mark.parametrize(("entry", "message"), [(ENTRY, ""), (Surcharge, "is not an Instrument")])
def test_packages_bring_instruments_by_an_entry_point(
    entry: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Point:
        name, value = "surcharge", "my_package:ENTRY"

        def load(self) -> Any:
            return entry

    class Points:
        def select(self, group: str) -> list[Point]:
            return [Point()] if group == registry.GROUP else []

    monkeypatch.setattr(plugins, "_installed_points", Points)
    registry._installed.cache_clear()
    if message:
        with pytest.raises(ep.errors.InputError, match=message):
            instruments()
    else:
        assert instruments()["surcharge"] is ENTRY


def test_the_examples_of_the_manual() -> None:
    """The carbon border charge is the duties that its tonnes come to, and the surcharge is in the registry."""
    scope: dict[str, Any] = {"__name__": "manual"}
    blocks = [block.split("```")[0] for block in DOCS.read_text(encoding="utf-8").split("```python\n")[1:]]
    for block in blocks:
        exec(compile(block, str(DOCS), "exec", dont_inherit=True), scope)
    charge = scope["charge"]
    duties = [
        ep.Tariff(importer="EU28", exporter=who, sector="metals", rate=80 * t / 1e6, change="add")
        for who, t in charge.tonnes.items()
    ]
    one, other = ep.solve(WORLD, charge), ep.solve(WORLD, duties)
    np.testing.assert_allclose(one.accounts.border_value, other.accounts.border_value, rtol=1e-9, atol=1e-9)
    assert one.countries.loc["DEU", "tariff_revenue"] > WORLD.tariff_revenue[WORLD.countries.index("DEU")]
    assert instrument("surcharge").measure is scope["Surcharge"]  # type: ignore[union-attr]
    curve = ep.solve(WORLD, charge, closure=ep.Closure(labour={"wage_curve": {"USA": 1.9}}))
    wage, jobs = curve.countries.loc["USA", ["real_wage_pct", "employment_pct"]]
    assert np.log1p(wage / 100) == pytest.approx(1.9 * np.log1p(jobs / 100))
    above = ep.solve(WORLD, charge, closure=scope["national"]).countries
    assert above["profits"]["USA"] > 0 == above["profits"]["DEU"]
    assert (above["openness"] > 0).all()
