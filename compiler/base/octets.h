/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configurations are octets, documents are UTF-8. What is no UTF-8 becomes U+EF80 to U+EFFF, a
 * character for each octet, and comes back as it was; such characters themselves go the same way.
 */
#ifndef TESTUDO_OCTETS_H
#define TESTUDO_OCTETS_H

#include "compiler/base/base.h"

/* Octets of the UTF-8 sequence that begins at s (RFC 3629); 0: none does. */
size_t utf8_sequence(const unsigned char *s);

/*
 * Octets of the character that begins at s, of which n (1 or more) are there; what is no UTF-8 is
 * one octet. *ret_steers: a terminal takes it for a command (C0, DEL, C1; a line end, too).
 */
size_t octets_character(const char *s, size_t n, bool *ret_steers);

/* Both are the caller's to free. */
char *octets_to_utf8(const char *octets);
char *utf8_to_octets(const char *utf8);

#endif
