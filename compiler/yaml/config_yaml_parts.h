/* SPDX-License-Identifier: Apache-2.0 */
/* For those who have a document of libyaml in hand. */
#ifndef TESTUDO_CONFIG_YAML_PARTS_H
#define TESTUDO_CONFIG_YAML_PARTS_H

#include <yaml.h>

#include "compiler/yaml/config_yaml.h"

/* config_read of a part of a document, under `key` in messages (NULL: all of it). */
bool config_read_node(enum gram_mode root, yaml_document_t *doc, const yaml_node_t *node,
                      const char *key, struct config_lines *ret, struct diag_list *diags);

#endif
