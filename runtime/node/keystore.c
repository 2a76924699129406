/* SPDX-License-Identifier: Apache-2.0 */
/* RSA key pairs by label, sorted: see keystore.h. */
#include "runtime/node/keystore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/sig.h"

struct pair {
	char *label;
	struct rsa_key *key;
	bool exportable;
	int64_t created;
};

struct other {
	char *label, *kind;
	struct secret text;
	int64_t created;
};

struct keystore {
	struct other *others; /* as they came */
	size_t n_others, others_capacity;
	struct pair *pairs; /* by label */
	size_t n, capacity;
};

struct keystore *
keystore_new(void)
{
	return x_alloc(sizeof(struct keystore));
}

static void
pair_fini(struct pair *p)
{
	free(p->label);
	rsa_key_free(p->key);
}

void
keystore_free(struct keystore *ks)
{
	if (!ks)
		return;
	keystore_remove(ks, NULL);
	keystore_remove_text(ks, NULL);
	free(ks->pairs);
	free(ks->others);
	free(ks);
}

struct keystore *
keystore_clone(const struct keystore *ks)
{
	struct keystore *copy = keystore_new();
	size_t i;

	x_grow(&copy->pairs, &copy->capacity, ks->n, sizeof(*copy->pairs));
	for (i = 0; i < ks->n; i++) {
		copy->pairs[i] = ks->pairs[i];
		copy->pairs[i].label = x_strdup(ks->pairs[i].label);
		copy->pairs[i].key = rsa_key_ref(ks->pairs[i].key);
	}
	copy->n = ks->n;
	for (i = 0; i < ks->n_others; i++) {
		const struct other *o = &ks->others[i];

		keystore_put_text(copy, o->label, o->kind, secret_span(&o->text), o->created);
	}
	return copy;
}

void
keystore_assign(struct keystore *to, const struct keystore *from)
{
	struct keystore *copy = keystore_clone(from), old = *to;

	*to = *copy;
	*copy = old;
	keystore_free(copy);
}

/* Where the label stands in the sorted list, or would be inserted. */
static size_t
find_place(const struct keystore *ks, const char *label, bool *ret_there)
{
	size_t i;

	for (i = 0; i < ks->n && strcmp(ks->pairs[i].label, label) < 0; i++)
		;
	*ret_there = i < ks->n && strcmp(ks->pairs[i].label, label) == 0;
	return i;
}

void
keystore_adopt(struct keystore *ks, const char *label, struct rsa_key *take_key, bool exportable,
               int64_t wall)
{
	bool there;
	size_t i = find_place(ks, label, &there);

	if (there) {
		pair_fini(&ks->pairs[i]);
	} else {
		x_grow(&ks->pairs, &ks->capacity, ks->n + 1, sizeof(*ks->pairs));
		memmove(&ks->pairs[i + 1], &ks->pairs[i], (ks->n - i) * sizeof(*ks->pairs));
		ks->n++;
	}
	ks->pairs[i] = (struct pair){x_strdup(label), take_key, exportable, wall};
}

int
keystore_generate(struct keystore *ks, const char *label, unsigned bits, bool exportable,
                  int64_t wall)
{
	struct rsa_key *key = rsa_key_generate(bits);

	if (!key)
		return -EINVAL;
	keystore_adopt(ks, label, key, exportable, wall);
	return 0;
}

bool
keystore_remove(struct keystore *ks, const char *label)
{
	bool there;
	size_t i;

	if (!label) {
		there = ks->n > 0;
		while (ks->n)
			pair_fini(&ks->pairs[--ks->n]);
		return there;
	}
	i = find_place(ks, label, &there);
	if (!there)
		return false;
	pair_fini(&ks->pairs[i]);
	ks->n--;
	memmove(&ks->pairs[i], &ks->pairs[i + 1], (ks->n - i) * sizeof(*ks->pairs));
	return true;
}

const struct rsa_key *
keystore_find(const struct keystore *ks, const char *label)
{
	bool there;
	size_t i = find_place(ks, label, &there);

	return there ? ks->pairs[i].key : NULL;
}

size_t
keystore_count(const struct keystore *ks)
{
	return ks->n;
}

struct keystore_entry
keystore_at(const struct keystore *ks, size_t i)
{
	const struct pair *p = &ks->pairs[i];

	return (struct keystore_entry){.label = p->label,
	                               .key = p->key,
	                               .bits = rsa_key_bits(p->key),
	                               .exportable = p->exportable,
	                               .created = p->created};
}

struct span
keystore_public_der(const struct keystore_entry *e, struct arena *a)
{
	struct span der = rsa_key_public_der(e->key);
	uint8_t *copy = arena_alloc(a, der.n);

	memcpy(copy, der.p, der.n);
	free((void *)(uintptr_t)der.p);
	return SPAN(copy, der.n);
}

