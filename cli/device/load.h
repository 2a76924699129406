/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration text into a device, or into a tree that is nobody's running configuration: what
 * compiler/session/script.h does, with the secrets, the log and the commands of a device.
 */
#ifndef TESTUDO_LOAD_H
#define TESTUDO_LOAD_H

#include "cli/device/router.h"
#include "compiler/base/text.h"
#include "compiler/session/script.h"

/*
 * Loads a text into the running configuration; commits at the end. Commands that act are carried
 * out (router_set_actor). report: NULL is fine.
 */
struct script_count load_text(struct router *r, const char *text, script_report *report, void *arg);

/*
 * Loads a text into `tree` instead, which stays the caller's, and changes nothing else: commands
 * that act (`do`, keys) are skipped. It turns a text into a tree, and finds its faults. r: the
 * router whose master key and hashed secrets are used; NULL: none.
 */
struct script_count load_trial(const struct router *r, struct tree *tree, const char *text,
                               script_report *report, void *arg);

/* The same for lines that are indented (SCRIPT_INDENTED). */
struct script_count load_text_indented(struct router *r, const char *text, script_report *report,
                                       void *arg);
struct script_count load_trial_indented(const struct router *r, struct tree *tree, const char *text,
                                        script_report *report, void *arg);

/*
 * load_trial without a router; each command that is skipped is told, with the number of its line.
 */
typedef void load_skipped(void *arg, unsigned line, const struct command *cmd);
struct script_count load_trial_telling(struct tree *tree, const char *text, script_report *report,
                                       load_skipped *skipped, void *arg);

/* load_text_indented without a commit: between router_load_begin and router_load_end. */
struct script_count load_commands(struct router *r, const char *text, script_report *report,
                                  void *arg);

/* A refused line under its prompt and the message, as anybody may see it: secrets are hidden. */
void load_refusal_text(const struct script_refusal *refusal, struct text *ret);
/* A message about a line that may quote it: the secrets of the line are masked in it. */
void load_mask_message(const char *message, const char *line, struct text *ret);
/* auth_announces_secret, for who shows lines otherwise. */
bool load_announces_secret(const char *word, size_t n, bool first);

/*
 * A refusal as a user is told: line number, the line under its prompt, the message. And the
 * summary: "% 12 lines taken, 2 refused: 3, 7" (nothing is said of a load without refusals but
 * the number of lines).
 */
struct load_log {
	struct text refusals; /* told one by one */
	struct text numbers;  /* "3, 7" */
	size_t n;
};
#define LOAD_TOLD_MAX 50  /* refusals; of the others there is the count */
#define LOAD_LINE_MAX 400 /* octets of one */
void load_log_add(void *log, const struct script_refusal *refusal); /* a script_report */
void load_log_summary(struct load_log *log, const struct script_count *count, struct text *ret);
void load_log_fini(struct load_log *log);

#endif
