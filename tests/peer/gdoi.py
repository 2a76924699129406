# SPDX-License-Identifier: Apache-2.0
"""GDOI (RFC 6407): the registration, the rekey message and its acknowledgement (RFC 8263), each from
both sides, and the payloads they carry."""
import hashlib
import hmac
import os
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from isakmp import *
from phase1 import AES, AES_OR_3DES, Failed, raw_sign, raw_verify

# Key packets (RFC 6407 5.6)
KD_TEK, KD_KEK, KD_LKH, KD_SID = 1, 2, 3, 4
# KEK attributes (5.3, RFC 8263 2)
K_MANAGEMENT, K_ALGORITHM, K_LENGTH, K_LIFE, K_HASH, K_SIG, K_SIG_LENGTH, K_ACK = 1, 2, 3, 4, 5, 6, 7, 9
KEK_3DES, KEK_AES = 2, 3
SIG_HASHES = {1: hashes.MD5, 2: hashes.SHA1, 3: hashes.SHA256, 4: hashes.SHA384, 5: hashes.SHA512}
# Group associated policy (5.4)
ATD, DTD, SID_REQUEST = 1, 2, 3
# IPsec attributes (RFC 2407 4.5, RFC 6407 5.5.1.1)
T_LIFE_TYPE, T_LIFE, T_GROUP, T_MODE, T_AUTH, T_LENGTH = 1, 2, 3, 4, 5, 6
T_ADDRESS, T_DIRECTION = 14, 15
# ESP transforms and authentication algorithms (IANA)
E_3DES, E_NULL, E_AES, E_GCM16, E_GMAC = 3, 11, 12, 20, 23
A_SHA1, A_SHA256, A_SHA384, A_SHA512 = 2, 5, 6, 7
MAC_SIZE = {A_SHA1: 20, A_SHA256: 32, A_SHA384: 48, A_SHA512: 64}


def u32(n):
    return struct.pack('!I', n)


def selector(kind, data, port=0):
    return struct.pack('!BHB', kind, port, len(data)) + data


def net(text, port=0):
    """An address, or a subnet "10.0.0.0/8", as the identities in SAK and SAT have it."""
    address, _, bits = text.partition('/')
    if not bits:
        return selector(ID_IPV4, ipv4(address), port)
    mask = (0xffffffff << (32 - int(bits))) & 0xffffffff
    return selector(ID_SUBNET, ipv4(address) + u32(mask), port)


