"""`python -m modelport`: the same command line as the `modelport` script."""

from .cli.main import main

if __name__ == "__main__":
    main()
