"""What a worker does for figures: solve the case once, keep it, and draw."""

from __future__ import annotations

import base64
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from entrepot.desk import requests
from entrepot.desk.library import Library

if TYPE_CHECKING:
    from entrepot.studies import Study

#: The cases that figures were drawn of, solved; the latest last.
_STUDIES: OrderedDict[str, Study] = OrderedDict()
#: The most that a worker keeps.
MOST = 4


def figure_reply(body: dict[str, Any], library: Library) -> dict[str, Any]:
    """Return a figure in a form, in base64, with its media type. Raises `InputError` for an unknown name."""
    from entrepot.errors import InputError
    from entrepot.report.figures.figure import MEDIA

    request = requests.FigureRequest.model_validate(body)
    found: Any = _study(request, library).figures
    if (made := found.find(request.figure)) is None:
        raise InputError(
            f"the case has no data for the figure {request.figure!r}; GET /figures lists those it may have"
        )
    return {
        "media": MEDIA[request.form],
        "title": made.title,
        "content": base64.b64encode(made.written(request.form)).decode(),
    }


def figure_list(body: dict[str, Any], library: Library) -> dict[str, Any]:
    """Return the figures of a case with what each says; one for which more must be solved has only its label."""
    request = requests.FiguresRequest.model_validate(body)
    found: Any = _study(requests.RunRequest(case=request.case), library).figures
    rows = []
    for name, label in found.labels.items():
        made = None if found.is_dear(name) else found.find(name)
        if made is not None or found.is_dear(name):
            rows.append(
                {
                    "name": name,
                    "label": label,
                    "title": made.title if made else None,
                    "text": made.text if made else None,
                }
            )
    return {"case": request.case, "figures": rows}


def _study(request: requests.RunRequest, library: Library) -> Study:
    from entrepot.studies import run

    case = request.read(library)
    world = library.of(case)
    key = f"{case.fingerprint} {world.fingerprint if world is not None else case.economy}"
    if key not in _STUDIES:
        _STUDIES[key] = run(case, world)
        while len(_STUDIES) > MOST:
            _STUDIES.popitem(last=False)
    _STUDIES.move_to_end(key)
    return _STUDIES[key]
