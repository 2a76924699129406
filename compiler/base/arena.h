/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An arena: what is born and dies together (a config tree, a policy) is allocated here and freed
 * whole. Memory is zeroed and aligned for any type; nothing is freed alone.
 */
#ifndef TESTUDO_ARENA_H
#define TESTUDO_ARENA_H

#include "compiler/base/base.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a); /* NULL is fine; memory is wiped, as it may hold secrets */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));
void *arena_memdup(struct arena *a, const void *p, size_t n) __attribute__((returns_nonnull));
char *arena_strdup(struct arena *a, const char *s) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *a, const char *s, size_t n) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((returns_nonnull, format(printf, 2, 3)));

#endif
