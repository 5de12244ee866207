"""Timelines of cases: laws of the path and its totals, then errors with their line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases import read_case
from entrepot.cases.quarters import quarters
from entrepot.cases.solved_timeline import SolvedTimeline
from entrepot.cases.timeline import Adjustment
from entrepot.dates import DAYS_A_YEAR
from shelves import slow

HEAD = """\
case: branches
title: Branches
question: What if?
parties: [C00, C01]
scenarios:
  tariff:
    title: 10 points
    measures:
      - tariff: {importer: C00, exporter: C01, sector: s00, rate: 10%, change: add}
  other:
    title: 5 points elsewhere
    measures:
      - tariff: {importer: C01, exporter: C02, sector: s01, rate: 5%, change: add}
report:
  protected: {country: C00, sector: s00}
  markets:
    - {title: market, importer: C00, sectors: [s00], exporters: [C01, C02]}
"""


def solved(small: ep.Economy, timeline: str) -> SolvedTimeline:
    study = ep.run(read_case(HEAD + "timeline:\n" + timeline), small)
    assert study.timeline is not None
    return study.timeline


def annual(small: ep.Economy, *names: str) -> pd.Series:
    case = read_case(HEAD)
    measures = [m for name in names for m in case.scenarios[name].measures]
    return ep.solve(small, measures).countries["equivalent_variation"]  # type: ignore[arg-type]


def total(t: SolvedTimeline, branch: str, party: str, quantity: str = "equivalent_variation") -> float:
    table = t.totals.set_index(["branch", "party"])
    return float(table.loc[(branch, party), quantity])


WINDOW = "  from: 2019-01-01\n  until: 2024-01-01\n"


STEPS = """\
case: steps
title: Steps
question: What if?
parties: [C00]
scenarios:
  first: {title: first, measures: [FIRST]}
  second: {title: second, measures: [SECOND]}
timeline:
  from: 2024-01-01
  until: 2025-01-01
  in_force: [{scenario: first, from: 2024-01-01}, {scenario: second, from: 2024-07-01}]
