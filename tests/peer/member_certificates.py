# SPDX-License-Identifier: Apache-2.0
"""Members that authenticate to our key server by RSA signatures: who of them gets the group's keys
(RFC 6407 3.1: authorization MUST use the phase 1 identity; RFC 2409 5.1)."""
from scenario import check, scenario
from server_pki_lab import *


def gets(name, group, section='6407 3.1', **options):
    @scenario(section, 'gets keys: ' + name)
    def _(lab):
        check(lab.attempt(group, **options), 'refused: ' + lab.ks.log()[-200:])


def refused(name, group, section='6407 3.1', **options):
    @scenario(section, 'gets no keys: ' + name)
    def _(lab):
        made = {k: v(lab) if k == 'ca' else v for k, v in options.items()}
        check(not lab.attempt(group, **made), 'it does')


def change5(value):
    return lambda n, p: value(p) if n == 5 else p


gets('a member whose address is in its certificate and in the list', 1)
gets('a member by its distinguished name', 2, cn='M1')
gets('a member by its domain name', 2, names=['m2.example.net'], me=identity(ID_FQDN, b'm2.example.net'))
refused('a member of another name', 2, cn='M9')
refused('a member whose name begins like a good one', 2, cn='M11')
refused('a member with the domain name of another in its subject', 2, cn='m2.example.net')
refused('a member with a domain name that is not in its certificate', 2, names=['m3.example.net'],
        me=identity(ID_FQDN, b'm2.example.net'))
refused('a member of another organisation\'s CA', 2, cn='M1', ca=lambda lab: lab.other_ca)
refused('a member with the address of another as identity', 1, me=identity(ID_IPV4, ipv4('10.67.0.50')))
refused('a member with a domain name where addresses are authorized', 1, names=['m2.example.net'], own=False,
        me=identity(ID_FQDN, b'm2.example.net'))
refused('a certificate that is no longer valid', 1, start=-9, end=-2)
refused('a certificate that is not yet valid', 1, start=2)
refused('a certificate without its address', 1, own=False)
refused('a certificate with another address', 1, own=False, addresses=['10.67.0.50'])
refused('a signature of another key', 1, '2409 5.1', key=rsa.generate_private_key(65537, 2048))
refused('no certificate', 1, '2409 5.1', hook=change5(lambda p: [x for x in p if x[0] != CERT]))
refused('no signature', 1, '2409 5.1', hook=change5(lambda p: [x for x in p if x[0] != SIG]))
refused('a signature of zeros', 1, '2409 5.1', hook=change5(lambda p: [(k, bytes(256) if k == SIG else b) for k, b in p]))
refused('a certificate of zeros', 1, '2408 3.9', hook=change5(lambda p: [(k, b'\4' + bytes(99) if k == CERT else b) for k, b in p]))
refused('a certificate of an unknown encoding', 1, '2408 3.9',
        hook=change5(lambda p: [(k, b'\x63' + b[1:] if k == CERT else b) for k, b in p]))
refused('an empty CERT payload', 1, '2408 3.9', hook=change5(lambda p: [(k, b'' if k == CERT else b) for k, b in p]))
