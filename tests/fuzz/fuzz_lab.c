/* SPDX-License-Identifier: Apache-2.0 */
/* A topology, ours or containerlab's. What is read is drawn; what is refused has a reason. */
#include <stdlib.h>

#include "cli/lab/lab_views.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
draw_lab(const char *text, size_t n)
{
	struct diag_list diags;
	struct text out = TEXT_INIT;
	struct lab_spec *spec;

	diag_list_init(&diags);
	spec = lab_spec_parse("lab.yaml", text, n, &diags);
	if (!spec && !diags.n)
		abort();
	if (spec) {
		lab_graph_dot(spec, &out);
		lab_graph_mermaid(spec, &out);
		lab_inventory(spec, 22001, &out);
	}
	lab_spec_free(spec);
	text_fini(&out);
	diag_list_fini(&diags);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct diag_list diags;
	struct text lab = TEXT_INIT, notes = TEXT_INIT;

	draw_lab((const char *)data, n);
	diag_list_init(&diags);
	if (lab_from_clab((const char *)data, n, &lab, &notes, &diags))
		draw_lab(text_string(&lab), lab.n);
	else if (!diags.n)
		abort();
	diag_list_fini(&diags);
	text_fini(&lab);
	text_fini(&notes);
	return 0;
}