"""
TEN = "{tariff: {importer: C00, exporter: C01, sector: s00, rate: 10%, change: add}}"


@pytest.mark.parametrize(
    ("first", "second", "points"),
    [
        (TEN, TEN, 0.2),  # two equal entries
        (f"&step {TEN}", "*step", 0.1),  # one entry, written once
        slow((TEN.replace("{imp", "{label: it, imp"), TEN.replace("{imp", "{label: it, imp"), 0.1)),
        slow((TEN.replace("{imp", "{label: a, imp"), TEN.replace("{imp", "{label: b, imp"), 0.2)),
    ],
)
def test_equal_measures_count_twice_unless_they_share_an_entry(
    small: ep.Economy, first: str, second: str, points: float, tmp_path: Path
) -> None:
    study = ep.run(read_case(STEPS.replace("FIRST", first).replace("SECOND", second)), small)
    assert study.timeline is not None
    path = study.timeline.path.query("what == 'C00' and quantity == 'equivalent_variation'")["value"].to_list()
    for value, rate in ((path[0], 0.1), (path[-1], points)):
        tariff = ep.Tariff(importer="C00", exporter="C01", sector="s00", rate=rate, change="add")
        assert value == pytest.approx(ep.solve(small, tariff).countries.loc["C00", "equivalent_variation"], rel=1e-7)
    assert any("counts twice" in note for note in study.timeline.notes) == (first == second == TEN)
    if first == second == TEN:  # a timeline without a deadline has its page and its tables too
        study.to_folder(tmp_path)
        assert {"report.html", "path.csv", "totals.csv"} <= {p.name for p in tmp_path.iterdir()}


def test_shared_entry_is_drawn_once() -> None:
    spread = TEN.replace("10%", "{normal: {mean: 10%, sd: 1%}}")
    case = read_case(STEPS.replace("FIRST", f"&step {spread}").replace("SECOND", "*step"))
    (place,) = case.distributions
    varied = case.with_numbers({place: 0.3})
    assert [varied.scenarios[name].measures[0].rate for name in ("first", "second")] == [0.3, 0.3]  # type: ignore[union-attr]
    assert len(read_case(STEPS.replace("FIRST", spread).replace("SECOND", spread)).distributions) == 2


def test_total_of_a_constant_state_is_its_annual_value_times_years(small: ep.Economy) -> None:
    t = solved(small, WINDOW + "  in_force: [{scenario: tariff, from: 2018-01-01}]\n")
    years = (date(2024, 1, 1) - date(2019, 1, 1)).days / DAYS_A_YEAR
    assert total(t, "as stated", "C00") == pytest.approx(years * annual(small, "tariff")["C00"], rel=1e-9)
    assert t.states == 1


def test_discounting_is_from_the_middle_of_each_quarter(small: ep.Economy) -> None:
    t = solved(small, WINDOW + "  discount_rate: 5%\n  in_force: [{scenario: tariff, from: 2018-01-01}]\n")
    edges = pd.date_range("2019-01-01", "2024-01-01", freq="QS")
    length = np.diff(edges).astype("timedelta64[D]").astype(float)
    middle = (edges[:-1] - edges[0]).days.to_numpy() + length / 2
    worth = float((1.05 ** -(middle / DAYS_A_YEAR) * length / DAYS_A_YEAR).sum())
    assert total(t, "as stated", "C00") == pytest.approx(worth * annual(small, "tariff")["C00"], rel=1e-9)


def test_timeline_with_nothing_in_force_is_zero(small: ep.Economy) -> None:
    t = solved(
        small, WINDOW + "  deadline: 2020-01-01\n  if_agreed: {title: nothing}\n  if_lapsed: {title: nor here}\n"
    )
    amounts = t.totals.drop(columns=["branch", "party"]).to_numpy()
    assert np.abs(amounts).max() < 1e-6
    assert t.states == 1


def test_quarter_is_weighted_by_the_days_of_its_states(small: ep.Economy) -> None:
    t = solved(small, WINDOW + "  in_force: [{scenario: tariff, from: 2019-02-15, until: 2019-03-11}]\n")
    assert total(t, "as stated", "C00") == pytest.approx(24 / DAYS_A_YEAR * annual(small, "tariff")["C00"], rel=1e-9)


def test_adjacent_spells_equal_one_spell(small: ep.Economy) -> None:
    one = solved(small, WINDOW + "  in_force: [{scenario: tariff, from: 2019-02-01}]\n")
    two = solved(
        small,
        WINDOW + "  in_force:\n    - {scenario: tariff, from: 2019-02-01, until: 2020-06-10}\n"
        "    - {scenario: tariff, from: 2020-06-10}\n",
    )
    pd.testing.assert_frame_equal(one.totals, two.totals)
    assert one.states == two.states == 2


def test_scenarios_in_force_together_are_one_state(small: ep.Economy) -> None:
    t = solved(
        small, WINDOW + "  in_force: [{scenario: tariff, from: 2018-01-01}, {scenario: other, from: 2018-01-01}]\n"
    )
    years = (date(2024, 1, 1) - date(2019, 1, 1)).days / DAYS_A_YEAR
    both = annual(small, "tariff", "other")["C01"]
    assert total(t, "as stated", "C01") == pytest.approx(years * both, rel=1e-8)
    assert both != pytest.approx(annual(small, "tariff")["C01"] + annual(small, "other")["C01"], rel=1e-6)


TREE = """\
  deadline: 2020-01-01
  if_agreed:
    probability: 60%
  if_lapsed:
    probability: 40%
    in_force: [{scenario: tariff, from: 2020-01-01}]
    deadline: 2021-01-01
    if_agreed:
      probability: 0.25
      in_force: [{scenario: other, from: 2021-01-01, ends: [tariff]}]
    if_lapsed: {probability: 0.75}
