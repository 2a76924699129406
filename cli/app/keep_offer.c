/* SPDX-License-Identifier: Apache-2.0 */
/* Saved configurations, offered at the end: see keep_offer.h. */
#include "cli/app/keep_offer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/files/host_file.h"
#include "cli/lab/lab_keep.h"

struct keep_offer {
	char *lab_file, *dir;
	int fd; /* to the process that writes */
};

/* --- the process that writes ------------------------------------------------------------------ */

/*
 * What is sent is a row of files: name of the node, name of the file, each ended by a 0, the number
 * of octets (struct file_size), and these. A node without a name ends it, and the answer is 0 or
 * -errno.
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

/* Takes one file and writes it; false: that was the last, or nobody sends any more. */
static bool
write_one(int fd, const char *dir, int *ret_error)
{
	char node[64], name[FILES_NAME_MAX + 16];
	struct file_size size;
	char *octets;
	bool whole;
	int error = 0;

	if (!take_word(fd, node, sizeof(node)) || !*node || !take_word(fd, name, sizeof(name)) ||
	    !take_octets(fd, &size, sizeof(size)) || size.n > FILES_SIZE_MAX)
		return false;
	octets = x_alloc(size.n + 1);
	whole = take_octets(fd, octets, size.n);
	if (whole)
		error = lab_keep_put(dir, node, name, SPAN(octets, size.n));
	explicit_bzero(octets, size.n);
	free(octets);
	if (error && !*ret_error)
		*ret_error = error;
	return whole;
}

static void
write_all(int fd, const char *dir)
{
	int error = 0;

	while (write_one(fd, dir, &error))
		;
	send(fd, &error, sizeof(error), MSG_NOSIGNAL);
}

/* --- the lab's side --------------------------------------------------------------------------- */

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

struct keep_offer *
keep_offer_new(const char *lab_file)
{
	struct keep_offer *o;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return NULL;
	o = x_alloc(sizeof(*o));
	*o = (struct keep_offer){
	    .lab_file = x_strdup(lab_file), .dir = folder_beside(lab_file), .fd = ends[0]};
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		/* It ends with the lab, and not before: by the end of what it reads. */
		signal(SIGINT, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		write_all(ends[1], o->dir);
		_exit(0);
	}
	close(ends[1]);
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
	free(o->lab_file);
	free(o->dir);
	free(o);
}

static int
give_file(void *arg, const char *node, const char *name, struct span text)
{
	const struct keep_offer *o = arg;
	struct file_size size = {text.n};
	int error = host_file_write(o->fd, SPAN(node, strlen(node) + 1));

	if (!error)
		error = host_file_write(o->fd, SPAN(name, strlen(name) + 1));
	if (!error)
		error = host_file_write(o->fd, SPAN(&size, sizeof(size)));
	return error ? error : host_file_write(o->fd, text);
}

/* "R1, R3"; the caller frees it. NULL: nobody has saved anything. */
static char *
names_of_saved(struct lab *lab)
{
	const struct lab_spec *spec = lab_spec(lab);
	struct text names = TEXT_INIT;

	for (size_t i = 0; i < spec->n_nodes; i++)
		if (lab_saved(lab, i))
			text_printf(&names, "%s%s", names.n ? ", " : "", spec->nodes[i].name);
	return names.p;
}

/* Anything but y... is no, and so is the end of the input. */
static bool
is_wanted(const struct keep_offer *o, const char *names)
{
	char answer[16] = "";
	struct stat st;

	printf("\n`write memory` has saved the configuration of %s, which goes with the lab.\n"
	       "Keep what is saved in %s%s? [yes/no]: ",
	       names, o->dir, stat(o->dir, &st) ? "" : ", over what is there");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

bool
keep_offer_make(struct keep_offer *o, struct lab *lab)
{
	char *names = names_of_saved(lab);
	int error = 0, written;

	if (!names || !is_wanted(o, names))
		goto out;
	error = lab_keep_give(lab, give_file, o);
	if (!error)
		error = host_file_write(o->fd, SPAN("", 1));
	if (!error)
		error = take_octets(o->fd, &written, sizeof(written)) ? written : -EPIPE;
	if (error)
		fprintf(stderr, "testudo: %s: %s\n", o->dir, strerror(-error));
	else
		printf("testudo lab %s --keep %s starts with it.\n", o->lab_file, o->dir);
out:
	free(names);
	return !error;
}
