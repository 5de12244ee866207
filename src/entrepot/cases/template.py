"""The file that `entrepot case new` writes."""

from __future__ import annotations

import re
import unicodedata

from entrepot.documents import plain, read_yaml

TEMPLATE = """\
# A case for Entrepot. Check it with 'entrepot case check', run it with 'entrepot run'.
case: {name}
title: A 10-point tariff on steel, and the quota that leaves the same volume
question: Who gains and who loses, and does it matter who holds the licences?
economy: world2022              # or the path of a saved Economy
# base: today                   # a scenario that is in force already: the others are measured from it
# theta: cp2015                 # other trade elasticities: a number, a published set, or by sector
# closure: {{horizon: short, labour_share: 0.6}}   # what is held fixed: docs/closures.md
parties: [USA, EU27, KOR]       # codes, names or groups; the report's columns

sources:                        # every fact that you use, so that others can check it
  - {{id: my-source, title: Title of the document, publisher: Who published it, date: 2022-06-01}}

calendar:                       # with kind: us-232-initiation and the like, clocks run: docs/calendar.md
  - {{date: 2022-06-01, event: What happened, sources: [my-source]}}

# law: {{on: 2022-06-01}}        # facts that the screen cannot compute: docs/rules.md

scenarios:
  tariff:
    title: 10 points on steel from all but Canada and Mexico
    measures:                   # tariff, ver, quota, trq, export_tax, production_subsidy, ntb, ...
      - tariff: {{importer: USA, exporter: WORLD, exempt: [CAN, MEX], sector: steel, rate: 10%, change: add}}
  quota:
    title: The same volume under US import licences
    measures:
      - quota: {{importer: USA, exporter: WORLD, exempt: [CAN, MEX], sector: steel, cap: {{match: tariff}}}}
  restraint:
    title: The same volume, restrained by the exporters
    measures:
      - ver: {{importer: USA, exporter: WORLD, exempt: [CAN, MEX], sector: steel, cap: {{match: tariff}}}}

report:                         # what the page shows first; every part is optional
  protected: {{country: USA, sector: steel}}       # rd_intensity: 0.02 adds its capacity to spend on research
  swap: {{scenarios: [tariff, quota, restraint], parties: [USA, EU27]}}
  markets:
    - {{title: US imports of steel, importer: USA, sectors: [steel], exporters: [EU27, KOR, CAN, MEX]}}
"""


def new_case(name: str) -> str:
    """Return a case to start from, named as its file: "Thép 2026" is thep-2026, what has no Latin letters my-case."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("đ", "d"))
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    case = re.sub("[^a-z0-9]", "-", letters).strip("-") or "my-case"
    return TEMPLATE.format(name=case if plain(read_yaml(case)) == case else f"'{case}'")
