"""`python -m modelport.assets.service`: serve the model that the environment names."""

import logging
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from ...contract.errors import MissingExtraError, ModelportError
from ...runtimes.process.threads import thread_variables
from .model.settings import Settings, settings, shown, table, variable_of
from .read_settings import CONFIG_VARIABLE, read_settings


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Serve a model to the clients of an existing Flask service: GET /health and POST /predict-image.

    All configuration is by environment variables; --help lists them.
    """
    try:
        serve(read_settings(os.environ))
    except ModelportError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)


def help_text() -> str:
    """Return what --help says of the settings: each variable, its default, and what it is."""
    rows = [f"  {variable:<27} {what}{f' [{default}]' if default else ''}" for variable, _, default, what in table()]
    last = f"  {CONFIG_VARIABLE:<27} TOML file with the same settings, such as port = 5000; a variable stands before it"
    return "\n".join([*rows, last])


def configuration(given: Settings) -> str:
    """Return one line for each setting: what the service goes by."""
    return "\n".join(f"  {variable_of(name):<27} {shown(getattr(given, name)) or '-'}" for name in settings())


def serve(given: Settings) -> None:
    """Load the model, listen, and answer until SIGTERM or Ctrl-C.

    Raises:
        MissingExtraError: Flask or waitress, or the model's runtime, is not installed.
        InputError: the model does not fit, or the address is taken.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # says so of every request that waits
    signal.signal(signal.SIGTERM, _end)
    if given.threads:
        os.environ.update(thread_variables(given.threads))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        from .running import running
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            (error.name or "flask").partition(".")[0], needed_for="the service", extra="service"
        ) from error
    click.echo(f"settings\n{configuration(given)}")
    with running(given) as service:
        model = service.holder.current
        what = "made-up answers (mock)" if model.model_sha256 is None else f"{model.format} {model.model_sha256[:12]}"
        click.echo(f"{what}, {len(model.labels)} labels, {model.runtime}\nlistening on {service.address}")
        sys.stdout.flush()
        service.run()


def _end(number: int, _: FrameType | None) -> NoReturn:
    """End as asked: waitress lets requests that are worked on finish, for at most five seconds."""
    sys.exit(0)


main.epilog = "\b\nSettings [default]:\n" + help_text()

if __name__ == "__main__":
    main()
