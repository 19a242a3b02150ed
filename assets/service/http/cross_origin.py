"""CORS: which pages of other origins may ask. Off unless origins are configured."""

import flask

#: Seconds for which a browser need not ask again.
_MAX_AGE = "600"


def add_cross_origin(response: flask.Response, request: flask.Request, origins: tuple[str, ...]) -> flask.Response:
    """Add the headers by which a browser lets a page of an allowed origin read the answer, and ask at all.

    Args:
        response: changed and returned.
        request: that it answers.
        origins: such as https://app.example.org; or * for all.

    Reference: https://fetch.spec.whatwg.org/#http-cors-protocol, read on 2026-11-21.
    """
    origin = request.headers.get("Origin")
    if "*" not in origins:
        response.headers.add("Vary", "Origin")  # an answer to one origin must not be cached for another
    if origin is None or not ("*" in origins or origin in origins):
        return response
    response.headers["Access-Control-Allow-Origin"] = "*" if "*" in origins else origin
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = _MAX_AGE
    return response
