"""Workers who move at a cost: their limits, the equations in levels, and what is refused."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from shelves import slow_after
from worlds import place, random_world

TARIFF = ep.Tariff(importer="C00", exporter="WORLD", sector="s00", rate=0.3, change="add")
WINDOW: dict[str, Any] = {"since": "2020-01-01", "until": "2025-01-01", "step": "year"}


@pytest.fixture(scope="module")
def e() -> ep.Economy:
    return random_world(3, 3, seed=5)


def solved(e: ep.Economy, **mobility: Any) -> ep.paths.Path:
    window = {key: mobility.pop(key) for key in ("since", "until", "step", "expectations") if key in mobility}
    return ep.paths.solve(e, {"2020-01-01": TARIFF}, **(WINDOW | window), mobility=ep.paths.Mobility("C00", **mobility))


def test_without_mobility_every_sector_keeps_its_workers(e: ep.Economy) -> None:
    """The specific-factors model of one country: the short horizon with a factor that is all the sector's own."""
    path = solved(e, matrix=np.eye(3))
    assert path.workers["sector_employment_pct"].abs().max() < 1e-9
    share = {"WORLD": {"ALL": 1.0}, "C00": {"ALL": 1e-7}}
    specific = ep.solve(e, TARIFF, closure=ep.Closure(horizon="short", labour_share=share))  # type: ignore[arg-type]
    wages = specific.sectors.loc["C00", "capital_return_pct"]
    for day in path.days:
        np.testing.assert_allclose(path.workers.loc[day, "sector_wage_pct"], wages, atol=1e-5)
        np.testing.assert_allclose(
            path.countries.loc[day, "real_income_pct"], specific.countries["real_income_pct"], atol=1e-5
        )


def test_with_free_mobility_it_comes_to_the_engine(e: ep.Economy) -> None:
    """Nobody is tied to a sector: as tastes differ less, real wages become one, that of the static model."""
    static = ep.solve(e, TARIFF)
    income = static.countries["real_income_pct"]
    far = []
    for nu in (0.4, 0.1, 0.025):
        path = solved(e, stay=0.0, nu=nu, until="2023-01-01")
        last = path.days[-1]
        spread = np.ptp(path.workers.loc[last, "sector_wage_pct"])
        far.append((spread, float((path.countries.loc[last, "real_income_pct"] - income).abs().max())))
    for before, after in itertools.pairwise(far):
        assert after[0] < before[0] / 2
        assert after[1] < before[1] / 2
    np.testing.assert_allclose(path.countries.loc[last, "real_income_pct"], income, atol=0.005)
    jobs = static.sectors.loc["C00", "sector_employment_pct"]
    np.testing.assert_allclose(path.workers.loc[last, "sector_employment_pct"], jobs, rtol=0.1, atol=0.02)


@pytest.mark.parametrize(
    ("step", "years", "until"), slow_after(1, [("quarter", 0.25, "2021-07-01"), ("year", 1.0, "2025-01-01")])
)
def test_workers_follow_the_values_in_levels(e: ep.Economy, step: Any, years: float, until: str) -> None:
    """Values and moving costs written out: v = h ln w + nu ln sum exp((beta^h v' - tau)/nu), not in hats."""
    nu, beta = 0.7, 0.96**years
    path = solved(e, nu=nu, stay=0.8, step=step, until=until)
    (n,) = place(e, "C00")
    jobs = (e.value_added_share[n] * e.output[:, n]) / e.value_added[n]
    base = 0.8**years * np.eye(3) + (1 - 0.8**years) * jobs
    # Costs and wages of the base such that base values are the same everywhere: tau = -nu ln(base), wages 1.
    tau = -nu * np.log(base)
    wages = np.array([np.exp(s.ln_real_wage) for s in path.steps])
    workers, last = jobs, len(wages) - 1
    values = np.zeros((last + 3001, 3))  # a long tail at the last wages, then whatever
    for t in range(len(values) - 2, -1, -1):
        options = np.exp((beta * values[t + 1] - tau) / nu).sum(axis=1)
        values[t] = years * np.log(wages[min(t, last)]) + nu * np.log(options)
    for t, s in enumerate(path.steps):
        np.testing.assert_allclose(np.exp(s.ln_jobs) * jobs, workers, atol=1e-8)
        pull = np.exp((beta * values[t + 1] - tau) / nu)
        workers = workers @ (pull / pull.sum(axis=1, keepdims=True))
    np.testing.assert_allclose(path.steps[0].ln_worth, values[0], atol=1e-7)
    assert np.abs(workers / jobs - 1).max() > 1e-3
    assert path.sectors.loc[(path.days[-1], "C00"), "sector_employment_pct"].to_numpy() == pytest.approx(
        path.workers.loc[path.days[-1], "sector_employment_pct"].to_numpy()
    )


