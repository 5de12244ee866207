"""The tables of a bargain, as cells and tidy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from entrepot.bargaining.bargain import Bargain
from entrepot.bargaining.deal import Deal, Threat
from entrepot.errors import InputError
from entrepot.languages import Translation, in_quotation_marks, localised, translated
from entrepot.languages.translated_errors import translated_error
from entrepot.studies.titles import case_title
from entrepot.words import MILLION, MoneyUnit, and_list, chance, joined_sentences, money_unit, sector_name, sentence

if TYPE_CHECKING:
    import pandas as pd


class Section(NamedTuple):
    """A table as cells; `text_columns` leading columns are words."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""
    text_columns: int = 1


def table_section(title: str, head: list[str], rows: list[list[str]], note: str = "", text_columns: int = 1) -> Section:
    """Return a table as cells, with its title, its headings and its note in the language in use."""
    return Section(translated(title), [translated(text) for text in head], rows, translated(note), text_columns)


def sections(b: Bargain) -> list[Section]:
    """Every table of the page."""
    made = [_table(b), *_deals(b), _threats(b), _alone(b), *_rounds(b), _game(b), _members(b), _countries(b)]
    return [section for section in made if section is not None]


def _unit(b: Bargain) -> MoneyUnit:
    """Return the unit of money of all tables, by the gains of the deals and what the threats cost."""
    worth = [*(deal.worth for deal in b.deals.values()), *(threat.worth for threat in b.threats)]
    gains = [gain for deal in b.deals.values() for gain in deal.gains.values()]
    return money_unit([*gains, *(side[p] - b.now.worth[p] for side in worth for p in b.parties)])


def _table(b: Bargain) -> Section:
    table = b.negotiation.table
    rows = [
        [
            translated(issue.title),
            issue.shown(issue.range[0]),
            issue.shown(issue.range[1]),
            "" if issue.now is None else issue.shown(issue.now),
        ]
        for issue in table.issues.values()
    ]
    wants = [
        translated("{heading}: {text}", heading=b.short(p.party), text=p.objective.in_words())
        for p in b.negotiation.payoffs
    ]
    note = translated("What each side wants: {wants}.", wants=translated("; ").join(wants))
    if table.beside:
        beside = translated(
            "In force whatever is agreed: {scenarios}.",
            scenarios=and_list([case_title(b.case, name) for name in table.beside]),
        )
        note = Translation(f"{note} {beside}")
    return table_section("On the table", ["issue", "from", "to", "now"], rows, note)


def _deals(b: Bargain) -> list[Section]:
    """What each deal brings, and what it says."""
    unit = _unit(b)
    head = ["deal", *(translated("{party}, beyond the threat", party=b.short(p)) for p in b.parties)]
    head += [*_against_now(b), translated("would sign")]
    rows, words = [], []
    for deal in b.deals.values():
        cells = [unit.cell(deal.gains[p]) for p in b.parties]
        cells += [unit.cell(deal.worth[p] - b.now.worth[p]) for p in b.parties]
        rows.append([translated(deal.title), *cells, _signers(b, deal)])
        words.append([translated(deal.title), sentence(translated(deal.words))])
    note = translated("{unit} a year at base prices, by what each side wants.", unit=translated(unit.name))
    note = Translation(joined_sentences([note, *_against_what(b)]))
    return [
        table_section("The deals", head, rows, note),
        table_section("What they say", ["deal", ""], words, "", 2),
    ]


def _against_what(b: Bargain) -> Iterator[str]:
    """Yield against what a side counts that would sign, and that it need not believe in that."""
    yield translated("Would sign: whoever has no less than under the threat.")
    if b.threat.credible is False:
        yield translated(
            "That threat is not credible, and a side that does not believe in it compares a deal with things as they "
            "are."
        )


def _against_now(b: Bargain) -> list[str]:
    """Headings of columns, one for each party."""
    return [translated("{party}, against now", party=b.short(p)) for p in b.parties]


def _signers(b: Bargain, deal: Deal) -> str:
    if len(deal.signers) == len(b.parties):
        return translated("both" if len(b.parties) == 2 else "all")
    return translated(", ").join(b.short(p) for p in deal.signers) or translated("nobody")


