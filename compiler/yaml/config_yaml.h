/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration as a document: YAML (or JSON) whose keys are the grammar's (slots.h), and back.
 *
 *   hostname: R1
 *   crypto:
 *     isakmp:
 *       policy:
 *         - number: 10
 *           encryption: aes 256
 *   ip:
 *     access-list:
 *       standard:
 *         GM_LIST:
 *           - permit 10.1.23.3
 *
 * Reading gives the lines that would be typed, so that one grammar checks both. Octets that are no
 * UTF-8 are U+EF80 to U+EFFF in the document.
 */
#ifndef TESTUDO_CONFIG_YAML_H
#define TESTUDO_CONFIG_YAML_H

#include "compiler/base/emit.h"
#include "compiler/base/diag.h"
#include "compiler/tree/tree.h"

#define CONFIG_YAML_MAX       (16u << 20) /* octets of a document */
#define CONFIG_YAML_LINES_MAX 200000      /* that it may stand for, aliases followed */
#define CONFIG_YAML_DEPTH_MAX 64
#define CONFIG_YAML_NEST_MAX  256 /* that is looked into at all */

/* The whole document; and as the value of a key. */
void config_write(const struct tree *t, enum emit_form form, struct text *out);
void config_emit(struct emit *e, const char *key, const struct tree *t);

/* Lines, one blank of indentation for each mode (SCRIPT_INDENTED). */
struct config_lines {
	struct text text;
	size_t n, capacity;
	struct config_mark { /* where each came from */
		unsigned line, column;
		const char *path; /* of its key: "crypto.isakmp.policy[0].encryption" */
	} * marks;
	struct arena *arena;
};

/*
 * False when the document is not one of a configuration: then diags says why, with places, and
 * nothing of it may be used. ret is the caller's either way (config_lines_fini).
 */
bool config_read(enum gram_mode root, const char *text, size_t n, struct config_lines *ret,
                 struct diag_list *diags);
void config_lines_fini(struct config_lines *l);

/*
 * Is the document nested deeper than any that is read, and where, from 0? libyaml's time grows with
 * the square of the depth, so that this is asked first. False too where the document is none.
 */
bool config_yaml_too_deep(const char *text, size_t n, size_t *ret_line, size_t *ret_column);

/* By the name of a file: *.yaml or *.yml. */
bool config_is_yaml(const char *name);

/* JSON Schema (draft 2020-12) of such documents; lab: of topologies with such documents in them. */
void config_schema(bool lab, struct text *out);

#endif
