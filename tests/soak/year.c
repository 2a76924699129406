/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual year: two groups in a lab, and every day members that join, leave and are expelled,
 * servers that are killed, packets, stores and clocks that fail, users who come and type. Each
 * night all is whole again, traffic passes, and what the process holds is counted: it must not be
 * more at the end than it was at the beginning.
 *
 *   soak_year [--days N] [--seed N]      365 days of seed 1 without them
 */
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/app/commands.h"
#include "cli/lab/lab.h"
#include "cli/shell/shell.h"
#include "compiler/base/arena.h"
#include "compiler/base/text.h"
#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/crypto/random.h"
#include "runtime/host/sim/sim_priv.h"
#include "runtime/store/store_memory.h"
#include "tests/hunter/chance.h"

#define WALL         INT64_C(1795464000000)
#define SERVERS      2
#define MEMBERS      4
#define NODES        (SERVERS + MEMBERS)
#define HOUR         SECONDS(3600)
#define DAY          (24 * HOUR)
#define PORT         "FastEthernet0/0"
#define CORE(node)   (0x0a000001 + (uint32_t)(node)) /* 10.0.0.1 .. */
#define EVENTS_A_DAY 24

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* What is counted every night, over all nodes. Those that end in a unit are of the process. */
enum figure {
	LIVE_OCTETS,
	RSS_KIB,
	DESCRIPTORS,
	NETWORK_EVENTS,
	TIMERS,
	IKE_SAS,
	HALF_OPEN,
	OFFERS,
	PEERS_MET,
	MEMBERS_KEPT,
	LKH_NODES_OCTETS,
	GROUP_KEYS,
	STORE_RECORDS,
	STORE_OCTETS,
	SESSIONS,
	LOG_LINES,
	FIGURES
};
static const struct {
	const char *name;
	double room; /* by how much the end may be above the beginning */
} figures[FIGURES] = {
    [LIVE_OCTETS] = {"live octets", 65536},
    [RSS_KIB] = {"RSS, KiB", 2048},
    [DESCRIPTORS] = {"descriptors", 0},
    [NETWORK_EVENTS] = {"events of the network", 8},
    [TIMERS] = {"timers", 8},
    [IKE_SAS] = {"ISAKMP SAs", 8},
    [HALF_OPEN] = {"half-open exchanges", 0},
    [OFFERS] = {"offers", 64},
    [PEERS_MET] = {"peers met", 2},
    [MEMBERS_KEPT] = {"members", 0},
    [LKH_NODES_OCTETS] = {"octets of records of the key tree", 4096},
    [GROUP_KEYS] = {"keys", 8},
    [STORE_RECORDS] = {"records of stores", 4},
    [STORE_OCTETS] = {"octets of stores", 4096},
    [SESSIONS] = {"sessions", 0},
    [LOG_LINES] = {"log lines", 600},
};

struct year {
	struct chance chance;
	struct lab *lab;
	struct arena *arena;
	struct lab_node_spec nodes[NODES];
	struct text screen;
	bool up[NODES];
	unsigned failed;
	unsigned events, pings, registrations;
	size_t n_nights;
	double (*nights)[FIGURES];
};

static void
tell_failure(struct year *y, const char *format, ...)
{
	va_list ap;

	y->failed++;
	printf("FAILED: day %zu: ", y->n_nights);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
}
