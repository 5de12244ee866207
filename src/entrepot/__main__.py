"""`python -m entrepot`: the command line."""

from entrepot.cli import main

if __name__ == "__main__":
    main()
