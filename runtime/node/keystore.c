/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs by label, sorted: see keystore.h. */
#include "runtime/node/keystore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/ecdsa.h"
#include "runtime/crypto/sig.h"

struct pair {
	char *label;
	struct rsa_key *rsa; /* one of the two */
	struct ec_key *ec;
	bool exportable;
	int64_t created;
};

struct pairs {
	struct pair *at; /* by label */
	size_t n, capacity;
};

struct other {
	char *label, *kind;
	struct secret text;
	int64_t created;
};

struct keystore {
	struct other *others; /* as they came */
	size_t n_others, others_capacity;
	struct pairs rsa, ec;
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
	rsa_key_free(p->rsa);
	ec_key_free(p->ec);
}

/* Where the label stands in the sorted list, or would be inserted. */
static size_t
find_place(const struct pairs *list, const char *label, bool *ret_there)
{
	size_t i;

	for (i = 0; i < list->n && strcmp(list->at[i].label, label) < 0; i++)
		;
	*ret_there = i < list->n && strcmp(list->at[i].label, label) == 0;
	return i;
}

/* NULL: there is none of that label. */
static const struct pair *
find_pair(const struct pairs *list, const char *label)
{
	bool there;
	size_t i = find_place(list, label, &there);

	return there ? &list->at[i] : NULL;
}

static void
put_pair(struct pairs *list, struct pair p)
{
	bool there;
	size_t i = find_place(list, p.label, &there);

	if (there) {
		pair_fini(&list->at[i]);
	} else {
		x_grow(&list->at, &list->capacity, list->n + 1, sizeof(*list->at));
		memmove(&list->at[i + 1], &list->at[i], (list->n - i) * sizeof(*list->at));
		list->n++;
	}
	list->at[i] = p;
}

/* label NULL: all. */
static bool
remove_pair(struct pairs *list, const char *label)
{
	bool there;
	size_t i;

	if (!label) {
		there = list->n > 0;
		while (list->n)
			pair_fini(&list->at[--list->n]);
		return there;
	}
	i = find_place(list, label, &there);
	if (!there)
		return false;
	pair_fini(&list->at[i]);
	list->n--;
	memmove(&list->at[i], &list->at[i + 1], (list->n - i) * sizeof(*list->at));
	return true;
}

static void
copy_pairs(struct pairs *to, const struct pairs *from)
{
	for (size_t i = 0; i < from->n; i++) {
		struct pair p = from->at[i];

		p.label = x_strdup(p.label);
		p.rsa = p.rsa ? rsa_key_ref(p.rsa) : NULL;
		p.ec = p.ec ? ec_key_ref(p.ec) : NULL;
		put_pair(to, p);
	}
}

static struct keystore_entry
entry_of(const struct pair *p)
{
	return (struct keystore_entry){.label = p->label,
	                               .key = p->rsa,
	                               .ec = p->ec,
	                               .bits = p->rsa ? rsa_key_bits(p->rsa) : ec_key_bits(p->ec),
	                               .exportable = p->exportable,
	                               .created = p->created};
}

void
keystore_free(struct keystore *ks)
{
	if (!ks)
		return;
	keystore_remove(ks, NULL);
	keystore_remove_ec(ks, NULL);
	keystore_remove_text(ks, NULL);
	free(ks->rsa.at);
	free(ks->ec.at);
	free(ks->others);
	free(ks);
}

