/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `crypto key import`: a key pair as `crypto key export` has printed it, or OpenSSL has made it, by
 * paste or from two files. What is pasted is looked at when all is there, so that no line of a bad
 * key is taken for a command. A text that is loaded replaces no pair, as with `generate`.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/exec/exec.h"
#include "cli/exec/exec_files.h"
#include "cli/exec/exec_key.h"
#include "runtime/crypto/key_pem.h"

/*
 *             -----BEGIN           -----END
 *     BEFORE ------------> WITHIN ----------> BEHIND
 */
enum armour { BEFORE, WITHIN, BEHIND };

struct part {
	enum armour armour;
	bool too_long; /* what came then is not kept */
	size_t n;
	char text[KEY_PEM_MAX];
};

enum { PUBLIC, PRIVATE, PARTS };

struct importing {
	struct node_task task;
	struct shell *sh; /* NULL: the session is gone, and nobody wants the key */
	bool ec, exportable, quiet;
	bool kept; /* a pair of this name is there, and what is pasted is not looked at */
	unsigned at;
	struct secret passphrase;
	struct part parts[PARTS];
	struct key_pem_pair pair;
	enum key_pem_error error;
	char base[FILES_NAME_MAX + 1]; /* of the files; "": from the terminal */
	char label[];
};

static void
importing_free(struct importing *im)
{
	secret_fini(&im->passphrase);
	rsa_key_free(im->pair.rsa);
	ec_key_free(im->pair.ec);
	wipe(im->parts, sizeof(im->parts)); /* a private key that was pasted in clear */
	free(im);
}

/* --- the pair --------------------------------------------------------------------------------- */

static bool
is_there(struct shell *sh, bool ec, const char *label)
{
	const struct keystore *ks = node_keystore(router_node(shell_router(sh)));
	struct keystore_entry there;

	return keystore_look(ks, ec, label, &there);
}

static bool
is_taken(struct shell *sh, bool ec, const char *label)
{
	if (!is_there(sh, ec, label))
		return false;
	shell_refuse(sh);
	shell_printf(sh,
	             "%% You already have %s keys defined named %s.\n"
	             "%% They must be removed first: crypto key zeroize %s %s\n",
	             exec_key_kind(ec), label, ec ? "ec" : "rsa", label);
	return true;
}

static void
refuse_pair(struct shell *sh, const struct importing *im)
{
	static const char *const why[] = {
	    [KEY_PEM_NO_PUBLIC] = "there is no public key or certificate in PEM",
	    [KEY_PEM_NO_PRIVATE] =
		"there is no private key in PEM, it is damaged, or the passphrase is another one",
	    [KEY_PEM_IN_CLEAR] = "the private key is not encrypted",
	    [KEY_PEM_COSTLY] = "the private key's encryption is none of those that are taken",
	    [KEY_PEM_UNFIT] = "the private key is damaged, of another kind, or of another size",
	    [KEY_PEM_MISMATCH] = "the private key is not that of the public key",
	};

	shell_refuse(sh);
	shell_printf(sh, "%% Key pair import failed: %s.\n\n", why[im->error]);
}

static void
keep_pair(struct shell *sh, struct importing *im)
{
	struct router *r = shell_router(sh);
	struct keystore *ks = node_keystore(router_node(r));

	if (im->ec)
		keystore_adopt_ec(ks, im->label, im->pair.ec, im->exportable, router_wall(r));
	else
		keystore_adopt(ks, im->label, im->pair.rsa, im->exportable, router_wall(r));
	im->pair = (struct key_pem_pair){0};
	shell_puts(sh, "% Key pair import succeeded.\n\n");
	exec_keys_changed(sh);
}

static struct span
text_of(const struct part *p)
{
	return SPAN(p->text, p->n);
}

static void
read_run(struct node_task *task)
{
	struct importing *im = (struct importing *)task;

	im->error = key_pem_read(im->ec, text_of(&im->parts[PUBLIC]), text_of(&im->parts[PRIVATE]),
	                         secret_span(&im->passphrase), &im->pair);
}

static void
read_done(struct node_task *task)
{
	struct importing *im = (struct importing *)task;
	struct shell *sh = im->sh;

	if (sh && im->error)
		refuse_pair(sh, im);
	else if (sh && !is_taken(sh, im->ec, im->label)) /* by somebody else, meanwhile */
		keep_pair(sh, im);
	importing_free(im);
	if (sh)
		shell_finish(sh);
}

static void
read_interrupt(struct shell *sh, void *state)
{
	struct importing *im = state;

	im->sh = NULL;
	shell_finish(sh);
}

/* The passphrase is stretched, and the key tried, beside the loop, while the session waits. */
static void
read_pair(struct shell *sh, struct importing *take_im)
{
	if (take_im->kept) {
		importing_free(take_im);
		return;
	}
	if (take_im->parts[PUBLIC].too_long || take_im->parts[PRIVATE].too_long) {
		shell_refuse(sh);
		shell_puts(sh, "% Too long for a key.\n");
		importing_free(take_im);
		return;
	}
	take_im->task = (struct node_task){.run = read_run, .done = read_done};
	take_im->sh = sh;
	shell_hold(sh, read_interrupt, take_im);
	if (shell_is_typed(sh)) {
		node_do(router_node(shell_router(sh)), &take_im->task);
	} else { /* a file cannot wait */
		read_run(&take_im->task);
		read_done(&take_im->task);
	}
}

