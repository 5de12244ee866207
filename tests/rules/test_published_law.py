"""The figures of the book against what was published: periods, days, rates and ceilings, kept a second time by hand.

Each row is what the entry's own citation says; a slip of a day or of a tenth of a point in the data does not pass.
"""

from __future__ import annotations

import datetime
from itertools import pairwise

import pytest

from entrepot.rules.book import agreements, disputes, rates, rules, statutes
from entrepot.rules.clocks import clocks
from entrepot.words import day

Date = datetime.date

#: By clock: how long, and the zone in which its last day ends.
PERIODS: dict[str, tuple[int, str, str]] = {
    # 19 U.S.C. 1862(b)(3)(A), (c)(1)(A), (c)(1)(B), (c)(2), (c)(3)(A)
    "us-232-report": (270, "days", "America/New_York"),
    "us-232-determination": (90, "days", "America/New_York"),
    "us-232-action": (15, "days", "America/New_York"),
    "us-232-reasons": (30, "days", "America/New_York"),
    "us-232-negotiation": (180, "days", "America/New_York"),
    # 19 U.S.C. 2132(a); 2252(b)(2), 2252(f), 2253(a)(4), 2253(e)(1); 2414(a)(2)(B), 2415(a), 2417(c); 50 U.S.C. 1622(d)
    "us-122-end": (150, "days", "America/New_York"),
    "us-201-injury": (120, "days", "America/New_York"),
    "us-201-report": (180, "days", "America/New_York"),
    "us-201-action": (60, "days", "America/New_York"),
    "us-201-end": (8, "years", "America/New_York"),
    "us-301-determination": (12, "months", "America/New_York"),
    "us-301-action": (30, "days", "America/New_York"),
    "us-301-end": (4, "years", "America/New_York"),
    "us-ieepa-renewal": (1, "years", "America/New_York"),
    # Agreement on Safeguards, Articles 6, 7.1, 7.3, 8.2, 8.3, 9.2
    "sg-6-provisional": (200, "days", "Europe/Zurich"),
    "sg-7-four-years": (4, "years", "Europe/Zurich"),
    "sg-7-eight-years": (8, "years", "Europe/Zurich"),
    "sg-9-ten-years": (10, "years", "Europe/Zurich"),
    "sg-8-consultations": (30, "days", "Europe/Zurich"),
    "sg-8-suspension": (90, "days", "Europe/Zurich"),
    "sg-8-notice": (30, "days", "Europe/Zurich"),
    "sg-8-three-years": (3, "years", "Europe/Zurich"),
    # GATT, Article XXVIII:3(a)
    "gatt-xxviii-3": (6, "months", "Europe/Zurich"),
    # Dispute Settlement Understanding, Articles 4.3, 4.7, 12.8, 16.4, 17.5, 21.3(c), 22.2, 22.6
    "dsu-4-reply": (10, "days", "Europe/Zurich"),
    "dsu-4-consultations": (30, "days", "Europe/Zurich"),
    "dsu-4-panel": (60, "days", "Europe/Zurich"),
    "dsu-12-report": (6, "months", "Europe/Zurich"),
    "dsu-16-adoption": (60, "days", "Europe/Zurich"),
    "dsu-17-appeal": (60, "days", "Europe/Zurich"),
    "mpia-award": (90, "days", "Europe/Zurich"),
    "dsu-21-period": (15, "months", "Europe/Zurich"),
    "dsu-22-compensation": (20, "days", "Europe/Zurich"),
    "dsu-22-authorisation": (30, "days", "Europe/Zurich"),
    "dsu-22-arbitration": (60, "days", "Europe/Zurich"),
    "mpia-21-period": (15, "months", "Europe/Zurich"),
    # Regulation (EU) 2023/2675, Articles 4 and 5
    "eu-aci-examination": (4, "months", "Europe/Brussels"),
    "eu-aci-determination": (8, "weeks", "Europe/Brussels"),
    # USMCA, Article 34.7
    "usmca-joint-review": (6, "years", "America/New_York"),
    "usmca-term": (16, "years", "America/New_York"),
}


