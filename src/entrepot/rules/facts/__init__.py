"""The facts that the rules ask for, found in the measure, the Economy and the book, each with its sentence."""

# Each of these puts its facts into COMPUTED.
from entrepot.rules.facts import duties, nature, quantities
from entrepot.rules.facts.asked import COMPUTED, Answer, ask, percent
from entrepot.rules.facts.duties import highest_duty, highest_in_quota, own_rise

__all__ = [
    "COMPUTED",
    "Answer",
    "ask",
    "duties",
    "highest_duty",
    "highest_in_quota",
    "nature",
    "own_rise",
    "percent",
    "quantities",
]
