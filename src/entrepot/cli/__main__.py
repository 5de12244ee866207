"""Run the command line with `python -m entrepot.cli`."""

from entrepot.cli import main

main()