struct keystore *
keystore_clone(const struct keystore *ks)
{
	struct keystore *copy = keystore_new();

	copy_pairs(&copy->rsa, &ks->rsa);
	copy_pairs(&copy->ec, &ks->ec);
	for (size_t i = 0; i < ks->n_others; i++) {
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

void
keystore_adopt(struct keystore *ks, const char *label, struct rsa_key *take_key, bool exportable,
               int64_t wall)
{
	put_pair(&ks->rsa, (struct pair){.label = x_strdup(label),
	                                 .rsa = take_key,
	                                 .exportable = exportable,
	                                 .created = wall});
}

void
keystore_adopt_ec(struct keystore *ks, const char *label, struct ec_key *take_key, bool exportable,
                  int64_t wall)
{
	put_pair(&ks->ec, (struct pair){.label = x_strdup(label),
	                                .ec = take_key,
	                                .exportable = exportable,
	                                .created = wall});
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
	return remove_pair(&ks->rsa, label);
}

bool
keystore_remove_ec(struct keystore *ks, const char *label)
{
	return remove_pair(&ks->ec, label);
}

const struct rsa_key *
keystore_find(const struct keystore *ks, const char *label)
{
	const struct pair *p = find_pair(&ks->rsa, label);

	return p ? p->rsa : NULL;
}

const struct ec_key *
keystore_find_ec(const struct keystore *ks, const char *label)
{
	const struct pair *p = find_pair(&ks->ec, label);

	return p ? p->ec : NULL;
}

size_t
keystore_count(const struct keystore *ks)
{
	return ks->rsa.n;
}

size_t
keystore_ec_count(const struct keystore *ks)
{
	return ks->ec.n;
}

struct keystore_entry
keystore_at(const struct keystore *ks, size_t i)
{
	return entry_of(&ks->rsa.at[i]);
}

struct keystore_entry
keystore_ec_at(const struct keystore *ks, size_t i)
{
	return entry_of(&ks->ec.at[i]);
}

bool
keystore_look(const struct keystore *ks, bool ec, const char *label, struct keystore_entry *ret)
{
	const struct pair *p = find_pair(ec ? &ks->ec : &ks->rsa, label);

	if (p)
		*ret = entry_of(p);
	return p != NULL;
}

bool
keystore_forbid_export(struct keystore *ks, bool ec, const char *label)
{
	struct pairs *list = ec ? &ks->ec : &ks->rsa;
	bool there;
	size_t i = find_place(list, label, &there);

	if (there)
		list->at[i].exportable = false;
	return there;
}

struct span
keystore_public_der(const struct keystore_entry *e, struct arena *a)
{
	struct span der = e->key ? rsa_key_public_der(e->key) : ec_key_public_der(e->ec);
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

static void
write_pairs(const struct pairs *list, struct secret *all)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct pair *p = &list->at[i];
		struct secret pem = {0};
		char *head =
		    x_asprintf("key %s %d %lld\n", p->label, p->exportable, (long long)p->created);

		if (p->rsa)
			rsa_key_private_pem(p->rsa, &pem);
		else
			ec_key_private_pem(p->ec, &pem);
		append_secret(all, SPAN(head, strlen(head)));
		append_secret(all, secret_span(&pem));
		free(head);
		secret_fini(&pem);
	}
}

void
keystore_write(const struct keystore *ks, struct secret *ret)
{
	struct secret all = {0};

	write_pairs(&ks->rsa, &all);
	write_pairs(&ks->ec, &all);
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

/* The key itself says of which kind it is; false: it is none that we take. */
static bool
read_pair(struct keystore *ks, const char *label, bool exportable, int64_t created, struct span pem)
{
	struct rsa_key *rsa = rsa_key_from_pem(pem);
	struct ec_key *ec = rsa ? NULL : ec_key_from_pem(pem);

	if (rsa)
		keystore_adopt(ks, label, rsa, exportable, created);
	else if (ec)
		keystore_adopt_ec(ks, label, ec, exportable, created);
	return rsa || ec;
}

/*
 * One "key LABEL EXPORTABLE CREATED" or "other LABEL KIND CREATED" line and what is armoured. EC
 * keys were others once.
 */
static bool
read_one(struct keystore *ks, const char *head, struct span body)
{
	char label[LABEL_MAX + 1], kind[KIND_MAX + 1];
	char exportable[2], created[21]; /* numbers */

	if (sscanf(head, "other %255s %31s %20[-0-9]", label, kind, created) == 3) {
		int64_t at = strtoll(created, NULL, 10);

		if (strncmp(kind, "ec", 2) != 0 || !read_pair(ks, label, false, at, body))
			keystore_put_text(ks, label, kind, body, at);
		return true;
	}
	if (sscanf(head, "key %255s %1[01] %20[-0-9]", label, exportable, created) != 3)
		return false;
	return read_pair(ks, label, *exportable == '1', strtoll(created, NULL, 10), body);
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
