"""Gravity estimation: the truth of a simulated world comes back, and an independent method agrees."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.estimation.gravity import GravityEstimate, gravity
from worlds import random_world

pytest.importorskip("pyfixest")

THETA, RTA, DISTANCE = 4.2, 0.47, -0.8


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    """Trade of one made-up world in the base and in two tariff wars, as the engine solves it."""
    world = random_world(9, 1, seed=3, theta=THETA, inputs=False)
    rng = np.random.default_rng(1)
    foreign = ~world.domestic
    years = []
    for year in range(3):
        measures = [
            ep.Tariff(importer=n, exporter=i, sector="ALL", rate=float(rng.uniform(0, 0.5)))
            for n in world.countries
            for i in world.countries
            if year and n != i
        ]
        accounts = ep.solve(world, measures, tol=1e-12).accounts
        user, border = accounts.user_value[0], accounts.border_value[0]
        n, i = np.indices(user.shape)
        names = np.array(world.countries)
        years.append(
            pd.DataFrame(
                {
                    "importer": names[n].ravel(),
                    "exporter": names[i].ravel(),
                    "year": year,
                    "user": user.ravel(),
                    "border": border.ravel(),
                    "log_tariff": np.log(np.divide(user, border, out=np.ones_like(user), where=border > 0)).ravel(),
                    "foreign": foreign.ravel(),
                }
            )
        )
    return pd.concat(years, ignore_index=True)


@pytest.fixture(scope="module")
def cross_section() -> pd.DataFrame:
    """30 countries; trade is exactly what RTA and DISTANCE say, with effects drawn at random."""
    rng = np.random.default_rng(5)
    names = np.array([f"C{k:02d}" for k in range(30)])
    n, i = (a.ravel() for a in np.indices((30, 30)))
    table = pd.DataFrame({"importer": names[n], "exporter": names[i], "year": 2006})
    table["log_dist"] = rng.normal(8, 1, len(table))
    table["rta"] = rng.uniform(size=len(table)) < 0.3
    effects = rng.normal(0, 1, 30)[n] + rng.normal(0, 1, 30)[i]
    table["trade"] = np.exp(12 + effects + RTA * table["rta"] + DISTANCE * table["log_dist"])
    return table


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return pd.read_csv(shared("gegravity_sample") / "sample_data_set.dlm")


EFFECTS = "exporter^year + importer^year + exporter^importer"
PLAIN = "trade ~ log_dist + rta | exporter + importer"


@pytest.mark.parametrize("valued", ["user", "border"])
def test_theta_of_the_model_is_recovered(panel: pd.DataFrame, valued: str) -> None:
    """F' = pi' X'/(1+t'): the tariff's coefficient is -theta in what users pay, -(1+theta) in what customs see."""
    estimate = gravity(panel, f"{valued} ~ log_tariff | {EFFECTS}")
    assert estimate.theta("log_tariff", valued=valued).value == pytest.approx(THETA, abs=1e-6)
    assert estimate.coefficients["log_tariff"] == pytest.approx(-THETA - (valued == "border"), abs=1e-6)


def test_known_parameters_are_recovered(cross_section: pd.DataFrame) -> None:
    estimate = gravity(cross_section, "trade ~ log_dist + rta | exporter^year + importer^year")
    assert estimate.coefficients["rta"] == pytest.approx(RTA, abs=1e-7)
    assert estimate.coefficients["log_dist"] == pytest.approx(DISTANCE, abs=1e-7)


@pytest.mark.slow
def test_the_interval_covers_the_truth(cross_section: pd.DataFrame, rng: np.random.Generator) -> None:
    """Of 40 samples with multiplicative noise, about nineteen in twenty (robust errors run a little small)."""
    covered = 0
    for _ in range(40):
        noise = rng.lognormal(0, 0.5, len(cross_section))
        table = gravity(cross_section.assign(trade=cross_section["trade"] * noise), PLAIN).table()
        assert list(table.columns) == ["coefficient", "std_error", "z", "low", "high"]
        covered += table.loc["rta", "low"] < RTA < table.loc["rta", "high"]
    assert 34 <= covered <= 40


