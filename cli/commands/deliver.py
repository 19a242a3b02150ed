"""`modelport deliver`: one file for each product."""

import click

from ..lazy_group import LazyGroup

#: Product to the file in this folder that holds its command.
PRODUCTS = {
    "flutter": "deliver_flutter",
    "backend": "deliver_backend",
    "web": "deliver_web",
    "archive": "deliver_archive",
}


@click.group(cls=LazyGroup, files=PRODUCTS)
def deliver() -> None:
    """Put a judged model where it is used: a Flutter app, a Python backend, a web page, an archive.

    \b
    Example:
      modelport deliver flutter run ../my_app
      modelport deliver backend run ../service
      modelport deliver web run site
      modelport deliver archive run release.zip
    """
