/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one fuzz target without libFuzzer: driver [CORPUS DIRECTORY] [RUNS]. Each seed is tried as
 * it is, cut at every length, and mutated; random bytes follow. The generator's seed is fixed, so a
 * failure repeats. Each input is a heap block of exactly its size, or the sanitizer sees nothing.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compiler/base/base.h"

#define RUNS       20000
#define SEEDS_MAX  256
#define SIZE_LIMIT 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct seed {
	uint8_t *data;
	size_t n;
};

static uint64_t state = 0x9e3779b97f4a7c15u;

/* xorshift64*: good enough to choose bytes, and the same everywhere. */
static uint32_t
draw_random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * 0x2545f4914f6cdd1du >> 32);
}

/* The input at work: kept in a file when the target aborts, to be run again as a corpus. */
static const uint8_t *current;
static size_t current_n;

static void
keep_input(int signal_number)
{
	int fd = open("failed-input", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd >= 0 && write(fd, current, current_n) == (ssize_t)current_n)
		close(fd);
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

static void
try_input(const uint8_t *data, size_t n)
{
	uint8_t *copy = x_alloc(n);

	if (n)
		memcpy(copy, data, n);
	current = copy;
	current_n = n;
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static size_t
read_seeds(const char *directory, struct seed *seeds)
{
	struct dirent **names;
	int count = scandir(directory, &names, NULL, by_name), i;
	size_t n = 0;

	for (i = 0; i < count; i++) {
		char *path = x_asprintf("%s/%s", directory, names[i]->d_name);
		FILE *f = names[i]->d_name[0] != '.' && n < SEEDS_MAX ? fopen(path, "rb") : NULL;

		if (f) {
			seeds[n].data = x_alloc(SIZE_LIMIT);
			seeds[n].n = fread(seeds[n].data, 1, SIZE_LIMIT, f);
			n++;
			fclose(f);
		}
		free(path);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return n;
}

/* A few small changes: bits, bytes of note, a piece gone, a piece doubled, a length field's edge.
 */
static size_t
mutate_input(uint8_t *p, size_t n, const struct seed *other)
{
	static const uint8_t notable[] = {0, 1, 0x7f, 0x80, 0xff, '\n', ' ', '/', '"', '!'};
	uint32_t changes = 1 + draw_random() % 4, at, len;

	while (changes-- && n > 1) {
		at = draw_random() % (uint32_t)n;
		len = 1 + draw_random() % (uint32_t)(n - at);
		switch (draw_random() % 6) {
		case 0:
			p[at] ^= (uint8_t)(1u << draw_random() % 8);
			break;
		case 1:
			p[at] = (uint8_t)draw_random();
			break;
		case 2:
			p[at] = notable[draw_random() % sizeof(notable)];
			break;
		case 3:
			memmove(p + at, p + at + len, n - at - len);
			n -= len;
			break;
		case 4:
			if (n + len > SIZE_LIMIT)
				break;
			memmove(p + at + len, p + at, n - at);
			n += len;
			break;
		case 5:
			if (other->n == 0)
				break;
			len = len > other->n ? (uint32_t)other->n : len;
			memcpy(p + at, other->data + draw_random() % (other->n - len + 1), len);
			break;
		}
	}
	return n;
}

int
main(int argc, char **argv)
{
	static struct seed seeds[SEEDS_MAX];
	static uint8_t buffer[SIZE_LIMIT];
	size_t n_seeds = argc > 1 ? read_seeds(argv[1], seeds) : 0, i, n;
	unsigned long runs = argc > 2 ? strtoul(argv[2], NULL, 10) : RUNS, run;

	signal(SIGABRT, keep_input);
	try_input(NULL, 0);
	for (i = 0; i < n_seeds; i++)
		for (n = seeds[i].n; n; n -= 1 + n / 2048)
			try_input(seeds[i].data, n);
	for (run = 0; run < runs; run++) {
		if (n_seeds && run % 4) {
			const struct seed *s = &seeds[draw_random() % n_seeds];

			memcpy(buffer, s->data, s->n);
			n = mutate_input(buffer, s->n, &seeds[draw_random() % n_seeds]);
		} else {
			n = draw_random() % 512;
			for (i = 0; i < n; i++)
				buffer[i] = (uint8_t)draw_random();
		}
		try_input(buffer, n);
	}
	for (i = 0; i < n_seeds; i++)
		free(seeds[i].data);
	printf("%zu seeds, %lu inputs\n", n_seeds, runs);
	return 0;
}
