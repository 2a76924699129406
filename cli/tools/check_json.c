/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics for programs: JSON of our own, and SARIF 2.1.0 (OASIS). */
#include <string.h>

#include "cli/tools/check.h"
#include "compiler/base/emit.h"
#include "compiler/check/explain.h"

#define SARIF_SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

/* --- JSON ------------------------------------------------------------------------------------- */

static void
json_diag(struct emit *e, const struct check_file *f, const struct diag *d)
{
	unsigned length, column = check_column(f, d, &length);
	const struct explanation *x = explain_find(d->id);

	emit_map(e, NULL);
	emit_string(e, "id", d->id);
	emit_string(e, "severity", severity_text(d->severity));
	emit_string(e, "message", d->message);
	if (d->line)
		emit_int(e, "line", d->line);
	if (column) {
		emit_int(e, "column", column);
		emit_int(e, "length", length);
	}
	if (*d->suggest)
		emit_string(e, "suggestion", d->suggest);
	emit_string(e, "explanation", x ? x->page : NULL);
	emit_end(e);
}

void
check_write_json(const struct check_file *files, size_t n, struct text *out)
{
	struct emit *e = emit_new(EMIT_JSON, out);
	struct check_count c = check_count(files, n);

	emit_map(e, NULL);
	emit_list(e, "devices");
	for (size_t i = 0; i < n; i++) {
		emit_map(e, NULL);
		emit_string(e, "file", files[i].path);
		emit_string(e, "hostname", files[i].policy->hostname);
		emit_list(e, "diagnostics");
		for (size_t k = 0; k < files[i].diags.n; k++)
			json_diag(e, &files[i], &files[i].diags.items[k]);
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
	emit_int(e, "errors", (int64_t)c.errors);
	emit_int(e, "warnings", (int64_t)c.warnings);
	emit_int(e, "notes", (int64_t)c.notes);
	emit_free(e);
}

/* --- SARIF ------------------------------------------------------------------------------------ */

static void
sarif_text(struct emit *e, const char *key, const char *text)
{
	emit_map(e, key);
	emit_string(e, "text", text);
	emit_end(e);
}

static void
sarif_rules(struct emit *e)
{
	emit_list(e, "rules");
	for (size_t i = 0; i < explain_count(); i++) {
		const struct explanation *x = explain_at(i);

		emit_map(e, NULL);
		emit_string(e, "id", x->id);
		sarif_text(e, "shortDescription", x->title);
		sarif_text(e, "fullDescription", x->page);
		sarif_text(e, "help", x->page);
		emit_end(e);
	}
	emit_end(e);
}

static void
sarif_region(struct emit *e, const struct check_file *f, const struct diag *d)
{
	unsigned length, column = check_column(f, d, &length);

	emit_map(e, "region");
	emit_int(e, "startLine", d->line);
	if (column) {
		emit_int(e, "startColumn", column);
		emit_int(e, "endColumn", (int64_t)column + (length ? length : 1));
	}
	emit_end(e);
}

static void
sarif_result(struct emit *e, const struct check_file *f, const struct diag *d)
{
	emit_map(e, NULL);
	emit_string(e, "ruleId", d->id);
	emit_string(e, "level", severity_text(d->severity));
	emit_map(e, "message");
	if (*d->suggest)
		emit_printf(e, "text", "%s. Suggestion: %s", d->message, d->suggest);
	else
		emit_string(e, "text", d->message);
	emit_end(e);
	emit_list(e, "locations");
	emit_map(e, NULL);
	emit_map(e, "physicalLocation");
	emit_map(e, "artifactLocation");
	emit_string(e, "uri", f->path);
	emit_end(e);
	if (d->line)
		sarif_region(e, f, d);
	emit_end(e);
	emit_end(e);
	emit_end(e);
	emit_end(e);
}

void
check_write_sarif(const struct check_file *files, size_t n, struct text *out)
{
	struct emit *e = emit_new(EMIT_JSON, out);

	emit_map(e, NULL);
	emit_string(e, "$schema", SARIF_SCHEMA);
	emit_string(e, "version", "2.1.0");
	emit_list(e, "runs");
	emit_map(e, NULL);
	emit_map(e, "tool");
	emit_map(e, "driver");
	emit_string(e, "name", "testudo check");
	sarif_rules(e);
	emit_end(e);
	emit_end(e);
	emit_list(e, "results");
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < files[i].diags.n; k++)
			sarif_result(e, &files[i], &files[i].diags.items[k]);
	emit_free(e);
}
