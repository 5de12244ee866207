"""The facts that the rules ask for: each is found in the measure, the Economy or the book, with a sentence."""

# Importing each of these modules adds its facts to COMPUTED.
from entrepot.rules.facts import duties, exceptions, exports, free_trade, restrictions, subsidies
from entrepot.rules.facts.duties import disfavoured, highest_duty, highest_in_quota, own_rise, rests_on_mean
from entrepot.rules.facts.fact import COMPUTED, FactAnswer, as_stated, ask

__all__ = [
    "COMPUTED",
    "FactAnswer",
    "as_stated",
    "ask",
    "disfavoured",
    "duties",
    "exceptions",
    "exports",
    "free_trade",
    "highest_duty",
    "highest_in_quota",
    "own_rise",
    "restrictions",
    "rests_on_mean",
    "subsidies",
]
