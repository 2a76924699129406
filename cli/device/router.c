/* SPDX-License-Identifier: Apache-2.0 */
/* A router, see router.h. It owns tree, log and what is saved; node and shells are borrowed. */
#include "cli/device/router.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/accounts/auth_master.h"
#include "cli/accounts/login_guard.h"
#include "cli/device/archive.h"
#include "cli/device/config_log.h"
#include "cli/device/load.h"
#include "cli/device/log_buffer.h"
#include "cli/device/reload.h"
#include "cli/files/files.h"
#include "compiler/base/text.h"
#include "compiler/compile/compile.h"

struct router {
	char *name;
	struct node *node;
	const struct device_kind *kind;
	struct tree *tree;
	char *startup;               /* NULL: never saved */
	struct keystore *saved_keys; /* as of the last `write memory` */
	unsigned saves;
	bool clock_is_set; /* by `clock set` */
	struct files *files;
	struct archive *archive;
	struct reload *reload;
	struct config_log *config_log;
	struct login_guard *guard;
	bool up, dirty, loading;
	size_t n_kept; /* commands that are kept and have no effect, since they were last counted */
	msec booted;
	struct router_hooks hooks;
	const struct router_actor *actor;

	struct diag_list diags;  /* of the last commit */
	bool enters_store;       /* the line that changes it leads to those of a store */
	struct diag_list logged; /* the diagnostics that were logged */
	bool isakmp_on;
	bool runs; /* a configuration has been applied since it was booted */

	size_t n_sessions, cap_sessions;
	struct router_session **sessions;

	struct log_buffer log;
	unsigned line_uses[ROUTER_TTYS];
};

struct router *
router_new(const char *name, struct node *node)
{
	return router_new_as(name, node, &device_router);
}

const struct device_kind *
router_kind(const struct router *r)
{
	return r->kind;
}

struct tree *
router_tree_new(const struct router *r)
{
	return tree_new_in(r->kind->config);
}

struct router *
router_new_as(const char *name, struct node *node, const struct device_kind *kind)
{
	struct router *r = x_alloc(sizeof(*r));

	r->name = x_strdup(name);
	r->node = node;
	r->kind = kind;
	r->tree = router_tree_new(r);
	r->saved_keys = keystore_new();
	r->files = files_new();
	r->archive = archive_new(r);
	r->reload = reload_new(r);
	r->config_log = config_log_new(r);
	r->guard = login_guard_new(node, router_log_sink(r));
	r->up = true;
	r->dirty = true;
	r->booted = node_now(node);
	diag_list_init(&r->diags);
	diag_list_init(&r->logged);
	return r;
}

static void
wipe_free(char *s)
{
	if (s)
		explicit_bzero(s, strlen(s));
	free(s);
}

void
router_free(struct router *r)
{
	if (!r)
		return;
	archive_free(r->archive);
	reload_free(r->reload);
	config_log_free(r->config_log);
	login_guard_free(r->guard);
	tree_free(r->tree);
	wipe_free(r->startup);
	keystore_free(r->saved_keys);
	files_free(r->files);
	diag_list_fini(&r->diags);
	diag_list_fini(&r->logged);
	router_log_clear(r);
	free(r->sessions);
	free(r->name);
	free(r);
}

const char *
router_name(const struct router *r)
{
	return r->name;
}

const char *
router_hostname(const struct router *r)
{
	const char *name = tree_str(r->tree, KEY_HOSTNAME, ARG_HOSTNAME);

	return name ? name : r->name;
}

struct node *
router_node(struct router *r)
{
	return r->node;
}

struct tree *
router_tree(struct router *r)
{
	return r->tree;
}

struct accounts
router_accounts(const struct router *r)
{
	return (struct accounts){.tree = r->tree,
	                         .running = r->tree,
	                         .keys = node_keystore(r->node),
	                         .guard = r->guard,
	                         .enable = r->kind->enable};
}

void
router_set_hooks(struct router *r, const struct router_hooks *hooks)
{
	r->hooks = *hooks;
}

const struct client_starter *
router_clients(const struct router *r)
{
	return r->hooks.clients;
}

struct router *
router_peer(const struct router *r, const char *node)
{
	return r->hooks.peer ? r->hooks.peer(r->hooks.arg, node) : NULL;
}

bool
router_is_up(const struct router *r)
{
	return r->up;
}

msec
router_uptime(const struct router *r)
{
	return node_now(r->node) - r->booted;
}

