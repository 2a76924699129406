/* SPDX-License-Identifier: Apache-2.0 */
/* What Testudo needs once it is running: see run_cage.h. */
#define _GNU_SOURCE
#include "cli/app/run_cage.h"

#include <assert.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/app/run_tell.h"
#include "cli/files/host_file.h"
#include "compiler/base/text.h"
#include "runtime/base/netns.h"
#include "runtime/cage/cage.h"

#define PATHS_MAX 48

struct outline {
	struct cage_path paths[PATHS_MAX];
	size_t n_paths;
	char *owned[PATHS_MAX]; /* of the paths */
	size_t n_owned;
};

/* --- files ------------------------------------------------------------------------------------ */

static void
add_path(struct outline *c, const char *path, enum cage_access access)
{
	assert(c->n_paths < PATHS_MAX);
	c->paths[c->n_paths++] = (struct cage_path){.path = path, .access = access};
}

static void
add_owned(struct outline *c, char *take_path, enum cage_access access)
{
	c->owned[c->n_owned++] = take_path;
	add_path(c, take_path, access);
}

static void
add_folder_of(struct outline *c, const char *file, enum cage_access access)
{
	const char *last;

	add_owned(c, host_file_folder(file, &last), access);
}

/*
 * What libraries read: names and times; whom the machine trusts is no matter. Root may read all of
 * /etc, so it is told which files; another user may read there what is for everybody, and a file
 * that is replaced is found.
 */
static void
add_system(struct outline *c)
{
	static const char *const etc[] = {
	    "/etc/resolv.conf", "/etc/hosts",     "/etc/host.conf",   "/etc/nsswitch.conf",
	    "/etc/gai.conf",    "/etc/services",  "/etc/protocols",   "/etc/passwd",
	    "/etc/group",       "/etc/localtime", "/etc/ld.so.cache", "/etc/ssl/openssl.cnf"};
	static const char *const others[] = {"/usr/share/zoneinfo",
	                                     "/usr/lib",
	                                     "/usr/lib64",
	                                     "/run/systemd/resolve",
	                                     "/run/NetworkManager",
	                                     "/run/resolvconf",
	                                     "/sys/devices/system/cpu"};
	static const char *const devices[] = {"/dev/null", "/dev/urandom", "/dev/random"};

	if (geteuid()) {
		add_path(c, "/etc", CAGE_READ);
		add_path(c, "/run", CAGE_READ); /* a resolver's folder may be made later */
	}
	for (size_t i = 0; i < ARRAY_SIZE(etc) && !geteuid(); i++)
		add_path(c, etc[i], CAGE_READ);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		add_path(c, others[i], CAGE_READ);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		add_path(c, devices[i], CAGE_DEVICE);
#ifdef TESTUDO_COUNTS_IN
	add_path(c, TESTUDO_COUNTS_IN, CAGE_CHANGE); /* what ran, written at the end */
#endif
}

/* A process's own part of /proc, and what tells of the kernel's settings. */
static void
add_own_proc(struct outline *c)
{
	static const char *const paths[] = {"/proc/self", "/proc/sys"};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		add_path(c, paths[i], CAGE_READ);
		c->paths[c->n_paths - 1].pinned = true;
	}
}

/* What reaches the kernel's network. */
static void
add_network(struct outline *c)
{
	add_path(c, "/dev/net/tun", CAGE_DEVICE);
	add_path(c, "/proc/sys/net", CAGE_WRITE);
	c->paths[c->n_paths - 1].pinned = true;
}

/* What stands beside the configuration, under its name and one of these. */
static const char *const beside[] = {"",       ".keys",    ".store", ".store.key", ".store.mark",
                                     ".flash", ".counters"};

/* Where a link leads. */
static void
add_target(struct outline *c, const char *file, enum cage_access access)
{
	char *target = realpath(file, NULL);

	if (target)
		add_folder_of(c, target, access);
	free(target);
}

/* What is written replaces the link, so that its target is read alone. */
static void
add_beside(struct outline *c, const char *config, const char *suffix)
{
	char *file = x_asprintf("%s%s", config, suffix);
	struct stat st;

	if (!lstat(file, &st) && S_ISLNK(st.st_mode))
		add_target(c, file, CAGE_READ);
	free(file);
}

