# SPDX-License-Identifier: Apache-2.0
"""Registrations of our member with a key server that sends what it likes (RFC 6407 3.2, 5)."""
from member_lab import *
from scenario import check, scenario


def new_kek(**more):
    return Kek(SIGNER, SERVER, MEMBER, **more)


def refusal(section, name, make, **options):
    """A registration that must be refused in whole: make() is a dict of what lab.answer takes."""
    @scenario(section, 'refused in a pull: ' + name)
    def _(lab):
        lab.refused(**make(), **options)


def taken(section, name, make, which='A'):
    """One that must be taken; the last TEK is the one that protects."""
    @scenario(section, 'taken in a pull: ' + name)
    def _(lab):
        m = make()
        lab.register(**m)
        if m.get('teks'):
            lab.must_encrypt(which, m['teks'][-1])
            lab.must_decrypt(m['teks'][-1], which)


# What a group may consist of

@scenario('6407 5.2.1', 'a pull without a TEK, which comes by a rekey')
def _(lab):
    kek = new_kek(ack=1)
    lab.register(kek, [])
    t = tek('A')
    lab.push(lab.rekey([t]), spis={t.spi})
    lab.must_encrypt('A', t)


@scenario('6407 5.2.1', 'a pull without a Rekey SA')
def _(lab):
    teks = [tek('A'), tek('B')]
    lab.register(None, teks)
    lab.must_encrypt('A', teks[0])
    lab.must_encrypt('B', teks[1])


refusal('6407 5.2.1', 'neither SAK nor SAT', lambda: dict(sa_=sa_body([]), kd_=kd_body([]), seq=None))


def parts(*kinds):
    """An SA payload of these SA attribute payloads in this order."""
    kek, t, u = new_kek(), tek('A'), tek('B')
    bodies = {'SAK': (SAK, kek.sak()), 'SAT': (SAT, t.sat()), 'GAP': (GAP, gap()), 'SAT2': (SAT, u.sat()),
              'SAK2': (SAK, new_kek().sak()), 'ODD': (99, bytes(8))}
    return dict(sa_=sa_body([bodies[k] for k in kinds]), kd_=kd(kek, [t, u]), seq=0)


for kinds in (('SAT', 'SAK'), ('SAK', 'SAT', 'GAP'), ('GAP', 'SAK', 'SAT'), ('SAK', 'SAK2', 'SAT'), ('SAK', 'GAP', 'GAP', 'SAT'),
              ('SAK', 'SAT', 'ODD')):
    refusal('6407 5.2.1', 'the order ' + ' '.join(kinds), lambda k=kinds: parts(*k))
refusal('6407 5.2', 'an SA of DOI 1', lambda: dict(sa_=sa(None, [tek()], doi=1), kd_=kd(None, [tek()])))
refusal('6407 5.2', 'an SA with a situation', lambda: dict(sa_=sa(None, [tek()], situation=1), kd_=kd(None, [tek()])))


# SAK

def with_sak(**more):
    return dict(kek=new_kek(**more), teks=[tek('A')])


refusal('6407 5.3.2', 'an unknown KEK attribute', lambda: with_sak(extra=tv(20, 1)))
refusal('6407 5.3.2', 'a private KEK attribute', lambda: with_sak(extra=tv(200, 1)))
refusal('6407 5.3.2', 'an unknown KEK algorithm', lambda: with_sak(extra=tv(K_ALGORITHM, 9)))
taken('6407 5.3', 'KEK_MANAGEMENT_ALGORITHM, which is ignored', lambda: with_sak(management=77))
taken('8263 4', 'an unknown kind of acknowledgement, which is not given', lambda: with_sak(ack=77))


def sak_without(kind):
    kek, t = new_kek(), tek('A')
    data = kek.sak()
    head, rest = data[:len(data) - len(kek.attributes())], attributes(kek.attributes())
    rest = b''.join(tv(k, v) if isinstance(v, int) else tlv(k, v) for k, v in rest if k != kind)
    return dict(sa_=sa_body([(SAK, head + rest), (SAT, t.sat())]), kd_=kd(kek, [t]), seq=0)


