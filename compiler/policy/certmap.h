/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose certificate is whose: distinguished names as text that can be compared, `crypto pki
 * certificate map` and `crypto identity`. Pure: certificates come as the facts they state.
 *
 * A distinguished name in canonical form is "cn=r1,o=lab": lower case, no blanks around = and
 * commas, in values the characters , = and \ behind a \, so that no value can pose as a component.
 */
#ifndef TESTUDO_CERTMAP_H
#define TESTUDO_CERTMAP_H

#include "compiler/base/arena.h"

/* What a certificate says, all in canonical form: borrowed. */
struct cert_facts {
	const char *subject, *issuer; /* canonical distinguished names */
	size_t n_alt;
	const char *const *alt; /* subjectAltName: addresses, domain and mail names, lower case */
	const char *serial;     /* hexadecimal, upper case, no leading zeros */
	int64_t not_before, not_after; /* seconds since 1970 UTC */
};

enum cert_field {
	CERT_SUBJECT,
	CERT_ISSUER,
	CERT_ALT_SUBJECT,
	CERT_NAME, /* subject or subjectAltName */
	CERT_UNSTRUCTURED,
	CERT_SERIAL,
	CERT_VALID_START,
	CERT_EXPIRES_ON
};

enum cert_operator { CERT_EQ, CERT_NE, CERT_CO, CERT_NC, CERT_LT, CERT_GE };

struct policy_cert_rule {
	enum cert_field field;
	enum cert_operator op;
	const char *value; /* canonical; NULL: makes no sense, and matches nothing */
	int64_t time;      /* of the last two fields */
};

struct policy_cert_map { /* all entries of one label */
	const char *name;
	size_t n_entries;
	const struct policy_cert_map_entry {
		uint32_t seq;
		size_t n;
		const struct policy_cert_rule *rules; /* all must hold; none: matches nothing */
	} * entries;
};

/* `crypto identity`: the certificate's subject holds all of a dn, or it has the domain name. */
struct policy_identity {
	const char *name;
	size_t n_dns, n_fqdns;
	const char *const *dns; /* canonical */
	const char *const *fqdns;
};

/* The canonical form of what was typed, in the arena. */
const char *dn_fold(struct arena *a, const char *text);
/* One component, canonical, into ret: key as OpenSSL's short name, value of n octets. */
void dn_component(struct arena *a, const char **dn, const char *key, const void *value, size_t n);
bool dn_is_whole(const char *dn); /* canonical: every component is key=value, and there is one */
bool dn_equal(const char *a, const char *b);           /* the same components, in any order */
bool dn_holds(const char *dn, const char *components); /* all of the components, and not none */

bool policy_cert_map_match(const struct policy_cert_map *m, const struct cert_facts *f);
/*
 * subject NULL and names NULL: the peer has no certificate. names: each ends with a NUL, then "".
 */
bool policy_identity_match(const struct policy_identity *i, const char *subject, const char *names);

bool policy_cert_map_equal(const struct policy_cert_map *a, const struct policy_cert_map *b);
bool policy_identity_equal(const struct policy_identity *a, const struct policy_identity *b);

#endif
