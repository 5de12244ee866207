"""The law data: every entry has a source and a date, refers to what exists, and agrees with published facts."""

from __future__ import annotations

import datetime
import importlib.resources
from itertools import pairwise

import pytest

import entrepot as ep
from entrepot.economy.geography import groups, iso3
from entrepot.rules.book import (
    LAW_AS_OF,
    Agreement,
    Dispute,
    Rate,
    Statute,
    agreements,
    disputes,
    rates,
    rules,
    statutes,
)
from entrepot.rules.entry import Cited

Date = datetime.date
RULES = set(rules())
ENTRIES: list[Cited] = [*disputes().values(), *statutes().values(), *agreements().values(), *rates().values()]


def known(party: str) -> bool:
    return party == "EU" or party in groups() or iso3(party) == party


def by_id(entry: Cited) -> str:
    return entry.id


class TestEveryEntry:
    @pytest.mark.parametrize("entry", ENTRIES, ids=by_id)
    def test_entry_has_a_source_and_a_confidence(self, entry: Cited) -> None:
        assert len(entry.source.title) > 8
        assert entry.source.url is None or entry.source.url.startswith(("http://", "https://"))
        if entry.confidence in ("seen", "derived"):
            assert entry.source.url, "what was seen has an address"

    def test_ids_are_used_once_in_all(self) -> None:
        ids = [entry.id for entry in ENTRIES]
        assert len(set(ids)) == len(ids)

    def test_source_dates_are_not_after_the_date_of_the_law_data(self) -> None:
        dates = [e.source.date for e in ENTRIES if e.source.date] + [d.decided for d in disputes().values()]
        assert max(dates) <= LAW_AS_OF


@pytest.mark.parametrize("dispute", disputes().values(), ids=by_id)
class TestDisputes:
    def test_dates_are_in_order(self, dispute: Dispute) -> None:
        assert dispute.year == dispute.decided.year
        assert dispute.adopted is None or dispute.decided <= dispute.adopted

    def test_status_has_the_date_of_the_decision(self, dispute: Dispute) -> None:
        if dispute.number.startswith("DS"):
            assert f"{dispute.decided.day} {dispute.decided:%B %Y}" in dispute.status

    def test_bears_on_rules_that_exist(self, dispute: Dispute) -> None:
        assert dispute.provisions
        assert set(dispute.provisions) <= RULES | set(statutes())

    def test_the_holding_is_one_line_of_our_own(self, dispute: Dispute) -> None:
        assert 40 < len(dispute.held) < 330


@pytest.mark.parametrize("statute", statutes().values(), ids=by_id)
class TestStatutes:
    def test_refers_to_what_exists(self, statute: Statute) -> None:
        assert known(statute.country)
        assert {*statute.invokes, *statute.clashes_with} <= RULES
        assert set(statute.disputes) <= set(disputes())
        for name in statute.disputes:
            assert {statute.id, *statute.invokes} & set(disputes()[name].provisions)

    def test_dates_are_in_order(self, statute: Statute) -> None:
        assert statute.until is None or statute.in_force < statute.until
        for contest in statute.contests:
            assert statute.in_force < contest.since
            assert contest.until is None or contest.since < contest.until
            assert len(contest.authorities) >= 2, "a contest has two sides"

    def test_limits_are_sourced_where_they_bind(self, statute: Statute) -> None:
        limit = statute.limits
        assert limit.points is None or 0 < limit.points <= 0.5
        if limit.confidence != "general":
            assert limit.source


