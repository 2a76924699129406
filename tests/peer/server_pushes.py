# SPDX-License-Identifier: Apache-2.0
"""Rekeys to our member, legal and illegal (RFC 6407 4, 5), by a key server that has the right key."""
from member_lab import *
from scenario import check, scenario


def refused(section, name, make):
    """A rekey that is refused in whole and not acknowledged; the next good one is taken."""
    @scenario(section, 'refused in a push: ' + name)
    def _(lab):
        kek = lab.on()
        before = kek.seq
        data = make(lab, kek)
        seq = kek.seq
        lab.push(data, taken=False)
        lab.still_works()
        # One that has used up a number of its own must not be acknowledged.
        return lab.unacked(kek, seq) if seq == before + 1 else None


# What a rekey may bring

@scenario('6407 4', 'a push of a new TEK: it is there, and it sends')
def _(lab):
    lab.on()
    t = lab.still_works()
    lab.must_encrypt('A', t)
    lab.must_decrypt(t)


@scenario('6407 4.3', 'a push of one TEK of two: the other lives on')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    t = lab.still_works()
    lab.must_encrypt('A', t)
    lab.must_encrypt('B', b)
    lab.must_decrypt(b, 'B')
    lab.must_not_take_clear('B')
    check(b.spi in lab.spis(), 'the other TEK is gone')


@scenario('6407 4.3', 'a push with traffic of a new kind: it is added, what was there lives on')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    c = tek('C')
    lab.push(lab.rekey([c]), spis={c.spi})
    lab.must_encrypt('C', c)
    lab.must_encrypt('A', a)
    lab.must_encrypt('B', b)
    lab.must_decrypt(c, 'C')
    lab.must_not_take_clear('C')


@scenario('6407 5.2.1', 'a push of a new Rekey SA alone: the next push comes under it, from SEQ 1')
def _(lab):
    old = lab.fresh()
    new = Kek(SIGNER, SERVER, MEMBER, ack=1)
    lab.push(lab.rekey([], new))
    lab.must_encrypt('A', lab.teks[0])
    lab.must_encrypt('B', lab.teks[1])
    lab.kek = new
    check(lab.kek.seq == 0, '')
    lab.still_works()
    lab.kek = old
    lab.push(lab.rekey([tek('A')]), taken=False)
    lab.kek = new
    return Later(lambda: check([s for _, s in lab.acks(old)] == [1], 'acknowledged under the old SPI: %s' % lab.acks(old)))


@scenario('6407 4', 'a push of a new Rekey SA and a TEK')
def _(lab):
    lab.fresh()
    new, t = Kek(SIGNER, SERVER, MEMBER, ack=1), tek('A')
    lab.push(lab.rekey([t], new), spis={t.spi})
    lab.must_encrypt('A', t)
    lab.kek = new
    lab.still_works()


@scenario('6407 4.1', 'a push of a new Rekey SA with another key to sign with')
def _(lab):
    lab.fresh()
    new = Kek(OTHER_SIGNER, SERVER, MEMBER, ack=1)
    lab.push(lab.rekey([], new))
    lab.kek = new
    lab.still_works()


@scenario('6407 5.5.1', 'Group Description in the SAT of a push is ignored')
def _(lab):
    lab.on()
    t = tek('A', extra=tv(T_GROUP, 2))
    lab.push(lab.rekey([t]), spis={t.spi})


@scenario('6407 5.3', 'KEK_MANAGEMENT_ALGORITHM LKH beside a plain KEK in a push: taken whole or not at all')
def _(lab):
    lab.fresh()
    new, t = Kek(SIGNER, SERVER, MEMBER, ack=1, management=1), tek('A')
    lab.wire.send(lab.rekey([t], new))
    time.sleep(0.2)
    if t.spi in lab.spis():
        lab.kek = new
    lab.still_works()


