/* SPDX-License-Identifier: Apache-2.0 */
/* Time of the processor: see cpu.h. */
#include "runtime/base/cpu.h"

#include <math.h>
#include <sys/resource.h>
#include <time.h>

/* At the last look. */
static struct {
	bool any;
	msec at;
	uint64_t spent;
	double last, minute, five; /* shares of one processor */
} seen;

static uint64_t
spent_of(const struct rusage *u)
{
	return (uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000 +
	       (uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1000;
}

static double
blend_share(double old, double share, double seconds, double over)
{
	double left = exp(-seconds / over);

	return old * left + share * (1 - left);
}

void
cpu_look(void)
{
	struct timespec now;
	struct rusage u;
	msec at;

	if (getrusage(RUSAGE_SELF, &u) || clock_gettime(CLOCK_MONOTONIC, &now))
		return;
	at = SECONDS(now.tv_sec) + now.tv_nsec / 1000000;
	if (seen.any && at > seen.at) {
		double seconds = (double)(at - seen.at) / 1000;

		seen.last = (double)(spent_of(&u) - seen.spent) / 1000 / seconds;
		seen.minute = blend_share(seen.minute, seen.last, seconds, 60);
		seen.five = blend_share(seen.five, seen.last, seconds, 300);
	}
	seen.any = true;
	seen.at = at;
	seen.spent = spent_of(&u);
}

struct cpu_usage
cpu_usage(void)
{
	struct cpu_usage usage = {.five_seconds = (unsigned)(seen.last * 100 + 0.5),
	                          .one_minute = (unsigned)(seen.minute * 100 + 0.5),
	                          .five_minutes = (unsigned)(seen.five * 100 + 0.5)};
	struct rusage u;

	if (!getrusage(RUSAGE_SELF, &u)) {
		usage.spent = spent_of(&u);
		usage.switches = (uint64_t)(u.ru_nvcsw + u.ru_nivcsw);
	}
	return usage;
}
