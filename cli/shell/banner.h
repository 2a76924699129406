/* SPDX-License-Identifier: Apache-2.0 */
/* The banners that are shown on a line. */
#ifndef TESTUDO_BANNER_H
#define TESTUDO_BANNER_H

#include "cli/device/router.h"

/*
 * The text of a configured banner (KEY_BANNER_MOTD ...), to be freed, with a line end at its end;
 * NULL: none.
 */
char *banner_text(struct router *r, enum gram_key key);

#endif
