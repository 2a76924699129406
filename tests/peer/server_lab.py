# SPDX-License-Identifier: Apache-2.0
"""A key server of ours, and members of the peer's: as many as there are addresses."""
import json
import re
import time

from cryptography.hazmat.primitives.asymmetric import rsa

import esp
from gdoi import *
from net import *
from phase1 import *
from router import Router
from scenario import Lab, Later, check

SERVER = '10.67.0.1'
STRANGER = '10.67.0.99'

# number, transform set, what else stands in the server's group; two lists of traffic make two SAs
SUITES = {
    1: ('esp-aes esp-sha-hmac', E_AES, 128, A_SHA1),
    2: ('esp-aes 192 esp-sha256-hmac', E_AES, 192, A_SHA256),
    3: ('esp-aes 256 esp-sha512-hmac', E_AES, 256, A_SHA512),
    4: ('esp-aes 256 esp-sha384-hmac', E_AES, 256, A_SHA384),
    5: ('esp-3des esp-sha-hmac', E_3DES, 192, A_SHA1),
    6: ('esp-null esp-sha256-hmac', E_NULL, 0, A_SHA256),
    7: ('esp-gcm', E_GCM16, 128, None),
    8: ('esp-gcm 256', E_GCM16, 256, None),
    9: ('esp-gmac', E_GMAC, 128, None),
    10: ('esp-gmac 256', E_GMAC, 256, None),
}
TWO_GCM, UNICAST, MULTICAST, SILENT, PORT_GROUP, BY_ADDRESS, NO_ACK, SMALL, LARGE = 20, 30, 40, 50, 60, 70, 80, 21, 22
MULTICAST_ADDRESS, PORT_ADDRESS = '239.67.0.40', '239.67.0.60'

HEAD = '''ip domain name example.net
crypto key generate rsa modulus 2048 label REKEY
crypto isakmp policy 10
 encryption aes
 authentication pre-share
 group 2
crypto isakmp policy 20
 encryption aes 256
 hash sha256
 authentication pre-share
 group 14
crypto isakmp policy 30
 encryption 3des
 hash md5
 authentication pre-share
 group 2
crypto isakmp key PEERKEY address 10.67.0.0 255.255.0.0
ip access-list standard MEMBERS
 deny 10.67.0.99
 permit 10.67.0.0 0.0.255.255
ip access-list extended LAN
 permit ip 192.168.0.0 0.0.255.255 192.168.0.0 0.0.255.255
ip access-list extended LAN2
 permit ip 172.16.0.0 0.15.255.255 172.16.0.0 0.15.255.255
ip access-list extended REKEY-TO
 permit udp host 10.67.0.1 eq 848 host 239.67.0.40 eq 848
ip access-list extended REKEY-PORT
 permit udp host 10.67.0.1 eq 848 host 239.67.0.60 eq 8848
interface FastEthernet0/0
 ip address 10.67.0.1 255.255.0.0
'''


def group_config(number_, transform_, more='', identity_=None, two=False):
    out = 'crypto ipsec transform-set T%d %s\n' % (number_, transform_)
    out += 'crypto ipsec profile P%d\n set transform-set T%d\n' % (number_, number_)
    out += 'crypto gdoi group G%d\n identity %s\n server local\n' % (number_, identity_ or 'number %d' % number_)
    out += ''.join('  %s\n' % line for line in more.split('\n') if line)
    out += '  authorization address ipv4 MEMBERS\n  address ipv4 10.67.0.1\n'
    out += '  sa ipsec 1\n   profile P%d\n   match address ipv4 LAN\n' % number_
    if two:
        out += '  sa ipsec 2\n   profile P%d\n   match address ipv4 LAN2\n' % number_
    return out


REKEY = '''rekey algorithm aes 128
rekey sig-hash algorithm sha256
rekey authentication mypubkey rsa REKEY
'''
CONFIG = HEAD + ''.join(group_config(n, s[0]) for n, s in SUITES.items()) + \
    group_config(TWO_GCM, 'esp-gcm', two=True) + \
    group_config(UNICAST, 'esp-aes esp-sha-hmac', REKEY + 'rekey transport unicast\nrekey acknowledgement any', two=True) + \
    group_config(SILENT, 'esp-aes esp-sha-hmac', REKEY + 'rekey transport unicast\nrekey acknowledgement any\nrekey retransmit 10 number 1') + \
    group_config(NO_ACK, 'esp-aes esp-sha-hmac', REKEY + 'rekey transport unicast') + \
    group_config(MULTICAST, 'esp-gcm', REKEY + 'rekey address ipv4 REKEY-TO') + \
    group_config(PORT_GROUP, 'esp-aes esp-sha-hmac', REKEY + 'rekey address ipv4 REKEY-PORT') + \
    group_config(SMALL, 'esp-gcm', REKEY + 'rekey transport unicast\ngroup size small 8') + \
    group_config(LARGE, 'esp-gcm', 'group size large\nidentifier\n value 5\n exit') + \
    group_config(BY_ADDRESS, 'esp-aes esp-sha-hmac', identity_='address ipv4 239.1.2.3')


