/* SPDX-License-Identifier: Apache-2.0 */
/* A router on this machine: see run_loop.h. */
#define _GNU_SOURCE
#include "cli/app/run_loop.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/accounts/auth_master.h"
#include "cli/app/client_loop.h"
#include "cli/app/log_loop.h"
#include "cli/app/notify.h"
#include "cli/app/run_cage.h"
#include "cli/app/run_devices.h"
#include "cli/app/frr_loop.h"
#include "cli/app/run_reload.h"
#include "cli/app/run_shared.h"
#include "cli/app/run_store.h"
#include "cli/app/run_tell.h"
#include "cli/app/starter.h"
#include "cli/files/files.h"
#include "cli/files/host_file.h"
#include "cli/frr/frr_speaker.h"
#include "cli/live/loop.h"
#include "cli/shell/acting.h"
#include "cli/shell/line.h"
#include "compiler/base/text.h"
#include "runtime/base/netns.h"
#include "runtime/crypto/secret.h"
#include "runtime/crypto/secret_pool.h"

#define CONFIG_MAX (4u << 20)
#define SSH_PORT   22

struct run {
	const struct run_options *options;
	struct loop *loop;
	struct node *node;
	struct host *host;
	struct router *router;
	uv_timer_t watchdog;
	uv_check_t noticed;     /* looks after each turn of the loop */
	struct log_loop *hosts; /* syslog servers */
	struct frr_loop frr;    /* who runs FRR */
	int starter;            /* the line to it (starter.h); -errno: there is none */
	struct client_loop *clients;
	struct store *store;   /* of its key servers; NULL: there is no configuration file */
	struct store *shared;  /* what they share with those of other machines */
	enum line_guard guard; /* of telnet, as was last told */
	bool no_telnet;        /* it was asked for, and nobody would be asked for a password */
	struct loop_consoles *console, *lines; /* the terminal's, and the others' */
	unsigned saves;                        /* router_saves as of what is on disk already */
	bool reading;     /* the configuration comes from disk, so need not be written there */
	bool keys_unread; /* there is a file of keys that could not be read */
	bool keys_ahead;  /* keys are on disk that belong to a configuration which is not */
	bool taken;       /* this run has removed what an earlier one left in the kernel */
	bool unlocked;    /* it has been told that keys are in memory that is not locked */
	char *config;     /* as it was read; NULL: none there */
	unsigned refused;
};

/* --- the configuration on disk ---------------------------------------------------------------- */

/* Of a file alone: a pipe would make the router wait for whoever writes into it. */
static int
open_file(const char *path)
{
	const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int error;

	if (fd < 0)
		return -errno;
	error = fstat(fd, &st) ? -errno : S_ISFIFO(st.st_mode) ? -ESPIPE : 0;
	if (!error)
		return fd;
	close(fd);
	return error;
}

/*
 * Reads all of a file and ends it with a 0; NULL and why not ("": there is no such file). Half a
 * file is worse than none: the other half may hold the crypto map that protects the traffic.
 */
static char *
read_all(const char *path, const char **ret_why)
{
	struct text text = TEXT_INIT;
	const int fd = open_file(path);
	int error = fd < 0 ? fd : host_file_take(fd, CONFIG_MAX, &text);

	if (!error)
		error = host_file_decode(&text);
	*ret_why = "";
	if (error == -ESPIPE)
		*ret_why = "a pipe, and no file";
	else if (error && (fd >= 0 || error != -ENOENT))
		*ret_why = host_file_error(error);
	else if (strlen(text_string(&text)) != text.n)
		*ret_why = "a zero octet in it";
	if (fd >= 0)
		close(fd);
	if (fd < 0 || **ret_why)
		text_fini(&text);
	else
		text_puts(&text, ""); /* not NULL */
	return text.p;
}

/* RSA key pairs stand beside the configuration, in FILE.keys. */
static char *
keys_path(const struct run *r)
{
	return x_asprintf("%s.keys", r->options->config);
}

static void
tell_stores(struct run *r, const char *master)
{
	run_store_master(r->store, master);
	run_shared_master(r->shared, master);
}

