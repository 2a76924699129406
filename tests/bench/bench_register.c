/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registrations a second on one core, server and member counted apart, beside what the
 * Diffie-Hellman alone costs with the same library calls (each side: one key pair, one shared
 * secret). The ratio says how much of a registration is anything else. Target: at least half.
 * Where there is an openssl command, what its `speed` says of the same groups stands below: shared
 * secrets alone, a second and core, half or less of the work.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/crypto/dh.h"
#include "compiler/policy/protocol.h"
#include "tests/protocol/world.h"

#define BENCH_SECONDS 2.0
#define TARGET        0.5

static double
thread_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Key pairs and shared secrets a second. */
static double
bench_dh(uint16_t group)
{
	struct dh *peer = dh_new(group);
	double start = thread_seconds(), now;
	unsigned n = 0;

	dh_generate(peer);
	do {
		struct dh *dh = dh_new(group);
		struct secret shared = {0};

		if (!dh_generate(dh) || !dh_compute(dh, dh_public(peer), &shared))
			abort();
		secret_fini(&shared);
		dh_free(dh);
		n++;
		now = thread_seconds();
	} while (now - start < BENCH_SECONDS);
	dh_free(peer);
	return n / (now - start);
}

struct side {
	struct core *core;
	struct path path; /* as this side sees it */
	double spent;     /* seconds of work */
	bool registered;
};

/* Handles what one side puts out: runs its jobs, and gives its datagrams to the other side. */
static void
handle_output(struct side *from, struct side *to, const struct core_out *out)
{
	double start;
	uint8_t *copy;
	size_t n;

	switch (out->kind) {
	case CORE_JOB:
		out->job->run(out->job);
		core_done(from->core, &(struct core_result){.job = out->job}, 0);
		break;
	case CORE_INSTALL:
		from->registered = out->install.group->n_sas > 0;
		core_done(from->core, &(struct core_result){.ticket = out->install.ticket}, 0);
		break;
	case CORE_DATAGRAM:
		start = thread_seconds();
		n = out->datagram.bytes.n;
		copy = x_memdup(out->datagram.bytes.p, n);
		core_input(to->core, &to->path, SPAN(copy, n), 0);
		free(copy);
		to->spent += thread_seconds() - start;
		from->spent -= thread_seconds() - start;
		break;
	case CORE_JOIN:
	case CORE_CLEAR:
		break;
	}
}

/* True when something moved. */
static bool
shuttle_output(struct side *from, struct side *to)
{
	double start = thread_seconds();
	struct core_out out;
	bool any = false;

	while (core_poll(from->core, &out)) {
		any = true;
		handle_output(from, to, &out);
	}
	from->spent += thread_seconds() - start;
	return any;
}

/* One new member registers with the server. */
static void
register_one(struct side *server, uint32_t addr, uint16_t group, double *member_spent)
{
	struct policy_maker m = {.group = group};
	struct policy *p = policy_member(&m, addr);
	struct core_env env = {.random = crypto_random};
	struct side member = {.core = core_new(&env),
	                      .path = {.local = addr,
	                               .remote = server->path.local,
	                               .local_port = GDOI_PORT,
	                               .remote_port = GDOI_PORT}};
	double start;
	bool moved;

	server->path.remote = addr;
	core_apply(member.core, p, 0);
	start = thread_seconds();
	core_expire(member.core, 0);
	member.spent += thread_seconds() - start;
	do {
		moved = shuttle_output(&member, server);
		moved = shuttle_output(server, &member) || moved;
	} while (moved);
	if (!member.registered)
		abort();
	*member_spent += member.spent;
	core_free(member.core);
	policy_free(p);
}

static bool
bench_group(uint16_t group, struct rsa_key *rsa, double *ret)
{
	struct world *w = x_alloc(sizeof(*w));
	struct policy_maker m = {.group = group};
	struct core_env env = {.rsa_key = world_rsa, .random = crypto_random, .arg = &w->nodes[0]};
	struct side server = {.core = core_new(&env),
	                      .path = {.local = addr_of("10.1.12.1"),
	                               .local_port = GDOI_PORT,
	                               .remote_port = GDOI_PORT}};
	struct policy *p = policy_server(&m, server.path.local);
	double dh = bench_dh(group), member = 0, ks, gm;
	unsigned n = 0;

	w->rsa = rsa;
	w->nodes[0].world = w;
	core_apply(server.core, p, 0);
	while (server.spent + member < 2 * BENCH_SECONDS)
		register_one(&server, 0x0a800000 + n++, group, &member);
	*ret = ks = n / server.spent;
	gm = n / member;
	printf("%5u %12.0f %12.0f %6.2f %12.0f %6.2f\n", group, dh, ks, ks / dh, gm, gm / dh);
	core_free(server.core);
	policy_free(p);
	free(w);
	return ks / dh >= TARGET;
}

/* What `openssl speed` says, as "+F5:..:rate" and "+F8" lines; and the server's rate beside it. */
static void
openssl_speed(const double *served)
{
	static const struct {
		const char *prefix;
		unsigned group, at;
	} rows[] = {
	    {"+F8:0:2048:", 14, 1},
	    {"+F5:3:256:", 19, 2},
	};
	FILE *in = popen("openssl speed -seconds 2 -mr ffdh2048 ecdhp256 2>/dev/null", "r");
	char line[256];

	while (in && fgets(line, sizeof(line), in))
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
			double rate;

			if (strncmp(line, rows[i].prefix, strlen(rows[i].prefix)) ||
			    sscanf(line + strlen(rows[i].prefix), "%lf", &rate) != 1)
				continue;
			printf("openssl speed, group %u: %.0f shared secrets a second; "
			       "registrations to that: %.2f\n",
			       rows[i].group, rate, served[rows[i].at] / rate);
		}
	if (in)
		pclose(in);
}

int
main(void)
{
	static const uint16_t groups[] = {2, 14, 19};
	double served[3];
	struct rsa_key *rsa;
	bool good = true;
	size_t i;

	crypto_init();
	rsa = rsa_key_generate(1024);
	printf("registrations a second on one core (main mode and GROUPKEY-PULL)\n");
	printf("group  DH alone/s     server/s  ratio     member/s  ratio\n");
	for (i = 0; i < ARRAY_SIZE(groups); i++)
		good &= bench_group(groups[i], rsa, &served[i]);
	rsa_key_free(rsa);
	printf("%s: the server does at least half of what Diffie-Hellman alone allows\n",
	       good ? "met" : "MISSED");
	openssl_speed(served);
	return !good;
}
