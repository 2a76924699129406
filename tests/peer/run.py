#!/usr/bin/python3
"""Runs the scenarios of one role of the peer:

    run.py all|hostile_server|hostile_member|bystander [TEXT]

Each file of scenarios has a lab of its own, and the labs run side by side, since most of what they do is
wait. TEXT chooses the scenarios whose name or section holds it. PEER_LOG=1 shows the routers' logs at the
end, PEER_TRACE=1 the stack of an error. TESTUDO and DATAPLANE name another binary and dataplane.
"""
import importlib
import os
import subprocess
import sys
import time

# A role's files, each with the lab it is played in.
MEMBER, SERVER = ('member_lab', 'MemberLab'), ('server_lab', 'ServerLab')
ROLES = {
    'hostile_server': {
        'server_suites': MEMBER, 'server_pulls': MEMBER, 'server_pushes': MEMBER, 'server_deletes': MEMBER,
        'server_returns': MEMBER,
        'server_acks': MEMBER, 'server_lkh': MEMBER, 'server_phase1': MEMBER, 'server_identities': MEMBER,
        'server_traffic': MEMBER,
        'server_certificates': ('server_certificates', 'CertificateLab'),
    },
    'hostile_member': {
        'member_pulls': SERVER, 'member_phase1': SERVER, 'member_rekeys': SERVER,
        'member_certificates': ('member_certificates', 'CertificateLab'),
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


def main():
    role, wanted = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ''
    started, running = time.monotonic(), []
    for module in ROLES[role]:
        words = [sys.executable, '-B', os.path.abspath(__file__), 'one', wanted, module]
        running.append(subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    total, status = [0, 0, 0], 0
    for module, process in zip(ROLES[role], running):
        print('--- %s' % module)
        for line in process.stdout:
            if line.startswith('= '):
                counts = [int(n) for n in line.split()[1:]]
                total = [a + b for a, b in zip(total, counts)]
                print('    %d seconds' % counts[3])
            else:
                print(line, end='', flush=True)
        status |= process.wait()
    print('%s: %d scenarios, %d failed, %d of them known; %d s' % (role, *total, time.monotonic() - started))
    return 1 if status else 0


sys.dont_write_bytecode = True
sys.exit(one(sys.argv[3], sys.argv[2]) if len(sys.argv) > 3 else main())
