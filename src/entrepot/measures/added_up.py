"""Duties and export taxes of two measures in one scenario that add up, because both add points on the same flow."""

from __future__ import annotations

import numpy as np

from entrepot.languages import translated
from entrepot.measures.acts import Duty, ExportDuty, flow_name
from entrepot.measures.policy import Policy


def added_up(policy: Policy) -> list[str]:
    """Return a note on each pair of measures whose points add up on a flow."""
    notes = []
    for added in (policy.each(Duty), policy.each(ExportDuty)):
        acts = [act for act in added if act.change == "add"]
        for k, act in enumerate(acts):
            for other in acts[:k]:
                both = np.intersect1d(other.at, act.at)
                if both.size and other.position != act.position:
                    notes.append(
                        translated(
                            "'{first}' and '{second}' both fall on {flow}: their points add up.",
                            first=other.measure.title,
                            second=act.measure.title,
                            flow=flow_name(policy.economy, both[0]),
                        )
                    )
    return list(dict.fromkeys(notes))
