"""A small case with a path, for tests of the command line, the API and the report."""

from __future__ import annotations

from pathlib import Path

from small_sweep import CASE, small

PATH = """\
timeline:
  from: 2019-01-01
  until: 2021-01-01
  discount_rate: 3%
  deadline: 2019-11-13
  if_agreed: {title: Nothing more}
  if_lapsed: {in_force: [{scenario: tariff, from: 2019-12-01}]}
path:
  branch: lapsed
  expectations: beliefs
  belief: 40%
  capital: {}
  inventories: {sectors: s00}
  beliefs: {tariff: {announced: 2019-05-17}}
"""


def small_path(folder: Path, old: str = "", new: str = "", more: str = "", case: str = CASE) -> str:
    """Write the case, with one text of its path in place of another, and return its file."""
    return str(small(folder, more=PATH.replace(old, new) + more, case=case))
