/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper of a lab's network: see lab_keeper.h.
 *
 *   lab                                   keeper
 *    | fork, a socket between them          |
 *    | reads its topology                   | it knows nothing yet, and no secret of the lab
 *    |--------- names, and links ---------->| lock; leftovers away; namespaces and links, by `ip`
 *    |<---------------- a report -----------| it runs no program any more
 *    |                                      |
 *    | ends, or is killed: the socket ends  |
 *    |------------------------------------->| namespaces away, and with them the links
 *    |<---------------- a report -----------|
 *
 * The lock is the keeper's: a lab that is started while that of before is taken away waits for it.
 */
#define _GNU_SOURCE
#include "cli/lab/lab_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/files/helper_process.h"
#include "compiler/base/text.h"

#define ARGS_MAX       24
#define LOCK_TRIES     200
#define LOCK_PAUSE     50000 /* microseconds */
#define NAMESPACE      "testudo-%s.%s"
#define NAMESPACE_LINK "testudo-%s.link.%zu"
#define WORD_SIZE      256 /* of a name on the line, its 0 too */

struct lab_keeper {
	int line;   /* to the keeper */
	bool keeps; /* a network */
};

/* What the keeper reports, in one octet. */
enum report { REPORT_NONE, READY, GONE, RUNS, NO_LOCK, NO_NAMESPACE, NO_LINK };

/* The keeper's own, in its arena. */
struct end {
	const char *netns, *device;
};

struct link {
	const char *bridge; /* a namespace: the link has other than two ends; else NULL */
	size_t n_ends, capacity;
	struct end *ends;
};

struct keeper {
	struct arena *arena;
	const char *lab;
	int lock;
	size_t n_names, names_capacity;
	const char **names; /* of namespaces: the nodes', and those of bridges */
	size_t n_links, links_capacity;
	struct link *links;
};

/* --- names ------------------------------------------------------------------------------------ */

/*
 * A lab's name may be any text, so that of its node stands behind the last dot: no node's name has
 * one, and two labs never have one namespace.
 */
char *
lab_keeper_namespace(const struct lab_spec *spec, const char *node)
{
	return x_asprintf(NAMESPACE, spec->name, node);
}

void
lab_keeper_device(const char *interface, char ret[static LAB_DEVICE_MAX])
{
	const char *unit = interface + strcspn(interface, "0123456789");
	char *slash;

	snprintf(ret, LAB_DEVICE_MAX, "%.2s%.12s", interface, unit);
	while ((slash = strchr(ret, '/')))
		*slash = '-';
}

/* Names of nodes were looked at when the lab was read; its own may be any text. */
static bool
is_file_name(const char *name)
{
	for (; *name; name++)
		if (*name == '/' || (unsigned char)*name < ' ' || *name == 0x7f)
			return false;
	return true;
}

/* --- what the lab tells its keeper ------------------------------------------------------------ */

/*
 * Words, each ended by a 0: the lab; its nodes, and an empty one; then of each link the ends, node
 * and device, and an empty one. A link without ends is behind the last.
 */
static void
add_word(struct text *t, const char *word)
{
	text_add(t, word, strlen(word) + 1);
}

static void
describe_network(const struct lab_spec *spec, struct text *ret)
{
	char device[LAB_DEVICE_MAX];

	add_word(ret, spec->name);
	for (size_t i = 0; i < spec->n_nodes; i++)
		add_word(ret, spec->nodes[i].name);
	add_word(ret, "");
	for (size_t i = 0; i < spec->n_links; i++) {
		for (size_t k = 0; k < spec->links[i].n_ends; k++) {
			lab_keeper_device(spec->links[i].ends[k].interface, device);
			add_word(ret, spec->links[i].ends[k].node);
			add_word(ret, device);
		}
		add_word(ret, "");
	}
	add_word(ret, "");
}

/* NULL: the lab has ended. */
static const char *
take_word(struct keeper *k)
{
	char word[WORD_SIZE];

	return helper_take_word(HELPER_LINE, word, sizeof(word)) ? arena_strdup(k->arena, word)
	                                                         : NULL;
}

static const char *
name_namespace(const struct keeper *k, const char *node)
{
	return arena_printf(k->arena, NAMESPACE, k->lab, node);
}

static void
add_namespace(struct keeper *k, const char *name)
{
	x_grow(&k->names, &k->names_capacity, k->n_names + 1, sizeof(*k->names));
	k->names[k->n_names++] = name;
}

