"""The products that the map takes, in full or as differences from a base: the same sums over flows, written out."""

from __future__ import annotations

import numpy as np
import pytest

from entrepot.equilibrium import trade_links as module
from entrepot.equilibrium.trade_links import FEW, MOST, OwnLinks, Places, SharedLinks, _blocks, links

SHAPE = (4, 3, 3)  # sectors, importers, exporters
#: In the first and the last sector nothing stands between user and producer.
WEDGED = np.array([False, True, True, False])


def base(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """pi k^-theta on every flow, and net of wedges where there are some."""
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.1, 1.0, SHAPE)
    share /= share.sum(axis=2, keepdims=True)
    return share, share / (1 + np.where(WEDGED[:, None, None], rng.uniform(0, 0.3, SHAPE), 0.0))


def at(*flows: tuple[int, int, int, int], stacked: bool = True) -> Places:
    """Places of (member, sector, importer, exporter)."""
    member = np.array([f[0] for f in flows], dtype=np.intp)
    flow = np.array([np.ravel_multi_index(f[1:], SHAPE) for f in flows], dtype=np.intp)
    return Places.of(flow, member, SHAPE, stacked)


def written_out(attraction: np.ndarray, net: np.ndarray, u: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
    """Price sums, demand, sales and purchases of one world, flow by flow."""
    sectors, countries, _ = SHAPE
    phi, demand, sales, purchases = (np.zeros(SHAPE[:2]) for _ in range(4))
    for j in range(sectors):
        for n in range(countries):
            phi[j, n] = sum(attraction[j, n, i] * u[j, i] for i in range(countries))
            demand[j, n] = x[j, n] / phi[j, n]
            purchases[j, n] = sum(net[j, n, i] * u[j, i] * demand[j, n] for i in range(countries))
        for i in range(countries):
            sales[j, i] = sum(net[j, n, i] * u[j, i] * demand[j, n] for n in range(countries))
    return [phi, demand, sales, purchases]


CHANGES = [(0, 1, 0, 1), (0, 2, 2, 2), (1, 1, 0, 1), (1, 2, 1, 0), (2, 1, 2, 2)]


@pytest.mark.parametrize("kind", ["own", "shared"])
@pytest.mark.parametrize("block", [None, 1, 2], ids=["one block", "a sector a block", "two sectors a block"])
def test_products_of_a_stack(kind: str, block: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if block is not None:
        monkeypatch.setattr(module, "BLOCK_BYTES", block * 9 * 8)
    share, net_share = base()
    places = at(*CHANGES)
    made: OwnLinks | SharedLinks
    if kind == "own":
        made = OwnLinks(share, net_share, (3,), WEDGED)
    else:
        made = SharedLinks(share, net_share, 3, WEDGED, places.flow, places.member)
    attraction, net = (np.stack([part] * 3) for part in (share, net_share))
    rng = np.random.default_rng(1)
    one, other = rng.uniform(0.1, 0.5, (2, len(CHANGES)))
    made.set(made.slots(places), one, other)
    for flow, a, b in zip(CHANGES, one, other, strict=True):
        attraction[flow], net[flow] = a, b
    found = made.read(made.slots(places))
    np.testing.assert_array_equal(found, [one, other])
    u, x = rng.uniform(0.5, 2.0, (2, 3, *SHAPE[:2]))
    for k, parts in enumerate(zip(*made.trade(u, x), strict=True)):
        for part, expected in zip(parts, written_out(attraction[k], net[k], u[k], x[k]), strict=True):
            np.testing.assert_allclose(part, expected, rtol=1e-12)
    every = [(k, *f) for k in range(3) for f in np.ndindex(SHAPE)]
    np.testing.assert_array_equal(made.net_on(at(*every)), net.ravel())
    np.testing.assert_array_equal(made.at_home()[1], net[:, :, range(3), range(3)])


def test_products_of_one_world() -> None:
    share, net_share = base()
    made = OwnLinks(share, net_share, (), WEDGED)
    rng = np.random.default_rng(2)
    u, x = rng.uniform(0.5, 2.0, (2, *SHAPE[:2]))
    for part, expected in zip(made.trade(u, x), written_out(share, net_share, u, x), strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-12)
    alone = at((0, 2, 1, 0), stacked=False)
    made.set(made.slots(alone), 0.25, 0.125)
    assert (made.attraction[2, 1, 0], made.net[2, 1, 0]) == (0.25, 0.125)
    assert share[2, 1, 0] != 0.25, "the base stays as it was"
    assert made.net_on(alone) == pytest.approx([0.125])


def test_members_with_bases_of_their_own() -> None:
    several = [base(seed) for seed in (3, 4)]
    share, net_share = (np.stack(parts) for parts in zip(*several, strict=True))
    made = links(share, net_share, (2,), WEDGED, at().flow, at().member)
    assert isinstance(made, OwnLinks), "there is no one base to differ from"
    u, x = np.random.default_rng(5).uniform(0.5, 2.0, (2, 2, *SHAPE[:2]))
    for k, parts in enumerate(zip(*made.trade(u, x), strict=True)):
        for part, expected in zip(parts, written_out(*several[k], u[k], x[k]), strict=True):
            np.testing.assert_allclose(part, expected, rtol=1e-12)


def test_links_of_members_without_differences() -> None:
    share, net_share = base()
    made = links(share, net_share, (2,), WEDGED, at().flow, at().member)
    assert isinstance(made, SharedLinks)
    every = [(k, *f) for k in range(2) for f in np.ndindex(SHAPE)]
    np.testing.assert_array_equal(made.net_on(at(*every)), np.concatenate([net_share.ravel()] * 2))


def test_repeated_flow_is_kept_once() -> None:
    share, net_share = base()
    twice = at((1, 2, 1, 0), (0, 1, 0, 1), (1, 2, 1, 0))
    made = SharedLinks(share, net_share, 2, WEDGED, twice.flow, twice.member)
    assert made.net.size == 2
    assert made.slots(twice).tolist() == [1, 0, 1], "in the order of members and flows"
    assert made.read(made.slots(twice))[0].tolist() == [share[2, 1, 0], share[1, 0, 1], share[2, 1, 0]]


# ---- which of the two ----


@pytest.mark.parametrize(("count", "kind"), [(5, SharedLinks), (6, OwnLinks)])
def test_few_differences_are_held_apart_and_many_are_not(count: int, kind: type) -> None:
    """FEW, a twentieth, of 5 members' 20 flows each: five."""
    assert FEW == 0.05
    share = np.full((5, 2, 2), 0.5)
    member, none = np.arange(count, dtype=np.intp) % 5, np.zeros(count, dtype=np.intp)
    places = Places.of(none + np.arange(count) // 5 * 4, member, share.shape, True)
    assert isinstance(links(share, share, (5,), np.ones(5, dtype=bool), places.flow, places.member), kind)


@pytest.mark.parametrize(
    ("flows", "kind"),
    [
        ([(0, 0)], SharedLinks),  # 0.99 of the market of the first importer: no more than MOST
        ([(0, 0), (0, 1)], OwnLinks),  # and 0.01 more
        ([(0, 1), (1, 0)], SharedLinks),  # of several members each its part
        ([(0, 2), (0, 3)], OwnLinks),  # all of the second importer's
        ([(0, 0), (0, 2)], SharedLinks),  # in two markets
    ],
)
def test_nearly_whole_market_is_not_stored_as_differences(flows: list[tuple[int, int]], kind: type) -> None:
    assert MOST == 0.99
    share = np.zeros((20, 2, 2)) + 0.5
    share[0] = [[0.99, 0.01], [0.5, 0.5]]
    member, flow = (np.array(part, dtype=np.intp) for part in zip(*flows, strict=True))
    places = Places.of(flow, member, share.shape, True)
    assert isinstance(links(share, share, (2,), np.ones(20, dtype=bool), places.flow, places.member), kind)


def test_one_world_alone_has_its_links_in_full() -> None:
    assert isinstance(links(*base(), (), WEDGED, at(stacked=False).flow, None), OwnLinks)


# ---- blocks ----


def test_blocks_are_runs_of_one_kind_and_of_no_more_than_a_length() -> None:
    wedged = np.array([False, False, True, True, True, False])
    assert _blocks(wedged, 2) == [
        (slice(0, 2), False),
        (slice(2, 4), True),
        (slice(4, 5), True),
        (slice(5, 6), False),
    ]
    assert _blocks(wedged, 9) == [(slice(0, 2), False), (slice(2, 5), True), (slice(5, 6), False)]
    assert _blocks(wedged[:1], 1) == [(slice(0, 1), False)]


def test_a_block_is_so_many_matrices_of_countries_as_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 x 3 doubles are 72 bytes: two of them in 144 up to 215, and never less than one."""
    share, net_share = base()
    every = np.ones(4, dtype=bool)
    for size, stops in ((143, [1, 2, 3, 4]), (144, [2, 4]), (215, [2, 4]), (216, [3, 4]), (1, [1, 2, 3, 4])):
        monkeypatch.setattr(module, "BLOCK_BYTES", size)
        made = OwnLinks(share, net_share, (), every)
        assert [block.stop for block, _ in made._blocks] == stops
    shared = SharedLinks(share, net_share, 1, every, at().flow, at().member)
    assert [(block, net is None) for block, net in shared._blocks] == [(slice(0, 4), False)]


# ---- places ----


def test_places_of_flows() -> None:
    """Flow (j, n, i) of member b: its producer in [b, j, i], its buyer in [b, j, n], and both among b's countries."""
    places = at((1, 3, 2, 0), (2, 1, 0, 1))
    assert [part.tolist() for part in places.source] == [[1, 2], [3, 1], [0, 1]]
    assert [part.tolist() for part in places.sink] == [[1, 2], [3, 1], [2, 0]]
    assert places.sector.tolist() == [3, 1]
    assert places.exporter.tolist() == [1 * 3 + 0, 2 * 3 + 1]
    assert places.importer.tolist() == [1 * 3 + 2, 2 * 3 + 0]
    assert [len(part.source) for part in (places, at((0, 1, 1, 1), stacked=False))] == [3, 2]
    second = places.some(np.array([1]))
    both = second.and_(at((0, 0, 1, 2)))
    for found, flows in ((second, [(2, 1, 0, 1)]), (both, [(2, 1, 0, 1), (0, 0, 1, 2)])):
        expected = at(*flows)
        for key in ("member", "flow", "sector", "exporter", "importer"):
            assert getattr(found, key).tolist() == getattr(expected, key).tolist()
        for key in ("source", "sink"):
            assert [p.tolist() for p in getattr(found, key)] == [p.tolist() for p in getattr(expected, key)]
