"""Trade law: the rules of the WTO and of statutes as data, the screen, the clocks, and lawful retaliation."""

from entrepot.rules.finding import Finding, Status, Step
from entrepot.rules.screen import Screen

__all__ = ["Finding", "Screen", "Status", "Step"]
