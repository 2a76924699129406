/* SPDX-License-Identifier: Apache-2.0 */
/* Object groups of a firewall: an entry of an access list that names some is several entries. */
#ifndef TESTUDO_ASA_GROUPS_H
#define TESTUDO_ASA_GROUPS_H

#include "compiler/compile/compile_parts.h"

#define ASA_EXPANDED_MAX 10000 /* entries that one may become */

/* What a firewall calls an entry, or (text "") a list: the same one has the same, always. */
uint32_t asa_hash(const char *acl, const char *text);
/* Does the entry name a group? */
bool asa_has_groups(const struct tnode *ace);
/*
 * All that it stands for, beginning with what the entry itself says; each has its text. *ret is the
 * compiler's arena's. None, after complaining, when a group does not exist or there are too many.
 */
size_t asa_expand(struct compiler *c, const struct tnode *top, const struct tnode *ace,
                  const struct policy_ace *plain, const struct policy_ace **ret);

#endif
