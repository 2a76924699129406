/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Phase 1 with RSA signatures: certificates made here by OpenSSL, a server and members that hold
 * one, and what must not pass: another CA's, an expired one, one with somebody else's address, and
 * a member's own in the hands of who poses as the key server (RFC 6407 3.1).
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
#include "tests/protocol/certificates.h"

/* A map of one entry with one rule: `match certificate` of the trustpoint. */
static void
match_map(struct policy *p, enum cert_field field, enum cert_operator op, const char *value)
{
	struct policy_trustpoint *t = (struct policy_trustpoint *)(uintptr_t)p->trustpoints;
	struct policy_cert_rule *r = arena_alloc(p->arena, sizeof(*r));
	struct policy_cert_map_entry *e = arena_alloc(p->arena, sizeof(*e));
	struct policy_cert_map *m = arena_alloc(p->arena, sizeof(*m));
	const struct policy_cert_map **maps = arena_alloc(p->arena, sizeof(*maps));

	*r = (struct policy_cert_rule){field, op, dn_fold(p->arena, value), 0};
	*e = (struct policy_cert_map_entry){.seq = 10, .n = 1, .rules = r};
	*m = (struct policy_cert_map){.name = "MAP", .n_entries = 1, .entries = e};
	maps[0] = m;
	t->maps = maps;
	t->n_maps = 1;
}

static struct policy_identity *
make_identity(struct arena *a, const char *dn, const char *fqdn)
{
	struct policy_identity *i = arena_alloc(a, sizeof(*i));
	const char **dns = arena_alloc(a, sizeof(*dns)), **fqdns = arena_alloc(a, sizeof(*fqdns));

	dns[0] = dn ? dn_fold(a, dn) : NULL;
	fqdns[0] = fqdn;
	*i = (struct policy_identity){.name = "WHO",
	                              .n_dns = dn != NULL,
	                              .n_fqdns = fqdn != NULL,
	                              .dns = dns,
	                              .fqdns = fqdns};
	return i;
}

/* What a test says of the two nodes; their policies are still open. */
struct pair {
	const char *server_alt, *member_alt; /* subjectAltName of their certificates */
	void (*server)(struct policy *p);
	void (*member)(struct policy *p);
	const char *logged; /* by one of them */
};

static bool
pair_registers(const struct pair *pair)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, ca, ca_key, pair->server_alt, YEAR);
	X509 *r3 = make_certificate("R3", key, ca, ca_key, pair->member_alt, YEAR);
	struct policy *server = with_cert(policy_server(&usual, addr_of("10.1.12.1")), r1, ca);
	struct policy *member = with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca);
	struct node_under_test *ks, *gm;
	bool yes;

	if (pair->server)
		pair->server(server);
	if (pair->member)
		pair->member(member);
	ks = world_node(w, "10.1.12.1", server);
	gm = world_node(w, "10.1.23.3", member);
	world_pass(w, SECONDS(3));
	yes = node_registered(gm) && node_members(ks) == 1;
	if (pair->logged && !node_logged(ks, pair->logged) && !node_logged(gm, pair->logged))
		fail_msg("not logged: %s", pair->logged);
	X509_free(r1);
	X509_free(r3);
	world_free(w);
	return yes;
}

#define REGISTERS(...) pair_registers(&(const struct pair){__VA_ARGS__})

/* --- RFC 6407 3.1: the key server ------------------------------------------------------------- */

static const char unbound[] = "neither its addresses nor a certificate map or identity say that it "
			      "is this key server's";

static void
wants_r1(struct policy *p)
{
	match_map(p, CERT_SUBJECT, CERT_EQ, "CN = R1");
}

static void
wants_r2(struct policy *p)
{
	match_map(p, CERT_SUBJECT, CERT_EQ, "cn=R2");
}

static void
wants_ks_lab(struct policy *p)
{
	match_map(p, CERT_ALT_SUBJECT, CERT_EQ, "ks.lab");
}

static void
wants_what_does_not_exist(struct policy *p)
{
	struct policy_trustpoint *t = (struct policy_trustpoint *)(uintptr_t)p->trustpoints;

	wants_r1(p);
	t->maps = arena_alloc(p->arena, sizeof(*t->maps));
}

