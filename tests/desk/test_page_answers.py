"""The page in a browser: titles that follow the measures, hedges, and what stays when a question is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_page import _opened

pytestmark = pytest.mark.slow


def _rate(page: Any, value: str) -> None:
    box = page.locator(".card input.number").first
    box.fill(value)
    box.press("Enter")


def test_title_follows_the_rate_on_the_page_in_the_figure_and_in_the_file(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True)
    page = _opened(context, f"{desk}?case=us-eu-autos-2026")
    now = "Changed: Tariff (50%): United States on motor vehicles from EU"
    before = page.locator(".headline .first").inner_text()
    _rate(page, "50")
    page.wait_for_function("was => document.querySelector('.headline .first').innerText !== was", arg=before)
    for place in ("#answer .which", ".headline", "#gains thead"):
        text = page.locator(place).inner_text()
        assert now in text
        assert "25% on cars and parts from the EU" not in text
    with page.expect_download() as taken:
        page.locator("#gains").get_by_role("button", name="SVG").click()
    drawn = Path(taken.value.path()).read_text()
    assert "Changed: Tariff (50%)" in drawn
    assert "25% on cars and parts from the EU" not in drawn
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the case").click()
    text = Path(taken.value.path()).read_text()
    assert f'title: "{now}"' in text
    assert "25% on cars and parts from the EU\n" not in text
    assert "titled_for" not in text
    # The title of the file fits again.
    _rate(page, "25")
    page.locator(".headline .quiet", has_text="25% on cars and parts from the EU").wait_for()
    assert page.errors == []
    context.close()


def test_bar_names_the_good_and_says_whose_sign_depends_on_the_elasticities(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = _opened(context, f"{desk}?case=us-eu-autos-2026")
    assert "price of motor vehicles +0.33%" in page.locator("#answer .pays").inner_text()
    hedged = page.locator("#answer .party.unsure")
    assert hedged.all_inner_texts() == ["± United States −US$905 m −US$1.4 bn to +US$468 m over 11 sets"]
    assert "the sign for the United States depends on the elasticities" in page.locator("#gains h2").inner_text()
    known = page.locator(".over-sets").inner_text()
    assert "over 11 published sets of them, the United States −US$1.4 bn to +US$468 m a year" in known
    assert "one sign for: the EU, Japan, and Mexico." in known
    page.locator(".spread").wait_for()
    assert "published sets differ more" in page.locator(".spread").inner_text()
    _rate(page, "30")
    page.locator(".over-sets", has_text="is not known for this case as it is now").wait_for()
    assert page.locator("#answer .party.unsure").count() == 0
    context.close()


def test_last_answer_stays_in_grey_where_a_question_is_refused(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = _opened(context, f"{desk}?case=us-eu-autos-2026")
    before = page.locator(".headline").inner_text()
    _rate(page, "-250")
    fault = page.locator(".card .fault")
    fault.wait_for()
    assert "scenarios." not in page.locator("main").inner_text()
    assert page.get_by_text("A tariff below zero is a subsidy to imports.").is_visible()
    assert page.locator(".headline .first").inner_text() in before
    assert page.locator(".headline .quiet").inner_text() == "25% on cars and parts from the EU", "that of the answer"
    assert page.locator(".answers.outdated #gains .chart").is_visible()
    assert page.get_by_text("In grey: the last answer.").first.is_visible()
    assert page.get_by_label("Instrument").first.get_by_role("option", name="End of").count() == 0
    _rate(page, "25")
    page.locator(".answers:not(.outdated)").wait_for()
    context.close()


def test_findings_of_many_measures_are_one_line(desk: str, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = _opened(context, f"{desk}?case=eu-steel-trq")
    page.get_by_role("tab", name="Law").click()
    lines = page.locator("#rules > .finding > summary")
    assert lines.count() <= 4
    assert "GATT 1994, Article I:1; GATT 1994, Article XIII" in lines.first.inner_text()
    assert "for 12 measures: quota for Türkiye" in lines.first.inner_text()
    context.close()