class Member:
    """One of the peer's members: its address, its ISAKMP SA, what it has been told."""

    def __init__(self, lab, address_, **more):
        self.lab, self.address = lab, address_
        self.wire = Udp(lab.peer, address_, SERVER)
        self.keys, self.pulls = None, 0

    def exchange(self, **more):
        options = dict(psk=b'PEERKEY', me=identity(ID_IPV4, ipv4(self.address)))
        options.update(more)
        return Exchange(self.wire, **options)

    def phase1(self, **more):
        self.wire.forget()
        x = self.exchange(**more)
        self.keys, self.pulls = x.initiate(), 0
        return x

    def pull(self, group, **more):
        if self.keys is None:
            self.phase1()
        p = MemberPull(self.keys, self.wire, group, **more)
        return p.run()

    def close(self):
        self.wire.close()

    def told(self, timeout=0.3):
        """What the server says under phase 1 in informational exchanges: [(type, body)]"""
        out, cookies = [], self.keys.icookie + self.keys.rcookie
        while True:
            d = self.wire.receive(lambda d: len(d) > 28 and d[:16] == cookies and d[18] == INFO and d[19] & 1,
                                  timeout)
            if d is None:
                return out
            out += self.keys.open_informational(d)
            timeout = 0.05


class ServerLab(Lab):
    config = CONFIG

    def open(self):
        self.peer, self.ns = self.namespace('p'), self.namespace('s')
        link(self.peer, 'k0', self.ns, 'eth0', 1)
        self.peer.run('sysctl', '-qw', 'net.ipv4.ip_forward=0')
        self.tap = Tap(self.peer, 'k0', 1)
        self.capture(self.peer, 'k0', SERVER)
        self.ks = Router(self.ns, self.folder, 'KS', self.config, {'f0/0': 'eth0'})
        self.routers.append(self.ks)
        check(self.ks.logged('GDOI is ON', timeout=60), 'the key server does not start: ' + self.ks.log()[-500:])
        self.given = 0
        self.members = {}

    def member(self, address_=None):
        """A member that nobody else uses."""
        self.given += 1
        address_ = address_ or '10.67.%d.%d' % (1 + self.given // 200, 1 + self.given % 200)
        self.peer.ip('addr', 'add', address_ + '/16', 'dev', 'k0')
        m = Member(self, address_)
        self.closing.append(m.close)
        return m

    @property
    def one(self):
        """The member that most scenarios share, with an ISAKMP SA that has not seen many pulls yet: a
        server may remember only so many, and forgets an old one when it likes."""
        if 'one' not in self.members:
            self.members['one'] = self.member()
        m = self.members['one']
        m.pulls += 1
        if m.keys is None or m.pulls > 8:
            m.phase1()
        return m

    def registered(self, group):
        """What the server counts of each member: {address: {...}}"""
        text = self.ks('show crypto gdoi group G%d ks members | json' % group)
        try:
            out = json.loads(text)
        except ValueError:
            raise Failed('no JSON but %r' % text)
        return {m['address']: m for g in out['groups'] for m in g['members']}

    def isakmp_sas(self, address_):
        return self.ks('show crypto isakmp sa').count(' %s ' % address_)

    def rekey(self, group):
        self.ks.line or self.ks.connect()
        self.ks('crypto gdoi ks rekey group G%d' % group)

    def heard(self, member, kek, timeout=3.0, wire=None):
        """The next rekey under this Rekey SA: (sequence number, payloads, octets); its form is checked."""
        wire = wire or member.wire
        d = wire.receive(lambda d: len(d) > 28 and d[18] == PUSH and d[:16] == kek.spi, timeout)
        check(d is not None, 'no rekey comes')
        seq, payloads = open_push(kek, d)
        return seq, payloads, d
