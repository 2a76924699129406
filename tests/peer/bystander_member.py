# SPDX-License-Identifier: Apache-2.0
"""A bystander without keys, between our member and its key server: what it forges, replays, cuts and
reflects changes nothing (RFC 6407 7)."""
from member_lab import *
from scenario import check, scenario

STRANGER = '10.66.0.2'


def untouched(lab):
    """The member is as it was: it encrypts, and takes the next rekey."""
    check({t.spi for t in lab.teks} <= lab.spis(), 'keys are gone')
    lab.must_encrypt('B')
    lab.still_works()


def stranger(lab, **more):
    wire = Udp(lab.peer, STRANGER, MEMBER, **more)
    lab.closing.append(wire.close)
    return wire


@scenario('6407 4.4', 'rekeys of garbage under the right cookies, five hundred of them')
def _(lab):
    lab.fresh()
    wire = stranger(lab)
    for n in range(500):
        size = 16 * (n % 40 + 1)
        data = Header(lab.kek.spi[:8], lab.kek.spi[8:], SEQ, PUSH, ENCRYPTED, 0, 28 + size).pack() + os.urandom(size)
        (wire if n & 1 else lab.wire).send(data)
    untouched(lab)
    wire.poll(0.1)
    check(not [d for _, d in wire.all if d[18] == PUSH_ACK], 'acknowledged')


@scenario('8263 7.2', 'a rekey replayed a hundred times from another address: nothing, and at most a few acknowledgements')
def _(lab):
    lab.fresh()
    t = tek('A')
    data = lab.rekey([t])
    lab.push(data, spis={t.spi})
    wire = stranger(lab)
    for _ in range(100):
        wire.send(data)
        time.sleep(0.01)
    untouched(lab)
    lab.settle()
    wire.poll()
    n = sum(d[18] == PUSH_ACK for _, d in wire.all)
    check(n <= 2, '%d acknowledgements go to who replayed it' % n)


@scenario('6407 4.4', 'a rekey seen on the way, cut and spoilt, overtakes the good one')
def _(lab):
    lab.fresh()
    wire = stranger(lab)
    t = tek('A')
    data = lab.rekey([t])
    for n in range(0, len(data), 7):
        wire.send(data[:n])
        lab.wire.send(data[:n] + bytes(len(data) - n))
        lab.wire.send(data[:n] + bytes([data[n] ^ 0x80]) + data[n + 1:])
    lab.push(data, spis={t.spi})


@scenario('6407 7.1.4', 'a whole registration replayed to the member changes nothing')
def _(lab):
    send, sent = lab.wire.send, []
    lab.wire.send = lambda d, **k: (sent.append(d), send(d, **k))
    try:
        lab.gm('clear crypto isakmp')
        lab.keys = None
        lab.fresh()
    finally:
        lab.wire.send = send
    mark = lab.gm.mark()
    wire = stranger(lab)
    for d in sent * 2:
        lab.wire.send(d)
        wire.send(d)
    time.sleep(0.2)
    check('GM_REGS_COMPL' not in lab.gm.log(mark), 'the registration is done again')
    untouched(lab)
    # And while another is under way.
    lab.begin()
    for d in sent:
        lab.wire.send(d)
    kek, teks = Kek(SIGNER, SERVER, MEMBER, ack=1), [tek('A'), tek('B')]
    lab.finish(kek, teks)
    untouched(lab)


@scenario('6407 7.1.4', 'the member\'s own messages reflected to it are not its server\'s')
def _(lab):
    lab.gm('clear crypto isakmp')
    lab.keys = None
    lab.clear()
    def hook(n, payloads):
        # Not message 3, which nothing tells from a message 4 of a bystander's own making.
        if n != 4:
            lab.wire.send(lab.wire.all[-1][1])
        return payloads
    lab.register(None, [tek('A'), tek('B')], begin=dict(clear=False, hook=hook))
    for _, d in lab.wire.all[-8:]:
        lab.wire.send(d)
    lab.must_encrypt('A', lab.teks[0])


@scenario('6407 7.1.4', 'the member\'s acknowledgement reflected to it does no harm')
def _(lab):
    lab.fresh()
    lab.still_works()
    check(lab.acked(lab.kek.seq), 'no acknowledgement')
    for _, d in lab.wire.all:
        if d[18] == PUSH_ACK:
            lab.wire.send(d)
    untouched(lab)


