/*
 * Phase 1 with RSA signatures: certificates made here by OpenSSL, a server and members that hold
 * one, and what must not pass: another CA's, an expired one, one with somebody else's address.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "runtime/crypto/cert.h"
#include "runtime/crypto/sig_priv.h"
#include "tests/protocol/world.h"

#define YEAR (365L * 86400)

static EVP_PKEY *ca_key;
static X509 *ca;

static void
extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

/* signer NULL: itself, as a CA. */
static X509 *
certificate(const char *name, EVP_PKEY *key, X509 *signer, EVP_PKEY *signer_key, const char *alt,
	    long ends)
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
		extension(x, NID_basic_constraints, "critical,CA:TRUE");
	if (alt)
		extension(x, NID_subject_alt_name, alt);
	assert_true(X509_sign(x, signer_key, EVP_sha256()) > 0);
	return x;
}

static struct span
der_of(struct arena *a, X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	uint8_t *copy = arena_alloc(a, (size_t)n);

	memcpy(copy, der, (size_t)n);
	OPENSSL_free(der);
	return SPAN(copy, (size_t)n);
}

/* Turns a policy to signatures, with this certificate of ours and this CA. */
static struct policy *
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

/* Does a member that holds `own` register with a server that trusts our CA? */
static bool
registers(X509 *own, X509 *trusted, const char **ret_log, const char *expect)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *server = certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
	struct node_under_test *ks = world_node(
	    w, "10.1.12.1", with_cert(policy_server(&usual, addr_of("10.1.12.1")), server, ca));
	struct node_under_test *gm = world_node(
	    w, "10.1.23.3", with_cert(policy_member(&usual, addr_of("10.1.23.3")), own, trusted));
	bool yes;

	world_pass(w, SECONDS(3));
	yes = node_registered(gm) && node_members(ks) == 1;
	if (expect && !node_logged(ks, expect) && !node_logged(gm, expect))
		*ret_log = "not logged";
	X509_free(server);
	world_free(w);
	return yes;
}

static X509 *
member_cert(const char *alt, long ends)
{
	struct world *w = world_new();
	X509 *x = certificate("R3", rsa_key_evp(w->rsa), ca, ca_key, alt, ends);

	world_free(w);
	return x;
}

static void
test_registers(void **state)
{
	X509 *own = member_cert("IP:10.1.23.3", YEAR), *plain = member_cert(NULL, YEAR);
	const char *log = NULL;

	(void)state;
	assert_true(registers(own, ca, &log, NULL));
	assert_true(registers(plain, ca, &log, NULL));
	X509_free(own);
	X509_free(plain);
}

static void
test_refused(void **state)
{
	X509 *other_address = member_cert("IP:10.1.23.99", YEAR),
	     *expired = member_cert(NULL, -YEAR);
	EVP_PKEY *evil_key = EVP_RSA_gen(1024);
	X509 *evil_ca = certificate("CA", evil_key, NULL, evil_key, NULL, YEAR), *forged;
	struct world *w = world_new();
	const char *log = NULL;

	(void)state;
	forged = certificate("R3", rsa_key_evp(w->rsa), evil_ca, evil_key, NULL, YEAR);
	world_free(w);
	assert_false(registers(other_address, ca, &log,
			       "%CRYPTO-5-IKMP_INVAL_CERT: Certificate received from 10.1.23.3 is "
			       "bad: it is somebody else's"));
	assert_false(registers(expired, ca, &log,
			       "%CRYPTO-5-IKMP_INVAL_CERT: Certificate received from 10.1.23.3 is "
			       "bad: certificate has expired"));
	assert_false(registers(forged, ca, &log,
			       "%CRYPTO-5-IKMP_INVAL_CERT: Certificate received from 10.1.23.3 is "
			       "bad: certificate signature failure"));
	/* and a member that does not trust the server's CA */
	assert_false(registers(forged, evil_ca, &log, NULL));
	assert_null(log);
	X509_free(other_address);
	X509_free(expired);
	X509_free(forged);
	X509_free(evil_ca);
	EVP_PKEY_free(evil_key);
}

static void
test_certificate_texts(void **state)
{
	X509 *x = member_cert("IP:10.1.23.3,DNS:r3.lab", YEAR);
	struct arena *a = arena_new();
	struct span der = der_of(a, x);
	struct cert *c = cert_from_der(der);
	char text[256];

	(void)state;
	assert_non_null(c);
	cert_subject_text(c, text, sizeof(text));
	assert_string_equal(text, "CN=R3");
	cert_serial_text(c, text, sizeof(text));
	assert_string_equal(text, "07");
	assert_false(cert_is_ca(c));
	assert_true(cert_allows_address(c, addr_of("10.1.23.3")));
	assert_false(cert_allows_address(c, addr_of("10.1.23.4")));
	assert_true(cert_has_dns_name(c, SPAN("r3.lab", 6)));
	assert_false(cert_has_dns_name(c, SPAN("r3.lap", 6)));
	/* octets too few, too many, none, another thing */
	assert_null(cert_from_der(SPAN(der.p, der.n - 1)));
	assert_null(cert_from_der(SPAN(NULL, 0)));
	assert_null(cert_from_pem(SPAN("-----BEGIN CERTIFICATE-----\nAAAA\n", 33)));
	for (size_t i = 0; i < der.n; i++) {
		uint8_t *bent = arena_alloc(a, der.n);

		memcpy(bent, der.p, der.n);
		bent[i] ^= 0x55;
		cert_free(cert_from_der(SPAN(bent, der.n)));
	}
	cert_free(c);
	arena_free(a);
	X509_free(x);
}

static void
test_request(void **state)
{
	struct world *w = world_new();
	char *request = cert_request(w->rsa, "cn=R3, o=Lab", addr_of("10.1.23.3"));
	BIO *bio;
	X509_REQ *req;

	(void)state;
	assert_non_null(request);
	bio = BIO_new_mem_buf(request, -1);
	req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	assert_non_null(req);
	assert_int_equal(X509_REQ_verify(req, rsa_key_evp(w->rsa)), 1);
	assert_null(cert_request(w->rsa, "no name", 0));
	assert_null(cert_request(w->rsa, "", 0));
	X509_REQ_free(req);
	BIO_free(bio);
	free(request);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_registers),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_certificate_texts),
	    cmocka_unit_test(test_request),
	};
	int failed;

	crypto_init();
	ca_key = EVP_RSA_gen(1024);
	ca = certificate("CA", ca_key, NULL, ca_key, NULL, YEAR);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	return failed;
}
