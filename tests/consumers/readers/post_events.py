"""Creates a receiver, posts events to it over HTTP, and prints the events' ids, a line each."""

import json
import sys
import time
import urllib.error
import urllib.request

url, count = sys.argv[1:]
until = time.monotonic() + 120


def post(path, body):
    """Waits for an API that is not there yet."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{url}/api/v1/{path}", json.dumps(body).encode(), headers)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)["data"]
        except urllib.error.HTTPError as error:
            sys.exit(f"{path}: {error.code} {error.read().decode()}")
        except OSError as error:
            if time.monotonic() > until:
                sys.exit(f"{url} cannot be reached: {error}")
            time.sleep(0.2)


receiver = post(
    "event-receivers",
    {
        "name": "readers",
        "type": "build.finished",
        "version": "1.0.0",
        "description": "Events for every client",
        "schema": {"type": "object"},
    },
)
for number in range(int(count)):
    event = {
        "name": "build.finished",
        "version": f"1.0.{number}",
        "release": "2026.11",
        "platform_id": "x86-64-linux",
        "package": "readers",
        "description": "Unicode: Überprüfung ✓",
        "payload": {"number": number, "log": "passed " * 50},
        "success": True,
        "event_receiver_id": receiver,
    }
    print(post("events", event), flush=True)
