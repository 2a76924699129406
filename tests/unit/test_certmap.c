/* SPDX-License-Identifier: Apache-2.0 */
/* Names of certificates in canonical form, certificate maps and identities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/policy/certmap.h"

static void
test_fold(void **state)
{
	static const char *const cases[][2] = {
	    {"CN=R1,O=Lab", "cn=r1,o=lab"},
	    {"  cn =  R 1 ,  O = Our Lab  ", "cn=r 1,o=our lab"},
	    {"cn=\"Lab, Inc\"", "cn=lab\\, inc"},
	    {"cn=Lab\\, Inc", "cn=lab\\, inc"},
	    {"o=a=b", "o=a\\=b"},
	    {"E=a@b, hostname=R1.lab", "emailaddress=a@b,unstructuredname=r1.lab"},
	    {"ou = ", "ou="},
	    {"Lab", "lab"},
	    {"", ""},
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(dn_fold(a, cases[i][0]), cases[i][1]);
	assert_true(dn_is_whole("cn=r1,o=lab"));
	assert_false(dn_is_whole("cn=r1,lab"));
	assert_false(dn_is_whole("cn="));
	assert_false(dn_is_whole(""));
	arena_free(a);
}

static void
test_components(void **state)
{
	(void)state;
	assert_true(dn_equal("cn=r1,o=lab", "o=lab,cn=r1"));
	assert_false(dn_equal("cn=r1,o=lab", "cn=r1"));
	assert_false(dn_equal("cn=r1", "cn=r10"));
	assert_true(dn_holds("cn=r1,ou=gm,o=lab", "o=lab,ou=gm"));
	assert_false(dn_holds("cn=r1,o=lab", "o=la"));
	assert_false(dn_holds("cn=r1", ""));
}

/* A value that looks like a component, or hides one behind a NUL, is none. */
static void
test_values_do_not_pose(void **state)
{
	struct arena *a = arena_new();
	struct cert_facts f = {.subject = "", .issuer = "", .serial = "7"};
	const struct policy_cert_rule contains = {CERT_SUBJECT, CERT_CO, "cn=r1", 0};
	const struct policy_cert_map_entry e = {.seq = 10, .n = 1, .rules = &contains};
	const struct policy_cert_map m = {.name = "M", .n_entries = 1, .entries = &e};

	(void)state;
	dn_component(a, &f.subject, "O", "x,CN=R1", 7);
	assert_string_equal(f.subject, "o=x\\,cn\\=r1");
	assert_false(dn_holds(f.subject, "cn=r1"));
	assert_false(policy_cert_map_match(&m, &f));
	f.subject = "";
	dn_component(a, &f.subject, "CN", "R1\0evil", 7);
	assert_false(dn_equal(f.subject, "cn=r1"));
	f.subject = "";
	dn_component(a, &f.subject, "CN", "R1", 2);
	assert_true(policy_cert_map_match(&m, &f));
	arena_free(a);
}

/* A value of any length is looked at: no long one slips through an nc. */
static void
test_long_value(void **state)
{
	static const struct policy_cert_rule rule = {CERT_UNSTRUCTURED, CERT_NC, "guest", 0};
	const struct policy_cert_map_entry e = {.n = 1, .rules = &rule};
	const struct policy_cert_map m = {.name = "M", .n_entries = 1, .entries = &e};
	struct cert_facts f = {.issuer = "", .serial = ""};
	char subject[400];

	(void)state;
	for (int n = 1; n < 300; n++) {
		snprintf(subject, sizeof(subject), "unstructuredname=%0*dguest,o=lab", n, 0);
		f.subject = subject;
		assert_false(policy_cert_map_match(&m, &f));
	}
	f.subject = "unstructuredname=gues,o=lab";
	assert_true(policy_cert_map_match(&m, &f));
}

