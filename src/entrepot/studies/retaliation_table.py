"""The rows of a retaliation: sector by sector, what it levies and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from entrepot.languages import in_quotation_marks, translated
from entrepot.rules.answer import Answer
from entrepot.words import and_list, possessive, sector_name, sentence, spoken

#: What the columns of the table mean.
RETALIATION_NOTE = "Points on top of what is levied; value at the border before duty, without and with the retaliation."


def retaliation_rows(answer: Answer, title_of: Callable[[str], str]) -> tuple[str, list[tuple[Any, ...]]]:
    """Return the title and the rows of a retaliation; money in US$ million, sectors without a rate left out."""
    r = answer.retaliation
    by, against = and_list([spoken(p) for p in r.by]), and_list([spoken(p) for p in r.against])
    answered = in_quotation_marks(title_of(r.equivalent_to)) if r.equivalent_to else translated("the measures")
    title = translated(
        "{whose} answer to {measures}, on goods from {country}",
        whose=sentence(possessive(by)),
        measures=answered,
        country=against,
    )
    money = ["base_imports", "imports_before", "lost_exports", "duty"]
    data = answer.table()
    rows: list[tuple[Any, ...]] = [
        (sector_name(str(sector)), 100 * float(row["rate"]), *(float(row[k]) for k in money))
        for sector, row in data.iterrows()
        if row["rate"] > 0
    ]
    if len(data) > 1:
        rows.append((translated("all sectors it might fall on"), None, *(float(data[k].sum()) for k in money)))
    return title, rows
