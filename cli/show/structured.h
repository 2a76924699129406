/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show ... | json` and `| yaml`: what the shows say, for scripts. Keys are stable: new ones may
 * come, those that are there keep their meaning. Times are whole seconds (`_seconds`), SPIs and
 * cookies texts ("0x..."), what is not there is null. Secrets never come.
 */
#ifndef TESTUDO_STRUCTURED_H
#define TESTUDO_STRUCTURED_H

#include "cli/show/show_cmd.h"
#include "compiler/base/emit.h"

typedef void structured_fn(struct showing *s, struct emit *e);

/* How one show is told. role and parts are for those of GDOI. */
struct command_view {
	enum gram_handler handler;
	structured_fn *put; /* into an open map */
	enum group_role role;
	unsigned parts;
};

/* For the shell's table of commands: NULL, the command has no form of its own. */
const struct command_view *structured_view(const struct command *cmd);
void structured_show(struct shell *sh, const struct command *cmd, const struct command_view *view,
                     enum emit_form form);
/* What a command without one says: `lines`. */
void structured_lines(struct shell *sh, const char *text, enum emit_form form);

/* --- shared by its files ---------------------------------------------------------------------- */

void emit_addr(struct emit *e, const char *key, uint32_t addr); /* 0: null */
void emit_hex(struct emit *e, const char *key, const uint8_t *p, size_t n);
void emit_selector(struct emit *e, const struct selector *s); /* into an open map */

/* structured_crypto.c; key: of the list */
void emit_isakmp_policies(struct emit *e, const char *key, const struct policy *policy);

/* structured_gdoi.c, structured_crypto.c ...: ends where put is NULL */
extern const struct command_view structured_gdoi[], structured_crypto[], structured_ip[],
    structured_system[], structured_session[], structured_process[], structured_files[],
    structured_absent[], structured_vrf[], structured_routing[], structured_multicast[],
    structured_line[], structured_testudo[], structured_archive[], structured_tech[];

/* structured_coop.c: `redundancy` and `coop_identifier` of a group, into its open map. */
void structured_coop(struct emit *e, const struct snap_group *g, const struct policy_group *p);
void structured_coop_identifier(struct emit *e, const struct snap_group *g,
                                const struct policy_group *p);

/* structured_lines.c: what a session has opened on other devices, as `connections`. */
void structured_connections(struct shell *on, struct emit *e);

#endif