refusal('6407 5.3', 'no KEK_ALGORITHM', lambda: sak_without(K_ALGORITHM))
refusal('6407 5.3', 'no SIG_ALGORITHM', lambda: sak_without(K_SIG))


def sak_change(kind, value):
    kek, t = new_kek(), tek('A')
    data = kek.sak()
    head = data[:len(data) - len(kek.attributes())]
    rest = b''.join(tv(k, value if k == kind else v) if isinstance(v, int) else tlv(k, v)
                    for k, v in attributes(kek.attributes()))
    return dict(sa_=sa_body([(SAK, head + rest), (SAT, t.sat())]), kd_=kd(kek, [t]), seq=0)


refusal('6407 5.3.6', 'signatures by DSS', lambda: sak_change(K_SIG, 2))
refusal('6407 5.3.6', 'an unknown signature algorithm', lambda: sak_change(K_SIG, 44))
refusal('6407 5.3.5', 'an unknown signature hash', lambda: sak_change(K_HASH, 44))
refusal('6407 5.3.3', 'a KEK of 100 bits', lambda: sak_change(K_LENGTH, 100))


@scenario('6407 5.3.4', 'taken in a pull: KEK_KEY_LIFETIME as a basic attribute')
def _(lab):
    kek = new_kek(life=None, extra=tv(K_LIFE, 3600))
    lab.register(kek, [tek('A')])
    lab.still_works()


def sak_cut(n):
    kek, t = new_kek(), tek('A')
    return dict(sa_=sa_body([(SAK, kek.sak()[:n]), (SAT, t.sat())]), kd_=kd(kek, [t]), seq=0)


for n in (3, 12, 30):
    refusal('6407 5.3', 'a SAK cut to %d octets' % n, lambda n=n: sak_cut(n))


# GAP

refusal('6407 5.4', 'an unknown GAP attribute', lambda: dict(teks=[tek()], gap_=gap(extra=tv(9, 1))))
refusal('6407 5.4', 'a private GAP attribute', lambda: dict(teks=[tek()], gap_=gap(extra=tv(200, 1))))
taken('6407 5.4', 'a GAP of a group without a Rekey SA', lambda: dict(teks=[tek()], gap_=gap(dtd=9)))


@scenario('6407 5.4.1', 'a GAP with ATD in a pull: in clear never, encrypted when the delay is over')
def _(lab):
    t = tek('A')
    lab.register(new_kek(), [t], gap_=gap(1, 2))
    end = time.monotonic() + 1.6
    while time.monotonic() < end:
        lab.must_not_leak('A')
    lab.must_encrypt('A', t)


# SAT

def sat(**more):
    return dict(teks=[tek('A', **more)])


taken('6407 5.5.1', 'Group Description in a SAT, which is ignored', lambda: sat(extra=tv(T_GROUP, 2)))
refusal('2407 4.5.3', 'an unknown authentication algorithm', lambda: sat(extra=b'', auth=99, integrity=bytes(20)))
refusal('2407 4.4.4', 'an unknown ESP transform', lambda: sat(transform=99))
refusal('2407 4.5', 'an unknown encapsulation mode', lambda: sat(mode=9))
refusal('6407 5.5.1', 'a SAT of an unknown protocol', lambda: sat(proto_id=3))
refusal('6407 5.5.1', 'a SAT of a private protocol', lambda: sat(proto_id=200))
refusal('2407 4.5', 'an AES key of 100 bits', lambda: sat(bits=100, key=bytes(12)))
refusal('6407 5.5.1.1.1', 'an unknown address preservation', lambda: sat(address=9))
refusal('6407 5.5.1.1.2', 'an unknown direction', lambda: sat(direction=9))
taken('6407 5.5.1.1.1', 'address preservation Source-and-Destination', lambda: sat(address=4))
taken('6407 5.5.1.1.2', 'direction Symmetric', lambda: sat(direction=3))
for spi in (0, 1, 255):
    refusal('4303 2.1', 'SPI %d' % spi, lambda spi=spi: sat(spi=spi))
