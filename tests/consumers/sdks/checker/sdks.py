"""The SDKs: their programs, and the traits of each that the checks allow for."""

from dataclasses import dataclass, field

from programs import go, java, javascript, python, rust


def both(value):
    return {"structured": value, "binary": value}


def modes(structured, binary):
    return {"structured": structured, "binary": binary}


@dataclass
class Reader:
    """A program that prints the events of a topic. A trait that depends on the content mode is a dictionary of both."""

    sdk: str
    command: object
    # The data that it prints: "text" as it is, or parsed, with numbers that are "exact integers" or "doubles".
    data: dict
    # The digits of a second's fraction that the SDK keeps.
    time_digits: int = 9
    # Whether the SDK makes the attribute partitionkey of the record's key.
    adds_key: bool = False
    # Attributes that the SDK makes of the record's place.
    adds: tuple = ()
    # Attributes that the SDK trims.
    trims: dict = field(default_factory=lambda: both(()))
    # Attributes that the SDK replaces, with their values.
    replaces: dict = field(default_factory=lambda: both({}))
    # The labels of the events that the SDK refuses although CloudEvents allows them.
    refuses: dict = field(default_factory=lambda: both(()))


@dataclass
class Poster:
    """A program that posts an event."""

    sdk: str
    command: object
    # Whether it encodes headers as the HTTP binding wants it. Without, an attribute in a header must be ASCII.
    encodes_headers: bool = False


READERS = [
    Reader(
        "Python cloudevents.core",
        python("read_with_core.py"),
        both("exact integers"),
        time_digits=6,
        adds_key=True,
    ),
    Reader(
        "Python cloudevents.v1",
        python("read_with_v1.py"),
        both("exact integers"),
        adds_key=True,
        # https://github.com/cloudevents/sdk-python/issues/295
        replaces=modes({"datacontenttype": "application/cloudevents+json; charset=UTF-8"}, {}),
    ),
    Reader("JavaScript", javascript("read.js"), both("doubles"), time_digits=3, adds_key=True),
    Reader(
        "Go",
        go("read"),
        both("text"),
        adds=("kafkaoffset", "kafkapartition", "kafkatopic"),
        trims=modes((), ("type",)),
        # Data is JSON under the types application/json and text/json alone.
        refuses=modes(("type with a suffix", "type with a suffix and a parameter"), ()),
    ),
    Reader(
        "Java",
        java("ReadEvents.java"),
        modes("exact integers", "text"),
        # A suffix follows letters alone: ^(application|text)/([a-zA-Z]+\+)?json(;.*)*$
        refuses=modes(("type with a suffix", "type with a suffix and a parameter"), ()),
    ),
    Reader(
        "Rust",
        rust("read_with_cloudevents_sdk"),
        modes("doubles", "text"),
        # No parameter follows a suffix.
        refuses=modes(("type with a suffix and a parameter",), ()),
    ),
]

POSTERS = [
    Poster("python-core", python("post_with_core.py"), encodes_headers=True),
    Poster("python-v1", python("post_with_v1.py")),
    Poster("javascript", javascript("post.js")),
    Poster("go", go("post")),
    Poster("java", java("PostEvent.java")),
    Poster("rust", rust("post_with_cloudevents_sdk")),
]
