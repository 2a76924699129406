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
struct router *paper_router(struct paper *p);
struct router *paper_asa(struct paper *p); /* a firewall, as well */
/* The one that a configuration is of, by what its text has: "ASA Version", or a nameif. */
struct router *paper_for(struct paper *p, const char *text);

#endif
