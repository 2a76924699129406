/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the key servers of `testudo run` keep what must outlive them: FILE.store beside the
 * configuration FILE, a SQLite file whose values are sealed (runtime/store). It is opened when it
 * is first needed, so that a group member has none.
 *
 * Its key is the systemd credential "testudo-store-key", or else FILE.store.key, 32 random octets
 * made when the store is.
 *
 * A store that cannot be read is put aside as FILE.store.unread, and the next one begins empty,
 * unless the configuration requires the store: then it stays as it is.
 */
#ifndef TESTUDO_RUN_STORE_H
#define TESTUDO_RUN_STORE_H

#include "runtime/store/store.h"

/* config: the path of the configuration. To be closed with store_close. */
struct store *run_store_new(const char *config);
/* From any thread: is an unreadable store left where it is? */
void run_store_require(struct store *s, bool required);

#endif
