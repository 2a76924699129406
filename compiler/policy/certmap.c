/* SPDX-License-Identifier: Apache-2.0 */
/* Names of certificates compared: see certmap.h. */
#define _GNU_SOURCE /* memmem */
#include "compiler/policy/certmap.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- canonical names -------------------------------------------------------------------------- */

/* What IOS and OpenSSL call differently. */
static const char *
alias_of(const char *key)
{
	static const char *const aliases[][2] = {
	    {"e", "emailaddress"},
	    {"ea", "emailaddress"},
	    {"email", "emailaddress"},
	    {"hostname", "unstructuredname"},
	    {"s", "st"},
	    {"sp", "st"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (strcmp(key, aliases[i][0]) == 0)
			return aliases[i][1];
	return key;
}

struct folding {
	char *out;
	size_t n, component; /* octets so far; where the component begins */
	bool value;          /* behind the = */
	bool begins;         /* right behind a separator, where blanks do not count */
};

static void
fold_put(struct folding *f, char c, bool plain)
{
	if (plain)
		f->out[f->n++] = '\\';
	f->out[f->n++] = (char)tolower((unsigned char)c);
	f->begins = false;
}

static void
fold_trim(struct folding *f)
{
	while (f->n > f->component && f->out[f->n - 1] == ' ')
		f->n--;
}

/* An = or a comma that separates. */
static void
fold_separator(struct folding *f, char c)
{
	fold_trim(f);
	if (c == '=') {
		char *key = f->out + f->component;
		const char *name;
		size_t n;

		f->out[f->n] = 0;
		name = alias_of(key);
		n = strlen(name);
		memmove(key, name, n);
		f->n = f->component + n;
	}
	f->out[f->n++] = c;
	f->value = c == '=';
	f->begins = true;
	if (c == ',')
		f->component = f->n;
}

const char *
dn_fold(struct arena *a, const char *text)
{
	struct folding f = {.out = arena_alloc(a, strlen(text) * 12 + 16), .begins = true};
	bool quoted = false;

	for (; *text; text++) {
		if (*text == '"') {
			quoted = !quoted;
		} else if (*text == '\\' && text[1]) {
			text++;
			fold_put(&f, *text, strchr(",=\\", *text));
		} else if (*text == ',' && !quoted) {
			fold_separator(&f, ',');
		} else if (*text == '=' && !f.value && !quoted) {
			fold_separator(&f, '=');
		} else if (*text != ' ' || !f.begins) {
			fold_put(&f, *text, strchr(",=\\", *text));
		}
	}
	fold_trim(&f);
	f.out[f.n] = 0;
	return f.out;
}

void
dn_component(struct arena *a, const char **dn, const char *key, const void *value, size_t n)
{
	const uint8_t *p = value;
	char *out = arena_alloc(a, strlen(*dn) + strlen(key) + 3 * n + 3);
	size_t k = (size_t)sprintf(out, "%s%s", *dn, **dn ? "," : "");

	for (; *key; key++)
		out[k++] = (char)tolower((unsigned char)*key);
	out[k++] = '=';
	for (size_t i = 0; i < n; i++) {
		if (p[i] < ' ') { /* a NUL must not end a name */
			k += (size_t)sprintf(out + k, "\\%02x", p[i]);
			continue;
		}
		if (strchr(",=\\", p[i]))
			out[k++] = '\\';
		out[k++] = (char)tolower(p[i]);
	}
	*dn = out;
}

/* The next component; its length, 0 at the end. */
static size_t
next_component(const char **dn)
{
	size_t n = 0;

	if (**dn == ',')
		(*dn)++;
	while ((*dn)[n] && (*dn)[n] != ',')
		n += (*dn)[n] == '\\' && (*dn)[n + 1] ? 2 : 1;
	return n;
}

static bool
holds_one(const char *dn, const char *want, size_t n)
{
	size_t k;

	for (; (k = next_component(&dn)); dn += k)
		if (k == n && memcmp(dn, want, n) == 0)
			return true;
	return false;
}

static size_t
component_count(const char *dn)
{
	size_t n = 0, k;

	for (; (k = next_component(&dn)); dn += k)
		n++;
	return n;
}

bool
dn_is_whole(const char *dn)
{
	bool any = false;
	size_t n;

	for (; (n = next_component(&dn)); dn += n, any = true) {
		const char *equals = memchr(dn, '=', n);

		if (!equals || equals == dn || equals + 1 == dn + n)
			return false;
	}
	return any && !*dn;
}

bool
dn_holds(const char *dn, const char *components)
{
	size_t n, found = 0;

	for (; (n = next_component(&components)); components += n, found++)
		if (!holds_one(dn, components, n))
			return false;
	return found > 0;
}

bool
dn_equal(const char *a, const char *b)
{
	return component_count(a) == component_count(b) && dn_holds(a, b) && dn_holds(b, a);
}

/* --- certificate maps ------------------------------------------------------------------------- */

static bool
text_is(const char *text, const char *want, enum cert_operator op)
{
	return op == CERT_EQ || op == CERT_NE ? strcmp(text, want) == 0
	                                      : strstr(text, want) != NULL;
}

static bool
alt_is(const struct cert_facts *f, const char *want, enum cert_operator op)
{
	for (size_t i = 0; i < f->n_alt; i++)
		if (text_is(f->alt[i], want, op))
			return true;
	return false;
}

static bool
name_is(const char *dn, const char *want, enum cert_operator op)
{
	return op == CERT_EQ || op == CERT_NE ? dn_equal(dn, want) : strstr(dn, want) != NULL;
}

/* The value of each unstructuredName in the subject. */
static bool
unstructured_is(const char *dn, const char *want, enum cert_operator op)
{
	static const char key[] = "unstructuredname=";
	size_t n, skip = sizeof(key) - 1, length = strlen(want);

	for (; (n = next_component(&dn)); dn += n) {
		if (n < skip || memcmp(dn, key, skip) != 0)
			continue;
		if (op == CERT_EQ || op == CERT_NE
		        ? n - skip == length && memcmp(dn + skip, want, length) == 0
		        : memmem(dn + skip, n - skip, want, length) != NULL)
			return true;
	}
	return false;
}

static bool
time_holds(int64_t t, enum cert_operator op, int64_t want)
{
	switch (op) {
	case CERT_EQ:
		return t == want;
	case CERT_NE:
		return t != want;
	case CERT_LT:
		return t < want;
	case CERT_GE:
		return t >= want;
	default:
		return false;
	}
}

static bool
rule_holds(const struct policy_cert_rule *r, const struct cert_facts *f)
{
	bool no = r->op == CERT_NE || r->op == CERT_NC;

	if (!r->value)
		return false;
	switch (r->field) {
	case CERT_SUBJECT:
		return no != name_is(f->subject, r->value, r->op);
	case CERT_ISSUER:
		return no != name_is(f->issuer, r->value, r->op);
	case CERT_ALT_SUBJECT:
		return no != alt_is(f, r->value, r->op);
	case CERT_NAME:
		return no != (name_is(f->subject, r->value, r->op) || alt_is(f, r->value, r->op));
	case CERT_UNSTRUCTURED:
		return no != unstructured_is(f->subject, r->value, r->op);
	case CERT_SERIAL:
		return no != text_is(f->serial, r->value, r->op);
	case CERT_VALID_START:
		return time_holds(f->not_before, r->op, r->time);
	case CERT_EXPIRES_ON:
		return time_holds(f->not_after, r->op, r->time);
	}
	return false;
}

bool
policy_cert_map_match(const struct policy_cert_map *m, const struct cert_facts *f)
{
	for (size_t i = 0; i < m->n_entries; i++) {
		const struct policy_cert_map_entry *e = &m->entries[i];
		size_t k = 0;

		while (k < e->n && rule_holds(&e->rules[k], f))
			k++;
		if (e->n && k == e->n)
			return true;
	}
	return false;
}

/* --- identities ------------------------------------------------------------------------------- */

bool
policy_identity_match(const struct policy_identity *i, const char *subject, const char *names)
{
	for (size_t k = 0; subject && k < i->n_dns; k++)
		if (dn_holds(subject, i->dns[k]))
			return true;
	for (; names && *names; names += strlen(names) + 1)
		for (size_t k = 0; k < i->n_fqdns; k++)
			if (strcasecmp(names, i->fqdns[k]) == 0)
				return true;
	return false;
}

/* --- comparison ------------------------------------------------------------------------------- */

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
entry_equal(const struct policy_cert_map_entry *a, const struct policy_cert_map_entry *b)
{
	if (a->seq != b->seq || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->rules[i].field != b->rules[i].field || a->rules[i].op != b->rules[i].op ||
		    a->rules[i].time != b->rules[i].time ||
		    !same_text(a->rules[i].value, b->rules[i].value))
			return false;
	return true;
}

bool
policy_cert_map_equal(const struct policy_cert_map *a, const struct policy_cert_map *b)
{
	if (!a || !b || strcmp(a->name, b->name) != 0 || a->n_entries != b->n_entries)
		return a == b;
	for (size_t i = 0; i < a->n_entries; i++)
		if (!entry_equal(&a->entries[i], &b->entries[i]))
			return false;
	return true;
}

bool
policy_identity_equal(const struct policy_identity *a, const struct policy_identity *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a->name, b->name) == 0 && strings_equal(a->dns, a->n_dns, b->dns, b->n_dns) &&
	       strings_equal(a->fqdns, a->n_fqdns, b->fqdns, b->n_fqdns);
}
