/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 of RFC 4648 4, with its padding and without line ends. */
#ifndef TESTUDO_BASE64_H
#define TESTUDO_BASE64_H

#include "compiler/base/base.h"

/* Allocated, free with free(3). */
char *base64_encode(struct span octets);
/* False: it is none. *ret is allocated, also for no octets. */
bool base64_decode(struct span text, uint8_t **ret, size_t *ret_n);

#endif
