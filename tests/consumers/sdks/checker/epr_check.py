"""Checks the format of EPR with a Go program that has EPR's types."""

import json

import topic
from expected import fingerprint
from instant import created_at, instant
from posted import EVENTS, GATE, GATE_RECEIVER, GATED, GROUP, RECEIVER, post_all, post_gate
from programs import Failed, run
from schemas import mismatches

TIMES = ("created_at", "updated_at")

# Stands for the id of the message of a complete group, which only the topic has.
COMPLETE = "complete"


def check(arguments, registry):
    """The faults, a sentence each."""
    receiver, group, ids = post_all(registry)
    gate_receiver, gate_group, gated = post_gate(registry)
    messages = {
        receiver: of_receiver(receiver, RECEIVER),
        group: of_group(group, receiver, GROUP),
        **{id: of_event(id, posted, receiver, RECEIVER) for id, posted in zip(ids, EVENTS)},
        gate_receiver: of_receiver(gate_receiver, GATE_RECEIVER),
        gate_group: of_group(gate_group, gate_receiver, GATE),
        gated: of_event(gated, GATED, gate_receiver, GATE_RECEIVER),
        COMPLETE: of_complete_group(gate_group, gate_receiver),
    }
    labels = {
        receiver: "receiver created",
        group: "group created",
        gate_receiver: "receiver of the gate created",
        gate_group: "gate created",
        gated: GATED.label,
        COMPLETE: "group complete",
    } | {id: posted.label for id, posted in zip(ids, EVENTS)}
    records = topic.read(arguments.brokers, lambda records: len({record.key for record in records}) == len(messages))
    faults = list(mismatches("epr", records))
    try:
        output = run([arguments.tools / "go/epr"], [], stdin="\n".join(record.value for record in records))
    except Failed as failed:
        return [*faults, f"EPR's types in Go: {failed}"]
    lines = output.rstrip("\n").split("\n")
    for message in map(exact, lines):
        key = message["id"] if message["id"] in labels else COMPLETE
        want = messages.pop(key, None)
        if want is None:
            faults.append(f"EPR's types in Go: the message {message['id']} was not expected")
        else:
            label = labels[key]
            want["id"] = message["id"]
            faults += [f"EPR's types in Go: the event '{label}': {text}" for text in differences("", want, message)]
    faults += [f"EPR's types in Go: the event '{labels[id]}' is missing" for id in messages]
    print(f"epr: EPR's types in Go decoded {len(lines)} messages, {len(faults)} differences", flush=True)
    return faults


def exact(text):
    """JSON, with numbers as their texts."""
    return json.loads(text, parse_int="number {}".format, parse_float="number {}".format)


def differences(path, want, got):
    """A sentence for each member that differs. Times are compared as instants."""
    if isinstance(want, dict) and isinstance(got, dict):
        for name in sorted(want.keys() | got.keys()):
            yield from differences(f"{path}/{name}", want.get(name), got.get(name))
    elif isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        for index, pair in enumerate(zip(want, got)):
            yield from differences(f"{path}/{index}", *pair)
    elif path.endswith(TIMES) and isinstance(got, str):
        if instant(want, 9) != instant(got, 9):
            yield f"{path} is {got}, not {want}"
    elif (type(want), want) != (type(got), got):
        yield f"{path} is {got!r:.300}, not {want!r:.300}"


def of_entity(id, type, body, data):
    return {
        "success": True,
        "id": id,
        "specversion": "1.0",
        "type": type,
        "source": "epr",
        "api_version": "v1",
        "name": body["name"],
        "version": body["version"],
        "release": created_at(id),
        "platform_id": "event-provenance-registry",
        "data": {"events": [], "event_receivers": [], "event_receiver_groups": []} | data,
    }


def receiver_of(id, posted):
    return posted | {"id": id, "fingerprint": fingerprint(posted), "created_at": created_at(id)}


def of_receiver(id, posted):
    data = {"event_receivers": [receiver_of(id, posted)]}
    return of_entity(id, "epr.event.receiver.created", posted, data) | {"package": "event.receiver"}


def group_of(id, receiver, posted):
    times = {"created_at": created_at(id), "updated_at": created_at(id)}
    return posted | times | {"id": id, "event_receiver_ids": [receiver]}


def of_group(id, receiver, posted):
    data = {"event_receiver_groups": [group_of(id, receiver, posted)]}
    return of_entity(id, "epr.event.receiver.group.created", posted, data) | {"package": "event.receiver.group"}


def of_complete_group(id, receiver):
    data = {"event_receiver_groups": [group_of(id, receiver, GATE)]}
    artifact = {member: GATED.body[member] for member in ("name", "version", "release", "platform_id", "package")}
    return of_entity(id, GATE["type"], GATED.body, data) | artifact


def of_event(id, posted, receiver, receiver_body):
    own = {member: posted.body[member] for member in ("success", "release", "platform_id", "package")}
    described = {member: posted.body[member] for member in ("name", "version", "description")}
    event = {
        **own,
        **described,
        "id": id,
        "payload": exact(posted.payload),
        "created_at": created_at(id),
        "event_receiver_id": receiver,
        "EventReceiver": receiver_of(receiver, receiver_body),
    }
    data = {"events": [event], "event_receivers": [receiver_of(receiver, receiver_body)]}
    return of_entity(id, receiver_body["type"], posted.body, data) | own
