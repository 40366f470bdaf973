"""Changes of the requests that the document allows, so that the API can accept them.

The document cannot say which objects exist, which keys and ids are used already, which cursors a list has given, and
which times are past and in order. So an allowed request names existing objects, a new key, a new id, no cursor and a
range of the past. Requests that the document forbids are sent as they are.
"""

import itertools
import json
import os
import urllib.request

import schemathesis

# Any payload is valid for this receiver.
RECEIVER = {"name": "any", "type": "any", "version": "1", "description": "Takes any payload", "schema": True}

GROUP = {"name": "any", "type": "any", "version": "1", "description": "One receiver", "enabled": True}

EVENT = {
    "name": "any",
    "version": "1",
    "release": "1",
    "platform_id": "any",
    "package": "any",
    "description": "An event",
    "success": True,
    "payload": {},
}

RANGE = {"start": "2024-01-15T10:30:00Z", "end": "2024-01-15T10:31:00Z"}
BOUNDS = {"from": "2024-01-15T10:30:00Z", "to": "9024-01-15T10:30:00Z"}

# The attributes of an event in the binary content mode.
ATTRIBUTES = {
    "specversion": "1.0",
    "source": "/ci/myapp",
    "type": "image.pushed",
    "success": "true",
    "version": "2.1.0",
    "release": "2.1.0-rc.1",
    "platformid": "kubernetes",
    "package": "my%20app",
    "description": "Pushed%20myapp",
}

objects: dict[str, dict[str, str]] = {}
numbers = itertools.count()


def post(api: str, path: str, body: dict) -> str:
    """The id of a new object."""
    token = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
    request = urllib.request.Request(f"{api}/api/v1/{path}", json.dumps(body).encode(), token)
    with urllib.request.urlopen(request) as response:
        return json.load(response)["data"]


def objects_at(api: str) -> dict[str, str]:
    """The ids of one receiver, one group and one event, by the paths of their kinds. They are made once."""
    if api not in objects:
        receiver = post(api, "receivers", RECEIVER)
        group = post(api, "groups", GROUP | {"event_receiver_ids": [receiver]})
        event = post(api, "events", EVENT | {"event_receiver_id": receiver})
        objects[api] = {"events": event}
        objects[api] |= dict.fromkeys(["receivers", "event-receivers"], receiver)
        objects[api] |= dict.fromkeys(["groups", "event-receiver-groups"], group)
    return objects[api]


def receiver_at(api: str) -> str:
    """The id of the receiver."""
    return objects_at(api)["receivers"]


def name_an_object(case) -> None:
    """Puts the id of an existing object into the path."""
    kind = case.path.removeprefix("/api/v1/").split("/")[0]
    ids = objects_at(case.operation.base_url.rstrip("/"))
    if kind in ids and case.path_parameters:
        case.path_parameters = case.path_parameters | {"id": ids[kind]}


def acceptable_query(query: dict) -> dict:
    """The parameters without a cursor, and with bounds that are in order."""
    query = {name: value for name, value in query.items() if name != "cursor"}
    return query | {name: BOUNDS[name] for name in BOUNDS.keys() & query.keys()}


def acceptable_replay(query: dict) -> dict:
    """The parameters with a range in the past. The document cannot say that a replay to the index takes nothing else."""
    if query.get("target") == "index":
        query = {"target": "index"}
    return query | RANGE


def acceptable_body(body, receiver: str):
    """The body with an existing receiver, and each CloudEvent with an id of its own."""
    if isinstance(body, list):
        return [acceptable_body(element, receiver) for element in body]
    if not isinstance(body, dict):
        return body
    body = dict(body)
    for name in {"event_receiver_id", "receiverid"} & body.keys():
        body[name] = receiver
    if body.get("event_receiver_ids"):
        body["event_receiver_ids"] = [receiver]
    if "specversion" in body:
        body["id"] = f"event-{next(numbers)}"
        if "data_base64" in body and "data" not in body:
            # The document cannot say which Base64 is that of JSON.
            body["data_base64"] = "e30="
    return body


def acceptable_headers(case, receiver: str) -> dict[str, str]:
    """The headers with a new key, and with the attributes of a CloudEvent if the body is the data of one."""
    headers = {name: value for name, value in (case.headers or {}).items() if not name.lower().startswith("ce-")}
    for name in headers:
        if name.lower() == "idempotency-key":
            headers[name] = f"key-{next(numbers)}"
    if case.media_type == "application/*+json":
        attributes = ATTRIBUTES | {"receiverid": receiver, "id": f"event-{next(numbers)}"}
        headers |= {f"ce-{name}": value for name, value in attributes.items()}
        headers["Content-Type"] = "application/vnd.example+json"
    return headers


def is_allowed(case) -> bool:
    """Whether the document allows the request."""
    return case.meta is not None and case.meta.generation.mode.is_positive


def forbid_two_keys(case) -> None:
    """Gives a forbidden request two different keys in place of one key twice.

    The API takes one key twice as one key, since API Gateway joins the values of a repeated header with a comma.
    """
    for name, value in (case.headers or {}).items():
        if name.lower() == "idempotency-key" and "," in value and '"' not in value:
            case.headers[name] = "a,b"


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Makes an allowed request one that the API can accept."""
    if not is_allowed(case):
        forbid_two_keys(case)
    elif case.method == "POST" and case.path == "/api/v1/admin/replay-events":
        case.query = acceptable_replay(case.query or {})
    elif case.method in {"GET", "PATCH"}:
        name_an_object(case)
        case.query = acceptable_query(case.query or {})
    elif case.method == "POST":
        receiver = receiver_at(case.operation.base_url.rstrip("/"))
        # The data of an event in the binary content mode stays as it is.
        if case.media_type != "application/*+json":
            case.body = acceptable_body(case.body, receiver)
        case.headers = acceptable_headers(case, receiver)
