/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CA that is configured, and that another CA has issued: what that one takes back is refused, and
 * so is what stands below it (RFC 5280 6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "runtime/crypto/cert.h"
#include "runtime/crypto/sig_priv.h"
#include "runtime/store/store_memory.h"
#include "tests/protocol/certificates.h"

/* What the server has: its trustpoint, and maybe another one. */
struct above_case {
	bool root, sub;             /* CAs of the trustpoint */
	bool root_elsewhere;        /* CA of another trustpoint */
	long revoked;               /* by the root: 3 is the intermediate; 0: nobody; -1: no list */
	bool other_key;             /* the root's list is not signed by the root */
	enum policy_revocation how; /* of both */
	bool registers;
	const char *logged;
};

static struct policy *
above_server(const struct above_case *k, const struct chain *c, X509 *r1)
{
	static const struct policy_maker usual = {0};
	struct policy *p = policy_server(&usual, addr_of("10.1.12.1"));
	struct policy_trustpoint two[2];

	with_cert(p, r1, k->root ? c->root : c->sub);
	if (k->root && k->sub)
		add_ca(p, c->sub);
	two[0] = two[1] = p->trustpoints[0];
	two[0].revocation = two[1].revocation = k->how;
	two[1].name = "ROOT";
	two[1].cert = (struct span){0};
	if (k->root_elsewhere) {
		struct span *cas = arena_alloc(p->arena, sizeof(*cas));

		cas[0] = der_of(p->arena, c->root);
		two[1].cas = cas;
		two[1].n_cas = 1;
		p->n_trustpoints = 2;
	}
	p->trustpoints = arena_memdup(p->arena, two, sizeof(two));
	return p;
}

static void
play_above(const struct above_case *k, size_t i, const struct chain *c)
{
	static const struct policy_maker usual = {0};
	struct arena *a = arena_new();
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, c->sub, c->sub_key, "IP:10.1.12.1", YEAR);
	X509 *r3 = make_certificate("R3", key, c->sub, c->sub_key, NULL, YEAR);
	struct policy *member = with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, c->sub);
	struct crl *subs = crl_read(make_crl_of(a, c->sub, c->sub_key, 0, -3600, 86400));
	struct crl *roots =
	    k->revoked < 0
		? NULL
		: crl_read(make_crl_of(a, c->root, k->other_key ? c->sub_key : c->root_key,
	                               k->revoked, -3600, 86400));
	struct node_under_test *ks, *gm;

	((struct policy_trustpoint *)(uintptr_t)member->trustpoints)->revocation =
	    REVOCATION_IGNORED;
	ks = world_node(w, "10.1.12.1", above_server(k, c, r1));
	ks->crl = subs;
	ks->second = roots;
	gm = world_node(w, "10.1.23.3", member);
	world_pass(w, SECONDS(3));
	if (node_registered(gm) != k->registers)
		fail_msg("case %zu: %s", i, k->registers ? "not registered" : "registered");
	if (k->logged && !node_logged(ks, k->logged))
		fail_msg("case %zu: not logged: %s", i, k->logged);
	X509_free(r1);
	X509_free(r3);
	world_free(w);
	crl_free(subs);
	crl_free(roots);
	arena_free(a);
}

/* `crypto pki authenticate` of an intermediate CA does not end what its issuer says of it. */
static void
test_trusted_ca_is_revoked(void **state)
{
	static const char said[] = "The certificate (SN: 03) is revoked";
	static const char none[] = "CRL fetch for trustpoint CA failed Reason : there is no CRL";
	const enum policy_revocation strict = REVOCATION_CRL, lenient = REVOCATION_CRL_OR_NONE;
	const struct above_case cases[] = {
	    {true, true, false, 0, false, strict, true, NULL},
	    {true, true, false, 3, false, strict, false, said},
	    {true, true, false, 3, false, lenient, false, said},
	    {true, true, false, 4, false, strict, true, NULL},
	    {true, true, false, -1, false, strict, false, none},
	    {true, true, false, -1, false, lenient, true, NULL},
	    {true, true, false, 3, true, lenient, true, NULL},
	    {true, true, false, 3, false, REVOCATION_IGNORED, true, NULL},
	    /* the chain that came */
	    {true, false, false, 0, false, strict, true, NULL},
	    {true, false, false, 3, false, strict, false, said},
	    /* who issued it is the CA of another trustpoint; or of none, and nobody can say */
	    {false, true, true, 0, false, strict, true, NULL},
	    {false, true, true, 3, false, strict, false, said},
	    {false, true, true, -1, false, strict, false, none},
	    {false, true, false, 3, false, strict, true, NULL},
	};
	struct chain c;

	(void)state;
	chain_init(&c, "critical,CA:TRUE");
	ASN1_INTEGER_set(X509_get_serialNumber(c.sub), 3);
	assert_true(X509_sign(c.sub, c.root_key, EVP_sha256()) > 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		play_above(&cases[i], i, &c);
	chain_fini(&c);
}

/* The root takes the intermediate back while a member of that one is registered. */
static void
play_revoked_later(bool periodic, bool restarts)
{
	static const struct policy_maker usual = {0};
	const struct above_case both = {true, true, false, 0, false, REVOCATION_CRL, true, NULL};
	struct arena *a = arena_new();
	struct world *w = world_new();
	struct store *store = store_memory_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	struct chain c;
	X509 *r1, *r3;
	struct policy *server;
	struct crl *subs, *good, *revoked;
	struct node_under_test *ks, *gm;

	chain_init(&c, "critical,CA:TRUE");
	r1 = make_certificate("R1", key, c.root, c.root_key, "IP:10.1.12.1", YEAR);
	r3 = make_certificate("R3", key, c.sub, c.sub_key, NULL, YEAR);
	subs = crl_read(make_crl_of(a, c.sub, c.sub_key, 0, -3600, 86400));
	good = crl_read(make_crl_of(a, c.root, c.root_key, 0, -3600, 86400));
	revoked = crl_read(make_crl_of(a, c.root, c.root_key, 7, -1800, 86400));
	server = above_server(&both, &c, r1);
	w->store = store;
	if (periodic)
		((struct policy_group *)(uintptr_t)server->groups)->server.members_crl = "CA";
	ks = world_node(w, "10.1.12.1", server);
	ks->crl = subs;
	ks->second = good;
	gm = world_node(w, "10.1.23.3",
	                with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, c.root));
	add_ca(gm->policy, c.sub);
	world_pass(w, SECONDS(10));
	assert_true(node_registered(gm));
	assert_int_equal(count_isakmp(ks), 1);
	if (restarts) {
		core_free(ks->core);
		ks->core = NULL;
		node_boot(ks);
		world_pass(w, SECONDS(10));
	}
	ks->second = revoked;
	core_crl_changed(ks->core, w->now);
	world_drain(ks);
	assert_int_equal(count_isakmp(ks), 0);
	world_pass(w, SECONDS(10));
	assert_int_equal(node_members(ks), !periodic);
	assert_int_equal(node_logged(ks, "The certificate of group member 10.1.23.3"), periodic);
	X509_free(r1);
	X509_free(r3);
	chain_fini(&c);
	world_free(w);
	store_close(store);
	crl_free(subs);
	crl_free(good);
	crl_free(revoked);
	arena_free(a);
}

static void
test_issuer_is_revoked_later(void **state)
{
	(void)state;
	play_revoked_later(false, false);
	play_revoked_later(true, false);
	play_revoked_later(true, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_trusted_ca_is_revoked),
	    cmocka_unit_test(test_issuer_is_revoked_later),
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
