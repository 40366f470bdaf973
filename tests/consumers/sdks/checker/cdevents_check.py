"""Checks the format of CDEvents with CDEvents' own SDK and the JSON Schemas that it ships."""

import json

import topic
from instant import instant
from posted import EVENTS, RECEIVER, Posted
from programs import Failed, run
from schemas import mismatches

VERSION_0_4 = {
    "context": {
        "version": "0.4.1",
        "id": "271069a8-fc18-44f1-b38f-9d70a1695819",
        "source": "/ci/pipelines",
        "type": "dev.cdevents.pipelinerun.finished.0.2.0",
        "timestamp": "2026-03-01T12:00:00.123456789+05:30",
    },
    "subject": {
        "id": "/pipelines/4711 Überprüfung",
        "source": "/ci/pipelines",
        "type": "pipelineRun",
        "content": {"pipelineName": "nightly ✓", "outcome": "failure", "errors": "2 tests failed"},
    },
    "customData": {"numbers": [1.5, 9007199254740993]},
    "customDataContentType": "application/json",
}
VERSION_0_5 = {
    "context": {
        "specversion": "0.5.0",
        "id": "8a41d5f0-fc18-44f1-b38f-9d70a1695819",
        "source": "https://ci.example.com/builds?branch=main",
        "type": "dev.cdevents.artifact.packaged.0.3.0",
        "timestamp": "2026-03-01T12:00:00Z",
        "chainId": "4c8cb7dd-3448-41de-8768-eec704e2829b",
    },
    "subject": {
        "id": "pkg:oci/myapp@sha256%3A0b31b1c02ff458ad9b7b81cbdf8f028bd54699fa151f221d1e8de6817db93427",
        "content": {"change": {"id": "myChange123"}, "sbom": {"uri": "https://sbom.example/myapp.json"}},
    },
}
CUSTOM = {
    "context": {
        "specversion": "0.5.0",
        "id": "custom-1",
        "source": "/quotas",
        "type": "dev.cdeventsx.example-quota.exceeded.0.1.0",
        "timestamp": "2026-03-01T12:00:00Z",
    },
    "subject": {"id": "quota-1", "content": {"limit": 10}},
}


def check(arguments, registry):
    """The faults, a sentence each."""
    receiver = registry.post("event-receivers", json.dumps(RECEIVER))
    posted = [Posted(document["context"]["type"], json.dumps(document, indent=1)) for document in DOCUMENTS]
    # The receiver's event and the events without a CDEvent come first. They must not arrive.
    for event in [*EVENTS, *posted]:
        registry.post("events", event.request(receiver))
    records = topic.read(arguments.brokers, lambda records: len(records) >= len(posted))
    faults = list(mismatches("cdevents", records))
    try:
        output = run([arguments.tools / "go/cdevents"], [arguments.brokers, topic.TOPIC, len(records)])
    except Failed as failed:
        return [*faults, f"CDEvents' SDK: {failed}"]
    accepted = sorted(output.split())
    must_be = sorted(document["context"]["id"] for document in DOCUMENTS)
    if accepted != must_be:
        faults.append(f"CDEvents' SDK accepted {accepted}, not {must_be}")
    # The SDK's own CloudEvent has no time.
    times = {document["context"]["id"]: document["context"]["timestamp"] for document in DOCUMENTS}
    for event in (json.loads(record.value) for record in records):
        if instant(event["time"], 9) != instant(times.get(event["id"], ""), 9):
            faults.append(f"CDEvents: the time of {event['id']} is {event['time']}")
    for event in posted:
        if not any(event.payload in record.value for record in records):
            faults.append(f"CDEvents: the text of {event.label} changed")
    print(f"cdevents: CDEvents' SDK accepted {len(accepted)} events, {len(faults)} differences", flush=True)
    return faults


DOCUMENTS = [VERSION_0_4, VERSION_0_5, CUSTOM]