static int
write_keys(struct run *r)
{
	const struct keystore *keys = router_saved_keys(r->router);
	struct secret text = {0};
	char *path = keys_path(r), master[AUTH_MASTER_MAX + 1];
	const char *given = auth_master_of(keys, master) ? master : NULL;
	int error = run_store_master_changes(r->store, given);

	if (!error && r->keys_unread)
		error = host_file_put_aside(path, NULL);
	keystore_write(keys, &text);
	if (!error) {
		r->keys_unread = false;
		error = host_file_put(path, secret_span(&text));
	}
	if (!error)
		tell_stores(r, given);
	wipe(master, sizeof(master));
	secret_fini(&text);
	free(path);
	return error;
}

/* The store may be opened: it is known with which master key. */
static void
tell_master(struct run *r, const struct keystore *keys)
{
	char master[AUTH_MASTER_MAX + 1];

	tell_stores(r, auth_master_of(keys, master) ? master : NULL);
	wipe(master, sizeof(master));
}

static void
load_keys(struct run *r)
{
	struct keystore *keys = keystore_new();
	char *path = keys_path(r), *text;
	const char *why;

	text = read_all(path, &why);
	if (text && keystore_read(keys, SPAN(text, strlen(text)))) {
		router_restore_keys(r->router, keys);
		tell_master(r, keys);
	} else if (text || *why) {
		r->keys_unread = true;
		run_tell(TELL_ERROR, "testudo: %s: no key pairs that can be read%s%s\n", path,
		         text ? "" : ": ", text ? "" : why);
	} else {
		tell_master(r, keys);
	}
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	free(path);
	keystore_free(keys);
}

/* Puts the startup configuration on disk after it was saved or erased. */
static int
keep_config(struct run *r)
{
	const char *startup = router_startup(r->router), *path = r->options->config;
	unsigned saves = router_saves(r->router);
	int error;

	if (r->reading)
		return 0;
	if (!path) /* there is nowhere to keep it */
		return -ENODEV;
	if (r->keys_ahead && saves == r->saves)
		r->keys_ahead = write_keys(r) != 0; /* those of before */
	if (saves == r->saves)
		return 0;
	error = write_keys(r);
	r->keys_ahead |= !error;
	if (!error && startup)
		error = host_file_put(path, SPAN(startup, strlen(startup)));
	else if (!error)
		error = unlink(path) && errno != ENOENT ? -errno : 0;
	if (error)
		run_tell(TELL_ERROR, "testudo: %s: %s\n", path, strerror(-error));
	else
		r->saves = saves;
	r->keys_ahead &= error != 0;
	return error;
}

static int
on_saved(void *arg)
{
	return keep_config(arg);
}

/* The folder of flash:, the caller's to free; NULL: it is in memory. */
static char *
flash_folder(const struct run_options *o)
{
	if (o->flash)
		return x_strdup(o->flash);
	return o->config ? x_asprintf("%s.flash", o->config) : NULL;
}

/* One that is named is there before the cage is shut, which is told of what is there alone. */
static bool
make_flash(const struct run_options *o)
{
	struct stat st;
	int error = 0;

	if (!o->flash)
		return true;
	if ((mkdir(o->flash, 0700) && errno != EEXIST) || stat(o->flash, &st))
		error = errno;
	else if (!S_ISDIR(st.st_mode))
		error = ENOTDIR;
	if (error)
		run_tell(TELL_ERROR, "testudo: --flash %s: %s\n", o->flash, strerror(error));
	return !error;
}

static void
on_refused(void *arg, unsigned line, const char *text)
{
	struct run *r = arg;

	r->refused++;
	run_tell(TELL_ERROR, "%s:%u: refused:\n%s", r->options->config, line, text);
}

/* Why the folder cannot be had in which `write memory` is to put the file; "": it is there. */
static const char *
folder_missing(const char *path)
{
	const char *last;
	char *folder = host_file_folder(path, &last);
	struct stat st;
	const char *why = stat(folder, &st) ? strerror(errno) : "";

	free(folder);
	return why;
}

/* Reads the configuration, if there is one. */
static bool
read_config(struct run *r)
{
	const char *path = r->options->config, *why = "";

	if (path)
		r->config = read_all(path, &why);
	if (!r->config && path && !*why)
		why = folder_missing(path);
	if (*why)
		run_tell(TELL_ERROR, "testudo: %s: %s\n", path, why);
	return !*why;
}

