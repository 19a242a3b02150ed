"""The golden cases, written by hand, and an independent reading of the specification, from the start at every frame."""

import ast
import json
import math
import random
import sys
from pathlib import Path
from typing import Any

import pytest
from modelport.assets.assembly import text_assembler
from modelport.assets.assembly.text_assembler import AssemblyOptions, TextAssembler

FOLDER = Path(text_assembler.__file__).parent
GOLDEN: dict[str, Any] = json.loads((FOLDER / "golden_cases.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = GOLDEN["cases"]

Frame = tuple[str, float, int]
Answer = tuple[str | None, str | None, str]


def answer_of(assembler: TextAssembler, frame: Frame) -> Answer:
    answer = assembler.push(*frame)
    return answer.vote, answer.event, answer.text


def read_step(step: list[Any]) -> tuple[Frame, Answer]:
    label, score, time_ms, *answer = step
    return (label, math.nan if score is None else score, time_ms), (answer[0], answer[1], answer[2])


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_a_golden_case_comes_out(case: dict[str, Any]) -> None:
    assembler = TextAssembler(AssemblyOptions(**case["options"]))
    for number, step in enumerate(case["steps"]):
        if step == ["clear"]:
            assembler.clear()
            assert "" == assembler.text
            continue
        frame, expected = read_step(step)
        assert expected == answer_of(assembler, frame), f"step {number}"


def test_the_golden_cases_are_many_and_every_kind_of_event_is_among_them() -> None:
    names = [case["name"] for case in CASES]
    assert len(set(names)) == len(names) >= 30
    events = {step[4].split(":")[0] for case in CASES for step in case["steps"] if len(step) > 1 and step[4]}
    assert {"letter", "space", "delete", "nothing-to-delete", "not-allowed", "full"} == events


@pytest.mark.parametrize("options", GOLDEN["refused"]["options"], ids=str)
def test_options_out_of_their_ranges_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options)).removesuffix("_sequences")):
        AssemblyOptions(**options)


def test_one_text_is_no_list_of_words() -> None:
    with pytest.raises(ValueError, match="one text"):
        AssemblyOptions(allowed_sequences="HI")  # type: ignore[arg-type]


@pytest.mark.parametrize("time_ms", GOLDEN["refused"]["times_ms"], ids=str)
def test_a_time_that_is_none_is_refused_and_changes_nothing(time_ms: Any) -> None:
    assembler = TextAssembler(AssemblyOptions(window=1))
    with pytest.raises(ValueError, match="time_ms"):
        assembler.push("A", 0.9, time_ms)
    assert (None, None, "") == (*answer_of(TextAssembler(), ("A", 0.9, 0))[:2], assembler.text)


def brute_force(options: AssemblyOptions, frames: list[Frame]) -> Answer:
    """Read the sentences anew over all frames so far, with other means than the program: nothing is kept between."""
    read, times = [], list[int]()
    for label, score, time_ms in frames:
        small = "".join(chr(ord(x) | 32) if "A" <= x <= "Z" else x for x in label)
        known = {"space": "space", "del": "del", "delete": "del", "nothing": "nothing"}.get(small, label)
        read.append(known if score >= options.threshold and label != "" else None)
        times.append(max([time_ms, *times]))
    votes = [vote_at(options, read[: last + 1]) for last in range(len(read))]
    events: list[tuple[str, str] | None] = []
    held: tuple[str, int] | None = None
    pieces: list[str] = []
    for vote, now in zip(votes, times, strict=True):
        event = None
        if vote == "nothing":
            held = None
        elif vote and (not held or held[0] != vote or (options.hold_ms and now >= held[1] + options.hold_ms)):
            held = (vote, now)
            event, pieces = acted(options, vote, pieces)
        events.append(event)
    last_event = events[-1]
    return votes[-1], ":".join(last_event) if last_event else None, "".join(pieces)


def vote_at(options: AssemblyOptions, read: list[str | None]) -> str | None:
    window = ([None] * options.window + read)[-options.window :]
    winners = {label for label in window if label and window.count(label) * 2 >= options.window + 1}
    if winners:
        (winner,) = winners  # two majorities cannot be
        return winner
    return "nothing" if len(read) >= options.window and set(window) == {None} else None


def acted(options: AssemblyOptions, vote: str, pieces: list[str]) -> tuple[tuple[str, str], list[str]]:
    if vote == "del":
        return (("delete" if pieces else "nothing-to-delete"), vote), pieces[:-1]
    if len(pieces) == options.max_pieces:
        return ("full", vote), pieces
    starts = [at + 1 for at, piece in enumerate(pieces) if piece == " "]
    word = "".join(pieces[max(starts, default=0) :])
    words = {allowed.lower() for allowed in options.allowed_sequences}  # of ASCII here
    beginnings = {allowed[:end] for allowed in words for end in range(1, len(allowed) + 1)}
    is_allowed = (word.lower() in words) if vote == "space" else ((word + vote).lower() in beginnings)
    if words and not is_allowed:
        return ("not-allowed", vote), pieces
    return ("space" if vote == "space" else "letter", vote), [*pieces, " " if vote == "space" else vote]


def test_an_independent_reading_of_the_specification_agrees_on_random_frames() -> None:
    chance = random.Random(0)
    labels = ["A", "A", "B", "a", "AB", "space", "Del", "nothing", "", "A B"]
    counted = 0
    for _ in range(250):
        options = AssemblyOptions(
            threshold=chance.choice([0, 0.5, 0.7]),
            window=chance.randint(1, 6),
            hold_ms=chance.choice([0, 1, 70, 300]),
            max_pieces=chance.choice([1, 3, 500]),
            allowed_sequences=chance.choice([(), ("AB", "ABBA"), ("aab", "b")]),
        )
        assembler, frames = TextAssembler(options), list[Frame]()
        label, now = "A", 0
        for _ in range(40):
            label = chance.choice(labels) if chance.random() < 0.4 else label
            now += chance.choice([-50, 0, 30, 70])
            frames.append((label, chance.choice([0.3, 0.7, 0.9, math.nan]), max(now, 0)))
            expected, received = brute_force(options, frames), answer_of(assembler, frames[-1])
            assert expected == received, (options, frames)
            counted += received[1] is not None
    assert counted > 600  # the frames made something happen


def test_every_sentence_of_the_specification_that_has_a_number_is_numbered_in_order() -> None:
    text = (FOLDER / "specification.md").read_text(encoding="utf-8")
    numbers = [int(line.split(".")[0]) for line in text.splitlines() if line[:2].strip(".").isdigit()]
    assert list(range(1, 25)) == numbers


def test_the_defaults_are_those_of_the_specification() -> None:
    text = (FOLDER / "specification.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(" `"): cells[2].strip() for line in text.splitlines() if len(cells := line.split("|")) == 6}
    for name in ("threshold", "window", "hold_ms", "max_pieces"):
        assert str(getattr(AssemblyOptions(), name)) == rows[name]
    assert ((), "none") == (AssemblyOptions().allowed_sequences, rows["allowed_sequences"])


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(text_assembler.__file__).read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert modules <= sys.stdlib_module_names
