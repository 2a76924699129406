/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `crypto pki certificate map` and `crypto identity`: read from the tree, made canonical, and found
 * again by those that name them. What does not exist, or cannot be read, matches nothing.
 */
#define _GNU_SOURCE /* strptime */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "compiler/compile/compile_parts.h"

/* --- certificate maps ------------------------------------------------------------------------- */

static const char *const fields[] = {
    [CERT_SUBJECT] = "subject-name",
    [CERT_ISSUER] = "issuer-name",
    [CERT_ALT_SUBJECT] = "alt-subject-name",
    [CERT_NAME] = "name",
    [CERT_UNSTRUCTURED] = "unstructured-subject-name",
    [CERT_SERIAL] = "serial-number",
    [CERT_VALID_START] = "valid-start",
    [CERT_EXPIRES_ON] = "expires-on",
};

static const char *const operators[] = {
    [CERT_EQ] = "eq", [CERT_NE] = "ne", [CERT_CO] = "co",
    [CERT_NC] = "nc", [CERT_LT] = "lt", [CERT_GE] = "ge",
};

static unsigned
index_of(const char *const *list, size_t n, const char *word)
{
	unsigned i = 0;

	while (i + 1 < n && strcmp(list[i], word) != 0)
		i++;
	return i;
}

static bool
read_date(const char *text, int64_t *ret)
{
	static const char *const forms[] = {"%b %d %Y %H:%M:%S", "%b %d %Y", "%d %b %Y",
	                                    "%H:%M:%S %b %d %Y", "%Y-%m-%d"};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct tm tm = {0};
		const char *end = strptime(text, forms[i], &tm);

		if (end && !end[strspn(end, " ")]) {
			*ret = timegm(&tm);
			return true;
		}
	}
	return false;
}

/* "0x00:1a:2B" -> "1A2B"; NULL when the text is not hexadecimal. */
static const char *
read_serial(struct compiler *c, const char *text)
{
	char *out = arena_strdup(c->arena, text);
	size_t n = 0;

	if (strncasecmp(text, "0x", 2) == 0)
		text += 2;
	for (; *text; text++) {
		if (*text == ':' || *text == ' ' || (*text == '0' && !n))
			continue;
		if (!strchr("0123456789abcdefABCDEF", *text))
			return NULL;
		out[n++] = (char)(*text >= 'a' ? *text - 32 : *text);
	}
	out[n] = 0;
	return n ? out : NULL;
}

static struct policy_cert_rule
read_rule(struct compiler *c, const struct tnode *n)
{
	struct word at = read_word(c, n, ARG_TEXT);
	struct policy_cert_rule r = {
	    .field = index_of(fields, ARRAY_SIZE(fields), tnode_str(n, ARG_FIELD)),
	    .op = index_of(operators, ARRAY_SIZE(operators), tnode_str(n, ARG_OP))};

	if (r.field == CERT_VALID_START || r.field == CERT_EXPIRES_ON)
		r.value = read_date(at.text, &r.time) ? at.text : NULL;
	else if (r.field == CERT_SERIAL)
		r.value = read_serial(c, at.text);
	else
		r.value = dn_fold(c->arena, at.text);
	if (!r.value || !*r.value) {
		r.value = NULL;
		complain(c, DIAG_ERROR, "certificate-map-value", &at, NULL,
		         "\"%s\" cannot be compared with the %s of a certificate: this entry of "
		         "the map matches nothing",
		         at.text, fields[r.field]);
	}
	return r;
}

static struct raw_cert_map *
cert_map_named(struct compiler *c, const char *name)
{
	for (size_t i = 0; i < c->raw.n_cert_maps; i++)
		if (strcmp(c->raw.cert_maps[i].name.text, name) == 0)
			return &c->raw.cert_maps[i];
	return NULL;
}

static void
read_entry(struct compiler *c, const struct tnode *n, struct policy_cert_map_entry *e)
{
	struct policy_cert_rule *rules = read_array(c, n, KEY_PKI_MAP_RULE, sizeof(*rules));
	const struct tnode *r;

	*e = (struct policy_cert_map_entry){.seq = tnode_u32(n, ARG_SEQ), .rules = rules};
	for (r = tnode_first(n, KEY_PKI_MAP_RULE); r; r = tnode_next(r))
		rules[e->n++] = read_rule(c, r);
}

