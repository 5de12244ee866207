from entrepot.equilibrium.solve import solve
from entrepot.equilibrium.closure import Closure
