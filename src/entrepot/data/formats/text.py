"""Text tables (CSV, TSV, .dat, .txt, also gzipped): encoding, separator, header, titles and footnotes."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import shutil
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from entrepot.data.formats.foreign import SAVE, damaged_gzip
from entrepot.data.formats.grid import ABOVE, BELOW, LOOKED_AT, Recognises, find_grid, shown_lines, usual_width
from entrepot.errors import DocumentError

SEPARATORS = (",", ";", "\t", "|")
#: The number of bytes examined at the beginning of a file for its header, and at its end for footnotes.
HEAD, TAIL = 1 << 20, 1 << 14
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Runs of characters beside ASCII, and signs between letters, which text of another encoding has in Windows-1252.
#: Quotes, dashes and the like stand beside other such characters in any text, and ´ ¨ ¿ stand for apostrophes.
_RUN = re.compile(r"(?<![A-Za-z])[^\x00-\x7f\xa0«»“”‘’„…–—•€]{3,}(?![A-Za-z])")
#: Letters of which German and Nordic texts have runs, as in the name of their alphabets.
_UMLAUTS = frozenset("ÄÖÜäöüßÆØÅæøå")
_SIGN_IN_A_WORD = re.compile(
    r"(?<=[^\W\d_])[¤¢£¥¦§¬¯±³¸¹¼½¾¡‚ƒ„†‡ˆ˜‰\u201c\u201d](?=[^\W\d_])"
    r"|[“”‘’„…–—•](?=[{}@\\^`~])"
)
#: Places of letters in Windows-1252 that no language has which is written in it: capitals within a word, which are é
#: and the like of a Macintosh, and bytes that are not a character.
_NOWHERE = re.compile(
    r"(?<=[^\W\d_])(?:[ŠŽŸ](?=[a-zß-ÿœšž])|[™‹›](?=[^\W\d_])|º(?=[a-z])|þ(?![^\W\d_]))"
    r"|(?<=[^\W\d_])\ufffd|\ufffd(?=[^\W\d_])"
)
#: Dashes within a word, which are ñ and ó of a Macintosh beside other letters of it: alone they may be dashes.
_DASHES = re.compile(r"(?<=[^\W\d_])[—–](?=[a-z]{1,2}\b)")
#: ì, ù, è before letters that they do not stand before, which are the Czech ě, ů and č of Windows-1250, but in
#: languages that have à too, such as Gaelic, Corsican and Sardinian.
_GRAVE = re.compile(r"[ìù](?=[^\W\d_])|[èÈ](?=[aiouk])")
#: Letters of which one stands in the same word as others only in text of Windows-1250; those with an acute accent
#: stand beside ø in Faroese too, which has ð.
_TOGETHER = ("šžŠŽ", "ìøùòæðïèêØÈÌÙÒ"), ("þÞ", "ãÃ")
_ACUTE = ("øØïì", "áíýúÁÍÝÚ")
#: Letters of Turkish in Windows-1254, as Windows-1252 and in both; and those of Icelandic, which has the former too.
_TURKISH, _TURKISH_TOO, _ICELANDIC = "ýþðÝÞÐ", "çüÇÜ", "áíóúéæÁÍÓÚÉÆ"
#: The part of the characters beside ASCII that may be in such places.
_MOST_ODD, _MOST_NOWHERE = 0.25, 0.1
#: Bytes that are not UTF-8, as surrogateescape keeps them, and their characters in Windows-1252.
_STRAY = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


@dataclass(frozen=True)
class TextTable:
    """A text table in UTF-8 that a parser can read.

    path   the file itself, or a repaired copy
    names  column names, one per field
    skip   number of lines before the first row
    notes  decisions made when it was opened
    """

    path: Path
    names: tuple[str, ...]
    separator: str
    skip: int
    notes: tuple[str, ...] = ()


def open_text(path: Path, scratch: Path, recognises: Recognises) -> TextTable:
    """Open a text file as a table. Raises `DocumentError` if it is empty, has no rows or is damaged."""
    given = path
    try:
        path, notes = _as_utf8(path, scratch)
        head = _head(path)
        tail = _tail(path)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, gzip.BadGzipFile | EOFError | zlib.error):
            raise damaged_gzip(given, error) from error
        cause = getattr(error, "strerror", None) or error
        raise DocumentError(f"cannot be read: {cause}", path=str(given)) from error
    if not head.strip():
        raise DocumentError("is empty, or its first line is", path=str(given))
    separator = _separator(head)
    records, ends = _records(head, separator)
    grid = find_grid(records, recognises)
    if grid is None or not any(cell.strip() for record in records[grid.header + 1 :] for cell in record):
        shown = separator.join(grid.names)[:80] if grid else head.strip()[:80]
        why = "the table has no rows" if path.stat().st_size < HEAD else f"no line ends in the first {HEAD:,} bytes"
        raise DocumentError(f"{why} below its header ({shown!r})", path=str(given))
    titles = [" ".join(filter(None, record)) for record in records[: grid.header] if any(record)]
    footnotes, length = _footnotes(tail, separator, len(grid.names))
    if footnotes:
        copy = scratch / f"{_number(scratch)}-{path.name}"
        shutil.copyfile(path, copy)
        with copy.open("r+b") as file:
            file.truncate(copy.stat().st_size - length)
        path = copy
    for lines, label in ((titles, ABOVE), (footnotes, BELOW)):
        if lines:
            notes.append(f"{label} ({len(lines)}): {shown_lines(lines)}.")
    skip = ends[grid.header]
    if any(
        line.count('"') % 2 for line in head.split("\n")[:skip]
    ):  # a column name with a line break, or a quote in a title
        path, skip = _without_lines(path, scratch, skip), 0
    return TextTable(path, grid.names, separator, skip, tuple(notes))


def _without_lines(path: Path, scratch: Path, lines: int) -> Path:
    """Copy the file without its first lines."""
    copy = scratch / f"{_number(scratch)}-{path.name}"
    with path.open("rb") as file, copy.open("wb") as out:
        for _ in range(lines):
            file.readline()
        shutil.copyfileobj(file, out)
    return copy


def _number(scratch: Path) -> int:
    return len(list(scratch.iterdir()))


# ---- encodings ----


def _as_utf8(path: Path, scratch: Path) -> tuple[Path, list[str]]:
    """Return the file as UTF-8 text with line feeds (itself, or a copy), and a note on its encoding.

    Without a byte order mark or the NUL bytes of UTF-16, a file is UTF-8 if all of it decodes as UTF-8. If not, it is
    Windows-1252 (a superset of Latin-1) if no multi-byte sequence is UTF-8, and otherwise UTF-8 with stray bytes, each
    of which is read as Windows-1252. Raises `DocumentError` for text of another encoding, such as GBK.
    """
    first = _first_bytes(path)
    encoding = next((name for mark, name in _MARKS if first.startswith(mark)), None)
    if encoding is None and b"\0" in first:
        even, odd = first[::2].count(b"\0"), first[1::2].count(b"\0")
        if max(even, odd) < len(first) / 4 or 10 * min(even, odd) > max(even, odd):  # in UTF-16 they alternate
            raise DocumentError(f"is not a text file (it holds NUL bytes): {SAVE}", path=str(path))
        encoding = "utf-16-le" if odd > even else "utf-16-be"
    if encoding is not None:
        return _copy(path, scratch, encoding, "replace"), [f"The file is {encoding[:6].upper()}."]
    strays, several, line, returns = _tally(path)
    if not strays:
        copied = returns or _is_packed(path)
        return (_copy(path, scratch, "utf-8-sig", "strict") if copied else path), []
    place = f"the first of {strays:,} such bytes is on line {line:,}"
    if several > strays:
        return _copy(path, scratch, "utf-8-sig", "surrogateescape"), [
            f"The file is UTF-8 except for some bytes, which were read as Windows-1252: {place}."
        ]
    copy = _copy(path, scratch, "cp1252", "replace")
    return copy, [f"The file is not UTF-8 and was read as Windows-1252: {place}, read as {_first_word(path, copy)!r}."]


def _first_word(path: Path, copy: Path) -> str:
    """Return the first word with a character beside ASCII in a copy of the file that was read as Windows-1252.

    Raises `DocumentError` where the characters beside ASCII stand as they do in text of another encoding.
    """
    every = odd = 0
    letters: Counter[str] = Counter()
    strange: dict[str, Counter[str]] = {}
    turkish = first = ""
    with copy.open(encoding="utf-8") as text:
        while block := text.read(1 << 22):
            if block.isascii():
                continue
            places = [found.span() for found in re.finditer(r"[^\x00-\x7f]+", block)]
            every += sum(end - start for start, end in places)
            letters.update(character for start, end in places for character in block[start:end])
            around = "\n".join(block[max(start - 1, 0) : end + 1] for start, end in places)
            odd += sum(len(run) for run in _RUN.findall(around) if len(set(run)) > 1 and not _UMLAUTS.issuperset(run))
            odd += len(_SIGN_IN_A_WORD.findall(around))
            first = first or _word_at(block, places[0][0])
            for word, times in Counter(re.findall(r"[^\s,;|\"]+", block)).items():
                if word.isascii():
                    continue
                for kind, count in _strange(word).items():
                    strange.setdefault(kind, Counter())[word[:80]] += times * count
                turkish = turkish or ("" if {*_TURKISH}.isdisjoint(word) else word)
    wrong = _wrong(strange, letters)
    if _is_turkish(letters):
        wrong[turkish] = every
    if odd > _MOST_ODD * every or sum(wrong.values()) > _MOST_NOWHERE * every:
        raise DocumentError(
            f"is in another encoding than UTF-8 and Windows-1252, in which {next(iter(wrong), first)!r} would be read; "
            f"save it as UTF-8 (in a spreadsheet: CSV UTF-8)",
            path=str(path),
        )
    return first


def _strange(word: str) -> dict[str, int]:
    """Return how many letters of a word stand where few languages of Windows-1252, or none, have them, by kind."""

    def has(*pairs: tuple[str, str]) -> int:
        return sum(not {*one}.isdisjoint(word) and not {*other}.isdisjoint(word) for one, other in pairs)

    found = {
        "nowhere": len(_NOWHERE.findall(word)) + has(*_TOGETHER),
        "acute": has(_ACUTE),
        "grave": len(_GRAVE.findall(word)),
        "dashes": len(_DASHES.findall(word)),
    }
    return {kind: count for kind, count in found.items() if count}


def _wrong(strange: Mapping[str, Counter[str]], letters: Mapping[str, int]) -> Counter[str]:
    """Return the words of a text with letters that no language has there which the letters of the whole text allow."""
    kept = dict(strange)
    for kind, letter in (("grave", "à"), ("acute", "ð")):
        if letter in letters:
            kept.pop(kind, None)
    if set(kept) == {"dashes"}:
        return Counter()
    return sum((kept[kind] for kind in kept), Counter())


def _is_turkish(letters: Mapping[str, int]) -> bool:
    """Whether letters of Windows-1252, by their number, are those of Turkish in Windows-1254."""
    several = sum(letters.get(letter, 0) for letter in _TURKISH) > 2
    return several and any(x in letters for x in _TURKISH_TOO) and not any(x in letters for x in _ICELANDIC)


def _word_at(text: str, place: int) -> str:
    """Return the word around a character of a text, at most 40 characters on each side of it."""
    before = re.search(r"[^\s,;\t|\"]*$", text[max(place - 40, 0) : place])
    behind = re.match(r"[^\s,;\t|\"]*", text[place + 1 : place + 41])
    return (before[0] if before else "") + text[place] + (behind[0] if behind else "")


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if _is_packed(path) else path.open("rb")


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _first_bytes(path: Path) -> bytes:
    with _opened(path) as file:
        return file.read(4000)


def _tally(path: Path) -> tuple[int, int, int, bool]:
    """Count bytes that are not UTF-8 and multi-byte characters, and check line ends.

    Returns both counts, the line of the first stray byte, and whether line ends are carriage returns or mixed. Raises
    `DocumentError` for a NUL byte.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    strays = several = line = feeds = both = 0
    returns, block = False, b" "
    with _opened(path) as file:
        while block:
            block = file.read(1 << 22)
            if block.endswith(b"\r"):
                block += file.read(1)
            text = decoder.decode(block, final=not block)
            if "\0" in text:
                at = feeds + text.count("\n", 0, text.index("\0")) + 1
                raise DocumentError("is not text (it holds a NUL byte); is it damaged?", path=str(path), line=at)
            if not text.isascii():
                high = re.findall(r"[^\x00-\x7f]", text)
                wrong = sum("\udc80" <= character <= "\udcff" for character in high)
                if wrong and not strays:
                    line = feeds + text.count("\n", 0, re.search("[\udc80-\udcff]", text).start()) + 1  # type: ignore[union-attr]
                strays += wrong
                several += len(high) - wrong
            feeds += text.count("\n")
            both += text.count("\r\n")
            returns = returns or text.count("\r") > text.count("\r\n")
    return strays, several, line, returns or 0 < both < feeds


