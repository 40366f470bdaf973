"""Times of RFC 3339, compared as instants."""

import re
from datetime import datetime, timezone

# A time without seconds is none of RFC 3339, but Java prints one.
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


def instant(text, digits):
    """The whole second and the fraction, of which an SDK keeps so many digits."""
    parts = TIME.fullmatch(text)
    if not parts:
        return text
    minute, second, fraction, offset = parts.groups(default="")
    whole = datetime.fromisoformat(minute + (second or ":00") + offset.replace("Z", "+00:00"))
    return whole.astimezone(timezone.utc), fraction[:digits].ljust(digits, "0")


def created_at(ulid):
    """The time in a ULID."""
    milliseconds = 0
    for character in ulid[:10]:
        milliseconds = milliseconds * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(character)
    second = datetime.fromtimestamp(milliseconds // 1000, timezone.utc)
    return f"{second:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"
