/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `testudo check` and `testudo explain`: the compiler as a command. Files are read as devices'
 * configurations, looked at one by one and together, and what is found is written for people or
 * for programs.
 */
#ifndef TESTUDO_CHECK_COMMAND_H
#define TESTUDO_CHECK_COMMAND_H

#include "cli/lab/lab.h"
#include "compiler/base/text.h"
#include "compiler/yaml/config_yaml.h"
#include "compiler/check/check.h"

extern const char check_help[], explain_help[];

/* Read argv from argv[2] on; the exit status. */
int check_main(int argc, char **argv);
int explain_main(int argc, char **argv);

/* --- shared by the files of this folder ------------------------------------------------------- */

#define CHECK_FILE_MAX (16u << 20) /* octets */

/* One configuration. */
struct check_file {
	const char *path; /* as given */
	char *text;
	const char **starts; /* of its lines (check_index) */
	size_t n_starts, starts_capacity;
	struct diag_list diags;
	const struct policy *policy;      /* the checkup's */
	struct config_lines lines;        /* of a file in YAML: what it stands for */
	const struct lab_node_spec *node; /* the file is a lab: which of its nodes; else NULL */
};

void check_file_fini(struct check_file *f); /* but for the text */

/*
 * The text as typed in configuration mode, or YAML; refused lines become diagnostics. Adds the
 * device to the checkup.
 */
void check_read(struct checkup *checkup, struct check_file *f);

/* Is the file a lab (lab.h), with many devices in it? */
bool check_is_lab(const struct check_file *f);
/* The lab; NULL after saying on stderr what is wrong with it. The caller's (lab_spec_free). */
struct lab_spec *check_lab(const struct check_file *f);
/* check_read of a file that is a node of a lab. */
void check_read_node(struct checkup *checkup, struct check_file *f);
/* A refused line becomes a diagnostic: load.h's report, its arg the file. */
struct script_refusal;
void check_refused(void *arg, const struct script_refusal *refusal);

/* Compares the devices (checkup_finish); then diagnostics point into the files as they are. */
void check_finish(struct checkup *checkup, struct check_file *files, size_t n);

/* So that many lines are found soon; check_finish does it. */
void check_index(struct check_file *f);
/* A line of the file without its end; what follows words that announce a secret is hidden. */
void check_line(const struct check_file *f, unsigned line, struct text *ret);
/* Where in that line the diagnostic points: its column from 1, 0 when it is about no place. */
unsigned check_column(const struct check_file *f, const struct diag *d, unsigned *ret_length);

struct check_count {
	size_t errors, warnings, notes;
};
struct check_count check_count(const struct check_file *files, size_t n);

void check_write_text(const struct check_file *files, size_t n, struct text *out);
void check_write_json(const struct check_file *files, size_t n, struct text *out);
void check_write_sarif(const struct check_file *files, size_t n, struct text *out);
/* What the runtime would do: YAML, a document for each device. */
void check_write_policy(const struct check_file *files, size_t n, struct text *out);

#endif
