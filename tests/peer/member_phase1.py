# SPDX-License-Identifier: Apache-2.0
"""Phase 1 of our key server with initiators that send what they like (RFC 2409, RFC 2408)."""
from scenario import check, scenario
from server_lab import *


def shared(lab, name='p1'):
    if name not in lab.members:
        lab.members[name] = lab.member()
    return lab.members[name]


def good(section, name, **options):
    @scenario(section, 'phase 1 is taken: ' + name)
    def _(lab):
        m = shared(lab)
        m.phase1(**options)
        m.pull(1)


def bad(section, name, notify_=None, **options):
    """No phase 1 comes of it; and the next good one does."""
    @scenario(section, 'phase 1 is refused: ' + name)
    def _(lab):
        m = lab.member()
        x = m.exchange(**options)
        take = x.take
        x.take = lambda mine, timeout=2.0: take(mine, 0.25)
        try:
            x.initiate()
            got = True
        except (Failed, Malformed) as e:
            got = False
        check(not got, 'it is taken')
        check(not re.search(r' %s +GDOI_IDLE' % re.escape(m.address), lab.ks('show crypto isakmp sa')), 'an SA is there')
        if notify_:
            d = m.wire.receive(lambda d: len(d) > 28 and d[18] == INFO, 0.3)
            check(d is not None, 'no notify')
            told = unchain(d[16], d[28:])
            kind = struct.unpack_from('!H', one(told, NOTIFY), 6)[0]
            check(kind == notify_, 'notify %d' % kind)
            check(len(d) <= len(x.sent[1]) * 3, 'the notify is larger than what caused it')


for s, name in ((Suite(), 'AES-128, SHA-1, group 2'), (Suite(bits=256, hash=4, group=14), 'AES-256, SHA-256, group 14'),
                (Suite(cipher=DES3, hash=1), '3DES, MD5, group 2')):
    good('2409 5', name, suites=[s])
good('2409 5', 'the third of three offers', suites=[Suite(hash=6), Suite(group=14), Suite()])
good('2409 5', 'the last of 20 offers', suites=[Suite(cipher=AES, bits=192, hash=6, life=n) for n in range(19)] + [Suite()])
good('2409 5', 'an offer without a lifetime that differs from ours', suites=[Suite(life=600)])
good('2409 5.4', 'a nonce of 8 octets', nonce=8)
good('2409 5.4', 'a nonce of 256 octets', nonce=256)
good('2408 3.16', 'vendor IDs of all sizes', vid=[bytes([n]) * n for n in range(0, 40, 4)])
good('2407 4.6.3.3', 'INITIAL-CONTACT', contact=True)
good('2408 3.14', 'a notify of an unknown kind in message 5',
     hook=lambda n, p: p + [(NOTIFY, notify(40999))] if n == 5 else p)


bad('2409 5', 'no offer is acceptable', NO_PROPOSAL_CHOSEN, suites=[Suite(hash=6, group=14)])
bad('2409 5', 'an unknown cipher and group', NO_PROPOSAL_CHOSEN, suites=[Suite(cipher=AES, bits=128, hash=2, auth=65001)])
bad('2409 5.4', 'a nonce of 7 octets', nonce=7)
bad('2409 5.4', 'a nonce of 257 octets', nonce=257)
bad('2409 5.4', 'an empty nonce', nonce=0)
bad('2409 5.4', 'another pre-shared key', psk=b'WRONG')
bad('6407 2.1', 'DOI 7', doi=7)
bad('2409 5.4', 'a wrong hash in message 5', hook=lambda n, p: [(k, bytes(20) if k == HASH else b) for k, b in p] if n == 5 else p)
bad('2409 5.4', 'half of the hash in message 5', hook=lambda n, p: [(k, b[:10] if k == HASH else b) for k, b in p] if n == 5 else p)
bad('2409 5.4', 'an empty hash in message 5', hook=lambda n, p: [(k, b'' if k == HASH else b) for k, b in p] if n == 5 else p)
bad('2409 5.4', 'no hash in message 5', hook=lambda n, p: [x for x in p if x[0] != HASH] if n == 5 else p)
bad('2409 5.4', 'no identity in message 5', hook=lambda n, p: [x for x in p if x[0] != ID] if n == 5 else p)
bad('6407 3.1', 'the identity of another member', me=identity(ID_IPV4, ipv4('10.67.0.77')))
bad('2407 4.6.2', 'an address of three octets as identity', me=identity(ID_IPV4, ipv4('10.67.0')))


def with_sa(make):
    return lambda n, p: [(SA, make())] + p[1:] if n == 1 else p


