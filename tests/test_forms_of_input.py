"""Days, decimal commas, GOODS and billions: forms that only one reading fits are read, the others are refused."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.cases.screening import read_date
from entrepot.data.sources import import_economy
from entrepot.dates import day_of
from entrepot.errors import DocumentError, InputError, MeasureError
from entrepot.measures.fields import read_cap, read_rate
from entrepot.measures.measure import known_goods, sectors_of
from entrepot.rules.retaliation import goods
from worlds import random_world


@pytest.mark.parametrize(
    "text",
    ["2026-03-15", "15 Mar 2026", "15 March 2026", "15-mar-2026", "15. March 2026", "March 15, 2026", "Mar. 15 2026",
     "2026/3/15", "2026.03.15", "2026 Mar 15", "15th March 2026"],
)  # fmt: skip
def test_a_day_in_a_form_with_one_reading(text: str) -> None:
    assert day_of(text) == datetime.date(2026, 3, 15)


@pytest.mark.parametrize(
    "given", [datetime.date(2026, 3, 15), datetime.datetime(2026, 3, 15, 9, 30), pd.Timestamp("2026-03-15 23:59")]
)
def test_a_time_is_its_day(given: datetime.date) -> None:
    day = datetime.date(2026, 3, 15)
    assert [type(day_of(given)), type(read_date("on", given))] == [datetime.date] * 2
    assert day_of(given) == read_date("on", given) == day
    duty = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.25)
    assert ep.screen(duty, "world2014", on=given).to_frame().equals(ep.screen(duty, "world2014", on=day).to_frame())


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_by_its_names(month: int) -> None:
    day = datetime.date(2026, month, 9)
    assert day_of(f"{day:%d %b %Y}") == day_of(f"{day:%B %d, %Y}") == day


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("23.7.2026", "; write 2026-07-23$"),
        ("3.7.2026", "; write 2026-07-03 or 2026-03-07$"),
        ("31 Feb 2026", "no such"),
        ("7/23/2026", "; write 2026-07-23$"),
        ("soon", "2019-05-17$"),
        ("15 Foo 2026", "2019-05-17$"),
        ("1654041600", "2019-05-17$"),
        ("2026031512", "2019-05-17$"),
        ("2026-W11", "2019-05-17; write 2026-03-09, the Monday of that week"),
    ],
)
def test_a_day_that_two_countries_read_as_two_is_refused(text: str, hint: str) -> None:
    with pytest.raises(InputError, match=hint):
        read_date("--on", text)


@pytest.mark.parametrize(
    ("text", "rate"),
    [("12,5%", 0.125), ("12,5 %", 0.125), ("+12,5%", 0.125), ("0,125", 0.125), ("1,2345%", 0.012345), ("1,000%", 10.0)],
)
def test_a_decimal_comma_that_is_not_one_between_thousands(text: str, rate: float) -> None:
    assert read_rate("rate", text) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["1,2,5%", "1.000,5%", "12,,5%", ",5%"])
def test_other_commas_are_refused(text: str) -> None:
    with pytest.raises(MeasureError, match="decimals take a point"):
        read_rate("rate", text)


def test_an_unquoted_comma_in_braces_is_named() -> None:
    tariff = "{importer: USA, exporter: CHN, sector: food, rate: 12,5%}"
    text = (
        "case: c\ntitle: C\nquestion: Q?\nparties: [USA]\nscenarios:\n"
        f"  a: {{title: A, measures: [{{tariff: {tariff}}}]}}\n"
    )
    with pytest.raises(DocumentError, match=r"'5%' is not a key.*write 12.5%, or '12,5%' in quotes"):
        read_case(text)


@pytest.mark.parametrize(("text", "millions"), [("40bn", "40000"), ("2.5 billion", "2500"), ("1b", "1000")])
def test_a_cap_in_billions_is_refused_with_its_millions(text: str, millions: str) -> None:
    with pytest.raises(MeasureError, match=rf"write {millions}m on the command line"):
        read_cap(text, "share")


def test_goods_are_the_sectors_that_make_goods(world: ep.Economy) -> None:
    assert sectors_of("goods", world, "x") == known_goods(world) == goods(world)
    duty = ep.Tariff(importer="USA", exporter="CHN", sector="GOODS", rate=0.1)
    listed = ep.Tariff(importer="USA", exporter="CHN", sector=list(goods(world)), rate=0.1)
    assert np.array_equal(duty.flows(world), listed.flows(world))
    assert len(goods(world)) < len(world.sectors)


def test_goods_on_sectors_of_ones_own_are_to_be_named() -> None:
    economy = random_world(3, 4, seed=2)
    with pytest.raises(MeasureError, match="it is not known which sectors"):
        ep.Tariff(importer="C00", exporter="C01", sector="GOODS", rate=0.1).flows(economy)


def test_all_that_was_mended_in_the_trade_table_is_noted(tmp_path: Path) -> None:
    rows = [f"{n};{i};goods;{'100;0,0' if n == i else '10;0,02'};x" for n in ("USA", "JPN") for i in ("USA", "JPN")]
    (tmp_path / "trade.csv").write_text("\n".join(["importer;exporter;sector;value;tariff;remark", *rows]))
    found = import_economy("tables", tmp_path, theta=4)
    noted = " ".join(found.economy.notes)
    assert "column 'remark' not used" in noted
    assert "The column 'tariff' is read with a comma before decimals" in noted


@pytest.mark.parametrize("text", ["25 percent", "25 per cent", "25percent", "25 pct", "25 Percent", "25pp"])
def test_a_percentage_in_words(text: str) -> None:
    assert read_rate("rate", text) == 0.25


def test_percentage_points_are_added_and_never_set() -> None:
    where = {"importer": "USA", "exporter": "JPN", "sector": "food"}
    assert ep.Tariff(**where, rate="25pp", change="add").rate == 0.25
    with pytest.raises(MeasureError, match="'25pp' are points on top of the duty: state change: add"):
        ep.Tariff(**where, rate="25pp")
    with pytest.raises(MeasureError, match="out_rate: '25pp' are points"):
        ep.TariffRateQuota(**where, cap=0.8, out_rate="25pp")
    line = ep.measures.instruments()["tariff"].of_line("USA:JPN:food:25pp")
    assert line == ep.Tariff(**where, rate=0.25, change="add")


LIVE = """\
case: live
title: t
question: q
parties: [USA, JPN]
law: {on: 2026-11-30}
calendar:
  - {date: 2026-06-01, event: The surcharge begins, kind: us-122-applied}
