/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What phase 1 and a WAN's edge are told: profiles, keyrings, dead peer detection, the DF bit,
 * object groups. Configuration text in, the policy, the configuration rendered and diagnostics out.
 */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/text.h"
#include "compiler/compile/compile.h"
#include "compiler/policy/profile.h"
#include "compiler/session/script.h"
#include "compiler/tree/render.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/* A member, as far as the tests do not say otherwise. */
#define MEMBER                                                                                     \
	"crypto isakmp policy 10\n" /* 1 */                                                        \
	" authentication pre-share\n"                                                              \
	"crypto isakmp key K address 10.0.0.1\n"                                                   \
	"crypto gdoi group G\n"                                                                    \
	" identity number 1\n" /* 5 */                                                             \
	" server address ipv4 10.0.0.1\n"                                                          \
	"crypto map M 10 gdoi\n"                                                                   \
	" set group G\n"                                                                           \
	"interface FastEthernet0/0\n"                                                              \
	" ip address 10.0.0.3 255.255.255.0\n" /* 10 */                                            \
	" crypto map M\n"

static void
fail_refused(void *arg, const struct script_refusal *r)
{
	(void)arg;
	fail_msg("line %u \"%s\": %s", r->line, r->text, r->message);
}

static struct tree *
read_config(const char *text)
{
	struct session_setup setup = {.tree = tree_new(), .name = "Router"};

	script_read(&setup, text, SCRIPT_TYPED, fail_refused, NULL);
	return setup.tree;
}

/* said: the place and the identifier of each diagnostic, a line each, as it must be. */
static struct policy *
compile_with(const struct compile_facts *facts, const char *text, const char *said)
{
	struct tree *t = read_config(text);
	char *all = x_strdup(""), *longer;
	struct diag_list diags;
	struct policy *p;

	diag_list_init(&diags);
	p = compile(t, facts, &diags);
	for (size_t i = 0; i < diags.n; i++) {
		longer = x_asprintf("%s%u:%u %s\n", all, diags.items[i].line, diags.items[i].column,
		                    diags.items[i].id);
		free(all);
		all = longer;
	}
	assert_string_equal(all, said);
	free(all);
	diag_list_fini(&diags);
	tree_free(t);
	return p;
}

static struct policy *
compile_text(const char *text, const char *said)
{
	const struct compile_facts facts = {.kind = &compile_router, .default_hostname = "R"};

	return compile_with(&facts, text, said);
}

static void
append_line(void *arg, const char *line)
{
	char **text = arg, *longer = x_asprintf("%s%s\n", *text, line);

	free(*text);
	*text = longer;
}

/* Is the line in what `show running-config` says of the text? */
static bool
is_rendered(const char *text, const char *line)
{
	struct tree *t = read_config(text);
	char *all = x_strdup("\n"), *wanted = x_asprintf("\n%s\n", line);
	bool found;

	render_config(t, append_line, &all);
	found = strstr(all, wanted);
	free(wanted);
	free(all);
	tree_free(t);
	return found;
}

/* --- phase 1 ---------------------------------------------------------------------------------- */