static bool
take_nodes(struct keeper *k)
{
	const char *node;

	while ((node = take_word(k)) && *node)
		add_namespace(k, name_namespace(k, node));
	return node != NULL;
}

static bool
take_link(struct keeper *k, struct link *ret)
{
	const char *node, *device;

	*ret = (struct link){0};
	while ((node = take_word(k)) && *node) {
		device = take_word(k);
		if (!device)
			return false;
		x_grow(&ret->ends, &ret->capacity, ret->n_ends + 1, sizeof(*ret->ends));
		ret->ends[ret->n_ends++] = (struct end){name_namespace(k, node), device};
	}
	return node != NULL;
}

/* No node's name begins with a digit: behind the last dot it tells a link from a node. */
static bool
take_links(struct keeper *k)
{
	for (size_t i = 0;; i++) {
		struct link *link;

		x_grow(&k->links, &k->links_capacity, i + 1, sizeof(*k->links));
		link = &k->links[i];
		if (!take_link(k, link))
			return false;
		if (!link->n_ends)
			return true;
		if (link->n_ends != 2) {
			link->bridge = arena_printf(k->arena, NAMESPACE_LINK, k->lab, i);
			add_namespace(k, link->bridge);
		}
		k->n_links++;
	}
}

static bool
take_network(struct keeper *k)
{
	k->arena = arena_new();
	k->lab = take_word(k);
	return k->lab && take_nodes(k) && take_links(k);
}

/* --- iproute2 --------------------------------------------------------------------------------- */

static bool
lab_has_ended(void)
{
	struct pollfd line = {.fd = HELPER_LINE, .events = POLLIN};

	return poll(&line, 1, 0) != 0;
}

/* Runs `ip` with the words up to NULL, unless the lab has ended meanwhile; 0 or -errno. */
static int
run_ip(const char *word, ...)
{
	char *args[ARGS_MAX] = {(char *)"ip", (char *)word};
	int n = 2, status = 0, error;
	va_list ap;
	pid_t pid;

	if (lab_has_ended())
		return -ECANCELED;
	va_start(ap, word);
	while (n < ARGS_MAX - 1 && (args[n] = va_arg(ap, char *)))
		n++;
	va_end(ap);
	error = posix_spawnp(&pid, "ip", NULL, NULL, args, environ);
	if (error)
		return -error;
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* --- namespaces ------------------------------------------------------------------------------- */

/* As `ip netns del`, but no program is needed. True: it is not there, or not any more. */
static bool
remove_namespace(const char *name)
{
	char *path = x_asprintf("/run/netns/%s", name);
	bool gone;

	umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	gone = !unlink(path) || errno == ENOENT;
	free(path);
	return gone;
}

static bool
remove_namespaces(const struct keeper *k)
{
	bool gone = true;

	for (size_t i = 0; i < k->n_names; i++)
		gone &= remove_namespace(k->names[i]);
	return gone;
}

static int
make_namespace(const char *name)
{
	int error = run_ip("netns", "add", name, NULL);

	return error ? error : run_ip("-n", name, "link", "set", "lo", "up", NULL);
}

/* --- links ------------------------------------------------------------------------------------ */

static int
make_pair(const char *ns1, const char *dev1, const char *ns2, const char *dev2)
{
	int error = run_ip("link", "add", dev1, "netns", ns1, "type", "veth", "peer", "name", dev2,
	                   "netns", ns2, NULL);

	if (!error)
		error = run_ip("-n", ns1, "link", "set", dev1, "up", NULL);
	return error ? error : run_ip("-n", ns2, "link", "set", dev2, "up", NULL);
}

/* A link of other than two ends: a bridge in a namespace of its own. */
static int
make_bridge(const struct link *link)
{
	const char *name = link->bridge;
	int error = run_ip("-n", name, "link", "add", "br0", "type", "bridge", NULL);

	if (!error)
		error = run_ip("-n", name, "link", "set", "br0", "up", NULL);
	for (size_t i = 0; i < link->n_ends && !error; i++) {
		char port[LAB_DEVICE_MAX];

		snprintf(port, sizeof(port), "p%u", (unsigned)i);
		error = make_pair(link->ends[i].netns, link->ends[i].device, name, port);
		if (!error)
			error = run_ip("-n", name, "link", "set", port, "master", "br0", NULL);
	}
	return error;
}

static int
make_links(const struct keeper *k)
{
	int error = 0;

	for (size_t i = 0; i < k->n_links && !error; i++) {
		const struct link *link = &k->links[i];
		const struct end *ends = link->ends;

		error = link->bridge ? make_bridge(link)
		                     : make_pair(ends[0].netns, ends[0].device, ends[1].netns,
		                                 ends[1].device);
	}
	return error;
}

/* --- the keeper ------------------------------------------------------------------------------- */

/* It belongs to no terminal, and reads no file. */
static void
become_keeper(void)
{
	int null;

	setsid();
	if (chdir("/"))
		_exit(EXIT_FAILURE);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		_exit(EXIT_FAILURE);
	close(null);
}

/* A lock that was taken of a file that is gone locks out nobody. */
static int
try_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), error;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &st))
		error = -errno; /* -EAGAIN: another one has it */
	else
		error = st.st_nlink ? 0 : -EAGAIN;
	if (!error)
		return fd;
	close(fd);
	return error;
}

