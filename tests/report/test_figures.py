"""Figures as objects: their numbers are the study's, their labels fit, and they are drawn by one grammar."""

from __future__ import annotations

import csv
import datetime
import io
import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import entrepot as ep
from entrepot.cases.load import case_of
from entrepot.documents import harmless
from entrepot.economy.geography import OTHER, iso3
from entrepot.languages import speaking, translated
from entrepot.report import excel
from entrepot.report.figures import import_figures, letters, map_figure
from entrepot.report.figures.bar_panel import Bar, BarGroup, bar_panel, nice_ticks
from entrepot.report.figures.bargain_figure import _apart
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.figure_registry import StudyFigures
from entrepot.report.figures.palette import (
    BETTER,
    BETTER_HALF,
    CLASSES,
    INK,
    LINES,
    NAMES,
    NEUTRAL,
    PAPER,
    SOFT,
    WORSE,
    WORSE_HALF,
    worth,
)
from entrepot.report.figures.svg_frame import LOSSES, WIDTH, Panel, framed
from entrepot.report.figures.sweep_figures import drawn_elasticities, sweep_figures
from entrepot.report.figures.text_width import width_of, wrapped
from entrepot.report.figures.time_panel import TimeLine, end_of_line, events_panel, pushed_apart, time_panel
from entrepot.studies import tidy_frames as tables
from entrepot.studies.sweep_sentences import sentences
from shelves import slow_after
from small_sweep import RATE, small