int64_t
router_wall(const struct router *r)
{
	struct host *h = node_host(r->node);

	return h ? h->ops->wall(h) : 0;
}

int
router_set_wall(struct router *r, int64_t wall)
{
	struct host *h = node_host(r->node);
	int error = h && h->ops->set_wall ? h->ops->set_wall(h, wall) : -EOPNOTSUPP;

	r->clock_is_set |= !error;
	return error;
}

const char *
router_clock_mark(const struct router *r)
{
	return r->clock_is_set ? "" : "*";
}

enum { SYSLOG_UDP = 514, SYSLOG_TCP = 601 };

/* --- log -------------------------------------------------------------------------------------- */

static void
log_record(void *arg, const struct log_record *record)
{
	struct router *r = arg;
	char stamp[ROUTER_STAMP_MAX];
	bool heard = false;
	char *line;

	router_log_stamp(r, record->severity == LOG_LEVELS - 1, stamp);
	line = x_asprintf("%s%s: %s", router_clock_mark(r), stamp, record->text);
	if (r->hooks.logged)
		r->hooks.logged(r->hooks.arg, record);
	for (size_t i = 0; i < r->n_sessions; i++) {
		struct router_session *on = r->sessions[i];
		bool vty = on->ops->is_vty(on);

		if (record->severity <=
		        router_log_level(r, vty ? LOG_TO_MONITOR : LOG_TO_CONSOLE) &&
		    on->ops->notify(on, line))
			heard |= vty;
	}
	log_buffer_count(&r->log, r, record->severity, heard);
	if (record->severity <= router_log_level(r, LOG_TO_BUFFER))
		log_buffer_keep(&r->log, line);
	else
		free(line);
}

size_t
router_log_hosts(const struct router *r, struct router_log_host *ret, size_t max)
{
	const struct tnode *node = tnode_first(tree_top(r->tree), KEY_LOGGING_HOST);
	size_t n = 0;

	for (; node && n < max; node = tnode_next(node)) {
		const char *transport = tnode_str(node, ARG_TRANSPORT);
		const bool tcp = transport && !strcmp(transport, "tcp");
		const uint32_t port = tnode_u32(node, ARG_NUMBER);

		ret[n] = (struct router_log_host){.addr = tnode_u32(node, ARG_ADDRESS),
		                                  .tcp = tcp,
		                                  .port = (uint16_t)(port  ? port
		                                                     : tcp ? SYSLOG_TCP
		                                                           : SYSLOG_UDP)};
		if (r->hooks.log_count)
			r->hooks.log_count(r->hooks.arg, &ret[n]);
		n++;
	}
	return n;
}

struct log_sink
router_log_sink(struct router *r)
{
	return (struct log_sink){.write = log_record, .arg = r};
}

size_t
router_log_count(const struct router *r)
{
	return r->log.n;
}

uint64_t
router_log_written(const struct router *r, enum log_to to)
{
	return to == LOG_TO_BUFFER ? r->log.n : r->log.written[to];
}

const char *
router_log_line(const struct router *r, size_t i)
{
	return log_buffer_line(&r->log, i);
}

void
router_log_clear(struct router *r)
{
	log_buffer_clear(&r->log);
}

/* --- sessions --------------------------------------------------------------------------------- */

void
router_session_add(struct router *r, struct router_session *s)
{
	x_grow(&r->sessions, &r->cap_sessions, r->n_sessions + 1, sizeof(struct router_session *));
	r->sessions[r->n_sessions++] = s;
}

void
router_session_remove(struct router *r, struct router_session *s)
{
	for (size_t i = 0; i < r->n_sessions; i++) {
		if (r->sessions[i] == s) {
			memmove(&r->sessions[i], &r->sessions[i + 1],
			        (--r->n_sessions - i) * sizeof(struct router_session *));
			return;
		}
	}
}

size_t
router_session_count(const struct router *r)
{
	return r->n_sessions;
}

struct router_session *
router_session_at(const struct router *r, size_t i)
{
	return r->sessions[i];
}

void
router_tell(struct router *r, const char *text)
{
	for (size_t i = 0; i < r->n_sessions; i++)
		r->sessions[i]->ops->tell(r->sessions[i], text);
}

void
router_notify(struct router *r, const char *text)
{
	for (size_t i = 0; i < r->n_sessions; i++)
		r->sessions[i]->ops->notify(r->sessions[i], text);
}

/* --- commit ----------------------------------------------------------------------------------- */