static char *
lock_path(const struct keeper *k)
{
	return x_asprintf("/run/testudo-%s.lock", k->lab);
}

static enum report
take_lock(struct keeper *k)
{
	char *path = lock_path(k);
	unsigned tries = 0;

	while ((k->lock = try_lock(path)) == -EAGAIN && tries++ < LOCK_TRIES && !lab_has_ended())
		usleep(LOCK_PAUSE);
	free(path);
	return k->lock >= 0 ? READY : k->lock == -EAGAIN ? RUNS : NO_LOCK;
}

static void
drop_lock(struct keeper *k)
{
	char *path = lock_path(k);

	unlink(path);
	close(k->lock);
	free(path);
}

static enum report
build_network(struct keeper *k)
{
	for (size_t i = 0; i < k->n_names; i++)
		if (make_namespace(k->names[i]))
			return NO_NAMESPACE;
	return make_links(k) ? NO_LINK : READY;
}

static void
send_report(enum report report)
{
	const uint8_t octet = (uint8_t)report;

	if (send(HELPER_LINE, &octet, 1, MSG_NOSIGNAL) < 0)
		return; /* the lab is gone, and needs to know no more */
}

/* What the lab writes is not looked at: that the line ends is all there is to say. */
static void
await_end(void)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char octets[64];

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	while (read(HELPER_LINE, octets, sizeof(octets)) > 0)
		;
}

static void
keep_network(void *arg)
{
	struct keeper k = {0};
	enum report report;

	(void)arg;
	become_keeper();
	if (!take_network(&k))
		return;
	report = take_lock(&k);
	if (report == READY) {
		remove_namespaces(&k);
		report = build_network(&k);
		if (report == READY) {
			send_report(READY);
			await_end();
			report = GONE;
		}
		if (!remove_namespaces(&k) && report == GONE)
			report = NO_NAMESPACE;
		drop_lock(&k);
	}
	send_report(report);
}

/* --- the lab's side --------------------------------------------------------------------------- */

static enum report
await_report(int line)
{
	uint8_t octet = REPORT_NONE;
	ssize_t n;

	do
		n = read(line, &octet, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? octet : REPORT_NONE;
}

static const char *
report_text(enum report report)
{
	switch (report) {
	case RUNS:
		return "a lab of this name is up in namespaces already";
	case NO_LOCK:
	case NO_NAMESPACE:
		return "cannot make a network namespace (is this root, is iproute2 there?)";
	case NO_LINK:
		return "cannot make a link between namespaces";
	default:
		return "the process that makes its namespaces has ended";
	}
}

struct lab_keeper *
lab_keeper_new(void)
{
	const int line = helper_start("testudo-keeper", keep_network, NULL);
	struct lab_keeper *k;

	if (line < 0)
		return NULL;
	k = x_alloc(sizeof(*k));
	k->line = line;
	return k;
}

bool
lab_keeper_build(struct lab_keeper *k, const struct lab_spec *spec, const char **ret_error)
{
	struct text network = TEXT_INIT;
	enum report report;

	*ret_error = "its name cannot be that of a namespace";
	if (!is_file_name(spec->name))
		return false;
	describe_network(spec, &network);
	helper_give(k->line, SPAN(network.p, network.n)); /* the report tells what came of it */
	text_fini(&network);
	report = await_report(k->line);
	k->keeps = report == READY;
	*ret_error = report_text(report);
	return k->keeps;
}

void
lab_keeper_free(struct lab_keeper *k)
{
	if (!k)
		return;
	shutdown(k->line, SHUT_WR);
	if (k->keeps && await_report(k->line) != GONE)
		fprintf(stderr, "testudo: namespaces of the lab are left (ip netns list); they go "
		                "when it is started again\n");
	close(k->line);
	free(k);
}
