"""The CloudEvents that must come back."""

import hashlib
import json
from dataclasses import dataclass
from urllib.parse import quote

from instant import created_at
from posted import GATE, GATED, GROUP, RECEIVER


ATTRIBUTES = ("time", "subject", "dataschema", "datacontenttype", "traceparent")


@dataclass
class Expected:
    """An event: its attributes as texts, and the text of its data."""

    label: str
    attributes: dict
    data: str
    # Whether the registry or an SDK has written the data, so that it is known as a value and not as a text.
    is_reserialized: bool = False

    @property
    def id(self):
        return self.attributes["id"]


def of_body(label, id, receiver, body, payload):
    """The event of a body in the registry's own form. `body` may have CloudEvents attributes, too."""
    own = {name: body[name] for name in ATTRIBUTES if name in body}
    defaults = {
        "time": created_at(id),
        "subject": f"{quote(body['package'], safe='')}/{quote(body['version'], safe='')}",
        "datacontenttype": "application/json",
    }
    return Expected(
        label,
        defaults
        | own
        | {
            "id": id,
            "source": f"xzepr.event.receiver.{receiver}",
            "type": body["name"],
            "specversion": "1.0",
            "receiverid": receiver,
            "apiversion": "v1",
            "success": json.dumps(body["success"]),
            "name": body["name"],
            "version": body["version"],
            "release": body["release"],
            "platformid": body["platform_id"],
            "package": body["package"],
            "description": body["description"],
            "sequence": id,
        },
        payload,
    )


def of_cloudevent(label, id, receiver, event):
    """An event that an SDK has posted. The id and the source are the registry's own."""
    attributes = event["attributes"]
    body = attributes | {"name": attributes["type"], "platform_id": attributes["platformid"]}
    expected = of_body(label, id, receiver, body, json.dumps(event["data"]))
    expected.is_reserialized = True
    return expected


SYSTEM = {
    "version": "1.0.0",
    "release": "system",
    "platform_id": "xzepr",
    "package": "xzepr.system",
    "success": True,
}


def fingerprint(receiver=RECEIVER):
    """The receiver's, without the name of the digest."""
    texts = [receiver[member] for member in ("type", "description", "name", "version")]
    return hashlib.sha256(" ".join(["v1", *texts]).encode()).hexdigest()


def of_receiver(id, receiver, posted=RECEIVER):
    """The system event of a receiver."""
    described = {member: posted[member] for member in ("name", "type", "version", "description")}
    payload = described | {"receiver_id": receiver, "fingerprint": f"sha256:{fingerprint(posted)}"}
    body = {
        "name": "xzepr.event.receiver.created",
        "description": f"Event receiver '{posted['name']}' created",
    }
    return of_system(f"receiver {posted['name']} created", id, receiver, body, payload)


def of_group(id, receiver, group, posted=GROUP):
    """The system event of a group, which has one receiver."""
    payload = posted | {"group_id": group, "receiver_ids": [receiver], "receiver_count": 1}
    body = {
        "name": "xzepr.event.receiver.group.created",
        "description": f"Event receiver group '{posted['name']}' created",
    }
    return of_system(f"group {posted['name']} created", id, receiver, body, payload)


def of_completion(id, receiver, group, event):
    """The event of the complete group. It has the type of the group, and the artifact of the event that completed it."""
    described = {member: GATE[member] for member in ("name", "type", "version", "description")}
    payload = described | {
        "group_id": group,
        "completion": 1,
        "trigger_event_id": event,
        "events": [{"event_receiver_id": receiver, "event_id": event}],
    }
    body = GATED.body | {"description": f"Event receiver group '{GATE['name']}' is complete"}
    completion = of_body("group complete", id, group, body, json.dumps(payload))
    completion.attributes |= {"type": GATE["type"], "source": f"xzepr.event.receiver.group.{group}"}
    completion.is_reserialized = True
    return completion


def of_system(label, id, receiver, body, payload):
    event = of_body(label, id, receiver, SYSTEM | body, json.dumps(payload))
    event.is_reserialized = True
    return event
