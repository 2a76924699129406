/* SPDX-License-Identifier: Apache-2.0 */
/* Files in YAML for `copy`, `configure replace` and their like. told: whole lines for the user. */
#ifndef TESTUDO_CONFIG_FILE_H
#define TESTUDO_CONFIG_FILE_H

#include "cli/device/router.h"
#include "compiler/base/text.h"

/*
 * Merges the document into the running configuration: all of it or, when anything is wrong,
 * nothing; then false.
 */
bool config_file_merge(struct router *r, const char *file, const struct text *yaml,
                       struct text *told);
/* Turns a whole configuration into IOS text; false when anything is wrong. */
bool config_file_ios(struct router *r, const char *file, const struct text *yaml, struct text *ret,
                     struct text *told);
/* Turns IOS text into YAML; lines that are not configuration are left out. */
void config_file_yaml(struct router *r, const struct text *ios, struct text *ret);

#endif
