"""The figures of a solved case: winners and losers, who pays, revenue and rent, makers, and sets of elasticities."""

from __future__ import annotations

import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.economy.geography import OTHER
from entrepot.languages import in_english, translated
from entrepot.languages.translated_errors import translated_note
from entrepot.markets.calibrated_market import CalibratedMarket
from entrepot.report.figures.bar_panel import Bar
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.import_figures import place_of
from entrepot.report.figures.palette import worth
from entrepot.report.figures.study_figure import (
    SCENARIO,
    FigureBasis,
    Mark,
    a_year,
    bar_figure,
    first_drawn,
    money_text_of,
    of_all,
    percent,
    scenario_heading,
    shown_scenarios,
    titled,
    under,
)
from entrepot.studies import elasticity_sets, maker_tables
from entrepot.studies import tidy_frames as tables
from entrepot.studies.headline import basis_clauses, chosen
from entrepot.studies.known_signs import known_in_words, known_signs
from entrepot.studies.rents import own_rent
from entrepot.studies.result_table import MONEY, PERCENT, TableColumn
from entrepot.studies.result_tables import LEAST_RENT
from entrepot.studies.titles import quoted, title_of
from entrepot.studies.who_gains import gains
from entrepot.studies.who_pays import buyers
from entrepot.words import NOISE, and_list, dollars, ended, money_unit, sector_name, sentence

MONEY_COLUMN = TableColumn("equivalent variation", "equivalent_variation", MONEY, True)
INCOME_COLUMN = TableColumn("of base income", "real_income_pct", PERCENT, True)


def winners(study: SolvedCase) -> Figure | None:
    """Return who gains and who loses: equivalent variation by scenario and party, without scenarios of no change."""
    if not study.outcomes:
        return None
    data = tables.welfare(study)
    data = data[data["party"].isin(study.case.with_world)]
    is_moved = data["real_income_pct"].abs() >= NOISE
    data = data.assign(equivalent_variation=data["equivalent_variation"].where(is_moved, 0.0))
    moved = data[is_moved]["scenario"]
    names = shown_scenarios(study, moved) or shown_scenarios(study)
    data = data[data["scenario"].isin(names)]
    unit = money_unit(data["equivalent_variation"])
    text = money_text_of(unit)
    marks = [
        Mark(
            scenario_heading(study, row.scenario),
            Bar(
                study.short(row.party),
                row.equivalent_variation / unit.millions,
                f"{text(row.equivalent_variation)} ({percent(row.real_income_pct)})",
                worth(row.equivalent_variation),
            ),
            (title_of(study, row.scenario), row.party, row.equivalent_variation, row.real_income_pct),
        )
        for row in data.itertuples()
    ]
    first = first_drawn(study, names)
    still = [name for name in study.outcomes if name not in {*moved, *names}]
    unchanged = ""
    if still:
        unchanged = " " + translated("Not drawn, since nothing changes: {scenarios}.", scenarios=quoted(study, still))
    return bar_figure(
        study,
        "winners",
        gains(study, first, world=False, ranges=False),
        translated("Equivalent variation, {unit} a year, and percent of base income.", unit=translated(unit.name))
        + of_all(study, [*names, *still])
        + unchanged
        + _unsure(study, first),
        a_year(unit, study.economy.year),
        marks,
        [SCENARIO, TableColumn("party", "party"), MONEY_COLUMN, INCOME_COLUMN],
    )


def _unsure(study: SolvedCase, name: str) -> str:
    """Return that signs of a scenario depend on the trade elasticities, where that is known; else ""."""
    return f" {known_in_words(study, name)}" if known_signs(study, name) else ""


def industry(study: SolvedCase) -> Figure | None:
    """Return what the protected market does: what buyers pay, output and jobs, by scenario."""
    protected = study.case.report.protected
    data = tables.industry(study)
    if protected is None or data.empty or not study.outcomes:
        return None
    moved = data[(data["scenario"] != tables.BASE) & (data["real_price_pct"].abs() > 0.005)]
    names = shown_scenarios(study, moved["scenario"])
    if not names:
        return None
    what = [
        ("real_price_pct", "Buyers pay", False),
        ("output_volume_pct", "Output", True),
        ("sector_employment_pct", "Jobs", True),
    ]
    rows = data.set_index("scenario")
    marks = []
    for name in names:
        for key, label, good in what:
            value = float(rows.loc[name, key])
            if value == value:
                bar = Bar(translated(label), value, percent(value), worth(value, good))
                marks.append(Mark(scenario_heading(study, name), bar, (title_of(study, name), key, value)))
    place = {"goods": sector_name(protected.sector), "country": study.spoken(protected.owner)}
    where = translated("{goods} in {country}", **place)
    best = first_drawn(study, names)
    found = buyers(study, best)
    return bar_figure(
        study,
        "industry",
        titled(
            under(study, best, f"{found[0].lower()}{found[1:]}") if found else f"What happens to {where}",
            "Who pays: buyers, output and jobs in the protected market",
        ),
        translated(
            "{where}: change from the base in percent; prices against consumer prices.",
            where=sentence(where),
        )
        + of_all(study, names),
        translated("change from the base, %"),
        marks,
        [SCENARIO, TableColumn("quantity"), TableColumn("change", "", PERCENT, True)],
    )