objectives:
  USA: {value_added: {food: 0.2}, revenue: 0.1}
scenarios:
  tariff: {title: t, measures: [{tariff: {importer: USA, exporter: JPN, sector: food, rate: 5%}}]}
timeline:
  from: 2026-06-01
  until: 2028-06-01
  deadline: 2027-01-31
  if_agreed: {in_force: []}
  if_lapsed: {in_force: [{scenario: tariff, from: 2027-02-01}]}
path: {branch: lapsed}
"""


def test_days_of_a_case_are_read_as_those_of_the_command_line() -> None:
    """Wherever a case has a day: its calendar, its law, a deadline that may also be a clock."""
    other = (
        LIVE.replace("date: 2026-06-01", 'date: "1 June 2026"')
        .replace("on: 2026-11-30", "on: 30 Nov 2026")
        .replace("deadline: 2027-01-31", "deadline: January 31, 2027")
        .replace("from: 2027-02-01", "from: 2027/02/01")
    )
    assert read_case(other).fingerprint == read_case(LIVE).fingerprint
    with pytest.raises(
        DocumentError, match=r"line 7: calendar.1.date: '1.6.2026' is not a date .*; write 2026-06-01 or"
    ):
        read_case(LIVE.replace("date: 2026-06-01", "date: 1.6.2026"))


def test_weights_of_an_objective_may_be_percentages() -> None:
    other = LIVE.replace("food: 0.2", "food: 20%").replace("revenue: 0.1", "revenue: 10 percent")
    assert read_case(other).fingerprint == read_case(LIVE).fingerprint
    with pytest.raises(DocumentError, match=r"line 9: objectives.USA.value_added.food: 'much' is neither a number nor"):
        read_case(LIVE.replace("food: 0.2", "food: much"))


def test_a_path_names_its_branch_by_its_key_in_the_timeline() -> None:
    assert read_case(LIVE.replace("branch: lapsed", "branch: if_lapsed")).path_plan() == read_case(LIVE).path_plan()