static void
test_keepalive(void **state)
{
	static const struct {
		const char *line, *shown;
		struct policy_keepalive k;
	} said[] = {
	    {"hostname R", NULL, {0, 0, false}},
	    {"crypto isakmp keepalive 10", "crypto isakmp keepalive 10", {10, 2, false}},
	    {"crypto isakmp keepalive 20 5", "crypto isakmp keepalive 20 5", {20, 5, false}},
	    {"crypto isakmp keepalive 30 on-demand", "crypto isakmp keepalive 30", {30, 2, false}},
	    {"crypto isakmp keepalive 3600 60 periodic",
	     "crypto isakmp keepalive 3600 60 periodic",
	     {3600, 60, true}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		struct policy *p = compile_text(said[i].line, "");

		assert_true(policy_keepalive_equal(&p->keepalive, &said[i].k));
		assert_true(!said[i].shown || is_rendered(said[i].line, said[i].shown));
		policy_free(p);
	}
}

static void
test_profile(void **state)
{
	struct policy *p = compile_text(MEMBER "ip vrf RED\n"
	                                       "crypto keyring RING vrf RED\n"
	                                       " pre-shared-key address 10.0.0.0 255.0.0.0 key S\n"
	                                       "crypto isakmp keepalive 60 periodic\n" /* 15 */
	                                       "crypto isakmp profile P\n"
	                                       " description Of the key servers\n"
	                                       " vrf RED\n"
	                                       " keyring RING\n"
	                                       " self-identity user-fqdn r3@lab.example\n" /* 20 */
	                                       " match identity address 10.0.0.0 255.0.0.0 RED\n"
	                                       " match identity host domain lab.example\n"
	                                       " match identity user r1@lab.example\n"
	                                       " match identity group KS\n"
	                                       " keepalive 10 retry 3\n" /* 25 */
	                                       " local-address FastEthernet0/0\n"
	                                       "crypto map M 10 gdoi\n"
	                                       " set isakmp-profile P\n",
	                                "28:20 isakmp-profile-vrf\n");
	const struct policy_isakmp_profile *f = policy_profile_find(p, "P");

	(void)state;
	assert_ptr_equal(p->groups[0].interfaces[0].profile, f);
	assert_string_equal(f->vrf, "RED");
	assert_int_equal(f->n_rings, 1);
	assert_string_equal(f->rings[0], "RING");
	assert_true(f->has_self && f->self == ISAKMP_ID_USER);
	assert_string_equal(f->self_name, "r3@lab.example");
	assert_int_equal(f->n_matches, 4);
	assert_int_equal(f->matches[0].mask, IP(255, 0, 0, 0));
	assert_string_equal(f->matches[0].vrf, "RED");
	assert_int_equal(f->matches[1].kind, ISAKMP_MATCH_HOST_DOMAIN);
	assert_int_equal(f->matches[2].kind, ISAKMP_MATCH_USER);
	assert_int_equal(f->matches[3].kind, ISAKMP_MATCH_GROUP);
	assert_string_equal(f->matches[3].name, "KS");
	assert_true(f->is_local && f->local == IP(10, 0, 0, 3));
	assert_true(policy_keepalive_equal(&f->keepalive, &(struct policy_keepalive){10, 3, true}));
	policy_free(p);
}

/* Of the map; an entry's own goes before it. One that does not exist matches nobody. */
static void
test_profile_of_a_map(void **state)
{
	struct policy *p;

	(void)state;
	p = compile_text(MEMBER "crypto isakmp profile P\n"
	                        " match identity address 10.0.0.1\n"
	                        "crypto map M isakmp-profile P\n",
	                 "");
	assert_ptr_equal(p->groups[0].interfaces[0].profile, p->profiles);
	policy_free(p);
	p = compile_text(MEMBER "crypto isakmp profile P\n" /* 12 */
	                        " match identity address 10.0.0.1\n"
	                        "crypto map M isakmp-profile P\n"
	                        "crypto map M 10 gdoi\n"
	                        " set isakmp-profile Q\n",
	                 "16:20 isakmp-profile-undefined\n");
	assert_string_equal(p->groups[0].interfaces[0].profile->name, "Q");
	assert_int_equal(p->groups[0].interfaces[0].profile->n_matches, 0);
	policy_free(p);
}

/* What a profile or a keyring names and is not there leaves it without. */
static void
test_names_that_are_not_there(void **state)
{
	struct policy *p = compile_text("crypto keyring RING\n"
	                                " local-address FastEthernet0/7\n"
	                                " pre-shared-key address 10.0.0.1 key S\n"
	                                "crypto isakmp profile P\n"
	                                " keyring NONE\n" /* 5 */
	                                " ca trust-point NONE\n"
	                                " match identity address 10.0.0.1 255.255.255.255 RED\n"
	                                " local-address FastEthernet0/7\n",
	                                "2:15 isakmp-local-address\n"
	                                "3:24 isakmp-no-pre-share\n"
	                                "4:23 isakmp-profile-incomplete\n"
	                                "5:9 keyring-undefined\n"
	                                "6:16 isakmp-trustpoint-undefined\n"
	                                "7:49 vrf-undefined\n"
	                                "8:15 isakmp-local-address\n");

	(void)state;
	assert_int_equal(p->n_psks, 0);
	assert_int_equal(p->profiles->n_matches, 0);
	assert_false(policy_profile_has_ring(p, p->profiles, NULL));
	assert_false(policy_profile_has_trustpoint(p->profiles, "OTHER"));
	assert_true(p->profiles->is_local && !p->profiles->local);
	policy_free(p);
}

/* For the addresses that `ip host` says. */
static void
test_keys_of_hosts(void **state)
{
	struct policy *p = compile_text("crypto isakmp policy 10\n"
	                                " authentication pre-share\n"
	                                "ip host KS1 10.0.0.1 10.0.0.2\n"
	                                "crypto isakmp key A hostname ks1 no-xauth\n"
	                                "crypto isakmp key B hostname ks2\n" /* 5 */
	                                "crypto keyring RING\n"
	                                " pre-shared-key hostname KS1 key C\n"
	                                " local-address 10.0.0.9\n",
	                                "5:34 key-host-unknown\n");

	(void)state;
	assert_int_equal(p->n_psks, 4);
	assert_int_equal(p->psks[1].addr, IP(10, 0, 0, 2));
	assert_int_equal(p->psks[1].mask, UINT32_MAX);
	assert_string_equal(p->psks[1].host, "ks1");
	assert_string_equal(p->psks[2].ring, "RING");
	assert_int_equal(p->psks[2].local, IP(10, 0, 0, 9));
	policy_free(p);
}

/* --- IPsec ------------------------------------------------------------------------------------ */

static void
test_df_bit(void **state)
{
	static const struct {
		const char *lines;
		enum df_bit df;
	} said[] = {
	    {"", DF_COPY},
	    {"crypto ipsec df-bit clear\n", DF_CLEAR},
	    {"crypto ipsec df-bit clear\ninterface FastEthernet0/0\n crypto ipsec df-bit set\n",
	     DF_SET},
	    {"crypto ipsec df-bit set\ninterface FastEthernet0/0\n crypto ipsec df-bit copy\n",
	     DF_COPY},
	    {"interface FastEthernet0/1\n crypto ipsec df-bit set\n", DF_COPY},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		char *text = x_asprintf("%s%s", MEMBER, said[i].lines);
		struct policy *p = compile_text(text, "");

		assert_int_equal(p->groups[0].interfaces[0].df, said[i].df);
		policy_free(p);
		free(text);
	}
}

static void
test_lifetime_in_kilobytes(void **state)
{
	static const char text[] = "crypto ipsec security-association lifetime kilobytes 10000\n"
				   "crypto ipsec security-association lifetime kilobytes disable\n"
				   "crypto ipsec profile P\n"
				   " set security-association lifetime kilobytes 10000\n"
				   " set security-association lifetime kilobytes disable\n";

	(void)state;
	policy_free(compile_text(text, ""));
	assert_true(
	    is_rendered(text, "crypto ipsec security-association lifetime kilobytes disable"));
	assert_false(
	    is_rendered(text, "crypto ipsec security-association lifetime kilobytes 10000"));
	assert_true(is_rendered(text, " set security-association lifetime kilobytes disable"));
	policy_free(compile_text("crypto ipsec security-association lifetime kilobytes 10000\n",
	                         "1:54 lifetime-kilobytes\n"));
}

/* --- DHCP ------------------------------------------------------------------------------------- */

/* Before there is one nothing passes; one that was lost is kept, with the group bound to it. */
static void
test_address_that_is_learned(void **state)
{
	static const char text[] = MEMBER "interface FastEthernet0/0\n ip address dhcp\n";
	static const struct policy_learned given = {"FastEthernet0/0", IP(10, 0, 0, 7), 24,
	                                            IP(10, 0, 0, 1)};
	struct compile_facts facts = {.kind = &compile_router, .default_hostname = "R"};
	struct policy *p = compile_with(&facts, text, "6:21 server-no-route\n"), *next;

	(void)state;
	assert_true(p->interfaces[0].dhcp && !p->interfaces[0].has_address);
	assert_true(p->interfaces[0].shut);
	assert_int_equal(p->groups[0].n_interfaces, 0);
	facts.before = p;
	facts.learned = &given;
	facts.n_learned = 1;
	next = compile_with(&facts, text, "");
	assert_false(next->interfaces[0].shut);
	assert_int_equal(next->interfaces[0].addr, IP(10, 0, 0, 7));
	assert_int_equal(next->interfaces[0].len, 24);
	assert_int_equal(next->groups[0].interfaces[0].local_addr, IP(10, 0, 0, 7));
	assert_int_equal(next->n_routes, 1);
	assert_int_equal(next->routes[0].distance, 254);
	policy_free(p);
	facts.before = next;
	facts.n_learned = 0;
	p = compile_with(&facts, text, "");
	assert_int_equal(p->groups[0].interfaces[0].local_addr, IP(10, 0, 0, 7));
	assert_int_equal(p->n_routes, 0);
	policy_free(p);
	policy_free(next);
}

static void
test_pools(void **state)
{
	static const char text[] = "ip dhcp excluded-address 10.0.0.1 10.0.0.9\n"
				   "ip dhcp excluded-address 10.0.0.20\n"
				   "ip dhcp pool LAN\n"
				   " network 10.0.0.5 255.255.255.0\n"
				   " default-router 10.0.0.1 10.0.0.2\n"
				   "ip dhcp pool EMPTY\n";
	const struct compile_facts machine = {
	    .kind = &compile_router, .default_hostname = "R", .plain_host = true};
	struct policy *p = compile_text(text, "");

	(void)state;
	assert_int_equal(p->n_pools, 1);
	assert_int_equal(p->pools[0].network.addr, IP(10, 0, 0, 0));
	assert_int_equal(p->pools[0].router, IP(10, 0, 0, 1));
	assert_int_equal(p->n_excluded, 2);
	assert_int_equal(p->excluded[1].high, IP(10, 0, 0, 20));
	policy_free(p);
	policy_free(compile_with(&machine, text, "3:14 dhcp-pool-kept\n"));
}

/* --- object groups ---------------------------------------------------------------------------- */

static const struct policy_acl *
list_of(const struct policy *p)
{
	return policy_acl_find(p, "L");
}

static bool
does_permit(const struct policy *p, uint8_t proto, uint32_t src, uint32_t dst, uint16_t dport)
{
	const struct flow f = {.proto = proto, .src = src, .dst = dst, .dport = dport};

	return policy_acl_permits(list_of(p), &f);
}

static void
test_object_groups(void **state)
{
	struct policy *p = compile_text("object-group network SITES\n"
	                                " host 10.1.1.1\n"
	                                " 10.2.0.0 255.255.0.0\n"
	                                " 10.3.0.0 /16\n"
	                                " range 10.4.0.1 10.4.0.6\n" /* 5 */
	                                "object-group network ALL\n"
	                                " group-object SITES\n"
	                                " host 10.9.9.9\n"
	                                "object-group service WEB\n"
	                                " tcp eq www\n" /* 10 */
	                                " tcp-udp range 8000 8010\n"
	                                " icmp echo\n"
	                                "ip access-list extended L\n"
	                                " 10 permit object-group WEB object-group ALL any\n"
	                                " 20 deny ip any any\n",
	                                "");
	const struct policy_acl *l = list_of(p);

	(void)state;
	assert_true(does_permit(p, 6, IP(10, 1, 1, 1), 1, 80));
	assert_true(does_permit(p, 6, IP(10, 2, 9, 9), 1, 8010));
	assert_true(does_permit(p, 17, IP(10, 3, 9, 9), 1, 8000));
	assert_true(does_permit(p, 17, IP(10, 9, 9, 9), 1, 8005));
	assert_true(does_permit(p, 17, IP(10, 4, 0, 1), 1, 8005));
	assert_true(does_permit(p, 17, IP(10, 4, 0, 6), 1, 8005));
	assert_false(does_permit(p, 17, IP(10, 4, 0, 0), 1, 8005));
	assert_false(does_permit(p, 17, IP(10, 4, 0, 7), 1, 8005));
	assert_false(does_permit(p, 17, IP(10, 1, 1, 1), 1, 80));
	assert_false(does_permit(p, 6, IP(10, 1, 1, 2), 1, 80));
	/* all have the number and the text of their line */
	for (size_t i = 0; i + 1 < l->n_aces; i++) {
		assert_int_equal(l->aces[i].seq, 10);
		assert_string_equal(l->aces[i].text,
		                    "permit object-group WEB object-group ALL any");
	}
	/* 1 + 1 + 1 + 4 networks of a range and 1; 4 services */
	assert_int_equal(l->n_aces, 8 * 4 + 1);
	policy_free(p);
}

/* What a group that is not whole was to deny is not known: nothing behind it is permitted. */
static void
test_a_deny_of_no_group(void **state)
{
	struct policy *p = compile_text("ip access-list extended L\n"
	                                " permit tcp any any eq 22\n"
	                                " deny ip object-group BANNED any\n"
	                                " permit ip any any\n",
	                                "3:24 object-group-undefined\n");

	(void)state;
	assert_true(does_permit(p, 6, 1, 2, 22));
	assert_false(does_permit(p, 6, 1, 2, 80));
	policy_free(p);
}

/* Ten groups in each of ten layers, each of which names all of the next one. */
static void
test_groups_in_groups_end(void **state)
{
	struct text t = TEXT_INIT;
	struct policy *p;

	(void)state;
	for (int layer = 0; layer < 10; layer++)
		for (int n = 0; n < 10; n++) {
			text_printf(&t, "object-group network G%d-%d\n", layer, n);
			for (int k = 0; k < 10 && layer < 9; k++)
				text_printf(&t, " group-object G%d-%d\n", layer + 1, k);
		}
	text_puts(&t, "ip access-list extended L\n permit ip object-group G0-0 any\n");
	p = compile_text(text_string(&t), "1002:24 object-group-unfit\n");
	assert_false(does_permit(p, 6, 1, 2, 22));
	policy_free(p);
	text_fini(&t);
}

/* Half a group would be another policy. */
static void
test_object_groups_that_are_not_whole(void **state)
{
	static const struct {
		const char *group, *said;
	} cases[] = {
	    {"", "3:24 object-group-undefined\n"},
	    {"object-group network N\n", "4:24 object-group-undefined\n"},
	    {"object-group network N\n host 10.1.1.1\n host www.example\n",
	     "6:24 object-group-unfit\n"},
	    {"object-group network N\n host 10.1.1.1\n group-object GONE\n",
	     "6:24 object-group-unfit\n"},
	    {"object-group network N\n host 10.1.1.1\n group-object N\n",
	     "6:24 object-group-unfit\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = x_asprintf("%sip access-list extended L\n"
		                        " 5 deny tcp any any eq 23\n"
		                        " permit ip object-group N any\n",
		                        cases[i].group);
		struct policy *p = compile_text(text, cases[i].said);

		assert_int_equal(list_of(p)->n_aces, 1);
		policy_free(p);
		free(text);
	}
}

/* A group's policy made of them, or none at all. */
static void
test_object_groups_of_a_policy(void **state)
{
#define SERVED                                                                                     \
	"crypto ipsec transform-set T esp-aes esp-sha-hmac\n"                                      \
	"crypto ipsec profile P\n"                                                                 \
	" set transform-set T\n"                                                                   \
	"ip access-list extended L\n"                                                              \
	" permit ip object-group A object-group A\n" /* 5 */                                       \
	"interface FastEthernet0/0\n"                                                              \
	" ip address 10.0.0.1 255.255.255.0\n"                                                     \
	"crypto gdoi group G\n"                                                                    \
	" identity number 1\n"                                                                     \
	" server local\n" /* 10 */                                                                 \
	"  address ipv4 10.0.0.1\n"                                                                \
	"  sa ipsec 1\n"                                                                           \
	"   profile P\n"                                                                           \
	"   match address ipv4 L\n"                                                                \
	"object-group network A\n" /* 15 */                                                        \
	" 10.1.0.0 255.255.0.0\n"                                                                  \
	" 10.2.0.0 255.255.0.0\n"
	struct policy *p = compile_text(SERVED, "10:1 rekey-no-authentication\n");

	(void)state;
	assert_int_equal(p->groups[0].server.sas[0].n_selectors, 4);
	assert_int_equal(p->groups[0].server.sas[0].selectors[1].dst, IP(10, 2, 0, 0));
	policy_free(p);
	p = compile_text(SERVED " host a.host.by.name\n",
	                 "5:1 selector-unfit\n5:24 object-group-unfit\n"
	                 "10:1 rekey-no-authentication\n");
	assert_int_equal(p->groups[0].server.sas[0].n_selectors, 0);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keepalive),
	    cmocka_unit_test(test_profile),
	    cmocka_unit_test(test_profile_of_a_map),
	    cmocka_unit_test(test_names_that_are_not_there),
	    cmocka_unit_test(test_keys_of_hosts),
	    cmocka_unit_test(test_df_bit),
	    cmocka_unit_test(test_lifetime_in_kilobytes),
	    cmocka_unit_test(test_address_that_is_learned),
	    cmocka_unit_test(test_pools),
	    cmocka_unit_test(test_object_groups),
	    cmocka_unit_test(test_object_groups_that_are_not_whole),
	    cmocka_unit_test(test_a_deny_of_no_group),
	    cmocka_unit_test(test_groups_in_groups_end),
	    cmocka_unit_test(test_object_groups_of_a_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
