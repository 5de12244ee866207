"""Build a release, try it on every Python that is installed, and tag it if that is requested.

    python scripts/release.py            (what make release does: everything but the tag)
    python scripts/release.py --tag      (make release TAG=--tag)

Nothing is uploaded or pushed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
CASE = "us-japan-autos-2019"
#: The commands that are tried, each with a text that must be in what it prints.
TRIALS = (
    (("--version",), "entrepot {version}"),
    (("solve", "--tariff", "USA:JPN:motor_vehicles:+25%"), "The United States loses"),
    (("run", CASE, "--out", "report"), "United States"),
)


class ReleaseError(Exception):
    """A reason not to release; the message says what to do."""


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Return what a command prints; raises `ReleaseError` with the end of its output where it fails."""
    # Neither the checkout nor this interpreter's settings may leak into the environment that is tried.
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        printed = (done.stdout + done.stderr).strip().splitlines()[-15:]
        raise ReleaseError("\n".join([f"failed: {' '.join(map(str, command))}", *printed]))
    return done.stdout


def stated_version(root: Path = ROOT) -> str:
    """Return the version of the project; raises `ReleaseError` where its files state different ones."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    module = re.search(r'__version__ = "(.+)"', (root / "src/entrepot/version.py").read_text(encoding="utf-8"))
    citation = re.search(r"^version: (.+)$", (root / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)
    found = {"pyproject.toml": project, "version.py": module and module[1], "CITATION.cff": citation and citation[1]}
    if len(set(found.values())) > 1:
        raise ReleaseError(f"the files state different versions: {found}; set all three to one")
    return str(project)


def check_changelog(changelog: str, version: str, dated: bool) -> None:
    """Raise `ReleaseError` where the changelog has no heading for the version, or needs a date and has none."""
    heading = re.search(rf"^## {re.escape(version)}(?: - (.+))?$", changelog, re.MULTILINE)
    if heading is None:
        raise ReleaseError(f"CHANGELOG.md has no heading '## {version} - DATE'; move the entries of Unreleased there")
    if dated and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", heading[1] or ""):
        raise ReleaseError(f"CHANGELOG.md: the heading of {version} needs the date of the release, not {heading[1]!r}")


def check_clean(root: Path = ROOT) -> None:
    """Raise `ReleaseError` where the working tree has changes or files that git does not know."""
    changed = run("git", "status", "--porcelain", cwd=root).splitlines()
    if changed:
        raise ReleaseError("the working tree has changes; commit or remove them:\n" + "\n".join(changed[:10]))


def python_of(version: str) -> str | None:
    """Return the path of a Python of that version which starts, or None."""
    found = shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:
        return None
    return found


def environment(python: str, folder: Path, *requirements: str | Path) -> Path:
    """Return the `bin` folder of a new environment in which the requirements are installed."""
    run(python, "-m", "venv", folder)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    run(programs / "python", "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *requirements)
    return programs


def build(out: Path, work: Path, say: Callable[[str], None]) -> Path:
    """Build the sdist, and the wheel from the sdist; return the path of the wheel."""
    say("building sdist and wheel")
    shutil.rmtree(out, ignore_errors=True)
    programs = environment(sys.executable, work / "build", "hatchling", "ruamel.yaml>=0.18")
    run(programs / "python", "-m", "hatchling", "build", "-t", "sdist", "-d", out)
    (sdist,) = out.glob("*.tar.gz")
    run(programs / "python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", out, sdist)
    (wheel,) = out.glob("*.whl")
    return wheel


def try_wheel(python: str, wheel: Path, version: str, work: Path) -> None:
    """Install the wheel in an empty environment and run `TRIALS` from an empty folder."""
    programs = environment(python, work / "venv", "-c", ROOT / "constraints.txt", wheel)
    empty = work / "empty"
    empty.mkdir()
    for arguments, expected in TRIALS:
        store = ("--store", empty / "store") if arguments[0] == "run" else ()
        printed = run(programs / "entrepot", *arguments, *store, cwd=empty)
        if expected.format(version=version) not in printed:
            raise ReleaseError(f"entrepot {' '.join(arguments)} does not print {expected.format(version=version)!r}")
    if not (empty / "report" / "report.html").exists():
        raise ReleaseError(f"entrepot run {CASE} --out report wrote no report/report.html")


def release(tag: bool, out: Path, say: Callable[[str], None] = print) -> None:
    """Check, build and try the release; tag it if `tag`."""
    version = stated_version()
    check_changelog((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version, dated=tag)
    check_clean()
    pythons = {v: python_of(v) for v in PYTHONS}
    if not any(pythons.values()):
        raise ReleaseError(f"none of the Pythons {', '.join(PYTHONS)} is on PATH")
    with tempfile.TemporaryDirectory(prefix="entrepot-release-") as folder:
        wheel = build(out, Path(folder), say)
        for number, python in pythons.items():
            if python is None:
                say(f"Python {number}: not installed, not tried")
                continue
            work = Path(folder) / number
            work.mkdir()
            say(f"Python {number}: installing the wheel and trying it")
            try_wheel(python, wheel, version, work)
            say(f"Python {number}: --version, solve and run work from an empty folder")
    say(f"built: {', '.join(sorted(f.name for f in out.iterdir()))}")
    if tag:
        run("git", "tag", "-a", f"v{version}", "-m", f"Entrepot {version}")
        say(f"tagged v{version}; push it with: git push origin v{version}")
    else:
        say(f"not tagged; make release TAG=--tag tags v{version}")


def main() -> int:
    """Run the release; 1 where something stands against it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tag", action="store_true", help="create the tag vVERSION at the end")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "dist", help="folder of sdist and wheel; it is emptied first"
    )
    options = parser.parse_args()
    try:
        release(options.tag, options.out.resolve())
    except ReleaseError as error:
        print(f"no release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
