"""The record: nothing is used before it was known, the talks in closed form, and the base rate of each day."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.errors import DocumentError, InputError, UnknownNameError
from entrepot.forecasting import RecordEntry, bundled_record, record_entry
from entrepot.forecasting.made_forecast import last_used
from entrepot.forecasting.record import WRITTEN, latest_day, read_entry
from entrepot.forecasting.talks_forecast import simple_forecast

RECORD = bundled_record()


def test_the_record_is_that_of_four_deadlines() -> None:
    outcomes = {entry.name: entry.outcome.way for entry in RECORD.entries}
    assert outcomes == {
        "us-canada-2018": "deal",
        "us-autos-2019": "nothing",
        "us-korea-2026": "deal",
        "us-eu-2026": "deal",
    }


@pytest.mark.parametrize("entry", RECORD.entries, ids=lambda entry: entry.name)
def test_no_forecast_uses_a_fact_of_after_its_day(entry: RecordEntry) -> None:
    assert max(fact.date for fact in entry.facts) <= entry.known_on < entry.outcome.date
    assert entry.forecast.known_on == entry.known_on
    used = {name for fact in entry.facts for name in fact.sources} | set(entry.outcome.sources)
    assert used == set(entry.sources), "a source that nothing refers to"
    for source in entry.sources.values():
        assert source.url.startswith("http")


def test_record_states_that_it_was_made_in_hindsight() -> None:
    assert all(entry.outcome.date <= WRITTEN for entry in RECORD.entries)
    assert all(entry.forecast.in_hindsight for entry in RECORD.entries)


@pytest.mark.parametrize("entry", RECORD.entries, ids=lambda entry: entry.name)
def test_the_outcome_follows_from_the_days_of_the_question(entry: RecordEntry) -> None:
    """Ways are exclusive: the measure by `until` counts first, then a deal by the deadline, and else nothing."""
    last = {"deal": entry.deadline, "measure": entry.until, "nothing": entry.until}[entry.outcome.way]
    assert entry.outcome.date <= last <= entry.final_on
    assert "the measure does not come" in entry.ways["deal"]
    assert entry.ways["nothing"].startswith("Neither")
    for way, day in (("deal", entry.deadline), ("measure", entry.until)):
        assert str(day.year) in entry.ways[way]


def test_other_choices_of_days_are_listed_with_their_scores() -> None:
    days = RECORD.other_days
    assert set(days.index.get_level_values("deadline of")) == set(RECORD.table.index)
    korea = days.loc[("us-korea-2026", "deadline", datetime.date(2026, 2, 28))]
    p = record_entry("us-korea-2026").forecast.probabilities
    brier = p["deal"] ** 2 + p["measure"] ** 2 + (1 - p["nothing"]) ** 2
    others = RECORD.table["brier"].drop("us-korea-2026").sum()
    assert korea["outcome"] == "nothing"
    assert korea["brier"] == pytest.approx(brier)
    assert korea["mean_brier"] == pytest.approx((others + brier) / 4)
    ranges = record_entry("us-korea-2026")
    earlier, _ = simple_forecast(
        ranges.known_on, datetime.date(2026, 2, 28), ranges.belief.pair, ranges.cost.pair, ranges.slip
    )
    assert earlier == pytest.approx(p)
    for (name, _, _), row in days.drop(index="us-korea-2026", level="deadline of").iterrows():
        assert row["outcome"] == record_entry(name).outcome.way


def test_a_reason_has_a_fact() -> None:
    for name in ("us-korea-2026", "us-eu-2026"):
        assert any("25 points on cars" in fact.fact for fact in record_entry(name).facts)


@pytest.mark.parametrize(
    ("text", "day"), [("2026-05-07", (2026, 5, 7)), ("2024-02", (2024, 2, 29)), ("2018", (2018, 12, 31))]
)
def test_a_date_of_a_source_counts_as_the_last_day_it_may_mean(text: str, day: tuple[int, int, int]) -> None:
    assert latest_day(text) == datetime.date(*day)


def changed(change: Callable[[dict[str, Any]], None]) -> str:
    import json

    entry = json.loads(RECORD.entries[0].model_dump_json())
    change(entry)
    return json.dumps(entry)


def test_a_fact_of_the_day_after_is_refused() -> None:
    later = changed(lambda e: e["facts"][0].update(date="2018-09-30"))
    with pytest.raises(DocumentError, match="2018-09-30 is after 2018-09-29, the last day whose facts count"):
        read_entry(later)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda e: e["outcome"].update(date="2018-09-29"), "nothing to forecast"),
        (lambda e: e.update(known_on="2018-10-02"), "after the deadline"),
        (lambda e: e["outcome"].update(way="war"), "'war' is not one of the ways"),
        (lambda e: e["outcome"].update(sources=["nowhere"]), "nothing has the id 'nowhere'"),
        (lambda e: e["ways"].pop("deal"), "ways"),
        (lambda e: e.update(luck=1), "luck"),
        (lambda e: e["outcome"].update(date="2018-10-01"), "a deal of 2018-10-01 is after the deadline, 2018-09-30"),
        (lambda e: e["outcome"].update(way="measure", date="2019-01-01"), "is after 2018-12-31, the last day"),
        (lambda e: e["outcome"].update(way="nothing", date="2018-12-30"), "the measure may come until 2018-12-31"),
        (lambda e: e.update(until="2018-09-29"), "2018-09-29 is before the deadline"),
        (lambda e: e["facts"][0].update(published_later=False), "the first of its sources is of 2019-06-17"),
        (lambda e: e["chosen"][0].update(way="war"), "'war' is not one of the ways"),
    ],
)
def test_invalid_entries_are_refused(change: Callable[[dict[str, Any]], None], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        read_entry(changed(change))


@pytest.mark.parametrize("entry", RECORD.entries, ids=lambda entry: entry.name)
def test_the_talks_are_those_of_a_target_that_signs_where_it_expects_to_lose_more(entry: RecordEntry) -> None:
    """By areas: it signs where the belief is above the cost, and else the measure comes as often as it believes."""
    (low, high), (cheap, dear) = entry.belief.pair, entry.cost.pair
    belief = np.linspace(low, high, 20_001)
    signs = np.clip((belief - cheap) / (dear - cheap), 0, 1)
    areas = {"deal": signs.mean(), "measure": (belief * (1 - signs)).mean()}
    for way, area in areas.items():
        assert entry.forecast.probabilities[way] == pytest.approx((1 - entry.slip) * area + entry.slip / 3, abs=0.006)


def test_the_base_rate_counts_what_was_known_on_the_day() -> None:
    rates = {entry.name: RECORD.base_rate(entry) for entry in RECORD.entries}
    assert rates["us-canada-2018"]["deal"] == pytest.approx(1 / 3)
    assert rates["us-autos-2019"]["nothing"] == pytest.approx(1 / 4)
    assert rates["us-korea-2026"]["deal"] == pytest.approx(2 / 5)
    assert rates["us-eu-2026"]["deal"] == pytest.approx(3 / 6)


def test_four_entries_cannot_show_skill() -> None:
    assert RECORD.least_p == 0.125


# ---- forecasts ----


def test_a_forecast_of_the_record_is_the_record_s_own() -> None:
    made = ep.forecasting.forecast("us-eu-2026", made_on=WRITTEN)
    assert made == record_entry("us-eu-2026").forecast


def test_the_day_of_the_record_does_not_carry_over_to_a_reader_s_own_numbers() -> None:
    even = dict.fromkeys(("deal", "measure", "nothing"), 1 / 3)
    for own in ({"ways": even}, {"belief": (0.1, 0.2)}, {"cost": (0.1, 0.2)}, {"slip": 0.2}):
        assert ep.forecasting.forecast("us-eu-2026", **own).known_on == datetime.date(2026, 7, 4)
    stated = ep.forecasting.forecast("us-eu-2026", ways=even, known_on=datetime.date(2026, 5, 1))
    assert stated.known_on == datetime.date(2026, 5, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"deadline": datetime.date(2027, 1, 1)}, "leave it out"),
        ({"made_on": datetime.date(2026, 5, 8)}, "was written on"),
        ({"known_on": datetime.date(2026, 5, 1)}, "its ranges are from what was known on 2026-05-07"),
    ],
)
def test_forecast_of_a_recorded_deadline_refuses_other_days(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ep.forecasting.forecast("us-eu-2026", **options)


def test_what_is_made_from_the_record_is_in_hindsight_from_the_day_on_which_it_ended() -> None:
    even = dict.fromkeys(("deal", "measure", "nothing"), 1 / 3)
    made = ep.forecasting.forecast("us-korea-2026", ways=even)
    assert made.ended_on == datetime.date(2026, 3, 12)
    assert made.in_hindsight
    assert replace(made, made_on=datetime.date(2026, 3, 20), known_on=datetime.date(2026, 3, 11)).in_hindsight


def test_the_deadline_of_a_case_is_its_own() -> None:
    half = {"deal": 0.5, "nothing": 0.5}
    with pytest.raises(InputError, match="the deadline of its question is 2026-07-04"):
        ep.forecasting.forecast("us-eu-autos-2026", ways=half, deadline=datetime.date(2027, 1, 1))
    due = datetime.date(2027, 1, 1)
    assert ep.forecasting.forecast("eu-steel-trq", ways=half, deadline=due).deadline == due


def test_the_talks_of_a_case_use_what_its_deals_and_signals_cite() -> None:
    used = last_used(ep.load_case("us-japan-autos-2019"))
    assert used == datetime.date(2019, 10, 31)  # the sources of the deal of October 2019 are of 2019-09 and 2019-10
    with pytest.raises(InputError, match="its talks use what is of 2019-10-31"):
        ep.forecasting.forecast("us-japan-autos-2019", known_on=datetime.date(2019, 5, 17))


def test_what_a_reader_states_replaces_the_record_s() -> None:
    sure = ep.forecasting.forecast("us-eu-2026", belief=(1.0, 1.0), cost=(0.1, 0.1), slip=0.0)
    assert sure.probabilities == {"deal": 1.0, "measure": 0.0, "nothing": 0.0}
    own = ep.forecasting.forecast("us-eu-2026", ways={"deal": 0.6, "measure": 0.3, "nothing": 0.1})
    assert own.probabilities["measure"] == 0.3
    assert "belief" not in own.assumptions


def test_a_case_without_beliefs_needs_stated_probabilities() -> None:
    with pytest.raises(InputError, match="no beliefs"):
        ep.forecasting.forecast("us-eu-autos-2026")
    made = ep.forecasting.forecast(
        "us-eu-autos-2026", ways={"deal": 0.6, "nothing": 0.4}, made_on=datetime.date(2026, 6, 1)
    )
    assert (made.deadline, made.known_on) == (datetime.date(2026, 7, 4), datetime.date(2026, 6, 1))
    assert not made.in_hindsight


def test_a_case_without_a_deadline_needs_one() -> None:
    with pytest.raises(InputError, match="has no deadline"):
        ep.forecasting.forecast("eu-steel-trq", ways={"deal": 0.5, "nothing": 0.5})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"belief": (0.6, 0.1)}, "lower end first"),
        ({"belief": (0.0, 1.2)}, "belief 0 to 1.2"),
        ({"cost": (-0.1, 1.0)}, "cost -0.1 to 1"),
        ({"slip": 1.5}, "slip 1.5"),
        ({"ways": {"deal": 0.5, "nothing": 0.5}, "slip": 0.1}, "not both"),
    ],
)
def test_numbers_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ep.forecasting.forecast("us-korea-2026", **options)


def test_an_unknown_name_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError):
        record_entry("us-korea-2062")


@pytest.mark.slow
def test_a_case_with_beliefs_is_forecast_by_its_own_talks() -> None:
    made = ep.forecasting.forecast("us-japan-autos-2019", slip=0.3, known_on=datetime.date(2019, 10, 31))
    ends = ep.bargaining.case_talks("us-japan-autos-2019").end_probabilities
    for way, p in ends.items():
        assert made.probabilities[way] == pytest.approx(0.7 * p + 0.1, abs=1e-9)
    assert made.known_on == datetime.date(2019, 10, 31)
    assert made.assumptions["case_sha256"] == ep.load_case("us-japan-autos-2019").fingerprint
    assert made.deadline == datetime.date(2019, 11, 13)
