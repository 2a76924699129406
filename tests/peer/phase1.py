# SPDX-License-Identifier: Apache-2.0
"""Phase 1 (RFC 2409): main mode with pre-shared keys, RSA signatures or ECDSA (RFC 4754), in both roles, and
the encrypted exchanges that follow under it.

What goes out passes `hook(message number, payloads)`, by which a scenario changes it: what it returns
is sent instead, and None sends nothing.
"""
import hashlib
import hmac
import os
import struct

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding
try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:
    TripleDES = algorithms.TripleDES

from isakmp import *

# RFC 2409 6.2 and RFC 3526 3
PRIMES = {
    2: int('FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879'
           '8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B'
           '0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF', 16),
    14: int('FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879'
            '8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B'
            '0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA4836'
            '1C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804'
            'F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6'
            '955817183995497CEA956AE515D2261898FA051015728E5A8AACAA68FFFFFFFFFFFFFFFF', 16),
}
# RFC 2409 appendix A: attributes and values
A_CIPHER, A_HASH, A_AUTH, A_GROUP, A_LIFE_TYPE, A_LIFE, A_KEY_LENGTH = 1, 2, 3, 4, 11, 12, 14
PSK, RSA_SIG, ECDSA_256, ECDSA_384, ECDSA_521 = 1, 3, 9, 10, 11
# RFC 4754 4 and 7: the hash of a curve, and the octets of r and of s
ECDSA = {ECDSA_256: (hashes.SHA256(), 32), ECDSA_384: (hashes.SHA384(), 48), ECDSA_521: (hashes.SHA512(), 66)}
HASHES = {1: 'md5', 2: 'sha1', 4: 'sha256', 5: 'sha384', 6: 'sha512'}
DES3, AES = 5, 7


class Failed(Exception):
    """The other side did not do what was expected of it."""


class Suite:
    """What a transform of phase 1 says."""

    def __init__(self, cipher=AES, bits=128, hash=2, auth=PSK, group=2, life=86400):
        self.cipher, self.bits, self.hash, self.auth = cipher, bits if cipher == AES else 0, hash, auth
        self.group, self.life = group, life

    def attributes(self):
        out = tv(A_CIPHER, self.cipher) + tv(A_HASH, self.hash) + tv(A_AUTH, self.auth)
        out += tv(A_GROUP, self.group) + tv(A_LIFE_TYPE, 1) + tlv(A_LIFE, struct.pack('!I', self.life))
        if self.cipher == AES:
            out += tv(A_KEY_LENGTH, self.bits)
        return out

    @classmethod
    def parse(cls, data):
        a = {k: number(v) for k, v in attributes(data)}
        return cls(a.get(A_CIPHER), a.get(A_KEY_LENGTH, 0), a.get(A_HASH), a.get(A_AUTH),
                   a.get(A_GROUP), a.get(A_LIFE))

    def same(self, other):
        return vars(self) == vars(other)


def transform(suite, index, last, ident=1):
    """A transform of a suite; or one that was received, as it was."""
    if not isinstance(suite, bytes):
        suite = struct.pack('!BBH', index, ident, 0) + suite.attributes()
    return payload(0 if last else TRANSFORM, suite)


def offer_body(suites, doi=DOI_GDOI, situation=0, protocol=1, spi=b''):
    """The body of the SA payload of message 1 or 2 (RFC 2408 3.4 to 3.6)."""
    transforms = b''.join(transform(s, i + 1, i + 1 == len(suites)) for i, s in enumerate(suites))
    proposal = struct.pack('!BBBB', 1, protocol, len(spi), len(suites) & 255) + spi + transforms
    return struct.pack('!II', doi, situation) + payload(0, proposal)


def offer_suites(body):
    """(DOI, situation, [(a transform payload's body, its suite)])"""
    doi, situation = struct.unpack_from('!II', body)
    out = []
    for kind, proposal in unchain(PROPOSAL, body[8:]):
        number_, protocol, size, count = struct.unpack_from('!BBBB', proposal)
        for _, t in unchain(TRANSFORM, proposal[4 + size:]):
            out.append((t, Suite.parse(t[4:])))
    return doi, situation, out


def raw_sign(key, digest):
    """PKCS #1 type 1 of the bare hash (RFC 2409 5.1)."""
    n = key.private_numbers()
    size = (n.public_numbers.n.bit_length() + 7) // 8
    m = int.from_bytes(b'\0\1' + b'\xff' * (size - 3 - len(digest)) + b'\0' + digest, 'big')
    p, q = pow(m, n.dmp1, n.p), pow(m, n.dmq1, n.q)
    return (q + n.q * ((p - q) * n.iqmp % n.p)).to_bytes(size, 'big')


