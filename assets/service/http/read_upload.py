"""The image and the session's name in a request, in whichever of the ways that clients send them."""

import base64
import binascii
import io
import json
import re
from dataclasses import dataclass
from typing import IO, Any
from urllib.parse import parse_qsl

import flask
from werkzeug.exceptions import RequestEntityTooLarge

from ....contract.image.image_formats import ENCODABLE, is_encodable
from ..model.refusal import Refusal

MAX_SESSION_LETTERS = 128
#: Parts of a multipart body, and bytes of the fields among them: an image and a few texts.
MAX_FORM_PARTS = 20
_DATA_URL = re.compile(r"data:([^,]{0,200}),", re.IGNORECASE)
#: Some clients write image/jpg, some do not know what they have; the first bytes decide.
_MEDIA_TYPES = (*(each.media_type for each in ENCODABLE), "image/jpg", "application/octet-stream")
_TEXT_KEYS = ("image_base64", "image")
#: From base64 for addresses (RFC 4648, 5), which JavaScript and Android write as well, to the usual one.
_URL_SAFE = str.maketrans("-_", "+/")


class InMemoryRequest(flask.Request):
    """A request whose uploaded files stay in memory; Flask's own writes those beyond 500 kB to temporary files."""

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return io.BytesIO()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What a client sent.

    Attributes:
        image: the bytes of a JPEG or PNG file, by its first bytes; not decoded yet.
        session: the client's name of its session; None: it has none.
    """

    image: bytes
    session: str | None


def read_upload(request: flask.Request) -> Upload:
    """Return the image of a request.

    It is a multipart field `image`; `image_base64` or `image` in JSON or in a form, base64 or a data URL; or the body
    itself. `session_id` is a field beside it, or stands in the address.

    Raises:
        Refusal: there is none, it cannot be read, or it is neither JPEG nor PNG.
    """
    if request.mimetype == "multipart/form-data":
        image, fields = _from_multipart(request)
    else:
        image, fields = _from_body(request.get_data(cache=False), request.mimetype)
    if not image:
        raise Refusal(400, "the image is empty")
    if not is_encodable(image):  # nothing else is decoded, whatever a request calls it
        raise Refusal(400, "not an image that is taken; expected a JPEG or PNG file")
    return Upload(image=image, session=_session(fields.get("session_id", request.args.get("session_id"))))


def _from_multipart(request: flask.Request) -> tuple[bytes, dict[str, Any]]:
    try:
        fields: dict[str, Any] = request.form.to_dict()
    except RequestEntityTooLarge as error:  # of its parts: the server has refused what has too many bytes
        raise Refusal(413, f"the body has too many parts; expected at most {MAX_FORM_PARTS}") from error
    file = request.files.get("image")
    return (_from_fields(fields) if file is None else file.read()), fields


def _from_body(body: bytes, mimetype: str) -> tuple[bytes, dict[str, Any]]:
    if is_encodable(body):  # first: some clients send images as whatever their library calls bytes
        return body, {}
    if mimetype == "application/json" or mimetype.endswith("+json") or body.lstrip()[:1] == b"{":
        fields = _json_object(body)
        return _from_fields(fields), fields
    if mimetype == "application/x-www-form-urlencoded" and body:
        fields = _form(body)
        return _from_fields(fields), fields
    return body, {}


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "the body is not JSON that can be read") from error
    if not isinstance(value, dict):
        raise Refusal(400, 'the JSON body is not an object; expected {"image_base64": "..."}')
    return value


def _form(body: bytes) -> dict[str, Any]:
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=MAX_FORM_PARTS))
    except ValueError as error:
        raise Refusal(400, "the body is neither an image nor a form that can be read") from error


def _from_fields(fields: dict[str, Any]) -> bytes:
    name = next((key for key in _TEXT_KEYS if fields.get(key) is not None), None)
    if name is None:
        raise Refusal(400, "no image; expected a multipart field image, or image_base64 or image in JSON, or raw bytes")
    if not isinstance(fields[name], str):
        raise Refusal(400, f"{name} is not a text; expected base64 or a data URL")
    return _from_text(fields[name], name)


def _from_text(text: str, name: str) -> bytes:
    """Return the bytes of base64, usual or URL-safe, with or without the head of a data URL."""
    if head := _DATA_URL.match(text):
        media_type, *parameters = (part.strip().lower() for part in head[1].split(";"))
        if media_type not in _MEDIA_TYPES:
            raise Refusal(400, f"{name} is a data URL of another type; expected image/jpeg or image/png")
        if "base64" not in parameters:
            raise Refusal(400, f"{name} is a data URL that is not base64")
        text = text[head.end() :]
    packed = "".join(text.split()).translate(_URL_SAFE)
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)  # URL-safe is often not padded
    except (binascii.Error, ValueError) as error:  # ValueError: letters beyond ASCII
        raise Refusal(400, f"{name} is not base64") from error


def _session(value: object) -> str | None:
    """Return the session's name; clients send numbers, too."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > MAX_SESSION_LETTERS:
        raise Refusal(400, f"session_id is not a text of at most {MAX_SESSION_LETTERS} letters")
    return str(value)