TIMELINE = """\
timeline:
  from: 2026-01-01
  until: 2027-01-01
  discount_rate: 3%
  adjustment: {short: 0.4, years: 8}
  deadline: 2026-07-01
  if_agreed: {title: none}
  if_lapsed: {title: a tariff, in_force: [{scenario: tariff, from: 2026-07-01}]}
"""
MAKERS = {
    "case": "makers",
    "title": "Makers",
    "question": "Who gains?",
    "economy": "world2018",
    "parties": ["USA", "JPN"],
    "scenarios": {
        "tariff": {
            "title": "a tariff",
            "measures": [{"tariff": {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles", "rate": "25%"}}],
        }
    },
    "market": "us-cars-2018",
}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("figures")


@pytest.fixture(scope="module")
def study(folder: Path) -> ep.Study:
    return ep.run(small(folder))


@pytest.fixture(scope="module")
def swept(folder: Path) -> dict[str, Figure]:
    found = ep.sweep(small(folder), draws=6, uncertain=RATE, store=str(folder / "runs"))
    return sweep_figures(found, 0.9)


# ---- numbers ----


def test_registered_figures_by_name(study: ep.Study) -> None:
    assert list(study.figures) == ["winners", "industry", "revenue", "sources", "shares", "deals", "map"]
    assert set(study.figures.labels) >= set(study.figures)
    with pytest.raises(KeyError):
        study.figures["none"]
    with pytest.raises(ep.errors.InputError, match="did you mean winners"):
        StudyFigures(study).find("winers")


def test_numbers_of_winners_are_those_of_the_welfare_table(study: ep.Study) -> None:
    shown = study.figures["winners"].frame
    data = tables.welfare(study)
    data = data[data["party"].isin([*study.case.parties, "WORLD"])]
    assert shown["party"].tolist() == data["party"].tolist()
    assert shown["equivalent_variation"].tolist() == data["equivalent_variation"].tolist()
    assert shown["real_income_pct"].tolist() == data["real_income_pct"].tolist()


def test_numbers_of_revenue_add_up_to_the_proceeds(study: ep.Study) -> None:
    rows = study.figures["revenue"].frame
    data = tables.proceeds(study)
    rents = rows.loc[rows["kind"] == "quota rent", "amount"].sum()
    assert rents == pytest.approx(data["quota_rent"].sum(), rel=0.02), "only the smallest are left out"
    assert rents > 0


def test_every_panel_of_revenue_has_the_same_rows_and_the_title_says_what_they_show(study: ep.Study) -> None:
    figure = study.figures["revenue"]
    rows = figure.frame.groupby("scenario", sort=False).apply(lambda part: part[["party", "kind"]].to_numpy().tolist())
    assert len(rows) > 1
    assert all(part == rows.iloc[0] for part in rows)
    assert figure.title.startswith('Under "a tariff", there is no quota rent; C00 collects US$')
    left = tables.proceeds(study)[["tariff_revenue_change", "quota_rent"]].abs().sum(axis=1).sum()
    assert figure.frame["amount"].abs().sum() == pytest.approx(left, rel=0.05)


def test_a_scenario_that_changes_nothing_is_named_and_not_drawn(tmp_path: Path) -> None:
    slack = "\n  slack:\n    title: a slack limit\n    measures:\n"
    slack += "      - ver: {importer: C00, exporter: C01, sector: s00, cap: 150%}\ntable:"
    path = small(tmp_path)
    path.write_text(path.read_text().replace("\ntable:", slack, 1))
    figure = ep.run(path).figures["winners"]
    assert "a slack limit" not in set(figure.frame["scenario"])
    assert 'Not drawn, since nothing changes: "a slack limit".' in figure.subtitle
    assert "of 4 scenarios" not in figure.subtitle


def test_where_nothing_changes_no_figure_ranks_the_noise_of_the_solver(tmp_path: Path) -> None:
    path = small(tmp_path)
    text = path.read_text()
    path.write_text(
        f"{text[: text.index('scenarios:')]}scenarios:\n  slack:\n    title: a slack limit\n    measures:\n"
        "      - ver: {importer: C00, exporter: C01, sector: s00, cap: 150%}\n"
    )
    study = ep.run(path)
    outcome = study.outcomes["slack"]
    assert (outcome.countries["real_income_pct"] != 0).any(), "the solver leaves noise"
    winners, world = study.figures["winners"], study.figures["map"]
    assert set(winners.frame["equivalent_variation"]) == {0.0}
    assert "scenarios" not in winners.subtitle
    assert world.title == "No real income changes."
    assert set(world.frame["real_income_pct"]) == {0.0}
    assert "largest" not in world.text


def test_sources_name_the_largest_of_those_named_and_where_rents_are_in_the_value(study: ep.Study) -> None:
    assert import_figures._news({"C01": -2.0, "C02": -1.0, OTHER: -5.0}) == ("C01", "")
    assert import_figures._news({"C01": -2.0, "C02": 1.0, OTHER: 5.0}) == ("C01", "C02")
    assert import_figures._news({"C01": -2.0, OTHER: 5.0}) == ("C01", OTHER)
    figure = study.figures["sources"]
    market = study.case.report.markets[0].title
    assert figure.title.startswith(f'{market}: under "a tariff", those from C01 fall by US$')
    assert "Where exporters hold the rent, it is part of the value at the border." in figure.subtitle
    alone = replace(study, outcomes={"tariff": study.outcomes["tariff"]})
    assert "Where exporters" not in alone.figures["sources"].subtitle


def test_numbers_of_sources_and_shares_are_those_of_the_markets(study: ep.Study) -> None:
    data = tables.markets(study).set_index(["scenario", "exporter"])
    titles = {study.title_of(name): name for name in study.outcomes}
    for row in study.figures["sources"].frame.itertuples():
        now, base = data.loc[(titles[row.scenario], row.exporter)], data.loc[(tables.BASE, row.exporter)]
        assert row.value == now["value"]
        assert row.change == now["value"] - base["value"]
    shares = study.figures["shares"].frame
    for row in shares.itertuples():
        now, base = data.loc[(titles[row.scenario], row.exporter)], data.loc[(tables.BASE, row.exporter)]
        assert row.import_share == now["import_share"]
        assert row.change == pytest.approx(100 * (now["import_share"] - base["import_share"]))
    assert shares.groupby("scenario")["change"].sum().abs().max() < 1e-9


def test_buyers_who_pay_more_are_worse_off(study: ep.Study) -> None:
    assert worth(2.0) == worth(-2.0, good=False) == BETTER
    assert worth(-2.0) == worth(2.0, good=False) == WORSE
    assert worth(0.0) == worth(math.nan) == NEUTRAL
    rows = study.figures["industry"].frame
    prices = rows[rows["quantity"] == "real_price_pct"]["change"]
    assert (prices > 0).any()
    assert f'class="f-{CLASSES[WORSE][0]}"' in study.figures["industry"].svg()


def _luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_letters_have_enough_contrast_on_either_ground() -> None:
    """4.5 to 1, as WCAG 2.2 asks of small letters."""
    for colour in (INK, SOFT, *NAMES):
        night = (_luminance(CLASSES[colour][1]) + 0.05) / (_luminance(CLASSES[PAPER][1]) + 0.05)
        assert min(1.05 / (_luminance(colour) + 0.05), night) >= 4.5, colour
    lines = [TimeLine(f"line {k}", ((0.0, 0.0), (1.0, float(k))), k) for k in range(len(NAMES))]
    marks = [one["mark"] for one in time_panel(lines, "").spec["layer"] if one["mark"]["type"] == "text"]
    assert {mark["color"] for mark in marks} == set(NAMES)


def test_lines_and_bars_have_enough_contrast_on_either_ground() -> None:
    """3 to 1, as WCAG 2.2 asks of what must be seen to read a figure."""
    for colour in (*LINES, BETTER, WORSE, NEUTRAL):
        night = (_luminance(CLASSES[colour][1]) + 0.05) / (_luminance(CLASSES[PAPER][1]) + 0.05)
        assert min(1.05 / (_luminance(colour) + 0.05), night) >= 3, colour
    assert [f"#{colour}" for colour in excel.COLOURS] == list(LINES), "a party has its colour in the workbook too"


def test_csv_has_the_same_numbers_and_where_they_come_from(study: ep.Study) -> None:
    figure = study.figures["winners"]
    head, *rows = csv.reader(io.StringIO(figure.csv()))
    assert head[2] == "equivalent variation [US$ million]"
    assert head[-5:] == ["base", "year", "horizon", "elasticities", "version"]
    assert [float(row[2]) for row in rows] == figure.frame["equivalent_variation"].tolist()
    assert {row[-1] for row in rows} == {f"Entrepot {ep.__version__}"}


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_compute_is_escaped(study: ep.Study, begin: str) -> None:
    assert harmless(f"{begin}1+1").startswith("'")
    assert harmless(-1.5) == -1.5
    assert harmless("a - b") == "a - b"
    figure = study.figures["winners"]
    rows = tuple((f"{begin}HYPERLINK()", *row[1:]) for row in figure.table.rows)
    evil = replace(figure, table=replace(figure.table, rows=rows))
    assert all(row[0].startswith("'") for row in list(csv.reader(io.StringIO(evil.csv(), newline="")))[1:])


def test_the_text_says_every_number_that_is_drawn(study: ep.Study) -> None:
    for name in ("winners", "industry", "revenue", "sources"):
        figure = study.figures[name]
        at_bars = [t for t in ElementTree.fromstring(figure.svg()).iter(f"{SVG}text") if t.get("font-size") == "12.5px"]
        drawn = [t.text.replace("\N{MINUS SIGN}", "-") for t in at_bars if t.text]
        numbers = [text for text in drawn if text[0] in "+-"]
        assert len(numbers) > 3
        assert all(number in figure.text for number in numbers), name


def test_foot_says_source_base_horizon_elasticities_and_version(study: ep.Study, swept: dict[str, Figure]) -> None:
    for figure in (study.figures["winners"], swept["intervals"]):
        foot = " ".join(figure.foot)
        assert figure.foot[0].startswith("Source: ")
        for part in ("ase ", "long run", "lasticities", f"Entrepot {ep.__version__}"):
            assert part in foot, foot


def test_foot_of_a_sweep_says_what_its_elasticities_are_drawn_from(folder: Path) -> None:
    mixture = {"sets": ["ll2023", "own"], "sectors": {"s00": "C10T12", "s01": "C24", "s02": "C29"}}
    drawn = ((RATE, "by sector"), ({"theta": {"lognormal": {"sd": 0.2}}}, "drawn around "))
    for uncertain, says in (*drawn, ({"theta": {"mixture": mixture}}, "drawn from 2 sets (own, ll2023)")):
        found = ep.sweep(small(folder), draws=2, uncertain=uncertain, store=str(folder / "runs"))
        assert says in drawn_elasticities(found), drawn_elasticities(found)


@pytest.mark.parametrize("until", ["2021-01-01", "2019-07-01"])
def test_a_price_under_a_ban_is_not_drawn(tmp_path: Path, until: str) -> None:
    """From the first day of the window, to its end and not."""
    time = f"""
timeline:
  from: 2019-01-01
  until: 2021-01-01
  in_force: [{{scenario: ban, from: 2019-01-01, until: {until}}}]
path: {{branch: as stated}}
"""
    path = Path(small(tmp_path, more=time))
    ban = "{quota: {importer: C00, exporter: WORLD, sector: [s00, s01], cap: 0}}"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("scenarios:\n", f"scenarios:\n  ban: {{title: ban, measures: [{ban}]}}\n"), encoding="utf-8"
    )
    study = ep.run(path)
    figures = StudyFigures(study)
    for name in ("branches", "path"):
        picture = figures[name].svg()
        ElementTree.fromstring(picture)
        assert "NaN" not in picture
        assert "nan " not in picture
        assert (": no number at the end." in picture) == (until == "2021-01-01")


def test_foot_of_a_figure_that_stands_on_something_else_says_on_what(study: ep.Study, tmp_path: Path) -> None:
    several = replace(study, under_sets={"one": study, "another": study})
    feet = " ".join(several.figures["sets"].foot)
    assert "; 3 sets of trade elasticities, each by itself" in feet
    assert " by sector" not in feet
    assert several.figures["sets"].table.provenance["elasticities"].startswith("3 sets")
    timed = ep.run(small(tmp_path, more=TIMELINE)).figures["branches"]
    feet = " ".join(timed.foot)
    assert "long run" not in feet
    assert "1 January 2026 to 1 January 2027, totals discounted at 3% a year" in feet
    assert "40% of these just after each change, and the whole after 8 years" in feet
    assert "discounted at 3% a year" in timed.table.provenance["horizon"]


def test_foot_of_makers_names_their_table_demand_conduct_and_doubtful_margins() -> None:
    study = ep.run(case_of(MAKERS, "the test"))
    figure = study.figures["makers"]
    source, held = figure.foot
    with speaking("de"):
        theirs = study.figures["makers"].foot
    assert "Nachfragesystem" in theirs[1]
    assert "Angegebene Margen" in theirs[1]
    assert "18.5" not in theirs[1]
    assert source == "Source: the case's table of products us-cars-2018 (2018)."
    for part in ("Nested logit demand", "Bertrand", "stated margins differ by more than 5 points"):
        assert part in held
    assert "elasticities" not in held
    assert figure.table.provenance["base"] == "the case's table of products us-cars-2018 (2018)"


def test_labels_of_shares_read_from_before_to_after(study: ep.Study) -> None:
    says = study.figures["shares"].text
    row = study.figures["shares"].frame.iloc[0]
    after = 100 * row["import_share"]
    assert f"{after - row['change']:.1f}% \N{RIGHTWARDS ARROW} {after:.1f}% ({row['change']:+.1f})" in says


def test_titles_name_scenarios_by_their_titles(study: ep.Study) -> None:
    assert study.figures["winners"].title.startswith('Under "a tariff", C00 ')
    for figure in study.figures.values():
        assert "ver" not in figure.text.replace("every", "").split()
        assert figure.title.endswith("."), figure.title


# ---- a sweep ----


def test_figures_of_a_sweep_have_its_numbers(folder: Path, swept: dict[str, Figure]) -> None:
    assert list(swept) == ["intervals", "drivers", "drivers_2"]
    found = ep.sweep(small(folder), draws=6, uncertain=RATE, store=str(folder / "runs"))
    data = found.intervals("welfare", 0.9)
    data = data[(data["number"] == "equivalent_variation") & data["party"].isin(["C00", "C01"])]
    shown = swept["intervals"].frame
    assert sorted(shown["low"]) == pytest.approx(sorted(data["low"]))
    assert (shown["low"] <= shown["high"]).all()
    top = found.tornado("equivalent_variation", scenario=found.plan.scenarios[0], party="C00").iloc[0]
    row = swept["drivers"].frame.iloc[0]
    assert (row["at its 5th percentile"], row["at its 95th"]) == pytest.approx((top["low"], top["high"]))


def test_numbers_that_move_nothing_have_neither_a_sentence_nor_a_picture(folder: Path) -> None:
    cap = {"quota.cap": {"uniform": [0.6, 0.8]}}
    found = ep.sweep(small(folder), draws=2, uncertain=cap, store=str(folder / "runs"))
    assert found.plan.scenarios[0] == "tariff", "in which the cap plays no part"
    assert list(sweep_figures(found, 0.9)) == ["intervals"]
    assert not [text for text in sentences(found) if text.startswith("What moves")]


def test_a_tornado_has_an_axis_and_its_labels_the_order_of_the_bars() -> None:
    bars = [Bar("wide", -3.0, "-3", WORSE, start=-1.0), Bar("", 2.0, "+2", BETTER, start=-1.0)]
    bars += [Bar("narrow", -1.2, "-1.2", WORSE, start=-1.0), Bar("", -0.9, "-0.9", BETTER, start=-1.0)]
    panel = bar_panel([BarGroup("", tuple(bars))], "US$", reference=-1.0)
    marks: list[dict[str, Any]] = [one for one in panel.spec["layer"] if one["mark"]["type"] == "text"]
    labels = next(one["data"]["values"] for one in marks if one["data"]["values"][0]["text"] == "wide")
    assert [row["text"] for row in labels] == ["wide", "narrow"]
    drawn = next(one for one in panel.spec["layer"] if one["mark"]["type"] == "bar")
    rows = drawn["data"]["values"]
    assert [row["y"] for row in rows] == [labels[0]["y"], labels[0]["y"], labels[1]["y"], labels[1]["y"]]
    axis = drawn["encoding"]["x"]["axis"]
    assert axis["title"] == "US$"
    assert len(axis["values"]) >= 3


def test_a_long_label_is_written_in_full() -> None:
    names = ["Kraftfahrzeuge", "Unternehmensdienstleistungen"]
    texts = [f"die Handelselastizität innerhalb ihres Satzes ({name})" for name in names]
    groups = [
        BarGroup(f"{'25 points on cars and parts from Japan and the EU, ' * 4}{k}", (Bar(text, 1.0, "+1"),))
        for k, text in enumerate(texts)
    ]
    panel = bar_panel(groups, "US$")
    written = " ".join(t.text or "" for t in drawn(panel))
    for expected in (*texts, *(group.heading for group in groups)):
        assert expected in written, "two bars whose labels differ at the end do not read alike"
    assert panel.left <= WIDTH / 2


# ---- the grammar ----


def test_numbers_at_the_ends_of_bars_have_room() -> None:
    bars = (Bar("a", -5.0, "-5.00 (-0.1234%)", WORSE), Bar("b", 0.1, "+0.10 (+0.0001%)", BETTER))
    panel = bar_panel([BarGroup("", bars)], "US$")
    scale = panel.spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    pixel = panel.spec["width"] / (scale[1] - scale[0])
    for bar in bars:
        end = (bar.value - scale[0]) * pixel
        wide = width_of(bar.text, 12.5)
        assert (end - wide if bar.value < 0 else WIDTH - panel.left - end - wide) >= 0


#: Labels and shares before and after, as four languages write them, with spaces that are not broken at.
WIDE = {
    "en": (["United Kingdom", "Japan", "Other"], "66.8% → 68.6% (+1.8)"),
    "de": (["Vereinigtes Königreich", "Vereinigte Staaten", "Übrige"], "66,8\u00a0% → 68,6\u00a0% (+1,8)"),
    "fr": (["Émirats arabes unis", "Royaume-Uni", "Autres"], "66,8\u202f% → 68,6\u202f% (+1,8)"),
    "es": (["República Dominicana", "Reino Unido", "Otros"], "66,8\u00a0% → 68,6\u00a0% (+1,8)"),
}


@pytest.mark.parametrize("language", WIDE)
@pytest.mark.parametrize("values", [(-2.1, 0.5, 1.8), (-0.1, 0.1, 2.0), (-8.7, -0.2, 0.3)])
def test_wide_numbers_on_both_sides_of_zero_are_not_cut(language: str, values: tuple[float, ...]) -> None:
    """The picture ends where the plot does: what is beyond it is cut, and a share without its end misleads."""
    labels, text = WIDE[language]
    bars = tuple(Bar(label, value, text) for label, value in zip(labels, values, strict=True))
    panel = bar_panel([BarGroup("", bars)], "percentage points")
    first, last = panel.spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    plot = panel.spec["width"]
    for value in values:
        end, wide = (value - first) * plot / (last - first), width_of(text, 12.5) + 5
        assert (end - wide if value < 0 else plot - end - wide) >= -0.01


def test_numbers_wider_than_the_plot_end_within_the_picture() -> None:
    text = "2,345,678.9 (12.345678%, 12.345678% to 12.345678%)"
    panel = bar_panel([BarGroup("", (Bar("a", -1.0, text), Bar("b", 1.0, text)))], "US$")
    first, last = panel.spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert (last - 1.0) * panel.spec["width"] / (last - first) >= width_of(text, 12.5)


def test_a_space_that_is_not_broken_at_is_as_wide_as_a_space() -> None:
    for space in "\u00a0\u202f":
        assert width_of(f"5{space}%", 10.0) == width_of("5 %", 10.0)


@pytest.mark.parametrize("values", [(-5.67, 1.41), (-6.5, 0.8), (7.3, -0.1), (0.4, 0.2), (-3.0, -1.0), (-8.7, 9.0)])
def test_ticks_go_beyond_the_bars_and_the_unit_stands_under_them(values: tuple[float, ...]) -> None:
    bars = [Bar("a", value, f"17.3% to 9.1% ({value:+.2f})", BETTER) for value in values]
    panel = bar_panel([BarGroup("", tuple(bars))], "US$ billion of 2022 a year")
    axis = next(one["encoding"]["x"]["axis"] for one in panel.spec["layer"] if one["mark"]["type"] == "bar")
    assert axis["titleAnchor"] == "middle"
    assert len(axis["values"]) >= 3
    step = axis["values"][1] - axis["values"][0]
    assert min(0.0, *values) > axis["values"][0] - step
    assert axis["values"][-1] > max(0.0, *values) - step / 2


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-7.3, 2.1), (-1e-9, 3e-9), (1e6, 9e6)])
def test_ticks_are_round_and_within_the_scale(low: float, high: float) -> None:
    ticks = nice_ticks(low, high, 5)
    assert 2 <= len(ticks) <= 7
    assert all(low - 1e-9 * abs(low) <= tick <= high * (1 + 1e-9) for tick in ticks)
    step = ticks[1] - ticks[0]
    assert float(f"{step:.6e}".split("e")[0]) in (1, 2, 5)


