# SPDX-License-Identifier: Apache-2.0
"""Our member registers with the peer: registrations legal and illegal."""
import sys

from member_lab import *
from scenario import *

# Every suite

SUITES = [('AES-%d HMAC %s' % (bits, name), dict(bits=bits, auth=auth))
          for bits in (128, 192, 256)
          for name, auth in (('SHA-1', A_SHA1), ('SHA-256', A_SHA256), ('SHA-384', A_SHA384), ('SHA-512', A_SHA512))]
SUITES += [('3DES HMAC SHA-1', dict(transform=E_3DES)), ('NULL HMAC SHA-256', dict(transform=E_NULL, auth=A_SHA256))]
COUNTER = [('AES-GCM-%d' % bits, dict(transform=E_GCM16, bits=bits)) for bits in (128, 192, 256)]
COUNTER += [('AES-GMAC-%d, key as %s' % (bits, 'INTEGRITY' if i else 'ALGORITHM'),
             dict(transform=E_GMAC, bits=bits, gmac_as_integrity=i)) for bits in (128, 256) for i in (True, False)]


def suite(name, options):
    @scenario('6407 5.5.1', 'pull and traffic: ' + name)
    def _(lab):
        t = tek('A', **options)
        lab.register(None, [t])
        lab.must_encrypt('A', t)
        lab.must_decrypt(t)


def counter_suite(name, options):
    @scenario('6407 5.6.4.3', 'pull and traffic: %s under a sender identifier' % name)
    def _(lab):
        t = tek('A', **options)
        lab.register(None, [t], sids=[0x123456])
        p = lab.must_encrypt('A', t)
        check(p.iv[:3] == b'\x12\x34\x56', 'the IV does not begin with the SID: ' + p.iv.hex())
        lab.must_decrypt(t)


for s in SUITES:
    suite(*s)
for s in COUNTER:
    counter_suite(*s)


def kek_suite(name, options):
    @scenario('6407 6.1', 'pull and push under a KEK of ' + name)
    def _(lab):
        kek = Kek(options.pop('signer', SIGNER), SERVER, MEMBER, **options)
        lab.register(kek, [tek('A')])
        lab.still_works()


for s in [('AES-%d' % b, dict(bits=b)) for b in (128, 192, 256)] + [('3DES', dict(algorithm=KEK_3DES))] + \
        [('SHA-%s signatures' % n, dict(hash=h)) for n, h in (('1', 2), ('384', 4), ('512', 5))] + \
        [('RSA %d signatures' % n, dict(signer=rsa.generate_private_key(65537, n))) for n in (1024, 3072)]:
    kek_suite(*s)
