"""The page in a browser: the founding case, an empty case, links, jobs, errors, keys, phones, and axe."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_modules import run_module

import entrepot as ep
from conftest import serving
from shelves import slow_after

SOON = 60_000  # milliseconds: the machine may be busy


@pytest.fixture
def page(desk: str, browser: Any) -> Iterator[Any]:
    """The founding case, solved, in a desktop window; an error in the browser fails the test."""
    context = browser.new_context(viewport={"width": 1300, "height": 900}, accept_downloads=True)
    made = _opened(context, desk)
    yield made
    assert made.errors == []
    context.close()


def _opened(context: Any, address: str) -> Any:
    made = context.new_page()
    made.set_default_timeout(SOON)
    made.errors = []
    made.requested = []
    made.on("pageerror", lambda error: made.errors.append(str(error)))
    made.on("console", lambda message: made.errors.append(message.text) if message.type == "error" else None)
    made.on("request", lambda request: made.requested.append(request.url))
    made.goto(address)
    made.wait_for_selector("#gains .chart, .answers .empty, .refusal")
    _settled(made)
    return made


def _settled(page: Any) -> None:
    """Wait until every figure shows the current measures."""
    page.wait_for_function("() => !document.querySelector('.figure[aria-busy=true], .answers > .waiting')")


def _numbers(page: Any, figure: str, row: str) -> list[str]:
    found = page.locator(f"#{figure} tr", has=page.get_by_role("rowheader", name=row, exact=True)).first
    return [str(text) for text in found.locator(".value").all_inner_texts()]


def test_founding_case_on_the_page(page: Any, desk: str) -> None:
    assert "it loses US$2.5 billion with those used here" in page.locator(".headline .first").inner_text()
    assert _numbers(page, "gains", "United States")[0] == "−US$2.5 bn"
    for name in ("Sources", "Revenue and rent", "Deal", "How sure", "Data and method", "Industry and buyers"):
        page.get_by_role("tab", name=name).click()
        assert page.get_by_role("tabpanel", name=name).locator("h2").first.is_visible()
    page.get_by_role("tab", name="Law").click()
    assert "contested" in page.locator("#rules .finding summary").first.inner_text()
    page.get_by_role("tab", name="Calendar").click()
    page.locator("#calendar .calendar li").first.wait_for()
    assert "open: 180 days left" in page.locator("#calendar").inner_text(), "it opens on the day of the proclamation"
    # The receiver of the price difference changes with the instrument.
    page.get_by_role("tab", name="Same volume").click()
    page.locator("#same .chart").wait_for()
    assert _numbers(page, "same", "Japan")[::2] == ["−US$3.9 bn", "+US$3.0 bn"]
    assert _numbers(page, "same", "United States")[2] == "−US$16.1 bn"
    # The map, the numbers behind it, and their CSV.
    page.locator("#gains").get_by_label("Show as").select_option("tiles")
    assert page.locator("#gains .tiles").count() == 3
    page.locator("#gains summary", has_text="The numbers").click()
    with page.expect_download() as taken:
        page.locator("#gains").get_by_role("button", name="CSV").click()
    assert taken.value.suggested_filename == "us-japan-autos-2019-gains.csv"
    table = Path(taken.value.path()).read_text()
    assert table.startswith("scenario,country,name,Real income [%],Equivalent variation [US$ million]")
    assert "Tariff revenue, level [US$ million (numeraire)]" in table.splitlines()[0]
    assert table.splitlines()[0].endswith(",base,year,horizon,elasticities,version")
    assert table.count("\n") == 3 * (81 + 2), "the EU, the World and every country under each scenario"
    assert "25 points on cars and parts from Japan" in table
    assert re.search(r",WORLD,World,", table)
    # Every request went to the desk itself.
    assert all(url.startswith((desk, "data:", "blob:")) for url in page.requested)


def test_slider_changes_results_and_undo_restores_them(page: Any) -> None:
    before = page.locator(".headline .first").inner_text()
    case = "The 2019 car dispute between the United States, Japan and the European Union"
    assert page.title() == f"{case} · Entrepot"
    slider = page.get_by_label("Additional points", exact=True)
    slider.evaluate("e => { e.value = 10; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    page.wait_for_function("was => document.querySelector('.headline .first').innerText !== was", arg=before)
    assert page.title().startswith(case), "a tab and a bookmark say which case they have"
    assert page.title() != f"{case} · Entrepot", "and whether it is changed"
    page.get_by_role("button", name="Undo").click()
    page.wait_for_function("was => document.querySelector('.headline .first').innerText === was", arg=before)
    page.get_by_role("button", name="Redo").click()
    assert slider.input_value() == "10"


@pytest.mark.slow
def test_empty_case_can_be_built_up(page: Any) -> None:
    page.get_by_label("Case", exact=True).select_option("")
    assert page.get_by_text("There is no measure yet").first.is_visible()
    page.get_by_role("button", name="Add a measure").click()
    page.wait_for_selector("#gains .chart")
    # Choose another country by typing its name.
    page.locator(".card .picker").nth(0).locator("summary").click()
    page.get_by_label("Find in: Imports of").fill("germ")
    page.get_by_role("checkbox", name="Germany").check()
    page.keyboard.press("Escape")
    page.locator(".card .picker").nth(0).locator("summary").click()
    page.get_by_label("Find in: Imports of").fill("united st")
    page.get_by_role("checkbox", name="United States").uncheck()
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.querySelector('.headline')?.innerText.includes('Buyers in Germany')")
    # The same volume as an export restraint, side by side.
    page.get_by_label("Add a scenario").select_option(":ver")
    page.wait_for_function("() => document.querySelector('#answer .rent')?.innerText.includes('held by the exporter')")
    assert page.locator("#gains thead").get_by_role("columnheader").count() == 3


@pytest.mark.slow
def test_shared_link_contains_the_whole_table(page: Any, browser: Any) -> None:
    page.get_by_label("Additional points", exact=True).evaluate(
        "e => { e.value = 12.5; e.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    page.get_by_role("button", name="Share").click()
    page.wait_for_selector(".status:not(:empty)")
    context = browser.new_context()
    other = _opened(context, page.url)
    assert other.get_by_label("Additional points", exact=True).input_value() == "12.5"
    assert other.locator(".tab").count() == 3
    context.close()


@pytest.mark.slow
def test_short_link_opens_the_case_that_it_names(browser: Any, desk: str) -> None:
    context = browser.new_context()
    page = _opened(context, f"{desk}?case=japan-vers-1981")
    assert page.get_by_label("Case", exact=True).input_value() == "japan-vers-1981"
    page.wait_for_function("() => location.hash.startsWith('#t=')")
    assert "case=" not in page.evaluate("location.search"), "the table in the address is what a reload opens"
    unknown = context.new_page()
    unknown.goto(f"{desk}?case=nonsense")
    unknown.locator(".refusal", has_text="unknown case 'nonsense'").wait_for()
    assert unknown.get_by_label("Case", exact=True).input_value() == ""
    context.close()


@pytest.mark.slow
def test_downloaded_case_runs(page: Any, tmp_path: Path) -> None:
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the case").click()
    taken.value.save_as(tmp_path / "mine.yaml")
    study = ep.run(str(tmp_path / "mine.yaml"))
    assert study.outcomes["tariff_japan_eu"].countries.loc["JPN", "equivalent_variation"] < 0


@pytest.mark.slow
def test_typed_text_survives_a_redraw(page: Any) -> None:
    page.get_by_label("Additional points", exact=True).evaluate(
        "e => { e.value = 11; e.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    page.get_by_label("Title of the scenario").fill("half typed")
    page.wait_for_timeout(800)  # meanwhile the address is written and the page drawn again
    assert page.get_by_label("Title of the scenario").input_value() == "half typed"
    page.get_by_label("Title of the scenario").press("Enter")
    page.locator(".headline", has_text="half typed").wait_for()


@pytest.mark.slow
def test_measures_turn_into_any_other_kind() -> None:
    """A measure that the page turns into another kind is valid on the Economy."""
    from starlette.testclient import TestClient

    from entrepot.cases.read_measure import read_measure
    from entrepot.desk.api import create_api
    from entrepot.equilibrium import Closure
    from entrepot.equilibrium.problem import Problem

    instruments = (
        TestClient(create_api(processes=1, page=False), base_url="http://localhost").get("/api/v1/instruments").json()
    )
    cars = {"importer": "USA", "sector": "motor_vehicles"}
    measures = [
        {"tariff": {**cars, "exporter": "WORLD", "exempt": ["CAN"], "rate": "25%", "change": "add"}},
        {"tariff": {**cars, "exporter": "JPN", "rate": "50%", "change": "cut"}},
        {"quota": {**cars, "exporter": ["JPN", "KOR"], "cap": "80%", "rent": {"importer": 0.3, "exporter": 0.7}}},
        {"voluntary_export_restraint": {**cars, "exporter": "JPN", "cap": 20000, "unit": "usd_m"}},
        {"trq": {**cars, "exporter": "JPN", "cap": 0.8, "out_rate": "25%", "change": "add"}},
        {
            "export_tax": {
                "importer": ["USA", "CAN"],
                "exporter": "JPN",
                "sector": "food",
                "exempt": "CAN",
                "rate": "5%",
            }
        },
        {"ntb": {**cars, "exporter": "JPN", "rate": 0.05}},
        {"production_subsidy": {"country": "USA", "sector": "food", "rate": "5%"}},
        {"specific": {**cars, "exporter": "JPN", "amount": 2000, "unit_value": 25000}},
        {"minimum_price": {**cars, "exporter": "JPN", "price": "110%", "rent": "importer"}},
    ]
    script = """
      import { known, learn, nameOf, turned } from "./source/table.js";
      const [instruments, measures] = JSON.parse(process.argv[1]);
      learn(instruments);
      console.log(JSON.stringify(measures.flatMap((one) => known().map((entry) => turned(one, nameOf(entry))))));
    """
    turned = json.loads(run_module(script, json.dumps([instruments, measures])))
    assert len(turned) == 10 * 12
    world = ep.load_economy("world2014")
    for one in turned:
        measure = read_measure(one)
        if isinstance(measure, ep.measures.Lift):  # this Economy has nothing to lift
            with pytest.raises(ep.errors.MeasureError, match="there is nothing to lift"):
                measure.flows(world)
        else:
            Problem.of(world, ep.Scenario((measure,)), Closure())


@pytest.mark.slow
def test_sweep_can_be_cancelled(page: Any) -> None:
    page.get_by_role("tab", name="How sure").click()
    page.locator("#sure").get_by_label("Draws").select_option("4000")
    page.locator("#sure").get_by_role("button", name="Draw", exact=True).click()
    page.locator("#sure").get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled. The results so far are saved").wait_for()
    page.locator("#sure").get_by_label("Draws").select_option("100")
    page.locator("#sure").get_by_role("button", name="Draw").click()
    page.get_by_text("Saved as run").wait_for()
    assert "Trade elasticity: motor vehicles" in page.locator("#sure table").last.inner_text()


@pytest.mark.slow
def test_offer_moves_by_mouse_and_keys(page: Any) -> None:
    page.get_by_role("tab", name="Deal").click()
    page.get_by_role("button", name="Find the deals").click()
    ring = page.locator("#bargain .ring")
    ring.wait_for()
    assert "Both would sign" in page.locator(".verdict").inner_text()
    assert "not credible" in page.locator("#bargain").inner_text()
    # Dragged to the far left, the United States does not sign.
    box = page.locator(".payoffs").bounding_box()
    ring.scroll_into_view_if_needed()
    box = page.locator(".payoffs").bounding_box()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.1 * box["height"], steps=5)
    page.mouse.up()
    page.get_by_text("The United States would not sign").wait_for()
    # By keys, back to the right.
    ring.focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
        if "Both would sign" in page.locator(".verdict").inner_text():
            break
    assert "Both would sign" in page.locator(".verdict").inner_text()


@pytest.mark.slow
def test_refused_request_shows_error_and_undo(page: Any) -> None:
    page.get_by_label("Case", exact=True).select_option("")
    for k in range(2):
        page.get_by_role("button", name="Add a measure").click()
        page.get_by_label("Instrument").nth(k).select_option("trq")
        page.wait_for_timeout(700)  # changes within a moment count as one for undo
    refused = page.locator(".answers .refusal").first
    refused.wait_for()
    assert "motor vehicles" in refused.inner_text()
    refused.get_by_role("button", name="Undo").click()
    refused.wait_for(state="detached")
    page.wait_for_selector("#gains .chart")
    page.errors.clear()  # a refused request is in the browser's log too


@pytest.mark.slow
def test_error_stands_beside_its_control(page: Any) -> None:
    page.get_by_label("What the rate is").select_option("set")
    box = page.get_by_label("Tariff, %")
    box.fill("-300")
    box.press("Enter")
    fault = page.locator(".card .fault")
    fault.wait_for()
    assert "must be above -1" in fault.inner_text()
    assert fault.get_by_role("button", name="Try again").is_visible()
    box.fill("30")
    box.press("Enter")
    fault.wait_for(state="detached")
    page.errors.clear()  # a refused request is in the browser's log too


def test_broken_link_shows_an_error(desk: str, browser: Any) -> None:
    context = browser.new_context()
    for broken in ("#t=AAAA", "#t=%3Cscript%3E", "#case=no-such-case"):
        page = _opened(context, desk + broken)
        assert page.locator(".refusal").is_visible()
        page.locator(".cards").wait_for()
    context.close()


@pytest.mark.slow
def test_unreadable_file_is_named_on_the_page(browser: Any, tmp_path: Path) -> None:
    from entrepot.desk.api import create_api

    good = "case: mine\ntitle: My own\nquestion: What then?\nparties: [USA, JPN]\nscenarios: {t: {title: T}}\n"
    (tmp_path / "mine.yaml").write_text(good)
    (tmp_path / "bad.yaml").write_text(good + "colour: <b>red</b>\n")
    (tmp_path / "folder.yaml").mkdir()
    context = browser.new_context()
    with serving(create_api(processes=1, data=str(tmp_path))) as at:
        page = _opened(context, f"http://{at}/")
        assert page.get_by_label("Case", exact=True).get_by_role("option", name="My own").count() == 1
        refusals = page.locator(".refusal").all_inner_texts()
        assert ["Left out: bad.yaml" in refusals[0], "line 6: colour: unknown key" in refusals[0]] == [True, True]
        assert "Left out: folder.yaml" in refusals[1]
        page.get_by_label("Case", exact=True).select_option("mine")
        page.get_by_text("What then?").wait_for()
        context.close()


def _link(table: object) -> str:
    packed = zlib.compressobj(wbits=-15)
    text = packed.compress(json.dumps(table).encode()) + packed.flush()
    return "#t=" + base64.urlsafe_b64encode(text).decode().rstrip("=")


TARIFF = {"tariff": {"importer": "USA", "exporter": "JPN", "sector": "food", "rate": "10%"}}


@pytest.mark.parametrize(
    "change",
    slow_after(
        2,
        [
            {"scenarios": {"a": {"measures": [None]}}},
            {"scenarios": {"a": {"measures": [{"tariff": None}]}}},
            {"scenarios": {"a": {"measures": [{"tariff": {"importer": {"x": 1}, "sector": 5, "rate": {"y": []}}}]}}},
            {"scenarios": {"a": {"title": {"x": 1}, "measures": [TARIFF]}}},
            {"parties": [{"x": 1}]},
            {"report": {"markets": 7, "protected": "cars"}},
            {"calendar": {"x": 1}},
            {"sources": [None, {"url": "javascript:alert(1)", "title": "x", "publisher": [], "date": None}]},
            {"table": {"issues": None}},
            {"economy": "../../etc/passwd"},
            {"scenarios": json.loads('{"__proto__": {"measures": []}, "a": {"measures": []}}')},
        ],
    ),
)
def test_malformed_link_still_shows_a_page(desk: str, browser: Any, change: dict[str, Any]) -> None:
    doc = {"case": "x", "title": "X", "question": "Q?", "economy": "world2014", "parties": ["USA"]}
    table = {"doc": {**doc, "scenarios": {"a": {"measures": [TARIFF]}}, **change}, "shown": ["a"], "open": "a"}
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(SOON)
    page.goto(desk + _link(table))
    page.wait_for_selector(".cards, .refusal")
    _settled(page)
    page.wait_for_selector(".cards, .refusal")
    assert page.locator("a[href^='javascript']").count() == 0
    context.close()


def test_html_in_names_is_shown_as_text(page: Any) -> None:
    page.get_by_label("Title of the scenario").fill(
        '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    )
    page.get_by_label("Title of the scenario").press("Enter")
    page.locator(".headline", has_text="<script>").wait_for()
    assert page.title().endswith(" · Entrepot"), page.title()
    assert page.locator("main img").count() == 0


@pytest.mark.slow
def test_page_works_by_keyboard(page: Any) -> None:
    page.get_by_label("Case", exact=True).focus()
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("(document.activeElement.getAttribute('aria-label') ?? '') + document.activeElement.id")
        )
        if page.evaluate("document.activeElement.type") == "range":
            break
    assert page.evaluate("document.activeElement.type") == "range", seen
    before = page.locator(".headline .first").inner_text()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.wait_for_function("was => document.querySelector('.headline .first').innerText !== was", arg=before)
    page.keyboard.press("Control+z")
    page.wait_for_function("was => document.querySelector('.headline .first').innerText === was", arg=before)
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 800])
def test_narrow_page_does_not_scroll_sideways(desk: str, browser: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740}, has_touch=True)
    page = _opened(context, desk)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#gains .chart").first.is_visible()
    context.close()


@pytest.mark.slow
def test_long_strings_fit(desk: str, browser: Any) -> None:
    """Every string is twice as long, with wide characters, as in a Japanese translation."""
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    page = _opened(context, desk + "?long-words")
    assert "自動車" in page.locator("#answer dt").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1100
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), [("dark", 390), ("light", 1300), ("light", 390), ("dark", 1300)])
def test_axe_finds_no_serious_violation(desk: str, browser: Any, scheme: str, width: int) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = _opened(context, desk)
    page.locator("details").evaluate_all(
        "all => all.filter(d => !d.className.includes('picker')).forEach(d => d.open = true)"
    )
    if width > 1000:
        page.get_by_role("tab", name="Deal").click()
        page.get_by_role("button", name="Find the deals").click()
        page.locator("#bargain .ring").wait_for()
    page.locator("[role=tabpanel]").evaluate_all("all => all.forEach(one => one.hidden = false)")
    faults = [f for f in axe.run(page).response["violations"] if f["impact"] in ("serious", "critical")]
    assert not faults, json.dumps([(f["id"], [n["html"][:160] for n in f["nodes"][:4]]) for f in faults], indent=1)
    context.close()


@pytest.mark.slow
def test_desk_with_a_token_needs_it(browser: Any, tmp_path: Path) -> None:
    from entrepot.desk.api import create_api

    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(SOON)
    with serving(create_api(processes=1, store=str(tmp_path), token="a-token-of-the-tests")) as at:
        page.goto(f"http://{at}/")
        page.get_by_label("Token").fill("a-token-of-the-tests")
        page.get_by_role("button", name="Enter").click()
        page.wait_for_selector("#gains .chart")
        page.goto("about:blank")
        page.goto(f"http://{at}/#token=a-token-of-the-tests")
        page.wait_for_selector("#gains .chart")
        assert "token" not in page.url
        context.close()


class Person:
    """A person at the page, whose every click, choice and typed word is counted."""

    def __init__(self, page: Any) -> None:
        self.page, self.actions = page, 0

    def click(self, found: Any) -> None:
        found.click()
        self.actions += 1

    def choose(self, found: Any, value: str) -> None:
        found.select_option(value)
        self.actions += 1

    def type(self, found: Any, text: str) -> None:
        found.fill(text)
        self.actions += 1

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.actions += 1


def test_tariff_and_its_answer_take_nine_actions(page: Any, desk: str) -> None:
    """A US tariff on Chinese electronics with China's answer, a link to share, and the picture's numbers."""
    person = Person(page)
    person.choose(page.get_by_label("Case", exact=True), "")
    person.type(page.get_by_role("combobox", name="Add a tariff on goods"), "phone")
    page.locator(".goods [role=option]").first.wait_for()
    person.press("Enter")  # the first of the list; from China
    page.wait_for_selector("#gains .chart")
    person.click(page.get_by_role("button", name="China: the same duty back"))
    page.wait_for_function("() => document.querySelectorAll('#gains thead th').length === 3")
    _settled(page)
    assert "China" in page.locator("#gains tbody").first.inner_text()
    assert "puts the same duty back" in page.locator(".headline").inner_text()
    person.click(page.get_by_role("button", name="Share"))
    page.wait_for_selector(".status:not(:empty)")
    person.click(page.locator("#gains summary", has_text="The numbers"))
    with page.expect_download() as taken:
        person.click(page.locator("#gains").get_by_role("button", name="CSV"))
    assert "USA" in Path(taken.value.path()).read_text()
    assert person.actions <= 9
    assert all(url.startswith((desk, "data:", "blob:")) for url in page.requested)


def test_answer_stays_in_view(desk: str, browser: Any) -> None:
    """The rent of a restraint and its holder are in the window before and after scrolling, on a desk and a phone."""
    for width, height in ((1440, 900), (390, 844)):
        context = browser.new_context(viewport={"width": width, "height": height})
        page = _opened(context, desk)
        page.get_by_role("region", name="The answer").get_by_role("radio").nth(2).check(force=True)
        page.wait_for_function("() => document.querySelector('#answer .rent')?.innerText.includes('held by')")
        for down in (0, 600):
            page.evaluate("y => scrollTo(0, y)", down)
            box = page.locator("#answer .rent").bounding_box()
            assert 0 <= box["y"] < box["y"] + box["height"] <= height, (width, down)
        shown = page.locator("#answer .rent").inner_text()
        assert "US$12.2 bn, held by the exporter" in shown
        assert "equal to a tariff of 24" in shown
        assert "2018 US$ · long run · elasticities 1–16" in page.locator("#answer .basis").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def test_bar_waits_for_the_first_answer(desk: str, browser: Any) -> None:
    """While nothing is solved yet the bar does not say that there is no measure."""
    context = browser.new_context()
    made = context.new_page()
    made.set_default_timeout(SOON)
    held: list[Any] = []
    made.route("**/api/v1/run", lambda route: held.append(route))
    made.goto(desk)
    made.wait_for_function("() => document.querySelector('#answer .hint')?.innerText.startsWith('Solving')")
    for route in held:
        route.abort()
    context.close()


def test_decimal_comma_and_back(page: Any) -> None:
    """A comma stands before decimals, and the browser's Back undoes the change."""
    box = page.get_by_label("Additional points, points")
    box.fill("12,5")
    box.press("Enter")
    slider = page.get_by_label("Additional points", exact=True)
    page.wait_for_function("() => document.querySelector('.level input[type=range]').value === '12.5'")
    _settled(page)
    page.go_back()
    page.wait_for_function("() => document.querySelector('.level input[type=range]').value === '25'")
    page.go_forward()
    page.wait_for_function("() => document.querySelector('.level input[type=range]').value === '12.5'")
    assert slider.is_visible()


