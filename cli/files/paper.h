/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A router on paper: nobody runs it. It takes configuration text as a router does, for whoever wants
 * to know what the text says.
 */
#ifndef TESTUDO_PAPER_H
#define TESTUDO_PAPER_H

#include "cli/device/router.h"

struct paper;

struct paper *paper_new(void);
void paper_free(struct paper *p);
/* There is one of each kind. */
struct router *paper_router(struct paper *p, const struct device_kind *kind);

#endif
