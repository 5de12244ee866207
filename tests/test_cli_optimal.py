"""entrepot optimal: the best rates are those of Python and of the API, and what is wrong is refused."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

import entrepot as ep
from entrepot.bargaining.optimal_over_sets import signs_over_sets, under_sets
from entrepot.desk.handlers import answer
from entrepot.errors import InputError
from small_sweep import small
from test_cli import call

CARS = ("--economy", "world2014", "--over", "sector", "--sector", "motor_vehicles", "--partner", "JPN")


def test_best_rates_are_those_of_python_and_the_api() -> None:
    code, out, _ = call("optimal", "USA", *CARS, "--format", "json")
    assert code == 0
    sent = json.loads(out)
    found = ep.bargaining.optimal_tariff(
        ep.load_economy("world2014"), "USA", over="sector", sectors=("motor_vehicles",), partners=("JPN",)
    )
    assert sent["payoff"] == pytest.approx(found.payoff, rel=1e-9)
    assert [row["rate"] for row in sent["rates"]] == pytest.approx(found.rates["rate"].tolist(), rel=1e-9)
    question = {"party": "USA", "economy": "world2014", "over": "sector", "sectors": ["motor_vehicles"]}
    status, body = answer("optimal", {**question, "partners": ["JPN"]})
    assert status == 200
    assert json.loads(body)["rates"] == sent["rates"]


def test_bounds_instruments_and_what_is_printed() -> None:
    code, out, _ = call("optimal", "USA", *CARS, "--at-most", "5%")
    assert code == 0
    assert "5.00%" in out
    assert "at its bound" in out
    assert "Optimal tariff of USA (sector)" in out
    assert "all sectors" not in out
    assert "motor vehicles" in out
    assert "Nobody answers" in out
    assert "Base world2014 (2014)" in out
    assert "deficits closed" in " ".join(out.split())
    assert "US$+" not in out
    code, out, _ = call("optimal", "USA", *CARS, "--instrument", "export_tax", "--format", "csv")
    assert code == 0
    assert out.splitlines()[0] == "instrument,sector,partner,rate,at_bound"
    assert "export_tax" in out


def test_case_brings_its_economy_and_a_scenario(tmp_path: object) -> None:
    case = str(small(tmp_path))  # type: ignore[arg-type]
    party = ep.load_case(case).parties[0]
    first = next(iter(ep.load_case(case).scenarios))
    code, out, _ = call("optimal", party, "--case", case, "--format", "json")
    assert code == 0
    assert json.loads(out)["economy"] == ep.load_economy(ep.load_case(case).economy).name
    code, out, _ = call("optimal", party, "--case", case, "--scenario", first)
    stays = ep.load_case(case).scenarios[first].build(first).measures[0].title
    assert code == 0
    assert "a year to it beyond the measures that stay in force" in " ".join(out.split())
    assert f"(together with {stays}" in " ".join(out.split())
    code, _, err = call("optimal", party, "--case", case, "--scenario", first + "x")
    assert code == 2
    assert first in err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--at-most", "x"), "--at-most: 'x' is neither a number nor a percentage"),
        (("--scenario", "tariff"), "--scenario: it is a scenario of a case; give --case"),
        (("--sector", "shoes"), "unknown sector 'shoes'"),
        (("--sector", "shoes", "--theta", "each"), "unknown sector 'shoes'"),
        (("--sector", "shoes", "--theta", "each", "--format", "json"), "unknown sector 'shoes'"),
    ],
)
def test_what_is_wrong_is_refused(options: tuple[str, ...], says: str) -> None:
    code, _, err = call("optimal", "USA", "--economy", "world2014", *options)
    assert code == 2
    assert says in " ".join(err.split())


def test_a_bound_above_a_thousand_percent_is_taken_as_it_is_stated() -> None:
    code, out, err = call("optimal", "USA", *CARS, "--at-least", "0%", "--at-most", "1706%", "--format", "json")
    assert (code, err) == (0, "")
    free = call("optimal", "USA", *CARS, "--format", "json")[1]
    assert json.loads(out)["payoff"] == pytest.approx(json.loads(free)["payoff"], rel=1e-6)


SUBSIDY = ("optimal", "BRA", "--instrument", "export_tax", "--sector", "other_mining")


@pytest.mark.slow
def test_a_rate_below_zero_is_named_and_its_sign_is_held_against_every_set() -> None:
    code, out, _ = call(*SUBSIDY)
    assert code == 0
    printed = " ".join(out.split())
    assert "An export tax below zero is an export subsidy: of up to 4.6% of the price here." in printed
    assert "above zero pays under 9 published sets, one below zero under 2 (kite-wiod and cp2015-icio)" in printed


@pytest.mark.slow
def test_best_rates_under_every_set_have_the_signs_of_a_small_rate() -> None:
    code, out, _ = call(*SUBSIDY, "--theta", "each", "--format", "json")
    assert code == 0
    rates = {one["elasticity_set"]: one["rates"][0]["rate"] for one in json.loads(out)["sets"]}
    assert {name for name, rate in rates.items() if rate < 0} == {"kite-wiod", "cp2015-icio"}
    assert rates["fgo2022"] == pytest.approx(0.1738, abs=1e-4)
    world = ep.load_economy("world2022")
    options = {"sectors": ("other_mining",), "objective": None}
    signs = signs_over_sets(world.with_theta, "BRA", "export_tax", options)
    assert signs == {name: 1 if rate > 0 else -1 for name, rate in rates.items()}


def test_several_rates_say_that_one_set_was_tried() -> None:
    code, out, _ = call("optimal", "USA", *CARS[:4], "--sector", "motor_vehicles", "--sector", "food")
    assert code == 0
    assert "One set of trade elasticities was tried" in out


def test_ctrl_c_ends_the_search_over_the_sets() -> None:
    """The set that is stopped is the last, and the next ones are not begun."""
    begun: list[str] = []

    def solved(name: str) -> SimpleNamespace:
        begun.append(name)
        return SimpleNamespace(converged=len(begun) < 2)

    found: Any = under_sets(lambda name: name, solved)  # type: ignore[arg-type, return-value]
    assert [one.converged for one in found.values()] == [True, False]
    assert list(found) == begun


def test_error_of_every_set_is_raised() -> None:
    def refused(_: str) -> NoReturn:
        raise InputError("none")

    with pytest.raises(InputError, match="none"):
        under_sets(refused, refused)  # type: ignore[arg-type]


def test_a_group_of_another_time_than_the_data_is_noted() -> None:
    from entrepot.cases import read_case
    from entrepot.cli.optimal_command import _basis

    world = ep.load_economy("world2022")
    question = read_case(
        "case: c\ntitle: T\nquestion: Q\neconomy: world2022\nparties: [USA]\nscenarios:\n"
        "  a: {title: A, measures: [{tariff: {importer: USA, sector: food, rate: 5%}}]}\n"
    )
    note = "EU28 stands for its members until 2020-01-31, and the data are of 2022."
    assert _basis(question, ("EU28", "USA"), world, None).endswith(note)
    assert "stands for" not in _basis(question, ("EU27", "USA"), world, None)


def test_a_set_without_rates_is_named_beside_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = SimpleNamespace(to_dict=lambda: {"converged": True, "rates": [{"instrument": "tariff", "rate": 0.1}]})
    found = {"cp2015": one, "bsy2021": InputError("no elasticity for the sector 'shoes'")}
    monkeypatch.setattr("entrepot.bargaining.optimal_over_sets.under_sets", lambda *_: found)
    arguments = ("optimal", "C00", "--case", str(small(tmp_path)), "--theta", "each", "--format", "csv")
    code, out, err = call(*arguments)
    assert (code, out) == (0, "elasticity_set,instrument,rate\ncp2015,tariff,0.1\n")
    assert "bsy2021: no elasticity for the sector 'shoes'" in " ".join(err.split())
