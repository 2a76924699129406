# SPDX-License-Identifier: Apache-2.0
"""Members that authenticate to our key server by ECDSA on the curve of 384 bits (RFC 4754)."""
from scenario import check, scenario
from server_pki_lab import *


class EcLab(CertificateLab):
    suite = Suite(auth=ECDSA_384)
    config = CertificateLab.config.replace(pki.TRUSTPOINT % 'KS', pki.EC_TRUSTPOINT % 'KS').replace(
        ' authentication rsa-sig\n', ' authentication ecdsa-sig\n')

    def subject_key(self, ca, cn, **more):
        return ca.ec_key(cn, **more)


def gets(name, **options):
    @scenario('4754 4', 'ECDSA gets keys: ' + name)
    def _(lab):
        check(lab.attempt(1, **options), 'refused: ' + lab.ks.log()[-200:])


def refused(name, hook=None, stranger=False, **options):
    @scenario('4754 7', 'ECDSA gets no keys: ' + name)
    def _(lab):
        check(not lab.attempt(1, ca=lab.other_ca if stranger else lab.ca,
                              hook=hook and (lambda n, p: hook(lab, p) if n == 5 else p), **options), 'it does')


def as_der(b):
    return encode_dss_signature(int.from_bytes(b[:48], 'big'), int.from_bytes(b[48:], 'big'))


gets('a member with a certificate of the curve')
refused('a signature of another key', key=ec.generate_private_key(ec.SECP384R1()))
refused('a signature of zeros', pki.spoil_signature(lambda b: bytes(len(b))))
refused('r is zero', pki.spoil_signature(lambda b: bytes(48) + b[48:]))
refused('s is zero', pki.spoil_signature(lambda b: b[:48] + bytes(48)))
refused('an octet too few', pki.spoil_signature(lambda b: b[:-1]))
refused('an octet too many', pki.spoil_signature(lambda b: b + b'\0'))
refused('r and s as DER', pki.spoil_signature(as_der))
refused('no signature', lambda lab, p: [x for x in p if x[0] != SIG])
refused('a certificate of another curve', pki.show_another(lambda lab: lab.ca.ec_key('M', ec.SECP256R1())))
refused('a certificate with an RSA key', pki.show_another(lambda lab: lab.ca.subject_key('M')))
refused('a certificate of another key', pki.show_another(lambda lab: lab.ca.ec_key('M')))
refused('a certificate of another CA', stranger=True)


@scenario('4754 6', 'ECDSA: another curve than the server\'s, or RSA, is not chosen')
def _(lab):
    for auth in RSA_SIG, ECDSA_256, ECDSA_521:
        m = lab.member()
        key, cert = lab.ca.ec_key('M', addresses=[m.address])
        try:
            m.exchange(suites=[Suite(auth=auth)], key=key, cert=cert).initiate()
        except Failed as e:
            check('no answer' in str(e), str(e))
        else:
            check(False, 'method %d is chosen' % auth)
