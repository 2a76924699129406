/* SPDX-License-Identifier: Apache-2.0 */
/* Loads YAML documents into a router, as load.h loads text. */
#ifndef TESTUDO_CONFIG_LOAD_H
#define TESTUDO_CONFIG_LOAD_H

#include "cli/device/load.h"
#include "compiler/yaml/config_yaml.h"

/*
 * Loads a document into a tree, as load_trial does (r: NULL is fine). What is wrong with the
 * document, or is refused, becomes a diagnostic with its place and the path of its key. True when
 * there was none; only then may the tree be used.
 */
bool config_load(const struct router *r, struct tree *tree, const char *text, size_t n,
                 struct diag_list *diags);

/* "FILE:4:7: error: crypto.isakmp: unknown key", a line each, into ret. */
void config_tell(const char *file, const struct diag_list *diags, struct text *ret);

#endif
