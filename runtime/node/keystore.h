/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A router's RSA and EC key pairs, each kind by labels of its own, and other keys that survive a
 * reload with them.
 */
#ifndef TESTUDO_KEYSTORE_H
#define TESTUDO_KEYSTORE_H

#include "compiler/base/arena.h"
#include "compiler/base/base.h"

struct ec_key;
struct keystore;
struct rsa_key;

struct keystore_entry {
	const char *label;
	const struct rsa_key *key; /* NULL: an EC pair */
	const struct ec_key *ec;   /* NULL: an RSA pair */
	unsigned bits;
	bool exportable;
	int64_t created; /* wall clock, milliseconds */
};

struct keystore *keystore_new(void);
void keystore_free(struct keystore *ks); /* wipes the keys */
struct keystore *keystore_clone(const struct keystore *ks);
/* to becomes a copy of from; keys it had are wiped. */
void keystore_assign(struct keystore *to, const struct keystore *from);

/* Makes a key pair, replacing one of the same label. 0, or -EINVAL for a size OpenSSL refuses. */
int keystore_generate(struct keystore *ks, const char *label, unsigned bits, bool exportable,
                      int64_t wall);
/* The same with a key that is there already. */
void keystore_adopt(struct keystore *ks, const char *label, struct rsa_key *take_key,
                    bool exportable, int64_t wall);
bool keystore_remove(struct keystore *ks, const char *label); /* NULL: all; false: none such */
const struct rsa_key *keystore_find(const struct keystore *ks, const char *label);
size_t keystore_count(const struct keystore *ks);
struct keystore_entry keystore_at(const struct keystore *ks, size_t i); /* in order of label */

/* The same of EC pairs. */
void keystore_adopt_ec(struct keystore *ks, const char *label, struct ec_key *take_key,
                       bool exportable, int64_t wall);
bool keystore_remove_ec(struct keystore *ks, const char *label);
const struct ec_key *keystore_find_ec(const struct keystore *ks, const char *label);
size_t keystore_ec_count(const struct keystore *ks);
struct keystore_entry keystore_ec_at(const struct keystore *ks, size_t i);
/* Either kind by its label; false: there is none. */
bool keystore_look(const struct keystore *ks, bool ec, const char *label,
                   struct keystore_entry *ret);
/* From here on the pair stays; nothing gives the right back. false: there is none. */
bool keystore_forbid_export(struct keystore *ks, bool ec, const char *label);
/* The public key as DER SubjectPublicKeyInfo, in the caller's arena. */
struct span keystore_public_der(const struct keystore_entry *e, struct arena *a);

/*
 * Other keys of the router, which only their user can read: SSH host keys. kind and label are one
 * word each, text is armoured: it ends with a line that begins with "-----END".
 */
struct keystore_text {
	const char *label, *kind;
	struct span text; /* private: wipe every copy */
	int64_t created;  /* wall clock, milliseconds */
};
/* Replaces one of the same label. */
void keystore_put_text(struct keystore *ks, const char *label, const char *kind, struct span text,
                       int64_t wall);
bool keystore_remove_text(struct keystore *ks, const char *label); /* NULL: all; false: none such */
size_t keystore_text_count(const struct keystore *ks);
struct keystore_text keystore_text_at(const struct keystore *ks, size_t i); /* as they came */

/*
 * All keys as text, private keys in PEM, for a file that only the owner may read; and back.
 * keystore_read replaces what is there; false when the text is none of ours (nothing changes then).
 */
struct secret;
void keystore_write(const struct keystore *ks, struct secret *ret);
bool keystore_read(struct keystore *ks, struct span text);

#endif
