"""`make bench`: prints one table. Names of parts may be given: `python -m benchmarks tracing app`."""

import importlib
import sys

PARTS = ("tracing", "ablation", "distance", "rollout", "app", "explorer", "journey")


def main() -> None:
    chosen = sys.argv[1:] or PARTS
    for part in chosen:
        if part not in PARTS:
            sys.exit(f"There is no benchmark {part!r}; there are {', '.join(PARTS)}.")
        for row in importlib.import_module(f"benchmarks.{part}").rows():
            print(row.line(), flush=True)


main()
