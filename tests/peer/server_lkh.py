# SPDX-License-Identifier: Apache-2.0
"""Key hierarchies (RFC 6407 5.6.3) that a key server of the peer's gives to our member and updates."""
import lkh
from member_lab import *
from scenario import check, scenario


class Tree:
    """Our member's path: leaf 4, node 2, root 1, and the nodes of others beside it."""

    def __init__(self, ack=1):
        self.path = [lkh.Node(4), lkh.Node(2), lkh.Node(1)]
        self.beside = [lkh.Node(5), lkh.Node(3)]
        self.kek = self.under(self.path[-1], ack)

    def under(self, root, ack=1):
        """The Rekey SA whose KEK is the root."""
        kek = Kek(SIGNER, SERVER, MEMBER, ack=ack)
        kek.iv, kek.key = root.data[:16], root.key
        return kek

    def download(self, *more, **options):
        return lkh.packet(self.kek.spi, lkh.download(self.path, **options), tlv(lkh.SIGNATURE_KEY, self.kek.public()), *more)


def registered(lab, ack=1):
    tree, teks = Tree(ack), [tek('A'), tek('B')]
    lab.register(tree.kek, teks, kd_=kd_body([tree.download()] + [t.packet() for t in teks]))
    return tree


def renew(lab, tree, new_root, *arrays, taken=True, ack=1, extra=()):
    """A push of a new Rekey SA whose KEK comes by these update arrays."""
    new = tree.under(new_root, ack)
    new.management = 1
    p = lkh.packet(new.spi, *arrays, tlv(lkh.SIGNATURE_KEY, new.public()))
    t = tek('A')
    lab.kek = tree.kek
    data = lab.kek.push([(SA, sa(new, [t])), (KD, kd_body([p, t.packet(), *extra]))])
    if taken:
        lab.push(data, spis={t.spi})
        lab.kek = tree.kek = new
        lab.still_works()
    else:
        lab.wire.send(data)
        time.sleep(0.15)
        lab.kek = new
        mark = lab.gm.mark()
        u = tek('A')
        lab.wire.send(lab.rekey([u]))
        time.sleep(0.15)
        check(u.spi not in lab.spis(), 'the new KEK is known')
        lab.kek = tree.kek


@scenario('6407 5.6.3.1', 'a pull with an LKH download array: its last key is the KEK')
def _(lab):
    registered(lab)
    lab.must_encrypt('A', lab.teks[0])
    lab.still_works()


@scenario('6407 5.6.3.2', 'an update from the leaf up: the last key is the new KEK')
def _(lab):
    tree = registered(lab)
    leaf, node, root = tree.path
    path = [node.renewed(), root.renewed()]
    renew(lab, tree, path[-1], lkh.update(leaf, path))


@scenario('6407 5.6.3.2', 'an update from the middle, then one from what it brought')
def _(lab):
    tree = registered(lab)
    leaf, node, root = tree.path
    one_ = root.renewed()
    renew(lab, tree, one_, lkh.update(node, [one_]))
    two = [node.renewed(), one_.renewed()]
    renew(lab, tree, two[-1], lkh.update(leaf, two))
    three = two[1].renewed()
    renew(lab, tree, three, lkh.update(two[0], [three]))


@scenario('6407 5.6.3.2', 'one update array of several is ours')
def _(lab):
    tree = registered(lab)
    leaf, node, root = tree.path
    new = [node.renewed(), root.renewed()]
    renew(lab, tree, new[1], lkh.update(tree.beside[1], [new[1]]), lkh.update(tree.beside[0], new), lkh.update(leaf, new))


@scenario('6407 7.4', 'an update that leaves our member out: it does not learn the new KEK; its traffic stays in')
def _(lab):
    tree = registered(lab)
    root = tree.path[2].renewed()
    renew(lab, tree, root, lkh.update(tree.beside[1], [root]), taken=False)
    lab.must_not_leak('A')
    lab.must_not_leak('B')