S = Suite()
bad('2409 5', 'two SA payloads', hook=lambda n, p: [p[0]] + p if n == 1 else p)
bad('2409 5', 'two proposals', hook=with_sa(lambda: (lambda one_: one_[:8] + b'\2' + one_[9:] + one_[8:])(offer_body([S]))))
bad('2408 3.5', 'a proposal of ESP', hook=with_sa(lambda: offer_body([S], protocol=3)))
bad('2408 3.5', 'no transform', hook=with_sa(lambda: offer_body([])))
bad('2408 3.5', 'a count of transforms that lies', hook=with_sa(lambda: (lambda b: b[:15] + b'\7' + b[16:])(offer_body([S]))))
bad('2408 3.5', 'an SPI longer than its proposal', hook=with_sa(lambda: (lambda b: b[:14] + b'\xff' + b[15:])(offer_body([S]))))
bad('2408 3.4', 'an SA payload without a proposal', hook=with_sa(lambda: struct.pack('!II', 2, 0)))
bad('2408 3.4', 'an SA payload of two octets', hook=with_sa(lambda: b'\0\0'))
bad('2409 5.4', 'no SA payload', hook=lambda n, p: [(VID, bytes(16))] if n == 1 else p)
size = 128
for name, value in (('0', bytes(size)), ('1', bytes(size - 1) + b'\1'), ('p - 1', (PRIMES[2] - 1).to_bytes(size, 'big')),
                    ('p', PRIMES[2].to_bytes(size, 'big')), ('p + 1', (PRIMES[2] + 1).to_bytes(size, 'big')),
                    ('one octet short', os.urandom(size - 1)), ('one octet long', os.urandom(size + 1)), ('no octets', b'')):
    bad('2409 5', 'a public value of ' + name, hook=lambda n, p, v=value: [(KE, v)] + p[1:] if n == 3 else p)
bad('2409 5', 'no public value', hook=lambda n, p: p[1:] if n == 3 else p)
bad('2409 5', 'two public values', hook=lambda n, p: p[:1] + p if n == 3 else p)
bad('2409 5', 'no nonce', hook=lambda n, p: p[:1] if n == 3 else p)
bad('2409 5', 'two nonces', hook=lambda n, p: p + p[1:] if n == 3 else p)


@scenario('2408 4.2', 'the choice of our server is one of the offers, its numbers kept, nothing changed')
def _(lab):
    m = shared(lab)
    icookie = os.urandom(8)
    offers = [Suite(hash=6), Suite(life=1234), Suite(life=86400)]
    body = offer_body(offers)
    m.wire.send(message(icookie, bytes(8), MAIN, [(SA, body)]))
    d = m.wire.receive(lambda d: d[:8] == icookie and d[18] == MAIN, 1)
    check(d is not None, 'no answer')
    answer = one(unchain(d[16], d[28:]), SA)
    _, _, offered = offer_suites(body)
    doi, situation, chosen = offer_suites(answer)
    check(len(chosen) == 1 and chosen[0][0] in [b for b, _ in offered], 'the choice is none of the offers')
    check(answer[12] == 1 and doi == 2 and situation == 0, 'proposal number, DOI or situation')


@scenario('2408 3.14', 'a DOI of nobody is told: DOI-NOT-SUPPORTED, or nothing, but no SA')
def _(lab):
    m = shared(lab)
    icookie = os.urandom(8)
    m.wire.send(message(icookie, bytes(8), MAIN, [(SA, offer_body([Suite()], doi=99))]))
    d = m.wire.receive(lambda d: d[:8] == icookie, 0.3)
    check(d is None or d[18] == INFO, 'it is answered')


def wild(section, name, make):
    """A message that must not be answered by the next message of an exchange; the server lives on."""
    @scenario(section, 'not answered: ' + name)
    def _(lab):
        m = shared(lab)
        icookie = os.urandom(8)
        m.wire.send(make(icookie))
        d = m.wire.receive(lambda d: d[:8] == icookie and d[18] != INFO, 0.12)
        check(d is None, 'it is answered')


offer = (SA, offer_body([Suite()]))
wild('2409 5.4', 'aggressive mode', lambda c: message(c, bytes(8), AGGRESSIVE, [
    offer, (KE, os.urandom(128)), (NONCE, os.urandom(20)), (ID, identity(ID_IPV4, ipv4('10.67.1.2')))]))
