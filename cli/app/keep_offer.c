/* SPDX-License-Identifier: Apache-2.0 */
/* Saved configurations, offered at the end: see keep_offer.h. */
#include "cli/app/keep_offer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/app/run_cage.h"
#include "cli/files/helper_process.h"
#include "cli/lab/lab_keep.h"

#define OCTETS_MAX ((size_t)64 << 20) /* of all files */
#define NODE_SIZE  64                 /* of a node's name, its 0 too */

struct keep_offer {
	const struct lab_spec *spec; /* NULL until it is read */
	const char *file;
	char *dir;
	int line; /* to the process that writes */
};

/* --- both sides ------------------------------------------------------------------------------- */

/*
 * Once it has read its topology the lab sends the names of its nodes, and an empty one. At its end
 * it sends the names of those that have saved, and an empty one; the writer answers 1 (they are to
 * be kept) or 0. Then the lab sends files: name of the node, name of the file, the number of octets
 * (struct file_size), and these. A node without a name ends them, and the answer is 0 or -errno.
 */
struct file_size {
	size_t n;
};

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

struct writer {
	const char *dir;
	bool caged;
	size_t n_nodes;
	char nodes[LAB_NODES_MAX + 1][NODE_SIZE]; /* of the lab; the empty one behind them */
};

/* False: there is no lab, or one with too many of them. */
static bool
take_nodes(struct writer *w)
{
	for (; w->n_nodes <= LAB_NODES_MAX; w->n_nodes++) {
		if (!helper_take_word(HELPER_LINE, w->nodes[w->n_nodes], NODE_SIZE))
			return false;
		if (!*w->nodes[w->n_nodes])
			return true;
	}
	return false;
}

static bool
is_node(const struct writer *w, const char *name)
{
	for (size_t i = 0; i < w->n_nodes; i++)
		if (!strcmp(w->nodes[i], name))
			return true;
	return false;
}

/* "R1, R3"; the caller frees it. NULL: nobody has saved anything, or the lab does not say so. */
static char *
take_names(const struct writer *w)
{
	struct text names = TEXT_INIT;
	char node[NODE_SIZE] = "";
	bool known;

	while ((known = helper_take_word(HELPER_LINE, node, sizeof(node))) && *node &&
	       (known = is_node(w, node)))
		text_printf(&names, "%s%s", names.n ? ", " : "", node);
	if (known)
		return names.p;
	text_fini(&names);
	return NULL;
}

/* Anything but y... is no, and so is the end of the input. */
static int
ask_user(const struct writer *w, const char *names)
{
	char answer[16] = "";
	struct stat st;

	printf("\n`write memory` has saved the configuration of %s, which goes with the lab.\n"
	       "Keep what is saved in %s%s? [yes/no]: ",
	       names, w->dir, stat(w->dir, &st) ? "" : ", over what is there");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

/* Takes what is behind the node's name, and writes it; 0 or -errno. */
static int
write_one(const struct writer *w, const char *node, size_t *octets)
{
	char name[FILES_NAME_MAX + 16], *text;
	struct file_size size;
	int error;

	if (!helper_take_word(HELPER_LINE, name, sizeof(name)) ||
	    !helper_take(HELPER_LINE, &size, sizeof(size)))
		return -EBADMSG;
	if (size.n > FILES_SIZE_MAX || size.n > *octets)
		return -EFBIG;
	*octets -= size.n;
	text = x_alloc(size.n + 1);
	error = !helper_take(HELPER_LINE, text, size.n) ? -EBADMSG
	        : !is_node(w, node)                     ? -EINVAL
	                            : lab_keep_put(w->dir, node, name, SPAN(text, size.n));
	explicit_bzero(text, size.n);
	free(text);
	return error;
}

/* The first error ends it: what could not be read tells nothing of what follows. */
static int
write_all(const struct writer *w)
{
	size_t octets = OCTETS_MAX;
	char node[NODE_SIZE];
	int error = 0;

	while (!error) {
		if (!helper_take_word(HELPER_LINE, node, sizeof(node)))
			return -EBADMSG;
		if (!*node)
			return 0;
		error = write_one(w, node, &octets);
	}
	return error;
}

static void
answer_lab(int answer)
{
	helper_give(HELPER_LINE, SPAN(&answer, sizeof(answer)));
}

static void
run_writer(void *arg)
{
	struct writer *w = arg;
	char *names;
	int answer;

	if (!take_nodes(w) || (w->caged && !run_cage_shut_folder_of(w->dir)))
		return;
	names = take_names(w);
	answer = names ? ask_user(w, names) : 0;
	free(names);
	answer_lab(answer);
	if (answer)
		answer_lab(write_all(w));
}

/* --- the lab's side --------------------------------------------------------------------------- */

struct keep_offer *
keep_offer_new(const char *file, bool caged)
{
	struct keep_offer *o = x_alloc(sizeof(*o));
	struct writer w = {.caged = caged};

	o->file = file;
	w.dir = o->dir = folder_beside(file);
	o->line = helper_start("testudo-writer", run_writer, &w);
	if (o->line >= 0)
		return o;
	free(o->dir);
	free(o);
	return NULL;
}

void
keep_offer_free(struct keep_offer *o)
{
	if (!o)
		return;
	close(o->line);
	free(o->dir);
	free(o);
}

void
keep_offer_nodes(struct keep_offer *o, const struct lab_spec *spec)
{
	o->spec = spec;
	for (size_t i = 0; i < spec->n_nodes; i++)
		helper_give_word(o->line, spec->nodes[i].name);
	helper_give_word(o->line, ""); /* when the writer is gone, the offer tells */
}

static int
give_file(void *arg, const char *node, const char *name, struct span text)
{
	const struct keep_offer *o = arg;
	struct file_size size = {text.n};
	int error = helper_give_word(o->line, node);

	if (!error)
		error = helper_give_word(o->line, name);
	if (!error)
		error = helper_give(o->line, SPAN(&size, sizeof(size)));
	return error ? error : helper_give(o->line, text);
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
			error = helper_give_word(o->line, o->spec->nodes[i].name);
		}
	if (!any)
		return 0;
	if (!error)
		error = helper_give_word(o->line, "");
	if (error)
		return error;
	return helper_take(o->line, &answer, sizeof(answer)) ? answer : -EPIPE;
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
		error = helper_give_word(o->line, "");
	if (wanted < 0)
		error = wanted;
	else if (!helper_take(o->line, &written, sizeof(written)) || written)
		error = written; /* it knows better than who could not send */
	if (error)
		fprintf(stderr, "testudo: %s: %s\n", o->dir, strerror(-error));
	else
		printf("testudo lab %s --keep %s starts with it.\n", o->file, o->dir);
	return !error;
}
