"""What each side wants, in the report of a case that says so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.studies import tidy_frames as tables

CASE = """
case: wanted
title: A tariff and what it is worth to each
question: Who would have it so?
parties: [USA, JPN]
objectives:
  USA: {value_added: {motor_vehicles: 0.5}}
  JPN: {market_share: [{importer: USA, sectors: [motor_vehicles], worth: 100}], breach: {inconsistent: 250}}
scenarios:
  tariff:
    title: 25 points
    measures:
      - tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 25%, change: add}
  restraint:
    title: Restraint
    measures:
      - ver: {importer: USA, exporter: JPN, sector: motor_vehicles, cap: {match: tariff}}
"""


@pytest.fixture(scope="module")
def study() -> ep.Study:
    return ep.run(read_case(CASE))


def test_parts_of_a_payoff_add_up(study: ep.Study) -> None:
    data = tables.payoffs(study).set_index(["scenario", "party", "part"])["payoff"]
    for (_, _), parts in data.groupby(["scenario", "party"]):
        total = parts.xs("total", level="part").item()
        assert total == pytest.approx(parts.sum() - total)
    gain = study.outcomes["tariff"].countries["equivalent_variation"]
    assert data["tariff", "USA", "real_income"] == pytest.approx(gain["USA"])
    assert data["tariff", "USA", "value_added"] > 0
    assert data["tariff", "JPN", "market_share"] < 0


def test_a_breach_is_counted_by_the_screen(study: ep.Study) -> None:
    data = tables.payoffs(study).set_index(["scenario", "party", "part"])["payoff"]
    assert data["tariff", "JPN", "breach"] == 0
    found = study.screen.of("restraint")
    broken = {f.rule for f in found if f.party == "JPN" and f.status is ep.rules.Status.INCONSISTENT}
    assert data["restraint", "JPN", "breach"] == -250 * len(broken)
    assert broken


def test_every_result_shows_what_is_wanted(study: ep.Study, tmp_path: Path) -> None:
    text = " ".join(str(study).split())
    assert "By what each side wants" in text
    assert "United States wants real income + 0.5 x value added of motor vehicles" in text
    page = study.to_html(tmp_path / "p.html").read_text(encoding="utf-8")
    assert "By what each side wants" in page
    assert "payoffs" in study.to_dict()["tables"]
    best = ep.bargaining.optimal_tariff(
        study.economy, "USA", sectors="motor_vehicles", objective=study.case.objectives["USA"]
    )
    assert "it wants: real income + 0.5 x value added of motor vehicles" in repr(best)


def test_nothing_is_shown_where_nothing_is_stated() -> None:
    study = ep.run(read_case(CASE.split("objectives:")[0] + "scenarios:" + CASE.split("scenarios:")[1]))
    assert tables.payoffs(study).empty
    assert isinstance(tables.payoffs(study), pd.DataFrame)
    assert "By what each side wants" not in str(study)
