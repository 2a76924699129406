/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store whose values are sealed before they reach the one behind it. A value becomes
 *
 *     version 1 | nonce 12 | AES-256-GCM of the value | tag 16
 *
 * under the store's own key, 32 random octets that are born with it. Associated data is the store's
 * identifier, 16 random octets, and the record's name, so that nobody can give a record another
 * name or put it into another store. The record "seal", which this store hides, has the identifier
 * and the store's own key, sealed in turn under a key that is made from the given one by
 * HKDF-SHA256 with the identifier; words that a person chose are stretched first. So another given
 * key means another seal, and nothing else is written.
 *
 * (In seals of version 1 the store's own key was that one; such a seal is read.)
 *
 * What it does not hide: names, how long values are, when they are written. And whoever writes the
 * file can put an old value of a record in the place of the new one, or take the record away. Who
 * had the given key and the file once has the store's own key, whatever key is given later.
 *
 * A transaction that writes checks that the seal is still there. If it is gone, since somebody
 * wiped the store, the transaction puts it back; if another process has made another one
 * meanwhile, it is -STORE_FOREIGN, and the store is to be opened anew. Reading says so, too, where
 * a record does not open since the seal is another's. So a transaction has one check more
 * than its caller gives it, and may have one write more.
 *
 * Nonces are random: a store is good for 2^32 values that are written (NIST SP 800-38D 8.3).
 */
#ifndef TESTUDO_STORE_SEALED_H
#define TESTUDO_STORE_SEALED_H

#include "runtime/crypto/secret.h"
#include "runtime/store/store.h"

#define STORE_KEY 32 /* octets */
#define STORE_ID  16

struct store_key {
	struct span octets; /* borrowed */
	bool words;         /* chosen by a person, of any length; else STORE_KEY random octets */
};

/*
 * Takes the store behind it in any case: after an error it is closed. The first of the n keys that
 * opens it counts, *ret_which; a store that is empty is sealed with the first from now on.
 * -STORE_FOREIGN: another key. -STORE_UNSEALED: it has records and no seal. -STORE_NEWER: a later
 * version made the seal. -EINVAL: a key has the wrong size, or there is none. Afterwards any
 * record that was not sealed here is -STORE_TORN.
 */
int store_sealed_open(struct store *take_inner, const struct store_key *keys, size_t n,
                      size_t *ret_which, struct store **ret);
/* The same, but one that is empty is not sealed: -STORE_EMPTIED. */
int store_sealed_join(struct store *take_inner, const struct store_key *keys, size_t n,
                      size_t *ret_which, struct store **ret);
/* store_sealed_open with one key of STORE_KEY octets. */
int store_sealed_new(struct store *take_inner, const struct secret *key, struct store **ret);
/* Seals it with another key, at once and for good; after an error the one before counts. */
int store_sealed_again(struct store *s, const struct store_key *key);
/* Its identifier, of STORE_ID octets; borrowed. */
struct span store_sealed_id(const struct store *s);

/*
 * Was what is behind it found to be damaged, so that it is to be opened anew? -STORE_TORN alone
 * does not tell: a record may just not be sealed here, which no opening mends.
 */
bool store_sealed_damaged(const struct store *s);

/* Whether a store has a seal, so that it is not to be used without its key: 1, 0 or -errno. */
int store_sealed_look(struct store *inner);

#endif
