/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains of certificates, and revocation lists (RFC 5280): what leads to a CA that is trusted, and
 * what a CA has taken back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "runtime/crypto/cert.h"
#include "runtime/crypto/sig_priv.h"
#include "runtime/host/host.h"
#include "runtime/node/crl_cache.h"
#include "runtime/store/store_memory.h"
#include "tests/protocol/certificates.h"

/* --- chains ----------------------------------------------------------------------------------- */

/*
 * The member's certificate is the intermediate CA's; the server knows the root alone. sends: the
 * member has the intermediate's certificate, so that it can show it.
 */
static bool
chain_registers(const struct chain *c, bool sends)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, c->root, c->root_key, "IP:10.1.12.1", YEAR);
	X509 *r3 = make_certificate("R3", key, c->sub, c->sub_key, NULL, YEAR);
	struct policy *server = policy_server(&usual, addr_of("10.1.12.1"));
	struct policy *member = policy_member(&usual, addr_of("10.1.23.3"));
	struct node_under_test *ks, *gm;
	bool yes;

	with_cert(member, r3, c->root);
	if (sends)
		add_ca(member, c->sub);
	ks = world_node(w, "10.1.12.1", with_cert(server, r1, c->root));
	gm = world_node(w, "10.1.23.3", member);
	world_pass(w, SECONDS(3));
	yes = node_registered(gm) && node_members(ks) == 1;
	if (!yes && !node_logged(ks, "unable to get"))
		assert_true(node_logged(ks, "invalid CA certificate"));
	X509_free(r1);
	X509_free(r3);
	world_free(w);
	return yes;
}

static void
test_chain(void **state)
{
	struct chain c;

	(void)state;
	chain_init(&c, "critical,CA:TRUE");
	assert_true(chain_registers(&c, true));
	assert_false(chain_registers(&c, false));
	chain_fini(&c);
	chain_init(&c, NULL); /* no CA */
	assert_false(chain_registers(&c, true));
	chain_fini(&c);
	chain_init(&c, "critical,CA:FALSE");
	assert_false(chain_registers(&c, true));
	chain_fini(&c);
}

/* What an intermediate CA's own certificate may not do, its children do not gain. */
static void
test_chain_checked(void **state)
{
	struct arena *a = arena_new();
	struct chain c;
	struct cert *root, *sub, *leaf;
	X509 *x;
	int64_t now = (int64_t)time(NULL);

	(void)state;
	chain_init(&c, "critical,CA:TRUE,pathlen:0");
	x = make_certificate("R3", c.sub_key, c.sub, c.sub_key, NULL, YEAR);
	root = cert_from_der(der_of(a, c.root));
	sub = cert_from_der(der_of(a, c.sub));
	leaf = cert_from_der(der_of(a, x));
	assert_non_null(root);
	assert_false(cert_is_rsa(root));
	assert_int_equal(cert_ec_bits(root), 256);
	assert_null(cert_rsa_key(root));
	assert_true(cert_is_self_signed(root));
	assert_false(cert_is_self_signed(sub));
	assert_true(cert_issued_by(leaf, sub));
	assert_false(cert_issued_by(leaf, root));
	assert_null(cert_verify(leaf, (struct cert_list){&root, 1}, (struct cert_list){&sub, 1},
	                        NULL, now));
	assert_non_null(cert_verify(leaf, (struct cert_list){&root, 1}, NO_CHAIN, NULL, now));
	/* what came with it is believed by nobody for itself */
	assert_non_null(
	    cert_verify(leaf, (struct cert_list){NULL, 0}, (struct cert_list){&sub, 1}, NULL, now));
	assert_non_null(cert_verify(leaf, (struct cert_list){&root, 1}, (struct cert_list){&sub, 1},
	                            NULL, now + 2 * YEAR));
	cert_free(root);
	cert_free(sub);
	cert_free(leaf);
	X509_free(x);
	chain_fini(&c);
	arena_free(a);
}

/* --- revocation lists ------------------------------------------------------------------------- */

/*
 * The server asks for lists, and has this one; the certificates have the serial number 7. later:
 * another one comes when the member has registered, and ends its phase 1.
 */
