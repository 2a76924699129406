/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phase 1 with ECDSA signatures (RFC 4754): the three curves, each a method of its own, and what is
 * no proof: another curve, an RSA certificate, another certificate's key, spoilt signatures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "runtime/crypto/sig_priv.h"
#include "tests/protocol/certificates.h"
#include "tests/protocol/message5.h"

static const struct policy_maker usual = {0};
static const unsigned curves[] = {256, 384, 521};
#define CURVES ARRAY_SIZE(curves)

/* By curve, made by main. */
static struct ec_key *keys[CURVES];

/* A device's certificate with the key of this curve. */
static X509 *
make_leaf(const char *name, size_t curve, const char *alt)
{
	return make_certificate(name, ec_key_evp(keys[curve]), ca, ca_key, alt, YEAR);
}

static struct node_under_test *
ec_server(struct world *w, const struct policy_maker *m, size_t curve)
{
	X509 *own = make_leaf("R1", curve, "IP:10.1.12.1");
	struct policy *p = with_ec_cert(policy_server(m, addr_of("10.1.12.1")), own, ca);

	X509_free(own);
	w->ec = keys[curve];
	return world_node(w, "10.1.12.1", p);
}

static struct node_under_test *
ec_member(struct world *w, const struct policy_maker *m, size_t curve)
{
	X509 *own = make_leaf("R3", curve, NULL);
	struct policy *p = with_ec_cert(policy_member(m, addr_of("10.1.23.3")), own, ca);

	X509_free(own);
	w->ec = keys[curve];
	return world_node(w, "10.1.23.3", p);
}

static enum isakmp_auth
auth_shown(struct node_under_test *n)
{
	struct arena *a = arena_new();
	size_t count;
	const struct snap_isakmp *s = core_snap_isakmp(n->core, n->world->now, a, &count);
	enum isakmp_auth auth = count ? s->auth : ISAKMP_AUTH_PSK;

	arena_free(a);
	return auth;
}

/* Whatever was agreed on for the rest, the hash of the signature is the curve's. */
static void
rfc4754_4_three_curves(void **state)
{
	static const enum hash_id hashes[] = {HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_SHA512};

	(void)state;
	for (size_t i = 0; i < CURVES; i++)
		for (size_t k = 0; k < ARRAY_SIZE(hashes); k++) {
			struct policy_maker m = {.hash = hashes[k]};
			struct world *w = world_new();
			struct node_under_test *ks = ec_server(w, &m, i), *gm = ec_member(w, &m, i);

			world_pass(w, SECONDS(3));
			assert_true(node_registered(gm));
			assert_int_equal(node_members(ks), 1);
			assert_int_equal(auth_shown(ks), ISAKMP_AUTH_ECDSA_SIG);
			world_free(w);
		}
}

/* RFC 2409 5.1: HASH_I by the HMAC of the signature's hash, all else by the negotiated one. */
static void
rfc2409_5_1_hash_of_the_signature(void **state)
{
	static const struct {
		enum phase1_auth method;
		enum hash_id hash;
	} cases[] = {{PHASE1_AUTH_PSK, HASH_SHA1},
	             {PHASE1_AUTH_RSA_SIG, HASH_SHA1},
	             {PHASE1_AUTH_ECDSA_256, HASH_SHA256},
	             {PHASE1_AUTH_ECDSA_384, HASH_SHA384},
	             {PHASE1_AUTH_ECDSA_521, HASH_SHA512}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ike_suite suite = {.hash = HASH_SHA1, .method = cases[i].method};

		assert_int_equal(ike_sign_hash(&suite), cases[i].hash);
	}
}

static void
rfc4754_6_a_curve_is_a_method(void **state)
{
	(void)state;
	for (size_t i = 0; i < CURVES; i++)
		for (size_t k = 0; k < CURVES; k++) {
			struct world *w = world_new();
			struct node_under_test *ks = ec_server(w, &usual, i),
					       *gm = ec_member(w, &usual, k);

			world_pass(w, SECONDS(3));
			assert_int_equal(node_registered(gm), i == k);
			assert_int_equal(ks->core->drops[DROP_NO_PROPOSAL] > 0, i != k);
			world_free(w);
		}
}

