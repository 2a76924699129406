/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master key of `key config-key password-encrypt`: what encrypts pre-shared keys of type 6. It
 * is kept with the router's other keys, not in the configuration, and survives a reload as they do.
 */
#ifndef TESTUDO_AUTH_MASTER_H
#define TESTUDO_AUTH_MASTER_H

#include "cli/accounts/accounts.h"

#define AUTH_MASTER_MIN 8
#define AUTH_MASTER_MAX 127 /* octets */

/* False: there is none. ret is a string, the caller's to wipe. */
bool auth_master(struct accounts book, char ret[static AUTH_MASTER_MAX + 1]);
bool auth_master_of(const struct keystore *keys, char ret[static AUTH_MASTER_MAX + 1]);
/*
 * NULL: forgets it; keys of type 6 stay as they are. A new one takes over: what the old one opens
 * is encrypted anew, and with `password encryption aes` what is in clear is encrypted. now: the
 * wall clock, milliseconds since 1970. The caller sees to it that the configuration is compiled.
 */
void auth_set_master(struct accounts book, const char *master, int64_t now);

/* Type 6 there and back, in the arena. NULL: no master key, or not this one. */
const char *auth_key_seal(struct accounts book, const char *clear, struct arena *a);
const char *auth_key_open(struct accounts book, const char *sealed, struct arena *a);

#endif
