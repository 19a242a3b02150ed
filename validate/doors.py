"""Ask an open artifact all images at one of its doors (pixels, or encoded files), and judge the answers."""

import numpy as np

from ..contract.errors import RuntimeFailure, one_line
from ..contract.model_contract.model_contract import ModelContract
from ..contract.run.artifacts import Artifact
from .answers.bench import Answers, Bench, OpenSession
from .answers.image_stream import Rows, batches
from .answers.record import RecordedSession
from .budgets.budgets import Budget
from .findings.verdict import Finding, Verdict
from .rules.score_rules import judge_scores
from .scores.head_scores import HeadScores
from .scores.parity import score_head

#: Images in one call. 16 images of 200 x 200 are 7.7 MB of float32.
BATCH = 16

Judged = tuple[list[Finding], tuple[HeadScores, ...] | None]


def judge_door(
    session: RecordedSession, door: str, artifact: Artifact, budgets: dict[str, Budget], bench: Bench
) -> Judged:
    """Return what was found at one door, and the scores of each head; no scores if it gave no answers."""
    n = len(bench.stream)
    rows = np.arange(n) if door == "pixels" else np.flatnonzero(bench.stream.encodable)
    if not rows.size:
        return [_finding("images", Verdict.NOT_JUDGED, "not judged: none of the images is a JPEG or PNG", door)], None
    try:
        answers = _answers(session, door, rows, artifact, bench)
    except RuntimeFailure as error:
        return [_finding("runtime", Verdict.FAIL, one_line(error), door)], None
    findings = []
    if len(rows) < n:
        sentence = f"{n - len(rows)} of {n} images are neither JPEG nor PNG and were not sent"
        findings.append(_finding("images", Verdict.PASS, sentence, door))
    scores = _score(answers, rows, bench)
    return findings + [found for score in scores for found in judge_scores(score, budgets, door)], scores


def _answers(session: RecordedSession, door: str, rows: Rows, artifact: Artifact, bench: Bench) -> Answers:
    """Return head name to (images, width) float32, in the run's order of labels."""
    if door not in session.record.answers:
        session.record.answers[door] = _ask(session, door, rows, artifact, bench)
    return bench.in_run_order(artifact, session.record.answers[door])


def _ask(session: OpenSession, door: str, rows: Rows, artifact: Artifact, bench: Bench) -> Answers:
    pieces, taken = [], bench.contract_of(artifact).pixels
    size = 1 if taken.preprocessing == "in_graph" else BATCH  # images of other sizes make no batch
    for batch in batches(rows, size):
        if door == "pixels":
            answer = session.predict(bench.stream.pixels(batch, taken))
        else:
            answer = session.predict_encoded(bench.stream.encoded(batch))
        _check_answer(answer, len(batch), artifact, bench.contract)
        pieces.append(answer)
        bench.step(len(batch))
    return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}


def _check_answer(answer: Answers, n: int, artifact: Artifact, contract: ModelContract) -> None:
    expected = {head.name: (n, head.width) for head in contract.heads}
    received = {name: values.shape for name, values in answer.items()}
    if received != expected:
        raise RuntimeFailure(
            "answer does not match the heads", where=artifact.path, expected=expected, received=received
        )


def _score(answers: Answers, rows: Rows, bench: Bench) -> tuple[HeadScores, ...]:
    evidence, names = bench.evidence, tuple(bench.evidence.names[row] for row in rows)
    return tuple(
        score_head(head, answers[head.name], evidence.heads[head.name].at(rows), evidence.matched[rows], names)
        for head in bench.contract.heads
    )


def _finding(key: str, verdict: Verdict, sentence: str, door: str) -> Finding:
    return Finding(key=key, verdict=verdict, sentence=sentence, door=door)
