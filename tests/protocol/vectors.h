/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recorded conversations from vectors/NAME.txt: lines of a name and its bytes in hex (see the
 * README there).
 */
#ifndef TESTUDO_TESTS_VECTORS_H
#define TESTUDO_TESTS_VECTORS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/base.h"

#define VECTORS_MAX      64
#define VECTORS_LINE_MAX 8192

struct vectors {
	const char *name;
	size_t n, n_datagrams;
	struct {
		char name[24];
		struct span bytes;
	} at[VECTORS_MAX];
};

static inline uint8_t *
vectors_unhex(const char *hex, size_t *ret_n)
{
	size_t i, n = strspn(hex, "0123456789abcdef") / 2;
	uint8_t *p = x_alloc(n);

	for (i = 0; i < n; i++) {
		char two[3] = {hex[2 * i], hex[2 * i + 1], '\0'};

		p[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	*ret_n = n;
	return p;
}

static inline struct vectors *
vectors_new(const char *name)
{
	char *path = x_asprintf("%s/tests/protocol/vectors/%s.txt", TESTUDO_SOURCE, name);
	struct vectors *v = x_alloc(sizeof(*v));
	char *line = x_alloc(VECTORS_LINE_MAX);
	FILE *f = fopen(path, "r");

	v->name = name;
	while (f && v->n < VECTORS_MAX && fgets(line, VECTORS_LINE_MAX, f)) {
		char *hex = strchr(line, ' ');
		size_t n;

		if (!hex)
			continue;
		*hex++ = '\0';
		snprintf(v->at[v->n].name, sizeof(v->at[v->n].name), "%s", line);
		v->at[v->n].bytes.p = vectors_unhex(hex, &n);
		v->at[v->n].bytes.n = n;
		v->n_datagrams += strncmp(line, "datagram", 8) == 0;
		v->n++;
	}
	if (f)
		fclose(f);
	free(line);
	free(path);
	return v;
}

static inline void
vectors_free(struct vectors *v)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		free((void *)v->at[i].bytes.p);
	free(v);
}

/* Empty when there is no such line. */
static inline struct span
vectors_get(const struct vectors *v, const char *name)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (strcmp(v->at[i].name, name) == 0)
			return v->at[i].bytes;
	return (struct span){0};
}

/* "datagram", 7: the line datagram7. */
static inline struct span
vectors_number(const struct vectors *v, const char *what, size_t number)
{
	char *name = x_asprintf("%s%zu", what, number);
	struct span found = vectors_get(v, name);

	free(name);
	return found;
}

#endif
