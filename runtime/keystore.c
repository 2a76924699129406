/* RSA key pairs by label, sorted: see keystore.h. */
#include "runtime/keystore.h"

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

struct keystore {
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
	free(ks->pairs);
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

/* Where the label stands, or would. */
static size_t
place(const struct keystore *ks, const char *label, bool *ret_there)
{
	size_t i;

	for (i = 0; i < ks->n && strcmp(ks->pairs[i].label, label) < 0; i++)
		;
	*ret_there = i < ks->n && strcmp(ks->pairs[i].label, label) == 0;
	return i;
}

int
keystore_generate(struct keystore *ks, const char *label, unsigned bits, bool exportable,
		  int64_t wall)
{
	struct rsa_key *key = rsa_key_generate(bits);
	bool there;
	size_t i;

	if (!key)
		return -EINVAL;
	i = place(ks, label, &there);
	if (there) {
		pair_fini(&ks->pairs[i]);
	} else {
		x_grow(&ks->pairs, &ks->capacity, ks->n + 1, sizeof(*ks->pairs));
		memmove(&ks->pairs[i + 1], &ks->pairs[i], (ks->n - i) * sizeof(*ks->pairs));
		ks->n++;
	}
	ks->pairs[i] = (struct pair){x_strdup(label), key, exportable, wall};
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
	i = place(ks, label, &there);
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
	size_t i = place(ks, label, &there);

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

/* --- text ------------------------------------------------------------------------------------- */

#define LABEL_MAX 255
#define PEM_END   "-----END"

static void
append(struct secret *s, struct span more)
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
		append(&all, SPAN(head, strlen(head)));
		append(&all, secret_span(&pem));
		free(head);
		secret_fini(&pem);
	}
	secret_move(ret, &all);
}

/* One "key LABEL EXPORTABLE CREATED" line and the PEM after it, from text on; NULL: wrong. */
static const char *
read_pair(const char *text, struct pair *ret)
{
	const char *pem = strchr(text, '\n'), *end = pem ? strstr(pem, PEM_END) : NULL;
	char label[LABEL_MAX + 1];
	long long created;
	int exportable;

	if (!end || sscanf(text, "key %255s %d %lld", label, &exportable, &created) != 3)
		return NULL;
	end = strchr(end, '\n');
	if (!end)
		return NULL;
	ret->key = rsa_key_from_pem(SPAN(pem + 1, (size_t)(end - pem)));
	if (!ret->key)
		return NULL;
	ret->label = x_strdup(label);
	ret->exportable = exportable != 0;
	ret->created = created;
	return end + 1;
}

bool
keystore_read(struct keystore *ks, struct span text)
{
	struct keystore *fresh = keystore_new();
	struct secret copy;
	const char *at;
	bool there;

	/* A zero at the end, so that what is searched ends somewhere. */
	secret_init(&copy, text.n + 1);
	if (text.n)
		memcpy(copy.p, text.p, text.n);
	for (at = (const char *)copy.p; at && *at;) {
		struct pair p = {0};
		size_t i;

		at = read_pair(at, &p);
		if (!at)
			break;
		i = place(fresh, p.label, &there);
		x_grow(&fresh->pairs, &fresh->capacity, fresh->n + 1, sizeof(*fresh->pairs));
		memmove(&fresh->pairs[i + 1], &fresh->pairs[i],
			(fresh->n - i) * sizeof(*fresh->pairs));
		fresh->pairs[i] = p;
		fresh->n++;
	}
	if (at)
		keystore_assign(ks, fresh);
	keystore_free(fresh);
	secret_fini(&copy);
	return at != NULL;
}
