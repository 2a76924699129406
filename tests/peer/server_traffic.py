# SPDX-License-Identifier: Apache-2.0
"""What our member lets through between its LAN and the core: nothing that the policy protects goes or
comes in clear; ESP counts as RFC 4303 has it."""
from member_lab import *
from scenario import check, scenario


@scenario('4303 3.3.2', 'the first packet under a key has sequence number 1, and none comes twice')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    for which, t in (('A', a), ('B', b)):
        seqs = [lab.must_encrypt(which, t).esp[1] for _ in range(5)]
        check(seqs == [1, 2, 3, 4, 5], 'sequence numbers are %s' % seqs)
    u = lab.still_works()
    check(lab.must_encrypt('A', u).esp[1] == 1, 'a new key does not begin with 1')


@scenario('4303 3.3.3', 'after kill -9, a start and a registration, a key that stays goes on behind its last number')
def _(lab):
    kek = lab.fresh()
    a, b = lab.teks
    last = max(lab.must_encrypt('A', a).esp[1] for _ in range(7))
    lab.gm.kill()
    lab.must_not_leak('A')
    lab.gm.start()
    lab.keys = None
    lab.begin(clear=False, timeout=10)
    lab.finish(kek, [a, b])
    seqs = [lab.must_encrypt('A', a).esp[1] for _ in range(3)]
    check(min(seqs) > last, 'sequence numbers %s, and %d was there' % (seqs, last))
    check(lab.must_encrypt('B', b).esp[1] >= 1, '')


@scenario('4303 3.3.3', 'after a second registration under the same key the numbers go on')
def _(lab):
    kek = lab.fresh()
    a, b = lab.teks
    last = max(lab.must_encrypt('A', a).esp[1] for _ in range(4))
    lab.begin()
    lab.finish(kek, [a, b])
    seq = lab.must_encrypt('A', a).esp[1]
    check(seq > last, 'sequence number %d, and %d was there' % (seq, last))


@scenario('6407 3.5', 'a counter mode after a second registration: no IV comes twice under one key')
def _(lab):
    t = tek('A', transform=E_GCM16)
    ivs = []
    for sid in (7, 8):
        lab.register(None, [t], sids=[sid])
        ivs += [lab.must_encrypt('A', t).iv for _ in range(4)]
    check(len(set(ivs)) == len(ivs), 'IVs %s' % [i.hex() for i in ivs])


@scenario('6407 3.5', 'the same sender identifier given twice for one key: no IV comes twice all the same')
def _(lab):
    t = tek('A', transform=E_GCM16)
    ivs = []
    for _ in range(2):
        lab.register(None, [t], sids=[9])
        for _ in range(4):
            p = lab.sends('A')
            if p and p.esp:
                ivs.append(esp.open_(t, p.payload)[1])
    check(len(set(ivs)) == len(ivs), 'IVs %s' % [i.hex() for i in ivs])


# Clear traffic

CLEAR = [('UDP', lambda s, d: udp_packet(s, d, 1000, 2000, b'x' * 40)),
         ('ICMP', lambda s, d: icmp_packet(s, d)),
         ('TCP', lambda s, d: ip_packet(s, d, 6, struct.pack('!HHIIBBHHH', 99, 80, 1, 0, 0x50, 2, 9, 0, 0))),
         ('GRE', lambda s, d: ip_packet(s, d, 47, bytes(20))),
         ('UDP to port 848', lambda s, d: udp_packet(s, d, 1000, 848, b'x' * 40)),
         ('UDP from port 848', lambda s, d: udp_packet(s, d, 848, 1000, b'x' * 40)),
         ('UDP between ports 848', lambda s, d: udp_packet(s, d, 848, 848, b'x' * 40)),
         ('UDP between ports 500', lambda s, d: udp_packet(s, d, 500, 500, b'x' * 40)),
         ('UDP to port 4500', lambda s, d: udp_packet(s, d, 4500, 4500, b'x' * 40)),
         ('a fragment', lambda s, d: ip_packet(s, d, 17, bytes(64), fragment=0x2000, ident=77)),
         ('a last fragment', lambda s, d: ip_packet(s, d, 17, bytes(64), fragment=0x0010, ident=78)),
         ('IP in IP', lambda s, d: ip_packet(s, d, 4, udp_packet(s, d, 1, 2, b'x'))),
         ('AH', lambda s, d: ip_packet(s, d, 51, bytes(24)))]


