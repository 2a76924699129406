/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gramc: the grammar compiler. Reads *.gram, writes grammar.h (enums) and grammar.c (constant
 * tables). A mistake is reported as file:line:column and fails the build. The language is described
 * in grammars/README.md.
 */
#include "compiler/grammar/gramc.h"

#include <stdlib.h>
#include <string.h>

struct elem *elems;
struct entry *entries;
struct mode modes[MAX_MODES];
int n_elems, n_entries, n_modes;
struct names keys, args, handlers;

/* Entries of one mode side by side, in the order they were read. */
static void
group_by_mode(void)
{
	struct entry *sorted = calloc(MAX_ENTRIES, sizeof(*sorted));
	int i, mode, n = 0;

	if (!sorted)
		exit(1);
	for (mode = 0; mode < n_modes; mode++) {
		modes[mode].first = n;
		for (i = 0; i < n_entries; i++)
			if (entries[i].mode == mode)
				sorted[n++] = entries[i];
		modes[mode].n = n - modes[mode].first;
	}
	free(entries);
	entries = sorted;
}

static FILE *
open_output(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

int
main(int argc, char **argv)
{
	FILE *header, *source;
	int i;

	if (argc < 4 || strcmp(argv[1], "-o")) {
		fputs("usage: gramc -o DIR FILE.gram...\n", stderr);
		return 2;
	}
	elems = calloc(MAX_ELEMS, sizeof(*elems));
	entries = calloc(MAX_ENTRIES, sizeof(*entries));
	if (!elems || !entries)
		return 1;
	gramc_parse_files(argv + 3, argc - 3);
	group_by_mode();
	gramc_check();
	header = open_output(argv[2], "grammar.h");
	source = open_output(argv[2], "grammar.c");
	i = gramc_write(header, source);
	return fclose(header) || fclose(source) || i;
}
