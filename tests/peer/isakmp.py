# SPDX-License-Identifier: Apache-2.0
"""ISAKMP messages and payloads (RFC 2408 3), and the numbers of RFC 2407, 2409, 6407 and 8263.

A payload is a pair (type, body); the generic header is written and read by `chain` and `unchain`.
"""
import struct

PORT = 848
DOI_IPSEC, DOI_GDOI = 1, 2

# Payloads (RFC 2408 3.1, RFC 6407 5)
SA, PROPOSAL, TRANSFORM, KE, ID, CERT, CERTREQ, HASH, SIG, NONCE, NOTIFY, DELETE, VID = range(1, 14)
SAK, SAT, KD, SEQ, GAP = 15, 16, 17, 18, 22

# Exchanges (RFC 2408 3.1, RFC 8263 8)
MAIN, AGGRESSIVE, INFO, QUICK = 2, 4, 5, 32
PULL, PUSH, PUSH_ACK = 32, 33, 35

ENCRYPTED, COMMIT, AUTH_ONLY = 1, 2, 4

# Notify messages (RFC 2408 3.14.1, RFC 2407 4.6.3)
INVALID_PAYLOAD_TYPE, DOI_NOT_SUPPORTED, SITUATION_NOT_SUPPORTED = 1, 2, 3
INVALID_COOKIE, INVALID_MAJOR_VERSION, INVALID_EXCHANGE_TYPE, INVALID_FLAGS = 4, 5, 7, 8
INVALID_MESSAGE_ID, INVALID_PROTOCOL_ID, INVALID_SPI, ATTRIBUTES_NOT_SUPPORTED = 9, 10, 11, 13
NO_PROPOSAL_CHOSEN, BAD_PROPOSAL_SYNTAX, PAYLOAD_MALFORMED = 14, 15, 16
INVALID_ID_INFORMATION, INVALID_HASH_INFORMATION = 18, 23
AUTHENTICATION_FAILED, INVALID_SIGNATURE = 24, 25
INITIAL_CONTACT = 24578

# Identities (RFC 2407 4.6.2.1)
ID_IPV4, ID_FQDN, ID_USER_FQDN, ID_SUBNET, ID_DN, ID_KEY_ID = 1, 2, 3, 4, 9, 11


class Malformed(Exception):
    pass


def tv(kind, value):
    """A basic attribute (RFC 2408 3.3)."""
    return struct.pack('!HH', 0x8000 | kind, value)


def tlv(kind, value):
    """A variable attribute."""
    return struct.pack('!HH', kind, len(value)) + value


def attributes(data):
    """[(type, int of a basic or bytes of a variable one)]"""
    out = []
    while data:
        if len(data) < 4:
            raise Malformed('attribute')
        kind, value = struct.unpack_from('!HH', data)
        if kind & 0x8000:
            out.append((kind & 0x7fff, value))
            data = data[4:]
        else:
            if len(data) < 4 + value:
                raise Malformed('attribute')
            out.append((kind, data[4:4 + value]))
            data = data[4 + value:]
    return out


def number(value):
    """The number in an attribute of either form."""
    return value if isinstance(value, int) else int.from_bytes(value, 'big')


def payload(following, body, length=None):
    """One payload with its generic header; a length of the caller's may lie."""
    return struct.pack('!BBH', following, 0, 4 + len(body) if length is None else length) + body


def chain(payloads):
    """The octets of [(type, body)]; the first one's type belongs into the header before."""
    out = b''
    for i, (_, body) in enumerate(payloads):
        out += payload(payloads[i + 1][0] if i + 1 < len(payloads) else 0, body)
    return out


def unchain(first, data, padded=False):
    """[(type, body)]; what is left over after the last one is padding or malformed."""
    out = []
    while first:
        if len(data) < 4:
            raise Malformed('payload %d does not fit' % first)
        following, reserved, length = struct.unpack_from('!BBH', data)
        if length < 4 or length > len(data):
            raise Malformed('payload %d has length %d of %d' % (first, length, len(data)))
        if reserved:
            raise Malformed('payload %d: RESERVED is not zero' % first)
        out.append((first, data[4:length]))
        first, data = following, data[length:]
    if data and not padded:
        raise Malformed('%d octets after the last payload' % len(data))
    return out


class Header:
    """The ISAKMP header (RFC 2408 3.1)."""
    size = 28

    def __init__(self, icookie, rcookie, first, exchange, flags=0, mid=0, length=0, version=0x10):
        self.icookie, self.rcookie, self.first, self.version = icookie, rcookie, first, version
        self.exchange, self.flags, self.mid, self.length = exchange, flags, mid, length

    def pack(self, length=None):
        return struct.pack('!8s8sBBBBII', self.icookie, self.rcookie, self.first, self.version,
                           self.exchange, self.flags, self.mid,
                           self.length if length is None else length)

    @classmethod
    def parse(cls, data):
        if len(data) < cls.size:
            raise Malformed('header')
        i, r, first, version, exchange, flags, mid, length = struct.unpack_from('!8s8sBBBBII', data)
        return cls(i, r, first, exchange, flags, mid, length, version)


def message(icookie, rcookie, exchange, payloads, mid=0, flags=0):
    """A message in clear."""
    body = chain(payloads)
    first = payloads[0][0] if payloads else 0
    return Header(icookie, rcookie, first, exchange, flags, mid).pack(28 + len(body)) + body


def one(payloads, kind):
    """The body of the payload of this type, or None."""
    for k, body in payloads:
        if k == kind:
            return body
    return None


def ipv4(address):
    return bytes(int(x) for x in address.split('.'))


def identity(kind, data, protocol=0, port=0):
    """The body of an ID payload (RFC 2407 4.6.2)."""
    return struct.pack('!BBH', kind, protocol, port) + data


def notify(kind, doi=DOI_GDOI, protocol=1, spi=b'', data=b''):
    """The body of a Notify payload (RFC 2408 3.14)."""
    return struct.pack('!IBBH', doi, protocol, len(spi), kind) + spi + data


def delete(spis, protocol=1, doi=DOI_GDOI, size=None, count=None):
    """The body of a Delete payload (RFC 2408 3.15, RFC 6407 5.9)."""
    return struct.pack('!IBBH', doi, protocol, (len(spis[0]) if spis else 0) if size is None else size,
                       len(spis) if count is None else count) + b''.join(spis)