@pytest.mark.slow
def test_back_works_after_a_reload(page: Any) -> None:
    box = page.get_by_label("Additional points, points")
    for value in ("10", "11"):
        box.fill(value)
        box.press("Enter")
        page.wait_for_timeout(900)  # changes within a moment count as one, and the address is written after them
    page.reload()
    page.wait_for_selector("#gains .chart")
    assert page.get_by_role("button", name="Undo").is_enabled()
    for value, go in (("10", page.go_back), ("25", page.go_back), ("10", page.go_forward), ("11", page.go_forward)):
        go()
        page.wait_for_function("v => document.querySelector('.level input[type=range]').value === v", arg=value)
    address = page.url
    page.wait_for_timeout(400)
    assert page.url == address, "the address is that of the table"


@pytest.mark.slow
def test_assumptions_change_the_answer_and_are_undone(page: Any) -> None:
    before = page.locator(".headline .first").inner_text()
    page.locator("#answer .basis").click()
    assert page.evaluate("document.activeElement.id") == "side-assumptions-tab"
    page.get_by_label("Trade elasticities", exact=True).focus()
    page.get_by_label("Trade elasticities", exact=True).select_option("one")
    page.wait_for_function("() => document.querySelector('#answer .basis').innerText.includes('elasticities 4')")
    assert page.locator(".headline .first").inner_text() != before
    assert page.evaluate("document.activeElement.tagName") == "SELECT", "the focus stays"
    page.go_back()
    page.wait_for_function("was => document.querySelector('.headline .first').innerText === was", arg=before)
    for way in ("fixed", "free"):
        now = page.locator(".headline .first").inner_text()
        page.get_by_label("Competition in the industry (motor vehicles)").select_option(way)
        page.wait_for_function("was => document.querySelector('.headline .first')?.innerText !== was", arg=now)
        _settled(page)
        assert page.locator(".fault, .refusal").count() == 0, way
    page.get_by_label("Horizon").select_option("short")
    page.wait_for_function("() => document.querySelector('#answer .basis').innerText.includes('short run')")
    assert page.get_by_label("Labour's part of value added, %").input_value() == "66.7"
    assert "1 October 2018 to 1 October 2023" in page.locator(".kept").inner_text()


