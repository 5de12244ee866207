"""Write docs/rules.md from the book of rules.

python scripts/build_rules_page.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from build_sources_page import table
from entrepot.rules.book import Agreement, Rate, agreements, disputes, fact_texts, rates, rules, statutes

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rules.md"

HEAD = """\
# Rules

`entrepot screen CASE [--on DATE] [--scenario NAME] [--format table|json|csv]` asks every rule in the book about every
measure and party of a case. In Python: `ep.screen("us-japan-autos-2019")`, or of measures alone
`ep.screen([ep.Tariff(...)], world, on="2019-05-17", law={"under": "us-232"})`. `entrepot rules` lists the book,
`entrepot rules gatt-xi-1` shows one entry whole.

A finding has a status on a plain scale. None of them says that a measure is legal: each names the rule, the fact and
the condition that decide.

| status | meaning |
| --- | --- |
| consistent | the rule is touched, and not breached on the facts here |
| justified if CONDITION | it turns on a condition that is named: a fact that is not known, or an exception relied on |
| contested | breached unless an exception holds whose reach is in dispute |
| inconsistent | breached on the facts here, and no exception that is relied on excuses it |

Every finding has its reasoning step by step, each step with the fact it used and where that was found; what would cure
it; who may complain, and what they may do. A security exception excuses only the party that relies on it: in a
restraint asked for under a national-security statute that is the importer, not the exporter who restrains itself.

## What a case tells the law

```yaml
law:
  on: 2019-05-17                     # the date of the screen; a scenario may have its own
  bound_rates: [{country: USA, sector: metals, rate: 2%}]     # ceilings that the book does not have
  members: [Home, Away]              # countries of your own world that the WTO agreements bind; codes are looked up
  substantially_all: 90%             # the mark for GATT XXIV:8; no text agrees on one
scenarios:
  tariff:
    law:
      under: us-232                  # the statute, or an agreement (us-japan-2019); one or several
      claims: [gatt-xx]              # exceptions relied on, beside the statute's own; by party: {JPN: [gatt-xx]}
      since: 2019-06-01              # when the measures begin (else the day of the screen), and the day they end
      until: 2021-05-17
      facts: {injury_found: yes}     # facts that cannot be computed
```

Facts that can be computed are computed: whether origins are told apart, the duty against the bound rate, the share of
trade that an agreement frees, what a quota leaves of recent trade, agreements in force on the date. Facts that cannot
are stated; what is not stated is named as the condition.

## How sure

Every entry says how sure it is. `seen`: the text or figure was seen in the page named. `derived`: arithmetic on seen
figures. `general`: from general knowledge of the field, to be checked before it is relied on. `disputed`: authorities
disagree, as the entry says. A finding is as sure as its weakest step.

## What is not modelled

Services, sanitary and technical standards, customs valuation, rules of origin, accession protocols, waivers, and
schedules beyond the rates below. Coverage under Article XXIV is computed from an Economy's sector averages: a sector
counts as free when its average duty is below 0.5%, or when the agreement frees it; where an agreement leaves something
out that the data know in words alone, a range is given. The book does not have every agreement:
`in_a_free_trade_agreement: yes` states one, and `no` that there is none. Of statutes only those of the United States,
the European Union and Japan below are known. The members of the European Union at a date act as one party from 1995,
with the United Kingdom to the end of 2020; before that each stands alone. The rest of the world is nobody's party.
"""


def shelf(title: str, head: list[str], rows: list[list[str]]) -> str:
    return f"\n## {title}\n\n" + table(head, rows)


def in_force(agreement: Agreement) -> str:
    began = str(agreement.in_force or f"statement of {agreement.signed}")
    return f"{began} to {agreement.ended}" if agreement.ended else began


def by_date(rate: Rate) -> str:
    steps = "; ".join(f"{v.since}: {v.specific or f'{100 * (v.rate or 0):g}%'}" for v in rate.values)
    return f"{steps}. {rate.note}" if rate.note else steps


def page() -> str:
    provisions = [[f"`{r.id}`", r.provision, r.test, r.confidence] for r in rules().values()]
    authorities = [[f"`{s.id}`", f"{s.title}: {s.provision}", s.test, s.confidence] for s in statutes().values()]
    promises = [[f"`{a.id}`", a.title, in_force(a), a.left_out or ""] for a in agreements().values()]
    decided = [[f"`{d.id}`", f"{d.title}, {d.number}", str(d.decided), d.held] for d in disputes().values()]
    duties = [
        [f"`{r.id}`", f"{r.country}, {r.item} ({r.hs})", f"{r.kind} {r.agreement or ''}", by_date(r), r.confidence]
        for r in rates().values()
    ]
    stated = [[f"`{f.id}`", f.question] for f in fact_texts().values() if not f.computed]
    return "".join(
        [
            HEAD,
            shelf("Provisions", ["id", "provision", "test", "how sure"], provisions),
            shelf("Statutes", ["id", "provision", "test", "how sure"], authorities),
            shelf("Agreements and statements", ["id", "what", "in force", "left out"], promises),
            shelf("Disputes and judgments", ["id", "what", "decided", "held"], decided),
            shelf("Rates", ["id", "what", "kind", "by date", "how sure"], duties),
            shelf("Facts that a case may state", ["fact", "question"], stated),
        ]
    )


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