taken('4303 2.1', 'SPI 256', lambda: sat(spi=256))
taken('4303 2.1', 'SPI FFFFFFFF', lambda: sat(spi=0xffffffff))


@scenario('6407 5.5', 'refused in a pull: AH, with the reason in the log')
def _(lab):
    log = lab.refused(None, [tek('A', proto_id=2, transform=3, auth=A_SHA1)])
    check('AH' in log, 'the log does not speak of AH: ' + log[-300:])


def preservation(value, name, src, dst):
    @scenario('6407 5.5.1.1.1', 'address preservation %s is done, or refused with a reason' % name)
    def _(lab):
        mark = lab.gm.mark()
        t = tek('A', address=value)
        lab.begin()
        try:
            lab.answer(None, [t]).run()
        except Failed:
            pass
        if lab.gm.logged('GM_REGS_FAILED|GM_REGS_COMPL', mark).group() == 'GM_REGS_FAILED':
            check('preserv' in lab.gm.log(mark), 'refused without that reason: ' + lab.why(mark))
            return
        p = lab.sends('A')
        check(p is None or p.esp, 'in clear')
        check(p is not None, 'taken, and nothing leaves')
        check(src is None or p.src == src, 'the outer source is ' + p.src)
        check(dst is None or p.dst == dst, 'the outer destination is ' + p.dst)


preservation(1, 'None', MEMBER, None)
preservation(2, 'Source-Only', LAN['A'][0], None)
preservation(3, 'Destination-Only', MEMBER, LAN['A'][1])


@scenario('6407 5.5.1.1.2', 'direction Receiver-Only: what comes is decrypted, the log says what leaves')
def _(lab):
    t = tek('A', direction=2)
    mark = lab.gm.mark()
    lab.register(None, [t])
    lab.must_decrypt(t)
    p = lab.sends('A')
    check(p is None or not p.esp, 'a receiver sends')


@scenario('6407 5.5.1.1.2', 'direction Sender-Only: what leaves is encrypted, what comes is not taken')
def _(lab):
    t = tek('A', direction=1)
    lab.register(None, [t])
    lab.must_encrypt('A', t)
    p = lab.receives(esp.seal(t, lab.inner(), 1), tries=1)
    check(p is None, 'a sender receives')


def sat_cut(n):
    t = tek('A')
    return dict(sa_=sa_body([(SAT, t.sat()[:n])]), kd_=kd(None, [t]), seq=None)


for n in (1, 8, 20, 30, 36):
    refusal('6407 5.5', 'a SAT cut to %d octets' % n, lambda n=n: sat_cut(n))


# KD

def kds(*packets, count=None, teks=None):
    return dict(teks=teks or [tek('A')], kd_=kd_body(list(packets), count))


def one_tek(make):
    t = tek('A')
    return dict(teks=[t], kd_=make(t))


refusal('6407 5.6', 'no key packet for a TEK', lambda: kds())
refusal('6407 5.6', 'keys of another TEK', lambda: kds(tek('A').packet()))
refusal('6407 5.6', 'one key packet too few', lambda: one_tek(lambda t: kd_body([t.packet()], 2)))
refusal('6407 5.6', 'one key packet too many', lambda: one_tek(lambda t: kd_body([t.packet(), tek().packet()], 1)))
refusal('6407 5.6', 'a key packet longer than its payload',
        lambda: one_tek(lambda t: kd_body([key_packet(KD_TEK, u32(t.spi), tlv(1, t.key), 400)])))
refusal('6407 5.6', 'a key packet of length 2', lambda: one_tek(
    lambda t: kd_body([key_packet(KD_TEK, u32(t.spi), tlv(1, t.key) + tlv(2, t.integrity), 2)])))
