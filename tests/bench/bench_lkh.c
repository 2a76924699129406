/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key hierarchy of 100 000 members: what it takes to build, to expel one member, to expel another
 * when the tree is as it stays, and for a member to follow. Targets: as many arrays as the tree is
 * deep, twice as many encryptions, a message of less than one datagram, 10 ms for the server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/core/lkh.h"
#include "runtime/crypto/random.h"

#define MEMBERS       100000
#define TARGET_ARRAYS 17 /* the logarithm of 100 000, rounded up */
#define TARGET_TIME   0.010
#define ROOM          65507

static uint8_t buf[ROOM];

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
random_bytes(void *arg, void *p, size_t n)
{
	(void)arg;
	crypto_random(p, n);
}

static struct lkh_path *
path_of(const struct lkh_tree *t, uint32_t leaf)
{
	struct wr w = wr_buf(buf, sizeof(buf));

	lkh_tree_download(t, leaf, &w);
	return lkh_path_download(lkh_tree_cipher(t), wr_done(&w));
}

/* Seconds; the arrays are in buf. */
static double
time_expulsion(struct lkh_tree *t, uint32_t leaf, struct wr *w)
{
	double began = cpu_seconds();

	lkh_tree_leave(t, leaf);
	*w = wr_buf(buf, sizeof(buf));
	lkh_tree_renew(t, w);
	return cpu_seconds() - began;
}

static void
report_cost(const char *what, const struct lkh_tree *t, const struct wr *w, double took)
{
	struct lkh_cost c = lkh_tree_cost(t);

	printf("%-34s %4zu arrays %4zu wraps %4zu keys %6zu octets %8.3f ms\n", what, c.arrays,
	       c.wraps, c.keys, w->n, took * 1e3);
}

int
main(void)
{
	struct lkh_tree *t;
	struct lkh_path *p, *gone;
	struct lkh_cost c;
	double began, built, took;
	uint32_t leaf;
	struct wr w;
	bool ok;

	crypto_init();
	t = lkh_tree_new(CIPHER_AES_256, random_bytes, NULL);
	began = cpu_seconds();
	for (unsigned i = 0; i < MEMBERS; i++)
		if (!lkh_tree_join(t, 0, &leaf))
			return 1;
	built = cpu_seconds() - began;
	printf("%u members, depth %u: built in %.0f ms\n", MEMBERS, lkh_tree_depth(t), built * 1e3);
	took = time_expulsion(t, 4711, &w);
	report_cost("the first after growing", t, &w, took);
	p = path_of(t, 77777);
	gone = path_of(t, 12345);
	took = time_expulsion(t, 12345, &w);
	report_cost("another", t, &w, took);
	c = lkh_tree_cost(t);
	began = cpu_seconds();
	ok = lkh_path_update(p, wr_done(&w));
	printf("a member follows in %.3f ms\n", (cpu_seconds() - began) * 1e3);
	ok = ok && span_equal_ct(secret_span(lkh_path_root(p)), lkh_tree_root(t)) &&
	     !lkh_path_update(gone, wr_done(&w)) && c.arrays <= TARGET_ARRAYS &&
	     c.wraps < 2 * TARGET_ARRAYS && !w.bad && took < TARGET_TIME;
	printf("%s\n", ok ? "within the targets" : "NOT within the targets");
	lkh_path_free(p);
	lkh_path_free(gone);
	lkh_tree_free(t);
	return !ok;
}