@scenario('2408 2.5.3', 'a thousand datagrams of garbage from a hundred addresses and ports')
def _(lab):
    lab.on()
    for n in range(1000):
        data = os.urandom(n % 300)
        if n % 3 == 0:
            data = message(os.urandom(8), bytes(8) if n & 1 else os.urandom(8), n % 40, [(n % 23, os.urandom(n % 90))], n, n % 8)
        lab.core.send(udp_packet('10.66.0.%d' % (100 + n % 100), MEMBER, 800 + n % 97, 848, data))
    untouched(lab)


@scenario('6407 7.2', 'a stranger who answers first with other cookies does not keep the member from its server')
def _(lab):
    lab.gm('clear crypto isakmp')
    lab.keys = None
    lab.clear()
    wire = stranger(lab)
    def hook(n, payloads):
        if n in (2, 4):
            first = lab.wire.all[-1][1]
            other = first[8:16] if n == 4 else os.urandom(8)
            for _ in range(20):
                wire.send(message(first[:8], other, MAIN, payloads))
                wire.send(message(first[:8], os.urandom(8), MAIN, [(KE, os.urandom(128)), (NONCE, os.urandom(20))]))
        return payloads
    lab.register(None, [tek('A'), tek('B')], begin=dict(clear=False, hook=hook))


@scenario('4303 3.4', 'ESP with the right SPI and no key, five hundred packets: none gets in, good ones do')
def _(lab):
    lab.fresh()
    a = lab.teks[0]
    lab.lan.flush()
    for n in range(500):
        lab.core.send(ip_packet(LAN['A'][1], LAN['A'][0], 50, struct.pack('!II', a.spi, n + 1) + os.urandom(16 * (n % 20 + 3) + 12)))
    got = [p for p in lab.lan.collect(0.2) if Packet(p).dst == LAN['A'][0]]
    check(not got, 'something gets in')
    lab.must_decrypt(a, seq=1)


@scenario('4303 3.4', 'a forged high sequence number does not shut out what follows')
def _(lab):
    lab.fresh()
    a = lab.teks[0]
    lab.must_decrypt(a, seq=5)
    packet = esp.seal(a, lab.inner(), 0xfffffff0)
    lab.core.send(packet[:-12] + bytes(12))
    lab.must_decrypt(a, seq=6)


@scenario('8263 7.2', 'ICMP errors about the member\'s ESP and GDOI change nothing')
def _(lab):
    lab.on()
    for kind, code in ((3, 3), (3, 1), (3, 2), (3, 4), (11, 0), (5, 1)):
        for quoted in (udp_packet(MEMBER, SERVER, 848, 848, bytes(8)), ip_packet(LAN['A'][0], LAN['A'][1], 50, struct.pack('!II', lab.teks[0].spi, 1))):
            body = struct.pack('!BBHI', kind, code, 0, 0) + quoted
            body = body[:2] + struct.pack('!H', checksum(body)) + body[4:]
            lab.core.send(ip_packet('10.66.0.1', MEMBER, 1, body))
    time.sleep(0.1)
    lab.begin()
    kek, teks = Kek(SIGNER, SERVER, MEMBER, ack=1), [tek('A'), tek('B')]
    lab.finish(kek, teks)
    untouched(lab)


@scenario('5374 4.1', 'clear packets to and from port 848 of a host of the LAN, injected in the core')
def _(lab):
    lab.on()
    for sport, dport in ((848, 848), (5000, 848), (848, 5000), (500, 500), (4500, 4500)):
        lab.lan.flush()
        for _ in range(3):
            lab.core.send(udp_packet(LAN['A'][1], LAN['A'][0], sport, dport, b'injected'))
        got = [p for p in lab.lan.collect(0.1) if Packet(p).dst == LAN['A'][0]]
        check(not got, 'from port %d to %d it gets in' % (sport, dport))


@scenario('5374 4.1', 'clear packets with IP options, or to the LAN\'s broadcast address, do not get in')
def _(lab):
    lab.on()
    plain = udp_packet(LAN['A'][1], LAN['A'][0], 5, 6, b'injected')
    head = b'\x46' + plain[1:2] + struct.pack('!H', len(plain) + 4) + plain[4:10] + b'\0\0' + plain[12:20] + b'\x94\4\0\0'
    head = head[:10] + struct.pack('!H', checksum(head)) + head[12:]
    lab.lan.flush()
    lab.core.send(head + plain[20:])
    lab.core.send(udp_packet(LAN['A'][1], '192.168.3.255', 5, 6, b'injected'))
    got = [p for p in lab.lan.collect(0.15) if b'injected' in p]
    check(not got, 'it gets in')
