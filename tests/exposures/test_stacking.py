"""The stacking of authorities, computed by hand, and the bundled stackings."""

from __future__ import annotations

import datetime

import pytest

import entrepot as ep
from entrepot.exposures import bundled_stackings, load_stacking
from entrepot.exposures.stacking import read_stacking
from entrepot.rules.book import statutes
from product_tables import expose, schedule, trade
from shelves import slow_after

CAR = "8703230190"


def duty(partner: str, *rows: tuple, **options: object) -> float:
    found = expose(trade((partner, CAR, 1e6)), schedule(*rows), **options)
    assert found.by_authority["applied"].sum() == pytest.approx(found.totals["applied"])
    return float(found.totals["applied"])


BASE = ("87", "", 0.025)


@pytest.mark.parametrize(
    ("partner", "rows", "rate"),
    slow_after(
        3,
        [
            # what adds, adds
            ("FRA", [BASE, ("87", "", 0.1, "general")], 0.125),
            # the lowest base is claimed; a dearer preference is not
            ("FRA", [BASE, ("87", "FRA", 0.0, "fta")], 0.0),
            ("FRA", [BASE, ("87", "FRA", 0.05, "fta")], 0.025),
            # what replaces the base does so where it is higher too
            ("FRA", [BASE, ("87", "FRA", 0.4, "column2"), ("87", "FRA", 0.0, "fta")], 0.4),
            # one that is charged keeps away those that it excludes
            ("FRA", [BASE, ("87", "", 0.25, "autos"), ("87", "", 0.5, "steel"), ("87", "", 0.1, "general")], 0.275),
            ("FRA", [BASE, ("87", "", 0.5, "steel"), ("87", "", 0.1, "general")], 0.525),
            # one at zero, or kept away itself, keeps nobody away
            ("FRA", [BASE, ("87", "", 0.0, "autos"), ("87", "", 0.5, "steel")], 0.525),
            # exempt partners
            ("CAN", [BASE, ("87", "", 0.1, "general")], 0.025),
            # a ceiling with the base in it: max(15%, base), never more than the rate itself
            ("JPN", [BASE, ("87", "", 0.25, "general")], 0.15),
            ("JPN", [("87", "", 0.25), ("87", "", 0.25, "general")], 0.25),
            ("JPN", [BASE, ("87", "", 0.05, "general")], 0.075),
            # a ceiling that is the schedule's own rate, and one without the base
            ("KOR", [BASE, ("87", "", 0.2, "general")], 0.2),
            ("GBR", [BASE, ("87", "", 0.2, "general")], 0.125),
            # without a base rate there is the additional duty alone
            ("FRA", [("87", "", 0.25, "autos")], 0.25),
        ],
    ),
)
def test_stacked_duty_equals_the_rate_by_hand(partner: str, rows: list, rate: float) -> None:
    assert duty(partner, *rows) == pytest.approx(rate, abs=1e-15)


def test_a_proposal_replaces_its_authority_and_no_other() -> None:
    rows = [BASE, ("87", "", 0.25, "autos"), ("87", "", 0.1, "general"), ("87", "", 0.0, "autos", "proposed")]
    found = expose(trade(("FRA", CAR, 1e6)), schedule(*rows))
    assert found.totals["applied"] == pytest.approx(0.275)
    assert found.totals["proposed"] == pytest.approx(0.125)
    assert found.by_authority.loc["general", ["applied", "proposed"]].to_list() == pytest.approx([0.0, 0.1])


def test_a_proposal_in_a_table_of_its_own() -> None:
    new = schedule(("87", "", 0.5)).drop(columns=["kind", "authority"])
    found = expose(trade(("FRA", CAR, 1e6)), schedule(BASE), new)
    assert found.totals["proposed"] == pytest.approx(0.5)


def test_ceiling_that_lowers_a_proposal_is_noted() -> None:
    rows = [BASE, ("87", "", 0.1, "general"), ("87", "JPN", 0.5, "general", "proposed")]
    found = expose(trade(("JPN", CAR, 1e6)), schedule(*rows))
    assert found.totals["proposed"] == pytest.approx(0.15)
    assert any("ceiling in the stacking lowers proposed rates on 1 line" in note for note in found.notes)


