/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The load of many members on key servers that cooperate, by processor time: registrations a second
 * over three servers beside one that is alone; then a rekey to all members of the three, and the
 * memory of one server for each member beside that of one that is alone. Cores in one process, with
 * real keys and every message. The store that they share is a lab's, or the etcd whose endpoints
 * are given; it is sealed, and each server's door into it is its own. What a server's jobs work is
 * the server's, and what they wait for etcd is time that passes before they are done.
 *
 * The servers' clock goes on by 10 ms at least, and by what the busiest of them has worked: so the
 * time of a rekey is what it would be on three machines. The members' work in this process does not
 * count; since etcd's clock does not stand still for it, leases there live longer by STRETCH.
 * Each server has as many members at once, alone or not. Targets: 2.7 times one server; 10 s for
 * 100 000 members; memory 10 % more than alone. A core of a member takes 140 KiB here.
 *
 *     bench_coop [MEMBERS [http://ADDRESS:2379 ...]]
 */
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "compiler/policy/protocol.h"
#include "runtime/store/store_etcd_http.h"
#include "runtime/store/store_memory.h"
#include "runtime/store/store_sealed.h"
#include "tests/protocol/world.h"

#define SERVERS      3
#define FIRST        0x0a800000u /* 10.128.0.0 */
#define FIRST_SERVER 0x0a010c01u /* 10.1.12.1 */
#define STEP         10          /* milliseconds */
#define AT_ONCE      100         /* members that register with one server */
#define PAIRED       10000       /* members of each group, when rates are compared */
#define STRETCH      60
#define JOBS_MAX     64
#define TARGET_RATE  2.7
#define TARGET_TIME  10.0 /* seconds */
#define TARGET_SIZE  1.1

struct end {
	struct core *core;
	struct policy *policy;
	struct path path;
	double spent; /* seconds of work */
	bool installed;
};

struct waiting_job {
	struct end *of;
	struct job *job; /* NULL: none */
	msec due;
};

/* One group, of one server or of several. */
struct bench {
	unsigned number; /* of those in this run */
	size_t n_servers, n_members;
	struct end servers[SERVERS], *members;
	struct store *lab, *doors[SERVERS];
	struct world *world; /* it has the key that signs rekeys, and the clocks */
	size_t n_urls;       /* of etcd; 0: the lab's store */
	const char *const *urls;
	struct waiting_job jobs[JOBS_MAX];
};

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

static msec
bench_clock(void *arg)
{
	return ((struct bench *)arg)->world->now;
}

/* --- datagrams -------------------------------------------------------------------------------- */

static bool
is_server(const struct bench *b, const struct end *e)
{
	return e >= b->servers && e < b->servers + b->n_servers;
}

static struct end *
end_of(struct bench *b, uint32_t addr)
{
	if (addr - FIRST_SERVER < b->n_servers)
		return &b->servers[addr - FIRST_SERVER];
	return &b->members[addr - FIRST];
}

static void drain_core(struct bench *b, struct end *e);

static void
send_on(struct bench *b, const struct core_out *out, uint32_t from)
{
	struct end *to = end_of(b, out->datagram.path.remote);
	size_t n = out->datagram.bytes.n;
	uint8_t *copy = x_memdup(out->datagram.bytes.p, n);
	double start = cpu_seconds();

	to->path.remote = from;
	core_input(to->core, &to->path, SPAN(copy, n), b->world->now);
	to->spent += cpu_seconds() - start;
	free(copy);
	if (!is_server(b, to))
		drain_core(b, to);
}

/* It is done when as much time has passed as it took. */
static void
run_job(struct bench *b, struct end *e, struct job *job)
{
	double start = wall_seconds();
	size_t i = 0;
	msec took;

	job->run(job);
	took = (msec)((wall_seconds() - start) * 1000);
	if (!b->n_urls || !took || !is_server(b, e)) {
		core_done(e->core, &(struct core_result){.job = job}, b->world->now);
		return;
	}
	while (i < JOBS_MAX && b->jobs[i].job)
		i++;
	if (i == JOBS_MAX)
		abort();
	b->jobs[i] = (struct waiting_job){.of = e, .job = job, .due = b->world->now + took};
}

static void
end_jobs(struct bench *b)
{
	for (size_t i = 0; i < JOBS_MAX; i++) {
		struct waiting_job j = b->jobs[i];
		double start = cpu_seconds();

		if (!j.job || j.due > b->world->now)
			continue;
		b->jobs[i].job = NULL;
		core_done(j.of->core, &(struct core_result){.job = j.job}, b->world->now);
		j.of->spent += cpu_seconds() - start;
		drain_core(b, j.of);
	}
}

/* Nothing is under way any more; time stands still for timers. */
static void
settle_jobs(struct bench *b)
{
	for (size_t i = 0; i < JOBS_MAX; i++)
		if (b->jobs[i].job)
			b->jobs[i].due = b->world->now;
	end_jobs(b);
}

static void
drain_core(struct bench *b, struct end *e)
{
	struct core_out out;
	bool more;

	do {
		double start = cpu_seconds();

		more = core_poll(e->core, &out);
		if (more && out.kind == CORE_JOB) {
			run_job(b, e, out.job);
		} else if (more && out.kind == CORE_INSTALL) {
			e->installed = out.install.group->n_sas > 0;
			core_done(e->core, &(struct core_result){.ticket = out.install.ticket},
			          b->world->now);
		}
		e->spent += cpu_seconds() - start;
		if (more && out.kind == CORE_DATAGRAM)
			send_on(b, &out, e->path.local);
	} while (more);
}

/* --- time ------------------------------------------------------------------------------------- */

static void
expire_core(struct bench *b, struct end *e)
{
	double start = cpu_seconds();

	if (core_next(e->core) <= b->world->now)
		core_expire(e->core, b->world->now);
	e->spent += cpu_seconds() - start;
	drain_core(b, e);
}

static void
pass_servers(struct bench *b)
{
	b->world->now += STEP;
	end_jobs(b);
	for (size_t i = 0; i < b->n_servers; i++)
		expire_core(b, &b->servers[i]);
}

/* On by STEP, and by what the busiest server works in it. */
static void
pass_step(struct bench *b)
{
	double before[SERVERS], most = 0;

	b->world->now += STEP;
	for (size_t i = 0; i < b->n_servers; i++)
		before[i] = b->servers[i].spent;
	end_jobs(b);
	for (size_t i = 0; i < b->n_servers; i++)
		expire_core(b, &b->servers[i]);
	for (size_t i = 0; i < b->n_members && b->world->now % (10 * STEP) < STEP; i++)
		if (b->members[i].core && core_next(b->members[i].core) <= b->world->now)
			expire_core(b, &b->members[i]);
	for (size_t i = 0; i < b->n_servers; i++) {
		drain_core(b, &b->servers[i]);
		if (b->servers[i].spent - before[i] > most)
			most = b->servers[i].spent - before[i];
	}
	if (most * 1000 > STEP)
		b->world->now += (msec)(most * 1000) - STEP;
}

static void
pass_time(struct bench *b, msec time)
{
	msec until = b->world->now + time;

	while (b->world->now < until)
		pass_step(b);
}

/* --- servers ---------------------------------------------------------------------------------- */

static int64_t
bench_wall(void *arg)
{
	const struct node_under_test *n = arg;

	return n->world->wall + n->world->now;
}

static const struct store_ops *real_ops;

static int
begin_longer(struct store *s, unsigned ttl, uint64_t *ret_lease)
{
	return real_ops->lease_begin(s, ttl * STRETCH, ret_lease);
}

#define PREFIX_MAX (STORE_ETCD_PREFIX_MAX + 1)

/* One for each run of its own: what is there is not read. */
static struct store_etcd_options
options_of(const struct bench *b, char prefix[static PREFIX_MAX])
{
	snprintf(prefix, PREFIX_MAX, "/bench/%ld/%d/%u", (long)(b->world->wall / 1000),
	         (int)getpid(), b->number);
	return (struct store_etcd_options){
	    .n_endpoints = b->n_urls, .endpoints = b->urls, .prefix = prefix};
}

static struct store *
open_unsealed(const struct bench *b)
{
	static struct store_ops longer;
	char prefix[PREFIX_MAX];
	struct store_etcd_options o = options_of(b, prefix);
	struct store *s;

	if (!b->n_urls)
		return store_memory_door(b->lab);
	if (store_etcd_open(&o, &s))
		abort();
	real_ops = s->ops;
	longer = *s->ops;
	longer.lease_begin = begin_longer;
	longer.listen = NULL; /* it would be waited for */
	s->ops = &longer;
	return s;
}

/* The etcd is somebody's. */
static void
remove_records(const struct bench *b)
{
	char prefix[PREFIX_MAX], first[PREFIX_MAX + 1], end[PREFIX_MAX + 1];
	struct store_etcd_options o = options_of(b, prefix);
	struct etcd_http *h;
	json_t *answer;
	int error;

	if (!b->n_urls)
		return;
	o.timeout = 60000; /* they are many */
	snprintf(first, sizeof(first), "%s/", prefix);
	snprintf(end, sizeof(end), "%s0", prefix); /* behind '/' */
	if (etcd_http_new(&o, &h))
		abort();
	error = etcd_http_call(h, "/v3/kv/deleterange",
	                       json_pack("{s:o, s:o}", "key",
	                                 etcd_json_base64(SPAN(first, strlen(first))), "range_end",
	                                 etcd_json_base64(SPAN(end, strlen(end)))),
	                       ETCD_REPEAT, &answer);
	if (error)
		fprintf(stderr, "%s stays in the store: %s\n", first, store_error_text(error));
	else
		json_decref(answer);
	etcd_http_free(h);
}

static struct store *
open_door(const struct bench *b)
{
	struct secret octets;
	struct store *sealed;
	struct store_key key;
	size_t which;
	int error;

	secret_init(&octets, STORE_KEY);
	memset(octets.p, 7, octets.n);
	key = (struct store_key){.octets = secret_span(&octets)};
	error = store_sealed_open(open_unsealed(b), &key, 1, &which, &sealed);
	secret_fini(&octets);
	if (error) {
		fprintf(stderr, "the store: %s\n", store_error_text(error));
		exit(1);
	}
	return sealed;
}

static void
start_server(struct bench *b, size_t i)
{
	struct policy_maker m = {.group = 19,
	                         .hash = HASH_SHA256,
	                         .suite = {CIPHER_AES_128, HASH_SHA256},
	                         .kek = CIPHER_AES_128,
	                         .priority = b->n_servers > 1 ? (uint8_t)(100 - i) : 0};
	struct core_env env = {.rsa_key = world_rsa,
	                       .random = crypto_random,
	                       .wall = bench_wall,
	                       .arg = &b->world->nodes[0]};
	struct end *e = &b->servers[i];

	b->doors[i] = open_door(b);
	if (b->n_servers > 1)
		env.shared = b->doors[i];
	else
		env.store = b->doors[i];
	e->core = core_new(&env);
	e->path = (struct path){
	    .local = FIRST_SERVER + (uint32_t)i, .local_port = GDOI_PORT, .remote_port = GDOI_PORT};
	e->policy = policy_server(&m, e->path.local);
	core_apply(e->core, e->policy, b->world->now);
	drain_core(b, e);
}

static struct bench *
start_bench(size_t n_servers, size_t n_members, struct world *w, char **urls)
{
	static unsigned n_benches;
	struct bench *b = x_alloc(sizeof(*b));

	b->number = ++n_benches;
	b->world = w;
	b->urls = (const char *const *)urls;
	while (urls[b->n_urls])
		b->n_urls++;
	b->n_servers = n_servers;
	b->n_members = n_members;
	b->members = x_alloc(n_members * sizeof(*b->members));
	b->lab = store_memory_new();
	store_memory_set_clock(b->lab, bench_clock, b);
	for (size_t i = 0; i < n_servers; i++)
		start_server(b, i);
	b->n_members = 0;
	pass_time(b, SECONDS(10));
	b->n_members = n_members;
	return b;
}

static void
end_bench(struct bench *b)
{
	settle_jobs(b);
	for (size_t i = 0; i < b->n_members; i++) {
		core_free(b->members[i].core);
		policy_free(b->members[i].policy);
	}
	for (size_t i = 0; i < b->n_servers; i++) {
		core_free(b->servers[i].core);
		policy_free(b->servers[i].policy);
		store_close(b->doors[i]);
	}
	remove_records(b);
	store_close(b->lab);
	free(b->members);
	free(b);
}

/* --- members ---------------------------------------------------------------------------------- */

/* Main mode and GROUPKEY-PULL begin, with the server whose turn it is. */
static void
start_member(struct bench *b, size_t i)
{
	char server[ADDR_TEXT_MAX];
	uint32_t at = FIRST_SERVER + (uint32_t)(i % b->n_servers);
	struct policy_maker m = {
	    .group = 19, .hash = HASH_SHA256, .servers = {addr_text(at, server)}};
	struct core_env env = {.random = crypto_random};
	struct end *e = &b->members[i];

	*e = (struct end){.core = core_new(&env),
	                  .policy = policy_member(&m, FIRST + (uint32_t)i),
	                  .path = {.local = FIRST + (uint32_t)i,
	                           .remote = at,
	                           .local_port = GDOI_PORT,
	                           .remote_port = GDOI_PORT}};
	core_apply(e->core, e->policy, b->world->now);
	expire_core(b, e);
}

static void
enlist_members(struct bench *b, size_t first, size_t n)
{
	bool all = false;

	for (size_t i = first; i < first + n; i++)
		start_member(b, i);
	for (int turn = 0; !all; turn++) {
		for (size_t k = 0; k < b->n_servers; k++)
			drain_core(b, &b->servers[k]);
		all = true;
		for (size_t i = first; i < first + n; i++) {
			if (turn % 100 == 99)
				expire_core(b, &b->members[i]);
			drain_core(b, &b->members[i]);
			all &= b->members[i].installed;
		}
		if (turn > 10000)
			abort();
		if (turn > 2 && !all) /* the store takes its time */
			pass_servers(b);
	}
}

/* How members come to one group. */
struct race {
	struct bench *b;
	msec began;
	size_t done;
	double start[SERVERS];
};

static struct race
begin_race(struct bench *b)
{
	struct race r = {.b = b, .began = b->world->now};

	for (size_t i = 0; i < b->n_servers; i++)
		r.start[i] = b->servers[i].spent;
	return r;
}

/* Seconds that the busiest server has worked. */
static double
most_work(const struct race *r)
{
	double most = 0;

	for (size_t i = 0; i < r->b->n_servers; i++)
		if (r->b->servers[i].spent - r->start[i] > most)
			most = r->b->servers[i].spent - r->start[i];
	return most;
}

/* Some more members, as fast as the servers can: their clock goes on by what the busiest works. */
static void
go_on_race(struct race *r)
{
	struct bench *b = r->b;
	size_t n = AT_ONCE * b->n_servers;

	if (n > b->n_members - r->done)
		n = b->n_members - r->done;
	enlist_members(b, r->done, n);
	r->done += n;
	for (msec due = r->began + (msec)(most_work(r) * 1000); b->world->now + STEP <= due;)
		pass_servers(b);
	for (int i = 0; i < 100 && r->done == b->n_members; i++) /* what the last ones brought */
		pass_servers(b);
}

static void
enlist_all(struct bench *b)
{
	struct race r = begin_race(b);

	while (r.done < b->n_members)
		go_on_race(&r);
}

/* --- what came of it -------------------------------------------------------------------------- */

struct tally {
	size_t members;
	unsigned acks;
};

static struct tally
count_members(const struct bench *b, size_t server)
{
	struct arena *a = arena_new();
	size_t n;
	const struct snap_group *g =
	    core_snap_groups(b->servers[server].core, b->world->now, a, &n);
	struct tally t = {.members = g->n_members};

	for (size_t i = 0; i < g->n_members; i++)
		t.acks += g->members[i].acks_received;
	arena_free(a);
	return t;
}

/*
 * Registrations a second of the busiest server's work: of one that is alone, and of several. Both
 * in turn, so that what else runs on the machine is the same for both.
 */
static void
compare_rates(size_t n, struct world *w, char **urls, double *ret_one, double *ret_several)
{
	struct world *other = x_memdup(w, sizeof(*w));
	struct race one, several;

	other->nodes[0].world = other;
	one = begin_race(start_bench(1, n, other, urls));
	several = begin_race(start_bench(SERVERS, n, w, urls));
	while (one.done < n || several.done < n) {
		if (one.done < n && one.done <= several.done)
			go_on_race(&one);
		else
			go_on_race(&several);
	}
	*ret_one = (double)n / most_work(&one);
	*ret_several = (double)n / most_work(&several);
	end_bench(one.b);
	end_bench(several.b);
	free(other);
}

/* What one server holds for each member, in octets: as much as its end gives back. */
static double
weigh_server(struct bench *b, size_t i)
{
	size_t held;

	settle_jobs(b);
	held = mallinfo2().uordblks;
	core_free(b->servers[i].core);
	b->servers[i].core = NULL;
	return (double)(held - mallinfo2().uordblks) / (double)b->n_members;
}

/* Seconds until all have acknowledged it; negative: they did not. */
static double
time_rekey(struct bench *b, double *ret_members_spent)
{
	size_t leader = 0;
	unsigned before;
	msec began = b->world->now;

	*ret_members_spent = 0;
	for (size_t i = 0; i < b->n_members; i++)
		*ret_members_spent -= b->members[i].spent;
	while (core_ks_rekey(b->servers[leader].core, NULL, false, b->world->now) >= REACH_NOTHING)
		if (++leader == b->n_servers)
			return -1;
	before = count_members(b, leader).acks;
	drain_core(b, &b->servers[leader]);
	do {
		for (int i = 0; i < 20; i++)
			pass_step(b);
	} while (count_members(b, leader).acks - before < b->n_members &&
	         b->world->now - began < SECONDS(60));
	for (size_t i = 0; i < b->n_members; i++)
		*ret_members_spent += b->members[i].spent;
	return count_members(b, leader).acks - before < b->n_members
	           ? -1
	           : (double)(b->world->now - began) / 1000;
}

static void
print_row(const char *what, const char *target, bool good, const char *format, ...)
{
	char measured[128];
	va_list args;

	va_start(args, format);
	vsnprintf(measured, sizeof(measured), format, args);
	va_end(args);
	printf("%-52s  %-30s  %-34s  %s\n", what, target, measured, good ? "met" : "MISSED");
}

int
main(int argc, char **argv)
{
	size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 100000;
	char **urls = argc > 2 ? argv + 2 : argv + argc; /* NULL at its end */
	struct world *w = x_alloc(sizeof(*w));
	struct bench *b;
	double one, three, alone, each, took, spent[SERVERS], members;
	bool good, all;

	crypto_init();
	mallopt(M_MMAP_MAX, 0); /* mallinfo2 counts what is large, too */
	w->rsa = rsa_key_generate(2048);
	w->nodes[0].world = w;
	w->wall = (int64_t)time(NULL) * 1000;

	compare_rates(n < PAIRED ? n : PAIRED, w, urls, &one, &three);
	good = three / one >= TARGET_RATE;
	print_row("registrations a second, three servers to one", ">= 2.7", good,
	          "%.0f to %.0f: %.2f", three, one, three / one);
	b = start_bench(1, n, w, urls);
	enlist_all(b);
	pass_time(b, SECONDS(70)); /* what exchanges keep for repeats goes */
	alone = weigh_server(b, 0);
	end_bench(b);
	b = start_bench(SERVERS, n, w, urls);
	enlist_all(b);
	pass_time(b, SECONDS(70));
	for (size_t i = 0; i < SERVERS; i++)
		if (count_members(b, i).members != n) {
			printf("server %zu knows %zu members\n", i + 1,
			       count_members(b, i).members);
			end_bench(b);
			return 1;
		}
	for (size_t i = 0; i < SERVERS; i++)
		spent[i] = -b->servers[i].spent;
	took = time_rekey(b, &members);
	for (size_t i = 0; i < SERVERS; i++)
		spent[i] += b->servers[i].spent;
	all = took > 0 && took <= TARGET_TIME;
	print_row("a rekey to all of them, until acknowledged", "<= 10 s", all,
	          "%.1f s, %zu members", took, n);
	printf(
	    "  processor time of that: %.2f, %.2f, %.2f s of the servers, %.2f s of all members\n",
	    spent[0], spent[1], spent[2], members);
	pass_time(b, SECONDS(70));
	each = weigh_server(b, 0);
	print_row("memory of a server for each member, to one alone", "<= 1.1",
	          each <= TARGET_SIZE * alone, "%.0f to %.0f octets: %.2f", each, alone,
	          each / alone);
	good &= all && each <= TARGET_SIZE * alone;
	end_bench(b);
	rsa_key_free(w->rsa);
	free(w);
	return !good;
}
