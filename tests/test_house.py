"""Checks of the repository: notation, dependencies, README, packaging."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
import tomllib
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import entrepot as ep
from entrepot.economy import Economy
from entrepot.equilibrium import accounts, equilibrium_map, factors, price_rules, problem, quantities
from entrepot.measures import instruments

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "entrepot"
TABLE_ROW = re.compile(r"^\| (.+) \|$", re.MULTILINE)


@functools.cache
def sources() -> dict[Path, str]:
    """The text of every module of the package; to parse all of them would take three seconds."""
    return {path: path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py")}


def rows(page: str, heading: str) -> list[list[str]]:
    section = (ROOT / "docs" / page).read_text(encoding="utf-8").split(heading, 1)[1]
    return [[c.strip() for c in r.split(" | ")] for r in TABLE_ROW.findall(section) if not r.startswith("---")]


def test_files_have_the_same_line_ends_on_every_system() -> None:
    """Their digests are those of their bytes, and a table's lines would end twice where the system adds its own end."""
    needed = {"write_text": "newline", "to_csv": "lineterminator"}
    for path, text in sources().items():
        if not any(f".{name}(" in text for name in needed):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in needed:
                stated = {keyword.arg for keyword in node.keywords}
                assert needed[node.func.attr] in stated, f"{path.relative_to(SOURCE)}:{node.lineno}"


def test_notation_names_attributes_that_exist() -> None:
    homes = {
        "Economy": Economy,
        "State": equilibrium_map.State,
        "Cleared": equilibrium_map.Cleared,
        "Problem": problem.Problem,
        "Quotas": problem.Quotas,
        "Accounts": accounts.Accounts,
        "Factors": factors.Factors,
        "PriceRules": price_rules.PriceRules,
    }
    named = [r[1].strip("`") for r in rows("notation.md", "# Notation") if "." in r[1]]
    assert len(named) > 30
    for name in named:
        home, attribute = name.split(".")
        cls = homes[home]
        assert attribute in {*dir(cls), *getattr(cls, "__dataclass_fields__", {})}, name


def test_notation_has_every_reported_quantity() -> None:
    printed = {r[0].strip("`"): r[1:] for r in rows("notation.md", "## Reported quantities")[1:]}
    registry = {q.key: [q.label, q.measured_in, q.positive, q.formula] for q in quantities.ALL.values()}
    assert {k: [c.strip() for c in v] for k, v in printed.items()} == {
        k: [c.strip() for c in v] for k, v in registry.items()
    }


def test_every_dependency_is_explained_and_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(d for group in project["optional-dependencies"].values() for d in group)]
    names = {re.split(r"[\[<>=]", d)[0] for d in wanted} - {"entrepot"}
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in constraints.splitlines() if "==" in line}
    for name in names:
        assert name in page, name
        assert name.lower().replace("_", "-") in pinned, name
    assert "://" not in constraints


def test_rows_of_the_page_are_the_dependencies_by_group() -> None:
    """Each package has one row, in the table of what is always installed or beside its extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    wanted = {(group, re.split(r"[\[<>=]", d)[0]) for group, listed in groups.items() for d in listed}
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").split("From npm")[0]
    found = []
    for cell in re.findall(r"^\| ([^|]+) \|", text, re.MULTILINE):
        group, colon, packages = cell.partition(":")
        named = re.match(r"`([\w]+)`", group)
        if colon and named:
            found += [(named[1], name.strip()) for name in packages.split(",")]
        elif cell not in ("package", "extra", "---"):
            found.append(("", cell.strip()))
    assert sorted(found) == sorted((g, d) for g, d in wanted if d != "entrepot")


def test_readme_python_prints_its_comments() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code = readme.split("```python\n")[1].split("```")[0]
    scope: dict[str, object] = {}
    exec(code, scope)
    for name in ("tariff", "restraint"):
        outcome = scope[name]
        assert isinstance(outcome, ep.Outcome)
        printed = re.search(rf"{name}\.countries.*# ([-+.\d]+), ([-+.\d]+)", code)
        assert printed
        real = outcome.countries["real_income_pct"]
        assert [float(x) for x in printed.groups()] == pytest.approx([real["USA"], real["JPN"]], abs=5e-4)


@pytest.mark.parametrize("page", ["sources", "rules"])
def test_generated_pages_match_the_data(page: str) -> None:
    script = ROOT / "scripts" / f"build_{page}_page.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run python {script.relative_to(ROOT)}\n{done.stderr}"


def test_public_names_exist() -> None:
    for name in ep.__all__:
        assert getattr(ep, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ep.nothing


def test_class_of_a_measure_is_checked_in_measures_only() -> None:
    """Other folders read what a measure puts into the Policy, so that a user's own instrument is treated alike."""
    classes = {entry.measure.__name__ for entry in instruments().values()} | {"BorderMeasure", "QuantityMeasure"}
    near = re.compile(rf"\bis(instance|subclass)\((?s:.{{,1000}}?)\b({'|'.join(classes)})\b")
    checks = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path, text in sources().items()
        if path.parent.name != "measures" and near.search(text)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("isinstance", "issubclass")
        and classes & {getattr(name, "id", getattr(name, "attr", "")) for name in ast.walk(node)}
    ]
    assert checks == []


def test_bundled_data_are_in_the_package() -> None:
    assert ep.bundled_economies() == ("world2014", "world2018", "world2022")
    assert ep.bundled_cases() == (
        "eu-steel-trq",
        "japan-vers-1981",
        "us-eu-autos-2026",
        "us-japan-autos-2019",
        "us-japan-autos-2025",
        "us-section-122-2026",
        "us-section-301-2026",
    )


def test_imports_have_no_circle() -> None:
    """Between modules, imports inside functions and for type checkers included."""
    graph = grimp.build_graph("entrepot", cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    TopologicalSorter(imports).prepare()  # raises CycleError, which names the modules


def test_class_and_module_names_stand_for_one_thing() -> None:
    modules = Counter(path.stem for path in SOURCE.rglob("*.py") if not path.stem.startswith("__"))
    classes = Counter(name for text in sources().values() for name in re.findall(r"^ *class (\w+)[(:]", text, re.M))
    assert [name for name, count in (modules + classes).items() if count > 1] == []
