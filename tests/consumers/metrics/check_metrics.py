"""Scrapes metrics until all events are published, and compares them with the table of a document.

Arguments: the URL of the metrics, the number of events that were posted after one receiver, the document.
"""

import re
import sys
import time
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

# The type of each kind of name.
HISTOGRAMS = {
    "xzepr_event_publish_duration_seconds",
    "xzepr_acceptance_to_acknowledgement_seconds",
    "xzepr_batch_size",
}
PUBLISHED_WITHIN_S = 60


def documented_names(path):
    with open(path, encoding="utf-8") as document:
        return set(re.findall(r"^\| `\w+` \| `(xzepr_\w+)` \|", document.read(), re.MULTILINE))


def scrape(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return list(text_string_to_metric_families(response.read().decode()))


def values(families):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def wanted_type(name):
    if name in HISTOGRAMS:
        return "histogram"
    return "counter" if name.endswith("_total") else "gauge"


def main(url, events, document):
    # The event of the receiver is published too.
    wanted = {
        ("xzepr_requests_total", (("kind", "receiver"), ("outcome", "accepted"))): 1,
        ("xzepr_requests_total", (("kind", "event"), ("outcome", "accepted"))): events,
        ("xzepr_events_published_total", (("status", "success"),)): events + 1,
        ("xzepr_events_published_total", (("status", "failure"),)): 0,
        ("xzepr_event_publish_duration_seconds_count", ()): events + 1,
        ("xzepr_acceptance_to_acknowledgement_seconds_count", ()): events + 1,
        ("xzepr_kafka_connection_status", ()): 1,
    }
    until = time.monotonic() + PUBLISHED_WITHIN_S
    while True:
        families = scrape(url)
        found = values(families)
        different = {key: found.get(key) for key, value in wanted.items() if found.get(key) != value}
        if not different:
            break
        assert time.monotonic() < until, f"{different} in place of {wanted}"
        time.sleep(0.2)

    # The parser leaves `_total` out of a counter's name.
    types = {family.name + ("_total" if family.type == "counter" else ""): family.type for family in families}
    names = documented_names(document)
    assert types.keys() == names, f"in one place only: {types.keys() ^ names}"
    for name, found_type in types.items():
        assert found_type == wanted_type(name), f"{name} is a {found_type}"
    print(f"{len(types)} metrics, {len(found)} values")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
