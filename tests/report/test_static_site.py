"""Publications: what a slider shows between nodes is near the solver's answer, in Python and in a browser, offline."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.interpolate import PchipInterpolator

import entrepot as ep
from entrepot.errors import InputError
from entrepot.languages import speaking
from entrepot.report import static_site
from entrepot.report.static_site import LARGEST, _check_site, _index, publish
from entrepot.studies import slider_grid, takings
from entrepot.studies.slider_grid import SliderGrid, hermite, kind_of, monotone_slopes, sliders, solve_grid
from entrepot.words import dollars
from test_cli import call

CASE = """
case: published
title: Cars, "quoted" & <b>bold</b> </script><script>alert(1)</script>
question: Who holds the rent?
economy: world2014
parties: [USA, JPN]
report: {protected: {country: USA, sector: motor_vehicles}}
scenarios:
  tariff:
    title: 25 points on cars from Japan
    measures: [{tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 25%, change: add}}]
  restraint:
    title: The same volume, restrained by Japan
    measures: [{ver: {importer: USA, exporter: JPN, sector: motor_vehicles, cap: {match: tariff}}}]
  ban:
    title: No cars from Japan at all
    measures: [{ver: {importer: USA, exporter: JPN, sector: motor_vehicles, cap: 0}}]
"""


SEVERAL = """
case: several
title: Duties
question: Who pays?
economy: world2014
parties: [USA, JPN]
scenarios:
  duties:
    title: 10 points on cars and 20 on steel
    measures:
      - {tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 10%, change: add}}
      - {tariff: {importer: USA, exporter: JPN, sector: metals, rate: 20%, change: add}}
