"""The steps of a bargain: threats, deals, solutions, offers, unilateral tariffs, games and talks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from entrepot.bargaining.deal import INDIFFERENT, Addition, Deal, Threat, signs
from entrepot.bargaining.game import Game
from entrepot.bargaining.levers import LARGEST
from entrepot.bargaining.negotiation import Negotiation, base_of, contested, level_of_trade, quotas, slack
from entrepot.bargaining.optimal import OptimalTariff, optimal_tariff
from entrepot.bargaining.solutions import Bargaining, undominated
from entrepot.bargaining.surface import Surface
from entrepot.bargaining.talks import Talks, TalksClock, rounds
from entrepot.bargaining.war import PLAYERS, nash_tariffs
from entrepot.cases.bargaining_table import WarSpec, issues_used
from entrepot.equilibrium import Outcome
from entrepot.equilibrium.warm_start import Solution
from entrepot.errors import ConvergenceError, InputError
from entrepot.measures import Measure, Policy
from entrepot.measures.acts import Cap
from entrepot.numerics import bracketed_root
from entrepot.types import Array, Progress
from entrepot.words import short

if TYPE_CHECKING:
    import pandas as pd

#: A search may end so near to an end of an issue's range that it is that end, as a part of the range.
NEXT_TO = 1e-4
#: Number of directions in which the frontier of two parties is computed.
RAYS = 17


@dataclass
class Found:
    """The results of a bargain so far, so that an interrupt keeps them."""

    solutions: dict[str, Deal] = field(default_factory=dict)
    nearest: Deal | None = None
    frontier: list[Array] = field(default_factory=list)
    restraint: Deal | None = None
    offers: dict[str, Deal] = field(default_factory=dict)
    additions: dict[str, tuple[Addition, ...]] = field(default_factory=dict)
    alone: dict[str, OptimalTariff] = field(default_factory=dict)
    talks: list[Talks] = field(default_factory=list)
    game: Game | None = None
    complete: bool = True


@dataclass
class Session:
    """A bargain while it is computed: the negotiation, the payoffs of the threat [p], and the last equilibrium."""

    negotiation: Negotiation
    progress: Progress | None = None
    threat: Array = field(default_factory=lambda: np.zeros(0))
    threat_outcome: Outcome | None = None
    now: Deal = field(init=False)
    worst: float = 0.0
    last: Solution | None = None
    evaluations: int = 0
    known: dict[tuple[tuple[str, float], ...], Array] = field(default_factory=dict, repr=False)
    notes: list[str] = field(default_factory=list)

    def report(self, stage: str) -> None:
        """Report progress: the stage, and how many equilibria were computed."""
        if self.progress is not None:
            self.progress(stage, self.evaluations, 0)

    # ---- threats ----

    def threats(self) -> tuple[Threat, ...]:
        """The table's threat, then the others. Also sets `now` and the threat that gains are measured from."""
        n = self.negotiation
        self.now = self._deal("now", "Things as they are", {}, n.outcome(n.under(())))
        war, name = n.table.threat.war, n.table.threat.scenario
        made = [self._war(war) if war is not None else self._scenario(str(name))]
        self.threat, self.threat_outcome = np.array(list(made[0].worth.values())), made[0].outcome
        self.now = self._deal("now", self.now.title, {}, self.now.outcome)
        for other in n.table.other_threats:
            if other in n.outcomes:
                made.append(self._scenario(other))
            else:
                title = n.case.scenarios[other].title
                self.notes.append(f'"{title}" has no equilibrium, so it is not a threat here.')
        return tuple(made)

    def _scenario(self, name: str) -> Threat:
        n = self.negotiation
        spec, own = n.case.scenarios[name], n.own(name)
        outcome = n.outcome(n.under([name]))
        worth = n.worth(outcome, n.findings_on(own, spec.law))
        acting = {p for p in n.parties for m in own if not n.stands_beside(m) and self._takes(p, m)}
        return self._threat(name, spec.title, worth, acting, outcome)

    def _threat(
        self, name: str, title: str, worth: Array, acting: Iterable[str], outcome: Outcome, stable: bool = False
    ) -> Threat:
        by = self.negotiation.by_party(worth)
        own = {p: by[p] - self.now.worth[p] for p in by if p in acting}
        return Threat(name, title, by, own, outcome, stable)

    def _takes(self, party: str, measure: Measure) -> bool:
        """Whether a party imposes a measure: the importer, or the exporter for export taxes and restraints."""
        takers = measure.takers(self.negotiation.economy)
        return any(takers & set(p.of.codes) for p in self.negotiation.payoffs if p.party == party)

    def _war(self, war: WarSpec) -> Threat:
        n = self.negotiation
        self.report("the trade war")
        found = nash_tariffs(
            n.economy,
            n.parties,
            over=war.over,
            sectors=war.sectors,
            at_most=war.at_most,
            partners=PLAYERS,
            objectives={p.party: p.objective.model_copy(update={"breach": None}) for p in n.payoffs},
            measures=n.beside,
            closure=n.case.closure,
        )
        if found.stopped:
            raise KeyboardInterrupt
        if not found.converged:
            raise ConvergenceError(
                f"table.threat: the trade war has not converged after {found.rounds} rounds.",
                remedy="choose fewer tariffs at once (over: uniform, or fewer sectors), or a lower at_most.",
                residual=found.change,
            )
        if np.isclose(found.rates["rate"], war.at_most).any():
            self.notes.append(
                f"Tariffs in the war are at their upper bound of {100 * war.at_most:g}% (table.threat.war.at_most)."
            )
        median = found.rates.groupby("player", sort=False)["rate"].median()
        rates = ", ".join(f"{short(p)} {100 * median[p]:.0f}%" for p in n.parties)
        title = f"a trade war of the parties, {war.over} tariffs on each other, median {rates}"
        worth = n.worth(found.outcome, n.findings_on(found.outcome.scenario, n.table.law))
        return self._threat("war", title, worth, n.parties, found.outcome, stable=True)

    # ---- deals ----

    def gains(self, part: Array) -> Array:
        """The gains over the threat [p] at a point of the unit cube; `worst` if there is no equilibrium.

        A deal is solved once, whatever the levels of the issues that no measure in force uses.
        """
        n = self.negotiation
        deal = tuple(n.table.used(n.levels(n.inside(part))).items())
        if deal not in self.known:
            self.known[deal] = self._gains(part)
        return self.known[deal]

    def _gains(self, part: Array) -> Array:
        n = self.negotiation
        self.evaluations += 1
        try:
            worth, self.last = n.solve(n.inside(part), self.last, 1e-11)
        except ConvergenceError as error:
            self._note(f"A deal in the search has no equilibrium and is left out: {error.cause}")
            return np.full(len(n.parties), self.worst)
        return worth - self.threat

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def slopes(self, part: Array) -> Array:
        """The derivatives of the gains at a point of the unit cube [p, i]; zero if there is no equilibrium."""
        n = self.negotiation
        self.evaluations += 1
        try:
            return n.slopes(n.inside(part), self.last) * (n.upper - n.lower)
        except ConvergenceError:
            return np.zeros((len(n.parties), part.size))

    def exact(self) -> Callable[[Array], Array] | None:
        """The function `slopes`, or None if the issues have no exact derivatives."""
        try:
            self.slopes(np.full(len(self.negotiation.table.issues), 0.5))
        except InputError:
            return None
        return self.slopes

    def deal(self, name: str, title: str, levels: Mapping[str, float]) -> Deal:
        """Solve a deal. Issues that only affect a quota that does not bind are set back to their level now."""
        n = self.negotiation
        outcome = n.outcome(n.scenario(levels, name))
        nows = n.table.current_levels
        back = {issue: nows[issue] for issue in slack(n, outcome, levels) if issue in nows}
        kept = {**levels, **back}
        if back:
            outcome = n.outcome(n.scenario(kept, name))
        return self._deal(name, title, kept, outcome)

    def _deal(self, name: str, title: str, levels: Mapping[str, float], outcome: Outcome) -> Deal:
        n = self.negotiation
        worth = n.worth(outcome, n.findings_on(outcome.scenario, n.table.law))
        gains = worth - self.threat if self.threat.size else worth
        return Deal(name, title, levels, n.by_party(worth), n.by_party(gains), outcome, n.table)

    def at(self, name: str, part: Array, title: str = "") -> Deal:
        """The deal at a point of the unit cube, with levels next to an end of their range at it."""
        n = self.negotiation
        return self.deal(name, title or f"{name} solution", n.levels(n.inside(self._at_ends(part))))

    def _at_ends(self, part: Array) -> Array:
        """The point with issues that a search left next to an end at that end, where no side would notice."""
        for i, end in enumerate(np.round(part)):
            if 0 < abs(part[i] - end) < NEXT_TO:
                moved = part.copy()
                moved[i] = end
                if np.abs(self.gains(moved) - self.gains(part)).max() < INDIFFERENT:
                    part = moved
        return part

    # ---- the search ----

    def find(self, surface: Surface, found: Found) -> None:
        """Find solutions, offers, unilateral tariffs, the game and the talks; write them to `found` as they come."""
        n = self.negotiation
        solved = np.isfinite(surface.values[:, 0])
        if not solved.any():
            raise ConvergenceError(
                "No deal on the table has an equilibrium.", remedy="narrow the ranges of the issues."
            )
        span = n.upper - n.lower
        points = ((surface.points - n.lower) / span)[solved]
        self.worst = 10 * float(min(0.0, (surface.values[solved] - self.threat).min())) - 1.0
        cube = Bargaining(self.gains, points, surface.values[solved] - self.threat, 1e-8, self.exact())
        even = np.ones(len(n.parties))
        self.report("solutions")
        egalitarian, worst = cube.along(even)
        found.nearest = self.at("nearest", egalitarian, "The deal that comes nearest")
        if worst >= 0:
            self._solutions(cube, egalitarian, found)
        for name, offer in n.table.offers.items():
            self.report(f"offer {name}")
            found.offers[name] = self.deal(name, offer.title, {**n.table.current_levels, **offer.levels})
            found.additions[name] = self._additions(cube, found.offers[name])
        found.restraint = self._restraint()
        self._alone(found)
        if n.table.menus:
            try:
                found.game = self._game()
            except (ConvergenceError, InputError) as error:
                self.notes.append(f"The game was not solved: {error}")
        if n.table.talks is not None:
            self._talks(cube, found)

    def _solutions(self, cube: Bargaining, egalitarian: Array, found: Found) -> None:
        n = self.negotiation
        power = np.array([n.table.power.get(p, 1.0) for p in n.parties])
        nash = cube.nash(power, egalitarian)
        if nash is not None and (cube.at(nash) > INDIFFERENT).all():
            found.solutions["Nash"] = self.at("Nash", nash)
        best = [cube.most(p)[0] for p in range(len(n.parties))]
        ideals = np.array([cube.at(x)[p] for p, x in enumerate(best)])
        if (ideals > 0).all():
            smorodinsky, _ = cube.along(ideals, start=nash if nash is not None else egalitarian)
            found.solutions["Kalai-Smorodinsky"] = self.at("Kalai-Smorodinsky", smorodinsky)
        found.solutions["egalitarian"] = self.at("egalitarian", egalitarian, "Largest smallest gain (egalitarian)")
        for party, x in zip(n.parties, best, strict=True):
            found.solutions[f"best for {party}"] = replace(self.at(f"best for {party}", x), best_for=party)
        if len(n.parties) == 2:
            found.frontier += self._frontier(cube, best, np.zeros(2))
        else:
            in_zone = (cube.at_points >= -INDIFFERENT).all(axis=1)
            points, gains = cube.points[in_zone], cube.at_points[in_zone]
            found.frontier += list(points[undominated(gains)])

    def _frontier(self, cube: Bargaining, best: list[Array], floor: Array) -> list[Array]:
        """The efficient deals of two parties, from the best for one to the best for the other, none below its floor."""
        ends = [np.maximum(cube.at(x) - floor, 0.0) for x in best]
        out, x = list(best), best[0]
        for part in np.linspace(0, 1, RAYS)[1:-1]:
            self.report("frontier")
            direction = (1 - part) * ends[0] + part * ends[1]
            if direction.max() > INDIFFERENT:
                x = cube.along(direction, floor, x)[0]
                out.append(x)
        return out

    def frontier_table(self, parts: list[Array]) -> pd.DataFrame:
        """The levels, payoffs and gains of the efficient deals."""
        import pandas as pd

        n = self.negotiation
        rows = []
        for part in parts:
            worth = self.gains(part) + self.threat
            rows.append([*n.inside(part), *worth, *(worth - self.threat)])
        columns = [*n.table.issues, *(f"worth to {p}" for p in n.parties), *(f"gain of {p}" for p in n.parties)]
        table = pd.DataFrame(rows, columns=columns)
        if table.empty:
            return table
        gains = [f"gain of {p}" for p in n.parties]
        alike = table[gains].round(3).duplicated()  # to a thousand dollars
        keep = undominated(table[gains].to_numpy()) & ~alike.to_numpy()
        return table[keep].sort_values(f"worth to {n.parties[0]}", ignore_index=True)

    # ---- additions to offers ----

    def _additions(self, cube: Bargaining, deal: Deal) -> tuple[Addition, ...]:
        n = self.negotiation
        span = n.upper - n.lower
        part = (n.point(deal.levels) - n.lower) / span
        out = []
        for p, party in enumerate(n.parties):
            if signs(deal.gains[party]):
                continue
            moves = []
            for i, issue in enumerate(n.table.issues):

                def gain(level: float, i: int = i, p: int = p) -> float:
                    x = part.copy()
                    x[i] = level
                    return float(cube.at(x)[p])

                tried = np.unique(np.append(np.linspace(0, 1, 21), part[i]))
                enough = [level for level in tried if gain(level) >= 0]
                if not enough:
                    continue
                near = min(enough, key=lambda level: abs(level - part[i]))  # the smallest move that is enough
                short_of = tried[np.searchsorted(tried, near) + (1 if near < part[i] else -1)]
                level = bracketed_root(gain, short_of, near, xtol=1e-9) if gain(near) > 0 else near
                x = part.copy()
                x[i] = level + 1e-9 * (near - level)
                gains = n.by_party(cube.at(x))
                gains[party] = max(gains[party], 0.0)  # the root, up to rounding
                moves.append((issue, float(n.lower[i] + level * span[i]), gains))
            out.append(Addition(party, -deal.gains[party], tuple(moves)))
        return tuple(out)

    def _restraint(self) -> Deal | None:
        """The deal with only a quota at the volume of the threat, and the largest rent share for the exporter.

        The quota is on trade that the threat falls on.
        """
        n = self.negotiation
        if self.threat_outcome is None:
            return None
        threatened = [m.border_flows(n.economy) for m in self.threat_outcome.scenario if not n.stands_beside(m)]
        for template, cap in quotas(n):
            levels = {name: n.table.issues[name].range[1] for name in issues_used(template)}
            quota = n.table.filled_in(template, levels)
            if not all(c.hard for c in Policy.of(n.economy, [quota]).each(Cap)):
                continue
            if not any(np.isin(flows, quota.flows(n.economy)).any() for flows in threatened):
                continue
            volume, level = self.threat_outcome.volume(quota), level_of_trade(n, quota, self.threat_outcome)
            low, high = n.table.issues[cap].range
            if low <= level < high and volume < base_of(n, quota):
                made = self.deal("restraint", "A restraint at the threat's volume", levels | {cap: level})
                left = made.outcome.volume(quota)
                return made if abs(left - volume) < 1e-6 * volume else None
        return None

    # ---- alone ----

    def _alone(self, found: Found) -> None:
        n = self.negotiation
        for payoff in n.payoffs:
            sectors = contested(n, payoff.party)
            others = tuple(c for p in n.payoffs if p.party != payoff.party for c in p.of.codes)
            if not sectors:
                continue
            if payoff.market is not None:
                self.notes.append(
                    f"The best tariffs of {payoff.party} alone were not computed: its objective weighs makers' "
                    f"profits, which have no derivatives."
                )
                continue
            self.report(f"{payoff.party} alone")
            try:
                found.alone[payoff.party] = optimal_tariff(
                    n.economy,
                    payoff.party,
                    over="sector",
                    sectors=sectors,
                    partners=others,
                    objective=payoff.objective.model_copy(update={"breach": None}),
                    measures=n.beside,
                    closure=n.case.closure,
                )
            except (InputError, ConvergenceError) as error:
                self.notes.append(f"The best tariffs of {payoff.party} alone were not found: {error}")
                continue
            if not found.alone[payoff.party].converged:
                raise KeyboardInterrupt
            if (found.alone[payoff.party].rates["rate"] >= LARGEST * (1 - 1e-9)).any():
                self.notes.append(f"{payoff.party} alone: a tariff is at the largest rate that the search allows.")

    # ---- games and talks ----

    def _game(self) -> Game:
        n = self.negotiation
        menus = n.table.menus
        shape = tuple(len(menu) for menu in menus.values())
        worth = np.empty((*shape, len(menus)))
        seats = [n.parties.index(party) for party in menus]
        for place in np.ndindex(*shape):
            self.report("game")
            chosen = [list(menu.values())[k] for menu, k in zip(menus.values(), place, strict=True)]
            names = list(dict.fromkeys(s for move in chosen for s in move.scenarios))
            missing = [name for name in names if name not in n.outcomes]
            if missing:
                raise ConvergenceError(f'"{n.case.scenarios[missing[0]].title}" has no equilibrium.')
            self.evaluations += 1
            found = [f for s in names for f in n.findings_on(n.own(s), n.case.scenarios[s].law)]
            worth[place] = n.worth(n.outcome(n.under(names)), found)[seats]
        moves = {party: tuple(menu) for party, menu in menus.items()}
        titles = {party: {name: move.title for name, move in menu.items()} for party, menu in menus.items()}
        return Game(moves, worth, titles)

    def _talks(self, cube: Bargaining, found: Found) -> None:
        n = self.negotiation
        talks = n.table.talks
        assert talks is not None
        if len(n.parties) != 2:
            self.notes.append("Alternating offers are computed for two parties only.")
            return
        now = np.array([self.now.worth[p] for p in n.parties])
        parts = found.frontier
        floor = np.minimum(now - self.threat, 0.0)
        # A party that has less now than under the threat accepts less than the threat.
        if not parts or (floor < -INDIFFERENT).any():
            best = [cube.most(p, floor)[0] for p in range(2)]
            parts = self._frontier(cube, best, floor)
        curve = np.array([cube.at(x) for x in parts])
        curve = curve[undominated(curve)] + self.threat
        first = talks.first or n.parties[0]
        for who in (first, *(p for p in n.parties if p != first)):
            for carried_out in (True, False):
                ending = self.threat if carried_out else now
                made = rounds(curve, now, ending, self._clock(n.parties.index(who)))
                agreed = next((r for r in made if r.agreed), None)
                deal = None
                if agreed is not None:
                    other = 1 - agreed.proposer
                    least = np.full(2, -np.inf)
                    least[other] = agreed.deal[other] - self.threat[other]
                    starts = cube.neighbours(parts, other, least[other])
                    x, _ = max((cube.most(agreed.proposer, least, x) for x in starts), key=lambda best: best[1])
                    deal = self.at(f"talks, {who} first" + ("" if carried_out else ", threat not carried out"), x)
                found.talks.append(Talks(who, carried_out, made, deal))

    def _clock(self, first: int) -> TalksClock:
        n = self.negotiation
        talks = n.table.talks
        assert talks is not None
        until = n.case.talks_until()
        deadline = (until - talks.since).days
        return TalksClock(
            days=tuple(range(0, deadline, talks.every)),
            deadline=deadline,
            years=talks.years,
            rate=np.log1p([talks.rate(p) for p in n.parties]),
            breakdown=talks.breakdown,
            first=first,
        )
