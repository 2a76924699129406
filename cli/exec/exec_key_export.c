/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `crypto key export`: an exportable key pair as two PEM texts, on the terminal or in two files,
 * the private key under a passphrase; and `crypto key move ... non-exportable`.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exec/exec.h"
#include "cli/exec/exec_files.h"
#include "cli/exec/exec_key.h"
#include "runtime/crypto/key_pem.h"

#define PASSPHRASE_MIN 8
#define PASSPHRASE_MAX 128

/* --- what export and import share ------------------------------------------------------------- */

const char *
exec_key_kind(bool ec)
{
	return ec ? "EC" : "RSA";
}

bool
exec_key_is_ec(const struct command *cmd)
{
	return !strcmp(command_str(cmd, ARG_KIND), "ec");
}

static const char *
ending_of(unsigned at)
{
	return at ? "prv" : "pub";
}

/* A file in flash; false after saying that it can be none. */
static bool
parse_flash(struct shell *sh, const char *typed, struct file_name *ret)
{
	if (file_name_parse(typed, ret) == FILE_FLASH)
		return true;
	shell_file_error(sh, "opening", typed, ret->kind == FILE_REMOTE ? -EOPNOTSUPP : -EINVAL);
	return false;
}

bool
exec_key_base(struct shell *sh, const struct command *cmd, char ret[static FILES_NAME_MAX + 1])
{
	const char *name = command_str(cmd, ARG_LABEL);
	struct file_name url, file;

	if (!parse_flash(sh, command_str(cmd, ARG_FILE), &url))
		return false;
	if (url.name[0])
		name = url.name;
	if (!exec_key_file(sh, name, 0, "", &file))
		return false;
	memcpy(ret, name, strlen(name) + 1); /* with its ending it has been a name */
	return true;
}

bool
exec_key_file(struct shell *sh, const char *base, unsigned at, const char *typed,
              struct file_name *ret)
{
	char *full = *typed ? x_asprintf("%s%s", strchr(typed, ':') ? "" : "flash:", typed)
	                    : x_asprintf("flash:%s.%s", base, ending_of(at));
	bool fine = parse_flash(sh, full, ret);

	if (fine && !ret->name[0]) {
		shell_file_error(sh, "opening", full, -EINVAL);
		fine = false;
	}
	free(full);
	return fine;
}

void
exec_key_ask_file(struct shell *sh, const char *what, const char *base, unsigned at,
                  void (*answer)(struct shell *sh, const char *line, void *state), void *state)
{
	char *question = x_asprintf("%s filename [%s.%s]? ", what, base, ending_of(at));

	shell_ask(sh, question, answer, state);
	free(question);
}

/* --- into files ------------------------------------------------------------------------------- */

struct exporting {
	char *pem[2]; /* the public key, the private one under its passphrase */
	unsigned at;  /* which of them */
	bool quiet;
	struct file_name to;
	char base[FILES_NAME_MAX + 1];
};

static void
exporting_free(struct exporting *e)
{
	free(e->pem[0]);
	free(e->pem[1]);
	free(e);
}

static void write_next(struct shell *sh, struct exporting *take_e);

static void
write_file(struct shell *sh, struct exporting *take_e)
{
	struct router *r = shell_router(sh);
	const char *name = take_e->to.name, *pem = take_e->pem[take_e->at];
	char full[FILE_NAME_TEXT];
	int error;

	shell_printf(sh, "Writing file to flash:%s\n", name);
	error = files_write(router_files(r), name, SPAN(pem, strlen(pem)), router_wall(r));
	if (error) {
		file_name_text(&take_e->to, full);
		shell_file_error(sh, "writing", full, error);
		exporting_free(take_e);
		return;
	}
	take_e->at++;
	write_next(sh, take_e);
}

static void
overwrite_answer(struct shell *sh, const char *line, void *state)
{
	if (exec_confirmed(line))
		write_file(sh, state);
	else
		exporting_free(state);
}

static void
name_answer(struct shell *sh, const char *line, void *state)
{
	struct exporting *e = state;

	if (!line || !exec_key_file(sh, e->base, e->at, line, &e->to)) {
		exporting_free(e);
	} else if (!e->quiet && files_has(router_files(shell_router(sh)), e->to.name)) {
		shell_puts(sh, "%Warning:There is a file already existing with this name\n");
		shell_ask(sh, "Do you want to over write? [confirm]", overwrite_answer, e);
	} else {
		write_file(sh, e);
	}
}