refusal('6407 5.6.1', 'an encryption key of 15 octets', lambda: sat(key=bytes(15)))
refusal('6407 5.6.1', 'an encryption key of 32 octets for AES-128', lambda: sat(key=bytes(32)))
refusal('6407 5.6.1', 'no integrity key', lambda: sat(integrity=b''))
refusal('6407 5.6.1', 'an integrity key of 4 octets', lambda: sat(integrity=b'1234'))
refusal('6407 5.6.1', 'no encryption key', lambda: sat(key=b''))
refusal('6407 5.6.1', 'two encryption keys', lambda: one_tek(lambda t: kd_body([t.packet(tlv(1, t.key))])))
refusal('6407 5.6.2', 'two KEK packets', lambda: (lambda k, t: dict(
    kek=k, teks=[t], kd_=kd_body([k.packet(), k.packet(), t.packet()])))(new_kek(), tek()))
refusal('6407 5.6.2.1', 'a KEK without its IV', lambda: (lambda k, t: dict(kek=k, teks=[t], kd_=kd_body([
    key_packet(KD_KEK, k.spi, tlv(1, k.key) + tlv(2, k.public())), t.packet()])))(new_kek(), tek()))
refusal('6407 5.6.2.2', 'no key to check signatures with', lambda: (lambda k, t: dict(
    kek=k, teks=[t], kd_=kd_body([k.packet(signature=False), t.packet()])))(new_kek(), tek()))
refusal('6407 5.6.2.2', 'a public key that is none', lambda: (lambda k, t: dict(kek=k, teks=[t], kd_=kd_body([
    key_packet(KD_KEK, k.spi, tlv(1, k.iv + k.key) + tlv(2, bytes(90))), t.packet()])))(new_kek(), tek()))
refusal('6407 5.6', 'a KEK packet of another SPI', lambda: (lambda k, t: dict(
    kek=k, teks=[t], kd_=kd_body([new_kek().packet(), t.packet()])))(new_kek(), tek()))
refusal('6407 5.6', 'no KEK packet for a SAK', lambda: (lambda k, t: dict(
    kek=k, teks=[t], kd_=kd_body([t.packet()])))(new_kek(), tek()))


# SEQ

@scenario('6407 3.2', 'the SEQ of a pull: rekeys up to it are not taken, the next is')
def _(lab):
    kek = new_kek(ack=1)
    kek.seq = 5
    lab.register(kek, [tek('A')])
    lab.push(lab.rekey(seq=4), taken=False)
    lab.push(lab.rekey(seq=5), taken=False)
    lab.push(lab.rekey(seq=6))


@scenario('6407 5.7', 'refused in a pull: a SEQ payload of eight octets of number')
def _(lab):
    kek, t = new_kek(), tek('A')
    def hook(n, payloads):
        return [(k, bytes(8) if k == SEQ else b) for k, b in payloads]
    lab.refused(kek, [t], hook=hook)


refusal('6407 5.7', 'a Rekey SA without SEQ', lambda: dict(kek=new_kek(), teks=[tek('A')], seq=None))


# Sender identifiers

def counter(**more):
    return tek('A', transform=E_GCM16, **more)


@scenario('6407 5.6.4.4', 'a counter mode without a sender identifier sends nothing, and nothing in clear')
def _(lab):
    t = counter()
    lab.begin()
    try:
        lab.answer(None, [t]).run()
    except Failed:
        pass
    time.sleep(0.2)
    p = lab.must_not_leak('A')
    check(p is None or p.esp[0] != t.spi, 'sent without a sender identifier')


def sid_bits(bits, value, prefix, size):
    @scenario('6407 5.6.4.1', 'a sender identifier of %d bits stands in front of the IV' % bits)
    def _(lab):
        t = counter()
        lab.register(None, [t], kd_=kd_body([t.packet(), kd_sids([value], bits, size)]))
        p = lab.must_encrypt('A', t)
        got = int.from_bytes(p.iv, 'big') >> (64 - bits)
        check(got == value, 'the IV is %s' % p.iv.hex())
        q = lab.must_encrypt('A', t)
        check(q.iv != p.iv and int.from_bytes(q.iv, 'big') >> (64 - bits) == value, 'the next IV is ' + q.iv.hex())


