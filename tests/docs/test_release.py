"""The release script refuses what must not be released."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from manual_pages import ROOT


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", ROOT / "scripts" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_changelog_has_the_version_of_the_project(release: ModuleType) -> None:
    release.check_changelog((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), release.stated_version(), dated=False)


@pytest.mark.parametrize(
    ("version", "dated", "message"),
    [("1.2.0", False, "no heading '## 1.2.0"), ("1.1.0", True, "needs the date"), ("1.1", False, "no heading")],
)
def test_changelog_without_the_heading_is_refused(release: ModuleType, version: str, dated: bool, message: str) -> None:
    with pytest.raises(release.ReleaseError, match=message):
        release.check_changelog("## Unreleased\n\n## 1.1.0 - soon\n", version, dated)


def test_changelog_with_a_dated_heading_is_accepted(release: ModuleType) -> None:
    release.check_changelog("## Unreleased\n\n## 1.1.0 - 2026-11-29\n", "1.1.0", dated=True)


def test_different_versions_are_refused(release: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "src" / "entrepot").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.0.0"\n')
    (tmp_path / "src/entrepot/version.py").write_text('__version__ = "1.0.1"\n')
    (tmp_path / "CITATION.cff").write_text("version: 1.0.0\n")
    with pytest.raises(release.ReleaseError, match="different versions"):
        release.stated_version(tmp_path)


def test_uncommitted_changes_are_refused(release: ModuleType, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "new.txt").write_text("new\n")
    with pytest.raises(release.ReleaseError, match=r"new\.txt"):
        release.check_clean(tmp_path)