# ---- the United States in 2025 ----

AUTOS = [BASE, ("8703", "", 0.25, "232 autos"), ("ALL", "", 0.1, "reciprocal")]


@pytest.mark.parametrize(
    ("partner", "day", "rate"),
    slow_after(
        2,
        [
            ("JPN", "2025-09-15", 0.275),
            ("JPN", "2025-09-16", 0.15),
            ("DEU", "2025-07-31", 0.275),
            ("DEU", "2025-08-01", 0.15),
            ("KOR", "2025-11-01", 0.15),
            ("CHN", "2025-12-31", 0.275),
        ],
    ),
)
def test_duty_on_cars_in_2025(partner: str, day: str, rate: float) -> None:
    assert duty(partner, *AUTOS, stacking="us-2025", on=day) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("day", "rate"),
    slow_after(2, [("2025-06-03", 0.25), ("2025-06-04", 0.5), ("2025-05-15", 0.25)]),
)
def test_steel_from_canada_pays_one_of_two(day: str, rate: float) -> None:
    """EO 14289 put the border duty first; Proclamation 10947 turned the two round on 4 June 2025."""
    rows = [("87", "", 0.0), ("87", "", 0.5, "232 steel"), ("ALL", "CAN", 0.25, "ieepa-canada")]
    assert duty("CAN", *rows, stacking="us-2025", on=day) == pytest.approx(rate)


def test_steel_and_aluminium_add_up_and_keep_the_reciprocal_duty_away() -> None:
    rows = [BASE, ("87", "", 0.5, "232 steel"), ("87", "", 0.5, "232 aluminum"), ("ALL", "", 0.1, "reciprocal")]
    assert duty("IND", *rows, stacking="us-2025") == pytest.approx(1.025)


def test_china_pays_all_of_them() -> None:
    rows = [BASE, ("87", "CHN", 0.25, "301"), ("ALL", "CHN", 0.1, "fentanyl"), ("ALL", "", 0.1, "reciprocal")]
    assert duty("CHN", *rows, stacking="us-2025") == pytest.approx(0.475)


@pytest.mark.parametrize(
    ("partner", "day", "rate"),
    slow_after(
        2,
        [
            ("CHN", "2026-03-15", 0.275),
            ("JPN", "2026-03-15", 0.15),
            ("CHN", "2026-02-20", 0.275),
            ("JPN", "2025-08-07", 0.275),
        ],
    ),
)
def test_cars_in_the_book_of_2026(partner: str, day: str, rate: float) -> None:
    """2.5 + 25, and no surcharge beside it; 15% all together for Japan from 16 September 2025."""
    rows = [*AUTOS, ("ALL", "", 0.1, "section 122")]
    assert duty(partner, *rows, stacking="us-2026", on=day) == pytest.approx(rate)


def test_usmca_goods_are_outside_the_border_duty() -> None:
    rows = [BASE, ("ALL", "MEX", 0.25, "fentanyl Mexico"), ("8703", "USMCA", 0.0, "USMCA")]
    assert duty("MEX", *rows, stacking="us-2025") == pytest.approx(0.0)
    assert duty("MEX", *rows[:2], stacking="us-2025") == pytest.approx(0.275)


def test_ieepa_ends_with_learning_resources() -> None:
    found = expose(trade(("CHN", CAR, 1e6)), schedule(BASE, AUTOS[2]), stacking="us-2025", on="2026-02-20")
    assert found.totals["applied"] == pytest.approx(0.025)
    assert any("IEEPA, reciprocal (until 2026-02-20)" in note for note in found.notes)


@pytest.mark.slow
def test_the_united_states_have_their_own_rules_by_default() -> None:
    assert ep.exposures.exposure(trade(("JPN", CAR, 1e6)), schedule(BASE)).stacking.stacking == "us-2025"
    other = ep.exposures.exposure(trade(("JPN", CAR, 1e6), importer="CHN"), schedule(BASE, importer="CHN"))
    assert other.stacking.stacking == "plain"


