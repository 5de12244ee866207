"""The bundled table of the United States' tariff lines: rates, statistical lines and the lists that name each line.

`scripts/build_us_tariff.py` makes data/us-tariff-lines.tsv.xz from the publishers' files.
"""

from __future__ import annotations

import datetime
import functools
import lzma
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from entrepot.data.duty_rates import StatedDuty, read_duty
from entrepot.data.number_formats import NumberFormat
from entrepot.documents import shipped
from entrepot.errors import InputError

TABLE = "us-tariff-lines.tsv.xz"
#: Lists that no edition numbers: the whole of the line, in `TariffLine.lists`.
WHOLE = ""
_PART = re.compile(r"\s*([^()]*?)\s*\(([^()]*)\)")
_POINTS = NumberFormat()
#: Special rates that refer to another line, such as one within a quota: they are not rates of this one.
_BY_REFERENCE = re.compile(r"^(the (rate|duty)|no change|see )", re.IGNORECASE)


@dataclass(frozen=True)
class TariffLine:
    """A line of eight digits of the tariff schedule.

    general, column2  rates as the schedule writes them;  special: by partner, the symbol of the programme and its rate
    statistical       endings of its statistical lines
    lists             the lists that name it, and the endings that each names (WHOLE: the whole line)
    usmca             shares of imports that claimed the USMCA, by (partner, year)
    """

    code: str
    general: str
    special: Mapping[str, tuple[str, str]]
    column2: str
    statistical: tuple[str, ...]
    lists: Mapping[str, tuple[str, ...]]
    usmca: Mapping[tuple[str, int], float]
    description: str

    def on_list(self, name: str, ending: str) -> bool:
        """Return whether a list names the line, or the statistical line with this ending."""
        endings = self.lists.get(name)
        return endings is not None and (WHOLE in endings or (ending in endings if ending else False))

    @property
    def split_lists(self) -> dict[str, tuple[str, ...]]:
        """The lists that name some of its statistical lines and not the others."""
        return {name: endings for name, endings in self.lists.items() if WHOLE not in endings}


@dataclass(frozen=True)
class TariffLines:
    """The lines of an edition by their codes; `since` is its first day, where it is `bundled` and not a user's file."""

    edition: str
    since: datetime.date
    lines: Mapping[str, TariffLine]
    bundled: bool = True
    notes: tuple[str, ...] = field(default=())

    def under(self, code: str) -> Iterator[TariffLine]:
        """Return the lines whose codes begin with `code`, in their order."""
        if len(code) == 8:
            return iter([self.lines[code]] if code in self.lines else [])
        return (line for key, line in self.lines.items() if key.startswith(code))


def dotted(code: str) -> str:
    """Return a code as the schedule prints it: 8703.23.01.90."""
    return ".".join(part for part in (code[:4], code[4:6], code[6:8], code[8:]) if part)


@functools.cache
def bundled_lines() -> TariffLines:
    """Return the lines of the bundled table."""
    packed = shipped(f"exposures/data/{TABLE}").read_bytes()
    head, _, *body = lzma.decompress(packed).decode().rstrip("\n").split("\n")
    edition, since = head.removeprefix("# ").split("\t")
    lines = {row[:8]: _line(row.split("\t")) for row in body}
    return TariffLines(edition, datetime.date.fromisoformat(since), lines)


def _line(row: list[str]) -> TariffLine:
    code, general, special, column2, endings, lists, used, description = row
    shares = dict(zip((("CAN", 2025), ("CAN", 2026), ("MEX", 2025), ("MEX", 2026)), used.split(","), strict=False))
    return TariffLine(
        code,
        general,
        LazySpecial(special),
        column2,
        tuple(endings[k : k + 2] for k in range(0, len(endings), 2)),
        {name: tuple(at.split("+")) for name, _, at in (entry.partition("@") for entry in lists.split())},
        {key: int(share) / 100 for key, share in shares.items() if share},
        description,
    )


class LazySpecial(Mapping[str, tuple[str, str]]):
    """The special column of a line by partner, read when it is first used."""

    def __init__(self, text: str) -> None:
        self.text = text

    @functools.cached_property
    def _read(self) -> dict[str, tuple[str, str]]:
        from entrepot.data.sources.usitc import PROGRAMMES

        return {
            partner: (symbol, rate)
            for rate, symbols in _PART.findall(self.text)
            if rate and not _BY_REFERENCE.match(rate)
            for symbol in re.split(r"[,\s]+", symbols.strip())
            for partner in PROGRAMMES.get(symbol, ())
        }

    def __getitem__(self, partner: str) -> tuple[str, str]:
        return self._read[partner]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


def read_lines(path: str | os.PathLike[str]) -> TariffLines:
    """Return the bundled lines with the ordinary and special rates of a schedule as hts.usitc.gov exports it.

    Column 2, lists and statistical lines stay those of the bundled table; a line that this has not is on no list.
    Raises `TableError` or `DocumentError` for a file that is not such a schedule.
    """
    from entrepot.data.duckdb_store import Store
    from entrepot.data.layouts import recognised_as
    from entrepot.data.source_table import tidied

    with Store() as store:
        source = store.source(path, "rates", recognises=recognised_as("rates"))
        source, layout = tidied(store, source, "rates")
        if layout is None or layout.name != "usitc-hts":
            raise InputError(
                f"--rates {os.fspath(path)}: this is not the tariff schedule as hts.usitc.gov exports it "
                "(columns HTS Number, Indent, General Rate of Duty, Special Rate of Duty)"
            )
        frame = store.whole(source)
    return _with_rates(frame, os.path.basename(path))


def _with_rates(frame: Any, name: str) -> TariffLines:
    general: dict[str, str] = {}
    special: dict[str, dict[str, tuple[str, str]]] = {}
    for product, partner, rate, authority in frame[["product", "exporter", "rate", "authority"]].itertuples(
        index=False
    ):
        code = str(product)[:8]
        if partner == "ALL":
            general[code] = str(rate)
        else:
            special.setdefault(code, {})[str(partner)] = ("S" if authority == "USMCA" else "its programme", str(rate))
    _refuse_absurd(general, special, name)
    base = bundled_lines()
    lines = {}
    for code in sorted(general):
        old = base.lines.get(code) or TariffLine(code, "", {}, "", (), {}, {}, "")
        lines[code] = replace(old, general=general[code], special=special.get(code, {}))
    new = sum(code not in base.lines for code in lines)
    gone = sum(code not in lines for code in base.lines)
    notes = (
        f"Rates of {name}: {len(lines):,} lines; {new:,} of them are not in the bundled table and are on no list, "
        f"{gone:,} lines of the bundled table are not in the file.",
    )
    return TariffLines(f"the schedule {name}", base.since, lines, False, notes)


#: The highest ad valorem rate that a schedule may state. The highest of the bundled one is 350%.
HIGHEST = 10.0


def _refuse_absurd(general: Mapping[str, str], special: Mapping[str, Mapping[str, tuple[str, str]]], name: str) -> None:
    """Raise `InputError` for a rate below zero or above HIGHEST."""
    texts = [(code, text) for code, text in general.items()]
    texts += [(code, text) for code, rates in special.items() for _, text in rates.values()]
    for code, text in texts:
        rate = ad_valorem(text).ad_valorem
        if rate is not None and not 0 <= rate <= HIGHEST:
            raise InputError(
                f"--rates {name}: the rate of {dotted(code)} reads {text!r}; rates from 0 to {100 * HIGHEST:,.0f}% are "
                "read, so correct the file"
            )


# ---- rates ----


@functools.lru_cache(maxsize=4096)
def ad_valorem(text: str) -> StatedDuty:
    """Return the duty that a rate of the schedule states."""
    return read_duty(text, _POINTS) if text else StatedDuty(None)


@dataclass(frozen=True)
class SpecificDuty:
    """A duty per unit of quantity: US dollars for one `unit`, or nothing where its text states no single amount."""

    text: str
    dollars: float | None
    unit: str


_AMOUNT = r"(?:(?P<cents>[\d,.]+)\s*¢|\$\s*(?P<dollars>[\d,.]+))\s*"
_SPECIFIC = re.compile(_AMOUNT + r"(?:/\s*(?P<per>[\d,]*\s*[A-Za-z][\w. ]*?)|(?P<each>each))\s*")
_COUNT = re.compile(r"([\d,]+)\s*(.*)")
_NUMBER_ONLY = re.compile(_AMOUNT + r"/\s*(?P<count>[\d,]+)\s*")


@functools.lru_cache(maxsize=4096)
def specific_part(rest: str) -> SpecificDuty | None:
    """Return the specific part of a duty: "3.3¢/kg" is 0.033 dollars for one kg; None for no such part."""
    text = rest.strip(" +")
    if not text:
        return None
    thousands = _NUMBER_ONLY.fullmatch(text)
    found = thousands or _SPECIFIC.fullmatch(text)
    if found is None:
        return SpecificDuty(text, None, "")
    number = float((found["cents"] or found["dollars"]).replace(",", ""))
    dollars = number / 100 if found["cents"] else number
    if thousands:
        return SpecificDuty(text, dollars / float(thousands["count"].replace(",", "")), "piece")
    unit = "piece" if found["each"] else " ".join(found["per"].split())
    counted = _COUNT.fullmatch(unit)
    if counted:
        return SpecificDuty(text, dollars / float(counted[1].replace(",", "")), counted[2] or "piece")
    return SpecificDuty(text, dollars, unit.rstrip("."))
