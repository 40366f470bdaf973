"""Checks the formats of CloudEvents, which every SDK reads, and which every SDK posts."""

import json

import topic
from compare import differences
from expected import of_body, of_cloudevent, of_completion, of_group, of_receiver
from posted import EVENTS, GATE, GATE_RECEIVER, GATED, cloudevent, post_all, post_gate
from programs import Failed, run
from schemas import mismatches
from sdks import POSTERS, READERS


def check(arguments, registry):
    """The faults, a sentence each."""
    receiver, group, ids = post_all(registry)
    gate = post_gate(registry)
    events = [
        of_body(posted.label, id, receiver, posted.body | posted.headers, posted.payload)
        for id, posted in zip(ids, EVENTS)
    ]
    events.append(of_body(GATED.label, gate[2], gate[0], GATED.body, GATED.payload))
    faults = []
    for poster in POSTERS:
        for mode in ("structured", "binary"):
            event, fault = post(arguments, registry, poster, mode, receiver)
            (faults if fault else events).append(fault or event)
    known = {event.id for event in events}
    records = topic.read(arguments.brokers, lambda records: len({record.key for record in records}) >= len(known) + 5)
    events += own_events(records, known, receiver, group, gate)
    faults += mismatches(arguments.format, records)
    for reader in READERS:
        faults += read(arguments, reader, events, len(records))
    return faults


def own_events(records, known, receiver, group, gate):
    """The events of the registry itself, whose ids only the topic has: of two receivers, two groups and a completion."""
    gate_receiver, gate_group, event = gate
    for id, value in {record.key: record.value for record in records if record.key not in known}.items():
        payload = json.loads(value)
        # In binary mode the value is the payload.
        payload = payload.get("data", payload)
        if "trigger_event_id" in payload:
            yield of_completion(id, gate_receiver, gate_group, event)
        elif payload.get("group_id") == gate_group:
            yield of_group(id, gate_receiver, gate_group, GATE)
        elif payload.get("receiver_id") == gate_receiver:
            yield of_receiver(id, gate_receiver, GATE_RECEIVER)
        else:
            yield of_group(id, receiver, group) if "group_id" in payload else of_receiver(id, receiver)


def post(arguments, registry, poster, mode, receiver):
    """The event that a poster has posted, or the fault."""
    label = f"posted by {poster.sdk}, {mode} mode"
    event = cloudevent(label, receiver, is_ascii=mode == "binary" and not poster.encodes_headers)
    try:
        output = run(poster.command(arguments.tools), [registry.events_url, mode], stdin=json.dumps(event))
        id = json.loads(output)["data"]
    except Failed as failed:
        return None, f"the event {label}: {failed}"
    except (ValueError, KeyError):
        return None, f"the event {label}: the registry returned {output.strip()}"
    return of_cloudevent(label, id, receiver, event), None


def read(arguments, reader, events, count):
    mode = "binary" if arguments.format == "cloudevents-binary" else "structured"
    try:
        output = run(reader.command(arguments.tools), [arguments.brokers, topic.TOPIC, count])
    except Failed as failed:
        return [f"{reader.sdk} {failed}"]
    # Not splitlines: JSON may contain other line ends as they are.
    lines = output.rstrip("\n").split("\n")
    found = list(differences(reader, mode, events, lines))
    print(f"{arguments.format}: {reader.sdk} read {len(lines)} events, {len(found)} differences", flush=True)
    return [f"{reader.sdk}: {difference}" for difference in found]
