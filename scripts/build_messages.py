"""Bring the catalogues of translations up to date with the messages of the source.

    python scripts/build_messages.py            # adds new messages, without translation, and drops those that are gone

Messages are the strings in calls of `translated` and `plural`, the errors of the source (messages_of_errors.py), the
labels of the registries, the titles and events of the bundled cases, the sentences of the page of the desk
(page/source/words.js), and whatever else the tables and findings of these cases look up (the cases are solved, which
takes a minute). Those that the page needs name it as their place in a catalogue: scripts/build_page.py makes its files
of messages from them.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, get_args

from babel.messages import Catalog
from babel.messages.jslexer import tokenize, unquote_string
from babel.messages.pofile import read_po, write_po

from entrepot import languages
from entrepot.languages.translated_errors import FRAMES

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from messages_of_errors import errors_of, parsed  # noqa: E402  (a script beside this one)

SOURCE = ROOT / "src" / "entrepot"
CATALOGUES = SOURCE / "languages" / "catalogues"
#: The sentences of the page, and the place that messages of the page have in a catalogue.
WORDS = ROOT / "page" / "source" / "words.js"
PLACE = WORDS.relative_to(ROOT).as_posix()
#: Positions of the messages among the arguments of a call.
CALLS = {
    "translated": (0,),
    "plural": (0, 1),
    "TableColumn": (0,),
    "_column": (1,),
    "FigureEntry": (1,),
    "study_table": (2, 6),
    "counted": (1,),
    "_Column": (1,),
    "_table": (1,),
    "table_section": (0, 1, 3),
    "gain_clause": (0, 1, 2),
    "worded": (0,),
    "titled": (1,),
    "worded_in_html": (0,),
}
#: Rooms whose counts are in sentences that are translated; elsewhere they are in errors, which are English.
COUNTING = ("cli", "report", "studies")


def literals(node: ast.AST, named: dict[str, list[ast.AST]]) -> Iterator[str]:
    """Yield the strings that an expression may be: a literal, either side of a choice, or what a name stands for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body, named)
        yield from literals(node.orelse, named)
    elif isinstance(node, ast.Subscript):
        yield from literals(node.value, named)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from literals(value, named)
    elif isinstance(node, ast.Tuple | ast.List):
        for value in node.elts:
            yield from literals(value, named)
    elif isinstance(node, ast.Starred):
        yield from literals(node.value, named)
    elif isinstance(node, ast.Name):
        others = {name: values for name, values in named.items() if name != node.id}
        for value in named.get(node.id, ()):
            yield from literals(value, others)


def in_source(path: Path) -> Iterator[str]:
    """Yield the messages of a module."""
    text = path.read_text(encoding="utf-8")
    if not any(f"{name}(" in text for name in CALLS):
        return
    for place in ast.walk(parsed(text)):
        if not isinstance(place, ast.Module | ast.FunctionDef):
            continue
        nodes = list(ast.walk(place))
        calls = [
            (node.func.id, node) for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        ]
        calls = [(name, node) for name, node in calls if name in CALLS]
        if not calls:
            continue
        named: dict[str, list[ast.AST]] = {}
        for node in nodes:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, []).append(node.value)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
                for target, value in zip(node.targets[0].elts, getattr(node.value, "elts", ()), strict=False):
                    if isinstance(target, ast.Name):
                        named.setdefault(target.id, []).append(value)
            elif isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple):
                _take_apart(node, named)
            elif isinstance(node, ast.comprehension) and isinstance(node.target, ast.Name):
                named.setdefault(node.target.id, []).append(node.iter)
        for name, node in calls:
            if name == "counted" and path.parent.name not in COUNTING:
                continue
            for position in CALLS[name]:
                if position < len(node.args):
                    found = literals(node.args[position], named)
                    yield from (
                        found if name != "counted" else (f"{{number}} {noun}{s}" for noun in found for s in ("", "s"))
                    )


def in_templates() -> Iterator[str]:
    """Yield the messages of the templates of reports: the texts in `_("...")`."""
    for path in sorted((SOURCE / "report" / "templates").glob("*.j2")):
        yield from re.findall(r'\b_\("([^"]+)"', path.read_text(encoding="utf-8"))