static void
set_identity(struct policy *p, const char *dn, const char *fqdn)
{
	struct policy_group_interface *i =
	    (struct policy_group_interface *)(uintptr_t)p->groups[0].interfaces;

	i->server_identity = make_identity(p->arena, dn, fqdn);
}

static void
identity_r1(struct policy *p)
{
	set_identity(p, "cn=r1", NULL);
}

static void
identity_r3(struct policy *p)
{
	set_identity(p, "cn=r3", NULL);
}

static void
identity_nobody(struct policy *p)
{
	set_identity(p, NULL, NULL);
}

static void
sends_hostname(struct policy *p)
{
	p->hostname = "ks";
	p->domain_name = "lab";
	p->isakmp_identity = ISAKMP_ID_HOSTNAME;
}

static void
sends_dn(struct policy *p)
{
	p->isakmp_identity = ISAKMP_ID_DN;
}

static void
rfc6407_3_1_certificate_of_the_ca_is_not_the_servers(void **state)
{
	(void)state;
	assert_false(REGISTERS(.logged = unbound));
	assert_false(REGISTERS(.server_alt = "DNS:ks.lab", .logged = unbound));
	assert_false(
	    REGISTERS(.server_alt = "DNS:ks.lab", .server = sends_hostname, .logged = unbound));
	assert_false(REGISTERS(.server = sends_dn, .logged = unbound));
	assert_false(
	    REGISTERS(.server_alt = "IP:10.1.12.9", .server = sends_dn, .logged = unbound));
}

static void
rfc6407_3_1_server_is_bound_by_its_address(void **state)
{
	(void)state;
	assert_true(REGISTERS(.server_alt = "IP:10.1.12.1"));
	assert_true(REGISTERS(.server_alt = "IP:10.9.9.9,IP:10.1.12.1", .server = sends_dn));
	assert_true(REGISTERS(.server_alt = "DNS:ks.lab,IP:10.1.12.1", .server = sends_hostname));
}

static void
rfc6407_3_1_server_is_bound_by_a_certificate_map(void **state)
{
	(void)state;
	assert_true(REGISTERS(.member = wants_r1));
	assert_true(REGISTERS(.server = sends_dn, .member = wants_r1));
	assert_true(REGISTERS(.server_alt = "DNS:ks.lab", .server = sends_hostname,
	                      .member = wants_ks_lab));
	assert_false(REGISTERS(.member = wants_r2, .logged = "no certificate map"));
	/* its certificate lists the address, but it is not the server that is wanted */
	assert_false(REGISTERS(.server_alt = "IP:10.1.12.1", .member = wants_r2,
	                       .logged = "no certificate map"));
	assert_false(REGISTERS(.server_alt = "IP:10.1.12.1", .member = wants_what_does_not_exist,
	                       .logged = "no certificate map"));
	/* an address that is listed and not the server's is never one of its names */
	assert_false(REGISTERS(.server_alt = "IP:10.1.12.9", .member = wants_r1,
	                       .logged = "it is somebody else's"));
}

static void
rfc6407_3_1_server_is_bound_by_set_identity(void **state)
{
	(void)state;
	assert_true(REGISTERS(.member = identity_r1));
	assert_false(REGISTERS(.member = identity_r3, .logged = unbound));
	assert_false(
	    REGISTERS(.server_alt = "IP:10.1.12.1", .member = identity_r3, .logged = unbound));
	assert_false(
	    REGISTERS(.server_alt = "IP:10.1.12.1", .member = identity_nobody, .logged = unbound));
}

