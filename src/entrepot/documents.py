"""Reading and writing files: YAML with line numbers in errors, and atomic writes."""

from __future__ import annotations

import datetime
import functools
import hashlib
import importlib.resources
import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.errors import DocumentError, InputError

if TYPE_CHECKING:
    import pandas as pd


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it into place only if the block succeeds.

    A crash, a full disk or Ctrl-C leaves the old file (or none), never half of a new one.
    """
    target = as_path(path)
    target = target.resolve() if target.is_symlink() else target
    if target.is_dir():
        raise DocumentError("is a folder, where a file is to be written", path=str(target))
    if target.exists() and not target.is_file():
        raise DocumentError("is not a regular file and is left alone", path=str(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=target.suffix)
    except OSError as error:
        raise DocumentError(f"cannot be written: {error.strerror}", path=_in_place(target)) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    except OSError as error:
        raise DocumentError(f"cannot be written: {error.strerror}", path=_in_place(target)) from error
    finally:
        temporary.unlink(missing_ok=True)


#: Start of the name of a folder in which files are made until all of them are complete.
_MADE = ".entrepot-"


@contextmanager
def files_for(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary folder inside `folder`, for files that the block moves into `folder` once all are made.

    A folder that is new is deleted again where nothing was moved into it. Raises as `folder_to_write` does, and
    `DocumentError`.
    """
    place = folder_to_write(folder)
    new = not place.exists()
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix=_MADE) as made:
            yield Path(made)
    except OSError as error:
        raise DocumentError(f"cannot be written: {error.strerror}", path=str(folder)) from error
    finally:
        if new:
            with suppress(OSError):
                place.rmdir()


def _in_place(path: Path) -> str:
    """Return the path that a file has once it is moved out of the folder of `files_for`."""
    return str(Path(*(part for part in path.parts if not part.startswith(_MADE))))


def as_path(path: Any) -> Path:
    """Return `path` as a Path. Raises `DocumentError` for anything that cannot be one."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path) or "\0" in str(path):
        raise DocumentError(f"{path!r} is not the path of a file")
    try:
        os.stat(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise DocumentError(f"cannot be used: {error.strerror}", path=str(path)[:80]) from None
    return Path(path)


#: Endings of files that are read or written here, in lower case, by kind; a folder bears none of them.
_TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".dta", ".parquet", ".pq")
CASE_ENDINGS = (".yaml", ".yml")
ECONOMY_ENDING = ".ep"
_OTHER_ENDINGS = (".json", ".rds", ".rda", ".rdata", ".har", ".gdx", ".duckdb", ".zip", ".gz", ".7z")
_PAGE_ENDINGS = (".pdf", ".html", ".svg", ".png", ".md", ".py")
FILE_ENDINGS = frozenset((*_TABLE_ENDINGS, *CASE_ENDINGS, ECONOMY_ENDING, *_OTHER_ENDINGS, *_PAGE_ENDINGS))


def folder_to_write(path: Any) -> Path:
    """Return the path of a folder to write into. Raises `InputError` for a file, and for a new one named as a file."""
    folder = as_path(path)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; a folder is needed")
    ending = folder.suffix
    if not folder.exists() and ending.casefold() in FILE_ENDINGS:
        raise InputError(
            f"{folder}: a folder is written there, and a name that ends in {ending} is that of a file; give one "
            "without this ending"
        )
    return folder


def beside(document: str, file: str) -> Path:
    """Return a file that a document names: the one beside the document, else that of the working folder."""
    found = Path(document).parent / file
    return found if document and os.path.exists(found) else Path(file)


def same_file(place: str | os.PathLike[str], given: str | os.PathLike[str]) -> bool:
    """Return whether what is given, FILE or FILE#NAME, is the file at a place; False where there is none."""
    parts = with_and_without_name(os.fspath(given)) if os.path.isfile(place) else ()
    return any(os.path.isfile(part) and os.path.samefile(place, part) for part in parts)


def refuse_input(place: str | os.PathLike[str], read: Iterable[str | os.PathLike[str]]) -> None:
    """Raise `InputError` where a place that is to be written is a file that was read."""
    if any(same_file(place, given) for given in read):
        raise InputError(f"{place} is a file that is read, and would be overwritten: give another name to write to")


