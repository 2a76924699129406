/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The router's host keys and the public keys of its users: see ssh_priv.h. RSA and EC pairs are
 * those of `crypto key generate`; an Ed25519 key, which libssh alone can read, is kept beside them
 * as text.
 */
#include "cli/ssh/ssh_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/crypto/ecdsa.h"
#include "runtime/crypto/sig.h"

#define OWN_LABEL  "SSH-SERVER"
#define OWN_KIND   "ed25519"
#define MD5_OCTETS 16
#define HASH_MAX   32

/* --- host keys -------------------------------------------------------------------------------- */

static ssh_key
import_text(struct span text)
{
	struct secret copy;
	ssh_key key = NULL;

	secret_init(&copy, text.n + 1); /* ends with a zero */
	memcpy(copy.p, text.p, text.n);
	if (ssh_pki_import_privkey_base64((const char *)copy.p, NULL, NULL, NULL, &key) != SSH_OK)
		key = NULL;
	secret_fini(&copy);
	return key;
}

bool
sshd_rsa_pair(struct router *r, struct keystore_entry *ret)
{
	const struct tnode *named = tnode_first(tree_top(router_tree(r)), KEY_IP_SSH_RSA);
	const struct keystore *ks = node_keystore(router_node(r));
	const char *wanted = named ? tnode_str(named, ARG_LABEL) : NULL;

	for (size_t i = 0; i < keystore_count(ks); i++) {
		struct keystore_entry e = keystore_at(ks, i);

		if (e.bits < SSHD_RSA_MIN || (wanted && strcmp(wanted, e.label) != 0))
			continue;
		*ret = e;
		return true;
	}
	return false;
}

/* Makes the router's own key and puts its text into the store. */
static bool
make_own_key(struct router *r)
{
	ssh_key key = NULL;
	char *text = NULL;
	bool ok = ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &key) == SSH_OK &&
	          ssh_pki_export_privkey_base64(key, NULL, NULL, NULL, &text) == SSH_OK;

	if (ok)
		router_keep_key(r, OWN_LABEL, OWN_KIND, SPAN(text, strlen(text)));
	if (text)
		explicit_bzero(text, strlen(text));
	ssh_string_free_char(text);
	ssh_key_free(key);
	return ok;
}

/* The bind takes the key over; one of each type. */
static bool
give_key(ssh_bind bind, ssh_key key)
{
	if (!key)
		return false;
	if (ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key) == SSH_OK)
		return true;
	ssh_key_free(key);
	return false;
}

static bool
give_texts(ssh_bind bind, const struct keystore *ks)
{
	bool some = false;

	for (size_t i = 0; i < keystore_text_count(ks); i++)
		some |= give_key(bind, import_text(keystore_text_at(ks, i).text));
	return some;
}

static bool
give_pairs(ssh_bind bind, struct router *r)
{
	const struct keystore *ks = node_keystore(router_node(r));
	struct keystore_entry e;
	struct secret pem = {0};
	bool some = false;

	if (sshd_rsa_pair(r, &e)) {
		rsa_key_private_pem(e.key, &pem);
		some = give_key(bind, import_text(secret_span(&pem)));
		secret_fini(&pem);
	}
	for (size_t i = 0; i < keystore_ec_count(ks); i++) {
		ec_key_private_pem(keystore_ec_at(ks, i).ec, &pem);
		some |= give_key(bind, import_text(secret_span(&pem)));
		secret_fini(&pem);
	}
	return some;
}

bool
sshd_host_keys(struct router *r, ssh_bind bind)
{
	static const int rsa_min = SSHD_RSA_MIN;
	const struct keystore *ks = node_keystore(router_node(r));
	bool some;

	ssh_bind_options_set(bind, SSH_BIND_OPTIONS_RSA_MIN_SIZE, &rsa_min);
	some = give_pairs(bind, r);
	some |= give_texts(bind, ks);
	return some || (make_own_key(r) && give_texts(bind, ks));
}

bool
sshd_public_text(struct span text, const char **ret_type, char **ret_base64)
{
	ssh_key key = import_text(text);
	bool ok = key && ssh_pki_export_pubkey_base64(key, ret_base64) == SSH_OK;

	if (ok)
		*ret_type = ssh_key_type_to_char(ssh_key_type(key));
	ssh_key_free(key);
	return ok;
}

