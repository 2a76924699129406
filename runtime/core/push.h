/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both ends of a GROUPKEY-PUSH do alike (RFC 6407 4, RFC 8263 3): the KEK's cipher, the octets
 * that are signed, the key and hash of an acknowledgement.
 *
 *   HDR*, SEQ, [D,] [SA, KD,] SIG        exchange 33, cookies = the KEK's SPI, message ID 0
 *   HDR, HASH, SEQ, ID                   exchange 35, in clear
 *
 * The IV is the one that came with the KEK, the same for every message. The signature covers
 * "rekey", the header with the E flag and a length without padding, and all payloads before it.
 */
#ifndef TESTUDO_PUSH_H
#define TESTUDO_PUSH_H

#include "runtime/crypto/cipher.h"
#include "runtime/crypto/prf.h"
#include "runtime/crypto/secret.h"
#include "runtime/wire/isakmp.h"

#define PUSH_SPI 16 /* octets of a KEK's SPI */

/* kek: IV and key. In place; n a multiple of the block size. False when the key does not fit. */
bool push_crypt(enum cipher_id cipher, const struct secret *kek, bool encrypt, uint8_t *data,
                size_t n);
/* The digest that is signed; message: header (length without padding) and payloads before SIG. */
void push_digest(enum hash_id h, struct span message, uint8_t out[static HASH_SIZE_MAX]);

/* The hash of an acknowledgement, by RFC 8263's number for the kind; HASH_NONE: not one we do. */
enum hash_id push_ack_hash(uint16_t kind);
bool push_ack_is_lkh(uint16_t kind); /* made with the member's own key, not with the KEK */
/* RFC 8263 3.2: from the KEK, or the first key of the member's LKH array, without its IV. */
void push_ack_key(enum hash_id h, enum cipher_id cipher, const struct secret *base,
                  const uint8_t spi[static PUSH_SPI], struct secret *ret);
/* A whole acknowledgement. */
void push_ack_put(struct wr *w, enum hash_id h, const struct secret *ack_key,
                  const uint8_t spi[static PUSH_SPI], uint32_t seq, uint32_t member);
/* The header has been read. False when it is malformed or its hash is wrong. */
bool push_ack_get(struct span dgram, const struct isakmp_header *header, enum hash_id h,
                  const struct secret *ack_key, uint32_t *ret_seq, uint32_t *ret_member);

#endif
