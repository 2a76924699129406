# SPDX-License-Identifier: Apache-2.0
"""Rekeys of our key server, and acknowledgements, right, wrong and none (RFC 6407 4, RFC 8263)."""
from router import QUESTION
from scenario import Later, check, scenario
from server_lab import *


def grouped(lab, group, name=None):
    """A member of this group, its Rekey SA as it knows it, and its policy."""
    key = (name or 'm', group)
    if key not in lab.members:
        m = lab.member()
        m.phase1()
        m.policy = m.pull(group)
        m.kek = m.policy.kek()
        lab.members[key] = m
    return lab.members[key]


def rekeyed(lab, m, group, answer=True):
    """The server is made to rekey; what comes is checked, and acknowledged."""
    m.wire.forget()
    lab.rekey(group)
    seq, payloads, data = lab.heard(m, m.kek)
    check(seq == m.kek.seq + 1, 'SEQ %d behind %d' % (seq, m.kek.seq))
    m.kek.seq = seq
    m.under = m.kek
    if answer and m.kek.ack:
        m.wire.send(m.kek.ack_message(seq, m.address))
    sa_, kd_ = one(payloads, SA), one(payloads, KD)
    p = Policy(sa_, kd_, seq)
    if p.sak is not None and p.sak.spi != m.kek.spi:
        old, m.kek = m.kek, p.kek()
        m.kek.seq = 0
    return p, payloads, data


# Started first, and judged at the end, since it takes the server's own time.

@scenario('8263 6', 'a member that never acknowledged is not dropped after three rekeys, but logged')
def _(lab):
    m = grouped(lab, SILENT)
    # Three rekeys, each repeated once after ten seconds and missed after twenty, by whoever has time.
    lab.silent = dict(done=0, next=time.monotonic())
    def step():
        if lab.silent['done'] < 3 and time.monotonic() >= lab.silent['next']:
            lab.rekey(SILENT)
            lab.silent['done'] += 1
            lab.silent['next'] = time.monotonic() + 20.5
    lab.step = step
    step()
    def verdict():
        while lab.silent['done'] < 3 or time.monotonic() < lab.silent['next']:
            step()
            time.sleep(0.2)
        check(m.address in lab.registered(SILENT), 'dropped')
        check(re.search(r'(?i)acknowledg|\back\b', lab.ks.log()), 'a missing acknowledgement is not logged')
    return Later(verdict)


@scenario('6407 4.3', 'a unicast rekey: header, SEQ 1, order, signature, keys for its SAs')
def _(lab):
    m = grouped(lab, UNICAST)
    p, payloads, data = rekeyed(lab, m, UNICAST)
    kinds = [k for k, _ in payloads]
    check(kinds in ([SA, KD], [DELETE, SA, KD]), 'payloads %s' % kinds)
    check(p.doi == 2 and p.situation == 0, 'DOI or situation')
    check(p.sats and all(p.key(KD_TEK, u32(s.spi)) for s in p.sats), 'keys')
    check(not p.sids, 'sender identifiers in a push (5.6.4.4)')
    check(m.wire.from_port == 848, 'from port %s' % m.wire.from_port)


@scenario('6407 4.3', 'the second rekey has SEQ 2, or SEQ 1 under a new Rekey SA')
def _(lab):
    m = grouped(lab, UNICAST)
    rekeyed(lab, m, UNICAST)
    rekeyed(lab, m, UNICAST)


@scenario('6407 3.2', 'a pull after rekeys says the SEQ that was used last')
def _(lab):
    m = grouped(lab, UNICAST)
    rekeyed(lab, m, UNICAST)
    p = m.pull(UNICAST)
    check(p.sak.spi == m.kek.spi and p.seq == m.kek.seq, 'SEQ %s, and %s was used last' % (p.seq, m.kek.seq))


@scenario('6407 4.3', 'a multicast rekey comes once, to the group\'s address')
def _(lab):
    m = grouped(lab, MULTICAST)
    join(m, MULTICAST_ADDRESS)
    wire = listening(lab, MULTICAST_ADDRESS, 848)
    lab.rekey(MULTICAST)
    seq, payloads, _ = lab.heard(m, m.kek, wire=wire)
    check(seq == 1, 'SEQ %d' % seq)
    check(not any(k == KD_SID for k, _, _ in key_packets(one(payloads, KD))), 'sender identifiers in a push (5.6.4.4)')


def join(m, group):
    m.wire.s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, ipv4(group) + ipv4(m.address))


