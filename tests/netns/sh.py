# SPDX-License-Identifier: Apache-2.0
"""Hostile clients of tests/netns/sh: frames that are none, halves of them, ears that do not hear."""

import os
import random
import re
import socket
import struct
import subprocess
import sys
import time

testudo, path, pid = sys.argv[1:]
worst = 0
with open(testudo, "rb") as program:
    ROOMY = 40 if b"__asan_init" in program.read() else 1  # a sanitizer keeps what was freed


def frame(kind, body=b""):
    return kind.encode() + struct.pack(">H", len(body)) + body


HELLO = frame("V", b"\1")
TERMINAL = frame("T", struct.pack(">HH", 80, 0))


def connect():
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)  # without a time-out: it waits while the others have not been taken yet
    s.settimeout(30)
    return s


def until_closed(s):
    data = b""
    while True:
        try:
            got = s.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return data
        if not got:
            return data
        data += got


def serves(when):
    """Others are served meanwhile, and soon."""
    global worst
    start = time.monotonic()
    out = subprocess.run([testudo, "sh", "--socket", path, "-c", "show clock"], stdin=subprocess.DEVNULL,
                         capture_output=True, timeout=30, text=True)
    took = time.monotonic() - start
    worst = max(worst, took)
    assert out.returncode == 0 and " UTC " in out.stdout, (when, out)
    assert took < 5, (when, took)


def memory():
    with open(f"/proc/{pid}/smaps_rollup") as f:
        return int(re.search(r"Private_Dirty:\s+(\d+)", f.read())[1])


def descriptors():
    return len(os.listdir(f"/proc/{pid}/fd"))


def until_few(few):
    end = time.monotonic() + 30
    while descriptors() > few:
        assert time.monotonic() < end, f"{descriptors()} descriptors are left, there were {few}"
        time.sleep(0.05)


serves("at first")
quiet = descriptors()

# Frames that are none, in every order: the connection is closed, and nothing else happens.
wrong = [b"GET / HTTP/1.0\r\n\r\n", frame("T", b"\0\1\0\1"), frame("V"), frame("V", b"\1\1"), HELLO + HELLO,
         HELLO + frame("T"), HELLO + frame("T", b"12345"), HELLO + frame("D", b"show clock\n"), HELLO + frame("o", b"x"),
         HELLO + b"C\xff\xff" + b"x" * 65535, HELLO + frame("C", b"show\0clock"), HELLO + frame("C", b"x" * 16000) * 5,
         HELLO + frame("?", b"x" * 5000), HELLO + frame("?", b"sh\0w"), HELLO + TERMINAL + frame("W", b"1"),
         HELLO + TERMINAL + TERMINAL, HELLO + frame("S") + frame("E") + frame("D", b"x"), HELLO + frame("S") + frame("S"),
         HELLO + frame("R") + frame("C", b"show clock")]
for w in wrong:
    s = connect()
    try:
        s.sendall(w)
    except (BrokenPipeError, ConnectionResetError):
        pass
    until_closed(s)
    s.close()
serves("after wrong frames")
s = connect()
s.sendall(frame("V", b"\2"))
assert b"another version" in until_closed(s)
rng = random.Random(1)
for _ in range(300):
    s = connect()
    body = b"".join(frame(rng.choice("VTSCR?DEW"), rng.randbytes(rng.choice((0, 1, 2, 4, 50)))) for _ in range(9))
    cut = rng.randrange(len(body))
    try:
        s.sendall(HELLO[:rng.choice((0, 4, 4, 4))] + rng.choice((b"", TERMINAL, frame("S"))) + body[:cut])
    except (BrokenPipeError, ConnectionResetError):
        pass
    s.close()
until_few(quiet)
serves("after random frames")

# Octet by octet is as good as at once.
s = connect()
for octet in HELLO + frame("C", b"show privilege") + frame("R"):
    s.sendall(bytes([octet]))
assert b"level is 15" in until_closed(s)

# A thousand that say nothing, or half a frame: the others are served, and it costs little.
before = memory()
crowd = []
for i in range(1000):
    s = connect()
    try:
        s.sendall(b"" if i % 2 else HELLO + b"C\x3f\xff" + b"x" * 1000)
    except (BrokenPipeError, ConnectionResetError):
        pass
    crowd.append(s)
    if i % 100 == 99:
        serves(f"{i + 1} that say nothing")
assert descriptors() < quiet + 60, descriptors()
assert memory() - before < 4096 * ROOMY, f"{memory() - before} KiB for a thousand that say nothing"
for s in crowd:
    s.close()
until_few(quiet)

# Those who say nothing have to go in the end, without anybody else coming.
s = connect()
start = time.monotonic()
assert until_closed(s) == b"" and time.monotonic() - start < 20

# More sessions than there may be: what is too much is told so.
crowd = []
answer = b""
while b"too many sessions" not in answer:
    assert len(crowd) < 300, "sessions without number"
    s = connect()
    try:
        s.sendall(HELLO + frame("S") + frame("D", b"show privilege\n"))
    except (BrokenPipeError, ConnectionResetError):
        pass
    crowd.append(s)
    answer = s.recv(65536)
assert len(crowd) > 150, len(crowd)
for s in crowd:
    s.close()
until_few(quiet)
serves("after too many sessions")

# They never read: a terminal, a script, and who closes in the middle of it.
before = memory()
deaf = []
for wish in TERMINAL + frame("D", b"terminal length 0\r"), frame("S"):
    for _ in range(5):
        s = connect()
        s.sendall(HELLO + wish)
        s.setblocking(False)
        sent = 0
        data = frame("D", b"show running-config\r\n" * 100)
        left = data
        try:
            while sent < 8 << 20:
                n = s.send(left)
                sent += n
                left = left[n:] or data
        except BlockingIOError:
            pass
        assert sent < 8 << 20, "it reads for ever"
        deaf.append(s)
for _ in range(10):
    serves("beside the deaf")
assert memory() - before < (64 << 10) * ROOMY, f"{memory() - before} KiB for ten that never read"
for s in deaf:
    s.close()
until_few(quiet)
serves("at the end")
print(f"beside hostile clients a command took {worst * 1000:.0f} ms at most")