def _copy(path: Path, scratch: Path, encoding: str, errors: str) -> Path:
    """Copy the file as UTF-8."""
    copy = scratch / f"{_number(scratch)}-{path.name.removesuffix('.gz')}"
    with (
        _opened(path) as file,
        io.TextIOWrapper(file, encoding=encoding, errors=errors, newline=None) as text,
        copy.open("w", encoding="utf-8", newline="\n") as out,
    ):
        while block := text.read(1 << 22):
            out.write(block.translate(_STRAY) if errors == "surrogateescape" else block)
    return copy


def _head(path: Path) -> str:
    """The first lines, without a last incomplete one."""
    with path.open("rb") as file:
        data = file.read(HEAD)
    text = data.decode("utf-8-sig", errors="replace")
    return text[: text.rindex("\n") + 1] if len(data) == HEAD and "\n" in text else text


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - TAIL))
        return file.read()


# ---- separator, header, footnotes ----


def _records(text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """The first records of a text, and the line number at the end of each."""
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=separator)
    records: list[list[str]] = []
    ends: list[int] = []
    try:
        for record in reader:
            records.append(record)
            ends.append(reader.line_num)
            if len(records) == LOOKED_AT:
                break
    except csv.Error:  # a NUL or an unclosed field: DuckDB reports it with its line
        pass
    return records, ends


def _separator(head: str) -> str:
    """The separator that gives most lines the same number of fields (at least two); else a comma."""
    best, most = ",", (0.0, 0)
    for sign in SEPARATORS:
        records = [record for record in _records(head, sign)[0] if any(record)]
        width = usual_width(records)
        if width > 1:
            score = (round(sum(len(record) == width for record in records) / len(records), 1), width)
            if score > most:
                best, most = sign, score
    return best


def _footnotes(tail: bytes, separator: str, width: int) -> tuple[list[str], int]:
    """Footnotes: lines at the end without a separator, where rows have several fields; and their length in bytes."""
    if width < 2:
        return [], 0
    lines = tail.splitlines(keepends=True)
    found: list[bytes] = []
    while len(lines) > 1 and separator.encode() not in lines[-1] and lines[-1].count(b'"') in (0, 2):
        found.append(lines.pop())
    notes = [line.decode("utf-8", "replace").strip() for line in reversed(found) if line.strip()]
    return (notes, sum(map(len, found))) if notes else ([], 0)