@pytest.mark.parametrize(
    "window",
    slow_after(1, [{"since": "2019-12-20"}, {}, {"until": "2023-01-20"}, {"until": "2022-12-20", "step": "quarter"}]),
)
def test_the_length_of_a_step_does_not_matter_much(e: ep.Economy, window: dict[str, Any]) -> None:
    """Jobs a few years later and the worth of sectors, by year, by quarter, and where the window cuts a step off."""
    wanted = solved(e, until="2023-01-01", step="quarter")
    path = solved(e, **({"until": "2023-01-01"} | window))
    worths = (p.workers.loc[p.days[0], "worth_pct"] for p in (path, wanted))
    assert np.abs(np.subtract(*worths)).max() < 0.1  # of 0.5 and more
    jobs = (p.workers.loc[datetime.date(2022, 1, 1), "sector_employment_pct"] for p in (path, wanted))
    np.testing.assert_allclose(*jobs, rtol=0.12)


def test_patient_workers_value_a_sector_by_what_moving_brings_on_average(e: ep.Economy) -> None:
    """As beta comes to one, all sectors are worth nu times the ln of the largest eigenvalue of w^(h/nu) mu, a step."""
    (n,) = place(e, "C00")
    jobs = e.value_added_share[n] * e.output[:, n]
    beta, nu, wage = 0.9999999, 0.3, np.log([1.03, 0.97, 0.99])
    mobility = ep.paths.Mobility("C00", nu=nu, discount_factor=beta)
    rule = mobility.rule(e, jobs, 0.25, 0.25)
    gain = nu * np.log(np.abs(np.linalg.eigvals(np.exp(0.25 * wage / nu)[:, None] * rule.matrix)).max()) / 0.25
    np.testing.assert_allclose(mobility.lasting_change(rule.settled(wage), 0.25), gain, rtol=1e-5)
    for patience in (0.2, 0.96, beta):
        rule = ep.paths.Mobility("C00", nu=nu, discount_factor=patience).rule(e, jobs, 0.25, 0.25)
        y = rule.settled(wage)
        np.testing.assert_allclose(rule.worth(wage, y), y, rtol=1e-13)
    for spread in (100.0, 1000.0):  # tastes so wide that wages hardly move anybody
        wide = ep.paths.Mobility("C00", nu=spread, discount_factor=0.96).rule(e, jobs, 0.25, 0.25)
        y = wide.settled(wage)
        np.testing.assert_allclose(wide.worth(wage, y), y, rtol=0, atol=1e-13 * spread)
    for years in (0.02, 0.25):  # a wage that is the same everywhere is worth the same in a step that is cut off
        usual = ep.paths.Mobility("C00")
        cut = usual.rule(e, jobs, years, 0.25)
        np.testing.assert_allclose(usual.lasting_change(cut.settled(np.full(3, 0.01)), 0.25), 0.01, rtol=1e-6)


def believed(e: ep.Economy, expectations: str = "beliefs", **entry: Any) -> ep.paths.Path:
    """Workers of C00 who hear on the first day of a duty in two years."""
    dated = ep.paths.Dated(TARIFF, since="2022-01-01", **{"announced": "2020-01-01", **entry})
    moving = ep.paths.Mobility("C00", nu=0.7, stay=0.8)
    return ep.paths.solve(e, dated, **WINDOW, expectations=expectations, mobility=moving)  # type: ignore[arg-type]


