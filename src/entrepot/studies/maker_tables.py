"""Tables of a case's market: makers' profits by owner, prices by plant, welfare with makers, and other conducts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.errors import EntrepotError
from entrepot.languages import Translation, localised, translated
from entrepot.languages.translated_errors import translated_error, translated_note
from entrepot.markets import JoinedOutcome, MarketOutcome
from entrepot.studies.result_table import MONEY, PERCENT, ResultTable, TableColumn
from entrepot.studies.study_table import study_table
from entrepot.studies.titles import title_of
from entrepot.sweeping.market_members import by_party, maker_numbers, price_numbers
from entrepot.words import NOISE, dollars, ended, figure, joined_sentences, sentence, signed_percent

SCENARIO = TableColumn("scenario")
#: Scenarios that change no party's profit by more than this, in percent, are not in the findings.
NOTICEABLE = 0.5


def joined(study: SolvedCase) -> dict[str, JoinedOutcome]:
    """Return the scenarios whose market has an answer."""
    return {name: found for name, found in study.makers.items() if isinstance(found, JoinedOutcome)}


def makers(study: SolvedCase) -> pd.DataFrame:
    """By scenario and party that owns the makers: profits before and after, licences they hold, and units."""
    rows: list[dict[str, Any]] = []
    for name, both in joined(study).items():
        now = both.market
        for party, on in by_party(study.case, now.market.table.owner).items():
            before = both.unit * float(now.base_accounts["profit"][on].sum())
            keys = {"scenario": name, "owner": party, "profit_before": before}
            rows.append(keys | maker_numbers(now, on, both.unit))
    return pd.DataFrame(rows)


def product_prices(study: SolvedCase) -> pd.DataFrame:
    """By scenario and party where plants are: prices to buyers and at the border, units, and the world's volume.

    Products under an embargo are in the units and in no price.
    """
    rows: list[dict[str, Any]] = []
    for name, both in joined(study).items():
        plant = both.market.market.table.plant
        for party, on in by_party(study.case, plant).items():
            world = _world_volume(both, sorted(set(np.array(plant)[on])))
            rows.append({"scenario": name, "plant": party, **price_numbers(both.market, on), "world_volume_pct": world})
    return pd.DataFrame(rows)


def _world_volume(both: JoinedOutcome, countries: Sequence[str]) -> float:
    """Percent change of the volume that the world economy has from these countries together."""
    e = both.world.economy
    j, n = e.sectors.index(both.sector), e.countries.index(both.market.market.importer)
    at = [e.countries.index(code) for code in countries]
    base = float(e.value[j, n, at].sum())
    return 100 * (float(both.world.accounts.real_flow[j, n, at].sum()) / base - 1) if base > 0 else float("nan")


def market_welfare(study: SolvedCase) -> pd.DataFrame:
    """By scenario: buyers, home-owned profits, duties and licences in the market, and income with and without makers.

    home_total  the first five together: the market alone, with no effect on wages or other sectors
    """
    rows: list[dict[str, Any]] = []
    for name, both in joined(study).items():
        home = both.market.market.importer
        alone = both.market.welfare.set_index("country").loc[home]
        unit = both.unit
        rows.append(
            {
                "scenario": name,
                "consumers": unit * float(alone["consumers"]),
                "home_profits": unit * float(alone["profits"]),
                "duties": unit * float(alone["duties"] + alone["other_revenue"]),
                "licences": unit * float(alone["rents"]),
                "dealers": unit * float(alone["dealers"]),
                "home_total": unit * float(alone["total"]),
                "income_with_makers": float(both.welfare.set_index("country").loc[home, "total"]),
                "income_at_cost": float(study.outcomes[name].countries.loc[home, "equivalent_variation"]),
            }
        )
    return pd.DataFrame(rows)


def beside(study: SolvedCase) -> pd.DataFrame:
    """By scenario, demand system and conduct: import prices, home-owned profits, buyers and the importer's total."""
    spec = study.case.market
    if spec is None:
        return pd.DataFrame()
    solved = joined(study)
    rows: list[dict[str, Any]] = []
    own: dict[str, MarketOutcome | EntrepotError] = {name: both.market for name, both in solved.items()}
    each: list[tuple[str, str, Any]] = [(spec.demand, spec.conduct, own)]
    for other, found in zip(spec.beside, study.makers_beside, strict=True):
        each.append((other.demand or spec.demand, other.conduct or spec.conduct, found))
    for demand, conduct, answers in each:
        for name, now in answers.items():
            row: dict[str, Any] = {"scenario": name, "demand": demand, "conduct": conduct}
            numbers = {"why_not": str(now)} if isinstance(now, EntrepotError) else _in_short(now, solved[name].unit)
            rows.append(row | numbers)
    return pd.DataFrame(rows)