/* One policy is offered with every method that there is a certificate for. */
static void
test_a_device_with_two_curves(void **state)
{
	struct world *w = world_new();
	struct node_under_test *ks = ec_server(w, &usual, 2), *gm = ec_member(w, &usual, 2);
	X509 *own = make_leaf("R3", 2, NULL);
	X509 *rsa = make_certificate("R3", rsa_key_evp(w->rsa), ca, ca_key, NULL, YEAR);
	struct policy *p = with_ec_cert(policy_member(&usual, addr_of("10.1.23.3")), own, ca);
	struct policy_trustpoint *t = arena_alloc(p->arena, 2 * sizeof(*t));

	(void)state;
	t[0] = t[1] = p->trustpoints[0];
	t[0].name = "OTHER";
	t[0].ec_label = NULL;
	t[0].cert = der_of(p->arena, rsa);
	p->trustpoints = t;
	p->n_trustpoints = 2;
	node_set(gm, p);
	assert_int_equal(gm->core->ike.signs,
	                 1u << PHASE1_AUTH_RSA_SIG | 1u << PHASE1_AUTH_ECDSA_521);
	world_pass(w, SECONDS(3));
	assert_true(node_registered(gm));
	assert_int_equal(node_members(ks), 1);
	X509_free(own);
	X509_free(rsa);
	world_free(w);
}

/* A key that is gone, or of another trustpoint, signs nothing. */
static void
test_no_key_no_offer(void **state)
{
	struct world *w = world_new();
	struct node_under_test *gm;

	(void)state;
	ec_server(w, &usual, 0);
	gm = ec_member(w, &usual, 0);
	gm->ec = keys[1];
	node_boot(gm);
	assert_int_equal(gm->core->ike.signs, 0);
	world_pass(w, SECONDS(3));
	assert_false(node_registered(gm));
	world_free(w);
}

/* --- what is no proof ------------------------------------------------------------------------- */

struct attempt {
	struct world *w;
	struct node_under_test *ks, *gm;
	struct packet kept;
	struct message5 m;
};

static void
attempt_begin(struct attempt *t, size_t curve, bool rsa)
{
	*t = (struct attempt){.w = world_new()};
	if (rsa) {
		EVP_PKEY *key = rsa_key_evp(t->w->rsa);
		X509 *r1 = make_certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
		X509 *r3 = make_certificate("R3", key, ca, ca_key, NULL, YEAR);

		t->ks = world_node(t->w, "10.1.12.1",
		                   with_cert(policy_server(&usual, addr_of("10.1.12.1")), r1, ca));
		X509_free(r1);
		t->w->fault = keep_message5;
		t->w->fault_arg = &t->kept;
		t->gm = world_node(t->w, "10.1.23.3",
		                   with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca));
		X509_free(r3);
	} else {
		t->ks = ec_server(t->w, &usual, curve);
		t->w->fault = keep_message5;
		t->w->fault_arg = &t->kept;
		t->gm = ec_member(t->w, &usual, curve);
	}
	for (int i = 0; i < 100 && !t->kept.n; i++)
		world_pass(t->w, 100);
	message5_open(t->gm, &t->kept, &t->m);
}

static enum drop
attempt_give(struct attempt *t)
{
	return message5_give(t->ks, t->gm, &t->kept, &t->m);
}

/* The member's own is taken after all: what was refused has changed nothing. */
static void
attempt_end(struct attempt *t)
{
	message5_open(t->gm, &t->kept, &t->m);
	assert_int_equal(attempt_give(t), DROP_NONE);
	free(t->kept.bytes);
	world_free(t->w);
}

static void
rfc4754_7_spoilt_signatures(void **state)
{
	(void)state;
	for (size_t c = 0; c < CURVES; c++) {
		struct attempt t;
		uint8_t sig[EC_SIG_MAX + 1] = {0};
		size_t n;

		attempt_begin(&t, c, false);
		n = t.m.sig.n;
		assert_int_equal(n, 2 * ((curves[c] + 7) / 8));
		memcpy(sig, t.m.sig.p, n);
		for (size_t k = 0; k < 4; k++) { /* too short and too long */
			static const int by[] = {-1, 1, -2, 0};

			t.m.sig = SPAN(sig, by[k] ? n + (size_t)by[k] : n / 2);
			assert_int_equal(attempt_give(&t), DROP_HASH);
		}
		t.m.sig = SPAN(sig, n);
		sig[n / 2 - 1] ^= 1;
		assert_int_equal(attempt_give(&t), DROP_HASH);
		memset(sig, 0, n / 2); /* r is zero */
		assert_int_equal(attempt_give(&t), DROP_HASH);
		message5_open(t.gm, &t.kept, &t.m);
		memcpy(sig, t.m.sig.p, n);
		memset(sig + n / 2, 0, n / 2); /* s is */
		t.m.sig = SPAN(sig, n);
		assert_int_equal(attempt_give(&t), DROP_HASH);
		t.m.sig = (struct span){0}; /* none at all */
		assert_int_equal(attempt_give(&t), DROP_HASH);
		attempt_end(&t);
	}
}

