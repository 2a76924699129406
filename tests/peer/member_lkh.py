# SPDX-License-Identifier: Apache-2.0
"""A key hierarchy (RFC 6407 5.6.3, RFC 2627 5.4) of our key server, and members of the peer's who follow it:
one is expelled, the others learn the new KEK by one rekey, and the expelled does not."""
import lkh
from router import QUESTION
from scenario import check, scenario
from server_lab import *

GROUP = 90


class LkhLab(ServerLab):
    config = HEAD + group_config(GROUP, 'esp-aes esp-sha-hmac', REKEY + 'rekey transport unicast\n'
                                 'rekey management-algorithm lkh\nrekey acknowledgement any')

    def open(self):
        super().open()
        self.all = []


class Follower:
    """A member with its path."""

    def __init__(self, lab):
        self.m = lab.member()
        self.m.phase1()
        self.join()

    def join(self):
        p = self.policy = self.m.pull(GROUP)
        packets = [q for q in p.packets if q[0] == KD_LKH]
        check(len(packets) == 1, '%d LKH packets' % len(packets))
        check(not any(q[0] == KD_KEK for q in p.packets), 'a KEK packet beside it')
        a = packets[0][2]
        check([k for k, _ in a].count(lkh.DOWNLOAD) == 1, 'the download arrays')
        self.path = lkh.Path(dict(a)[lkh.DOWNLOAD])
        self.public = dict(a)[lkh.SIGNATURE_KEY]
        check(K_MANAGEMENT not in p.sak.attributes, 'KEK_MANAGEMENT_ALGORITHM in a pull (5.3)')
        self.ack = p.sak.attributes.get(K_ACK)
        self.teks = {s.spi for s in p.sats}
        self.under(p.sak, p.seq)

    def under(self, sak, seq):
        a = sak.attributes
        k = self.kek = Kek.__new__(Kek)
        k.algorithm, k.bits, k.hash, k.ack = a[K_ALGORITHM], number(a[K_LENGTH]), a[K_HASH], a.get(K_ACK)
        k.spi, k.block, k.seq = sak.spi, 16, seq
        k.iv, k.key = self.path.root.data[:16], self.path.root.key
        k.verifier = serialization.load_der_public_key(self.public)

    def hear(self, timeout=4.0):
        """The next rekey under the KEK that it has: what it brings is taken, and acknowledged."""
        d = self.m.wire.receive(lambda d: len(d) > 28 and d[18] == PUSH and d[:16] == self.kek.spi, timeout)
        if d is None:
            return None
        seq, payloads = open_push(self.kek, d)
        check(seq == self.kek.seq + 1, 'SEQ %d behind %d' % (seq, self.kek.seq))
        self.kek.seq = seq
        p = Policy(one(payloads, SA), one(payloads, KD), seq)
        under, followed = self.kek, None
        arrays = [v for k, _, a in p.packets if k == KD_LKH for t, v in a if t == lkh.UPDATE]
        check(not [v for k, _, a in p.packets if k == KD_LKH for t, v in a if t == lkh.DOWNLOAD], 'a download array in a push')
        if arrays:
            check(p.sak is not None and p.sak.attributes.get(K_MANAGEMENT) == 1, 'no KEK_MANAGEMENT_ALGORITHM in a push')
            followed = sum(self.path.follow(v) for v in arrays)
            if followed:
                self.under(p.sak, 0)
        self.acknowledge(under, seq)
        return dict(policy=p, arrays=arrays, followed=followed, octets=len(d))

    def acknowledge(self, kek, seq):
        if kek.ack:
            base = Kek.__new__(Kek)
            base.ack, base.spi, base.key = kek.ack, kek.spi, self.path.leaf.key if kek.ack in (2, 4) else kek.key
            self.m.wire.send(base.ack_message(seq, self.m.address))


def everybody(lab, n=9):
    while len(lab.all) < n:
        lab.all.append(Follower(lab))
    return lab.all


@scenario('6407 5.6.3.1', 'a pull brings a path of its own, up to the KEK that all have')
def _(lab):
    fs = everybody(lab)
    leaves = {f.path.leaf.ident for f in fs}
    check(len(leaves) == len(fs), 'two members have one leaf')
    check(len({f.path.leaf.key for f in fs}) == len(fs), 'two members have one leaf key')
    check(len({f.path.root.data for f in fs[-2:]}) == 1, 'two roots')
    for f in fs:
        ids = [n.ident for n in f.path.nodes]
        check(len(set(ids)) == len(ids), 'a node is twice on a path')


