"""The verbs forecast and score: the sentence first, files with a hash, the record with its base rate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from test_cli import call


def test_a_forecast_is_written_and_scored(tmp_path: Path) -> None:
    path = str(tmp_path / "eu.json")
    code, out, err = call("forecast", "us-eu-2026", "-o", path)
    assert code == 0, err
    text = " ".join(out.split())
    assert text.startswith("Cars of the EU and the deadline of 4 July 2026: 80% deal, 13% nothing and 7% measure")
    assert "this is made in hindsight" in text
    assert "sha256" in err
    code, out, err = call("score", path, "--outcome", "deal", "--format", "json")
    assert code == 0, err
    (row,) = json.loads(out)["scores"]
    p = json.loads(Path(path).read_text(encoding="utf-8"))["probabilities"]
    assert row["brier"] == pytest.approx((1 - p["deal"]) ** 2 + p["measure"] ** 2 + p["nothing"] ** 2)
    assert row["in_hindsight"] is True


def test_assumptions_are_printed_as_they_are_stated(tmp_path: Path) -> None:
    numbers = ("--belief", "12.5%:62.5%", "--slip", "2.5%")
    code, out, err = call("forecast", "us-eu-2026", *numbers, "-o", str(tmp_path / "eu.json"))
    assert code == 0, err
    text = " ".join(out.split())
    assert "its belief (12.5% to 62.5%) is above" in text
    assert "the talks leave out: 2.5%" in text


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "eu.json"
    path.write_text("mine")
    code, _, err = call("forecast", "us-eu-2026", "-o", str(path))
    assert code == 2
    assert "a file is there already" in " ".join(err.split())
    assert path.read_text() == "mine"
    assert call("forecast", "us-eu-2026", "-o", str(path), "--force")[0] == 0


def test_a_changed_file_is_not_scored(tmp_path: Path) -> None:
    path = tmp_path / "eu.json"
    call("forecast", "us-eu-2026", "-o", str(path))
    path.write_text(path.read_text(encoding="utf-8").replace('"known_on": "2026-05-07"', '"known_on": "2026-05-06"'))
    code, _, err = call("score", str(path), "--outcome", "deal")
    assert code == 2
    assert "its sha256 does not fit" in " ".join(err.split())


def test_the_record_states_its_n_first_and_that_it_shows_nothing() -> None:
    code, out, err = call("score")
    assert code == 0, err
    text = " ".join(out.split())
    assert text.startswith(
        "4 deadlines: a mean Brier score of 0.270 (0 is best, 2 worst), beside 0.623 for the base rate"
    )
    assert "With n = 4 nothing can be concluded about skill" in text
    assert "written when all outcomes were known" in text


def test_the_record_states_the_days_that_were_chosen_and_that_cases_are_not_scored() -> None:
    code, out, err = call("score")
    assert code == 0, err
    text = " ".join(out.split())
    assert "31 March 2026, was chosen here with its outcome known: by 28 February 2026 it ends in nothing" in text
    assert "which scores 1.404, and the mean is 0.605" in text
    assert "the talks of cases ('entrepot talks') are not scored" in text
    assert "stands for the forecaster's own" in text


def test_an_outcome_before_the_day_is_not_final_without_a_word(tmp_path: Path) -> None:
    path = str(tmp_path / "own.json")
    ways = ("--way", "deal=60%", "--way", "delay=0.4", "--deadline", "2999-01-01")
    assert call("forecast", "eu-steel-trq", *ways, "-o", path)[0] == 0
    early = "The day of eu-steel-trq has not come"
    code, out, err = call("score", path, "--outcome", "deal")
    assert code == 0, err
    assert early in " ".join(out.split())
    assert early not in " ".join(call("score", path, "--outcome", "deal", "--final")[1].split())


def test_an_own_number_is_not_of_the_record_s_day(tmp_path: Path) -> None:
    ways = ("--way", "deal=98%", "--way", "measure=1%", "--way", "nothing=1%")
    code, out, err = call("forecast", "us-eu-2026", *ways, "-o", str(tmp_path / "own.json"))
    assert code == 0, err
    text = " ".join(out.split())
    assert "from what was known on 4 July 2026" in text
    assert "It ended on 1 July 2026, before the day, 4 July 2026: this is made in hindsight" in text


def test_two_forecasts_of_a_deadline_say_why_they_differ(tmp_path: Path) -> None:
    """The talks of the case demand what costs Japan little; those of the record what it refused in public."""
    expected = [
        ("us-japan-autos-2019", "us-autos-2019", "(30%)", "(3% to 36%)"),
        ("us-autos-2019", "us-japan-autos-2019", "(5% to 40%)", "(50% to 150%)"),
    ]
    for name, other, belief, cost in expected:
        text = " ".join(call("forecast", name, "-o", str(tmp_path / name))[1].split())
        assert f"'entrepot forecast {other}' is of the same deadline with other demands" in text
        assert f"its belief {belief} is above what signing costs it, as a part of what the measure would {cost}" in text


def test_parts_that_do_not_add_up_are_marked_as_rounded(tmp_path: Path) -> None:
    ways = ("--way", "a=93.33%", "--way", "b=3.33%", "--way", "c=3.34%", "--deadline", "2999-01-01")
    assert "93% a, 3% c and 3% b, rounded," in call("forecast", "a b", *ways, "-o", str(tmp_path / "a"))[1]


def test_a_question_of_one_s_own_with_the_ways_in_any_case(tmp_path: Path) -> None:
    path = str(tmp_path / "own.json")
    ways = ("--way", "Deal=60%", "--way", "Delay=40%", "--deadline", "2999-01-01")
    assert call("forecast", "my deadline", *ways, "-o", path)[0] == 0
    assert json.loads(Path(path).read_text(encoding="utf-8"))["probabilities"] == {"deal": 0.6, "Delay": 0.4}
    for outcome in ("DEAL", "delay"):
        assert call("score", path, "--outcome", outcome)[0] == 0


def test_days_of_the_record_are_days_in_json() -> None:
    code, out, err = call("score", "--format", "json")
    assert code == 0, err
    first = json.loads(out)["scores"][0]
    assert (first["known_on"], first["deadline"]) == ("2018-09-29", "2018-09-30")


def test_an_empty_file_is_refused_as_empty(tmp_path: Path) -> None:
    (tmp_path / "e.json").touch()
    code, _, err = call("score", str(tmp_path / "e.json"))
    assert code == 2
    assert "is empty" in " ".join(err.split())


def test_help_promises_no_trace() -> None:
    assert "without a trace" not in call("forecast", "--help")[1]


def test_stated_probabilities(tmp_path: Path) -> None:
    path = str(tmp_path / "own.json")
    ways = ("--way", "deal=60%", "--way", "delay=0.4")
    code, out, err = call("forecast", "us-eu-autos-2026", *ways, "--known-on", "2026-05-07", "-o", path)
    assert code == 0, err
    assert "60% deal and 40% delay, from what was known on 7 May 2026" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("forecast", "us-eu-2026", "--way", "deal"), "NAME=PROBABILITY is needed"),
        (("forecast", "us-eu-2026", "--way", "deal=1", "--way", "deal=0"), "given twice"),
        (("forecast", "us-eu-2026", "--way", "deal=50%", "--way", "nothing=60%"), "add up to 1.1"),
        (("forecast", "us-eu-2026", "--belief", "likely"), "--belief: 'likely' is neither a number nor a percentage"),
        (("forecast", "us-eu-2026", "--belief", "1_0%"), "--belief: '1_0%' is neither a number nor a percentage"),
        (("forecast", "us-eu-2026", "--known-on", "May"), "a day such as"),
        (("forecast", "us-eu-2026", "--known-on", "2026-07-05"), "after the deadline"),
        (("score", "none.json", "--outcome", "deal"), "none.json"),
        (("score", "none.json"), "none.json: cannot be read"),
        (("forecast", "us-eu-2026", "--belief", "80"), "the lower end first; 80%?"),
        (("forecast", "my deadline", "--way", "a=50%", "--way", "b=50%"), "--deadline 2026-07-04"),
        (("forecast", "us-eu-2026", "--way", "deal=50%", "--way", "Deal=50%"), "'deal' is given twice"),
        (
            ("forecast", "us-japan-autos-2019", "--way", "deal=1", "--way", "b=0", "--known-on", "2019-05-01"),
            "its threat is of 2019-05-15",
        ),
        (("score", "--outcome", "deal"), "no file to score"),
        (("score", "--final"), "no file to score"),
        (("forecast", "us-eu-2026", "--deadline", "2027-01-01"), "leave it out"),
        (
            ("forecast", "us-japan-autos-2019", "--known-on", "2019-05-17"),
            "they cannot be a forecast from what was known",
        ),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = call(*arguments)
    assert code == 2
    assert message in " ".join(err.split())
    assert list(tmp_path.iterdir()) == []