def _threats(b: Bargain) -> Section:
    unit = _unit(b)
    head = ["threat", "what it is", *_against_now(b), "credible"]
    rows = []
    for k, threat in enumerate(b.threats):
        name = translated("{name} (the threat)", name=threat.name) if k == 0 else threat.name
        cells = [unit.cell(threat.worth[p] - b.now.worth[p]) for p in b.parties]
        rows.append([name, translated(threat.title), *cells, _credibly(threat)])
    note = translated(
        "Credible: whoever would carry it out does not lose by it, against things as they are. {unit} a year.",
        unit=translated(unit.name),
    )
    return table_section("Threats", head, rows, note, 2)


def _credibly(threat: Threat) -> str:
    return "" if threat.credible is None else translated("yes" if threat.credible else "no")


def _alone(b: Bargain) -> Section | None:
    unit = _unit(b)
    rows = []
    for party, best in b.alone.items():
        for row in best.rates.to_dict("records"):
            rows.append([b.short(party), sector_name(str(row["sector"])), localised(f"{100 * row['rate']:.1f}%"), ""])
        rows[-1][-1] = unit.cell(best.payoff - b.now.worth[party])
    if not rows:
        return None
    note = translated(
        "The tariffs that serve a side best if the others do not answer, on its imports from them of the goods on the "
        "table; what they bring against things as they are, {unit} a year. No cost of a breach is counted.",
        unit=translated(unit.name),
    )
    return table_section("What each would do alone", ["who", "on", "tariff", "worth to it"], rows, note, 2)


def _rounds(b: Bargain) -> list[Section]:
    """The offers as the clock runs down, if the threat is carried out."""
    unit = _unit(b)
    out = []
    for t in b.talks:
        if not t.carried_out:
            continue
        rows = []
        first = t.rounds[0].value
        for r in t.rounds:
            over_now = [float(r.deal[p]) - b.now.worth[who] for p, who in enumerate(b.parties)]
            cells = [unit.cell(gain) if r.agreed else translated("no deal") for gain in over_now]
            delay = [unit.cell(float(r.value[p] - first[p])) for p in range(2)]
            rows.append([str(r.day), b.short(b.parties[r.proposer]), *cells, *delay])
        head = ["day", "who offers", *(translated("{party}, a year", party=b.short(p)) for p in b.parties)]
        head += [translated("delay to {party}", party=b.short(p)) for p in b.parties]
        note = translated(
            "If the talks are still on that day, and the threat is carried out in the end: the deal then made, a year "
            "against things as they are; and what having waited until then is worth to each side, present value. "
            "{unit}.",
            unit=translated(unit.name),
        )
        title = translated("The clock runs down: {who} offers first", who=b.spoken(t.first))
        out.append(table_section(title, head, rows, note, 2))
    return out


def _game(b: Bargain) -> Section | None:
    unit = _unit(b)
    game = b.game
    if game is None:
        return None
    titles = game.titles
    data = game.to_frame()
    rows = []
    for record in data.to_dict("records"):
        moves = [translated(titles[p].get(record[f"move of {p}"], record[f"move of {p}"])) for p in game.players]
        worth = [unit.cell(float(record[f"worth to {p}"]) - b.now.worth[p]) for p in game.players]
        rows.append([*moves, *worth, translated("yes") if record["equilibrium"] else ""])
    head = [b.short(p) for p in game.players]
    head += [translated("worth to {party}", party=b.short(p)) for p in game.players]
    head += [translated("equilibrium")]
    turns = []
    for first in game.players:
        order = [first, *(p for p in game.players if p != first)]
        played = dict(zip(game.players, game.in_turn(order), strict=True))
        moves_made = [
            translated("{who} {moves}", who=b.spoken(p), moves=translated(titles[p].get(played[p], played[p])))
            for p in order
        ]
        turns.append(translated("if {who} moves first, {moves}", who=b.spoken(first), moves=and_list(moves_made)))
    note = translated(
        "{unit} a year, against things as they are. One after the other: {turns}.",
        unit=translated(unit.name),
        turns=translated("; ").join(turns),
    )
    return table_section("The game", head, rows, Translation(f"{note}{_mixed(b)}"), len(game.players))


