/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
/* Allocation that does not fail: see base.h. */
#include "compiler/base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Most arrays that grow at all come to a few elements: not one allocation for each of them. */
#define GROW_FROM 8

static void *
or_abort(void *p)
{
	if (!p) {
		fputs("testudo: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *
x_alloc(size_t size)
{
	return or_abort(calloc(1, size ? size : 1));
}

void *
x_realloc(void *p, size_t size)
{
	return or_abort(realloc(p, size ? size : 1));
}

void *
x_memdup(const void *p, size_t n)
{
	void *copy = x_alloc(n);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *
x_strdup(const char *s)
{
	return or_abort(strdup(s));
}

char *
x_asprintf(const char *format, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, format);
	if (vasprintf(&s, format, ap) < 0)
		s = NULL;
	va_end(ap);
	return or_abort(s);
}

void
x_grow(void *array, size_t *capacity, size_t n, size_t size)
{
	void *p;

	if (n <= *capacity)
		return;
	memcpy(&p, array, sizeof(p));
	*capacity = n > 2 * *capacity ? n : 2 * *capacity;
	if (*capacity < GROW_FROM)
		*capacity = GROW_FROM;
	if (__builtin_mul_overflow(*capacity, size, &n))
		abort();
	p = x_realloc(p, n);
	memcpy(array, &p, sizeof(p));
}

bool
strings_equal(const char *const *a, size_t n_a, const char *const *b, size_t n_b)
{
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}