"""


def test_branches_multiply_along_a_tree_of_deadlines(small: ep.Economy) -> None:
    t = solved(small, WINDOW + TREE)
    assert [b.name for b in t.branches] == ["agreed", "lapsed / agreed", "lapsed / lapsed"]
    assert [b.probability for b in t.branches] == pytest.approx([0.6, 0.1, 0.3])
    assert t.branches[1].deadlines == (date(2020, 1, 1), date(2021, 1, 1))
    assert t.branches[1].on(date(2020, 12, 31)) == {"tariff"}
    assert t.branches[1].on(date(2021, 1, 1)) == {"other"}
    weights = {b.name: b.probability for b in t.branches}
    mean = sum(float(w or 0) * total(t, name, "C00") for name, w in weights.items())
    assert float(t.expected.set_index("party").loc["C00", "equivalent_variation"]) == pytest.approx(mean)
    assert t.states == 3


def test_branches_are_equal_before_the_deadline(small: ep.Economy) -> None:
    t = solved(small, WINDOW + TREE)
    wide = t.path[t.path["quarter"] < date(2020, 1, 1)].pivot_table(
        index=["quarter", "what", "quantity"], columns="branch", values="value"
    )
    assert (wide.max(axis=1) == wide.min(axis=1)).all(), "a state is solved once, for all branches"


def test_adjustment_starts_short_and_ends_long(small: ep.Economy) -> None:
    in_force = "  in_force: [{scenario: tariff, from: 2019-01-01}]\n"
    at_once = solved(small, WINDOW + in_force)
    whole = solved(small, WINDOW + in_force + "  adjustment: {short: 1, years: 8}\n")
    quick = solved(small, WINDOW + in_force + "  adjustment: {short: 0.5, years: 0.001}\n")
    pd.testing.assert_frame_equal(at_once.totals, whole.totals)
    later = quick.path["quarter"] > date(2019, 1, 1)
    same = at_once.path["quarter"] > date(2019, 1, 1)
    assert quick.path[later]["value"].to_numpy() == pytest.approx(
        at_once.path[same]["value"].to_numpy(), rel=1e-7, abs=1e-9
    )


def test_trade_falls_less_in_the_short_run(small: ep.Economy) -> None:
    t = solved(
        small,
        WINDOW + "  in_force: [{scenario: tariff, from: 2019-01-01}]\n  adjustment: {short: 0.3, years: 4}\n",
    )
    imports = t.path[(t.path["what"] == "market") & (t.path["quantity"] == "imports")]["value"].to_numpy()
    assert (np.diff(imports) <= 1e-9).all()
    assert imports[0] > imports[-1]
    assert t.states == 17  # sixteen quarters on the way, and the long run


@pytest.mark.parametrize("path", ["linear", "exponential"])
def test_elasticity_path(path: str) -> None:
    a = Adjustment(short=0.4, years=8, path=path)  # type: ignore[arg-type]
    along = [a.at(years) for years in np.linspace(0, 8, 33)]
    assert along[0] == pytest.approx(0.4)
    assert (np.diff(along) > 0).all()
    assert along[-1] == pytest.approx(1.0 if path == "linear" else 1 - 0.6 / 20)


def test_imports_under_a_ban_have_no_price(small: ep.Economy, recwarn: pytest.WarningsRecorder) -> None:
    ban = "{title: ban, measures: [{quota: {importer: C00, exporter: WORLD, sector: s00, cap: 0}}]}"
    spell = "  in_force: [{scenario: ban, from: 2020-01-01, until: 2020-07-01}]\n"
    t = ep.run(
        read_case(HEAD.replace("report:", f"  ban: {ban}\nreport:") + "timeline:\n" + WINDOW + spell), small
    ).timeline
    assert t is not None
    path = t.path[t.path["what"] == "market"].set_index(["quantity", "quarter"])["value"]
    assert np.isnan(path["real_import_price_pct", date(2020, 1, 1)])
    assert path["imports", date(2020, 1, 1)] == 0
    assert path["real_import_price_pct", date(2020, 7, 1)] == pytest.approx(0, abs=1e-9)
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]


def test_front_loading_conserves_trade(small: ep.Economy) -> None:
    spell = "  in_force: [{scenario: tariff, from: 2020-01-01}]\n"
    plain, moved = solved(small, WINDOW + spell), solved(small, WINDOW + spell + "  front_loading: 20%\n")

    def imports(t: SolvedTimeline) -> pd.Series:
        rows = t.path[(t.path["what"] == "market") & (t.path["quantity"] == "imports")]
        days = [(_end(q) - q).days for q in rows["quarter"]]
        return pd.Series(rows["value"].to_numpy() * days, index=list(rows["quarter"]))

    change = imports(moved) - imports(plain)
    assert change.sum() == pytest.approx(0.0, abs=1e-6 * imports(plain).sum())
    assert change[date(2019, 10, 1)] > 0
    assert (change[[date(2020, 1, 1), date(2020, 4, 1)]] < 0).all()
    elsewhere = change.drop([date(2019, 10, 1), date(2020, 1, 1), date(2020, 4, 1)])
    assert np.abs(elsewhere).max() < 1e-9 * imports(plain).max()
    assert total(moved, "as stated", "C00", "tariff_revenue_change") < total(
        plain, "as stated", "C00", "tariff_revenue_change"
    )
    assert total(moved, "as stated", "C00") == pytest.approx(total(plain, "as stated", "C00"))
    assert any("20%" in note for note in moved.notes)


def _end(quarter: date) -> date:
    month = quarter.month + 3
    return date(quarter.year + (month > 12), (month - 1) % 12 + 1, 1)


def test_quarters_fill_the_window() -> None:
    case = read_case(
        HEAD
        + "timeline:\n  from: 2019-11-20\n  until: 2021-02-10\n  in_force: [{scenario: tariff, from: 2020-02-29}]\n"
    )
    assert case.timeline is not None
    (branch,) = case.branches()
    spans = list(quarters(case.timeline, branch))
    assert [q.first for q in spans][:3] == [date(2019, 11, 20), date(2020, 1, 1), date(2020, 4, 1)]
    assert spans[-1].end == date(2021, 2, 10)
    assert sum(sum(q.days.values()) for q in spans) == (date(2021, 2, 10) - date(2019, 11, 20)).days
    assert list(spans[1].days.values()) == [59, 32]  # to 28 February, and from the leap day


def test_elasticities_adjust_by_whole_quarters_from_that_of_the_change() -> None:
    spell = "  in_force: [{scenario: tariff, from: 2019-03-15}]\n  adjustment: {short: 0.4, years: 2, path: linear}\n"
    case = read_case(HEAD + "timeline:\n" + WINDOW + spell)
    assert case.timeline is not None
    parts = [[key.part for key in q.days] for q in quarters(case.timeline, case.branches()[0])]
    assert parts[:4] == [[1.0, 0.4], [0.475], [0.55], [0.625]]


def test_front_loading_ignores_a_tariff_cut(small: ep.Economy) -> None:
    spell = "  in_force: [{scenario: cut, from: 2020-01-01}]\n"
    cut = HEAD.replace(
        "report:",
        "  cut: {title: c, measures: [{ntb: {importer: C00, exporter: C01, sector: s00, rate: -5%}}]}\nreport:",
    )
    plain, moved = (
        ep.run(read_case(cut + "timeline:\n" + WINDOW + spell + more), small).timeline
        for more in ("", "  front_loading: 20%\n")
    )
    assert plain is not None
    assert moved is not None
    pd.testing.assert_frame_equal(plain.path, moved.path)


@pytest.mark.parametrize(
    "measure",
    [
        "ver: {importer: C00, exporter: C01, sector: s00, cap: 80%}",
        "ntb: {importer: C00, exporter: C01, sector: s00, rate: 5%}",
        "export_tax: {importer: C00, exporter: C01, sector: s00, rate: 5%}",
    ],
)
def test_front_loading_applies_to_every_dearer_measure(small: ep.Economy, measure: str) -> None:
    """The rent of a restraint and an export tax are in the value at the border, and a barrier's cost in no value."""
    case = HEAD.replace("report:", f"  dearer: {{title: d, measures: [{{{measure}}}]}}\nreport:")
    spell = "  in_force: [{scenario: dearer, from: 2020-01-01}]\n"
    imports = []
    for more in ("", "  front_loading: 20%\n"):
        t = ep.run(read_case(case + "timeline:\n" + WINDOW + spell + more), small).timeline
        assert t is not None
        rows = t.path[(t.path["what"] == "market") & (t.path["quantity"] == "imports")]
        imports.append(rows.set_index("quarter")["value"])
    change = imports[1] - imports[0]
    assert change[date(2019, 10, 1)] > 0
    assert (change[[date(2020, 1, 1), date(2020, 4, 1)]] < 0).all()


