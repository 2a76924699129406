/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of the store that key servers share count together, when their mode is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/app/commands.h"
#include "cli/device/router.h"
#include "cli/shell/acting.h"
#include "cli/shell/shell.h"
#include "runtime/host/sim/sim.h"

struct box {
	struct sim *sim;
	struct node *node;
	struct router *router;
	struct shell *shell;
};

static void
drop_octets(void *arg, const char *text, size_t n)
{
	(void)arg, (void)text, (void)n;
}

static void
be_done(void *arg)
{
	(void)arg;
}

static void
drop_record(void *arg, const struct log_record *record)
{
	(void)arg, (void)record;
}

static void
box_open(struct box *b)
{
	static const struct shell_io io = {.write = drop_octets, .done = be_done, .close = be_done};
	struct node_config config = {.name = "R1", .log = {.write = drop_record}};
	struct host_events events;

	b->sim = sim_new(1, 0);
	b->node = node_new(&config);
	events = node_events(b->node);
	node_attach(b->node, sim_node_add(b->sim, "R1", &events));
	b->router = router_new("R1", b->node);
	router_set_actor(b->router, &shell_actor);
	router_boot(b->router);
	b->shell = shell_new(b->router, &io, NULL, true);
}

static void
box_close(struct box *b)
{
	shell_free(b->shell);
	router_free(b->router);
	node_free(b->node);
	sim_free(b->sim);
}

static const struct policy_etcd *
etcd_of(const struct box *b)
{
	return &node_policy(b->node)->store.etcd;
}

/* Half of a store's lines would name another store. */
static void
test_a_store_is_typed(void **state)
{
	struct box b = {0};

	(void)state;
	box_open(&b);
	shell_line(b.shell, "configure terminal");
	shell_line(b.shell, "crypto gdoi store etcd http://10.0.0.1:2379");
	shell_line(b.shell, "prefix /one");
	shell_line(b.shell, "do show clock");
	assert_int_equal(etcd_of(&b)->n_endpoints, 0);
	shell_line(b.shell, "exit");
	assert_int_equal(etcd_of(&b)->n_endpoints, 1);
	assert_string_equal(etcd_of(&b)->prefix, "/one");
	shell_line(b.shell, "crypto gdoi store etcd http://10.0.0.2:2379 http://10.0.0.3:2379");
	shell_line(b.shell, "prefix /two");
	assert_int_equal(etcd_of(&b)->n_endpoints, 1);
	assert_string_equal(etcd_of(&b)->endpoints[0], "http://10.0.0.1:2379");
	assert_string_equal(etcd_of(&b)->prefix, "/one");
	shell_line(b.shell, "ip access-list extended L"); /* another mode */
	assert_int_equal(etcd_of(&b)->n_endpoints, 2);
	assert_string_equal(etcd_of(&b)->prefix, "/two");
	shell_line(b.shell, "crypto gdoi store etcd http://10.0.0.2:2379");
	shell_line(b.shell, "prefix /three");
	shell_line(b.shell, "end");
	assert_string_equal(etcd_of(&b)->prefix, "/three");
	shell_line(b.shell, "configure terminal");
	shell_line(b.shell, "crypto gdoi store etcd http://10.0.0.2:2379");
	shell_line(b.shell, "prefix /four");
	shell_close(b.shell); /* the line is cut */
	assert_string_equal(etcd_of(&b)->prefix, "/four");
	box_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_store_is_typed),
	};

	commands_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
