/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole routers over the virtual network, from configuration text to encrypted packets: a key
 * server, a transit router and two members register, ping, lose power and come back.
 */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/compile/compile.h"
#include "compiler/session/script.h"
#include "runtime/crypto/random.h"
#include "runtime/host/sim/sim.h"
#include "runtime/node/node.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define LO3            IP(192, 168, 3, 3)
#define LO4            IP(192, 168, 4, 4)
#define F0             "FastEthernet0/0"

static const char r1_text[] = "interface FastEthernet0/0\n"
			      "ip address 10.1.12.1 255.255.255.0\n"
			      "no shutdown\n"
			      "exit\n"
			      "ip route 0.0.0.0 0.0.0.0 10.1.12.2\n"
			      "crypto isakmp policy 10\n"
			      "authentication pre-share\n"
			      "encryption aes\n"
			      "group 2\n"
			      "crypto isakmp key 0 cisco address 10.1.23.3\n"
			      "crypto isakmp key 0 cisco address 10.1.24.4\n"
			      "crypto ipsec transform-set T esp-3des esp-sha-hmac\n"
			      "crypto ipsec profile P\n"
			      "set transform-set T\n"
			      "ip access-list extended LAN\n"
			      "deny udp any eq 848 any eq 848\n"
			      "permit ip 192.168.0.0 0.0.255.255 192.168.0.0 0.0.255.255\n"
			      "crypto gdoi group G\n"
			      "identity number 134\n"
			      "server local\n"
			      "address ipv4 10.1.12.1\n"
			      "sa ipsec 1\n"
			      "profile P\n"
			      "match address ipv4 LAN\n"
			      "replay counter window-size 64\n";

static const char r2_text[] = "interface FastEthernet0/0\n"
			      "ip address 10.1.12.2 255.255.255.0\n"
			      "no shutdown\n"
			      "interface FastEthernet0/1\n"
			      "ip address 10.1.23.2 255.255.255.0\n"
			      "no shutdown\n"
			      "interface FastEthernet1/0\n"
			      "ip address 10.1.24.2 255.255.255.0\n"
			      "no shutdown\n"
			      "exit\n"
			      "ip route 192.168.3.0 255.255.255.0 10.1.23.3\n"
			      "ip route 192.168.4.0 255.255.255.0 10.1.24.4\n";

/* key, own address, mask's gateway, loopback */
static const char gm_text[] = "interface Loopback0\n"
			      "ip address %s 255.255.255.255\n"
			      "interface FastEthernet0/0\n"
			      "ip address %s 255.255.255.0\n"
			      "no shutdown\n"
			      "exit\n"
			      "ip route 0.0.0.0 0.0.0.0 %s\n"
			      "crypto isakmp policy 10\n"
			      "authentication pre-share\n"
			      "encryption aes\n"
			      "group 2\n"
			      "crypto isakmp key 0 %s address 10.1.12.1\n"
			      "crypto gdoi group G\n"
			      "identity number 134\n"
			      "server address ipv4 10.1.12.1\n"
			      "exit\n"
			      "crypto map M 10 gdoi\n"
			      "set group G\n"
			      "interface FastEthernet0/0\n"
			      "crypto map M\n";

struct router {
	struct node *node;
	struct host *host;
	char log[8192];
	struct job *jobs[16]; /* handed out, when jobs are slow */
	size_t n_jobs;
};

struct lab {
	struct sim *sim;
	struct router r[5]; /* by number */
};

static void
on_log(void *arg, const struct log_record *record)
{
	struct router *r = arg;
	size_t n = strlen(r->log);

	snprintf(r->log + n, sizeof(r->log) - n, "%s\n", record->text);
}

static void
fail_refused(void *arg, const struct script_refusal *refusal)
{
	(void)arg;
	fail_msg("line %u \"%s\": %s", refusal->line, refusal->text, refusal->message);
}

static struct policy *
policy_of(const char *text)
{
	static const char *const labels[] = {"K"};
	const struct compile_facts facts = {.kind = &compile_router,
	                                    .default_hostname = "Router",
	                                    .n_rsa_labels = 1,
	                                    .rsa_labels = labels};
	struct tree *tree = tree_new();
	struct session_setup setup = {.tree = tree, .name = "Router"};
	struct diag_list diags;
	struct policy *p;

	script_read(&setup, text, SCRIPT_TYPED, fail_refused, NULL);
	diag_list_init(&diags);
	p = compile(tree, &facts, &diags);
	diag_list_fini(&diags);
	tree_free(tree);
	return p;
}

