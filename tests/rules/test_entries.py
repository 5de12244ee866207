"""Reading of the law data: an error in an entry is reported with its file, line and key."""

from __future__ import annotations

import datetime

import pytest

import entrepot as ep
from entrepot.rules.book import (
    Agreement,
    Contest,
    DatedRate,
    Limit,
    Rate,
    Statute,
    agreements,
    rates,
    rules,
    statutes,
)
from entrepot.rules.entry import read_entries

GOOD = """\
- id: one
  country: USA
  item: cars
  hs: "8703"
  isic4: "29"
  kind: mfn
  values:
    - {since: 2000-01-01, rate: 0.025}
    - {since: 2010-01-01, rate: 0.1}
  source: {title: A schedule}
  confidence: seen
- id: two
  country: EU
  item: wheat
  hs: "1001"
  isic4: "01"
  kind: mfn
  values: [{since: 2000-01-01, specific: so much a tonne}]
  source: {title: A schedule}
  confidence: general
"""


def test_entries_by_id_in_their_order() -> None:
    found = read_entries(GOOD, Rate, "rates.yaml")
    assert list(found) == ["one", "two"]
    assert found["one"].on(datetime.date(2009, 12, 31)) == DatedRate(since=datetime.date(2000, 1, 1), rate=0.025)
    with pytest.raises(ValueError, match="frozen"):
        found["one"].item = "trucks"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("rate: 0.1}", "rate: 25}", 9, "values.2.rate", "one: 25.0 is out of range; give a fraction such as 0.025"),
        ("rate: 0.1}", "rate: -0.1}", 9, "values.2.rate", "one: -0.1 is out of range"),
        (
            "kind: mfn\n  values: [",
            "kind: mfm\n  values: [",
            17,
            "kind",
            "two: 'mfm' is not a choice; did you mean mfn?",
        ),
        ('  hs: "1001"\n', '  hs: "1001"\n  hz: 5\n', 16, "hz", "two: unknown key; known: id, source, confidence, "),
        ("{title: A schedule}", "{title: A schedule, ulr: x}", 10, "source.ulr", "one: unknown key; did you mean url"),
        ("confidence: general", "confidence: sure", 20, "confidence", "two: 'sure' is not a choice; known: seen, "),
        ("id: two", "id: one", 12, "", "the id 'one' is repeated"),
        ("  country: EU\n", "", 12, "country", "two: is missing"),
        ("{title: A schedule}\n  confidence: general", "Law 1\n  confidence: general", 19, "source", "two: must be"),
        ("- id: two\n  country", "- country", 12, "id", "entry 2: is missing"),
    ],
)
def test_error_in_an_entry_has_line_and_key(old: str, new: str, line: int, key: str, says: str) -> None:
    with pytest.raises(ep.errors.DocumentError, match=f"rates.yaml, line {line}") as caught:
        read_entries(GOOD.replace(old, new), Rate, "rates.yaml")
    assert says in str(caught.value)
    assert caught.value.line == line
    assert caught.value.key == key


def test_first_of_several_errors_is_reported() -> None:
    text = GOOD.replace("item: wheat", "item: 7").replace("kind: mfn\n  values: [", "kind: mfm\n  values: [")
    with pytest.raises(ep.errors.DocumentError, match="two: must be a text") as caught:
        read_entries(text, Rate, "rates.yaml")
    assert (caught.value.line, caught.value.key) == (14, "item")


@pytest.mark.parametrize("text", ["id: one\n", "one\n"])
def test_a_list_is_needed(text: str) -> None:
    with pytest.raises(ep.errors.DocumentError, match="a list of entries is needed"):
        read_entries(text, Rate, "rates.yaml")
    with pytest.raises(ep.errors.DocumentError, match="entry 1: "):
        read_entries("- one\n", Rate, "rates.yaml")


@pytest.mark.parametrize(("rate", "fine"), [(0.0, True), (10.0, True), (10.01, False), (-0.001, False)])
def test_rates_are_fractions(rate: float, fine: bool) -> None:
    day = datetime.date(2000, 1, 1)
    if fine:
        assert DatedRate(since=day, rate=rate).rate == rate
    else:
        with pytest.raises(ValueError, match="a fraction such as"):
            DatedRate(since=day, rate=rate)
    assert DatedRate(since=day, specific="in words").rate is None
    assert DatedRate(since=day, rate=None, specific="in words").rate is None


def test_a_contest_from_its_first_day_to_the_day_before_its_last() -> None:
    day, one = datetime.date(2020, 5, 1), datetime.timedelta(days=1)
    open_ended = Contest(since=day, what="?", authorities=("a", "b"))
    assert [open_ended.on(d) for d in (day - one, day, datetime.date(2099, 1, 1))] == [False, True, True]
    closed = Contest(since=day, until=day + 2 * one, what="?", authorities=("a", "b"))
    assert [closed.on(day + k * one) for k in (-1, 0, 1, 2)] == [False, True, True, False]


def test_a_rule_lists_the_facts_that_it_asks_for_once() -> None:
    assert rules()["sg-11-1-b"].facts == ("is_export_restraint", "quota_by_agreement", "restraint_by_government")
    assert rules()["sg-2"].facts == (
        "safeguard_claimed",
        "not_all_origins",
        "serious_injury_found",
        "causal_link_shown",
    )
    assert rules()["scm-3"].facts == (
        "is_export_subsidy",
        "some_goods_not_farm",
        "export_subsidy_within_commitments",
    )
    assert rules()["sg-11-fn-3"].facts[:2] == ("safeguard_claimed", "is_import_quota")


def test_optional_keys_of_entries_have_neutral_defaults() -> None:
    contest = Contest(since=datetime.date(2020, 5, 1), what="?", authorities=("a", "b"))
    assert contest.despite_facts is False
    assert Limit().all_origins is False
    text = statutes()["us-232"].model_dump(exclude={"negotiates_restraint"})
    assert Statute.model_validate(text).negotiates_restraint is False


def test_an_agreement_has_two_parties_and_a_rate_a_value() -> None:
    agreement, rate = agreements()["us-japan-2019"].model_dump(), rates()["us-cars-mfn"].model_dump()
    assert len(Agreement.model_validate(agreement | {"parties": ["JPN", "USA"]}).parties) == 2
    with pytest.raises(ValueError, match="parties"):
        Agreement.model_validate(agreement | {"parties": ["JPN"]})
    assert len(Rate.model_validate(rate | {"values": rate["values"][:1]}).values) == 1
    with pytest.raises(ValueError, match="values"):
        Rate.model_validate(rate | {"values": []})


def test_the_last_of_the_values_that_have_come_in_whatever_order() -> None:
    days = [datetime.date(year, 1, 1) for year in (2010, 2020, 2000)]
    listed = [DatedRate(since=day, rate=day.year / 10_000) for day in days]
    rate = rates()["us-cars-mfn"].model_copy(update={"values": tuple(listed)})
    year = datetime.timedelta(days=365)
    assert [rate.on(day) for day in days] == listed
    assert rate.on(days[0] + year) == listed[0]
    assert rate.on(days[2] - datetime.timedelta(days=1)) is None
