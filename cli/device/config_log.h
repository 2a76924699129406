/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of configuration commands (`archive`, `log config`): who typed what in which session of
 * configuration mode. Secrets are shown as `*` unless `no hidekeys` is configured when they are
 * typed. One for each router; a ring.
 */
#ifndef TESTUDO_CONFIG_LOG_H
#define TESTUDO_CONFIG_LOG_H

#include "compiler/base/text.h"
#include "compiler/grammar/command.h"

struct config_log;
struct router;

#define CONFIG_LOG_SIZE 100 /* entries, where the configuration says nothing; at most 1000 */

struct config_log *config_log_new(struct router *r);
void config_log_free(struct config_log *l); /* NULL is fine */
void config_log_clear(struct config_log *l);

#define CONFIG_LOG_WHO 33 /* octets of a name */

/* Whose command it is. */
struct config_author {
	const void *session; /* only compared */
	unsigned line;       /* since it entered configuration mode: one no greater begins anew */
	const char *who, *where;
};

bool config_log_enabled(const struct config_log *l); /* `logging enable` is configured */
/* Adds a command that was taken, to a log that is enabled. depth: of the mode it was typed in. */
void config_log_add(struct config_log *l, const struct config_author *by, unsigned depth,
                    const struct command *cmd);

/* A command; texts are the log's. */
struct config_logged {
	unsigned index, session;
	const char *who, *where, *command;
};

typedef void config_logged_fn(void *arg, const struct config_logged *c);

/* The last `last` of them, or all (0), oldest first. */
void config_log_each(const struct config_log *l, size_t last, config_logged_fn *fn, void *arg);

struct config_log_use {
	unsigned sessions; /* that are told apart now */
	size_t entries;
	/* Octets, since it was made. */
	uint64_t sessions_made, sessions_gone, entries_made, entries_gone;
};
void config_log_use(const struct config_log *l, struct config_log_use *ret);

#endif