/*
 * Before anything in the kernel is touched: where no configuration was read, what a killed run left
 * in the kernel must stay, because that keeps traffic from leaving in clear.
 */
static bool
may_start(const struct run *r)
{
	const char *path = r->options->config;

	if (r->config)
		return true;
	if (linux_left(-1)) {
		run_tell(
		    TELL_ERROR,
		    "testudo: %s%s, and the kernel holds what an earlier run protected: nothing "
		    "is touched (an empty file starts an empty router)\n",
		    path ? path : "no --config", path ? ": not there" : "");
		return false;
	}
	if (path) /* `write memory` will create it */
		run_tell(TELL_INFO, "testudo: %s is not there yet: the router starts empty\n",
		         path);
	return true;
}

/* Keys and passwords are in it. */
static void
free_config(struct run *r)
{
	if (r->config)
		explicit_bzero(r->config, strlen(r->config));
	free(r->config);
	r->config = NULL;
}

/*
 * Keys that the file had made (`crypto key generate`) are kept at once: the next start makes no
 * others, and a key server goes on with the one that its members know.
 */
static void
keep_made_keys(struct run *r)
{
	int error;

	if (r->keys_unread || !router_keep_pairs(r->router))
		return;
	error = write_keys(r);
	if (error)
		run_tell(TELL_ERROR, "testudo: %s.keys: %s\n", r->options->config,
		         strerror(-error));
}

static void
load_config(struct run *r)
{
	if (!r->options->config)
		return;
	load_keys(r);
	r->saves = router_saves(r->router);
	if (!r->config)
		return;
	r->reading = true;
	router_load(r->router, r->config, on_refused, r);
	router_set_startup(r->router, r->config);
	r->reading = false;
	keep_made_keys(r);
	r->saves = router_saves(r->router);
	free_config(r);
	if (r->refused)
		run_tell(TELL_ERROR, "testudo: %s: %u line%s refused, the others taken\n",
		         r->options->config, r->refused, r->refused == 1 ? "" : "s");
}

/* --- the log ---------------------------------------------------------------------------------- */

static void
on_logged(void *arg, const struct log_record *record)
{
	struct run *r = arg;

	/* On a terminal the console shows it. */
	if (!r->options->terminal)
		run_tell(record->severity, "%s\n", record->text);
	if (r->hosts && r->router)
		log_loop_send(r->hosts, r->router, record);
}

static void
on_log_count(void *arg, struct router_log_host *host)
{
	log_loop_count(((struct run *)arg)->hosts, host);
}

static void
node_log(void *arg, const struct log_record *record)
{
	struct run *r = arg;
	struct log_sink sink;

	if (!r->router) {
		on_logged(r, record);
		return;
	}
	sink = router_log_sink(r->router);
	sink.write(sink.arg, record);
}

/* --- memory ----------------------------------------------------------------------------------- */

/* Nothing of this process's memory goes into a core dump, and only root may look at it. */
static void
guard_memory(void)
{
	const struct rlimit none = {0, 0}, all = {RLIM_INFINITY, RLIM_INFINITY};
	struct rlimit locked;

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (setrlimit(RLIMIT_MEMLOCK, &all) && !getrlimit(RLIMIT_MEMLOCK, &locked)) {
		locked.rlim_cur = locked.rlim_max;
		setrlimit(RLIMIT_MEMLOCK, &locked);
	}
}

static void
tell_refused(struct run *r)
{
	const struct log_sink sink = {.write = node_log, .arg = r};

	run_cage_tell(&sink);
}

static void
tell_unlocked(void *arg)
{
	struct run *r = arg;
	const struct log_sink sink = {.write = node_log, .arg = r};
	int error = r->unlocked ? 0 : secret_pool_unlocked();

	if (!error)
		return;
	r->unlocked = true;
	LOG(&sink, KEYS_NOT_LOCKED, strerror(-error));
}

/* --- telnet ----------------------------------------------------------------------------------- */

static const char *
guard_text(enum line_guard guard)
{
	static const char *const texts[] = {
	    [LINE_GUARDED] = "somebody is asked for a password",
	    [LINE_SHUT] =
		"no line vty has a password, nor login local and a username, nor is there aaa",
	    [LINE_OPEN] = "a line vty has no login"};

	return texts[guard];
}

