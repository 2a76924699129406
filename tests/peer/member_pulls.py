# SPDX-License-Identifier: Apache-2.0
"""Registrations with our key server, by members that ask as they should and as they should not."""
from scenario import check, scenario
from server_lab import *


def fields(group, counter):
    """What every answer has to be."""
    def look(p):
        check(p.doi == 2 and p.situation == 0, 'DOI %d, situation %d' % (p.doi, p.situation))
        order = [k for k in p.order]
        check(order == sorted(order, key=lambda k: [SAK, GAP, SAT].index(k)), 'the order is %s' % order)
        for s in p.sats:
            check(s.proto_id == 1, 'protocol %d' % s.proto_id)
            check(s.spi > 255, 'SPI %d' % s.spi)
            kinds = [k for k, _ in s.list]
            check(T_GROUP not in kinds, 'Group Description is sent')
            check(all(k <= 15 for k in kinds), 'attributes %s for a member of another maker' % kinds)
            check(T_LIFE_TYPE in kinds and kinds.index(T_LIFE) == kinds.index(T_LIFE_TYPE) + 1, 'lifetime: %s' % kinds)
            check(T_MODE in kinds, 'no encapsulation mode')
            check(p.key(KD_TEK, u32(s.spi)) is not None, 'no key for SPI %x' % s.spi)
        if counter:
            check(len(p.sids) == 1 and p.sid_bits, 'sender identifiers %s of %s bits' % (p.sids, p.sid_bits))
            check([q[1] for q in p.packets if q[0] == KD_SID] == [b''], 'a SID packet has an SPI')
        else:
            check(not p.sids, 'sender identifiers without a counter mode')
        if p.sak is None:
            check(p.seq is None, 'SEQ without a Rekey SA')
    return look


