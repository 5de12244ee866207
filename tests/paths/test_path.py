"""Paths as a whole: today's timeline where nothing remembers, steps and days, tables, interrupts, what is refused."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.paths.dated import Dated
from entrepot.paths.growing_elasticities import Elasticities
from entrepot.paths.window import time_steps
from shelves import slow, slow_after
from worlds import random_world

TARIFF = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=0.1, change="add", label="ten points")
OTHER = ep.Tariff(importer="C01", exporter="C02", sector="s01", rate=0.05, change="add", label="five elsewhere")
WINDOW: dict[str, Any] = {"since": "2019-01-01", "until": "2021-02-15"}


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 2, seed=11)


CASE = """\
case: steps
title: Steps
question: What if?
parties: [C00, C01]
scenarios:
  first: {title: first, measures: [{tariff: {importer: C00, exporter: C01, sector: s00, rate: 10%, change: add}}]}
  second: {title: second, measures: [{tariff: {importer: C01, exporter: C02, sector: s01, rate: 5%, change: add}}]}
report:
  protected: {country: C00, sector: s00}
  markets: [{title: market, importer: C00, sectors: [s00], exporters: [C01, C02]}]
timeline:
  from: 2019-01-01
  until: 2021-02-15
  discount_rate: 4%
  in_force: [{scenario: first, from: 2019-05-20, until: 2020-11-03}, {scenario: second, from: 2020-04-01}]
