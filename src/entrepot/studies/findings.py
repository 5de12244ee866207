"""The findings of a study in sentences; the sign or the order of numbers decides on every clause."""

from __future__ import annotations

import numpy as np
import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.rules.answer import Answer
from entrepot.studies import branches, elasticity_sets, maker_tables, sign_changes
from entrepot.studies import tidy_frames as tables
from entrepot.studies.titles import quoted, title_of
from entrepot.words import (
    NOISE,
    and_list,
    dollars,
    gains_or_loses,
    percent_size,
    possessive,
    sector_name,
    sentence,
    signed_percent,
)

#: Changes in a share below this are not reported.
NOTICEABLE_SHARE = 0.001


def findings(study: SolvedCase) -> list[str]:
    """Return the findings of a study as sentences, the most important first."""
    if not study.outcomes:
        return []
    welfare = tables.welfare(study).set_index(["scenario", "party"])
    return [
        *(f"{warning}." for warning in study.warnings),
        *elasticity_sets.findings(study),
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


def _swap(study: SolvedCase, welfare: pd.DataFrame) -> list[str]:
    """Return what parties gain in scenarios of the same trade that differ in who holds the rent."""
    swap = study.case.report.swap
    if swap is None or not set(swap.scenarios) <= set(study.outcomes):
        return []
    out = []
    for name in swap.scenarios:
        outcome = study.outcomes[name]
        rows = outcome.measures
        rent = float(rows["rent"].sum())
        gains = and_list([f"{study.spoken(p)} {gains_or_loses(*welfare.loc[(name, p)])}" for p in swap.parties])
        if rent > 0.5:
            holders = " and ".join(dict.fromkeys(rows.loc[rows["rent"] > 0.5, "rent_holder"]))
            out.append(f"{title_of(study, name)}: a rent of {dollars(rent)}, held by the {holders}; {gains}.")
        else:
            out.append(f"{title_of(study, name)}: {gains}.")
    volumes = [_volume(study, name) for name in swap.scenarios]
    same = max(volumes) - min(volumes) < 1e-3 * max(volumes)
    opening = f"At the same volume of trade ({dollars(volumes[0])} at base prices), " if same else ""
    return [sentence(opening + "the winners depend on who holds the rent:"), *(f"  {line}" for line in out)]


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
        by_party = {p: f"{study.spoken(p)} {gains_or_loses(*welfare.loc[(name, p)])}" for p in study.case.with_world}
        parties = and_list([by_party.pop(p) for p in study.case.parties])
        return [sentence("; ".join([parties, *by_party.values()]) + ".")]
    out = []
    for party in study.case.parties:
        mine = welfare.xs(party, level="party")
        money = mine["equivalent_variation"]
        best, worst = _titles_at(study, money, money.max()), _titles_at(study, money, money.min())
        if best == worst:
            out.append(
                sentence(f"{study.spoken(party)} {gains_or_loses(*mine.loc[money.idxmax()])} under {best} alike.")
            )
            continue
        out.append(sentence(f"{study.spoken(party)} {_extreme(mine, True, best)} and {_extreme(mine, False, worst)}."))
    return out


def _extreme(mine: pd.DataFrame, best: bool, titles: str) -> str:
    """Return "gains most under X (US$2 billion)" or "loses least", by the sign of the best or worst outcome."""
    money = mine["equivalent_variation"]
    worth, percent = mine.loc[money.idxmax() if best else money.idxmin()]
    if abs(percent) < NOISE:
        return f"neither gains nor loses under {titles}"
    if worth > 0:
        return f"gains {'most' if best else 'least'} under {titles} ({dollars(worth)})"
    return f"loses {'least' if best else 'most'} under {titles} ({dollars(worth)})"


def _titles_at(study: SolvedCase, values: pd.Series, level: float) -> str:
    """Return the titles of scenarios within one percent of `level`; smaller differences are not worth a ranking.

    The base may be among the values; it is not named, because it is not a scenario.
    """
    near = values.index[(values - level).abs() <= 0.01 * abs(level)]
    return quoted(study, [str(name) for name in near if name != tables.BASE])


def _answers(study: SolvedCase) -> list[str]:
    """Return what each retaliation levies, and the harm that it matches."""
    return [sentence(_answer(study, answer)) for answers in study.answers.values() for answer in answers]


def _answer(study: SolvedCase, answer: Answer) -> str:
    r = answer.retaliation
    answered = quoted(study, [r.equivalent_to or "the measures"])
    by, against = and_list([study.spoken(p) for p in r.by]), and_list([study.spoken(p) for p in r.against])
    listed = [100 * rate for rate in answer.rates if rate > 0]
    low, high = min(listed), max(listed)
    points = f"{high:.1f} points" if high - low < 0.05 else f"{low:.1f} to {high:.1f} points"
    taxed = [s for s, rate in zip(answer.sectors, answer.rates, strict=True) if rate > 0]
    goods = and_list([sector_name(s) for s in taxed]) if len(taxed) <= 3 else f"{len(taxed)} sectors"
    money = dollars(answer.achieved)
    takes = {
        "trade": f"take {money} of its exports to {by}, as much as {answered} takes of {possessive(by)}",
        "income": f"cost {against} {money} of real income, as much as {answered} costs {by}",
        "duty": f"collect {money} on goods of {against}, as much as {answered} collects on {possessive(by)}",
    }[r.yardstick]
    own = f"{by} {'gains' if answer.own > 0 else 'loses'} {dollars(answer.own)} by it"
    if r.pressure_on:
        pressed = and_list([sector_name(s) for s in r.pressure_on])
        moved = "falls" if answer.pressure > 0 else "rises"
        own = f"value added in {pressed} there {moved} by {dollars(answer.pressure)}, and {own}"
    return f"{possessive(by)} answer to {answered}: {points} on {goods} from {against} {takes}; {own}."


def _industry(study: SolvedCase) -> list[str]:
    table = tables.industry(study)
    protected = study.case.report.protected
    if protected is None or len(table) < 2:
        return []
    rows = table.iloc[1:].set_index("scenario")
    output = rows["output_volume_pct"].dropna()
    if output.empty:
        who = f"{sector_name(protected.sector)} in {study.spoken(protected.owner)}"
        return [f"There is no output of {who} in the base: nothing to protect."]
    most = str(output.idxmax() if output.max() > 0.005 else output.idxmin())
    row = rows.loc[most]
    if abs(row["output_volume_pct"]) <= 0.005:
        return []
    price = row["real_price_pct"]
    pays = f"buyers there pay {percent_size(price)} {'more' if price > 0 else 'less'}"
    where = "" if len(rows) == 1 else f" most under {quoted(study, [most])},"
    return [
        f"Output of {sector_name(protected.sector)} in {study.spoken(protected.owner)} "
        f"{'rises' if row['output_volume_pct'] > 0 else 'falls'}{where} by {percent_size(row['output_volume_pct'])}; "
        f"{pays}, all sources together and against consumer prices there."
    ]


def _investment(study: SolvedCase) -> list[str]:
    """Return whether protection leaves the industry more to spend on research."""
    protected, data = study.case.report.protected, tables.industry(study)
    if protected is None or not protected.rd_intensity or len(data) < 2 or not data["value_added"].iloc[0] > 0:
        return []
    rows = data.set_index("scenario")["rd_capacity_pct"].iloc[1:]
    base = float(data["rd_capacity"].iloc[0])
    best, worst = float(rows.max()), float(rows.min())
    capacity = (
        f"At an R&D intensity of {100 * protected.rd_intensity:g}% of value added, {sector_name(protected.sector)} in "
        f"{study.spoken(protected.owner)} can spend {dollars(base)} on research in the base; its capacity"
    )
    change = best if best > -worst else worst
    if abs(change) < 0.005:
        return [f"{capacity} hardly moves."]
    where = "changes by" if len(rows) == 1 else f"changes most under {_titles_at(study, rows, change)}, by"
    return [f"{capacity} {where} {signed_percent(change)}."]


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
        if base - low > NOTICEABLE_SHARE:
            changes.append(f"falls to {100 * low:.1f}%" + ("" if alone else f" under {_titles_at(study, rows, low)}"))
        if high - base > NOTICEABLE_SHARE:
            changes.append(f"rises to {100 * high:.1f}%" + ("" if alone else f" under {_titles_at(study, rows, high)}"))
        if changes:
            out.append(
                f"{watch.title}: the share of {study.spoken(source)} is {100 * base:.1f}% in the base; "
                f"it {' and '.join(changes)}."
            )
    return out
