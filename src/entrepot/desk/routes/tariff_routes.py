"""GET routes for the duty on a product from a partner on a day, and for the mean duty through time."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from fastapi import FastAPI, Query, Request, Response
from pydantic import BeforeValidator

from entrepot.desk.replies.tariff_replies import LinesReply, ProductDutyReply, TariffPathReply
from entrepot.desk.requests import LinesRequest, TariffPathRequest
from entrepot.desk.routes.responses import NAMED, ROOT, Tag, answered, problem_responses, tagged
from entrepot.faults import no_number

Word = Annotated[str, Query(min_length=1, max_length=80)]
Share = Annotated[float, Query(ge=0, le=1)]
Day = Annotated[datetime.date, BeforeValidator(no_number)]
Amount = Annotated[float | None, Query(ge=0, le=1e12)]


def add_tariff_routes(api: FastAPI) -> None:
    """Add the routes for duties."""

    @api.get(f"{ROOT}/tariff", response_model=ProductDutyReply, tags=["questions"], responses=NAMED)
    def tariff(
        importer: Annotated[Word, Query(examples=["USA"])],
        line: Annotated[Word, Query(description="A code of 8 or 10 digits.", examples=["8703.23.01"])],
        exporter: Annotated[Word, Query(description="The country of origin.", examples=["JPN"])],
        on: Annotated[Day | None, Query(description="Default: today.", examples=["2026-03-15"])] = None,
        preference: Literal["yes", "no", "share"] = "yes",
        us_content: Share = 0.0,
        metal_share: Share = 1.0,
        light_metal: bool = False,
        us_metal: bool = False,
        civil_aircraft: bool = False,
        in_transit: bool = False,
        in_quota: bool = True,
        advanced_chip: bool = False,
        generic_medicine: bool = False,
        patented_medicine: bool = False,
        vehicle_part: bool | None = None,
        value: Amount = None,
        quantity: Amount = None,
        known: Tag = None,
    ) -> Response:
        """The duty on a product from a partner on a day: the total, and each authority with its rate and source."""
        from entrepot.exposures import duty
        from entrepot.exposures.duty_inputs import CLAIMS

        found = duty(
            importer,
            line,
            exporter=exporter,
            on=on,
            preference=CLAIMS[preference],
            us_content=us_content,
            metal_share=metal_share,
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
        )
        return tagged(found.to_dict(), known)


def add_tariff_path_route(api: FastAPI) -> None:
    """Add the routes for the mean duty through time and the lines of a sector, which a worker process answers."""

    @api.get(
        f"{ROOT}/tariff-path",
        response_model=TariffPathReply,
        tags=["questions"],
        responses=NAMED | problem_responses(503, 504),
    )
    async def tariff_path(
        request: Request, question: Annotated[TariffPathRequest, Query()], known: Tag = None
    ) -> Response:
        """The mean duty through time by partner, sector or chapter, with the days on which it changes."""
        return await answered(request, "tariff-path", question.document(), known)

    @api.get(
        f"{ROOT}/lines",
        response_model=LinesReply,
        tags=["questions"],
        responses=NAMED | problem_responses(503, 504),
    )
    async def lines(request: Request, question: Annotated[LinesRequest, Query()], known: Tag = None) -> Response:
        """The tariff lines of a sector, and the duty on each from a partner on a day."""
        return await answered(request, "lines", question.document(), known)