static void
add_run(struct outline *c, const struct run_options *o)
{
	const char *credentials =
	    getenv("CREDENTIALS_DIRECTORY"); /* of the store, see run_store.c */

	if (credentials)
		add_path(c, credentials, CAGE_READ);
	add_path(c, "/proc", CAGE_READ);
	add_network(c);
	if (o->config) {
		add_folder_of(c, o->config, CAGE_CHANGE);
		c->paths[c->n_paths - 1].required = true;
		add_owned(c, x_asprintf("%s.flash", o->config), CAGE_CHANGE);
		for (size_t i = 0; i < ARRAY_SIZE(beside); i++)
			add_beside(c, o->config, beside[i]);
	}
	if (o->flash) {
		add_path(c, o->flash, CAGE_CHANGE);
		c->paths[c->n_paths - 1].required = true;
	}
	if (o->socket)
		add_folder_of(c, o->socket, CAGE_REMOVE);
}

/* systemd may listen at a name that is no file. */
static bool
needs_abstract(void)
{
	const char *notify = getenv("NOTIFY_SOCKET");

	return notify && *notify == '@';
}

static void
free_outline(struct outline *c)
{
	for (size_t i = 0; i < c->n_owned; i++)
		free(c->owned[i]);
}

/* --- capabilities ----------------------------------------------------------------------------- */

/* Does it belong to a user whose files root reaches only by overriding what they say? */
static bool
is_foreign(const char *path)
{
	struct stat st;

	return !geteuid() && !stat(path, &st) && st.st_uid != 0;
}

/* Is there a folder on the way to it that only another user passes? */
static bool
way_is_foreign(const char *path)
{
	char *part = x_strdup(path);
	bool foreign = false;

	for (char *at = strchr(part, '/'); at && !foreign; at = strchr(at + 1, '/')) {
		struct stat st;

		*at = '\0';
		foreign = !geteuid() && *part && !stat(part, &st) && st.st_uid != 0 &&
		          !(st.st_mode & S_IXOTH);
		*at = '/';
	}
	free(part);
	return foreign;
}

/* It, its folder, and the way to it: as it is named, and as it is. */
static bool
place_is_foreign(const char *file)
{
	const char *last;
	char *folder = host_file_folder(file, &last), *real = realpath(folder, NULL);
	char *target = realpath(file, NULL);
	char *below = real ? x_asprintf("%s/", real) : NULL;
	const bool foreign = is_foreign(folder) || is_foreign(file) || way_is_foreign(file) ||
	                     (below && way_is_foreign(below)) || (target && way_is_foreign(target));

	free(below);
	free(target);
	free(real);
	free(folder);
	return foreign;
}

static bool
locks_freely(void)
{
	struct rlimit locked;

	return !getrlimit(RLIMIT_MEMLOCK, &locked) && locked.rlim_cur == RLIM_INFINITY;
}

/* Of whoever is a node of a network. */
#define NETWORK_CAPS                                                                               \
	(CAGE_CAP(CAP_NET_BIND_SERVICE) | CAGE_CAP(CAP_NET_ADMIN) | CAGE_CAP(CAP_NET_RAW))

/* Of who writes files, perhaps another user's. */
static uint64_t
capabilities_of(bool foreign)
{
	return (locks_freely() ? 0 : CAGE_CAP(CAP_IPC_LOCK)) |
	       (foreign ? CAGE_CAP(CAP_DAC_OVERRIDE) : 0);
}

static uint64_t
capabilities_of_run(const struct run_options *o)
{
	bool foreign = (o->socket && place_is_foreign(o->socket)) ||
	               (o->flash && (is_foreign(o->flash) || place_is_foreign(o->flash)));

	for (size_t i = 0; o->config && i < ARRAY_SIZE(beside) && !foreign; i++) {
		char *file = x_asprintf("%s%s", o->config, beside[i]);

		foreign = place_is_foreign(file);
		free(file);
	}
	return capabilities_of(foreign) | NETWORK_CAPS;
}

/* The kernel lets nobody move between namespaces without CAP_SYS_ADMIN. */
static uint64_t
capabilities_of_lab(const struct run_cage_lab *lab)
{
	const bool foreign =
	    (lab->pcap && (is_foreign(lab->pcap) || place_is_foreign(lab->pcap))) ||
	    (lab->keep && (is_foreign(lab->keep) || place_is_foreign(lab->keep))) ||
	    (lab->export && place_is_foreign(lab->export));

	return capabilities_of(foreign) | (lab->netns ? NETWORK_CAPS | CAGE_CAP(CAP_SYS_ADMIN) : 0);
}

/* --- all of it -------------------------------------------------------------------------------- */

/*
 * A service is told of a call that the list lacks, and goes on; the tests ask that it ends there.
 * The environment can make it stricter alone.
 */
static enum cage_refusal
find_refusal(void)
{
	const char *asked = getenv("TESTUDO_CAGE");

	return asked && !strcmp(asked, "kill") ? CAGE_KILL : CAGE_ERRNO;
}

