"""The list of a retaliation as cells, for the page and the terminal."""

from __future__ import annotations

from entrepot.rules.answer import Answer
from entrepot.words import and_list, possessive, sector_name, sentence, spoken


def answer_cells(answer: Answer) -> tuple[str, list[str], list[list[str]]]:
    """The list of a retaliation: its title, heads and rows. Money in US$ million; sectors without a rate left out."""
    r = answer.retaliation
    by, against = and_list([spoken(p) for p in r.by]), and_list([spoken(p) for p in r.against])
    title = f"{sentence(possessive(by))} answer to {r.equivalent_to or 'the measures'}, on goods from {against}"
    money = ["base_imports", "imports_before", "lost_exports", "duty"]
    data = answer.table()
    rows = [
        [sector_name(str(sector)), f"{100 * row['rate']:.1f}", *(f"{row[k]:,.0f}" for k in money)]
        for sector, row in data.iterrows()
        if row["rate"] > 0
    ]
    if len(data) > 1:
        rows.append(["all sectors it might fall on", "", *(f"{data[k].sum():,.0f}" for k in money)])
    return title, ["sector", "points", "imports in the base", "before it", "taken by it", "duty"], rows


#: What the columns of that list are.
ANSWER_NOTE = (
    "Points on top of what is levied; US$ million at the border before duty, without and with the retaliation."
)