@pytest.mark.parametrize("agreement", agreements().values(), ids=by_id)
class TestAgreements:
    def test_parties_are_known(self, agreement: Agreement) -> None:
        assert all(known(party) for party in agreement.parties)
        assert set(agreement.joined) <= set(agreement.parties)
        for pledge in agreement.pledges:
            assert {*pledge.by, *pledge.to} <= set(agreement.parties)

    def test_dates_are_in_order(self, agreement: Agreement) -> None:
        dates = [d for d in (agreement.signed, agreement.in_force, agreement.ended) if d]
        assert dates, "an agreement has a date"
        assert dates == sorted(dates)
        if agreement.in_force:
            assert all(agreement.in_force < joined for joined in agreement.joined.values())

    def test_pledges_are_dated_and_complete(self, agreement: Agreement) -> None:
        for pledge in agreement.pledges:
            assert pledge.until is None or (pledge.since and pledge.since < pledge.until)
            assert (pledge.kind == "rate_ceiling") == (pledge.rate is not None)
            assert pledge.kind != "quota_exempt" or pledge.limit or "in any quantity" in pledge.says
            assert pledge.broken_if is None or pledge.kind == "rate_ceiling"
            assert ("Section 232" in pledge.says) == (pledge.under == "us-232")
            assert pledge.under in (None, *statutes())
            assert pledge.source
            assert pledge.says.endswith(".")

    def test_a_statement_is_not_in_force(self, agreement: Agreement) -> None:
        assert agreement.kind != "statement" or agreement.in_force is None


@pytest.mark.parametrize("rate", rates().values(), ids=by_id)
class TestRates:
    def test_values_of_a_rate_ascend_by_day_and_are_not_empty(self, rate: Rate) -> None:
        assert all(a.since < b.since for a, b in pairwise(rate.values))
        assert all(value.rate is not None or value.specific for value in rate.values)

    def test_country_and_division(self, rate: Rate) -> None:
        assert known(rate.country)
        assert rate.isic4 in {"29", "10", "01"}

    def test_a_preference_has_its_agreement_and_starts_with_it(self, rate: Rate) -> None:
        assert (rate.kind == "preference") == (rate.agreement is not None)
        if rate.agreement:
            begins = agreements()[rate.agreement].in_force
            assert begins is not None
            assert rate.values[0].since >= begins

    def test_applied_does_not_exceed_bound(self, rate: Rate) -> None:
        bound = rates().get(rate.id.removesuffix(rate.kind) + "bound")
        for value in rate.values:
            ceiling = bound.on(value.since) if bound else None
            if ceiling and ceiling.rate is not None and value.rate is not None:
                assert value.rate <= ceiling.rate


