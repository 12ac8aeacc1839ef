#!/usr/bin/env python3
"""faults.py LOG [--lines N]: what the log of a stage of Hack/test says went wrong, in at most N lines (40).

Knows failed tests and what they say, tests that had begun when their program crashed, errors and warnings of the
compiler, checks of Hack/test-cluster with what was seen, faults of cases, and the last words of scripts. Every fault has
its first line before any has its second. Of a log that tells nothing of the kind: its end. "the whole log: FILE" in it
names one to be read too.
"""

import argparse
import os
import re

WIDTH = 300
# How a fault begins, and what belongs to it after that.
TEST = re.compile(r"^\W*Test .* recorded an issue")
TEST_LOG_LINE = re.compile(r"^[^\w\s] +(Test|Suite|Test case|Passing|Test run)\b|^\[\d+/\d+\]|^error: ")
# Names of tests that go well may hold any word.
GOES_WELL = re.compile(r"^[^\w\s]+ +(Test|Suite|Test case) .* (started|passed|skipped)\b")
INDENTED = re.compile(r"^(\t| {4})")
HEADS = [
    (re.compile(r"^FAILED +\S"), INDENTED),
    (re.compile(r"^\w+ +FAILED +\d+ s"), INDENTED),
    (re.compile(r"^fault: "), INDENTED),
    (re.compile(r"^not ok\b"), INDENTED),
    (re.compile(r"^warnings in this package's own code"), re.compile(r"^\S+:\d+:\d+: warning: ")),
    (re.compile(r"^Hack/cluster: "), INDENTED),
    (re.compile(r"^Traceback "), re.compile(r"^( |\w+(\.\w+)*(Error|Exception|Exit|Refused)\b)")),
    (re.compile(r"^E: |^(\[ *\d+s\] )?error: |: error: |^fatal: |[Ff]atal error|unexpected signal|Segmentation fault"), None),
    (re.compile(r"^\[ *[\d.]+ ?s\] .*: failed after \d+ s"), None),
    (re.compile(r"^\S+: line \d+: "), None),
]
NAMED = re.compile(r"the whole log: (\S+)")
STARTED = re.compile(r"^\W*Test (?!run |case )(.*) started\.$")
ENDED = re.compile(r"^\W*Test (?!run |case )(.*?)(?: with \d+ test cases?)? (?:passed|failed|skipped)\b")


def lines_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", file.read())
    return text.splitlines()


def blocks_of(lines):
    """Each fault as its lines."""
    found, open_block, goes_on = [], None, None
    for line in lines:
        if TEST.match(line):
            open_block, goes_on = [line], "test"
            found.append(open_block)
            continue
        if open_block and goes_on == "test" and not TEST_LOG_LINE.match(line):
            open_block.append(line)
            continue
        head = next(((start, rest) for start, rest in HEADS if start.search(line)), None)
        if head and GOES_WELL.match(line):
            head = None
        if open_block and goes_on not in (None, "test") and goes_on.match(line):
            open_block.append(line)
        elif head:
            open_block, goes_on = [line], head[1]
            found.append(open_block)
        else:
            open_block, goes_on = None, None
    return found


def unended(lines):
    """Tests that had begun, where no word says how the run ended."""
    started = {}
    for line in lines:
        if begin := STARTED.match(line):
            started[begin[1]] = True
        elif end := ENDED.match(line):
            started.pop(end[1], None)
        elif re.match(r"^\W*Test run with ", line):
            return []
    if not started:
        return []
    return [[f"the run did not end; {len(started)} tests had begun and not ended:"] + [f"    {name}" for name in started]]


def faults(path):
    lines = lines_of(path)
    named = [log for log in dict.fromkeys(NAMED.findall("\n".join(lines))) if os.path.exists(log)]
    blocks = blocks_of(lines)
    if named:
        # The named ones say it all.
        blocks = [block for block in blocks if not TEST.match(block[0])]
    for log in named:
        more = lines_of(log)
        blocks += blocks_of(more) + unended(more)
    seen, distinct = set(), []
    for block in blocks:
        if (key := tuple(block[:2])) not in seen:
            seen.add(key)
            distinct.append(block)
    return distinct, lines


def shown(blocks, limit):
    """At most so many lines: the blocks in order, each with as many of its lines as there is room for."""
    left_out = max(0, len(blocks) - limit + 1) if len(blocks) > limit else 0
    blocks = blocks[:len(blocks) - left_out]
    room = limit - len(blocks) - (1 if left_out else 0)
    kept = [1] * len(blocks)
    while room > 0 and any(kept[i] < len(block) for i, block in enumerate(blocks)):
        for i, block in enumerate(blocks):
            if room > 0 and kept[i] < len(block):
                kept[i] += 1
                room -= 1
    for block, count in zip(blocks, kept):
        yield from block[:count]
    if left_out:
        yield f"... and {left_out} more"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("log")
    parser.add_argument("--lines", type=int, default=40)
    arguments = parser.parse_args()
    blocks, lines = faults(arguments.log)
    told = shown(blocks, arguments.lines) if blocks else [line for line in lines if line.strip()][-arguments.lines:]
    for line in told:
        line = line.rstrip()
        print("    " + (line if len(line) <= WIDTH else line[:WIDTH - 3] + "..."))


if __name__ == "__main__":
    main()
