/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key material. A secret owns its bytes, which are in locked memory (secret_pool.h), wipes them
 * when freed, is compared in constant time, and has no way to be printed.
 */
#ifndef TESTUDO_SECRET_H
#define TESTUDO_SECRET_H

#include "compiler/base/base.h"

struct secret {
	uint8_t *p;
	size_t n;
};

void secret_init(struct secret *s, size_t n);         /* n zero octets */
void secret_copy(struct secret *s, struct span from); /* frees what s held */
void secret_clone(struct secret *s, const struct secret *from);
void secret_move(struct secret *to, struct secret *from); /* frees what `to` held */
void secret_fini(struct secret *s);                       /* wipes; s is empty after */
bool secret_equal(const struct secret *a, const struct secret *b);
struct span secret_span(const struct secret *s); /* borrowed */

/* Constant time for equal lengths; different lengths are unequal. */
bool span_equal_ct(struct span a, struct span b);
void wipe(void *p, size_t n);

#endif
