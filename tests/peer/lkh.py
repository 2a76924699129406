# SPDX-License-Identifier: Apache-2.0
"""LKH in key downloads (RFC 6407 5.6.3, RFC 2627 5.4): arrays of keys, and a member's path."""
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gdoi import KD_LKH, KEK_AES, key_packet
from isakmp import Malformed, tlv

DOWNLOAD, UPDATE, SIGNATURE_KEY = 1, 2, 3


class Node:
    """A key of the tree; data is the IV and the key."""

    def __init__(self, ident, handle=1, bits=128, data=None, kind=KEK_AES):
        self.ident, self.handle, self.kind = ident, handle, kind
        self.data = data or os.urandom(16 + bits // 8)

    @property
    def key(self):
        return self.data[16:]

    def renewed(self):
        return Node(self.ident, self.handle + 1, (len(self.data) - 16) * 8)

    def encrypt(self, data):
        e = Cipher(algorithms.AES(self.data[16:]), modes.CBC(self.data[:16])).encryptor()
        return e.update(data) + e.finalize()

    def decrypt(self, data):
        d = Cipher(algorithms.AES(self.data[16:]), modes.CBC(self.data[:16])).decryptor()
        return d.update(data) + d.finalize()


def lkh_key(node, data=None, dates=(0, 0)):
    return struct.pack('!HBBIII', node.ident, node.kind, 0, dates[0], dates[1], node.handle) + (data or node.data)


def download(path, version=1, count=None):
    """LKH_DOWNLOAD_ARRAY of a path, leaf first, the KEK last."""
    return tlv(DOWNLOAD, struct.pack('!BHB', version, len(path) if count is None else count, 0) +
               b''.join(lkh_key(n) for n in path))


def update(under, path, version=1, count=None, ident=None, handle=None):
    """LKH_UPDATE_ARRAY: the first new key under `under`, each other one under that before it."""
    out = struct.pack('!BHBHHI', version, len(path) if count is None else count, 0,
                      under.ident if ident is None else ident, 0, under.handle if handle is None else handle)
    for n in path:
        out += lkh_key(n, under.encrypt(n.data))
        under = n
    return tlv(UPDATE, out)


def packet(spi, *attributes_):
    return key_packet(KD_LKH, spi, b''.join(attributes_))


def read_keys(data, count):
    """[(ID, type, handle, key data)]; all keys of an array are of one length."""
    if not count or len(data) % count or len(data) // count < 16 + 32:
        raise Malformed('the keys of an LKH array')
    size = len(data) // count
    out = []
    for i in range(count):
        ident, kind, reserved, created, expires, handle = struct.unpack_from('!HBBIII', data, i * size)
        if reserved:
            raise Malformed('RESERVED of an LKH key')
        out.append((ident, kind, handle, data[i * size + 16:(i + 1) * size]))
    return out


class Path:
    """What a member holds: its nodes from the leaf to the KEK."""

    def __init__(self, array):
        version, count, reserved = struct.unpack_from('!BHB', array)
        if version != 1 or reserved:
            raise Malformed('the header of an LKH download array')
        self.nodes = [Node(i, h, data=d, kind=k) for i, k, h, d in read_keys(array[4:], count)]

    def follow(self, array):
        """Takes an update array; False when it begins at no node of ours."""
        version, count, reserved, ident, reserved2, handle = struct.unpack_from('!BHBHHI', array)
        if version != 1 or reserved or reserved2:
            raise Malformed('the header of an LKH update array')
        for at, n in enumerate(self.nodes):
            if (n.ident, n.handle) == (ident, handle):
                break
        else:
            return False
        # "Keys along the path of the key tree in order from the LKH ID, culminating in the group KEK": all
        # that was above is replaced, and a tree may have grown.
        under, above = n, []
        for i, k, h, data in read_keys(array[12:], count):
            under = Node(i, h, data=under.decrypt(data), kind=k)
            above.append(under)
        self.nodes[at + 1:] = above
        return True

    @property
    def leaf(self):
        return self.nodes[0]

    @property
    def root(self):
        return self.nodes[-1]