/* What was typed or loaded has shut lines to telnet (line.h), or opened them again. */
static void
tell_telnet(struct run *r)
{
	struct log_sink sink;
	enum line_guard guard;

	if (!r->lines || !loop_telnet_port(r->lines))
		return;
	guard = line_guard(r->router);
	if (guard == r->guard)
		return;
	r->guard = guard;
	sink = router_log_sink(r->router);
	if (guard != LINE_GUARDED)
		LOG(&sink, TELNET_SHUT, guard_text(guard));
}

/* --- the service ------------------------------------------------------------------------------ */

/* SIGHUP: the configuration file is read again. */
static void
on_reload(void *arg)
{
	struct run *r = arg;
	const char *path = r->options->config, *why = "";
	char *text = NULL;

	notify_reloading();
	if (path)
		text = read_all(path, &why);
	if (!text) {
		run_reload_refuse(r->router, path ? path : "no --config",
		                  *why ? why : "there is no such file");
	} else if (run_reload(r->router, path, text)) {
		r->reading = true;
		router_set_startup(r->router, text);
		r->reading = false;
		r->saves = router_saves(r->router);
	}
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
	tell_telnet(r);
	notify_tell("READY=1");
}

static void
on_turn(uv_check_t *check)
{
	tell_refused(check->data);
}

static void
on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	notify_tell(NOTIFY_ALIVE);
}

static void
start_watchdog(struct run *r)
{
	uint64_t after = (uint64_t)notify_watchdog();

	if (after)
		uv_timer_start(&r->watchdog, on_watchdog, 0, after / 2);
}

/* --- start and stop --------------------------------------------------------------------------- */

/* Removes keys and rules from the kernel now; the node is freed when its jobs are done. */
static void
end_router(void *arg)
{
	struct run *r = arg;

	notify_tell("STOPPING=1");
	uv_close((uv_handle_t *)&r->watchdog, NULL);
	uv_close((uv_handle_t *)&r->noticed, NULL);
	frr_loop_close(&r->frr);
	log_loop_close(r->hosts);
	client_loop_close(r->clients);
	if (r->taken) {
		node_leave(r->node);
		node_stop(r->node);
		r->host->ops->close(r->host);
	} else {
		linux_abandon(r->host);
	}
}

/*
 * Goes into the router's namespace for good, before there is another thread: later nobody here has
 * the right to change between namespaces. What systemd is told goes from where we come from.
 */
static bool
enter_netns(struct run *r)
{
	const char *name = r->options->netns;
	int error;

	notify_open();
	if (!name)
		return true;
	error = netns_enter(name);
	if (error)
		run_tell(TELL_ERROR, "testudo: network namespace %s: %s\n", name, strerror(-error));
	return !error;
}

static void
on_touched(void *arg)
{
	struct run *r = arg;

	loop_touched(r->loop, r->router);
}

static void
after_line(void *arg)
{
	keep_config(arg);
	tell_telnet(arg);
}

static bool
start_host(struct run *r)
{
	const struct run_options *o = r->options;
	struct linux_interface found[RUN_DEVICES_MAX];
	struct linux_options lo = {.loop = loop_uv(r->loop),
	                           .name = o->name,
	                           .netns = -1,
	                           .events = node_events(r->node),
	                           .dataplane = o->dataplane,
	                           .n_interfaces = o->n_interfaces,
	                           .interfaces = o->interfaces,
	                           .keep = o->keep};
	const char *what = "";
	char *counters;
	int error;

	if (r->frr.line >= 0) {
		lo.speak = frr_loop_tell;
		lo.ask = frr_loop_ask;
		lo.speak_arg = &r->frr;
	}
	if (!o->n_interfaces && !o->netns) {
		lo.n_interfaces = run_devices_find(found);
		lo.interfaces = found;
	}
	counters = o->config ? x_asprintf("%s.counters", o->config) : NULL;
	lo.counters = counters;
	error = linux_new(&lo, &r->host, &what);
	free(counters);
	for (size_t i = 0; lo.interfaces == found && i < lo.n_interfaces; i++) {
		free((char *)(uintptr_t)found[i].name);
		free((char *)(uintptr_t)found[i].device);
	}
	if (error) {
		run_tell(TELL_ERROR, "testudo: %s: %s\n", what, strerror(-error));
		if (error == -EPERM || error == -EACCES)
			run_tell(TELL_ERROR, "Try: the same as root, or the service: systemctl "
			                     "start testudo\n");
		return false;
	}
	run_tell(TELL_INFO, "testudo: %s: %s\n", o->name, linux_dataplane_text(r->host));
	node_attach(r->node, r->host);
	return true;
}

