/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few things every part of the project uses: a borrowed piece of bytes, milliseconds, and
 * allocation that does not fail.
 */
#ifndef TESTUDO_BASE_H
#define TESTUDO_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A point in time (monotonic, its origin is the host's) or a duration, in milliseconds. */
typedef int64_t msec;
#define MSEC_NEVER    INT64_MAX
#define SECONDS(n)    ((msec)(n)*1000)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Borrowed bytes: whoever holds a span does not own what it points to. */
struct span {
	const uint8_t *p;
	size_t n;
};

#define SPAN(ptr, len) ((struct span){.p = (const uint8_t *)(ptr), .n = (len)})

/*
 * Allocation aborts the program when memory is gone, so no caller checks for NULL; a size that
 * comes from outside is held against a named limit first. Memory from x_alloc is zeroed. Free
 * with free(3).
 */
void *x_alloc(size_t size) __attribute__((malloc, returns_nonnull));
void *x_realloc(void *p, size_t size) __attribute__((returns_nonnull));
void *x_memdup(const void *p, size_t n) __attribute__((returns_nonnull));
char *x_strdup(const char *s) __attribute__((malloc, returns_nonnull));
char *x_asprintf(const char *format, ...)
    __attribute__((malloc, returns_nonnull, format(printf, 1, 2)));

/* Grows the array *array (elements of size bytes, *capacity of them allocated) to hold n. */
void x_grow(void *array, size_t *capacity, size_t n, size_t size);

/* As many, and the same ones in the same order. */
bool strings_equal(const char *const *a, size_t n_a, const char *const *b, size_t n_b);

#endif
