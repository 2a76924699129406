/* SPDX-License-Identifier: Apache-2.0 */
/* Who types into the routers of a hunter's lab, and answers what they ask. */
#ifndef TESTUDO_HUNTER_TYPIST_H
#define TESTUDO_HUNTER_TYPIST_H

#include "cli/lab/lab.h"
#include "cli/shell/shell.h"
#include "compiler/base/text.h"

#define TYPIST_NODES 16
#define TYPIST_WALL  INT64_C(1795464000000) /* when a lab begins, milliseconds since 1970 */

struct typist {
	struct shell *shells[TYPIST_NODES];
	struct text screen; /* what the last line has brought */
};

/*
 * Types a line at a router's console and answers its questions. Where that takes time, `pass` lets
 * a second of it pass; false: the router was busy too long, and was interrupted.
 */
bool typist_line(struct typist *t, struct lab *lab, size_t node, const char *line,
                 void (*pass)(void *arg), void *arg);
/* The next of lines that are separated by LF; false: there is none. */
bool typist_next(const char **lines, char line[static 160]);
void typist_fini(struct typist *t);

/* The key pair KEY, as a lab's node takes it: the same in every run. It seeds the random octets. */
const char *typist_keys(void);

#endif