static void
on_job(void *arg, struct node *node, struct job *job)
{
	struct router *r = arg;

	(void)node;
	assert_true(r->n_jobs < ARRAY_SIZE(r->jobs));
	r->jobs[r->n_jobs++] = job;
}

static void
router_add(struct lab *l, int number, bool slow_jobs)
{
	struct router *r = &l->r[number];
	char *name = x_asprintf("R%d", number);
	struct node_config config = {.name = name, .log = {.write = on_log, .arg = r}, .arg = r};
	struct host_events events;

	config.submit = slow_jobs ? on_job : NULL;
	r->node = node_new(&config);
	events = node_events(r->node);
	r->host = sim_node_add(l->sim, name, &events);
	node_attach(r->node, r->host);
	free(name);
}

static struct policy *
member_policy(int number, const char *key)
{
	char *text = number == 3
	                 ? x_asprintf(gm_text, "192.168.3.3", "10.1.23.3", "10.1.23.2", key)
	                 : x_asprintf(gm_text, "192.168.4.4", "10.1.24.4", "10.1.24.2", key);
	struct policy *p = policy_of(text);

	free(text);
	return p;
}

static struct lab *
lab_new(const char *key4, bool slow_jobs)
{
	static const struct {
		const char *link, *interface;
		int router;
	} ends[] = {
	    /* clang-format off */
	    {"ks",    F0,                1},
	    {"ks",    F0,                2},
	    {"left",  "FastEthernet0/1", 2},
	    {"left",  F0,                3},
	    {"right", "FastEthernet1/0", 2},
	    {"right", F0,                4}
	    /* clang-format on */
	};
	struct lab *l = x_alloc(sizeof(*l));
	size_t i;
	int n;

	crypto_random_seed(1);
	l->sim = sim_new(1, 1700000000000);
	for (n = 1; n <= 4; n++)
		router_add(l, n, slow_jobs && n == 3);
	sim_link_add(l->sim, "ks", 1);
	sim_link_add(l->sim, "left", 1);
	sim_link_add(l->sim, "right", 1);
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		char name[3] = {'R', (char)('0' + ends[i].router)};

		assert_int_equal(sim_link_attach(l->sim, ends[i].link, name, ends[i].interface), 0);
	}
	node_apply(l->r[1].node, policy_of(r1_text));
	node_apply(l->r[2].node, policy_of(r2_text));
	node_apply(l->r[3].node, member_policy(3, "cisco"));
	node_apply(l->r[4].node, member_policy(4, key4));
	return l;
}

static void
lab_free(struct lab *l)
{
	int n;

	for (n = 1; n <= 4; n++) {
		node_stop(l->r[n].node);
		node_free(l->r[n].node);
	}
	sim_free(l->sim);
	free(l);
}

static void
pass_time(struct lab *l, unsigned seconds)
{
	sim_run_until(l->sim, sim_now(l->sim) + SECONDS(seconds));
}

static void
on_echo(void *arg, const struct echo_answer *answer)
{
	*(int *)arg = (int)answer->result;
}

static int
ping_from(struct lab *l, int from, uint32_t src, uint32_t dst)
{
	struct host *h = l->r[from].host;
	int result = -1;
	struct echo_request q = {.dst = dst,
	                         .src = src,
	                         .size = 100,
	                         .timeout = SECONDS(2),
	                         .done = on_echo,
	                         .arg = &result};

	assert_int_equal(h->ops->echo(h, &q), 0);
	pass_time(l, 3);
	return result;
}

static bool
was_logged(const struct lab *l, int n, const char *what)
{
	return strstr(l->r[n].log, what) != NULL;
}

static uint64_t
count_encrypted(struct lab *l, int n)
{
	struct dp_stat s = {.n_entries = 0};
	uint64_t out = 0;
	size_t i;

	node_dp_stat(l->r[n].node, "G", &s);
	for (i = 0; i < s.n_entries; i++)
		out += s.entries[i].out_packets;
	return out;
}