@pytest.mark.parametrize("name", bundled_stackings())
def test_bundled_rules_are_sourced_and_fit_the_book(name: str) -> None:
    found = load_stacking(name)
    assert found.stacking == name
    for authority in found.authorities:
        assert authority.source is not None, authority.id
        assert authority.confidence is not None, authority.id
        assert authority.statute is None or authority.statute in statutes(), authority.id
        for ceiling in authority.ceilings:
            assert ceiling.source, authority.id
            assert ceiling.since, authority.id
    for day in (datetime.date(2025, 3, 4) + datetime.timedelta(days=k) for k in range(0, 400, 7)):
        assert len(found.order(day)) == len(found.authorities)


def test_the_ceilings_of_2025_are_those_of_the_agreements() -> None:
    from entrepot.rules.book import agreements

    autos = next(a for a in load_stacking("us-2025").authorities if a.id == "us-232-autos")
    mine = {c.partners[0]: (c.rate, c.since) for c in autos.ceilings}
    for name, partner in (("us-japan-2025", "JPN"), ("us-eu-2025", "EU27")):
        pledge = next(p for p in agreements()[name].pledges if p.kind == "rate_ceiling")
        assert mine[partner] == (pledge.rate, pledge.since)


# ---- files of the user's own ----


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("authorities: 3", "authorities"),
        ("authorities:\n  - {id: a, applies: base}\n  - {id: b, applies: on_top}", "line 3.*applies"),
        ("authorities:\n  - {id: a, applies: adds}", "no authority is a base"),
        ("authorities:\n  - {id: a, applies: base}\n  - {id: a, applies: adds}", "is repeated|name of"),
        (
            "authorities:\n  - {id: mfn, applies: base}\n  - {id: b, applies: adds, excluded_by: [c]}",
            "no authority 'c'",
        ),
        (
            "authorities:\n  - {id: mfn, applies: base, ceilings: [{partners: [JPN]}]}",
            "an authority that adds to the base",
        ),
        ("authorities:\n  - {id: mfn, applies: base, colour: red}", "line 2.*colour"),
        ("authorities:\n  - {id: mfn, applies: base, names: [X]}\n  - {id: b, applies: adds, names: [x]}", "a name of"),
        ("- 1", "keys with values"),
    ],
)
def test_faults_have_their_line(text: str, message: str) -> None:
    with pytest.raises(ep.errors.DocumentError, match=message):
        read_stacking(text, "mine.yaml")


def test_names_of_authorities_differ_in_every_script() -> None:
    text = "authorities:\n  - {id: mfn, applies: base, names: [最恵国]}\n"
    text += "  - {id: b, applies: adds, names: [附加税, Zölle]}"
    mine = read_stacking(text, "mine.yaml")
    assert [mine.find(name).id for name in ("最恵国", "附加税", "ZÖLLE", "MFN")] == ["mfn", "b", "b", "mfn"]
    for name in ("反倾销税", "-", "Zlle"):
        with pytest.raises(ep.errors.UnknownNameError, match="authority"):
            mine.find(name)


def test_a_circle_is_refused() -> None:
    text = (
        "authorities:\n  - {id: mfn, applies: base}\n  - {id: a, applies: adds, excluded_by: [b]}\n"
        "  - {id: b, applies: adds, excluded_by: [a]}"
    )
    with pytest.raises(ep.errors.InputError, match=r"on 2025-12-31 these exclude each other in a circle"):
        expose(trade(("JPN", CAR, 1e6)), schedule(BASE), stacking=read_stacking(text, "mine.yaml"))


def test_unknown_names() -> None:
    with pytest.raises(ep.errors.UnknownNameError, match="did you mean us-2026 or us-2025"):
        load_stacking("us-2024")
    text = "authorities:\n  - {id: mfn, applies: base}\n  - {id: a, applies: adds, exempt: [Jpan]}"
    with pytest.raises(ep.errors.UnknownNameError, match="unknown country 'Jpan'"):
        expose(trade(("JPN", CAR, 1e6)), schedule(("87", "", 0.1, "a")), stacking=read_stacking(text, "mine.yaml"))
