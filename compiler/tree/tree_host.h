/* SPDX-License-Identifier: Apache-2.0 */
/* `ip host`: names of a router's own, which it looks up nowhere else. */
#ifndef TESTUDO_TREE_HOST_H
#define TESTUDO_TREE_HOST_H

#include "compiler/tree/tree.h"

/* The entry of a name, in any case; NULL: there is none. */
const struct tnode *tree_host(const struct tree *t, const char *name);

#endif
