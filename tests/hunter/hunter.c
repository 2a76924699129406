/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The leak hunter's program: hunter [--seeds N] [--from N] [--seed N] [--faults] [--starve]
 * [--without EVENT]... Runs seeds one after another; a failing one is told with its story, and
 * --seed N plays it again line by line. Exit status 1: something was found; 77: this build cannot.
 *
 * --starve: each seed is played in a process of its own, in which allocations fail: any one, or one
 * in many of those that libraries ask for. It may end by that, as docs/security.md says, and until
 * then everything holds.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/app/commands.h"
#include "runtime/crypto/random.h"
#include "tests/hunter/hunt.h"
#include "tests/hunter/starve.h"

#define EVENTS 14
#define PROBES 12 /* after each event */

static struct hunt *running;

/* A seed takes milliseconds: one that takes a minute never ends. */
static void
on_stuck(int signal)
{
	(void)signal;
	printf("seed %llu does not end:\n%s", (unsigned long long)running->seed,
	       text_string(&running->story));
	fflush(stdout);
	_exit(1);
}

static bool
play_seed(struct hunt *h, uint64_t seed, uint32_t without, bool trace, bool faults)
{
	bool found;

	running = h;
	alarm(60);
	hunt_begin(h, seed, without, trace, faults);
	if (h->lab) {
		for (int i = 0; i < PROBES / 2; i++)
			hunt_probe(h);
		hunt_pass(h, SECONDS(20));
		for (int e = 0; e < EVENTS && !h->found; e++) {
			for (int i = 0; i < PROBES && !h->found; i++)
				hunt_probe(h);
			hunt_event(h);
		}
		if (faults && !h->found)
			hunt_fault_end(h);
		for (int i = 0; i < PROBES && !h->found; i++)
			hunt_probe(h);
	}
	found = h->found;
	if (found && !trace)
		printf("seed %llu:\n%s\n", (unsigned long long)seed, text_string(&h->story));
	hunt_end(h);
	return found;
}

struct starved_seed {
	struct hunt *h;
	uint64_t seed;
	uint32_t without;
	bool trace, faults;
};

static bool
play_starved(void *arg)
{
	const struct starved_seed *s = arg;
	struct chance c = {.state = ~s->seed};
	bool libraries = chance_one_in(&c, 2);
	uint64_t after = chance_next(&c) >> (44 + chance_of(&c, 12)); /* fewer than 2^20 */

	starve_begin(libraries ? STARVE_LIBRARIES : STARVE_ALL, after,
	             libraries ? 1000 + chance_of(&c, 20000) : 0);
	return !play_seed(s->h, s->seed, s->without, s->trace, s->faults);
}

static bool
play_apart(struct starved_seed *s, unsigned ends[3])
{
	static char said[4096];
	enum starve_end end = starve_run(play_starved, s, said, sizeof(said));

	ends[end]++;
	if (end == STARVE_WRONG)
		printf("seed %llu: a failed allocation came to no good: %s\n",
		       (unsigned long long)s->seed, said);
	return end == STARVE_WRONG;
}

static int
by_length(const void *a, const void *b)
{
	msec x = *(const msec *)a, y = *(const msec *)b;

	return (x > y) - (x < y);
}

static void
tell_times(msec *times, size_t n)
{
	if (!n)
		return;
	qsort(times, n, sizeof(*times), by_length);
	printf("all is well again after the last fault: in half of the seeds in %lld s, in 95%% in "
	       "%lld s, in all in %lld s\n",
	       (long long)times[n / 2] / 1000, (long long)times[n * 95 / 100] / 1000,
	       (long long)times[n - 1] / 1000);
}

static int
print_usage(void)
{
	fprintf(stderr, "hunter [--seeds N] [--from N] [--seed N] [--faults] [--starve] "
	                "[--without EVENT]...\n");
	return 2;
}

int
main(int argc, char **argv)
{
	struct hunt *h;
	uint64_t from = 0, seeds = 100, failed = 0;
	uint32_t without = 0;
	bool trace = false, faults = false, starves = false;
	unsigned ends[3] = {0};
	msec *times = NULL; /* of each seed: from the last fault until all was well */
	size_t n = 0, capacity = 0;
	clock_t start = clock();

	commands_install();
	for (int i = 1; i < argc; i += 2) {
		if (strcmp(argv[i], "--faults") == 0 || strcmp(argv[i], "--starve") == 0) {
			starves |= argv[i][2] == 's';
			faults |= argv[i][2] == 'f';
			i--;
			continue;
		}
		uint64_t value = i + 1 < argc ? strtoull(argv[i + 1], NULL, 10) : 0;

		if (i + 1 == argc)
			return print_usage();
		if (strcmp(argv[i], "--seeds") == 0)
			seeds = value;
		else if (strcmp(argv[i], "--from") == 0)
			from = value;
		else if (strcmp(argv[i], "--seed") == 0)
			from = value, seeds = 1, trace = true;
		else if (strcmp(argv[i], "--without") == 0 && hunt_event_bit(argv[i + 1]))
			without |= hunt_event_bit(argv[i + 1]);
		else
			return print_usage();
	}
	if (starves && !starve_possible())
		return 77;
	h = x_alloc(sizeof(*h));
	crypto_init();
	signal(SIGALRM, on_stuck);
	for (uint64_t s = from; s < from + seeds; s++) {
		if (starves) {
			failed +=
			    play_apart(&(struct starved_seed){h, s, without, trace, faults}, ends);
			continue;
		}
		failed += play_seed(h, s, without, trace, faults);
		x_grow(&times, &capacity, n + 1, sizeof(*times));
		times[n++] = h->fault.took;
	}
	if (faults)
		tell_times(times, n);
	if (starves)
		printf("%u ended for want of memory, %u did without\n", ends[STARVE_ENDED],
		       ends[STARVE_LIVED]);
	free(times);
	printf("%llu seeds, %llu failed, %.1f s\n", (unsigned long long)seeds,
	       (unsigned long long)failed, (double)(clock() - start) / CLOCKS_PER_SEC);
	free(h);
	return failed > 0;
}
