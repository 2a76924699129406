# SPDX-License-Identifier: Apache-2.0
"""A member of ours that authenticates its key server by certificates."""
import pki
from member_lab import *


class CertificateLab(MemberLab):
    suite = Suite(auth=RSA_SIG)
    config = pki.TRUSTPOINT % 'GM' + CONFIG.replace(' authentication pre-share\n', ' authentication rsa-sig\n').replace(
        'crypto isakmp key PEERKEY address 10.66.0.1\n', '')

    def open(self):
        super().open()
        self.ca, self.other_ca = pki.Authority(), pki.Authority()
        self.server = self.subject_key(self.ca, 'KS', addresses=[SERVER])
        self.gm.connect()
        pki.enroll(self.gm, self.ca)

    def subject_key(self, ca, cn, **more):
        """(key, certificate)"""
        return ca.subject_key(cn, **more)

    def attempt(self, key, cert, me=None, hook=None):
        """Phase 1 with this certificate; True when the member goes on to its registration under it."""
        self.gm('clear crypto isakmp')
        self.keys = None
        self.clear()
        x = Exchange(self.wire, [self.suite], key=key, cert=cert, me=me or identity(ID_IPV4, ipv4(SERVER)), hook=hook)
        take = x.take
        x.take = lambda mine, timeout=2.0: take(mine, 0.6)
        try:
            self.keys = x.respond(5)
        except Failed as e:
            if 'no answer' not in str(e):
                raise
            return False
        self.x = x
        if self.wire.receive(lambda d: len(d) > 28 and d[18] == PULL and d[:16] == self.keys.icookie + self.keys.rcookie, 0.4) is None:
            self.keys = None
            return False
        return True
