"""Compares the events that an SDK gives back with those that must come back."""

import json

from instant import instant


def differences(reader, mode, events, lines):
    """A sentence for each difference between `events`, which must come back, and the reader's lines."""
    seen = {}
    for line in map(json.loads, lines):
        seen.setdefault(line["key"], []).append(line)
    for event in events:
        lines_of_event = seen.pop(event.id, [])
        if not lines_of_event:
            yield f"the event '{event.label}' is missing"
        for line in lines_of_event:
            for difference in of_event(reader, mode, event, line):
                yield f"the event '{event.label}': {difference}"
    for id in seen:
        yield f"the event {id} was not posted"


def of_event(reader, mode, event, line):
    must_refuse = event.label in reader.refuses[mode]
    if "refused" in line:
        if not must_refuse:
            yield f"it is refused: {line['refused']}"
        return
    if must_refuse:
        yield "it is not refused any more: remove it from the reader's list"
    want = {name: normal(reader, name, value) for name, value in event.attributes.items()}
    if reader.adds_key:
        want["partitionkey"] = event.id
    for name in reader.trims[mode]:
        want[name] = want[name].strip()
    want |= reader.replaces[mode]
    got = {name: normal(reader, name, value) for name, value in line["attributes"].items() if name not in reader.adds}
    for name in sorted(want.keys() | got.keys()):
        if want.get(name) != got.get(name):
            yield f"the attribute {name} is {shown(got.get(name))}, not {shown(want.get(name))}"
    kind = "exact integers" if event.is_reserialized and reader.data[mode] == "text" else reader.data[mode]
    want, got = (of_data(kind, text) for text in (event.data, line.get("data")))
    if want != got:
        yield f"the data is {shown(got)}, not {shown(want)}"


def normal(reader, name, value):
    """The canonical text of an attribute's value, or the instant of a time."""
    if isinstance(value, bool):
        return json.dumps(value)
    return instant(value, reader.time_digits) if name == "time" else value


def of_data(kind, text):
    """The data's text. If the SDK has parsed it, the text of its value, with the numbers that the language has."""
    if kind == "text" or text is None:
        return text
    value = json.loads(text, parse_int=float if kind == "doubles" else int)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def shown(value):
    text = repr(value)
    return text if len(text) < 300 else f"{text[:300]}…"
