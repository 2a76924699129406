/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A router as its users know it: a configuration tree that becomes policy, a node that runs it,
 * a startup configuration and keys that survive a reload, a log, and the shells that are open.
 * It belongs to the loop's thread.
 */
#ifndef TESTUDO_ROUTER_H
#define TESTUDO_ROUTER_H

#include "cli/accounts/accounts.h"
#include "compiler/base/clock.h"
#include "compiler/base/diag.h"
#include "compiler/device/device_kind.h"
#include "compiler/tree/render.h"
#include "compiler/tree/tree.h"
#include "runtime/node/node.h"

struct archive;
struct client_starter;
struct config_log;
struct files;
struct reload;
struct router;
struct config_session;

#define ROUTER_LOG_MAX 1000 /* lines kept for `show logging`, each LOG_TEXT_MAX octets at most */

/* The node is borrowed and already attached to its host. name: the lab's name for it. */
struct router *router_new(const char *name, struct node *node);
/* Another kind of device. */
struct router *router_new_as(const char *name, struct node *node, const struct device_kind *kind);
const struct device_kind *router_kind(const struct router *r);
struct tree *router_tree_new(const struct router *r); /* an empty configuration of its kind */
void router_free(struct router *r);

const char *router_name(const struct router *r);
const char *router_hostname(const struct router *r); /* as configured, else the name */
struct node *router_node(struct router *r);
struct tree *router_tree(struct router *r);
/* The router's users, levels and keys; valid until its configuration is another tree. */
struct accounts router_accounts(const struct router *r);

/* Marks the configuration changed; router_commit compiles and applies it. */
void router_touch(struct router *r);
/*
 * Compiles and applies what changed since the last commit (nothing to do is quick). New
 * diagnostics about a misspelt name are logged at once, all new ones when `complete`
 * (configuration mode was left).
 */
void router_commit(struct router *r, bool complete);
const struct diag_list *router_diags(const struct router *r); /* of the last commit */
void router_diag_log(struct router *r, const struct diag *d);
/* Does the suggestion correct the word pointed at, rather than say what is missing? */
bool router_diag_corrects(const struct diag *d);

/*
 * Takes configuration text line by line, as typed in configuration mode, without echo; messages
 * for wrong lines go to `report` (line number, text as the shell would print). Returns how many
 * lines were refused. Commits at the end.
 */
size_t router_load(struct router *r, const char *text,
                   void (*report)(void *arg, unsigned line, const char *text), void *arg);

/*
 * For load.c: between begin and end, lines come from a text. Give end, which commits, the result of
 * begin.
 */
bool router_load_begin(struct router *r);
bool router_is_loading(const struct router *r);
#define ROUTER_LOADING "% A configuration is being loaded\n"
void router_load_end(struct router *r, bool within);

/*
 * Who carries out commands that act (`crypto key generate`, `do show clock`) when they stand in a
 * text that is loaded: opened for the first of them, closed with the text. What is refused is
 * marked in the session (session_mark_refused). asks: it waits for lines, which `answer` gets.
 */
struct router_actor {
	void *(*open)(struct router *r, struct config_session *s);
	void (*run)(void *acting, const struct command *cmd);
	bool (*asks)(void *acting);
	void (*answer)(void *acting, const char *line);
	void (*close)(void *acting);
};
void router_set_actor(struct router *r, const struct router_actor *actor); /* borrowed */
const struct router_actor *router_actor(const struct router *r);           /* NULL: nobody */

/* Compiles a tree without applying it; appends the diagnostics to diags. */
void router_check(struct router *r, const struct tree *tree, struct diag_list *diags);
/* A `report` for router_load, its arg the router: the line goes to the log, without its text. */
void router_report_load(void *router, unsigned line, const char *text);
/*
 * Does the machine (or the lab's topology) have an interface of this name? True as well when its
 * interfaces are not known.
 */
bool router_has_interface(const struct router *r, const char *name);

/* The router's files (files.h), in memory until the owner gives it others. */
struct files *router_files(struct router *r);
void router_set_files(struct router *r, struct files *take_files);

struct reload *router_reload(struct router *r); /* one that is scheduled (reload.h) */
/* Copies of its configurations and changes that wait (archive.h); what was typed (config_log.h). */
struct archive *router_archive(struct router *r);
struct config_log *router_config_log(struct router *r);

/* Running and startup configuration. */
void router_render_running(struct router *r, render_sink *sink, void *arg);
const char *router_startup(const struct router *r); /* NULL: none */
/* NULL: erased. 0, or what the owner's `saved` returns, and then all is as it was. */
int router_set_startup(struct router *r, const char *text);
/* How many sessions there have been on a terminal line (line.h), to read and to count. */
#define ROUTER_TTYS 1444
unsigned *router_line_uses(struct router *r, unsigned tty);
/* Counts what was saved: every write_memory and set_startup. */
unsigned router_saves(const struct router *r);
int router_write_memory(struct router *r); /* the same of the running configuration, keys too */
const struct keystore *router_saved_keys(const struct router *r);        /* with the startup */
void router_restore_keys(struct router *r, const struct keystore *keys); /* saved and in use */
/*
 * Keeps a key that the router made for itself (SSH): it is in use, and saved without `write
 * memory`.
 */
void router_keep_key(struct router *r, const char *label, const char *kind, struct span text);
/* Takes back all of a kind, in use and saved; false: there are none. */
bool router_drop_keys(struct router *r, const char *kind);
/* router_keep_key of the key pairs that were made since keys were saved; false: there are none. */
bool router_keep_pairs(struct router *r);

