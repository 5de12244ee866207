"""entrepot optimal: the best rates are those of Python and of the API, and what is wrong is refused."""

from __future__ import annotations

import json

import pytest

import entrepot as ep
from entrepot.desk.handlers import answer
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
    code, _, err = call("optimal", party, "--case", case, "--scenario", first + "x")
    assert code == 2
    assert first in err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--at-most", "x"), "--at-most: 'x' is neither a number nor a percentage"),
        (("--scenario", "tariff"), "--scenario: it is a scenario of a case; give --case"),
        (("--sector", "shoes"), "unknown sector 'shoes'"),
    ],
)
def test_what_is_wrong_is_refused(options: tuple[str, ...], says: str) -> None:
    code, _, err = call("optimal", "USA", "--economy", "world2014", *options)
    assert code == 2
    assert says in " ".join(err.split())
