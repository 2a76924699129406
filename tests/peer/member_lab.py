# SPDX-License-Identifier: Apache-2.0
"""A member of ours against a key server of the peer's: its core and its LAN are links whose other end
is the peer's, so that what leaves and what arrives is seen and made here."""
import re
import time

from cryptography.hazmat.primitives.asymmetric import rsa

import esp
from gdoi import *
from net import *
from phase1 import *
from router import QUESTION, Router
from scenario import Lab, Later, check

SERVER, MEMBER = '10.66.0.1', '10.66.0.3'
LAN = {'A': ('192.168.3.10', '192.168.4.10'), 'B': ('172.16.3.10', '172.16.4.10'),
       'C': ('10.200.3.10', '10.200.4.10')}
NETS = {'A': '192.168.0.0/16', 'B': '172.16.0.0/12', 'C': '10.200.0.0/16'}
SIGNER = rsa.generate_private_key(65537, 2048)
OTHER_SIGNER = rsa.generate_private_key(65537, 2048)

CONFIG = '''crypto isakmp policy 10
 encryption aes
 authentication pre-share
 group 2
crypto isakmp key PEERKEY address 10.66.0.1
crypto gdoi group G
 identity number 134
 server address ipv4 10.66.0.1
crypto map CMAP 10 gdoi
 set group G
interface FastEthernet0/0
 ip address 10.66.0.3 255.255.255.0
 crypto map CMAP
interface FastEthernet0/1
 ip address 192.168.3.1 255.255.255.0
ip route 0.0.0.0 0.0.0.0 10.66.0.1
'''


def tek(which='A', **more):
    return Tek(NETS[which], NETS[which], **more)


def kd_sids(values, bits=24, size=3, spi=b''):
    data = tv(1, bits) if bits is not None else b''
    for v in values:
        data += tlv(2, v if isinstance(v, bytes) else v.to_bytes(size, 'big'))
    return key_packet(KD_SID, spi, data)


def sa(kek=None, teks=(), gap_=None, **more):
    parts = [] if kek is None else [(SAK, kek.sak())]
    if gap_ is not None:
        parts.append((GAP, gap_))
    return sa_body(parts + [(SAT, t.sat()) for t in teks], **more)


def kd(kek=None, teks=(), sids=None, extra=()):
    packets = [] if kek is None else [kek.packet()]
    packets += [t.packet() for t in teks]
    if sids is not None:
        packets.append(kd_sids(sids))
    return kd_body(packets + list(extra))