/* As TLS and CMS write a signature: SEQUENCE of two INTEGERs. */
static void
rfc4754_7_a_signature_is_not_der(void **state)
{
	struct attempt t;
	ECDSA_SIG *pair = ECDSA_SIG_new();
	unsigned char *der = NULL;
	int n;

	(void)state;
	attempt_begin(&t, 0, false);
	ECDSA_SIG_set0(pair, BN_bin2bn(t.m.sig.p, 32, NULL), BN_bin2bn(t.m.sig.p + 32, 32, NULL));
	n = i2d_ECDSA_SIG(pair, &der);
	t.m.sig = SPAN(der, (size_t)n);
	assert_int_equal(attempt_give(&t), DROP_HASH);
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	attempt_end(&t);
}

/* A CERT payload (RFC 2408 3.9): for signatures. */
static struct span
cert_body(struct arena *a, X509 *cert)
{
	struct span der = der_of(a, cert);
	uint8_t *body = arena_alloc(a, der.n + 1);

	body[0] = 4;
	memcpy(body + 1, der.p, der.n);
	return SPAN(body, der.n + 1);
}

static void
give_cert(struct attempt *t, X509 *take_cert, enum drop expected)
{
	struct arena *a = arena_new();

	t->m.cert = cert_body(a, take_cert);
	assert_int_equal(attempt_give(t), expected);
	X509_free(take_cert);
	arena_free(a);
}

/* A certificate of the CA whose key is not of the method that was agreed on. */
static void
rfc4754_4_the_certificate_has_the_methods_key(void **state)
{
	struct ec_key *stranger = ec_key_generate(256);
	struct attempt t;

	(void)state;
	attempt_begin(&t, 0, false);
	give_cert(&t, make_leaf("R3", 1, NULL), DROP_CERTIFICATE);
	give_cert(&t, make_leaf("R3", 2, NULL), DROP_CERTIFICATE);
	give_cert(&t, make_certificate("R3", rsa_key_evp(t.w->rsa), ca, ca_key, NULL, YEAR),
	          DROP_CERTIFICATE);
	assert_true(node_logged(t.ks, "there is none, or not one with an EC key of 256 bits"));
	assert_false(node_logged(t.ks, "self"));
	/* the right curve, another key */
	give_cert(&t, make_certificate("R3", ec_key_evp(stranger), ca, ca_key, NULL, YEAR),
	          DROP_HASH);
	/* the right key, nobody's CA */
	give_cert(
	    &t, make_certificate("R3", ec_key_evp(keys[0]), NULL, ec_key_evp(keys[0]), NULL, YEAR),
	    DROP_CERTIFICATE);
	assert_true(node_logged(t.ks, "self"));
	attempt_end(&t);
	attempt_begin(&t, 0, true);
	give_cert(&t, make_leaf("R3", 0, NULL), DROP_CERTIFICATE);
	assert_true(node_logged(t.ks, "there is none, or not one with an RSA key"));
	attempt_end(&t);
	ec_key_free(stranger);
}

/*
 * The signer may stand behind its CAs; but who shows many certificates does not make us check a
 * signature by each.
 */
static void
test_signer_among_many(void **state)
{
	struct ec_key *stranger = ec_key_generate(384);
	struct arena *a = arena_new();
	struct attempt t;
	X509 *other = make_certificate("R4", ec_key_evp(stranger), ca, ca_key, NULL, YEAR);

	(void)state;
	for (size_t n = 0; n < 4; n++) {
		attempt_begin(&t, 1, false);
		t.m.n_before = n;
		for (size_t i = 0; i < n; i++)
			t.m.before[i] = cert_body(a, ca); /* of the same curve */
		assert_int_equal(attempt_give(&t), DROP_NONE);
		free(t.kept.bytes);
		world_free(t.w);

		attempt_begin(&t, 1, false);
		t.m.n_before = n;
		for (size_t i = 0; i < n; i++)
			t.m.before[i] = cert_body(a, other);
		assert_int_equal(attempt_give(&t), n < 2 ? DROP_NONE : DROP_HASH);
		free(t.kept.bytes);
		world_free(t.w);
	}
	X509_free(other);
	ec_key_free(stranger);
	arena_free(a);
}

