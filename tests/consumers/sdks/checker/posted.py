"""The events that are posted in the registry's own form, one for each thing that a consumer may read wrongly."""

import json
from dataclasses import dataclass, field

RECEIVER = {
    "name": "sdks",
    "type": "com.example.sdks",
    "version": "1.0.0",
    "description": "Any payload: Überprüfung ✓",
    "schema": True,
}

# It is disabled, since each of the events would complete it.
GROUP = {
    "name": "sdks",
    "type": "com.example.gate",
    "version": "1.0.0",
    "description": "All SDKs: Überprüfung ✓",
    "enabled": False,
}

# The receiver of a group that one event completes.
GATE_RECEIVER = RECEIVER | {"name": "gate", "type": "com.example.gated"}

GATE = GROUP | {"name": "gate", "type": "com.example.gate.sdks", "enabled": True}

BODY = {
    "name": "com.example.build.finished",
    "version": "2.1.0",
    "release": "2.1.0-rc.1",
    "platform_id": "linux-x86_64",
    "package": "myapp",
    "description": "Built myapp",
    "success": True,
}


@dataclass
class Posted:
    """An event, with its members beside the payload, and with the text of its payload."""

    label: str
    payload: str
    members: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)

    @property
    def body(self):
        return BODY | self.members

    def request(self, receiver):
        """The body of the request. The payload's text is in it as it is."""
        members = json.dumps(self.body | {"event_receiver_id": receiver}, ensure_ascii=False)
        return f'{members[:-1]},"payload":{self.payload}}}'


OBJECT = '{"commit":"8a41d5f"}'
NUMBERS = '{"integer":12345678901234567890123,"beyond_2_53":9007199254740993,"decimal":1.50,"powers":[1E5,-0.1e-7]}'

EVENTS = [
    Posted("plain", OBJECT),
    Posted("failed", OBJECT, {"success": False}),
    Posted("trace", OBJECT, headers={"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}),
    Posted(
        "all attributes",
        OBJECT,
        {
            "time": "2026-03-01T12:00:00.123456789+05:30",
            "subject": "pkg:oci/myapp@sha256:8a41d5f?tag=2.1.0 # Überprüfung",
            "dataschema": "https://example.com/schemas/build?version=1",
            "datacontenttype": 'application/json; charset=utf-8; note="a; b"',
        },
    ),
    Posted("time only", OBJECT, {"time": "2026-03-01T12:00:00-00:00"}),
    Posted("largest offset", OBJECT, {"time": "2026-03-01T12:00:00+18:00"}),
    Posted("first time", OBJECT, {"time": "0001-01-01T00:00:00Z"}),
    Posted("last time", OBJECT, {"time": "9999-12-31T23:59:59.999999999Z"}),
    Posted("subject only", OBJECT, {"subject": "myapp"}),
    Posted("dataschema only", OBJECT, {"dataschema": "urn:example:build:1"}),
    Posted("datacontenttype only", OBJECT, {"datacontenttype": "text/json"}),
    Posted("type with a suffix", OBJECT, {"datacontenttype": "application/vnd.example.build+json"}),
    Posted(
        "type with a suffix and a parameter", OBJECT, {"datacontenttype": "application/vnd.example+json; charset=utf-8"}
    ),
    Posted(
        "Unicode",
        '{"text":"Überprüfung ✓ 日本 😀 \\u00e9 \\u2028","日本":"\U0010fffd"}',
        {
            member: f"{member} Überprüfung ✓ 日本 😀 \" \\ % %20 +"
            for member in ("name", "version", "release", "platform_id", "package", "description")
        },
    ),
    Posted("spaces around", OBJECT, {"name": " a  b ", "description": " c "}),
    Posted("longest texts", OBJECT, {"name": "ü" * 255, "version": "%" * 255, "description": "✓" * 1000}),
    Posted("empty object", "{}"),
    Posted("empty array", "[]"),
    Posted("empty text", '""'),
    Posted("null", "null"),
    Posted("true", "true"),
    Posted("false", "false"),
    Posted("zero", "0"),
    Posted("text", '"text ✓ \\" \\\\ \\n"'),
    Posted("decimal", "1.50"),
    Posted("spaces and escapes", '{ "z" : "\\u00e9\\/" ,\n\t"a":[ ] }'),
    Posted("numbers", NUMBERS),
    Posted("250 KB", json.dumps({"log": "passed ✓ " * 22_700}, ensure_ascii=False)),
    Posted("100 arrays", "[" * 100 + "]" * 100),
    Posted("100 objects", '{"a":' * 100 + "null" + "}" * 100),
    Posted("names of attributes", '{"id":1,"data":null,"specversion":"0.3","datacontenttype":1,"data_base64":"eA=="}'),
]


def post_all(registry):
    """Posts the receiver, the group and the events. Returns the ids of the receiver, of the group and of the events."""
    receiver = registry.post("event-receivers", json.dumps(RECEIVER))
    group = registry.post("event-receiver-groups", json.dumps(GROUP | {"event_receiver_ids": [receiver]}))
    ids = [registry.post("events", posted.request(receiver), posted.headers) for posted in EVENTS]
    return receiver, group, ids


GATED = Posted("gated", OBJECT, {"name": "gated Überprüfung ✓"})


def post_gate(registry):
    """Completes a group. Returns the ids of the receiver, of the group and of the event."""
    receiver = registry.post("event-receivers", json.dumps(GATE_RECEIVER))
    group = registry.post("event-receiver-groups", json.dumps(GATE | {"event_receiver_ids": [receiver]}))
    return receiver, group, registry.post("events", GATED.request(receiver))


def cloudevent(id, receiver, is_ascii):
    """The attributes and the data of an event that an SDK posts."""
    text = "Built myapp" if is_ascii else 'Überprüfung ✓ 日本 😀 "100%20"'
    return {
        "attributes": {
            "id": id,
            "source": "https://ci.example.com/builds?branch=main",
            "type": "com.example.build.posted",
            # SDKs keep at least milliseconds.
            "time": "2026-03-01T12:00:00.123+05:30",
            "subject": f"{text}, the subject",
            "dataschema": "https://example.com/schemas/build?version=1",
            "datacontenttype": "application/json",
            "receiverid": receiver,
            "success": True,
            "version": "2.1.0",
            "release": "2.1.0-rc.1",
            "platformid": "linux-x86_64",
            "package": "myapp",
            "description": text,
        },
        "data": {"text": "Überprüfung ✓ 日本 😀", "list": [1, 2.5, None, True, {}], "commit": "8a41d5f"},
    }
