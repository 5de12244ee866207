"""A small case with a market, whose world economy is solved in a few hundredths of a second."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from worlds import random_world

CASE = """\
case: small
title: A small market
question: What do makers gain?
economy: {economy}
parties: [USA, JPN]
scenarios:
  tariff:
    title: a tariff
    measures:
      - tariff: {{importer: USA, exporter: JPN, sector: s00, rate: 20%, change: add}}
  ver:
    title: a restraint at the same units
    measures:
      - ver: {{importer: USA, exporter: JPN, sector: s00, cap: {{match: tariff}}}}
  trq:
    title: a tariff-rate quota
    measures:
      - trq: {{importer: USA, exporter: JPN, sector: s00, cap: 80%, out_rate: 30%}}
market:
  importer: USA
  sector: s00
  unit: 1
  market_size: 6000
  {how}
  products:
    - {{product: Alpha, firm: Atlas, plant: USA, price: 21, quantity: 310}}
    - {{product: Beta, firm: Union, plant: USA, price: 38, quantity: 260}}
    - {{product: Kei, firm: Nippon, plant: JPN, price: 22, quantity: 280}}
    - {{product: Sora, firm: Nippon, plant: USA, owner: JPN, price: 33, quantity: 240}}
uncertainty:
  theta: {{lognormal: {{sd: 0.2}}}}
{more}
"""


def small(folder: Path, how: str, more: str = "") -> Path:
    world = random_world(3, 2, seed=3)
    names = dict(zip(sorted(world.countries), ["USA", "JPN", "ROW"], strict=True))
    economy = folder / "world.npz"
    dataclasses.replace(world, countries=tuple(names[c] for c in world.countries)).save(economy)
    path = folder / "small.yaml"
    path.write_text(CASE.format(economy=economy, how=how, more=more))
    return path
