"""Every table of a Study: what is in it (`studies.tidy_frames`), and how its rows and columns are arranged."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.economy.geography import country_name
from entrepot.equilibrium import quantities
from entrepot.languages import Translation, in_english, language, localised, translated
from entrepot.studies import branches, calendar, elasticity_sets, legal_notes, maker_tables, path_tables
from entrepot.studies import tidy_frames as tidy
from entrepot.studies.provenance import source_of_theta
from entrepot.studies.rents import holder_in_words
from entrepot.studies.result_table import MONEY, NUMBER, TEXT, ResultTable, TableColumn
from entrepot.studies.retaliation_table import RETALIATION_NOTE, retaliation_rows
from entrepot.studies.study_table import study_table
from entrepot.studies.titles import quoted, rows_in_words, title_of
from entrepot.studies.welfare_table import SCENARIO, gain_columns, number_column, welfare_table
from entrepot.words import day, joined_sentences, sector_name, sentence

Frame = Callable[[SolvedCase], pd.DataFrame]
Layout = Callable[[SolvedCase], Iterator[ResultTable]]
#: Money and shares below these sizes (US$ million) are not worth a column.
LEAST_DUTY, LEAST_RENT = 1e-6, 1e-6
#: A part of what a side wants that is smaller than this, against the largest one, has no column.
LEAST_PART = 5e-4


def _welfare(study: SolvedCase) -> Iterator[ResultTable]:
    yield welfare_table(study)


def _elasticity_sets(study: SolvedCase) -> Iterator[ResultTable]:
    frame = elasticity_sets.frame(study)
    if frame.empty:
        return
    parties = study.case.with_world
    several = frame["scenario"].nunique() > 1
    columns = [*([SCENARIO] if several else []), TableColumn("elasticities", "elasticity_set")]
    columns += gain_columns(study)
    industry = [key for key in ("real_price_pct", "output_volume_pct") if key in frame]
    columns += [number_column(key, INDUSTRY[key], signed=True) for key in industry]
    rows = []
    for scenario, name, found in elasticity_sets.rows_of(study):
        gains = [float(found.loc[p, key]) for p in parties for key in ("equivalent_variation", "real_income_pct")]
        protected = [float(found[key].iloc[0]) for key in industry]
        rows.append((*([title_of(study, scenario)] if several else []), name, *gains, *protected))
    lost = elasticity_sets.failed_sets(study)
    own = elasticity_sets.own_label(study)
    parts = (
        [
            translated(
                "{set}: the elasticities of the other tables, {source}.", set=own, source=source_of_theta(study.economy)
            )
        ]
        if study.outcomes
        else []
    )
    parts += [translated("Without an answer: {sets}.", sets=", ".join(lost))] if lost else []
    yield study_table(
        study,
        "elasticity_sets",
        "Under each set of trade elasticities",
        columns,
        rows,
        frame,
        joined_sentences(parts),
        2 if several else 1,
    )


def _payoffs(study: SolvedCase) -> Iterator[ResultTable]:
    frame = tidy.payoffs(study)
    if frame.empty:
        return
    wide = frame.pivot(index="scenario", columns=["party", "part"], values="payoff")
    largest = wide.abs().max()
    seen = [c for c in wide.columns if c[1] == "total" or largest[c] > LEAST_PART * largest[c[0]].max()]
    wide = wide[seen]
    columns = [SCENARIO]
    columns += [
        number_column("payoff", f"{study.short(party)}, {translated(part.replace('_', ' '))}", signed=True)
        for party, part in wide.columns
    ]
    rows = [(title_of(study, name), *(float(wide.loc[name, c]) for c in wide.columns)) for name in study.outcomes]
    wants = [
        translated("{country} wants {objective}", country=study.short(party), objective=objective.in_words())
        for party, objective in study.case.objectives.items()
    ]
    note = translated("A year at base prices, change from the base. {wants}.", wants=translated("; ").join(wants))
    matched = [name for name in study.outcomes if study.case.scenarios[name].build(name).matches]
    if matched and study.case.market and study.case.weighs_makers:
        makers = translated(
            "Makers' profits under {scenarios}: the cap is here the same part of the units as of the volume; in the "
            "table of makers it is the units of the scenario that it matches.",
            scenarios=quoted(study, matched),
        )
        note = Translation(joined_sentences([note, makers]))
    yield study_table(study, "payoffs", "By what each side wants", columns, rows, frame, note)


#: Numbers of the protected industry and their labels, in the order printed.
INDUSTRY = {
    "output_volume_pct": "output",
    "real_price_pct": "buyers pay",
    "import_share": "imports in sales",
    "sector_employment_pct": "jobs",
    "value_added": "value added",
    "operating_surplus": "operating surplus",
    "capital_return_pct": "real return on capital",
    "rd_capacity": "R&D capacity",
}


def _industry(study: SolvedCase) -> Iterator[ResultTable]:
    protected = study.case.report.protected
    frame = tidy.industry(study)
    if protected is None:
        return
    shown = [key for key in INDUSTRY if frame[key].notna().any()]
    columns = [SCENARIO, *(number_column(k, INDUSTRY[k], signed=k.endswith("_pct")) for k in shown)]
    rows = []
    for _, row in frame.iterrows():
        base = row["scenario"] == tidy.BASE
        values = [None if base and key.endswith("_pct") else float(row[key]) for key in shown]
        rows.append((title_of(study, str(row["scenario"])), *values))
    title = translated(
        "{goods} in {country}", goods=sentence(sector_name(protected.sector)), country=study.spoken(protected.owner)
    )
    yield study_table(study, "industry", title, columns, rows, frame, _industry_note(study))


def _industry_note(study: SolvedCase) -> str:
    """Return what the columns of the industry mean that a reader may not know."""
    protected = study.case.report.protected
    parts = [translated("Buyers pay: all sources together, against consumer prices where they are.")]
    if study.case.closure.labour_share is not None:
        parts.append(translated("Operating surplus: value added less wages, at the labour share stated."))
    if study.case.closure.horizon == "short":
        parts.append(translated("Each sector keeps its capital, whose return is in consumer prices."))
    if protected is not None and protected.rd_intensity:
        parts.append(
            translated(
                "R&D capacity: value added at base consumer prices times the stated R&D intensity of {share}; what "
                "could be spent, not a forecast of what will be.",
                share=localised(f"{100 * protected.rd_intensity:g}%"),
            )
        )
    return joined_sentences(parts)


#: What governments and holders of rents receive, and the labels of its columns, in the order printed.
PROCEEDS = {
    "tariff_revenue_change": "duty {country}",
    "export_tax_change": "export tax {country}",
    "subsidies_change": "subsidies {country}",
    "quota_rent": "rent {country}",
}


def _proceeds(study: SolvedCase) -> Iterator[ResultTable]:
    frame = tidy.proceeds(study)
    parties = list(frame["party"].unique())
    largest = frame.groupby("party")[list(PROCEEDS)].agg(lambda s: s.abs().max())
    shown = [(key, p) for key in PROCEEDS for p in parties if largest.loc[p, key] > LEAST_DUTY]
    if not shown:
        return
    columns = [SCENARIO]
    for key, party in shown:
        label = translated(PROCEEDS[key], country=study.short(party))
        columns.append(number_column(key, label, signed=key != "quota_rent"))
    rows = []
    for name, group in frame.groupby("scenario", sort=False):
        by = group.set_index("party")
        found = [(key, float(by.loc[party, key])) for key, party in shown]
        numbers = [None if key != "tariff_revenue_change" and abs(x) <= LEAST_RENT else x for key, x in found]
        rows.append((title_of(study, str(name)), *numbers))
    note = translated("Duties: change from the base. Rent of quotas and minimum prices: by who holds it.")
    if {"export_tax_change", "subsidies_change"} & {key for key, _ in shown}:
        note += " " + translated(
            "Export taxes, less export subsidies, and what subsidies on output cost, less taxes on it: change from the "
            "base."
        )
    yield study_table(study, "proceeds", "Who collects", columns, rows, frame, note)


def _measures(study: SolvedCase) -> Iterator[ResultTable]:
    frame = tidy.measures(study)
    if frame.empty:
        return
    keys = ("volume", "cap", "binding", "wedge", "rent", "rent_holder", "revenue", "pass_through")
    labels = {"rent_holder": "held by", "revenue": "collected on its flows", "pass_through": "passed on"}
    digits = {"pass_through": 0}
    columns = [SCENARIO, TableColumn("measure")]
    columns += [number_column(k, labels.get(k, k), digits=digits.get(k, 1)) for k in keys]
    rows = []
    for row, words in zip(frame.to_dict("records"), rows_in_words(study), strict=True):
        capped = row["cap"] == row["cap"]
        values = {
            **row,
            "binding": translated("yes" if row["binding"] else "no")
            if capped or row["kind"] == "minimum_price"
            else "",
            "wedge": row["wedge"] if row["wedge"] > 0 else None,
            "rent": row["rent"] if capped or row["rent"] else None,
            "rent_holder": holder_in_words(str(row["rent_holder"])),
        }
        rows.append((title_of(study, row["scenario"]), words, *(values[k] for k in keys)))
    note = translated(
        "Volumes and caps at base prices. Collected on its flows: by all measures and the base duty together. Passed "
        "on: the part of the wedge that buyers pay."
    )
    yield study_table(study, "measures", "The measures and their pass-through", columns, rows, frame, note, 2)


def _markets(study: SolvedCase) -> Iterator[ResultTable]:
    restrained = any(o.accounts.exporter_rent.any() for o in study.outcomes.values())
    note = translated("Shares of value at the border, before duty.")
    if restrained:
        note += " " + translated("A restraint raises the exporter's price, and with it the value of what still comes.")
    data = tidy.markets(study)
    if data.empty:
        return
    for k, (title, frame) in enumerate(data.groupby("market", sort=False), start=1):
        sources = list(frame["exporter"].unique())
        total = frame.groupby("scenario", sort=False)["value"].sum()
        shares = frame.pivot(index="scenario", columns="exporter", values="import_share")
        columns = [SCENARIO, *(number_column("import_share", study.short(s)) for s in sources)]
        columns.append(TableColumn("total", "value", MONEY))
        rows = [
            (title_of(study, str(n)), *(float(shares.loc[n, s]) for s in sources), float(total[n])) for n in total.index
        ]
        yield study_table(
            study,
            f"markets_{k}",
            translated("{market}, by source", market=translated(str(title))),
            columns,
            rows,
            frame,
            note,
        )


def _retaliation(study: SolvedCase) -> Iterator[ResultTable]:
    answers = [answer for found in study.answers.values() for answer in found]
    for k, answer in enumerate(answers, start=1):
        title, rows = retaliation_rows(answer, lambda name: title_of(study, name))
        columns = [TableColumn("sector"), TableColumn("points", "rate", NUMBER)]
        labels = {
            "base_imports": "imports in the base",
            "imports_before": "before it",
            "lost_exports": "taken by it",
            "duty": "duty",
        }
        columns += [TableColumn(label, key, MONEY) for key, label in labels.items()]
        frame = answer.table().reset_index()
        yield study_table(study, f"retaliation_{k}", title, columns, rows, frame, translated(RETALIATION_NOTE))


def _decomposition(study: SolvedCase) -> Iterator[ResultTable]:
    solved = {n: o.decomposition for n, o in study.outcomes.items() if not o.problem.embargoed.size}
    if not solved:
        return
    income = pd.Series(study.economy.income, index=pd.Index(study.economy.countries))
    keys = [q.key for q in quantities.DECOMPOSITION]
    rows = []
    for name, parts in solved.items():
        for party in study.case.parties:
            codes = list(tidy.members(study, party))
            together = parts.loc[codes].mul(income[codes], axis=0).sum() / income[codes].sum()
            rows.append((title_of(study, name), study.short(party), *(float(together[k]) for k in keys)))
    columns = [SCENARIO, TableColumn("party"), *(number_column(k, signed=True, digits=4) for k in keys)]
    note = translated(
        "Percent of base income. Exact: integrated along the path of the shock, so that the parts add up to the whole."
    )
    frame = tidy.decompositions(study)
    yield study_table(study, "decomposition", "Where the gain or loss comes from", columns, rows, frame, note, 2)


def _countries(study: SolvedCase) -> Iterator[ResultTable]:
    frame = tidy.countries(study)
    if frame.empty:
        return
    keys = [
        *("equivalent_variation", "real_income_pct", "real_wage_pct", "terms_of_trade_pct", "volume_of_trade_pct"),
        *("tariff_revenue", "quota_rent", "exports", "imports", "consumer_price_pct"),
    ]
    signed = {k for k in keys if k.endswith("_pct")} | {"equivalent_variation"}
    columns = [SCENARIO, TableColumn("country"), *(number_column(k, signed=k in signed, digits=3) for k in keys)]
    rows = []
    for name, group in frame.groupby("scenario", sort=False):
        for row in group.sort_values("equivalent_variation", ascending=False).to_dict("records"):
            place = study.short(str(row["country"])) if not in_english() else country_name(str(row["country"]))
            rows.append((title_of(study, str(name)), place, *(float(row[k]) for k in keys)))
    note = translated(
        "A year. Terms and volume of trade are first-order terms; the exact parts are in the decomposition."
    )
    yield study_table(study, "countries", "All countries", columns, rows, frame, note, 2)


def _totals(study: SolvedCase) -> Iterator[ResultTable]:
    solved = study.timeline
    if solved is None:
        return
    frame = branches.totals(study)
    data = frame.set_index(["branch", "party"])["equivalent_variation"]
    parties = study.case.with_world
    titles = {branch.name: branch.title for branch in solved.branches}
    chances = {b.name: b.probability for b in solved.branches if b.probability is not None and len(solved.branches) > 1}
    rows = []
    for name in dict.fromkeys(data.index.get_level_values("branch")):
        chance = f" ({localised(f'{100 * chances[name]:.3g}%')})" if name in chances else ""
        gains = [float(data[(name, p)]) for p in parties]
        no_answer = translated("no answer")
        title = translated(titles.get(name, ""))
        rows.append((f"{translated(str(name))}{chance}", title, *(no_answer if g != g else g for g in gains)))
    t = solved.timeline
    note = translated(
        "Equivalent variation from {since} to {until}, discounted at {rate} a year{elasticities}.",
        since=day(t.since),
        until=day(t.until),
        rate=localised(f"{100 * t.discount_rate:.3g}%"),
        elasticities=branches.elasticities_in_time(study),
    )
    columns = [TableColumn("branch"), TableColumn("")]
    columns += [number_column("equivalent_variation", study.short(p), signed=True) for p in parties]
    yield study_table(study, "totals", "Branches in time", columns, rows, frame, note, 2)


def _horizons(study: SolvedCase) -> Iterator[ResultTable]:
    frame = tidy.horizons(study)
    if frame.empty:
        return
    parties = study.case.with_world
    columns = [TableColumn("in force"), TableColumn("horizon")]
    columns += gain_columns(study)
    rows = []
    for (name, horizon), group in frame.groupby(["in_force", "horizon"], sort=False):
        by = group.set_index("party")
        gains = [float(by.loc[p, k]) for p in parties for k in ("equivalent_variation", "real_income_pct")]
        rows.append((title_of(study, str(name)), _horizon(str(horizon), float(group["part"].iloc[0])), *gains))
    note = translated(
        "Equivalent variation a year, and % of income: just after a change in what is in force, at a part of the trade "
        "elasticities, and when trade has adjusted, at the whole of them."
    )
    yield study_table(study, "horizons", "Short and long run", columns, rows, frame, note, 2)


def _horizon(name: str, part: float) -> str:
    """Return "short run, 40%": a horizon and the part of the trade elasticities at it."""
    share = localised(f"{100 * part:.3g}%")
    return translated("short run, {share}" if name == "short" else "long run, {share}", share=share)


def _rules(study: SolvedCase) -> Iterator[ResultTable]:
    notes = legal_notes.notes(study.screen)
    if not notes:
        return
    rows = [(title_of(study, note.scenario), note.summary) for note in notes]
    title = "The rules, on a first reading ('entrepot screen' gives the reasons)"
    columns = [SCENARIO, TableColumn("what the rules say")]
    yield study_table(study, "rules", title, columns, rows, study.screen.to_frame(), "", 2)


def _calendar(study: SolvedCase) -> Iterator[ResultTable]:
    if not study.case.calendar:
        return
    dates = study.case.deadlines()
    columns = [TableColumn(label) for label in ("date", "what", "how it stands", "if it lapses")]
    rows = calendar.rows(dates)
    yield study_table(study, "calendar", "Calendar", columns, rows, dates.to_frame(), calendar.as_of(dates), 4)


#: How each table is laid out, in the order of a report.
LAYOUTS: Mapping[str, Layout] = {
    "welfare": _welfare,
    "elasticity_sets": _elasticity_sets,
    "payoffs": _payoffs,
    "industry": _industry,
    "makers": maker_tables.makers_table,
    "product_prices": maker_tables.product_prices_table,
    "market_welfare": maker_tables.market_welfare_table,
    "beside": maker_tables.beside_table,
    "proceeds": _proceeds,
    "measures": _measures,
    "markets": _markets,
    "retaliation": _retaliation,
    "totals": _totals,
    "horizons": _horizons,
    **{name: path_tables.layout_of(name) for name in path_tables.LAID_OUT},
    "decomposition": _decomposition,
    "rules": _rules,
    "calendar": _calendar,
    "countries": _countries,
}
#: The tables of a study in which no scenario has an outcome.
UNSOLVED = ("elasticity_sets", "rules", "calendar")
#: The tidy facts of each table: those of the files that `--out` writes.
FRAMES: Mapping[str, Frame] = {
    "welfare": tidy.welfare,
    "elasticity_sets": elasticity_sets.frame,
    "deficit_rules": tidy.deficit_rules,
    "payoffs": tidy.payoffs,
    "industry": tidy.industry,
    "makers": maker_tables.makers,
    "product_prices": maker_tables.product_prices,
    "market_welfare": maker_tables.market_welfare,
    "beside": maker_tables.beside,
    "proceeds": tidy.proceeds,
    "markets": tidy.markets,
    "retaliation": tidy.retaliation,
    "measures": tidy.measures,
    "countries": tidy.countries,
    "sectors": tidy.sectors,
    "decomposition": tidy.decompositions,
    "trade": tidy.trade,
    "path": tidy.path,
    "horizons": tidy.horizons,
    "totals": branches.totals,
    **{name: path_tables.frame_of(name) for name in path_tables.TABLES},
    "screen": lambda study: study.screen.to_frame(),
    "calendar": lambda study: study.case.deadlines().to_frame(),
}


class ResultTables(Mapping[str, ResultTable]):
    """The tables of a solved case by name: `tables["welfare"].frame`; calling it returns every tidy frame by name.

    `markets` and `retaliation` are one table a market and an answer: `markets_1`, `markets_2`. Their plain names, and
    those of tables that no renderer lays out (sectors, trade, path, deficit_rules), give the tidy rows.
    """

    def __init__(self, study: SolvedCase, more: Callable[[], Mapping[str, pd.DataFrame]] | None = None) -> None:
        self._study, self._more = study, more
        self._made: dict[tuple[str, str], dict[str, ResultTable]] = {}

    def __call__(self) -> dict[str, pd.DataFrame]:
        """Return every tidy frame by name: what stands behind the report, as `to_folder` writes it."""
        return {name: make(self._study) for name, make in FRAMES.items()} | dict(self._more() if self._more else {})

    @property
    def laid_out(self) -> dict[str, ResultTable]:
        """Return the tables that a report shows, in its order."""
        layouts = LAYOUTS if self._study.outcomes else UNSOLVED
        return {name: table for layout in layouts for name, table in self._of(layout).items()}

    def _of(self, layout: str) -> dict[str, ResultTable]:
        """Return the tables of one layout by name, made on first use in a language."""
        key = (layout, language())
        if key not in self._made:
            self._made[key] = {table.name: table for table in LAYOUTS[layout](self._study)}
        return self._made[key]

    def __getitem__(self, name: str) -> ResultTable:
        layout = re.sub(r"_\d+$", "", name)
        if layout in LAYOUTS and (self._study.outcomes or layout in UNSOLVED) and name in self._of(layout):
            return self._of(layout)[name]
        if name in FRAMES:
            return tidy_table(self._study, name, FRAMES[name](self._study))
        raise KeyError(f"{name!r}; the tables are {', '.join(self)}")

    def __repr__(self) -> str:
        """Return the names of the tables."""
        return f"The tables {', '.join(self)}; tables[name] returns one, tables() every tidy frame by name"

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.laid_out, *FRAMES]))

    def __len__(self) -> int:
        return len(list(iter(self)))


def tidy_table(study: SolvedCase, name: str, frame: pd.DataFrame) -> ResultTable:
    """Return tidy rows as a table, the columns of registered numbers with their labels and units."""
    numbers = {str(c) for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])}
    columns = [
        number_column(str(c), signed=str(c).endswith("_pct"), digits=3)
        if str(c) in numbers and str(c) in quantities.ALL
        else TableColumn(str(c).replace("_", " "), str(c), NUMBER if str(c) in numbers else TEXT, digits=6)
        for c in frame.columns
    ]
    rows = cast("list[list[Any]]", frame.astype(object).to_numpy().tolist())
    text = next((k for k, c in enumerate(frame.columns) if str(c) in numbers), len(columns))
    return study_table(study, name, name.replace("_", " ").capitalize(), columns, rows, frame, "", text)
