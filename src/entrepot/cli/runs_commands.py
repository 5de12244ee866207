"""The verbs about the runs that are kept: runs list, show, diff, export, prune."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from entrepot.cli.console import console, print_csv, print_json, print_rows, reported, show
from entrepot.cli.options import Format, FormatOption, StoreOption
from entrepot.cli.outputs import VerbsThatWrite
from entrepot.documents import records

runs_app = typer.Typer(cls=VerbsThatWrite, no_args_is_help=True, help="What was solved before, and is kept.")
KINDS = ("run", "sweep", "bargain")
IdArgument = Annotated[str, typer.Argument(help="The id of a run, or how it begins.")]


@runs_app.command("list")
def list_runs(
    store: StoreOption = None,
    kind: Annotated[str | None, typer.Option("--kind", help="run, sweep or bargain.")] = None,
    format: FormatOption = Format.table,
) -> None:
    """The runs that are kept, the latest first."""
    from entrepot.runs.listing import listing
    from entrepot.runs.store import RunStore

    with reported():
        kept = RunStore(store)
        table = listing(kept)
        if kind is not None:
            table = table[table["kind"] == _kind(kind)]
        if format is Format.json:
            sys.stdout.write(table.to_json(orient="records", indent=1) + "\n")
        elif format is Format.csv:
            print_csv(table)
        elif table.empty:
            show(f"No runs in {kept.root}. 'entrepot run', 'sweep' and 'bargain' keep theirs there.")
        else:
            rows = [[*map(str, row[:5]), _size(row[5])] for row in table.itertuples(index=False)]
            show(_table(["id", "kind", "case", "last requested", "state", "size"], rows))
            show(f"In {kept.root}. Next: entrepot runs show ID", style="dim")


@runs_app.command("show")
def show_run(id: IdArgument, store: StoreOption = None, format: FormatOption = Format.table) -> None:
    """What a run solved, and its tables."""
    from entrepot.runs.listing import counts
    from entrepot.runs.store import RunStore

    with reported():
        run = RunStore(store).find(id)
        manifest = run.manifest
        tables = counts(run)
        if format is Format.json:
            print_json({**manifest, "tables": tables})
            return
        if print_rows([{"table": name, "rows": rows, "parts": parts} for name, rows, parts in tables], format):
            return
        show(f"{manifest['kind']} of {manifest['name']}: {manifest['about'].get('title', '')}", style="bold")
        state = (
            f"finished {manifest['finished']}" if manifest.get("finished") else "not finished: the same command goes on"
        )
        lines = {
            "Requested": ", ".join(manifest["times"][-3:]),
            "State": state,
            "Version": manifest["version"],
            "Folder": str(run.path),
        }
        lines |= {
            key.replace("_", " ").capitalize(): _short(value)
            for key, value in manifest["identity"].items()
            if value not in (None, [], {})
        }
        if "command" in manifest["about"]:
            lines["Again"] = manifest["about"]["command"]
        show(_table(["", ""], [[key, str(value)] for key, value in lines.items()]))
        show(
            _table(
                ["table", "rows", "parts"], [[name, f"{rows:,}", str(parts)] for name, rows, parts in tables], numbers=2
            )
        )


@runs_app.command("diff")
def diff(one: IdArgument, other: IdArgument, store: StoreOption = None, format: FormatOption = Format.table) -> None:
    """What differs between two runs: in what they solve, and in the numbers."""
    from entrepot.runs.comparison import differences, questions, unmatched
    from entrepot.runs.store import RunStore

    with reported():
        kept = RunStore(store)
        a, b = kept.find(one), kept.find(other)
        differing, numbers, alone = questions(a, b), differences(a, b), unmatched(a, b)
        if format is Format.json:
            found = {"asked": differing, "numbers": records(numbers), "rows of one alone": alone}  # words: quoted
            print_json(found)
            return
        if format is Format.csv:
            print_csv(numbers)
            return
        show("What they solve", style="bold")
        if differing:
            show(_table(["", a.id, b.id], [[key, _short(x), _short(y)] for key, x, y in differing]))
        else:
            show("Both solve the same problem.")
        if alone:
            show("Rows that only one has", style="bold")
            show(_table(["table", a.id[:6], b.id[:6]], [[t, f"{x:,}", f"{y:,}"] for t, x, y in alone], numbers=2))
        show("Largest differences in the numbers", style="bold")
        if numbers.empty:
            show("None: the rows that both have hold the same numbers.")
            return
        rows = [
            [r.table, r.row, r.number, f"{r.one:,.6g}", f"{r.other:,.6g}", f"{r.difference:+,.3g}"]
            for r in numbers.head(15).itertuples()
        ]
        show(_table(["table", "row", "number", a.id[:6], b.id[:6], "difference"], rows, numbers=3))


@runs_app.command("export")
def export(
    id: IdArgument,
    target: Annotated[Path, typer.Argument(help="A new folder (CSV), FILE.zip (Parquet) or FILE.duckdb.")],
    store: StoreOption = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """A run as files for others: CSV in a folder, Parquet in a .zip, or one .duckdb file, by the target's name."""
    from entrepot.runs.export import export as write
    from entrepot.runs.store import RunStore

    with reported():
        written = write(RunStore(store).find(id), target, force=force)
        show(f"Wrote {target}: {', '.join(written)}.")


@runs_app.command("prune")
def prune(
    ids: Annotated[list[str] | None, typer.Argument(help="Runs by id, or how it begins.")] = None,
    older_than: Annotated[str | None, typer.Option("--older-than", help="Last requested longer ago: 30d, 12h.")] = None,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Those that were not finished.")] = False,
    kind: Annotated[str | None, typer.Option("--kind", help="Only run, sweep or bargain.")] = None,
    keep: Annotated[int | None, typer.Option("--keep", help="All but the latest so many.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the runs to delete; delete nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StoreOption = None,
) -> None:
    """Delete runs: those named, or those that match all of the options."""
    from entrepot.errors import InputError
    from entrepot.runs.listing import chosen
    from entrepot.runs.store import RunStore

    with reported():
        kept = RunStore(store)
        if not ids and older_than is None and not unfinished and keep is None and kind is None:
            raise InputError("say which: ids, --older-than 30d, --unfinished, --kind sweep or --keep 20")
        days = None if older_than is None else _days(older_than)
        of = None if kind is None else _kind(kind)
        going = chosen(kept, ids or (), older_than=days, unfinished=unfinished, kind=of, keep=keep)
        if not dry_run:
            kept.finish_removals()
        if not going:
            show("No run to delete.")
            return
        for run in going:
            show(f"{run.id}  {_size(run.bytes())}")
        if dry_run:
            return
        if not yes and not typer.confirm(f"Delete {len(going)} runs from {kept.root}?", err=True):
            raise typer.Exit(1)
        for run in going:
            kept.remove(run)
        console(error=True).print(f"{len(going)} runs deleted.")


def _kind(name: str) -> str:
    from entrepot.errors import UnknownNameError

    if name not in KINDS:
        raise UnknownNameError("kind of run", name, KINDS)
    return name


def _days(text: str) -> float:
    from entrepot.errors import InputError

    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([dhw])", text.strip())
    if not found:
        raise InputError(f"--older-than {text!r}: such as 30d, 12h or 4w")
    return float(found[1]) * {"h": 1 / 24, "d": 1.0, "w": 7.0}[found[2]]


def _size(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _table(head: list[str], rows: list[list[str]], numbers: int = 0) -> Any:
    from entrepot.report.terminal_columns import FittedColumns

    return FittedColumns(head, rows, text=len(head) - numbers)
