import pytest
from modelport.contract.narration import Silent


def test_a_silent_narrator_passes_everything_on_and_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    silent = Silent()
    silent.say("nobody hears")
    assert [1, 2, 3] == list(silent.track(iter([1, 2, 3]), 3, "counting"))
    assert ("", "") == tuple(capfd.readouterr())
