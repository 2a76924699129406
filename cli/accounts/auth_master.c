/* SPDX-License-Identifier: Apache-2.0 */
/* The master key: see auth_master.h. It is one of the keystore's texts, in hexadecimal. */
#include "cli/accounts/auth_master.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/accounts/auth_seal.h"
#include "runtime/crypto/secret.h"
#include "runtime/crypto/type6.h"

#define LABEL "*config-key*" /* no key pair can be called so */
#define KIND  "master"
#define BEGIN "-----BEGIN MASTER KEY-----\n"
#define END   "\n-----END MASTER KEY-----\n"

static bool
read_hex(struct span text, char ret[static AUTH_MASTER_MAX + 1])
{
	const char *p = (const char *)text.p + strlen(BEGIN);
	size_t n = 0;

	if (text.n < strlen(BEGIN) + strlen(END) || memcmp(text.p, BEGIN, strlen(BEGIN)) != 0)
		return false;
	for (; n < AUTH_MASTER_MAX && (const uint8_t *)p + 2 < text.p + text.n; p += 2) {
		char two[3] = {p[0], p[1], '\0'};
		unsigned long octet = strtoul(two, NULL, 16);

		if (!octet)
			break;
		ret[n++] = (char)octet;
	}
	ret[n] = '\0';
	return n > 0;
}

bool
auth_master_of(const struct keystore *ks, char ret[static AUTH_MASTER_MAX + 1])
{
	for (size_t i = 0; ks && i < keystore_text_count(ks); i++) {
		struct keystore_text t = keystore_text_at(ks, i);

		if (!strcmp(t.kind, KIND) && !strcmp(t.label, LABEL))
			return read_hex(t.text, ret);
	}
	return false;
}

bool
auth_master(struct accounts book, char ret[static AUTH_MASTER_MAX + 1])
{
	return auth_master_of(book.keys, ret);
}

static void
store_master(struct keystore *ks, const char *master, int64_t now)
{
	char text[sizeof(BEGIN) + 2 * AUTH_MASTER_MAX + sizeof(END)];
	size_t n = (size_t)snprintf(text, sizeof(text), BEGIN);

	if (!master) {
		keystore_remove_text(ks, LABEL);
		return;
	}
	for (const char *p = master; *p && p < master + AUTH_MASTER_MAX; p++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%02x", (unsigned char)*p);
	n += (size_t)snprintf(text + n, sizeof(text) - n, END);
	keystore_put_text(ks, LABEL, KIND, SPAN(text, n), now);
	wipe(text, sizeof(text));
}

const char *
auth_key_seal(struct accounts book, const char *clear, struct arena *a)
{
	char master[AUTH_MASTER_MAX + 1], text[TYPE6_TEXT_MAX];
	bool ok = auth_master(book, master) &&
	          type6_encrypt(SPAN(master, strlen(master)), SPAN(clear, strlen(clear)), text);

	wipe(master, sizeof(master));
	return ok ? arena_strdup(a, text) : NULL;
}

const char *
auth_key_open(struct accounts book, const char *sealed, struct arena *a)
{
	char master[AUTH_MASTER_MAX + 1], clear[TYPE6_CLEAR_MAX + 1];
	const char *copy = NULL;

	if (auth_master(book, master) &&
	    type6_decrypt(SPAN(master, strlen(master)), sealed, clear)) {
		copy = arena_strdup(a, clear);
		wipe(clear, sizeof(clear));
	}
	wipe(master, sizeof(master));
	return copy;
}

/* --- a new one -------------------------------------------------------------------------------- */

/* A key of type 6 and what it is in clear, between one master key and the next. */
struct opened {
	const struct tnode *node;
	const char *clear; /* NULL: is not of type 6, or cannot be opened */
};

struct openeds {
	struct accounts book;
	struct arena *arena;
	size_t n, capacity;
	struct opened *at;
};

static void
take_key(void *arg, const struct tnode *n)
{
	struct openeds *o = arg;
	const char *form = tnode_str(n, ARG_FORM), *clear = NULL;

	if (form && !strcmp(form, "6"))
		clear = auth_key_open(o->book, tnode_str(n, ARG_KEY), o->arena);
	x_grow(&o->at, &o->capacity, o->n + 1, sizeof(*o->at));
	o->at[o->n++] = (struct opened){n, clear};
}

void
auth_set_master(struct accounts book, const char *master, int64_t now)
{
	struct openeds o = {.book = book, .arena = arena_new()};

	auth_each_key(book, take_key, &o);
	store_master(book.keys, master, now);
	for (size_t i = 0; master && i < o.n; i++) {
		const char *clear = o.at[i].clear;

		auth_retype(book, o.at[i].node, clear ? auth_key_seal(book, clear, o.arena) : NULL);
	}
	free(o.at);
	arena_free(o.arena);
}
