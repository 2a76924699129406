/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What accounts, privilege levels and secrets are read from: a configuration, and the keys that a
 * device keeps beside it. All of it is borrowed. A device hands out its own (router_accounts); a
 * trial of a configuration has another tree.
 */
#ifndef TESTUDO_ACCOUNTS_H
#define TESTUDO_ACCOUNTS_H

#include "compiler/tree/tree.h"
#include "runtime/node/keystore.h"

struct login_guard;

struct accounts {
	struct tree *tree;
	const struct tree *running; /* the configuration in force: tree itself, but on a trial */
	struct keystore *keys;      /* with the master key; NULL: a text that is no device's */
	struct login_guard *guard;  /* of the device; NULL: a text that is no device's */
	enum gram_mode enable;      /* privileged EXEC of this kind of device */
};

#endif