class MemberLab(Lab):
    config = CONFIG

    def open(self):
        self.peer, self.ns = self.namespace('p'), self.namespace('m')
        link(self.peer, 'c0', self.ns, 'eth0', 1)
        link(self.peer, 'l0', self.ns, 'eth1', 2)
        self.peer.ip('addr', 'add', SERVER + '/24', 'dev', 'c0')
        for address_ in ('10.66.0.2', '10.66.0.4'):
            self.peer.ip('addr', 'add', address_ + '/24', 'dev', 'c0')
        self.peer.run('sysctl', '-qw', 'net.ipv4.ip_forward=0')
        self.ns.run('sysctl', '-qw', 'net.ipv4.ip_forward=1')
        self.core, self.lan = Tap(self.peer, 'c0', 1), Tap(self.peer, 'l0', 2)
        self.wire = Udp(self.peer, SERVER, MEMBER)
        self.capture(self.peer, 'c0', MEMBER)
        self.keys, self.kek, self.teks = None, None, []
        self.peer_vids = []
        self.gm = Router(self.ns, self.folder, 'GM', self.config, {'f0/0': 'eth0', 'f0/1': 'eth1'})
        self.routers.append(self.gm)
        check(self.gm.logged('GDOI is ON', timeout=60), 'the member does not start')
        for which in 'BC':
            self.ns.ip('addr', 'add', LAN[which][0][:-2] + '1/24', 'dev', 'eth1')
        for which in LAN:
            self.ns.ip('neigh', 'replace', LAN[which][0], 'lladdr', mac_text(mac(2, 0)), 'dev', 'eth1')

    # Registration

    def phase1(self, first=None, timeout=5.0, **more):
        """Answers phase 1, as a key server that knows the key unless told otherwise."""
        options = dict(psk=b'PEERKEY', me=identity(ID_IPV4, ipv4(SERVER)))
        options.update(more)
        x = Exchange(self.wire, **options)
        self.keys = None
        self.keys = x.respond(timeout, first)
        self.peer_vids = x.peer_vids
        return x

    def clear(self):
        """Makes the member register now."""
        self.gm.line or self.gm.connect()
        self.wire.forget()
        self.gm.ask('clear crypto gdoi', QUESTION)
        self.gm('yes')

    def begin(self, timeout=5.0, clear=True, **more):
        """Up to an ISAKMP SA under which the member sends message 1 of its registration."""
        if clear:
            self.clear()
        def mine(d):
            return len(d) >= 28 and (d[18] == MAIN and d[8:16] == bytes(8) or
                                     d[18] == PULL and self.keys is not None and
                                     d[:16] == self.keys.icookie + self.keys.rcookie)
        first = self.wire.receive(mine, timeout)
        check(first is not None, 'the member does not register')
        if first[18] == MAIN:
            return self.phase1(first, **more)
        self.wire.inbox.insert(0, first)
        return None

    def answer(self, kek, teks, seq='kek', sids=None, gap_=None, sa_=None, kd_=None, **more):
        if seq == 'kek':
            seq = None if kek is None else kek.seq
        return ServerPull(self.keys, self.wire, sa(kek, teks, gap_) if sa_ is None else sa_,
                          kd(kek, teks, sids) if kd_ is None else kd_, seq, **more)

    def register(self, kek=None, teks=(), begin=None, **more):
        """A whole registration, which must succeed."""
        self.begin(**(begin or {}))
        return self.finish(kek, teks, **more)

    def finish(self, kek, teks, **more):
        """The registration that has begun is answered, and must be taken."""
        mark = self.gm.mark()
        pull = self.answer(kek, teks, **more)
        pull.run()
        done = self.gm.logged('GM_REGS_COMPL|GM_REGS_FAILED', mark)
        check(done and done.group() == 'GM_REGS_COMPL', 'the member does not take the registration: ' + self.why(mark))
        self.kek, self.teks = kek, list(teks)
        return pull

    def refused(self, kek=None, teks=(), seconds=0.5, **more):
        """A registration that the member must not take: in whole."""
        mark = self.gm.mark()
        before = self.spis()
        self.begin()
        pull = self.answer(kek, teks, **more)
        pull.first()
        over = lambda: self.gm.logged('GM_REGS_(FAILED|COMPL)', mark, 0)
        end = time.monotonic() + seconds
        while time.monotonic() < end and not over():
            self.wire.poll(0.02)
            if any(pull.mine(d) for d in self.wire.inbox):
                try:
                    pull.second(0.1)
                except (Failed, Malformed):
                    pass
                self.gm.logged('GM_REGS_(FAILED|COMPL)', mark, seconds)
                break
        check(not self.gm.logged('GM_REGS_COMPL', mark, 0), 'the member takes it')
        new = self.spis() - before
        check(not new, 'refused, but SPIs are installed: %s' % new)
        return self.gm.log(mark)

    def why(self, mark):
        lines = [re.sub(r'^.*?(%\S+)', r'\1', l) for l in self.gm.log(mark).split('\n') if '%' in l]
        return ' / '.join(lines[-3:])[:300]

    def fresh(self, teks=None, ack=1, **more):
        """Registered under a new Rekey SA, with TEKs for A and B."""
        kek = Kek(SIGNER, SERVER, MEMBER, ack=ack, **more)
        teks = [tek('A'), tek('B')] if teks is None else teks
        self.register(kek, teks, sids=[5] if any(t.counter for t in teks) else None)
        return kek

    def on(self):
        """The Rekey SA under which the member is registered, with TEKs for A and B that are still there."""
        kek = self.kek
        if kek is None or kek.seq > 1000 or kek.port != PORT or kek.dst != MEMBER or kek.ack != 1 or \
                len(self.teks) != 2 or not {t.spi for t in self.teks} <= self.spis():
            self.fresh()
        return self.kek

    def spis(self):
        """The SPIs that the member says it has."""
        return {int(x, 16) for x in re.findall(r'"spi": "0x([0-9A-F]+)"', self.gm('show crypto ipsec sa | json'))}

    # Rekeys

    def push(self, data, taken=True, timeout=3.0, wire=None, spis=None, gone=(), **to):
        """Sends a rekey; taken or not is judged by the SPIs that are there afterwards. What is refused
        must not be acknowledged either: that is seen when the lab settles."""
        mark = self.gm.mark()
        before = self.spis()
        (wire or self.wire).send(data, **to)
        if taken:
            check(self.gm.logged('GM_RECV_REKEY', mark, timeout), 'the rekey is not taken: ' + self.why(mark))
            if spis or gone:
                end = time.monotonic() + timeout
                while not (set(spis or ()) <= self.spis() and not set(gone) & self.spis()):
                    check(time.monotonic() < end, 'keys after the rekey: %s, not %s without %s' % (
                        hexes(self.spis()), hexes(spis or ()), hexes(gone)))
                    time.sleep(0.02)
        else:
            time.sleep(0.1)
            after = self.spis()
            check(after == before, 'keys change though the rekey is refused: %s' % hexes(after ^ before))
        return self.gm.log(mark)

    def rekey(self, teks=None, kek=None, gap_=None, lead=(), **more):
        """The octets of a rekey with these TEKs under the Rekey SA that is there."""
        teks = [tek('A')] if teks is None else teks
        return self.kek.push(list(lead) + [(SA, sa(kek, teks, gap_)), (KD, kd(kek, teks))], **more)

    def still_works(self):
        """The Rekey SA takes what is good."""
        t = tek('A')
        self.push(self.rekey([t]), spis={t.spi})
        return t

    def acks(self, kek=None, wire=None):
        """The good acknowledgements that have come so far under a Rekey SA: [(time, sequence number)]"""
        kek, wire = kek or self.kek, wire or self.wire
        wire.poll()
        out = []
        for when, data in wire.all:
            if len(data) >= 28 and data[18] == PUSH_ACK and data[:16] == kek.spi:
                seq, who = kek.check_ack(data)
                check(who == MEMBER, 'an acknowledgement of %s' % who)
                out.append((when, seq))
        return out

    def unacked(self, kek, *seqs):
        """A verdict: no acknowledgement of these has come."""
        return Later(lambda: check(not {s for _, s in self.acks(kek)} & set(seqs), 'acknowledged'))

    def settle(self):
        """Until every acknowledgement that the member still owes is there."""
        time.sleep(5.3)
        self.wire.poll()

    def acked(self, seq, kek=None, wire=None, timeout=5.5):
        """Waits for an acknowledgement; how many have come of it."""
        end = time.monotonic() + timeout
        while True:
            n = sum(s == seq for _, s in self.acks(kek, wire))
            if n or time.monotonic() > end:
                return n
            (wire or self.wire).poll(0.05)

    # Packets

    def sends(self, which='A', packet=None, seconds=0.5, src=None, dst=None, tries=3):
        """What leaves by the core for a packet from the LAN; it is sent again when nothing does."""
        src, dst = src or LAN[which][0], dst or LAN[which][1]
        packet = packet or udp_packet(src, dst, 4000, 4001, b'from the LAN')
        # Under another outer address it is the member's ESP.
        mine = lambda p: Packet(p).src == src and Packet(p).protocol != 1 or Packet(p).src == MEMBER and Packet(p).esp
        for attempt in range(tries):
            self.core.flush()
            self.lan.send(packet)
            got = [Packet(p) for p in self.core.collect(seconds, lambda ps: any(mine(p) for p in ps)) if mine(p)]
            if got:
                break
        return got[0] if got else None

    def must_encrypt(self, which='A', t=None, **more):
        """It leaves as ESP under this Tek, or under any; returns the ESP packet."""
        p = self.sends(which, **more)
        check(p is not None, 'traffic of %s does not leave' % which)
        check(p.esp, 'traffic of %s leaves in clear' % which)
        if t is not None:
            check(p.esp[0] == t.spi, 'traffic of %s leaves under %x, not %x' % (which, p.esp[0], t.spi))
            inner, p.iv = esp.open_(t, p.payload)
            inner = Packet(inner)
            check((inner.src, inner.dst) == LAN[which] and inner.payload.endswith(b'from the LAN'),
                  'what was encrypted is another packet')
            check((p.src, p.dst) == LAN[which], 'the header is not preserved: %s %s' % (p.src, p.dst))
        return p

    def must_not_leak(self, which='A', **more):
        p = self.sends(which, seconds=0.1, tries=2, **more)
        check(p is None or p.esp, 'traffic of %s leaves in clear' % which)
        return p

    def receives(self, packet, which='A', seconds=0.25, tries=2, dst=None):
        """The packet on the LAN that comes of one from the core, or None."""
        for _ in range(tries):
            self.lan.flush()
            self.core.send(packet)
            mine = lambda p: Packet(p).dst == (dst or LAN[which][0]) and Packet(p).protocol != 1
            got = [p for p in self.lan.collect(seconds, lambda ps: any(mine(p) for p in ps)) if mine(p)]
            if got:
                return Packet(got[0])
        return None

    def inner(self, which='A', data=b'from the core'):
        return udp_packet(LAN[which][1], LAN[which][0], 4001, 4000, data)

    def must_decrypt(self, t, which='A', seq=None, iv=None):
        self.next_seq = getattr(self, 'next_seq', 0) + 1
        seq = seq or self.next_seq
        if t.counter and iv is None:
            iv = (77 << 40 | seq).to_bytes(8, 'big')
        for attempt in range(3):
            p = self.receives(esp.seal(t, self.inner(which), seq, iv), which, tries=1)
            if p is not None:
                break
            seq += 1
            self.next_seq = seq
            if iv is not None:
                iv = (77 << 40 | seq).to_bytes(8, 'big')
        check(p is not None, 'ESP of %s does not arrive' % which)
        check(p.payload.endswith(b'from the core') and p.protocol == 17, 'something else arrives')
        return p

    def must_not_take_clear(self, which='A'):
        p = self.receives(self.inner(which), which, seconds=0.1, tries=1)
        check(p is None, 'clear traffic of %s is taken' % which)


def hexes(spis):
    return ' '.join('%08X' % s for s in sorted(spis)) or 'none'
