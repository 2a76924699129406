# SPDX-License-Identifier: Apache-2.0
"""See tests/netns/descriptors: more clients than a router has descriptors, by each door."""
import os
import signal
import socket
import subprocess
import sys
import time

LIMIT = 40
CLIENTS = 60
DOORS = {"telnet": ("127.0.0.1", 2323), "ssh": ("127.0.0.1", 2222)}
CONFIG = """hostname R1
enable secret lab
username anna privilege 15 secret lab
interface FastEthernet0/0
 ip address 10.9.9.1 255.255.255.0
line vty 0 4
 login local
end
"""


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(what, condition):
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    sys.exit(f"FAILED: {what}")


def connect(door):
    if isinstance(door, str):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(0.2)
        s.connect(door)
        return s
    return socket.create_connection(door, timeout=0.2)


def count_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def ask_router(testudo, path):
    done = subprocess.run([testudo, "sh", "--socket", path, "-c", "show clock"],
                          capture_output=True, timeout=30, check=False)
    return done.returncode == 0


def try_doors(testudo, path, router):
    usual = count_files(router.pid)
    for name, door in {"sh": path, **DOORS}.items():
        clients = []
        for _ in range(CLIENTS):
            try:
                clients.append(connect(door))
            except OSError:
                break
        if len(clients) < LIMIT - usual:
            sys.exit(f"FAILED: {name}: only {len(clients)} clients came")
        time.sleep(1)
        before = cpu_seconds(router.pid)
        time.sleep(2)
        used = cpu_seconds(router.pid) - before
        if router.poll() is not None:
            sys.exit(f"FAILED: {name}: the router has ended with {router.returncode}")
        # A loop that turns on what it cannot accept takes all of these two seconds.
        if used > 1:
            sys.exit(f"FAILED: {name}: the router turns in circles, {used:.2f} s of 2")
        for client in clients:
            client.close()
        wait_for(f"{name}: descriptors are free again",
                 lambda: count_files(router.pid) <= usual + 2)
        wait_for(f"{name}: people are let in again", lambda: ask_router(testudo, path))


def main():
    testudo, tmp = sys.argv[1:]
    path = f"{tmp}/sock"
    with open(f"{tmp}/startup", "w", encoding="ascii") as f:
        f.write(CONFIG)
    with open(f"{tmp}/log", "wb") as log:
        router = subprocess.Popen(
            ["prlimit", f"--nofile={LIMIT}", testudo, "run", "--config", f"{tmp}/startup",
             "--interface", "FastEthernet0/0=tdfiles0", "--socket", path, "--telnet",
             "127.0.0.1:2323", "--ssh", "127.0.0.1:2222"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for("the router comes up",
                 lambda: os.path.exists(path) and ask_router(testudo, path))
        try_doors(testudo, path, router)
        router.send_signal(signal.SIGTERM)
        if router.wait(30):
            sys.exit(f"FAILED: it ended with {router.returncode}")
    finally:
        router.kill()
    print(f"{CLIENTS} clients at each of {len(DOORS) + 1} doors, {LIMIT} descriptors: it serves on")


main()
