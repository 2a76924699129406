# SPDX-License-Identifier: Apache-2.0
"""What our member answers to rekeys (RFC 8263), and where it hears them."""
from member_lab import *
from scenario import check, scenario


def soon(condition, seconds=1.5):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def acknowledged(name, ack):
    @scenario('8263 2', 'a push is acknowledged: ' + name)
    def _(lab):
        kek = Kek(SIGNER, SERVER, MEMBER, ack=ack)
        lab.register(kek, [tek('A')])
        start = time.monotonic()
        lab.still_works()
        check(lab.acked(kek.seq), 'not within five seconds')
        check(lab.wire.from_port == 848, 'from port %s' % lab.wire.from_port)


acknowledged('REKEY_ACK_KEK_SHA256', 1)
acknowledged('REKEY_ACK_KEK_SHA512', 3)


@scenario('8263 2', 'nothing is acknowledged that was not asked for; nor under an unknown kind')
def _(lab):
    for ack in (None, 77):
        kek = Kek(SIGNER, SERVER, MEMBER, ack=ack)
        lab.register(kek, [tek('A')])
        lab.wire.all.clear()
        lab.still_works()
        lab.settle()
        check(not [d for _, d in lab.wire.all if d[18] == PUSH_ACK], 'acknowledged')


@scenario('8263 4', 'three pushes in a row: each is acknowledged')
def _(lab):
    lab.fresh()
    for _ in range(3):
        lab.wire.send(lab.rekey([tek('A')]))
    lab.settle()
    got = sorted(s for _, s in lab.acks())
    check(got == [1, 2, 3], 'acknowledged are %s' % got)


@scenario('8263 7.2', 'a push repeated for five seconds: its acknowledgement is not starved, nor sent each time')
def _(lab):
    lab.fresh()
    data = lab.rekey([tek('A')])
    start = time.monotonic()
    lab.wire.send(data)
    for _ in range(50):
        time.sleep(0.1)
        lab.wire.poll()
        lab.wire.send(data)
    lab.settle()
    acks = [when - start for when, _ in lab.acks()]
    check(acks, 'not acknowledged')
    check(acks[0] <= 5.2, 'acknowledged after %.1f seconds' % acks[0])
    check(len(acks) <= 4, 'acknowledged %d times' % len(acks))


@scenario('8263 3', 'an acknowledgement goes to the port that the push came from')
def _(lab):
    lab.fresh()
    other = Udp(lab.peer, SERVER, MEMBER, port=5848)
    try:
        t = tek('A')
        lab.push(lab.rekey([t]), wire=other, spis={t.spi})
        check(lab.acked(lab.kek.seq, wire=other), 'no acknowledgement at port 5848')
        check(other.from_port == 848, 'it comes from port %s' % other.from_port)
    finally:
        other.close()


@scenario('6407 5.3', 'rekeys to another port: heard there, acknowledged from there, and no longer when it is over')
def _(lab):
    kek = Kek(SIGNER, SERVER, MEMBER, ack=1, port=8848)
    lab.register(kek, [tek('A')])
    wire = Udp(lab.peer, SERVER, MEMBER, port=8848, rport=8848)
    try:
        t = tek('A')
        lab.push(lab.rekey([t]), wire=wire, spis={t.spi})
        check(lab.acked(kek.seq, wire=wire), 'not acknowledged')
        check(wire.from_port == 8848, 'acknowledged from port %s' % wire.from_port)
        lab.fresh()
        check(soon(lambda: '8848' not in lab.ns.run('ss', '-Hnlu', check=False)), 'the port is still open')
    finally:
        wire.close()


@scenario('6407 4', 'rekeys by multicast: the member joins, hears, acknowledges, and leaves when it is over')
def _(lab):
    group = '239.66.0.1'
    kek = Kek(SIGNER, SERVER, group, ack=1)
    lab.register(kek, [tek('A')])
    joined = lambda: group in lab.ns.run('ip', 'maddr', 'show', 'dev', 'eth0')
    check(soon(joined), 'not joined')
    lab.wire.s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ipv4(SERVER))
    t = tek('A')
    lab.push(lab.rekey([t]), to=group, spis={t.spi})
    check(lab.acked(kek.seq), 'not acknowledged')
    lab.fresh()
    check(soon(lambda: not joined()), 'still joined')


@scenario('6407 5.3', 'rekeys by multicast to another port')
def _(lab):
    group = '239.66.0.2'
    kek = Kek(SIGNER, SERVER, group, ack=1, port=8849)
    lab.register(kek, [tek('A')])
    wire = Udp(lab.peer, SERVER, MEMBER, port=8849, rport=8849)
    wire.s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ipv4(SERVER))
    try:
        t = tek('A')
        lab.push(lab.rekey([t]), wire=wire, to=group, spis={t.spi})
    finally:
        wire.close()


@scenario('6407 4.4', 'a Rekey SA without a TEK to renew: a new registration leaves the old one deaf')
def _(lab):
    old = lab.fresh()
    new = lab.fresh()
    lab.kek = old
    lab.push(lab.rekey([tek('A')]), taken=False)
    lab.kek = new
    lab.still_works()
