/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rekey to 10 000 unicast members, each verified, installed and acknowledged: by hand from core
 * to core, and through a pair of UDP sockets on loopback. Prints the processor time of the server
 * and of all members together, the wall-clock time, and the server's memory per member. Targets:
 * under 2 s, under 2 KiB.
 */
#include <arpa/inet.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/protocol/world.h"
#include "compiler/policy/protocol.h"

#define MEMBERS      10000
#define FIRST        0x0a800000u /* 10.128.0.0 */
#define TARGET_TIME  2.0
#define TARGET_BYTES 2048
#define ROOM         65536

struct end {
	struct core *core;
	struct path path;
	msec now;
	double spent;
};

static struct end server, *members;
static bool installed;
static size_t server_bytes;    /* held by the server, as far as its calls show */
static int wire[2] = {-1, -1}; /* server's socket, members' socket */
static unsigned acknowledged;

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
wall_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct end *
member_of(uint32_t addr)
{
	return &members[addr - FIRST];
}

static void pump_core(struct end *e);

/* Octets on the heap; asked only while members come, it takes long. */
static bool weighing;

static size_t
held_by(const struct end *e)
{
	return weighing && e == &server ? mallinfo2().uordblks : 0;
}

/* A datagram reaches the other end, with its clock. */
static void
give_datagram(struct end *to, struct span bytes)
{
	size_t held = held_by(to);
	double start = cpu_seconds();

	core_input(to->core, &to->path, bytes, to->now);
	to->spent += cpu_seconds() - start;
	server_bytes += held_by(to) - held;
}

static void
send_on(struct end *from, const struct core_out *out)
{
	uint32_t addr = from == &server ? out->datagram.path.remote : from->path.local;
	uint8_t buf[ROOM];

	if (wire[0] >= 0) {
		memcpy(buf, &addr, 4);
		memcpy(buf + 4, out->datagram.bytes.p, out->datagram.bytes.n);
		if (send(wire[from != &server], buf, out->datagram.bytes.n + 4, 0) < 0)
			abort();
		return;
	}
	memcpy(buf, out->datagram.bytes.p, out->datagram.bytes.n);
	if (from == &server) {
		give_datagram(member_of(addr), SPAN(buf, out->datagram.bytes.n));
		pump_core(member_of(addr));
	} else {
		server.path.remote = addr;
		give_datagram(&server, SPAN(buf, out->datagram.bytes.n));
	}
}

static void
pump_core(struct end *e)
{
	struct core_out out;
	size_t held;

	for (;;) {
		double start;
		bool more;

		held = held_by(e);
		start = cpu_seconds();
		more = core_poll(e->core, &out);
		if (more && out.kind == CORE_JOB) {
			out.job->run(out.job);
			core_done(e->core, &(struct core_result){.job = out.job}, e->now);
		} else if (more && out.kind == CORE_INSTALL) {
			installed = out.install.group->n_sas > 0;
			core_done(e->core, &(struct core_result){.ticket = out.install.ticket},
			          e->now);
		}
		e->spent += cpu_seconds() - start;
		server_bytes += held_by(e) - held;
		if (!more)
			return;
		if (out.kind == CORE_DATAGRAM)
			send_on(e, &out);
	}
}

/* Main mode and GROUPKEY-PULL, cheapest group. */
static void
enlist_member(uint32_t addr)
{
	struct policy_maker m = {.group = 19, .hash = HASH_SHA256};
	struct core_env env = {.random = crypto_random};
	struct end *e = member_of(addr);

	*e = (struct end){.core = core_new(&env),
	                  .path = {.local = addr,
	                           .remote = server.path.local,
	                           .local_port = GDOI_PORT,
	                           .remote_port = GDOI_PORT}};
	core_apply(e->core, policy_member(&m, addr), 0);
	core_expire(e->core, 0);
	installed = false;
	for (int i = 0; i < 20 && !installed; i++) {
		pump_core(e);
		server.path.remote = addr;
		pump_core(&server);
	}
	if (!installed)
		abort();
	pump_core(e);
}

/* Delivers what the sockets hold; true when there was something. */
static bool
drain_wire(int side)
{
	uint8_t buf[ROOM];
	bool any = false;
	uint32_t addr;
	ssize_t n;

	while ((n = recv(wire[side], buf, sizeof(buf), MSG_DONTWAIT)) > 4) {
		memcpy(&addr, buf, 4);
		any = true;
		if (side == 0) {
			server.path.remote = addr;
			give_datagram(&server, SPAN(buf + 4, (size_t)n - 4));
		} else {
			give_datagram(member_of(addr), SPAN(buf + 4, (size_t)n - 4));
			pump_core(member_of(addr));
		}
	}
	return any;
}