def raw_verify(key, signature, digest):
    n = key.public_numbers()
    size = (n.n.bit_length() + 7) // 8
    got = pow(int.from_bytes(signature, 'big'), n.e, n.n).to_bytes(size, 'big')
    return got == b'\0\1' + b'\xff' * (size - 3 - len(digest)) + b'\0' + digest


def ecdsa_sign(method, key, digest):
    """r and s (RFC 4754 7)"""
    h, size = ECDSA[method]
    return b''.join(n.to_bytes(size, 'big') for n in decode_dss_signature(key.sign(digest, ec.ECDSA(Prehashed(h)))))


def ecdsa_verify(method, key, signature, digest):
    h, size = ECDSA[method]
    if len(signature) != 2 * size:
        return False
    r, s = int.from_bytes(signature[:size], 'big'), int.from_bytes(signature[size:], 'big')
    try:
        key.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(h)))
        return True
    except InvalidSignature:
        return False


class Keys:
    """An ISAKMP SA: what both sides have computed."""

    def __init__(self, suite, icookie, rcookie):
        self.suite, self.icookie, self.rcookie = suite, icookie, rcookie
        self.hash = HASHES[suite.hash]
        self.block = 16 if suite.cipher == AES else 8
        self.ivs = {}

    def prf(self, key, data):
        return hmac.new(key, data, self.hash).digest()

    def proof(self, data):
        """HASH_I and HASH_R: by the hash of the signature, where it has one (RFC 2409 5.1)"""
        name = ECDSA[self.suite.auth][0].name if self.suite.auth in ECDSA else self.hash
        return hmac.new(self.skeyid, data, name).digest()

    def digest(self, data):
        return hashlib.new(self.hash, data).digest()

    def derive(self, shared, ni, nr, psk, gxi, gxr):
        cookies = self.icookie + self.rcookie
        self.skeyid = self.prf(psk, ni + nr) if psk is not None else self.prf(ni + nr, shared)
        self.d = self.prf(self.skeyid, shared + cookies + b'\0')
        self.a = self.prf(self.skeyid, self.d + shared + cookies + b'\1')
        self.e = self.prf(self.skeyid, self.a + shared + cookies + b'\2')
        size = self.suite.bits // 8 if self.suite.cipher == AES else 24
        key = self.e
        if len(key) < size:
            k = key = self.prf(self.e, b'\0')
            while len(key) < size:
                k = self.prf(self.e, k)
                key += k
        self.key = key[:size]
        self.last = self.digest(gxi + gxr)[:self.block]

    def cipher(self, iv):
        return Cipher(AES_OR_3DES[self.suite.cipher](self.key), modes.CBC(iv))

    def iv(self, mid):
        if mid == 0:
            return self.last
        return self.ivs.get(mid) or self.digest(self.last + struct.pack('!I', mid))[:self.block]

    def keep(self, mid, block):
        if mid == 0:
            self.last = block
        else:
            self.ivs[mid] = block

    def seal(self, exchange, first, plain, mid=0, flags=ENCRYPTED, pad=None):
        """An encrypted message of these payload octets."""
        if pad is None:
            pad = b'\0' * (-len(plain) % self.block)
        encryptor = self.cipher(self.iv(mid)).encryptor()
        data = encryptor.update(plain + pad) + encryptor.finalize()
        self.keep(mid, data[-self.block:])
        return Header(self.icookie, self.rcookie, first, exchange, flags, mid).pack(28 + len(data)) + data

    def open(self, data):
        """(header, payloads, the plain octets)"""
        header = Header.parse(data)
        if header.length != len(data) or (len(data) - 28) % self.block or len(data) == 28:
            raise Malformed('length of an encrypted message')
        decryptor = self.cipher(self.iv(header.mid)).decryptor()
        plain = decryptor.update(data[28:]) + decryptor.finalize()
        payloads = unchain(header.first, plain, padded=True)
        self.keep(header.mid, data[-self.block:])
        return header, payloads, plain

    def informational(self, payloads, mid=None, good=True):
        """An informational exchange with its hash (RFC 2409 5.7)."""
        mid = mid or int.from_bytes(os.urandom(4), 'big') | 1
        digest = self.prf(self.a, struct.pack('!I', mid) + chain(payloads))
        if not good:
            digest = bytes(len(digest))
        return self.seal(INFO, HASH, chain([(HASH, digest)] + payloads), mid)

    def open_informational(self, data):
        header, payloads, plain = self.open(data)
        if not payloads or payloads[0][0] != HASH:
            raise Malformed('an informational exchange without a hash')
        rest = payloads[1:]
        if payloads[0][1] != self.prf(self.a, struct.pack('!I', header.mid) + chain(rest)):
            raise Malformed('the hash of an informational exchange')
        return rest


