/* SPDX-License-Identifier: Apache-2.0 */
/* A hash of data that is no secret, for people to compare. */
#ifndef TESTUDO_HASH_H
#define TESTUDO_HASH_H

#include "compiler/policy/suite.h"

#define HASH_HEX_MAX 129

/* In hexadecimal, small letters. */
void hash_hex(enum hash_id h, struct span data, char ret[static HASH_HEX_MAX]);

#endif