static bool
crl_registers(struct span crl, enum policy_revocation how, const char *logged, struct span later)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
	X509 *r3 = make_certificate("R3", key, ca, ca_key, NULL, YEAR);
	struct policy *server = policy_server(&usual, addr_of("10.1.12.1"));
	struct node_under_test *ks, *gm;
	struct crl *first = crl_read(crl), *second = crl_read(later);
	bool yes;

	with_cert(server, r1, ca);
	((struct policy_trustpoint *)(uintptr_t)server->trustpoints)->revocation = how;
	ks = world_node(w, "10.1.12.1", server);
	ks->crl = first;
	gm = world_node(w, "10.1.23.3",
	                with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca));
	world_pass(w, SECONDS(3));
	yes = node_registered(gm) && node_members(ks) == 1;
	if (logged && !node_logged(ks, logged))
		fail_msg("not logged: %s", logged);
	if (later.n) {
		assert_int_equal(count_isakmp(ks), 1);
		ks->crl = second;
		core_crl_changed(ks->core, w->now);
		world_drain(ks);
		assert_int_equal(count_isakmp(ks), 0);
		assert_true(node_logged(ks, "it has been revoked"));
	}
	X509_free(r1);
	X509_free(r3);
	world_free(w);
	crl_free(first);
	crl_free(second);
	return yes;
}

/* RFC 5280 5.3.1: a newer list may take back that a certificate is on hold. */
static void
test_newest_list_decides(void **state)
{
	struct arena *a = arena_new();
	struct crl *lists[] = {crl_read(make_crl_since(a, ca_key, 7, -7200, -60)),
	                       crl_read(make_crl_since(a, ca_key, 0, -3600, 86400)),
	                       crl_read(make_crl_since(a, ca_key, 7, -1800, 86400))};
	struct crl *turned[] = {lists[1], lists[0]};
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *r3 = make_certificate("R3", key, ca, ca_key, NULL, YEAR);
	struct cert *c = cert_from_der(der_of(a, r3)), *of = cert_from_der(der_of(a, ca));
	struct span id = cert_id(c);

	(void)state;
	assert_true(crl_revokes(lists, 1, of, id));
	assert_false(crl_revokes(lists, 2, of, id));
	assert_false(crl_revokes(turned, 2, of, id));
	assert_true(crl_revokes(lists, 3, of, id));
	free((void *)(uintptr_t)id.p);
	cert_free(c);
	cert_free(of);
	X509_free(r3);
	EVP_PKEY_free(key);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		crl_free(lists[i]);
	arena_free(a);
}

static void
test_revocation(void **state)
{
	const struct span none = {0};
	EVP_PKEY *other = EVP_RSA_gen(2048);
	struct arena *a = arena_new();
	struct span good = make_crl(a, ca_key, 0, 86400);
	struct span revoked = make_crl(a, ca_key, 7, 86400);
	struct span old = make_crl(a, ca_key, 0, -60);
	struct span endless = make_crl(a, ca_key, 0, 0);
	struct span forged = make_crl(a, other, 0, 86400);
	struct span expired = make_crl(a, ca_key, 7, -60);

	(void)state;
	assert_true(crl_registers(good, REVOCATION_CRL, NULL, none));
	assert_true(crl_registers(none, REVOCATION_IGNORED, NULL, none));
	assert_true(crl_registers(make_crl(a, ca_key, 8, 86400), REVOCATION_CRL, NULL, none));
	assert_false(crl_registers(revoked, REVOCATION_CRL,
	                           "%PKI-3-CERTIFICATE_REVOKED: Certificate chain validation has "
	                           "failed. The certificate (SN: 07) is revoked",
	                           none));
	assert_false(crl_registers(none, REVOCATION_CRL,
	                           "%PKI-3-CRL_FETCH_FAIL: CRL fetch for trustpoint CA failed",
	                           none));
	assert_false(crl_registers(old, REVOCATION_CRL, "the CRL has expired", none));
	assert_false(crl_registers(endless, REVOCATION_CRL, "the CRL has expired", none));
	/* the CA's clock is a little ahead, or far */
	assert_true(
	    crl_registers(make_crl_since(a, ca_key, 0, 200, 86400), REVOCATION_CRL, NULL, none));
	assert_false(crl_registers(make_crl_since(a, ca_key, 0, 3600, 86400), REVOCATION_CRL,
	                           "the CRL is not valid yet", none));
	assert_false(crl_registers(forged, REVOCATION_CRL, "the CRL's signature is wrong", none));
	assert_false(crl_registers(SPAN("x", 1), REVOCATION_CRL, "there is no CRL", none));
	assert_false(crl_registers(good, REVOCATION_NEVER, "OCSP", none));
	/* crl none: only who is on a list that counts is refused */
	assert_true(crl_registers(none, REVOCATION_CRL_OR_NONE, NULL, none));
	assert_true(crl_registers(old, REVOCATION_CRL_OR_NONE, NULL, none));
	assert_false(crl_registers(revoked, REVOCATION_CRL_OR_NONE, "CERTIFICATE_REVOKED", none));
	/* who is on a list of the CA's is revoked, whatever its time; but not on a forged one */
	assert_false(crl_registers(expired, REVOCATION_CRL_OR_NONE, "CERTIFICATE_REVOKED", none));
	assert_false(crl_registers(expired, REVOCATION_CRL, "CERTIFICATE_REVOKED", none));
	assert_false(crl_registers(make_crl_since(a, ca_key, 7, 3600, 86400),
	                           REVOCATION_CRL_OR_NONE, "CERTIFICATE_REVOKED", none));
	assert_true(crl_registers(expired, REVOCATION_IGNORED, NULL, none));
	assert_true(
	    crl_registers(make_crl(a, other, 7, 86400), REVOCATION_CRL_OR_NONE, NULL, none));
	assert_true(crl_registers(good, REVOCATION_CRL, NULL, expired));
	/* the list comes when the member is there */
	assert_true(crl_registers(good, REVOCATION_CRL, NULL, revoked));
	arena_free(a);
	EVP_PKEY_free(other);
}