wild('2409 5.6', 'new group mode', lambda c: message(c, os.urandom(8), 33, [(HASH, bytes(20)), offer], 5))
wild('2408 3.1', 'a responder cookie in message 1', lambda c: message(c, os.urandom(8), MAIN, [offer]))
wild('2408 3.1', 'an initiator cookie of zeros', lambda c: message(bytes(8), bytes(8), MAIN, [offer]))
wild('2408 3.1', 'major version 2', lambda c: (lambda d: d[:17] + b'\x20' + d[18:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 3.1', 'minor version 1', lambda c: (lambda d: d[:17] + b'\x11' + d[18:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 3.1', 'a message ID in phase 1', lambda c: message(c, bytes(8), MAIN, [offer], mid=9))
wild('2408 3.1', 'the encryption flag in message 1', lambda c: message(c, bytes(8), MAIN, [offer], flags=1))
wild('2408 3.1', 'an exchange type of nobody', lambda c: message(c, bytes(8), 77, [offer]))
wild('2408 3.1', 'base exchange', lambda c: message(c, bytes(8), 1, [offer, (NONCE, os.urandom(20))]))
wild('2408 3.1', 'a length one too large', lambda c: (lambda d: d[:24] + u32(len(d) + 1) + d[28:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 5.1', 'a length one too small', lambda c: (lambda d: d[:24] + u32(len(d) - 1) + d[28:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 3.1', 'a length of 0', lambda c: (lambda d: d[:24] + u32(0) + d[28:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 3.1', 'a length of 4 thousand million', lambda c: (lambda d: d[:24] + b'\xff' * 4 + d[28:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 3.1', 'a header alone', lambda c: message(c, bytes(8), MAIN, []))
wild('2408 3.2', 'a payload of length 0', lambda c: (lambda d: d[:30] + b'\0\0' + d[32:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 3.2', 'a payload of length 3', lambda c: (lambda d: d[:30] + b'\0\3' + d[32:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 3.2', 'a payload longer than the message', lambda c: (lambda d: d[:30] + b'\7\0' + d[32:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 5.4', 'a reserved octet that is set', lambda c: (lambda d: d[:29] + b'\1' + d[30:])(message(c, bytes(8), MAIN, [offer])))
wild('2408 5.1', 'an unknown payload', lambda c: message(c, bytes(8), MAIN, [offer, (99, b'')]))
wild('2409 5', 'message 3 before message 1', lambda c: message(c, os.urandom(8), MAIN, [(KE, os.urandom(128)), (NONCE, os.urandom(20))]))


def repeated(which):
    @scenario('2408 3.1', 'message %d of phase 1 sent three times: one answer, again and again the same' % which)
    def _(lab):
        m = shared(lab)
        def hook(n, payloads):
            return payloads
        x = m.exchange()
        send = m.wire.send
        def thrice(data, **more):
            send(data, **more)
            if data[18] == MAIN and data == x.sent.get(which, data) and len(x.sent) == (which + 1) // 2:
                send(data, **more)
                send(data, **more)
        m.wire.send = thrice
        start = len(m.wire.all)
        try:
            m.keys = x.initiate()
        finally:
            m.wire.send = send
        time.sleep(0.05)
        m.wire.poll()
        answers = [d for _, d in m.wire.all[start:] if d[18] == MAIN]
        check(len(set(answers)) == 3, '%d different answers' % len(set(answers)))
        m.pull(1)


for which in (1, 3, 5):
    repeated(which)


@scenario('2408 3.1', 'messages of phase 1 cut at every octet are dropped, and the whole ones answered')
def _(lab):
    m = shared(lab)
    send = m.wire.send
    def cut(data, **more):
        # A part of message 1 that is whole in itself would be another exchange: not under this cookie.
        for i in range(0, len(data), 3):
            send(data[:i], **more)
        send(data, **more)
    m.wire.send = cut
    try:
        m.phase1()
    finally:
        m.wire.send = send
    m.pull(1)


@scenario('2409 5', 'message 5 before message 3 is ignored')
def _(lab):
    m = shared(lab)
    def hook(n, payloads):
        if n == 3:
            second = [d for _, d in m.wire.all if d[18] == MAIN][-1]
            m.wire.send(Header(second[:8], second[8:16], ID, MAIN, ENCRYPTED, 0, 92).pack() + os.urandom(64))
            m.wire.send(message(second[:8], second[8:16], MAIN, [(ID, m.exchange().me), (HASH, bytes(20))]))
        return payloads
    m.phase1(hook=hook)
    m.pull(1)


@scenario('2409 5', 'message 5 in clear, or with garbage, is ignored, and the right one taken')
def _(lab):
    m = shared(lab)
    def hook(n, payloads):
        if n == 5:
            second = [d for _, d in m.wire.all if d[18] == MAIN][-1]
            m.wire.send(message(second[:8], second[8:16], MAIN, payloads))
            m.wire.send(Header(second[:8], second[8:16], ID, MAIN, ENCRYPTED, 0, 92).pack() + os.urandom(64))
        return payloads
    m.phase1(hook=hook)
    m.pull(1)


@scenario('2408 3.1', 'the commit flag in message 1 does no harm')
def _(lab):
    m = shared(lab)
    icookie = os.urandom(8)
    m.wire.send(message(icookie, bytes(8), MAIN, [offer], flags=COMMIT))
    m.wire.receive(lambda d: d[:8] == icookie, 0.15)
    m.phase1()
    m.pull(1)


@scenario('2407 4.6.3.3', 'INITIAL-CONTACT: older SAs of that peer are gone, others stay')
def _(lab):
    m, other = lab.member(), lab.member()
    other.phase1()
    for _ in range(3):
        m.phase1()
    old = m.keys
    m.phase1(contact=True)
    time.sleep(0.1)
    check(lab.isakmp_sas(m.address) == 1, '%d SAs of it' % lab.isakmp_sas(m.address))
    check(lab.isakmp_sas(other.address) == 1, 'SAs of others: %d' % lab.isakmp_sas(other.address))
    m.pull(1)


@scenario('2407 4.6.3.3', 'INITIAL-CONTACT in clear, or by another peer, removes nothing')
def _(lab):
    m, other = lab.member(), lab.member()
    m.phase1()
    k = m.keys
    body = [(NOTIFY, notify(INITIAL_CONTACT, spi=k.icookie + k.rcookie))]
    m.wire.send(message(k.icookie, k.rcookie, INFO, body, 99))
    other.wire.send(message(k.icookie, k.rcookie, INFO, body, 98))
    other.phase1(contact=True)
    check(lab.isakmp_sas(m.address) >= 1, 'the SA is gone')
    m.pull(1)


@scenario('2408 3.15', 'a Delete of phase 1 in clear, with a wrong hash, or of another peer, deletes nothing')
def _(lab):
    m, other = lab.member(), lab.member()
    m.phase1()
    other.phase1()
    k = m.keys
    body = [(DELETE, delete([k.icookie + k.rcookie], 1))]
    for doi in (1, 2):
        b = [(DELETE, delete([k.icookie + k.rcookie], 1, doi))]
        m.wire.send(message(k.icookie, k.rcookie, INFO, b, 99))
        m.wire.send(k.informational(b, good=False))
        other.wire.send(other.keys.informational(b))
    time.sleep(0.1)
    check(lab.isakmp_sas(m.address) >= 1, 'the SA is gone')
    m.pull(1)


@scenario('2408 3.15', 'a Delete of phase 1 by its peer removes it from what is shown')
def _(lab):
    m = lab.member()
    m.phase1()
    k = m.keys
    check(lab.isakmp_sas(m.address) == 1, 'it is not shown')
    m.wire.send(k.informational([(DELETE, delete([k.icookie + k.rcookie], 1))]))
    time.sleep(0.1)
    check('GDOI_IDLE' not in ''.join(l for l in lab.ks('show crypto isakmp sa').split('\n') if m.address in l and 'deleted' not in l),
          'the SA is there')


@scenario('2409 5.7', 'notifies under phase 1 of every kind do no harm')
def _(lab):
    m = shared(lab)
    m.phase1()
    for kind in list(range(0, 32)) + [8192, 16384, 24576, 24577, 36136, 36137, 40960, 65535]:
        m.wire.send(m.keys.informational([(NOTIFY, notify(kind, spi=os.urandom(kind % 20)))]))
    for bad_ in (b'', bytes(3), bytes(7), struct.pack('!IBBH', 2, 1, 200, 1)):
        m.wire.send(m.keys.informational([(NOTIFY, bad_)]))
        m.wire.send(m.keys.informational([(DELETE, bad_)]))
    m.wire.send(m.keys.informational([(99, bytes(9))]))
    m.pull(1)


@scenario('2408 2.5.3', 'three hundred first messages do not keep a member out, nor grow without bound')
def _(lab):
    m = shared(lab)
    for _ in range(300):
        m.wire.send(message(os.urandom(8), bytes(8), MAIN, [offer]))
    time.sleep(0.3)
    m.wire.forget()
    other = lab.member()
    other.phase1()
    other.pull(1)


@scenario('2408 3', 'what is no ISAKMP at all does no harm')
def _(lab):
    m = shared(lab)
    for n in list(range(0, 40)) + [100, 500, 1400, 9000, 65000]:
        m.wire.send(os.urandom(n))
    for _ in range(200):
        d = bytearray(message(os.urandom(8), bytes(8), MAIN, [offer]))
        for _ in range(5):
            d[int.from_bytes(os.urandom(2), 'big') % len(d)] = os.urandom(1)[0]
        m.wire.send(bytes(d))
    time.sleep(0.1)
    m.wire.forget()
    other = lab.member()
    other.phase1()
    other.pull(1)