class TestPublishedFacts:
    @pytest.mark.parametrize(
        ("name", "day", "rate"),
        [
            ("us-cars-mfn", Date(2019, 5, 17), 0.025),
            ("us-light-trucks-mfn", Date(1964, 1, 6), None),
            ("us-light-trucks-mfn", Date(2019, 5, 17), 0.25),
            ("us-light-trucks-korus", Date(2040, 12, 31), 0.25),
            ("us-light-trucks-korus", Date(2041, 1, 1), 0.0),
            ("us-cab-chassis-mfn", Date(1980, 8, 20), 0.04),
            ("us-cab-chassis-mfn", Date(1981, 5, 1), 0.25),
            ("eu-cars-mfn", Date(2019, 5, 17), 0.10),
            ("eu-cars-eu-japan-epa", Date(2019, 1, 31), None),
            ("eu-cars-eu-japan-epa", Date(2019, 2, 1), 0.088),
            ("eu-cars-eu-japan-epa", Date(2026, 1, 31), 0.013),
            ("eu-cars-eu-japan-epa", Date(2026, 2, 1), 0.0),
            ("japan-cars-bound", Date(2019, 5, 17), 0.0),
            ("japan-beef-mfn", Date(2019, 5, 17), 0.385),
            ("japan-beef-bound", Date(2019, 5, 17), 0.50),
            ("us-cars-korus", Date(2015, 12, 31), 0.025),
            ("us-cars-korus", Date(2016, 1, 1), 0.0),
            ("korea-cars-mfn", Date(2025, 4, 3), 0.08),
            ("japan-beef-cptpp", Date(2018, 12, 29), None),
            ("japan-beef-cptpp", Date(2018, 12, 30), 0.275),
            ("japan-beef-cptpp", Date(2019, 3, 31), 0.275),
            ("japan-beef-cptpp", Date(2019, 4, 1), 0.266),
            ("japan-beef-us-japan-2019", Date(2019, 12, 31), None),
            ("japan-beef-us-japan-2019", Date(2020, 1, 1), 0.266),
            ("japan-beef-us-japan-2019", Date(2020, 4, 1), 0.258),
            ("japan-beef-us-japan-2019", Date(2021, 3, 18), 0.385),
            ("japan-beef-us-japan-2019", Date(2021, 4, 16), 0.385),
            ("japan-beef-us-japan-2019", Date(2021, 4, 17), 0.25),
            ("japan-pork-mfn", Date(2019, 5, 17), 0.043),
        ],
    )
    def test_rates_by_date(self, name: str, day: Date, rate: float | None) -> None:
        value = rates()[name].on(day)
        assert (value.rate if value else None) == rate

    def test_specific_duty_on_wheat_is_stated_in_words(self) -> None:
        value = rates()["japan-wheat-mfn"].on(Date(2019, 5, 17))
        assert value is not None
        assert value.rate is None
        assert "55 yen/kg" in str(value.specific)

    def test_eu_car_duty_falls_in_equal_steps(self) -> None:
        path = [0.10, *(float(v.rate or 0) for v in rates()["eu-cars-eu-japan-epa"].values)]
        assert [a - b for a, b in pairwise(path)] == pytest.approx([0.0125] * 8, abs=0.00051), (
            "rounded to a tenth of a point"
        )

    def test_section_232_is_contested_and_clashes_with_safeguards(self) -> None:
        law = statutes()["us-232"]
        assert law.negotiates_restraint
        assert law.clashes_with == ("sg-11-1-b",)
        assert law.invokes == ("gatt-xxi",)
        lapse = law.contests[0]
        assert "lapses" in lapse.what
        assert lapse.until is None
        text = " ".join(lapse.authorities)
        for day in ("15 November 2019", "13 July 2021", "7 February 2023"):
            assert day in text

    def test_only_section_232_clashes(self) -> None:
        assert [s.id for s in statutes().values() if s.clashes_with] == ["us-232"]

    @pytest.mark.parametrize(
        ("name", "points", "days", "years"),
        [
            ("us-201", 0.5, None, 4),
            ("us-122", 0.15, 150, None),
            ("us-338", 0.5, None, None),
            ("us-232", None, None, None),
        ],
    )
    def test_limits(self, name: str, points: float | None, days: int | None, years: float | None) -> None:
        limits = statutes()[name].limits
        assert (limits.points, limits.days, limits.years) == (points, days, years)

    def test_section_122_lasts_150_days(self) -> None:
        days = statutes()["us-122"].limits.days
        assert days is not None
        assert Date(2026, 2, 24) + datetime.timedelta(days=days - 1) == Date(2026, 7, 23)

    def test_ieepa_ends_as_a_tariff_power_with_learning_resources(self) -> None:
        law, case = statutes()["us-ieepa"], disputes()["learning-resources-2026"]
        assert law.until == law.contests[0].until == case.decided == Date(2026, 2, 20)

    @pytest.mark.parametrize("name", ["ds544", "ds552", "ds556", "ds564"])
    def test_the_steel_panels_claim_no_more_than_they_found(self, name: str) -> None:
        case = disputes()[name]
        assert set(case.provisions) == {"gatt-i-1", "gatt-ii-1-b", "gatt-xxi", "us-232"}
        assert case.adopted is None
        assert case.decided == Date(2022, 12, 9)

    def test_cptpp_binds_its_first_six_and_then_the_rest(self) -> None:
        cptpp = agreements()["cptpp"]
        assert set(cptpp.parties) - set(cptpp.joined) == {"AUS", "CAN", "JPN", "MEX", "NZL", "SGP"}
        assert cptpp.in_force == Date(2018, 12, 30)
        assert set(groups()["CPTPP"]["members"]) == set(cptpp.parties) - {"GBR"}

    def test_the_side_letters_are_contingent_quotas(self) -> None:
        pledges = agreements()["usmca-232-letters"].pledges
        assert {p.to for p in pledges} == {("CAN",), ("MEX",)}
        assert all("2.6 million" in str(p.limit) and p.kind == "quota_exempt" for p in pledges)
        assert "32.4" in str(pledges[0].limit)
        assert "108" in str(pledges[1].limit)

    def test_the_standstill_of_2018_covers_the_threat_of_2019(self) -> None:
        (standstill,) = (p for p in agreements()["us-japan-statement-2018"].pledges if p.kind == "standstill")
        assert standstill.since is not None
        assert standstill.until is not None
        assert standstill.since < Date(2019, 5, 17) < standstill.until == agreements()["us-japan-2019"].signed

    @pytest.mark.parametrize(("name", "rate"), [("japan", 0.15), ("eu", 0.15), ("korea", 0.15), ("uk", 0.10)])
    def test_ceilings_of_2025(self, name: str, rate: float) -> None:
        (ceiling,) = (p for p in agreements()[f"us-{name}-2025"].pledges if p.id == f"{name}-ceiling-2025")
        assert ceiling.rate == rate
        assert ceiling.isic4 == ("29",)

    def test_nafta_ends_where_usmca_begins(self) -> None:
        assert agreements()["nafta"].ended == agreements()["usmca"].in_force == Date(2020, 7, 1)


