"""Inputs that once failed, one folder a case, each with its right answer as the folder states it.

The folders are not in this repository: cases/ beside the reference data (see `conftest.shared`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import SHARED_ROOT
from entrepot.data.elasticities import read_elasticities
from entrepot.economy.geography import find_place, resolve_countries
from shelves import slow_unless
from test_cli import call

CASES = SHARED_ROOT / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the folder cases is not beside the reference data")

Law = Callable[[Path], None]
LAWS: dict[str, Law] = {}


def law(folder: str) -> Callable[[Law], Law]:
    def note(check: Law) -> Law:
        LAWS[folder] = check
        return check

    return note


# ---- products: what `entrepot exposure` answers ----


@dataclass(frozen=True)
class Answer:
    """imports  US$ million;  applied  the effective rate of all of them, or by partner;  says  parts of the notes"""

    imports: float
    applied: float | dict[str, float] = 0.025
    says: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    trade: str = "trade.csv"
    schedule: str = "schedule.csv"
    partners: dict[str, float] = field(default_factory=dict)


EXPOSED = {
    "authorities-without-first-day": Answer(
        1.0,
        says=("not in force on 2025-03-05 left out: Section 232, cars (from 2025-04-03), IEEPA, reciprocal",),
        options=("--stacking", "us-2025", "--on", "2025-03-05"),
    ),
    "comtrade-flow-code": Answer(1.0, says=("RX: 1 row, X: 2 rows",), partners={"JPN": 1.0}),
    "comtrade-flows": Answer(1e-3, says=("X: 1 row; a value of 600 in sum",)),
    "comtrade-levels": Answer(1e-3, says=("2 rows of totals of others (products at HS2, HS4, HS6)",)),
    "comtrade-levels-2": Answer(1.0, says=("2 rows of totals of others", "their parts add up to that")),
    "comtrade-own": Answer(1e-3, says=("1 flow of a country with itself (re-imports), US$500,",)),
    "comtrade-partner-codes": Answer(
        1.5, says=("1 row of totals of others (exporter World)",), partners={"JPN": 1.0, "TWN": 0.3, "NES": 0.2}
    ),
    "comtrade-specials": Answer(
        1.5e-3,
        says=("1 row of totals of others (exporter World)", "US$100 (6.7% of imports) are with unspecified partners"),
        partners={"JPN": 1e-3, "TWN": 4e-4, "NES": 1e-4},
    ),
    "concordance-with-points": Answer(1.0, options=("--concordance", "sectors.csv")),
    "group-beside-members": Answer(
        2.0, says=("1 row of totals of others (exporter EU27)",), partners={"DEU": 1.2, "FRA": 0.8}
    ),
    "hts-usitc": Answer(
        2.0,
        applied={"JPN": 0.025, "NZL": 0.05},
        says=("2 lines state an ordinary rate", "1 row with compound duties; only their ad valorem part is read"),
        schedule="hts.csv",
    ),
    "identical-rows": Answer(1.0, says=("1 row given again with the same rate",)),
    "rate-spellings": Answer(3.0),
    "us-census": Answer(1716e-6, applied={"ZAF": 0.01}, schedule="any.csv", partners={"ZAF": 1716e-6}),
    "wits-ave-bulk": Answer(1.0, applied=0.015, schedule="DataJobID.csv"),
}


def exposed(folder: Path, answer: Answer) -> None:
    requested = ["exposure", "--trade", str(folder / answer.trade), "--schedule", str(folder / answer.schedule)]
    options = [str(folder / o) if o.endswith(".csv") else o for o in answer.options]
    plain = [] if "--stacking" in options else ["--stacking", "plain", "--on", "2025-06-01"]
    code, out, err = call(*requested, *plain, *options, "--format", "json")
    assert code == 0, err
    found = json.loads(out)
    partners = {row["partner"]: row for row in found["by_partner"]}
    assert found["totals"]["imports"] == pytest.approx(answer.imports, rel=1e-12)
    if isinstance(answer.applied, dict):
        assert {name: row["applied"] for name, row in partners.items()} == pytest.approx(answer.applied)
    else:
        assert found["totals"]["applied"] == pytest.approx(answer.applied)
    if answer.partners:
        assert {name: row["imports"] for name, row in partners.items()} == pytest.approx(answer.partners)
    notes = "\n".join(found["notes"])
    for part in answer.says:
        assert part in notes


@law("hts-usitc")
def _hts(folder: Path) -> None:
    """The file as it is; the special column by programme; and with a column renamed by hand."""
    exposed(folder, EXPOSED["hts-usitc"])
    (folder / "australia.csv").write_text("importer,partner,product,value\nUSA,AUS,8703230190,1e6\n")
    free = Answer(1.0, applied=0.0, trade="australia.csv", schedule="hts.csv")
    exposed(folder, free)
    says = ("1 row with compound duties", "2 rows without a rate left out")
    exposed(folder, Answer(2.0, applied={"JPN": 0.025, "NZL": 0.05}, says=says, schedule="h2.csv"))


@law("us-census")
def _census(folder: Path) -> None:
    """The export as it is, and as people mend it by hand."""
    (folder / "any.csv").write_text("product,rate\n01,1%\n")
    exposed(folder, EXPOSED["us-census"])
    for trade in ("t2.csv", "t3.csv"):
        options = ("--importer", "USA")
        exposed(folder, Answer(1716e-6, applied={"ZAF": 0.01}, trade=trade, schedule="any.csv", options=options))


@law("comtrade-partner-codes")
def _partner_codes(folder: Path) -> None:
    """The names of WITS and Comtrade, one by one."""
    exposed(folder, EXPOSED["comtrade-partner-codes"])
    totals = [
        ("W00", "WORLD"),
        ("S19", "TWN"),
        ("Other Asia, nes", "TWN"),
        ("_X", "NES"),
        ("E19", "NES"),
        ("899", "NES"),
    ]
    names = [("ROM", "ROU"), ("Korea, Rep.", "KOR"), ("Viet Nam", "VNM"), ("Turkey", "TUR"), ("Cote d'Ivoire", "CIV")]
    for name, code in [*totals, *names, ("Hong Kong, China", "HKG")]:
        place = find_place(name)
        assert place is not None
        assert place.code == code


@law("uk-2020")
def _uk(folder: Path) -> None:
    """No duty between Germany and the United Kingdom until the transition period ends."""
    for day, revenue in (("2019-06-01", 0.1), ("2020-06-01", 0.1), ("2020-12-31", 0.1), ("2021-01-01", 0.3)):
        found = ep.exposures.exposure(folder / "trade.csv", folder / "schedule.csv", stacking="plain", on=day)
        assert found.totals["imports"] == pytest.approx(3.0)
        assert found.totals["revenue"] == pytest.approx(revenue)


@law("measures-eu-to-rest-of-world")
def _members(folder: Path) -> None:
    """A tariff on the Union falls on its members, not on the rest of the world."""
    files = [folder / f"{name}.csv" for name in ("trade", "schedule", "proposal")]
    found = ep.exposures.exposure(*files, stacking="plain", on="2025-06-01")
    (tariff,) = found.to_measures()
    assert (tariff.importer, tariff.exporter, tariff.sector) == (("USA",), ("EU27",), ("motor_vehicles",))
    assert (tariff.rate, tariff.change) == (pytest.approx(0.225), "add")
    solved = ep.run(found.to_case(folder / "made.yaml")).outcomes["proposed"]
    assert solved.countries.loc["DEU", "real_income_pct"] < solved.countries.loc["ROW", "real_income_pct"]
    same = ep.solve(ep.load_economy("world2022"), tariff)
    assert solved.countries["equivalent_variation"].to_numpy() == pytest.approx(
        same.countries["equivalent_variation"].to_numpy(), rel=1e-6, abs=1e-3
    )


@law("measures-partly-rated-sector")
def _partly_rated(folder: Path) -> None:
    """The change on trade for which nothing is proposed is zero, and it counts in the mean."""
    files = [folder / f"{name}.csv" for name in ("trade", "schedule", "proposal")]
    found = ep.exposures.exposure(*files, stacking="plain", on="2025-06-01")
    (tariff,) = found.to_measures()
    assert tariff.rate == pytest.approx((10 * 0.225 + 90 * 0) / 100)
    assert any("US$90.0 billion of US$100.0 billion" in note for note in found.tariffs.notes)


# ---- worlds: what `entrepot economy import` reads ----


def tariffs_of(folder: Path, tariffs: str, sectors: str | None = None) -> dict[tuple[str, str], float]:
    """The duty of each pair on the first sector, by the route of `economy import tables`."""
    world = folder / "world"
    world.mkdir()
    shutil.copy(folder / "trade.csv", world)
    more = {} if sectors is None else {"sectors": folder / sectors}
    economy = ep.import_economy("tables", world, theta=4, tariffs=folder / tariffs, **more).economy
    return {
        (n, i): float(economy.tariff[0, a, b])
        for a, n in enumerate(economy.countries)
        for b, i in enumerate(economy.countries)
    }


@law("iso2-tariff-file")
def _iso2_tariffs(folder: Path) -> None:
    found = tariffs_of(folder, "tariffs.csv")
    assert [found["USA", i] for i in ("GBR", "GRC", "DEU")] == pytest.approx([0.1, 0.1, 0.1])
    assert found["GBR", "USA"] == pytest.approx(0.07)


@law("tariff-decimal-comma")
def _decimal_comma(folder: Path) -> None:
    assert tariffs_of(folder, "tariffs.csv", "cars.csv")["USA", "ROU"] == pytest.approx((0 + 0.2 + 0.1) / 3)


@law("wits-rom-zar")
def _former_codes(folder: Path) -> None:
    found = tariffs_of(folder, "wits.csv", "cars.csv")
    assert [found["USA", "ROU"], found["USA", "COD"], found["ROU", "USA"]] == pytest.approx([0.01, 0.005, 0.08])


@law("sector-codes-01")
def _sector_codes(folder: Path) -> None:
    for theta in (4, {"01": 4, "02": 5}):
        economy = ep.Economy.from_tables(trade=folder / "trade.csv", inputs=None, demand=None, theta=theta)
        assert economy.sectors == ("01", "02")
    assert economy.theta == pytest.approx([4, 5])


@law("gravity-rda")
def _rda(folder: Path) -> None:
    """Two flows, 1 from AAA to BBB and 2 back, and own sales of 70%: 7/3 times what each buys abroad."""
    economy = ep.import_economy("gravity", folder / "g.rda", theta=4, own_sales=0.7).economy
    assert economy.countries == ("AAA", "BBB")
    assert economy.value[0].tolist() == [pytest.approx([14 / 3, 2]), pytest.approx([1, 7 / 3])]


@law("itpd-no-names")
def _itpd(folder: Path) -> None:
    """Release 2 without names has no broad sectors; its industries are read as they are."""
    file = folder / "ITPD_E_R02_no_names.csv"
    economy = ep.import_economy("itpd-e", file, theta=4, sectors="industries").economy
    assert (economy.countries, economy.sectors, economy.year) == (("CAN", "USA"), ("36", "160"), 2016)
    value = [[[50, 5], [4, 100]], [[50, 2], [2, 100]]]  # [sector, importer, exporter]
    np.testing.assert_allclose(economy.value, value, rtol=1e-12)
    with pytest.raises(ep.errors.InputError, match="no column broad_sector"):
        ep.import_economy("itpd-e", file, theta=4, sectors="broad")


@law("wiod2016-row-labels")
def _wiod(folder: Path) -> None:
    """Rows labelled r1, columns c1: two countries, two industries, each cell 10 for inputs and 4 for final demand."""
    economy = ep.import_economy("wiod2016", folder / "WIOT2014_Nov16_ROW.xlsx", theta=4).economy
    assert (economy.countries, economy.sectors, economy.year) == (("AAA", "BBB"), ("A01", "A02"), 2014)
    assert economy.output.tolist() == [[80, 80], [80, 80]]
    assert economy.value_added.tolist() == [80, 80]
    assert economy.value.tolist() == [[[40, 40], [40, 40]]] * 2  # 2 x 10 of inputs and 5 x 4 of final goods


@law("protee")
def _protee(folder: Path) -> None:
    """theta = -sigma - 1; blanks take the mean of their chapter, as do estimates that imply theta <= 0."""
    concordance = pd.DataFrame({"product": ["01", "02", "87"], "sector": ["food", "food", "cars"]})
    theta, notes = read_elasticities(folder / "ProTEE.csv", ("food", "cars"), concordance=concordance)
    assert theta.tolist() == [5.0, 8.0]
    messages = " ".join(notes)
    assert "1 products without an estimate and 1 whose theta would not be above zero" in messages
    assert "no estimate in the chapter of 1 product: 020900" in messages


@law("namibia-estimate")
def _namibia(folder: Path) -> None:
    """NA is Namibia."""
    formula = "trade ~ ln_tariff | exporter + importer"
    found = ep.estimation.gravity(folder / "flows.csv", formula)
    as_text = ep.estimation.gravity(pd.read_csv(folder / "flows.csv", keep_default_na=False), formula)
    assert found.observations == 36
    pd.testing.assert_frame_equal(found.table(), as_text.table())


# ---- cases: what `entrepot run`, `sweep` and `calendar` answer ----


def added(exporter: str, points: float) -> ep.Tariff:
    """Points on motor vehicles into the United States."""
    return ep.Tariff(importer="USA", exporter=exporter, sector="motor_vehicles", rate=points, change="add")


@law("iso2-gb-gr")
def _iso2(folder: Path) -> None:
    world = ep.load_economy("world2022")
    for name, code in (("DE", "DEU"), ("GB", "GBR"), ("UK", "GBR"), ("GR", "GRC"), ("EL", "GRC"), ("FR", "FRA")):
        assert resolve_countries(name, world.countries)[0] == (code,)
    found = ep.run(folder / "case.yaml")
    same = ep.solve(world, added("GBR", 0.1))
    (outcome,) = found.outcomes.values()
    assert outcome.countries.loc["GBR", "equivalent_variation"] == pytest.approx(
        same.countries.loc["GBR", "equivalent_variation"], rel=1e-6
    )
    assert "the United Kingdom loses" in str(found)


@law("party-world")
def _world_as_party(folder: Path) -> None:
    found = ep.run(folder / "case.yaml", "world2014")
    (outcome,) = found.outcomes.values()
    assert round(outcome.countries["equivalent_variation"].sum()) == -847
    assert "the world loses US$847 million" in str(found)


@law("section-122-last-day")
def _last_day(folder: Path) -> None:
    code, out, err = call("calendar", str(folder / "case.yaml"), "--on", "2026-07-24", "--format", "csv")
    assert code == 0, err
    (ends,) = [line for line in out.splitlines() if "us-122-end" in line]
    assert ends.startswith("2026-07-23,deadline,")
    assert "passed 1 day ago" in ends


@law("sweep-inadmissible-draw")
def _inadmissible(folder: Path) -> None:
    """A draw that is not a valid cap counts as a failure, with its value; the other draws are solved."""
    swept = ep.sweep(folder / "case.yaml", draws=64, store=folder / "store")
    failed = swept.table("failures")
    assert 0 < len(failed) < 5
    assert failed["kind"].unique().tolist() == ["inadmissible"]
    assert failed["why"].str.contains(r"ver\.cap: -0\.\d+ is below zero").all()
    solved = swept.table("measures")
    assert len(solved) + len(failed) == swept.members


@law("timeline-same-points-twice")
def _twice(folder: Path) -> None:
    """Ten points and ten more are twenty."""
    line = ep.run(folder / "case.yaml", "world2014").timeline
    assert line is not None
    path = line.path[(line.path["what"] == "USA") & (line.path["quantity"] == "equivalent_variation")]
    world = ep.load_economy("world2014")
    once, twice = (
        ep.solve(world, added("JPN", points)).countries.loc["USA", "equivalent_variation"] for points in (0.1, 0.2)
    )
    assert path["value"].tolist() == pytest.approx([once, once, twice, twice], rel=1e-6)
    assert (round(once, 1), round(twice, 1)) == (312.9, -502.1)
    assert any("counts twice" in note for note in line.notes)


@law("timeline-without-deadline")
def _no_deadline(folder: Path) -> None:
    code, _, err = call("run", str(folder / "case.yaml"), "--no-store", "--out", str(folder / "out"))
    assert code == 0, err
    assert {"report.html", "path.csv", "totals.csv"} <= {file.name for file in (folder / "out").iterdir()}
    assert pd.read_csv(folder / "out" / "path.csv")["branch"].unique().tolist() == ["as stated"]


@law("two-quotas-on-one-flow")
def _two_quotas(folder: Path) -> None:
    """Solved, each cap kept; and the global quota's wedge on the others is that of a quota on them alone."""
    world = ep.load_economy("world2014")
    cars = {"importer": "USA", "sector": "motor_vehicles"}
    solved = ep.solve(world, [ep.ImportQuota(**cars, cap=0.9), ep.ImportQuota(**cars, exporter="JPN", cap=0.8)])
    assert solved.measures["volume"].to_numpy() == pytest.approx(solved.measures["cap"].to_numpy(), rel=1e-8)
    assert (solved.measures["wedge"] > 0.001).all()
    food = {"importer": "USA", "exporter": "JPN", "sector": "food"}
    duties = [
        ep.TariffRateQuota(**food, cap=0.5, out_rate="20%", change="add"),
        ep.SpecificTariff(**food, amount="8%"),
    ]
    assert (ep.solve(world, duties).measures["wedge"] > 0).all()


# ---- all of them ----


#: What takes more than a second. Of the others the fast shelf has every third: other tests hold the same on tables of
#: their own.
SLOW = (
    "hts-usitc",
    "iso2-gb-gr",
    "namibia-estimate",
    "sweep-inadmissible-draw",
    "timeline-without-deadline",
    "uk-2020",
    "us-census",
)


@pytest.mark.parametrize("folder", slow_unless(sorted({*LAWS, *EXPOSED} - {*SLOW})[::5], sorted({*LAWS, *EXPOSED})))
def test_known_cases_give_the_expected_result(folder: str, tmp_path: Path) -> None:
    copy = tmp_path / folder
    copy.mkdir()
    for file in (CASES / folder).iterdir():
        shutil.copyfile(file, copy / file.name)
    if folder in LAWS:
        LAWS[folder](copy)
    else:
        exposed(copy, EXPOSED[folder])


def test_every_folder_of_cases_has_an_expected_result() -> None:
    assert {path.name for path in CASES.iterdir() if path.is_dir()} == {*LAWS, *EXPOSED}