def test_a_certain_belief_is_foresight(e: ep.Economy) -> None:
    certain, foresight = believed(e, probability=1.0), believed(e, "foresight")
    np.testing.assert_allclose(certain.workers, foresight.workers, atol=1e-5)
    np.testing.assert_allclose(certain.countries, foresight.countries, rtol=1e-6, atol=1e-5)


@pytest.mark.slow
def test_without_belief_nobody_moves_and_with_more_more_do(e: ep.Economy) -> None:
    foresight = believed(e, "foresight")
    never, surprise = believed(e, probability=0.0), believed(e, announced=None)
    jobs = never.workers["sector_employment_pct"]
    assert jobs.loc[: never.days[2]].abs().max() < 1e-5
    assert jobs.loc[never.days[3] :].abs().max() > 0.05
    np.testing.assert_allclose(jobs, surprise.workers["sector_employment_pct"], atol=1e-5)
    moved = [
        believed(e, probability=p).workers.loc[foresight.days[2], "sector_employment_pct"]["s00"] for p in (0.3, 0.7)
    ]
    assert 0 < moved[0] < moved[1] < foresight.workers.loc[foresight.days[2], "sector_employment_pct"]["s00"]


@pytest.mark.parametrize("until", slow_after(1, ["2023-01-01", None]))
def test_workers_who_believe_follow_the_values_in_levels(e: ep.Economy, until: str | None) -> None:
    """Until the day both ways count, each at its own wages, whichever is taken then."""
    nu, beta, p, day = 0.7, 0.96, 0.35, 2
    comes, lapses = (believed(e, probability=p, carried_out=out, until=until) for out in (True, False))
    (n,) = place(e, "C00")
    jobs = (e.value_added_share[n] * e.output[:, n]) / e.value_added[n]
    tau = -nu * np.log(0.8 * np.eye(3) + 0.2 * jobs)

    def earlier(wage: Any, value: Any) -> Any:
        return wage + nu * np.log(np.exp((beta * value - tau) / nu).sum(axis=1))

    def values(path: ep.paths.Path, first: int) -> list[Any]:
        value = np.zeros(3)
        for _ in range(3000):
            value = earlier(path.steps[-1].ln_real_wage, value)
        found = [value]
        for s in path.steps[first:-1][::-1]:
            found.insert(0, earlier(s.ln_real_wage, found[0]))
        return found

    after = {True: values(comes, day), False: values(lapses, day)}
    for path, out in ((comes, True), (lapses, False)):
        expected = [p * after[True][0] + (1 - p) * after[False][0], *after[out][1:]]
        for s in path.steps[:day][::-1]:
            expected.insert(0, earlier(s.ln_real_wage, expected[0]))
        workers = jobs
        for t, s in enumerate(path.steps[:-1]):
            np.testing.assert_allclose(np.exp(s.ln_jobs) * jobs, workers, atol=1e-7)
            pull = np.exp((beta * expected[t + 1] - tau) / nu)
            workers = workers @ (pull / pull.sum(axis=1, keepdims=True))
        np.testing.assert_allclose(path.steps[0].ln_worth, expected[0], atol=1e-5)
        assert np.abs(path.steps[day].ln_jobs).max() > 1e-3


@pytest.mark.slow
def test_an_announcement_late_in_a_year_moves_few(e: ep.Economy) -> None:
    early, late = (believed(e, announced=day).workers["sector_employment_pct"] for day in ("2020-01-01", "2020-12-01"))
    following = datetime.date(2021, 1, 1)
    part = late.loc[following] / early.loc[following]
    assert part.between(0.05, 0.25).all()  # 31 days of 366, and nobody has moved ahead


def test_workers_are_neither_made_nor_lost_and_stay_where_nothing_happens(e: ep.Economy) -> None:
    (n,) = place(e, "C00")
    jobs = e.value_added_share[n] * e.output[:, n]
    path = solved(e)
    for s in path.steps:
        assert float((np.exp(s.ln_jobs) * jobs).sum() / jobs.sum()) == pytest.approx(1.0, abs=1e-12)
    quiet = ep.paths.solve(e, [], **WINDOW, mobility=ep.paths.Mobility("C00"))
    assert quiet.workers.abs().to_numpy().max() < 1e-6