@pytest.mark.parametrize("name", ["us-japan-autos-2025", "japan-vers-1981"])
class TestCases:
    def test_events_are_in_order_and_sourced(self, name: str) -> None:
        case = ep.load_case(name)
        days = [event.date for event in case.calendar]
        assert days == sorted(days)
        assert all(event.sources for event in case.calendar)
        ids = {s.id for s in case.sources}
        used = {s for e in case.calendar for s in e.sources} | {s for p in case.scenarios.values() for s in p.sources}
        assert used == ids

    def test_every_scenario_has_an_equilibrium(self, name: str) -> None:
        study = ep.run(name)
        assert not study.failures
        assert max(max(o.residuals.values()) for o in study.outcomes.values()) <= 1e-10


def test_each_arrangement_of_2025_helps_its_party() -> None:
    real = {k: o.countries["real_income_pct"] for k, o in ep.run("us-japan-autos-2025").outcomes.items()}
    assert real["april_2025"]["GBR"] < real["uk_deal"]["GBR"]
    assert real["uk_deal"]["JPN"] < real["japan_deal"]["JPN"]
    assert real["eu_deal"]["KOR"] < real["all_deals"]["KOR"]
    assert real["japan_without_a_deal"]["JPN"] < real["all_deals"]["JPN"] < 0 < real["japan_restraint"]["JPN"]
    assert real["japan_restraint"]["USA"] < real["all_deals"]["USA"]


def test_the_agreements_and_the_calendar_of_2025_have_the_same_days() -> None:
    days = {event.date for event in ep.load_case("us-japan-autos-2025").calendar}
    for name in ("us-japan-2025", "us-uk-2025", "us-korea-2025"):
        assert agreements()[name].in_force in days
    assert agreements()["us-eu-2025"].signed in days


def test_the_restraint_of_1981_lowers_japan_and_pays_it() -> None:
    outcome = ep.run("japan-vers-1981").outcomes["restraint"]
    assert outcome.measures["rent"].iloc[0] > 0
    assert outcome.countries["real_income_pct"]["USA"] < 0 < outcome.countries["real_income_pct"]["JPN"]


@pytest.mark.parametrize("name", ["disputes", "statutes", "agreements", "rates"])
def test_the_data_are_in_the_package(name: str) -> None:
    assert (importlib.resources.files("entrepot.rules") / "data" / f"{name}.yaml").is_file()