@pytest.mark.slow
def test_focus_is_not_lost_when_a_control_goes(page: Any) -> None:
    page.get_by_label("Case", exact=True).select_option("")
    page.get_by_role("button", name="US tariff on all steel").focus()
    for name in ("", "Remove measure 1", "Add a measure"):
        if name:
            page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
        assert page.evaluate("document.activeElement !== document.body"), name
    page.get_by_role("button", name="Undo").focus()
    for _ in range(6):
        page.keyboard.press("Enter")
        page.wait_for_timeout(100)
    assert page.evaluate("document.activeElement !== document.body && !document.activeElement.disabled")


@pytest.mark.slow
def test_figures_and_code_of_the_desk_are_offered(desk: str, browser: Any) -> None:
    """The picture as a file, and the case on the table as code."""
    context = browser.new_context(viewport={"width": 1300, "height": 900}, accept_downloads=True)
    page = _opened(context, desk)
    with page.expect_download() as taken:
        page.locator("#gains").get_by_role("button", name="SVG").click()
    assert taken.value.suggested_filename == "us-japan-autos-2019-winners.svg"
    assert Path(taken.value.path()).read_text().lstrip().startswith("<svg")
    page.locator("#gains summary", has_text="Show the code").click()
    page.locator("#gains pre", has_text="import entrepot as ep").wait_for()
    page.locator("#gains").get_by_text("Stata", exact=True).click()
    assert "entrepot" in page.locator("#gains pre").inner_text()
    assert page.errors == []
    context.close()


