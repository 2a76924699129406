# SPDX-License-Identifier: Apache-2.0
"""A certification authority and what it issues, and how a router of ours gets a certificate of it."""
import datetime
import ipaddress
import re

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from isakmp import CERT, SIG
from router import PROMPT, QUESTION

DAY = datetime.timedelta(days=1)
SUBJECT_KEY = rsa.generate_private_key(65537, 2048)


def name(cn, o='Lab'):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, o), x509.NameAttribute(NameOID.COMMON_NAME, cn)])


class Authority:
    def __init__(self, cn='Lab CA'):
        self.key, self.name = rsa.generate_private_key(65537, 2048), name(cn)
        self.cert = self.issue(self.name, self.key.public_key(), ca=True)

    def issue(self, subject, key, ca=False, addresses=(), names=(), start=-1, end=365):
        now = datetime.datetime.utcnow()
        b = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
        b = b.serial_number(x509.random_serial_number()).not_valid_before(now + start * DAY).not_valid_after(now + end * DAY)
        b = b.add_extension(x509.BasicConstraints(ca, None), True)
        alt = [x509.IPAddress(ipaddress.ip_address(a)) for a in addresses] + [x509.DNSName(n) for n in names]
        if alt:
            b = b.add_extension(x509.SubjectAlternativeName(alt), False)
        return b.sign(self.key, hashes.SHA256())

    def subject_key(self, cn, **more):
        """(key, certificate); one key serves all, since making one takes long"""
        return SUBJECT_KEY, self.issue(name(cn), SUBJECT_KEY.public_key(), **more)

    def ec_key(self, cn, curve=ec.SECP384R1(), **more):
        """The same with an EC key."""
        key = ec.generate_private_key(curve)
        return key, self.issue(name(cn), key.public_key(), **more)


TRUSTPOINT = '''crypto key generate rsa modulus 2048 label IDKEY
crypto pki trustpoint LAB
 enrollment terminal
 subject-name cn=%s, o=Lab
 revocation-check none
 rsakeypair IDKEY
'''

EC_TRUSTPOINT = TRUSTPOINT.replace('rsa modulus 2048', 'ec keysize 384').replace('rsakeypair', 'eckeypair')


def enroll(router, authority, **more):
    """The router trusts the authority, and has a certificate of it."""
    router('configure terminal')
    paste(router, 'crypto pki authenticate LAB', authority.cert)
    text = router('yes')
    if 'successfully' not in text:
        raise OSError('the CA is not taken: ' + text)
    text = router.ask('crypto pki enroll LAB')
    pem = re.search(r'-----BEGIN CERTIFICATE REQUEST-----.*?-----END CERTIFICATE REQUEST-----', text, re.S).group()
    request = x509.load_pem_x509_csr(pem.encode())
    cert = authority.issue(request.subject, request.public_key(), **more)
    text = paste(router, 'crypto pki import LAB certificate', cert)
    if 'successfully' not in text:
        raise OSError('the certificate is not taken: ' + text)
    router('end')
    return cert


def paste(router, command, cert):
    router.ask(command, r'[^\n]*by itself[^\n]*\n\s*')
    for line in cert.public_bytes(Encoding.PEM).decode().strip().split('\n'):
        router.send(b'D', line.encode() + b'\r')
    return router.ask('quit', '%s|%s' % (QUESTION, PROMPT % re.escape(router.name)))


def spoil_signature(value):
    """A change of a message: another signature, made of the good one."""
    return lambda lab, payloads: [(k, value(b) if k == SIG else b) for k, b in payloads]


def show_another(make):
    """A change of a message: another certificate beside the same signature."""
    def change(lab, payloads):
        shown = b'\4' + make(lab)[1].public_bytes(Encoding.DER)
        return [(k, shown if k == CERT else b) for k, b in payloads]
    return change
