/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trustpoints and the certificates that are configured as hexadecimal below `crypto pki certificate
 * chain`: read from the tree and made part of the policy. The contents of a certificate are not
 * read here.
 */
#include <stdlib.h>
#include <string.h>

#include "compiler/compile/compile_parts.h"

#define DER_MAX 8192 /* octets of one certificate */

static int
hex_value(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	                              : -1;
}

/* Appends the octets of a word of hexadecimal; false when there is no room. */
static bool
append_hex(uint8_t *der, size_t *n, const char *word)
{
	for (; word[0]; word += 2) {
		int high = hex_value(word[0]), low = word[1] ? hex_value(word[1]) : -1;

		if (high < 0 || low < 0 || *n == DER_MAX)
			return false;
		der[(*n)++] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* The octets of the whole, as its first ones say (X.690 8.1.3); 0: it is no SEQUENCE. */
static size_t
length_said(struct span der)
{
	size_t n = der.n > 1 ? der.p[1] : 0, octets = n & 0x7f, said = 0;

	if (der.n < 2 || der.p[0] != 0x30)
		return 0;
	if (n < 0x80)
		return 2 + n;
	if (octets > sizeof(uint32_t) || der.n < 2 + octets)
		return 0;
	for (size_t i = 0; i < octets; i++)
		said = said << 8 | der.p[2 + i];
	return 2 + octets + said;
}

static struct span
read_der(struct compiler *c, const struct tnode *cert)
{
	const struct tnode *n;
	struct word at;
	uint8_t *der = arena_alloc(c->arena, DER_MAX);
	size_t used = 0, i;

	for (n = tnode_first(cert, KEY_PKI_DATA); n; n = tnode_next(n))
		for (i = 0; i < tnode_count(n, ARG_DATA); i++)
			if (!append_hex(der, &used, tnode_str_at(n, ARG_DATA, i))) {
				at = read_line(c, n);
				complain(
				    c, DIAG_ERROR, "pki-too-long", &at, NULL,
				    "longer than a certificate may be (%d octets): it is left out",
				    DER_MAX);
				return (struct span){0};
			}
	if (used && length_said(SPAN(der, used)) != used) {
		at = read_line(c, cert);
		complain(c, DIAG_ERROR, "pki-damaged", &at, NULL,
		         "the %zu octets are not one certificate: it is left out", used);
		return (struct span){0};
	}
	return SPAN(der, used);
}

static void
read_chain(struct compiler *c, const struct tnode *chain, struct policy_trustpoint *ret)
{
	struct span *cas = read_array(c, chain, KEY_PKI_CERTIFICATE, sizeof(*cas));
	const struct tnode *n;

	ret->cas = cas;
	for (n = tnode_first(chain, KEY_PKI_CERTIFICATE); n; n = tnode_next(n)) {
		struct span der = read_der(c, n);

		if (!der.n)
			continue;
		if (tnode_has(n, ARG_CA))
			cas[ret->n_cas++] = der;
		else
			ret->cert = der; /* the newest */
	}
}

static void
read_matches(struct compiler *c, const struct tnode *n, struct raw_trustpoint *t)
{
	struct word *maps = read_array(c, n, KEY_PKI_MATCH, sizeof(*maps));
	const struct tnode *m;

	for (m = tnode_first(n, KEY_PKI_MATCH); m; m = tnode_next(m))
		maps[t->n_maps++] = read_word(c, m, ARG_MAP);
	t->maps = maps;
}

/*
 * The methods in their order; OCSP is none that we have, so the next one is asked. Who types none
 * has the lists asked that are there.
 */
static enum policy_revocation
read_revocation(const struct tnode *n)
{
	const char *first = n ? tnode_str(n, ARG_CHECK) : "crl";
	const char *then = n ? tnode_str(n, ARG_THEN) : "none";

	if (!strcmp(first, "ocsp")) {
		first = then;
		then = NULL;
	}
	if (!first || !strcmp(first, "ocsp"))
		return REVOCATION_NEVER;
	if (!strcmp(first, "none"))
		return REVOCATION_IGNORED;
	return then && !strcmp(then, "none") ? REVOCATION_CRL_OR_NONE : REVOCATION_CRL;
}

void
read_trustpoints(struct compiler *c, const struct tnode *top)
{
	const struct tnode *n, *chain, *below;
	struct raw_trustpoint *t =
	    read_array(c, top, KEY_CRYPTO_PKI_TRUSTPOINT, sizeof(struct raw_trustpoint));

	c->raw.trustpoints = t;
	for (n = tnode_first(top, KEY_CRYPTO_PKI_TRUSTPOINT); n; n = tnode_next(n), t++) {
		t->name = read_word(c, n, ARG_NAME);
		t->policy.name = t->name.text;
		t->policy.subject = "";
		below = tnode_first(n, KEY_PKI_SUBJECT_NAME);
		if (below)
			t->policy.subject = arena_strdup(c->arena, tnode_str(below, ARG_SUBJECT));
		below = tnode_first(n, KEY_PKI_RSAKEYPAIR);
		if (below)
			t->rsa_label = read_word(c, below, ARG_LABEL);
		below = tnode_first(n, KEY_PKI_ECKEYPAIR);
		if (below)
			t->ec_label = read_word(c, below, ARG_LABEL);
		below = tnode_first(n, KEY_PKI_REVOCATION_CHECK);
		t->policy.revocation = read_revocation(below);
		t->asks = below != NULL;
		if (below && tnode_says(below, ARG_CHECK, "ocsp"))
			t->ocsp = read_line(c, below);
		read_matches(c, n, t);
		for (chain = tnode_first(top, KEY_CRYPTO_PKI_CHAIN); chain;
		     chain = tnode_next(chain))
			if (tnode_says(chain, ARG_NAME, t->name.text))
				read_chain(c, chain, &t->policy);
		c->raw.n_trustpoints++;
	}
}

/* --- resolving -------------------------------------------------------------------------------- */

static const char *
default_label(struct compiler *c)
{
	const struct policy *p = c->policy;

	return p->domain_name[0] ? arena_printf(c->arena, "%s.%s", p->hostname, p->domain_name)
	                         : p->hostname;
}

bool
compile_signs(const struct compiler *c)
{
	for (size_t i = 0; i < c->policy->n_isakmp; i++)
		if (c->policy->isakmp[i].auth != ISAKMP_AUTH_PSK)
			return true;
	return false;
}

bool
compile_has_label(const char *const *labels, size_t n, const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(labels[i], label))
			return true;
	return false;
}

static void
check_key(struct compiler *c, const struct raw_trustpoint *raw)
{
	const struct compile_facts *f = c->facts;
	const char *ec = raw->policy.ec_label, *label = ec ? ec : raw->policy.rsa_label;
	const struct word *named = ec ? &raw->ec_label : &raw->rsa_label;

	if (ec && raw->rsa_label.text)
		complain(c, DIAG_WARNING, "pki-two-keys", &raw->rsa_label, NULL,
		         "trustpoint %s names an RSA and an EC key pair: the EC one is used",
		         raw->name.text);
	if (!compile_has_label(ec ? f->ec_labels : f->rsa_labels,
	                       ec ? f->n_ec_labels : f->n_rsa_labels, label))
		complain(c, DIAG_WARNING, "pki-no-key", named->text ? named : &raw->name, NULL,
		         "there is no %s key %s for trustpoint %s", ec ? "EC" : "RSA", label,
		         raw->name.text);
}

static void
check_trustpoint(struct compiler *c, const struct raw_trustpoint *raw)
{
	if (raw->ocsp.text)
		complain(c, DIAG_WARNING, "pki-revocation", &raw->ocsp, "revocation-check crl",
		         "OCSP is not asked for trustpoint %s: %s", raw->name.text,
		         raw->policy.revocation == REVOCATION_NEVER ? "no certificate counts"
		                                                    : "what follows it is");
	if (!raw->asks)
		complain(c, DIAG_WARNING, "pki-revocation", &raw->name, "revocation-check crl",
		         "trustpoint %s does not say revocation-check: a certificate counts when "
		         "there is no revocation list of its CA",
		         raw->name.text);
	if (!raw->policy.cert.n || !raw->policy.n_cas)
		complain(c, DIAG_WARNING, "pki-no-certificate", &raw->name, NULL,
		         "trustpoint %s has no %s certificate yet: crypto pki %s %s",
		         raw->name.text, raw->policy.n_cas ? "router" : "CA",
		         raw->policy.n_cas ? "enroll" : "authenticate", raw->name.text);
	check_key(c, raw);
}

/* A policy of signatures wants a trustpoint with a key of its kind. RSA is the default's, too. */
static void
check_policy_key(struct compiler *c, const struct raw_isakmp *raw)
{
	bool ec = raw->policy.auth == ISAKMP_AUTH_ECDSA_SIG;
	size_t n = c->raw.n_trustpoints, i = 0;

	if (raw->policy.auth == ISAKMP_AUTH_PSK || raw->unfit)
		return;
	while (i < n && (c->raw.trustpoints[i].ec_label.text != NULL) != ec)
		i++;
	if (i == n && (n || ec))
		complain(c, DIAG_WARNING, "isakmp-no-key", &raw->at,
		         ec ? "eckeypair" : "authentication ecdsa-sig",
		         "ISAKMP policy %u authenticates by %s, and no trustpoint has %s key: it "
		         "is not used",
		         raw->policy.number, isakmp_auth_word(raw->policy.auth),
		         ec ? "an EC" : "an RSA");
}

void
compile_pki(struct compiler *c)
{
	size_t n = c->raw.n_trustpoints, i;
	struct policy_trustpoint *list = arena_alloc(c->arena, n * sizeof(*list));
	bool wanted = compile_signs(c);

	for (i = 0; i < n; i++) {
		struct raw_trustpoint *raw = &c->raw.trustpoints[i];

		raw->policy.rsa_label =
		    raw->rsa_label.text ? raw->rsa_label.text : default_label(c);
		raw->policy.ec_label = raw->ec_label.text;
		compile_cert_matches(c, raw);
		list[i] = raw->policy;
		if (wanted)
			check_trustpoint(c, raw);
	}
	for (i = 0; i < c->raw.n_isakmp; i++)
		check_policy_key(c, &c->raw.isakmp[i]);
	c->policy->n_trustpoints = n;
	c->policy->trustpoints = list;
}