def clear(name, make):
    @scenario('5374 4.1', 'what is protected leaves as ESP or not at all, and is not taken in clear: ' + name)
    def _(lab):
        lab.on()
        for src, dst in (LAN['A'], LAN['B']):
            lab.core.flush()
            lab.lan.send(make(src, dst))
            out = [Packet(p) for p in lab.core.collect(0.12) if Packet(p).src == src]
            check(all(p.esp for p in out), 'it leaves in clear')
            lab.lan.flush()
            lab.core.send(make(dst, src))
            into = [Packet(p) for p in lab.lan.collect(0.12) if Packet(p).dst == src]
            check(not into, 'it is taken in clear')


for c in CLEAR:
    clear(*c)


@scenario('5374 4.1', 'what no SA protects passes in clear, both ways')
def _(lab):
    lab.on()
    p = lab.sends('B', src='172.16.3.10', packet=udp_packet('172.16.3.10', '203.0.113.9', 1, 2, b'x'))
    check(p is not None and p.protocol == 17, 'it does not leave in clear')
    q = lab.receives(udp_packet('203.0.113.9', '172.16.3.10', 1, 2, b'x'), 'B')
    check(q is not None, 'it does not come in')


@scenario('5374 4.1', 'the member\'s own traffic from an address of its LAN leaves as ESP')
def _(lab):
    lab.on()
    with lab.ns:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('192.168.3.1', 3000))
    for port in (2000, 848):
        lab.core.flush()
        s.sendto(b'mine', ('192.168.4.10', port))
        got = [Packet(p) for p in lab.core.collect(0.3, lambda ps: any(Packet(p).src == '192.168.3.1' for p in ps))]
        got = [p for p in got if p.src == '192.168.3.1']
        check(got and all(p.esp for p in got), 'to port %d: %s' % (port, 'in clear' if got else 'nothing'))
    s.close()


@scenario('6407 2.2', 'GDOI of the member itself passes: a registration, a rekey, an acknowledgement in clear')
def _(lab):
    t = tek()
    t.src = t.dst = '0.0.0.0/0'
    kek = Kek(SIGNER, SERVER, MEMBER, ack=1)
    lab.register(kek, [t])
    u = tek()
    u.src = u.dst = '0.0.0.0/0'
    lab.push(lab.rekey([u]), spis={u.spi})
    check(lab.acked(kek.seq), 'no acknowledgement')
    lab.must_not_take_clear('A')
    p = lab.sends('A')
    check(p is not None and p.esp, 'not encrypted')
    lab.register(Kek(SIGNER, SERVER, MEMBER, ack=1), [tek('A'), tek('B')])


# ESP that comes

def esp_dropped(name, make):
    @scenario('4303 3.4', 'dropped: ' + name)
    def _(lab):
        lab.on()
        p = lab.receives(make(lab, lab.teks[0]), seconds=0.12, tries=1)
        check(p is None, 'taken')


esp_dropped('ESP with one bit changed', lambda lab, a: (lambda p: p[:-3] + bytes([p[-3] ^ 1]) + p[-2:])(
    esp.seal(a, lab.inner(), 900)))
esp_dropped('ESP under a wrong key', lambda lab, a: esp.seal(tek('A', spi=a.spi), lab.inner(), 901))
esp_dropped('ESP of an unknown SPI', lambda lab, a: esp.seal(tek('A'), lab.inner(), 902))
esp_dropped('ESP without its ICV', lambda lab, a: (lambda p: ip_packet(LAN['A'][1], LAN['A'][0], 50, p[20:-12]))(
    esp.seal(a, lab.inner(), 903)))