#: What is received by its name in the figure: the sign and the column of the tidy rows.
RECEIVED = {
    "quota rent": (1, "quota_rent"),
    "duties": (1, "tariff_revenue_change"),
    "export taxes": (1, "export_tax_change"),
    "cost of subsidies": (-1, "subsidies_change"),
}


def revenue(study: SolvedCase) -> Figure | None:
    """Return who collects: changes in duties, export taxes and subsidies, and quota rents; the same rows everywhere.

    Of parties that share countries only the first is drawn, so that no amount is counted twice.
    """
    data = tables.proceeds(study)
    data = data[data["party"].isin([*_apart(study), OTHER])]
    every = pd.concat(
        [data.assign(kind=kind, money=sign * data[key]) for kind, (sign, key) in RECEIVED.items()], ignore_index=True
    )[["scenario", "party", "kind", "money"]]
    size = every["money"].abs()
    least = max(min(50.0, 0.01 * size.max()), LEAST_RENT)
    large = every[size > least]
    names = shown_scenarios(study, large["scenario"])
    large = large[large["scenario"].isin(names)]
    if large.empty:
        return None
    kept = set(zip(large["party"], large["kind"], strict=True))
    every = every[every["scenario"].isin(names)]
    drawn = [pair in kept for pair in zip(every["party"], every["kind"], strict=True)]
    both, left = every[drawn], every[[not one for one in drawn]]
    unit = money_unit(both["money"])
    text = money_text_of(unit)
    order = {name: k for k, name in enumerate(names)}
    both = both.assign(place=both["scenario"].map(order)).sort_values(["place", "kind"], kind="stable")
    marks = [
        Mark(
            scenario_heading(study, row.scenario),
            Bar(
                f"{study.short(row.party)}, {translated(row.kind)}",
                row.money / unit.millions,
                text(row.money),
                worth(row.money if abs(row.money) > LEAST_RENT else 0.0),
            ),
            (title_of(study, row.scenario), row.party, row.kind, row.money),
        )
        for row in both.itertuples()
    ]
    smaller = translated("Not drawn: who collects less than {money} everywhere.", money=dollars(least))
    return bar_figure(
        study,
        "revenue",
        _who_collects(study, first_drawn(study, names)),
        translated(
            "Change in duties and export taxes collected and in the cost of subsidies, and quota rents by holder, "
            "{unit} a year."
            if {"export taxes", "cost of subsidies"} & set(both["kind"])
            else "Change in duties collected, and quota rents by holder, {unit} a year.",
            unit=translated(unit.name),
        )
        + of_all(study, names)
        + (f" {smaller}" if (left["money"].abs() > LEAST_RENT).any() else ""),
        a_year(unit, study.economy.year),
        marks,
        [SCENARIO, TableColumn("party", "party"), TableColumn("kind"), TableColumn("amount", "", MONEY, True)],
    )


def _who_collects(study: SolvedCase, name: str) -> str:
    """Return who holds the rent or collects the duties of a scenario, which the bars show."""
    found = own_rent(study, name)
    if not found:
        return translated("Who collects: duties and rents")
    return under(study, name, f"{found[0].lower()}{found[1:]}") if in_english() else found


def _apart(study: SolvedCase) -> list[str]:
    """Return the parties that share no country with an earlier one."""
    taken: set[str] = set()
    out = []
    for party in study.case.parties:
        codes = set(tables.members(study, party))
        if not codes & taken:
            out.append(party)
            taken |= codes
    return out


