# SPDX-License-Identifier: Apache-2.0
"""A bystander without keys, between our key server and its members (RFC 6407 7)."""
from scenario import check, scenario
from server_lab import *

OFFER = (SA, offer_body([Suite()]))


def works(lab):
    """A member registers within five seconds, trying again as members do."""
    m = lab.member()
    end = time.monotonic() + 5
    while True:
        try:
            m.phase1()
            m.pull(1)
            return m
        except Failed:
            check(time.monotonic() < end, 'a member does not get in within five seconds')


@scenario('6407 7.2', 'a whole registration replayed, from its address and from another, changes nothing')
def _(lab):
    m, thief = lab.member(), lab.member()
    sent, send = [], m.wire.send
    m.wire.send = lambda d, **k: (sent.append(d), send(d, **k))
    m.phase1()
    sid = m.pull(9).sids[0]
    m.wire.send = send
    n = lab.registered(9)[m.address]['registrations']
    for d in sent * 3:
        m.wire.send(d)
        thief.wire.send(d)
    time.sleep(0.2)
    check(lab.registered(9)[m.address]['registrations'] == n, 'counted as a registration')
    check(thief.address not in lab.registered(9), 'the thief is counted as a member')
    other = lab.member()
    other.phase1()
    check(other.pull(9).sids[0] == sid + 1, 'a sender identifier was used up')
    m.wire.forget()
    m.pull(9)


@scenario('6407 7.1.4', 'the server\'s own messages reflected to it change nothing')
def _(lab):
    m = lab.member()
    def hook(n, payloads):
        for _, d in m.wire.all[-3:]:
            m.wire.send(d)
        return payloads
    m.phase1(hook=hook)
    m.pull(1, hook=hook)


@scenario('6407 7.1.5', 'two thousand first messages of forged addresses do not keep a member out')
def _(lab):
    for n in range(2000):
        data = message(os.urandom(8), bytes(8), MAIN, [OFFER])
        lab.tap.send(udp_packet('10.67.%d.%d' % (100 + n // 250, 1 + n % 250), SERVER, 848, 848, data))
    works(lab)


@scenario('6407 7.1.5', 'and two thousand of the address of a member: it gets in all the same')
def _(lab):
    m = lab.member()
    for n in range(2000):
        m.wire.send(message(os.urandom(8), bytes(8), MAIN, [OFFER]))
        if n % 50 == 0:
            m.wire.poll()
    m.wire.forget()
    works(lab)


@scenario('6407 7.1.5', 'a first message is answered by no more than three times its octets')
def _(lab):
    m = lab.member()
    data = message(os.urandom(8), bytes(8), MAIN, [OFFER])
    m.wire.send(data)
    end = time.monotonic() + 6
    while time.monotonic() < end:
        m.wire.poll(0.5)
    total = sum(len(d) for _, d in m.wire.all)
    check(total <= 3 * len(data), '%d octets for %d' % (total, len(data)))


@scenario('2408 3.14', 'bad messages are told of rarely: a flood does not make a flood')
def _(lab):
    m = lab.member()
    bad = offer_body([Suite(hash=6, group=14)])
    for n in range(300):
        m.wire.send(message(os.urandom(8), bytes(8), MAIN, [(SA, bad)]))
        m.wire.send(message(os.urandom(8), os.urandom(8), MAIN, [(KE, bytes(128)), (NONCE, bytes(20))]))
        m.wire.send(message(os.urandom(8), os.urandom(8), PULL, [(HASH, bytes(20))], 5, ENCRYPTED))
        if n % 30 == 0:
            m.wire.poll()
    m.wire.poll(0.2)
    check(len(m.wire.all) < 100, '%d answers' % len(m.wire.all))


@scenario('6407 7.1.4', 'a registration seen on the way, cut and spoilt, overtakes the good one')
def _(lab):
    m, thief = lab.member(), lab.member()
    send = m.wire.send
    def spoil(data, **more):
        for n in range(0, len(data), 9):
            thief.wire.send(data[:n])
            thief.wire.send(data)
            # What is in clear nothing protects: who changes it is the other end.
            send(data[:n] + bytes([data[n] ^ 1]) + data[n + 1:] if data[19] & ENCRYPTED and n >= 24 else data[:n])
        send(data, **more)
    m.wire.send = spoil
    m.phase1()
    m.pull(1)


@scenario('8263 7.3', 'acknowledgements forged and replayed: none is counted')
def _(lab):
    m = lab.member()
    m.phase1()
    k = m.pull(UNICAST).kek()
    lab.rekey(UNICAST)
    seq, _, _ = lab.heard(m, k)
    acks = lambda: lab.registered(UNICAST)[m.address]['rekey_acks_received']
    for n in range(300):
        m.wire.send(message(k.spi[:8], k.spi[8:], PUSH_ACK, [
            (HASH, os.urandom(32)), (SEQ, u32(seq)), (ID, identity(ID_IPV4, ipv4(m.address)))]))
    time.sleep(0.1)
    check(acks() == 0, 'a forged one is counted')
    good = k.ack_message(seq, m.address)
    m.wire.send(good)
    time.sleep(0.1)
    check(acks() == 1, 'the good one is not counted')
    for _ in range(20):
        m.wire.send(good)
    time.sleep(0.1)
    check(acks() == 1, 'a replayed one is counted')


@scenario('6407 4', 'the server takes no rekey: its own, reflected, changes nothing')
def _(lab):
    m = lab.member()
    m.phase1()
    k = m.pull(UNICAST).kek()
    lab.rekey(UNICAST)
    _, _, data = lab.heard(m, k)
    for _ in range(20):
        m.wire.send(data)
    works(lab)


@scenario('2408 2.5.3', 'garbage from a hundred addresses')
def _(lab):
    for n in range(1000):
        data = os.urandom(n % 300)
        if n % 3 == 0:
            data = message(os.urandom(8), bytes(8) if n & 1 else os.urandom(8), n % 40, [(n % 23, os.urandom(n % 90))], n, n % 8)
        lab.tap.send(udp_packet('10.67.99.%d' % (1 + n % 100), SERVER, 800 + n % 97, 848, data))
    works(lab)


@scenario('2408 3.15', 'informational exchanges in clear, of every kind, change nothing')
def _(lab):
    m = lab.member()
    m.phase1()
    k = m.keys
    for kind in (INITIAL_CONTACT, INVALID_COOKIE, AUTHENTICATION_FAILED, PAYLOAD_MALFORMED, 40000):
        for flags in (0, ENCRYPTED, COMMIT):
            m.wire.send(message(k.icookie, k.rcookie, INFO, [(NOTIFY, notify(kind, spi=k.icookie + k.rcookie))], 5, flags))
    m.wire.send(message(k.icookie, k.rcookie, INFO, [(DELETE, delete([k.icookie + k.rcookie]))], 6))
    m.wire.send(message(k.icookie, k.rcookie, INFO, [(HASH, bytes(20)), (DELETE, delete([k.icookie + k.rcookie]))], 7))
    m.pull(1)
