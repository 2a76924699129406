"""Looks for a word in a process's memory, which its cage or the kernel may forbid: run as root.

    memory.py PID WORD     status 0: it is there, 1: it is not, 2: nothing could be read
"""

import sys


RANGE_MAX = 1 << 30  # octets: what is longer is a sanitizer's own account of memory


def readable(pid):
    """(from, to) of each range that can be read."""
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            ends, rights = line.split()[:2]
            start, end = (int(end, 16) for end in ends.split("-"))
            if "r" in rights and end - start <= RANGE_MAX:
                yield start, end


def main(pid, word):
    seen = 0
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for start, end in readable(pid):
            try:
                memory.seek(start)
                octets = memory.read(end - start)
            except (OSError, OverflowError):
                continue  # the kernel's own pages
            seen += len(octets)
            if word in octets:
                return 0
    return 1 if seen else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2].encode()))
