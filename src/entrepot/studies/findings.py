"""The findings of a study in sentences; the sign or the order of numbers decides on every clause."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.languages import localised, translated
from entrepot.rules.answer import Answer
from entrepot.studies import branches, elasticity_sets, maker_tables, sign_changes
from entrepot.studies import tidy_frames as tables
from entrepot.studies.headline import chosen
from entrepot.studies.known_signs import known_in_words, known_signs
from entrepot.studies.rents import holders, rent_of
from entrepot.studies.titles import quoted, title_of
from entrepot.words import (
    NOISE,
    and_list,
    counted,
    dollars,
    ended,
    gains_or_loses,
    percent_size,
    possessive,
    sector_name,
    sentence,
    signed_percent,
    unlike_zero,
)

#: Changes in a share below this are not reported.
NOTICEABLE_SHARE = 0.001
#: Numbers that differ by less than this part of them are one: the solver leaves as much.
SAME = 1e-6


def findings(study: SolvedCase) -> list[str]:
    """Return the findings of a study as sentences, the most important first."""
    if not study.outcomes:
        return []
    welfare = tables.welfare(study).set_index(["scenario", "party"])
    return [
        *map(ended, study.warnings),
        *elasticity_sets.findings(study),
        *_open_signs(study),
        *sign_changes.by_deficit_rule(study),
        *_swap(study, welfare),
        *_best_and_worst(study, welfare),
        *_answers(study),
        *_industry(study),
        *_investment(study),
        *_markets(study),
        *maker_tables.sentences(study),
        *branches.sentences(study),
        *sign_changes.by_horizon(study),
    ]


def _open_signs(study: SolvedCase) -> list[str]:
    """Return that signs under the scenario of the headline depend on the trade elasticities, where that is known."""
    first = chosen(study)[0]
    return [known_in_words(study, first)] if known_signs(study, first) else []


def _swap(study: SolvedCase, welfare: pd.DataFrame) -> list[str]:
    """Return what parties gain in scenarios of the same trade that differ in who holds the rent."""
    swap = study.case.report.swap
    if swap is None or not set(swap.scenarios) <= set(study.outcomes):
        return []
    out = []
    for name in swap.scenarios:
        rent = rent_of(study, name)
        gains = and_list([_moves(study, p, welfare.loc[(name, p)]) for p in swap.parties])
        title = title_of(study, name)
        if rent:
            text = "{scenario}: a rent of {money}, held by {holders}; {moves}."
            found = translated(text, scenario=title, money=dollars(rent), holders=holders(study, name), moves=gains)
            out.append(found)
        else:
            out.append(translated("{heading}: {text}.", heading=title, text=gains))
    volumes = [_volume(study, name) for name in swap.scenarios]
    same = max(volumes) - min(volumes) < 1e-3 * max(volumes)
    opening = (
        translated(
            "At the same volume of trade ({money} at base prices), the winners depend on who holds the rent:",
            money=dollars(volumes[0]),
        )
        if same
        else translated("The winners depend on who holds the rent:")
    )
    return [opening, *(f"  {line}" for line in out)]


def _moves(study: SolvedCase, party: str, row: pd.Series) -> str:
    """Return "Japan gains US$3.8 billion"."""
    return translated("{who} {moves}", who=study.spoken(party), moves=gains_or_loses(*row))


def _volume(study: SolvedCase, name: str) -> float:
    """Return all trade under the measures of a scenario at base prices; a flow under two measures counts once."""
    outcome = study.outcomes[name]
    under = np.zeros(outcome.economy.value.size, dtype=bool)
    for measure in outcome.scenario:
        under[measure.flows(outcome.economy)] = True
    return float(outcome.accounts.real_flow.ravel()[under].sum())


def _best_and_worst(study: SolvedCase, welfare: pd.DataFrame) -> list[str]:
    if len(study.outcomes) < 2:
        name = next(iter(study.outcomes))
        by_party = {p: _moves(study, p, welfare.loc[(name, p)]) for p in study.case.with_world}
        parties = and_list([by_party.pop(p) for p in study.case.parties])
        return [_full_stop(translated("; ").join([parties, *by_party.values()]))]
    out = []
    for party in study.case.parties:
        mine = welfare.xs(party, level="party")
        money = mine["equivalent_variation"].where(mine["real_income_pct"].abs() >= NOISE, 0.0)
        best, worst = (_titles_at(study, money, level, dollars) for level in (money.max(), money.min()))
        if best == worst:
            moves = gains_or_loses(*mine.loc[money.idxmax()])
            text = translated(
                "{who} {moves} under {scenarios} alike", who=study.spoken(party), moves=moves, scenarios=best
            )
        else:
            text = translated(
                "{who} {best} and {worst}",
                who=study.spoken(party),
                best=_extreme(mine, True, best),
                worst=_extreme(mine, False, worst),
            )
        out.append(_full_stop(text))
    return out


def _full_stop(text: str) -> str:
    return ended(sentence(text))


def _extreme(mine: pd.DataFrame, best: bool, titles: str) -> str:
    """Return "gains most under X (US$2 billion)" or "loses least", by the sign of the best or worst outcome."""
    money = mine["equivalent_variation"]
    worth, percent = mine.loc[money.idxmax() if best else money.idxmin()]
    if abs(percent) < NOISE:
        return translated("neither gains nor loses under {scenarios}", scenarios=titles)
    if worth > 0:
        text = "gains most under {scenarios} ({money})" if best else "gains least under {scenarios} ({money})"
    else:
        text = "loses least under {scenarios} ({money})" if best else "loses most under {scenarios} ({money})"
    return translated(text, scenarios=titles, money=dollars(worth))


def _titles_at(study: SolvedCase, values: pd.Series, level: float, shown: Callable[[float], str]) -> str:
    """Return the titles of scenarios within one percent of `level` and `shown` alike: the sentence gives one number.

    Smaller differences are not worth a ranking, and those that the solver leaves are none. The base may be among the
    values; it is not named, because it is not a scenario.
    """
    gap = (values - level).abs() / (abs(level) or 1.0)
    alike = values.map(shown) == shown(level)
    near = values.index[(gap <= SAME) | (gap <= 0.01) & alike]
    return quoted(study, [str(name) for name in near if name != tables.BASE])


def _answers(study: SolvedCase) -> list[str]:
    """Return what each retaliation levies, and the harm that it matches."""
    return [sentence(_answer(study, answer)) for answers in study.answers.values() for answer in answers]


def _answer(study: SolvedCase, answer: Answer) -> str:
    r = answer.retaliation
    answered = quoted(study, [r.equivalent_to or translated("the measures")])
    by, against = and_list([study.spoken(p) for p in r.by]), and_list([study.spoken(p) for p in r.against])
    listed = [100 * rate for rate in answer.rates if rate > 0]
    low, high = min(listed), max(listed)
    least, most = unlike_zero(low, 1), unlike_zero(high, 1)
    points = translated(
        "{high} points" if least == most else "{low} to {high} points", low=localised(least), high=localised(most)
    )
    taxed = [s for s, rate in zip(answer.sectors, answer.rates, strict=True) if rate > 0]
    goods = and_list([sector_name(s) for s in taxed]) if len(taxed) <= 3 else counted(len(taxed), "sector")
    money = dollars(answer.achieved)
    takes = {
        "trade": "take {money} of its exports to {by}, as much as {measures} takes of {whose}",
        "income": "cost {against} {money} of real income, as much as {measures} costs {by}",
        "duty": "collect {money} on goods of {against}, as much as {measures} collects on {whose}",
    }[r.yardstick]
    taken = translated(takes, money=money, by=by, against=against, measures=answered, whose=possessive(by))
    own = translated(
        "{who} gains {money} by it" if answer.own > 0 else "{who} loses {money} by it",
        who=by,
        money=dollars(answer.own),
    )
    if r.pressure_on:
        own = translated(
            "value added in {goods} there falls by {money}, and {rest}"
            if answer.pressure > 0
            else "value added in {goods} there rises by {money}, and {rest}",
            goods=and_list([sector_name(s) for s in r.pressure_on]),
            money=dollars(answer.pressure),
            rest=own,
        )
    return translated(
        "{whose} answer to {measures}: {points} on {goods} from {against} {takes}; {own}.",
        whose=possessive(by),
        measures=answered,
        points=points,
        goods=goods,
        against=against,
        takes=taken,
        own=own,
    )


def _industry(study: SolvedCase) -> list[str]:
    table = tables.industry(study)
    protected = study.case.report.protected
    if protected is None or len(table) < 2:
        return []
    rows = table.iloc[1:].set_index("scenario")
    output = rows["output_volume_pct"].dropna()
    if output.empty:
        return [
            translated(
                "Output of {goods} in {country} is zero in the base, so no industry is protected.",
                goods=sector_name(protected.sector),
                country=study.spoken(protected.owner),
            )
        ]
    most = str(output.idxmax() if output.max() > NOISE else output.idxmin())
    row = rows.loc[most]
    if abs(row["output_volume_pct"]) <= NOISE:
        return []
    price = row["real_price_pct"]
    pays = translated(
        "buyers there pay {percent} more" if price > 0 else "buyers there pay {percent} less",
        percent=percent_size(price),
    )
    rises = row["output_volume_pct"] > 0
    moves = translated(
        "rises by {percent}" if rises else "falls by {percent}", percent=percent_size(row["output_volume_pct"])
    )
    if len(rows) > 1:
        moves = translated(
            "rises most under {scenario}, by {percent}" if rises else "falls most under {scenario}, by {percent}",
            scenario=quoted(study, [most]),
            percent=percent_size(row["output_volume_pct"]),
        )
    return [
        translated(
            "Output of {goods} in {country} {moves}; {pays}, all sources together and against consumer prices there.",
            goods=sector_name(protected.sector),
            country=study.spoken(protected.owner),
            moves=moves,
            pays=pays,
        )
    ]


def _investment(study: SolvedCase) -> list[str]:
    """Return whether protection leaves the industry more to spend on research."""
    protected, data = study.case.report.protected, tables.industry(study)
    if protected is None or not protected.rd_intensity or len(data) < 2 or not data["value_added"].iloc[0] > 0:
        return []
    rows = data.set_index("scenario")["rd_capacity_pct"].iloc[1:]
    base = float(data["rd_capacity"].iloc[0])
    best, worst = float(rows.max()), float(rows.min())
    change = best if best > -worst else worst
    if abs(change) < 0.005:
        moves = translated("hardly moves")
    elif len(rows) == 1:
        moves = translated("changes by {percent}", percent=signed_percent(change))
    else:
        where = _titles_at(study, rows, change, signed_percent)
        moves = translated(
            "changes most under {scenarios}, by {percent}", scenarios=where, percent=signed_percent(change)
        )
    return [
        translated(
            "At an R&D intensity of {share} of value added, {goods} in {country} can spend {money} on research in the "
            "base; its capacity {moves}.",
            share=localised(f"{100 * protected.rd_intensity:g}%"),
            goods=sector_name(protected.sector),
            country=study.spoken(protected.owner),
            money=dollars(base),
            moves=moves,
        )
    ]


def _markets(study: SolvedCase) -> list[str]:
    """Return the lowest and the highest share of the first source of each market."""
    table = tables.markets(study)
    out = []
    for watch in study.case.report.markets:
        source = watch.exporters[0]
        rows: pd.Series = table[(table["market"] == watch.title) & (table["exporter"] == source)].set_index("scenario")[
            "import_share"
        ]
        base = rows[tables.BASE]
        low, high = rows.min(), rows.max()
        changes = []
        alone = len(study.outcomes) == 1
        for share, moved, text in ((low, base - low, "falls"), (high, high - base, "rises")):
            if moved > NOTICEABLE_SHARE:
                changes.append(_to(text, _share(share), "" if alone else _titles_at(study, rows, share, _share)))
        if changes:
            out.append(
                translated(
                    "{market}: the share of {country} is {share} in the base; it {moves}.",
                    market=translated(watch.title),
                    country=study.spoken(source),
                    share=_share(base),
                    moves=and_list(changes),
                )
            )
    return out


def _share(part: float) -> str:
    """Return a share as the tables of markets print it: "9.0%"."""
    return localised(f"{100 * part:.1f}%")


def _to(verb: str, share: str, scenarios: str) -> str:
    """Return "falls to 9.0% under ..."."""
    if not scenarios:
        return translated("falls to {share}" if verb == "falls" else "rises to {share}", share=share)
    text = "falls to {share} under {scenarios}" if verb == "falls" else "rises to {share} under {scenarios}"
    return translated(text, share=share, scenarios=scenarios)
