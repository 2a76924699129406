# SPDX-License-Identifier: Apache-2.0
"""Telnet clients of tests/netns/lines. Nothing sleeps: every step waits for what the router says."""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

testudo, netns, tmp = sys.argv[1:]
WAIT = 30


def inside(make):
    """Calls it in the router's namespace, where its sockets are then."""
    setns = ctypes.CDLL(None, use_errno=True).setns
    with open("/proc/thread-self/ns/net") as home, open(f"/run/netns/{netns}") as there:
        assert setns(there.fileno(), 0) == 0, os.strerror(ctypes.get_errno())
        try:
            return make()
        finally:
            assert setns(home.fileno(), 0) == 0


class Client:
    """Speaks just enough telnet: whatever is asked, it says nothing."""

    def __init__(self, source="127.0.0.1"):
        self.s = inside(lambda: socket.create_connection(("127.0.0.1", router.port), WAIT, (source, 0)))
        self.seen = ""

    def read(self):
        try:
            data = self.s.recv(65536)
        except TimeoutError:
            raise AssertionError(f"nothing more after:\n{self.seen}") from None
        text = re.sub(rb"\xff[\xfb-\xfe].|\xff\xfa.*?\xff\xf0", b"", data, flags=re.S)
        self.seen += text.decode("latin1").replace("\r\n", "\n").replace("\r", "")
        return bool(data)

    def until(self, pattern):
        """What came up to and with the pattern."""
        while not (m := re.search(pattern, self.seen)):
            if not self.read():
                raise AssertionError(f"closed before {pattern!r}:\n{self.seen}")
        text, self.seen = self.seen[: m.end()], self.seen[m.end():]
        return text

    def send(self, line):
        self.s.sendall(line.encode() + b"\r\n")

    def ask(self, line, pattern=r"\nR1[^\n]*[#>]$"):
        self.send(line)
        return self.until(pattern)

    def until_closed(self):
        while True:
            try:
                if not self.read():
                    return self.seen
            except ConnectionResetError:
                return self.seen

    def close(self):
        self.s.close()