"""


@pytest.mark.parametrize("expectations", ["foresight", "myopic", "beliefs"])
def test_where_nothing_remembers_a_path_is_the_timeline_of_a_case(e: ep.Economy, expectations: Any) -> None:
    timeline = ep.run(read_case(CASE), e).timeline
    assert timeline is not None
    path = ep.paths.solve(
        e,
        [Dated(TARIFF, since="2019-05-20", until="2020-11-03"), Dated(OTHER, since="2020-04-01")],
        **WINDOW, expectations=expectations, discount_rate=0.04,
        markets={"market": ep.Tariff(importer="C00", sector="s00", rate=0.0)},
    )  # fmt: skip
    assert path.equilibria == timeline.states
    was = timeline.path.set_index(["what", "quantity", "quarter"])["value"].sort_index()
    for party in ("C00", "C01"):
        mine = path.countries.xs(party, level="country")
        for key in ("real_income_pct", "equivalent_variation", "tariff_revenue_change", "quota_rent"):
            np.testing.assert_allclose(mine[key], was[party, key], rtol=1e-7, atol=1e-7)
    market = path.markets.xs("market", level="market")
    np.testing.assert_allclose(market["imports"], was["market", "imports"], rtol=1e-8)
    np.testing.assert_allclose(market["real_import_price_pct"], was["market", "real_import_price_pct"], atol=1e-8)
    industry = path.sectors.xs(("C00", "s00"), level=("country", "sector"))["output_volume_pct"]
    np.testing.assert_allclose(industry, was.xs("output_volume_pct", level="quantity"), atol=1e-7)
    totals = timeline.totals.set_index("party").loc[["C00", "C01"]]
    for key in ("equivalent_variation", "tariff_revenue_change"):
        np.testing.assert_allclose(path.totals.loc[["C00", "C01"], key], totals[key], rtol=1e-7, atol=1e-7)


def test_steps_are_calendar_quarters_or_years_cut_at_the_ends() -> None:
    entries = [Dated(TARIFF, since="2019-05-20", until="2020-11-03")]
    first, after = datetime.date(2019, 2, 10), datetime.date(2020, 11, 20)
    quarters = time_steps(entries, first, after, "quarter")
    assert [str(s.first) for s in quarters[:3]] == ["2019-02-10", "2019-04-01", "2019-07-01"]
    assert quarters[-1].end == after
    assert [s.years for s in quarters[1:3]] == [0.25, 0.25]
    assert quarters[0].years == pytest.approx(50 / 365.25)
    assert quarters[1].states == ((frozenset(), 49 / 91), (frozenset({0}), 42 / 91))
    assert quarters[1].under([]).states == ((frozenset(), 1.0),)
    late, last = datetime.date(9999, 9, 1), datetime.date.max
    assert [s.end for s in time_steps((), late, last, "quarter")] == [datetime.date(9999, 10, 1), last]
    assert [s.end for s in time_steps((), late, last, "year")] == [last]
    years = time_steps(entries, first, after, "year")
    assert [str(s.end) for s in years] == ["2020-01-01", "2020-11-20"]
    assert sum(s.length for s in years) == pytest.approx(sum(s.length for s in quarters))


@pytest.mark.parametrize(
    ("expectations", "stock"),
    [
        *((how, {"capital": ep.paths.Capital()}) for how in ("foresight", "myopic")),
        ("myopic", {"mobility": ep.paths.Mobility("C00")}),
        slow(("beliefs", {"capital": ep.paths.Capital()})),
        slow(("foresight", {"mobility": ep.paths.Mobility("C00")})),
    ],
)
def test_a_window_that_begins_late_is_a_part_of_the_path(
    e: ep.Economy, expectations: Any, stock: dict[str, Any]
) -> None:
    """Stocks have been moving since a measure began, also one that has ended, or since it was announced."""
    entries = [
        Dated(TARIFF, since="2019-04-01", until="2020-08-01", announced="2019-01-01"),
        Dated(OTHER, since="2021-05-01", announced="2020-02-01", probability=0.5),
    ]
    whole, late = (
        ep.paths.solve(e, entries, since=since, until="2022-01-01", expectations=expectations, **stock)
        for since in ("2019-01-01" if expectations == "beliefs" else "2019-04-01", "2021-01-01")
    )
    assert late.days == whole.days[-4:]
    np.testing.assert_allclose(late.countries, whole.countries.loc[list(late.days)], atol=1e-6)
    if "capital" in stock:
        moved = late.countries["capital_pct"]
    else:
        np.testing.assert_allclose(late.workers, whole.workers.loc[list(late.days)], atol=1e-6)
        moved = late.workers["sector_employment_pct"]
    assert np.abs(moved.loc[late.days[0]]).max() > 1e-5


def test_amounts_are_measured_from_the_deficits_of_the_base_as_percents_are(e: ep.Economy) -> None:
    closure = ep.Closure(deficit="closed")
    path = ep.paths.solve(e, {"2019-01-01": TARIFF}, since="2019-01-01", until="2020-01-01", closure=closure)
    static = ep.solve(e, TARIFF, closure=closure).countries
    first, before = path.countries.loc[path.days[0]], (e.tariff * e.value).sum(axis=(0, 2))
    for key in ("real_income_pct", "equivalent_variation"):
        np.testing.assert_allclose(first[key], static[key], atol=1e-6)
    np.testing.assert_allclose(first["tariff_revenue_change"], static["tariff_revenue"] - before, atol=1e-6)


def test_a_mapping_of_days_adds_measures(e: ep.Economy) -> None:
    by_day = ep.paths.solve(e, {"2019-04-01": TARIFF, "2020-01-01": [OTHER]}, **WINDOW)
    listed = ep.paths.solve(e, [Dated(TARIFF, "2019-04-01"), Dated(OTHER, "2020-01-01")], **WINDOW)
    np.testing.assert_allclose(by_day.countries, listed.countries, atol=1e-9)
    assert list(by_day.by_market) == ["ten points", "five elsewhere"]


def test_events_mark_the_picture(e: ep.Economy) -> None:
    entries = [
        Dated(TARIFF, since="2019-08-01", until="2020-08-01", announced="2019-02-01", title="duty"),
        Dated(OTHER, since="2020-02-01", carried_out=False, title="threat"),
    ]
    path = ep.paths.solve(e, entries, **WINDOW, expectations="beliefs")
    assert path.events[["event", "entry"]].to_numpy().tolist() == [
        ["announced", "duty"], ["begins", "duty"], ["lapses", "threat"], ["ends", "duty"],
    ]  # fmt: skip
    picture = path.picture("real_income_pct", ["C00", "C02"])
    assert set(picture) == {"step", "country", "value", "events"}
    marked = picture[picture["events"] != ""]
    assert [str(day) for day in marked["step"].unique()] == ["2019-01-01", "2019-07-01", "2020-01-01", "2020-07-01"]
    assert "duty begins" in set(picture["events"])
    with pytest.raises(ep.errors.InputError, match="quantity 'real_incom'; did you mean real_income_pct"):
        path.picture("real_incom")
    with pytest.raises(ep.errors.InputError, match="'C9' is not in the path"):
        path.picture("real_income_pct", "C9")


def test_an_interrupt_keeps_what_is_solved(e: ep.Economy) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    for capital in (None, ep.paths.Capital()):
        path = ep.paths.solve(e, {"2019-04-01": TARIFF}, **WINDOW, capital=capital, progress=stop)
        assert not path.complete
        assert len(path.steps) == 3
        assert "interrupted" in repr(path)
        assert np.isfinite(path.totals.to_numpy()).all()

    def at_once(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    nothing = ep.paths.solve(e, {"2019-04-01": TARIFF}, **WINDOW, progress=at_once)
    assert repr(nothing) == "Path: interrupted before its first step"
    assert all(table.empty for table in (nothing.countries, nothing.sectors, nothing.markets, nothing.totals))
    whole = ep.paths.solve(e, {"2019-04-01": TARIFF}, **WINDOW)
    assert whole.complete
    assert "interrupted" not in repr(whole)


def test_a_path_keeps_numbers_and_not_solutions(e: ep.Economy) -> None:
    """So that its memory grows by what its tables report, and not by whole equilibria."""
    path = ep.paths.solve(
        e, {"2019-04-01": TARIFF}, since="2019-01-01", until="2029-01-01", elasticities=Elasticities()
    )
    assert path.equilibria > 16
    assert not any(hasattr(s.state, "accounts") for s in path.steps)


@pytest.mark.parametrize(
    ("expectations", "horizon"),
    slow_after(
        3,
        [
            ("foresight", "long"), ("myopic", "short"), ("beliefs", "long"),
            ("foresight", "short"), ("myopic", "long"), ("beliefs", "short"),
        ],
    ),
)  # fmt: skip
def test_capital_workers_stocks_and_slow_trade_can_be_combined(e: ep.Economy, horizon: Any, expectations: Any) -> None:
    """Every pair of day and entry is solved: tables are whole, and what is not announced has no effect before."""
    entries = [
        Dated(TARIFF, since="2019-08-20", until="2020-02-01", announced="2019-02-01", probability=0.6),
        Dated(OTHER, since="2020-01-15", announced="2019-11-05", probability=0.3, carried_out=False),
    ]
    path = ep.paths.solve(
        e, entries, since="2019-01-01", until="2020-04-01", expectations=expectations,
        closure=ep.Closure(horizon=horizon, labour_share=0.6),
        capital=ep.paths.Capital(), inventories=ep.paths.Inventories(), elasticities=Elasticities(),
    )  # fmt: skip
    for table in (path.countries, path.sectors, path.markets, path.totals):
        assert np.isfinite(table.to_numpy()).all()
    assert len(path.surges) == {"foresight": 1, "myopic": 0, "beliefs": 2}[expectations]
    if expectations == "myopic":
        assert np.abs(path.countries.loc[path.days[1]]["capital_pct"]).max() < 1e-6


def test_workers_who_move_and_stocks_of_goods_go_together(e: ep.Economy) -> None:
    path = ep.paths.solve(
        e,
        {"2019-08-20": TARIFF},
        **WINDOW,
        step="year",
        mobility=ep.paths.Mobility("C00"),
        inventories=ep.paths.Inventories(),
    )
    assert len(path.surges) == 1
    assert np.isfinite(path.markets.to_numpy()).all()


# ---- elasticities ----


def test_trade_answers_less_at_first_and_comes_to_the_long_run(e: ep.Economy) -> None:
    grown = ep.paths.solve(
        e, {"2019-01-01": TARIFF}, since="2019-01-01", until="2029-01-01", step="year",
        elasticities=Elasticities(short=0.38, years=8),
    )  # fmt: skip
    imports = grown.markets["imports"].to_numpy()
    assert (np.diff(imports) <= 1e-9).all()
    static = ep.paths.solve(e, {"2019-01-01": TARIFF}, since="2019-01-01", until="2020-01-01")
    assert imports[-1] == pytest.approx(static.markets["imports"].iloc[-1], rel=1e-9)
    assert imports[0] > 1.01 * imports[-1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dated(TARIFF, "2020-01-01", announced="2020-02-01"), "is announced on 2020-02-01, after it begins on"),
        (
            lambda: Dated(TARIFF, "2020-01-01", probability=1.2),
            "'ten points': probability 1.2: a number between 0 and 1 is needed",
        ),
        (lambda: Dated(TARIFF, "2020-01-01", probability=-0.1), "probability -0.1: a number between 0 and 1"),
        (lambda: Dated(TARIFF, "2020-01-01", until="2019-01-01"), "ends on 2019-01-01, which is not after it begins"),
        (lambda: Dated(TARIFF, "spring"), "'ten points': since: 'spring' is not a day such as 2019-05-17"),
        (lambda: Dated([], "2020-01-01"), "a dated entry has no measures"),
        (lambda: Elasticities(short=0.0), "elasticities: short 0.0: a ratio above 0, up to 1, is needed"),
        (lambda: Elasticities(growth="fast"), "elasticities: growth 'fast'; known: linear, exponential"),  # type: ignore[arg-type]
    ],
)
def test_days_and_numbers_that_cannot_be_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scenario": TARIFF}, "has no days; write ep.paths.Dated"),
        ({"expectations": "rational"}, "path: expectations 'rational'; known: foresight, myopic, beliefs"),
        ({"step": "month"}, "path: step 'month'; known: quarter, year"),
        ({"until": "2018-01-01"}, "path: until 2018-01-01 is not after since 2019-01-01"),
        ({"until": "2319-01-01"}, "is longer than 200 years"),
        ({"since": None}, "path: since and until are needed"),
        ({"capital": 0.3}, r"path: capital 0.3 is not Capital\(...\)"),
        ({"discount_rate": "3%"}, "path: discount_rate '3%' is not a rate a year"),
    ],
)
def test_arguments_that_cannot_be_are_refused(e: ep.Economy, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.paths.solve(e, **({"scenario": [Dated(TARIFF, "2019-04-01")]} | WINDOW | arguments))


def test_a_percentage_is_read_as_a_probability() -> None:
    assert Dated(TARIFF, "2020-01-01", probability="40%").probability == 0.4  # type: ignore[arg-type]


@pytest.mark.parametrize(("written", "meant"), [("60,5%", 0.605), ("60 per cent", 0.6), ("0.6", 0.6), (" 60 % ", 0.6)])
def test_probabilities_are_read_as_the_numbers_of_measures_are(written: str, meant: float) -> None:
    assert Dated(TARIFF, "2020-01-01", probability=written).probability == pytest.approx(meant)  # type: ignore[arg-type]


@pytest.mark.parametrize("written", ["1_0%", "30%%", "160%", "much"])
def test_what_is_no_probability_is_refused(written: str) -> None:
    with pytest.raises(ep.errors.InputError, match="a number between 0 and 1 is needed"):
        Dated(TARIFF, "2020-01-01", probability=written)  # type: ignore[arg-type]