/* One line says what holds, and one what the kernel lacks. */
static void
tell_shut(const char *name, const struct cage_state *state)
{
	struct text text = TEXT_INIT;

	text_printf(&text, "testudo: %s: in its cage: capabilities ", name);
	cage_caps_text(state->capabilities, &text);
	if (state->landlock)
		text_printf(&text, "; Landlock %d", state->landlock);
	if (state->calls)
		text_printf(&text, "; %u system calls", state->calls);
	run_tell(TELL_INFO, "%s\n", text_string(&text));
	text_fini(&text);
	if (!state->landlock || !state->calls)
		run_tell(TELL_WARNING, "testudo: %s: its cage has gaps: this kernel has no %s\n",
		         name,
		         state->landlock ? "seccomp filters"
		         : state->calls  ? "Landlock"
		                         : "Landlock and no seccomp filters");
}

/* name: who says so; NULL: nothing is said but what fails. */
static bool
shut_cage(struct outline *c, const char *name, uint64_t keep, enum cage_role role)
{
	const struct cage cage = {.capabilities = keep,
	                          .paths = c->paths,
	                          .n_paths = c->n_paths,
	                          .abstract = needs_abstract(),
	                          .role = role,
	                          .refusal = find_refusal()};
	const char *what;
	const int error = cage_shut(&cage, &what);

	if (error)
		run_tell(TELL_ERROR, "testudo: the cage: %s: %s (--no-cage does without)\n", what,
		         strerror(-error));
	else if (name)
		tell_shut(name, cage_state());
	return !error;
}

/* A folder that holds much else. */
static void
warn_of_folder(const struct run_options *o, const char *file, const char *what)
{
	static const char *const wide[] = {"/", "/etc", "/home", "/root", "/run", "/tmp", "/var"};
	const char *last;
	char *folder = host_file_folder(file, &last), *real = realpath(folder, NULL);

	for (size_t i = 0; real && i < ARRAY_SIZE(wide); i++)
		if (!strcmp(real, wide[i]))
			run_tell(TELL_WARNING,
			         "testudo: %s: its cage is wide: %s %s; give it a folder of its "
			         "own\n",
			         o->name, what, real);
	free(real);
	free(folder);
}

bool
run_cage_shut(const struct run_options *o)
{
	struct outline c = {0};
	bool ok;

	if (o->no_cage) {
		run_tell(TELL_WARNING, "testudo: %s: without a cage, as asked for\n", o->name);
		return true;
	}
	if (o->config)
		warn_of_folder(o, o->config, "it can change all of");
	if (o->socket)
		warn_of_folder(o, o->socket, "it can remove files of");
	add_system(&c);
	add_run(&c, o);
	ok = shut_cage(&c, o->name, capabilities_of_run(o), CAGE_RUN);
	free_outline(&c);
	return ok;
}

bool
run_cage_shut_lab(const struct run_cage_lab *lab)
{
	struct outline c = {0};
	const int error = lab->netns ? netns_leave() : 0;
	bool ok;

	if (error) {
		run_tell(TELL_ERROR, "testudo: the cage: a network of its own: %s\n",
		         strerror(-error));
		return false;
	}
	add_system(&c);
	if (lab->netns) {
		add_own_proc(&c);
		add_network(&c);
	} else {
		add_path(&c, "/proc", CAGE_READ);
	}
	if (lab->pcap)
		add_path(&c, lab->pcap, CAGE_CHANGE);
	if (lab->export) {
		add_folder_of(&c, lab->export, CAGE_CHANGE);
		add_target(&c, lab->export, CAGE_CHANGE);
	}
	if (lab->keep)
		add_path(&c, lab->keep, CAGE_CHANGE);
	if (lab->sockets)
		add_path(&c, lab->sockets, CAGE_CHANGE);
	ok = shut_cage(&c, NULL, capabilities_of_lab(lab), lab->netns ? CAGE_NETNS : CAGE_LAB);
	free_outline(&c);
	return ok;
}

bool
run_cage_shut_folder_of(const char *path)
{
	struct outline c = {0};
	bool ok;

	add_folder_of(&c, path, CAGE_CHANGE);
	ok = shut_cage(&c, NULL, capabilities_of(place_is_foreign(path)), CAGE_LAB);
	free_outline(&c);
	return ok;
}

void
run_cage_tell(const struct log_sink *sink)
{
	int number;

	while ((number = cage_calls_refused()) >= 0) {
		char *name = cage_calls_name(number);

		LOG(sink, CAGE_REFUSED, name);
		free(name);
	}
}
