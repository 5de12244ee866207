"""The page's modules that draw nothing, tested in Node; and the build of the page."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from page_modules import ROOT, page_builder, run_module

from entrepot.cases import bundled_cases, load_case
from entrepot.documents import plain, read_document
from shelves import slow_after


def test_modules_of_the_page() -> None:
    """The tests in page/tests."""
    done = page_builder().run_tests()
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"^\S* ?tests (\d+)$", done.stdout, re.MULTILINE)
    assert found is not None, done.stdout
    assert int(found[1]) >= 10


def test_locked_packages_name_no_registry() -> None:
    lock = json.loads((ROOT / "page" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_page_is_built_from_its_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = page_builder()
    if not builder.is_current():
        builder.build()
    assert builder.is_current()
    script = (builder.BUILT / "app.js").read_text(encoding="utf-8")
    assert not re.search(r"https?://(?!www\.w3\.org/)", script)
    monkeypatch.setattr(builder, "_fingerprint", lambda: "another")
    assert not builder.is_current()


def test_what_the_build_makes_of_the_page_is_in_sdist_and_wheel() -> None:
    """Else a wheel built from the sdist needs Node and npm's packages again."""
    builder = page_builder()
    made = {path.relative_to(ROOT).as_posix() for path in (builder.BUILT, builder.BORDERS)}
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    for target in ("sdist", "wheel"):
        assert made <= set(hatch[target]["artifacts"]), target


TEXTS = ["no", "NO", "12", "1_000", "1e5", ".5", "a: b", "a # b", "- x", "it's", 'a "b"', " x", "x ", "", "25%"]
TEXTS += ["2026-07-01", "\u20ac 5", "a, b", "[x]", "{x}", "*a", "&a", "!t", "%a", "@a", "x:", "a\nb", "\u2028", "null"]
TEXTS += ["0x1f", "long " * 40 + "end", "it\x92s", "a\x7f", "\ufeffa", "\uffff", "long\x85 " * 40 + "end"]


def _as_yaml(documents: list[object], folder: Path) -> list[str]:
    script = """
      import { readFileSync } from "node:fs";
      import { asYaml } from "./source/yaml.js";
      console.log(JSON.stringify(JSON.parse(readFileSync(process.argv[1])).map((one) => asYaml(one, "A remark"))));
    """
    (folder / "documents.json").write_text(json.dumps(documents), encoding="utf-8")
    return list(json.loads(run_module(script, str(folder / "documents.json"))))


def test_texts_that_yaml_would_read_as_something_else_are_quoted(tmp_path: Path) -> None:
    keys = dict.fromkeys(TEXTS, 1)
    documents: list[object] = [{"texts": TEXTS, "flow": {"a": {"b": TEXTS}}, "keys": keys, "none": None}]
    (text,) = _as_yaml(documents, tmp_path)
    assert _plain(read_document(text, "case.yaml")) == documents[0]


OTHERS = [name for name in bundled_cases() if name != "us-eu-autos-2026"]


@pytest.mark.parametrize("name", slow_after(1, ["us-eu-autos-2026", *OTHERS]))
def test_downloaded_case_is_yaml_that_reads_as_the_case(name: str, tmp_path: Path) -> None:
    document = _plain(load_case(name).written)
    (text,) = _as_yaml([document], tmp_path)
    assert _plain(read_document(text, "case.yaml")) == document
    assert text.startswith("# A remark\ncase: ")
    if name not in OTHERS:  # blocks and lines, as a person writes them
        keys = "label: 25% on EU cars, importer: USA, exporter: EU27, sector: motor_vehicles, rate: 25%"
        assert f"      - tariff: {{{keys}}}\n" in text
        assert "question: >-\n  On 1 May 2026 the United States" in text


def _plain(document: object) -> object:
    return json.loads(json.dumps(plain(document), default=str))
