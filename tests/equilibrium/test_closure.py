"""A Closure as it is stated: what it says by default, what each number may be, and files of labour shares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import entrepot as ep
from entrepot.equilibrium.closure import read_labour_shares


def test_closure_defaults() -> None:
    closure = ep.Closure()
    assert (closure.deficit, closure.numeraire, closure.horizon, closure.recycling) == (
        "fixed",
        "WORLD",
        "long",
        "lump_sum",
    )
    assert (closure.labour_share, closure.labour_supply, closure.labour_tax, closure.scale) == (None, 0.0, 0.0, 0.0)
    assert str(closure) == "default"
    assert closure == ep.Closure("fixed", "world") == replace(ep.Closure("balanced"), deficit="fixed")
    assert closure != ep.Closure("balanced")


def test_closure_text_lists_differences_from_the_default() -> None:
    assert str(ep.Closure("balanced")) == "deficit balanced"
    assert str(ep.Closure(numeraire="USA", labour_supply="50%")) == "numeraire USA, labour supply 0.5"
    message = str(ep.Closure(horizon="short", labour_share={"steel": 0.6}, recycling="labour_tax", labour_tax=0.25))
    assert message == "horizon short, labour share {'steel': 0.6}, recycling labour_tax, labour tax 0.25"


def test_the_unit_of_account_is_a_name() -> None:
    assert ep.Closure(numeraire="World").numeraire == "WORLD"
    assert ep.Closure(numeraire="usa").numeraire == "usa"
    assert ep.Closure(numeraire="cpi: usa").numeraire == "CPI:usa"
    assert ep.Closure(numeraire="CPI:usa").unit_of == ("prices", "usa")
    assert [ep.Closure(numeraire=n).unit_of for n in ("world", "USA")] == [("value added", "WORLD"), ("wage", "USA")]
    with pytest.raises(ep.errors.InputError, match="a price index is CPI:COUNTRY or CPI:WORLD"):
        ep.Closure(numeraire="PPI:USA")
    with pytest.raises(ep.errors.InputError, match="closure: numeraire 5 is not a name"):
        ep.Closure(numeraire=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("deficit", ("fixed", "gdp_share", "own_share", "balanced", "closed")),
        ("horizon", ("long", "short")),
        ("recycling", ("lump_sum", "labour_tax")),
    ],
)
def test_choice_that_is_unknown_is_refused_with_the_known_ones(key: str, choices: tuple[str, ...]) -> None:
    for choice in choices:
        assert getattr(ep.Closure(labour_share=0.5, **{key: choice}), key) == choice  # type: ignore[arg-type]
    with pytest.raises(ep.errors.InputError, match=f"^closure: {key} 'xyz'; known: {', '.join(choices)}$"):
        ep.Closure(**{key: "xyz"})
    with pytest.raises(ep.errors.InputError, match=f"^closure: {key} 'x{choices[0]}'; did you mean {choices[0]}"):
        ep.Closure(**{key: "x" + choices[0]})


WANTED = {
    "labour_share": "a share of value added above 0, up to 1",
    "labour_supply": "an elasticity between 0 and 10",
    "labour_tax": "a rate below 1, such as 0.25",
    "scale": "an elasticity from 0 to 1,000,000",
    "capital": "a ratio to the base from 1e-06 to 1,000,000",
}


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("labour_share", [1e-9, 0.5, 1, 1.0]),
        ("labour_supply", [0, 0.0, 0.3, 10, 10.0]),
        ("labour_tax", [-0.999, 0, 0.25, 0.999]),
        ("scale", [0, 0.1, 2.5, 1e6]),
    ],
)
def test_numbers_up_to_their_limits(key: str, numbers: list[float]) -> None:
    for number in numbers:
        assert getattr(ep.Closure(**{key: number}), key) == number
        assert getattr(ep.Closure(**{key: {"A": number}}), key) == {"A": number}


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("labour_share", [0, 0.0, -0.1, 1.001, True, "high"]),
        ("labour_supply", [-1e-9, 10.001, None, False, -0.05, float("inf")]),
        ("labour_tax", [-1, -1.0, 0.9995, 1, None, "%"]),
        ("scale", [-0.001, 1e300, float("inf"), float("nan"), 10**400, True, "0.1", [0.1]]),
        ("capital", [0, -0.1, 1e7, 1e-300, float("nan"), True, "much"]),
    ],
)
def test_numbers_beyond_their_limits_are_refused(key: str, numbers: list[Any]) -> None:
    for number in numbers:
        if not (key == "labour_share" and isinstance(number, str)):  # the path of a file
            with pytest.raises(ep.errors.InputError) as caught:
                ep.Closure(**{key: number})
            assert str(caught.value) == f"closure: {key} {number!r} is not {WANTED[key]}"
        with pytest.raises(ep.errors.InputError) as caught:
            ep.Closure(**{key: {"A": 0.5, "B": {"C": number}}})
        assert str(caught.value) == f"closure: {key} of B of C {number!r} is not {WANTED[key]}"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(("30%", 0.3), (" 12.5 % ", 0.125), ("5.%", 0.05), ("0%", 0.0), ("7 %", 0.07)),
        *(("30,5%", 0.305), ("30 per cent", 0.3), ("30 pct.", 0.3), ("30percent", 0.3), ("+30%", 0.3)),
    ],
)
def test_percentages_are_read_as_fractions(written: str, meant: float) -> None:
    closure = ep.Closure(labour_supply=written, labour_tax={"USA": written}, scale={"ALL": 0.01, "steel": written})  # type: ignore[arg-type, dict-item]
    assert closure.labour_supply == pytest.approx(meant)
    assert closure.labour_tax == {"USA": pytest.approx(meant)}
    assert closure.scale == {"ALL": 0.01, "steel": pytest.approx(meant)}


def test_labour_share_in_percent_is_not_read_as_a_path() -> None:
    assert ep.Closure(labour_share="60%").labour_share == 0.6
    nested = ep.Closure(labour_share={"USA": {"steel": "60%"}})  # type: ignore[dict-item]
    assert nested.labour_share == {"USA": {"steel": 0.6}}


def test_percentages_below_zero_are_read_and_checked() -> None:
    assert ep.Closure(labour_tax="-5%").labour_tax == -0.05  # type: ignore[arg-type]
    with pytest.raises(ep.errors.InputError, match=r"closure: labour_supply -0\.05 is not"):
        ep.Closure(labour_supply="-5%")  # type: ignore[arg-type]


def test_labour_shares_of_a_file_may_be_percentages(tmp_path: Path) -> None:
    file = tmp_path / "labour.csv"
    file.write_text('sector,labour_share\nsteel,"60,5%"\ncars,0.7\n')
    assert ep.Closure(labour_share=file).labour_share == {"steel": 0.605, "cars": 0.7}
    file.write_text("sector,labour_share\nsteel,much\n")
    with pytest.raises(ep.errors.DocumentError, match="'much' is not numeric"):
        ep.Closure(labour_share=file)


def test_stocks_of_capital_are_in_the_id_of_a_run_where_they_move() -> None:
    assert "capital" not in repr(ep.Closure(labour_share=0.6))
    assert "capital={'USA': 1.1}" in repr(ep.Closure(labour_share=0.6, capital={"USA": 1.1}))
    assert eval(repr(ep.Closure(labour_share=0.6)), {"Closure": ep.Closure}) == ep.Closure(labour_share=0.6)


def test_capital_needs_a_share_that_is_determined() -> None:
    assert ep.Closure(labour_share=0.6, capital={"USA": "110%"}).capital == {"USA": pytest.approx(1.1)}  # type: ignore[dict-item]
    with pytest.raises(ep.errors.InputError, match="closure: capital needs labour_share"):
        ep.Closure(capital={"USA": 1.1})
    with pytest.raises(ep.errors.InputError, match="beside a labour supply that moves needs horizon: short"):
        ep.Closure(labour_share=0.6, capital=1.1, labour={"real_wage": "USA"})


def test_short_horizon_needs_labour_shares() -> None:
    with pytest.raises(
        ep.errors.InputError,
        match=r"^closure: the short horizon needs labour_share, the part of .* by sector\. "
        r"--horizon short on the command line takes 0\.667 for all$",
    ):
        ep.Closure(horizon="short")
    assert ep.Closure(horizon="short", labour_share=0.6).labour_share == 0.6
    assert ep.Closure(horizon="long").labour_share is None


# ---- files of labour shares ----


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shares.csv"


def test_labour_shares_by_sector_and_by_country_and_sector(file: Path) -> None:
    file.write_text("\ufeffsector,labour_share\nfood,0.5\ncars,0.75\n", encoding="utf-8")
    assert read_labour_shares(file) == {"food": 0.5, "cars": 0.75}
    assert ep.Closure(labour_share=str(file)).labour_share == ep.Closure(labour_share=file).labour_share
    file.write_text("country,note,sector,labour_share\nA,,food,0.5\nA,x,cars,0.6\nB,,food,0.7\n", encoding="utf-8")
    assert read_labour_shares(file) == {"A": {"food": 0.5, "cars": 0.6}, "B": {"food": 0.7}}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("sector,share\nfood,0.5\n", 2, "the columns sector and labour_share are needed, and country where"),
        ("country,labour_share\nA,0.5\n", 2, "the columns sector and labour_share are needed"),
        ("sector,labour_share\nfood,0.5\n,0.5\n", 3, "the columns sector and labour_share are needed"),
        ("country,sector,labour_share\n,food,0.5\n", 2, "the columns sector and labour_share are needed"),
        ("sector,labour_share\nfood,0.5\ncars,0.5\nfood,0.5\n", 4, "food is given twice"),
        ("country,sector,labour_share\nA,food,0.5\nB,food,0.5\nB,food,0.6\n", 4, "B food is given twice"),
        ("sector,labour_share\nfood,\n", 2, "'' is not numeric"),
        ("sector,labour_share\nfood,0.5\ncars\n", 3, "empty is not numeric"),
        ("sector,labour_share\n", None, "has no rows"),
        ("", None, "has no rows"),
    ],
)
def test_labour_share_file_errors_name_the_line(file: Path, text: str, line: int | None, message: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ep.errors.DocumentError) as caught:
        read_labour_shares(file)
    assert (caught.value.path, caught.value.line) == (str(file), line)
    assert message in str(caught.value)
