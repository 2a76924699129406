/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of 64 bits that costs little on short
 * input. For cookies and tables that strangers must not be able to foresee; not for signatures.
 */
#ifndef TESTUDO_SIPHASH_H
#define TESTUDO_SIPHASH_H

#include "compiler/base/base.h"

#define SIPHASH_KEY 16

uint64_t siphash(const uint8_t key[SIPHASH_KEY], struct span in);

#endif
