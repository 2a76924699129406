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
/* The last `last` entries, or all (0). "% Config Logger disabled." when it is. */
void config_log_show(const struct config_log *l, size_t last, struct text *ret);
void config_log_statistics(const struct config_log *l, struct text *ret);

#endif
