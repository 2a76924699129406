/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diffie-Hellman for IKEv1: MODP groups (RFC 2409 6, RFC 3526) and ECP groups (RFC 5903). Both
 * steps are slow and touch nothing but their object: they may run in any thread.
 */
#ifndef TESTUDO_DH_H
#define TESTUDO_DH_H

#include "compiler/policy/suite.h"
#include "runtime/crypto/secret.h"

#define DH_PUBLIC_MAX 512 /* group 16 */

struct dh;

struct dh *dh_new(uint16_t group); /* NULL for an unknown group */
void dh_free(struct dh *dh);       /* NULL is fine */
bool dh_generate(struct dh *dh);   /* false: OpenSSL failed */
/* Cheap: false when dh_compute would refuse the peer's value for its length, or as 0, 1, p-1. */
bool dh_peer_right(const struct dh *dh, struct span peer);
struct span dh_public(const struct dh *dh); /* after dh_generate; as the KE payload carries it */
/*
 * The shared secret with the peer's public value: g^xy as long as the prime, or the x coordinate.
 * False when the peer's value is not one (wrong length, 0, 1, p-1, a point off the curve).
 */
bool dh_compute(struct dh *dh, struct span peer, struct secret *ret);

#endif
