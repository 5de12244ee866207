"""What an installed package brings by its entry points is there like what Entrepot has itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import entrepot
from shelves import slow_after

SRC = str(Path(entrepot.__file__).resolve().parents[1])
PACKAGE = '''
from dataclasses import dataclass
from pathlib import Path

import entrepot as ep
from entrepot.data.layouts import Layout
from entrepot.data.sources import Imported, Source
from entrepot.measures import Instrument
from entrepot.measures.registry import FLOWS


@dataclass(frozen=True, kw_only=True)
class Surcharge(ep.measures.BorderMeasure):
    """Points on top of the tariff."""

    kind = "surcharge"
    points: float = 0.1

    def put(self, policy):
        policy.tariff(self.flows(policy.economy), add=self.points)


SURCHARGE = Instrument(
    measure=Surcharge, title="Surcharge", flag="surcharge", line=("importer", "exporter", "sector"), form=FLOWS
)
CATALOGUE = (
    Source("ours", "Our table", "my_package", "1", "a file", "trade", "nothing", "We (2026)", "free", "none"),
)
BOOK = Path(__file__).parent / "book"
NAME, TITLE, DATA = "mine", "A paper of mine", "none"


def read(path, ask, tell):
    return Imported(ep.load_economy("world2014"), found=("one world",))


def replicate(data):
    raise ep.errors.InputError("computed again")
'''
STATUTE = """
- id: nz-surcharge
  country: NZL
  title: An Act of New Zealand
  provision: An Act, section 1
  in_force: 2020-01-01
  test: whatever the minister decides
  actions: [surcharge]
  consequence: nothing follows
  source: {title: An Act}
  confidence: general
"""
POINTS = """
[entrepot.instruments]
surcharge = my_package:SURCHARGE
[entrepot.sources]
ours = my_package
[entrepot.books]
ours = my_package:BOOK
[entrepot.replications]
mine = my_package
"""
ALL = """
import entrepot as ep
from entrepot.cases.read_measure import read_measure
from entrepot.data.sources import import_economy, sources
from entrepot.replications import replications
from entrepot.rules.book import statutes
made = read_measure({"surcharge": {"importer": "USA", "exporter": "JPN", "sector": "motor_vehicles"}})
print(ep.solve(ep.load_economy("world2014"), made).measures["kind"].iloc[0])
print(sources()["ours"].title, import_economy("ours", ".").found)
print(statutes()["nz-surcharge"].title, len(statutes()) > 10)
print(replications()["mine"][0])
try:
    ep.replications.replicate("mine")
except ep.errors.InputError as error:
    print(error)
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder on the path with a package, as pip leaves one."""
    (tmp_path / "my_package.py").write_text(PACKAGE)
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "statutes.yaml").write_text(STATUTE)
    made = tmp_path / "my_package-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text(POINTS)
    return tmp_path


def run(folder: Path, *command: str) -> tuple[int, str, str]:
    path = os.pathsep.join([str(folder), SRC])
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, cwd=folder, env=os.environ | {"PYTHONPATH": path}
    )
    return done.returncode, done.stdout, done.stderr


def test_entry_points_of_a_package_are_used(installed: Path) -> None:
    code, out, err = run(installed, "-c", ALL)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "surcharge",
        "Our table ('one world',)",
        "An Act of New Zealand True",
        "A paper of mine",
        "computed again",
    ]
    code, out, _ = run(installed, "-m", "entrepot.cli", "solve", "--help")
    assert "--surcharge" in out


@pytest.mark.parametrize(
    ("points", "registry", "message"),
    slow_after(
        2,
        [
            (
                "[entrepot.instruments]\nx = my_package:NONE\n",
                "measures",
                "x (my_package:NONE) cannot be loaded",
            ),
            ("[entrepot.instruments]\nx = no_package\n", "measures", "cannot be loaded: No module named 'no_package'"),
            ("[entrepot.instruments]\nx = my_package:read\n", "measures", "(my_package:read) is not an Instrument"),
            ("[entrepot.sources]\nx = my_package:SURCHARGE\n", "sources", "is not a module with CATALOGUE or LAYOUTS"),
            (
                "[entrepot.sources]\nx = my_package\ny = my_package\n",
                "sources",
                "my_package and my_package both define it",
            ),
            ("[entrepot.replications]\nx = json\n", "replications", "is not a module with TITLE, DATA and replicate"),
            (
                "[entrepot.books]\nx = my_package:BOOK\ny = my_package:BOOK\n",
                "books",
                "'nz-surcharge' is in another book",
            ),
        ],
    ),
)
def test_faulty_entry_point_is_refused_by_name(installed: Path, points: str, registry: str, message: str) -> None:
    (installed / "my_package-1.0.dist-info" / "entry_points.txt").write_text(points)
    ask = {
        "measures": "from entrepot.measures import instruments; instruments()",
        "sources": "from entrepot.data.sources import sources; sources()",
        "replications": "from entrepot.replications import replications; replications()",
        "books": "from entrepot.rules.book import statutes; statutes()",
    }[registry]
    code, _, err = run(installed, "-c", ask)
    assert code == 1
    assert message in err.splitlines()[-1]
