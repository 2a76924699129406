/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store whose values are sealed before they reach the one behind it. A value becomes
 *
 *     version 1 | nonce 12 | AES-256-GCM of the value | tag 16
 *
 * under a key made from the given one by HKDF-SHA256 with the store's identifier, 16 random octets
 * that are born with the store. Associated data is that identifier and the record's name, so that
 * nobody can give a record another name or put it into another store. The record "seal", which this
 * store hides, has the identifier and shows whether the key is the right one.
 *
 * What it does not hide: names, how long values are, when they are written. And whoever writes the
 * file can put an old value of a record in the place of the new one, or take the record away.
 *
 * Nonces are random: a store is good for 2^32 values that are written (NIST SP 800-38D 8.3).
 */
#ifndef TESTUDO_STORE_SEALED_H
#define TESTUDO_STORE_SEALED_H

#include "runtime/crypto/secret.h"
#include "runtime/store/store.h"

#define STORE_KEY 32 /* octets */

/*
 * Takes the store behind it in any case: after an error it is closed. A store that is empty is
 * sealed from now on. -STORE_FOREIGN: another key. -STORE_UNSEALED: it has records and no seal.
 * -EINVAL: the key has the wrong size. Afterwards any record that was not sealed here is
 * -STORE_TORN.
 */
int store_sealed_new(struct store *take_inner, const struct secret *key, struct store **ret);

/* Whether a store has a seal, so that it is not to be used without its key: 1, 0 or -errno. */
int store_sealed_look(struct store *inner);

#endif
