# SPDX-License-Identifier: Apache-2.0
"""Our member authenticates by RSA signatures: whose certificate it takes for its key server's (RFC 6407
3.1: a member MUST ensure that the phase 1 identity is an authorized key server; RFC 2409 5.1)."""
from member_pki_lab import *
from scenario import check, scenario

FQDN = b'ks.example.net'


def taken(name, make, section='6407 3.1'):
    @scenario(section, 'taken for the key server: ' + name)
    def _(lab):
        check(lab.attempt(**make(lab)), 'refused: ' + lab.why(0))


def refused(name, make, section='6407 3.1'):
    @scenario(section, 'not taken for the key server: ' + name)
    def _(lab):
        check(not lab.attempt(**make(lab)), 'taken')


def subject(lab, cn='KS', ca=None, me=None, hook=None, **more):
    key, cert = (ca or lab.ca).subject_key(cn, **more)
    return dict(key=key, cert=cert, me=me, hook=hook)


def change6(value):
    return lambda n, p: value(p) if n == 6 else p


by_address = dict(addresses=[SERVER])
taken('a certificate with the server\'s address', lambda lab: subject(lab, **by_address))
taken('a certificate with several addresses and names', lambda lab: subject(
    lab, addresses=['10.66.0.8', SERVER], names=['a.example.net']))
refused('a certificate without addresses', lambda lab: subject(lab))
refused('a certificate with another address', lambda lab: subject(lab, addresses=['10.66.0.9']))
refused('a certificate with another address and that identity', lambda lab: subject(
    lab, addresses=['10.66.0.9'], me=identity(ID_IPV4, ipv4('10.66.0.9'))))
refused('the right certificate, an identity of another address', lambda lab: subject(
    lab, me=identity(ID_IPV4, ipv4('10.66.0.9')), **by_address))
refused('a certificate with a domain name that nothing asks for', lambda lab: subject(
    lab, names=['ks.example.net'], me=identity(ID_FQDN, FQDN)))
refused('an FQDN that is not in the certificate', lambda lab: subject(lab, me=identity(ID_FQDN, b'x.example.net'), **by_address))
refused('a certificate of another CA', lambda lab: subject(lab, ca=lab.other_ca, **by_address))
refused('a certificate that is no longer valid', lambda lab: subject(lab, start=-9, end=-2, **by_address))
refused('a certificate that is not yet valid', lambda lab: subject(lab, start=2, **by_address))
refused('the CA\'s own certificate', lambda lab: dict(key=lab.ca.key, cert=lab.ca.cert))
refused('no certificate', lambda lab: subject(lab, hook=change6(lambda p: [x for x in p if x[0] != CERT]), **by_address), '2409 5.1')
refused('a certificate of zeros', lambda lab: subject(
    lab, hook=change6(lambda p: [(k, b'\4' + bytes(500) if k == CERT else b) for k, b in p]), **by_address), '2408 3.9')
refused('a certificate of an unknown encoding', lambda lab: subject(
    lab, hook=change6(lambda p: [(k, b'\x63' + b[1:] if k == CERT else b) for k, b in p]), **by_address), '2408 3.9')
refused('a certificate cut short', lambda lab: subject(
    lab, hook=change6(lambda p: [(k, b[:200] if k == CERT else b) for k, b in p]), **by_address), '2408 3.9')
refused('an empty CERT payload', lambda lab: subject(
    lab, hook=change6(lambda p: [(k, b'' if k == CERT else b) for k, b in p]), **by_address), '2408 3.9')
refused('a signature of another key', lambda lab: dict(key=OTHER_SIGNER, cert=lab.server[1]), '2409 5.1')
refused('a signature of zeros', lambda lab: subject(
    lab, hook=change6(lambda p: [(k, bytes(256) if k == SIG else b) for k, b in p]), **by_address), '2409 5.1')
refused('no signature', lambda lab: subject(
    lab, hook=change6(lambda p: [x for x in p if x[0] != SIG]), **by_address), '2409 5.1')
refused('a hash instead of a signature', lambda lab: subject(
    lab, hook=change6(lambda p: [(HASH, bytes(20)) if k == SIG else (k, b) for k, b in p]), **by_address), '2409 5.1')


def forged(lab):
    """Another's certificate in front, the own one, with which it is signed, behind."""
    key = OTHER_SIGNER
    cert = lab.ca.issue(pki.name('GM7'), key.public_key(), addresses=['10.66.0.7'])
    good = b'\4' + lab.server[1].public_bytes(pki.Encoding.DER)
    return dict(key=key, cert=cert, hook=change6(lambda p: p[:1] + [(CERT, good)] + p[1:]))


refused('a certificate of the server with a signature of a member, whose own follows', forged)


@scenario('2409 5.1', 'our member\'s certificate and signature are good')
def _(lab):
    check(lab.attempt(*lab.server), 'not even phase 1')
    check(lab.x.peer_cert.issuer == lab.ca.name and lab.x.peer_cert.subject != lab.ca.name, 'another certificate')


@scenario('6407 3.1', 'with a certificate map: the certificate that it picks, and no other')
def _(lab):
    lab.gm('configure terminal', 'crypto pki certificate map KSMAP 10', 'subject-name eq cn = KS, o = Lab', 'exit',
           'crypto pki trustpoint LAB', 'match certificate KSMAP', 'end')
    try:
        check(lab.attempt(**subject(lab, 'KS')), 'refused: ' + lab.why(0))
        check(not lab.attempt(**subject(lab, 'GM9')), 'another subject is taken')
        check(not lab.attempt(**subject(lab, 'GM9', names=['ks.example.net'], me=identity(ID_FQDN, FQDN))), 'a name is taken')
        check(not lab.attempt(**subject(lab, 'KS', ca=lab.other_ca)), 'another CA is taken')
        check(not lab.attempt(**subject(lab, 'KSX')), 'a longer name is taken')
    finally:
        lab.gm('configure terminal', 'crypto pki trustpoint LAB', 'no match certificate KSMAP', 'end')


@scenario('6407 3.1', 'with an identity in the crypto map: the certificate that has it, and no other')
def _(lab):
    lab.gm('configure terminal', 'crypto identity KSID', 'fqdn ks.example.net', 'exit',
           'crypto map CMAP 10 gdoi', 'set identity KSID', 'end')
    try:
        check(lab.attempt(**subject(lab, 'X', names=['ks.example.net'], me=identity(ID_FQDN, FQDN))), 'refused: ' + lab.why(0))
        check(not lab.attempt(**subject(lab, 'X', names=['gm.example.net'], me=identity(ID_FQDN, b'gm.example.net'))),
              'another name is taken')
        check(not lab.attempt(**subject(lab, 'X', names=['gm.example.net'], me=identity(ID_FQDN, FQDN))),
              'a name that is not in the certificate is taken')
        check(not lab.attempt(**subject(lab, 'ks.example.net')), 'a name in the subject is taken')
    finally:
        lab.gm('configure terminal', 'crypto map CMAP 10 gdoi', 'no set identity KSID', 'end')
