"""The service's two addresses, as clients of existing Flask services call them: /health and /predict-image."""

import logging
import math
import secrets
from typing import Any

import flask
import numpy as np
from werkzeug.exceptions import HTTPException

from ..model.check_image import check_size
from ..model.refusal import Refusal
from ..model.reload import ModelHolder
from ..model.settings import Settings, listed
from .cross_origin import add_cross_origin
from .rate_limit import RateLimit
from .read_upload import MAX_FORM_PARTS, InMemoryRequest, read_upload
from .sessions import Sessions

log = logging.getLogger("modelport.service")

#: How many labels an answer names.
TOP = 5

_SENTENCES = {
    404: "no such address; expected GET /health or POST /predict-image",
    405: "no such method here; expected GET /health or POST /predict-image",
    413: "the body is too large",
}


def make_app(settings: Settings, holder: ModelHolder, sessions: Sessions) -> flask.Flask:
    """Return the WSGI application.

    Args:
        settings: limits and origins.
        holder: the model; another may take its place at any time.
        sessions: whose text grows from the answers.
    """
    app = flask.Flask("modelport.assets.service", static_folder=None)
    app.request_class = InMemoryRequest
    app.url_map.strict_slashes = False  # some clients ask for /predict-image/
    app.config["MAX_CONTENT_LENGTH"] = app.config["MAX_FORM_MEMORY_SIZE"] = settings.max_body_bytes
    app.config["MAX_FORM_PARTS"] = MAX_FORM_PARTS
    app.json.sort_keys = False  # type: ignore[attr-defined]
    limit = RateLimit(settings.rate_per_second, settings.rate_burst)

    @app.get("/health")
    def health() -> dict[str, Any]:
        return health_of(holder, sessions)

    @app.post("/predict-image")
    def predict_image() -> dict[str, Any]:
        if wait := limit.seconds_to_wait(flask.request.remote_addr or ""):
            raise Refusal(429, "too many requests", retry_after=math.ceil(wait))
        upload = read_upload(flask.request)
        check_size(upload.image, settings.max_pixels)
        model = holder.current  # once: scores, labels and hash of one answer are of one model
        answer = named_scores(model.scores(upload.image), model.labels)
        best = answer[0]
        text = sessions.push(upload.session, best["label"], best["score"])
        return {
            "predictions": answer,
            "top_prediction": best,
            "predicted_label": best["label"],
            "assembled_text": text,
            "session_id": upload.session,
            "model_sha256": model.model_sha256,
            "mock": model.model_sha256 is None,
        }

    app.register_error_handler(Exception, _answer_error)
    if origins := listed(settings.cors_origins):
        app.after_request(lambda response: add_cross_origin(response, flask.request, origins))
    return app


def named_scores(scores: Any, labels: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the best scores with their labels, the best first; equal ones in the order of the labels."""
    best = np.argsort(-scores, kind="stable")[:TOP]
    return [{"label": labels[index], "score": float(scores[index])} for index in best]


def health_of(holder: ModelHolder, sessions: Sessions) -> dict[str, Any]:
    """Return what /health answers; "status" is "ok" as long as there is a model, which there always is."""
    model = holder.current
    return {
        "status": "ok",
        "mock": model.model_sha256 is None,
        "model_sha256": model.model_sha256,
        "labels_sha256": model.labels_sha256,
        "labels": len(model.labels),
        "format": model.format,
        "runtime": model.runtime,
        "loaded": model.loaded,
        "reloads": holder.reloads,
        "not_served": holder.failure,
        "sessions": len(sessions),
    }


def _answer_error(error: Exception) -> flask.Response:
    """Return JSON with `error` for whatever went wrong: never a traceback, and no path of the server."""
    if isinstance(error, Refusal):
        response = _error(error.status, error.sentence)
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response
    if isinstance(error, HTTPException) and error.code is not None:
        response = _error(error.code, _SENTENCES.get(error.code, error.name))
        allowed = dict(error.get_headers()).get("Allow")
        if allowed:
            response.headers["Allow"] = allowed
        return response
    number = secrets.token_hex(4)
    log.error("request %s failed", number, exc_info=error)
    return _error(500, f"the service failed; its log says more under {number}")


def _error(status: int, sentence: str) -> flask.Response:
    response = flask.jsonify(error=sentence)
    response.status_code = status
    return response