static bool
list_has(const struct diag_list *l, const struct diag *d)
{
	for (size_t i = 0; i < l->n; i++)
		if (diag_equal(&l->items[i], d))
			return true;
	return false;
}

/*
 * Logs each diagnostic once for as long as it holds. A misspelt name is logged at once, everything
 * else when configuration mode is left: half a configuration always lacks something.
 */
static void
diags_report(struct router *r, bool complete)
{
	struct diag_list logged;

	diag_list_init(&logged);
	for (size_t i = 0; i < r->diags.n; i++) {
		const struct diag *d = &r->diags.items[i];
		bool known = list_has(&r->logged, d);

		if (!known && !complete && (d->severity == DIAG_NOTE || !router_diag_corrects(d)))
			continue;
		if (list_has(&logged, d))
			continue;
		if (!known)
			router_diag_log(r, d);
		diag_add(&logged, d);
	}
	diag_list_fini(&r->logged);
	r->logged = logged;
}

/* Logs that ISAKMP is on; the core logs it for GDOI. */
static void
log_isakmp(struct router *r, const struct policy *p)
{
	struct log_sink sink = router_log_sink(r);
	bool on = p->isakmp_enabled && (p->n_groups || p->n_isakmp || p->n_psks);

	if (on != r->isakmp_on)
		LOG(&sink, ISAKMP_ON, on ? "ON" : "OFF");
	r->isakmp_on = on;
}

static const char *
open_key(void *arg, const char *sealed, struct arena *a)
{
	return auth_key_open(router_accounts(arg), sealed, a);
}

/* Is somebody in the middle of the lines of a store? */
static bool
is_store_typed(const struct router *r)
{
	bool typed = r->enters_store;

	for (size_t i = 0; i < r->n_sessions; i++) {
		const struct router_session *s = r->sessions[i];

		typed |= s->ops->types_store && s->ops->types_store(s);
	}
	return typed;
}

static struct policy *
build_policy(struct router *r, const struct tree *tree, const struct policy *before,
             struct diag_list *diags)
{
	const struct keystore *ks = node_keystore(r->node);
	size_t n = keystore_count(ks), n_ec = keystore_ec_count(ks);
	struct arena *arena = arena_new();
	const char **labels = arena_alloc(arena, (n + n_ec + 1) * sizeof(*labels));
	struct compile_facts facts = {.kind = r->kind->compile,
	                              .default_hostname = r->name,
	                              .n_rsa_labels = n,
	                              .rsa_labels = labels,
	                              .n_ec_labels = n_ec,
	                              .ec_labels = labels + n,
	                              .has_shared_store = node_has_shared_store(r->node),
	                              .plain_host = node_is_plain(r->node),
	                              .speaks = node_speaks(r->node),
	                              .open_key = open_key,
	                              .arg = r,
	                              .before = before,
	                              .store_typed = is_store_typed(r)};
	struct policy *p;

	facts.learned = node_learned(r->node, arena, &facts.n_learned);
	for (size_t i = 0; i < n + n_ec; i++)
		labels[i] = i < n ? keystore_at(ks, i).label : keystore_ec_at(ks, i - n).label;
	p = compile(tree, &facts, diags);
	arena_free(arena);
	return p;
}

void
router_commit(struct router *r, bool complete)
{
	struct diag_list diags;
	struct policy *p;

	if (!r->up || r->loading)
		return;
	if (r->dirty) {
		r->dirty = is_store_typed(r);
		diag_list_init(&diags);
		p = build_policy(r, r->tree, r->runs ? node_policy(r->node) : NULL, &diags);
		r->runs = true;
		diag_list_fini(&r->diags);
		r->diags = diags;
		log_isakmp(r, p);
		node_apply(r->node, p);
		archive_touched(r->archive);
	} else if (!complete) {
		return; /* what there was to report has been */
	}
	diags_report(r, complete);
}

void
router_touch(struct router *r)
{
	r->dirty = true;
	if (!r->up || r->loading)
		return;
	if (r->hooks.touched)
		r->hooks.touched(r->hooks.arg);
	else
		router_commit(r, false);
}

const struct diag_list *
router_diags(const struct router *r)
{
	return &r->diags;
}

size_t
router_kept(const struct router *r)
{
	return r->n_kept;
}

