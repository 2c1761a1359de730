"""Becomes one program: `python launch.py <file>`, run by the supervisor.

The file holds command, environment and folder as JSON. So no value, whatever quote, percent sign or
semicolon it has, passes through the supervisor's syntax, and secrets lie in a file of mode 0600.
Standard library only: it starts without the site packages.
"""

import json
import os
import sys


def main(path: str) -> None:
    """Replace this process by the program."""
    with open(path, encoding="utf-8") as file:
        program = json.load(file)
    os.chdir(program["folder"])
    os.execvpe(program["command"][0], program["command"], program["environment"])  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1])
