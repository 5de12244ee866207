"""The duty of the United States on a product from a partner on a day: the function `duty` and what it returns."""

from __future__ import annotations

import datetime
import functools
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from entrepot.economy.geography import find_place, place_names, union_on
from entrepot.errors import InputError, UnknownNameError
from entrepot.exposures.levies import (
    Base,
    DutyConditions,
    LawOfDay,
    Levies,
    Levy,
    Preference,
    ends_of,
    percent,
)
from entrepot.exposures.stacking import Authority, KnownGap, Stacking, load_stacking
from entrepot.exposures.tariff_lines import SpecificDuty, TariffLine, TariffLines, bundled_lines, dotted, read_lines
from entrepot.words import and_list, spoken
from entrepot.words import day as day_words

#: The book that knows rates, lists and days.
BOOK = "us-2026"


@dataclass(frozen=True)
class DutyLayer:
    """What one authority adds to a duty, or why it adds nothing.

    rate         what it adds as collected on the day, as a share of the value;  rate_in_law  the same in law
    stated       the rate that its own text states;  amount  US dollars, to the cent, where a value is given
    counted      False for a rate that was announced or reported and is not established: it is in no total
    all_in       whether its limit counts the ordinary duty, so that a specific part of that duty is inside the limit
    """

    id: str
    authority: str
    applies: bool
    rate: float
    rate_in_law: float
    stated: float | None
    because: str
    citation: str
    url: str | None = None
    heading: str | None = None
    confidence: str | None = None
    note: str | None = None
    counted: bool = True
    all_in: bool = False
    amount: float | None = None


