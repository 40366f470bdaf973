"""The programs that use an SDK each."""

import subprocess
from pathlib import Path

SDKS = Path(__file__).parent.parent
TIMEOUT_SECONDS = 120


def python(program):
    return lambda tools: [tools / "python/bin/python", SDKS / "python" / program]


def javascript(program):
    # Node resolves packages from the program's place, so the programs are beside the packages.
    return lambda tools: ["node", tools / "javascript" / program]


def go(program):
    return lambda tools: [tools / "go" / program]


def java(program):
    return lambda tools: ["java", "-cp", f"{tools}/java/*", SDKS / "java" / program]


def rust(example):
    return lambda tools: [tools.parents[1] / "debug/examples" / example]


class Failed(Exception):
    """A program ended with an error, or did not end."""


def run(command, arguments, stdin=None):
    """The output of a program."""
    try:
        done = subprocess.run(
            [*map(str, command), *map(str, arguments)],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as expired:
        raise Failed(f"did not end within {TIMEOUT_SECONDS} s: {(expired.stderr or b'').decode()[-2000:]}") from None
    if done.returncode:
        raise Failed(f"ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout
