"""Checks the formats of CloudEvents, which every SDK reads, and which every SDK posts."""

import json

import topic
from compare import differences
from expected import of_body, of_cloudevent, of_group, of_receiver
from posted import EVENTS, cloudevent, post_all
from programs import Failed, run
from schemas import mismatches
from sdks import POSTERS, READERS


def check(arguments, registry):
    """The faults, a sentence each."""
    receiver, group, ids = post_all(registry)
    events = [
        of_body(posted.label, id, receiver, posted.body | posted.headers, posted.payload)
        for id, posted in zip(ids, EVENTS)
    ]
    faults = []
    for poster in POSTERS:
        for mode in ("structured", "binary"):
            event, fault = post(arguments, registry, poster, mode, receiver)
            (faults if fault else events).append(fault or event)
    known = {event.id for event in events}
    records = topic.read(arguments.brokers, lambda records: len({record.key for record in records}) >= len(known) + 2)
    events += system_events(records, known, receiver, group)
    faults += mismatches(arguments.format, records)
    for reader in READERS:
        faults += read(arguments, reader, events, len(records))
    return faults


def system_events(records, known, receiver, group):
    """The events of the receiver and of the group, whose ids only the topic has."""
    for id, value in {record.key: record.value for record in records if record.key not in known}.items():
        yield of_group(id, receiver, group) if "group_id" in value else of_receiver(id, receiver)


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
