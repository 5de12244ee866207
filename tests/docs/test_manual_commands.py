"""Every command in the manual exists, with its options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

import entrepot as ep
from entrepot.cli import app, language_first
from entrepot.sweeping.sweep import plan_of
from manual_pages import PAGES, blocks, commands, mentions

ROOT = typer.main.get_command(app)


def verb(words: list[str]) -> tuple[typer.core.TyperCommand, list[str]]:
    """The command that words name, and the words that remain."""
    command = ROOT
    rest = language_first(list(words))
    if rest[:1] == ["--lang"]:
        rest = rest[2:]
    while hasattr(command, "commands") and rest and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"entrepot {' '.join(words)}: there is no {rest[0]!r}"
        command = command.resolve_command(typer.Context(command), [rest.pop(0)])[1]
    return command, rest


def options(command: typer.core.TyperCommand) -> set[str]:
    return {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help", "-h"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_blocks_parse(page: Path) -> None:
    for words in commands(page):
        command, rest = verb(words)
        if words != ["--help"]:
            command.make_context("entrepot", rest)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_text_exist(page: Path) -> None:
    for words in mentions(page):
        command, rest = verb([w for w in words if w != "..."])
        for word in rest:
            if word.startswith("--"):
                assert word.split("=")[0] in options(command), f"{page.name}: entrepot {' '.join(words)}"


def test_sweeps_of_bundled_cases_can_be_planned() -> None:
    """Their grids and distributions name numbers that the case has."""
    for words in (w for page in PAGES for w in commands(page) if w[0] == "sweep" and w[1] in ep.bundled_cases()):
        command, rest = verb(words)
        given = command.make_context("entrepot", rest).params
        plan = plan_of(
            given["case"],
            draws=given["draws"],
            grid=dict(text.split("=", 1) for text in given["grid"] or ()),
            method=given["method"],
            scenarios=given["scenario"],
        )
        assert plan.size > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_install_from_the_checkout(page: Path) -> None:
    """The package is on no index: `pip install entrepot` finds it only where it is installed already."""
    lines = [line for block in blocks(page) for line in block.splitlines() if re.match(r"(\$ )?pip install ", line)]
    inline = re.findall(r"`(pip install [^`]*)`", page.read_text(encoding="utf-8"))
    assert [line for line in (*lines, *inline) if "entrepot" in line] == []


def test_unknown_commands_and_options_are_found() -> None:
    with pytest.raises(AssertionError, match="there is no 'sove'"):
        verb(["sove", "--tariff"])
    command, rest = verb(["run", "mine.yaml", "--uot", "x"])
    with pytest.raises(Exception, match="--uot"):
        command.make_context("run", rest)
