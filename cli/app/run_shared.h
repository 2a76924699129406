/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store that the key servers of `testudo run` share with others: etcd, as `crypto gdoi store
 * etcd` names it, or with those of this machine a file in flash, as `crypto gdoi store sqlite
 * flash:NAME` does. It is opened when it is first needed, and anew when the configuration names it
 * otherwise, when somebody has wiped and another server sealed it, or when its file was removed.
 *
 * It is sealed with the systemd credential "testudo-store-key", or else with the master key of `key
 * config-key password-encrypt`: whichever it is, all servers must have it. Without either nothing
 * is read or written (STORE_KEYLESS).
 */
#ifndef TESTUDO_RUN_SHARED_H
#define TESTUDO_RUN_SHARED_H

#include "runtime/node/node.h"
#include "runtime/store/store.h"

/* flash: the folder; NULL: there is none. To be closed with store_close. */
struct store *run_shared_new(const char *flash);
/*
 * What the policy wants from now on; keys has the pair of its trustpoint. *ret_other: it may stand
 * elsewhere than before. False: no store that is shared.
 */
bool run_shared_want(struct store *s, const struct policy *wanted, const struct keystore *keys,
                     bool *ret_other);
/* The master key, NULL: there is none. */
void run_shared_master(struct store *s, const char *master);

#endif