def listening(lab, group, port):
    """Hears what the server sends to a multicast address and port."""
    wire = Udp(lab.peer, group, SERVER, port=port)
    lab.closing.append(wire.close)
    return wire


@scenario('6407 5.3', 'a multicast rekey goes to the port that the SAK says')
def _(lab):
    m = grouped(lab, PORT_GROUP)
    join(m, PORT_ADDRESS)
    wire = listening(lab, PORT_ADDRESS, 8848)
    lab.rekey(PORT_GROUP)
    seq, _, _ = lab.heard(m, m.kek, wire=wire)
    check(seq == 1, 'SEQ %d' % seq)


# Acknowledgements

def received(lab, m, group=UNICAST):
    return lab.registered(group)[m.address]['rekey_acks_received']


@scenario('8263 5', 'a good acknowledgement is counted')
def _(lab):
    m = grouped(lab, UNICAST)
    before = received(lab, m)
    rekeyed(lab, m, UNICAST)
    time.sleep(0.1)
    check(received(lab, m) == before + 1, 'not counted')


@scenario('8263 5', 'the same acknowledgement again is not counted')
def _(lab):
    m = grouped(lab, UNICAST)
    rekeyed(lab, m, UNICAST)
    time.sleep(0.1)
    before = received(lab, m)
    for _ in range(5):
        m.wire.send(m.under.ack_message(m.under.seq, m.address))
    time.sleep(0.1)
    check(received(lab, m) == before, 'counted')


def wrong(section, name, make, logged=True):
    @scenario(section, 'not counted: ' + name)
    def _(lab):
        m = grouped(lab, UNICAST)
        rekeyed(lab, m, UNICAST, answer=False)
        before = received(lab, m)
        mark = lab.ks.mark()
        data = make(lab, m)
        if data is not None:
            m.wire.send(data)
        time.sleep(0.08)
        check(received(lab, m) == before, 'counted')
        wrong.logged = getattr(wrong, 'logged', False) or '%' in lab.ks.log(mark)
        m.wire.send(m.under.ack_message(m.under.seq, m.address))
        time.sleep(0.08)
        check(received(lab, m) == before + 1, 'the good one is not counted then')


wrong('8263 5', 'an acknowledgement with a wrong HASH', lambda lab, m: m.under.ack_message(m.under.seq, m.address, good=False))
wrong('8263 5', 'an acknowledgement of a SEQ to come', lambda lab, m: m.under.ack_message(m.under.seq + 1, m.address))
wrong('8263 5', 'an acknowledgement of an earlier SEQ', lambda lab, m: m.under.ack_message(m.under.seq - 1, m.address))
wrong('8263 3.1', 'an acknowledgement under other cookies', lambda lab, m: m.under.ack_message(m.under.seq, m.address, spi=os.urandom(16)))
wrong('8263 3.4', 'an acknowledgement of another address', lambda lab, m: m.under.ack_message(m.under.seq, '10.67.0.98'))
wrong('8263 3.4', 'an acknowledgement with an FQDN', lambda lab, m: m.under.ack_message(
    m.under.seq, m.address, ident=identity(ID_FQDN, b'a.example.net')))
wrong('8263 3.4', 'an acknowledgement with a protocol and port', lambda lab, m: m.under.ack_message(
    m.under.seq, m.address, ident=identity(ID_IPV4, ipv4(m.address), 17, 848)))
wrong('8263 3.4', 'an acknowledgement with an address of three octets', lambda lab, m: m.under.ack_message(
    m.under.seq, m.address, ident=identity(ID_IPV4, b'\1\2\3')))
wrong('8263 3', 'an acknowledgement without SEQ', lambda lab, m: m.under.ack_message(
    m.under.seq, m.address, payloads=[(ID, identity(ID_IPV4, ipv4(m.address)))]))
wrong('8263 3', 'an acknowledgement without an identity', lambda lab, m: m.under.ack_message(
    m.under.seq, m.address, payloads=[(SEQ, u32(m.under.seq))]))
wrong('8263 3', 'an acknowledgement with two SEQ', lambda lab, m: m.under.ack_message(
    m.under.seq, m.address, payloads=[(SEQ, u32(m.under.seq)), (SEQ, u32(m.under.seq)), (ID, identity(ID_IPV4, ipv4(m.address)))]))
wrong('8263 3', 'an acknowledgement with a SEQ of eight octets', lambda lab, m: m.under.ack_message(
    m.under.seq, m.address, payloads=[(SEQ, bytes(4) + u32(m.under.seq)), (ID, identity(ID_IPV4, ipv4(m.address)))]))
