"""Parts of the page in a browser: an Economy of one's own, the map, tariff lines, makers, and jobs while they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from test_page import SOON, _link, _opened, _settled
from test_uploads import MARKUP, _trade

import entrepot as ep

#: A small case on a small Economy: its answers take a few hundredths of a second.
CARS = {"tariff": {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": "25%", "change": "add"}}
DOC = {"case": "table", "title": "", "question": "Who?", "economy": "world2014", "parties": ["USA", "JPN"]}
TABLE = {"doc": {**DOC, "scenarios": {"a": {"title": "A", "measures": [CARS]}}}, "shown": ["a"], "open": "a"}


@pytest.fixture
def page(desk: str, browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    made = _opened(context, desk + _link(TABLE))
    yield made
    assert made.errors == []
    context.close()


def _files(text: str) -> dict[str, Any]:
    return {"name": "trade.csv", "mimeType": "text/csv", "buffer": text.encode()}


@pytest.mark.slow
def test_files_become_an_economy_of_the_desk_and_the_link_names_it(page: Any, desk: str, browser: Any) -> None:
    page.get_by_role("tab", name="Assumptions").click()
    page.get_by_text("Your own Economy").click()
    page.get_by_role("button", name="Read the files").click()
    page.get_by_text("Choose at least one file").wait_for()
    page.get_by_label("Files of trade").set_input_files(_files(_trade(("USA", "JPN", MARKUP), ("motor_vehicles", "b"))))
    page.locator(".upload").get_by_label("Trade elasticities").select_option("4")
    page.locator(".upload").get_by_label("Name", exact=True).fill("<b>mine</b>")
    page.get_by_role("button", name="Read the files").click()
    page.get_by_text("<b>mine</b> is in the list of this desk").wait_for()
    own = page.get_by_label("Economy", exact=True)
    page.wait_for_function("e => e.value.startsWith('own-')", arg=own.element_handle())
    assert "own: <b>mine</b>" in own.locator("option:checked").inner_text()
    page.wait_for_function("() => document.querySelector('.basis')?.innerText.includes('<b>mine</b>')")
    assert page.locator("main img").count() == 0
    # The link has the name of the Economy; where it is missing, the page says so and goes on with another.
    name = own.input_value()
    context = browser.new_context()
    other = context.new_page()
    other.set_default_timeout(SOON)
    other.goto(desk + _link({**TABLE, "doc": {**TABLE["doc"], "economy": name}}))
    other.wait_for_selector("#gains .chart")
    missing = name[:-1] + ("0" if name[-1] != "0" else "1")
    other.goto("about:blank")
    other.goto(desk + _link({**TABLE, "doc": {**TABLE["doc"], "economy": missing}}))
    other.get_by_text("This desk does not have the Economy of this link").wait_for()
    assert missing in other.locator(".missing").inner_text()
    other.get_by_role("button", name="Use world2022 instead").click()
    other.wait_for_selector("#gains .chart")
    context.close()


def test_files_that_are_too_large_are_not_sent(page: Any) -> None:
    page.get_by_role("tab", name="Assumptions").click()
    page.get_by_text("Your own Economy").click()
    page.get_by_label("Files of trade").set_input_files(_files("x"))
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.evaluate(
        "() => Object.defineProperty(document.querySelector('input[name=files]').files[0], 'size', {value: 1e8})"
    )
    page.get_by_role("button", name="Read the files").click()
    page.get_by_text("They have 100 MB; this desk takes up to 64 MB").wait_for()
    assert not any(url.endswith("/economies") for url in sent)


def test_map_has_a_shape_for_each_country_or_a_tile(page: Any) -> None:
    page.locator("#gains").get_by_label("Show as").select_option("map")
    page.wait_for_selector(".world path")
    shown = page.locator(".world title").all_text_contents() + [
        tile.get_attribute("title") for tile in page.locator(".tiles.small li").all()
    ]
    world = ep.load_economy("world2014")
    assert len(shown) == len(world.countries)
    assert any(text.startswith("South Korea: ") for text in shown)
    japan = page.locator(".world path.loss", has=page.locator("title", has_text="Japan: −US$"))
    assert japan.count() == 1
    lined = page.locator(".world path.lined").evaluate_all("all => all.map((e) => getComputedStyle(e).fill)")
    assert len(lined) == page.locator(".world path.loss").count(), "losses differ from gains without colours too"
    assert page.evaluate("url => document.getElementById(url.slice(6, -2)).tagName", lined[0]) == "pattern"
    assert "Lines over a colour: a loss." in page.locator("#gains").inner_text()
    assert "Lowest: Japan" in page.locator(".world").get_attribute("aria-label")
    page.locator("#gains").get_by_label("Show as").select_option("tiles")
    assert page.locator("#gains .tiles").count() == 1
    assert page.locator(".world").count() == 0


def test_charts_of_the_industry_have_names_of_their_own(page: Any) -> None:
    page.get_by_role("tab", name="Industry and buyers").click()
    page.wait_for_selector("#industry .chart")
    names = page.locator("#industry [role=region]").evaluate_all("all => all.map((e) => e.ariaLabel)")
    assert len(names) == len({*names}) > 2
    assert names[0].startswith("The protected industry and its buyers: ")


def test_tariff_lines_are_those_of_the_schedule(page: Any) -> None:
    page.get_by_role("tab", name="Product lines").click()
    page.locator("#lines-on").fill("2026-03-15")
    page.locator("#lines-on").dispatch_event("change")
    page.wait_for_selector("#lines .heading")
    _settled(page)
    assert "The measure adds 25.0% of the value" in page.locator("#lines").inner_text()
    page.locator("#lines summary", has_text="8703 ·").click()
    page.get_by_role("button", name="8703.23.01").click()
    sentence = page.locator("#lines .note").first
    sentence.wait_for()
    found = ep.exposures.duty("USA", "87032301", exporter="JPN", on="2026-03-15")
    assert found.sentence in sentence.inner_text()
    row = page.locator("#lines tr", has=page.get_by_role("button", name="8703.23.01"))
    assert row.locator("td.right").inner_text() == f"{100 * found.rate:.1f}%"


@pytest.mark.slow
def test_deals_are_shown_while_they_are_solved(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    page = _opened(context, f"{desk}#case=us-japan-autos-2019")
    # A question of its own: what has been solved for another page is there at once.
    slider = page.get_by_label("Additional points", exact=True)
    slider.evaluate("e => { e.value = 23; e.dispatchEvent(new Event('input', {bubbles: true})) }")
    page.get_by_role("tab", name="Deal").click()
    page.get_by_role("button", name="Find the deals").click()
    page.locator("#bargain circle").first.wait_for()
    assert page.locator("#bargain .ring").count() == 0
    page.locator("#bargain").get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled.").wait_for()
    # The makers of its market.
    page.get_by_role("tab", name="Firms").click()
    page.locator("#firms .chart").first.wait_for()
    assert page.locator("#firms tr", has_text="Japan").locator(".value").first.inner_text().startswith("−US$")
    assert page.errors == []
    context.close()