static void
test_group(void **state)
{
	struct lab *l = lab_new("cisco", false);
	struct arena *a = arena_new();
	const struct snap_group *g;
	size_t n;

	(void)state;
	pass_time(l, 60);
	assert_true(was_logged(l, 3, "%GDOI-5-GM_REGS_COMPL"));
	assert_true(was_logged(l, 4, "%GDOI-5-GM_REGS_COMPL"));
	g = node_groups(l->r[1].node, a, &n);
	assert_int_equal(n, 1);
	assert_int_equal(g->n_members, 2);
	assert_int_equal(ping_from(l, 3, LO3, LO4), ECHO_REPLY);
	assert_int_equal(ping_from(l, 4, LO4, LO3), ECHO_REPLY);
	assert_int_equal(count_encrypted(l, 3), 2);
	assert_int_equal(count_encrypted(l, 4), 2);
	/* the same policy once more disturbs nothing */
	node_apply(l->r[3].node, member_policy(3, "cisco"));
	assert_int_equal(ping_from(l, 3, LO3, LO4), ECHO_REPLY);
	assert_int_equal(count_encrypted(l, 3), 3);
	/* the server gone, members go on with what they have */
	node_stop(l->r[1].node);
	sim_node_power(l->sim, "R1", false);
	assert_int_equal(ping_from(l, 3, LO3, LO4), ECHO_REPLY);
	arena_free(a);
	lab_free(l);
}

static void
test_wrong_key(void **state)
{
	struct lab *l = lab_new("ocsic", false);

	(void)state;
	pass_time(l, 300);
	assert_true(was_logged(l, 3, "GM_REGS_COMPL"));
	assert_false(was_logged(l, 4, "GM_REGS_COMPL"));
	assert_int_equal(count_encrypted(l, 4), 0);
	/* repaired while it runs */
	node_apply(l->r[4].node, member_policy(4, "cisco"));
	pass_time(l, 600);
	assert_true(was_logged(l, 4, "GM_REGS_COMPL"));
	assert_int_equal(ping_from(l, 3, LO3, LO4), ECHO_REPLY);
	lab_free(l);
}

static void
test_power(void **state)
{
	struct lab *l = lab_new("cisco", false);

	(void)state;
	pass_time(l, 60);
	node_stop(l->r[4].node);
	sim_node_power(l->sim, "R4", false);
	assert_int_not_equal(ping_from(l, 3, LO3, LO4), ECHO_REPLY);
	l->r[4].log[0] = '\0';
	sim_node_power(l->sim, "R4", true);
	node_apply(l->r[4].node, member_policy(4, "cisco"));
	pass_time(l, 60);
	assert_true(was_logged(l, 4, "GM_REGS_COMPL"));
	assert_int_equal(ping_from(l, 4, LO4, LO3), ECHO_REPLY);
	lab_free(l);
}

/* Runs the jobs that are out now; new ones that follow from them wait for the next call. */
static void
jobs_run(struct router *r)
{
	struct job *jobs[ARRAY_SIZE(r->jobs)];
	size_t i, n = r->n_jobs;

	memcpy(jobs, r->jobs, sizeof(jobs));
	r->n_jobs = 0;
	for (i = 0; i < n; i++) {
		jobs[i]->run(jobs[i]);
		node_job_done(r->node, jobs[i]);
	}
}

/* Diffie-Hellman in another thread takes its time; a node stopped meanwhile comes to no harm. */
static void
test_slow_jobs(void **state)
{
	struct lab *l = lab_new("cisco", true);
	int i;

	(void)state;
	for (i = 0; i < 30; i++) {
		pass_time(l, 1);
		jobs_run(&l->r[3]);
	}
	assert_true(was_logged(l, 3, "GM_REGS_COMPL"));
	node_clear_isakmp(l->r[3].node);
	node_clear_group(l->r[3].node, NULL);
	for (i = 0; i < 30 && l->r[3].n_jobs == 0; i++)
		pass_time(l, 1);
	assert_int_not_equal(l->r[3].n_jobs, 0);
	node_stop(l->r[3].node);
	node_apply(l->r[3].node, member_policy(3, "cisco"));
	for (i = 0; i < 60; i++) {
		jobs_run(&l->r[3]); /* the first of them for the core that is gone */
		pass_time(l, 1);
	}
	assert_int_equal(ping_from(l, 4, LO4, LO3), ECHO_REPLY);
	jobs_run(&l->r[3]);
	lab_free(l);
}

static msec
no_clock(struct host *h)
{
	(void)h;
	fail_msg("a host that may be gone was asked for the time");
	return 0;
}