def _in_short(now: MarketOutcome, unit: float) -> dict[str, float]:
    t, home = now.market.table, now.market.importer
    foreign = np.array([plant != home for plant in t.plant])
    row = now.welfare.set_index("country").loc[home]
    owned = np.array([owner == home for owner in t.owner])
    before = unit * float(now.base_accounts["profit"][owned].sum())
    change = unit * float(row["profits"])
    return {
        "import_price_pct": now.price_pct(foreign),
        "import_border_price_pct": now.price_pct(foreign, at_border=True),
        "imports_pct": now.units_pct(foreign),
        "home_profit_change": change,
        "home_profit_pct": 100 * change / before if before > 0 else float("nan"),
        "consumers": unit * float(row["consumers"]),
        "home_total": unit * float(row["total"]),
    }


# ---- layouts ----


def makers_table(study: SolvedCase) -> Iterator[ResultTable]:
    """Lay out `makers`."""
    frame = makers(study)
    if frame.empty:
        return
    columns = [
        SCENARIO,
        TableColumn("owners of the makers"),
        TableColumn("profit in the base", unit=MONEY),
        TableColumn("change", unit=MONEY, signed=True),
        TableColumn("change, %", unit=PERCENT, signed=True, joined=True),
        TableColumn("licences held", unit=MONEY),
        TableColumn("units sold", unit=PERCENT, signed=True),
    ]
    note = translated("Operating profit on sales in this market: means to invest. {basis}", basis=_basis(study))
    title = "Makers' profits, by who owns them"
    yield study_table(study, "makers", title, columns, _rows(study, frame), frame, note, 2)


def product_prices_table(study: SolvedCase) -> Iterator[ResultTable]:
    """Lay out `product_prices`."""
    frame = product_prices(study)
    if frame.empty:
        return
    changes = ("price to buyers", "price at the border", "units", "volume in the world economy")
    columns = [
        SCENARIO,
        TableColumn("plants in"),
        *(TableColumn(label, unit=PERCENT, signed=True) for label in changes),
    ]
    note = (
        "Mean prices with base units as weights; a licence bought before the border is in the border price, which at "
        "home is the maker's price. Units follow the products' demand, the last column the sector's trade elasticity."
    )
    title = "Prices and units, by where the plants are"
    yield study_table(study, "product_prices", title, columns, _rows(study, frame), frame, note, 2)