def _take_apart(loop: ast.For, named: dict[str, list[ast.AST]]) -> None:
    """Add what the names of a loop over a literal tuple of tuples stand for."""
    targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else []
    for row in loop.iter.elts if isinstance(loop.iter, ast.Tuple) else []:
        for target, value in zip(targets, getattr(row, "elts", []), strict=False):
            if isinstance(target, ast.Name):
                named.setdefault(target.id, []).append(value)


def of_registries() -> Iterator[str]:
    """Yield the labels of quantities, closures, groups, sectors, goods and bundled cases."""
    from entrepot import words
    from entrepot.data.goods import goods
    from entrepot.economy.bundled import bundled_economies, load_economy
    from entrepot.economy.geography import groups
    from entrepot.equilibrium import quantities
    from entrepot.equilibrium.blocks import deficits, labour, recycling
    from entrepot.markets import AIDS, CES, Linear, Logit, MixedLogit, NestedLogit
    from entrepot.markets.conduct import CONDUCTS
    from entrepot.report.figures.case_figures import RECEIVED
    from entrepot.report.html_page import PARTS
    from entrepot.rules.finding import Status
    from entrepot.studies.legal_notes import MEANINGS, SURE
    from entrepot.studies.market_question import _TITLES

    yield from (q.label.lower() for q in quantities.ALL.values())
    for rules in (deficits.RULES, labour.RULES, recycling.RULES):
        for rule in rules.values():
            yield from (text for text in (getattr(rule, "named", ""), getattr(rule, "stated", "")) if text)
    yield from (str(group["title"]) for group in groups().values())
    yield from words._SHORT.values()
    yield from (text for entry in goods().values() for text in entry.values() if text)
    for kind in (*CONDUCTS.values(), AIDS, CES, Linear, Logit, MixedLogit, NestedLogit):
        yield from (kind.title, kind.name.replace("_", " "))
    yield from _TITLES.values()
    yield from RECEIVED
    yield from ("beside the others", "alone")
    yield from ("sigma", "strength", "market elasticity", "price coefficient", "market size")
    yield from ("Market", "Demand", "Conduct", "Measures", "Residual", "Currency", "Version", "Fitted")
    yield from ("first", "total", "mean", "size", "spread", "everything as it is now", "Nash solution")
    yield from (
        "Kalai-Smorodinsky solution",
        "Largest smallest gain (egalitarian)",
        "A restraint at the threat's volume",
    )
    yield from (status.value for status in Status)
    yield from FRAMES
    yield from ("zero profit", "price index", "goods market", "labour market", "budget", "balance of payments")
    yield "complementarity"
    yield from ("Buyers pay", "Output", "Jobs", "quota rent", "duties")
    yield from ("case", "country", "sector", "scenario", "key", "set of elasticities", "run", "economy")
    yield from (*MEANINGS.values(), *SURE.values(), *(heading for _, heading, _, _ in PARTS))
    yield from (
        "Again",
        "In Python",
        "Data",
        "Base",
        "Elasticities",
        "Model",
        "Proof",
        "Version",
        "iterations",
        "seconds",
    )
    yield from (text for q in quantities.ALL.values() for text in (q.unit, q.positive) if text)
    yield from ("World", "Rest of world", "US$ billion", "US$ million", "US$ thousand")
    for world in bundled_economies():
        yield from (words.sector_name(sector) for sector in ("GOODS", *load_economy(world).sectors))
    yield from of_cases()
    yield from of_instruments()
    yield from of_law()
    yield from of_forecasts()


def of_instruments() -> Iterator[str]:
    """Yield the words of the registered instruments, of their form fields, and of the sets of elasticities."""
    from entrepot.data.published_sets import published
    from entrepot.measures import instruments
    from entrepot.measures.instruments import LIFTED

    for entry in instruments().values():
        yield entry.title
        for field in entry.form:
            yield from (field.title, *(words for _, words in field.choices))
    yield from LIFTED.values()
    yield from (one.horizon for one in published().values() if not one.unusable and one.file != "user")


