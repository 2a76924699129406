/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a kind of device is: a router, or a firewall. Every place where one kind differs from
 * another asks this table, and none asks which kind it has before it. A new kind is one file here
 * that fills in the table, its line in DEVICE_KINDS, and its modes in a grammar file.
 */
#ifndef TESTUDO_DEVICE_KIND_H
#define TESTUDO_DEVICE_KIND_H

#include "compiler/base/text.h"
#include "compiler/compile/compile.h"
#include "compiler/compile/objection.h"

/* What follows from a line that was taken. */
struct device_follow {
	const char *container; /* a line of global configuration; NULL: the same mode */
	const char *line;      /* typed next, there; NULL: the container is all */
	const char *note;      /* what the user is told, with its line end */
};

struct device_kind {
	const char *name;       /* `kind:` in a lab, `--NAME` of `testudo convert` */
	const char *hostname;   /* before there is one in the configuration */
	const char *network_os; /* what Ansible calls it */

	/* Where its commands are in the grammar. */
	enum gram_mode config; /* in which its configuration begins */
	enum gram_mode enable; /* privileged EXEC */
	bool exec_in_config; /* EXEC commands are taken in every configuration mode, without `do` */

	/* How its configurations are recognised, and what of them is no command. */
	const char *const *signs; /* beginnings of lines that only its own have; ends with NULL */
	bool (*is_heading)(const char *line); /* a line that `show running-config` adds */

	/* What the command line says, with line ends. */
	const char *greeting; /* on `configure terminal`; "": nothing */
	const char *invalid;  /* under the caret */
	const char *incomplete;
	const char *ambiguous; /* a format with one %s: the line */

	/* A configuration line, before it changes the tree and after; `follow` may be NULL. */
	bool (*objection)(const struct tree *t, const struct tnode *context,
	                  const struct command *cmd, const struct objection_facts *facts,
	                  struct arena *a, struct objection *ret);
	/* at: the node of the mode that the line was typed in. Texts in the arena or constant. */
	bool (*follow)(const struct tree *t, const struct tnode *at, const struct command *cmd,
	               struct arena *a, struct device_follow *ret);

	/* Its configuration. */
	const struct compile_kind *compile; /* from tree to policy */
	/* With head and end, as `show running-config` prints it; NULL: as render_config does. */
	void (*render)(const struct tree *config, struct text *ret);
	/*
	 * The line that sets a route, in the arena; NULL: its next hop is in the network of no
	 * interface that the line could name. t: the configuration that it follows; NULL: none yet.
	 */
	const char *(*route)(const struct tree *t, struct prefix to, uint32_t via, struct arena *a);
};

/*
 * The kinds there are, each in a file of its own: device_router in kind_router.c. The first is what
 * a device is when nothing says otherwise.
 */
#define DEVICE_KINDS(X)                                                                            \
	X(router)                                                                                  \
	X(firewall)

#define DECLARE_KIND(name) extern const struct device_kind device_##name;
DEVICE_KINDS(DECLARE_KIND)
#undef DECLARE_KIND

#define DEVICE_KINDS_MAX 8
/* The list of them, ended by NULL. */
extern const struct device_kind *const device_kinds[DEVICE_KINDS_MAX];

const struct device_kind *device_kind_named(const char *name); /* NULL: there is none */
/* Whose configuration begins in this mode; NULL: nobody's. */
const struct device_kind *device_kind_in(enum gram_mode config);
const struct device_kind *device_kind_of(const struct tree *t);
/* Whose configuration a text is, IOS or YAML, by the signs in it. */
const struct device_kind *device_kind_guess(const char *text);

#endif