def test_every_clock_runs_as_long_as_its_text_says() -> None:
    assert {c.id: (c.length, c.unit, c.zone) for c in clocks().values()} == PERIODS


#: Periods for which something may be in force, whose first day counts (CBP, CSMS 67844987, on the surcharge; the Trade
#: Representative's notice of May 2022), and the emergency, which is continued before its anniversary.
FROM_THE_FIRST_DAY = {
    "us-122-end",
    "us-201-end",
    "us-301-end",
    "us-ieepa-renewal",
    "sg-6-provisional",
    "sg-8-three-years",
    "sg-7-four-years",
    "sg-7-eight-years",
    "sg-9-ten-years",
}


def test_a_period_to_act_begins_on_the_day_after_and_no_last_day_is_moved() -> None:
    for clock in clocks().values():
        count = "including_trigger" if clock.id in FROM_THE_FIRST_DAY else "after_trigger"
        assert (clock.count, clock.roll) == (count, "none"), clock.id


def test_only_what_may_be_done_from_a_day_on_is_permitted() -> None:
    assert {c.id for c in clocks().values() if c.permits} == {"sg-8-notice", "sg-8-three-years", "dsu-4-panel"}


#: In force from; until when an authority for duties.
STATUTES = {
    "us-232": ("1962-10-11", None),  # Trade Expansion Act of 1962
    "us-201": ("1975-01-03", None),  # Trade Act of 1974, 88 Stat. 1978
    "us-301": ("1975-01-03", None),
    "us-122": ("1975-01-03", None),
    "us-338": ("1930-06-17", None),  # Tariff Act of 1930, 46 Stat. 590
    "us-ieepa": ("1977-12-28", "2026-02-20"),  # Public Law 95-223; Learning Resources v. Trump
    "eu-enforcement": ("2014-07-17", None),
    "eu-aci": ("2023-12-27", None),
    "jp-temporary-tariff-3": ("2022-04-21", None),
    "jp-customs-tariff-6": ("1995-01-01", None),
    "jp-customs-tariff-9": ("1995-01-01", None),
    "eu-countermeasures-2025": ("2025-04-15", None),
    "eu-steel-2026": ("2026-07-01", None),  # the safeguard's eight years ended on 30 June 2026
    "eu-cbam": ("2023-05-17", None),
    "ca-customs-tariff-53": ("1998-01-01", None),
    "ca-surtax-2026": ("2026-09-08", None),  # section 10 of the order
    "cn-tariff-law": ("2024-12-01", None),
    "cn-export-control": ("2020-12-01", None),
    "mx-constitution-131": ("1993-07-28", None),
    "kr-customs-63": ("2001-01-01", None),
    "in-customs-8a": ("1975-08-18", None),
    "gb-cross-border-trade-15": ("2020-12-31", None),  # S.I. 2020/1642
}
CONTESTS = {
    "us-232": [("1988-08-23", None, "us-232-negotiation")],  # the 180 days are of Public Law 100-418
    "us-122": [("2026-05-07", None, None)],
    "us-ieepa": [("2025-02-01", "2026-02-20", None)],
}
#: Points of duty, days, years, and whether all origins must be treated alike.
LIMITS = {
    "us-201": (0.5, None, 4, False),
    "us-301": (None, None, 4, False),
    "us-122": (0.15, 150, None, True),
    "us-338": (0.5, None, None, False),
    "ca-surtax-2026": (0.5, None, None, False),
    "eu-steel-2026": (0.5, None, None, False),
    "jp-customs-tariff-9": (None, None, 4, False),
}


def iso(date: Date | None) -> str | None:
    return date.isoformat() if date else None


