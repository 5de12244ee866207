"""Everything that reads: tables in any format, public databases, tariffs, elasticities, concordances, downloads."""
