/* SPDX-License-Identifier: Apache-2.0 */
/* What a process and the nodes in it hold. See soak.h. */
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "compiler/base/arena.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/offers.h"
#include "runtime/host/sim/sim_priv.h"
#include "runtime/store/store.h"
#include "tests/soak/soak.h"

/* Of a sanitizer; without one, glibc knows. */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static const struct {
	const char *name;
	double room; /* by how much it may be more at the end: what a moment differs from another */
	double limit; /* what it must never be above; 0: there is no such limit */
} figures[SOAK_FIGURES] = {
    /* What a store knows of its changes fills and empties by so much in two weeks. */
    [SOAK_LIVE] = {"live octets", 1048576, 0},
    [SOAK_RSS] = {"RSS, KiB", 4096, 0}, /* what was freed is not given back: the most ever */
    [SOAK_DESCRIPTORS] = {"descriptors", 0, 0},
    [SOAK_EVENTS] = {"events of the network", 8, 0},
    [SOAK_TIMERS] = {"timers", 8, 0},
    [SOAK_IKE_SAS] = {"ISAKMP SAs", 8, 0},
    [SOAK_HALF_OPEN] = {"half-open exchanges", 0, 0},
    [SOAK_OFFERS] = {"offers", 16, 0},
    [SOAK_PEERS] = {"peers met", 8, 0},
    [SOAK_MEMBERS] = {"members", 0, 0},
    [SOAK_KEYS] = {"keys", 8, 0},
    [SOAK_RECORDS] = {"records of stores", 4, 0},
    [SOAK_RECORD_OCTETS] = {"octets of records", 4096, 0},
    [SOAK_SESSIONS] = {"sessions", 0, 0},
    /* Of one node: a crash empties the buffer, so that it is as full as chance has it. */
    [SOAK_LOG] = {"log lines", ROUTER_LOG_MAX, ROUTER_LOG_MAX},
};

static double
live_octets(void)
{
	struct mallinfo2 m;

	if (__sanitizer_get_current_allocated_bytes)
		return (double)__sanitizer_get_current_allocated_bytes();
	m = mallinfo2();
	return (double)(m.uordblks + m.hblkhd);
}

/* A sanitizer keeps what was freed for a while, which is no growth of ours. */
static double
rss_kib(void)
{
	unsigned long pages = 0;
	FILE *f;

	if (__sanitizer_get_current_allocated_bytes)
		return 0;
	f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%*u %lu", &pages) != 1)
		abort();
	fclose(f);
	return (double)(pages * (unsigned long)sysconf(_SC_PAGESIZE) / 1024);
}

static double
count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	double n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n - 3; /* ".", ".." and the folder itself */
}

static bool
count_record(void *arg, const struct store_record *record)
{
	struct soak_counts *s = arg;

	s->of[SOAK_RECORDS]++;
	s->of[SOAK_RECORD_OCTETS] += (double)record->value.n;
	return true;
}

static void
count_core(const struct core *c, struct soak_counts *ret)
{
	ret->of[SOAK_TIMERS] += (double)c->timers.n;
	ret->of[SOAK_IKE_SAS] += (double)c->ike.n_sas;
	ret->of[SOAK_HALF_OPEN] += (double)ike_setups(c);
	ret->of[SOAK_PEERS] += (double)c->ike.met.n;
	for (size_t i = 0; i < OFFER_RINGS; i++)
		if (c->ike.offers[i]) {
			ret->of[SOAK_OFFERS] += (double)offers_count(c->ike.offers[i]);
			ret->of[SOAK_LIVE] -= (double)offers_octets(c->ike.offers[i]);
		}
}

static void
count_node(struct lab *lab, size_t i, struct soak_counts *ret)
{
	struct router *r = lab_router_at(lab, i);
	struct arena *a = arena_new();
	const struct snap_group *groups;
	size_t n;

	groups = node_groups(router_node(r), a, &n);
	for (size_t k = 0; k < n; k++) {
		ret->of[SOAK_MEMBERS] += (double)groups[k].n_members;
		ret->of[SOAK_KEYS] += (double)groups[k].n_teks;
	}
	arena_free(a);
	if (node_core(router_node(r)))
		count_core(node_core(router_node(r)), ret);
	ret->of[SOAK_SESSIONS] += (double)router_session_count(r);
	if (ret->of[SOAK_LOG] < (double)router_log_count(r))
		ret->of[SOAK_LOG] = (double)router_log_count(r);
	router_log_clear(r);
	if (lab_store_at(lab, i)) {
		struct store *s = lab_store_at(lab, i);

		s->ops->read(s, "", count_record, ret, NULL);
	}
}

void
soak_count(struct lab *lab, struct soak_counts *ret)
{
	*ret = (struct soak_counts){0};
	ret->of[SOAK_DESCRIPTORS] = count_descriptors();
	ret->of[SOAK_EVENTS] = (double)lab_sim(lab)->n_events;
	for (size_t i = 0; i < lab_spec(lab)->n_nodes; i++)
		count_node(lab, i, ret);
	ret->of[SOAK_LIVE] += live_octets();
	ret->of[SOAK_RSS] = rss_kib();
}

void
soak_print(const struct soak_counts *counts)
{
	for (size_t i = 0; i < SOAK_FIGURES; i++)
		printf("%s%s %.0f", i ? ", " : "", figures[i].name, counts->of[i]);
	putchar('\n');
}

static double
most_of(const struct soak_counts *counts, size_t n, size_t figure)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		most = counts[i].of[figure] > most ? counts[i].of[figure] : most;
	return most;
}

/* Tells what grows from what fills and empties again. */
static double
least_of(const struct soak_counts *counts, size_t n, size_t figure)
{
	double least = counts[0].of[figure];

	for (size_t i = 1; i < n; i++)
		least = counts[i].of[figure] < least ? counts[i].of[figure] : least;
	return least;
}

bool
soak_is_flat(const struct soak_counts *counts, size_t n)
{
	size_t third = n / 3 ? n / 3 : 1;
	bool flat = true;

	for (size_t i = 0; i < SOAK_FIGURES && n; i++) {
		double first = least_of(counts, third, i);
		double last = least_of(counts + n - third, third, i);
		double most = most_of(counts, n, i);
		bool grown = last - first > figures[i].room ||
		             (figures[i].limit != 0 && most > figures[i].limit);

		printf("%-22s %10.0f at first, %10.0f at last, %10.0f at most%s\n", figures[i].name,
		       first, last, most, grown ? ": IT GROWS" : "");
		flat &= !grown;
	}
	return flat;
}
