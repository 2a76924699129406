/* SPDX-License-Identifier: Apache-2.0 */
/* How a banner stands in the configuration: `banner motd DtextD`, D being its delimiter. */
#ifndef TESTUDO_SESSION_BANNER_H
#define TESTUDO_SESSION_BANNER_H

#include <stddef.h>

#define BANNER_CARET_C "^C" /* as IOS shows Ctrl-C, and takes it back from a paste */

/* The octets of the delimiter that a text begins with: it is ^C, or one character. */
size_t banner_delimiter(const char *text);

#endif
