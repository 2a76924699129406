/* SPDX-License-Identifier: Apache-2.0 */
/* The time zone that a configuration says, for the times that are shown. */
#ifndef TESTUDO_TREE_CLOCK_H
#define TESTUDO_TREE_CLOCK_H

#include "compiler/base/clock.h"
#include "compiler/tree/tree.h"

/* `clock timezone` and `clock summer-time`, without them UTC: valid without the tree. */
void tree_clock_zone(const struct tree *t, struct clock_zone *ret);
/* 0 to 11 of a command's or a node's word ("Mar"). */
unsigned tree_clock_month(const char *word);

#endif
