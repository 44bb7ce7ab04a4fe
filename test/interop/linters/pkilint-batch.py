"""Runs pkilint's own commands many times in one process: their start costs more than their work.

Each line of input is a JSON array, a command and its arguments; each line of output what it printed, or its failure.
"""

import contextlib
import importlib
import io
import json
import sys

for line in sys.stdin:
    command, *arguments = json.loads(line)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            importlib.import_module(f"pkilint.bin.{command}").main(arguments)
        answer = {"report": json.loads(printed.getvalue())}
    except BaseException as error:  # argparse ends by SystemExit
        answer = {"failure": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