"""


@pytest.fixture(scope="module")
def study() -> ep.Study:
    return ep.run(ep.cases.read_case(CASE))


@pytest.fixture(scope="module")
def grid(study: ep.Study) -> SliderGrid:
    return solve_grid(study, sliders(study)[0][0])


@pytest.fixture(scope="module")
def site(study: ep.Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(study, tmp_path_factory.mktemp("site") / "pages")


def test_curves_are_those_of_scipy_and_have_no_turn_of_their_own(rng: np.random.Generator) -> None:
    x = np.sort(rng.random(9))
    y = np.maximum(0, x - 0.4) ** 2
    at = np.linspace(x[0], x[-1], 50)
    curve = hermite(x, y, monotone_slopes(x, y), at)
    np.testing.assert_allclose(curve, PchipInterpolator(x, y)(at), atol=1e-14)
    assert (np.diff(curve) >= -1e-15).all()


def test_a_slider_moves_the_scenarios_that_match_its_volume(study: ep.Study) -> None:
    found, fixed = sliders(study)
    assert [(s.scenario, s.follow, s.low, s.high, s.stated, s.label) for s in found] == [
        ("tariff", ("restraint",), 0.0, 0.5, 0.25, "Tariff: points added")
    ]
    assert fixed == ["ban"]


@pytest.mark.parametrize("rate", [0.033, 0.171, 0.4321])
def test_between_nodes_the_answer_is_the_solvers_within_the_error_that_is_stated(
    study: ep.Study, grid: SliderGrid, rate: float
) -> None:
    world, cars = study.economy, {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}
    tariff = ep.solve(world, [ep.Tariff(rate=rate, change="add", **cars)])
    volume = tariff.measures["volume"].iloc[0]
    restraint = ep.solve(world, [ep.VoluntaryExportRestraint(cap=volume, unit="usd_m", **cars)])
    for name, outcome in (("tariff", tariff), ("restraint", restraint)):
        for country in ("USA", "JPN"):
            truth = outcome.countries.loc[country, "equivalent_variation"]
            assert grid.value(name, f"ev:{country}", rate) == pytest.approx(truth, abs=2 * grid.error["money"])
    rent = restraint.countries.loc["JPN", "quota_rent"]
    assert grid.value("restraint", "rent:JPN", rate) == pytest.approx(rent, abs=2 * grid.error["money"])


def test_at_the_stated_size_the_answer_is_that_of_the_study(study: ep.Study, grid: SliderGrid) -> None:
    frame = study.tables["welfare"].frame.set_index(["scenario", "party"])
    for (scenario, party), row in frame.iterrows():
        if scenario in grid.numbers:
            assert grid.value(scenario, f"ev:{party}", 0.25) == pytest.approx(row["equivalent_variation"], abs=1e-3)
    assert {kind_of(n) for n in grid.numbers["tariff"]} == {"money", "percent"}


def test_a_publication_has_all_that_reruns_it_and_is_small(site: Path, study: ep.Study) -> None:
    folder = site.parent
    manifest = json.loads((folder / "publication.json").read_text())
    assert manifest["hash"] in folder.name
    assert manifest["version"] in folder.name
    assert manifest["rerun"].endswith("entrepot run case.yaml")
    again = ep.run(folder / "case.yaml")
    assert again.outcomes["tariff"].countries.equals(study.outcomes["tariff"].countries)
    assert sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) < LARGEST / 5
    links = re.findall(r'href="([^"#:]+)"', site.read_text())
    assert links
    assert all((folder / link).exists() for link in links)
    assert f'href="{folder.name}/index.html"' in (folder.parent / "index.html").read_text()
    assert set(os.listdir(folder.parent)) == {"index.html", folder.name}


@pytest.mark.parametrize(
    ("spoken", "stated"),
    [("en", "1 December 2026"), ("de", "1. Dezember 2026"), ("ja", "2026年12月1日"), ("xx", "2026-12-01")],
)
def test_the_list_has_days_in_the_language_of_each_publication(tmp_path: Path, spoken: str, stated: str) -> None:
    (tmp_path / "a").mkdir()
    manifest = {"title": "A", "economy": "world2022", "version": "1", "published": "2026-12-01T10:00:00+00:00"}
    (tmp_path / "a" / "publication.json").write_text(json.dumps({**manifest, "name": "a", "language": spoken}))
    page = static_site._index(tmp_path)
    assert f'Entrepot 1, <time datetime="2026-12-01">{stated}</time>, a</small>' in page or (
        spoken == "xx" and "Entrepot 1, 2026-12-01, a</small>" in page
    )


def test_measures_with_rates_of_their_own_move_in_proportion() -> None:
    study = ep.run(ep.cases.read_case(SEVERAL))
    found, fixed = sliders(study)
    assert [(s.label, s.low, s.high, s.stated, s.moved) for s in found] == [
        ("Tariff: points added, all 2 measures together", 0.0, 2.0, 1.0, (0, 1))
    ]
    assert not fixed
    grid = solve_grid(study, found[0])
    assert grid.value("duties", "ev:USA", 0.0) == pytest.approx(0, abs=1e-3)
    frame = study.tables["welfare"].frame.set_index(["scenario", "party"])
    assert grid.value("duties", "ev:USA", 1.0) == pytest.approx(
        frame.loc[("duties", "USA"), "equivalent_variation"], abs=1e-3
    )


@pytest.mark.slow
def test_another_title_or_language_has_another_address_and_what_is_cited_stays(study: ep.Study, site: Path) -> None:
    before = site.read_bytes()
    folder = site.parent.parent
    assert publish(study, folder) == site
    assert site.read_bytes() == before
    other = publish(ep.run(ep.cases.read_case(CASE.replace("Who holds the rent?", "Who pays?"))), folder)
    assert other.parent.name != site.parent.name
    with speaking("de"):
        german = publish(study, folder)
    assert '<html lang="de">' in german.read_text()
    assert len({site.parent.name, other.parent.name, german.parent.name}) == 3
    assert site.read_bytes() == before
    shutil.rmtree(other.parent)
    shutil.rmtree(german.parent)
    publish(study, folder)


@pytest.fixture
def few_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three nodes a slider, where its curves are not looked at."""
    monkeypatch.setattr(slider_grid, "FIRST", 3)
    monkeypatch.setattr(slider_grid, "ROUNDS", 0)


@pytest.mark.slow
def test_an_economy_under_the_name_of_a_bundled_one_travels_with_the_page(
    study: ep.Study, tmp_path: Path, few_nodes: None
) -> None:
    world = ep.load_economy("world2014")
    page = publish(ep.run(study.case, world.with_elasticities(np.full(len(world.sectors), 4.0))), tmp_path)
    assert (page.parent / "economy.ep").exists()
    assert json.loads((page.parent / "publication.json").read_text())["rerun"].endswith("--economy economy.ep")


@pytest.mark.slow
def test_the_products_of_a_market_travel_with_the_page_and_the_case_runs_there(tmp_path: Path, few_nodes: None) -> None:
    rows = "product,firm,plant,price,quantity,margin\nA,H,USA,30000,400000,0.3\nB,N,JPN,28000,300000,0.28\n"
    (tmp_path / "cars.csv").write_text(rows)
    text = (
        CASE
        + "market: {products: cars.csv, importer: USA, sector: motor_vehicles, demand: logit, market_size: 3000000}\n"
    )
    (tmp_path / "mine.yaml").write_text(text)
    page = publish(ep.run(tmp_path / "mine.yaml"), tmp_path / "site")
    assert (page.parent / "cars.csv").read_text() == rows
    ep.run(page.parent / "case.yaml")


def test_duties_with_balanced_trade_are_measured_from_the_balanced_base() -> None:
    closure = ep.Closure(deficit="balanced")
    study = ep.run(ep.cases.read_case(CASE), closure=closure)
    nothing = ep.solve(study.economy, [], closure=closure).countries["tariff_revenue"]
    frame = study.tables["proceeds"].frame.set_index(["scenario", "party"])["tariff_revenue_change"]
    rise = study.outcomes["tariff"].countries["tariff_revenue"] - nothing
    for party in ("USA", "JPN"):
        assert frame[("tariff", party)] == pytest.approx(rise[party], abs=1e-4)
    assert frame[("tariff", "USA")] > 0


@pytest.mark.slow
def test_the_verb_prints_the_answer_and_reruns_with_the_options_that_were_given(
    tmp_path: Path, few_nodes: None
) -> None:
    (tmp_path / "mine.yaml").write_text(CASE)
    where = ("publish", str(tmp_path / "mine.yaml"), "-o", str(tmp_path / "site"))
    code, out, err = call(*where, "--closure", "deficit=balanced", "--theta", "4")
    assert code == 0, err
    answer = " ".join(out.split())
    assert "the United States loses US$" in answer
    assert "There is no quota rent; the United States collects US$" in answer
    assert "Base world2014 (2014)" in answer
    (manifest,) = (tmp_path / "site").glob("*/publication.json")
    command = json.loads(manifest.read_text())["rerun"]
    assert command == "entrepot run case.yaml --closure deficit=balanced --theta 4"
    assert call("run", str(manifest.parent / "case.yaml"), *shlex.split(command)[3:])[0] == 0
    code, _, err = call(*where, "--theta", "each")
    assert code == 2
    assert "name it" in err