def _rows(study: SolvedCase, frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows of scenario, party and numbers, with both names as people read them."""
    return [
        (title_of(study, str(scenario)), study.short(str(party)), *map(float, numbers))
        for scenario, party, *numbers in frame.itertuples(index=False)
    ]


def market_welfare_table(study: SolvedCase) -> Iterator[ResultTable]:
    """Lay out `market_welfare`."""
    frame = market_welfare(study)
    if frame.empty:
        return
    of_market = ["buyers", "home-owned makers", "duties", "licences", "dealers", "sum, market alone"]
    if not frame["dealers"].abs().max() > 0:
        frame = frame.drop(columns="dealers")
        of_market.remove("dealers")
    columns = [
        SCENARIO,
        *(TableColumn(label, unit=MONEY, signed=True) for label in (*of_market, "income, with makers", "at cost")),
    ]
    rows = [(title_of(study, str(r[0])), *r[1:]) for r in frame.itertuples(index=False)]
    home = study.spoken(next(iter(joined(study).values())).market.market.importer)
    both_ways = (
        "For {country}. All but the last two are of the market alone, at the costs that the world economy gives. 'With "
        "makers' is real income in the world economy with makers' margins, and profits where their owners are; 'at "
        "cost' is the answer of the other tables."
    )
    one_way = (
        "For {country}. All but the last two are of the market alone, at the costs that the world economy gives. 'With "
        "makers' is real income in the world economy without the makers' answer, with changes in profits moved from "
        "plants to where their owners are; 'at cost' is the answer of the other tables."
    )
    spec = study.case.market
    note = translated(both_ways if spec is None or spec.joined else one_way, country=home)
    title = translated("What it is worth to {country}, with and without makers", country=home)
    yield study_table(study, "market_welfare", title, columns, rows, frame, note)


def beside_table(study: SolvedCase) -> Iterator[ResultTable]:
    """Lay out `beside`."""
    frame = beside(study)
    if frame.empty or len(frame) == len(joined(study)):
        return
    failed = frame["why_not"].notna() if "why_not" in frame else pd.Series(False, index=frame.index)
    lost = [
        translated(
            "No answer for {scenarios} with {demand} demand and {conduct}: {reason}.",
            scenarios=translated(", ").join(titles),
            demand=translated(demand.replace("_", " ")),
            conduct=translated(conduct),
            reason=translated_error(str(why)),
        )
        for (demand, conduct, why), titles in _lost(study, frame[failed]).items()
    ]
    place = {name: k for k, name in enumerate(study.outcomes)}
    shown = frame[~failed].sort_values("scenario", key=lambda names: names.map(place), kind="stable")
    labels = {
        "import_price_pct": "import price to buyers",
        "import_border_price_pct": "at the border",
        "imports_pct": "imports",
        "home_profit_change": "home-owned makers' profit",
        "home_profit_pct": "%",
        "consumers": "buyers",
        "home_total": "sum, market alone",
    }
    columns = [SCENARIO, TableColumn("demand"), TableColumn("conduct")]
    for key, label in labels.items():
        unit = PERCENT if key.endswith("_pct") else MONEY
        columns.append(TableColumn(label, unit=unit, signed=True, joined=label == "%"))
    rows = [
        (
            title_of(study, r["scenario"]),
            translated(r["demand"].replace("_", " ")),
            translated(r["conduct"]),
            *(float(r[key]) for key in labels),
        )
        for _, r in shown.iterrows()
    ]
    fitted = translated("Each fitted to the same margins, with the costs of the joined solution.")
    note = Translation(joined_sentences([fitted, *lost]))
    title = "Under other demand systems and conducts"
    yield study_table(study, "beside", title, columns, rows, shown, note, 3)


def _lost(study: SolvedCase, frame: pd.DataFrame) -> dict[tuple[str, str, str], list[str]]:
    """Titles of scenarios by demand, conduct and why there is no answer."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for _, row in frame.iterrows():
        key = (str(row["demand"]), str(row["conduct"]), str(row["why_not"]))
        found.setdefault(key, []).append(title_of(study, str(row["scenario"])))
    return found


def sentences(study: SolvedCase) -> list[str]:
    """Return a finding on each scenario: profits of the makers by owner, and licences."""
    frame = makers(study) if study.case.market else pd.DataFrame()
    out = []
    for name, rows in frame.groupby("scenario", sort=False) if len(frame) else []:
        if not rows["profit_pct"].abs().max() > NOTICEABLE:
            continue
        parts = [_of_owner(study, row) for _, row in rows.iterrows()]
        line = translated("{heading}: {text}.", heading=title_of(study, str(name)), text=translated(", ").join(parts))
        out.append(f"  {line}")
    return [translated("Makers' profits in the market, by who owns them:"), *out] if out else []


def _of_owner(study: SolvedCase, row: pd.Series) -> str:
    change = float(row["profit_change"])
    earned = translated(
        "{country} {money} more ({percent})" if change > 0 else "{country} {money} less ({percent})",
        country=study.short(row["owner"]),
        money=dollars(change),
        percent=signed_percent(row["profit_pct"], 1),
    )
    if not row["licences"] > NOISE:
        return earned
    return translated("{profit} and {rent} of licences", profit=earned, rent=dollars(row["licences"]))


def _basis(study: SolvedCase) -> str:
    """What the numbers stand on: demand, conduct, and notes of the calibration and the join."""
    both = next(iter(joined(study).values()))
    market = both.market.market
    failed = [
        translated("{heading}: {text}", heading=title_of(study, n), text=e)
        for n, e in study.makers.items()
        if not isinstance(e, JoinedOutcome)
    ]
    stated = [
        translated("{name} {number}", name=translated(key.replace("_", " ")), number=localised(figure(value, 4)))
        for key, value in market.parameters.items()
    ]
    basis = translated(
        "{demand} demand ({parameters}), {conduct}.",
        demand=sentence(translated(market.demand.title)),
        parameters=translated(", ").join(stated),
        conduct=translated(market.conduct.title),
    )
    notes = [*map(translated_note, market.notes), *map(translated_note, both.notes), *failed]
    return joined_sentences([basis, *map(ended, notes)])