def _mixed(b: Bargain) -> str:
    """Equilibria in chances, where pygambit is installed and there are any beyond the pure ones."""
    game = b.game
    assert game is not None
    try:
        found = [e for e in game.mixed() if any(len(by) > 1 for by in e.values())]
    except InputError as error:
        return " " + translated("(Not computed: {reason}.)", reason=translated_error(str(error)))
    shown = []
    for equilibrium in found:
        parts = []
        for p, by in equilibrium.items():
            mixed = [
                translated("{chance} {move}", chance=chance(c), move=translated(game.titles[p].get(m, m)))
                for m, c in by.items()
            ]
            parts.append(translated("{who} {moves}", who=b.short(p), moves=translated(", ").join(mixed)))
        shown.append(translated("; ").join(parts))
    return " " + translated("In chances: {equilibria}.", equilibria=" | ".join(shown)) if shown else ""


def _members(b: Bargain) -> Section | None:
    """What the deals do to each member of a party that is several countries."""
    several = [p for p in b.negotiation.payoffs if len(p.of.codes) > 1]
    if not several:
        return None
    data = b.countries
    deals = list(b.deals.values())
    rows = []
    for payoff in several:
        wide = data[data["party"] == payoff.party].pivot(index="country", columns="deal", values="against_threat")
        for country in wide[deals[0].name].abs().sort_values(ascending=False).index:
            rows.append(
                [
                    b.short(payoff.party),
                    b.spoken(str(country)),
                    *(MILLION.cell(float(wide.loc[country, d.name])) for d in deals),
                ]
            )
    head = ["party", "member", *(d.title for d in deals)]
    note = translated("Equivalent variation beyond the threat, {unit} a year.", unit=translated(MILLION.name))
    return table_section("The members", head, rows, note, 2)


def those_outside(b: Bargain) -> tuple[str, pd.DataFrame] | None:
    """Return the Nash deal, or the first offer, in words, and the rows of `Bargain.countries` of no party under it."""
    name, deal = "Nash", translated("the Nash deal")
    if name not in b.solutions:
        if not b.offers:
            return None
        name, offer = next(iter(b.offers.items()))
        deal = in_quotation_marks(translated(offer.title))
    return deal, b.countries[(b.countries["deal"] == name) & (b.countries["party"] == "")]


def _countries(b: Bargain, count: int = 8) -> Section | None:
    """Those outside to whom the deal matters most."""
    shown = those_outside(b)
    if shown is None:
        return None
    deal, data = shown
    chosen = data.reindex(data["exports_change"].abs().sort_values(ascending=False).index).head(count)
    rows = [
        [
            sentence(b.spoken(str(row["country"]))),
            *(localised(f"{row[key]:+,.0f}") for key in ("against_now", "against_threat", "exports_change")),
            localised(f"{row['exports_now']:,.0f}"),
        ]
        for row in chosen.to_dict("records")
    ]
    head = ["country", "gain against now", "gain against the threat", "exports of these goods, change", "of"]
    note = "US$ million a year. Exports into the parties' markets of the goods on the table, at producer prices."
    return table_section(translated("Those outside, under {deal}", deal=deal), head, rows, note)


def tables(b: Bargain) -> dict[str, pd.DataFrame]:
    """Tidy tables for files: the deals, the surface, the frontier, every country."""
    return {
        "talks": _talks(b),
        "deals": b.to_frame(),
        "surface": b.surface.to_frame(),
        "frontier": b.frontier,
        "deal_countries": b.countries if b.complete else b.frontier.iloc[:0],
    }


def _talks(b: Bargain) -> pd.DataFrame:
    """Every offer: what the deal is worth a year to each side, and what being there is worth, present value."""
    import pandas as pd

    rows = [
        {
            "first": t.first,
            "carried_out": t.carried_out,
            "day": r.day,
            "proposer": b.parties[r.proposer],
            "agreed": r.agreed,
            **{f"worth to {p}": float(r.deal[k]) for k, p in enumerate(b.parties)},
            **{f"value to {p}": float(r.value[k]) for k, p in enumerate(b.parties)},
        }
        for t in b.talks
        for r in t.rounds
    ]
    return pd.DataFrame(rows)
