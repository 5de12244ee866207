"""The figures of a solved case: winners and losers, who pays, revenue and rent, sources, and makers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.economy.geography import OTHER
from entrepot.languages import if_known, in_english, translated
from entrepot.report.figures.bar_panel import Bar
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.palette import NEUTRAL, worth
from entrepot.report.figures.study_figure import (
    SCENARIO,
    FigureBasis,
    Mark,
    a_year,
    bar_figure,
    money_text_of,
    of_all,
    percent,
    scenario_heading,
    shown_scenarios,
    source_of,
    titled,
    under,
)
from entrepot.studies import elasticity_sets, maker_tables
from entrepot.studies import tidy_frames as tables
from entrepot.studies.headline import basis_clauses, buyers, chosen, gains, rent
from entrepot.studies.known_signs import known_in_words, known_signs
from entrepot.studies.result_table import MONEY, PERCENT, SHARE, TableColumn
from entrepot.studies.result_tables import LEAST_RENT
from entrepot.studies.titles import title_of
from entrepot.words import and_list, dollars, money_unit, sector_name, sentence

MONEY_COLUMN = TableColumn("equivalent variation", "equivalent_variation", MONEY, True)
INCOME_COLUMN = TableColumn("of base income", "real_income_pct", PERCENT, True)


def winners(study: SolvedCase) -> Figure | None:
    """Return who gains and who loses: equivalent variation by scenario and party."""
    if not study.outcomes:
        return None
    names = shown_scenarios(study)
    data = tables.welfare(study)
    data = data[data["scenario"].isin(names) & data["party"].isin(study.case.parties)]
    unit = money_unit(data["equivalent_variation"])
    text = money_text_of(unit)
    marks = [
        Mark(
            scenario_heading(study, row.scenario),
            Bar(
                study.short(row.party),
                row.equivalent_variation / unit.millions,
                f"{text(row.equivalent_variation)} ({percent(row.real_income_pct)})",
                worth(row.equivalent_variation if abs(row.real_income_pct) > 1e-6 else 0.0),
            ),
            (title_of(study, row.scenario), row.party, row.equivalent_variation, row.real_income_pct),
        )
        for row in data.itertuples()
    ]
    return bar_figure(
        study,
        "winners",
        _without_world(gains(study, chosen(study)[0])),
        translated("Equivalent variation, {unit} a year, and percent of base income.", unit=translated(unit.name))
        + of_all(study, names)
        + _unsure(study),
        a_year(unit),
        marks,
        [SCENARIO, TableColumn("party", "party"), MONEY_COLUMN, INCOME_COLUMN],
    )


def _unsure(study: SolvedCase) -> str:
    """Return that signs of the first scenario depend on the trade elasticities, where that is known; else ""."""
    name = chosen(study)[0]
    return f" {known_in_words(study, name)}" if known_signs(study, name) else ""


def _without_world(text: str) -> str:
    """Return the sentence about the parties without its part on the world."""
    if not in_english():
        return text
    head, _, tail = text.partition("; ")
    return head if not tail else f"{head} a year."


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
    best = _first(study, names)
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
    """Return who collects: changes in duties, export taxes and subsidies, and quota rents, without the smallest.

    Of parties that share countries only the first is drawn, so that no amount is counted twice.
    """
    data = tables.proceeds(study)
    data = data[data["party"].isin([*_apart(study), OTHER])]
    both = pd.concat(
        [data.assign(kind=kind, money=sign * data[key]) for kind, (sign, key) in RECEIVED.items()], ignore_index=True
    )[["scenario", "party", "kind", "money"]]
    size = both["money"].abs()
    both = both[size > max(min(50.0, 0.01 * size.max()), LEAST_RENT)]
    names = shown_scenarios(study, both["scenario"])
    both = both[both["scenario"].isin(names)]
    if both.empty:
        return None
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
                worth(row.money),
            ),
            (title_of(study, row.scenario), row.party, row.kind, row.money),
        )
        for row in both.itertuples()
    ]
    return bar_figure(
        study,
        "revenue",
        rent(study, chosen(study)[0]) or translated("Who collects: duties and rents"),
        translated(
            "Change in duties and export taxes collected and in the cost of subsidies, and quota rents by holder, "
            "{unit} a year."
            if {"export taxes", "cost of subsidies"} & set(both["kind"])
            else "Change in duties collected, and quota rents by holder, {unit} a year.",
            unit=translated(unit.name),
        )
        + of_all(study, names),
        a_year(unit),
        marks,
        [SCENARIO, TableColumn("party", "party"), TableColumn("kind"), TableColumn("amount", "", MONEY, True)],
    )


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


def watched(study: SolvedCase) -> Sequence[str]:
    """Return the titles of the watched markets."""
    return [watch.title for watch in study.case.report.markets]


def sources(study: SolvedCase, market: str, name: str) -> Figure | None:
    """Return the change in imports by source, or None where no scenario moves 1% of them."""
    data = tables.markets(study)
    data = data[data["market"] == market]
    base = data[data["scenario"] == tables.BASE].set_index("exporter")["value"]
    data = data[data["scenario"] != tables.BASE]
    data = data.assign(change=data["value"] - data["exporter"].map(base))
    moved = data.groupby("scenario", sort=False)["change"].apply(lambda s: s.abs().max())
    names = shown_scenarios(study, moved[moved > 0.01 * base.sum()].index)
    if not names:
        return None
    data = data[data["scenario"].isin(names)]
    unit = money_unit(data["change"])
    text = money_text_of(unit)
    marks = [
        Mark(
            scenario_heading(study, row.scenario),
            Bar(study.short(row.exporter), row.change / unit.millions, text(row.change), NEUTRAL),
            (title_of(study, row.scenario), row.exporter, row.change, row.value),
        )
        for row in data.itertuples()
    ]
    first = data[data["scenario"] == _first(study, names)]
    return bar_figure(
        study,
        name,
        titled(_redirected(study, market, first), "Where imports come from instead"),
        translated(
            "{market}: change in value at the border, {unit} a year.",
            market=if_known(market),
            unit=translated(unit.name),
        )
        + of_all(study, names),
        a_year(unit),
        marks,
        [
            SCENARIO,
            TableColumn("source", "exporter"),
            TableColumn("change", "", MONEY, True),
            TableColumn("value", "", MONEY),
        ],
    )


def _first(study: SolvedCase, names: list[str]) -> str:
    """Return the scenario that the title is about: the first of the answer, or of those that are drawn."""
    return chosen(study)[0] if chosen(study)[0] in names else names[0]


def _redirected(study: SolvedCase, market: str, rows: pd.DataFrame) -> str:
    """Return the finding: from where imports fall most, and from where they rise most."""
    low, high = rows.loc[rows["change"].idxmin()], rows.loc[rows["change"].idxmax()]
    parts = []
    if low["change"] < 0:
        parts.append(f"{market} from {_place(study, low['exporter'])} fall by {dollars(low['change'])}")
    if high["change"] > 0:
        verb = (
            f"those from {_place(study, high['exporter'])}"
            if parts
            else f"{market} from {_place(study, high['exporter'])}"
        )
        parts.append(f"{verb} rise by {dollars(high['change'])}")
    name = str(rows["scenario"].iloc[0])
    text = and_list(parts) if parts else f"{market} do not move"
    return under(study, name, f"{text}.")


def _place(study: SolvedCase, code: str) -> str:
    return "others" if code == OTHER else study.spoken(code)


def shares(study: SolvedCase, market: str, name: str) -> Figure | None:
    """Return each source's share of imports and its change in points; None where none moves half a point."""
    data = tables.markets(study)
    data = data[data["market"] == market]
    wide = data.pivot(index="scenario", columns="exporter", values="import_share")
    moved = (wide - wide.loc[tables.BASE]).abs().max(axis=1)
    names = shown_scenarios(study, [n for n in study.outcomes if moved.get(n, 0) > 0.005])
    if not names:
        return None
    codes = list(dict.fromkeys(data["exporter"]))
    marks = []
    for scenario in names:
        for code in codes:
            share = float(wide.loc[scenario, code])
            before = float(wide.loc[tables.BASE, code])
            points = 100 * (share - before)
            bar = Bar(study.short(code), points, _share_label(before, share), NEUTRAL)
            marks.append(Mark(scenario_heading(study, scenario), bar, (title_of(study, scenario), code, points, share)))
    first = _first(study, names)
    change = wide.loc[first] - wide.loc[tables.BASE]
    low, high = str(change.idxmin()), str(change.idxmax())

    def moves(code: str, verb: str) -> str:
        return f"{verb} from {100 * wide.loc[tables.BASE, code]:.1f}% to {100 * wide.loc[first, code]:.1f}%"

    fall, rise = moves(low, "falls"), moves(high, "rises")
    finding = f"the share of {_place(study, low)} {fall}, that of {_place(study, high)} {rise}."
    return bar_figure(
        study,
        name,
        titled(under(study, first, finding), "Market shares before and after"),
        translated(
            "{market}: share by source before and after (and its change in percentage points).", market=if_known(market)
        )
        + of_all(study, names),
        translated("change in share, percentage points"),
        marks,
        [
            SCENARIO,
            TableColumn("source", "exporter"),
            TableColumn("change", "", "percentage points", True),
            TableColumn("share of imports", "import_share", SHARE),
        ],
    )


