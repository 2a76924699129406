/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a lab outlives it on disk: for each node what `write memory` has saved, and its flash.
 *
 *     DIR/R1/startup-config
 *     DIR/R1/keys               the key pairs that were saved with it: secret
 *     DIR/R1/flash/...
 *
 * Folders and files that it makes are their owner's alone.
 */
#ifndef TESTUDO_LAB_KEEP_H
#define TESTUDO_LAB_KEEP_H

#include "cli/files/files.h"
#include "cli/lab/lab.h"
#include "runtime/crypto/secret.h"

#define LAB_KEEP_STARTUP "startup-config"
#define LAB_KEEP_KEYS    "keys"
#define LAB_KEEP_FLASH   "flash"

/* Makes the folder and that of each node, where they are not there yet. 0 or -errno. */
int lab_keep_open(const char *dir, const struct lab_spec *spec);

struct files *lab_keep_flash(const char *dir, const char *node);
/* What a node has saved, FILES_SIZE_MAX octets at most. 0, or -errno: -ENOENT, there is none. */
int lab_keep_read_startup(const char *dir, const char *node, struct text *ret);
int lab_keep_read_keys(const char *dir, const char *node, struct secret *ret);
/* Writes both of a node; startup NULL: it was erased. 0 or -errno. */
int lab_keep_write(const char *dir, const char *node, const char *startup,
                   const struct keystore *keys);

/*
 * Of a lab that keeps nothing: gives what its nodes have saved, and what is in their flash, to
 * somebody who does, who puts it there with lab_keep_put. name: as it stands in the node's folder.
 * An empty LAB_KEEP_STARTUP: it was erased. The first error ends it, and is returned.
 */
typedef int lab_keep_taker(void *arg, const char *node, const char *name, struct span text);
int lab_keep_give(struct lab *lab, lab_keep_taker *take, void *arg);
/* -EINVAL: no node, or no file of one, has such a name. */
int lab_keep_put(const char *dir, const char *node, const char *name, struct span text);

#endif
