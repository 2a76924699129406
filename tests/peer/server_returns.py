# SPDX-License-Identifier: Apache-2.0
"""Our member comes back by itself when its keys are deleted, after a time that it chooses at random; what it
had before does not count then (RFC 6407 3.3, 3.5, 5.9)."""
from member_lab import *
from scenario import check, scenario


def dels(lab, *bodies):
    return lab.kek.push([(DELETE, b) for b in bodies])


@scenario('6407 5.9', 'when all its keys are deleted, the member registers again, soon')
def _(lab):
    lab.fresh()
    lab.wire.forget()
    lab.wire.send(dels(lab, delete([bytes(4)])))
    lab.begin(clear=False, timeout=25)
    t = tek('A')
    kek = Kek(SIGNER, SERVER, MEMBER, ack=1)
    lab.finish(kek, [t])
    lab.must_encrypt('A', t)
    lab.kek = None


@scenario('6407 5.9', 'a delete of the Rekey SA: the member registers again, soon; the old one is dead')
def _(lab):
    lab.fresh()
    old = lab.kek
    lab.wire.forget()
    lab.wire.send(dels(lab, delete([old.spi], protocol=0)))
    lab.begin(clear=False, timeout=25)
    lab.push(lab.rekey(), taken=False)
    new, t = Kek(SIGNER, SERVER, MEMBER, ack=1), tek('A')
    lab.finish(new, [t])
    lab.still_works()


@scenario('6407 5.9', 'a clean slate: all TEKs and the Rekey SA, each by SPI 0')
def _(lab):
    lab.fresh()
    a, b = lab.teks
    old = lab.kek
    lab.wire.forget()
    lab.wire.send(dels(lab, delete([bytes(4)]), delete([bytes(16)], protocol=0)))
    for which in 'AB':
        lab.must_not_leak(which)
        lab.must_not_take_clear(which)
    check(not {a.spi, b.spi} & lab.spis(), 'the keys stay')
    lab.begin(clear=False, timeout=25)
    lab.kek = old
    mark = lab.gm.mark()
    lab.wire.send(lab.rekey())
    check(not lab.gm.logged('GM_RECV_REKEY', mark, 0.2), 'a push under the Rekey SA that was deleted is taken')
    new, t = Kek(SIGNER, SERVER, MEMBER, ack=1), tek('A')
    lab.finish(new, [t])
    lab.kek = None


@scenario('6407 3.3', 'a stale SEQ of a second pull does not turn the counter back')
def _(lab):
    kek = lab.fresh()
    replayed = lab.rekey([tek('A')])
    lab.push(replayed)
    kek.seq = 3
    lab.push(lab.rekey())
    lab.wire.forget()
    lab.wire.send(dels(lab, delete([bytes(4)])))
    lab.begin(clear=False, timeout=25)
    teks = [tek('A'), tek('B')]
    lab.finish(kek, teks, seq=0)
    lab.teks = teks
    lab.push(replayed, taken=False)
    lab.push(lab.rekey(seq=4), taken=False)
    kek.seq = 5
    lab.still_works()