def of_law() -> Iterator[str]:
    """Yield what the book of rules says in sentences of its own; titles of laws stay as they are."""
    from entrepot.report.terminal_rule_book import SHELVES
    from entrepot.rules.book import (
        Agreement,
        Dispute,
        Rate,
        Rule,
        Statute,
        agreements,
        disputes,
        fact_texts,
        rules,
        statutes,
    )
    from entrepot.rules.clocks import clocks
    from entrepot.rules.entry import Confidence
    from entrepot.rules.obligations import LATER

    for kind in (Rule, Dispute, Statute, Agreement, Rate):
        yield from (field.replace("_", " ") for field in kind.model_fields if field not in ("id", "confidence"))
    for read in SHELVES.values():
        yield from (key for entry in read().values() for key in of_keys(entry.model_dump(mode="json")) if key.islower())
    yield from (*SHELVES, *get_args(Confidence))
    for rule in rules().values():
        yield from (rule.condition or "", rule.consequence, rule.cure or "")
        yield from (rule.on_exports.consequence or "", rule.on_exports.cure or "")
        yield from ((rule.contested.what,) if rule.contested else ())
    for statute in statutes().values():
        yield from (statute.consequence, statute.test, statute.ended_by or "")
        yield from (found.says for found in statute.found)
        yield from (contest.what for contest in statute.contests)
        yield from filter(None, (statute.limits.extendable, statute.limits.selective))
    for fact in fact_texts().values():
        yield from filter(None, (fact.yes, fact.no, fact.unknown, fact.unless))
    yield from ("after the measure", "within the quota", "beyond it")
    relied_on = ("national security", "the balance of payments", "the balance of payments of a developing Member")
    yield from (*relied_on, "the Enabling Clause")
    yield from ("Article VI (dumping, subsidies)", "Article 8.2 of the Agreement on Safeguards")
    yield from (text for dispute in disputes().values() for text in (dispute.held, dispute.status))
    for pledge in (pledge for agreement in agreements().values() for pledge in agreement.pledges):
        yield pledge.says
        yield from filter(None, (pledge.unless, pledge.broken_if, pledge.limit))
    yield from (a.global_safeguard.says for a in agreements().values() if a.global_safeguard is not None)
    yield from (LATER, "the calendar of the case")
    for clock in clocks().values():
        yield from (clock.title, clock.who, clock.due, clock.lapses)
        yield from (clock.contested or "", clock.extension or "", *(other.counted_by for other in clock.alternatives))


def of_forecasts() -> Iterator[str]:
    """Yield what the record of forecasts says of its deadlines, and the titles of the bundled markets."""
    from entrepot.forecasting import bundled_record, made_forecast, record
    from entrepot.markets.bundled_markets import bundled_markets, market_facts

    for entry in bundled_record().entries:
        yield from (entry.title, *entry.ways.values(), entry.belief.why, entry.cost.why)
    yield from (record.METHOD, made_forecast.BY_TALKS, made_forecast.STATED)
    yield from (str(market_facts(name)["title"]) for name in bundled_markets())


def of_keys(value: object) -> Iterator[str]:
    """Yield the keys of a document and of those inside it, as words."""
    if isinstance(value, dict):
        yield from (str(key).replace("_", " ") for key in value)
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from of_keys(inside)


def of_cases() -> Iterator[str]:
    """Yield the titles in bundled cases."""
    from entrepot.cases import bundled_cases, load_case
    from entrepot.studies.titles import parts_of_label

    for name in bundled_cases():
        case = load_case(name)
        yield case.title
        yield case.question
        yield from filter(None, [case.assumption])
        yield from (event.event for event in case.calendar)
        yield from (outcome.what for outcome in case.afterwards.values())
        yield from (spec.title for spec in case.scenarios.values())
        yield from (watch.title for watch in case.report.markets)
        labels = (getattr(m, "label", None) for spec in case.scenarios.values() for m in spec.measures)
        yield from (parts_of_label(label)[0] for label in labels if label)
        if case.table is not None:
            yield from (issue.says for issue in case.table.issues.values() if issue.says)
            yield from (part.title for part in (*case.table.issues.values(), *case.table.offers.values()))
            yield from (move.title for menu in case.table.menus.values() for move in menu.values())
        if case.beliefs is not None:
            named = (*case.beliefs.types.values(), *case.beliefs.deals.values(), *case.beliefs.signals.values())
            yield from (part.title for part in named if part.title)