@pytest.mark.parametrize("since", ["2020-02-10", "2020-05-15"])  # in the quarter of the first measure, in the next
def test_front_loading_brings_each_measure_forward_once(small: ep.Economy, since: str) -> None:
    """Trade under a second measure moves to the quarter before that one, not before the first."""
    head = HEAD + "    - {title: second, importer: C01, sectors: [s01], exporters: [C02]}\n"
    spells = {
        "both": f"  in_force: [{{scenario: tariff, from: 2020-01-01}}, {{scenario: other, from: {since}}}]\n",
        "alone": f"  in_force: [{{scenario: other, from: {since}}}]\n",
    }
    moved = {}
    for name, spell in spells.items():
        paths = []
        for more in ("", "  front_loading: 20%\n"):
            t = ep.run(read_case(head + "timeline:\n" + WINDOW + spell + more), small).timeline
            assert t is not None
            rows = t.path[(t.path["what"] == "second") & (t.path["quantity"] == "imports")]
            paths.append(rows.set_index("quarter")["value"])
        moved[name] = paths[1] - paths[0]
    begun = date.fromisoformat(since)
    before = date(2019, 10, 1) if begun.month < 4 else date(2020, 1, 1)
    assert set(moved["alone"].index[moved["alone"] > 1e-9]) == {before}
    # The first tariff hardly moves this trade, which is in another sector and between others.
    np.testing.assert_allclose(moved["both"], moved["alone"], rtol=0.02, atol=1e-3 * moved["alone"].max())


