/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configurations of one or many devices looked at as somebody would who is to run them: what the
 * compiler says of each, what is weak or cannot work in one of them, and what does not fit between
 * them. Pure, like the compiler; all findings are diagnostics.
 */
#ifndef TESTUDO_CHECK_H
#define TESTUDO_CHECK_H

#include "compiler/compile/compile.h"

struct checkup;

struct checkup *checkup_new(void);
void checkup_free(struct checkup *c); /* NULL is fine */

/*
 * One device. Its diagnostics come behind those that are in diags already; diags, which must
 * outlive the checkup, and facts (copied, but not what it points to: for the call only) are the
 * caller's. Returns its policy, which lives as long as the checkup.
 */
const struct policy *checkup_add(struct checkup *c, const struct tree *config,
                                 const struct compile_facts *facts, struct diag_list *diags);

/* Compares the devices added; their diagnostics are then sorted by line. Once, at the end. */
void checkup_finish(struct checkup *c);

#endif