/*
 * Can listening wait? An address that this machine does not have yet may come with the
 * configuration.
 */
static bool
is_postponed(const struct run *r, const char *addr, int error)
{
	return error == UV_EADDRNOTAVAIL && !r->taken && r->config && strstr(r->config, addr);
}

/*
 * A router with a namespace of its own has port 22 to itself. On this machine's own there may be an
 * sshd already.
 */
static int
start_ssh(struct run *r)
{
	const struct run_options *o = r->options;
	const char *addr = o->ssh_addr ? o->ssh_addr : "0.0.0.0";
	uint16_t port = o->ssh_addr ? o->ssh_port : SSH_PORT;
	int error;

	if (loop_ssh_port(r->lines) || (!o->ssh_addr && !o->netns))
		return 0;
	error = loop_listen_ssh(r->lines, loop_bind(addr, port), false);
	if (is_postponed(r, addr, error))
		return 0;
	if (error)
		run_tell(TELL_ERROR, "testudo: ssh %s:%u: %s\n", addr, port, uv_strerror(error));
	else
		run_tell(TELL_INFO, "testudo: consoles by ssh -p %u %s\n", loop_ssh_port(r->lines),
		         addr);
	return o->ssh_addr ? error : 0;
}

static int
start_telnet(struct run *r)
{
	const struct run_options *o = r->options;
	int error;

	if (r->no_telnet || loop_telnet_port(r->lines) || !o->telnet_addr)
		return 0;
	error = loop_listen_telnet(r->lines, loop_bind(o->telnet_addr, o->telnet_port));
	if (is_postponed(r, o->telnet_addr, error))
		return 0;
	if (error)
		run_tell(TELL_ERROR, "testudo: telnet %s:%u: %s\n", o->telnet_addr, o->telnet_port,
		         uv_strerror(error));
	else
		run_tell(TELL_INFO, "testudo: consoles by telnet %s %u\n", o->telnet_addr,
		         loop_telnet_port(r->lines));
	return error;
}

static int
start_local(struct run *r)
{
	const char *path = r->options->socket;
	int error = path ? loop_listen_local(r->lines, path) : 0;

	if (error)
		fprintf(stderr, "testudo: socket %s: %s\n", path, strerror(-error));
	else if (path)
		fprintf(stderr, "testudo: lines by testudo sh --socket %s\n", path);
	return error;
}

static bool
start_consoles(struct run *r)
{
	r->console = loop_consoles_new(r->loop, r->router, false);
	r->lines = loop_consoles_new(r->loop, r->router, true);
	return !start_local(r) && !start_telnet(r) && !start_ssh(r);
}

/* By now the router protects traffic: a console that fails to start is no reason to stop. */
static void
start_late_consoles(struct run *r)
{
	int error = 0;

	start_telnet(r);
	start_ssh(r);
	if (loop_ssh_port(r->lines) && !tnode_first(tree_top(router_tree(r->router)), KEY_USERNAME))
		run_tell(TELL_WARNING,
		         "testudo: nobody gets in by ssh: no username is configured\n");
	if (r->options->terminal)
		error = loop_open_terminal(r->console, "the router");
	if (error)
		run_tell(TELL_ERROR, "testudo: this terminal: %s\n", uv_strerror(error));
}

static struct store *
find_store(void *arg, const struct policy_store *wanted)
{
	struct run *r = arg;
	int error;

	if (!r->store)
		return NULL;
	if (wanted->none) {
		error = run_store_forget(r->store);
		if (error)
			run_tell(TELL_ERROR,
			         "testudo: %s.store cannot be removed, and holds old keys: %s\n",
			         r->options->config, strerror(-error));
		return NULL;
	}
	run_store_require(r->store, wanted->required);
	return r->store;
}

static struct store *
find_shared(void *arg, const struct policy *wanted, bool *ret_other)
{
	struct run *r = arg;

	return run_shared_want(r->shared, wanted, node_keystore(r->node), ret_other) ? r->shared
	                                                                             : NULL;
}