@scenario('6407 4', 'a push of several TEKs')
def _(lab):
    lab.fresh()
    ts = [tek('A'), tek('B'), tek('C')]
    lab.push(lab.rekey(ts), spis={t.spi for t in ts})
    for which, t in zip('ABC', ts):
        lab.must_encrypt(which, t)


@scenario('5374 4.2.1', 'GAP in a push: the old key sends until ATD, the new one then, the old one goes at DTD')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    t = tek('A')
    start = time.monotonic()
    lab.push(lab.rekey([t], gap_=gap(2, 3)))
    while time.monotonic() < start + 1.5:
        p = lab.must_encrypt('A')
        check(p.esp[0] == a.spi, 'before ATD the new key sends')
    lab.must_decrypt(a)
    lab.must_decrypt(t)
    time.sleep(max(0, start + 2.5 - time.monotonic()))
    lab.must_encrypt('A', t)
    time.sleep(max(0, start + 3.6 - time.monotonic()))
    check(a.spi not in lab.spis(), 'the old key is there after DTD')
    lab.must_encrypt('A', t)
    lab.must_encrypt('B', b)


@scenario('5374 4.2.1', 'GAP with an ATD of zero: the new key sends at once')
def _(lab):
    lab.on()
    t = tek('A')
    lab.push(lab.rekey([t], gap_=gap(0, 60)), spis={t.spi})
    lab.must_encrypt('A', t)


# Counter modes

@scenario('6407 4.4', 'a counter mode in a push goes on under the sender identifier that is held')
def _(lab):
    kek = Kek(SIGNER, SERVER, MEMBER, ack=1)
    lab.register(kek, [tek('A', transform=E_GCM16)], sids=[0x51d])
    t = tek('A', transform=E_GCM16)
    lab.push(lab.rekey([t]), spis={t.spi})
    p = lab.must_encrypt('A', t)
    check(p.iv[:3] == b'\0\5\x1d', 'the IV is ' + p.iv.hex())


@scenario('6407 5.6.4.4', 'a SID packet in a push does not change the sender identifier')
def _(lab):
    kek = Kek(SIGNER, SERVER, MEMBER, ack=1)
    first = tek('A', transform=E_GCM16)
    lab.register(kek, [first], sids=[0x51d])
    t = tek('A', transform=E_GCM16)
    lab.wire.send(kek.push([(SA, sa(None, [t])), (KD, kd(None, [t], sids=[0x777]))]))
    time.sleep(0.2)
    p = lab.must_encrypt('A')
    u = t if p.esp[0] == t.spi else first
    _, iv = esp.open_(u, p.payload)
    check(iv[:3] == b'\0\5\x1d', 'the IV is ' + iv.hex())


@scenario('6407 4.4', 'a counter mode in a push to a member without a sender identifier is not installed')
def _(lab):
    lab.fresh()
    a = lab.teks[0]
    t = tek('A', transform=E_GCM16)
    seq = lab.kek.seq + 1
    lab.wire.send(lab.rekey([t]))
    time.sleep(0.3)
    check(t.spi not in lab.spis(), 'installed')
    p = lab.must_not_leak('A')
    check(p is not None and p.esp[0] == a.spi, 'traffic no longer leaves under the old key')
    q = lab.receives(esp.seal(t, lab.inner(), 1, (7 << 40 | 1).to_bytes(8, 'big')), tries=1)
    check(q is None, 'it decrypts')
    lab.kek = None


# What is refused

def sat_push(section, name, **more):
    refused(section, name, lambda lab, kek: lab.rekey([tek('A', **more)]))


sat_push('6407 5.5.1', 'a SAT of an unknown protocol', proto_id=9)
sat_push('6407 5.5', 'a SAT of AH', proto_id=2, transform=3)
sat_push('2407 4.4.4', 'an unknown ESP transform', transform=99)
sat_push('2407 4.5.3', 'an unknown authentication algorithm', auth=99, integrity=bytes(20))
sat_push('6407 5.6.1', 'a key of the wrong size', key=bytes(15))
for spi in (0, 1, 255):
    refused('4303 2.1', 'SPI %d' % spi, lambda lab, kek, spi=spi: lab.rekey([tek('A', spi=spi)]))
