"""Notes on duties below zero and on duties of two measures on one flow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.cases.case_checks import check_case
from entrepot.cases.load import read_case
from entrepot.languages import speaking
from entrepot.measures.duty_notes import duty_notes
from entrepot.studies.first_screen import first_screen
from worlds import place, random_world

WORLD = random_world(3, 2, seed=4)
FLOWS = (*place(WORLD, "s00", "C00"), list(place(WORLD, "C01", "C02")))
WHERE: dict[str, Any] = {"importer": "C00", "exporter": ["C01", "C02"], "sector": "s00"}


def noted(*measures: ep.measures.Measure) -> tuple[str, ...]:
    return duty_notes(ep.measures.Policy.of(WORLD, measures))


def test_duties_below_zero_are_noted_with_the_flows_and_their_share_of_trade() -> None:
    base, value = WORLD.tariff[FLOWS], WORLD.value[FLOWS]
    points = float(base.mean())  # one of the two flows has a higher duty, the other a lower one
    (note,) = noted(ep.Tariff(**WHERE, rate=-points, change="add"))
    low = base < points
    share = 100 * value[low].sum() / value.sum()
    assert low.sum() == 1
    assert f"below zero on 1 of its 2 flows ({share:.0f}% of their trade)" in note
    assert f"down to {100 * round(float(base.min()) - points, 3):.6g}%: an import subsidy" in note
    assert "to cut duties use change: cut" in note


def test_counts_of_one_flow_are_in_the_singular() -> None:
    one = WHERE | {"exporter": "C01"}
    (note,) = noted(ep.Tariff(**one, rate=-0.4, change="add"))
    assert "takes the duty below zero, down to -" in note, "one flow has no part"
    assert "an import subsidy" in note
    below = noted(ep.Tariff(**one, rate=-0.9, change="add"))[0]
    assert below.startswith("Check the rate: ")
    assert "below zero, down to -" in below
    both = noted(ep.Tariff(**WHERE, rate=0.1, change="add"), ep.Tariff(**WHERE, rate=0.2, change="add"))[0]
    assert "and 1 more flow:" in both


@pytest.mark.parametrize(("small", "share"), [("argmin", "<1%"), ("argmax", ">99%")])
def test_a_part_of_trade_is_neither_none_nor_all_of_it(small: str, share: str) -> None:
    """One of two flows is hardly traded: the one whose duty falls below zero, or the other."""
    base, value = WORLD.tariff[FLOWS], WORLD.value.copy()
    value[(*place(WORLD, "s00", "C00"), FLOWS[2][int(getattr(base, small)())])] *= 1e-3
    policy = ep.measures.Policy.of(
        replace(WORLD, value=value), [ep.Tariff(**WHERE, rate=-float(base.mean()), change="add")]
    )
    (note,) = duty_notes(policy)
    assert f"below zero on 1 of its 2 flows ({share} of their trade)" in note


@pytest.mark.parametrize(
    "measures",
    [
        [ep.Tariff(**WHERE, rate=float(-WORLD.tariff[FLOWS].min()), change="add")],  # to zero, no further
        [ep.Tariff(**WHERE, rate=1.0, change="cut")],
        [ep.Tariff(**WHERE, rate=0.0)],
        [ep.Tariff(**WHERE, rate=-0.05, change="add"), ep.Tariff(**WHERE, rate=0.3)],
    ],
)
def test_a_duty_of_zero_or_more_is_no_subsidy(measures: list[ep.measures.Measure]) -> None:
    assert not any("below zero" in note for note in noted(*measures))


def test_a_subsidy_of_half_the_price_asks_for_a_second_look() -> None:
    assert noted(ep.Tariff(**WHERE, rate=-0.4))[0].startswith("'tariff of -40%")
    assert noted(ep.Tariff(**WHERE, rate=-0.6))[0].startswith("Check the rate: 'tariff of -60%")


def test_rates_are_written_as_the_language_writes_them() -> None:
    with speaking("de"):
        (note,) = noted(ep.Tariff(**WHERE, rate=-0.405))
    assert "-40,5\N{NO-BREAK SPACE}%" in note
    assert "100\N{NO-BREAK SPACE}%" in note


def test_a_set_duty_and_points_on_one_flow_add_up_to_what_is_levied() -> None:
    everything = ep.Tariff(importer="C00", exporter="C01", sector="ALL", rate=0.4, change="add")
    (note,) = noted(everything, ep.Tariff(importer="C00", exporter="C01", sector="s01", rate=0.5))
    assert "s01 from C01 into C00: they add up, to 90% there. Where only one is to be levied" in note
    assert "(sector, exempt)" in note
    assert not noted(everything, ep.Tariff(importer="C00", exporter="C02", sector="s01", rate=0.5))
    assert not noted(ep.Tariff(**WHERE, rate=0.5), ep.Tariff(**WHERE, rate=0.5))  # one duty, stated twice


def test_points_of_two_measures_come_on_top_of_the_base_duty() -> None:
    (note,) = noted(*(ep.Tariff(**WHERE, rate=rate, change="add") for rate in (0.1, 0.05)))
    low, high = (round(float(end(WORLD.tariff[FLOWS])) + 0.15, 3) for end in (np.min, np.max))
    assert f"they add up, to {100 * low:.6g}% to {100 * high:.6g}% there" in note


CASE = """\
case: below-zero
title: t
question: q
economy: world2022
parties: [C00, C01]
scenarios:
  first: {title: the first, measures: [{tariff: {importer: C00, exporter: C01, sector: s00, rate: 10%}}]}
  other: {title: the other, measures: [{tariff: {importer: C00, exporter: C01, sector: s00, rate: -60%}}]}
"""


def test_the_notes_reach_the_check_the_first_screen_and_the_page() -> None:
    case = read_case(CASE)
    (checked,) = [note for note in check_case(case, WORLD) if "below zero" in note]
    assert checked.startswith("other: Check the rate:")
    study = ep.run(case, WORLD)
    (noted,) = study.headline().notes
    assert 'the other": Check the rate:' in noted.replace("”", '"')
    answers = first_screen(study)["answers"]
    assert any("below zero" in line for line in answers["other"]["sentences"])
    assert not any("below zero" in line for line in answers["first"]["sentences"])


def test_the_table_says_that_what_is_collected_is_of_all_duties_on_the_flows() -> None:
    twice = CASE.replace(
        "rate: -60%}}]", "rate: 60%}}, {tariff: {importer: C00, exporter: C01, sector: s00, rate: 5%, change: add}}]"
    )
    study = ep.run(read_case(twice), WORLD)
    collected = study.tables()["measures"].query("scenario == 'other'")["revenue"].tolist()
    assert collected[0] == pytest.approx(collected[1], rel=1e-12)
    whole = study.outcomes["other"].accounts.duty[place(WORLD, "s00", "C00", "C01")]
    assert collected[0] == pytest.approx(whole, rel=1e-12)
    (table,) = [table for name, table in study.tables.laid_out.items() if name == "measures"]
    assert any(head.startswith("collected on its flows") for head in table.head)
    assert "by all measures and the base duty together" in " ".join(table.notes)