/* What phase 1 has proven under another `set identity` is no proof for the next registration. */
static void
rfc6407_3_1_server_is_bound_anew_when_it_is_said_anew(void **state)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *r1 = make_certificate("R1", key, ca, ca_key, NULL, YEAR);
	X509 *r3 = make_certificate("R3", key, ca, ca_key, NULL, YEAR);
	void (*const says[])(struct policy *) = {identity_r1, identity_r3, wants_r1, wants_r2};
	struct node_under_test *gm;

	(void)state;
	world_node(w, "10.1.12.1", with_cert(policy_server(&usual, addr_of("10.1.12.1")), r1, ca));
	gm = world_node(w, "10.1.23.3",
	                with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca));
	for (size_t i = 0; i < 4; i++) {
		struct policy *p = with_cert(policy_member(&usual, addr_of("10.1.23.3")), r3, ca);

		says[i](p);
		node_set(gm, p);
		core_clear_group(gm->core, NULL, w->now);
		world_drain(gm);
		world_pass(w, SECONDS(120));
		assert_int_equal(node_registered(gm), i % 2 == 0);
	}
	assert_true(node_logged(gm, unbound));
	X509_free(r1);
	X509_free(r3);
	world_free(w);
}

/* --- RFC 6407 3.1: the members ---------------------------------------------------------------- */

static struct policy_server *
server_of(struct policy *p)
{
	return &((struct policy_group *)(uintptr_t)p->groups)->server;
}

static void
admit_identity(struct policy *p, const char *dn, const char *fqdn)
{
	server_of(p)->authorization = true;
	server_of(p)->authorization_name = "WHO";
	server_of(p)->authorized_identity = make_identity(p->arena, dn, fqdn);
}

static void
admits_r3(struct policy *p)
{
	admit_identity(p, "cn = R3", NULL);
}

static void
admits_r4(struct policy *p)
{
	admit_identity(p, "cn = R4", NULL);
}

static void
admits_gm_lab(struct policy *p)
{
	admit_identity(p, NULL, "GM.lab");
}

static void
admits_address(struct policy *p)
{
	struct policy_ace *ace = arena_alloc(p->arena, sizeof(*ace));
	struct policy_acl *acl = arena_alloc(p->arena, sizeof(*acl));

	*ace = (struct policy_ace){.seq = 10,
	                           .permit = true,
	                           .icmp_type = -1,
	                           .src = addr_of("10.1.23.3"),
	                           .src_mask = UINT32_MAX,
	                           .text = ""};
	*acl = (struct policy_acl){.name = "GM", .standard = true, .n_aces = 1, .aces = ace};
	server_of(p)->authorization = true;
	server_of(p)->authorization_name = "GM";
	server_of(p)->authorized = acl;
}

static void
rfc6407_3_1_identity_authorizes_members(void **state)
{
	const char *server = "IP:10.1.12.1";

	(void)state;
	assert_true(REGISTERS(.server_alt = server, .server = admits_r3));
	assert_true(REGISTERS(.server_alt = server, .server = admits_r3, .member = sends_dn));
	assert_true(
	    REGISTERS(.server_alt = server, .member_alt = "DNS:gm.lab", .server = admits_gm_lab));
	assert_false(REGISTERS(.server_alt = server, .server = admits_r4,
	                       .logged = "%GDOI-1-UNAUTHORIZED_IDENTITY: Group GET_VPN received "
	                                 "registration from unauthorized identity: cn=r3. Peer "
	                                 "Address: 10.1.23.3"));
	assert_false(REGISTERS(.server_alt = server, .server = admits_gm_lab));
}

static void
rfc6407_3_1_address_must_be_the_authenticated_identity(void **state)
{
	const char *server = "IP:10.1.12.1";

	(void)state;
	assert_true(REGISTERS(.server_alt = server, .member_alt = "IP:10.1.23.3",
	                      .server = admits_address));
	/* any holder of a certificate can send from that address */
	assert_false(REGISTERS(.server_alt = server, .server = admits_address,
	                       .logged = "unauthorized identity: cn=r3"));
	assert_false(REGISTERS(.server_alt = server, .member_alt = "IP:10.1.23.3",
	                       .server = admits_address, .member = sends_dn,
	                       .logged = "unauthorized identity: cn=r3"));
}

/* --- the rest --------------------------------------------------------------------------------- */

static X509 *
member_cert(const char *alt, long ends)
{
	struct world *w = world_new();
	X509 *x = make_certificate("R3", rsa_key_evp(w->rsa), ca, ca_key, alt, ends);

	world_free(w);
	return x;
}

/* --- requests and usage ----------------------------------------------------------------------- */