/* A member without a list refuses its server, and is not told that it was refused itself. */
static void
member_says(enum policy_revocation of_server, enum policy_revocation of_member, const char *said,
            const char *not_said)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
	X509 *r3 = make_certificate("R3", key, ca, ca_key, NULL, YEAR);
	struct policy *server = with_cert(policy_server(&usual, addr_of("10.1.12.1")), r1, ca);
	struct policy *member = with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca);
	struct node_under_test *gm;

	((struct policy_trustpoint *)(uintptr_t)server->trustpoints)->revocation = of_server;
	((struct policy_trustpoint *)(uintptr_t)member->trustpoints)->revocation = of_member;
	world_node(w, "10.1.12.1", server);
	gm = world_node(w, "10.1.23.3", member);
	world_pass(w, SECONDS(120));
	assert_false(node_registered(gm));
	assert_true(node_logged(gm, said));
	assert_false(node_logged(gm, not_said));
	X509_free(r1);
	X509_free(r3);
	world_free(w);
}

static void
test_who_refused(void **state)
{
	static const char ours[] = "our certificate was probably refused";
	static const char its[] = "the peer's certificate or signature was refused";

	(void)state;
	member_says(REVOCATION_IGNORED, REVOCATION_CRL, its, ours);
	member_says(REVOCATION_CRL, REVOCATION_IGNORED, ours, its);
}

/* Two trustpoints of one CA; the list is kept for the one of that name alone. */
static bool
second_takes(const char *listed, enum policy_revocation first, enum policy_revocation second)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	struct arena *a = arena_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
	X509 *r3 = make_certificate("R3", key, ca, ca_key, NULL, YEAR);
	struct policy *server = with_cert(policy_server(&usual, addr_of("10.1.12.1")), r1, ca);
	struct policy_trustpoint two[2] = {server->trustpoints[0], server->trustpoints[0]};
	struct crl *list = crl_read(make_crl(a, ca_key, 7, 86400));
	struct node_under_test *ks, *gm;
	bool yes;

	two[0].revocation = first;
	two[1].name = "CB";
	two[1].revocation = second;
	server->trustpoints = arena_memdup(server->arena, two, sizeof(two));
	server->n_trustpoints = 2;
	ks = world_node(w, "10.1.12.1", server);
	ks->crl = list;
	ks->crl_of = listed;
	gm = world_node(w, "10.1.23.3",
	                with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca));
	world_pass(w, SECONDS(3));
	yes = node_registered(gm);
	X509_free(r1);
	X509_free(r3);
	world_free(w);
	crl_free(list);
	arena_free(a);
	return yes;
}

