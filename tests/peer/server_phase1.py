# SPDX-License-Identifier: Apache-2.0
"""Phase 1 of our member with a responder that answers what it likes (RFC 2409, RFC 2408)."""
from member_lab import *
from scenario import check, scenario


def drop(lab):
    """No ISAKMP SA is left, so that the next registration begins with phase 1."""
    lab.gm.line or lab.gm.connect()
    lab.gm('clear crypto isakmp')
    lab.keys = None


def good(section, name, **options):
    @scenario(section, 'taken in phase 1: ' + name)
    def _(lab):
        drop(lab)
        made = {k: v(lab) if callable(v) and k != 'hook' else v for k, v in options.items()}
        t = tek('A')
        lab.register(None, [t], begin=made)


def bad(section, name, **options):
    """Phase 1 does not come about: the member does not begin its registration."""
    @scenario(section, 'refused in phase 1: ' + name)
    def _(lab):
        drop(lab)
        mark = lab.gm.mark()
        lab.clear()
        first = lab.wire.receive(lambda d: len(d) > 28 and d[18] == MAIN and d[8:16] == bytes(8), 5)
        check(first is not None, 'the member does not begin')
        x = None
        try:
            made = dict(psk=b'PEERKEY', me=identity(ID_IPV4, ipv4(SERVER)))
            made.update(options)
            x = Exchange(lab.wire, **made)
            take = x.take
            x.take = lambda mine, timeout=2.0: take(mine, 0.25)
            lab.keys = x.respond(first=first)
        except (Failed, Malformed) as e:
            check('no answer' in str(e) or 'psk' in options, str(e))
            lab.keys = None
            return
        d = lab.wire.receive(lambda d: len(d) > 28 and d[18] == PULL, 0.25)
        check(d is None, 'the member goes on to its registration')


def change(number_, kind, value):
    """A hook that replaces the body of a payload."""
    def hook(n, payloads):
        if n == number_:
            payloads = [(k, (value(b) if callable(value) else value) if k == kind else b) for k, b in payloads]
        return payloads
    return hook


good('2409 5.4', 'a nonce of 8 octets', nonce=8)
good('2409 5.4', 'a nonce of 256 octets', nonce=256)
bad('2409 5', 'a nonce of 7 octets', nonce=7)
bad('2409 5', 'a nonce of 257 octets', nonce=257)
bad('2409 5', 'an empty nonce', nonce=0)
bad('2409 5.4', 'another pre-shared key', psk=b'WRONG')
bad('2409 5.4', 'a wrong hash in message 6', hook=change(6, HASH, bytes(20)))
bad('2409 5.4', 'an empty hash in message 6', hook=change(6, HASH, b''))
bad('2409 5.4', 'the first half of the hash in message 6', hook=change(6, HASH, lambda b: b[:10]))
bad('2409 5.4', 'no hash in message 6', hook=lambda n, p: [x for x in p if x[0] != HASH] if n == 6 else p)
bad('2409 5.4', 'no identity in message 6', hook=lambda n, p: [x for x in p if x[0] != ID] if n == 6 else p)
bad('6407 3.1', 'the identity of another address than the key server\'s', me=identity(ID_IPV4, ipv4('10.66.0.99')))
bad('6407 3.1', 'the identity of the member itself', me=identity(ID_IPV4, ipv4(MEMBER)))
bad('2407 4.6.2', 'an address of three octets as identity', me=identity(ID_IPV4, ipv4('10.66.0')))
bad('2407 4.6.2', 'an identity of an unknown type', me=identity(77, ipv4(SERVER)))


def suite_change(what):
    def hook(n, payloads):
        if n != 2:
            return payloads
        _, _, offered = offer_suites(payloads[0][1])
        return [(SA, what(offered[0][0], offered[0][1]))]
    return hook


def modified(**values):
    def what(body, suite):
        for k, v in values.items():
            setattr(suite, k, v)
        return offer_body([suite])
    return suite_change(what)