wrong('8263 3.1', 'an acknowledgement with a message ID', lambda lab, m: (lambda d: d[:20] + u32(9) + d[24:])(
    m.under.ack_message(m.under.seq, m.address)))
wrong('8263 3.1', 'an acknowledgement with the encryption flag', lambda lab, m: (lambda d: d[:19] + b'\1' + d[20:])(
    m.under.ack_message(m.under.seq, m.address)))
wrong('8263 3.1', 'an acknowledgement of version 2', lambda lab, m: (lambda d: d[:17] + b'\x20' + d[18:])(
    m.under.ack_message(m.under.seq, m.address)))
wrong('8263 3.2', 'an acknowledgement by the KEK itself instead of the ack_key', lambda lab, m: m.under.ack_message(
    m.under.seq, m.address, key=m.under.key))
wrong('8263 3.2', 'an acknowledgement by SHA-512', lambda lab, m: (lambda k: (
    setattr(k, 'ack', 3), k.ack_message(k.seq, m.address), setattr(k, 'ack', 1))[1])(m.under))


def cut(lab, m):
    data = m.under.ack_message(m.under.seq, m.address)
    for n in range(len(data)):
        m.wire.send(data[:n])
        if n >= 28:
            m.wire.send(data[:24] + u32(n) + data[28:n])


wrong('8263 5', 'an acknowledgement cut at every octet', cut)


def from_another(lab, m):
    other = lab.members.setdefault('other', None) or lab.members.update(other=lab.member()) or lab.members['other']
    other.wire.send(m.under.ack_message(m.under.seq, m.address))


wrong('8263 3.4', 'an acknowledgement that comes from another address than it names', from_another)


@scenario('8263 6', 'wrong acknowledgements are logged')
def _(lab):
    check(getattr(wrong, 'logged', False), 'none of them was')


@scenario('8263 5', 'an acknowledgement that was not asked for is dropped')
def _(lab):
    m = grouped(lab, MULTICAST)
    before = received(lab, m, MULTICAST)
    k = m.kek
    asked, k.ack = k.ack, k.ack or 1
    m.wire.send(k.ack_message(k.seq + 1, m.address))
    k.ack = asked
    time.sleep(0.1)
    check(asked or received(lab, m, MULTICAST) == before, 'counted')


@scenario('8263 3.2', 'an acknowledgement by the other reading of L (the bits of the ack_key) does not spoil the right one')
def _(lab):
    m = grouped(lab, UNICAST)
    rekeyed(lab, m, UNICAST, answer=False)
    before = received(lab, m)
    m.wire.send(m.under.ack_message(m.under.seq, m.address, key=m.under.ack_key(256)))
    m.wire.send(m.under.ack_message(m.under.seq, m.address))
    time.sleep(0.1)
    check(received(lab, m) == before + 1, 'counted %d times' % (received(lab, m) - before))


@scenario('6407 4', 'a rekey that is not acknowledged is sent again, as it was')
def _(lab):
    m = grouped(lab, SILENT)
    lab.step()
    deadline = time.monotonic() + 12
    seen = {}
    while time.monotonic() < deadline:
        m.wire.poll(0.2)
        lab.step()
        pushes = [d for _, d in m.wire.all if d[18] == PUSH]
        if len(pushes) > len(set(pushes)):
            break
    check(len(pushes) > len(set(pushes)), 'not within twelve seconds')


@scenario('6407 5.9', 'clear crypto gdoi ks members now: a delete is pushed, signed, for all policy')
def _(lab):
    m = grouped(lab, NO_ACK)
    m.wire.forget()
    lab.ks.ask('clear crypto gdoi group G%d ks members now' % NO_ACK, QUESTION)
    lab.ks('yes')
    _, payloads, _ = lab.heard(m, m.kek)
    dels = [b for k, b in payloads if k == DELETE]
    check(dels, 'no Delete but %s' % [k for k, _ in payloads])
    for b in dels:
        doi, protocol, size, count = struct.unpack_from('!IBBH', b)
        check(doi == 2, 'DOI %d' % doi)
        check(protocol in (0, 1), 'protocol %d' % protocol)
        check(size == (16 if protocol == 0 else 4) and len(b) == 8 + size * count, 'SPI size %d' % size)
    check([k for k, _ in payloads] == [DELETE] * len(dels), 'SA or KD beside it: %s' % [k for k, _ in payloads])
