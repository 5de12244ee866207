"""Figures in Chromium: every label is within its picture, whatever font the reader has, and no two overlap."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import entrepot as ep
from entrepot.languages import speaking
from entrepot.report.figures.sweep_figures import sweep_figures
from small_sweep import RATE, small

OUTSIDE = """() => {
  const out = [];
  for (const svg of document.querySelectorAll('svg.entrepot-figure')) {
    const [, , width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
    const to = svg.getScreenCTM().inverse();
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBBox(), at = to.multiply(text.getScreenCTM());
      const corners = [[box.x, box.y], [box.x + box.width, box.y + box.height]]
        .map(([x, y]) => new DOMPoint(x, y).matrixTransform(at));
      const across = corners.map((p) => p.x), down = corners.map((p) => p.y);
      if (Math.min(...across) < 0 || Math.max(...across) > width || Math.min(...down) < 0 || Math.max(...down) > height)
        out.push(`${svg.querySelector('title').textContent.slice(0, 30)}: ${text.textContent}`);
    }
  }
  return out;
}"""
#: The families of this machine: the widest of the usual ones and a narrow one.
FONTS = ["Helvetica, Arial, sans-serif", "DejaVu Sans", "DejaVu Sans Condensed"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("browser")
    study = ep.run(small(folder))
    swept = ep.sweep(small(folder), draws=6, uncertain=RATE, store=str(folder / "runs"))
    figures = [*study.figures.values(), *sweep_figures(swept).values()]
    return "".join(figure.svg() for figure in figures)


@pytest.mark.slow
@pytest.mark.parametrize("width", [1000, 390])
def test_every_label_is_within_its_picture_in_any_font(browser: Any, drawn: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    for font in FONTS:
        fitted = "<style>svg{max-width:100%;height:auto}</style>"
        page.set_content(fitted + drawn.replace('font-family="Helvetica', f'font-family="{font}, Helvetica'))
        assert page.evaluate("document.querySelectorAll('svg.entrepot-figure').length") > 8
        assert page.evaluate(OUTSIDE) == [], font
    context.close()


@pytest.mark.slow
def test_the_dark_forced_colours_and_paper_change_the_ink(browser: Any, drawn: str) -> None:
    ink = "() => getComputedStyle(document.querySelector('text.f-ink')).fill"
    seen = {}
    for name, options in {"light": {}, "dark": {"color_scheme": "dark"}, "forced": {"forced_colors": "active"}}.items():
        context = browser.new_context(**options)
        page = context.new_page()
        page.set_content(drawn)
        seen[name] = page.evaluate(ink)
        if name == "dark":
            page.emulate_media(media="print")
            seen["paper"] = page.evaluate(ink)
        context.close()
    assert seen["light"] == seen["paper"] == "rgb(27, 31, 36)"
    assert seen["dark"] == "rgb(230, 237, 243)"
    assert seen["forced"] not in (seen["light"], seen["dark"])


@pytest.mark.slow
def test_the_page_of_a_report_is_no_wider_than_a_phone(browser: Any, founding_study: ep.Study, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    path = founding_study.to_html(tmp_path / "report.html")
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert requests == [path.as_uri()]
    headings = page.evaluate("[...document.querySelectorAll('h2')].map((h) => h.textContent)")
    first = ["Who gains and who loses", "Who pays", "Who collects the revenue and who holds the rent", "How sure"]
    assert headings[:4] == first
    with page.expect_download() as download:
        page.click("#figure-winners a[download='winners.csv']")
    assert Path(download.value.path()).read_text(encoding="utf-8") == founding_study.figures["winners"].csv()
    context.close()


@pytest.mark.slow
def test_no_table_of_a_report_is_wider_than_a_sheet_of_paper(
    browser: Any, founding_study: ep.Study, tmp_path: Path
) -> None:
    page = browser.new_context(viewport={"width": 673, "height": 1000}).new_page()  # A4 within the margins
    for language in ("en", "de"):
        with speaking(language):
            page.goto(founding_study.to_html(tmp_path / f"{language}.html").as_uri())
        page.emulate_media(media="print")
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= 673, language
        page.emulate_media(media="screen")
    page.context.close()