def test_those_in_the_protected_sector_gain_most_and_less_the_freer_they_move(e: ep.Economy) -> None:
    tied, free = solved(e, stay=0.98), solved(e, stay=0.3)
    for path in (tied, free):
        assert path.workers.loc[path.days[0], "worth_pct"].idxmax() == "s00"
    gap = [np.ptp(path.workers.loc[path.days[0], "worth_pct"]) for path in (tied, free)]
    assert gap[0] > gap[1] > 0


def test_a_stated_matrix_is_fitted_to_the_jobs_of_the_base(e: ep.Economy) -> None:
    (n,) = place(e, "C00")
    jobs = e.value_added_share[n] * e.output[:, n]
    matrix = np.array([[0.9, 0.06, 0.04], [0.1, 0.8, 0.1], [0.05, 0.05, 0.9]])
    fitted = ep.paths.Mobility("C00", matrix).flows(e, jobs, 1.0, 1.0)
    np.testing.assert_allclose(fitted.sum(axis=1), 1.0, atol=1e-9)
    np.testing.assert_allclose(jobs @ fitted, jobs, rtol=1e-9)


def test_a_stated_matrix_has_a_power_in_a_step_that_is_cut_off(e: ep.Economy) -> None:
    (n,) = place(e, "C00")
    jobs = e.value_added_share[n] * e.output[:, n]
    mobility = ep.paths.Mobility("C00", np.array([[0.9, 0.06, 0.04], [0.1, 0.8, 0.1], [0.05, 0.05, 0.9]]))
    third = mobility.flows(e, jobs, 0.25 / 3, 0.25)
    np.testing.assert_allclose(third @ third @ third, mobility.flows(e, jobs, 0.25, 0.25), atol=1e-12)
    swapped = ep.paths.Mobility("C00", np.array([[0.05, 0.9, 0.05], [0.9, 0.05, 0.05], [0.05, 0.05, 0.9]]))
    swapped.flows(e, jobs, 1.0, 1.0)
    with pytest.raises(
        ep.errors.InputError, match="the matrix cannot be used in a step that the window or an announcement cuts off"
    ):
        swapped.flows(e, jobs, 0.5, 1.0)


@pytest.mark.parametrize(
    ("mobility", "message"),
    [
        ({"matrix": [[0.9, 0.2, 0.0], [0, 1, 0], [0, 0, 1]]}, "the row of s.. adds up to 1.1, not to 1"),
        ({"matrix": np.eye(2)}, r"the matrix has shape \(2, 2\); one row and column a sector is \(3, 3\)"),
        ({"matrix": [[1.1, -0.1, 0], [0, 1, 0], [0, 0, 1]]}, "an entry that is below zero or NaN"),
        ({"matrix": [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]]}, "no flows of workers along this matrix"),
        ({"stay": 1.2}, "mobility: stay 1.2: a part of workers"),
        ({"nu": 0}, "mobility: nu 0: a spread above 0, up to 1,000, is needed"),
        ({"nu": 1e12}, r"mobility: nu 1000000000000\.0: a spread above 0, up to 1,000, is needed"),
    ],
)
def test_mobility_that_cannot_be_is_refused(e: ep.Economy, mobility: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        solved(e, **mobility)


def test_mobility_takes_the_long_horizon_and_no_capital(e: ep.Economy) -> None:
    mobility = ep.paths.Mobility("C00")
    with pytest.raises(ep.errors.InputError, match="takes the long horizon"):
        ep.paths.solve(e, [], **WINDOW, mobility=mobility, closure=ep.Closure(labour_share=0.6))
    with pytest.raises(ep.errors.InputError, match="mobility of workers goes without recycling 'labour_tax'"):
        ep.paths.solve(e, [], **WINDOW, mobility=mobility, closure=ep.Closure(recycling="labour_tax", labour_tax=0.3))
    with pytest.raises(ep.errors.InputError, match="cannot be on one path"):
        ep.paths.solve(e, [], **WINDOW, mobility=mobility, capital=ep.paths.Capital())
    with pytest.raises(ep.errors.InputError, match="is not one country"):
        ep.paths.solve(e, [], **WINDOW, mobility=ep.paths.Mobility("WORLD"))
