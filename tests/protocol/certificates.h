/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates made by OpenSSL, and policies that hold them. */
#ifndef TESTS_CERTIFICATES_H
#define TESTS_CERTIFICATES_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "runtime/crypto/cert.h"
#include "tests/protocol/world.h"

#define YEAR     (365L * 86400)
#define NO_CHAIN ((struct cert_list){NULL, 0})

/* The CA of a test, made by its main. */
static EVP_PKEY *ca_key;
static X509 *ca;

static inline void
add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

/* signer NULL: itself, as a CA. */
static inline X509 *
make_certificate(const char *name, EVP_PKEY *key, X509 *signer, EVP_PKEY *signer_key,
                 const char *alt, long ends)
{
	X509 *x = X509_new();

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), -2 * YEAR);
	X509_gmtime_adj(X509_getm_notAfter(x), ends);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
	                           (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(signer ? signer : x));
	X509_set_pubkey(x, key);
	if (!signer)
		add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
	if (alt)
		add_extension(x, NID_subject_alt_name, alt);
	assert_true(X509_sign(x, signer_key, EVP_sha256()) > 0);
	return x;
}

static inline struct span
der_of(struct arena *a, X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	uint8_t *copy = arena_alloc(a, (size_t)n);

	memcpy(copy, der, (size_t)n);
	OPENSSL_free(der);
	return SPAN(copy, (size_t)n);
}

#define LIST_URL "http://crl.example/ca.crl"

/* A list of that CA; serial 0: an empty one. Seconds from now; ends 0: it does not say. */
static inline struct span
make_crl_of(struct arena *a, X509 *of, EVP_PKEY *key, long serial, long begins, long ends)
{
	X509_CRL *x = X509_CRL_new();
	ASN1_TIME *t = X509_gmtime_adj(NULL, begins);
	unsigned char *der = NULL;
	struct span ret;
	uint8_t *copy;
	int n;

	X509_CRL_set_version(x, 1);
	X509_CRL_set_issuer_name(x, X509_get_subject_name(of));
	X509_CRL_set1_lastUpdate(x, t);
	X509_gmtime_adj(t, ends);
	if (ends)
		X509_CRL_set1_nextUpdate(x, t);
	if (serial) {
		X509_REVOKED *r = X509_REVOKED_new();
		ASN1_INTEGER *number = ASN1_INTEGER_new();

		ASN1_INTEGER_set(number, serial);
		X509_gmtime_adj(t, -3600);
		X509_REVOKED_set_serialNumber(r, number);
		X509_REVOKED_set_revocationDate(r, t);
		X509_CRL_add0_revoked(x, r);
		ASN1_INTEGER_free(number);
	}
	ASN1_TIME_free(t);
	assert_true(X509_CRL_sign(x, key, EVP_sha256()) > 0);
	n = i2d_X509_CRL(x, &der);
	copy = arena_alloc(a, (size_t)n);
	memcpy(copy, der, (size_t)n);
	ret = SPAN(copy, (size_t)n);
	OPENSSL_free(der);
	X509_CRL_free(x);
	return ret;
}

/* One of the test's CA. */
static inline struct span
make_crl_since(struct arena *a, EVP_PKEY *key, long serial, long begins, long ends)
{
	return make_crl_of(a, ca, key, serial, begins, ends);
}

static inline struct span
make_crl(struct arena *a, EVP_PKEY *key, long serial, long ends)
{
	return make_crl_since(a, key, serial, -3600, ends);
}

/* Turns a policy to signatures, with this certificate of ours and this CA. */
static inline struct policy *
with_cert(struct policy *p, X509 *own, X509 *trusted)
{
	struct policy_trustpoint *t = arena_alloc(p->arena, sizeof(*t));
	struct span *cas = arena_alloc(p->arena, sizeof(*cas));

	((struct policy_isakmp *)(uintptr_t)p->isakmp)->auth = ISAKMP_AUTH_RSA_SIG;
	p->n_psks = 0;
	cas[0] = der_of(p->arena, trusted);
	*t = (struct policy_trustpoint){.name = "CA",
	                                .subject = "",
	                                .rsa_label = "GET_KEY",
	                                .n_cas = 1,
	                                .cas = cas,
	                                .cert = der_of(p->arena, own)};
	p->trustpoints = t;
	p->n_trustpoints = 1;
	return p;
}

/* The same with ECDSA, and the EC pair of the node. */
static inline struct policy *
with_ec_cert(struct policy *p, X509 *own, X509 *trusted)
{
	with_cert(p, own, trusted);
	((struct policy_isakmp *)(uintptr_t)p->isakmp)->auth = ISAKMP_AUTH_ECDSA_SIG;
	((struct policy_trustpoint *)(uintptr_t)p->trustpoints)->ec_label = "EC_KEY";
	return p;
}

/* --- chains: an EC root, an intermediate CA, a device ----------------------------------------- */

struct chain {
	EVP_PKEY *root_key, *sub_key;
	X509 *root, *sub;
};

static inline X509 *
make_intermediate(const struct chain *c, const char *constraints)
{
	X509 *x = make_certificate("Sub CA", c->sub_key, c->root, c->root_key, NULL, YEAR);

	if (constraints) {
		add_extension(x, NID_basic_constraints, constraints);
		assert_true(X509_sign(x, c->root_key, EVP_sha256()) > 0);
	}
	return x;
}

static inline void
chain_init(struct chain *c, const char *constraints)
{
	c->root_key = EVP_EC_gen("P-256");
	c->sub_key = EVP_RSA_gen(2048);
	c->root = make_certificate("Root", c->root_key, NULL, c->root_key, NULL, YEAR);
	c->sub = make_intermediate(c, constraints);
}

static inline void
chain_fini(struct chain *c)
{
	X509_free(c->root);
	X509_free(c->sub);
	EVP_PKEY_free(c->root_key);
	EVP_PKEY_free(c->sub_key);
}

/* Adds a CA to the node's only trustpoint. */
static inline void
add_ca(struct policy *p, X509 *more)
{
	struct policy_trustpoint *t = (struct policy_trustpoint *)(uintptr_t)p->trustpoints;
	struct span *cas = arena_alloc(p->arena, (t->n_cas + 1) * sizeof(*cas));

	memcpy(cas, t->cas, t->n_cas * sizeof(*cas));
	cas[t->n_cas++] = der_of(p->arena, more);
	t->cas = cas;
}

/* Phase 1s that are up, or on their way. */
static inline size_t
count_isakmp(struct node_under_test *n)
{
	struct arena *a = arena_new();
	size_t count;

	core_snap_isakmp(n->core, n->world->now, a, &count);
	arena_free(a);
	return count;
}

#endif
