"""Write docs/rules.md from the book of rules.

python scripts/build_rules_page.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from build_sources_page import table
from entrepot.rules.book import (
    LAW_AS_OF,
    Agreement,
    Rate,
    agreements,
    disputes,
    fact_texts,
    missing,
    rates,
    rules,
    statutes,
)
from entrepot.rules.parties import appeal_arbitration
from entrepot.words import and_list, day, spoken

PAGE = Path(__file__).resolve().parents[1] / "docs" / "rules.md"

HEAD = """\
# Rules

`entrepot screen CASE [--on DATE] [--scenario NAME] [--format table|json|csv]` applies every rule in the book to every
measure and party of a case. In Python: `ep.screen("us-japan-autos-2019")`, or for measures without a case
`ep.screen([ep.Tariff(...)], world, on="2019-05-17", law={"under": "us-232"})`. `entrepot rules` lists the book,
`entrepot rules gatt-xi-1` shows one entry in full; a name as printed ("Safeguards 8.2"), the number of a statute
(1862), a word or a country finds it too.

A finding has one of five statuses. None of them means that a measure is legal: each names the rule, the fact and the
condition that decide.

| status | meaning |
| --- | --- |
| consistent | the rule is touched, and not breached on the facts here |
| departed from | it goes against a pledge outside a treaty, where there is nothing to breach |
| justified if CONDITION | it depends on the condition named: an unknown fact, or an exception that is relied on |
| contested | breached, unless an exception applies whose scope is disputed |
| inconsistent | breached on the facts here, and no exception that is relied on excuses it |

A finding shows its reasoning step by step, each step with its fact and its source; what would cure a breach; who may
complain, and what they may do. A security exception excuses only the party that relies on it: for a restraint sought
under a national-security statute, that is the importer, not the exporter that restrains its sales. An export quota, an
export ban or an export tax is the exporter's own: it alone answers for it, and it is the one that claims an exception.

A statute asks for a finding before a measure is taken (Section 232: that imports threaten the national security). The
book has those that are known, by goods and countries; one that is not known is a condition. A duty that is added to
the mean of a sector is compared with a ceiling as far as a mean goes: within it, the finding says that single
products may be above.

## What a case tells the law

```yaml
law:
  on: 2019-05-17                     # the date of the screen; a scenario may have its own
  bound_rates: [{country: USA, sector: metals, rate: 2%}]     # bound rates that the book does not have
  members: [Home, Away]              # countries of your own world that the WTO agreements bind; codes are looked up
  substantially_all: 90%             # the threshold for GATT XXIV:8; no text fixes one
scenarios:
  tariff:
    law:
      under: us-232                  # the statute, or an agreement (us-japan-2019); one or several, [] for none
      claims: [gatt-xx]              # exceptions relied on, besides those of the statute; by party: {JPN: [gatt-xx]}
      since: 2019-06-01              # when the measures begin (default: the date of the screen), and when they end
      until: 2021-05-17              # the first day without them
      facts: {serious_injury_found: yes}     # facts that cannot be computed
```

Some facts are computed: whether origins are treated differently, the duty against the bound rate, the share of trade
that an agreement frees, the share of recent trade that a quota allows, and the agreements in force on the date. The
other facts are stated by the case; a finding names those that are not stated as its condition.

## How sure

Every entry has a confidence. `seen`: the text or figure was seen on the page cited. `derived`: arithmetic on seen
figures. `general`: from general knowledge of the field, to be checked before it is relied on. `disputed`: authorities
disagree, as the entry explains. A finding has the lowest confidence of its steps. The law data were last checked on
LAW_AS_OF; a screen, or a printed calendar, on a later day says so. Law that moves has a day by which it is to be
read again (`review_by`); a screen that uses it on a later day says as of when the law is, and which entries are meant.

## What is known to be missing

As of LAW_AS_OF:

- What was put in force from July to September 2026 is in the book with its authority, its findings and its days, read
  in public repositories that keep the tariff schedule and not in the official journals: Section 301 over forced labour
  (91 FR 47318, from 24 July) and on Brazil (91 FR 45516, from 22 July); Section 338 on Canada (Proclamations 11046 to
  11048 and 11056, from 22 August; 11064 and 11065, from 15 September; import bans by 11061 to 11063, from 29
  September); Canada's surtax of 8 September (SOR/2026-186, a number that is inferred); Section 232 on medicines
  (11020), polysilicon (11052) and drones (11055); Section 201 on quartz (11051). The lists of goods of all of them are
  missing, so that a finding covers divisions of goods or a country's goods, and a single product may be outside.
- Section 301 on excess capacity; what came of the appeals on Section 122 and on the refunds of the emergency act's
  duties, and of the suit against the duties over forced labour (heard on 30 September 2026, by one report). What the
  WTO's Committee on Balance-of-Payments Restrictions concluded on the surcharge. What exceptions Canada relies on.
- Whether 25% was ever levied on EU cars (announced on 1 May 2026) or on Korean goods (26 January 2026).
- What followed the suspension of the EU's countermeasures to 6 August 2026, and the truce with China to 10 November
  2026. Whether the CPTPP binds Canada and the United Kingdom to each other since Canada's Act of May 2026.
- Whether the agreements with Taiwan and Indonesia are in force, and whether the frameworks with Switzerland, India
  and Viet Nam became agreements. Those with Argentina, Cambodia, Malaysia, Thailand and others.
- Section 232 by product: annexes, content rules, quotas and the rates of partners are in [exposures](exposure.md),
  not in the book, which has the findings by division of goods and the ceilings that partners were promised.