class Tek:
    """A data-security SA: its SAT and its key packet (RFC 6407 5.5, 5.6.1)."""

    def __init__(self, src, dst, spi=None, transform=E_AES, bits=128, auth=A_SHA1, life=3600,
                 protocol=0, sport=0, dport=0, extra=b'', address=None, direction=None, mode=1,
                 proto_id=1, key=None, integrity=None, gmac_as_integrity=False):
        self.src, self.dst, self.protocol, self.sport, self.dport = src, dst, protocol, sport, dport
        self.spi = spi if spi is not None else 0x10000 | int.from_bytes(os.urandom(3), 'big') << 8
        self.transform, self.bits, self.auth, self.life = transform, bits, auth, life
        self.extra, self.address, self.direction, self.mode = extra, address, direction, mode
        self.proto_id, self.gmac_as_integrity = proto_id, gmac_as_integrity
        if transform in (E_GCM16, E_GMAC):
            self.auth = None
            size = bits // 8 + 4
        else:
            size = {E_AES: bits // 8, E_3DES: 24, E_NULL: 0}.get(transform, bits // 8)
        self.key = os.urandom(size) if key is None else key
        self.integrity = integrity if integrity is not None else \
            os.urandom(MAC_SIZE[self.auth]) if self.auth in MAC_SIZE else b''

    @property
    def counter(self):
        return self.transform in (E_GCM16, E_GMAC)

    def attributes(self):
        out = b''
        if self.life is not None:
            out += tv(T_LIFE_TYPE, 1) + tlv(T_LIFE, u32(self.life))
        if self.mode is not None:
            out += tv(T_MODE, self.mode)
        if self.auth is not None:
            out += tv(T_AUTH, self.auth)
        if self.transform in (E_AES, E_GCM16, E_GMAC):
            out += tv(T_LENGTH, self.bits)
        if self.address is not None:
            out += tv(T_ADDRESS, self.address)
        if self.direction is not None:
            out += tv(T_DIRECTION, self.direction)
        return out + self.extra

    def sat(self):
        return bytes([self.proto_id, self.protocol]) + net(self.src, self.sport) + \
            net(self.dst, self.dport) + bytes([self.transform]) + u32(self.spi) + self.attributes()

    def packet(self, extra=b''):
        data = b''
        if self.key:
            data += tlv(2 if self.gmac_as_integrity else 1, self.key)
        if self.integrity:
            data += tlv(2, self.integrity)
        return key_packet(KD_TEK, u32(self.spi), data + extra)


def key_packet(kind, spi, data, length=None):
    return struct.pack('!BBHB', kind, 0, 5 + len(spi) + len(data) if length is None else length,
                       len(spi)) + spi + data


def kd_body(packets, count=None):
    return struct.pack('!HH', len(packets) if count is None else count, 0) + b''.join(packets)


def sa_body(attributes_, doi=DOI_GDOI, situation=0, first=None):
    """The body of an SA payload around [(SAK, body), (GAP, body), (SAT, body)...] (RFC 6407 5.2)."""
    if first is None:
        first = attributes_[0][0] if attributes_ else 0
    return struct.pack('!IIHH', doi, situation, first, 0) + chain(attributes_)


def gap(atd=None, dtd=None, extra=b''):
    out = b'' if atd is None else tv(ATD, atd)
    if dtd is not None:
        out += tv(DTD, dtd)
    return out + extra


class Kek:
    """A Rekey SA: its SAK, its key packet, and the messages under it (RFC 6407 4, 5.3, 5.6.2)."""

    def __init__(self, signer, src, dst, algorithm=KEK_AES, bits=128, hash=3, life=86400, ack=None,
                 port=PORT, extra=b'', spi=None, management=None):
        self.signer, self.src, self.dst, self.port = signer, src, dst, port
        self.algorithm, self.bits, self.hash, self.life, self.ack = algorithm, bits, hash, life, ack
        self.extra, self.management = extra, management
        self.spi = spi or os.urandom(16)
        self.block = 16 if algorithm == KEK_AES else 8
        self.iv = os.urandom(self.block)
        self.key = os.urandom(bits // 8 if algorithm == KEK_AES else 24)
        self.seq = 0

    def attributes(self):
        out = b'' if self.management is None else tv(K_MANAGEMENT, self.management)
        out += tv(K_ALGORITHM, self.algorithm)
        if self.algorithm == KEK_AES:
            out += tv(K_LENGTH, self.bits)
        if self.life is not None:
            out += tlv(K_LIFE, u32(self.life))
        out += tv(K_HASH, self.hash) + tv(K_SIG, 1) + tv(K_SIG_LENGTH, self.signer.key_size)
        if self.ack is not None:
            out += tv(K_ACK, self.ack)
        return out + self.extra

    def sak(self, spi=None):
        return b'\x11' + net(self.src, self.port) + net(self.dst, self.port) + \
            (self.spi if spi is None else spi) + bytes(4) + self.attributes()

    def public(self):
        return self.signer.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def packet(self, signature=True):
        data = tlv(1, self.iv + self.key)
        if signature:
            data += tlv(2, self.public())
        return key_packet(KD_KEK, self.spi, data)

    def cipher(self):
        return Cipher(AES_OR_3DES[AES if self.algorithm == KEK_AES else 5](self.key), modes.CBC(self.iv))

    def encrypt(self, plain, pad=None):
        if pad is None:
            pad = b'\0' * (-len(plain) % self.block)
        e = self.cipher().encryptor()
        return e.update(plain + pad) + e.finalize()

    def sign(self, data, bare=False):
        algorithm = SIG_HASHES[self.hash]
        if bare:
            return raw_sign(self.signer, hashlib.new(algorithm.name.replace('-', ''), data).digest())
        return self.signer.sign(data, padding.PKCS1v15(), algorithm())

    def next(self):
        self.seq += 1
        return self.seq

    def push(self, payloads=(), seq=None, signature=None, bare=False, pad=None, tail=b'', prefix=b'rekey',
             header=None, lead=()):
        """A rekey message of SEQ and these payloads, signed and encrypted. `header` changes the header
        before it is signed, `lead` replaces SEQ, `signature` the signature ('' leaves SIG out)."""
        if seq is None and not lead:
            seq = self.next()
        inner = list(lead) or [(SEQ, u32(seq))]
        inner += list(payloads)
        size = (self.signer.key_size + 7) // 8
        first = inner[0][0]
        body = chain(inner)
        if signature != '':
            body = chain(inner + [(SIG, b'')])[:-4]
            total = 28 + len(body) + 4 + size
        else:
            total = 28 + len(body)
        head = Header(self.spi[:8], self.spi[8:], first, PUSH, ENCRYPTED, 0, total)
        if header is not None:
            header(head)
        if signature != '':
            if signature is None:
                signature = self.sign(prefix + head.pack() + body, bare)
            body += payload(0, signature)
        data = self.encrypt(body + tail, pad)
        return head.pack(28 + len(data)) + data

    def ack_key(self, bits=None):
        """RFC 8263 3.2. L is "the number of bits in the ack_key", and "512 bits for PRF-HMAC-SHA-256": that
        is the ack_key filled up to the block of the prf."""
        algorithm = 'sha256' if self.ack in (1, 2) else 'sha512'
        bits = bits or (512 if algorithm == 'sha256' else 1024)
        return hmac.new(self.key, b'GROUPKEY-PUSH ACK\0' + self.spi + struct.pack('!H', bits), algorithm).digest()

    def ack_message(self, seq, address, good=True, spi=None, ident=None, key=None, payloads=None):
        body = [(SEQ, u32(seq)), (ID, ident or identity(ID_IPV4, ipv4(address)))]
        rest = chain(body) if payloads is None else chain(payloads)
        algorithm = 'sha256' if self.ack in (1, 2, None) else 'sha512'
        digest = hmac.new(key or self.ack_key(), rest, algorithm).digest()
        if not good:
            digest = digest[:-1] + bytes([digest[-1] ^ 1])
        spi = spi or self.spi
        return message(spi[:8], spi[8:], PUSH_ACK, [(HASH, digest)] + (body if payloads is None else payloads))

    def check_ack(self, data):
        """The sequence number and address of a good acknowledgement (RFC 8263 3)."""
        h = Header.parse(data)
        if h.exchange != PUSH_ACK or h.icookie + h.rcookie != self.spi or h.flags or h.mid or \
                h.version != 0x10 or h.length != len(data) or h.first != HASH:
            raise Malformed('the header of an acknowledgement')
        p = unchain(HASH, data[28:])
        if [k for k, _ in p] != [HASH, SEQ, ID]:
            raise Malformed('the payloads of an acknowledgement')
        algorithm = 'sha256' if self.ack in (1, 2) else 'sha512'
        if not any(hmac.new(self.ack_key(bits), chain(p[1:]), algorithm).digest() == p[0][1]
                   for bits in ((256, 512) if algorithm == 'sha256' else (512, 1024))):
            raise Failed('the hash of an acknowledgement')
        if len(p[1][1]) != 4 or p[2][1][:4] != b'\1\0\0\0' or len(p[2][1]) != 8:
            raise Malformed('SEQ or ID of an acknowledgement')
        return int.from_bytes(p[1][1], 'big'), '.'.join(str(b) for b in p[2][1][4:])


# What a member reads

def sa_attributes(body):
    """(DOI, situation, [(SAK, body), (GAP, body), (SAT, body)...]) of an SA payload"""
    doi, situation, first, reserved = struct.unpack_from('!IIHH', body)
    if reserved:
        raise Malformed('RESERVED2 of an SA payload')
    return doi, situation, unchain(first, body[12:])


def take_selector(data):
    kind, port, size = struct.unpack_from('!BHB', data)
    if len(data) < 4 + size:
        raise Malformed('an identity')
    return (kind, port, data[4:4 + size]), data[4 + size:]


class ReadSak:
    def __init__(self, body):
        self.protocol = body[0]
        self.src, rest = take_selector(body[1:])
        self.dst, rest = take_selector(rest)
        self.spi = rest[:16]
        if len(rest) < 20 or any(rest[16:20]):
            raise Malformed('a SAK')
        self.attributes = dict(attributes(rest[20:]))


class ReadSat:
    def __init__(self, body):
        self.proto_id, self.protocol = body[0], body[1]
        self.src, rest = take_selector(body[2:])
        self.dst, rest = take_selector(rest)
        self.transform, self.spi = struct.unpack_from('!BI', rest)
        self.list = attributes(rest[5:])
        self.attributes = dict(self.list)

    def tek(self, packet):
        """A Tek that encrypts as this SAT and its key packet say."""
        keys = dict(packet)
        def text(s):
            address = '.'.join(str(b) for b in s[2][:4])
            return address if s[0] == ID_IPV4 else \
                '%s/%d' % (address, bin(int.from_bytes(s[2][4:], 'big')).count('1'))
        bits = number(self.attributes.get(T_LENGTH, 0))
        tek = Tek(text(self.src), text(self.dst), self.spi, self.transform, bits,
                  self.attributes.get(T_AUTH), protocol=self.protocol, key=b'', integrity=b'')
        if tek.counter:
            tek.key = keys.get(2) or keys.get(1)
            tek.gmac_as_integrity = 2 in keys
        else:
            tek.key, tek.integrity = keys.get(1, b''), keys.get(2, b'')
        return tek


def key_packets(body):
    """[(type, SPI, attributes)] of a KD payload"""
    count, reserved = struct.unpack_from('!HH', body)
    out, data = [], body[4:]
    for _ in range(count):
        kind, _, length, size = struct.unpack_from('!BBHB', data)
        if length < 5 + size or length > len(data):
            raise Malformed('a key packet')
        out.append((kind, data[5:5 + size], attributes(data[5 + size:length])))
        data = data[length:]
    if data:
        raise Malformed('octets after the last key packet')
    return out


class Policy:
    """What a registration or a rekey has brought: sak, gap, sats, and their keys."""

    def __init__(self, sa, kd, seq=None):
        self.doi, self.situation, parts = sa_attributes(sa)
        self.order = [k for k, _ in parts]
        self.sak = next((ReadSak(b) for k, b in parts if k == SAK), None)
        self.gap = next((attributes(b) for k, b in parts if k == GAP), None)
        self.sats = [ReadSat(b) for k, b in parts if k == SAT]
        self.packets = key_packets(kd) if kd is not None else []
        self.seq = seq

    def key(self, kind, spi):
        return next((a for k, s, a in self.packets if k == kind and s == spi), None)

    def teks(self):
        return [s.tek(self.key(KD_TEK, u32(s.spi)) or []) for s in self.sats]

    @property
    def sids(self):
        return [int.from_bytes(v, 'big') for k, _, a in self.packets if k == KD_SID for t, v in a if t == 2]

    @property
    def sid_bits(self):
        return next((v for k, _, a in self.packets if k == KD_SID for t, v in a if t == 1), None)

    def kek(self):
        """The Rekey SA as one who may read its messages and acknowledge them; it cannot sign."""
        a = self.sak.attributes
        bits = number(a.get(K_LENGTH, 192))
        k = Kek.__new__(Kek)
        k.algorithm, k.bits, k.hash = a[K_ALGORITHM], bits, a.get(K_HASH)
        k.ack, k.spi = a.get(K_ACK), self.sak.spi
        k.block = 16 if k.algorithm == KEK_AES else 8
        got = dict(self.key(KD_KEK, k.spi))
        k.iv, k.key = got[1][:k.block], got[1][k.block:]
        k.seq = self.seq or 0
        k.verifier = serialization.load_der_public_key(got[2])
        return k


def open_push(kek, data):
    """(sequence number, payloads) of a rekey message, its form and its signature checked."""
    h = Header.parse(data)
    if h.exchange != PUSH or h.icookie + h.rcookie != kek.spi or h.flags != ENCRYPTED or h.mid or \
            h.version != 0x10 or h.length != len(data):
        raise Malformed('the header of a rekey message')
    d = kek.cipher().decryptor()
    plain = d.update(data[28:]) + d.finalize()
    payloads = unchain(h.first, plain, padded=True)
    if payloads[0][0] != SEQ or payloads[-1][0] != SIG or len(payloads[0][1]) != 4:
        raise Malformed('the payloads of a rekey message')
    size = len(chain(payloads))
    signed = chain(payloads)[:size - 4 - len(payloads[-1][1])]
    signed = b'rekey' + h.pack(28 + size) + signed
    algorithm = SIG_HASHES[kek.hash]
    try:
        kek.verifier.verify(payloads[-1][1], signed, padding.PKCS1v15(), algorithm())
    except InvalidSignature:
        if not raw_verify(kek.verifier, payloads[-1][1], hashlib.new(algorithm.name, signed).digest()):
            raise Failed('the signature of a rekey message')
    return int.from_bytes(payloads[0][1], 'big'), payloads[1:-1]


class MemberPull:
    """A registration, as a member does it (RFC 6407 3.2)."""

    def __init__(self, keys, wire, group, nonce=20, hook=None, gap=None, ident=None):
        self.k, self.wire, self.gap = keys, wire, gap
        self.ni = nonce if isinstance(nonce, bytes) else os.urandom(nonce)
        self.ident = ident or identity(ID_KEY_ID, u32(group))
        self.mid = int.from_bytes(os.urandom(4), 'big') | 1
        self.hook = hook or (lambda n, p: p)
        self.sent = {}

    def send(self, n, payloads, digest_of):
        digest = self.k.prf(self.k.a, u32(self.mid) + digest_of + chain(payloads))
        payloads = self.hook(n, [(HASH, digest)] + payloads)
        if payloads is None:
            return
        data = payloads if isinstance(payloads, bytes) else \
            self.k.seal(PULL, payloads[0][0], chain(payloads), self.mid)
        self.sent[n] = data
        self.wire.send(data)

    def take(self, timeout, digest_of):
        cookies = self.k.icookie + self.k.rcookie
        data = self.wire.receive(lambda d: len(d) > 28 and d[:16] == cookies and d[18] == PULL and
                                 d[20:24] == u32(self.mid), timeout)
        if data is None:
            raise Failed('no answer in the registration')
        header, payloads, _ = self.k.open(data)
        if header.flags != ENCRYPTED or payloads[0][0] != HASH:
            raise Malformed('an answer in the registration')
        if payloads[0][1] != self.k.prf(self.k.a, u32(self.mid) + digest_of + chain(payloads[1:])):
            raise Failed('the hash of an answer in the registration')
        return payloads[1:]

    def first(self, timeout=5.0):
        self.send(1, [(NONCE, self.ni), (ID, self.ident)], b'')
        self.answer = self.take(timeout, self.ni)
        if [k for k, _ in self.answer] != [NONCE, SA]:
            raise Malformed('payloads of message 2')
        self.nr = self.answer[0][1]
        return Policy(self.answer[1][1], None)

    def second(self, timeout=5.0):
        self.send(3, [] if self.gap is None else [(GAP, self.gap)], self.ni + self.nr)
        payloads = self.take(timeout, self.ni + self.nr)
        kinds = [k for k, _ in payloads]
        if kinds not in ([KD], [SEQ, KD]):
            raise Malformed('payloads of message 4')
        seq = one(payloads, SEQ)
        if seq is not None and len(seq) != 4:
            raise Malformed('SEQ of message 4')
        return Policy(self.answer[1][1], one(payloads, KD), None if seq is None else int.from_bytes(seq, 'big'))

    def run(self, timeout=5.0):
        self.first(timeout)
        return self.second(timeout)


class ServerPull:
    """A registration, as a key server answers it."""

    def __init__(self, keys, wire, sa, kd, seq=0, nonce=20, hook=None, packets_after=()):
        self.k, self.wire, self.sa, self.kd, self.seq = keys, wire, sa, kd, seq
        self.nr = nonce if isinstance(nonce, bytes) else os.urandom(nonce)
        self.hook = hook or (lambda n, p: p)
        self.gap = None

    def mine(self, d):
        """Whether a datagram is the next message of this exchange."""
        return len(d) > 28 and d[:16] == self.k.icookie + self.k.rcookie and d[18] == PULL and \
            (self.mid is None or d[20:24] == u32(self.mid)) and d not in self.seen

    def take(self, timeout, digest_of):
        data = self.wire.receive(self.mine, timeout)
        if data is None:
            raise Failed('the member sends nothing in the registration')
        self.seen.append(data)
        header, payloads, _ = self.k.open(data)
        self.mid = header.mid
        if payloads[0][0] != HASH or payloads[0][1] != self.k.prf(
                self.k.a, u32(self.mid) + digest_of + chain(payloads[1:])):
            raise Failed('the hash of a message of the registration')
        return payloads[1:]

    def send(self, n, payloads, digest_of):
        payloads = self.hook(n, payloads)
        if payloads is None:
            return
        if not isinstance(payloads, bytes):
            digest = self.k.prf(self.k.a, u32(self.mid) + digest_of + chain(payloads))
            payloads = self.k.seal(PULL, HASH, chain([(HASH, digest)] + payloads), self.mid)
        self.wire.send(payloads)

    def run(self, timeout=2.0):
        self.first(timeout)
        self.second(timeout)

    def first(self, timeout=2.0):
        self.mid, self.seen = None, []
        payloads = self.take(timeout, b'')
        if [k for k, _ in payloads] != [NONCE, ID]:
            raise Malformed('payloads of message 1')
        self.ni, self.ident = payloads[0][1], payloads[1][1]
        self.send(2, [(NONCE, self.nr), (SA, self.sa)], self.ni)

    def second(self, timeout=2.0):
        payloads = self.take(timeout, self.ni + self.nr)
        if [k for k, _ in payloads] not in ([], [GAP]):
            raise Malformed('payloads of message 3')
        self.gap = one(payloads, GAP)
        answer = [] if self.seq is None else [(SEQ, u32(self.seq))]
        self.send(4, answer + [(KD, self.kd)], self.ni + self.nr)
