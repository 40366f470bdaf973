"""Makes the token that AWS's own signer makes for the time of the given one, and compares them.

Usage: compare_token.py TOKEN EXPIRES_MS, with the credentials in the environment.
"""

import base64
import sys
from urllib.parse import parse_qs, urlsplit

from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from freezegun import freeze_time


def query(token: str) -> dict[str, list[str]]:
    url = urlsplit(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    parameters = parse_qs(url.query, strict_parsing=True)
    parameters.pop("User-Agent")
    return {"host": [url.netloc], "path": [url.path], **parameters}


token, expires_ms = sys.argv[1], int(sys.argv[2])
ours = query(token)
region = ours["X-Amz-Credential"][0].split("/")[2]
date = ours["X-Amz-Date"][0]
with freeze_time(f"{date[0:4]}-{date[4:6]}-{date[6:8]}T{date[9:11]}:{date[11:13]}:{date[13:15]}Z"):
    aws_token, aws_expires_ms = MSKAuthTokenProvider.generate_auth_token(region)
theirs = query(aws_token)
if (ours, expires_ms) != (theirs, aws_expires_ms):
    sys.exit(f"ours:   {ours} {expires_ms}\ntheirs: {theirs} {aws_expires_ms}")
