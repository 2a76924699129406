/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store in one file, by SQLite: WAL, synchronous=FULL. Several processes of one machine may have
 * it open. A commit that was answered outlives a loss of power.
 *
 * The file is not trusted: nothing in it is run, and what does not look as this version writes it
 * is -STORE_TORN. Each row has a sum, so that what a disk turned over is told and not served; the
 * sum has no key, and keeps nobody out who wants to change a record (store_sealed.h does).
 */
#ifndef TESTUDO_STORE_SQLITE_H
#define TESTUDO_STORE_SQLITE_H

#include "runtime/store/store.h"

#define STORE_FILE_MAX (1 << 30) /* octets; beyond it is -ENOSPC */

/*
 * Opens the file, or makes it, whole or not at all, with permissions 0600; one that has others gets
 * these. A symbolic link is -ELOOP. path's folder must be there.
 */
int store_sqlite_open(const char *path, struct store **ret);

/*
 * The same for a file that several routers share, and that somebody may remove meanwhile: a store
 * that is made begins at a revision by chance, so that those of one before it at this path are none
 * of its own (-ESTALE).
 */
int store_sqlite_share(const char *path, struct store **ret);
/*
 * Is the file at its path still the one that was opened? If not, what is written reaches nobody,
 * and the store is to be opened anew.
 */
bool store_sqlite_stands(const struct store *s);

#endif