def test_statutes_begin_and_end_on_their_days() -> None:
    assert {s.id: (iso(s.in_force), iso(s.until)) for s in statutes().values()} == STATUTES
    contests = {s.id: [(iso(c.since), iso(c.until), c.clock) for c in s.contests] for s in statutes().values()}
    assert {name: c for name, c in contests.items() if c} == CONTESTS


def test_statutes_allow_what_they_say() -> None:
    found = {s.id: s.limits for s in statutes().values()}
    for name, limit in found.items():
        expected = LIMITS.get(name, (None, None, None, False))
        assert (limit.points, limit.days, limit.years, limit.all_origins) == expected, name


def test_which_exceptions_a_statute_relies_on() -> None:
    assert {s.id: s.invokes for s in statutes().values() if s.invokes} == {
        "us-232": ("gatt-xxi",),
        "us-201": ("gatt-xix",),
        "us-122": ("gatt-xii",),
        "us-ieepa": ("gatt-xxi",),
        "eu-enforcement": ("dsu-22", "sg-8"),
        "jp-temporary-tariff-3": ("gatt-xxi",),
        "jp-customs-tariff-6": ("dsu-22",),
        "jp-customs-tariff-9": ("gatt-xix", "sg-8"),
        "eu-countermeasures-2025": ("sg-8",),
        "eu-steel-2026": ("gatt-xxviii",),
        "eu-cbam": ("gatt-ii-2-a", "gatt-xx"),
        "ca-customs-tariff-53": ("sg-8",),
        "cn-tariff-law": ("sg-8",),
        "cn-export-control": ("gatt-xxi",),
        "in-customs-8a": ("sg-8",),
        "gb-cross-border-trade-15": ("dsu-22", "sg-8"),
    }
    assert {s.id for s in statutes().values() if s.negotiates_restraint} == {"us-232", "us-201"}
    duties = {"tariff", "specific_tariff", "tariff_rate_quota", "minimum_price"}
    assert set(statutes()["us-ieepa"].ended_for) == duties


