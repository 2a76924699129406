/* SPDX-License-Identifier: Apache-2.0 */
/* How diagnostics of a configuration are told. */
#ifndef TESTUDO_SHOW_CONFIG_H
#define TESTUDO_SHOW_CONFIG_H

#include "compiler/base/diag.h"
#include "compiler/base/text.h"

/* All of them, each with its line and what is pointed at, and how many there are. */
void show_diagnostics(struct text *t, const struct diag_list *l);

#endif