@dataclass(frozen=True)
class ProductDuty:
    """The duty on a product from a partner on a day, layer by layer; rates are shares of the customs value.

    rate         the ad valorem duty as collected;  rate_in_law  as the law stood
    specific     the specific part of the base, per unit of quantity; None for none
    amount       US dollars, to the cent, where a value is given (and a quantity, where the duty has a specific part)
    conditions   what was taken to hold of the goods, of the conditions that matter for them
    law_as_of    the day until which its oldest entry is kept up, where that is before the day; else None
    gaps         known gaps of the data that concern the day, the line and the origin
    """

    importer: str
    product: str
    description: str
    exporter: str
    date: datetime.date
    rate: float
    rate_in_law: float
    specific: SpecificDuty | None
    layers: tuple[DutyLayer, ...]
    conditions: Mapping[str, Any]
    usmca_share: Mapping[int, float]
    edition: str
    value: float | None = None
    quantity: float | None = None
    amount: float | None = None
    law_as_of: datetime.date | None = None
    gaps: tuple[KnownGap, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def sentence(self) -> str:
        """The answer in one sentence: the total, and the authorities that make it."""
        parts = [f"{percent(one.rate)} {_in_sentence(one)}" for one in self.layers if one.applies and one.rate > 0]
        inside = any(one.all_in and one.applies for one in self.layers)
        joined = "with the ordinary duty in it," if inside and self.specific else "and"
        total = percent(self.rate) + (f" {joined} {self.specific.text}" if self.specific else "")
        of_what = f"{dotted(self.product)} from {spoken(self.exporter)}"
        if self.rate == 0 and not self.specific:
            text = f"On {day_words(self.date)} the United States collects no duty on {of_what}"
        else:
            text = f"On {day_words(self.date)} the United States collects {total} on {of_what}"
        text += f": {and_list(parts)}" if len(parts) > 1 else f", {parts[0].split(' ', 1)[1]}" if parts else ""
        if self.conditions.get("metal_share") == 1.0 and self.product[:2] not in METAL_CHAPTERS and self.rate > 0:
            text += ", if all of its value is metal (--metal-share)"
        if abs(self.rate - self.rate_in_law) > 1e-12:
            text += f"; in law the rate is {percent(self.rate_in_law)}"
        if unsettled := list(dict.fromkeys(one.authority for one in self.layers if not one.counted)):
            text += f"; not established and not counted: {and_list(unsettled)}"
        if self.law_as_of is not None:
            text += f" (law as of {day_words(self.law_as_of)})"
        return text + "."

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values, for JSON."""
        return {
            "importer": self.importer,
            "product": dotted(self.product),
            "description": self.description,
            "exporter": self.exporter,
            "on": self.date.isoformat(),
            "rate": self.rate,
            "rate_in_law": self.rate_in_law,
            "specific": None
            if self.specific is None
            else {"text": self.specific.text, "usd": self.specific.dollars, "per": self.specific.unit},
            "value": self.value,
            "quantity": self.quantity,
            "amount": self.amount,
            "sentence": self.sentence,
            "layers": [{k: v for k, v in vars(one).items() if k != "note" or v} for one in self.layers],
            "conditions": dict(self.conditions),
            "usmca_share": {str(year): share for year, share in self.usmca_share.items()},
            "edition": self.edition,
            "law_as_of": None if self.law_as_of is None else self.law_as_of.isoformat(),
            "known_gaps": [gap.what for gap in self.gaps],
            "notes": list(self.notes),
        }

    def to_frame(self) -> Any:
        """Return the layers as a DataFrame, one row a layer."""
        import pandas as pd

        return pd.DataFrame([vars(one) for one in self.layers])


def _in_sentence(layer: DutyLayer) -> str:
    base = {"mfn": "ordinary duty", "preference": "preferential duty", "usmca": "duty of the USMCA"}
    named = base.get(layer.id) or ("column 2 duty" if layer.id == "column-2" else f"under {layer.authority}")
    return named if layer.rate_in_law == layer.rate or layer.rate_in_law > 0 else f"{named} ({layer.because})"


def duty(
    importer: str,
    product: str | int,
    *,
    exporter: str,
    on: datetime.date | str | None = None,
    preference: Preference = True,
    us_content: float = 0.0,
    metal_share: float | Mapping[str, float] = 1.0,
    light_metal: bool = False,
    us_metal: bool = False,
    civil_aircraft: bool = False,
    in_transit: bool = False,
    in_quota: bool = True,
    advanced_chip: bool = False,
    generic_medicine: bool = False,
    patented_medicine: bool = False,
    vehicle_part: bool | None = None,
    value: float | None = None,
    quantity: float | None = None,
    rates: str | os.PathLike[str] | None = None,
    law: Stacking | str | os.PathLike[str] = BOOK,
) -> ProductDuty:
    """Return the duty on a product from a partner on a day, as collected and in law, layer by layer.

    importer    the United States: no other country's law is bundled
    product     a code of the US tariff schedule of 8 or 10 digits, with or without points; a shorter one, or one whose
                statistical lines differ, where all that is under it pays the same
    exporter    the country of origin, or a group such as EU27
    on          the day, such as "2026-03-15"; None: today
    value       the customs value in US dollars, and `quantity` the quantity in the unit of a specific duty: both give
                the amount to the cent
    rates       a newer schedule as hts.usitc.gov exports it, in place of the bundled rates
    law         the book of authorities: a bundled name or a YAML file like us-2026.yaml

    The other arguments are what the code does not decide; see `DutyConditions`. Raises `InputError` for another
    importer, a code that is not in the schedule (with the nearest ones), a code whose lines pay different rates (with
    these), and a day that the book does not know; `UnknownNameError` for a country.
    """
    conditions = DutyConditions(
        preference=_preference(preference),
        us_content=us_content,
        metal_share=metal_share,
        light_metal=light_metal,
        us_metal=us_metal,
        civil_aircraft=civil_aircraft,
        in_transit=in_transit,
        in_quota=in_quota,
        advanced_chip=advanced_chip,
        generic_medicine=generic_medicine,
        patented_medicine=patented_medicine,
        vehicle_part=vehicle_part,
    )
    rules = load_stacking(law)
    date = read_day(on, rules)
    refuse_importer(importer, rules, date)
    origin = read_exporter(exporter, date)
    for name, amount in (("value", value), ("quantity", quantity)):
        if amount is None:
            continue
        if isinstance(amount, bool | str) or not 0 <= amount <= LARGEST_VALUE:
            raise InputError(f"{name}: {amount!r}: give an amount from 0 to {LARGEST_VALUE:,.0f}")
    schedule = bundled_lines() if rates is None else read_lines(rates)
    books = _bundled_laws(law, origin, date) if law == BOOK else Laws(rules, origin, date)
    code, found, notes = _one_answer(str(product), schedule, books, conditions, value, quantity)
    answer = replace(found, product=code, notes=(*found.notes, *notes, *schedule.notes))
    return answer if value is None else _with_amounts(answer, value, quantity)


# ---- arguments ----


#: Chapters of goods of iron, steel, copper and aluminium.
METAL_CHAPTERS = ("72", "73", "74", "76")
#: Territories of the United States: Puerto Rico and the insular possessions.
TERRITORIES = frozenset({"PRI", "VIR", "GUM", "ASM", "MNP"})
#: The largest customs value, US$, for which amounts are worked out.
LARGEST_VALUE = 1e12


def read_day(on: datetime.date | str | None, rules: Stacking) -> datetime.date:
    """Return the day as a date. Raises `InputError` for text that is not one, and for a day that the book lacks."""
    try:
        if on is None:
            date = datetime.date.today()
        elif isinstance(on, datetime.datetime):
            date = on.date()
        else:
            date = on if isinstance(on, datetime.date) else datetime.date.fromisoformat(str(on))
    except ValueError:
        raise InputError(f"on: {on!r} is not a day such as 2026-03-15") from None
    since, until = rules.known_since, rules.known_until
    if since is None or until is None:
        raise InputError(
            f"law: the stacking {rules.stacking!r} states no rates by day (known_since, known_until); use {BOOK}"
        )
    if not since <= date <= until:
        raise InputError(
            f"on: {date} is outside what {rules.stacking} knows, from {since} until {until}"
            + ("; give another day (--on)" if on is None else "")
        )
    return date


def refuse_importer(name: str, rules: Stacking, date: datetime.date) -> None:
    """Raise `InputError` unless the importer is one of the book's."""
    place = find_place(str(name), date)
    if place is None:
        raise UnknownNameError("country", str(name), place_names(), "importer")
    if place.code not in rules.importers:
        raise InputError(
            f"importer: the duty by product is known for {and_list([spoken(p) for p in rules.importers])} alone, not "
            f"for {spoken(place.code)}; for another country give its schedule to 'entrepot exposure --schedule FILE'"
        )


def read_exporter(name: str, date: datetime.date) -> str:
    """Return the code of the country or group of origin. Raises `UnknownNameError` and `InputError`."""
    place = find_place(str(name), date)
    if place is None:
        raise UnknownNameError("country", str(name), place_names(), "exporter")
    if place.kind not in ("country", "group"):
        raise InputError(f"exporter: {place.name} is not one origin; name a country")
    if place.code == "USA":
        raise InputError("exporter: goods of the United States that come back are under chapter 98, which is not here")
    if place.code in TERRITORIES:
        raise InputError(
            f"exporter: {place.name} is in the customs territory of the United States or an insular possession "
            "(General Notes 2 and 3(a)(iv)), whose goods are not imports from abroad"
        )
    if place.kind == "group" and place.code != union_on(date):
        raise InputError(
            f"exporter: the members of {place.name} may pay different duties on {date}; name one of them, such as "
            f"{', '.join(place.members[:3])}"
        )
    return place.code


def _preference(given: Any) -> Preference:
    if isinstance(given, bool) or given == "share":
        return given
    raise InputError(f"preference: {given!r} is not one of True, False and 'share'")


# ---- lines ----


class Laws:
    """The law of a day and what was collected on it, for goods of one origin."""

    def __init__(self, rules: Stacking, exporter: str, date: datetime.date) -> None:
        self.rules, self.exporter, self.date = rules, exporter, date
        self.collected = LawOfDay(rules, exporter, date, collected=True)
        self.lawful = LawOfDay(rules, exporter, date, collected=False)

    def both(
        self, line: TariffLine, ending: str, conditions: DutyConditions, equivalent: float = 0.0
    ) -> tuple[Levies, Levies]:
        """Return what is collected, and what is levied in law."""
        return (
            self.collected.on(line, ending, conditions, equivalent),
            self.lawful.on(line, ending, conditions, equivalent),
        )

    def weighted(self, line: TariffLine, conditions: DutyConditions) -> list[tuple[float, DutyConditions]]:
        """Return the conditions with their weights: two of them, by the share that claims the USMCA, on request."""
        if conditions.preference != "share":
            return [(1.0, conditions)]
        year = 2026 if self.date >= datetime.date(2026, 1, 1) else 2025
        share = line.usmca.get((self.exporter, year), line.usmca.get((self.exporter, 2025)))
        if self.exporter not in ("CAN", "MEX") or share is None:
            return [(1.0, replace(conditions, preference=self.exporter not in ("CAN", "MEX")))]
        return [
            (share, replace(conditions, preference=True)),
            (1.0 - share, replace(conditions, preference=False)),
        ]


@functools.lru_cache(maxsize=64)
def _bundled_laws(name: str, exporter: str, date: datetime.date) -> Laws:
    """The law of a day in a bundled book, kept for the next product."""
    return Laws(load_stacking(name), exporter, date)


def _one_answer(
    written: str,
    schedule: TariffLines,
    books: Laws,
    conditions: DutyConditions,
    value: float | None,
    quantity: float | None,
) -> tuple[str, ProductDuty, list[str]]:
    """Return the code, its duty and notes; a code with several rates under it raises with the rates."""
    code = _digits(written)
    lines = list(schedule.under(code[:8]))
    if not lines:
        raise InputError(
            f"product: {written!r} is not in {schedule.edition}; the nearest are {_nearest(code, schedule)}"
        )
    if len(code) == 10 and code[8:] not in (*lines[0].statistical, "00"):
        raise InputError(
            f"product: {dotted(code)} is not a statistical line of {schedule.edition}; under {dotted(code[:8])} "
            f"there {'is' if len(lines[0].statistical) == 1 else 'are'} {', '.join(lines[0].statistical)}; or give "
            "eight digits"
        )
    answers: dict[tuple[Any, ...], list[tuple[str, ProductDuty]]] = {}
    for line in lines:
        endings = [code[8:]] if len(code) == 10 else _kinds(line)
        for ending in endings:
            one = _answer(line, ending, schedule, books, conditions, value, quantity)
            key = (round(one.rate, 12), round(one.rate_in_law, 12), one.specific and one.specific.text)
            answers.setdefault(key, []).append((line.code + ending, one))
    if len(answers) > 1:
        raise InputError(_several(code, answers))
    ((pairs),) = answers.values()
    notes = [f"All {len(lines)} lines under {dotted(code)} pay this."] if len(lines) > 1 else []
    return code, pairs[0][1], notes


def _digits(written: str) -> str:
    code = "".join(c for c in written if c not in ". -")
    if not code.isascii() or not code.isdigit() or len(code) not in (4, 5, 6, 7, 8, 10):
        raise InputError(f"product: {written!r} is not a code of 4 to 8 or 10 digits, such as 8703.23.01")
    return code


def _nearest(code: str, schedule: TariffLines) -> str:
    """Return the lines nearest to a code: those that share most of its beginning, then the nearest in number."""
    known = list(schedule.lines)
    for n in range(min(len(code), 8) - 1, 1, -1):
        alike = [k for k in known if k.startswith(code[:n])]
        if alike:
            at = int(code[:8].ljust(8, "0"))
            best = sorted(sorted(alike, key=lambda k: abs(int(k) - at))[:3])
            return ", ".join(f"{dotted(k)} ({schedule.lines[k].description})" for k in best)
    return "none: chapters are 01 to 97"


def _kinds(line: TariffLine) -> list[str]:
    """Return one ending of each kind of statistical line that lists tell apart; "" for a line that none divides."""
    split = line.split_lists
    if not split:
        return [""]
    kinds: dict[tuple[bool, ...], str] = {}
    for ending in line.statistical:
        kinds.setdefault(tuple(ending in endings for endings in split.values()), ending)
    return list(kinds.values())


def _several(code: str, answers: Mapping[tuple[Any, ...], Sequence[tuple[str, ProductDuty]]]) -> str:
    listed = []
    for (rate, _, specific), pairs in sorted(answers.items(), key=lambda item: item[1][0][0])[:12]:
        some = ", ".join(dotted(c) for c, _ in pairs[:3]) + (f" and {len(pairs) - 3} more" if len(pairs) > 3 else "")
        listed.append(f"{percent(rate)}{f' and {specific}' if specific else ''} on {some}")
    more = f"; and {len(answers) - 12} other rates" if len(answers) > 12 else ""
    finer = "ten digits" if len(code) >= 8 else "eight or ten digits"
    return f"product: {dotted(code)} spans {len(answers)} rates: {'; '.join(listed)}{more}; give {finer}"


# ---- one line ----


def _answer(
    line: TariffLine,
    ending: str,
    schedule: TariffLines,
    books: Laws,
    conditions: DutyConditions,
    value: float | None,
    quantity: float | None,
) -> ProductDuty:
    notes: list[str] = []
    mixed: list[tuple[float, Levies, Levies]] = []
    for weight, held in books.weighted(line, conditions):
        first, _ = books.both(line, ending, held)
        equivalent = _equivalent(first.base, value, quantity)
        mixed.append((weight, *books.both(line, ending, held, equivalent)))
    collected, lawful = mixed[0][1], mixed[0][2]
    layers = _layers(books, mixed)
    base = collected.base
    if not base.readable:
        notes.append(f"The ordinary rate reads {base.text!r}, which is not a rate of the value, and not in the total.")
    elif base.specific is not None and value is None:
        notes.append(
            f"The base has a specific part, {base.specific.text}; --value and --quantity give the amount. A ceiling on "
            "all duties together is compared with the ad valorem part alone."
        )
    date = books.date
    if any(one.applies and "ieepa" in (_statute(books.rules, one.id) or "") for one in layers):
        notes.append(
            "Duties under IEEPA were held unlawful on 20 February 2026 (Learning Resources v. Trump); those paid are "
            "subject to refund."
        )
    if date < schedule.since:
        notes.append(f"The ordinary and special rates are those of {schedule.edition}, and the day is earlier.")
    used = [a for a in books.rules.authorities if any(one.id == a.id for one in layers)]
    needed = collected.needed | lawful.needed
    return ProductDuty(
        importer="USA",
        product=line.code,
        description=line.description,
        exporter=books.exporter,
        date=date,
        rate=math.fsum(w * c.rate for w, c, _ in mixed),
        rate_in_law=math.fsum(w * law.rate for w, _, law in mixed),
        specific=base.specific,
        layers=layers,
        conditions=_taken(conditions, needed, line),
        usmca_share={year: share for (who, year), share in line.usmca.items() if who == books.exporter},
        edition=schedule.edition,
        law_as_of=oldest_review(used, date),
        gaps=tuple(gap for gap in books.rules.gaps if gap.on(date) and books.collected.concerned(gap, line, ending)),
        notes=tuple(notes),
    )


def oldest_review(authorities: Iterable[Authority], date: datetime.date) -> datetime.date | None:
    """Return the first day until which one of these authorities is kept up, of those before a day."""
    return min((a.review_by for a in authorities if a.review_by is not None and a.review_by < date), default=None)


def _taken(conditions: DutyConditions, needed: set[str], line: TariffLine) -> dict[str, Any]:
    """Return what was taken to hold, of the conditions that mattered."""
    taken = {name: value for name, value in vars(conditions).items() if name in needed}
    if "vehicle_part" in taken:
        taken["vehicle_part"] = conditions.holds("vehicle_part", line.code)
    return taken


def _equivalent(base: Base, value: float | None, quantity: float | None) -> float:
    """Return the specific part of the base as a share of the value; 0 where it is not known."""
    if base.specific is None or base.specific.dollars is None or not value or quantity is None:
        return 0.0
    return base.specific.dollars * quantity / value


def _statute(rules: Stacking, authority: str) -> str | None:
    return next((a.statute for a in rules.authorities if a.id == authority), None)


def _layers(books: Laws, mixed: Sequence[tuple[float, Levies, Levies]]) -> tuple[DutyLayer, ...]:
    """Return the base, what is levied, what is displaced or exempt, then what is in force and not on these goods."""
    layers = _base_layers(books.rules, mixed)
    first, lawful = mixed[0][1], mixed[0][2]
    ids = [levy.authority.id for levy in first.levies]
    ids += [levy.authority.id for levy in lawful.levies if levy.authority.id not in ids]
    for authority in ids:
        layers.append(_layer(books, authority, mixed))
    for one in (*first.unsettled, *(u for u in lawful.unsettled if u not in first.unsettled)):
        layers.append(
            DutyLayer(
                **_cited(one.authority, one.rule.source),
                id=one.authority.id,
                authority=one.authority.title or one.authority.id,
                applies=False,
                rate=0.0,
                rate_in_law=0.0,
                stated=one.rule.rate,
                because=f"not counted: {one.rule.note or 'not established'}",
                heading=one.rule.heading,
                confidence=one.rule.confidence or one.authority.confidence,
                counted=False,
            )
        )
    unsettled = {one.id for one in layers if not one.counted}
    kept = [one for one in layers if one.counted is False or one.applies or one.id not in unsettled or one.rate_in_law]
    return tuple(sorted(kept, key=lambda one: (not one.applies, one.stated is None)))


def _base_layers(rules: Stacking, mixed: Sequence[tuple[float, Levies, Levies]]) -> list[DutyLayer]:
    by_id: dict[str, list[tuple[float, Base]]] = {}
    for weight, collected, _ in mixed:
        by_id.setdefault(collected.base.authority, []).append((weight, collected.base))
    layers = []
    for name, bases in by_id.items():
        a = next(one for one in rules.authorities if one.id == name)
        share = sum(w for w, _ in bases)
        because = bases[0][1].because if share == 1.0 else f"{bases[0][1].because} ({percent(share)} of trade)"
        rate = sum(w * b.rate for w, b in bases)
        layers.append(
            DutyLayer(
                **_cited(a, None),
                id=a.id,
                authority=a.title or a.id,
                applies=True,
                rate=rate,
                rate_in_law=rate,
                stated=bases[0][1].rate,
                because=because,
                confidence=a.confidence,
                note=a.note,
            )
        )
    return layers


def _layer(books: Laws, authority: str, mixed: Sequence[tuple[float, Levies, Levies]]) -> DutyLayer:
    rate = math.fsum(w * levy.adds for w, c, _ in mixed for levy in c.levies if levy.authority.id == authority)
    in_law = math.fsum(w * levy.adds for w, _, law in mixed for levy in law.levies if levy.authority.id == authority)
    levies = [levy for _, c, _ in mixed for levy in c.levies if levy.authority.id == authority]
    lawful = [levy for _, _, law in mixed for levy in law.levies if levy.authority.id == authority]
    shown: Levy = max(levies or lawful, key=lambda levy: levy.adds)
    a = shown.authority
    because = shown.because
    if levies and not lawful:
        because = f"{ends_of(a, books.date) or 'collected and not in force in law'}; {because}"
    elif lawful and not levies:
        because = f"in force in law and not yet collected: {because}"
    elif abs(rate - in_law) > 1e-12:
        law_why = max(lawful, key=lambda levy: levy.adds).because
        because = f"{because}; in law {percent(in_law)} ({law_why}), and the difference is refunded"
    rule = shown.rule
    return DutyLayer(
        **_cited(a, shown.source),
        id=a.id,
        authority=a.title or a.id,
        applies=rate > 0,
        rate=rate,
        rate_in_law=in_law,
        stated=shown.stated,
        because=because,
        heading=None if rule is None else rule.heading,
        confidence=shown.confidence or a.confidence,
        all_in=shown.all_in,
        note=a.note if rule is not None else None,
    )


def _cited(a: Authority, source: str | None) -> dict[str, Any]:
    title = a.source.title if a.source is not None else ""
    return {"citation": f"{source}; {title}" if source else title, "url": a.source.url if a.source else None}


# ---- amounts ----


def _cents(amount: Decimal) -> float:
    return float(amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def _with_amounts(answer: ProductDuty, value: float, quantity: float | None) -> ProductDuty:
    """Return the answer with amounts to the cent: each layer is rounded by itself, as on the customs form 7501."""
    worth = Decimal(str(value))
    part = answer.specific
    extra = 0.0
    notes = list(answer.notes)
    if part is not None:
        if quantity is None or part.dollars is None:
            notes.append(
                f"The amount leaves out the specific part, {part.text}; give --quantity in {part.unit or 'its unit'}."
            )
        else:
            extra = _cents(Decimal(str(part.dollars)) * Decimal(str(quantity)))
    layers = []
    for k, one in enumerate(answer.layers):
        amount = _cents(worth * Decimal(repr(round(one.rate, 12))))
        layers.append(replace(one, amount=round(amount + extra, 2) if k == 0 else amount))
    total = round(sum(one.amount or 0.0 for one in layers), 2)
    return replace(answer, layers=tuple(layers), value=value, quantity=quantity, amount=total, notes=tuple(notes))
