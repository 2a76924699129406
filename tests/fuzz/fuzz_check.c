/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configurations into `testudo check`: up to four of them, cut at NULs, read, compared and written
 * in every form. A diagnostic has a page and points into its line.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/app/commands.h"
#include "cli/tools/check.h"
#include "compiler/check/explain.h"

#define FILES_MAX 4
#define TEXT_MAX  8192 /* keeps one input short */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
look_at_diags(const struct check_file *f)
{
	for (size_t i = 0; i < f->diags.n; i++) {
		const struct diag *d = &f->diags.items[i];
		struct text line = TEXT_INIT;
		unsigned length, column = check_column(f, d, &length);

		check_line(f, d->line, &line);
		if (!explain_find(d->id) || column > line.n + 1)
			abort();
		text_fini(&line);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct check_file files[FILES_MAX] = {0};
	struct checkup *checkup = checkup_new();
	struct text out = TEXT_INIT;
	char *text = x_alloc(TEXT_MAX), *at = text;
	size_t n_files = 0;

	commands_install();
	n = n < TEXT_MAX - 1 ? n : TEXT_MAX - 1;
	memcpy(text, data, n);
	while (n_files < FILES_MAX && at <= text + n) {
		struct check_file *f = &files[n_files++];

		*f = (struct check_file){.path = "fuzz.cfg", .text = x_strdup(at)};
		at += strlen(at) + 1;
		check_read(checkup, f);
	}
	check_finish(checkup, files, n_files);
	check_write_text(files, n_files, &out);
	check_write_json(files, n_files, &out);
	check_write_sarif(files, n_files, &out);
	check_write_policy(files, n_files, &out);
	for (size_t i = 0; i < n_files; i++) {
		look_at_diags(&files[i]);
		check_file_fini(&files[i]);
		free(files[i].text);
	}
	text_fini(&out);
	checkup_free(checkup);
	free(text);
	return 0;
}
