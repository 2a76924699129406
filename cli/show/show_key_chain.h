/* SPDX-License-Identifier: Apache-2.0 */
/* `show key chain | json`. */
#ifndef TESTUDO_SHOW_KEY_CHAIN_H
#define TESTUDO_SHOW_KEY_CHAIN_H

#include "cli/show/structured.h"

void structured_key_chains(struct showing *s, struct emit *e);

#endif
