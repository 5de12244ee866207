"""The page on a phone and on paper: letters of charts, the bar with the answer, and what is printed of a tab behind."""

from __future__ import annotations

import json
from typing import Any

import pytest
from test_page import _link, _opened

from shelves import slow_unless

CARS = {"tariff": {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": "25%", "change": "add"}}
DOC = {"case": "table", "title": "", "question": "Who?", "economy": "world2014", "parties": ["USA", "JPN"], "path": {}}
TABLE = {"doc": {**DOC, "scenarios": {"a": {"title": "A", "measures": [CARS]}}}, "shown": ["a"], "open": "a"}
#: The answer about a path as the API gives it, with a row a year.
STEPS = [f"{year}-01-01" for year in range(2018, 2024)]
PATH = {
    "sentences": ["A sentence."],
    "basis": "A base.",
    "sure": "assumed",
    "path": {"in_force": []},
    "tables": {
        "path_quarters": [{"step": day, "party": "USA", "real_income_pct": -k} for k, day in enumerate(STEPS)],
        "path_markets": [],
        "path_events": [{"day": "2019-05-17", "event": "announced"}, {"day": "2019-11-13", "event": "deadline"}],
        "path_surges": [],
        "path_totals": [],
    },
}
#: The numbers at the ends of bars that reach into the next panel.
BEYOND = """() => {
  const reaches = (value) => {
    const next = value.closest('td').nextElementSibling;
    const end = value.getBoundingClientRect().right - parseFloat(getComputedStyle(value).paddingRight);
    return next?.getClientRects().length > 0 && end > next.getBoundingClientRect().left;
  };
  return [...document.querySelectorAll('.plot .value')].filter(reaches).map((value) => value.textContent);
}"""
#: The texts of charts that are drawn smaller than 11 pixels.
SMALL = """() => {
  const out = [];
  for (const one of document.querySelectorAll('svg text, .chart *, .tiles *')) {
    const box = one.getBoundingClientRect();
    if (!box.width || !one.firstChild?.data?.trim() || one.closest('.sr')) continue;
    const scale = one instanceof SVGElement ? Math.abs(one.getScreenCTM().a) + Math.abs(one.getScreenCTM().b) : 1;
    if (parseFloat(getComputedStyle(one).fontSize) * scale < 10.99) out.push(one.textContent);
  }
  return out;
}"""


def _with_path(context: Any, desk: str) -> Any:
    """Open the page with a path that is solved, in the tab in front."""
    context.route("**/api/v1/path", lambda route: route.fulfill(json=PATH))
    page = _opened(context, desk + _link(TABLE))
    page.get_by_role("tab", name="Calendar").click()
    page.get_by_role("button", name="Follow the case in time").click()
    page.locator("#in-time svg").wait_for()
    return page


@pytest.mark.parametrize("width", [360, 390])
def test_letters_of_charts_are_at_least_eleven_pixels_on_a_phone(desk: str, browser: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = _with_path(context, desk)
    drawn = "() => { const e = document.querySelector('#in-time svg'); return e.viewBox.baseVal.width - e.clientWidth }"
    page.wait_for_function(f"() => Math.abs(({drawn})()) < 2")
    assert page.locator("#in-time svg text").count() >= 6
    for way in ("tiles", "bars"):
        page.locator("#gains").get_by_label("Show as").select_option(way)
        page.wait_for_selector(f"#gains {'.tiles' if way == 'tiles' else '.chart'}")
        assert page.evaluate(SMALL) == [], way
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.errors == []
    context.close()


#: The tiles with a text that is cut off at a side.
CUT = """() => [...document.querySelectorAll('.tiles li')].filter((tile) => [...tile.children].some((text) => {
  const [own, box] = [text.getBoundingClientRect(), tile.getBoundingClientRect()];
  const isWide = own.left < box.left || own.right > box.right || text.scrollWidth > text.clientWidth + 1;
  return text.getClientRects().length > 0 && isWide;
})).map((tile) => tile.textContent)"""


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_no_number_on_a_tile_is_cut_off_and_a_tile_without_one_has_a_sign(
    desk: str, browser: Any, language: str
) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    page = _opened(context, f"{desk}?lang={language}" + _link(TABLE))
    for way in ("tiles", "map"):
        page.locator("#gains select").first.select_option(way)
        page.locator(f"#gains .{way}-view .tiles span").first.wait_for()
        assert page.evaluate(CUT) == [], way
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#gains select").first.select_option("tiles")
    page.locator("#gains .tiles-view .tiles").wait_for()
    sign = "e => getComputedStyle(e, '::after').content[1]"
    assert page.locator("#gains .tiles .loss").first.evaluate(sign) == "▼"
    assert page.locator("#gains .tiles .gain").first.evaluate(sign) == "▲"
    assert page.errors == []
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
def test_numbers_of_bars_stay_in_their_panel_and_have_a_currency(desk: str, browser: Any, language: str) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    page = _opened(context, f"{desk}?lang={language}&case=us-japan-autos-2025")
    assert page.locator("#industry .value", has_text="10").count() > 0
    assert page.evaluate(BEYOND) == []
    units = page.locator("#industry tfoot .unit").all_inner_texts()
    assert units == (["", "", ""] if language == "en" else ["", "US$", ""])
    page.locator("#results-sources-tab").click()
    title = {"en": "US imports of cars and parts", "fr": "Importations américaines de voitures et de pièces"}
    assert page.locator("#sources h3").inner_text() == title[language]
    assert page.errors == []
    context.close()


@pytest.mark.parametrize("language", slow_unless(["es"], ["en", "de", "es"]))
def test_bar_of_a_phone_is_short_and_opens_on_a_tap(desk: str, browser: Any, language: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = _opened(context, f"{desk}?lang={language}")
    bar, more = page.locator("#answer"), page.locator("#answer .more-answer")
    for k in range(3):
        page.locator("#answer input[type=radio]").nth(k).check(force=True)
        page.wait_for_function("() => document.querySelector('#answer').getAttribute('aria-busy') === 'false'")
        assert bar.bounding_box()["height"] <= 0.12 * 844
        for part in (".gains", ".rent", ".law"):
            assert bar.locator(part).is_visible()
    assert not bar.locator(".pays").is_visible()
    more.click()
    assert bar.locator(".pays").is_visible()
    assert bar.locator(".basis").is_visible()
    assert more.get_attribute("aria-expanded") == "true"
    context.close()


def test_on_a_phone_results_come_first_and_each_measure_is_a_line(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    steel = {"tariff": {**CARS["tariff"], "sector": "metals"}}
    doc = {**TABLE["doc"], "scenarios": {"a": {"title": "A", "measures": [CARS, steel]}}}
    page = _opened(context, desk + _link({**TABLE, "doc": doc}))
    for button in page.locator("header button, header select").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390, "nothing of the header is cut off"
    tops = [page.locator(one).bounding_box()["y"] for one in (".headline", "#gains", "#side")]
    assert tops == sorted(tops)
    lines = page.locator("details.fold > summary").all_inner_texts()
    assert [line.strip() for line in lines] == [
        "1 Tariff (+25 points): United States on motor vehicles from Japan",
        "2 Tariff (+25 points): United States on metals from Japan",
    ]
    assert not page.locator(".card").first.is_visible()
    page.get_by_role("button", name="Change the measures").click()
    page.locator("details.fold > summary").nth(1).click()
    assert page.get_by_label("Additional points", exact=True).nth(1).is_visible()
    context.close()


def test_in_a_low_window_the_first_screen_has_part_of_the_answer(desk: str, browser: Any) -> None:
    """At 200% zoom of a window of 1400 by 900 pixels."""
    context = browser.new_context(viewport={"width": 700, "height": 450})
    doc = {**TABLE["doc"], "parties": ["USA", "JPN", "EU28", "CHN", "KOR"]}
    page = _opened(context, desk + _link({**TABLE, "doc": doc}))
    box = page.locator(".headline").bounding_box()
    assert box["y"] <= 0.5 * 450
    assert page.locator("#answer").bounding_box()["height"] <= 0.25 * 450
    context.close()


def test_a_page_printed_while_it_solves_says_so_and_notes_are_not_printed(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    fault = [{"name": "bad", "file": "bad.yaml", "fault": "line 1"}]
    context.route("**/api/v1/cases", lambda route: route.fulfill(json=[*route.fetch().json(), *fault]))
    page = _opened(context, desk + _link(TABLE))
    page.locator(".left-out", has_text="Left out: bad.yaml").wait_for()
    page.get_by_role("button", name="Share").click()
    page.emulate_media(media="print")
    assert not page.locator(".unfinished").is_visible()
    assert not page.locator(".left-out").is_visible()
    assert not page.locator(".status").is_visible()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Close the note on bad.yaml").click()
    page.locator(".left-out").wait_for(state="detached")
    context.route("**/api/v1/run", lambda route: None)  # it goes on solving
    page.get_by_label("Additional points", exact=True).evaluate(
        "e => { e.value = 11; e.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    page.wait_for_selector(".figure[aria-busy=true]")
    assert not page.locator(".unfinished").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".unfinished").is_visible()
    context.close()


@pytest.mark.slow
def test_what_is_solved_in_a_tab_behind_is_printed(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    page = _with_path(context, desk)
    page.get_by_role("tab", name="Same volume").click()
    page.locator("#same .chart").wait_for()
    page.get_by_role("tab", name="Industry and buyers").click()
    assert not page.locator("#same .chart").is_visible()
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#same .chart").is_visible()
    assert page.locator("#in-time svg").is_visible()
    assert not page.locator("#lines").is_visible(), "nobody has opened the tariff lines"
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert not page.locator("#same .chart").is_visible()
    assert page.errors == []
    context.close()


@pytest.mark.slow
def test_a_threat_has_its_cost_beside_the_calendar(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    doc = {
        **{k: v for k, v in TABLE["doc"].items() if k != "path"},
        "calendar": [{"date": "2019-05-17", "event": "A threat"}],
        "parties": ["USA", "JPN", "EU28"],
    }
    page = _opened(context, desk + _link({**TABLE, "doc": doc}))
    page.get_by_role("tab", name="Calendar").click()
    with page.expect_request("**/api/v1/fear") as sent:
        page.get_by_role("button", name="Solve what the threat costs").click()
    body = json.loads(sent.value.post_data)
    assert (body["scenario"], body["probability"]) == ("a", [0.3])
    page.locator("#threat .chart").wait_for()
    first = page.locator("#threat .lead").inner_text()
    page.locator("#threat summary", has_text="The numbers").click()
    page.locator("#threat .numbers th").first.wait_for()
    heads = page.locator("#threat .numbers th").all_inner_texts()
    assert "Equivalent variation [US$ million]" in heads
    named = heads.index("country") + 1
    shown = page.locator(f"#threat .numbers td:nth-child({named})").all_inner_texts()
    assert shown[0] == "EU28", "a party that is a group has a row, as in the chart"
    assert page.locator("#threat .chart").get_by_role("rowheader", name="EU", exact=True).is_visible()
    assert "a chance of 30% within 5.9 months" in first
    slider = page.locator("#threat").get_by_label("Chance that it comes", exact=True)
    slider.evaluate("e => { e.value = 0; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    page.locator("#threat .lead", has_text="nothing is lost while it has not come").wait_for()
    assert page.errors == []
    context.close()


def test_first_screen_says_how_sure(desk: str, browser: Any) -> None:
    """The ends are those of the solver with elasticities at two thirds of their value, and at one and a half times."""
    import entrepot as ep

    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = _opened(context, desk + _link(TABLE))
    page.locator(".spread").wait_for()
    base = ep.load_economy("world2014")
    measure = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25, change="add")
    ends = []
    for factor in (2 / 3, 3 / 2):
        economy = base.with_theta({s: factor * float(t) for s, t in zip(base.sectors, base.theta, strict=True)})
        ends.append(ep.solve(economy, [measure]).countries.loc["JPN", "equivalent_variation"])
    low, high = (f"\N{MINUS SIGN}US${-value / 1e3:.1f} bn" for value in sorted(ends))
    assert f"Japan {low} to {high}" in page.locator(".spread").inner_text()
    page.get_by_role("button", name="Draw all that is uncertain").click()
    assert page.get_by_role("button", name="Draw", exact=True).is_visible()
    assert page.errors == []
    context.close()