static void
test_fields(void **state)
{
	static const char *const alt[] = {"10.1.12.1", "ks.lab"};
	static const struct cert_facts f = {.subject = "cn=r1,unstructuredname=r1.lab,o=lab",
	                                    .issuer = "cn=lab ca",
	                                    .n_alt = 2,
	                                    .alt = alt,
	                                    .serial = "1A2B",
	                                    .not_before = 100,
	                                    .not_after = 200};
	static const struct {
		struct policy_cert_rule rule;
		bool holds;
	} cases[] = {
	    {{CERT_SUBJECT, CERT_CO, "o=lab", 0}, true},
	    {{CERT_SUBJECT, CERT_NC, "o=lab", 0}, false},
	    {{CERT_SUBJECT, CERT_NE, "cn=r1", 0}, true},
	    {{CERT_ISSUER, CERT_EQ, "cn=lab ca", 0}, true},
	    {{CERT_ALT_SUBJECT, CERT_EQ, "10.1.12.1", 0}, true},
	    {{CERT_ALT_SUBJECT, CERT_EQ, "10.1.12.10", 0}, false},
	    {{CERT_ALT_SUBJECT, CERT_NE, "ks.lab", 0}, false},
	    {{CERT_ALT_SUBJECT, CERT_CO, ".lab", 0}, true},
	    {{CERT_NAME, CERT_CO, "ks", 0}, true},
	    {{CERT_NAME, CERT_NC, "r1", 0}, false},
	    {{CERT_UNSTRUCTURED, CERT_EQ, "r1.lab", 0}, true},
	    {{CERT_UNSTRUCTURED, CERT_EQ, "r1", 0}, false},
	    {{CERT_SERIAL, CERT_EQ, "1A2B", 0}, true},
	    {{CERT_SERIAL, CERT_EQ, "1A2", 0}, false},
	    {{CERT_VALID_START, CERT_LT, "", 101}, true},
	    {{CERT_VALID_START, CERT_GE, "", 101}, false},
	    {{CERT_EXPIRES_ON, CERT_GE, "", 200}, true},
	    {{CERT_SUBJECT, CERT_NE, NULL, 0}, false}, /* makes no sense */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct policy_cert_map_entry e = {.n = 1, .rules = &cases[i].rule};
		const struct policy_cert_map m = {.name = "M", .n_entries = 1, .entries = &e};

		assert_int_equal(policy_cert_map_match(&m, &f), cases[i].holds);
	}
}

/* All rules of an entry must match, and any entry of a map; an empty one matches nothing. */
static void
test_and_or(void **state)
{
	static const struct cert_facts f = {.subject = "cn=r1,o=lab", .issuer = "", .serial = "1"};
	static const struct policy_cert_rule both[] = {{CERT_SUBJECT, CERT_CO, "cn=r1", 0},
	                                               {CERT_SUBJECT, CERT_CO, "o=zoo", 0}};
	static const struct policy_cert_map_entry entries[] = {
	    /* clang-format off */
	    {10, 2, both},
	    {20, 0, NULL},
	    {30, 1, both}
	    /* clang-format on */
	};

	(void)state;
	assert_false(policy_cert_map_match(&(struct policy_cert_map){"M", 0, NULL}, &f));
	assert_false(policy_cert_map_match(&(struct policy_cert_map){"M", 2, entries}, &f));
	assert_true(policy_cert_map_match(&(struct policy_cert_map){"M", 3, entries}, &f));
}

static void
test_identity(void **state)
{
	static const char *const dns[] = {"ou=ks", "cn=r1,o=lab"}, *const fqdns[] = {"ks.lab"};
	static const struct policy_identity i = {
	    .name = "I", .n_dns = 2, .n_fqdns = 1, .dns = dns, .fqdns = fqdns};

	(void)state;
	assert_true(policy_identity_match(&i, "cn=r9,ou=ks", ""));
	assert_true(policy_identity_match(&i, "cn=r1,c=fr,o=lab", ""));
	assert_true(policy_identity_match(&i, "cn=r9", "gm.lab\0KS.lab\0"));
	assert_false(policy_identity_match(&i, "cn=r1", "gm.lab\0"));
	assert_false(policy_identity_match(&i, NULL, NULL));
	assert_false(policy_identity_match(&(struct policy_identity){.name = "I"}, "cn=r1", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fold),
	    cmocka_unit_test(test_components),
	    cmocka_unit_test(test_values_do_not_pose),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_long_value),
	    cmocka_unit_test(test_and_or),
	    cmocka_unit_test(test_identity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
