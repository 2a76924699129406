/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of the hunter of partitions: hunter_coop [--seeds N] [--from N] [--seed N]. Runs
 * seeds one after another; a failing one is told with the end of its history, and --seed N plays it
 * again line by line. Exit status 1: something was found.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/app/commands.h"
#include "runtime/crypto/random.h"
#include "tests/hunter/coop.h"

#define EVENTS     16
#define LAST_LINES 60 /* of a history */

static struct coop_hunt *running;

/* A seed takes milliseconds: one that takes two minutes never ends. */
static void
on_stuck(int signal)
{
	(void)signal;
	printf("seed %llu does not end:\n%s", (unsigned long long)running->seed,
	       text_string(&running->story));
	fflush(stdout);
	_exit(1);
}

static const char *
last_lines(const char *story)
{
	const char *at = story + strlen(story);

	for (int n = 0; at > story && n <= LAST_LINES; at--)
		n += at[-1] == '\n';
	return at > story ? strchr(at + 1, '\n') + 1 : at;
}

static bool
play_seed(struct coop_hunt *h, uint64_t seed, bool trace)
{
	bool found;

	running = h;
	alarm(120);
	coop_hunt_begin(h, seed, trace);
	if (h->lab) {
		coop_pass(h, SECONDS(20));
		for (int e = 0; e < EVENTS && !h->found; e++)
			coop_event(h);
		if (!h->found)
			coop_heal(h);
	}
	found = h->found;
	if (found && !trace)
		printf("seed %llu:\n%s\n", (unsigned long long)seed,
		       last_lines(text_string(&h->story)));
	coop_hunt_end(h);
	return found;
}

static int
by_length(const void *a, const void *b)
{
	msec x = *(const msec *)a, y = *(const msec *)b;

	return (x > y) - (x < y);
}

static void
tell_times(const char *what, msec *times, size_t n)
{
	qsort(times, n, sizeof(*times), by_length);
	printf(
	    "%s after the last fault: in half of the seeds in %.1f s, in 95%% in %.1f s, in all in "
	    "%.1f s\n",
	    what, (double)times[n / 2] / 1000, (double)times[n * 95 / 100] / 1000,
	    (double)times[n - 1] / 1000);
}

static int
print_usage(void)
{
	fprintf(stderr, "hunter_coop [--seeds N] [--from N] [--seed N]\n");
	return 2;
}

int
main(int argc, char **argv)
{
	struct coop_hunt *h = x_alloc(sizeof(*h));
	uint64_t from = 0, seeds = 100, failed = 0;
	unsigned long events = 0, committed = 0, elections = 0, pings = 0;
	bool trace = false;
	msec *led, *took; /* of each seed */
	clock_t start = clock();

	for (int i = 1; i < argc; i += 2) {
		uint64_t value = i + 1 < argc ? strtoull(argv[i + 1], NULL, 10) : 0;

		if (i + 1 == argc)
			return print_usage();
		if (strcmp(argv[i], "--seeds") == 0)
			seeds = value;
		else if (strcmp(argv[i], "--from") == 0)
			from = value;
		else if (strcmp(argv[i], "--seed") == 0)
			from = value, seeds = 1, trace = true;
		else
			return print_usage();
	}
	commands_install();
	crypto_init();
	signal(SIGALRM, on_stuck);
	led = x_alloc((seeds + 1) * sizeof(*led));
	took = x_alloc((seeds + 1) * sizeof(*took));
	for (uint64_t s = 0; s < seeds; s++) {
		failed += play_seed(h, from + s, trace);
		led[s] = h->led;
		took[s] = h->took;
		events += h->n_events;
		committed += h->n_committed;
		elections += h->n_elections;
		pings += h->n_pings;
	}
	if (seeds) {
		tell_times("one leads", led, seeds);
		tell_times("all is well", took, seeds);
	}
	printf("%lu events, %lu elections, %lu times keys were committed, %lu packets\n", events,
	       elections, committed, pings);
	printf("%llu seeds, %llu failed, %.1f s\n", (unsigned long long)seeds,
	       (unsigned long long)failed, (double)(clock() - start) / CLOCKS_PER_SEC);
	free(led);
	free(took);
	free(h);
	return failed > 0;
}