def test_a_page_of_somebody_else_is_left_alone(study: ep.Study, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(InputError, match="is not a list of publications"):
        publish(study, tmp_path)
    assert os.listdir(tmp_path) == ["index.html"]
    assert (tmp_path / "index.html").read_text() == "mine"


def test_a_list_that_was_changed_by_hand_is_left_alone(study: ep.Study, tmp_path: Path) -> None:
    folder = tmp_path / "case-0-000000000000"
    folder.mkdir()
    (folder / "publication.json").write_text(
        json.dumps({"name": folder.name, "title": "T", "published": "2026-01-01", "economy": "e", "version": "0"})
    )
    index = tmp_path / "index.html"
    written = _index(tmp_path)
    for text in (written.replace("Publications</h1>", "Our publications</h1>"), "<p>ours</p>"):
        index.write_text(text)
        with pytest.raises(InputError, match="changed by hand"):
            publish(study, tmp_path)
        assert index.read_text() == text
    index.write_text(written)
    _check_site(tmp_path)


@pytest.mark.slow
def test_the_end_of_a_cap_and_sizes_in_proportion_read_as_sizes(
    tmp_path: Path, browser: Any, few_nodes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_in = {"quotas": {"USA": None}}
    monkeypatch.setattr(static_site, "open_signs", lambda study, name: open_in.get(name, {}))
    text = """
case: caps
title: Caps
question: Who holds the rent?
economy: world2014
parties: [USA, JPN]
scenarios:
  quotas:
    title: Two quotas
    measures:
      - quota: {importer: USA, exporter: JPN, sector: motor_vehicles, cap: 80%}
      - quota: {importer: USA, exporter: KOR, sector: motor_vehicles, cap: 90%}
  quota:
    title: One quota
    measures:
      - quota: {importer: USA, exporter: JPN, sector: motor_vehicles, cap: 80%}
      - production_subsidy: {country: USA, sector: food, rate: 5%}
"""
    page = browser.new_page()
    study = ep.run(ep.cases.read_case(text))
    page.goto(publish(study, tmp_path / "pages").as_uri())
    label = page.locator("#move label").first
    assert label.inner_text() == "Import quota: volume allowed, all 2 measures together: "
    assert page.locator("#move output").first.inner_text() == "100% (as in the question)"
    doubt = "The sign for the United States depends on the trade elasticities."
    assert doubt in page.locator("#move section").first.inner_text(), "as in the sentence at the top"
    page.locator("#slider-0").focus()
    page.keyboard.press("Home")
    assert page.locator("#move output").first.inner_text() == "50% of what the question has"
    assert doubt not in page.locator("#move section").first.inner_text(), "that is known of the question's size alone"
    titles = page.locator("#move summary").all_inner_texts()
    assert titles == [
        "One quota (Import quota: volume allowed, of the base year's)",
        "One quota (Production subsidy: rate)",
    ]
    page.locator("#move summary").nth(1).click()
    says = page.locator("#move details").nth(1).inner_text()
    subsidies = r"Cost of subsidies on output, net of taxes on it: the United States US\$([\d.]+) billion more"
    (cost,) = re.findall(subsidies, says)
    assert float(cost) == pytest.approx(takings.takings(study.outcomes["quota"])[-1].change / 1000, abs=0.06)
    assert "Export taxes" not in says
    page.locator("#move summary").first.click()
    page.locator("#slider-1").focus()
    page.keyboard.press("End")
    assert page.locator("#move output").nth(1).inner_text() == "110%"
    page.close()


def test_sizes_without_an_equilibrium_have_no_numbers(
    study: ep.Study, grid: SliderGrid, tmp_path: Path, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = int(np.flatnonzero(np.isclose(grid.nodes, grid.slider.stated))[0])

    def ends_after_stated(pair: tuple[Any, Any]) -> tuple[Any, Any]:
        return tuple(np.where(np.arange(len(grid.nodes)) <= stated, values, np.nan) for values in pair)  # type: ignore[return-value]

    numbers = {s: {n: ends_after_stated(pair) for n, pair in found.items()} for s, found in grid.numbers.items()}
    part = replace(grid, numbers=numbers)
    assert part.value("tariff", "ev:USA", grid.slider.stated) == grid.numbers["tariff"]["ev:USA"][0][stated]
    assert np.isnan(part.value("tariff", "ev:USA", grid.slider.stated + 1e-3))
    monkeypatch.setattr(static_site, "solve_grid", lambda *_: part)
    page = browser.new_page()
    page.goto(publish(study, tmp_path / "pages").as_uri())
    section = page.locator("#move section").first
    assert "loses" in section.inner_text()
    page.locator("#slider-0").focus()
    page.keyboard.press("ArrowRight")
    assert section.locator("p").all_inner_texts() == ["There is no equilibrium at this size."]
    assert section.locator(".bars b").count() == 0
    page.close()


def test_small_amounts_beside_a_slider_are_those_of_the_answer(tmp_path: Path, browser: Any, few_nodes: None) -> None:
    text = """
case: tiny
title: A tiny quota
question: Who pays?
economy: world2014
parties: [MLT, USA]
report: {protected: {country: USA, sector: food}}
scenarios:
  quota:
    title: Malta's food held to 80%
    measures:
      - quota: {importer: USA, exporter: MLT, sector: food, cap: 80%, rent: {importer: 0.3, exporter: 0.7}}
"""
    study = ep.run(ep.cases.read_case(text))
    accounts = study.outcomes["quota"].countries
    page = browser.new_page()
    page.goto(publish(study, tmp_path / "pages").as_uri())
    shown = page.locator("#move section").first
    says, bars = shown.inner_text(), shown.locator(".bars b").all_inner_texts()
    gain = accounts.loc["MLT", "equivalent_variation"]
    assert 1e-3 < gain < 0.05, "US$ million: some thousand dollars"
    assert f"Malta gains {dollars(gain)}" in says
    assert bars == [f"+{dollars(gain)}", "US$0", "US$0"], "what is noise beside an income is zero, as in the answer"
    rents = [dollars(accounts.loc[code, "quota_rent"]) for code in ("MLT", "USA")]
    assert f"by who holds it: Malta {rents[0]} and the United States {rents[1]}." in says
    page.close()


def test_in_a_browser_without_network_the_numbers_are_those_of_the_curves(
    site: Path, grid: SliderGrid, browser: Any
) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()
    errors, wanted = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: wanted.append(request.url))
    page.goto(site.as_uri())
    for scenario in ("tariff", "restraint"):
        for number in ("ev:USA", "ev:JPN", "pct:USA", "rent:JPN"):
            for at in (0.0, 0.0871, 0.25, 0.5):
                shown = page.evaluate("([s, n, at]) => entrepot.number(0, s, n, at)", [scenario, number, at])
                largest = np.abs(grid.numbers[scenario][number][0]).max()
                assert shown == pytest.approx(grid.value(scenario, number, at), abs=1e-6 * largest + 1e-12)
    slider = page.locator("#slider-0")
    before = page.locator("#move section").first.inner_text()
    headings = page.locator("#move section h3")
    titles = ["25 points on cars from Japan", "The same volume, restrained by Japan"]
    assert headings.all_inner_texts()[:2] == titles
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#move section").first.inner_text() != before
    assert page.locator("#move output").first.inner_text() == "25.5 points"
    now = f"{page.locator('#move label').first.inner_text().strip()} 25.5 points"
    assert headings.all_inner_texts()[:2] == [f"{title}. Changed: {now}" for title in titles]
    # At no tariff everything is as it was; what the solver leaves is not a finding.
    page.keyboard.press("Home")
    shown = page.locator("#move section").first.inner_text()
    assert page.locator("#move output").first.inner_text() == "0 points"
    assert "Buyers in the United States pay as much as before for motor vehicles; output there is unchanged." in shown
    assert "The United States is unaffected, Japan is unaffected and the world is unaffected." in shown
    assert page.locator("#move section").first.locator(".bars b").all_inner_texts() == ["US$0"] * 3
    assert errors == []
    assert wanted == [site.as_uri()]
    context.close()


BASED = """
case: based
title: A base that adds
question: What does it do?
economy: world2014
parties: [USA, JPN]
base: today
scenarios:
  today:
    title: Today
    measures: [{tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 15%, change: add}}]
  more:
    title: Ten points more
    measures: [{tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 10%, change: add}}]
"""


def test_a_case_with_a_base_is_rerun_from_the_economy_before_it(tmp_path: Path) -> None:
    world = ep.load_economy("world2014")
    own = ep.run(ep.cases.read_case(BASED))
    assert static_site._rerun(own, "").endswith(f"entrepot run {static_site._case_file(own)}")
    assert static_site._inputs(own, tmp_path) == ["case.yaml"]
    other = ep.run(own.case, world.with_elasticities(np.full(len(world.sectors), 4.0)))
    assert static_site._rerun(other, "").endswith("--economy economy.ep")
    assert "economy.ep" in static_site._inputs(other, tmp_path)
    again = ep.run(tmp_path / "case.yaml", ep.Economy.load(tmp_path / "economy.ep"))
    columns = ["real_income_pct", "equivalent_variation"]
    numbers, rerun = (s.outcomes["more"].countries.loc[["USA", "JPN"], columns].to_numpy() for s in (other, again))
    np.testing.assert_allclose(rerun, numbers, rtol=1e-6)