#: Kind, signed, in force, ended.
AGREEMENTS = {
    "cptpp": ("free_trade", "2018-03-08", "2018-12-30", None),
    "eu-japan-epa": ("free_trade", "2018-07-17", "2019-02-01", None),
    "eea": ("free_trade", "1992-05-02", "1994-01-01", None),
    "japan-uk-cepa": ("free_trade", "2020-10-23", "2021-01-01", None),
    "nafta": ("free_trade", "1992-12-17", "1994-01-01", "2020-07-01"),
    "usmca": ("free_trade", "2018-11-30", "2020-07-01", None),
    "usmca-232-letters": ("side_letter", "2018-11-30", "2018-11-30", None),
    "korus": ("free_trade", "2007-06-30", "2012-03-15", None),
    "korea-us-steel-2018": ("side_letter", "2018-03-26", None, "2025-03-12"),  # Proclamation 10896
    "us-japan-2019": ("free_trade", "2019-10-07", "2020-01-01", None),
    "us-japan-statement-2018": ("statement", "2018-09-26", None, None),
    "us-japan-statement-2019": ("statement", "2019-09-25", None, None),
    "us-eu-statement-2018": ("statement", "2018-07-25", None, None),
    "us-japan-2025": ("limited", "2025-09-04", "2025-09-16", None),
    "us-eu-2025": ("statement", "2025-08-21", None, None),
    "us-korea-2025": ("limited", None, "2025-12-04", None),
    "us-uk-2025": ("limited", "2025-05-08", "2025-06-30", None),
    "us-switzerland-2025": ("statement", "2025-11-14", None, None),
    "us-china-2025": ("statement", "2025-11-01", None, None),
    "us-vietnam-2025": ("statement", "2025-10-26", None, None),
    "us-india-2026": ("statement", "2026-02-06", None, None),
    "us-taiwan-2026": ("limited", "2026-02-12", None, None),
    "us-indonesia-2026": ("limited", "2026-02-19", None, None),
    "japan-us-ver-1981": ("restraint", "1981-05-01", "1981-05-01", "1994-03-31"),
    "ec-japan-consensus-1991": ("restraint", "1991-07-31", "1993-01-01", "1999-12-31"),
}
#: Pledges: kind, rate, since, until.
PLEDGES = {
    "cptpp-duties": ("duty_free", None, None, None),
    "eu-japan-epa-cars": ("duty_free", None, "2026-02-01", None),
    "usmca-cars": ("duty_free", None, None, None),
    "usmca-232-canada": ("quota_exempt", None, "2018-11-30", None),
    "usmca-232-mexico": ("quota_exempt", None, "2018-11-30", None),
    "korus-cars": ("duty_free", None, "2016-01-01", None),
    "korea-232-steel": ("quota_exempt", None, "2018-03-26", "2025-03-12"),
    "nafta-302": ("no_new_duties", None, None, None),
    "usmca-2-4": ("no_new_duties", None, None, None),
    "korus-2-3": ("no_new_duties", None, None, None),
    "us-japan-2019-farm": ("other", None, "2020-01-01", None),
    "standstill-2018": ("standstill", None, "2018-09-26", "2019-10-07"),
    "farm-ceiling-2018": ("other", None, "2018-09-26", None),
    "standstill-2019": ("standstill", None, "2019-09-25", None),
    "standstill-eu-2018": ("standstill", None, "2018-07-25", "2021-01-20"),
    "purchases-eu-2018": ("purchases", None, "2018-07-25", None),
    "japan-ceiling-2025": ("rate_ceiling", 0.15, "2025-09-16", None),
    "japan-investment-2025": ("other", None, "2025-09-04", None),
    "japan-purchases-2025": ("purchases", None, "2025-09-04", None),
    "eu-ceiling-2025": ("rate_ceiling", 0.15, "2025-08-01", None),
    "eu-industrial-2025": ("duty_free", None, "2026-07-01", "2030-01-01"),
    "eu-metals-2025": ("duty_free", None, "2026-07-01", "2030-01-01"),
    "eu-ceiling-goods-2025": ("rate_ceiling", 0.15, "2025-08-07", None),
    "japan-ceiling-goods-2025": ("rate_ceiling", 0.15, "2025-08-07", None),
    "switzerland-2025-ceiling": ("rate_ceiling", 0.15, "2025-11-14", None),
    "china-truce-2025": ("other", None, "2025-11-10", "2026-11-10"),
    "korea-ceiling-goods-2025": ("rate_ceiling", 0.15, "2025-11-14", None),
    "vietnam-2025-rate": ("other", None, "2025-10-26", None),
    "india-2026-rate": ("other", None, "2026-02-06", None),
    "taiwan-2026-ceiling": ("rate_ceiling", 0.15, "2026-02-12", None),
    "indonesia-2026-rate": ("other", None, "2026-02-19", None),
    "korea-ceiling-2025": ("rate_ceiling", 0.15, "2025-11-01", None),
    "korea-investment-2025": ("other", None, None, None),
    "uk-ceiling-2025": ("rate_ceiling", 0.10, "2025-06-30", None),
    "japan-ceiling-medicines-2025": ("rate_ceiling", 0.15, "2025-09-04", None),
    "japan-ceiling-chips-2025": ("rate_ceiling", 0.15, "2025-09-04", None),
    "eu-ceiling-medicines-2025": ("rate_ceiling", 0.15, "2025-08-21", None),
    "eu-ceiling-lumber-chips-2025": ("rate_ceiling", 0.15, "2025-08-21", None),
    "korea-ceiling-medicines-2025": ("rate_ceiling", 0.15, "2025-11-14", None),
    "switzerland-2025-medicines": ("rate_ceiling", 0.15, "2025-11-14", None),
    "switzerland-2025-chips": ("rate_ceiling", 0.15, "2025-11-14", None),
    "uk-medicines-2025": ("quota_exempt", None, "2025-12-01", None),
    "ver-1981": ("other", None, "1981-05-01", "1994-03-31"),
    "consensus-1991": ("other", None, "1993-01-01", "1999-12-31"),
}


