"""Trade law: the rules of the WTO and of statutes as data, the screen, the clocks, and lawful retaliation."""

from entrepot.rules.answer import Answer, retaliate
from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.nullification import Nullification, nullification
from entrepot.rules.retaliation import Retaliation
from entrepot.rules.screen import Screen

__all__ = [
    "Answer",
    "Finding",
    "Nullification",
    "Retaliation",
    "Screen",
    "Status",
    "Step",
    "nullification",
    "retaliate",
]
