/* SPDX-License-Identifier: Apache-2.0 */
/* A lab's topology as other programs take it, without bringing it up. */
#ifndef TESTUDO_LAB_VIEWS_H
#define TESTUDO_LAB_VIEWS_H

#include "cli/lab/lab.h"
#include "compiler/base/text.h"

/* A drawing: of Graphviz (dot -Tsvg), or of Mermaid. */
void lab_graph_dot(const struct lab_spec *spec, struct text *out);
void lab_graph_mermaid(const struct lab_spec *spec, struct text *out);

/*
 * An inventory of Ansible (YAML): every node at this machine's SSH port, which are ssh_base and on
 * as a live lab has them. Groups are the kinds, and the aliases.
 */
void lab_inventory(const struct lab_spec *spec, unsigned ssh_base, struct text *out);

/*
 * A topology of containerlab as a lab: a lab.yaml into out, and into notes (lines) what of it is
 * left out or is to be filled in. False: it is none; what is wrong is in diags (initialised by the
 * caller), with line and column.
 */
bool lab_from_clab(const char *text, size_t n, struct text *out, struct text *notes,
                   struct diag_list *diags);

#endif
