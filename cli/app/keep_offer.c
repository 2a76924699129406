/* SPDX-License-Identifier: Apache-2.0 */
/* Saved configurations, offered at the end: see keep_offer.h. */
#define _GNU_SOURCE /* closefrom */
#include "cli/app/keep_offer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/app/run_cage.h"
#include "cli/files/host_file.h"
#include "cli/lab/lab_keep.h"

#define OCTETS_MAX ((size_t)64 << 20) /* of all files */
#define LINE       3                  /* the writer's descriptor, to the lab */

struct keep_offer {
	const struct lab_spec *spec;
	char *dir;
	int fd; /* to the process that writes */
};

/* --- both sides ------------------------------------------------------------------------------- */

/*
 * The lab sends the names of the nodes that have saved, each ended by a 0, and an empty one; the
 * writer answers 1 (they are to be kept) or 0. Then the lab sends files: name of the node, name of
 * the file, each ended by a 0, the number of octets (struct file_size), and these. A node without a
 * name ends them, and the answer is 0 or -errno.
 */
struct file_size {
	size_t n;
};

static bool
take_octets(int fd, void *into, size_t n)
{
	char *at = into;

	while (n) {
		ssize_t got = read(fd, at, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += got;
		n -= (size_t)got;
	}
	return true;
}

/* "labs/lab.yaml" to "labs/lab.keep". */
static char *
folder_beside(const char *file)
{
	size_t n = strlen(file);

	if (n > 5 && !strcmp(file + n - 5, ".yaml"))
		n -= 5;
	else if (n > 4 && !strcmp(file + n - 4, ".yml"))
		n -= 4;
	return x_asprintf("%.*s.keep", (int)n, file);
}

/* --- the process that writes ------------------------------------------------------------------ */

static bool
take_word(int fd, char *into, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!take_octets(fd, &into[i], 1))
			return false;
		if (!into[i])
			return true;
	}
	return false;
}

static bool
is_node(const struct keep_offer *o, const char *name)
{
	for (size_t i = 0; i < o->spec->n_nodes; i++)
		if (!strcmp(o->spec->nodes[i].name, name))
			return true;
	return false;
}

/* "R1, R3"; the caller frees it. NULL: nobody has saved anything, or the lab does not say so. */
static char *
take_names(const struct keep_offer *o)
{
	struct text names = TEXT_INIT;
	char node[64] = "";
	bool known;

	while ((known = take_word(o->fd, node, sizeof(node))) && *node &&
	       (known = is_node(o, node)))
		text_printf(&names, "%s%s", names.n ? ", " : "", node);
	if (known)
		return names.p;
	text_fini(&names);
	return NULL;
}