esp_dropped('an empty ESP packet', lambda lab, a: ip_packet(LAN['A'][1], LAN['A'][0], 50, b''))
esp_dropped('ESP of seven octets', lambda lab, a: ip_packet(LAN['A'][1], LAN['A'][0], 50, bytes(7)))
esp_dropped('ESP of a header alone', lambda lab, a: ip_packet(LAN['A'][1], LAN['A'][0], 50, struct.pack('!II', a.spi, 904)))
esp_dropped('under A\'s key a packet of B\'s traffic',
            lambda lab, a: esp.seal(a, udp_packet(LAN['B'][1], LAN['A'][0], 1, 2, b'x'), 905))
esp_dropped('an inner packet to another address than the outer', lambda lab, a: esp.seal(
    a, udp_packet('203.0.113.1', LAN['A'][0], 1, 2, b'x'), 906, outer=(LAN['A'][1], LAN['A'][0])))


@scenario('4303 3.4', 'ESP cut at every octet is dropped')
def _(lab):
    lab.on()
    packet = esp.seal(lab.teks[0], lab.inner(), 950)
    lab.lan.flush()
    for n in range(0, len(packet) - 20, 3):
        lab.core.send(ip_packet(LAN['A'][1], LAN['A'][0], 50, packet[20:20 + n]))
    got = [p for p in lab.lan.collect(0.2) if Packet(p).dst == LAN['A'][0]]
    check(not got, 'taken')


# Multicast

@scenario('5374 3.1', 'multicast data of the LAN leaves as ESP, its header kept, and comes in again')
def _(lab):
    group = '239.192.1.1'
    t = Tek('192.168.0.0/16', group)
    u = tek('A')
    lab.register(None, [u, t])
    with lab.ns:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 9)
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ipv4(MEMBER))
    s.bind(('192.168.3.1', 3001))
    def sent():
        lab.core.flush()
        s.sendto(b'to the group', (group, 5000))
        got = [Packet(p) for p in lab.core.collect(0.3, lambda ps: any(Packet(p).dst == group for p in ps))]
        return [p for p in got if p.dst == group]
    got = sent() or sent()
    s.close()
    check(got, 'nothing leaves')
    check(all(p.esp for p in got), 'it leaves in clear')
    inner, _ = esp.open_(t, got[0].payload)
    check((got[0].src, got[0].dst) == ('192.168.3.1', group), 'the header is not kept')
    check(Packet(inner).dst == group, 'another packet')
    # What comes
    with lab.ns:
        r = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    r.bind((group, 5000))
    r.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, ipv4(group) + ipv4(MEMBER))
    r.settimeout(0.3)
    came = udp_packet('192.168.4.10', group, 5000, 5000, b'from the group')
    lab.core.send(came, multicast=group)
    try:
        check(not r.recv(100), 'taken in clear')
    except socket.timeout:
        pass
    try:
        for n in (1, 2, 3):
            lab.core.send(esp.seal(t, came, n), multicast=group)
            try:
                check(r.recv(100) == b'from the group', 'something else comes')
                break
            except socket.timeout:
                pass
        else:
            check(False, 'ESP to the group does not come in')
    finally:
        r.close()


# Doors

@scenario('6407 4.3', 'a typing error does not open the door: a crypto map that does not exist')
def _(lab):
    lab.fresh()
    lab.gm('configure terminal', 'interface FastEthernet0/0', 'crypto map CMAPX', 'end')
    try:
        lab.must_not_leak('A')
        lab.must_not_take_clear('A')
    finally:
        lab.gm('configure terminal', 'interface FastEthernet0/0', 'crypto map CMAP', 'end')
    lab.must_not_leak('A')


@scenario('4303 3.3', 'kill -9: nothing leaves or enters in clear while the member is dead')
def _(lab):
    lab.fresh()
    lab.gm.kill()
    for which in 'AB':
        lab.must_not_leak(which)
        lab.must_not_take_clear(which)
    lab.gm.start()
    lab.keys = None
    lab.begin(clear=False, timeout=10)
    kek, teks = Kek(SIGNER, SERVER, MEMBER, ack=1), [tek('A'), tek('B')]
    lab.finish(kek, teks)
    lab.must_encrypt('A', teks[0])