/*
 * Power. crash: the node stops as if unplugged, and sessions are closed. boot: starts from the
 * startup configuration and the keys saved with it. reload is both.
 */
void router_crash(struct router *r);
void router_boot(struct router *r);
bool router_is_up(const struct router *r);

/* Does the running configuration differ from the saved one? */
bool router_modified(struct router *r);

struct router_log_host;

/*
 * What the owner is told. power: the router goes off or comes on (crash, boot, reload), for the
 * host. touched: a configuration line waits for router_commit; the owner calls that when no more
 * input is at hand, so that a long paste is compiled once. Without this hook every line is
 * committed at once. saved: the startup configuration has changed; returns 0, or -errno when it
 * could not be saved. logged: a line was written to the log. log_count: fills in what a
 * syslog server got. peer: the router of another node of the same virtual network, by that node's
 * name; NULL: there is none.
 */
struct router_hooks {
	void (*power)(void *arg, bool on);
	void (*touched)(void *arg);
	int (*saved)(void *arg);
	void (*logged)(void *arg, const struct log_record *record);
	void (*log_count)(void *arg, struct router_log_host *host);
	struct router *(*peer)(void *arg, const char *node);
	const struct client_starter *clients; /* starts real clients; NULL: nobody does */
	void *arg;
};
const struct client_starter *router_clients(const struct router *r);
struct router *router_peer(const struct router *r, const char *node); /* NULL: none */
void router_set_hooks(struct router *r, const struct router_hooks *hooks);

/* The node's log sink: formats with the wall clock, keeps, and tells every shell that listens. */
struct log_sink router_log_sink(struct router *r);
/* Where lines go, and up to which severity as configured; -1: not at all. */
#define LOG_LEVELS 8
/*
 * The time before a line of the log, as `service timestamps` says: "Nov 24 12:00:00.000", in UTC,
 * as in IOS, unless that says `localtime`.
 */
#define ROUTER_STAMP_MAX 64
void router_log_stamp(const struct router *r, bool debug, char buf[static ROUTER_STAMP_MAX]);
enum log_to { LOG_TO_BUFFER, LOG_TO_CONSOLE, LOG_TO_MONITOR, LOG_TO_TRAP, LOG_TO_COUNT };
extern const char *const log_level_names[LOG_LEVELS];
int router_log_level(const struct router *r, enum log_to to);
/* A syslog server that is configured (`logging host`). */
struct router_log_host {
	uint32_t addr;
	bool tcp; /* else UDP */
	uint16_t port;
	bool sends; /* the owner sends to it, and counts lines; else, in a lab, nobody does */
	uint64_t sent, dropped;
};
#define ROUTER_LOG_HOSTS_MAX 16 /* more of them get nothing */
/* Those that are configured, with their counts. How many there are, at most max. */
size_t router_log_hosts(const struct router *r, struct router_log_host *ret, size_t max);
size_t router_log_count(const struct router *r);
/* How many lines went there since the last boot; of LOG_TO_BUFFER, how many it has. */
uint64_t router_log_written(const struct router *r, enum log_to to);
const char *router_log_line(const struct router *r, size_t i); /* oldest first */
void router_log_clear(struct router *r);

msec router_uptime(const struct router *r);  /* since the last boot */
int64_t router_wall(const struct router *r); /* milliseconds since 1970 */
/*
 * Sets that clock, where it is the device's own (in a virtual network). 0 or -errno: -EOPNOTSUPP,
 * the machine's clock is not.
 */
int router_set_wall(struct router *r, int64_t wall);
/* "*": nobody has set it; "". Stands before a time that is shown. */
const char *router_clock_mark(const struct router *r);
/* The time zone in which times are shown, and a moment in it (clock_text). */
void router_zone(const struct router *r, struct clock_zone *ret);
const char *router_clock_text(const struct router *r, int64_t wall,
                              char buf[static CLOCK_TEXT_MAX]);

/* --- sessions --------------------------------------------------------------------------------- */

/*
 * A session of somebody on the router, as the router knows it: the first member of its owner's
 * struct (a shell), which adds it when it begins and removes it when it is over.
 */
struct router_session {
	const struct router_session_ops *ops;
};

struct router_session_ops {
	/* A log line was written. False: the session does not listen to the log. */
	bool (*notify)(struct router_session *s, const char *text);
	void (*tell)(struct router_session *s, const char *text); /* whether it listens or not */
	bool (*is_vty)(const struct router_session *s);           /* it gets what monitors get */
	void (*close)(struct router_session *s);                  /* the router goes down */
	/* It is in a mode whose lines count together, when it is left; NULL: it never is. */
	bool (*types_store)(const struct router_session *s);
};

void router_session_add(struct router *r, struct router_session *s);
void router_session_remove(struct router *r, struct router_session *s);
size_t router_session_count(const struct router *r);
/* The sessions stand in the order in which they began. */
struct router_session *router_session_at(const struct router *r, size_t i);
/* Tells every session that listens to the log. */
void router_notify(struct router *r, const char *text);
void router_tell(struct router *r, const char *text); /* every session, with or without a log */
void router_changed(struct router *r, const struct command *cmd); /* its tree was, by it */
/* How many commands were kept that have no effect, and are not yet reported. */
size_t router_kept(const struct router *r);
/* Called when configuration mode was left: commits, logs what was found, and who configured. */
void router_configured(struct router *r, const char *by);

#endif
