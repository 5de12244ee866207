"""The first screen has as many rows as leave it within its lines, and is laid out a few times to find them."""

from __future__ import annotations

import pytest
from rich.console import Group, RenderableType

from entrepot.markets.bundled_markets import load_market
from entrepot.report.terminal_answer import SCREEN, fitting, plain_text, screen_lines
from entrepot.report.terminal_market import _screen
from entrepot.studies.market_question import MarketAnswer
from entrepot.studies.market_tables import market_tables


def lines(count: int) -> RenderableType:
    return Group(*map(str, range(count)))


@pytest.mark.parametrize(
    ("runs", "shown"),
    [
        ([range(1000, 0, -1)], SCREEN),
        ([range(20, 0, -1)], 20),
        ([range(99, 40, -1), range(35, 10, -1)], SCREEN),
        ([range(99, 40, -1), range(80, 50, -1)], 51),
        ([[], [7]], 7),
    ],
)
def test_the_longest_screen_that_fits_is_found_in_few_tries(runs: list[range], shown: int) -> None:
    tried: list[int] = []

    def screen(count: int) -> RenderableType:
        tried.append(count)
        return lines(count)

    assert screen_lines(fitting(screen, 80, *runs), 80) == shown
    assert len(tried) <= 14


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_longer_table_of_a_market_fits(width: int) -> None:
    """Screens one row apart, one after the other, lead to the same."""
    answer = MarketAnswer(load_market("us-cars-2018"), None)
    table = next(iter(market_tables(answer).values()))
    counts = range(min(len(table.rows), 20), 2, -1)
    made = [plain_text(_screen(answer, table, count), width) for count in counts]
    first = next((text for text in made if len(text.splitlines()) <= SCREEN), made[-1])
    assert plain_text(fitting(lambda count: _screen(answer, table, count), width, counts), width) == first