/* The first trustpoint becomes another one's, with a certificate of that CA. */
static void
put_before(struct policy *p, X509 *own, X509 *other_ca)
{
	struct policy_trustpoint *two = arena_alloc(p->arena, 2 * sizeof(*two));
	struct span *cas = arena_alloc(p->arena, sizeof(*cas));

	two[0] = two[1] = p->trustpoints[0];
	cas[0] = der_of(p->arena, other_ca);
	two[0].name = "OTHER";
	two[0].cas = cas;
	two[0].cert = der_of(p->arena, own);
	p->trustpoints = two;
	p->n_trustpoints = 2;
}

static EVP_PKEY *other_key;
static X509 *other_ca;

static void
has_another_trustpoint(struct policy *p)
{
	struct world *w = world_new();
	X509 *own = make_certificate("R3", rsa_key_evp(w->rsa), other_ca, other_key, NULL, YEAR);

	put_before(p, own, other_ca);
	X509_free(own);
	world_free(w);
}

/* A server asks for a certificate of its CA; the member's first is one of another. */
static void
rfc2408_3_10_shows_a_certificate_of_the_ca_that_is_asked_for(void **state)
{
	(void)state;
	other_key = EVP_RSA_gen(1024);
	other_ca = make_certificate("Other CA", other_key, NULL, other_key, NULL, YEAR);
	assert_true(REGISTERS(.server_alt = "IP:10.1.12.1", .member = has_another_trustpoint));
	assert_true(REGISTERS(.server_alt = "IP:10.1.12.1", .server = has_another_trustpoint,
	                      .member = NULL));
	X509_free(other_ca);
	EVP_PKEY_free(other_key);
}

static void
rfc5280_4_2_1_3_key_usage(void **state)
{
	static const struct {
		const char *usage;
		bool good;
	} cases[] = {
	    /* clang-format off */
	    {"digitalSignature",                          true},
	    {"nonRepudiation",                            true},
	    {"critical,digitalSignature,keyEncipherment", true},
	    {"keyEncipherment",                           false},
	    {"critical,keyAgreement",                     false}
	    /* clang-format on */
	};
	struct arena *a = arena_new();
	struct cert *trusted = cert_from_der(der_of(a, ca));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		X509 *x = member_cert(NULL, YEAR);
		struct cert *c;
		const char *why;

		add_extension(x, NID_key_usage, cases[i].usage);
		assert_true(X509_sign(x, ca_key, EVP_sha256()) > 0);
		c = cert_from_der(der_of(a, x));
		why = cert_verify(c, (struct cert_list){&trusted, 1}, NO_CHAIN, NULL,
		                  (int64_t)time(NULL));
		if (cases[i].good)
			assert_null(why);
		else
			assert_string_equal(why, "its key usage does not allow signatures");
		cert_free(c);
		X509_free(x);
	}
	cert_free(trusted);
	arena_free(a);
}

/* A certificate that a member's certificate has signed is nobody's. */
static void
rfc5280_4_2_1_9_only_a_ca_certifies(void **state)
{
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *member = member_cert(NULL, YEAR);
	X509 *forged = make_certificate("R1", key, member, key, "IP:10.1.12.1", YEAR);
	struct arena *a = arena_new();
	struct cert *both[] = {cert_from_der(der_of(a, ca)), cert_from_der(der_of(a, member))};
	struct cert *c = cert_from_der(der_of(a, forged));

	(void)state;
	assert_non_null(
	    cert_verify(c, (struct cert_list){both, 1}, NO_CHAIN, NULL, (int64_t)time(NULL)));
	/* not even when somebody has named it among the CAs */
	assert_non_null(
	    cert_verify(c, (struct cert_list){both, 2}, NO_CHAIN, NULL, (int64_t)time(NULL)));
	cert_free(c);
	cert_free(both[0]);
	cert_free(both[1]);
	arena_free(a);
	X509_free(forged);
	X509_free(member);
	world_free(w);
}

