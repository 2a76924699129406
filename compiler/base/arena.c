/* SPDX-License-Identifier: Apache-2.0 */
/* A chain of blocks, the newest first; see arena.h. */
#define _GNU_SOURCE
#include "compiler/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Most arenas live for one line of configuration and hold little; a block is zeroed and wiped
 * whole, so the first is small, and each next one is twice its size. A policy is kept: its last
 * block stays half empty, so there is a largest. */
#define FIRST_BLOCK   1024
#define LARGEST_BLOCK 8192

struct block {
	struct block *next;
	size_t size, used;
	max_align_t data[];
};

struct arena {
	struct block *blocks;
	size_t next_block;
};

struct arena *
arena_new(void)
{
	struct arena *a = x_alloc(sizeof(*a));

	a->next_block = FIRST_BLOCK;
	return a;
}

void
arena_free(struct arena *a)
{
	struct block *b, *next;

	if (!a)
		return;
	for (b = a->blocks; b; b = next) {
		next = b->next;
		explicit_bzero(b->data, b->used);
		free(b);
	}
	free(a);
}

void *
arena_alloc(struct arena *a, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct block *b = a->blocks;
	size_t room;
	void *p;

	if (size > SIZE_MAX / 2)
		abort();
	size = (size + align - 1) / align * align;
	if (!b || b->size - b->used < size) {
		room = size > a->next_block ? size : a->next_block;
		if (a->next_block < LARGEST_BLOCK)
			a->next_block *= 2;
		b = x_alloc(sizeof(*b) + room);
		b->size = room;
		b->next = a->blocks;
		a->blocks = b;
	}
	p = (uint8_t *)b->data + b->used;
	b->used += size;
	return p;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = arena_alloc(a, len + 1);

	memcpy(copy, s, len);
	return copy;
}

void *
arena_memdup(struct arena *a, const void *p, size_t n)
{
	void *copy = arena_alloc(a, n + 1);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list ap, again;
	char few[256], *s;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(few, sizeof(few), format, ap);
	if (n < 0)
		abort();
	s = arena_alloc(a, (size_t)n + 1);
	if ((size_t)n < sizeof(few))
		memcpy(s, few, (size_t)n);
	else
		vsnprintf(s, (size_t)n + 1, format, again);
	explicit_bzero(few, (size_t)n < sizeof(few) ? (size_t)n : sizeof(few));
	va_end(again);
	va_end(ap);
	return s;
}
