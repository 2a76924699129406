/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this process has had of the processor, all its threads. The kernel counts the time; averages
 * come of looking every few seconds, which one thread of a process that lives in real time does.
 */
#ifndef TESTUDO_CPU_H
#define TESTUDO_CPU_H

#include "compiler/base/base.h"

#define CPU_LOOK_EVERY SECONDS(5)

struct cpu_usage {
	/* Percent of one processor, over the time before the last look; 0 before the second one. */
	unsigned five_seconds, one_minute, five_minutes;
	uint64_t spent;    /* milliseconds since the process began */
	uint64_t switches; /* how often it was given the processor */
};

void cpu_look(void);
struct cpu_usage cpu_usage(void);

#endif
