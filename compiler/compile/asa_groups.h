/* SPDX-License-Identifier: Apache-2.0 */
/* Object groups of a firewall: an entry of an access list that names some is several entries. */
#ifndef TESTUDO_ASA_GROUPS_H
#define TESTUDO_ASA_GROUPS_H

#include "compiler/compile/compile_parts.h"

/*
 * The hexadecimal number by which a firewall names an entry or, when text is "", a list. It depends
 * on the name and the text alone, so it never changes.
 */
uint32_t asa_hash(const char *acl, const char *text);
/* Does the entry name a group? */
bool asa_has_groups(const struct tnode *ace);
/*
 * The entries that an entry with groups stands for, the entry itself first; each has its text. *ret
 * lies in the compiler's arena. Returns 0, after complaining, when a group does not exist or there
 * would be too many entries.
 */
size_t asa_expand(struct compiler *c, const struct tnode *top, const struct tnode *ace,
                  const struct policy_ace *plain, const struct policy_ace **ret);

#endif
