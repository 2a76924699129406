/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory that key material lives in: locked, so that it never reaches a swap device, left out
 * of core dumps, and empty in a child process. Many small keys share a page. For secret.c; any
 * thread.
 */
#ifndef TESTUDO_SECRET_POOL_H
#define TESTUDO_SECRET_POOL_H

#include "compiler/base/base.h"

void *secret_pool_take(size_t n) __attribute__((malloc, returns_nonnull)); /* n zero octets */
/* p: from secret_pool_take(n). Its octets are wiped. */
void secret_pool_give(void *p, size_t n);

/*
 * 0, or the -errno of the first piece of memory that could not be locked (RLIMIT_MEMLOCK). It is
 * used nevertheless, and is in no core dump.
 */
int secret_pool_unlocked(void);

#endif