def newton(y: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Poisson pseudo-likelihood by Newton's method with every dummy in x: coefficients, and White's covariance."""
    b = np.linalg.lstsq(x, np.log(np.maximum(y, 0.1)), rcond=None)[0]
    for _ in range(100):
        mean = np.exp(x @ b)
        step = np.linalg.lstsq((x.T * mean) @ x, x.T @ (y - mean), rcond=None)[0]
        b = b + step
        if np.abs(step).max() < 1e-12:
            break
    bread = np.linalg.pinv((x.T * mean) @ x)
    return b, bread @ (x.T * (y - mean) ** 2) @ x @ bread


REGRESSORS = ["lndist", "contiguity", "common_language", "pta", "international"]


def test_against_newton_with_dummies(sample: pd.DataFrame) -> None:
    estimate = gravity(sample, f"trade ~ {' + '.join(REGRESSORS)} | exporter + importer")
    dummies = [
        pd.get_dummies(sample[side], drop_first=drop) for side, drop in (("exporter", False), ("importer", True))
    ]
    x = np.column_stack([sample[REGRESSORS], *dummies]).astype(float)
    b, covariance = newton(sample["trade"].to_numpy(float), x)
    np.testing.assert_allclose(estimate.coefficients, b[:5], atol=1e-6)
    white = np.sqrt(np.diagonal(covariance))[:5]
    small_sample = np.sqrt(len(sample) / (len(sample) - x.shape[1]))
    np.testing.assert_allclose(estimate.table()["std_error"], white * small_sample, rtol=1e-4)


def test_estimates_equal_published_ones_of_the_package(sample: pd.DataFrame) -> None:
    """The README of gegravity 0.3, to its last digit."""
    estimate = gravity(sample, f"trade ~ {' + '.join(REGRESSORS)} | exporter + importer")
    published = [-0.3898623, 0.891577, 0.0326249, 0.4711383, -3.412584]
    np.testing.assert_allclose(estimate.coefficients, published, atol=6e-7)


def test_clusters(sample: pd.DataFrame) -> None:
    formula = "trade ~ lndist + pta + international | exporter + importer"
    plain, one, both = (gravity(sample, formula, cluster=c) for c in (None, "exporter", ("exporter", "importer")))
    pair = gravity(sample, formula, cluster="exporter^importer")
    assert one.errors == "errors clustered by exporter (30)"
    assert pair.errors == "errors clustered by exporter^importer (900)"
    for other in (one, both, pair):
        np.testing.assert_allclose(other.coefficients, plain.coefficients, rtol=1e-9)
    for other in (one, both):
        assert not np.allclose(other.covariance, plain.covariance, rtol=1e-2)
    np.testing.assert_allclose(  # every pair is one observation: the same but for the small-sample factor
        pair.covariance / plain.covariance, (pair.covariance / plain.covariance).iloc[0, 0], rtol=1e-6
    )


def test_barrier_reproduces_the_trade_effect(cross_section: pd.DataFrame) -> None:
    """(1 + rate)^-theta is what the agreement does to trade."""
    estimate = gravity(cross_section, PLAIN)
    removed = estimate.barrier("rta", theta=4.0, change=-1)
    assert (1 + removed.value) ** -4.0 == pytest.approx(np.exp(-RTA), rel=1e-6)
    assert removed.low <= removed.value <= removed.high
    ep.NonTariffBarrier(importer="USA", exporter="CAN", sector="ALL", rate=removed.value)


def test_barrier_has_the_standard_error_of_the_coefficient(sample: pd.DataFrame) -> None:
    estimate = gravity(sample, "trade ~ lndist + pta | exporter + importer")
    rate, step = estimate.barrier("pta", theta=4.0), 1e-6
    b, error = estimate.coefficients["pta"], estimate.table().loc["pta", "std_error"]
    slope = (np.expm1(-(b + step) / 4) - np.expm1(-(b - step) / 4)) / (2 * step)
    assert rate.std_error == pytest.approx(abs(slope) * error, rel=1e-6)
    assert str(rate).startswith(f"{rate.value:.4g} (s.e.")


def test_draws_have_the_covariance(sample: pd.DataFrame) -> None:
    estimate = gravity(sample, "trade ~ lndist + pta + international | exporter + importer")
    draws = estimate.draws(20_000, seed=1)
    pd.testing.assert_frame_equal(draws, estimate.draws(20_000, seed=1))
    assert not draws.equals(estimate.draws(20_000, seed=2))
    error = estimate.table()["std_error"]
    np.testing.assert_array_less(np.abs(draws.mean() - estimate.coefficients), 4 * error / np.sqrt(20_000))
    np.testing.assert_allclose(
        draws.cov() / np.outer(error, error), estimate.covariance / np.outer(error, error), atol=0.04
    )


def test_rows_left_out_are_counted(sample: pd.DataFrame) -> None:
    formula = "trade ~ lndist + pta | exporter + importer"
    assert gravity(sample, formula).notes == ()
    holes = sample.assign(lndist=sample["lndist"].where(sample.index != 7))
    assert gravity(holes, formula).notes == ("1 of 900 rows left out, with a missing or infinite entry.",)
    idle = sample.assign(trade=sample["trade"].where(sample["exporter"] != "AUS", 0))
    estimate = gravity(idle, formula)
    assert estimate.observations == 870
    assert estimate.notes == ("30 of 900 rows left out, separated: their zeros are certain whatever the coefficients.",)


MARKED = "trade ~ cost | exporter + importer"


@pytest.mark.parametrize("mark", ["c", "(D)", "..", "n/a", "x"])
def test_marks_of_missing_numbers_are_missing_and_counted(
    tmp_path: Path, cross_section: pd.DataFrame, mark: str
) -> None:
    table = cross_section.assign(cost=cross_section["log_dist"])
    holes = table.assign(cost=table["cost"].astype(object).where(table.index != 7, mark))
    file = tmp_path / "flows.csv"
    holes.to_csv(file, index=False)
    found = gravity(str(file), MARKED)
    without = gravity(table.drop(index=7), MARKED)
    assert found.coefficients["cost"] == pytest.approx(without.coefficients["cost"], abs=1e-8)
    assert found.observations == 899
    assert "1 of 900 rows left out, with a missing or infinite entry." in found.notes
    assert mark in ("..", "n/a") or any(f"in place of a number in cost ({mark!r})" in note for note in found.notes)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("cost", "inf", "row 8: cost is 'inf'; a finite number"),
        ("trade", "-inf", "row 8: trade is '-inf'"),
        ("cost", "abc", "row 8: cost is 'abc'"),
        ("trade", "1e999", "row 8: trade is '1e999'"),
    ],
)
def test_a_cell_that_is_no_number_is_refused_by_its_row(
    tmp_path: Path, cross_section: pd.DataFrame, column: str, cell: str, message: str
) -> None:
    table = cross_section.assign(cost=cross_section["log_dist"])
    file = tmp_path / "flows.csv"
    table.assign(**{column: table[column].astype(object).where(table.index != 7, cell)}).to_csv(file, index=False)
    with pytest.raises(ep.errors.TableError, match=message):
        gravity(str(file), MARKED)


def test_repeated_observations_are_noted(cross_section: pd.DataFrame) -> None:
    twice = pd.concat([cross_section, cross_section], ignore_index=True)
    note = "900 of 1,800 rows repeat another row in every column, the first of them row 900. "
    assert any(note in found for found in gravity(twice, PLAIN).notes)
    assert not any("repeat" in found for found in gravity(cross_section, PLAIN).notes)


def test_estimation_does_not_change_the_table(sample: pd.DataFrame) -> None:
    before = sample.copy()
    gravity(sample, "trade ~ lndist | exporter + importer", cluster="exporter^importer")
    pd.testing.assert_frame_equal(sample, before)


@pytest.mark.slow
def test_functions_and_categories(sample: pd.DataFrame) -> None:
    named = gravity(sample, "trade ~ lndist | exporter + importer")
    logged = gravity(sample.assign(dist=np.exp(sample["lndist"])), "trade ~ log(dist) | exporter + importer")
    assert logged.coefficients["log(dist)"] == pytest.approx(named.coefficients["lndist"], abs=1e-8)
    words = sample.assign(region=np.where(sample["contiguity"] == 1, "near", "far"))
    assert len(gravity(words, "trade ~ lndist + C(region) | exporter + importer").coefficients) == 2
    quoted = gravity(words, "trade ~ lndist + C(region, contr.treatment('near')) | exporter + importer")
    assert len(quoted.coefficients) == 2


def test_nullable_columns(sample: pd.DataFrame) -> None:
    formula = "trade ~ lndist + pta | exporter + importer"
    nullable = sample.convert_dtypes()
    nullable.loc[7, "trade"] = pd.NA
    estimate = gravity(nullable, formula)
    np.testing.assert_allclose(estimate.coefficients, gravity(sample.drop(index=7), formula).coefficients, rtol=1e-8)
    assert estimate.notes == ("1 of 900 rows left out, with a missing or infinite entry.",)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("trade lndist", "not of the form"),
        ("~ lndist | exporter", "one column of trade values"),
        ("trade ~ lndist | exporter | pta ~ Y", "not of the form"),
        ("trade ~ 1 | exporter | pta", "not of the form"),
        ("trade ~ sw(lndist, pta) | exporter", "several estimations"),
        ("trade ~ lndst | exporter + importer", "unknown column 'lndst'; did you mean lndist"),
        ("trade ~ lndist | exportr + importer", "unknown column 'exportr'; did you mean exporter"),
        ("trad ~ lndist | exporter", "unknown column 'trad'; did you mean trade"),
        ("trade ~ exporter | importer", r"holds .*not numbers; C\(exporter\)"),
        ("trade ~ lndist + Y | exporter + importer", "nothing is left of Y"),
        ("trade ~ Y | exporter + importer", "no regressor varies"),
        ("trade ~ lndist + ( | exporter", "cannot be estimated"),
        ("trade ~ lndist | ", "'nothing' after '|': columns are needed, such as exporter"),
        ("trade ~ lndist | exporter^", "'exporter\\^' after '|': columns are needed, such as exporter"),
        ("trade ~ lndist | exporter + + importer", "after '|': columns are needed"),
        ("trade ~ trade | exporter", "'trade' is on both sides of '~'"),
        (7, "not of the form"),
    ],
)
def test_bad_formulas(sample: pd.DataFrame, formula: str, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        gravity(sample, formula)


@pytest.mark.parametrize("name", ["ln_trade", "log_trade", "lntrade", "LogExports", "trade_log"])
def test_logarithms_are_not_taken_for_values(sample: pd.DataFrame, name: str) -> None:
    logs = sample[sample["trade"] > 0].assign(**{name: lambda rows: np.log(rows["trade"])})
    with pytest.raises(ep.errors.TableError, match=f"'{name}' holds logarithms by its name; .* values"):
        gravity(logs, f"{name} ~ lndist | exporter + importer")


@pytest.mark.parametrize("name", ["logs", "lngs", "logging_trade", "trade"])
def test_values_may_be_of_logs(sample: pd.DataFrame, name: str) -> None:
    assert gravity(sample.assign(**{name: sample["trade"]}), f"{name} ~ lndist | exporter + importer").observations


def test_bad_data(sample: pd.DataFrame) -> None:
    formula = "trade ~ lndist | exporter + importer"
    with pytest.raises(ep.errors.TableError, match=r"row 3: trade is negative \(-1\)"):
        gravity(sample.assign(trade=sample["trade"].where(sample.index != 3, -1)), formula)
    with pytest.raises(ep.errors.TableError, match=r"'trade' holds .* not numbers"):
        gravity(sample.assign(trade=sample["trade"].astype(str)), formula)
    with pytest.raises(ep.errors.TableError, match="nowhere above zero"):
        gravity(sample.assign(trade=0), formula)
    with pytest.raises(ep.errors.TableError, match="'lndist' is there twice"):
        gravity(pd.concat([sample, sample[["lndist"]]], axis=1), formula)
    with pytest.raises(ep.errors.TableError, match="no rows"):
        gravity(sample.iloc[:0], formula)
    with pytest.raises(ep.errors.InputError, match="a DataFrame is needed"):
        gravity(sample.to_dict(), formula)  # type: ignore[arg-type]
    only = ((sample["exporter"] == "AUS") & (sample["importer"] == "USA")).astype(int)
    one_pair = sample.assign(only=only, trade=sample["trade"].where(only == 0, 0))
    with pytest.raises(ep.errors.InputError, match=r"nothing is left of only .*1 separated"):
        gravity(one_pair, "trade ~ lndist + only | exporter + importer")


def test_tables_without_a_row_that_counts_are_refused(sample: pd.DataFrame) -> None:
    formula = "trade ~ lndist | exporter + importer"
    with pytest.raises(ep.errors.TableError, match="the column 'lndist' has no value in any row"):
        gravity(sample.assign(lndist="x"), formula)
    with pytest.raises(ep.errors.TableError, match="the column 'lndist' has no value in any row"):
        gravity(sample.assign(lndist=-np.inf), formula)
    by_turns = sample.index % 2 == 0
    with pytest.raises(ep.errors.TableError, match="no row has a value in each of the columns trade, lndist, exporter"):
        gravity(
            sample.assign(lndist=sample["lndist"].where(by_turns), exporter=sample["exporter"].mask(by_turns)), formula
        )
    alone = sample.drop_duplicates("exporter").drop_duplicates("importer")
    with pytest.raises(ep.errors.TableError, match="every row is the only one of a fixed effect"):
        gravity(alone, formula)
    with pytest.raises(ep.errors.TableError, match="every row is the only one of a fixed effect"):
        gravity(sample, "trade ~ lndist | exporter^importer^year")


def test_bad_clusters(sample: pd.DataFrame) -> None:
    formula = "trade ~ lndist | exporter + importer"
    with pytest.raises(ep.errors.UnknownNameError, match="unknown column"):
        gravity(sample, formula, cluster="exporter^country")
    with pytest.raises(ep.errors.InputError, match="one cluster only by 'year'"):
        gravity(sample, formula, cluster="year")
    with pytest.raises(ep.errors.InputError, match="cluster 5 is not the name of a column"):
        gravity(sample, formula, cluster=5)  # type: ignore[arg-type]
    with pytest.raises(ep.errors.InputError, match="not 3"):
        gravity(sample, formula, cluster=("exporter", "importer", "year"))
    with pytest.raises(ep.errors.TableError, match="'group' is empty in 900 rows"):
        gravity(sample.assign(group=np.nan), formula, cluster="group")


def test_invalid_arguments_are_refused(sample: pd.DataFrame) -> None:
    estimate = gravity(sample, "trade ~ lndist + contiguity | exporter + importer")
    with pytest.raises(ep.errors.UnknownNameError, match="unknown coefficient 'lndst'; did you mean lndist"):
        estimate.theta("lndst")
    with pytest.raises(ep.errors.InputError, match="not one above zero"):
        estimate.theta("contiguity")
    with pytest.raises(ep.errors.InputError, match="valued="):
        estimate.theta("lndist", valued="borde")  # type: ignore[arg-type]
    with pytest.raises(ep.errors.InputError, match="above zero"):
        estimate.barrier("lndist", theta=-1.0)
    with pytest.raises(ep.errors.InputError, match="count=0"):
        estimate.draws(0, seed=1)


def test_without_pyfixest(sample: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyfixest", None)
    with pytest.raises(ep.errors.InputError, match=r"pip install 'entrepot\[gravity\]'"):
        gravity(sample, "trade ~ lndist | exporter")


def test_estimate_has_a_readable_text(sample: pd.DataFrame) -> None:
    estimate: GravityEstimate = gravity(sample, "trade ~ lndist | exporter + importer")
    first, second = repr(estimate).splitlines()
    assert "900 observations, errors robust to heteroskedasticity" in first
    assert second.startswith("Next: ")
