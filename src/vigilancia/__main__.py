"""`python -m vigilancia`."""

from vigilancia.cli.main import main

if __name__ == "__main__":
    main()
