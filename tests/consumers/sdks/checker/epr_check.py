"""Checks the format of EPR with a Go program that has EPR's types."""

import json

import topic
from expected import fingerprint
from instant import created_at, instant
from posted import EVENTS, GROUP, RECEIVER, post_all
from programs import Failed, run
from schemas import mismatches

TIMES = ("created_at", "updated_at")


def check(arguments, registry):
    """The faults, a sentence each."""
    receiver, group, ids = post_all(registry)
    messages = {
        receiver: of_receiver(receiver),
        group: of_group(group, receiver),
        **{id: of_event(id, posted, receiver) for id, posted in zip(ids, EVENTS)},
    }
    labels = {receiver: "receiver created", group: "group created"} | {
        id: posted.label for id, posted in zip(ids, EVENTS)
    }
    records = topic.read(arguments.brokers, lambda records: len({record.key for record in records}) == len(messages))
    faults = list(mismatches("epr", records))
    try:
        output = run([arguments.tools / "go/epr"], [], stdin="\n".join(record.value for record in records))
    except Failed as failed:
        return [*faults, f"EPR's types in Go: {failed}"]
    lines = output.rstrip("\n").split("\n")
    for message in map(exact, lines):
        want = messages.pop(message["id"], None)
        if want is None:
            faults.append(f"EPR's types in Go: the message {message['id']} was not expected")
        else:
            label = labels[message["id"]]
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


def receiver_of(id):
    return RECEIVER | {"id": id, "fingerprint": fingerprint(), "created_at": created_at(id)}


def of_receiver(id):
    data = {"event_receivers": [receiver_of(id)]}
    return of_entity(id, "epr.event.receiver.created", RECEIVER, data) | {"package": "event.receiver"}


def of_group(id, receiver):
    times = {"created_at": created_at(id), "updated_at": created_at(id)}
    group = GROUP | times | {"id": id, "event_receiver_ids": [receiver]}
    data = {"event_receiver_groups": [group]}
    return of_entity(id, "epr.event.receiver.group.created", GROUP, data) | {"package": "event.receiver.group"}


def of_event(id, posted, receiver):
    own = {member: posted.body[member] for member in ("success", "release", "platform_id", "package")}
    described = {member: posted.body[member] for member in ("name", "version", "description")}
    event = {
        **own,
        **described,
        "id": id,
        "payload": exact(posted.payload),
        "created_at": created_at(id),
        "event_receiver_id": receiver,
        "EventReceiver": receiver_of(receiver),
    }
    data = {"events": [event], "event_receivers": [receiver_of(receiver)]}
    return of_entity(id, RECEIVER["type"], posted.body, data) | own
