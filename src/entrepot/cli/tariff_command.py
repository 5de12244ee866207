"""The verb tariff: the duty of the United States on a product from a partner on a day, layer by layer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import print_data, reported, show
from entrepot.cli.options import Format, FormatOption

if TYPE_CHECKING:
    from entrepot.exposures import DutyLayer, ProductDuty

app = typer.Typer()
#: Whether goods claim the programme of their origin.
Claim = StrEnum("Claim", ("yes", "no", "share"))
ClaimOption = Annotated[
    Claim, typer.Option(help="Whether goods claim the programme of their origin; share: as trade did (USMCA).")
]
MetalShareOption = Annotated[
    list[str] | None,
    typer.Option("--metal-share", help="Share of the value that is metal, or METAL=SHARE; default: 1."),
]
RatesOption = Annotated[str | None, typer.Option(help="A newer schedule as hts.usitc.gov exports it (CSV or JSON).")]
LawOption = Annotated[str, typer.Option(help="The book of authorities: us-2026, or a YAML file like it.")]
#: What the answer lacks, for --help; the dates are in docs/exposure.md and in the answer's known gaps.
GAPS = (
    "Known gaps: rates of the 2025 edition of the schedule (give a newer one with --rates); exclusions of Section 301; "
    "lists of codes of Proclamation 11032 (from 8 June 2026) and of patented medicines (from 31 July 2026); the duty "
    "by origin under note 52; antidumping and countervailing duties, fees and chapter 98. docs/exposure.md has all."
)


@app.command(epilog=GAPS)
def tariff(
    importer: Annotated[str, typer.Argument(help="The importing country: USA.")],
    product: Annotated[str, typer.Argument(help="A code of its schedule, of 8 or 10 digits, such as 8703.23.01.")],
    origin: Annotated[str, typer.Option("--from", help="The country of origin, or a group such as EU27.")],
    on: Annotated[str | None, typer.Option("--on", help="The day, such as 2026-03-15; default: today.")] = None,
    preference: ClaimOption = Claim.yes,
    us_content: Annotated[
        str, typer.Option("--us-content", help="Share of the value made in the United States, such as 0.4 or 40%.")
    ] = "0",
    metal_share: MetalShareOption = None,
    light_metal: Annotated[bool, typer.Option("--light-metal", help="Less than 15% of the weight is metal.")] = False,
    us_metal: Annotated[bool, typer.Option("--us-metal", help="The metal is of the United States.")] = False,
    civil_aircraft: Annotated[bool, typer.Option("--civil-aircraft", help="For civil aircraft.")] = False,
    in_transit: Annotated[bool, typer.Option("--in-transit", help="On its way before the duty began.")] = False,
    in_quota: Annotated[
        bool, typer.Option("--in-quota/--beyond-quota", help="Within the quota of an agreement, or beyond it.")
    ] = True,
    advanced_chip: Annotated[
        bool, typer.Option("--advanced-chip", help="A semiconductor above the thresholds of note 39.")
    ] = False,
    generic_medicine: Annotated[bool, typer.Option("--generic-medicine", help="A generic medicine.")] = False,
    patented_medicine: Annotated[bool, typer.Option("--patented-medicine", help="A patented medicine.")] = False,
    vehicle_part: Annotated[
        bool | None,
        typer.Option(
            "--vehicle-part/--no-vehicle-part", help="A part of a car or truck; default: yes, computers (8471) no."
        ),
    ] = None,
    value: Annotated[float | None, typer.Option(help="Customs value in US dollars: gives the amount.")] = None,
    quantity: Annotated[float | None, typer.Option(help="Quantity in the unit of a specific duty.")] = None,
    rates: RatesOption = None,
    law: LawOption = "us-2026",
    format: FormatOption = Format.table,
) -> None:
    """The duty on a product from a partner on a day: the total, and each authority with its rate, reason and source."""
    with reported():
        from entrepot.exposures import duty
        from entrepot.exposures.duty_inputs import CLAIMS
        from entrepot.measures.fields import read_number

        found = duty(
            importer,
            product,
            exporter=origin,
            on=on,
            preference=CLAIMS[preference.value],
            us_content=read_number("--us-content", us_content),
            metal_share=metal_shares(metal_share),
            light_metal=light_metal,
            us_metal=us_metal,
            civil_aircraft=civil_aircraft,
            in_transit=in_transit,
            in_quota=in_quota,
            advanced_chip=advanced_chip,
            generic_medicine=generic_medicine,
            patented_medicine=patented_medicine,
            vehicle_part=vehicle_part,
            value=value,
            quantity=quantity,
            rates=rates,
            law=law,
        )
        if not print_data(format, found.to_dict, found.to_frame, allow_nan=False):
            _show(found)


def metal_shares(given: list[str] | None) -> float | dict[str, float]:
    """Return the shares of --metal-share: one for all, or by metal. Raises `InputError`."""
    from entrepot.errors import InputError
    from entrepot.measures.fields import read_number

    if not given:
        return 1.0
    shares: dict[str, float] = {}
    for text in given:
        metal, _, number = text.partition("=") if "=" in text else ("", "", text)
        metal = metal.strip().lower().replace("aluminum", "aluminium")
        if metal in shares:
            raise InputError(f"--metal-share: the share{f' of {metal}' if metal else ''} is given twice; give it once")
        shares[metal] = read_number("--metal-share", number)
    if "" in shares and len(shares) > 1:
        raise InputError("--metal-share: give one share for all, or one by metal")
    return shares.get("", shares)


#: The option that states a condition otherwise.
_OPTIONS = {
    "preference": ("goods claim the programme of their origin", "--preference yes, no or share"),
    "us_content": ("content of the United States", "--us-content"),
    "metal_share": ("share of the value that is metal", "--metal-share"),
    "light_metal": ("less than 15% metal by weight", "--light-metal"),
    "us_metal": ("metal of the United States", "--us-metal"),
    "civil_aircraft": ("for civil aircraft", "--civil-aircraft"),
    "in_transit": ("in transit before the duty", "--in-transit"),
    "in_quota": ("within the quota", "--in-quota or --beyond-quota"),
    "advanced_chip": ("above the thresholds of note 39", "--advanced-chip"),
    "generic_medicine": ("a generic medicine", "--generic-medicine"),
    "patented_medicine": ("a patented medicine", "--patented-medicine"),
    "vehicle_part": ("a part of a car or truck", "--vehicle-part or --no-vehicle-part"),
}


def _show(found: ProductDuty) -> None:
    from rich.padding import Padding

    from entrepot.words import sentence

    show(found.sentence, style="bold")
    if found.amount is not None:
        show(f"On US${found.value:,.2f}: US${found.amount:,.2f}.")
    show(f"{found.description}", style="dim")
    for name, value in found.conditions.items():
        words, option = _OPTIONS[name]
        held = "As given" if name in found.given else "By default"
        show(Padding(f"{held}: {words}: {_words(value)} ({option})", (0, 0, 0, 2)))
    show("")
    others = []
    for one in found.layers:
        if not one.applies and one.stated is None:
            others.append(one)
            continue
        amount = f"  US${one.amount:,.2f}" if one.amount is not None and one.applies else ""
        sure = "" if one.confidence in ("seen", "derived", None) else f" [{one.confidence}]"
        heading = f", heading {one.heading}" if one.heading else ""
        show(f"{_rate(one):>7}  {one.authority}{heading}{sure}{amount}")
        show(Padding(f"{sentence(one.because)}.", (0, 0, 0, 9)))
        show(Padding(f"{one.citation}{'; ' + one.url if one.url else ''}", (0, 0, 0, 9)), style="dim")
    if others:
        show("\nIn force that day and not on these goods:")
        reasons: dict[str, list[str]] = {}
        for one in others:
            reasons.setdefault(one.because, []).append(one.authority)
        for because, names in reasons.items():
            show(
                Padding(
                    f"{'; '.join(names)}: {because.replace('its lists', 'their lists' if names[1:] else 'its lists')}.",
                    (0, 0, 0, 9),
                )
            )
    show("")
    for year, share in found.usmca_share.items():
        show(f"Share of imports of this line that claimed the USMCA in {_year(year)}: {_percent(share)}.")
    for note in found.notes:
        show(note)
    if not any(found.edition in note for note in found.notes):
        show(f"Ordinary rates: {found.edition}.", style="dim")
    if found.gaps:
        show("\nKnown gaps: not in the answer for this line, origin and day (all are in docs/exposure.md)")
        for gap in found.gaps:
            show(Padding(f"{gap.what}.", (0, 0, 0, 2)))


def _rate(layer: DutyLayer) -> str:
    if not layer.counted:
        return "none"
    return (
        " plus ".join([*([layer.specific] if layer.specific else []), *([_percent(layer.rate)] if layer.rate else [])])
        or "0%"
    )


def _year(year: int) -> str:
    return "February 2026" if year == 2026 else str(year)


def _percent(rate: float) -> str:
    return f"{round(100 * rate, 3):g}%"


def _words(value: Any) -> str:
    if value is True or value is False:
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{metal} {_percent(share)}" for metal, share in value.items())
    return value if isinstance(value, str) else _percent(value)
