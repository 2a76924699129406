/* SPDX-License-Identifier: Apache-2.0 */
/* A cage: what a process gives up, for good, once it has all that needs more. */
#ifndef TESTUDO_CAGE_H
#define TESTUDO_CAGE_H

#include "runtime/cage/cage_calls.h"
#include "runtime/cage/cage_caps.h"
#include "runtime/cage/cage_files.h"

struct cage {
	uint64_t capabilities; /* that it keeps, of those it has */
	const struct cage_path *paths;
	size_t n_paths;
	bool abstract; /* see cage_files_open */
	enum cage_role role;
	enum cage_refusal refusal;
};

/* What holds: of this process, since it was shut. */
struct cage_state {
	bool shut;
	uint64_t capabilities;
	int landlock;   /* its version; 0: the kernel has none */
	unsigned calls; /* in the list; 0: the kernel has no filters */
};

/*
 * Capabilities, files, system calls, in this order; the files are looked up before. The process has
 * one thread still: what a thread gives up it gives up alone. 0 or -errno; *ret_what: which part,
 * or path, could not be had, and then nothing may be served, though a part may be shut.
 */
int cage_shut(const struct cage *c, const char **ret_what);
const struct cage_state *cage_state(void);

#endif