static unsigned
count_acks(void)
{
	struct arena *a = arena_new();
	size_t n;
	const struct snap_group *g = core_snap_groups(server.core, server.now, a, &n);
	unsigned total = 0;

	for (size_t i = 0; i < g->n_members; i++)
		total += g->members[i].acks_received;
	arena_free(a);
	return total;
}

/* The server's clock goes on in steps of 10 ms, the members' in steps of 100. */
static void
run_until(msec until)
{
	while (server.now < until) {
		server.now += 10;
		if (core_next(server.core) <= server.now) {
			double start = cpu_seconds();

			core_expire(server.core, server.now);
			server.spent += cpu_seconds() - start;
			pump_core(&server);
		}
		if (wire[0] >= 0)
			drain_wire(1);
		for (uint32_t i = 0; i < MEMBERS && server.now % 100 == 0; i++) {
			struct end *e = &members[i];

			e->now = server.now;
			if (core_next(e->core) > e->now)
				continue;
			core_expire(e->core, e->now);
			pump_core(e);
			if (wire[0] >= 0)
				drain_wire(0);
		}
	}
}

static bool
time_rekey(const char *how)
{
	double ks = server.spent, all = 0, start = wall_seconds(), took;
	unsigned before = acknowledged;

	for (uint32_t i = 0; i < MEMBERS; i++)
		all -= members[i].spent;
	core_ks_rekey(server.core, NULL, false, server.now);
	pump_core(&server);
	run_until(server.now + SECONDS(9)); /* batches, then acknowledgements within 4 s */
	took = wall_seconds() - start;
	for (uint32_t i = 0; i < MEMBERS; i++)
		all += members[i].spent;
	acknowledged = count_acks();
	printf("%-18s %9u %10.3f %13.3f %10.3f\n", how, acknowledged - before, server.spent - ks,
	       all, took);
	return acknowledged - before == MEMBERS && server.spent - ks + all < TARGET_TIME;
}

static void
open_wire(void)
{
	struct sockaddr_in a[2];
	socklen_t n = sizeof(a[0]);
	int room = 64 << 20;

	for (int i = 0; i < 2; i++) {
		a[i] = (struct sockaddr_in){.sin_family = AF_INET,
		                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		wire[i] = socket(AF_INET, SOCK_DGRAM, 0);
		setsockopt(wire[i], SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
		setsockopt(wire[i], SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
		if (bind(wire[i], (struct sockaddr *)&a[i], n) ||
		    getsockname(wire[i], (struct sockaddr *)&a[i], &n))
			abort();
	}
	for (int i = 0; i < 2; i++)
		if (connect(wire[i], (struct sockaddr *)&a[!i], n))
			abort();
}

int
main(void)
{
	struct policy_maker m = {.group = 19, .hash = HASH_SHA256};
	struct world *w = x_alloc(sizeof(*w));
	struct core_env env = {.rsa_key = world_rsa, .random = crypto_random, .arg = &w->nodes[0]};
	double each;
	bool good;

	crypto_init();
	w->rsa = rsa_key_generate(2048);
	w->nodes[0].world = w;
	server.core = core_new(&env);
	server.path = (struct path){
	    .local = addr_of("10.1.12.1"), .local_port = GDOI_PORT, .remote_port = GDOI_PORT};
	members = x_alloc(MEMBERS * sizeof(*members));
	core_apply(server.core, policy_server(&m, server.path.local), 0);
	weighing = true;
	for (uint32_t i = 0; i < MEMBERS; i++)
		enlist_member(FIRST + i);
	/* What exchanges keep for repeats goes a minute later. */
	server.now = SECONDS(70);
	each = (double)held_by(&server);
	core_expire(server.core, server.now);
	each = (double)(server_bytes + held_by(&server) - (size_t)each) / MEMBERS;
	pump_core(&server);
	weighing = false;
	printf("a rekey of RSA 2048 to %u members (seconds)\n", MEMBERS);
	printf("%-18s %9s %10s %13s %10s\n", "", "acked", "server CPU", "members' CPU",
	       "wall clock");
	time_rekey("the first ever"); /* every member reads the server's public key */
	good = time_rekey("core to core");
	open_wire();
	good &= time_rekey("loopback sockets");
	printf("server memory per member, its ISAKMP SA and last exchange included: %.0f octets\n",
	       each);
	printf("%s: all acknowledged, server and members together under %.0f s\n",
	       good ? "met" : "MISSED", TARGET_TIME);
	printf("%s: under %d octets a member\n", each < TARGET_BYTES ? "met" : "MISSED",
	       TARGET_BYTES);
	return !good || each >= TARGET_BYTES;
}
