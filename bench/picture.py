#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Draws the tables of run.sh and scale.sh.

    picture.py <README.md >logins.svg

which is what `make bench-picture` does.

Two panels: the whole login on disk, split into prompt and verdict (p50), and
logins a second by how many come at once.
"""

import html
import re
import sys

WIDTH, LEFT, BAR, GAP = 720, 170, 22, 8
OURS, OTHERS, LATER = "#2a6f97", "#9a8c98", "#c9ada7"


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def first_number(text):
    return float(re.match(r"[0-9.]+", text).group())


def tables(text):
    """Yields the rows of each table, the one of its head first."""
    rows = []
    for line in text.splitlines() + [""]:
        if line.startswith("|"):
            rows.append(cells(line))
        elif rows:
            yield rows
            rows = []


def find(text, start):
    for rows in tables(text):
        if rows[0][0].startswith(start):
            return rows
    sys.exit(f"picture.py: there is no table of {start!r}")


def label(x, y, text, anchor="start", size=13):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
            f'font-size="{size}">{html.escape(text)}</text>')


def bar(x, y, width, colour):
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
            f'height="{BAR}" fill="{colour}"/>')


def draw_logins(rows, top):
    """Bars: to the prompt, then from the answer to the verdict."""
    logins = [(r[0], first_number(r[2]), first_number(r[3])) for r in rows[2:]]
    scale = (WIDTH - LEFT - 90) / max(a + b for _, a, b in logins)
    out = [label(0, top, "One login on disk: until the prompt, and after the "
                 "answer (ms, median)", size=15)]
    y = top + 14
    for who, prompt, verdict in logins:
        ours = who.startswith("medusa")
        out.append(label(LEFT - 8, y + 16, who, "end"))
        out.append(bar(LEFT, y, prompt * scale, OURS if ours else OTHERS))
        out.append(bar(LEFT + prompt * scale, y, verdict * scale, LATER))
        out.append(label(LEFT + (prompt + verdict) * scale + 6, y + 16,
                         f"{prompt:.2f} + {verdict:.2f}"))
        y += BAR + GAP
    return out, y + 30


def draw_parallel(rows, top):
    """Lines: logins a second against how many at once."""
    levels = rows[0][1:]
    most = max(float(n) for r in rows[2:] for n in r[1:])
    height, step = 170, (WIDTH - LEFT - 150) / (len(levels) - 1)
    out = [label(0, top, "Logins a second, so many at once", size=15)]
    bottom = top + 20 + height
    for i, level in enumerate(levels):
        out.append(label(LEFT + i * step, bottom + 18, level, "middle"))
    for row in rows[2:]:
        ours = row[0].startswith("medusa")
        points = [(LEFT + i * step, bottom - float(n) / most * height)
                  for i, n in enumerate(row[1:])]
        out.append('<polyline fill="none" stroke-width="2.5" stroke="%s" '
                   'points="%s"/>' % (OURS if ours else OTHERS,
                                      " ".join(f"{x:.1f},{y:.1f}"
                                               for x, y in points)))
        out.append(label(points[-1][0] + 8, points[-1][1] + 4,
                         f"{row[0]} {row[-1]}", size=11))
    return out, bottom + 40


def main():
    text = sys.stdin.read()
    body, y = draw_logins(find(text, "ms, p50 / p90"), 20)
    more, y = draw_parallel(find(text, "logins a second"), y)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 120}" '
          f'height="{y:.0f}" font-family="sans-serif">')
    print('<rect width="100%" height="100%" fill="white"/>')
    print("\n".join(body + more))
    print("</svg>")


if __name__ == "__main__":
    main()
