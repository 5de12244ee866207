from .sources import Imported as Imported
from .sources import import_economy as import_economy
from .updates import Updated as Updated
from .updates import update_economy as update_economy
