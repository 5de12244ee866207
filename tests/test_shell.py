"""Commands that are printed can be copied into the shell of the system."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from entrepot.shell import for_shell


@pytest.mark.parametrize(
    ("system", "words", "text"),
    [
        ("posix", "my case.yaml", "'my case.yaml'"),
        ("posix", ["entrepot", "run", "a b"], "entrepot run 'a b'"),
        ("nt", r"C:\cases\mine.yaml", r"C:\cases\mine.yaml"),
        ("nt", ["entrepot", "run", r"C:\my cases\mine.yaml"], r'entrepot run "C:\my cases\mine.yaml"'),
    ],
)
def test_commands_are_quoted_as_the_shell_needs_it(
    monkeypatch: pytest.MonkeyPatch, system: str, words: str | list[str], text: str
) -> None:
    monkeypatch.setattr("entrepot.shell.os", SimpleNamespace(name=system))
    assert for_shell(words) == text
