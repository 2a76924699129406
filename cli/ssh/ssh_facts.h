/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What commands ask of a router's SSH, and of the keys that libssh alone can read. No type of
 * libssh's is seen here.
 */
#ifndef TESTUDO_SSH_FACTS_H
#define TESTUDO_SSH_FACTS_H

#include "cli/device/router.h"

/* --- what `ip ssh` says ----------------------------------------------------------------------- */

unsigned sshd_timeout(struct router *r); /* seconds */
unsigned sshd_retries(struct router *r);
#define SSHD_NAMES_MAX 512
/* "publickey,keyboard-interactive,password" */
void sshd_methods_text(struct router *r, char *buf, size_t size);
enum sshd_algorithm { SSHD_KEX_ALGO, SSHD_CIPHER, SSHD_MAC, SSHD_HOSTKEY, SSHD_ALGORITHMS };
/* In the words of the configuration, commas between; what holds when it says nothing. */
void sshd_algorithm_text(struct router *r, enum sshd_algorithm what, char *buf, size_t size);

/* --- the server and who is there -------------------------------------------------------------- */

enum sshd_service { SSHD_ABSENT, SSHD_NO_USER, SSHD_SERVES };
enum sshd_service sshd_service_of(const struct router *r);

struct sshd_peer {
	const char *cipher_in, *cipher_out, *hmac_in, *hmac_out; /* "": not agreed yet */
	const char *state, *user;
};
void sshd_each_peer(const struct router *r, void (*fn)(void *arg, const struct sshd_peer *p),
                    void *arg);

/* --- keys ------------------------------------------------------------------------------------- */

struct sshd_public {
	const char *label;
	const struct keystore_entry *pair; /* of an RSA or EC pair; NULL: a text of libssh's */
	const char *type;                  /* "ssh-rsa", "ecdsa-sha2-nistp256" ... */
	const char *base64;
};
/* The RSA pair that is a host key, if there is one, the EC pairs, then the keystore's texts. */
void sshd_each_host_key(struct router *r, void (*fn)(void *arg, const struct sshd_public *key),
                        void *arg);
/*
 * What somebody pasted as a public key, "ssh-rsa AAAA... comment" or the base 64 alone, as the
 * command that is kept, "key-hash ssh-rsa HEX comment" (allocated); false: it is none.
 */
bool sshd_key_line(const char *text, char **ret_line);

#endif