refused('4303 2.1', 'SPI 0 beside a good TEK', lambda lab, kek: lab.rekey([tek('A'), tek('B', spi=0)]))
refused('6407 5.4', 'an unknown GAP attribute', lambda lab, kek: lab.rekey(gap_=gap(extra=tv(9, 1))))
refused('6407 5.3.2', 'an unknown KEK attribute', lambda lab, kek: lab.rekey(kek=Kek(SIGNER, SERVER, MEMBER, extra=tv(20, 1))))
refused('6407 5.2', 'an SA of DOI 1', lambda lab, kek: (lambda t: kek.push([(SA, sa(None, [t], doi=1)), (KD, kd(None, [t]))]))(tek()))
refused('6407 5.2', 'an SA with a situation',
        lambda lab, kek: (lambda t: kek.push([(SA, sa(None, [t], situation=1)), (KD, kd(None, [t]))]))(tek()))
refused('6407 5.6', 'a TEK without keys', lambda lab, kek: kek.push([(SA, sa(None, [tek()])), (KD, kd())]))
refused('6407 5.6', 'one TEK of two without keys',
        lambda lab, kek: (lambda t, u: kek.push([(SA, sa(None, [t, u])), (KD, kd(None, [t]))]))(tek('A'), tek('B')))
refused('6407 4', 'an SA without a KD', lambda lab, kek: kek.push([(SA, sa(None, [tek()]))]))
refused('6407 4', 'a KD without an SA', lambda lab, kek: kek.push([(KD, kd(None, [tek()]))]))


def pair():
    t = tek('A')
    return (SA, sa(None, [t])), (KD, kd(None, [t]))


refused('6407 4', 'two SA payloads', lambda lab, kek: kek.push([pair()[0], *pair()]))
refused('6407 4', 'two KD payloads', lambda lab, kek: kek.push([*pair(), pair()[1]]))
refused('6407 4', 'two SEQ payloads', lambda lab, kek: kek.push(pair(), lead=[(SEQ, u32(kek.next())), (SEQ, u32(kek.seq))]))
refused('6407 4', 'no SEQ', lambda lab, kek: kek.push(pair()[1:], lead=pair()[:1]))
refused('6407 4', 'SEQ behind SA', lambda lab, kek: (lambda s, k: kek.push([(SEQ, u32(kek.next())), k], lead=[s]))(*pair()))
refused('6407 5.7', 'SEQ of eight octets', lambda lab, kek: kek.push(pair(), lead=[(SEQ, bytes(4) + u32(kek.next()))]))
refused('6407 5.7', 'SEQ of three octets', lambda lab, kek: kek.push(pair(), lead=[(SEQ, u32(kek.next())[1:])]))
refused('2408 5.1', 'an unknown payload', lambda lab, kek: kek.push([*pair(), (99, bytes(8))]))
refused('6407 4', 'a HASH payload', lambda lab, kek: kek.push([*pair(), (HASH, bytes(20))]))

# Replay and signature


@scenario('6407 4.4', 'a whole push replayed changes nothing')
def _(lab):
    lab.on()
    t = tek('A')
    data = lab.rekey([t])
    lab.push(data, spis={t.spi})
    u = lab.still_works()
    lab.push(data, taken=False)
    lab.must_encrypt('A', u)


refused('6407 4.4', 'a SEQ that was there, of another content', lambda lab, kek: lab.rekey(seq=max(kek.seq, 1)) if kek.seq else
        (lab.push(lab.rekey()), lab.rekey(seq=kek.seq))[1])
refused('6407 4.4', 'SEQ 0', lambda lab, kek: lab.rekey(seq=0))


