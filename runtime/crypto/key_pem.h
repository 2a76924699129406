/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key pairs on their way to another device: the public key in PEM (SubjectPublicKeyInfo), the
 * private one in PEM under a passphrase (RFC 1421's headers, as OpenSSL has them: DEK-Info). What
 * comes in may also be PKCS #8 under a passphrase (RFC 5958), with PBES2 and PBKDF2 (RFC 8018).
 */
#ifndef TESTUDO_KEY_PEM_H
#define TESTUDO_KEY_PEM_H

#include "runtime/crypto/cert.h"

#define KEY_PEM_MAX            16384    /* octets of a text that is looked at */
#define KEY_PEM_ITERATIONS_MAX 10000000 /* of PBKDF2: some seconds */

enum key_pem_cipher { KEY_PEM_3DES, KEY_PEM_AES }; /* AES: with 256 bits */

/* Both allocated, free with free(3). */
char *key_pem_public(struct key_pair key);
/* passphrase: 1 to 1024 octets. NULL: the cipher cannot be had. */
char *key_pem_private(struct key_pair key, enum key_pem_cipher cipher, struct span passphrase);

enum key_pem_error {
	KEY_PEM_FINE,
	KEY_PEM_NO_PUBLIC,  /* there is neither a public key nor a certificate in the text */
	KEY_PEM_NO_PRIVATE, /* it cannot be read: no private key, damaged, or another passphrase */
	KEY_PEM_IN_CLEAR,   /* the private key is under no passphrase */
	KEY_PEM_COSTLY,  /* its passphrase is stretched in a way, or so much, that nobody waits */
	KEY_PEM_UNFIT,   /* another kind of key, a size or curve that we do not take, a bad one */
	KEY_PEM_MISMATCH /* the public key is that of another pair */
};

/* A pair that has come in: one of the two, or none. */
struct key_pem_pair {
	struct rsa_key *rsa;
	struct ec_key *ec;
};

/*
 * Reads both texts; ec: the pair must be an EC one, else RSA. That the private key fits the public
 * one, and itself, is tried, which takes a tenth of a second or, as the text wants it, seconds: not
 * for the loop's thread. ret owns what it gets; it is untouched unless all is fine.
 */
enum key_pem_error key_pem_read(bool ec, struct span public_pem, struct span private_pem,
                                struct span passphrase, struct key_pem_pair *ret);

#endif