def test_front_loading_of_a_one_day_measure_moves_one_day(small: ep.Economy) -> None:
    def extra(until: str) -> float:
        spell = f"  in_force: [{{scenario: tariff, from: 2020-01-01, until: {until}}}]\n"
        paths = [solved(small, WINDOW + spell + more).path for more in ("", "  front_loading: 20%\n")]
        values = [
            float(
                p[(p["what"] == "market") & (p["quantity"] == "imports") & (p["quarter"] == date(2019, 10, 1))][
                    "value"
                ].iloc[0]
            )
            for p in paths
        ]
        return values[1] - values[0]

    assert extra("2020-01-02") == pytest.approx(extra("2020-07-01") / 182, rel=1e-6)


def test_ends_removes_a_scenario_for_good(small: ep.Economy) -> None:
    t = solved(
        small,
        in_force(
            "scenario: tariff, from: 2019-01-01",
            "scenario: other, from: 2020-01-01, until: 2021-01-01, ends: [tariff]",
        ),
    )
    (branch,) = t.branches
    assert [branch.on(date(y, 6, 1)) for y in (2019, 2020, 2021)] == [{"tariff"}, {"other"}, set()]


def test_a_scenario_that_another_ended_may_begin_again(small: ep.Economy) -> None:
    t = solved(
        small,
        in_force(
            "scenario: tariff, from: 2019-01-01",
            "scenario: other, from: 2020-01-01, until: 2020-07-01, ends: [tariff]",
            "scenario: tariff, from: 2021-01-01, ends: [tariff]",
        ),
    )
    (branch,) = t.branches
    days = [date(2019, 6, 1), date(2020, 6, 1), date(2020, 8, 1), date(2021, 6, 1)]
    assert [branch.on(day) for day in days] == [{"tariff"}, {"other"}, set(), {"tariff"}]


def test_a_scenario_that_none_has_ended_does_not_begin_again(small: ep.Economy) -> None:
    twice = in_force(
        "scenario: tariff, from: 2019-01-01",
        "scenario: tariff, from: 2020-01-01",
        "scenario: other, from: 2021-01-01, ends: [tariff]",
    )
    with pytest.raises(ep.errors.DocumentError, match="'tariff' is already in force from 2019-01-01"):
        solved(small, twice)


