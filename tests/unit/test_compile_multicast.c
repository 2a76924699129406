/* SPDX-License-Identifier: Apache-2.0 */
/* What multicast is told: configuration text in, the policy, its rendering and diagnostics out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/base/text.h"
#include "compiler/compile/compile.h"
#include "compiler/device/device_kind.h"
#include "compiler/session/script.h"
#include "compiler/tree/render.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

struct compiled {
	struct policy *policy;
	struct text said;     /* "3 pim-no-rp\n" for each diagnostic */
	struct text rendered; /* the configuration as it is shown */
};

static void
fail_refused(void *arg, const struct script_refusal *r)
{
	(void)arg;
	fail_msg("line %u \"%s\": %s", r->line, r->text, r->message);
}

static struct compiled
compile_text(const struct device_kind *kind, const char *text, bool machine)
{
	struct session_setup setup = {.tree = tree_new_in(kind->config), .name = "R"};
	const struct compile_facts facts = {
	    .kind = kind->compile, .default_hostname = "R", .plain_host = machine};
	struct compiled c = {.said = TEXT_INIT, .rendered = TEXT_INIT};
	struct diag_list diags;

	script_read(&setup, text, SCRIPT_TYPED, fail_refused, NULL);
	diag_list_init(&diags);
	c.policy = compile(setup.tree, &facts, &diags);
	for (size_t i = 0; i < diags.n; i++)
		text_printf(&c.said, "%u %s\n", diags.items[i].line, diags.items[i].id);
	render_config(setup.tree, text_line, &c.rendered);
	diag_list_fini(&diags);
	tree_free(setup.tree);
	return c;
}

static void
compiled_free(struct compiled *c)
{
	policy_free(c->policy);
	text_fini(&c->said);
	text_fini(&c->rendered);
}

static void
expect_said(const char *text, bool machine, const char *expected)
{
	struct compiled c = compile_text(&device_router, text, machine);

	assert_string_equal(text_string(&c.said), expected);
	compiled_free(&c);
}

static void
a_router(void **state)
{
	struct compiled c = compile_text(&device_router,
	                                 "ip vrf RED\n"
	                                 "access-list 10 permit 239.0.0.0 0.255.255.255\n"
	                                 "ip multicast-routing\n"
	                                 "ip multicast-routing vrf RED\n"
	                                 "ip pim rp-address 1.1.1.1\n"
	                                 "ip pim rp-address 2.2.2.2 10 override\n"
	                                 "ip pim vrf RED rp-address 3.3.3.3\n"
	                                 "ip pim ssm default\n"
	                                 "ip mroute 10.9.0.0 255.255.0.0 10.0.0.9 5\n"
	                                 "interface FastEthernet0/0\n"
	                                 " ip address 10.0.0.1 255.255.255.0\n"
	                                 " ip pim dr-priority 7\n"
	                                 " ip pim query-interval 10\n"
	                                 " ip pim sparse-dense-mode\n"
	                                 " ip igmp join-group 239.1.1.1\n"
	                                 " ip igmp join-group 232.1.1.1 source 10.9.9.9\n"
	                                 " ip igmp version 3\n"
	                                 "interface FastEthernet0/1\n"
	                                 " ip vrf forwarding RED\n"
	                                 " ip address 10.0.0.1 255.255.255.0\n"
	                                 " ip pim sparse-mode\n",
	                                 false);
	const struct policy *p = c.policy;
	const struct policy_multicast_interface *on = p->interfaces[0].multicast;

	(void)state;
	assert_string_equal(text_string(&c.said), "");
	assert_int_equal(p->n_multicast, 2);
	assert_null(p->multicast[0].vrf);
	assert_true(p->multicast[0].on && p->multicast[0].ssm);
	assert_int_equal(p->multicast[0].n_rps, 2);
	assert_int_equal(p->multicast[0].rps[0].addr, IP(1, 1, 1, 1));
	assert_null(p->multicast[0].rps[0].acl);
	assert_string_equal(p->multicast[0].rps[1].acl->name, "10");
	assert_int_equal(p->multicast[0].n_mroutes, 1);
	assert_int_equal(p->multicast[0].mroutes[0].from.addr, IP(10, 9, 0, 0));
	assert_int_equal(p->multicast[0].mroutes[0].via, IP(10, 0, 0, 9));
	assert_int_equal(p->multicast[0].mroutes[0].distance, 5);
	assert_string_equal(p->multicast[1].vrf, "RED");
	assert_int_equal(p->multicast[1].n_rps, 1);
	assert_int_equal(on->pim, PIM_SPARSE_DENSE);
	assert_int_equal(on->dr_priority, 7);
	assert_int_equal(on->query_interval, 10);
	assert_int_equal(on->igmp_version, 3);
	assert_int_equal(on->n_joins, 2);
	assert_int_equal(on->joins[1].source, IP(10, 9, 9, 9));
	assert_non_null(strstr(text_string(&c.rendered), " ip pim sparse-dense-mode\n"));
	assert_non_null(
	    strstr(text_string(&c.rendered), " ip igmp join-group 232.1.1.1 source 10.9.9.9\n"));
	assert_non_null(strstr(text_string(&c.rendered), "ip pim vrf RED rp-address 3.3.3.3\n"));
	compiled_free(&c);
}

