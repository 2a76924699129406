/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords as IOS stores them, by the number in front of them in a configuration:
 *
 *      0  clear text
 *      4  SHA-256 without salt or rounds: read, for old configurations, and never made
 *      5  MD5-crypt, $1$salt$hash
 *      6  AES under the router's master key: can be undone by who has that (type6.h)
 *      7  the published Vigenere table: can be undone by anybody (hides from a glance)
 *      8  PBKDF2-HMAC-SHA256, 20 000 rounds, $8$salt$hash
 *      9  scrypt, N 16384, r 1, p 1, $9$salt$hash
 *
 * The texts are the router's own, both ways: a configuration can be carried over. Every function is
 * pure but for the random salts, and those for checking may run in any thread.
 */
#ifndef TESTUDO_PASSWD_H
#define TESTUDO_PASSWD_H

#include "compiler/base/base.h"

enum passwd_type {
	PASSWD_CLEAR = 0,
	PASSWD_SHA256 = 4,
	PASSWD_MD5 = 5,
	PASSWD_SEALED = 6,
	PASSWD_HIDDEN = 7,
	PASSWD_PBKDF2 = 8,
	PASSWD_SCRYPT = 9
};

#define PASSWD_MAX      254 /* octets of clear text */
#define PASSWD_TEXT_MAX 576 /* of any stored form, its terminator among them */

/* Types 5, 8 and 9, with a new salt. False: no such type, or too long a password. */
bool passwd_hash(enum passwd_type type, const char *clear, char ret[static PASSWD_TEXT_MAX]);
/* Has the text the form of its type? Of type 0 everything has that is not too long. */
bool passwd_valid(enum passwd_type type, const char *stored);
/*
 * Is this the password that is stored? Any type but 6; in constant time for what is stored. A text
 * that is not valid is nobody's password.
 */
bool passwd_verify(enum passwd_type type, const char *stored, const char *clear);

/* Type 7. False: too long, or no text of type 7. What ret holds is the caller's to wipe. */
bool passwd_hide(const char *clear, char ret[static PASSWD_TEXT_MAX]);
bool passwd_show(const char *hidden, char ret[static PASSWD_MAX + 1]);

#endif