def makers(study: SolvedCase) -> Figure | None:
    """Return the change in makers' profits with the licences that they hold, by owner; None without a market."""
    data = maker_tables.makers(study)
    if data.empty:
        return None
    change = data["profit_change"] + data["licences"]
    data = data.assign(change=change.where(change.abs() > LEAST_RENT, 0.0))
    names = shown_scenarios(study, data[data["change"] != 0]["scenario"])
    if not names:
        return None
    data = data[data["scenario"].isin(names)]
    unit = money_unit(data["change"])
    text = money_text_of(unit)
    marks = [
        Mark(
            scenario_heading(study, row.scenario),
            Bar(study.short(row.owner), row.change / unit.millions, text(row.change), worth(row.change)),
            (title_of(study, row.scenario), row.owner, row.profit_change, row.licences),
        )
        for row in data.itertuples()
    ]
    first = data[data["scenario"] == first_drawn(study, names)]
    best, worst = first.loc[first["change"].idxmax()], first.loc[first["change"].idxmin()]
    parts = [
        f"makers owned in {place_of(study, row['owner']) if row['owner'] != OTHER else 'other countries'} "
        f"{'gain' if row['change'] > 0 else 'lose'} {dollars(row['change'])}"
        for row in ([best, worst] if len(first) > 1 else [best])
        if row["change"]
    ]
    name = str(first["scenario"].iloc[0])
    return bar_figure(
        study,
        "makers",
        titled(under(study, name, f"{and_list(parts)} a year."), "Makers' profits and licences"),
        translated(
            "Change in makers' profits with the licences that they hold, by owner, {unit} a year.",
            unit=translated(unit.name),
        )
        + of_all(study, names),
        a_year(unit, _market(study).year),
        marks,
        [
            SCENARIO,
            TableColumn("owner", "owner"),
            TableColumn("change of profit", "", MONEY, True),
            TableColumn("licences", "", MONEY, True),
        ],
        _of_makers(study),
    )


def _market(study: SolvedCase) -> CalibratedMarket:
    """Return the market of the case's makers."""
    return next(iter(maker_tables.joined(study).values())).market.market


def _of_makers(study: SolvedCase) -> FigureBasis:
    """Return what profits of makers stand on: the table of products, demand, conduct and how margins were fitted."""
    spec = study.case.market
    assert spec is not None
    market = _market(study)
    name = spec.products if isinstance(spec.products, str) else ""
    year = str(market.year) if market.year else translated("year not stated")
    text = "the case's table of products {name} ({year})" if name else "the case's table of products ({year})"
    source = translated(text, name=name, year=year) if name else translated(text, year=year)
    titles = {"demand": translated(market.demand.title), "conduct": translated(market.conduct.title)}
    demand = translated("{demand} demand, {conduct}", **titles)
    noted = [_as_clause(translated_note(note)) for note in market.notes if "margin" in note.casefold()]
    moved = translated("costs of plants move as in {economy}", economy=study.economy.name)
    held = sentence(translated("; ").join([demand, *noted, moved]))
    provenance = {"base": source, "year": year, "elasticities": ended(demand)}
    return FigureBasis(held, provenance, source)


def _as_clause(note: str) -> str:
    """Return a note as a clause inside of a sentence."""
    clause = note.rstrip(".。")
    return f"{clause[0].lower()}{clause[1:]}" if in_english() else clause


def sets(study: SolvedCase) -> Figure | None:
    """Return gains and losses of the first scenario under each published set of elasticities; None without these."""
    if not study.under_sets or not study.outcomes:
        return None
    frame = elasticity_sets.frame(study)
    name = chosen(study)[0]
    frame = frame[frame["scenario"] == name]
    parties = [p for p in study.case.parties if p in set(frame["party"])]
    unit = money_unit(frame["equivalent_variation"])
    text = money_text_of(unit)
    marks = [
        Mark(
            study.short(party),
            Bar(
                str(row.elasticity_set),
                row.equivalent_variation / unit.millions,
                text(row.equivalent_variation),
                worth(row.equivalent_variation),
            ),
            (party, row.elasticity_set, row.equivalent_variation, row.real_income_pct),
        )
        for party in parties
        for row in frame[frame["party"] == party].itertuples()
    ]
    count = frame["elasticity_set"].nunique()
    theta = translated("{count} sets of trade elasticities, each by itself, as named at the bars", count=count)
    return bar_figure(
        study,
        "sets",
        elasticity_sets.answer(study, name),
        translated(
            "Equivalent variation under each published set of trade elasticities, {unit} a year.",
            unit=translated(unit.name),
        ),
        a_year(unit, study.economy.year),
        marks,
        [TableColumn("party", "party"), TableColumn("elasticities", "elasticity_set"), MONEY_COLUMN, INCOME_COLUMN],
        FigureBasis(basis_clauses(study, theta=theta), {"elasticities": f"{sentence(theta)}."}),
    )