for s in ((8, 0xa5, None, 1), (12, 0x5a5, None, 2), (16, 0xbeef, None, 2), (24, 0, None, 3), (32, 0xfeedbeef, None, 4)):
    sid_bits(*s)


def sid_refusal(name, packet):
    @scenario('6407 5.6.4', 'not used: ' + name)
    def _(lab):
        t = counter()
        lab.begin()
        try:
            lab.answer(None, [t], kd_=kd_body([t.packet(), packet()])).run()
        except Failed:
            pass
        time.sleep(0.15)
        p = lab.sends('A', seconds=0.1)
        check(p is None or not p.esp or p.esp[0] != t.spi, 'sent with it')


sid_refusal('a sender identifier of 0 bits', lambda: kd_sids([1], 0))
sid_refusal('a sender identifier of 65 bits', lambda: kd_sids([1], 65, 9))
sid_refusal('a sender identifier larger than its bits', lambda: kd_sids([0x1ff], 8, 2))
sid_refusal('a SID packet with an SPI', lambda: kd_sids([1], spi=bytes(4)))
sid_refusal('a SID packet without values', lambda: kd_sids([]))
sid_refusal('a SID packet without its bits', lambda: kd_sids([1], None))


@scenario('6407 5.6.4.2', 'several sender identifiers: one of them is used')
def _(lab):
    t = counter()
    lab.register(None, [t], sids=[0x11, 0x22, 0x33])
    p = lab.must_encrypt('A', t)
    check(int.from_bytes(p.iv[:3], 'big') in (0x11, 0x22, 0x33), 'the IV is ' + p.iv.hex())


# The exchange

def pull_nonce(size, good):
    @scenario('6407 5.8', 'a nonce of %d octets in message 2 is %s' % (size, 'taken' if good else 'refused'))
    def _(lab):
        if good:
            lab.register(None, [tek('A')], nonce=size)
        else:
            lab.refused(None, [tek('A')], nonce=size)


for size in (0, 7, 129, 256):
    pull_nonce(size, False)
for size in (8, 128):
    pull_nonce(size, True)


@scenario('6407 5.8', 'the nonce of our member has 8 to 128 octets, and is not the last one')
def _(lab):
    p, q = lab.register(None, [tek('A')]), lab.register(None, [tek('A')])
    check(8 <= len(p.ni) <= 128 and p.ni != q.ni, 'nonces %s %s' % (p.ni.hex(), q.ni.hex()))


@scenario('6407 5.1', 'our member names the group by ID_KEY_ID of four octets, DOI-specific data zero')
def _(lab):
    p = lab.register(None, [tek('A')])
    check(p.ident == identity(ID_KEY_ID, u32(134)), p.ident.hex())


def bad_hash(number_):
    @scenario('6407 3.2', 'message %d under a wrong HASH is dropped, and the right one then taken' % number_)
    def _(lab):
        t = tek('A')
        mark = lab.gm.mark()
        lab.begin()
        s = lab.answer(None, [t])
        def spoil(n, payloads):
            if n == number_:
                saved = dict(s.k.ivs)
                lab.wire.send(s.k.seal(PULL, HASH, chain([(HASH, bytes(20))] + payloads), s.mid))
                s.k.ivs = saved
                time.sleep(0.05)
            return payloads
        s.hook = spoil
        s.run()
        check(lab.gm.logged('GM_REGS_COMPL', mark), 'the right one is not taken: ' + lab.why(mark))


bad_hash(2)
bad_hash(4)


@scenario('2408 3.1', 'messages of a pull sent twice do no harm')
def _(lab):
    t = tek('A')
    mark = lab.gm.mark()
    lab.begin()
    s = lab.answer(None, [t])
    send = lab.wire.send
    lab.wire.send = lambda d, **k: (send(d, **k), send(d, **k))
    try:
        s.run()
    finally:
        lab.wire.send = send
    check(lab.gm.logged('GM_REGS_COMPL', mark), 'not taken')
    time.sleep(0.1)
    check(lab.gm.log(mark).count('GM_REGS_COMPL') == 1, 'taken twice')
    lab.must_encrypt('A', t)


