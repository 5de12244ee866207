"""Files that a verb writes: not over its own inputs, not under the name of another kind of file."""

from __future__ import annotations

import errno
import io
import subprocess
import sys
from pathlib import Path

import pytest

from entrepot.cli.console import show, write_all_letters
from entrepot.documents import files_for, folder_to_write, write_text, write_texts
from entrepot.errors import DocumentError
from entrepot.runs.store import write_manifest
from test_cli import call

TRADE = "importer,exporter,sector,value\nUSA,USA,cars,90\nUSA,JPN,cars,10\nJPN,USA,cars,12\nJPN,JPN,cars,50\n"


def written(monkeypatch: pytest.MonkeyPatch, terminal: bool, named: str = "") -> bytes:
    """What reaches a file, or a terminal, of a program in a locale with Latin-1, or in the encoding that is named."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=named or "latin-1")
    monkeypatch.setattr(stream, "isatty", lambda: terminal)
    monkeypatch.setenv("PYTHONIOENCODING", named)
    monkeypatch.setattr(sys, "stdout", stream)
    write_all_letters()
    show("Thép: 25 %")
    show("thép Việt")
    stream.flush()
    return raw.getvalue()


def test_a_file_or_pipe_gets_every_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(monkeypatch, terminal=False).decode("utf-8").splitlines() == ["Thép: 25 %", "thép Việt"]


def test_a_terminal_shows_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(monkeypatch, terminal=True).decode("latin-1").splitlines() == ["Thép: 25 %", "thép Vi?t"]


def test_the_encoding_that_is_named_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert written(monkeypatch, terminal=False, named="ascii").decode("ascii").splitlines() == [
        "Th?p: 25 %",
        "th?p Vi?t",
    ]


def test_a_text_may_name_a_file_in_another_encoding(tmp_path: Path) -> None:
    name = b"caf\xe9.yaml".decode(errors="surrogateescape")
    write_text(tmp_path / "report.html", f"entrepot run {name}")
    write_texts(tmp_path / "new", {"answer.md": f"entrepot run {name}"})
    write_manifest(tmp_path, {"command": f"entrepot run {name}"})
    written = [tmp_path / "report.html", tmp_path / "new" / "answer.md", tmp_path / "run.json"]
    assert all("caf?.yaml" in path.read_text(encoding="utf-8") for path in written)


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("name", ["trade", "trade.csv", "trade.txt"])
def test_an_import_never_writes_over_what_it_reads(tmp_path: Path, name: str) -> None:
    raw = tmp_path / name
    raw.write_text(TRADE)
    code, _, err = call("economy", "import", "tables", str(raw), "--theta", "4", "-o", str(tmp_path / "." / name))
    assert (code, raw.read_text()) == (2, TRADE)
    assert "is an input, and would be overwritten by what is written to it (--out)" in words(err)


@pytest.mark.parametrize(
    "arguments",
    [
        ("economy", "update", "world2014", "--trade", "{raw}", "-o", "{raw}"),
        ("economy", "update", "{raw}", "--gdp", "gdp.csv", "--out", "{raw}"),
        ("economy", "import", "tables", "no", "--theta", "4", "--tariffs", "{raw}#Sheet1", "-o", "{raw}"),
        ("exposure", "--trade", "t.csv", "--schedule", "a.csv", "--schedule", "{raw}", "--measures", "{raw}"),
        ("exposure", "--trade", "{raw}", "--schedule", "s.csv", "--lines", "{raw}"),
        ("run", "{raw}", "--pdf", "{raw}"),
        ("figure", "{raw}", "prices", "-o", "{raw}"),
        ("calendar", "{raw}", "--ics", "{raw}"),
    ],
)
def test_no_verb_writes_over_its_input(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    raw = tmp_path / "raw"
    raw.write_text(TRADE)
    code, _, err = call(*(argument.format(raw=raw) for argument in arguments))
    assert (code, raw.read_text()) == (2, TRADE)
    assert "is an input, and would be overwritten" in words(err)


@pytest.mark.parametrize("name", ["my.csv", "my.CSV", "my.yaml", "my.xlsx", "my.har"])
def test_an_economy_is_not_written_under_another_kind_of_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "trade.csv").write_text(TRADE)
    out = tmp_path / name
    code, _, err = call("economy", "import", "tables", str(tmp_path / "trade.csv"), "--theta", "4", "-o", str(out))
    assert (code, out.exists()) == (2, False)
    assert "an Economy is written there" in words(err)
    assert words(err).endswith("give one that ends in .ep")
    code, _, err = call("economy", "update", "world2014", "--gdp", "gdp.csv", "-o", str(out))
    assert (code, out.exists(), "an Economy is written there" in words(err)) == (2, False, True)


def test_measures_are_not_written_as_a_table(tmp_path: Path) -> None:
    out = tmp_path / "m.csv"
    code, _, err = call("exposure", "--trade", "t.csv", "--schedule", "s.csv", "--measures", str(out))
    assert (code, out.exists()) == (2, False)
    assert "a case is written there" in words(err)


SOLVED = ("solve", "--tariff", "USA:JPN:motor_vehicles:+25%")
CASE = "us-japan-autos-2019"


@pytest.mark.parametrize(
    "arguments",
    [
        SOLVED,
        ("run", CASE),
        ("path", CASE),
        ("bargain", CASE),
        ("sweep", CASE, "--draws", "2"),
        ("publish", CASE),
        ("market", "us-cars-2018"),
        ("exposure", "--trade", "t.csv", "--schedule", "s.csv"),
    ],
    ids=lambda arguments: arguments[0],
)
@pytest.mark.parametrize("name", ["z.xlsx", "y.CSV"])
def test_a_folder_is_not_written_under_the_name_of_a_file(
    tmp_path: Path, arguments: tuple[str, ...], name: str
) -> None:
    out = tmp_path / name
    code, printed, err = call(*arguments, "--out", str(out))
    assert (code, printed, out.exists()) == (2, "", False)
    assert f"a name that ends in {out.suffix} is that of a file" in words(err)


def test_a_folder_that_is_there_may_have_any_name(tmp_path: Path) -> None:
    for name in ("old.csv", "results-2.5"):
        (tmp_path / name).mkdir()
        assert [path.name for path in write_texts(tmp_path / name, {"answer.md": "yes"})] == ["answer.md"]
    assert folder_to_write(tmp_path / "results-2.6") == tmp_path / "results-2.6"


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("run", CASE, "--store", ""), "--store"),
        (("run", CASE, "--store="), "--store"),
        (("sweep", CASE, "--draws", "2", "--store", ""), "--store"),
        (("runs", "list", "--store", ""), "--store"),
        (("run", CASE, "--pdf", ""), "--pdf"),
        (("forecast", CASE, "-o", "", "--force"), "--out"),
        (("exposure", "--trade", "t.csv", "--schedule", "s.csv", "--measures", ""), "--measures"),
        (("figure", CASE, "winners", "-o", ""), "--out"),
    ],
)
def test_an_empty_name_is_not_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], option: str
) -> None:
    """As from a variable of the shell that is not set: --store "$RUNS"."""
    monkeypatch.chdir(tmp_path)
    code, _, err = call(*arguments)
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert f"{option}: the name of a file or folder is needed" in words(err)


@pytest.mark.parametrize("name", ["x.json", "folder"])
def test_what_is_there_already_is_a_file(tmp_path: Path, name: str) -> None:
    """A folder is never overwritten, so no message says how to."""
    place = tmp_path / name
    place.mkdir() if name == "folder" else place.write_text("mine")
    for arguments in (("forecast", CASE, "--out", str(place)), ("case", "new", str(place))):
        code, _, err = call(*arguments)
        assert code == 2
        assert ("--force" in err) == (name != "folder")
        assert ("is a folder, where a file is to be written" in words(err)) == (name == "folder")


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_of_a_full_disk_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    """Messages name the file that the user looks for, and not the place where it was made."""
    folder = tmp_path / "out"
    if there:
        folder.mkdir()
        (folder / "report.html").write_text("as before")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(DocumentError) as caught, files_for(folder) as made:
        write_text(made / "tables" / "report.html", "new")
    assert str(caught.value) == f"{folder / 'tables' / 'report.html'}: cannot be written: No space left on device"
    with pytest.raises(DocumentError) as caught:
        write_texts(folder, {"report.html": "new"})
    assert str(caught.value) == f"{folder}: cannot be written: No space left on device"
    assert folder.exists() == there
    assert not there or [path.read_text() for path in folder.iterdir()] == ["as before"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "verb",
    ["run us-japan-autos-2019 --economy world2014 --no-store --out new", "publish japan-vers-1981 --out new"],
)
def test_verbs_leave_nothing_on_a_full_disk(tmp_path: Path, verb: str) -> None:
    command = f"ulimit -f 8; {sys.executable} -m entrepot.cli {verb}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("entrepot: new/")
    assert ".entrepot-" not in done.stderr
    assert not list(tmp_path.iterdir())
