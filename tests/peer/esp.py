# SPDX-License-Identifier: Apache-2.0
"""ESP in tunnel mode with the header preserved (RFC 4303, RFC 5374 3.1), for the transforms of a Tek:
AES-CBC and 3DES-CBC with HMAC, NULL with HMAC, AES-GCM (RFC 4106), AES-GMAC (RFC 4543)."""
import hmac
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gdoi import A_SHA1, A_SHA256, A_SHA384, A_SHA512, E_3DES, E_AES, E_GCM16, E_GMAC, E_NULL
from net import ip_packet
from phase1 import AES, AES_OR_3DES, DES3

ICV = {A_SHA1: ('sha1', 12), A_SHA256: ('sha256', 16), A_SHA384: ('sha384', 24), A_SHA512: ('sha512', 32)}


class Bad(Exception):
    pass


def seal(tek, packet, seq, iv=None, outer=None, spi=None):
    """An IPv4 packet encrypted; `outer` are other addresses than the packet's own, (src, dst)."""
    block = 16 if tek.transform == E_AES else 8 if tek.transform == E_3DES else 4
    pad = -(len(packet) + 2) % block
    plain = packet + bytes(range(1, pad + 1)) + bytes([pad, 4])
    head = struct.pack('!II', tek.spi if spi is None else spi, seq)
    if tek.transform == E_GCM16:
        iv = iv or struct.pack('!II', 0, seq)
        body = head + iv + AESGCM(tek.key[:-4]).encrypt(tek.key[-4:] + iv, plain, head)
    elif tek.transform == E_GMAC:
        iv = iv or struct.pack('!II', 0, seq)
        tag = AESGCM(tek.key[:-4]).encrypt(tek.key[-4:] + iv, b'', head + iv + plain)
        body = head + iv + plain + tag
    else:
        if tek.transform == E_NULL:
            body = head + plain
        else:
            iv = iv or os.urandom(block)
            e = Cipher(AES_OR_3DES[AES if tek.transform == E_AES else DES3](tek.key), modes.CBC(iv)).encryptor()
            body = head + iv + e.update(plain) + e.finalize()
        algorithm, size = ICV[tek.auth]
        body += hmac.new(tek.integrity, body, algorithm).digest()[:size]
    src = '.'.join(map(str, packet[12:16])) if outer is None else outer[0]
    dst = '.'.join(map(str, packet[16:20])) if outer is None else outer[1]
    return ip_packet(src, dst, 50, body, ident=2)


def open_(tek, payload):
    """(the inner packet, the IV) of an ESP packet's payload; Bad when it is not one of this Tek's."""
    head = payload[:8]
    if len(payload) < 8 or struct.unpack_from('!I', head)[0] != tek.spi:
        raise Bad('SPI')
    try:
        if tek.transform == E_GCM16:
            iv = payload[8:16]
            plain = AESGCM(tek.key[:-4]).decrypt(tek.key[-4:] + iv, payload[16:], head)
        elif tek.transform == E_GMAC:
            iv, plain = payload[8:16], payload[16:-16]
            AESGCM(tek.key[:-4]).decrypt(tek.key[-4:] + iv, payload[-16:], payload[:-16])
        else:
            algorithm, size = ICV[tek.auth]
            if hmac.new(tek.integrity, payload[:-size], algorithm).digest()[:size] != payload[-size:]:
                raise Bad('ICV')
            if tek.transform == E_NULL:
                iv, plain = b'', payload[8:-size]
            else:
                block = 16 if tek.transform == E_AES else 8
                iv = payload[8:8 + block]
                d = Cipher(AES_OR_3DES[AES if tek.transform == E_AES else DES3](tek.key), modes.CBC(iv)).decryptor()
                plain = d.update(payload[8 + block:-size]) + d.finalize()
    except (InvalidTag, ValueError):
        raise Bad('ICV')
    pad, following = plain[-2], plain[-1]
    if following != 4:
        raise Bad('next header %d' % following)
    if plain[-2 - pad:-2] != bytes(range(1, pad + 1)):
        raise Bad('padding')
    return plain[:-2 - pad], iv