/* One line for all of them: a wall of warnings would hide those that matter. */
static void
report_kept(struct router *r)
{
	struct log_sink sink = router_log_sink(r);
	size_t n = r->n_kept;

	r->n_kept = 0;
	if (n)
		LOG(&sink, CONFIG_UNSUPPORTED, (unsigned)n, n == 1 ? "" : "s");
}

void
router_configured(struct router *r, const char *by)
{
	struct log_sink sink = router_log_sink(r);

	if (r->loading)
		return;
	report_kept(r);
	router_commit(r, true);
	LOG(&sink, CONFIG_I, by);
}

/* --- configuration lines ---------------------------------------------------------------------- */

void
router_changed(struct router *r, const struct command *cmd)
{
	r->n_kept += cmd->entry->kept && !cmd->entry->unbuilt; /* of that a diagnostic tells */
	r->enters_store = !cmd->no && !cmd->dflt && cmd->entry->verb == VERB_ENTER &&
	                  cmd->entry->target == MODE_GDOI_STORE_ETCD;
	router_touch(r);
	r->enters_store = false;
}

/* --- whole configurations --------------------------------------------------------------------- */

bool
router_load_begin(struct router *r)
{
	bool within = r->loading;

	r->loading = true;
	return within;
}

bool
router_is_loading(const struct router *r)
{
	return r->loading;
}

void
router_load_end(struct router *r, bool within)
{
	r->loading = within;
	r->dirty = true;
	if (!within)
		report_kept(r);
	router_commit(r, true);
}

void
router_set_actor(struct router *r, const struct router_actor *actor)
{
	r->actor = actor;
}

const struct router_actor *
router_actor(const struct router *r)
{
	return r->actor;
}

void
router_check(struct router *r, const struct tree *tree, struct diag_list *diags)
{
	policy_free(build_policy(r, tree, NULL, diags));
}

void
router_render_running(struct router *r, render_sink *sink, void *arg)
{
	render_config(r->tree, sink, arg);
}

static char *
running_text(const struct router *r)
{
	struct text t = TEXT_INIT;

	render_config(r->tree, text_line, &t);
	text_puts(&t, "");
	return t.p;
}

const char *
router_startup(const struct router *r)
{
	return r->startup;
}

/*
 * Takes what is saved from now on, of keys NULL for those that are; what the owner cannot keep
 * leaves everything as it was.
 */
static int
save_what(struct router *r, char *take_startup, struct keystore *take_keys)
{
	char *startup = r->startup;
	struct keystore *keys = r->saved_keys;
	int error;

	r->startup = take_startup;
	r->saved_keys = take_keys ? take_keys : keys;
	r->saves++;
	error = r->hooks.saved ? r->hooks.saved(r->hooks.arg) : 0;
	if (error) {
		r->startup = startup;
		r->saved_keys = keys;
		r->saves--;
		startup = take_startup;
		keys = take_keys;
	}
	wipe_free(startup);
	if (take_keys)
		keystore_free(keys);
	return error;
}

int
router_set_startup(struct router *r, const char *text)
{
	if (r->loading)
		return -EBUSY;
	return save_what(r, text ? x_strdup(text) : NULL, NULL);
}

unsigned *
router_line_uses(struct router *r, unsigned tty)
{
	return &r->line_uses[tty < ROUTER_TTYS ? tty : 0];
}

unsigned
router_saves(const struct router *r)
{
	return r->saves;
}

struct files *
router_files(struct router *r)
{
	return r->files;
}

struct reload *
router_reload(struct router *r)
{
	return r->reload;
}

struct archive *
router_archive(struct router *r)
{
	return r->archive;
}

struct config_log *
router_config_log(struct router *r)
{
	return r->config_log;
}

void
router_set_files(struct router *r, struct files *take_files)
{
	files_free(r->files);
	r->files = take_files;
}

bool
router_modified(struct router *r)
{
	char *now = running_text(r);
	bool modified = r->startup ? strcmp(now, r->startup) != 0 : tree_count(r->tree) > 0;

	/* A file written by hand may have other lines with the same meaning */
	if (modified && r->startup) {
		struct tree *saved = router_tree_new(r);
		struct text t = TEXT_INIT;

		load_trial(r, saved, r->startup, NULL, NULL);
		render_config(saved, text_line, &t);
		modified = strcmp(now, text_string(&t)) != 0;
		text_fini(&t);
		tree_free(saved);
	}
	wipe_free(now);
	return modified;
}

int
router_write_memory(struct router *r)
{
	if (r->loading)
		return -EBUSY;
	return save_what(r, running_text(r), keystore_clone(node_keystore(r->node)));
}