@scenario('6407 4.4', 'a SEQ with a gap is taken, what lies before it then no more')
def _(lab):
    kek = lab.on()
    kek.seq += 9
    lab.push(lab.rekey())
    lab.push(lab.rekey(seq=kek.seq - 3), taken=False)


@scenario('6407 4.4', 'a forged signature over a high SEQ does not move the counter')
def _(lab):
    kek = lab.on()
    lab.push(lab.rekey(seq=kek.seq + 500, signature=bytes(256)), taken=False)
    lab.push(lab.rekey(seq=kek.seq + 500, signature=OTHER_SIGNER.sign(b'x', padding.PKCS1v15(), hashes.SHA256())), taken=False)
    lab.still_works()


def other_key(lab, kek):
    twin = Kek(OTHER_SIGNER, SERVER, MEMBER, spi=kek.spi)
    twin.key, twin.iv = kek.key, kek.iv
    return twin.push(pair(), seq=kek.seq + 1)


refused('6407 4.4', 'signed with another key', other_key)
refused('6407 4', 'a signature without the text "rekey"', lambda lab, kek: lab.rekey(prefix=b''))
refused('6407 4', 'a signature over "pull"', lambda lab, kek: lab.rekey(prefix=b'pull'))
refused('6407 4', 'no signature', lambda lab, kek: lab.rekey(signature=''))
refused('6407 4', 'an empty signature', lambda lab, kek: lab.rekey(signature=b''))
refused('6407 4', 'a signature of zeros', lambda lab, kek: lab.rekey(signature=bytes(256)))
refused('6407 4', 'a signature one octet short', lambda lab, kek: lab.rekey(signature=os.urandom(255)))
refused('6407 4', 'a signature of 5000 octets', lambda lab, kek: lab.rekey(signature=os.urandom(5000)))
refused('6407 4', 'the signature of an earlier push', lambda lab, kek: lab.rekey(signature=kek.sign(b'rekey' + bytes(60))))


def by_sha1(lab, kek):
    kek.hash = 2
    try:
        return lab.rekey()
    finally:
        kek.hash = 3


refused('6407 5.3.5', 'signed over another hash than the SAK says', by_sha1)


@scenario('2409 5.1', 'a signature of the bare hash, as the reference implementation makes it, is taken')
def _(lab):
    lab.on()
    lab.push(lab.rekey(bare=True))


def bad_padding(lab, kek):
    """Type 1 padding with a hole in it, as a forger with a small exponent wants it."""
    n = SIGNER.private_numbers()
    m = b'\0\1' + b'\xff' * 8 + b'\0' + os.urandom(256 - 11)
    return lab.rekey(signature=pow(int.from_bytes(m, 'big'), n.d, n.public_numbers.n).to_bytes(256, 'big'))


refused('6407 5.3.6.1', 'a signature with short padding and garbage behind the hash', bad_padding)
refused('6407 4', 'two signatures', lambda lab, kek: lab.kek.push([*pair(), (SIG, os.urandom(256))]))

# Header


def header(**changes):
    def change(h):
        for k, v in changes.items():
            setattr(h, k, v)
    return change


refused('6407 4.2', 'a message ID', lambda lab, kek: lab.rekey(header=header(mid=7)))
refused('6407 4.2', 'no encryption flag', lambda lab, kek: lab.rekey(header=header(flags=0)))
refused('6407 4.2', 'the commit flag', lambda lab, kek: lab.rekey(header=header(flags=3)))
refused('6407 4.2', 'the authentication-only flag', lambda lab, kek: lab.rekey(header=header(flags=5)))
refused('6407 4.2', 'version 2.0', lambda lab, kek: lab.rekey(header=header(version=0x20)))
refused('6407 4.2', 'version 1.1', lambda lab, kek: lab.rekey(header=header(version=0x11)))
refused('6407 4.2', 'exchange type 34', lambda lab, kek: lab.rekey(header=header(exchange=34)))
refused('6407 4.2', 'cookies of nobody', lambda lab, kek: lab.rekey(header=header(rcookie=os.urandom(8))))
refused('6407 4.2', 'exchanged cookies', lambda lab, kek: lab.rekey(header=header(rcookie=kek.spi[:8], icookie=kek.spi[8:])))