@pytest.mark.parametrize("values", [(0.0017, -0.0055, 0.0045), (0.0021,), (-31.0, 9.84), (1e6, -2e5), (-0.2, 3.1)])
def test_ticks_are_written_as_what_they_are(values: tuple[float, ...]) -> None:
    text = "-31.0 (-40.2 to -21.1 a year)"
    panel = bar_panel([BarGroup("", tuple(Bar("a", value, text) for value in values))], "US$")
    axis = next(one["encoding"]["x"]["axis"] for one in panel.spec["layer"] if one["mark"]["type"] == "bar")
    written = [(t.text or "").replace(",", "").replace("\N{MINUS SIGN}", "-") for t in drawn(panel)]
    found = [float(text) for text in written if re.fullmatch(r"-?[\d.]+", text)]
    assert found == pytest.approx([tick for tick in axis["values"] if tick in found], abs=0)
    assert len(found) >= 2


def test_names_beside_lines_do_not_overlap() -> None:
    placed = pushed_apart([5.0, 6.0, 7.0, 90.0], [20.0, 20.0, 20.0, 20.0], 0.0, 100.0)
    assert all(b - a >= 20.0 - 1e-9 for a, b in pairwise(placed))
    assert placed[0] >= 0
    assert placed[-1] + 20 <= 100


