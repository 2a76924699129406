# SPDX-License-Identifier: Apache-2.0
"""A key server of ours that authenticates its members by certificates."""
import pki
from scenario import check
from server_lab import *

SIGNED_HEAD = HEAD.replace('crypto isakmp key PEERKEY address 10.67.0.0 255.255.0.0\n', '') + '''crypto identity MEMBERS-BY-NAME
 dn cn=M1, o=Lab
 fqdn m2.example.net
'''


class CertificateLab(ServerLab):
    suite = Suite(auth=RSA_SIG)
    config = pki.TRUSTPOINT % 'KS' + SIGNED_HEAD.replace(' authentication pre-share\n', ' authentication rsa-sig\n') + \
        group_config(1, 'esp-aes esp-sha-hmac') + \
        group_config(2, 'esp-aes esp-sha-hmac').replace('authorization address ipv4 MEMBERS', 'authorization identity MEMBERS-BY-NAME')

    def open(self):
        super().open()
        self.ca, self.other_ca = pki.Authority(), pki.Authority()
        self.ks.connect()
        pki.enroll(self.ks, self.ca, addresses=[SERVER])

    def subject_key(self, ca, cn, **more):
        """(key, certificate)"""
        return ca.subject_key(cn, **more)

    def attempt(self, group, cn='M', ca=None, me=None, hook=None, own=True, start=-1, end=365, addresses=(), names=(), key=None):
        """Whether a member with this certificate gets the keys of a group."""
        m = self.member()
        addresses = list(addresses) + ([m.address] if own else [])
        k, cert = self.subject_key(ca or self.ca, cn, addresses=addresses, names=names, start=start, end=end)
        x = m.exchange(suites=[self.suite], key=key or k, cert=cert, hook=hook)
        if me:
            x.me = me
        take = x.take
        x.take = lambda mine, timeout=2.0: take(mine, 0.5)
        try:
            m.keys = x.initiate()
            check(x.peer_cert.issuer == self.ca.name, 'the server shows another certificate')
            m.pull(group, )
            return True
        except Failed as e:
            if 'no answer' not in str(e):
                raise
            check(m.address not in self.registered(group), 'no keys, but counted as a member')
            return False
