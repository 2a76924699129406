# SPDX-License-Identifier: Apache-2.0
"""Our member authenticates by ECDSA on the curve of 384 bits, and so must its key server (RFC 4754)."""
from member_pki_lab import *
from scenario import check, scenario


class EcLab(CertificateLab):
    suite = Suite(auth=ECDSA_384)
    config = CertificateLab.config.replace(pki.TRUSTPOINT % 'GM', pki.EC_TRUSTPOINT % 'GM').replace(
        ' authentication rsa-sig\n', ' authentication ecdsa-sig\n')

    def subject_key(self, ca, cn, **more):
        return ca.ec_key(cn, **more)


def refused(name, hook=None, key=None):
    @scenario('4754 7', 'ECDSA: not taken for the key server: ' + name)
    def _(lab):
        own, cert = lab.server
        check(not lab.attempt(key or own, cert, hook=hook and (lambda n, p: hook(lab, p) if n == 6 else p)), 'taken')


@scenario('4754 4', 'ECDSA: our member\'s certificate and signature are good, and the server\'s is taken')
def _(lab):
    check(lab.attempt(*lab.server), 'refused: ' + lab.why(0))
    check(lab.x.peer_cert.public_key().curve.name == 'secp384r1', 'another certificate')


refused('a signature of another key', key=ec.generate_private_key(ec.SECP384R1()))
refused('a signature of zeros', pki.spoil_signature(lambda b: bytes(len(b))))
refused('a signature of half its length', pki.spoil_signature(lambda b: b[:48]))
refused('no signature', lambda lab, p: [x for x in p if x[0] != SIG])
refused('a certificate of another curve', pki.show_another(
    lambda lab: lab.ca.ec_key('KS', ec.SECP521R1(), addresses=[SERVER])))
refused('a certificate with an RSA key', pki.show_another(lambda lab: lab.ca.subject_key('KS', addresses=[SERVER])))
