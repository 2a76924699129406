/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the filter costs: packets a second, one core, through lists of 10, 1000 and 10 000 entries
 * (by rule: ESP, each packet through the list) and with 100 000 connections (each packet found).
 * Linear: the same lists, entry by entry.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/filter/filter.h"

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
#define CONNS          100000
#define SECONDS_EACH   0.5

static double
wall_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct world {
	struct policy p;
	struct policy_interface nics[2];
	struct policy_acl acl;
	struct policy_ace *aces;
	struct filter *f;
};

/* Hosts by UDP port and by ESP, as a firewall before group members has them. */
static struct world *
world_new(size_t n)
{
	struct world *w = x_alloc(sizeof(*w));

	w->aces = x_alloc(n * sizeof(*w->aces));
	for (size_t i = 0; i < n; i++) {
		w->aces[i] = (struct policy_ace){.seq = (uint32_t)i + 1,
		                                 .permit = true,
		                                 .proto = i % 2 ? 50 : 17,
		                                 .src = IP(10, 0, 0, 0) + (uint32_t)i,
		                                 .src_mask = UINT32_MAX,
		                                 .dst = IP(172, 16, 0, 1),
		                                 .dst_mask = UINT32_MAX,
		                                 .icmp_type = -1,
		                                 .icmp_code = -1};
		if (i % 2 == 0) {
			w->aces[i].n_dport = 1;
			w->aces[i].dport[0] = (struct port_range){848, 848};
		}
	}
	w->acl = (struct policy_acl){.name = "A", .n_aces = n, .aces = w->aces};
	w->nics[0] = (struct policy_interface){.name = "a", .nameif = "out", .acl_in = &w->acl};
	w->nics[1] = (struct policy_interface){.name = "b", .nameif = "in", .security_level = 100};
	w->p = (struct policy){.firewall = true,
	                       .n_interfaces = 2,
	                       .interfaces = w->nics,
	                       .n_acls = 1,
	                       .acls = &w->acl};
	w->f = filter_new(NULL, 1);
	filter_apply(w->f, &w->p, 0);
	return w;
}

static void
world_free(struct world *w)
{
	filter_free(w->f);
	free(w->aces);
	free(w);
}

static void
bench_lists(size_t n)
{
	struct world *w = world_new(n);
	struct filter_packet p = {.flow = {.dst = IP(172, 16, 0, 1), .proto = 50}};
	size_t packets = 0, linear = 0, passed = 0;
	double start = wall_seconds(), took, took_linear;

	do {
		for (int i = 0; i < 1000; i++, packets++) {
			p.flow.src = IP(10, 0, 0, 0) + (uint32_t)(packets * 7919 % n | 1);
			passed +=
			    filter_forward(w->f, &p, &w->nics[0], &w->nics[1], 1) == FILTER_PASS;
		}
	} while ((took = wall_seconds() - start) < SECONDS_EACH);
	start = wall_seconds();
	do {
		for (int i = 0; i < 1000; i++, linear++) {
			p.flow.src = IP(10, 0, 0, 0) + (uint32_t)(linear * 7919 % n | 1);
			passed += policy_acl_permits(&w->acl, &p.flow);
		}
	} while ((took_linear = wall_seconds() - start) < SECONDS_EACH);
	printf("%6zu entries:     %10.0f packets/s  (linear: %10.0f)%s\n", n,
	       (double)packets / took, (double)linear / took_linear,
	       passed == packets + linear ? "" : "  WRONG");
	world_free(w);
}

static void
bench_connections(void)
{
	struct world *w = world_new(10);
	struct filter_packet p = {.flow = {.src = IP(172, 16, 0, 1), .proto = 17, .sport = 848}};
	size_t packets = 0, passed = 0;
	double start = wall_seconds(), took;

	for (uint32_t i = 0; i < CONNS; i++) {
		p.flow.dst = IP(20, 0, 0, 0) + i;
		filter_forward(w->f, &p, &w->nics[1], &w->nics[0], 1);
	}
	printf("%6d connections: %10.0f made/s\n", CONNS, CONNS / (wall_seconds() - start));
	p.flow = (struct flow){.dst = IP(172, 16, 0, 1), .proto = 17, .dport = 848};
	start = wall_seconds();
	do {
		for (int i = 0; i < 1000; i++, packets++) {
			p.flow.src = IP(20, 0, 0, 0) + (uint32_t)(packets * 7919 % CONNS);
			passed +=
			    filter_forward(w->f, &p, &w->nics[0], &w->nics[1], 2) == FILTER_PASS;
		}
	} while ((took = wall_seconds() - start) < SECONDS_EACH);
	printf("%6zu connections: %10.0f packets/s%s\n", filter_conn_count(w->f),
	       (double)packets / took, passed == packets ? "" : "  WRONG");
	world_free(w);
}

int
main(void)
{
	bench_lists(10);
	bench_lists(1000);
	bench_lists(10000);
	bench_connections();
	return 0;
}