bad('2409 5', 'a choice with another lifetime', hook=modified(life=1))
bad('2409 5', 'a choice with another key length', hook=modified(bits=256))
bad('2409 5', 'a choice with a weaker hash', hook=modified(hash=1))
bad('2409 5', 'a choice of group 14 where 2 was offered', hook=modified(group=14))
bad('2409 5', 'a choice of signatures where keys were offered', hook=modified(auth=RSA_SIG))
bad('2409 5', 'a choice of two transforms', hook=suite_change(lambda b, s: offer_body([b, b])))
bad('2409 5', 'a choice of no transform', hook=suite_change(lambda b, s: offer_body([])))
bad('2408 3.6', 'a choice with an attribute added', hook=suite_change(lambda b, s: offer_body([b + tv(13, 1)])))
bad('6407 2.1', 'a choice of DOI 7', hook=suite_change(lambda b, s: offer_body([b], doi=7)))
bad('2409 5.4', 'a public value one octet short', hook=change(4, KE, lambda b: b[1:]))
bad('2409 5.4', 'a public value one octet long', hook=change(4, KE, lambda b: b'\0' + b))
bad('2409 5', 'a public value of 0', hook=change(4, KE, lambda b: bytes(len(b))))
bad('2409 5', 'a public value of 1', hook=change(4, KE, lambda b: bytes(len(b) - 1) + b'\1'))
bad('2409 5', 'a public value of p - 1', hook=change(4, KE, (PRIMES[2] - 1).to_bytes(128, 'big')))
bad('2409 5', 'a public value of p', hook=change(4, KE, PRIMES[2].to_bytes(128, 'big')))
bad('2409 5', 'no public value', hook=lambda n, p: p[1:] if n == 4 else p)
bad('2409 5', 'two public values', hook=lambda n, p: [p[0]] + p if n == 4 else p)
bad('2409 5', 'no nonce', hook=lambda n, p: p[:1] if n == 4 else p)
bad('2409 5', 'two nonces', hook=lambda n, p: p + [p[1]] if n == 4 else p)


@scenario('6407 2.1', 'what our member offers: the GDOI DOI, one proposal, port 848')
def _(lab):
    drop(lab)
    x = lab.begin()
    check(x.offered_doi == 2, 'DOI %d' % x.offered_doi)
    check(lab.wire.from_port == 848, 'port %d' % lab.wire.from_port)
    check(8 <= len(x.peer_nonce) <= 256, 'a nonce of %d octets' % len(x.peer_nonce))
    check(x.peer_id == identity(ID_IPV4, ipv4(MEMBER)) or x.peer_id[4:] == ipv4(MEMBER), 'identity ' + x.peer_id.hex())
    lab.finish(None, [tek('A')])


@scenario('2407 4.6.3.3', 'INITIAL-CONTACT is sent by a member that has no SA with its server')
def _(lab):
    lab.gm.kill()
    lab.gm.start()
    lab.keys = None
    x = lab.begin(clear=False, timeout=10)
    check(any(struct.unpack_from('!H', b, 6)[0] == INITIAL_CONTACT for b in x.notified), 'not sent')
    lab.finish(None, [tek('A')])


good('2407 4.6.3.3', 'INITIAL-CONTACT in message 6', contact=True)
good('2408 3.16', 'vendor IDs', vid=[os.urandom(16), b'x', b'', bytes(200)])
good('2408 3.1', 'a notify of an unknown kind in message 6',
     hook=lambda n, p: p + [(NOTIFY, notify(40999))] if n == 6 else p)
good('2408 3.14', 'a notify with an SPI and data in message 6',
     hook=lambda n, p: p + [(NOTIFY, notify(24577, spi=bytes(16), data=bytes(30)))] if n == 6 else p)


def repeated(which):
    @scenario('2408 3.1', 'message %d of phase 1 sent twice does no harm' % which)
    def _(lab):
        drop(lab)
        lab.clear()
        send = lab.wire.send
        seen = [0]
        def twice(data, **more):
            send(data, **more)
            seen[0] += 1
            if seen[0] == which // 2:
                send(data, **more)
        lab.wire.send = twice
        try:
            lab.register(None, [tek('A')], begin=dict(clear=False))
        finally:
            lab.wire.send = send


for which in (2, 4, 6):
    repeated(which)


@scenario('2408 2.5.3', 'messages 2 of other cookies and of no exchange are ignored')
def _(lab):
    drop(lab)
    lab.clear()
    def hook(n, payloads):
        if n == 2:
            first = lab.wire.all[-1][1]
            lab.wire.send(message(os.urandom(8), os.urandom(8), MAIN, payloads))
            lab.wire.send(message(first[:8], bytes(8), MAIN, payloads))
        return payloads
    lab.register(None, [tek('A')], begin=dict(clear=False, hook=hook))


@scenario('2408 2.5.1', 'a notify in clear does not end a phase 1 that goes on well')
def _(lab):
    drop(lab)
    lab.clear()
    def hook(n, payloads):
        if n == 2:
            first = lab.wire.all[-1][1]
            for kind in (NO_PROPOSAL_CHOSEN, INVALID_COOKIE, PAYLOAD_MALFORMED, AUTHENTICATION_FAILED):
                lab.wire.send(message(first[:8], bytes(8), INFO, [(NOTIFY, notify(kind))], 77))
                lab.wire.send(message(first[:8], os.urandom(8), INFO, [(NOTIFY, notify(kind))], 77))
            lab.wire.send(message(first[:8], bytes(8), INFO, [(DELETE, delete([first[:8] + bytes(8)]))], 78))
        return payloads
    lab.register(None, [tek('A')], begin=dict(clear=False, hook=hook))