def test_text_is_broken_and_cut_at_a_width() -> None:
    lines = wrapped("one two three four five six seven", 12.0, 60.0, most=2)
    assert len(lines) == 2
    assert lines[-1].endswith("...")
    assert all(width_of(line, 12.0) <= 60 for line in lines)
    assert width_of("W", 10.0, bold=True) > width_of("W", 10.0) > width_of("i", 10.0)


@pytest.mark.parametrize("space", ["\u00a0", "\u202f"])
def test_a_number_is_not_broken_from_its_unit(space: str) -> None:
    amount = f"2,5{space}Mrd.{space}US$"
    for width in range(90, 300, 10):
        assert any(amount in line for line in wrapped(f"Die Rente von {amount} im Jahr", 13.0, float(width)))


def test_a_word_that_is_wider_than_a_line_is_broken_and_not_cut() -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"
    lines = wrapped(f"the {word} of Vienna", 17.0, 200.0, bold=True)
    assert all(width_of(line, 17.0, bold=True) <= 200 for line in lines)
    assert "".join(lines).replace(" ", "") == f"the{word}ofVienna"
    assert wrapped("ab", 17.0, 1.0) == ["a", "b"]


def test_text_without_spaces_is_broken_between_its_letters() -> None:
    text = "「2026年7月の割当、超過分は50%、レントはEUの輸入者へ」のもとで、EUは14億米ドルの利益を得る。"
    lines = wrapped(text, 12.0, 200.0)
    assert "".join(lines) == text
    assert len(lines) > 3
    assert all(width_of(line, 12.0) <= 200.0 + 2 * 12.0 for line in lines), "a mark may hang over"
    assert sum(width_of(line, 12.0) > 200.0 for line in lines) == 0
    assert not any(line[0] in "、。」" or line[-1] == "「" for line in lines)
    assert "2026" in "|".join(lines), "numbers stay whole"
    assert wrapped("일본의 자동차 수출", 12.0, 60.0) == ["일본의", "자동차", "수출"]
    assert wrapped("トリニダード・トバゴ", 11.5, 100.0, most=1) == ["トリニダード・ ..."]
    assert wrapped("カナダ・オーストラリア", 12.0, 110.0) == ["カナダ・", "オーストラリア"]
    cut = wrapped(text, 12.0, 200.0, most=2)
    assert len(cut) == 2
    assert cut[-1].endswith("...")
    assert width_of(cut[-1], 12.0) <= 200.0


