"""The countries that a scenario moves most, where the parties are only those that its measures name."""

from __future__ import annotations

import pandas as pd

from entrepot.cases import SolvedCase
from entrepot.languages import translated
from entrepot.studies import tidy_frames as tidy
from entrepot.studies.result_table import MONEY, PERCENT, ResultTable, TableColumn
from entrepot.studies.study_table import study_table
from entrepot.studies.titles import title_of
from entrepot.words import NOISE, and_list, gains_or_loses

#: How many countries a table has at each end, in money and in percent of income, and how many a sentence names.
ENDS, NAMED = 3, 3


def affected_rows(study: SolvedCase, name: str) -> pd.DataFrame:
    """Return the countries with the largest gains and losses under a scenario, in money or in percent of income."""
    frame = tidy.countries(study)
    frame = frame[(frame["scenario"] == name) & (frame["real_income_pct"].abs() > NOISE)]
    kept: set[object] = set()
    for key in ("equivalent_variation", "real_income_pct"):
        ranked = frame.sort_values(key)
        kept |= {*ranked[ranked[key] < 0].head(ENDS).index, *ranked[ranked[key] > 0].tail(ENDS).index}
    return frame[frame.index.isin(kept)].sort_values("equivalent_variation")


def affected_table(study: SolvedCase) -> ResultTable:
    """Return the table of those most affected under each scenario."""
    rows = [
        (
            title_of(study, name),
            study.short(str(row["country"])),
            float(row["equivalent_variation"]),
            float(row["real_income_pct"]),
        )
        for name in study.outcomes
        for row in affected_rows(study, name).to_dict("records")
    ]
    columns = [
        TableColumn("scenario"),
        TableColumn("country"),
        TableColumn("gain", "equivalent_variation", MONEY, True),
        TableColumn("of income", "real_income_pct", PERCENT, True, digits=3),
    ]
    frame = pd.DataFrame(rows, columns=["scenario", "country", "equivalent_variation", "real_income_pct"])
    note = translated("Those with the largest gains and losses in money, and in percent of income.")
    return study_table(study, "most_affected", "Who is most affected", columns, rows, frame, note, 2)


def affected_in_words(study: SolvedCase, name: str) -> str:
    """Return what others gain or lose most, where no more than one party is named; "" elsewhere."""
    parties = study.case.parties
    if study.case.case != "measures" or len(parties) > 1:
        return ""
    own = {code for party in parties for code in tidy.members(study, party)}
    rows = affected_rows(study, name)
    rows = rows[~rows["country"].isin(own)]
    rows = rows.loc[rows["equivalent_variation"].abs().sort_values(ascending=False).index].head(NAMED)
    moves = [
        translated(
            "{who} {moves}",
            who=study.spoken(str(row["country"])),
            moves=gains_or_loses(float(row["equivalent_variation"]), float(row["real_income_pct"])),
        )
        for row in rows.to_dict("records")
    ]
    return translated("Most affected elsewhere: {moves}.", moves=and_list(moves)) if moves else ""
