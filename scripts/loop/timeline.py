"""What happened between the kill and the proof, each moment with where we know it from."""
from dataclasses import dataclass
from datetime import datetime

STEPS = ("killed", "scraped", "alert fired", "webhook", "planned", "applied", "verified", "told")


@dataclass(frozen=True)
class Moment:
    step: str    # one of STEPS
    at: float    # seconds since the epoch
    source: str  # where the fact comes from, for people


class Timeline:
    def __init__(self, killed_at, source):
        self.killed_at = killed_at
        self.moments = {"killed": Moment("killed", killed_at, source)}

    def add(self, step, at, source):
        assert step in STEPS, step
        self.moments[step] = Moment(step, at, source)

    def missing(self):
        return [step for step in STEPS if step not in self.moments]

    def lines(self):
        for step in STEPS:
            moment = self.moments.get(step)
            if moment:
                yield f"{moment.at - self.killed_at:+7.2f} s  {step:<12} {moment.source}"
            else:
                yield f"      –    {step:<12} did not happen"


def seconds(timestamp):
    """Seconds since the epoch of an RFC 3339 time ("2026-11-23T08:00:00.123456789Z") or of a number."""
    if isinstance(timestamp, (int, float)):
        return float(timestamp)
    whole, dot, rest = timestamp.replace("Z", "+00:00").partition(".")
    if not dot:
        return datetime.fromisoformat(whole).timestamp()
    digits = rest[:len(rest) - len(rest.lstrip("0123456789"))]
    return datetime.fromisoformat(whole + rest[len(digits):]).timestamp() + float("0." + digits)
