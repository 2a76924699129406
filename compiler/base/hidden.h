/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Type 7 of passwords: against a look over the shoulder, no cryptography. The first two digits say
 * where in one table, which all routers share, the key begins.
 */
#ifndef TESTUDO_HIDDEN_H
#define TESTUDO_HIDDEN_H

#include "compiler/base/base.h"

/* The octet of the table that hides the nth of a password that begins at `start` in it. */
uint8_t hidden_octet(unsigned start, size_t nth);
/* In clear into ret, which has that size; false: it is no such password, or too long. */
bool hidden_show(const char *hidden, char *ret, size_t size);

#endif