@scenario('6407 5.6.3.2', 'an update under a key handle that was before is not followed')
def _(lab):
    tree = registered(lab)
    leaf, node, root = tree.path
    old = node
    new = [node.renewed(), root.renewed()]
    renew(lab, tree, new[1], lkh.update(leaf, new))
    again = new[1].renewed()
    renew(lab, tree, again, lkh.update(old, [again]), taken=False)


def acknowledged(name, ack):
    @scenario('8263 2', 'acknowledged under the key of the leaf: ' + name)
    def _(lab):
        tree = registered(lab, ack)
        lab.kek = tree.kek
        t = tek('A')
        lab.push(lab.rekey([t]), spis={t.spi})
        # The base_key is the leaf's instead of the KEK.
        base = Kek(SIGNER, SERVER, MEMBER, ack=ack, spi=tree.kek.spi)
        base.key = tree.path[0].key
        check(lab.acked(tree.kek.seq, base), 'not acknowledged')


acknowledged('REKEY_ACK_LKH_SHA256', 2)
acknowledged('REKEY_ACK_LKH_SHA512', 4)


def refusal(section, name, make):
    @scenario(section, 'refused in a pull: ' + name)
    def _(lab):
        tree, teks = Tree(), [tek('A')]
        lab.refused(tree.kek, teks, kd_=kd_body(make(tree) + [t.packet() for t in teks]))


refusal('6407 5.6.3', 'two LKH packets', lambda t: [t.download(), t.download()])
refusal('6407 5.6.3.1', 'two download arrays', lambda t: [t.download(lkh.download(t.path))])
refusal('6407 5.6.3.1', 'a download array of version 2', lambda t: [t.download(version=2)])
refusal('6407 5.6.3.1', 'a download array that counts one key too many', lambda t: [t.download(count=4)])
refusal('6407 5.6.3.1', 'a download array that counts one key too few', lambda t: [t.download(count=2)])
refusal('6407 5.6.3.1', 'a download array that counts none', lambda t: [t.download(count=0)])
refusal('6407 5.6.3.1', 'a download array that counts 65535', lambda t: [t.download(count=65535)])
refusal('6407 5.6', 'an LKH packet of another SPI', lambda t: [lkh.packet(os.urandom(16), lkh.download(t.path),
                                                                      tlv(lkh.SIGNATURE_KEY, t.kek.public()))])
refusal('6407 5.6.3', 'an LKH packet without an array', lambda t: [lkh.packet(t.kek.spi, tlv(lkh.SIGNATURE_KEY, t.kek.public()))])
refusal('6407 5.6.3.3', 'an LKH packet without a key to check signatures with', lambda t: [lkh.packet(t.kek.spi, lkh.download(t.path))])


def cut(n):
    def make(t):
        whole = lkh.download(t.path)[4:]
        return [lkh.packet(t.kek.spi, tlv(lkh.DOWNLOAD, whole[:n]), tlv(lkh.SIGNATURE_KEY, t.kek.public()))]
    return make


for n in (0, 3, 4, 12, 30, 100):
    refusal('6407 5.6.3.1', 'a download array cut to %d octets' % n, cut(n))


def bad_update(name, make):
    @scenario('6407 5.6.3.2', 'not followed: ' + name)
    def _(lab):
        tree = registered(lab)
        root = tree.path[2].renewed()
        renew(lab, tree, root, *make(tree, root), taken=False)
        # The old one goes on.
        lab.still_works()


bad_update('an update array of version 2', lambda t, r: [lkh.update(t.path[1], [r], version=2)])
bad_update('an update array that counts one key too many', lambda t, r: [lkh.update(t.path[1], [r], count=2)])
bad_update('an update array that counts none', lambda t, r: [lkh.update(t.path[1], [r], count=0)])
bad_update('an update array under another handle', lambda t, r: [lkh.update(t.path[1], [r], handle=77)])
bad_update('an update array under another node', lambda t, r: [lkh.update(t.path[1], [r], ident=77)])
bad_update('an update array of a header alone', lambda t, r: [lkh.update(t.path[1], [])])
bad_update('an update array of nothing', lambda t, r: [tlv(lkh.UPDATE, b'')])
