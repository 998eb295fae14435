"""Figures of several turns, and the table of them."""

import dataclasses
import statistics


def median(values):
    return statistics.median(values)


def seconds(values):
    """A median with its unit."""
    value = median(values)
    return f"{value * 1000:.0f} ms" if value < 0.1 else f"{value:.2f} s"


def pairs(ours, theirs):
    """Each of ours over the one that was measured in the same turn."""
    return [a / b for a, b in zip(ours, theirs)]


@dataclasses.dataclass
class Bar:
    """What a ratio is held against: at most `must`, better at most `aim`."""

    must: float | None
    aim: float | None = None
    at_least: bool = False

    def verdict(self, ratio):
        if self.must is None and self.aim is None:
            return ""
        if self.aim is not None and self._reaches(ratio, self.aim):
            return "aim"
        if self.must is None:
            return "no"
        return "yes" if self._reaches(ratio, self.must) else "**no**"

    def _reaches(self, ratio, bar):
        return ratio >= bar if self.at_least else ratio <= bar

    def text(self, bar):
        if bar is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {ratio_text(bar)}"


def ratio_text(ratio):
    """Small ratios as parts of one: 1/9.3."""
    return f"{ratio:.2f}".rstrip("0").rstrip(".") if ratio > 0.5 else f"1/{1 / ratio:.3g}"


@dataclasses.dataclass
class Line:
    """A line of the table; `ratios` are those of the turns, empty where nothing is compared."""

    work: str
    against: str = ""
    sheaf: str = ""
    ratios: list = dataclasses.field(default_factory=list)
    bar: Bar = dataclasses.field(default_factory=lambda: Bar(None))
    reached: str | None = None

    def verdict(self):
        if self.reached is not None:
            return self.reached
        return self.bar.verdict(median(self.ratios)) if self.ratios else ""

    def cells(self):
        ratio = ""
        if self.ratios:
            low, high = ratio_text(min(self.ratios)), ratio_text(max(self.ratios))
            ratio = f"{ratio_text(median(self.ratios))} ({low} to {high})"
        bar = self.bar
        return [self.work, self.against, self.sheaf, ratio, bar.text(bar.must), bar.text(bar.aim),
                self.verdict()]


HEAD = ["work", "measured against", "Sheaf", "ratio (range)", "must", "aim", "reached"]


def markdown(lines):
    rows = [HEAD, ["---"] * len(HEAD), *(line.cells() for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
