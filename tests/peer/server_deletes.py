# SPDX-License-Identifier: Apache-2.0
"""Deletes in rekeys to our member (RFC 6407 5.9), and what becomes of its traffic."""
from member_lab import *
from scenario import check, scenario


def dels(lab, *bodies, **more):
    return lab.kek.push([(DELETE, b) for b in bodies], **more)


def spi4(t):
    return u32(t.spi)


@scenario('6407 5.9', 'a delete of one TEK: its keys go, its traffic stays in, the other lives on')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    mark = lab.gm.mark()
    seq = lab.kek.seq + 1
    kek = lab.kek
    lab.wire.send(dels(lab, delete([spi4(a)])))
    end = time.monotonic() + 2
    while a.spi in lab.spis():
        check(time.monotonic() < end, 'the keys stay')
        time.sleep(0.05)
    p = lab.must_not_leak('A')
    check(p is None or p.esp[0] != a.spi, 'it still sends')
    lab.must_not_take_clear('A')
    lab.must_encrypt('B', b)
    check('%' in lab.gm.log(mark), 'the log says nothing')
    check(lab.acked(seq, kek), 'not acknowledged')


@scenario('6407 5.9', 'a delete of two TEKs in one payload')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    lab.wire.send(dels(lab, delete([spi4(a), spi4(b)])))
    gone(lab, a, b)


@scenario('6407 5.9', 'a delete of two TEKs in two payloads')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    lab.wire.send(dels(lab, delete([spi4(a)]), delete([spi4(b)])))
    gone(lab, a, b)


@scenario('6407 5.9', 'a delete of all TEKs by SPI 0')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    lab.wire.send(dels(lab, delete([bytes(4)])))
    gone(lab, a, b)


def gone(lab, *teks):
    """Their keys go, and no traffic leaves or enters in clear."""
    end = time.monotonic() + 2
    while {t.spi for t in teks} & lab.spis():
        check(time.monotonic() < end, 'the keys stay')
        time.sleep(0.05)
    for which in 'AB':
        lab.must_not_leak(which)
        lab.must_not_take_clear(which)
    lab.kek = None


@scenario('6407 5.9', 'a delete and new keys in one push')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    t = tek('A')
    lab.push(lab.rekey([t], lead=[(DELETE, delete([spi4(a)]))]), spis={t.spi}, gone={a.spi})
    lab.must_encrypt('A', t)
    lab.must_encrypt('B', b)


@scenario('8263 4', 'a delete of the Rekey SA is acknowledged')
def _(lab):
    kek = lab.fresh()
    data = dels(lab, delete([kek.spi], protocol=0))
    lab.wire.send(data)
    check(lab.acked(kek.seq, kek), 'not acknowledged')
    lab.kek = None


@scenario('6407 5.9', 'a delete of an SPI that nobody has changes nothing')
def _(lab):
    lab.on()
    before = lab.spis()
    lab.wire.send(dels(lab, delete([b'\1\2\3\4'])))
    time.sleep(0.2)
    check(lab.spis() == before, 'keys change')
    lab.still_works()


def harmless(name, make, section='6407 5.9', numbered=True):
    """A delete that must delete nothing; no acknowledgement of it; the next push is taken."""
    @scenario(section, 'refused: ' + name)
    def _(lab):
        kek = lab.on()
        a, b = lab.teks
        old = kek.seq
        data = make(lab, a)
        before, seq = lab.spis(), kek.seq
        lab.wire.send(data)
        time.sleep(0.15)
        check(lab.spis() == before, 'keys change: %s' % hexes(lab.spis() ^ before))
        lab.still_works()
        return lab.unacked(kek, seq) if numbered and seq == old + 1 else None