/* --- other keys ------------------------------------------------------------------------------- */

static void
other_fini(struct other *o)
{
	free(o->label);
	free(o->kind);
	secret_fini(&o->text);
}

void
keystore_put_text(struct keystore *ks, const char *label, const char *kind, struct span text,
                  int64_t wall)
{
	struct other o = {.label = x_strdup(label), .kind = x_strdup(kind), .created = wall};

	secret_copy(&o.text, text);
	keystore_remove_text(ks, label);
	x_grow(&ks->others, &ks->others_capacity, ks->n_others + 1, sizeof(*ks->others));
	ks->others[ks->n_others++] = o;
}

bool
keystore_remove_text(struct keystore *ks, const char *label)
{
	size_t kept = 0, before = ks->n_others;

	for (size_t i = 0; i < before; i++)
		if (label && strcmp(ks->others[i].label, label) != 0)
			ks->others[kept++] = ks->others[i];
		else
			other_fini(&ks->others[i]);
	ks->n_others = kept;
	return kept < before;
}

size_t
keystore_text_count(const struct keystore *ks)
{
	return ks->n_others;
}

struct keystore_text
keystore_text_at(const struct keystore *ks, size_t i)
{
	const struct other *o = &ks->others[i];

	return (struct keystore_text){o->label, o->kind, secret_span(&o->text), o->created};
}

/* --- text ------------------------------------------------------------------------------------- */

#define LABEL_MAX 255
#define KIND_MAX  31
#define PEM_END   "-----END"

static void
append_secret(struct secret *s, struct span more)
{
	struct secret longer;

	secret_init(&longer, s->n + more.n);
	if (s->n)
		memcpy(longer.p, s->p, s->n);
	if (more.n)
		memcpy(longer.p + s->n, more.p, more.n);
	secret_move(s, &longer);
}

void
keystore_write(const struct keystore *ks, struct secret *ret)
{
	struct secret all = {0};

	for (size_t i = 0; i < ks->n; i++) {
		const struct pair *p = &ks->pairs[i];
		struct secret pem = {0};
		char *head =
		    x_asprintf("key %s %d %lld\n", p->label, p->exportable, (long long)p->created);

		rsa_key_private_pem(p->key, &pem);
		append_secret(&all, SPAN(head, strlen(head)));
		append_secret(&all, secret_span(&pem));
		free(head);
		secret_fini(&pem);
	}
	for (size_t i = 0; i < ks->n_others; i++) {
		const struct other *o = &ks->others[i];
		char *head =
		    x_asprintf("other %s %s %lld\n", o->label, o->kind, (long long)o->created);

		append_secret(&all, SPAN(head, strlen(head)));
		append_secret(&all, secret_span(&o->text));
		free(head);
	}
	secret_move(ret, &all);
}

/* The armoured text after the line at `text`, with what follows it in *ret_next; empty: wrong. */
static struct span
armoured_body(const char *text, const char **ret_next)
{
	const char *body = strchr(text, '\n'), *end = body ? strstr(body, PEM_END) : NULL;

	end = end ? strchr(end, '\n') : NULL;
	if (!end)
		return SPAN(NULL, 0);
	*ret_next = end + 1;
	return SPAN(body + 1, (size_t)(end - body));
}

/* One "key LABEL EXPORTABLE CREATED" or "other LABEL KIND CREATED" line and what is armoured. */
static bool
read_one(struct keystore *ks, const char *head, struct span body)
{
	char label[LABEL_MAX + 1], kind[KIND_MAX + 1];
	struct rsa_key *key;
	char exportable[2], created[21]; /* numbers */

	if (sscanf(head, "other %255s %31s %20[-0-9]", label, kind, created) == 3) {
		keystore_put_text(ks, label, kind, body, strtoll(created, NULL, 10));
		return true;
	}
	if (sscanf(head, "key %255s %1[01] %20[-0-9]", label, exportable, created) != 3)
		return false;
	key = rsa_key_from_pem(body);
	if (key)
		keystore_adopt(ks, label, key, *exportable == '1', strtoll(created, NULL, 10));
	return key != NULL;
}

bool
keystore_read(struct keystore *ks, struct span text)
{
	struct keystore *fresh = keystore_new();
	struct secret copy;
	const char *at;
	bool ok = true;

	/* With a NUL at the end, so that searches stop there. */
	secret_init(&copy, text.n + 1);
	if (text.n)
		memcpy(copy.p, text.p, text.n);
	for (at = (const char *)copy.p; at && *at && ok;) {
		const char *head = at;
		struct span body = armoured_body(head, &at);

		ok = body.n && read_one(fresh, head, body);
	}
	if (ok)
		keystore_assign(ks, fresh);
	keystore_free(fresh);
	secret_fini(&copy);
	return ok;
}