def test_agreements_are_signed_begin_and_end_on_their_days() -> None:
    found = {a.id: (a.kind, iso(a.signed), iso(a.in_force), iso(a.ended)) for a in agreements().values()}
    assert found == AGREEMENTS
    pledges = {p.id: (p.kind, p.rate, iso(p.since), iso(p.until)) for a in agreements().values() for p in a.pledges}
    assert pledges == PLEDGES


def test_who_joined_later_and_who_left() -> None:
    """MFAT on the CPTPP; the United Kingdom and the agreements of the Union."""
    joined = {a.id: {c: iso(d) for c, d in a.joined.items()} for a in agreements().values() if a.joined}
    assert joined == {
        "cptpp": {
            "VNM": "2019-01-14",
            "PER": "2021-09-19",
            "MYS": "2022-11-29",
            "CHL": "2023-02-21",
            "BRN": "2023-07-12",
            "GBR": "2024-12-15",
        }
    }
    left = {a.id: {c: iso(d) for c, d in a.left.items()} for a in agreements().values() if a.left}
    assert left == {"eea": {"GBR": "2021-01-01"}, "eu-japan-epa": {"GBR": "2021-01-01"}}


def test_what_the_agreement_of_2019_frees_and_leaves_out() -> None:
    """Crops and animals, forestry, fish, food, drink and tobacco on Japan's side; cars on that of the United States."""
    entry = agreements()["us-japan-2019"]
    assert entry.frees == {"JPN": ("01", "02", "03", "10", "11", "12"), "USA": ()}
    assert entry.leaves_out == {"USA": ("29",)}


#: Rates in percent by first day.
RATES: dict[str, list[tuple[str, float | None]]] = {
    "us-cars-bound": [("1995-01-01", 2.5)],
    "us-cars-mfn": [("1995-01-01", 2.5)],
    "us-light-trucks-bound": [("1995-01-01", 25)],
    "us-light-trucks-mfn": [("1964-01-07", 25)],
    "us-cab-chassis-mfn": [("1980-05-23", 4), ("1980-08-21", 25)],
    "us-car-parts-mfn": [("1995-01-01", 2.5)],
    "us-cars-korus": [("2012-03-15", 2.5), ("2016-01-01", 0)],
    "us-light-trucks-korus": [("2012-03-15", 25), ("2041-01-01", 0)],
    "us-cars-us-japan-2019": [("2020-01-01", 2.5)],
    "eu-cars-bound": [("1995-01-01", 10)],
    "eu-cars-mfn": [("1995-01-01", 10)],
    "eu-cars-eu-japan-epa": [
        ("2019-02-01", 8.8),
        ("2020-02-01", 7.5),
        ("2021-02-01", 6.3),
        ("2022-02-01", 5.0),
        ("2023-02-01", 3.8),
        ("2024-02-01", 2.5),
        ("2025-02-01", 1.3),
        ("2026-02-01", 0),
    ],
    "japan-cars-bound": [("1995-01-01", 0)],
    "japan-cars-mfn": [("1995-01-01", 0)],
    "korea-cars-mfn": [("1995-01-01", 8)],
    "korea-cars-korus": [("2012-03-15", 4), ("2016-01-01", 0)],
    "japan-beef-bound": [("2000-04-01", 50)],
    "japan-beef-mfn": [("2000-04-01", 38.5)],
    "japan-beef-cptpp": [
        ("2018-12-30", 27.5),
        ("2019-04-01", 26.6),
        ("2020-04-01", 25.8),
        ("2021-04-01", 25.0),
        ("2022-04-01", 24.1),
        ("2033-04-01", 9.0),
    ],
    "japan-beef-eu-japan-epa": [("2019-02-01", 27.5), ("2019-04-01", 26.6), ("2033-04-01", 9.0)],
    "japan-beef-us-japan-2019": [
        ("2020-01-01", 26.6),
        ("2020-04-01", 25.8),
        ("2021-03-18", 38.5),
        ("2021-04-17", 25.0),
        ("2022-04-01", 24.1),
        ("2033-04-01", 9.0),
    ],
    "japan-pork-mfn": [("2000-04-01", 4.3)],
    "japan-pork-cptpp": [("2018-12-30", 2.2), ("2024-04-01", 0.7)],
    "japan-pork-eu-japan-epa": [("2019-02-01", 2.2), ("2024-04-01", 0.7)],
    "japan-pork-us-japan-2019": [("2024-04-01", 0.7)],
    "japan-wheat-mfn": [("1995-04-01", None)],
    "japan-wheat-cptpp": [("2018-12-30", None)],
    "japan-wheat-us-japan-2019": [("2020-01-01", None)],
}


