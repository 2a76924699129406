/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocations that fail on purpose: of the program, and of all libraries in it. For tests alone,
 * which link starve.c; a sanitizer has an allocator of its own, with which there is no starving.
 */
#ifndef TESTUDO_HUNTER_STARVE_H
#define TESTUDO_HUNTER_STARVE_H

#include "compiler/base/base.h"

enum starve_whose { STARVE_ALL, STARVE_LIBRARIES }; /* of the libraries alone: x_alloc aborts */

bool starve_possible(void);
/*
 * From now on, of the allocations asked for by those, the one after `after` others fails, and then
 * one in `every` (0: no more of them). Forgets what was wanted before.
 */
void starve_begin(enum starve_whose whose, uint64_t after, uint64_t every);
void starve_end(void);
uint64_t starve_asked(void);  /* allocations by those since starve_begin */
uint64_t starve_failed(void); /* of them */

/*
 * Runs `play` in a process of its own, where it may starve. What a failed allocation comes to is
 * either handled or the end of the process, by abort: nothing else is right.
 */
enum starve_end { STARVE_LIVED, STARVE_ENDED, STARVE_WRONG };
/* STARVE_LIVED: play has returned true. What it said on stderr is in said, of n octets. */
enum starve_end starve_run(bool (*play)(void *arg), void *arg, char *said, size_t n);

#endif
