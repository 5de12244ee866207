"""The record: nothing is used before it was known, the talks in closed form, and the base rate of each day."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.errors import DocumentError, InputError, UnknownNameError
from entrepot.forecasting import RecordEntry, bundled_record, record_entry
from entrepot.forecasting.record import WRITTEN, read_entry

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


def test_all_of_it_was_made_in_hindsight_and_so_it_states() -> None:
    assert all(entry.outcome.date <= WRITTEN for entry in RECORD.entries)
    assert all(entry.forecast.in_hindsight for entry in RECORD.entries)


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
    ],
)
def test_entries_that_cannot_be(change: Callable[[dict[str, Any]], None], message: str) -> None:
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
    made = ep.forecasting.forecast("us-japan-autos-2019", slip=0.3)
    ends = ep.bargaining.case_talks("us-japan-autos-2019").end_probabilities
    for way, p in ends.items():
        assert made.probabilities[way] == pytest.approx(0.7 * p + 0.1, abs=1e-9)
    assert made.known_on == datetime.date(2019, 5, 17)
    assert made.deadline == datetime.date(2019, 11, 13)
