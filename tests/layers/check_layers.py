"""Holds the layers and habits that a compiler does not: check_layers.py [ROOT]. Exit 1 with a fault."""
import os
import sys

from rules import check, sources


def main(root):
    faults = files = 0
    for path in sources(root):
        files += 1
        with open(os.path.join(root, path), encoding="utf-8") as source:
            text = source.read()
        for line, rule, wrong in check(path, text):
            faults += 1
            print(f"{path}:{line}: {wrong} [{rule}]")
    print(f"{files} files, {faults} faults")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..")))
