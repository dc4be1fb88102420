#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures the functions of C files: functions.py FILE...

One line for each: file, line, name, lines, parameters, nesting, by tabs.

lines:      from the return type to the closing brace
parameters: 0 for (void)
nesting:    how deep if, for, while, do and switch lie in each other; the ifs
            of an "else if" chain lie beside each other

Preprocessor lines are dropped, so both sides of an #if count.
"""
import re
import sys

TOKEN = re.compile(r"""
    (?P<skip>\s+ | //[^\n]* | /\*.*?\*/)
  | (?P<cpp>^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<text>"(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<other>\.?\d(?:[eEpP][+-]|[\w.])* | .)
""", re.X | re.S | re.M)

PAIRS = {"(": ")", "{": "}", "[": "]"}


class Bad(Exception):
    """The file is not as this program expects C to be."""


def tokens(text):
    """Words and signs as (text, line); strings as one token."""
    found, line = [], 1
    for match in TOKEN.finditer(text):
        if match.lastgroup not in ("skip", "cpp"):
            found.append((match.group(), line))
        line += match.group().count("\n")
    return found


def closing(toks, i):
    """The index of the bracket that closes the one at i."""
    wanted = [PAIRS[toks[i][0]]]
    while wanted:
        i += 1
        if i >= len(toks):
            raise Bad("a bracket is never closed")
        if toks[i][0] in PAIRS:
            wanted.append(PAIRS[toks[i][0]])
        elif toks[i][0] in PAIRS.values():
            if toks[i][0] != wanted.pop():
                raise Bad(f"line {toks[i][1]}: brackets do not match")
    return i


def simple(toks, i):
    """The index after the ; that ends the statement at i."""
    while toks[i][0] != ";":
        if toks[i][0] in PAIRS:
            i = closing(toks, i)
        i += 1
    return i + 1


def label(toks, i):
    """The index after the label at i, or i if there is none."""
    word = toks[i][0]
    if word == "case":
        while toks[i][0] != ":":
            if toks[i][0] in PAIRS:
                i = closing(toks, i)
            i += 3 if toks[i][0] == "?" else 1
        return i + 1
    if re.match(r"[A-Za-z_]", word) and toks[i + 1][0] == ":":
        return i + 2
    return i


def statement(toks, i, depth):
    """Index after the statement at i, and the deepest nesting in it."""
    word = toks[i][0]
    if label(toks, i) != i:
        i = label(toks, i)
        return (i, depth) if toks[i][0] == "}" else statement(toks, i, depth)
    if word == "{":
        end, deepest, i = closing(toks, i), depth, i + 1
        while i < end:
            i, deep = statement(toks, i, depth)
            deepest = max(deepest, deep)
        return end + 1, deepest
    if word in ("for", "while", "switch"):
        return statement(toks, closing(toks, i + 1) + 1, depth + 1)
    if word == "do":
        i, deepest = statement(toks, i + 1, depth + 1)
        return simple(toks, i), deepest
    if word == "if":
        i, deepest = statement(toks, closing(toks, i + 1) + 1, depth + 1)
        if toks[i][0] == "else":
            chain = toks[i + 1][0] == "if"
            i, deep = statement(toks, i + 1, depth if chain else depth + 1)
            deepest = max(deepest, deep)
        return i, deepest
    return simple(toks, i), depth


def parameters(toks):
    """How many the brackets in toks, the outer ones with it, declare."""
    inner, count, i = toks[1:-1], 1, 0
    if not inner or [t for t, _ in inner] == ["void"]:
        return 0
    while i < len(inner):
        if inner[i][0] in PAIRS:
            i = closing(inner, i)
        elif inner[i][0] == ",":
            count += 1
        i += 1
    return count


def head(toks):
    """(name, parameters) if toks, before a {, declare a function."""
    i, found = 0, None
    while i < len(toks):
        if toks[i][0] in ("=", "["):
            return None
        if toks[i][0] == "(":
            end, before = closing(toks, i), toks[i - 1][0] if i else ""
            if before != "__attribute__" and re.match(r"[A-Za-z_]", before):
                found = found or (before, parameters(toks[i:end + 1]))
            i = end
        i += 1
    return found


def functions(toks):
    """Yields (line, name, lines, parameters, nesting)."""
    i = start = 0
    while i < len(toks):
        word = toks[i][0]
        if word == ";":
            start = i + 1
        elif word == "{":
            end = closing(toks, i)
            known = head(toks[start:i])
            if known:
                deep = statement(toks, i, 0)[1]
                first = toks[start][1]
                yield (first, known[0], toks[end][1] - first + 1, known[1],
                       deep)
                start = end + 1
            i = end
        elif word in PAIRS:
            i = closing(toks, i)
        i += 1


def main():
    """Each file in turn; one that is not understood is an error."""
    status = 0
    for name in sys.argv[1:]:
        try:
            with open(name, encoding="utf-8") as source:
                text = source.read()
            for line, function, *numbers in functions(tokens(text)):
                print(name, line, function, *numbers, sep="\t")
        except (Bad, IndexError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