/* Anything but y... is no, and so is the end of the input. */
static int
ask_user(const struct keep_offer *o, const char *names)
{
	char answer[16] = "";
	struct stat st;

	printf("\n`write memory` has saved the configuration of %s, which goes with the lab.\n"
	       "Keep what is saved in %s%s? [yes/no]: ",
	       names, o->dir, stat(o->dir, &st) ? "" : ", over what is there");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

/* Takes what is behind the node's name, and writes it; 0 or -errno. */
static int
write_one(const struct keep_offer *o, const char *node, size_t *octets)
{
	char name[FILES_NAME_MAX + 16], *text;
	struct file_size size;
	int error;

	if (!take_word(o->fd, name, sizeof(name)) || !take_octets(o->fd, &size, sizeof(size)))
		return -EBADMSG;
	if (size.n > FILES_SIZE_MAX || size.n > *octets)
		return -EFBIG;
	*octets -= size.n;
	text = x_alloc(size.n + 1);
	error = !take_octets(o->fd, text, size.n) ? -EBADMSG
	        : !is_node(o, node)               ? -EINVAL
	                            : lab_keep_put(o->dir, node, name, SPAN(text, size.n));
	explicit_bzero(text, size.n);
	free(text);
	return error;
}

/* The first error ends it: what could not be read tells nothing of what follows. */
static int
write_all(const struct keep_offer *o)
{
	size_t octets = OCTETS_MAX;
	char node[64];
	int error = 0;

	while (!error) {
		if (!take_word(o->fd, node, sizeof(node)))
			return -EBADMSG;
		if (!*node)
			return 0;
		error = write_one(o, node, &octets);
	}
	return error;
}

/* It ends with the lab, and not before: by the end of what it reads. It has nothing else open. */
static bool
become_writer(struct keep_offer *o, int line, bool caged)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	prctl(PR_SET_NAME, "testudo-writer", 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (dup2(line, LINE) < 0)
		return false;
	closefrom(LINE + 1);
	o->fd = LINE;
	return !caged || run_cage_shut_folder_of(o->dir);
}

static void
run_writer(const struct keep_offer *o)
{
	char *names = take_names(o);
	int answer = names ? ask_user(o, names) : 0;

	free(names);
	send(o->fd, &answer, sizeof(answer), MSG_NOSIGNAL);
	if (!answer)
		return;
	answer = write_all(o);
	send(o->fd, &answer, sizeof(answer), MSG_NOSIGNAL);
}

/* --- the lab's side --------------------------------------------------------------------------- */

struct keep_offer *
keep_offer_new(const struct lab_spec *spec, bool caged)
{
	struct keep_offer *o;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return NULL;
	o = x_alloc(sizeof(*o));
	*o = (struct keep_offer){.spec = spec, .dir = folder_beside(spec->file), .fd = ends[0]};
	pid = fork();
	if (pid == 0) {
		if (become_writer(o, ends[1], caged))
			run_writer(o);
		_exit(0);
	}
	close(ends[1]);
	signal(SIGPIPE, SIG_IGN); /* it may have ended, which is told as an error */
	if (pid > 0)
		return o;
	keep_offer_free(o);
	return NULL;
}

void
keep_offer_free(struct keep_offer *o)
{
	if (!o)
		return;
	close(o->fd);
	free(o->dir);
	free(o);
}

static int
give_word(const struct keep_offer *o, const char *word)
{
	return host_file_write(o->fd, SPAN(word, strlen(word) + 1));
}

static int
give_file(void *arg, const char *node, const char *name, struct span text)
{
	const struct keep_offer *o = arg;
	struct file_size size = {text.n};
	int error = give_word(o, node);

	if (!error)
		error = give_word(o, name);
	if (!error)
		error = host_file_write(o->fd, SPAN(&size, sizeof(size)));
	return error ? error : host_file_write(o->fd, text);
}

/* Is there anything to be kept, and is it wanted? 1, 0 or -errno. */
static int
offer_saved(const struct keep_offer *o, struct lab *lab)
{
	int error = 0, answer;
	bool any = false;

	for (size_t i = 0; i < o->spec->n_nodes && !error; i++)
		if (lab_saved(lab, i)) {
			any = true;
			error = give_word(o, o->spec->nodes[i].name);
		}
	if (!any)
		return 0;
	if (!error)
		error = give_word(o, "");
	if (error)
		return error;
	return take_octets(o->fd, &answer, sizeof(answer)) ? answer : -EPIPE;
}

bool
keep_offer_make(struct keep_offer *o, struct lab *lab)
{
	int error = 0, written = -EPIPE, wanted = offer_saved(o, lab);

	if (!wanted)
		return true;
	if (wanted > 0)
		error = lab_keep_give(lab, give_file, o);
	if (wanted > 0 && !error)
		error = give_word(o, "");
	if (wanted < 0)
		error = wanted;
	else if (!take_octets(o->fd, &written, sizeof(written)) || written)
		error = written; /* it knows better than who could not send */
	if (error)
		fprintf(stderr, "testudo: %s: %s\n", o->dir, strerror(-error));
	else
		printf("testudo lab %s --keep %s starts with it.\n", o->spec->file, o->dir);
	return !error;
}
