"""The duty of the United States on a product from a partner on a day: the function `duty`."""

from __future__ import annotations

import datetime
import functools
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from entrepot.errors import InputError
from entrepot.exposures.duty_inputs import (
    BOOK,
    read_day,
    read_exporter,
    read_preference,
    refuse_amounts,
    refuse_importer,
)
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
from entrepot.exposures.product_duty import DutyLayer, ProductDuty
from entrepot.exposures.stacking import Authority, Stacking, load_stacking
from entrepot.exposures.tariff_lines import SpecificDuty, TariffLine, TariffLines, bundled_lines, dotted, read_lines


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
        preference=read_preference(preference),
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
    refuse_amounts(value, quantity)
    schedule = bundled_lines() if rates is None else read_lines(rates)
    books = _bundled_laws(law, origin, date) if law == BOOK else Laws(rules, origin, date)
    code, found, notes = _one_answer(str(product), schedule, books, conditions, value, quantity)
    answer = replace(found, product=code, notes=(*found.notes, *notes, *schedule.notes))
    return answer if value is None else _with_amounts(answer, value, quantity)


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
        amount = percent(rate) if not specific else f"{specific} plus {percent(rate)}" if rate else specific
        listed.append(f"{amount}{' (if all is metal)' if pairs[0][1].all_metal else ''} on {some}")
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
    mixed: list[tuple[float, Levies, Levies]] = []
    for weight, held in books.weighted(line, conditions):
        first, _ = books.both(line, ending, held)
        equivalent = _equivalent(first.base, value, quantity)
        mixed.append((weight, *books.both(line, ending, held, equivalent)))
    layers = _layers(books, mixed)
    date = books.date
    used = [a for a in books.rules.authorities if any(one.id == a.id for one in layers)]
    needed = set().union(*(c.needed | law.needed for _, c, law in mixed))
    if "metal_share" in needed and not _metal_matters(books, line, ending, conditions, mixed):
        needed.discard("metal_share")
    return ProductDuty(
        importer="USA",
        product=line.code,
        description=line.description,
        exporter=books.exporter,
        date=date,
        rate=math.fsum(w * c.rate for w, c, _ in mixed),
        rate_in_law=math.fsum(w * law.rate for w, _, law in mixed),
        specific=_specific(mixed),
        layers=layers,
        conditions=_taken(conditions, needed, line),
        given=frozenset(n for n in needed if getattr(conditions, n) != getattr(DutyConditions(), n)),
        usmca_share={year: share for (who, year), share in line.usmca.items() if who == books.exporter},
        edition=schedule.edition,
        law_as_of=oldest_review(used, date),
        gaps=tuple(gap for gap in books.rules.gaps if gap.on(date) and books.collected.concerned(gap, line, ending)),
        notes=tuple(_notes(schedule, books, line, layers, mixed, value)),
    )


def _specific(mixed: Sequence[tuple[float, Levies, Levies]]) -> SpecificDuty | None:
    """Return the specific part of the base; where only some of the goods pay it, its mean."""
    paid = [(weight, c.base.specific) for weight, c, _ in mixed if c.base.specific is not None]
    if not paid:
        return None
    weight, part = paid[0]
    if weight == 1.0 or len(paid) > 1:
        return part
    dollars = None if part.dollars is None else weight * part.dollars
    return SpecificDuty(f"{part.text} on {percent(weight)} of the trade", dollars, part.unit)


def _metal_matters(
    books: Laws,
    line: TariffLine,
    ending: str,
    conditions: DutyConditions,
    mixed: Sequence[tuple[float, Levies, Levies]],
) -> bool:
    """Return whether another share of metal would change the duty."""
    if conditions.metal_share != 1.0:
        return True
    for (_, held), (_, *before) in zip(books.weighted(line, conditions), mixed, strict=True):
        after = books.both(line, ending, replace(held, metal_share=0.5))
        if any(abs(a.rate - b.rate) > 1e-9 for a, b in zip(after, before, strict=True)):
            return True
    return False


#: Origins whose agreements still lowered special rates in 2018 to 2025, and in which.
_STAGED = {
    "AUS": "Australia",
    "COL": "Colombia",
    "JPN": "Japan",
    "KOR": "Korea (KORUS)",
    "MAR": "Morocco",
    "OMN": "Oman",
    "PAN": "Panama",
    "PER": "Peru",
    **dict.fromkeys(("CRI", "DOM", "GTM", "HND", "NIC", "SLV"), "CAFTA-DR"),
}


#: The first day of the schedule under HS 2022.
_HS_2022 = datetime.date(2022, 1, 27)


