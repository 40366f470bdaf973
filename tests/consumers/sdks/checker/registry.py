"""The registry's HTTP API."""

import json
import sys
import time
import urllib.error
import urllib.request

START_SECONDS = 180


class Registry:
    """A running `local`."""

    def __init__(self, url):
        self.url = url
        self.until = time.monotonic() + START_SECONDS

    @property
    def events_url(self):
        return f"{self.url}/api/v1/events"

    def post(self, path, body, headers=None):
        """The id that the registry returns. Waits for an API that is not there yet."""
        headers = {"content-type": "application/json"} | (headers or {})
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", body.encode(), headers)
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    return json.load(response)["data"]
            except urllib.error.HTTPError as error:
                sys.exit(f"POST {path} of {body[:300]}: {error.code} {error.read().decode()}")
            except OSError as error:
                if time.monotonic() > self.until:
                    sys.exit(f"{self.url} cannot be reached: {error}")
                time.sleep(0.2)
