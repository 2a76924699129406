/* SPDX-License-Identifier: Apache-2.0 */
/* Files in YAML for `copy`, `configure replace` and their like. told: whole lines for the user. */
#ifndef TESTUDO_CONFIG_FILE_H
#define TESTUDO_CONFIG_FILE_H

#include "cli/device/router.h"
#include "compiler/base/text.h"

/* Into the running configuration, all of it or, when anything is wrong, nothing: then false. */
bool config_file_merge(struct router *r, const char *file, const struct text *yaml,
                       struct text *told);
/* A whole configuration as IOS text; false when anything is wrong. */
bool config_file_ios(struct router *r, const char *file, const struct text *yaml, struct text *ret,
                     struct text *told);
/* The other way; what of the text is no configuration is left out. */
void config_file_yaml(struct router *r, const struct text *ios, struct text *ret);

#endif