/* RFC 5480 2.1.1: a key whose curve is spelt out is no key. */
static void
rfc5480_2_1_1_named_curves_in_certificates(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct arena *a = arena_new();
	struct cert *c;
	X509 *x;

	(void)state;
	x = make_certificate("R3", key, ca, ca_key, NULL, YEAR);
	c = cert_from_der(der_of(a, x));
	assert_non_null(c);
	assert_int_equal(cert_ec_bits(c), 256);
	assert_null(cert_rsa_key(c));
	cert_free(c);
	X509_free(x);
	assert_true(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit"));
	x = make_certificate("R3", key, ca, ca_key, NULL, YEAR);
	assert_null(cert_from_der(der_of(a, x)));
	X509_free(x);
	EVP_PKEY_free(key);
	arena_free(a);
}

/* --- how often one may fail ------------------------------------------------------------------- */

/* The nth of many that are no signature, or no certificate; then the same again, for free. */
static void
fail_once(struct attempt *t, unsigned nth, bool spoils_cert)
{
	const struct span was = spoils_cert ? t->m.cert : t->m.sig;
	uint8_t *bent = x_memdup(was.p, was.n);
	const struct span other = SPAN(bent, was.n);

	bent[was.n - 1 - nth / 255] ^= (uint8_t)(1 + nth % 255);
	if (spoils_cert) {
		memset(bent + 1, 0, 4); /* no certificate at all */
		t->m.cert = other;
	} else {
		t->m.sig = other;
	}
	assert_int_equal(attempt_give(t), spoils_cert ? DROP_CERTIFICATE : DROP_HASH);
	for (int i = 0; i < 3 && ike_setups(t->ks->core); i++)
		assert_int_equal(attempt_give(t), DROP_REPEAT);
	*(spoils_cert ? &t->m.cert : &t->m.sig) = was;
	free(bent);
}

/*
 * One fewer than IKE_REFUSED_MAX that authenticate nobody, each sent four times, end nothing; one
 * more ends the exchange. The same for both kinds of keys.
 */
static void
test_refused_proofs_are_counted(void **state)
{
	(void)state;
	for (unsigned how = 0; how < 4; how++) {
		bool rsa = how & 1, cert = how & 2;
		struct attempt t;

		attempt_begin(&t, 0, rsa);
		for (unsigned i = 0; i < IKE_REFUSED_MAX - 1; i++)
			fail_once(&t, i, cert);
		assert_int_equal(ike_setups(t.ks->core), 1);
		attempt_end(&t);

		attempt_begin(&t, 0, rsa);
		for (unsigned i = 0; i < IKE_REFUSED_MAX; i++)
			fail_once(&t, i, cert);
		assert_int_equal(ike_setups(t.ks->core), 0);
		assert_int_not_equal(attempt_give(&t), DROP_NONE);
		free(t.kept.bytes);
		world_free(t.w);
	}
}

static void
test_request(void **state)
{
	(void)state;
	for (size_t i = 0; i < CURVES; i++) {
		struct key_pair pair = {.ec = keys[i]};
		char *request = cert_request(pair, "cn=R3, o=Lab", 0);
		BIO *bio = BIO_new_mem_buf(request, -1);
		X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);

		assert_int_equal(X509_REQ_verify(req, ec_key_evp(keys[i])), 1);
		X509_REQ_free(req);
		BIO_free(bio);
		free(request);
	}
	assert_null(cert_request((struct key_pair){0}, "cn=R3", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc4754_4_three_curves),
	    cmocka_unit_test(rfc2409_5_1_hash_of_the_signature),
	    cmocka_unit_test(rfc4754_6_a_curve_is_a_method),
	    cmocka_unit_test(test_a_device_with_two_curves),
	    cmocka_unit_test(test_no_key_no_offer),
	    cmocka_unit_test(rfc4754_7_spoilt_signatures),
	    cmocka_unit_test(rfc4754_7_a_signature_is_not_der),
	    cmocka_unit_test(rfc4754_4_the_certificate_has_the_methods_key),
	    cmocka_unit_test(test_signer_among_many),
	    cmocka_unit_test(rfc5480_2_1_1_named_curves_in_certificates),
	    cmocka_unit_test(test_refused_proofs_are_counted),
	    cmocka_unit_test(test_request),
	};
	int failed;

	crypto_init();
	ca_key = EVP_EC_gen("P-384");
	ca = make_certificate("CA", ca_key, NULL, ca_key, NULL, YEAR);
	for (size_t i = 0; i < CURVES; i++)
		keys[i] = ec_key_generate(curves[i]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < CURVES; i++)
		ec_key_free(keys[i]);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	return failed;
}