/* `testudo run` closes its host when it stops, and waits for the jobs then. */
static void
test_jobs_outlive_the_host(void **state)
{
	struct lab *l = lab_new("cisco", true);
	const struct host_ops *ops = l->r[3].host->ops;
	struct host_ops closed = *ops;
	int i;

	(void)state;
	for (i = 0; i < 30 && l->r[3].n_jobs == 0; i++)
		pass_time(l, 1);
	assert_int_not_equal(l->r[3].n_jobs, 0);
	node_stop(l->r[3].node);
	closed.now = no_clock;
	l->r[3].host->ops = &closed;
	jobs_run(&l->r[3]);
	l->r[3].host->ops = ops;
	lab_free(l);
}

/* --- rekeys to another port ------------------------------------------------------------------- */

static const char to_port_text[] = "ip access-list extended MC\n"
				   "permit udp host 10.1.12.1 eq 848 host 239.192.1.1 eq 843\n"
				   "crypto gdoi group G\n"
				   "server local\n"
				   "rekey authentication mypubkey rsa K\n"
				   "rekey address ipv4 MC\n";

static int
join_not(struct host *h, const char *interface, uint32_t group, uint16_t port, bool on)
{
	(void)h;
	(void)interface;
	(void)group;
	return on && port != 848 ? -EACCES : 0;
}

/*
 * An unprivileged process may not bind the port: its log says so, and it is a member all the same.
 */
static void
rfc6407_5_3_port_that_cannot_be_bound_is_logged(void **state)
{
	struct lab *l = lab_new("cisco", false);
	struct host_ops ops = *l->r[3].host->ops;
	const struct host_ops *was = l->r[3].host->ops;
	char *text = x_asprintf("%s%s", r1_text, to_port_text);

	(void)state;
	ops.join = join_not;
	l->r[3].host->ops = &ops;
	assert_int_equal(keystore_generate(node_keystore(l->r[1].node), "K", 1024, false, 0), 0);
	node_apply(l->r[1].node, policy_of(text));
	pass_time(l, 60);
	assert_true(was_logged(l, 3,
	                       "%TESTUDO-3-HOST: FastEthernet0/0: cannot listen for rekeys to "
	                       "239.192.1.1 port 843: Permission denied"));
	assert_false(was_logged(l, 4, "cannot listen"));
	assert_true(was_logged(l, 3, "%GDOI-5-GM_REGS_COMPL"));
	assert_int_equal(ping_from(l, 3, LO3, LO4), ECHO_REPLY);
	l->r[3].host->ops = was;
	free(text);
	lab_free(l);
}

static void
test_keystore(void **state)
{
	struct keystore *ks = keystore_new(), *copy;
	struct arena *a = arena_new();
	struct keystore_entry e;

	(void)state;
	assert_int_not_equal(keystore_generate(ks, "K", 17, false, 0), 0);
	assert_int_equal(keystore_generate(ks, "b", 1024, false, 5), 0);
	assert_int_equal(keystore_generate(ks, "a", 1024, true, 6), 0);
	copy = keystore_clone(ks);
	e = keystore_at(ks, 0);
	assert_string_equal(e.label, "a");
	assert_true(e.bits == 1024 && e.exportable && e.created == 6);
	assert_true(keystore_public_der(&e, a).n > 128);
	assert_non_null(keystore_find(ks, "b"));
	assert_null(keystore_find(ks, "c"));
	assert_true(keystore_remove(ks, "a"));
	assert_false(keystore_remove(ks, "a"));
	assert_int_equal(keystore_count(ks), 1);
	assert_int_equal(keystore_generate(ks, "b", 2048, false, 7), 0); /* takes its place */
	assert_int_equal(keystore_at(ks, 0).bits, 2048);
	assert_int_equal(keystore_count(copy), 2);
	assert_int_equal(keystore_at(copy, 1).bits, 1024);
	assert_true(keystore_remove(ks, NULL));
	assert_false(keystore_remove(ks, NULL));
	keystore_free(ks);
	keystore_free(copy);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_group),
	    cmocka_unit_test(test_wrong_key),
	    cmocka_unit_test(test_power),
	    cmocka_unit_test(test_slow_jobs),
	    cmocka_unit_test(test_jobs_outlive_the_host),
	    cmocka_unit_test(test_keystore),
	    cmocka_unit_test(rfc6407_5_3_port_that_cannot_be_bound_is_logged),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