def suite(number_, name, transform_, bits, auth):
    @scenario('6407 5.5', 'a pull of ' + name)
    def _(lab):
        counter = transform_ in (E_GCM16, E_GMAC)
        p = lab.one.pull(number_)
        fields(number_, counter)(p)
        s, t = p.sats[0], p.teks()[0]
        check(s.transform == transform_, 'transform %d' % s.transform)
        check(s.attributes.get(T_AUTH) == auth or counter, 'authentication %s' % s.attributes.get(T_AUTH))
        if transform_ in (E_AES, E_GCM16, E_GMAC):
            check(s.attributes.get(T_LENGTH) == bits, 'key length %s' % s.attributes.get(T_LENGTH))
        else:
            check(T_LENGTH not in s.attributes, 'a key length for a cipher of one length')
        if counter:
            check(len(t.key) == bits // 8 + 4, 'a key of %d octets' % len(t.key))
            check(t.gmac_as_integrity == (transform_ == E_GMAC), 'the key is of the wrong attribute (5.6.1.2)')
        else:
            check(len(t.integrity) == MAC_SIZE[auth], 'an integrity key of %d octets' % len(t.integrity))
            check(len(t.key) == {E_AES: bits // 8, E_3DES: 24, E_NULL: 0}[transform_], 'a key of %d octets' % len(t.key))
        check(s.src == s.dst == (ID_SUBNET, 0, ipv4('192.168.0.0') + ipv4('255.255.0.0')), 'selector %s' % (s.src,))
        check(lab.one.address in lab.registered(number_), 'not counted as a member')


for number_, (name, *what) in SUITES.items():
    suite(number_, name, *what)


@scenario('6407 5.3', 'a pull with a Rekey SA: its attributes, its keys, SEQ 0')
def _(lab):
    p = lab.one.pull(UNICAST)
    fields(UNICAST, False)(p)
    a = p.sak.attributes
    check(K_MANAGEMENT not in a, 'KEK_MANAGEMENT_ALGORITHM in a pull')
    check(a[K_ALGORITHM] == KEK_AES and a[K_LENGTH] == 128 and a[K_HASH] == 3 and a[K_SIG] == 1 and
          a[K_SIG_LENGTH] == 2048, 'attributes %s' % a)
    check(isinstance(a[K_LIFE], bytes) and len(a[K_LIFE]) == 4, 'KEK_KEY_LIFETIME is not of four octets')
    check(a.get(K_ACK) in (1, 3), 'KEK_ACK_REQUESTED is %s' % a.get(K_ACK))
    check(p.sak.protocol == 17 and p.sak.src[1] == 848 and p.sak.src[2] == ipv4(SERVER), 'source %s' % (p.sak.src,))
    check(p.sak.dst == (ID_IPV4, 848, ipv4(lab.one.address)), 'destination %s' % (p.sak.dst,))
    check(sum(k == KD_KEK for k, _, _ in p.packets) == 1, 'KEK packets')
    check(p.seq == 0, 'SEQ %s' % p.seq)
    k = p.kek()
    check(len(k.key) == 16 and k.verifier.key_size == 2048, 'keys')
    check(len(p.sats) == 2, '%d SATs' % len(p.sats))


@scenario('6407 5.3', 'a pull with a multicast Rekey SA on a port of its own')
def _(lab):
    p = lab.one.pull(PORT_GROUP)
    check(p.sak.dst == (ID_IPV4, 8848, ipv4(PORT_ADDRESS)), 'destination %s' % (p.sak.dst,))


@scenario('6407 5.1', 'a group by its address')
def _(lab):
    p = MemberPull(lab.one.keys, lab.one.wire, 0, ident=identity(ID_IPV4, ipv4('239.1.2.3'))).run()
    check(len(p.sats) == 1, '')


# Sender identifiers

@scenario('6407 3.5', 'two SAs of AES-GCM: each its own SPI and key')
def _(lab):
    p = lab.one.pull(TWO_GCM)
    t, u = p.teks()
    check(t.spi != u.spi, 'one SPI for both')
    check(t.key != u.key and t.key[:16] != u.key[:16], 'one key for both')


@scenario('6407 3.5', 'two SAs of AES-CBC: each its own key')
def _(lab):
    t, u = lab.one.pull(UNICAST).teks()
    check(t.spi != u.spi and t.key != u.key, 'one SPI or key for both')


@scenario('6407 3.5', 'sender identifiers are counted up from pull to pull and from member to member')
def _(lab):
    other = lab.member()
    got = []
    for m in (lab.one, other, lab.one, other):
        if m.keys is None:
            m.phase1()
        got += m.pull(8).sids
    check(got == list(range(got[0], got[0] + 4)), 'sender identifiers %s' % got)


@scenario('6407 3.5', 'message 1 of a pull, many times without message 3: no sender identifier is used up')
def _(lab):
    before = lab.one.pull(9).sids[0]
    stranger = lab.member()
    stranger.phase1()
    for n in range(40):
        try:
            MemberPull(stranger.keys, stranger.wire, 9).first(timeout=0.05)
        except Failed:
            check(n, 'no answer at all')
    after = lab.one.pull(9).sids[0]
    check(after == before + 1, 'sender identifier %d came behind %d' % (after, before))
    check(stranger.address not in lab.registered(9), 'counted as a member before message 3 (3.2)')


@scenario('6407 3.2', 'message 3 repeated: message 4 again as it was, and no other sender identifier')
def _(lab):
    m = lab.one
    p = MemberPull(m.keys, m.wire, 9)
    got = p.run()
    mine = lambda d: len(d) > 28 and d[18] == PULL and d[20:24] == u32(p.mid)
    m.wire.send(p.sent[3])
    again = m.wire.receive(mine, 0.4)
    fourth = [d for _, d in m.wire.all if mine(d)][1]
    check(again is None or again == fourth, 'another message 4')
    after = m.pull(9).sids[0]
    check(after == got.sids[0] + 1, 'a sender identifier was used up: %d behind %d' % (after, got.sids[0]))


@scenario('6407 3.2', 'message 1 repeated: message 2 again as it was, and the pull goes on')
def _(lab):
    m = lab.one
    p = MemberPull(m.keys, m.wire, 1)
    p.first()
    mine = lambda d: len(d) > 28 and d[18] == PULL and d[20:24] == u32(p.mid)
    m.wire.send(p.sent[1])
    again = m.wire.receive(mine, 0.4)
    check(again is None or again == [d for _, d in m.wire.all if mine(d)][0], 'another message 2')
    p.second()


@scenario('6407 3.2', 'messages 1 and 3 of an old pull replayed later change nothing')
def _(lab):
    m = lab.one
    p = MemberPull(m.keys, m.wire, 9)
    before = p.run().sids[0]
    n = lab.registered(9)[m.address]['registrations']
    for _ in range(2):
        m.pull(1)
    for d in (p.sent[1], p.sent[3], p.sent[1], p.sent[3]):
        m.wire.send(d)
    time.sleep(0.1)
    check(lab.registered(9)[m.address]['registrations'] == n, 'counted as a registration')
    check(m.pull(9).sids[0] == before + 1, 'a sender identifier was used up')


def request(count, least, most):
    @scenario('6407 5.4.2', 'SENDER_ID_REQUEST of %d' % count)
    def _(lab):
        p = lab.one.pull(10, gap=gap(extra=tv(SID_REQUEST, count)))
        check(least <= len(p.sids) <= most, '%d sender identifiers' % len(p.sids))
        check(len(set(p.sids)) == len(p.sids), 'some come twice')
        after = lab.one.pull(10).sids[0]
        check(after > max(p.sids), 'one is given again')


request(3, 3, 3)
request(1, 1, 1)


@scenario('6407 5.4.2', 'SENDER_ID_REQUEST of 65535, many times: answered within reason, or refused')
def _(lab):
    before = lab.one.pull(10).sids[0]
    for _ in range(3):
        try:
            MemberPull(lab.one.keys, lab.one.wire, 10, gap=gap(extra=tv(SID_REQUEST, 65535))).run(timeout=0.4)
        except (Failed, Malformed):
            pass
    after = lab.one.pull(10).sids[0]
    check(before < after < before + 20000, 'sender identifiers went from %d to %d' % (before, after))


@scenario('6407 5.6.4.1', 'a large group: sender identifiers of 32 bits, those of this server')
def _(lab):
    got = []
    for _ in range(3):
        p = lab.one.pull(LARGE)
        check(p.sid_bits == 32, '%s bits' % p.sid_bits)
        got += p.sids
    check(got == list(range(got[0], got[0] + 3)), 'sender identifiers %s' % got)
    check(all(s >> 23 == 5 for s in got), 'of another server: %s' % got)


@scenario('6407 3.5', 'sender identifiers that run out: old SAs are deleted by a push, new ones begin at zero')
def _(lab):
    hearer = lab.member()
    hearer.phase1()
    old = hearer.pull(SMALL)
    kek = old.kek()
    check(old.sid_bits == 8 and old.sids == [0], '%s bits, %s' % (old.sid_bits, old.sids))
    m, seen = lab.member(), {0: old.sats[0].spi}
    for n in range(300):
        if n % 8 == 0:
            m.phase1()
        try:
            p = m.pull(SMALL)
        except Failed:
            # Message 2 told of keys that are no more: it may be refused, once.
            m.phase1()
            p = m.pull(SMALL)
        sid, spi = p.sids[0], p.sats[0].spi
        if spi != old.sats[0].spi:
            break
        check(sid not in seen, 'the sender identifier %d is given twice under one key' % sid)
        seen[sid] = spi
    else:
        check(False, 'the keys stay')
    check(sid == 0, 'the new keys begin with %d' % sid)
    check(p.sak.spi != old.sak.spi, 'the Rekey SA is the old one')
    seq, payloads, _ = lab.heard(hearer, kek)
    protocols = [struct.unpack_from('!IBBH', b)[1] for k, b in payloads if k == DELETE]
    check(1 in protocols and 0 in protocols, 'deletes of protocols %s' % protocols)


# What is refused


def silent(section, name, make, told=True, group=1, **options):
    """A pull that gets no keys; the member is not counted, and another pull works."""
    @scenario(section, 'no keys for ' + name)
    def _(lab):
        m = lab.members.setdefault('silent', None) or lab.members.update(silent=lab.member()) or lab.members['silent']
        if m.keys is None:
            m.phase1()
        before = lab.registered(group)
        try:
            p = make(m)
            p.run(timeout=0.3) if isinstance(p, MemberPull) else None
            got = True
        except (Failed, Malformed):
            got = False
        check(not got, 'it gets them')
        check(m.address in before or m.address not in lab.registered(group), 'counted as a member')
        try:
            m.pull(2)
        except Failed:
            # A server may end phase 1 on an error.
            m.keys = None
            m.pull(2)


def pull(m, **more):
    return MemberPull(m.keys, m.wire, more.pop('group', 1), **more)


def change(number_, kind, value):
    def hook(n, payloads):
        if n == number_:
            payloads = [(k, (value(b) if callable(value) else value) if k == kind else b) for k, b in payloads]
        return payloads
    return hook


silent('6407 3.4', 'a group that does not exist', lambda m: pull(m, group=4711))
for size in (0, 7, 129, 256):
    silent('6407 5.8', 'a nonce of %d octets' % size, lambda m, size=size: pull(m, nonce=size))
silent('6407 3.2', 'message 1 with a wrong HASH', lambda m: pull(m, hook=change(1, HASH, bytes(20))))
silent('6407 3.2', 'message 1 with an empty HASH', lambda m: pull(m, hook=change(1, HASH, b'')))
silent('6407 3.2', 'message 1 with half of its HASH', lambda m: pull(m, hook=change(1, HASH, lambda b: b[:10])))
silent('6407 3.2', 'message 3 with a wrong HASH', lambda m: pull(m, hook=change(3, HASH, bytes(20))))
silent('6407 3.2', 'message 1 without a HASH', lambda m: pull(m, hook=lambda n, p: p[1:] if n == 1 else p))
silent('6407 3.2', 'message 3 in clear', lambda m: (lambda q: setattr(q, 'hook', lambda n, p: message(
    m.keys.icookie, m.keys.rcookie, PULL, p, q.mid) if n == 3 else p) or q)(pull(m)))
silent('6407 3.2', 'message 1 in clear', lambda m: (lambda q: setattr(q, 'hook', lambda n, p: message(
    m.keys.icookie, m.keys.rcookie, PULL, p, q.mid) if n == 1 else p) or q)(pull(m)))
silent('6407 5.1', 'a group identifier of three octets', lambda m: pull(m, ident=identity(ID_KEY_ID, b'\0\0\1')))
silent('6407 5.1', 'a group identifier of five octets', lambda m: pull(m, ident=identity(ID_KEY_ID, b'\0\0\0\0\1')))
silent('6407 5.1', 'an empty group identifier', lambda m: pull(m, ident=identity(ID_KEY_ID, b'')))
silent('6407 5.1', 'a group identifier with DOI-specific data', lambda m: pull(m, ident=identity(ID_KEY_ID, u32(1), 17, 848)))
silent('6407 5.1', 'a group of an unknown type of identity', lambda m: pull(m, ident=identity(77, u32(1))))
silent('6407 5.1', 'a group by an address of five octets', lambda m: pull(m, ident=identity(ID_IPV4, bytes(5))))


def extra(number_, what):
    """Payloads added under a good HASH."""
    def make(m):
        q = pull(m)
        def hook(n, p):
            if n != number_:
                return p
            p = what(p[1:])
            digest_of = b'' if n == 1 else q.ni + q.nr
            return [(HASH, m.keys.prf(m.keys.a, u32(q.mid) + digest_of + chain(p)))] + p
        q.hook = hook
        return q
    return make


silent('6407 3.2', 'message 1 without an identity', extra(1, lambda p: [x for x in p if x[0] != ID]))
silent('6407 3.2', 'message 1 without a nonce', extra(1, lambda p: [x for x in p if x[0] != NONCE]))
silent('6407 3.2', 'message 1 with two nonces', extra(1, lambda p: p[:1] + p))
silent('6407 3.2', 'message 1 with two identities', extra(1, lambda p: p + p[-1:]))
silent('2408 5.1', 'message 1 with an unknown payload', extra(1, lambda p: p + [(99, bytes(4))]))
silent('6407 5.4', 'message 3 with an unknown GAP attribute', extra(3, lambda p: [(GAP, gap(extra=tv(9, 1)))]))
silent('6407 5.4', 'message 3 with two GAP payloads', extra(3, lambda p: [(GAP, gap(extra=tv(3, 1)))] * 2))
silent('2408 3.3', 'message 3 with a GAP attribute cut short', extra(3, lambda p: [(GAP, b'\x80\3\0')]))
silent('2408 3.3', 'message 3 with a GAP attribute longer than its payload', extra(3, lambda p: [(GAP, b'\0\3\0\xffxx')]))


@scenario('6407 3.4', 'a member that no list permits gets no keys, and is told')
def _(lab):
    m = lab.member(STRANGER)
    m.phase1()
    try:
        m.pull(1)
        got = True
    except Failed:
        got = False
    check(not got, 'it gets them')
    check(STRANGER not in lab.registered(1), 'counted as a member')


@scenario('2408 3.14', 'a group that does not exist: the member is told under phase 1')
def _(lab):
    m = lab.member()
    m.phase1()
    try:
        MemberPull(m.keys, m.wire, 4711).run(timeout=0.3)
    except Failed:
        pass
    told = m.told()
    check(any(k == NOTIFY for k, _ in told), 'nothing is said')


@scenario('2408 3.1', 'messages of a pull cut at every octet are dropped, and the whole ones answered')
def _(lab):
    m = lab.member()
    m.phase1()
    send = m.wire.send
    def cut(data, **more):
        for i in range(0, len(data), 2):
            send(data[:i], **more)
        send(data, **more)
    m.wire.send = cut
    m.pull(1)


@scenario('2408 3.1', 'messages of a pull, one bit changed anywhere, are dropped, and the whole ones answered')
def _(lab):
    m = lab.member()
    m.phase1()
    send = m.wire.send
    def spoil(data, **more):
        for i in range(0, len(data), 3):
            if i not in range(20, 24):
                send(data[:i] + bytes([data[i] ^ 1 << i % 8]) + data[i + 1:], **more)
        send(data, **more)
    m.wire.send = spoil
    m.pull(1)


@scenario('6407 3.2', 'message 3 of another pull does not end this one')
def _(lab):
    m = lab.one
    p, q = MemberPull(m.keys, m.wire, 1), MemberPull(m.keys, m.wire, 2)
    p.first()
    q.first()
    p.nr, q.nr = q.nr, p.nr
    for x in (p, q):
        try:
            x.second(timeout=0.2)
            check(False, 'it is answered')
        except Failed as e:
            check('no answer' in str(e), str(e))


@scenario('6407 3', 'several pulls under one phase 1, interleaved')
def _(lab):
    m = lab.member()
    m.phase1()
    pulls = [MemberPull(m.keys, m.wire, g) for g in (1, 2, 3)]
    for p in pulls:
        p.first()
    for p in reversed(pulls):
        p.second()


@scenario('6407 3.2', 'a pull under the phase 1 of another address gets no keys')
def _(lab):
    m, thief = lab.member(), lab.member()
    m.phase1()
    p = MemberPull(m.keys, thief.wire, 1)
    try:
        p.run(timeout=0.3)
        got = True
    except Failed:
        got = False
    check(thief.address not in lab.registered(1), 'counted as a member')


@scenario('6407 3.4', 'twenty registrations of one member are one member')
def _(lab):
    m = lab.member()
    m.phase1()
    for n in range(20):
        if n % 8 == 7:
            m.phase1()
        m.pull(1)
    check(list(lab.registered(1)).count(m.address) == 1, 'counted more than once')


@scenario('2408 3.15', 'after the member\'s Delete of phase 1 no pull is answered under it')
def _(lab):
    m = lab.member()
    m.phase1()
    m.pull(1)
    k = m.keys
    m.wire.send(k.informational([(DELETE, delete([k.icookie + k.rcookie], 1))]))
    time.sleep(0.1)
    try:
        MemberPull(k, m.wire, 1).run(timeout=0.3)
        check(False, 'it is answered')
    except Failed as e:
        check('no answer' in str(e), str(e))


@scenario('6407 4', 'a server asked to push, by a push or an acknowledgement of nobody, stays as it is')
def _(lab):
    m = lab.one
    for exchange in (PUSH, PUSH_ACK, 34, 36, 99):
        for flags in (0, 1):
            m.wire.send(message(os.urandom(8), os.urandom(8), exchange, [(SEQ, u32(1)), (HASH, bytes(32))], flags=flags))
            m.wire.send(message(m.keys.icookie, m.keys.rcookie, exchange, [(HASH, bytes(32)), (SEQ, u32(1))], 9, flags=flags))
    m.pull(1)
