"""The command line of scripts/up. Run by itself it only checks it: before packages and a build of minutes."""
import argparse
import os

from .ports import Ports, variable

# Drills have a state of their own: the limits of a loop that somebody played with still hold there.
DEFAULT_STATE = "~/.local/state/fieldmedic"


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/up", description="Sets up, builds and runs the whole loop on 127.0.0.1 until Ctrl-C.",
        epilog=f"Single ports: {', '.join(variable(name) for name in vars(Ports()))}. "
               "Programs that are built elsewhere: FIELDMEDIC_BIN. Without installing: FIELDMEDIC_SETUP=skip.")
    parser.add_argument("--drill", nargs="?", type=int, const=1, metavar="TIMES",
                        help="kill the collector (TIMES times, once by default), show how it heals, and end")
    parser.add_argument("--state", default=os.environ.get("FIELDMEDIC_STATE"), metavar="DIR",
                        help=f"where everything is kept ($FIELDMEDIC_STATE, or {DEFAULT_STATE}/up and .../drill)")
    parser.add_argument("--port-base", type=int, metavar="N",
                        help=f"take the {len(vars(Ports()))} ports from N on, not the default ones")
    chosen = parser.parse_args()
    if chosen.drill is not None and not 1 <= chosen.drill <= 100:
        parser.error("--drill wants a number from 1 to 100")
    if chosen.port_base is not None and not 1024 <= chosen.port_base <= 65000:
        parser.error("--port-base wants a number from 1024 to 65000")
    chosen.state = chosen.state or f"{DEFAULT_STATE}/{'drill' if chosen.drill else 'up'}"
    return chosen


if __name__ == "__main__":
    arguments()