def test_a_picture_in_pixels_warns_of_letters_that_no_font_has(
    study: ep.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert letters.without_font("Türkiye, Ελλάδα, Россия: +1.4 (−0.1%)") == ""
    assert letters.without_font("\u0378") == "", "no letter"
    monkeypatch.setattr(letters, "_has_font", lambda letter: letter != "中")
    figure = replace(study.figures["winners"], title="日中")
    with pytest.warns(UserWarning, match="No font on this machine has the letters 中; the PNG shows boxes"):
        figure.png()


def test_specs_are_valid_vega_lite(study: ep.Study, swept: dict[str, Figure]) -> None:
    altair = pytest.importorskip("altair")
    for figure in (study.figures["winners"], study.figures["deals"], swept["drivers"]):
        for panel in figure.panels:
            altair.Chart.from_dict({"$schema": "https://vega.github.io/schema/vega-lite/v6.json", **panel.spec})


def test_svg_stands_alone_and_runs_nothing(study: ep.Study) -> None:
    for figure in study.figures.values():
        drawn = figure.svg()
        root = ElementTree.fromstring(drawn)
        assert root.get("role") == "img"
        ids = {one.get("id") for one in root.iter() if one.get("id")}
        assert {root.get("aria-labelledby"), root.get("aria-describedby")} <= ids
        assert not [one for one in root.iter() if one.tag.endswith(("script", "image", "foreignObject"))]
        assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")
        assert "prefers-color-scheme:dark" in drawn
        assert "forced-colors:active" in drawn


def test_every_form_is_written(study: ep.Study, tmp_path: Path) -> None:
    figure = study.figures["winners"]
    for form, begin in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"scenario")):
        assert figure.save(tmp_path / f"f.{form}").read_bytes().startswith(begin)
    with pytest.raises(ep.errors.InputError, match=r"ends in \.svg, \.png or \.csv"):
        figure.save(tmp_path / "f.gif")
    assert "Next: .svg()" in repr(figure)
    assert figure.to_dict()["title"] == figure.title


