"""The verb figure: what it lists, draws and prints, and what it refuses; `run --pdf`."""

from __future__ import annotations

from pathlib import Path

import pytest

import entrepot as ep
from small_sweep import THETA, small
from test_cli import call


def test_it_lists_the_figures_with_what_they_say(tmp_path: Path) -> None:
    code, out, err = call("figure", str(small(tmp_path)))
    assert code == 0, err
    lines = out.splitlines()
    assert lines[0] == "winners"
    assert lines[1].strip().startswith('Under "a tariff", C00 ')
    assert "What every deal is worth beyond the threat" in out  # it is not solved for a list
    assert "intervals" not in lines


def test_every_form_is_what_python_gives(tmp_path: Path) -> None:
    case = small(tmp_path)
    figure = ep.run(case).figures["winners"]
    for form in ("svg", "csv"):
        code, out, _ = call("figure", str(case), "winners", "--format", form)
        assert (code, out) == (0, figure.written(form).decode())
        file = tmp_path / f"w.{form}"
        code, _, err = call("figure", str(case), "winners", "-o", str(file))
        assert (code, err.strip()) == (0, f"Wrote {file}.")
        assert file.read_text(encoding="utf-8") == out
    code, out, _ = call("figure", str(case), "winners")
    assert code == 0
    assert " ".join(figure.title.split()) in " ".join(out.split())


def test_only_the_scenarios_that_are_named(tmp_path: Path) -> None:
    code, out, err = call("figure", str(small(tmp_path)), "winners", "--scenario", "quota", "--format", "csv")
    assert code == 0, err
    assert {line.split(",")[0] for line in out.splitlines()[1:]} == {"a quota"}


def test_a_figure_of_a_sweep_solves_it(tmp_path: Path) -> None:
    case = small(tmp_path, more=THETA)
    code, out, err = call(
        "figure", str(case), "intervals", "--draws", "4", "--format", "csv", "--store", str(tmp_path / "runs")
    )
    assert code == 0, err
    assert out.startswith("scenario,party,centre [US$ million],low")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("winers",), "did you mean winners?"),
        (("winners", "-o", "x.gif"), "ends in .svg, .png or .csv"),
        (("winners", "-o", "nowhere/x.svg"), "there is no folder nowhere"),
        (("winners", "--scenario", "tarif"), "did you mean tariff?"),
        (("branches",), "there is no figure 'branches'"),
    ],
)
def test_bad_input_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    code, _, err = call("figure", str(small(tmp_path)), *arguments)
    assert code == 2
    assert says in " ".join(err.split())


def test_a_pdf_has_another_name(tmp_path: Path) -> None:
    code, _, err = call("run", str(small(tmp_path)), "--no-store", "--pdf", str(tmp_path / "report.doc"))
    assert code == 2
    assert "ends in .pdf" in " ".join(err.split())


@pytest.mark.slow
def test_a_pdf_has_pages_with_the_answer_and_the_figures(tmp_path: Path) -> None:
    pytest.importorskip("weasyprint", reason="WeasyPrint or Pango is not installed", exc_type=(ImportError, OSError))
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    path = tmp_path / "report.pdf"
    code, _, err = call("run", str(small(tmp_path)), "--no-store", "--pdf", str(path))
    assert code == 0, err
    pages = pypdf.PdfReader(path).pages
    assert 3 <= len(pages) <= 25
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    study = ep.run(small(tmp_path))
    for part in ("A small world", "Who pays", "How sure", "a restraint with the same volume"):
        assert part in text
    drawn = [mark.replace("-", "\N{MINUS SIGN}") for mark in ("+0.14 (+0.0040%)",)]
    assert all(number in text for number in drawn), "the numbers in the figures"
    assert study.headline().answer[0].split(";")[0] in text