/* --- users' keys ------------------------------------------------------------------------------ */

static void
hex_text(const unsigned char *p, size_t n, char *ret)
{
	*ret = 0;
	for (size_t i = 0; i < n; i++)
		sprintf(ret + 2 * i, "%02X", p[i]);
}

static bool
hash_is(const ssh_key key, enum ssh_publickey_hash_type type, const char *hex)
{
	unsigned char *hash = NULL;
	char text[2 * HASH_MAX + 1];
	size_t n = 0;
	bool same;

	if (ssh_get_publickey_hash(key, type, &hash, &n) != SSH_OK || n > HASH_MAX)
		return false;
	hex_text(hash, n, text);
	same = !strcasecmp(text, hex);
	ssh_clean_pubkey_hash(&hash);
	return same;
}

/* The hash is of the key's blob, so that its type is in it. */
static bool
key_is(const ssh_key key, const char *hex)
{
	return hash_is(
	    key, strlen(hex) == 2 * MD5_OCTETS ? SSH_PUBLICKEY_HASH_MD5 : SSH_PUBLICKEY_HASH_SHA256,
	    hex);
}

bool
sshd_user_has_key(struct router *r, const char *user, const ssh_key key)
{
	const struct tnode *chain = tnode_first(tree_top(router_tree(r)), KEY_IP_SSH_PUBKEY_CHAIN);
	const struct tnode *u, *h;

	u = chain ? tnode_first(chain, KEY_IP_SSH_PUBKEY_CHAIN_USER) : NULL;
	for (; u; u = tnode_next(u)) {
		if (strcmp(tnode_str(u, ARG_USER), user) != 0)
			continue;
		for (h = tnode_first(u, KEY_IP_SSH_PUBKEY_CHAIN_HASH); h; h = tnode_next(h))
			if (key_is(key, tnode_str(h, ARG_HASH)))
				return true;
	}
	return false;
}

/*
 * A public key begins with the name of its type, so that the beginning of its base 64 tells the
 * type.
 */
static const struct {
	const char *name, *begin;
	enum ssh_keytypes_e type;
} types[] = {
    {"ssh-rsa", "AAAAB3NzaC1yc2E", SSH_KEYTYPE_RSA},
    {"ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5", SSH_KEYTYPE_ED25519},
    {"ecdsa-sha2-nistp256", "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY", SSH_KEYTYPE_ECDSA_P256},
    {"ecdsa-sha2-nistp384", "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQ", SSH_KEYTYPE_ECDSA_P384},
    {"ecdsa-sha2-nistp521", "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjE", SSH_KEYTYPE_ECDSA_P521},
};

/* IOS keeps MD5 of an RSA key; the other types have something better. */
static bool
hash_line(const char *base64, const char *comment, char **ret_line)
{
	unsigned char *hash = NULL;
	char hex[2 * HASH_MAX + 1];
	ssh_key key = NULL;
	size_t i = 0, n = 0;
	bool rsa, ok;

	while (i < ARRAY_SIZE(types) && strncmp(base64, types[i].begin, strlen(types[i].begin)))
		i++;
	if (i == ARRAY_SIZE(types) ||
	    ssh_pki_import_pubkey_base64(base64, types[i].type, &key) != SSH_OK)
		return false;
	rsa = types[i].type == SSH_KEYTYPE_RSA;
	ok = ssh_get_publickey_hash(key, rsa ? SSH_PUBLICKEY_HASH_MD5 : SSH_PUBLICKEY_HASH_SHA256,
	                            &hash, &n) == SSH_OK &&
	     n <= HASH_MAX;
	if (ok) {
		hex_text(hash, n, hex);
		*ret_line = x_asprintf("key-hash %s %s%s%s", types[i].name, hex,
		                       *comment ? " " : "", comment);
	}
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return ok;
}

bool
sshd_key_line(const char *text, char **ret_line)
{
	char *copy = x_strdup(text), *rest = NULL, *word = strtok_r(copy, " \t", &rest);
	bool ok;

	for (size_t i = 0; word && i < ARRAY_SIZE(types); i++)
		if (!strcmp(word, types[i].name)) {
			word = strtok_r(NULL, " \t", &rest);
			break;
		}
	ok = word && hash_line(word, rest ? rest : "", ret_line);
	free(copy);
	return ok;
}