def in_data() -> dict[str, str]:
    """Return the texts of events, disputes and goods, each with the file of data that it is in."""
    from entrepot.cases import bundled_cases, load_case
    from entrepot.data.goods import goods
    from entrepot.rules.book import disputes

    found = {text: "rules/data/disputes.yaml" for one in disputes().values() for text in (one.held, one.status)}
    found |= {text: "data/reference/goods.yaml" for one in goods().values() for text in one.values() if text}
    for name in bundled_cases():
        case = load_case(name)
        texts = [*(event.event for event in case.calendar), *(outcome.what for outcome in case.afterwards.values())]
        found |= dict.fromkeys(texts, f"cases/bundled/{name}.yaml")
    return found


class Recorder(dict[str, str]):
    """A catalogue that translates nothing and keeps the messages that are looked up."""

    requested: ClassVar[dict[str, None]] = {}

    def get(self, message: str, default: str = "") -> str:  # type: ignore[override]
        """Return the default, and keep the message."""
        self.requested[message] = None
        return default


def of_runs() -> Iterator[str]:
    """Yield what the first screens, tables and findings of the bundled cases look up."""
    import entrepot as ep
    from entrepot.cases import bundled_cases
    from entrepot.report.terminal import as_text
    from entrepot.report.terminal_answer import render_answer, screen_lines

    own, languages.catalogue = languages.catalogue, lambda code: Recorder()
    try:
        with languages.speaking("de"):
            for name in bundled_cases():
                print(f"solving {name}", file=sys.stderr)
                study = ep.run(name)
                as_text(study)
                screen_lines(render_answer(study), 100)
    finally:
        languages.catalogue = own
    yield from Recorder.requested


def of_page() -> list[str]:
    """Return what the page of the desk says: its own sentences, and the titles of cases that it shows."""
    sentences: list[str] = []
    after_key = False
    for token in tokenize(WORDS.read_text(encoding="utf-8").partition("\n};")[0]):
        if token.type == "string" and after_key:
            sentences.append(unquote_string(token.value))
        elif token.type not in ("linecomment", "multilinecomment"):
            after_key = token.type == "operator" and token.value == ":"
    return list(filter(_is_text, dict.fromkeys([*sentences, *of_cases()])))


@functools.cache
def in_errors() -> dict[str, str]:
    """Return the errors of the source as messages, each with its module."""
    paths = sorted(SOURCE.rglob("*.py"))
    return errors_of({path.relative_to(SOURCE).as_posix(): path.read_text(encoding="utf-8") for path in paths})


def static_messages() -> list[str]:
    """Return the messages that stand in the source, in the registries and on the page."""
    found: dict[str, None] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        found |= dict.fromkeys(in_source(path))
    found |= dict.fromkeys(in_errors())
    found |= dict.fromkeys(in_templates())
    found |= dict.fromkeys(of_registries())
    found |= dict.fromkeys(of_page())
    return list(filter(_is_text, found))


def messages() -> list[str]:
    """Return every message, those of the source first."""
    found = dict.fromkeys([*static_messages(), *of_runs()])
    return list(filter(_is_text, found))


def _is_text(message: str) -> bool:
    return any(letter.isalpha() for letter in message) or message in (", ", "; ")


def main() -> None:
    """Update the catalogue of each language, and print how much is not translated."""
    wanted, on_page, places_of = messages(), set(of_page()), in_data() | in_errors()
    for code in languages.LANGUAGES:
        if code == languages.ENGLISH:
            continue
        path = CATALOGUES / f"{code}.po"
        old = {}
        if path.exists():
            with path.open("rb") as text:
                old = {m.id: m.string for m in read_po(text, code) if m.id and not m.fuzzy}
        new = Catalog(code, project="Entrepot", fuzzy=False)
        for message in wanted:
            places = [PLACE] if message in on_page else []
            places += [f"src/entrepot/{places_of[message]}"] if message in places_of else []
            new.add(message, old.get(message, ""), [(place, 0) for place in places])
        with path.open("wb") as file:
            write_po(file, new, width=118, omit_header=True, include_lineno=False)
        missing = sum(not old.get(message) for message in wanted)
        print(f"{path.relative_to(ROOT)}: {len(wanted)} messages, {missing} without translation")


if __name__ == "__main__":
    main()
