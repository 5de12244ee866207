"""Calls on several threads: their order, their context, and what happens when one fails."""

from __future__ import annotations

import threading
from concurrent.futures import ProcessPoolExecutor
from contextvars import ContextVar
from functools import partial
from multiprocessing import get_context

import pytest

from entrepot.numerics.side_by_side import cores, side_by_side


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_calls(threads: int) -> None:
    last = threading.Event()

    def first_waits_for_the_last(k: int) -> int:
        if k == 0 and threads > 1:
            assert last.wait(30)
        if k == 3:
            last.set()
        return k * k

    assert list(side_by_side([partial(first_waits_for_the_last, k) for k in range(4)], threads)) == [0, 1, 4, 9]


def test_calls_run_on_other_threads_at_the_same_time() -> None:
    meet = threading.Barrier(3, timeout=30)  # broken unless three calls are in it together
    ran = list(side_by_side([lambda: (meet.wait(), threading.get_ident())[1]] * 3, 3))
    assert len(set(ran)) == 3
    assert threading.get_ident() not in ran


def test_calls_see_the_context_of_the_caller() -> None:
    spoken = ContextVar("spoken", default="en")
    spoken.set("de")
    assert list(side_by_side([spoken.get] * 3, 2)) == ["de"] * 3


@pytest.mark.parametrize("threads", [1, 2])
def test_exception_comes_in_its_turn_and_ends_the_rest(threads: int) -> None:
    made: list[int] = []

    def call(k: int) -> int:
        made.append(k)
        if k == 1:
            raise ValueError("the second")
        return k

    results = side_by_side([partial(call, k) for k in range(50)], threads)
    assert next(results) == 0
    with pytest.raises(ValueError, match="the second"):
        next(results)
    assert list(results) == []
    if threads == 1:
        assert made == [0, 1]


def test_process_of_another_uses_one_core() -> None:
    assert cores() >= 1
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        assert pool.submit(cores).result() == 1
