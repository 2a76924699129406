/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels before a packet (RFC 3032 2.1):
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +-----------------------------------------+-----+-+---------------+
 *   |                  label                  | exp |S|      TTL      |
 *   +-----------------------------------------+-----+-+---------------+
 */
#ifndef TESTUDO_LABEL_H
#define TESTUDO_LABEL_H

#include "compiler/base/base.h"

#define LABEL_SIZE      4  /* octets of an entry */
#define LABEL_STACK_MAX 16 /* entries; more are no stack that anybody makes */

struct label {
	uint32_t value;
	uint8_t exp, ttl;
	bool bottom;
};

/* False: no whole entry is there. */
bool label_get(struct span bytes, struct label *ret);
void label_put(uint8_t p[LABEL_SIZE], const struct label *l);
/* How many octets the stack has; 0: it has no bottom. */
size_t label_stack_size(struct span bytes);

#endif