/* What one trustpoint knows to be revoked is refused, though another would take it. */
static void
test_trustpoints_agree(void **state)
{
	const enum policy_revocation lenient = REVOCATION_CRL_OR_NONE, none = REVOCATION_IGNORED;

	(void)state;
	assert_false(second_takes("CA", lenient, lenient));
	assert_false(second_takes("CB", lenient, lenient));
	assert_false(second_takes("CA", REVOCATION_CRL, none));
	assert_false(second_takes("CB", none, lenient));
	/* who asks for none does not look */
	assert_true(second_takes("CA", none, lenient));
	assert_true(second_takes("CB", none, none));
	assert_true(second_takes("CC", lenient, lenient));
}

/* --- distribution points ---------------------------------------------------------------------- */

/* What the member's certificate says about where its list is; NULL: nothing. */
struct fetch_case {
	const char *points;
	struct span brings; /* empty: the request fails */
	enum policy_revocation how;
	const char *wanted; /* the address that is asked for; "": none */
	bool registers;
};

/* The server has no list, and may fetch one; a request is answered after five seconds. */
static void
play_fetch(const struct fetch_case *f, EVP_PKEY *signer)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
	X509 *r3 = make_certificate("R3", key, ca, signer, NULL, YEAR);
	struct policy *server = policy_server(&usual, addr_of("10.1.12.1"));
	struct crl *list = crl_read(f->brings);
	struct node_under_test *ks, *gm;

	if (f->points) {
		add_extension(r3, NID_crl_distribution_points, f->points);
		assert_true(X509_sign(r3, signer, EVP_sha256()) > 0);
	}
	with_cert(server, r1, ca);
	((struct policy_trustpoint *)(uintptr_t)server->trustpoints)->revocation = f->how;
	ks = world_node(w, "10.1.12.1", server);
	ks->fetches = true;
	gm = world_node(w, "10.1.23.3",
	                with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca));
	world_pass(w, SECONDS(5));
	assert_string_equal(ks->wanted, f->wanted);
	assert_int_equal(ks->requests, f->wanted[0] != '\0');
	if (f->wanted[0]) { /* it waits, and nothing is said against the certificate */
		assert_false(node_registered(gm));
		assert_false(node_logged(ks, "INVAL_CERT"));
		ks->fetches = false;
		ks->crl = list;
		core_crl_changed(ks->core, w->now);
		world_drain(ks);
	}
	world_pass(w, SECONDS(20));
	assert_int_equal(node_registered(gm), f->registers);
	X509_free(r1);
	X509_free(r3);
	world_free(w);
	crl_free(list);
}

static void
test_distribution_points(void **state)
{
	struct arena *a = arena_new();
	EVP_PKEY *other = EVP_RSA_gen(2048);
	const struct span good = make_crl(a, ca_key, 0, 86400), none = {0};
	const struct span revoked = make_crl(a, ca_key, 7, 86400);
	const struct fetch_case cases[] = {
	    {"URI:" LIST_URL, good, REVOCATION_CRL, LIST_URL, true},
	    {"URI:" LIST_URL, revoked, REVOCATION_CRL, LIST_URL, false},
	    {"URI:" LIST_URL, none, REVOCATION_CRL, LIST_URL, false},
	    {"URI:" LIST_URL, good, REVOCATION_CRL_OR_NONE, LIST_URL, true},
	    {"URI:" LIST_URL, revoked, REVOCATION_CRL_OR_NONE, LIST_URL, false},
	    {"URI:" LIST_URL, none, REVOCATION_CRL_OR_NONE, LIST_URL, true},
	    {"URI:" LIST_URL, good, REVOCATION_IGNORED, "", true},
	    {NULL, good, REVOCATION_CRL, "", false},
	    /* HTTP alone is asked */
	    {"URI:ldap://x/y,URI:" LIST_URL, good, REVOCATION_CRL, LIST_URL, true},
	    {"URI:https://x/y", good, REVOCATION_CRL, "", false},
	    {"URI:file:///etc/passwd", good, REVOCATION_CRL, "", false},
	};
	const struct fetch_case forged = {"URI:" LIST_URL, good, REVOCATION_CRL, "", false};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		play_fetch(&cases[i], ca_key);
	/* no stranger makes us call an address: another key has signed that certificate */
	play_fetch(&forged, other);
	EVP_PKEY_free(other);
	arena_free(a);
}

/* --- what comes by HTTP ----------------------------------------------------------------------- */

