# SPDX-License-Identifier: Apache-2.0
"""Scenarios: a name, the section of an RFC, a function that raises when what is seen is not what the
section says. One line each is printed; `later` holds back a verdict that takes time."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import traceback

from isakmp import Malformed
from net import Namespace, sh
from phase1 import Failed

scenarios = []
results = []


def scenario(section, name):
    def add(function):
        scenarios.append((section, name, function))
        return function
    return add


def check(condition, text):
    if not condition:
        raise Failed(text)


class Later:
    """A verdict that is asked for at the end."""

    def __init__(self, verdict):
        self.verdict = verdict


def judge(section, name, function, *arguments):
    started = time.monotonic()
    try:
        out = function(*arguments)
        if isinstance(out, Later):
            return (section, name, out.verdict)
        why = None
    except (Failed, Malformed, AssertionError) as e:
        why = str(e) or type(e).__name__
    except Exception as e:
        where = traceback.extract_tb(e.__traceback__)[-1]
        why = '%s: %s (%s:%d)' % (type(e).__name__, e, os.path.basename(where.filename), where.lineno)
        if os.environ.get('PEER_TRACE'):
            traceback.print_exc()
    report(section, name, why, time.monotonic() - started)
    return None


def report(section, name, why, seconds):
    results.append((section, name, why))
    slow = ' (%.1f s)' % seconds if seconds > 1 else ''
    if why is None:
        print('ok   %-14s %s%s' % (section, name, slow), flush=True)
    else:
        print('FAIL %-14s %s: %s%s' % (section, name, why, slow), flush=True)


def run_all(make_lab, wanted=''):
    """Runs every scenario whose name or section holds this text; the exit status."""
    # In the order in which they stand in the files, which they share the lab's state by.
    chosen = [s for s in scenarios if wanted in s[1] or wanted in s[0]]
    if not chosen:
        return 0
    folder = tempfile.mkdtemp()
    lab = make_lab(folder)
    started = time.monotonic()
    try:
        lab.open()
        waiting = []
        for section, name, function in chosen:
            verdict = judge(section, name, function, lab)
            if verdict:
                waiting.append(verdict)
            for r in lab.routers:
                if not r.alive():
                    report(section, name, '%s is no longer running' % r.name, 0)
                    print(r.log()[-3000:])
                    return 1
        for section, name, verdict in waiting:
            judge(section, name, verdict)
        if not wanted:
            judge('2408 3', 'no message of ours is malformed to tshark', lab.last)
        judge('', 'the router ends in order', lab.end)
    finally:
        if os.environ.get('PEER_LOG'):
            for r in lab.routers:
                print('--- %s' % r.name)
                print(r.log())
        lab.close()
        shutil.rmtree(folder)
    bad = sum(why is not None for _, _, why in results)
    print('= %d %d %d' % (len(results), bad, time.monotonic() - started), flush=True)
    return 1 if bad else 0


class Lab:
    """Namespaces that go when the lab is over, and the routers in them."""

    def __init__(self, folder):
        self.folder, self.namespaces, self.routers, self.closing = folder, [], [], []
        self.tcpdump = None
        self.prefix = 'tdp%d' % os.getpid()

    def namespace(self, name):
        n = Namespace(self.prefix + name)
        self.namespaces.append(n)
        return n

    def capture(self, namespace, device, source):
        """Everything that a router sends by UDP, for `last` to look at."""
        self.pcap = os.path.join(self.folder, 'sent.pcap')
        self.tcpdump = subprocess.Popen(
            ['ip', 'netns', 'exec', namespace.name, 'tcpdump', '-n', '-i', device, '--immediate-mode', '-U', '-w', self.pcap,
             'udp and src host ' + source], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 5
        while not (os.path.exists(self.pcap) and os.path.getsize(self.pcap)):
            check(time.monotonic() < end, 'tcpdump does not start')
            time.sleep(0.02)

    def last(self):
        """What is asked of every lab at its end: no message of ours is malformed to tshark."""
        self.tcpdump.terminate()
        self.tcpdump.wait()
        words = ['tshark', '-r', self.pcap]
        for port in (848, 5848, 8848, 8849):
            words += ['-d', 'udp.port==%d,isakmp' % port]
        def seen(what):
            run = subprocess.run(words + ['-Y', what], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            check(run.returncode == 0, 'tshark ends with %d: %s' % (run.returncode, run.stderr[-500:]))
            return run.stdout.strip().split('\n') if run.stdout.strip() else []
        check(len(seen('isakmp')) > 10, 'tshark sees no ISAKMP in %d octets' % os.path.getsize(self.pcap))
        bad = seen('_ws.malformed || _ws.expert.severity == error')
        check(not bad, '%d malformed: %s' % (len(bad), bad[0] if bad else ''))

    def end(self):
        """SIGTERM ends it, and nothing is said by the sanitizers if it has them."""
        for r in self.routers:
            r.kill(signal.SIGTERM)
            check(r.process.returncode == 0, '%s ends with %d: %s' % (r.name, r.process.returncode, r.log()[-2000:]))
            found = re.search(r'(runtime error:|Sanitizer).*', r.log())
            check(not found, found and found.group())

    def close(self):
        for r in self.routers:
            if r.alive():
                r.kill()
        if self.tcpdump and self.tcpdump.poll() is None:
            self.tcpdump.kill()
            self.tcpdump.wait()
        for c in self.closing:
            c()
        for n in self.namespaces:
            n.close()