@scenario('2408 3.1', 'message 4 cut at every octet is dropped, and the whole one then taken')
def _(lab):
    t = tek('A')
    mark = lab.gm.mark()
    lab.begin()
    s = lab.answer(None, [t])
    def cut(n, payloads):
        if n == 4:
            saved = dict(s.k.ivs)
            digest = s.k.prf(s.k.a, u32(s.mid) + s.ni + s.nr + chain(payloads))
            whole = s.k.seal(PULL, HASH, chain([(HASH, digest)] + payloads), s.mid)
            s.k.ivs = saved
            for i in range(len(whole)):
                lab.wire.send(whole[:i])
                if i > 28 and i % 16 == 12:
                    lab.wire.send(whole[:24] + struct.pack('!I', i) + whole[28:i])
        return payloads
    s.hook = cut
    s.run()
    check(lab.gm.logged('GM_REGS_COMPL', mark), 'the whole one is not taken: ' + lab.why(mark))


@scenario('6407 3.2', 'message 2 in clear is dropped')
def _(lab):
    t = tek('A')
    mark = lab.gm.mark()
    lab.begin()
    s = lab.answer(None, [t])
    def clear(n, payloads):
        if n == 2:
            digest = s.k.prf(s.k.a, u32(s.mid) + s.ni + chain(payloads))
            return message(s.k.icookie, s.k.rcookie, PULL, [(HASH, digest)] + payloads, s.mid)
        return payloads
    s.hook = clear
    try:
        s.run(timeout=0.3)
        check(False, 'the member goes on')
    except Failed as e:
        check('nothing' in str(e), str(e))
    check(not lab.gm.logged('GM_REGS_COMPL', mark, 0), 'taken')


@scenario('6407 3.3', 'a policy that is not acceptable: the member says so by a Delete of phase 1')
def _(lab):
    lab.begin()
    keys = lab.keys
    s = lab.answer(None, [tek('A', transform=99)])
    s.first()
    told = []
    def mine(d):
        return len(d) > 28 and d[:16] == keys.icookie + keys.rcookie and d[18] == INFO and d[19] & ENCRYPTED
    for _ in range(2):
        d = lab.wire.receive(mine, 0.5)
        if d is not None:
            told += keys.open_informational(d)
    check(any(k == DELETE for k, _ in told), 'no Delete, but %s' % told)


def lying(name, change):
    @scenario('2408 3.2', 'refused in a pull: ' + name)
    def _(lab):
        t = tek('A')
        mark = lab.gm.mark()
        lab.begin()
        s = lab.answer(None, [t])
        def hook(n, payloads):
            if n != 2:
                return payloads
            body = bytearray(chain(payloads))
            change(body)
            body = bytes(body)
            digest = s.k.prf(s.k.a, u32(s.mid) + s.ni + body)
            return s.k.seal(PULL, HASH, payload(NONCE, digest) + body, s.mid)
        s.hook = hook
        try:
            s.run(timeout=0.25)
        except Failed:
            pass
        check(not lab.gm.logged('GM_REGS_COMPL', mark, 0.1), 'taken')


def at(offset, data):
    def change(body):
        body[offset:offset + len(data)] = data
    return change


# The nonce payload of 24 octets is followed by the SA payload: its length, that of its SAT, an attribute's.
lying('a nonce payload of length 0', at(2, b'\0\0'))
lying('a nonce payload of length 3', at(2, b'\0\3'))
lying('an SA payload that goes beyond the message', at(26, b'\x7f\xff'))
lying('an SA payload that ends in its SAT', at(26, b'\0\x30'))
lying('an SA payload of 12 octets', at(26, b'\0\x0c'))
lying('a SAT that goes beyond its SA payload', at(42, b'\0\xff'))
lying('a SAT of length 4', at(42, b'\0\4'))
lying('a source identity longer than its SAT', at(24 + 16 + 9, b'\xff'))
lying('an SA payload that points to nothing', at(24 + 12, b'\0\0'))
lying('a reserved octet that is set in the SA payload', at(25, b'\1'))