def test_rates_are_those_of_the_schedules() -> None:
    found = {
        r.id: [(iso(v.since), None if v.rate is None else pytest.approx(100 * v.rate)) for v in r.values]
        for r in rates().values()
    }
    assert found == RATES


def test_a_rate_holds_from_its_day_until_the_next() -> None:
    for rate in rates().values():
        first = rate.values[0].since
        assert rate.on(first - datetime.timedelta(days=1)) is None
        for value, following in pairwise(rate.values):
            assert rate.on(value.since) is value
            assert rate.on(following.since - datetime.timedelta(days=1)) is value
        assert rate.on(Date(2050, 1, 1)) is rate.values[-1]


@pytest.mark.parametrize("name", disputes())
def test_a_report_was_adopted_on_the_day_that_its_status_tells(name: str) -> None:
    dispute = disputes()[name]
    if dispute.adopted is None:
        assert "adopted on" not in dispute.status
        return
    assert f"adopted on {day(dispute.adopted)}" in " ".join(dispute.status.split())
    within = (dispute.adopted - dispute.decided).days
    assert 0 < within <= 60, "adopted within 60 days (DSU 16.4), or 30 of the Appellate Body's report (17.14)"


#: The day of the judgment or report, where the status tells another court's days or none.
DECIDED = {
    "transpacific-2019": "2019-11-15",  # Slip Op. 19-142
    "transpacific-2021": "2021-07-13",  # 4 F.4th 1306
    "primesource-2023": "2023-02-07",  # 59 F.4th 1255
    "learning-resources-2026": "2026-02-20",
    "cit-122-2026": "2026-05-07",
    "cafc-122-2026": "2026-05-12",
    "atmus-2026": "2026-03-04",
    "semiconductors-1988": "1988-03-24",  # L/6309
}


def test_judgments_are_of_their_day() -> None:
    assert {name: iso(disputes()[name].decided) for name in DECIDED} == DECIDED


def test_contests_of_exceptions_begin_when_members_disagreed() -> None:
    """Security from the start; the safeguards in substance of 2018; a restraint under security law since 1995."""
    found = {r.id: (iso(r.contested.since), r.contested.despite_facts) for r in rules().values() if r.contested}
    assert found == {
        "gatt-xxi": ("1948-01-01", True),
        "sg-8": ("2018-04-01", False),
        "sg-11-1-c": ("1995-01-01", True),
        "gatt-ii-2-a": ("2023-05-17", False),  # Regulation (EU) 2023/956 in force
        "dsu": ("2019-12-11", False),
        "sg-8-answer": ("2019-12-11", False),
        "scm-4": ("2019-12-11", False),
        "scm-7": ("2019-12-11", False),
        "gatt-xii": ("2026-02-24", False),  # the first day of the surcharge that the United States notified
        "gatt-xxiv-partners": ("1995-01-01", False),
    }