@scenario('6407 4.4', 'a push under a wrong KEK is dropped')
def _(lab):
    kek = lab.on()
    twin = Kek(SIGNER, SERVER, MEMBER, spi=kek.spi)
    lab.push(twin.push(pair(), seq=kek.seq + 1), taken=False)
    twin.key = kek.key
    lab.push(twin.push(pair(), seq=kek.seq + 1), taken=False)
    lab.still_works()


@scenario('6407 4.4', 'a push cut at every octet is dropped, and the whole one then taken')
def _(lab):
    lab.on()
    data = lab.rekey()
    mark = lab.gm.mark()
    for i in range(len(data)):
        lab.wire.send(data[:i])
        if i >= 28 and i % 16 == 12:
            lab.wire.send(data[:24] + struct.pack('!I', i) + data[28:i])
    check(not lab.gm.logged('GM_RECV_REKEY', mark, 0.2), 'a part is taken')
    lab.push(data)


@scenario('6407 4.4', 'a push with one bit changed, anywhere, is dropped')
def _(lab):
    lab.on()
    data = lab.rekey()
    mark = lab.gm.mark()
    for i in range(0, len(data), 3):
        lab.wire.send(data[:i] + bytes([data[i] ^ 1 << i % 8]) + data[i + 1:])
    check(not lab.gm.logged('GM_RECV_REKEY', mark, 0.2), 'taken')
    lab.push(data)


@scenario('2408 5.1', 'a push that is longer than its header says is dropped')
def _(lab):
    lab.on()
    data = lab.rekey()
    lab.push(data + bytes(16), taken=False)
    lab.push(data + b'x', taken=False)
    lab.push(data)


# Lengths that lie, under a good signature


def lying(name, change):
    @scenario('2408 3.2', 'refused in a push: ' + name)
    def _(lab):
        kek = lab.on()
        seq = kek.next()
        t = tek('A')
        body = bytearray(chain([(SEQ, u32(seq)), (SA, sa(None, [t])), (KD, kd(None, [t])), (SIG, b'')])[:-4])
        change(body)
        body = bytes(body)
        h = Header(kek.spi[:8], kek.spi[8:], SEQ, PUSH, ENCRYPTED, 0, 28 + len(body) + 4 + 256)
        body += payload(0, kek.sign(b'rekey' + h.pack() + body))
        data = kek.encrypt(body)
        lab.push(h.pack(28 + len(data)) + data, taken=False)
        lab.still_works()


def at(offset, data):
    def change(body):
        body[offset:offset + len(data)] = data
    return change


# SEQ is octets 0 to 7, the SA payload begins at 8, its SAT at 24; KD is behind.
lying('a SEQ payload of length 0', at(2, b'\0\0'))
lying('a SEQ payload of length 7', at(2, b'\0\7'))
lying('a SEQ payload as long as everything', at(2, b'\1\x90'))
lying('an SA payload of length 65535', at(10, b'\xff\xff'))
lying('an SA payload of length 4', at(10, b'\0\4'))
lying('an SA payload that ends in its SAT', at(10, b'\0\x20'))
lying('a SAT of length 3', at(26, b'\0\3'))
lying('a SAT that goes into the KD', at(26, b'\0\x70'))
lying('a source identity longer than its SAT', at(24 + 9, b'\xff'))
lying('a reserved octet that is set in SEQ', at(1, b'\1'))
lying('a reserved octet that is set in a SAT', at(25, b'\1'))


@scenario('8263 4', 'the member has acknowledged what it has taken, and nothing else')
def _(lab):
    lab.settle()