struct fetch_host {
	struct host host;
	msec now;
	struct fetch_request request;
	char why[256]; /* that the node has logged */
};

static msec
fetch_host_now(struct host *h)
{
	return CONTAINER(h, struct fetch_host, host)->now;
}

static int
fetch_host_fetch(struct host *h, const struct fetch_request *r)
{
	CONTAINER(h, struct fetch_host, host)->request = *r;
	return 0;
}

static void
fetch_host_log(void *arg, const struct log_record *record)
{
	struct fetch_host *h = arg;

	snprintf(h->why, sizeof(h->why), "%.*s", (int)sizeof(h->why) - 1, record->text);
}

/* Asks for the list, two minutes later, and that comes. */
static struct node_crl_fetch
bring_list_under(struct crl_cache *c, struct node *n, struct fetch_host *h, const struct policy *p,
                 struct span bytes)
{
	struct node_crl_fetch ret;
	unsigned char *der = NULL;
	int size = i2d_X509(ca, &der);

	h->now += SECONDS(120);
	assert_true(crl_cache_want(c, n, p, LIST_URL, SPAN(der, (size_t)size)));
	OPENSSL_free(der);
	h->request.done(h->request.arg, bytes, NULL);
	assert_true(crl_cache_fetch(c, 0, &ret));
	return ret;
}

static struct node_crl_fetch
bring_list(struct crl_cache *c, struct node *n, struct fetch_host *h, struct span bytes)
{
	return bring_list_under(c, n, h, NULL, bytes);
}

/* HTTP is anybody's: what the CA has not signed never takes the place of what it has. */
static void
test_forged_lists(void **state)
{
	static const struct host_ops ops = {.now = fetch_host_now, .fetch = fetch_host_fetch};
	struct fetch_host h = {.host = {.ops = &ops}};
	struct node_config config = {.name = "R1", .log = {.write = fetch_host_log, .arg = &h}};
	struct node *n = node_new(&config);
	struct crl_cache *c = crl_cache_new();
	struct arena *a = arena_new();
	EVP_PKEY *other = EVP_RSA_gen(2048);
	struct span forged = make_crl_since(a, other, 0, 70L * 365 * 86400, 80L * 365 * 86400);
	const struct crl *good;
	struct node_crl_fetch got;

	(void)state;
	node_attach(n, &h.host);
	got = bring_list(c, n, &h, forged);
	assert_null(got.crl);
	assert_non_null(got.why);
	got = bring_list(c, n, &h, make_crl_since(a, ca_key, 7, -7200, 86400));
	assert_null(got.why);
	good = got.crl;
	assert_non_null(good);
	got = bring_list(c, n, &h, forged);
	assert_ptr_equal(got.crl, good);
	assert_non_null(strstr(got.why, "has not signed"));
	assert_non_null(strstr(h.why, "has not signed"));
	/* what is older stays out, what is newer comes in, and garbage does neither */
	got = bring_list(c, n, &h, make_crl_since(a, ca_key, 0, -10800, 86400));
	assert_ptr_equal(got.crl, good);
	got = bring_list(c, n, &h, SPAN("x", 1));
	assert_ptr_equal(got.crl, good);
	assert_non_null(got.why);
	got = bring_list(c, n, &h, make_crl_since(a, ca_key, 0, -3600, 86400));
	assert_true(crl_this_update(got.crl) > (int64_t)time(NULL) - 4000);
	EVP_PKEY_free(other);
	arena_free(a);
	crl_cache_free(c);
	node_free(n);
}

