"""The CloudEvents that must come back."""

import hashlib
import json
from dataclasses import dataclass
from urllib.parse import quote

from instant import created_at
from posted import GROUP, RECEIVER


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


def fingerprint():
    """The receiver's, without the name of the digest."""
    texts = [RECEIVER[member] for member in ("type", "description", "name", "version")]
    return hashlib.sha256(" ".join(["v1", *texts]).encode()).hexdigest()


def of_receiver(id, receiver):
    """The system event of the receiver."""
    described = {member: RECEIVER[member] for member in ("name", "type", "version", "description")}
    payload = described | {"receiver_id": receiver, "fingerprint": f"sha256:{fingerprint()}"}
    body = {
        "name": "xzepr.event.receiver.created",
        "description": f"Event receiver '{RECEIVER['name']}' created",
    }
    return of_system("receiver created", id, receiver, body, payload)


def of_group(id, receiver, group):
    """The system event of the group, which has one receiver."""
    payload = GROUP | {"group_id": group, "receiver_ids": [receiver], "receiver_count": 1}
    body = {
        "name": "xzepr.event.receiver.group.created",
        "description": f"Event receiver group '{GROUP['name']}' created",
    }
    return of_system("group created", id, receiver, body, payload)


def of_system(label, id, receiver, body, payload):
    event = of_body(label, id, receiver, SYSTEM | body, json.dumps(payload))
    event.is_reserialized = True
    return event