def _notes(
    schedule: TariffLines,
    books: Laws,
    line: TariffLine,
    layers: Sequence[DutyLayer],
    mixed: Sequence[tuple[float, Levies, Levies]],
    value: float | None,
) -> Iterable[str]:
    """Yield what a reader of one answer must know beside its numbers."""
    bases = [c.base for _, c, _ in mixed]
    for text in dict.fromkeys(base.text for base in bases if not base.readable):
        yield f"The ordinary rate reads {text!r}, which is not a rate of the value, and is not in the total."
    for base in dict.fromkeys(base for base in bases if base.readable and base.specific is not None):
        if base.specific is not None and base.specific.dollars is None:
            yield f"Of the ordinary rate, {base.text!r}, {percent(base.rate)} is counted; the rest is not in the total."
    part = _specific(mixed)
    if part is not None and part.dollars is not None and value is None:
        limits = ""
        if any(one.all_in and one.applies for one in layers):
            limits = (
                " Where it is more of the value than the limit on all duties together, it alone is due in place of "
                "that limit."
            )
        yield f"The duty has a specific part, {part.text}; --value and --quantity give the amount.{limits}"
    if any(one.applies and "ieepa" in (_statute(books.rules, one.id) or "") for one in layers):
        yield (
            "Duties under IEEPA were held unlawful on 20 February 2026 (Learning Resources v. Trump); those paid are "
            "subject to refund."
        )
    yield from _edition_notes(schedule, books, line)


def _edition_notes(schedule: TariffLines, books: Laws, line: TariffLine) -> Iterable[str]:
    """Say which rates of another edition may differ on the day, for the line and the origin."""
    date = books.date
    _, special = line.special.get(books.exporter, ("", ""))
    agreement = _STAGED.get(books.exporter) if special else None
    named = f"The special rate of {agreement}, {special},"
    if not schedule.bundled:
        return
    if date < schedule.since:
        yield (
            f"General rates are those of {schedule.edition}, and the day is earlier"
            + ("; the line may have had another number before 27 January 2022 (HS 2022)." if date < _HS_2022 else ".")
        )
        if agreement:
            yield f"{named} is of the same edition; on an earlier day it may have been higher."
    elif schedule.since < datetime.date(2026, 1, 1) <= date:
        yield f"General rates are those of {schedule.edition}; those of {date.year} are not in the data (see --rates)."
        if agreement and special != "Free":
            yield f"{named} is of the same edition; the agreement may have lowered it since."


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
        free = _displaced(books, one.authority, [collected for _, collected, _ in mixed])
        layers.append(
            DutyLayer(
                **_cited(one.authority, one.rule.source),
                applies=False,
                rate=0.0,
                rate_in_law=0.0,
                stated=one.rule.rate,
                because=free or f"not counted: {one.rule.note or 'not established'}",
                heading=one.rule.heading,
                confidence=one.rule.confidence or one.authority.confidence,
                counted=bool(free),
                all_in=one.rule.all_in,
            )
        )
    unsettled = {one.id for one in layers if not one.counted}
    shown = {one.authority.id for levies in (first, lawful) for one in levies.unsettled}  # displaced ones too

    def repeats(one: DutyLayer) -> bool:
        """Return whether it says once more that an authority shown with its rate adds nothing."""
        if one.applies or one.rate_in_law or one.counted is False:
            return False
        return one.id in unsettled or (one.stated is None and one.id in shown)

    kept = [one for one in layers if not repeats(one)]
    return tuple(sorted(kept, key=lambda one: (not one.applies, one.stated is None)))


def _displaced(books: Laws, authority: Authority, all_levied: Sequence[Levies]) -> str:
    """Say that an authority does not fall on goods that others charge in full; empty where it may fall on a part."""
    names: list[str] = []
    excluders = books.rules.excluders(authority, books.date, collected=True)
    for levied in all_levied:
        by = [levy for levy in levied.levies if levy.authority.id in excluders and levy.covers > 0]
        claims = levied.base.authority in excluders
        if not claims and sum(levy.covers for levy in by) < 1:
            return ""
        names += [levy.authority.called for levy in by]
        names += [books.rules.title_of(levied.base.authority)] if claims else []
    return f"not levied where {' or '.join(dict.fromkeys(names))} is"


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
                applies=True,
                rate=rate,
                rate_in_law=rate,
                stated=bases[0][1].rate,
                because=because,
                specific=_stated_part(bases[0][1]),
                confidence=a.confidence,
                note=a.note,
            )
        )
    return layers


def _stated_part(base: Base) -> str:
    return base.specific.text if base.specific is not None and base.specific.dollars is not None else ""


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
    citation, url = f"{source}; {title}" if source else title, a.source.url if a.source else None
    return {"id": a.id, "authority": a.called, "citation": citation, "url": url}


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