def _share_label(before: float, after: float) -> str:
    """Return a share before and after, and its change in points."""
    points = 100 * (after - before)
    change = f"{points:+.1f}" if abs(points) >= 0.05 else "0.0"
    return f"{100 * before:.1f}% \N{RIGHTWARDS ARROW} {100 * after:.1f}% ({change})"


def makers(study: SolvedCase) -> Figure | None:
    """Return the change in makers' profits with the licences that they hold, by owner; None without a market."""
    data = maker_tables.makers(study)
    if data.empty:
        return None
    names = shown_scenarios(study, data["scenario"])
    data = data[data["scenario"].isin(names)]
    data = data.assign(change=data["profit_change"] + data["licences"])
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
    first = data[data["scenario"] == _first(study, names)]
    best, worst = first.loc[first["change"].idxmax()], first.loc[first["change"].idxmin()]
    parts = [
        f"makers owned in {_place(study, row['owner']) if row['owner'] != OTHER else 'other countries'} "
        f"{'gain' if row['change'] > 0 else 'lose'} {dollars(row['change'])}"
        for row in ([best, worst] if len(first) > 1 else [best])
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
        a_year(unit),
        marks,
        [
            SCENARIO,
            TableColumn("owner", "owner"),
            TableColumn("change of profit", "", MONEY, True),
            TableColumn("licences", "", MONEY, True),
        ],
        _of_makers(study),
    )


