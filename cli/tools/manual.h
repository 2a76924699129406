/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of docs/manual as plain text; manual.awk makes the table from them at build time. */
#ifndef TESTUDO_MANUAL_H
#define TESTUDO_MANUAL_H

#include <stddef.h>

struct manual_page {
	const char *name; /* "certificates" */
	const char *what; /* a line about it */
	const char *text; /* lines, each with its newline */
};

/* In the order of the manual's index. */
extern const struct manual_page manual_pages[];
extern const size_t manual_count;

#endif
