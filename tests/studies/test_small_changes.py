"""What is small is not zero: a measure on little trade is reported with numbers, as one on much trade is."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot import words
from entrepot.cases.load import case_of
from entrepot.studies import findings, sweep_sentences, sweep_tables
from entrepot.studies.path_tables import path_tables
from entrepot.studies.result_table import MONEY, NUMBER, SHARE, ResultTable, TableColumn
from worlds import random_world

CASE = """\
case: little
title: t
question: q
economy: world
parties: [C00, C01]
objectives:
  C00: {value_added: {s00: 0.5}}
scenarios:
  duty:
    title: a duty
    measures: [&duty {tariff: {importer: C00, exporter: C01, sector: s00, rate: 0.1%, change: add}}]
  limit:
    title: a limit
    measures: [{ver: {importer: C00, exporter: C01, sector: s00, cap: {match: duty}}}]
  answer:
    title: an answer
    measures: [*duty, {retaliation: {by: C01, against: C00, equivalent_to: duty}}]
path:
  from: 2019-01-01
  until: 2019-07-01
  in_force: [{scenario: limit, from: 2019-01-01}]
report:
  protected: {country: C00, sector: s00}
  swap: {scenarios: [duty, limit], parties: [C00, C01]}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> ep.Study:
    path = tmp_path_factory.mktemp("little") / "case.yaml"
    Path(path).write_text(CASE, encoding="utf-8")
    return ep.run(path, economy=random_world(4, 2, 5))


def test_a_study_and_its_tables_go_to_another_process(study: ep.Study) -> None:
    shown, table = str(study), study.tables["welfare"]
    _ = study.figures
    again = pickle.loads(pickle.dumps(study))
    assert str(again) == shown
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(table)).frame, table.frame)
    assert pickle.loads(pickle.dumps(table)).cells == again.tables["welfare"].cells


def column(table: ResultTable, label: str) -> list[str]:
    """The cells of the column whose heading begins with `label`."""
    return [row[next(k for k, head in enumerate(table.head) if head.startswith(label))] for row in table.cells]


def test_parts_of_what_a_side_wants_add_up_to_the_total(study: ep.Study) -> None:
    table = study.tables["payoffs"]
    assert [head.split(",")[1].strip() for head in table.head[1:]] == ["real income", "value added", "total"]
    for _, *parts, total in table.rows:
        assert sum(parts) == pytest.approx(total)


def test_parts_that_a_side_does_not_want_have_no_column(study: ep.Study) -> None:
    assert not any(part in " ".join(study.tables["payoffs"].head) for part in ("profit", "revenue", "breach"))


@pytest.mark.parametrize("label", ["C00", "C01", "price", "output"])
def test_a_path_shows_what_it_adds_up(study: ep.Study, label: str) -> None:
    for cell in column(study.tables["path_quarters"], label):
        assert any(digit in "123456789" for digit in cell)


def test_rents_of_a_path_have_a_column(study: ep.Study) -> None:
    assert any(digit in "123456789" for cell in column(study.tables["path_totals"], "rents") for digit in cell)


def test_totals_of_an_interrupted_path_are_until_its_last_day(study: ep.Study) -> None:
    found = study.path
    assert found is not None
    (whole,) = path_tables(found)["path_totals"].notes
    assert whole.startswith("Change from the base from 1 January 2019 to 1 July 2019, discounted")
    first = replace(found.path, steps=found.path.steps[:1], complete=False)
    (part,) = path_tables(replace(found, path=first))["path_totals"].notes
    assert part.startswith("Change from the base from 1 January 2019 to 1 April 2019, discounted")


