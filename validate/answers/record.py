"""What an artifact said, and an artifact that is opened only if something is asked that it has not said before."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from ...runtimes.facts.description import Description
from .bench import Answers, OpenSession


@dataclass(slots=True, kw_only=True)
class Record:
    """What one artifact said, now or in an earlier judgement of the same bytes.

    Attributes:
        made: when it said so, UTC, ISO 8601; None: in this judgement.
        description: of its runtime; None: it was not opened yet.
        answers: door to head name to (images, width), in the artifact's own order of labels.
    """

    made: str | None = None
    description: Description | None = None
    answers: dict[str, Answers] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether every door has answered."""
        return self.description is not None and set(self.description.doors) == set(self.answers)


class RecordedSession:
    """A session that goes on where its record ends. Use as a context manager.

    Attributes:
        record: what the artifact said; doors.py adds to it.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[OpenSession]], record: Record) -> None:
        self._opened, self._stack, self.record = opened, ExitStack(), record
        self._session: OpenSession | None = None

    def __enter__(self) -> "RecordedSession":
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    @property
    def description(self) -> Description:
        """What the runtime says about the file."""
        if self.record.description is None:
            self.record.description = self._open().description
        return self.record.description

    def predict(self, pixels: NDArray[Any], /) -> Answers:
        """Answer a batch of pixels as the contract says."""
        return self._open().predict(pixels)

    def predict_encoded(self, files: Sequence[bytes], /) -> Answers:
        """Answer the bytes of image files."""
        return self._open().predict_encoded(files)

    def _open(self) -> OpenSession:
        if self._session is None:
            self._session = self._stack.enter_context(self._opened())
        return self._session
