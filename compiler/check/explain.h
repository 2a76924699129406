/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each diagnostic means, for people. The texts are constants.
 */
#ifndef TESTUDO_EXPLAIN_H
#define TESTUDO_EXPLAIN_H

#include <stddef.h>

struct explanation {
	const char *id;
	const char *title; /* half a sentence, without a full stop */
	const char *page;  /* a paragraph, in one line */
};

size_t explain_count(void);
const struct explanation *explain_at(size_t i);         /* in the order of explain.def */
const struct explanation *explain_find(const char *id); /* NULL: there is no such diagnostic */
const char *explain_nearest(const char *id);            /* what was probably meant; or NULL */

#endif