void
read_cert_maps(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n;
	struct raw_cert_map *m;
	size_t most = 0;

	for (n = tnode_first(top, KEY_CRYPTO_PKI_MAP); n; n = tnode_next(n))
		most++;
	c->raw.cert_maps = arena_alloc(c->arena, most * sizeof(*c->raw.cert_maps));
	for (n = tnode_first(top, KEY_CRYPTO_PKI_MAP); n; n = tnode_next(n)) {
		m = cert_map_named(c, tnode_str(n, ARG_NAME));
		if (!m) {
			m = &c->raw.cert_maps[c->raw.n_cert_maps++];
			m->name = read_word(c, n, ARG_NAME);
			m->entries = arena_alloc(c->arena, most * sizeof(*m->entries));
			m->policy.name = m->name.text;
			m->policy.entries = m->entries;
		}
		read_entry(c, n, &m->entries[m->policy.n_entries++]);
	}
}

void
compile_cert_matches(struct compiler *c, struct raw_trustpoint *t)
{
	const struct policy_cert_map **maps =
	    arena_alloc(c->arena, t->n_maps * sizeof(struct policy_cert_map *));

	for (size_t i = 0; i < t->n_maps; i++) {
		const struct word *name = &t->maps[i];
		const struct raw_cert_map *m = cert_map_named(c, name->text);

		if (m)
			maps[i] = &m->policy;
		else
			complain(c, DIAG_ERROR, "certificate-map-undefined", name,
			         NEAREST(c, name->text, c->raw.cert_maps, c->raw.n_cert_maps),
			         "certificate map %s does not exist: it matches no certificate for "
			         "trustpoint %s",
			         name->text, t->name.text);
	}
	t->policy.n_maps = t->n_maps;
	t->policy.maps = maps;
}

/* --- identities ------------------------------------------------------------------------------- */

static void
read_identity(struct compiler *c, const struct tnode *n, struct policy_identity *ret)
{
	const char **dns = read_array(c, n, KEY_IDENTITY_DN, sizeof(*dns));
	const char **fqdns = read_array(c, n, KEY_IDENTITY_FQDN, sizeof(*fqdns));
	const struct tnode *m;

	for (m = tnode_first(n, KEY_IDENTITY_DN); m; m = tnode_next(m)) {
		struct word at = read_word(c, m, ARG_DN);
		const char *dn = dn_fold(c->arena, at.text);

		if (dn_is_whole(dn))
			dns[ret->n_dns++] = dn;
		else
			complain(c, DIAG_ERROR, "identity-dn", &at, "dn ou=GM, o=Lab",
			         "\"%s\" is no part of a distinguished name: it matches nobody",
			         at.text);
	}
	for (m = tnode_first(n, KEY_IDENTITY_FQDN); m; m = tnode_next(m))
		fqdns[ret->n_fqdns++] = arena_strdup(c->arena, tnode_str(m, ARG_FQDN));
	ret->dns = dns;
	ret->fqdns = fqdns;
}

void
read_identities(struct compiler *c, const struct tnode *top)
{
	struct raw_identity *i = read_array(c, top, KEY_CRYPTO_IDENTITY, sizeof(*i));
	const struct tnode *n;

	c->raw.identities = i;
	for (n = tnode_first(top, KEY_CRYPTO_IDENTITY); n; n = tnode_next(n), i++) {
		i->name = read_word(c, n, ARG_NAME);
		i->policy.name = i->name.text;
		read_identity(c, n, &i->policy);
		c->raw.n_identities++;
	}
}

const struct policy_identity *
compile_identity(struct compiler *c, const struct word *name, const char *id,
                 const char *consequence)
{
	for (size_t i = 0; i < c->raw.n_identities; i++) {
		const struct raw_identity *raw = &c->raw.identities[i];

		if (strcmp(raw->name.text, name->text) != 0)
			continue;
		if (raw->policy.n_dns || raw->policy.n_fqdns)
			return &raw->policy;
		complain(c, DIAG_ERROR, id, name, "dn", "identity %s holds neither dn nor fqdn: %s",
		         name->text, consequence);
		return NULL;
	}
	complain(c, DIAG_ERROR, id, name,
	         NEAREST(c, name->text, c->raw.identities, c->raw.n_identities),
	         "identity %s does not exist: %s", name->text, consequence);
	return NULL;
}
