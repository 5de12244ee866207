from .elasticities import elasticities_by_set as elasticities_by_set
from .published_sets import ElasticitySet as ElasticitySet
from .published_sets import elasticity_sets as elasticity_sets
from .sources import Imported as Imported
from .sources import import_economy as import_economy
from .updates import Updated as Updated
from .updates import update_economy as update_economy