- The goods and rates of export duties bound on accession, and Annex 6 of China's protocol. Export articles of
  free-trade agreements.
- The free-trade agreements of the United States other than NAFTA, USMCA and KORUS, of the EU other than the EEA
  and that with Japan, and of China, India and ASEAN. The arrangements on steel of 2018-22 other than Korea's.
- Statutes on retaliation: their text was read for the United States, and in part for the EU and Japan; those of
  Canada, China, India, Korea and Mexico are from general knowledge. Export control acts other than China's. The
  orders and lists under all of them.
- Panels' and the Appellate Body's reports beyond those below.
- The statutes and agreements of the table at the end of this page, by name: Brazil's law of reciprocity (Law No.
  15.122 of 2025), Korea's statutes on trade remedies, Regulations (EU) 2015/478 and 2016/1036, the agreement of the
  EU and Korea, and others. A screen names the party whose own law is not in the book.
- Who has joined the MPIA since October 2025, and whether Paraguay has.

## What is not modelled

Services, sanitary and technical standards, customs valuation, rules of origin, accession protocols but for export
duties, waivers, schedules beyond the rates below, and Article 9.1 of the Agreement on Safeguards (small
suppliers that are developing Members are left out of a safeguard). Coverage under Article XXIV is computed from the
sector averages of an Economy: a sector counts as free when its average duty is at most 0.5%, or when the agreement
frees it; where the book describes only in words what an agreement leaves out, the result is a range. The book does
not have every agreement: `in_a_free_trade_agreement: yes` states one, and `no` states that there is none. Where
partners are left out of a measure, `claims: [gatt-xxiv]` relies on one that is not in the book, and the finding is
contested. A duty that is raised to what imports from Members left out of the measure usually pay (their median), and
no higher, may only end a preference where these imports are the larger part and nothing is claimed: it turns on
`ends_a_preference`, which a case may state. Measures on services (construction and all that follows it in ISIC) are
held against no rule but a statute and a standstill pledge, and the screen says so. The only statutes are those below.
The members of the European Union on a date act as one party from 1995, with the United Kingdom until the end of 2020;
before 1995 each acts alone. Where some of them take a measure without the others, the screen says that the Union sets
duties and limits on trade. The rest of the world is not a party.

## Appeals

Since 11 December 2019 the Appellate Body cannot hear appeals, so that an appeal leaves a panel's report unadopted.
Members of the Multi-Party Interim Appeal Arbitration Arrangement (MPIA; JOB/DSB/1/Add.12, 30 April 2020) arbitrate
appeals among themselves, under Article 25 of the Dispute Settlement Understanding: TAKING_PART. A finding says which
of the two holds between the party in breach and those that may complain. Which members take part, and from when, is
in `rules/data/members.yaml`, with its sources.
"""


def shelf(title: str, head: list[str], rows: list[list[str]]) -> str:
    """Return a section with a table."""
    return f"\n## {title}\n\n" + table(head, rows)


def in_force(agreement: Agreement) -> str:
    """Return the period in which an agreement is in force, in words."""
    began = str(agreement.in_force or f"statement of {agreement.signed}")
    apart = [" and ".join(pair.parties) for pair in agreement.not_between if pair.on(LAW_AS_OF)]
    period = f"{began} to {agreement.ended}" if agreement.ended else began
    return f"{period}; not between {', nor between '.join(apart)}" if apart else period


def by_date(rate: Rate) -> str:
    """Return the values of a rate by date, with its note."""
    steps = "; ".join(f"{v.since}: {v.specific or f'{100 * (v.rate or 0):g}%'}" for v in rate.values)
    return f"{steps}. {rate.note}" if rate.note else steps


def taking_part() -> str:
    """Return the members that arbitrate appeals among themselves, in words."""
    return and_list([spoken(name) for name in appeal_arbitration()])


def page() -> str:
    """Return the text of docs/rules.md."""
    provisions = [[f"`{r.id}`", r.provision, r.test, r.confidence] for r in rules().values()]
    authorities = [[f"`{s.id}`", f"{s.title}: {s.provision}", s.test, s.confidence] for s in statutes().values()]
    promises = [[f"`{a.id}`", a.title, in_force(a), a.left_out or ""] for a in agreements().values()]
    decided = [[f"`{d.id}`", f"{d.title}, {d.number}", str(d.decided), d.held] for d in disputes().values()]
    duties = [
        [f"`{r.id}`", f"{r.country}, {r.item} ({r.hs})", f"{r.kind} {r.agreement or ''}", by_date(r), r.confidence]
        for r in rates().values()
    ]
    lacking = [[f"`{a.id}`", f"{a.title}: {a.provision}", a.country] for a in missing().values()]
    stated = [[f"`{f.id}`", f.question] for f in fact_texts().values() if not f.computed]
    return "".join(
        [
            HEAD.replace("LAW_AS_OF", day(LAW_AS_OF)).replace("TAKING_PART", taking_part()),
            shelf("Provisions", ["id", "provision", "test", "how sure"], provisions),
            shelf("Statutes", ["id", "provision", "test", "how sure"], authorities),
            shelf("Agreements and statements", ["id", "what", "in force", "left out"], promises),
            shelf("Disputes and judgments", ["id", "what", "decided", "held"], decided),
            shelf("Rates", ["id", "what", "kind", "by date", "how sure"], duties),
            shelf("Missing from the book", ["id", "what", "of"], lacking),
            shelf("Facts that a case may state", ["fact", "question"], stated),
        ]
    )


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
