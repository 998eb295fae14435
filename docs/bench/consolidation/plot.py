"""A line plot as SVG, by hand: axes, a line a series, labels; for light and dark pages."""

import html

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 120, 48, 60
LABEL = 16

# For any page, a light one and a dark one.
INKS = [("#77818c", "#8c959f"), ("#24292f", "#d0d7de"), ("#c9d1d9", "#30363d")]
COLOURS = [("#2f81f7", "#0969da", "#58a6ff"), ("#db6d28", "#bc4c00", "#f0883e"),
           ("#2da44e", "#1a7f37", "#3fb950")]


def ticks(most, about=6):
    """Round numbers from 0 to just above the largest value."""
    step = 10 ** len(str(int(most / about))) if most >= about else 1.0
    while step > most / about:
        step /= 10
    step = next(step * m for m in (1, 2, 5, 10, 20) if most / (step * m) <= about)
    return [step * i for i in range(int(most / step + 0.999) + 1)]


def plot(title, x_label, y_label, series, x_text=str, y_text=str):
    """`series`: name to a list of (x, y, low, high); the range is drawn as a band."""
    xs = ticks(max(p[0] for points in series.values() for p in points))
    ys = ticks(max(p[3] for points in series.values() for p in points))
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(value):
        return LEFT + (right - LEFT) * value / xs[-1]

    def y(value):
        return floor - (floor - TOP) * value / ys[-1]

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="system-ui, sans-serif" font-size="13">',
        f"<title>{html.escape(title)}</title>",
        style(len(series)),
        text(LEFT, 24, title, "start", "title"),
    ]
    for value in ys:
        out.append(f'<path class="grid" d="M{LEFT} {y(value):.1f}H{right}"/>')
        out.append(text(LEFT - 8, y(value) + 4, y_text(value), "end"))
    for value in xs:
        out.append(f'<path class="axis" d="M{x(value):.1f} {floor}v5"/>')
        out.append(text(x(value), floor + 20, x_text(value), "middle"))
    out.append(f'<path class="axis" d="M{LEFT} {TOP}V{floor}H{right}"/>')
    out.append(text((LEFT + right) / 2, HEIGHT - 14, x_label, "middle"))
    middle = (TOP + floor) / 2
    out.append(f'<text x="18" y="{middle}" text-anchor="middle"'
               f' transform="rotate(-90 18 {middle})">{html.escape(y_label)}</text>')
    for n, points in enumerate(series.values()):
        upper = [f"{x(p[0]):.1f},{y(p[3]):.1f}" for p in points]
        lower = [f"{x(p[0]):.1f},{y(p[2]):.1f}" for p in reversed(points)]
        out.append(f'<polygon class="band s{n}" points="{" ".join(upper + lower)}"/>')
    for n, points in enumerate(series.values()):
        line = " ".join(f"{x(p[0]):.1f},{y(p[1]):.1f}" for p in points)
        out.append(f'<polyline class="line s{n}" points="{line}"/>')
    ends = sorted((y(points[-1][1]) + 4, n, name) for n, (name, points) in enumerate(series.items()))
    at = TOP
    for wanted, n, name in ends:
        at = max(at + LABEL, wanted)
        out.append(text(right + 8, at, name, "start", f"name s{n}"))
    return "\n".join([*out, "</svg>", ""])


def text(x, y, words, anchor, kind=""):
    marked = f' class="{kind}"' if kind else ""
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{marked}>'
            f"{html.escape(words)}</text>")


def style(count):
    """Middle tones, which are readable on any page; better ones where the page tells its kind."""

    def colours(kind):
        ink, faint = INKS[kind]
        rules = [f"text{{fill:{ink}}}.grid{{stroke:{faint}}}.axis{{stroke:{ink};fill:none}}"]
        for n in range(count):
            colour = COLOURS[n][kind]
            rules.append(f".line.s{n}{{stroke:{colour}}}.band.s{n},.name.s{n}{{fill:{colour}}}")
        return "".join(rules)

    return ("<style>.title{font-size:15px;font-weight:600}.line{fill:none;stroke-width:2}"
            ".grid{stroke-opacity:.5}.band{opacity:.15}.name{font-weight:600}"
            f"{colours(0)}@media(prefers-color-scheme:light){{{colours(1)}}}"
            f"@media(prefers-color-scheme:dark){{{colours(2)}}}</style>")