@scenario('6407 5.6.3.2', 'an ordinary rekey is read and followed by everybody')
def _(lab):
    fs = everybody(lab)
    lab.rekey(GROUP)
    for f in fs:
        got = f.hear()
        check(got is not None, 'a member hears nothing')


def settled(lab):
    """Everybody has taken what there was."""
    for f in lab.all:
        while f.hear(0.2):
            pass


def expel(lab, f):
    lab.ks.ask('clear crypto gdoi group G%d ks members %s' % (GROUP, f.m.address), QUESTION)
    lab.ks('yes')
    lab.all.remove(f)


@scenario('6407 7.4', 'one is expelled: the others learn the new KEK in one rekey, and new TEKs under it; he does not')
def _(lab):
    fs = list(everybody(lab))
    settled(lab)
    out = fs[3]
    before = {n.data for n in out.path.nodes}
    knew = out.kek
    expel(lab, out)
    for f in lab.all:
        got = f.hear()
        check(got is not None, 'a member hears nothing')
        check(got['followed'] == 1, '%s update arrays are for it' % got['followed'])
        check(len(got['arrays']) <= 5, '%d arrays for nine members' % len(got['arrays']))
        check(not got['policy'].sats, 'TEKs come under the old KEK, which the expelled reads')
        arrays = got['arrays']
    check(len({f.path.root.data for f in lab.all}) == 1, 'the others have several KEKs')
    # What the expelled makes of it: every array begins under a key that he never had.
    for v in arrays:
        check(not out.path.follow(v), 'the expelled follows')
    check(lab.all[0].path.root.data not in before, 'the new KEK is one that he knew')
    for f in lab.all:
        got = f.hear(8)
        check(got is not None, 'no rekey comes under the new KEK')
        check(got['policy'].sats, 'it brings no TEKs')
        check({s.spi for s in got['policy'].sats} - f.teks, 'the TEKs are those that the expelled has')
    check(out.m.address not in lab.registered(GROUP), 'he is still counted as a member')
    check(len(lab.registered(GROUP)) == len(lab.all), 'the others are not')


@scenario('6407 5.6.3', 'who comes then gets the keys that are in force, and follows')
def _(lab):
    settled(lab)
    f = Follower(lab)
    lab.all.append(f)
    check(f.path.root.data == lab.all[0].path.root.data, 'another KEK')
    lab.rekey(GROUP)
    for f in lab.all:
        check(f.hear() is not None, 'a member hears nothing')


@scenario('6407 7.4', 'two more are expelled, one after the other')
def _(lab):
    for _ in range(2):
        settled(lab)
        out = lab.all[1]
        expel(lab, out)
        for f in lab.all:
            got = f.hear(12)
            check(got is not None and got['followed'] == 1, 'a member does not follow')
            check(not any(out.path.follow(v) for v in got['arrays']), 'the expelled follows')
        for f in lab.all:
            got = f.hear(12)
            check(got is not None and got['policy'].sats, 'no TEKs under the new KEK')


@scenario('8263 2.2', 'an acknowledgement with the KEK instead of the key of the leaf is not counted')
def _(lab):
    settled(lab)
    f = lab.all[0]
    check(f.kek.ack in (2, 4), 'KEK_ACK_REQUESTED is %s' % f.kek.ack)
    count = lambda: lab.registered(GROUP)[f.m.address]['rekey_acks_received']
    before = count()
    real, f.acknowledge = f.acknowledge, lambda kek, seq: f.owed.append((kek, seq))
    f.owed = []
    lab.rekey(GROUP)
    for g in lab.all:
        check(g.hear() is not None, 'a member hears nothing')
    kek, seq = f.owed[0]
    f.m.wire.send(kek.ack_message(seq, f.m.address))
    other = Kek.__new__(Kek)
    other.ack, other.spi, other.key = kek.ack, kek.spi, lab.all[1].path.leaf.key
    f.m.wire.send(other.ack_message(seq, f.m.address))
    time.sleep(0.1)
    check(count() == before, 'counted')
    real(kek, seq)
    time.sleep(0.1)
    check(count() == before + 1, 'the right one is not counted')
    f.acknowledge = real