static void
on_readdressed(void *arg)
{
	struct run *r = arg;

	if (r->router)
		router_touch(r->router);
}

static bool
start_router(struct run *r)
{
	const struct run_options *o = r->options;
	struct node_config config = {.name = o->name,
	                             .log = {.write = node_log, .arg = r},
	                             .submit = loop_submit,
	                             .arg = r->loop,
	                             .store = find_store,
	                             .shared = find_shared,
	                             .readdressed = on_readdressed,
	                             .store_arg = r};
	const struct loop_hooks loop_hooks = {.leave = tell_unlocked,
	                                      .after_line = after_line,
	                                      .reload = o->terminal ? NULL : on_reload,
	                                      .end = end_router,
	                                      .arg = r,
	                                      .check_in_pool = true};
	struct router_hooks hooks = {.touched = on_touched,
	                             .saved = on_saved,
	                             .logged = on_logged,
	                             .log_count = on_log_count,
	                             .arg = r};
	char *folder;
	bool ok;

	r->store = o->config ? run_store_new(o->config) : NULL;
	folder = flash_folder(o);
	r->shared = run_shared_new(folder);
	r->node = node_new(&config);
	ok = make_flash(o) && start_host(r);
	if (ok) {
		r->router = router_new(o->name, r->node);
		router_set_actor(r->router, &shell_actor);
		if (folder)
			router_set_files(r->router, files_new_in(folder));
	}
	free(folder);
	if (!ok)
		return false;
	uv_timer_init(loop_uv(r->loop), &r->watchdog);
	uv_check_init(loop_uv(r->loop), &r->noticed);
	r->noticed.data = r;
	uv_check_start(&r->noticed, on_turn);
	frr_loop_watch(&r->frr, loop_uv(r->loop), node_log_sink(r->node));
	r->hosts = log_loop_new(loop_uv(r->loop));
	r->clients = client_loop_new(loop_uv(r->loop), r->starter);
	r->starter = -1;
	hooks.clients = client_loop_starter(r->clients);
	loop_start(r->loop, &loop_hooks);
	router_set_hooks(r->router, &hooks);
	if (!start_consoles(r))
		return false;
	if (!run_cage_shut(o))
		return false;
	/*
	 * Everything that can fail has worked by now, and nothing in the kernel was touched before
	 */
	linux_take(r->host);
	r->taken = true;
	load_config(r);
	tell_unlocked(r);
	start_late_consoles(r);
	start_watchdog(r);
	notify_tell("READY=1");
	return true;
}

/*
 * There is no telnet where it would let in everybody, or nobody. The router starts all the same,
 * since a line in its file must not keep it from protecting traffic.
 */
static void
look_at_telnet(struct run *r)
{
	enum line_guard guard;

	if (!r->options->telnet_addr)
		return;
	guard = line_guard_of(r->config);
	r->no_telnet = guard != LINE_GUARDED;
	if (r->no_telnet)
		run_tell(TELL_ERROR,
		         "testudo: no telnet at %s:%u: %s in the configuration (--socket and "
		         "testudo sh need none of it)\n",
		         r->options->telnet_addr, r->options->telnet_port, guard_text(guard));
}

/* One that the loop has not taken over. */
static void
close_starter(const struct run *r)
{
	if (r->starter >= 0)
		close(r->starter);
}

int
run_router(const struct run_options *options)
{
	struct run r = {.options = options};
	bool ok;

	guard_memory();
	r.starter = starter_start(options->netns); /* before anything secret is read */
	frr_loop_start(&r.frr, options);
	ok = read_config(&r);
	if (ok)
		look_at_telnet(&r);
	if (!ok || !enter_netns(&r) || !run_devices_there(options) || !may_start(&r)) {
		free_config(&r);
		close_starter(&r);
		frr_speaker_end(r.frr.line);
		return 1;
	}
	r.loop = loop_new();
	ok = start_router(&r);
	if (!ok)
		loop_stop(r.loop);
	loop_run(r.loop);
	if (r.router)
		router_free(r.router);
	node_free(r.node);
	store_close(r.store);
	store_close(r.shared);
	loop_free(r.loop);
	log_loop_free(r.hosts);
	client_loop_free(r.clients);
	close_starter(&r);
	frr_speaker_end(r.frr.line);
	free_config(&r);
	return ok ? 0 : 1;
}