def test_deals_are_named(study: ep.Study) -> None:
    figure = study.figures["deals"]
    drawn = " ".join(t.text or "" for t in ElementTree.fromstring(figure.svg()).iter(f"{SVG}text"))
    assert study.bargain is not None
    for name in figure.frame["deal"]:
        assert all(word in drawn for word in name.split())
    assert figure.frame.iloc[0, 1:].tolist() == [0, 0]


def test_deals_alike_for_one_party_alone_are_both_named(study: ep.Study) -> None:
    b = study.bargain
    assert b is not None
    other = b.parties[1]
    gains = {**b.now.gains, other: b.now.gains[other] + 500.0}
    by_name = {"x": gains, "y": b.now.gains}
    offers = {name: replace(b.now, name=name, own_title=name, gains=g) for name, g in by_name.items()}
    named = [deal.name for deal in _apart(replace(b, offers=offers))]
    assert "x" in named
    assert "y" not in named


# ---- the map ----


def test_countries_are_found_on_the_map_by_their_number() -> None:
    if not map_figure.SHAPES.exists():
        pytest.skip("the shapes are not built; run scripts/build_page.py")
    colours = {"USA": BETTER, "JPN": WORSE}
    panel = map_figure._shapes_panel(colours)
    shapes = panel.spec["layer"][0]["data"]["values"]["objects"]["countries"]["geometries"]
    coloured = {shape["id"]: shape["properties"]["colour"] for shape in shapes if "id" in shape}
    assert {key: colour for key, colour in coloured.items() if colour in (BETTER, WORSE)} == {
        "840": BETTER,
        "392": WORSE,
    }
    known = {iso3(key) for key in coloured}
    small_places = {"HKG", "MLT", "SGP", "STP"}
    assert set(ep.load_economy("world2022").countries) - known - small_places - {"ROW"} == set()


def test_losses_on_the_map_differ_from_gains_without_colours(study: ep.Study) -> None:
    if not map_figure.SHAPES.exists():
        pytest.skip("the shapes are not built; run scripts/build_page.py")
    drawn = study.figures["map"].svg()
    hatched = [one.get("fill") for one in ElementTree.fromstring(drawn).iter() if "url(" in (one.get("fill") or "")]
    panel = map_figure._shapes_panel({"USA": BETTER, "CHN": BETTER_HALF, "JPN": WORSE, "KOR": WORSE_HALF})
    lined = panel.spec["layer"][1]["data"]["values"]["objects"]["countries"]["geometries"]
    assert {shape["id"] for shape in lined} == {"392", "410"}
    assert f'<pattern id="{hatched[0][5:-1]}"' in drawn
    key = [one for one in map_figure._key(0.1, True).spec["layer"] if LOSSES in str(one)]
    assert [row["colour"] for one in key for row in one["data"]["values"]] == [LOSSES] * 2


def test_without_shapes_the_map_is_tiles(study: ep.Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_figure, "SHAPES", Path("none"))
    figure = map_figure.world_map(study)
    assert figure is not None
    gains = study.outcomes["tariff"].countries["real_income_pct"]
    assert figure.frame["real_income_pct"].tolist() == pytest.approx(sorted(gains))
    drawn = [t.text for t in ElementTree.fromstring(figure.svg()).iter(f"{SVG}text")]
    assert set(gains.index) - {"ROW"} <= set(drawn)