static void
a_firewall(void **state)
{
	struct compiled c = compile_text(&device_firewall,
	                                 "interface GigabitEthernet0/0\n"
	                                 " nameif inside\n"
	                                 " security-level 100\n"
	                                 " ip address 10.0.0.1 255.255.255.0\n"
	                                 "interface GigabitEthernet0/1\n"
	                                 " nameif outside\n"
	                                 " security-level 0\n"
	                                 " ip address 10.0.1.1 255.255.255.0\n"
	                                 " no pim\n"
	                                 " igmp join-group 239.1.1.1\n"
	                                 "interface GigabitEthernet0/2\n"
	                                 " ip address 10.0.2.1 255.255.255.0\n"
	                                 "multicast-routing\n"
	                                 "pim rp-address 10.0.0.9\n"
	                                 "mroute 10.9.0.0 255.255.0.0 inside\n",
	                                 false);
	const struct policy *p = c.policy;

	(void)state;
	assert_string_equal(text_string(&c.said), "");
	assert_true(p->n_multicast == 1 && p->multicast[0].on);
	assert_int_equal(p->interfaces[0].multicast->pim, PIM_SPARSE);
	assert_int_equal(p->interfaces[1].multicast->pim, PIM_PASSIVE);
	assert_int_equal(p->interfaces[1].multicast->n_joins, 1);
	assert_null(p->interfaces[2].multicast);
	assert_string_equal(p->multicast[0].mroutes[0].interface, "GigabitEthernet0/0");
	assert_non_null(strstr(text_string(&c.rendered), "multicast-routing\n"));
	compiled_free(&c);
}

#define ADDRESS                                                                                    \
	"interface FastEthernet0/0\n"                                                              \
	" ip address 10.0.0.1 255.255.255.0\n"

static void
what_is_wrong(void **state)
{
	(void)state;
	expect_said(ADDRESS " ip pim sparse-mode\n", false, "3 multicast-off\n");
	expect_said(ADDRESS "ip multicast-routing\n", false, "3 multicast-no-interface\n");
	expect_said(ADDRESS " ip pim sparse-mode\nip multicast-routing\n", false, "4 pim-no-rp\n");
	expect_said(ADDRESS " ip pim dense-mode\nip multicast-routing\n", false, "");
	expect_said(ADDRESS " ip igmp join-group 224.0.0.5\n", false, "3 igmp-group\n");
	expect_said("ip pim rp-address 1.1.1.1 NONE\nip pim rp-address 2.2.2.2 bidir\n", false,
	            "1 multicast-list\n2 pim-bidir\n");
	expect_said("ip mroute 10.0.0.0 255.0.0.0 FastEthernet0/7\n", false,
	            "1 mroute-interface\n");
	expect_said("ip multicast-routing vrf NONE\n", false, "1 vrf-undefined\n");
	/* on a machine it does not run, and nothing else is said of it */
	expect_said(ADDRESS " ip pim sparse-mode\nip multicast-routing\n", true,
	            "4 multicast-not-run\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_router),
	    cmocka_unit_test(a_firewall),
	    cmocka_unit_test(what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