@scenario('2409 5', 'message 4 in the place of message 2, and 6 in that of 4, are ignored')
def _(lab):
    drop(lab)
    lab.clear()
    def hook(n, payloads):
        first = lab.wire.all[-1][1]
        if n == 2:
            lab.wire.send(message(first[:8], os.urandom(8), MAIN, [(KE, os.urandom(128)), (NONCE, os.urandom(20))]))
        if n == 4:
            lab.wire.send(message(first[:8], first[8:16], MAIN, [(ID, identity(ID_IPV4, ipv4(SERVER))), (HASH, bytes(20))]))
            lab.wire.send(Header(first[:8], first[8:16], ID, MAIN, ENCRYPTED, 0, 92).pack() + os.urandom(64))
        return payloads
    lab.register(None, [tek('A')], begin=dict(clear=False, hook=hook))


@scenario('2409 5', 'message 6 in clear, or with garbage, is ignored and the right one taken')
def _(lab):
    drop(lab)
    lab.clear()
    def hook(n, payloads):
        if n == 6:
            first = lab.wire.all[-1][1]
            lab.wire.send(message(first[:8], first[8:16], MAIN, payloads))
            lab.wire.send(Header(first[:8], first[8:16], ID, MAIN, ENCRYPTED, 0, 92).pack() + os.urandom(64))
            lab.wire.send(Header(first[:8], first[8:16], ID, MAIN, ENCRYPTED, 0, 28).pack())
        return payloads
    lab.register(None, [tek('A')], begin=dict(clear=False, hook=hook))


@scenario('2408 3.1', 'messages 2, 4 and 6 cut at every octet are ignored, and the whole ones taken')
def _(lab):
    drop(lab)
    lab.clear()
    send = lab.wire.send
    def cut(data, **more):
        if data[18] == MAIN:
            for i in range(0, len(data), 3):
                send(data[:i], **more)
        send(data, **more)
    lab.wire.send = cut
    try:
        lab.register(None, [tek('A')], begin=dict(clear=False))
    finally:
        lab.wire.send = send


def asked(section, name, make):
    """A message that begins an exchange with our member, which answers none: it is no server."""
    @scenario(section, 'our member does not answer: ' + name)
    def _(lab):
        icookie = os.urandom(8)
        other = Udp(lab.peer, '10.66.0.2', MEMBER)
        try:
            for wire in (other, lab.wire):
                wire.send(make(icookie))
                d = wire.receive(lambda d: d[:8] == icookie and d[18] != INFO, 0.15)
                check(d is None, 'it answers')
        finally:
            other.close()


asked('2409 5.4', 'aggressive mode', lambda c: message(c, bytes(8), AGGRESSIVE, [
    (SA, offer_body([Suite()])), (KE, os.urandom(128)), (NONCE, os.urandom(20)), (ID, identity(ID_IPV4, ipv4(SERVER)))]))
asked('2409 5.4', 'main mode by a stranger, who gets no further than message 2',
      lambda c: message(c, os.urandom(8), MAIN, [(KE, os.urandom(128)), (NONCE, os.urandom(20))]))
asked('2409 5.6', 'new group mode', lambda c: message(c, os.urandom(8), 33, [(HASH, bytes(20)), (SA, offer_body([Suite()]))], 5))
asked('2408 3.1', 'an exchange type of nobody', lambda c: message(c, bytes(8), 240, [(SA, offer_body([Suite()]))]))
asked('6407 3.2', 'a registration without phase 1', lambda c: message(c, os.urandom(8), PULL, [
    (HASH, bytes(20)), (NONCE, os.urandom(20)), (ID, identity(ID_KEY_ID, u32(134)))], 5))


@scenario('2409 5.7', 'notifies under phase 1 do no harm, of whatever kind')
def _(lab):
    drop(lab)
    lab.register(None, [tek('A')])
    for kind in (1, 9, 14, 24, 24576, 24577, 24578, 36136, 40960, 65535):
        lab.wire.send(lab.keys.informational([(NOTIFY, notify(kind))]))
        lab.wire.send(lab.keys.informational([(NOTIFY, notify(kind, doi=1, spi=bytes(16)))]))
    lab.wire.send(lab.keys.informational([(NOTIFY, b'')]))
    lab.wire.send(lab.keys.informational([(99, b'')]))
    time.sleep(0.1)
    check(lab.teks[0].spi in lab.spis(), 'keys are gone')
    lab.must_encrypt('A', lab.teks[0])


good('2409 5.4', 'the last one of all is as good as the first')
