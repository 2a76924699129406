/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Type 6 passwords: what a router keeps encrypted under the master key of `key config-key
 * password-encrypt`. The format is the one Cisco has published (CiscoDevNet, "Type-6 Password
 * Encode"), so that keys may be carried from a router to here and back.
 *
 * An 8-octet salt makes two keys under MD5(master key): AES of salt|0..0 authenticates, AES of
 * salt|0..01 encrypts in a counter mode of its own (the block's number is the fourth octet). The
 * text is base 41, from 'A' on, of salt | ciphertext | HMAC-SHA1 of the ciphertext cut to 4 octets.
 */
#ifndef TESTUDO_TYPE6_H
#define TESTUDO_TYPE6_H

#include "compiler/base/base.h"

#define TYPE6_CLEAR_MAX 128 /* octets of what can be hidden */
/* The text of it, its NUL included: three characters for each two octets, and for the padding. */
#define TYPE6_TEXT_MAX (((8 + TYPE6_CLEAR_MAX + 4) / 2 + 1) * 3 + 1)

/* False: too long. A fresh salt each time. */
bool type6_encrypt(struct span master, struct span clear, char text[static TYPE6_TEXT_MAX]);
/*
 * clear is a string, NUL included, of at most TYPE6_CLEAR_MAX octets; to be wiped by the caller.
 * False: not such a text, or encrypted under another master key; clear is empty then.
 */
bool type6_decrypt(struct span master, const char *text, char clear[static TYPE6_CLEAR_MAX + 1]);
bool type6_valid(const char *text); /* by its form; the master key is not needed */

#endif
