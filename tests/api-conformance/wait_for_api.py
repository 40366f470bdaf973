"""Waits until the API at the first argument is ready, as long as the process of the second argument runs."""

import os
import sys
import time
import urllib.error
import urllib.request

api, process = sys.argv[1], int(sys.argv[2])
while True:
    os.kill(process, 0)
    try:
        urllib.request.urlopen(f"{api}/healthz/readiness", timeout=10).close()
        break
    except (urllib.error.URLError, OSError):
        time.sleep(0.5)