def with_and_without_name(text: str) -> tuple[str, str]:
    """Return the paths that FILE or FILE#NAME may mean: the whole of it, and what precedes its last #."""
    return text, text.rsplit("#", 1)[0]


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write text as UTF-8, lines as they end in it, by an atomic write; return the path. Raises `DocumentError`.

    What is not a character, such as a byte of a file name in another encoding, is a question mark.
    """
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="replace", newline="\n")
    return Path(path)


def write_texts(folder: str | os.PathLike[str], texts: Mapping[str, str]) -> list[Path]:
    """Write texts by file name into a folder, all of them or none; return the paths.

    Raises as `folder_to_write` does, and `DocumentError`, also for a folder in the place of a file.
    """
    place = Path(folder)
    for name in texts:
        if (place / name).is_dir():
            raise DocumentError("is a folder, where a file is to be written", path=str(place / name))
    with files_for(folder) as made:
        for name, text in texts.items():
            (made / name).write_text(text, encoding="utf-8", errors="replace", newline="\n")
        return [(made / name).replace(place / name) for name in texts]


#: The key under which the JSON document of an answer lists the files beside it, by name with their SHA-256.
WRITTEN = "written"


def digest_of(content: str | bytes) -> str:
    """Return the SHA-256 of what a file holds; a text is encoded as `write_texts` does it."""
    held = content if isinstance(content, bytes) else content.encode(errors="replace")
    return hashlib.sha256(held).hexdigest()


def written_earlier(document: Path) -> list[Path]:
    """Return the files that the JSON document of an earlier answer lists, and that still hold what was written then.

    None where there is no such document. A file that somebody else wrote, or changed, is not among them.
    """
    listed = _json_object(document).get(WRITTEN)
    found = []
    for name, digest in listed.items() if isinstance(listed, dict) else ():
        place = document.parent / name
        if name == place.name and os.path.isfile(place):
            with suppress(OSError):
                if digest_of(place.read_bytes()) == digest:
                    found.append(place)
    return found


def list_as_written(document: Path, file: Path) -> None:
    """Add a file to those that the JSON document of an answer lists; without such a document, or a list, do nothing."""
    stated = _json_object(document)
    if isinstance(stated.get(WRITTEN), dict):
        stated[WRITTEN][file.name] = digest_of(file.read_bytes())
        write_text(document, json.dumps(stated, indent=1, ensure_ascii=False) + "\n")


def _json_object(document: Path) -> dict[str, Any]:
    """Return the object in a JSON file; an empty one where there is none, or it cannot be read."""
    try:
        stated = json.loads(document.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return stated if isinstance(stated, dict) else {}


#: A text that is a number, which a spreadsheet takes for one.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def harmless(cell: Any) -> Any:
    """Return a cell for CSV or Excel: an apostrophe precedes a text that a spreadsheet would compute; numbers stay.

    A carriage return becomes a space, as writers of CSV do not quote it.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r", " ")
    formula = cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not _NUMBER.fullmatch(cell)
    return f"'{text}" if formula else text


