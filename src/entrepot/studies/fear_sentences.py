"""What fear of a measure costs, in sentences: who loses how much while nothing is done, and what that depends on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from entrepot.dates import DAYS_A_YEAR
from entrepot.economy.geography import is_group, resolve_countries
from entrepot.languages import localised, translated
from entrepot.languages.translated_errors import translated_error
from entrepot.paths import Fear
from entrepot.studies.titles import measure_in_words
from entrepot.words import and_list, dollars, ended, joined_sentences, percent, percent_size, sentence, spoken

if TYPE_CHECKING:
    import pandas as pd

#: Countries named in the answer, and the least loss (US$ million a year) at which one is.
NAMED, LEAST = 3, 0.01
#: Percent of entry by which the last day must differ from the first to be stated, and the elasticity below which buyers
#: replace lost varieties so badly that their loss is mostly that number.
APART, WEAK = 0.5, 1.5


def answer(fear: Fear) -> tuple[str, ...]:
    """Return the answer of the first threat that may come: entry, trade, who loses, and the measure beside it."""
    if not fear.flows.size:
        return (translated("No exporter would earn less under this, so nothing is lost while it has not come."),)
    entry = fear.entries[fear.first]
    if entry.probability == 0:
        none = translated("{measure}: at a chance of {chance} nothing is lost while it has not come.", **_named(fear))
        return (sentence(none), *_measure(fear), *fear.notes)
    if entry.years == 0 and fear.exporters == "leaving":
        today = translated(
            "{measure}: the day is today, so no time is left in which trade could be lost; at a chance of {chance}, "
            "{entry} of the firms that would begin to export today stay away.",
            **_named(fear),
            entry=percent_size(float(fear.table["entry_pct"].iloc[fear.first])),
        )
        return (sentence(today), *_measure(fear), *fear.notes)
    return (*_entry(fear), *_countries(fear), *_measure(fear), *_weak(fear), *fear.notes)


def _entry(fear: Fear) -> tuple[str, str]:
    """The firms that stay away and the trade under threat."""
    entry, row = fear.entries[fear.first], fear.table.iloc[fear.first]
    last, first = fear.entry_at_last, float(row["entry_pct"])
    named = {**_named(fear), "time": spell(entry.years), "entry": percent_size(first)}
    if fear.exporters == "leaving" and abs(last - first) >= APART:
        threat = translated(
            "{measure}: while nothing is done, a chance of {chance} within {time} keeps away {entry} of the firms that "
            "would begin to export on the first day, and {last} just before the day.",
            **named,
            last=percent_size(last),
        )
    elif entry.years == 0:
        threat = translated(
            "{measure}: while nothing is done, a chance of {chance} today keeps away {entry} of the firms that would "
            "begin to export.",
            **named,
        )
    else:
        threat = translated(
            "{measure}: while nothing is done, a chance of {chance} within {time} keeps away {entry} of the "
            "firms that would begin to export.",
            **named,
        )
    trade = percent_size(float(row["imports_pct"]))
    if fear.exporters == "leaving":
        until = translated("As few leave, the trade under threat is {trade} lower on average until then.", trade=trade)
    else:
        until = translated("With all gone who are not replaced, the trade under threat is {trade} lower.", trade=trade)
    return sentence(threat), until


def _weak(fear: Fear) -> tuple[str, ...]:
    """A warning where the loss is mostly the elasticity at which buyers replace lost varieties."""
    if fear.elasticity >= WEAK:
        return ()
    warning = translated(
        "Read these losses with care: at an elasticity of {elasticity} buyers hardly replace the varieties that stay "
        "away, so their loss rests on that number above all, and may be above that of the measure.",
        elasticity=localised(f"{fear.elasticity:.2g}"),
    )
    return (warning,)


def _named(fear: Fear) -> dict[str, str]:
    return {"measure": title(fear), "chance": percent(fear.entries[fear.first].probability)}


def title(fear: Fear) -> str:
    """Return the threatened measures in words."""
    known = fear.economy.countries
    words = list(dict.fromkeys(measure_in_words(measure, known) for measure in fear.measure.scenario))
    return and_list(words)


def spell(years: float) -> str:
    """Return a length of time: "6 months", "1.5 years", "3 days"."""
    months = f"{12 * years:.2g}"
    if 12 * years < 1:
        days = f"{DAYS_A_YEAR * years:.2g}"
        return translated("1 day") if days == "1" else translated("{number} days", number=localised(days))
    if float(months) < 12:
        return translated("1 month") if months == "1" else translated("{number} months", number=localised(months))
    number = f"{years:.3g}"
    return translated("1 year") if number == "1" else translated("{number} years", number=localised(number))


def _countries(fear: Fear) -> tuple[str, ...]:
    entry, known = fear.entries[fear.first], fear.economy.countries
    change = by_party(fear, fear.countries["equivalent_variation"].loc[(entry.probability, entry.years)])
    if (change > -LEAST).all():
        return ()
    losses = translated("That costs {who} a year.", who=_losers(change, known))
    code, most = str(change.idxmax()), float(change.max())
    if most < LEAST:
        return (losses,)
    return losses, translated("{who} gains the most, {money}.", who=sentence(spoken(code, known)), money=dollars(most))


def _measure(fear: Fear) -> tuple[str, ...]:
    change = by_party(fear, fear.measure.countries["equivalent_variation"])
    if (change > -LEAST).all():
        return ()
    losers = _losers(change, fear.economy.countries)
    return (translated("The measure itself, once it is there, costs {who} a year.", who=losers),)


def by_party(fear: Fear, change: pd.Series[float]) -> pd.Series[float]:
    """Return a change by country, US$ million, with the members of each group that the measures name added up.

    The groups come first. A group with a member that another one has had already is left out.
    """
    import pandas as pd

    groups: dict[str, list[str]] = {}
    left = [str(code) for code in change.index]
    for name in (name for measure in fear.measure.scenario for name in measure.names):
        members = resolve_countries(name, fear.economy.countries)[0] if is_group(name) else ()
        if members and set(members) <= set(left):
            groups[name.upper()] = list(members)
            left = [code for code in left if code not in members]
    sums = pd.Series({name: float(change[members].sum()) for name, members in groups.items()}, dtype=float)
    return pd.concat([sums, change[left]]) if groups else change


def _losers(change: pd.Series[float], known: Sequence[str]) -> str:
    losses = change[change < -LEAST].sort_values().head(NAMED)
    return and_list([f"{spoken(str(code), known)} {dollars(money)}" for code, money in losses.items()])


def depends_on(fear: Fear) -> tuple[tuple[str, float, float], ...]:
    """Return (assumption in words, entry in percent, sales at given prices in percent)."""
    words = {
        "stated": translated("as stated"),
        "half_sunk": translated("half as much of the cost is sunk"),
        "tenth_sunk": translated("a tenth as much of the cost is sunk"),
        "twice_exit": translated("exporters leave twice as fast"),
        "uneven_sizes": translated("sizes of firms as uneven as in the United States"),
        "settled": translated("the threat has stood until all had left who are not replaced"),
    }
    return tuple((words[str(row.Index)], row.entry_pct, row.sales_pct) for row in fear.depends_on.itertuples())


def notes(fear: Fear) -> list[str]:
    """Return a note on each group of the measures whose members are not those of the year of the data."""
    return [translated_error(ended(note)) for note in fear.notes_on_groups]


def basis(fear: Fear) -> str:
    """Return the assumptions in a sentence, and notes on groups."""
    first = fear.entries[fear.first]
    low, high = (float(f(fear.sigma)) if fear.flows.size else 0.0 for f in (min, max))
    ends = {"low": localised(f"{low:.3g}"), "high": localised(f"{high:.3g}")}
    sigma = ends["low"] if high - low < 0.005 else translated("{low} to {high}", **ends)
    when = (
        translated("it comes on the day or never")
        if first.timing == "deadline"
        else translated("it may come on any day, and the threat goes on")
    )
    text = translated(
        "Base {year}; {when}; interest {interest}, exporters who leave {exit} a year, {sunk} of the cost of serving "
        "the market sunk, sigma {sigma}. All of these are assumptions.",
        year=fear.economy.year or translated("year not stated"),
        when=when,
        interest=percent(first.interest),
        exit=percent(first.exit),
        sunk=percent(first.sunk_share),
        sigma=sigma,
    )
    return joined_sentences([text, *notes(fear)])