/* The CA has changed its key, and signs the list at the same address with the new one. */
static void
test_ca_changes_its_key(void **state)
{
	static const struct host_ops ops = {.now = fetch_host_now, .fetch = fetch_host_fetch};
	struct fetch_host h = {.host = {.ops = &ops}};
	struct node_config config = {.name = "R1", .log = {.write = fetch_host_log, .arg = &h}};
	struct node *n = node_new(&config);
	struct keystore *keys = keystore_new();
	struct crl_cache *c = crl_cache_new();
	struct arena *a = arena_new();
	EVP_PKEY *new_key = EVP_EC_gen("P-256"), *other_key = EVP_EC_gen("P-256");
	X509 *new_ca = make_certificate("CA", new_key, NULL, new_key, NULL, YEAR);
	X509 *other_ca = make_certificate("Other", other_key, NULL, other_key, NULL, YEAR);
	const struct span cas[] = {der_of(a, ca), der_of(a, other_ca), der_of(a, new_ca)};
	const struct policy_trustpoint both = {.name = "CA", .n_cas = 3, .cas = cas};
	const struct policy p = {.n_trustpoints = 1, .trustpoints = &both};
	struct span fresh = make_crl_since(a, new_key, 9, -3600, 86400);
	struct node_crl_fetch got;
	const struct crl *former;

	(void)state;
	node_attach(n, &h.host);
	former = bring_list_under(c, n, &h, &p, make_crl_since(a, ca_key, 7, -7200, 86400)).crl;
	assert_non_null(former);
	/* who does not have that CA among its own takes nothing that it has signed */
	got = bring_list(c, n, &h, fresh);
	assert_ptr_equal(got.crl, former);
	assert_non_null(strstr(got.why, "has not signed"));
	/* nor is a CA of another name one that has changed its key */
	got = bring_list_under(c, n, &h, &p, make_crl_since(a, other_key, 7, -1800, 86400));
	assert_ptr_equal(got.crl, former);
	got = bring_list_under(c, n, &h, &p, fresh);
	assert_null(got.why);
	assert_ptr_not_equal(got.crl, former);
	/* and what the former key has taken back stays so */
	assert_ptr_equal(crl_cache_get(c, keys, "CA", 0), got.crl);
	assert_ptr_equal(crl_cache_get(c, keys, "CA", 1), former);
	assert_null(crl_cache_get(c, keys, "CA", 2));
	got = bring_list_under(c, n, &h, &p, make_crl_since(a, new_key, 9, -1800, 86400));
	assert_ptr_equal(crl_cache_get(c, keys, "CA", 0), got.crl);
	assert_ptr_equal(crl_cache_get(c, keys, "CA", 1), former);
	X509_free(new_ca);
	X509_free(other_ca);
	EVP_PKEY_free(new_key);
	EVP_PKEY_free(other_key);
	arena_free(a);
	keystore_free(keys);
	crl_cache_free(c);
	node_free(n);
}

/* --- members that are revoked ----------------------------------------------------------------- */

static X509 *
make_numbered(const char *name, EVP_PKEY *key, long serial)
{
	X509 *x = make_certificate(name, key, ca, ca_key, NULL, YEAR);

	ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
	assert_true(X509_sign(x, ca_key, EVP_sha256()) > 0);
	return x;
}

/* `registration periodic crl trustpoint`: R3 goes when it is on the list; R4 stays, or is back. */
static void
play_members(const struct policy_maker *how, bool configured)
{
	struct arena *a = arena_new();
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
	X509 *r3 = make_numbered("R3", key, 7), *r4 = make_numbered("R4", key, 8);
	struct policy *server = policy_server(how, addr_of("10.1.12.1"));
	struct crl *good = crl_read(make_crl(a, ca_key, 0, 86400));
	struct crl *revoked = crl_read(make_crl(a, ca_key, 7, 86400));
	struct node_under_test *ks, *gm3, *gm4;

	add_extension(r1, NID_crl_distribution_points, "URI:" LIST_URL);
	assert_true(X509_sign(r1, ca_key, EVP_sha256()) > 0);
	with_cert(server, r1, ca);
	((struct policy_trustpoint *)(uintptr_t)server->trustpoints)->revocation = REVOCATION_CRL;
	if (configured)
		((struct policy_group *)(uintptr_t)server->groups)->server.members_crl = "CA";
	ks = world_node(w, "10.1.12.1", server);
	ks->fetches = true;
	ks->crl = good;
	gm3 =
	    world_node(w, "10.1.23.3", with_cert(policy_member(how, addr_of("10.1.23.3")), r3, ca));
	gm4 =
	    world_node(w, "10.1.24.4", with_cert(policy_member(how, addr_of("10.1.24.4")), r4, ca));
	world_pass(w, SECONDS(10));
	assert_true(node_registered(gm3));
	assert_true(node_registered(gm4));
	assert_int_equal(node_members(ks), 2);
	/* it looks for another list from time to time */
	assert_string_equal(ks->wanted, configured ? LIST_URL : "");
	ks->wanted[0] = '\0';
	world_pass(w, SECONDS(1000));
	assert_string_equal(ks->wanted, configured ? LIST_URL : "");
	assert_int_equal(node_members(ks), 2);
	ks->crl = revoked;
	core_crl_changed(ks->core, w->now);
	world_drain(ks);
	world_pass(w, SECONDS(60));
	assert_int_equal(node_members(ks), configured ? 1 : 2);
	assert_true(node_registered(gm4));
	assert_int_equal(node_logged(ks, "The certificate of group member 10.1.23.3"), configured);
	assert_false(node_logged(ks, "The certificate of group member 10.1.24.4"));
	X509_free(r1);
	X509_free(r3);
	X509_free(r4);
	world_free(w);
	crl_free(good);
	crl_free(revoked);
	arena_free(a);
}

