/* SPDX-License-Identifier: Apache-2.0 */
/* The table of system calls that cage_calls.c lets through. */
#ifndef TESTUDO_CAGE_TABLE_H
#define TESTUDO_CAGE_TABLE_H

#include "compiler/base/base.h"

struct cage_call {
	int number;     /* libseccomp's: below 0 where this machine has no such call */
	unsigned roles; /* 1 << enum cage_role */
	bool absent;    /* fails with ENOSYS, so that a library takes an older call */
	bool untold;    /* refused so where it is not to kill, without a signal */
	/* Only where (argument & mask) == value; a mask of 0: whatever it is. */
	unsigned argument;
	uint64_t mask, value;
};

/* Rows of one call stand together. */
extern const struct cage_call cage_calls[];
extern const size_t cage_n_calls;

#endif
