"""Where a verb writes: never over one of its own inputs, and never under a name that says another kind of file."""

from __future__ import annotations

import copy
import inspect
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from typer.core import TyperGroup

from entrepot.cli.console import reported
from entrepot.cli.given_once import refuse_repeated
from entrepot.documents import CASE_ENDINGS, ECONOMY_ENDING, FILE_ENDINGS, folder_to_write, same_file
from entrepot.errors import EntrepotError, InputError

#: The parameter by which the user names the folder of the run store.
_STORE = "store"
#: Parameters by which the user names a file to write, in any verb and in one alone.
_WRITTEN = ("out", "lines", "ics", "pdf")
_WRITTEN_BY = {("exposure", "measures")}
#: The workbook that goes into the folder of --out.
WORKBOOK = "tables.xlsx"
#: Endings of files that a file of each kind may not have, and the one that it has.
_KINDS = {
    "an Economy": (FILE_ENDINGS - {ECONOMY_ENDING}, ECONOMY_ENDING),
    "a case": (FILE_ENDINGS - {*CASE_ENDINGS}, CASE_ENDINGS[0]),
}


class VerbsThatWrite(TyperGroup):
    """A group of verbs none of which writes over a file that it reads, or takes an option twice that is not a list."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the verb that is called, which checks its files before it begins."""
        name, verb, rest = super().resolve_command(ctx, args)
        if verb is None or isinstance(verb, TyperGroup):
            return name, verb, rest
        with reported():
            _refuse_empty(verb, rest)
        checked: Any = copy.copy(verb)

        def parse_args(context: Any, arguments: list[str]) -> list[str]:
            refuse_repeated(verb, context, arguments)
            return verb.parse_args(context, arguments)

        def invoke(context: Any) -> Any:
            with reported():
                refuse_output_over_input(context)
            return verb.invoke(context)

        checked.parse_args, checked.invoke = parse_args, invoke
        checked.help = _in_paragraphs(verb.help)
        return name, checked, rest


def _in_paragraphs(text: str | None) -> str | None:
    """Return the help of a verb without the ends of lines inside its paragraphs, at which Typer would break them."""
    if text is None:
        return None
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def refuse_output_over_input(context: Any) -> None:
    """Raise `InputError` where a file that the running verb would write is one that it reads."""
    for name in sorted(_written(context)):
        place = context.params[name]
        if isinstance(place, str | os.PathLike):
            _refuse_input(context, name, place)
    if context.params.get("format") == "xlsx" and context.params.get("out") is not None:
        refuse_files_over_inputs(context, [WORKBOOK])


def refuse_files_over_inputs(context: Any, files: Iterable[str]) -> None:
    """Raise `InputError` where a file that goes into the folder of --out is one that the running verb reads."""
    folder = context.params["out"]
    for file in files if folder is not None else ():
        _refuse_input(context, "out", Path(folder) / file)


def _refuse_empty(verb: Any, arguments: list[str]) -> None:
    """Raise `InputError` for an option without the name of its file or folder, which would be the working folder."""
    places = {
        opt: max(param.opts, key=len)
        for param in verb.params
        if param.name == _STORE or _is_written(verb.name, param.name)
        for opt in param.opts
    }
    for argument, following in zip(arguments, [*arguments[1:], None], strict=False):
        option, equals, value = argument.partition("=")
        if option in places and not value and (equals or following == ""):
            raise InputError(f"{places[option]}: the name of a file or folder is needed")


def _is_written(verb: str, name: str) -> bool:
    return name in _WRITTEN or (verb, name) in _WRITTEN_BY


def _written(context: Any) -> set[str]:
    """The parameters of the running verb by which the user names a file or folder to write."""
    verb = getattr(context, "info_name", "")
    return {name for name in getattr(context, "params", None) or {} if _is_written(verb, name)}


def _refuse_input(context: Any, name: str, place: str | os.PathLike[str]) -> None:
    """Raise `InputError` where a place is a file that the running verb reads."""
    if not Path(place).is_file():
        return
    for given in (*inputs_of(context), *_named_by_case(context)):
        if same_file(place, given):
            raise InputError(
                f"{place} is an input, and would be overwritten by what is written to it "
                f"({_option(context, name)}): give another name to write to"
            )


def inputs_of(context: Any) -> list[str]:
    """Return what the running verb is given that may be a file to read: FILE, FILE#NAME or any other text."""
    written = _written(context)
    return [given for name, value in context.params.items() if name not in written for given in _given(value)]


def _named_by_case(context: Any) -> list[str]:
    """Return the files that the case of the running verb reads; none where it has no case, or one that is refused."""
    case = context.params.get("case")
    if not isinstance(case, str | os.PathLike) or not os.path.isfile(case):
        return []
    from entrepot.cases import load_case
    from entrepot.cases.case_files import files_of

    with suppress(EntrepotError):
        return [str(file) for file in files_of(load_case(case))]
    return []


def check_folder(out: Path | None) -> None:
    """Raise `InputError` for an --out that no folder can be written to, before anything is computed."""
    if out is None:
        return
    if not out.name:
        raise InputError("--out: the name of a folder is needed")
    folder_to_write(out)


def refuse_file(option: str, path: Path, *endings: str) -> None:
    """Raise `InputError` for a file that cannot be written, or ends in none of `endings`, before anything is solved."""
    if path.suffix.lower() not in endings:
        *others, last = endings
        known = f"{', '.join(others)} or {last}" if others else last
        raise InputError(f"{option} {path}: a file that ends in {known} is needed")
    if not path.parent.is_dir():
        raise InputError(f"{option} {path}: there is no folder {path.parent}; make it first, or name another")
    if path.is_dir():
        raise InputError(f"{option} {path}: this is a folder; name a file")


def refuse_ending(option: str, path: str | os.PathLike[str], kind: str) -> None:
    """Raise `InputError` for a file to be written whose name ends as that of another kind of file does.

    kind  "an Economy" or "a case"
    """
    wrong, usual = _KINDS[kind]
    ending = Path(path).suffix
    if ending.casefold() in wrong:
        raise InputError(
            f"{option} {path}: {kind} is written there, and a name that ends in {ending} is of another kind of file; "
            f"give one that ends in {usual}"
        )


def _given(value: Any) -> Iterator[str]:
    if isinstance(value, str | os.PathLike):
        yield os.fspath(value)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _given(one)


def _option(context: Any, name: str) -> str:
    param = next((one for one in context.command.params if one.name == name), None)
    opts = [opt for opt in getattr(param, "opts", ()) if opt.startswith("-")]
    return max(opts, key=len) if opts else name.upper()
