/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the key servers of `testudo run` keep what must outlive them: FILE.store beside the
 * configuration FILE, a SQLite file whose values are sealed (runtime/store). It is opened when it
 * is first needed, so that a group member has none.
 *
 * It is sealed with the systemd credential "testudo-store-key", or else with the master key of `key
 * config-key password-encrypt`, or else with FILE.store.key, 32 random octets made when the store
 * is. Whichever of them opens it, it is sealed with the first of them from then on, and
 * FILE.store.key goes when it is not that one.
 *
 * FILE.store.mark says how far the store has come, written at every start, stop and 64 revisions: a
 * store that is not so far is an older copy.
 *
 * A store that cannot be read is put aside as FILE.store.unread, and the next one begins empty,
 * unless the configuration requires the store: then it stays as it is.
 */
#ifndef TESTUDO_RUN_STORE_H
#define TESTUDO_RUN_STORE_H

#include "runtime/crypto/secret.h"
#include "runtime/store/store.h"

/* config: the path of the configuration. To be closed with store_close. */
struct store *run_store_new(const char *config);
/* Removes what an earlier run kept (`crypto gdoi store none`); nothing is open. 0 or -errno. */
int run_store_forget(struct store *s);
/* From any thread: is an unreadable store left where it is? */
void run_store_require(struct store *s, bool required);
/*
 * The master key as it is on disk, NULL: none. Until this was said once, nothing is read or written
 * (STORE_LOCKED). Before another one is written to the disk, run_store_master_changes: a store that
 * the present one seals can then be opened without it; -errno: it cannot, and the key must stay.
 */
int run_store_master_changes(struct store *s, const char *master);
void run_store_master(struct store *s, const char *master);

/*
 * The systemd credential "testudo-store-key"; 0, -ENOENT: there is none, -STORE_CREDENTIAL: it has
 * not 32 octets, or -errno.
 */
int run_store_credential(struct secret *ret);

#endif