static void
write_next(struct shell *sh, struct exporting *take_e)
{
	if (take_e->at == ARRAY_SIZE(take_e->pem)) {
		exporting_free(take_e);
		return;
	}
	shell_printf(sh, "Exporting %s key...\n", take_e->at ? "private" : "public");
	if (take_e->quiet)
		name_answer(sh, "", take_e);
	else
		exec_key_ask_file(sh, "Destination", take_e->base, take_e->at, name_answer, take_e);
}

/* --- the commands ----------------------------------------------------------------------------- */

/* Of the line; NULL after saying that it is too short, or too long. */
static const char *
strong_passphrase(struct shell *sh, const struct command *cmd)
{
	const char *passphrase = command_str(cmd, ARG_PASSPHRASE);
	size_t n = strlen(passphrase);

	if (n >= PASSPHRASE_MIN && n <= PASSPHRASE_MAX)
		return passphrase;
	shell_refuse(sh);
	if (n < PASSPHRASE_MIN)
		shell_printf(sh, "%% Passphrase must be at least %d characters.\n", PASSPHRASE_MIN);
	else
		shell_printf(sh, "%% Passphrase must be at most %d characters.\n", PASSPHRASE_MAX);
	return NULL;
}

/* The pair that the line names; false after saying that there is none. */
static bool
find_named(struct shell *sh, const struct command *cmd, struct keystore_entry *ret)
{
	const struct keystore *ks = node_keystore(router_node(shell_router(sh)));
	const char *label = command_str(cmd, ARG_LABEL);
	bool ec = exec_key_is_ec(cmd);

	if (keystore_look(ks, ec, label, ret))
		return true;
	shell_refuse(sh);
	shell_printf(sh, "%% There is no %s keypair %s.\n", exec_key_kind(ec), label);
	return false;
}

static void
export_pair(struct shell *sh, const struct command *cmd, const struct keystore_entry *key,
            struct exporting *take_e)
{
	shell_printf(sh, "%% Key name: %s\n   Usage: %s Key\n", key->label,
	             key->ec ? "Signature" : "General Purpose");
	if (command_has(cmd, ARG_FILE)) {
		write_next(sh, take_e);
		return;
	}
	shell_puts(sh, "   Key data:\n");
	shell_puts(sh, take_e->pem[0]);
	shell_puts(sh, take_e->pem[1]);
	exporting_free(take_e);
}

void
config_crypto_key_export(struct shell *sh, const struct command *cmd)
{
	bool des = !strcmp(command_str(cmd, ARG_CIPHER), "3des");
	const char *passphrase;
	struct keystore_entry key;
	struct exporting *e;
	struct key_pair pair;

	if (!find_named(sh, cmd, &key))
		return;
	if (!key.exportable) {
		shell_refuse(sh);
		shell_printf(sh, "%% %s keypair %s is not exportable.\n", exec_key_kind(key.ec),
		             key.label);
		return;
	}
	passphrase = strong_passphrase(sh, cmd);
	if (!passphrase)
		return;
	e = x_alloc(sizeof(*e));
	e->quiet = !shell_is_typed(sh) || exec_prompts_quietly(shell_router(sh));
	if (command_has(cmd, ARG_FILE) && !exec_key_base(sh, cmd, e->base)) {
		exporting_free(e);
		return;
	}
	pair = (struct key_pair){.rsa = key.key, .ec = key.ec};
	e->pem[0] = key_pem_public(pair);
	e->pem[1] = key_pem_private(pair, des ? KEY_PEM_3DES : KEY_PEM_AES,
	                            SPAN(passphrase, strlen(passphrase)));
	if (e->pem[1]) {
		export_pair(sh, cmd, &key, e);
		return;
	}
	shell_refuse(sh);
	shell_puts(sh, "% This cipher cannot be had.\n");
	exporting_free(e);
}

void
config_crypto_key_move(struct shell *sh, const struct command *cmd)
{
	struct router *r = shell_router(sh);
	struct keystore_entry key;

	if (!find_named(sh, cmd, &key))
		return;
	keystore_forbid_export(node_keystore(router_node(r)), exec_key_is_ec(cmd), key.label);
	router_touch(r);
}