@pytest.mark.slow
def test_lost_desk_is_reported_and_mended(page: Any) -> None:
    page.route("**/api/**", lambda route: route.abort())
    page.get_by_label("Additional points", exact=True).evaluate(
        "e => { e.value = 9; e.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    page.locator(".offline").wait_for()
    before = page.locator(".headline .first").inner_text()
    assert "loses US$2.5 billion" in before, "the last answer stays"
    page.unroute("**/api/**")
    page.locator(".offline").wait_for(state="detached")
    page.wait_for_function("was => document.querySelector('.headline .first').innerText !== was", arg=before)
    page.errors.clear()  # the browser reports the requests that failed


@pytest.mark.slow
def test_job_survives_a_reload(page: Any) -> None:
    page.get_by_role("tab", name="How sure").click()
    page.locator("#sure").get_by_label("Draws").select_option("250")
    page.locator("#sure").get_by_role("button", name="Draw", exact=True).click()
    page.locator("#sure progress").wait_for()
    page.reload()
    page.wait_for_selector("#gains .chart")
    page.get_by_role("tab", name="How sure").click()
    page.locator("#sure .chart").first.wait_for()


@pytest.mark.slow
def test_bars_are_there_in_print_and_high_contrast(desk: str, browser: Any) -> None:
    context = browser.new_context(forced_colors="active", viewport={"width": 1000, "height": 800})
    page = _opened(context, desk)
    colours = "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.backgroundImage] }"
    bar = page.locator("#gains .plot i").first
    assert bar.evaluate(colours) != ["rgb(255, 255, 255)", "none"]
    page.emulate_media(forced_colors="none", media="print")
    assert bar.evaluate("e => getComputedStyle(e).printColorAdjust") == "exact"
    assert page.locator("#rules h2").is_visible()
    assert not page.locator(".side").is_visible()
    context.close()


@pytest.mark.slow
def test_the_page_and_its_answers_are_in_the_language_of_the_address_or_of_the_browser(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="de-DE")
    page = _opened(context, desk)
    assert page.evaluate("document.documentElement.lang") == "de"
    assert "Verlust von 2,5 Mrd. US$" in page.locator(".headline .first").inner_text().replace("\u00a0", " ")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.locator(".level input.number").first
    box.fill("12,5")
    box.press("Enter")
    assert box.input_value() == "12,5"
    box.fill("1.250")
    box.press("Enter")
    assert page.locator(".level .fault").inner_text().startswith("„1.250“")
    assert box.input_value() == "12,5"
    with page.expect_navigation():
        page.locator("header select").nth(1).select_option("ja")
    page.wait_for_selector(".headline .first")
    assert page.evaluate("document.documentElement.lang") == "ja"
    assert "lang=ja#t=" in page.url
    assert page.locator(".level input.number").first.input_value() == "12.5"
    other = _opened(browser.new_context(locale="fr-FR"), page.url)
    assert other.evaluate("document.documentElement.lang") == "ja", "a link opens in the language of whoever shared it"
    other.context.close()
    context.close()


@pytest.mark.slow
def test_a_case_in_time_moves_with_the_belief_in_it(page: Any) -> None:
    page.get_by_role("tab", name="Calendar").click()
    page.get_by_role("button", name="Follow the case in time").click()
    page.locator("#in-time svg").wait_for()
    early = page.locator("#in-time tbody td").first.inner_text()
    assert early.startswith("US$")
    assert page.locator("#in-time .event").count() >= 3, "announcements, starts and deadlines are marked"
    slider = page.locator("#in-time").get_by_label("Belief that what is announced will come", exact=True)
    slider.evaluate("e => { e.value = 90; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    page.wait_for_function("was => document.querySelector('#in-time tbody td')?.innerText !== was", arg=early)


@pytest.mark.slow
def test_talks_on_the_page_move_with_each_assumption(page: Any) -> None:
    page.get_by_role("tab", name="Deal").click()
    page.get_by_role("button", name="Solve the talks").click()
    page.locator("#talks .chart").wait_for()
    first = page.locator("#talks .lead").inner_text()
    slider = page.locator("#talks").get_by_label("Belief on the first day that the threat is meant", exact=False).first
    slider.evaluate("e => { e.value = 1; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    page.wait_for_function("was => document.querySelector('#talks .lead').innerText !== was", arg=first)
    page.locator("#talks details.more summary").click()
    page.get_by_role("button", name="As in the case").click()
    page.wait_for_function("was => document.querySelector('#talks .lead').innerText === was", arg=first)
