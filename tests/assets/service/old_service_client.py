"""A client as apps of an existing Flask service have it; nothing of modelport is known.

python old_service_client.py URL IMAGE SESSION prints what it shows: one line for each way in which it sends the image.
"""

import base64
import json
import sys
import urllib.request
import uuid
from typing import Any


def post(url: str, body: bytes, kind: str) -> dict[str, Any]:
    request = urllib.request.Request(url + "/predict-image", data=body, headers={"Content-Type": kind})
    with urllib.request.urlopen(request) as response:
        return dict(json.load(response))


def main(url: str, path: str, session: str) -> None:
    with urllib.request.urlopen(url + "/health") as response:
        assert json.load(response)["status"] == "ok"
    with open(path, "rb") as file:
        image = file.read()
    text, boundary = base64.b64encode(image).decode(), uuid.uuid4().hex
    line = ("--" + boundary + "\r\n").encode()
    field = 'Content-Disposition: form-data; name="session_id"\r\n\r\n' + session + "\r\n"
    head = 'Content-Disposition: form-data; name="image"; filename="frame.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    form = line + field.encode() + line + head.encode() + image + b"\r\n--" + boundary.encode() + b"--\r\n"
    ways = [
        (form, "multipart/form-data; boundary=" + boundary),
        (json.dumps({"image_base64": text, "session_id": session}).encode(), "application/json"),
        (json.dumps({"image": "data:image/jpeg;base64," + text, "session_id": session}).encode(), "application/json"),
        (image, "application/octet-stream"),
        (image, "image/jpeg"),
    ]
    for body, kind in ways:
        answer = post(url, body, kind)
        best = answer["predictions"][0]
        assert answer["predicted_label"] == best["label"] == answer["top_prediction"]["label"]
        print(best["label"], repr(best["score"]), len(answer["predictions"]), repr(answer["assembled_text"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
