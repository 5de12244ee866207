"""The verbs tariff and tariff-path: what they print and write."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from test_cli import call

CAR = ("tariff", "USA", "8703.23.01", "--from", "JPN", "--on", "2026-03-15")


def test_the_sentence_comes_first() -> None:
    code, out, err = call(*CAR)
    assert code == 0, err
    text = " ".join(out.split())
    assert text.startswith(
        "On 15 March 2026 the United States collects 15% on 8703.23.01 from Japan: 2.5% ordinary duty"
    )
    assert "12.5% Section 232, cars and light trucks" in text
    assert "Executive Order 14345 (90 FR 43535)" in text
    assert "Section 122, surcharge, heading 9903.03.01 [disputed] Not levied where Section 232" in text
    assert "Known gaps:" in text


def test_the_screen_goes_from_the_answer_to_the_gaps() -> None:
    """The answer, what the code does not decide, the layers, then notes and the gaps that concern the line."""
    options = ("--from", "KOR", "--on", "2025-08-18")
    code, out, err = call("tariff", "USA", "8450.11.00", *options)
    assert code == 0, err
    text = " ".join(out.split())
    order = [
        "On 18 August 2025 the United States collects 50%",
        "By default: share of the value that is metal: 100% (--metal-share)",
        "25% Section 232, steel, heading 9903.81.91",
        "In force that day and not on these goods:",
        "Ordinary rates: Harmonized",
        "Known gaps: not in the answer",
        "antidumping and countervailing duties",
    ]
    at = [text.find(part) for part in order]
    assert -1 not in at, dict(zip(order, at, strict=True))
    assert at == sorted(at)
    assert "large civil aircraft" not in text


def test_a_specific_duty_stands_in_its_layer_and_an_edition_once() -> None:
    code, out, err = call("tariff", "USA", "0402.10.05", "--from", "NZL", "--on", "2026-03-22")
    assert code == 0, err
    text = " ".join(out.split())
    assert "3.3¢/kg Ordinary duty, column 1 general" in text
    assert text.count("2025 (basic edition)") == 1


def test_json_has_fractions() -> None:
    code, out, _ = call(*CAR, "--format", "json", "--value", "20000")
    found = json.loads(out)
    assert code == 0
    assert (found["rate"], found["rate_in_law"], found["amount"]) == (0.15, 0.15, 3000.0)
    layer = next(one for one in found["layers"] if one["id"] == "us-232-autos")
    assert {"authority", "rate", "applies", "because", "citation"} <= set(layer)
    assert (layer["rate"], layer["applies"]) == (0.125, True)


def test_csv_has_a_row_a_layer() -> None:
    code, out, _ = call(*CAR, "--format", "csv")
    table = pd.read_csv(StringIO(out))
    assert code == 0
    assert table["rate"].sum() == pytest.approx(0.15)


def test_conditions_are_printed_with_their_option() -> None:
    _, out, _ = call("tariff", "USA", "8703.23.01", "--from", "MEX", "--on", "2026-03-15", "--us-content", "40%")
    text = " ".join(out.split())
    assert "collects 15% on 8703.23.01 from Mexico" in text
    assert "As given: content of the United States: 40% (--us-content)" in text
    assert "Share of imports of this line that claimed the USMCA in 2025: 34%" in text
    _, out, _ = call("tariff", "USA", "8703.23.01", "--from", "GBR", "--on", "2026-03-15", "--beyond-quota")
    assert "within the quota: no" in " ".join(out.split())
    _, out, _ = call(
        *("tariff", "USA", "8450.11.00", "--from", "KOR", "--on", "2025-08-18"), "--metal-share", "aluminum=20%"
    )
    assert "collects 22% on 8450.11.00 from South Korea" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("tariff", "USA", "8703.23.02", "--from", "JPN", "--on", "2026-03-15"), "the nearest are 8703.23.01"),
        (("tariff", "DEU", "8703.23.01", "--from", "JPN", "--on", "2026-03-15"), "not for Germany"),
        (("tariff", "USA", "8703.23.01", "--from", "JPN", "--metal-share", "much"), "--metal-share: 'much' is neither"),
        (("tariff", "USA", "8703.23.01", "--from", "JPN", "--on", "2031-01-01"), "from 2018-01-01 until 2026-12-31"),
        ((*CAR, "--on", "2025-03-15"), "--on: given 2 times; give it once"),
        ((*CAR, "--from", "DEU"), "--from: given 2 times; give it once"),
        ((*CAR, "--in-quota", "--beyond-quota"), "--in-quota and --beyond-quota: given 2 times; give it once"),
        ((*CAR, "--us-content", "nan"), "--us-content: 'nan' is neither a number nor a percentage"),
        ((*CAR, "--us-content", "much"), "--us-content: 'much' is neither a number nor a percentage such as '25%'"),
        ((*CAR, "--us-content", "-1"), "us_content: -1 is not a share from 0 to 1"),
        ((*CAR, "--quantity", "5"), "give the customs value with it (--value)"),
        ((*CAR, "--generic-medicine", "--patented-medicine"), "a medicine is one or the other"),
        (
            (*CAR, "--metal-share", "aluminum=0.2", "--metal-share", "aluminium=0.3"),
            "share of aluminium is given twice",
        ),
        ((*CAR, "--metal-share", "0.2", "--metal-share", "0.3"), "the share is given twice"),
        (("tariff-path", "USA", "--from", "JPN", "--out", "x.png"), "ends in .svg or .csv"),
        (
            ("tariff-path", "USA", "--from", "JPN", "--out", "no-such/x.csv"),
            "there is no folder no-such; make it first",
        ),
        (("tariff-path", "USA", "--from", "JPN", "--since", "2025-01-01", "--since", "2025-02-01"), "--since: given 2"),
        (("tariff-path", "USA", "--from", "JPN", "--from", "JPN"), "Japan is named twice"),
        (("tariff-path", "USA", "--from", "World"), "World is not one origin"),
        (("tariff-path", "USA"), "name at least one partner"),
    ],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], message: str) -> None:
    code, _, err = call(*arguments)
    assert code == 2
    assert message in " ".join(err.split())


PATH = (
    "tariff-path",
    "USA",
    "--from",
    "JPN",
    "--products",
    "8703.23",
    "--since",
    "2025-04-01",
    "--until",
    "2025-12-31",
)


def test_path_as_table(tmp_path: Path) -> None:
    code, out, err = call(*PATH, "--out", str(tmp_path / "path.csv"))
    assert code == 0, err
    assert len(pd.read_csv(tmp_path / "path.csv")) == 3
    text = " ".join(out.split())
    assert (
        "Japan: the mean duty goes from 2.5% to 15.0% between 1 April 2025 and 31 December 2025; in between it reaches "
        "27.5%, on 3 April 2025."
    ) in text
    assert "2025-04-03 JPN 27.50 27.50 Section 232, cars and light trucks: starts" in text
    assert "simple mean over 1 line of eight digits" in text


def test_the_picture_of_a_path_is_in_the_language_in_use(tmp_path: Path) -> None:
    texts = {}
    for language in ("en", "de"):
        code, out, err = call("--lang", language, *PATH, "--out", str(tmp_path / f"{language}.svg"))
        assert code == 0, err
        texts[language] = (tmp_path / f"{language}.svg").read_text()
        assert ("2,5\N{NO-BREAK SPACE}%" if language == "de" else "2.5%") in out
    assert "Mean duty of the United States, % of value, 1 April 2025 to 31 December 2025" in " ".join(
        texts["en"].split()
    )
    title = re.search(r"<title[^>]*>(.*?)</title>", texts["en"], re.DOTALL)
    assert title is not None
    assert title[1] == "The mean duty rises most for Japan: from 2.5% to 15.0% of value, and up to 27.5% in between."
    assert "Japan: 2.5% on 1 April 2025, 27.5% on 3 April 2025, 15.0% on 31 December 2025." in texts["en"]
    assert "2,5\N{NO-BREAK SPACE}%" in texts["de"]
    assert "2.5%" not in texts["de"]


def test_path_in_another_language() -> None:
    code, out, err = call("--lang", "de", *PATH)
    assert code == 0, err
    assert "2,50" in out
    assert "27,50" in out
    assert "1. April 2025" in " ".join(out.split())


@pytest.mark.slow
def test_path_as_picture(tmp_path: Path) -> None:
    code, _, err = call(*PATH, "--out", str(tmp_path / "path.svg"))
    assert code == 0, err
    picture = (tmp_path / "path.svg").read_text()
    assert picture.startswith("<svg")
    assert "Japan" in picture


def test_lists_of_a_path_take_commas() -> None:
    query = ("tariff-path", "USA", "--since", "2025-04-01", "--until", "2025-04-30", "--format", "csv")
    _, apart, _ = call(*query, "--from", "JPN", "--from", "KOR", "--products", "8703.23", "--products", "8703.24")
    for names in (("JPN, KOR,",), ("JPN", "Korea, Rep.")):
        code, out, err = call(*query, *(x for name in names for x in ("--from", name)), "--products", "8703.23,8703.24")
        assert code == 0, err
        assert out == apart


def test_path_as_csv_and_json() -> None:
    code, out, _ = call(*PATH, "--format", "csv")
    assert code == 0
    assert pd.read_csv(StringIO(out))["rate"].to_list() == pytest.approx([0.025, 0.275, 0.15])
    _, out, _ = call(*PATH, "--format", "json")
    found = json.loads(out)
    assert [row["date"] for row in found["rows"]] == ["2025-04-01", "2025-04-03", "2025-09-16"]
    assert {"date", "what"} == set(found["changes"][0])


def test_help_lists_the_gaps() -> None:
    code, out, _ = call("tariff", "--help")
    assert code == 0
    assert "Known gaps" in out