def test_the_key_of_the_map_has_no_powers_of_ten(study: ep.Study) -> None:
    key = " ".join(t.text or "" for t in drawn(map_figure._key(3e-5, False)))
    assert re.findall(r"[\d.e\-]+%", key) == ["0.00003%", "0.000003%", "0.000003%", "0.00003%"]


def test_small_changes_fit_on_their_tiles() -> None:
    rows = [("BGD", "Bangladesh", -8.9e-5, -1.0), ("ESP", "Spain", 2.3e-6, 1.0), ("USA", "United States", 0.5, 9.0)]
    colours = {code: BETTER for code, *_ in rows}
    panel = map_figure._tiles_panel(rows * 4, colours)
    boxes, _, values = (one["data"]["values"] for one in panel.spec["layer"])
    assert max(box["x2"] for box in boxes) <= WIDTH
    for row in values:
        assert width_of(row["value"], map_figure.SMALL) <= row["x2"] - row["x"]


# ---- languages ----


def drawn(panel: Panel) -> list[ElementTree.Element]:
    svg = framed("one", "", "", [panel], [], "")
    return list(ElementTree.fromstring(svg).iter(f"{SVG}text"))


@pytest.mark.parametrize(("language", "ticks"), [("en", ["0", "1,000", "0.5"]), ("de", ["0", "1.000", "0,5"])])
def test_scales_write_numbers_as_the_language_does(language: str, ticks: list[str]) -> None:
    with speaking(language):
        wide = time_panel([TimeLine("", ((0.0, 0.0), (1.0, 2000.0)), 0)], "")
        narrow = bar_panel([BarGroup("", (Bar("a", 0.6, "0.6", BETTER),))], "")
    texts = {t.text for panel in (wide, narrow) for t in drawn(panel)}
    assert set(ticks) <= texts


def marks_of(line: TimeLine, *, steps: bool) -> list[Any]:
    """The marks of a line with their points, without the rule at zero."""
    panel = time_panel([line], "", steps=steps)
    layers = [one for one in panel.spec["layer"] if one["mark"]["type"] in ("line", "circle")]
    return [(one["mark"]["type"], [(r["x"], r["y"]) for r in one["data"]["values"]]) for one in layers]


def test_a_step_before_a_ban_lasts_until_it() -> None:
    line = TimeLine("", ((0.0, 5.0), (1.0, math.nan), (2.0, 4.0), (3.0, 3.0), (4.0, math.nan)), 0)
    points = [(0.0, 5.0), (1.0, 5.0), (1.0, None), (2.0, 4.0), (3.0, 3.0), (4.0, 3.0), (4.0, None)]
    assert marks_of(line, steps=True) == [("line", points)]


def test_an_event_has_its_whole_name_where_there_is_room_for_it() -> None:
    since, until = datetime.date(2018, 10, 1), datetime.date(2023, 10, 1)
    titles = ["announced: 25 points on cars and parts from Japan and the EU", "begins: another " + "word " * 60]
    for day in (since, datetime.date(2019, 5, 17), datetime.date(2021, 4, 1), until):
        (panel,) = [events_panel([(day, title) for title in titles], (since, until), 110.0, "")]
        marks = [one for one in panel.spec["layer"] if one["mark"]["type"] == "text"]
        texts = [one["data"]["values"][0]["text"] for one in marks]
        assert texts[0] == titles[0] or day == datetime.date(2021, 4, 1)
        assert texts[1].endswith("...")
        at = panel.spec["width"] * ((day - since) / (until - since))
        for mark, text in zip(marks, texts, strict=True):
            wide = width_of(text, 11.5) + 4
            assert (at + wide <= panel.spec["width"] + 110) if mark["mark"]["align"] == "left" else (wide <= at + 44)


def test_names_that_stand_together_have_the_dashes_of_their_lines() -> None:
    lines = [TimeLine(name, ((0.0, 1.0), (1.0, 0.0)), kind) for kind, name in enumerate(("deal", "measure", "nothing"))]
    panel = time_panel(lines, "", steps=False)
    samples = [one for one in panel.spec["layer"] if one["mark"]["type"] == "rule" and "strokeDash" in one["mark"]]
    names = [one for one in panel.spec["layer"] if one["mark"]["type"] == "text"]
    drawn = {str(one["mark"]["strokeDash"]) for one in panel.spec["layer"] if one["mark"]["type"] == "line"}
    assert {str(one["mark"]["strokeDash"]) for one in samples} == drawn
    for sample, name in zip(samples, names, strict=True):
        assert sample["data"]["values"][0]["y"] == name["data"]["values"][0]["y"]
        assert panel.spec["width"] < sample["encoding"]["x"]["value"] < sample["encoding"]["x2"]["value"]
        assert sample["encoding"]["x2"]["value"] < name["encoding"]["x"]["value"]


@pytest.mark.parametrize("count", range(3, 33, 3))
def test_a_name_in_bold_letters_ends_within_the_picture(count: int) -> None:
    panel = time_panel([TimeLine("m" * 4 + " deal of may"[:count] * 2, ((0.0, 1.0), (1.0, 0.0)), 0)], "", steps=False)
    (name,) = [one for one in panel.spec["layer"] if one["mark"]["type"] == "text"]
    wide = max(width_of(row["text"], 11.5, bold=True) for row in name["data"]["values"])
    assert 44 + name["encoding"]["x"]["value"] + wide <= WIDTH


