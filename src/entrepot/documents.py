"""Files in and out: YAML whose errors name the line, and writes that are whole or not there at all."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from entrepot.errors import DocumentError


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
        raise DocumentError(f"cannot be written: {error.strerror}", path=str(target)) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    except OSError as error:
        raise DocumentError(f"cannot be written: {error.strerror}", path=str(target)) from error
    finally:
        temporary.unlink(missing_ok=True)


def as_path(path: Any) -> Path:
    """`path` as a Path, if it can be one."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path) or "\0" in str(path):
        raise DocumentError(f"{path!r} is not the path of a file")
    try:
        os.stat(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise DocumentError(f"cannot be used: {error.strerror}", path=str(path)[:80]) from None
    return Path(path)


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return Path(path)


def read_text(path: str | os.PathLike[str]) -> str:
    try:
        return as_path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"is not UTF-8 text (byte {error.start})", path=str(path)) from error
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", path=str(path)) from error


#: How deep a document may be nested, and how many values it may have once its aliases are unfolded.
DEEPEST, MOST = 50, 100_000


def read_yaml(text: str, path: str = "document") -> Any:
    """Parse YAML 1.2 (NO is Norway, not false). Tabs, duplicate keys and tags are errors with their line; so is what is
    nested deeper, or unfolds to more, than a person writes.

    The result's mappings and lists remember their lines (see `line_of`).
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if "\x00" in text:
        raise DocumentError("is not text (it holds a NUL byte)", path=path)
    for number, line in enumerate(text.splitlines(), start=1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            raise DocumentError("a tab in the indentation; YAML wants spaces", path=path, line=number)

    class DatesAsText(RoundTripConstructor):
        """Leaves dates to the schema, whose errors know the line."""

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
            "this key stands twice; keep one", path=path, line=mark.line + 1 if mark else None, key=key
        ) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(
            f"cannot be read as YAML: {error.problem or error.context}", path=path, line=mark.line + 1 if mark else None
        ) from None
    except DocumentError:
        raise
    except (YAMLError, RecursionError, ValueError, KeyError) as error:
        raise DocumentError(f"cannot be read as YAML: {error}", path=path) from None
    return document


def read_document(text: str, path: str = "document") -> Any:
    """`read_yaml(text, path)`, but a text that ships with the package is not parsed: it was compiled when the package
    was built, is known by its SHA-256, and comes in plain dicts and lists that remember no lines.
    """
    compiled = _compiled().get(_digest(text))
    return read_yaml(text, path) if compiled is None else json.loads(compiled)


def compile_documents(folder: Path) -> dict[str, str]:
    """Every YAML file under `folder` as JSON, by the SHA-256 of its text: what the build writes into COMPILED."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml"))]
    return {_digest(text): json.dumps(plain(read_yaml(text)), ensure_ascii=False) for text in texts}


#: In the folder of the package, where it was built; without it, and for a file that was edited since, YAML is parsed.
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
    """Raises `DocumentError` for a tag, for nesting, and for aliases that unfold to too much or to themselves."""
    above: list[tuple[str | None, int]] = []  # the nodes that are open: their anchors and how many values were before
    sizes: dict[str | None, int] = {}
    values = 0
    for event in events:
        what, anchor, line = type(event).__name__, getattr(event, "anchor", None), event.start_mark.line + 1
        if getattr(event, "tag", None) is not None:
            raise DocumentError(f"the tag {event.tag} has no meaning here; take it out", path=path, line=line)
        if what == "AliasEvent":
            if anchor not in sizes:
                raise DocumentError(f"*{anchor} is not the name of anything that ends before it", path=path, line=line)
            values += sizes[anchor]
        elif what == "ScalarEvent":
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
            raise DocumentError(f"more than {MOST:,} values, aliases unfolded", path=path, line=line)


def line_of(document: Any, location: Sequence[str | int]) -> int | None:
    """The line (from 1) of the key at `location` in a document from `read_yaml`; the deepest that exists."""
    line: int | None = None
    node = document
    for step in location:
        where = getattr(node, "lc", None)
        if where is None:
            return line
        look: Callable[[Any], Any] = where.key if isinstance(node, dict) else where.item
        try:
            line = look(step)[0] + 1
            node = node[step]
        except (KeyError, IndexError, TypeError):
            continue
    return line


def plain(node: Any, made: dict[int, Any] | None = None) -> Any:
    """The same document in plain dicts, lists and scalars; what an alias repeats stays one object."""
    made = {} if made is None else made
    if not isinstance(node, dict | list):
        return _scalar(node)
    if id(node) not in made:
        if isinstance(node, dict):
            made[id(node)] = {str(_scalar(key)): plain(value, made) for key, value in node.items()}
        else:
            made[id(node)] = [plain(value, made) for value in node]
    return made[id(node)]


def _scalar(value: Any) -> Any:
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise DocumentError(f"{value!r} holds half of a character (a lone surrogate)")
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