def test_failed_state_is_named_and_has_no_total(small: ep.Economy, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(economy: ep.Economy, scenario: ep.Scenario, **keys: object) -> ep.Outcome:
        if len(scenario):
            raise ep.errors.ConvergenceError("No equilibrium.")
        return ep.solve(economy, scenario)

    monkeypatch.setattr("entrepot.cases.solved_timeline.solve", fails)
    t = solved(small, WINDOW + TREE)
    assert set(t.failures) == {"tariff", "other"}
    assert total(t, "agreed", "C00") == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(total(t, "lapsed / lapsed", "C00"))
    assert t.expected.empty
    assert "2 without an equilibrium" in repr(t)


@pytest.mark.slow
def test_founding_case_timeline(world: ep.Economy) -> None:
    t = ep.run("us-japan-autos-2019", world).timeline
    assert t is not None
    assert [b.name for b in t.branches] == ["agreed", "lapsed"]
    assert t.branches[0].deadlines == (date(2019, 11, 13),)
    assert total(t, "lapsed", "JPN") < total(t, "agreed", "JPN") < 0
    assert "distinct states" in repr(t)


def in_force(*entries: str) -> str:
    return WINDOW + "  in_force:\n" + "".join(f"    - {{{entry}}}\n" for entry in entries)


BAD = [
    ("  from: 2024-01-01\n  until: 2019-01-01\n", r"timeline.until: 2019-01-01 is not after"),
    ("  from: 2019-01-01\n  until: 9999-12-31\n", r"line 20: timeline.until: .*100 years"),
    ("  from: 2019-01-01\n  until: 2119-01-02\n", r"line 20: timeline.until: .*100 years"),
    (in_force("scenario: tarif, from: 2019-01-01"), r"line 22: .*unknown scenario 'tarif'; did you mean tariff"),
    (
        in_force("scenario: tariff, from: 2020-01-01, until: 2019-06-01"),
        r"until: 2019-06-01 is not after its first day",
    ),
    (in_force("scenario: tariff, from: 2030-01-01"), "outside the window"),
    (in_force("scenario: tariff, from: 2019-01-01", "scenario: tariff, from: 2020-01-01"), r"line 23: .*already"),
    (in_force("scenario: tariff, from: 2019-02-30"), "2019-02-30"),
    (WINDOW + "  deadline: 2020-01-01\n", "no branch follows this deadline"),
    (WINDOW + "  if_agreed: {title: x}\n", "a branch follows a deadline"),
    (WINDOW + "  deadline: 2025-01-01\n  if_agreed: {title: x}\n", "before the window ends"),
    (WINDOW + "  deadline: {clock: us-232-negotiation}\n  if_agreed: {title: x}\n", "is not running"),
    (WINDOW + "  deadline: {clock: us-232-negotiations}\n  if_agreed: {title: x}\n", "mean us-232-negotiation"),
    (WINDOW + TREE.replace("probability: 40%", "probability: 30%"), r"sum to 90%, not to 100%"),
    (WINDOW + TREE.replace("    probability: 40%\n", ""), "'probability' is missing"),
    (WINDOW + TREE.replace("deadline: 2021-01-01", "deadline: 2019-12-31"), "after the previous deadline"),
    (WINDOW + TREE.replace("tariff, from: 2020-01-01", "tariff, from: 2019-06-01"), "choose a later date"),
    (WINDOW + "  adjustment: {short: 0, years: 8}\n", "short"),
    (WINDOW + "  adjustment: {short: 0.4}\n", "years"),
    (WINDOW + "  front_loading: 150%\n", "front_loading"),
    (
        WINDOW + "  deadline: {clok: us-122-end}\n  if_agreed: {title: x}\n",
        "deadline.clok: unknown key; did you mean clock",
    ),
    (in_force("scenario: tariff, fom: 2019-01-01"), "did you mean from"),
    (WINDOW + TREE.replace("60%", "60"), r"if_agreed.probability: 60 is 6,000%"),
    (WINDOW + "  probability: 50%\n", "state a probability in a branch"),
    (WINDOW + "  if_agred: {title: x}\n", "did you mean if_agreed"),
]


def test_window_of_a_hundred_years_is_accepted() -> None:
    assert read_case(HEAD + "timeline:\n  from: 2019-01-01\n  until: 2119-01-01\n").branches()
    late = read_case(HEAD + "timeline:\n  from: 9999-01-01\n  until: 9999-12-31\n")
    assert late.timeline is not None
    assert [q.end for q in quarters(late.timeline, late.branches()[0])][-1] == date(9999, 12, 31)


@pytest.mark.parametrize(("timeline", "says"), BAD)
def test_timeline_errors_name_the_line(timeline: str, says: str) -> None:
    with pytest.raises(ep.errors.DocumentError, match=says) as fault:
        read_case(HEAD + "timeline:\n" + timeline)
    assert fault.value.line is not None
    assert fault.value.line >= 18
