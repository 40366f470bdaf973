"""A POST with the standard library."""

import urllib.error
import urllib.request


def post(url, headers, body):
    """The text of the response, also of one that reports an error."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as response:
            return response.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