/* Does a member that holds `own` register with a server that trusts our CA? */
static bool
does_register(X509 *own, X509 *trusted, const char **ret_log, const char *expect)
{
	static const struct policy_maker usual = {0};
	struct world *w = world_new();
	EVP_PKEY *key = rsa_key_evp(w->rsa);
	X509 *server = make_certificate("R1", key, ca, ca_key, "IP:10.1.12.1", YEAR);
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

static void
test_registers(void **state)
{
	X509 *own = member_cert("IP:10.1.23.3", YEAR), *plain = member_cert(NULL, YEAR);
	const char *log = NULL;

	(void)state;
	assert_true(does_register(own, ca, &log, NULL));
	assert_true(does_register(plain, ca, &log, NULL));
	X509_free(own);
	X509_free(plain);
}

static void
test_refused(void **state)
{
	X509 *other_address = member_cert("IP:10.1.23.99", YEAR),
	     *expired = member_cert(NULL, -YEAR);
	EVP_PKEY *evil_key = EVP_RSA_gen(1024);
	X509 *evil_ca = make_certificate("CA", evil_key, NULL, evil_key, NULL, YEAR), *forged;
	struct world *w = world_new();
	const char *log = NULL;

	(void)state;
	forged = make_certificate("R3", rsa_key_evp(w->rsa), evil_ca, evil_key, NULL, YEAR);
	world_free(w);
	assert_false(
	    does_register(other_address, ca, &log,
	                  "%CRYPTO-5-IKMP_INVAL_CERT: Certificate received from 10.1.23.3 is "
	                  "bad: it is somebody else's"));
	assert_false(
	    does_register(expired, ca, &log,
	                  "%CRYPTO-5-IKMP_INVAL_CERT: Certificate received from 10.1.23.3 is "
	                  "bad: certificate has expired"));
	assert_false(
	    does_register(forged, ca, &log,
	                  "%CRYPTO-5-IKMP_INVAL_CERT: Certificate received from 10.1.23.3 is "
	                  "bad: certificate signature failure"));
	/* and a member that does not trust the server's CA */
	assert_false(does_register(forged, evil_ca, &log, NULL));
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
	bool any;

	(void)state;
	assert_non_null(c);
	cert_subject_text(c, text, sizeof(text));
	assert_string_equal(text, "CN=R3");
	cert_serial_text(c, text, sizeof(text));
	assert_string_equal(text, "07");
	assert_false(cert_is_ca(c));
	assert_true(cert_has_address(c, addr_of("10.1.23.3"), &any));
	assert_false(cert_has_address(c, addr_of("10.1.23.4"), &any));
	assert_true(any);
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
	char *request =
	    cert_request((struct key_pair){.rsa = w->rsa}, "cn=R3, o=Lab", addr_of("10.1.23.3"));
	BIO *bio;
	X509_REQ *req;

	(void)state;
	assert_non_null(request);
	bio = BIO_new_mem_buf(request, -1);
	req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	assert_non_null(req);
	assert_int_equal(X509_REQ_verify(req, rsa_key_evp(w->rsa)), 1);
	assert_null(cert_request((struct key_pair){.rsa = w->rsa}, "no name", 0));
	assert_null(cert_request((struct key_pair){.rsa = w->rsa}, "", 0));
	X509_REQ_free(req);
	BIO_free(bio);
	free(request);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rfc6407_3_1_certificate_of_the_ca_is_not_the_servers),
	    cmocka_unit_test(rfc6407_3_1_server_is_bound_by_its_address),
	    cmocka_unit_test(rfc6407_3_1_server_is_bound_by_a_certificate_map),
	    cmocka_unit_test(rfc6407_3_1_server_is_bound_by_set_identity),
	    cmocka_unit_test(rfc6407_3_1_server_is_bound_anew_when_it_is_said_anew),
	    cmocka_unit_test(rfc6407_3_1_identity_authorizes_members),
	    cmocka_unit_test(rfc6407_3_1_address_must_be_the_authenticated_identity),
	    cmocka_unit_test(rfc2408_3_10_shows_a_certificate_of_the_ca_that_is_asked_for),
	    cmocka_unit_test(rfc5280_4_2_1_3_key_usage),
	    cmocka_unit_test(rfc5280_4_2_1_9_only_a_ca_certifies),
	    cmocka_unit_test(test_registers),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_certificate_texts),
	    cmocka_unit_test(test_request),
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
