#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the scenarios of one role of the peer:

    run.py all|hostile_server|hostile_member|bystander [TEXT]

Each file of scenarios has a lab of its own, and the labs run side by side, since most of what they do is
wait. TEXT chooses the scenarios whose name or section holds it. PEER_LOG=1 shows the routers' logs at the
end, PEER_TRACE=1 the stack of an error. TESTUDO and DATAPLANE name another binary and dataplane.
"""
import importlib
import os
import re
import subprocess
import sys
import tempfile
import time

# A role's files, each with the lab it is played in.
MEMBER, SERVER = ('member_lab', 'MemberLab'), ('server_lab', 'ServerLab')
ROLES = {
    'hostile_server': {
        'server_suites': MEMBER, 'server_pulls': MEMBER, 'server_pushes': MEMBER, 'server_deletes': MEMBER,
        'server_returns': MEMBER,
        'server_acks': MEMBER, 'server_lkh': MEMBER, 'server_phase1': MEMBER, 'server_identities': MEMBER,
        'server_traffic': MEMBER,
        'server_certificates': ('member_pki_lab', 'CertificateLab'), 'server_ecdsa': ('server_ecdsa', 'EcLab'),
    },
    'hostile_member': {
        'member_pulls': SERVER, 'member_phase1': SERVER, 'member_rekeys': SERVER,
        'member_lkh': ('member_lkh', 'LkhLab'),
        'member_certificates': ('server_pki_lab', 'CertificateLab'), 'member_ecdsa': ('member_ecdsa', 'EcLab'),
    },
    'bystander': {
        'bystander_member': MEMBER, 'bystander_server': SERVER,
    },
}
ROLES['all'] = {module: lab for role in list(ROLES.values()) for module, lab in role.items()}


def one(module, wanted):
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    lab, name = ROLES['all'][module]
    importlib.import_module(module)
    return importlib.import_module('scenario').run_all(getattr(importlib.import_module(lab), name), wanted)


# The longest first, so many at once.
LONG = ['member_rekeys', 'server_pulls', 'server_returns', 'server_acks', 'server_pushes', 'member_certificates',
        'server_certificates', 'server_identities']
AT_ONCE = 8


def clear_away():
    """Namespaces of runs that were killed: their names hold the process."""
    for name in os.listdir('/run/netns') if os.path.isdir('/run/netns') else []:
        owner = re.fullmatch(r'tdp(\d+)[a-z]', name)
        if owner and not os.path.exists('/proc/' + owner.group(1)):
            subprocess.run(['ip', 'netns', 'del', name])


def main():
    clear_away()
    role, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ''
    started = time.monotonic()
    total, status = [0, 0], 0
    waiting = sorted(ROLES[role], key=lambda m: LONG.index(m) if m in LONG else len(LONG))
    running = {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            module = waiting.pop(0)
            out = tempfile.TemporaryFile('w+')
            running[module] = out, subprocess.Popen(
                [sys.executable, '-B', os.path.abspath(__file__), 'one', wanted, module], stdout=out, stderr=out)
        time.sleep(0.1)
        for module in [m for m, (_, process) in running.items() if process.poll() is not None]:
            out, process = running.pop(module)
            out.seek(0)
            text, _, counts = out.read().rpartition('= ')
            print('--- %s\n%s' % (module, text or counts), end='', flush=True)
            status |= process.returncode
            if text:
                counts = [int(n) for n in counts.split()]
                total = [a + b for a, b in zip(total, counts)]
                print('    %d seconds' % counts[2])
    print('%s: %d scenarios, %d failed; %d s' % (role, *total, time.monotonic() - started))
    return 1 if status else 0


sys.dont_write_bytecode = True
sys.exit(one(sys.argv[3], sys.argv[2]) if len(sys.argv) > 3 else main())