def harmless_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table for CSV, with headings and cells of text `harmless`, and those of its index."""
    made = frame.copy(deep=False)
    for place, kind in enumerate(frame.dtypes):
        if kind.kind not in "biufcmM":  # neither numbers nor dates
            made.isetitem(place, [harmless(cell) for cell in frame.iloc[:, place]])
    made = made.rename(columns=harmless)
    return made if made.index.dtype.kind in "iufM" else made.rename(index=harmless)


def csv_text(frame: pd.DataFrame, index: bool = False) -> str:
    """Return a table as CSV with the same bytes on every system, headings and cells of text `harmless`."""
    return harmless_table(frame).to_csv(index=index, lineterminator="\n")


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values for JSON: None for NaN and infinity, dates as text."""
    # Column by column: much quicker than by rows for short tables.
    columns = {str(name): map(_json_cell, frame[name].tolist()) for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _json_cell(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the UTF-8 text of a file. Raises `DocumentError`."""
    try:
        return as_path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"is not UTF-8 text (byte {error.start})", path=str(path)) from error
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", path=str(path)) from error


#: The deepest nesting of a document, and the most values that it may have once its aliases are expanded.
DEEPEST, MOST = 50, 100_000
#: A number in hexadecimal, octal or binary digits.
_OTHER_DIGITS = re.compile(r"[+-]?0(x[0-9a-f_]+|o[0-7_]+|b[01_]+)", re.IGNORECASE)


def read_yaml(text: str, path: str = "document") -> Any:
    """Parse YAML 1.2 (NO is Norway, not false) into mappings and lists that keep their lines (see `line_of`).

    Raises `DocumentError` with the line for tabs, repeated keys, tags, nesting deeper than DEEPEST, and aliases that
    expand to more than MOST values.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    if "\x00" in text:
        raise DocumentError("is not text (it holds a NUL byte)", path=path)
    for number, line in enumerate(text.splitlines(), start=1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            raise DocumentError("a tab in the indentation; YAML needs spaces", path=path, line=number)

    class DatesAsText(RoundTripConstructor):
        """Keeps dates as text; the schema reads them, and its errors name the line."""

    DatesAsText.add_constructor("tag:yaml.org,2002:timestamp", DatesAsText.construct_scalar)
    reader = YAML(typ="rt", pure=True)
    reader.Constructor = DatesAsText
    try:
        _check_events(YAML(pure=True).parse(text), path)
        document = reader.load(text)
    except DuplicateKeyError as error:
        mark = error.problem_mark
        key = (error.problem or "").split('"')[1] if '"' in (error.problem or "") else ""
        raise DocumentError(
            "this key is repeated; keep one", path=path, line=mark.line + 1 if mark else None, key=key
        ) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(
            f"cannot be read as YAML: {error.problem or error.context}", path=path, line=mark.line + 1 if mark else None
        ) from None
    except DocumentError:
        raise
    except ReaderError as error:
        at = text.count("\n", 0, text.find(chr(error.character))) + 1
        raise DocumentError(f"a control character (U+{error.character:04X}); remove it", path=path, line=at) from None
    except (YAMLError, RecursionError, ValueError, KeyError) as error:
        raise DocumentError(f"cannot be read as YAML: {error}", path=path) from None
    _check_names(document, path, set())
    return document


def _check_names(node: Any, path: str, seen: set[int]) -> None:
    """Raise `DocumentError` for two keys of one mapping that are the same text, such as 1 and '1'."""
    if not isinstance(node, dict | list) or id(node) in seen:
        return
    seen.add(id(node))
    names: set[str] = set()
    for key in node if isinstance(node, dict) else ():
        name = str(_scalar(key))
        if name in names:
            raise DocumentError("this key is repeated; keep one", path=path, line=line_of(node, [key]), key=name)
        names.add(name)
    for part in node.values() if isinstance(node, dict) else node:
        _check_names(part, path, seen)


def read_document(text: str, path: str = "document") -> Any:
    """Return `read_yaml(text, path)`, or the compiled document if the text ships with the package.

    Documents of the package are compiled when it is built and found by their SHA-256; they are plain dicts and lists
    without lines.
    """
    compiled = compiled_document(text)
    return read_yaml(text, path) if compiled is None else compiled


def compiled_document(text: str) -> Any:
    """Return the compiled document of a YAML text that ships with the package, without lines; None for other texts."""
    compiled = _compiled().get(_digest(text))
    return None if compiled is None else json.loads(compiled)


def shipped(place: str) -> Any:
    """Return a file or folder that ships with the package, by its path in it: "rules/data/clocks.yaml"."""
    return importlib.resources.files("entrepot").joinpath(*place.split("/"))


def shipped_names(folder: str, suffix: str) -> tuple[str, ...]:
    """Return the names, without their suffix, of the files with it in a folder of the package."""
    return tuple(sorted(f.name.removesuffix(suffix) for f in shipped(folder).iterdir() if f.name.endswith(suffix)))


def shipped_text(place: str) -> str:
    """Return the text of a file that ships with the package."""
    return shipped(place).read_text(encoding="utf-8")


def shipped_document(place: str) -> Any:
    """Return a YAML document that ships with the package as plain dicts, lists and scalars."""
    return plain(read_document(shipped_text(place), place))


def compile_documents(folder: Path) -> dict[str, str]:
    """Return every YAML file under `folder` as JSON by the SHA-256 of its text, for the build to write to COMPILED."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))]
    return {_digest(text): json.dumps(plain(read_yaml(text)), ensure_ascii=False) for text in texts}


#: File in the folder of a built package; without it, and for documents edited since the build, YAML is parsed.
COMPILED = "compiled.json"


@functools.cache
def _compiled() -> dict[str, str]:
    try:
        return json.loads((Path(__file__).parent / COMPILED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check_events(events: Iterable[Any], path: str) -> None:
    """Raise `DocumentError` for tags, deep nesting, numbers such as 0x1, and aliases that expand to too much."""
    above: list[tuple[str | None, int]] = []  # the open nodes: their anchors, and the number of values before them
    sizes: dict[str | None, int] = {}
    values = 0
    for event in events:
        what, anchor, line = type(event).__name__, getattr(event, "anchor", None), event.start_mark.line + 1
        if getattr(event, "tag", None) is not None:
            raise DocumentError(f"the tag {event.tag} is not supported; remove it", path=path, line=line)
        if what == "AliasEvent":
            if anchor not in sizes:
                raise DocumentError(f"*{anchor} is not an anchor defined above", path=path, line=line)
            values += sizes[anchor]
        elif what == "ScalarEvent":
            if event.style is None and _OTHER_DIGITS.fullmatch(event.value):
                raise DocumentError(
                    f"{event.value} would be a number that is not written in decimal digits; write it in these, or put "
                    f"a text in quotes",
                    path=path,
                    line=line,
                )
            values += 1
            sizes[anchor] = 1
        elif what in ("MappingStartEvent", "SequenceStartEvent"):
            above.append((anchor, values))
            values += 1
        elif what in ("MappingEndEvent", "SequenceEndEvent"):
            anchor, before = above.pop()
            sizes[anchor] = values - before
        if len(above) > DEEPEST:
            raise DocumentError(f"nested more than {DEEPEST} deep", path=path, line=line)
        if values > MOST:
            raise DocumentError(f"more than {MOST:,} values once aliases are expanded", path=path, line=line)


def line_of(document: Any, location: Sequence[str | int]) -> int | None:
    """Return the line (from 1) of the key at `location` in a document from `read_yaml`, else of its nearest parent."""
    line: int | None = None
    node = document
    dotted = ""  # a key with points in it is several steps
    for step in location:
        where = getattr(node, "lc", None)
        if where is None:
            return line
        look: Callable[[Any], Any] = where.key if isinstance(node, dict) else where.item
        dotted = f"{dotted}.{step}" if dotted else str(step)
        for key in (step, dotted):
            try:
                line = look(key)[0] + 1
                node = node[key]
            except (KeyError, IndexError, TypeError):
                continue
            dotted = ""
            break
    return line


def dotted_key(location: Sequence[str | int]) -> str:
    """Return a place in a document as a dotted name, with list items numbered from one."""
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in location)


def plain(document: Any, path: str = "") -> Any:
    """Return a document as plain dicts, lists and scalars; a node repeated by an alias stays one object.

    Raises `DocumentError` with the line and the key of a text that holds half of a character.
    """
    made: dict[int, Any] = {}

    def scalar(value: Any, at: tuple[str | int, ...]) -> Any:
        try:
            return _scalar(value)
        except DocumentError as error:
            line = line_of(document, at)
            raise DocumentError(error.message, path=path, line=line, key=dotted_key(at)) from None

    def of(node: Any, at: tuple[str | int, ...]) -> Any:
        if not isinstance(node, dict | list):
            return scalar(node, at)
        if id(node) not in made:
            if isinstance(node, dict):
                made[id(node)] = {str(scalar(key, at)): of(value, (*at, str(key))) for key, value in node.items()}
            else:
                made[id(node)] = [of(value, (*at, k)) for k, value in enumerate(node)]
        return made[id(node)]

    return of(document, ())


def _scalar(value: Any) -> Any:
    if type(value) is str and value.isascii():
        return value
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise DocumentError(f"{value!r} holds half of a character (a lone surrogate)")
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
