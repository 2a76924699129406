/* RSA key pairs by label, sorted: see keystore.h. */
#include "runtime/keystore.h"

#include <errno.h>
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
