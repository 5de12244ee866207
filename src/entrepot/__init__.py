from entrepot.economy import Economy, load_economy