def _of_makers(study: SolvedCase) -> FigureBasis:
    """Return what profits of makers stand on: the table of products, demand, conduct and how margins were fitted."""
    spec = study.case.market
    assert spec is not None
    market = next(iter(maker_tables.joined(study).values())).market.market
    name = spec.products if isinstance(spec.products, str) else ""
    source = f"the case's table of products{f' {name}' if name else ''} ({market.year or 'year not stated'})"
    demand = f"{market.demand.title} demand, {market.conduct.title}"
    noted = [f"{note[0].lower()}{note[1:].rstrip('.')}" for note in market.notes if "margin" in note.casefold()]
    held = sentence("; ".join([demand, *noted, f"costs of plants move as in {study.economy.name}"]))
    provenance = {"base": source, "year": str(market.year or "not stated"), "elasticities": f"{demand}."}
    return FigureBasis(source, held, provenance)


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
    theta = f"{count} sets of trade elasticities, each by itself, as named at the bars"
    return bar_figure(
        study,
        "sets",
        elasticity_sets.answer(study, name),
        translated(
            "Equivalent variation under each published set of trade elasticities, {unit} a year.",
            unit=translated(unit.name),
        ),
        a_year(unit),
        marks,
        [TableColumn("party", "party"), TableColumn("elasticities", "elasticity_set"), MONEY_COLUMN, INCOME_COLUMN],
        FigureBasis(source_of(study), basis_clauses(study, theta=theta), {"elasticities": f"{sentence(theta)}."}),
    )