harmless('a delete of DOI 1', lambda lab, a: dels(lab, delete([spi4(a)], doi=1)))
harmless('a delete of DOI 0', lambda lab, a: dels(lab, delete([spi4(a)], doi=0)))
harmless('a delete of protocol 9', lambda lab, a: dels(lab, delete([spi4(a)], protocol=9)))
harmless('a delete with SPIs of 3 octets', lambda lab, a: dels(lab, delete([spi4(a)[:3]])))
harmless('a delete with SPIs of 8 octets', lambda lab, a: dels(lab, delete([spi4(a) * 2])))
harmless('a delete with SPIs of 16 octets', lambda lab, a: dels(lab, delete([spi4(a) * 4])))
harmless('a delete with SPIs of 0 octets', lambda lab, a: dels(lab, delete([b''])))
harmless('a delete that counts one SPI too many', lambda lab, a: dels(lab, delete([spi4(a)], count=2)))
harmless('a delete that counts one SPI too few', lambda lab, a: dels(lab, delete([spi4(a), spi4(a)], count=1)))
harmless('a delete that counts none', lambda lab, a: dels(lab, delete([], size=4)))
harmless('a delete of a Rekey SA by four octets of its SPI',
         lambda lab, a: dels(lab, delete([lab.kek.spi[:4]], protocol=0)))
harmless('a delete cut in its header', lambda lab, a: dels(lab, delete([spi4(a)])[:6]))
harmless('a delete of one good and one bad payload',
         lambda lab, a: dels(lab, delete([spi4(a)]), delete([spi4(a)], doi=1)))
harmless('a delete beside an SA with a situation', lambda lab, a: (lambda t: lab.kek.push(
    [(DELETE, delete([spi4(a)])), (SA, sa(None, [t], situation=1)), (KD, kd(None, [t]))]))(tek('A')))
harmless('a delete without SEQ', lambda lab, a: lab.kek.push([], lead=[(DELETE, delete([spi4(a)]))]))
harmless('a delete signed by another', lambda lab, a: dels(lab, delete([spi4(a)]), signature=OTHER_SIGNER.sign(
    b'rekey', padding.PKCS1v15(), hashes.SHA256())))
harmless('a delete without a signature', lambda lab, a: dels(lab, delete([spi4(a)]), signature=''))
harmless('a delete of all under an old SEQ', lambda lab, a: (lab.push(lab.rekey([tek('A')])), dels(
    lab, delete([bytes(4)]), seq=lab.kek.seq - 1 if lab.kek.seq > 1 else 0))[1], numbered=False)


@scenario('6407 5.9', 'a delete of all AH deletes no ESP')
def _(lab):
    lab.on()
    before = lab.spis()
    lab.wire.send(dels(lab, delete([bytes(4)], protocol=2)))
    time.sleep(0.15)
    check(lab.spis() == before, 'keys change')
    lab.still_works()
    lab.settle()


@scenario('2408 5.15', 'a delete of ESP in clear, in an informational exchange, is ignored')
def _(lab):
    lab.on()
    before = lab.spis()
    k = lab.keys
    for doi in (1, 2):
        for spis, protocol in (([spi4(lab.teks[0])], 1), ([bytes(4)], 1), ([k.icookie + k.rcookie], 0), ([k.icookie + k.rcookie], 1)):
            lab.wire.send(message(k.icookie, k.rcookie, INFO, [(DELETE, delete(spis, protocol, doi))], 99))
            lab.wire.send(message(lab.kek.spi[:8], lab.kek.spi[8:], INFO, [(DELETE, delete(spis, protocol, doi))], 99))
    time.sleep(0.1)
    check(lab.spis() == before, 'keys change')
    lab.still_works()


@scenario('2408 5.15', 'a delete in an informational exchange with a wrong hash is ignored')
def _(lab):
    lab.on()
    before = lab.spis()
    lab.wire.send(lab.keys.informational([(DELETE, delete([bytes(4)]))], good=False))
    time.sleep(0.1)
    check(lab.spis() == before, 'keys change')


@scenario('2408 5.15', 'a delete of phase 1 by its peer: the keys of the group live on, the next registration begins anew')
def _(lab):
    lab.on()
    k = lab.keys
    before = lab.spis()
    lab.wire.send(k.informational([(DELETE, delete([k.icookie + k.rcookie], 1))]))
    time.sleep(0.15)
    check(lab.spis() == before, 'keys change')
    x = lab.begin()
    check(x is not None, 'the member goes on under the phase 1 that was deleted')
    kek = Kek(SIGNER, SERVER, MEMBER, ack=1)
    teks = [tek('A'), tek('B')]
    lab.finish(kek, teks)