static void
test_members_revoked(void **state)
{
	static const struct policy_maker plain = {0}, hierarchy = {.lkh = true};

	(void)state;
	play_members(&plain, true);
	play_members(&plain, false);
	play_members(&hierarchy, true);
}

static size_t
count_lines(const struct node_under_test *n, const char *text)
{
	size_t count = 0;

	for (const char *at = n->log; (at = strstr(at, text)); at++)
		count++;
	return count;
}

/*
 * The trustpoint asks for no list, so phase 1 with R3 lives on; but the group's members are looked
 * at. restarts: the server has them from its store when the list comes.
 */
static void
play_none(bool restarts)
{
	static const struct policy_maker usual = {0};
	struct arena *a = arena_new();
	struct world *w = world_new();
	struct store *store = store_memory_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
	X509 *r3 = make_numbered("R3", key, 7), *r4 = make_numbered("R4", key, 8);
	struct policy *server = with_cert(policy_server(&usual, addr_of("10.1.12.1")), r1, ca);
	struct crl *revoked = crl_read(make_crl(a, ca_key, 7, 86400));
	struct node_under_test *ks, *gm3, *gm4;

	w->store = store;
	((struct policy_group *)(uintptr_t)server->groups)->server.members_crl = "CA";
	ks = world_node(w, "10.1.12.1", server);
	gm3 = world_node(w, "10.1.23.3",
	                 with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca));
	gm4 = world_node(w, "10.1.24.4",
	                 with_cert(policy_member(&usual, addr_of("10.1.24.4")), r4, ca));
	world_pass(w, SECONDS(10));
	assert_true(node_registered(gm3) && node_registered(gm4));
	if (restarts) {
		core_free(ks->core);
		ks->core = NULL;
		node_boot(ks);
		world_pass(w, SECONDS(10));
	}
	assert_int_equal(node_members(ks), 2);
	for (int i = 0; i < 3; i++) { /* the same list again does nothing more */
		ks->crl = revoked;
		core_crl_changed(ks->core, w->now);
		world_drain(ks);
		world_pass(w, SECONDS(120));
		assert_int_equal(node_members(ks), 1);
		assert_int_equal(count_lines(ks, "The certificate of group member 10.1.23.3"), 1);
	}
	assert_true(node_registered(gm4));
	assert_false(node_logged(ks, "The certificate of group member 10.1.24.4"));
	assert_true(node_logged(ks, "CERTIFICATE_REVOKED"));
	X509_free(r1);
	X509_free(r3);
	X509_free(r4);
	world_free(w);
	store_close(store);
	crl_free(revoked);
	arena_free(a);
}

static void
test_revoked_register_no_more(void **state)
{
	(void)state;
	play_none(false);
}

static void
test_restored_members_are_revoked(void **state)
{
	(void)state;
	play_none(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_chain),
	    cmocka_unit_test(test_chain_checked),
	    cmocka_unit_test(test_revocation),
	    cmocka_unit_test(test_newest_list_decides),
	    cmocka_unit_test(test_who_refused),
	    cmocka_unit_test(test_distribution_points),
	    cmocka_unit_test(test_members_revoked),
	    cmocka_unit_test(test_forged_lists),
	    cmocka_unit_test(test_ca_changes_its_key),
	    cmocka_unit_test(test_trustpoints_agree),
	    cmocka_unit_test(test_revoked_register_no_more),
	    cmocka_unit_test(test_restored_members_are_revoked),
	};
	int failed;

	crypto_init();
	ca_key = EVP_RSA_gen(1024);
	ca = make_certificate("CA", ca_key, NULL, ca_key, NULL, YEAR);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	return failed;
}
