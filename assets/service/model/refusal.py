"""What a client is told when it gets no answer: a status and one sentence, never a path or a traceback."""

from ....contract.errors import ModelportError


class Refusal(Exception):
    """A request that is not answered.

    Args:
        status: of HTTP.
        sentence: for the client.
        retry_after: whole seconds, for the header of that name.
    """

    def __init__(self, status: int, sentence: str, *, retry_after: int | None = None) -> None:
        self.status, self.sentence, self.retry_after = status, sentence, retry_after
        super().__init__(sentence)


def refusal_of(error: ModelportError) -> Refusal:
    """Return the refusal of an image that the contract's decoder refuses; its error holds nothing of the server."""
    rows = (("expected", error.expected), ("received", error.received))
    told = "".join(f"; {name} {' '.join(str(value).split())}" for name, value in rows if value is not None)
    return Refusal(400, f"{error.what}{told}")