const struct keystore *
router_saved_keys(const struct router *r)
{
	return r->saved_keys;
}

void
router_restore_keys(struct router *r, const struct keystore *keys)
{
	keystore_assign(r->saved_keys, keys);
	keystore_assign(node_keystore(r->node), keys);
	node_keys_changed(r->node);
}

void
router_keep_key(struct router *r, const char *label, const char *kind, struct span text)
{
	keystore_put_text(node_keystore(r->node), label, kind, text, router_wall(r));
	keystore_put_text(r->saved_keys, label, kind, text, router_wall(r));
	r->saves++;
}

static bool
drop_texts(struct keystore *keys, const char *kind)
{
	bool any = false;

	for (size_t i = keystore_text_count(keys); i-- > 0;) {
		struct keystore_text t = keystore_text_at(keys, i);

		if (!strcmp(t.kind, kind))
			any |= keystore_remove_text(keys, t.label);
	}
	return any;
}

bool
router_drop_keys(struct router *r, const char *kind)
{
	bool any = drop_texts(node_keystore(r->node), kind);

	any |= drop_texts(r->saved_keys, kind);
	r->saves += any;
	return any;
}

static size_t
count_pairs(const struct keystore *keys)
{
	return keystore_count(keys) + keystore_ec_count(keys);
}

bool
router_keep_pairs(struct router *r)
{
	const struct keystore *now = node_keystore(r->node);

	if (count_pairs(now) <= count_pairs(r->saved_keys))
		return false;
	keystore_assign(r->saved_keys, now);
	r->saves++;
	return true;
}

/* --- power ------------------------------------------------------------------------------------ */

void
router_crash(struct router *r)
{
	if (!r->up || r->loading)
		return;
	r->up = false;
	/*
	 * Closes the sessions first: a running ping must not go on while the host forgets its
	 * echoes.
	 */
	while (r->n_sessions) {
		struct router_session *last = r->sessions[r->n_sessions - 1];

		last->ops->close(last);
	}
	archive_crash(r->archive);
	reload_crash(r->reload);
	config_log_clear(r->config_log);
	login_guard_forget(r->guard);
	node_crash(r->node);
	node_set_debug(r->node, 0);
	if (r->hooks.power)
		r->hooks.power(r->hooks.arg, false);
	tree_free(r->tree);
	r->tree = router_tree_new(r);
	diag_list_fini(&r->diags);
	diag_list_init(&r->diags);
	diag_list_fini(&r->logged);
	diag_list_init(&r->logged);
	r->isakmp_on = r->runs = false;
	router_log_clear(r);
	memset(r->log.written, 0, sizeof(r->log.written));
}

static void
report_line(struct router *r, const char *where, unsigned line, const char *text)
{
	struct log_sink sink = router_log_sink(r);
	char what[LOG_TEXT_MAX - 64];

	snprintf(what, sizeof(what), "%sline %u refused: %.*s", where, line,
	         (int)strcspn(text + strspn(text, " ^\n"), "\n"), text + strspn(text, " ^\n"));
	LOG(&sink, CONFIG_WARNING, what);
}

static void
report_startup(void *arg, unsigned line, const char *text)
{
	report_line(arg, "startup configuration, ", line, text);
}

void
router_report_load(void *router, unsigned line, const char *text)
{
	report_line(router, "", line, text);
}

bool
router_has_interface(const struct router *r, const char *name)
{
	struct host *h = node_host(r->node);
	struct arena *a = arena_new();
	size_t n = 0, known = 0;
	const struct host_interface *list = h ? h->ops->interfaces(h, a, &n) : NULL;
	bool has = false;

	for (size_t i = 0; i < n; i++) {
		known += !policy_names_loopback(list[i].name);
		has |= strcmp(list[i].name, name) == 0;
	}
	arena_free(a);
	return has || !known;
}

void
router_boot(struct router *r)
{
	struct log_sink sink = router_log_sink(r);
	char *text;

	if (r->up)
		router_crash(r);
	if (r->hooks.power)
		r->hooks.power(r->hooks.arg, true);
	keystore_assign(node_keystore(r->node), r->saved_keys);
	node_keys_changed(r->node);
	r->up = true;
	r->booted = node_now(r->node);
	LOG(&sink, RESTART);
	text = x_strdup(r->startup ? r->startup : ""); /* a line of it may change the startup's */
	router_load(r, text, report_startup, r);
	wipe_free(text);
}
