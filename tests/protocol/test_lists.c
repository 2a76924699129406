/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists that are none (RFC 5280 5.2, 6.3.3): they clear nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "runtime/crypto/cert.h"
#include "tests/protocol/certificates.h"

/* What a list says beyond RFC 5280 5.1: a number where it has no text. */
struct list_extension {
	int nid;
	const char *text;
	bool critical;
};

static void
add_list_extension(X509_CRL *x, const struct list_extension *e)
{
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	X509_EXTENSION *made;

	ASN1_INTEGER_set(number, 12);
	made = e->text ? X509V3_EXT_conf_nid(NULL, NULL, e->nid, e->text)
	               : X509V3_EXT_i2d(e->nid, e->critical, number);
	assert_non_null(made);
	X509_EXTENSION_set_critical(made, e->critical);
	X509_CRL_add_ext(x, made, -1);
	X509_EXTENSION_free(made);
	ASN1_INTEGER_free(number);
}

/* The list once more, of another issuer, with an extension, and signed again. */
static struct span
extend_crl(struct arena *a, struct span der, const char *issuer, const struct list_extension *e)
{
	const unsigned char *p = der.p;
	X509_CRL *x = d2i_X509_CRL(NULL, &p, (long)der.n);
	X509_NAME *name = X509_NAME_new();
	struct span ret;
	uint8_t *at;

	assert_non_null(x);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)issuer, -1, -1,
	                           0);
	X509_CRL_set_issuer_name(x, name);
	if (e->nid)
		add_list_extension(x, e);
	assert_true(X509_CRL_sign(x, ca_key, EVP_sha256()) > 0);
	ret.n = (size_t)i2d_X509_CRL(x, NULL);
	ret.p = at = arena_alloc(a, ret.n);
	i2d_X509_CRL(x, &at);
	X509_NAME_free(name);
	X509_CRL_free(x);
	return ret;
}

#define NOT_UNDERSTOOD "the CRL says what is not understood"
#define MAY_NOT_SIGN   "its issuer may not sign a CRL"

/*
 * RFC 5280 5.2, 5.2.4, 6.3.3 (f): a list with something critical that is not understood, a delta,
 * and one of who may not sign lists clear nobody, and do not revoke either.
 */
static const struct list_case {
	const char *usage, *issuer;
	struct list_extension extension;
	const char *why, *refused; /* NULL: the list counts */
} list_cases[] = {
    {"keyCertSign,cRLSign", "Lists", {0}, NULL, NULL},
    {"keyCertSign,cRLSign", "Lists", {NID_crl_number, NULL, false}, NULL, NULL},
    {"keyCertSign,cRLSign", "Lists", {NID_crl_number, NULL, true}, NOT_UNDERSTOOD, NOT_UNDERSTOOD},
    {"keyCertSign,cRLSign",
     "Lists",
     {NID_issuing_distribution_point, "onlyuser:TRUE", true},
     NOT_UNDERSTOOD,
     NOT_UNDERSTOOD},
    {"keyCertSign,cRLSign", "Lists", {NID_delta_crl, NULL, false}, NOT_UNDERSTOOD, NOT_UNDERSTOOD},
    {"keyCertSign", "Lists", {0}, MAY_NOT_SIGN, MAY_NOT_SIGN},
    {"keyCertSign,cRLSign",
     "Others",
     {0},
     "the CRL is another CA's",
     "there is no CRL of its issuer"},
};

/* By a list with or without it, the certificate 7 of this CA. */
static void
try_list_case(struct arena *a, const struct list_case *t, EVP_PKEY *key, bool listed)
{
	X509 *root = make_certificate("Lists", ca_key, NULL, ca_key, NULL, YEAR), *x;
	struct span der = make_crl(a, ca_key, listed ? 7 : 0, 86400);
	struct crl *l = crl_read(extend_crl(a, der, t->issuer, &t->extension));
	struct crl_check check = {.crls = &l, .n = 1};
	int64_t now = (int64_t)time(NULL);
	const char *why, *want = t->refused;
	struct cert *of, *c;

	assert_non_null(l);
	add_extension(root, NID_key_usage, t->usage);
	assert_true(X509_sign(root, ca_key, EVP_sha256()) > 0);
	x = make_certificate("R3", key, root, ca_key, NULL, YEAR);
	of = cert_from_der(der_of(a, root));
	c = cert_from_der(der_of(a, x));
	why = crl_refused(l, of, now);
	assert_string_equal(why ? why : "", t->why ? t->why : "");
	if (!want && listed)
		want = crl_revoked;
	why = cert_verify(c, (struct cert_list){&of, 1}, NO_CHAIN, &check, now);
	assert_string_equal(why ? why : "", want ? want : "");
	crl_check_fini(&check);
	crl_free(l);
	cert_free(c);
	cert_free(of);
	X509_free(x);
	X509_free(root);
}

static void
rfc5280_5_2_what_is_no_list(void **state)
{
	struct arena *a = arena_new();
	EVP_PKEY *key = EVP_RSA_gen(2048);

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(list_cases); i++)
		try_list_case(a, &list_cases[i / 2], key, i % 2);
	EVP_PKEY_free(key);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc5280_5_2_what_is_no_list),
	};
	int failed;

	ca_key = EVP_RSA_gen(2048);
	ca = make_certificate("CA", ca_key, NULL, ca_key, NULL, YEAR);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	return failed;
}