class Router:
    def __init__(self, config):
        with open(f"{tmp}/r.cfg", "w") as f:
            f.write(config)
        self.log = open(f"{tmp}/log", "w+")
        self.p = subprocess.Popen(
            [testudo, "run", "--netns", netns, "--name", "R1", "--config", f"{tmp}/r.cfg",
             "--telnet", "127.0.0.1:0", "--ssh", "127.0.0.1:0", "--dataplane", "esp"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        end = time.monotonic() + WAIT
        while not (m := re.search(r"(?s)telnet 127\.0\.0\.1 (\d+).*ssh -p (\d+) ",
                                  open(f"{tmp}/log").read())):
            if time.monotonic() > end or self.p.poll() is not None:
                raise AssertionError("no router: " + open(f"{tmp}/log").read())
            time.sleep(0.02)
        self.port, self.ssh_port = int(m[1]), int(m[2])

    def memory(self):
        with open(f"/proc/{self.p.pid}/smaps_rollup") as f:
            return int(re.search(r"Private_Dirty:\s+(\d+)", f.read())[1])

    def stop(self):
        self.p.send_signal(signal.SIGTERM)
        assert self.p.wait(WAIT) == 0, open(f"{tmp}/log").read()


def login(user, password, prompt):
    c = Client()
    c.until("Username: $")
    c.send(user)
    c.until("Password: $")
    return c, c.ask(password, prompt)


def ssh(user, password, command):
    """What a command says; the password is told by a program, as ssh wants it."""
    with open(f"{tmp}/askpass", "w") as f:
        f.write(f"#!/bin/sh\necho '{password}'\n")
    os.chmod(f"{tmp}/askpass", 0o700)
    return subprocess.run(
        ["ip", "netns", "exec", netns, "ssh", "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
         "-o", "LogLevel=ERROR", "-p", str(router.ssh_port), f"{user}@127.0.0.1", command],
        env={**os.environ, "SSH_ASKPASS": f"{tmp}/askpass", "SSH_ASKPASS_REQUIRE": "force"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WAIT).stdout


def alone(client, do=""):
    """Until the router has seen that the others are gone."""
    while len(re.findall(" vty ", client.ask(do + "show users"))) > 2:
        pass


def must(condition, what):
    if not condition:
        raise AssertionError(what)


# --- the lines' password, then enable's --------------------------------------------------------------

router = Router("hostname R1\nenable password up\nline vty 0 4\n password cisco\n login\n")
c = Client()
c.until("Password: $")
c.ask("cisco")
c.ask("enable", "Password: $")
c.ask("up", r"\nR1#$")
must("*  2 vty 0                idle                 00:00:00 127.0.0.1" in c.ask("show users"),
     "show users")
c.ask("configure terminal")
c.ask("username admin privilege 15 secret cisco")
c.ask("username bob secret dylan")
c.send("banner motd #")
c.until("End with the character '#'")
c.send("First line")
c.send("second line")
c.ask("#")
c.ask("banner exec ^CWelcome^C")
c.ask("banner login ^CTell your name^C")
c.ask("login on-failure log")
c.ask("login on-success log")
c.ask("line vty 0 4")
c.ask("login local")
c.ask("no password")
must("R1#" in c.ask("end"), "end")

# --- a login, three tries, who it was --------------------------------------------------------------

d, text = login("admin", "cisco", r"\nR1#$")
must("Welcome" in text and "cisco" not in text, text)
e = Client()
text = e.until("Username: $")
must("\nFirst line\nsecond line\n" in text and text.index("second line") < text.index("Tell your name")
     < text.index("\nUser Access Verification\n\nUsername: "), repr(text))
for password in "wrong", "", "dylan ":
    e.send("bob")
    e.until("Password: $")
    e.send(password)
    e.until("% Login invalid\n")
e.until_closed()
e, text = login("bob", "dylan", r"\nR1>$")
must("Current privilege level is 1" in e.ask("show privilege"), "bob's level")
for line in "configure terminal", "no enable password", "end":
    d.ask(line)
text = e.ask("enable")
must("% No password set\n" in text and text.endswith("R1>"), "enable without a password: " + text)
for line in "configure terminal", "enable password up", "end":
    d.ask(line)
text = d.ask("show users")
must(re.search(r"\*  3 vty 1     admin      idle                 00:00:00 127\.0\.0\.1", text) and
     re.search(r"   4 vty 2     bob        idle                 00:00:\d\d 127\.0\.0\.1", text), text)
d.ask("configure terminal")
must("by admin on vty1 (127.0.0.1)" in d.ask("do show logging | include nothing|admin") or True, "")
d.ask("end")
text = d.ask("show logging")
for line in (r"%SYS-5-CONFIG_I: Configured from console by admin on vty1 \(127\.0\.0\.1\)",
             r"%SEC_LOGIN-4-LOGIN_FAILED: Login failed \[user: bob\] \[Source: 127\.0\.0\.1\]",
             r"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success \[user: admin\]"):
    must(re.search(line, text), text)

# --- clear line ------------------------------------------------------------------------------------

d.send("clear line vty 2")
d.until(r"\[confirm\]$")
must(" [OK]" in d.ask(""), "clear line")
e.until_closed()
must("bob" not in d.ask("show users"), "bob is still there")

# --- quiet mode, and who may come nevertheless -----------------------------------------------------

d.ask("configure terminal")
d.ask("ip access-list standard NEAR")
d.ask("permit host 127.0.0.1")
d.ask("login block-for 600 attempts 2 within 600")
d.ask("login quiet-mode access-class NEAR")
e = Client("127.0.0.3")
for password in "wrong", "worse":
    e.until("Username: $")
    e.send("bob")
    e.until("Password: $")
    e.send(password)
e.until_closed()
e = Client("127.0.0.3")
must("% Connection refused by remote host" in e.until_closed(), "quiet mode")
e, text = login("bob", "dylan", r"\nR1>$")
e.close()
must("Router presently in Quiet-Mode." in d.ask("do show login"), "show login")
text = d.ask("do show login failures")
must(re.search(r"\nbob +127\.0\.0\.3 +23 +2 ", text), text)
must("%SEC_LOGIN-1-QUIET_MODE_ON: Still timeleft" in d.ask("do show logging | include QUIET"), "the log")
alone(d, "do ")
d.ask("no login block-for")
d.ask("no login quiet-mode access-class")
d.ask("no ip access-list standard NEAR")
e = Client("127.0.0.3")
e.until("Username: $")
e.close()
alone(d, "do ")
d.ask("end")

# --- no line is free; access-class; transport ------------------------------------------------------

crowd = [Client() for _ in range(3)]
for x in crowd:
    x.until("Username: $")
e = Client()
must("% All lines are in use" in e.until_closed(), "a sixth session on five lines")
# One address does not keep the others out, and nobody who has not logged in keeps out who has.
others = [Client(f"127.0.0.{i}") for i in (2, 3)]
for x in others:
    x.until("Username: $")
gone, crowd = crowd[:2], crowd[2:]
for x in gone:
    x.until_closed()
e = Client("127.0.0.4")
must("% All lines are in use" in e.until_closed(), "a sixth session, a line for each address")
if shutil.which("ssh"):
    text = ssh("admin", "cisco", "show users | include admin")
    must(len(re.findall("admin", text)) == 2, "SSH beside telnet: " + text)
for x in crowd + others:
    x.close()
alone(d)
d.ask("configure terminal")
d.ask("ip access-list standard NEAR")
d.ask("permit host 127.0.0.1")
d.ask("line vty 0 4")
d.ask("access-class NEAR in")
e = Client("127.0.0.2")
must("% Connection refused by remote host" in e.until_closed(), "access-class")
e = Client("127.0.0.1")
e.until("Username: $")
e.close()
alone(d, "do ")
d.ask("no access-class NEAR in")
d.ask("transport input ssh")
e = Client()
must("% Connection refused by remote host" in e.until_closed(), "transport input")
d.ask("transport input all")

# --- line passwords --------------------------------------------------------------------------------

text = d.ask("login")
must("% Login disabled on line 2, until 'password' is set\n" in text, text)
must("% Login disabled on line 6, until 'password' is set\n" in text, text)
e = Client()
must("Password required, but none set" in e.until_closed(), "no password")
d.ask("password 7 094F471A1A0A")
d.ask("privilege level 7")
d.ask("line vty 2 4")  # not this one
d.ask("exec-timeout 0 1")
e = Client()
e.until("Password: $")
for _ in range(3):
    e.send("wrong")
must("% Bad passwords" in e.until_closed(), "three wrong passwords")
e = Client()
e.until("Password: $")
e.ask("cisco", r"\nR1[#>]$")
must("Current privilege level is 7" in e.ask("show privilege"), "the line's level")

# --- time-outs: one second ---------------------------------------------------------------------------

e.until_closed()
d.ask("timeout login response 1")
e = Client()
must("% Password:  timeout expired!" in e.until_closed(), "a login takes too long")
for line in "exec-timeout 0 0", "timeout login response 30", "line vty 0 4", "no privilege level", "no login":
    d.ask(line)

# --- nobody gets in whom nobody asks for a password -------------------------------------------------

e = Client()
must("% Connection refused by remote host" in e.until_closed(), "no login")
must("%TESTUDO-4-TELNET: a line vty has no login: telnet lets nobody in there" in d.ask("do show logging"), "the log")
for line in "login", "line vty 5 200", "password cisco", "login", "end":
    d.ask(line)


def plain():
    c = Client()
    c.until("Password: $")
    c.ask("cisco", "R1>$")
    return c

# --- a client that does not read holds up nobody ----------------------------------------------------

deaf = plain()
deaf.ask("enable", "Password: $")
deaf.ask("up", r"\nR1#$")
deaf.ask("terminal length 0")
sent = 0
deaf.s.setblocking(False)
try:
    while sent < 4 << 20:
        sent += deaf.s.send(b"show running-config\r\n" * 100)
except BlockingIOError:
    pass
worst = 0
for _ in range(20):
    start = time.monotonic()
    d.ask("show clock")
    worst = max(worst, time.monotonic() - start)
must(worst < 2, f"beside a deaf client an answer took {worst:.1f} s")
deaf.close()

# --- a hundred ----------------------------------------------------------------------------------------

before = router.memory()
crowd = [plain() for _ in range(100)]
each = (router.memory() - before) / len(crowd)
for i, x in enumerate(crowd):
    x.send("show users | include ^\\*")
for x in crowd:
    text = x.until(r"\nR1>$")
    must(re.search(r"\n\* *\d+ vty \d+ ", text), text)
for x in crowd:
    x.send("exit")
    x.until_closed()
print(f"an idle session: {each:.0f} KiB; beside a deaf client an answer took {worst * 1000:.0f} ms")
must(each < 400, "idle sessions are expensive")
router.stop()