@pytest.mark.parametrize("zone", slow_after(1, ["America/New_York", "Asia/Tokyo", "UTC"]))
def test_years_of_a_panel_are_those_of_its_days_in_every_time_zone(zone: str) -> None:
    script = (
        "import datetime, re\n"
        "from entrepot.report.figures.svg_frame import framed\n"
        "from entrepot.report.figures.time_panel import TimeLine, time_panel\n"
        "line = TimeLine('a', ((datetime.date(2018, 10, 1), 1.0), (datetime.date(2021, 10, 1), 2.0)), 0)\n"
        "print(re.findall(r'>(20[0-9]+)<', framed('one', '', '', [time_panel([line], '')], [], '')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"TZ": zone}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "['2019', '2020', '2021']"


@pytest.mark.parametrize(
    ("first", "last", "named"),
    [
        ("2026-02-01", "2026-12-01", ["2026-02", "2026-04", "2026-06", "2026-08", "2026-10", "2026-12"]),
        ("2026-02-01", "2027-02-01", ["2026-02", "2026-05", "2026-08", "2026-11", "2027-02"]),
        ("2026-12-30", "2027-02-03", ["2027-01", "2027-02"]),
        ("2026-03-02", "2026-03-30", ["2026-03-02", "2026-03-30"]),
        ("2026-01-01", "2027-01-01", ["2026", "2027"]),
    ],
)
def test_a_window_of_less_than_two_new_years_has_its_months(first: str, last: str, named: list[str]) -> None:
    days = [datetime.date.fromisoformat(text) for text in (first, last)]
    panel = time_panel([TimeLine("a", ((days[0], 1.0), (days[1], 2.0)), 0)], "")
    texts = [t.text or "" for t in drawn(panel)]
    assert [text for text in texts if text.startswith("20")] == named


def test_a_point_alone_on_a_grid_is_drawn() -> None:
    line = TimeLine("", ((0.0, 5.0), (1.0, math.nan), (2.0, 4.0), (3.0, 3.0)), 0)
    points = [(0.0, 5.0), (1.0, None), (2.0, 4.0), (3.0, 3.0)]
    assert marks_of(line, steps=False) == [("line", points), ("circle", [(0.0, 5.0)])]


@pytest.mark.parametrize("place", [0.1, datetime.date(2026, 7, 1)])
def test_one_place_alone_is_drawn_with_its_tick(place: float | datetime.date) -> None:
    panel = time_panel([TimeLine("a", ((place, 2.0),), 0)], "", steps=False)
    marks = ElementTree.fromstring(framed("one", "", "", [panel], [], ""))
    assert {"0.1", "2026-07-01"} & {t.text for t in marks.iter(f"{SVG}text")}
    assert [one["mark"]["type"] for one in panel.spec["layer"]].count("circle") == 1


def test_a_scale_that_does_not_begin_at_zero_says_so() -> None:
    line = TimeLine("", ((0.0, 260.0), (1.0, 264.0)), 0)
    note = "imports (the scale does not begin at zero)"
    assert time_panel([line], "imports", zero=False).heading == note
    assert time_panel([line], "imports").heading == "imports"
    below = TimeLine("", ((0.0, -1.0), (1.0, 1.0)), 0)
    assert time_panel([below], "imports", zero=False).heading == "imports"


def test_shares_and_words_of_figures_are_in_the_language(study: ep.Study) -> None:
    """Also where the same study was read in English before."""
    label = "What every deal is worth beyond the threat"
    assert study.figures.labels["deals"] == label
    before = study.figures["shares"].text
    with speaking("de"):
        figures = {name: study.figures[name] for name in ("shares", "deals", "map")}
        assert study.figures.labels["deals"] == translated(label) != label
    assert study.figures["shares"].text == before
    assert re.search(
        r"\d,\d\N{NO-BREAK SPACE}% \N{RIGHTWARDS ARROW} \d+,\d\N{NO-BREAK SPACE}% \(", figures["shares"].text
    )
    assert not re.search(r"\d\.\d", figures["shares"].text)
    assert " and " not in figures["deals"].text
    assert "0 " in figures["deals"].text


def test_what_a_line_ends_at_is_no_zero_where_it_is_small(folder: Path) -> None:
    assert [end_of_line(v) for v in (264.706, -0.00054, 1e-9, -1e-9, 0.0)] == [
        "264.71",
        "-0.00054",
        "0.00",
        "0.00",
        "0.00",
    ]
    with speaking("de"):
        assert end_of_line(-0.00054) == "-0,00054"


def test_what_does_not_change_may_not_have_either_sign(tmp_path: Path) -> None:
    nothing = """\
  nothing:
    title: a tariff of nothing
    measures:
      - tariff: {importer: C00, exporter: C01, sector: s00, rate: 0%, change: add}
  quota:
"""
    path = small(tmp_path)
    path.write_text(path.read_text().replace("  quota:\n", nothing, 1))
    found = ep.sweep(path, draws=6, uncertain=RATE, store=str(tmp_path / "runs"))
    figure = sweep_figures(found, 0.9)["intervals"]
    moves = (figure.frame["low"].abs() > 1e-6) | (figure.frame["high"].abs() > 1e-6)
    turns = moves & (figure.frame["low"] * figure.frame["high"] < 0)
    assert (len(moves), moves.sum(), turns.sum()) == (8, 6, 1)
    assert figure.title == "1 of 6 gains and losses may have either sign in 90% of the draws."