/* --- from the terminal ------------------------------------------------------------------------ */

static void
part_add(struct part *p, const char *text, size_t n)
{
	p->too_long |= n > sizeof(p->text) - p->n;
	if (p->too_long)
		return;
	memcpy(p->text + p->n, text, n);
	p->n += n;
}

/* What stands around the armour, as in a document that shows the router's words, is no key. */
static void
part_line(struct part *p, const char *line)
{
	if (p->armour == BEFORE && !strncmp(line, "-----BEGIN", 10))
		p->armour = WITHIN;
	if (p->armour != WITHIN)
		return;
	part_add(p, line, strlen(line));
	part_add(p, "\n", 1);
	if (!strncmp(line, "-----END", 8))
		p->armour = BEHIND;
}

static void paste_line(struct shell *sh, const char *line, void *state);

static void
ask_paste(struct shell *sh, struct importing *im)
{
	const char *usage = im->ec ? "Signature" : "General Purpose";

	if (im->at == PUBLIC)
		shell_printf(sh,
		             "\n%% Enter PEM-formatted public %s key or certificate.\n"
		             "%% End with a blank line or \"quit\" on a line by itself.\n",
		             usage);
	else
		shell_printf(sh,
		             "%% Enter PEM-formatted encrypted private %s key.\n"
		             "%% End with \"quit\" on a line by itself.\n",
		             usage);
	shell_ask(sh, "", paste_line, im);
}

/*
 * A blank line ends the public key, but not the private one, which has a blank line behind its
 * headers. What `export` has printed, both keys without a line between them, is taken, too.
 */
static void
paste_line(struct shell *sh, const char *line, void *state)
{
	struct importing *im = state;
	struct part *p = &im->parts[im->at];
	bool ends, begins;

	if (!line) {
		importing_free(im);
		return;
	}
	ends = !strcmp(line, "quit");
	begins = im->at == PUBLIC && p->armour == BEHIND && !strncmp(line, "-----BEGIN", 10);
	if (im->at == PRIVATE && ends) {
		read_pair(sh, im);
	} else if (im->at == PUBLIC && (ends || begins || (!*line && p->armour == BEHIND))) {
		im->at = PRIVATE;
		if (begins)
			part_line(&im->parts[PRIVATE], line);
		ask_paste(sh, im);
	} else {
		part_line(p, line);
		shell_ask(sh, "", paste_line, im);
	}
}

/* --- from files ------------------------------------------------------------------------------- */

static void file_answer(struct shell *sh, const char *line, void *state);

static void
read_next(struct shell *sh, struct importing *take_im)
{
	if (take_im->at == PARTS) {
		read_pair(sh, take_im);
		return;
	}
	shell_printf(sh, "%% Importing %s PEM file...\n",
	             take_im->at == PUBLIC ? "public key or certificate" : "private key");
	if (take_im->quiet)
		file_answer(sh, "", take_im);
	else
		exec_key_ask_file(sh, "Source", take_im->base, take_im->at, file_answer, take_im);
}

static void
file_answer(struct shell *sh, const char *line, void *state)
{
	struct importing *im = state;
	struct text text = TEXT_INIT;
	struct file_name from;
	char full[FILE_NAME_TEXT];

	if (!line || !exec_key_file(sh, im->base, im->at, line, &from)) {
		importing_free(im);
		return;
	}
	file_name_text(&from, full);
	shell_printf(sh, "Reading file from flash:%s\n", from.name);
	if (!shell_file_read(sh, full, &text)) {
		importing_free(im);
		return;
	}
	part_add(&im->parts[im->at++], text.p, text.n);
	if (text.p)
		wipe(text.p, text.n);
	text_fini(&text);
	read_next(sh, im);
}

/* --- the command ------------------------------------------------------------------------------ */

static void
begin_import(struct shell *sh, const struct command *cmd)
{
	const char *passphrase = command_str(cmd, ARG_PASSPHRASE);
	const char *label = command_str(cmd, ARG_LABEL);
	size_t size = strlen(label) + 1;
	struct importing *im = x_alloc(sizeof(*im) + size);

	im->ec = exec_key_is_ec(cmd);
	im->exportable = command_has(cmd, ARG_EXPORTABLE);
	im->quiet = !shell_is_typed(sh) || exec_prompts_quietly(shell_router(sh));
	secret_copy(&im->passphrase, SPAN(passphrase, strlen(passphrase)));
	memcpy(im->label, label, size);
	im->kept = exec_key_keeps(sh, exec_key_kind(im->ec), label, is_there(sh, im->ec, label));
	if (!command_has(cmd, ARG_FILE))
		ask_paste(sh, im);
	else if (!im->kept && exec_key_base(sh, cmd, im->base))
		read_next(sh, im);
	else
		importing_free(im);
}

void
config_crypto_key_import(struct shell *sh, const struct command *cmd)
{
	const char *usage = command_str(cmd, ARG_USAGE);

	if (usage && !strcmp(usage, "usage-keys")) {
		shell_refuse(sh);
		shell_puts(sh, "% Only general purpose keys are supported.\n");
	} else if (!shell_is_typed(sh) ||
	           !is_taken(sh, exec_key_is_ec(cmd), command_str(cmd, ARG_LABEL))) {
		begin_import(sh, cmd);
	}
}