AES_OR_3DES = {AES: algorithms.AES, DES3: TripleDES}


class Exchange:
    """Main mode, one side of it (RFC 2409 5.1, 5.4)."""

    def __init__(self, wire, suites=None, psk=None, key=None, cert=None, anchors=None, me=None, doi=DOI_GDOI,
                 hook=None, nonce=20, vid=None, contact=False):
        self.wire, self.suites, self.psk = wire, suites or [Suite()], psk
        self.private, self.cert, self.me, self.doi = key, cert, me, doi
        self.anchors = anchors
        self.hook = hook or (lambda number_, payloads: payloads)
        self.nonce, self.vid, self.contact = os.urandom(nonce), vid or [], contact
        self.peer_vids, self.peer_id, self.notified, self.sent = [], None, [], {}

    def send_clear(self, number_, payloads, icookie, rcookie):
        payloads = self.hook(number_, payloads)
        if payloads is not None:
            data = payloads if isinstance(payloads, bytes) else \
                message(icookie, rcookie, MAIN, payloads)
            self.sent[number_] = data
            self.wire.send(data)

    def send_sealed(self, number_, payloads):
        payloads = self.hook(number_, payloads)
        if payloads is not None:
            data = payloads if isinstance(payloads, bytes) else \
                self.keys.seal(MAIN, payloads[0][0], chain(payloads))
            self.sent[number_] = data
            self.wire.send(data)

    def take(self, mine, timeout=2.0):
        """The next main mode message that `mine` says is ours."""
        data = self.wire.receive(lambda d: len(d) >= 28 and d[18] == MAIN and mine(d), timeout)
        if data is None:
            raise Failed('no answer in main mode')
        header = Header.parse(data)
        if header.length != len(data):
            raise Malformed('length of a main mode message')
        if header.version != 0x10 or header.mid:
            raise Malformed('header of a main mode message')
        return header, data

    def exponent(self, suite):
        p = PRIMES[suite.group]
        x = int.from_bytes(os.urandom(40), 'big')
        size = (p.bit_length() + 7) // 8
        return x, pow(2, x, p).to_bytes(size, 'big')

    def shared(self, suite, x, other):
        p = PRIMES[suite.group]
        size = (p.bit_length() + 7) // 8
        if len(other) != size:
            raise Malformed('a public value of %d octets' % len(other))
        return pow(int.from_bytes(other, 'big'), x, p).to_bytes(size, 'big')

    def proof(self, initiator, ident):
        k = self.keys
        first, second = (self.gxi, self.gxr) if initiator else (self.gxr, self.gxi)
        a, b = (k.icookie, k.rcookie) if initiator else (k.rcookie, k.icookie)
        return k.proof(first + second + a + b + self.sai + ident)

    def sign(self, digest):
        method = self.keys.suite.auth
        return ecdsa_sign(method, self.private, digest) if method in ECDSA else raw_sign(self.private, digest)

    def verify(self, key, signature, digest):
        method = self.keys.suite.auth
        return ecdsa_verify(method, key, signature, digest) if method in ECDSA else raw_verify(key, signature, digest)

    def proof_payloads(self, initiator):
        ident = self.me
        digest = self.proof(initiator, ident)
        out = [(ID, ident)]
        if self.keys.suite.auth == PSK:
            out.append((HASH, digest))
        else:
            if self.cert is not None:
                out.append((CERT, b'\4' + self.cert.public_bytes(Encoding.DER)))
            out.append((SIG, self.sign(digest)))
        if self.contact:
            out.append((NOTIFY, notify(INITIAL_CONTACT, spi=self.keys.icookie + self.keys.rcookie)))
        return out

    def check_proof(self, initiator, payloads):
        ident = one(payloads, ID)
        if ident is None:
            raise Malformed('no identity')
        digest = self.proof(initiator, ident)
        if self.keys.suite.auth == PSK:
            if one(payloads, HASH) != digest:
                raise Failed('the hash of phase 1 is wrong')
        else:
            cert = one(payloads, CERT)
            if cert is None or cert[0] != 4:
                raise Malformed('no certificate')
            self.peer_cert = x509.load_der_x509_certificate(cert[1:])
            if not self.verify(self.peer_cert.public_key(), one(payloads, SIG) or b'', digest):
                raise Failed('the signature of phase 1 is wrong')
        self.peer_id = ident
        for kind, body in payloads:
            if kind == NOTIFY:
                self.notified.append(body)

    def initiate(self):
        """Runs it as initiator; returns the keys."""
        icookie = os.urandom(8)
        mine = lambda d: d[:8] == icookie
        self.sai = offer_body(self.suites, self.doi)
        self.send_clear(1, [(SA, self.sai)] + [(VID, v) for v in self.vid], icookie, bytes(8))
        header, data = self.take(mine)
        rcookie = header.rcookie
        payloads = unchain(header.first, data[28:])
        if payloads[0][0] != SA:
            raise Malformed('message 2 does not begin with an SA')
        self.peer_vids = [b for k, b in payloads if k == VID]
        doi, situation, chosen = offer_suites(payloads[0][1])
        if len(chosen) != 1:
            raise Malformed('%d transforms chosen' % len(chosen))
        suite = chosen[0][1]
        if doi != self.doi or situation or not any(suite.same(s) for s in self.suites):
            raise Failed('the choice is none of what was offered')
        x, self.gxi = self.exponent(suite)
        self.send_clear(3, [(KE, self.gxi), (NONCE, self.nonce)], icookie, rcookie)
        header, data = self.take(lambda d: d[:16] == icookie + rcookie and not d[19] & ENCRYPTED and d[16] != SA)
        payloads = unchain(header.first, data[28:])
        self.gxr, nr = one(payloads, KE), one(payloads, NONCE)
        if self.gxr is None or nr is None:
            raise Malformed('message 4')
        self.peer_nonce = nr
        self.certreq = one(payloads, CERTREQ)
        self.keys = Keys(suite, icookie, rcookie)
        self.keys.derive(self.shared(suite, x, self.gxr), self.nonce, nr,
                         self.psk if suite.auth == PSK else None, self.gxi, self.gxr)
        self.send_sealed(5, self.proof_payloads(True))
        header, data = self.take(lambda d: d[:16] == icookie + rcookie and d[19] & ENCRYPTED)
        header, payloads, _ = self.keys.open(data)
        self.check_proof(False, payloads)
        return self.keys

    def respond(self, timeout=5.0, first=None):
        """Runs it as responder with whoever begins; returns the keys."""
        if first is None:
            first = self.wire.receive(lambda d: len(d) >= 28 and d[18] == MAIN and d[8:16] == bytes(8), timeout)
        if first is None:
            raise Failed('nobody begins')
        header = Header.parse(first)
        icookie, rcookie = header.icookie, os.urandom(8)
        if self.wire.forget is not None:
            self.wire.forget()
        payloads = unchain(header.first, first[28:])
        if payloads[0][0] != SA:
            raise Malformed('message 1 does not begin with an SA')
        self.peer_vids = [b for k, b in payloads if k == VID]
        self.sai = payloads[0][1]
        self.offered_doi, situation, offered = offer_suites(self.sai)
        body, suite = next(((b, s) for b, s in offered if s.auth == self.suites[0].auth), (None, None))
        if suite is None:
            raise Failed('nothing acceptable is offered')
        self.send_clear(2, [(SA, offer_body([body], self.offered_doi))] + [(VID, v) for v in self.vid], icookie, rcookie)
        header, data = self.take(lambda d: d[:16] == icookie + rcookie and not d[19] & ENCRYPTED)
        payloads = unchain(header.first, data[28:])
        self.gxi, ni = one(payloads, KE), one(payloads, NONCE)
        if self.gxi is None or ni is None:
            raise Malformed('message 3')
        self.peer_nonce = ni
        x, self.gxr = self.exponent(suite)
        answer = [(KE, self.gxr), (NONCE, self.nonce)]
        if suite.auth != PSK:
            answer.append((CERTREQ, b'\4'))
        self.send_clear(4, answer, icookie, rcookie)
        self.keys = Keys(suite, icookie, rcookie)
        self.keys.derive(self.shared(suite, x, self.gxi), ni, self.nonce,
                         self.psk if suite.auth == PSK else None, self.gxi, self.gxr)
        header, data = self.take(lambda d: d[:16] == icookie + rcookie and d[19] & ENCRYPTED)
        header, payloads, _ = self.keys.open(data)
        self.check_proof(True, payloads)
        self.send_sealed(6, self.proof_payloads(False))
        return self.keys