def test_rents_in_force_in_the_base_are_not_a_change(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(CASE, encoding="utf-8")
    held = ep.ImportQuota(importer="C01", exporter="C02", sector="s01", cap=0.5)
    base = ep.solve(random_world(4, 2, 5), [held]).as_economy("with a quota")
    study = ep.run(path, economy=base)
    assert study.path is not None
    (note,) = path_tables(study.path)["path_totals"].notes
    assert note.endswith("Rents: all that is held, with those of the base.")


def test_a_small_rent_has_a_holder(study: ep.Study) -> None:
    assert any(
        "a limit: a rent of US$3.0 thousand, held by exporters in C01;" in line for line in findings.findings(study)
    )


def test_what_the_industry_gains_is_reported(study: ep.Study) -> None:
    stated = [line for line in findings.findings(study) if line.startswith("Output of s00")]
    assert stated
    assert "rises most under" in stated[0]
    assert "Buyers in C00 pay 0.00034% more for s00" in " ".join(str(study).split())


def test_a_rate_that_answers_is_not_zero(study: ep.Study) -> None:
    goods = " and ".join(sector for sector in study.economy.sectors if sector in ("s00", "s01"))
    assert any(f": 0.045 points on {goods} from C00 take" in line for line in findings.findings(study))
    assert column(study.tables["retaliation_1"], "points")[:2] == ["0.045", "0.045"]


def test_a_small_wedge_is_not_zero(study: ep.Study) -> None:
    assert "0.1%" in column(study.tables["measures"], "wedge")


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        ((0.0071, 0.0042, 0.00953), "+0.0071% (+0.0042% to +0.0095%)"),
        ((0.02, -0.001, 0.06), "0.0% (0.0% to +0.1%)"),
        ((1e-9, -1e-9, 2e-9), "0.0% (0.0% to 0.0%)"),
        ((0.0, 0.0, 0.0), "0.0% (0.0% to 0.0%)"),
        ((-2.31, -4.0, -1.0), "-2.3% (-4.0% to -1.0%)"),
    ],
)
def test_an_interval_of_small_numbers_is_not_zero(ends: tuple[float, float, float], text: str) -> None:
    assert sweep_tables._percents(pd.Series(ends, index=["centre", "low", "high"])) == text


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        (SHARE, 0.00021, "0.021%"),
        (SHARE, 0.0006, "0.1%"),
        (SHARE, 1e-12, "0.0%"),
        (SHARE, 0.0, "0.0%"),
        (NUMBER, 0.0321, "0.032"),
        (NUMBER, 0.32, "0.3"),
        (NUMBER, -1e-12, "0.0"),
    ],
)
def test_cells_that_would_show_a_zero_have_two_significant_digits(unit: str, value: float, text: str) -> None:
    assert TableColumn("c", unit=unit).text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(5.23e-6, "0.0000052%"), (0.05, "0.05%"), (0.0052, "0.0052%"), (2.4, "2.4%"), (0.0, "0%")]
)
def test_percentages_in_sentences_have_no_exponent(value: float, text: str) -> None:
    assert words.percent_size(value) == text


def test_money_that_would_read_as_zero_has_two_significant_digits() -> None:
    columns = (TableColumn("scenario"), TableColumn("gain", unit=MONEY, signed=True))
    table = ResultTable("t", "T", columns, (("a", 48_300.0), ("b", 0.846), ("c", -4.2), ("d", 1e-4), ("e", 12.0)))
    assert [row[1] for row in table.cells] == ["+48.3", "+0.00085", "-0.0042", "0.00", "+0.01"]


NOTHING = {
    "case": "nothing",
    "title": "t",
    "question": "q",
    "parties": ["C00", "C01"],
    "scenarios": {
        "duty": {
            "title": "a duty",
            "measures": [
                {"tariff": {"importer": "C00", "exporter": "C01", "sector": "s00", "rate": 1e-3, "change": "add"}}
            ],
        }
    },
}


def test_a_gain_that_a_run_has_as_noise_is_none_in_a_sweep_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise is set so high here that thousands of dollars are noise, as they are for a large country."""
    for module in (words, sweep_sentences):
        monkeypatch.setattr(module, "NOISE", 1.0)
    world = random_world(4, 2, 5)
    case = case_of(NOTHING)
    run = ep.run(case, economy=world).tables["welfare"].cells
    assert [cell.partition(" ")[0] for cell in run[0][1:]] == ["0.00"] * 3
    over = {"theta": {"lognormal": [4.0, 0.1]}}
    swept = ep.sweep(case, world, uncertain=over, draws=2, store=tmp_path)
    raw = swept.intervals("welfare").query("number == 'equivalent_variation'")
    assert (raw["centre"].abs() > 5e-4).all()  # US$500
    assert swept_table(swept, "Who gains and who loses, and how sure") == [["a duty", *["0.00 (0.00 to 0.00)"] * 3]]
    stated = " ".join(sweep_sentences.sentences(swept))
    assert "nothing changes for C00" in stated
    assert "nothing changes for C01" in stated
    assert "in doubt" not in stated


def swept_table(swept: ep.Sweep, title: str) -> list[list[str]]:
    return next([list(row) for row in s.rows] for s in sweep_tables.sections(swept) if s.title == title)


def test_each_end_of_an_interval_that_is_noise_is_zero() -> None:
    keys = {"scenario": "duty", "party": ["C00", "C00", "C01", "C01"]}
    number = ["equivalent_variation", "real_income_pct"] * 2
    found = pd.DataFrame(keys | {"number": number, "centre": [-0.16, -9e-7, 5.0, 0.2]})
    found = found.assign(low=[-0.4, -2e-6, 4.0, 0.1], high=[0.1, 5e-7, 6.0, 0.3])
    money = sweep_sentences.gains_in_money(found)[["party", "centre", "low", "high"]]
    assert money.to_numpy().tolist() == [["C00", 0.0, -0.4, 0.0], ["C01", 5.0, 4.0, 6.0]]


def test_each_point_of_a_grid_that_is_noise_is_zero() -> None:
    number = {"number": "equivalent_variation", "centre": [-0.16, 5.0], "real_income_pct": [-9e-7, 0.2]}
    assert sweep_sentences.gains_in_money(pd.DataFrame(number))["centre"].tolist() == [0.0, 5.0]
