/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `crypto key generate rsa`, `crypto key generate ec` and `crypto key zeroize`. With a modulus on
 * the line, and for EC keys, nothing is asked, so that a paste never stops. A text that is loaded
 * makes keys that are missing, and replaces none: it is loaded at every start.
 */
#include "cli/exec/exec_key.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/exec/exec.h"
#include "runtime/crypto/ecdsa.h"
#include "runtime/crypto/sig.h"

#define MODULUS_MIN     360
#define MODULUS_MAX     4096
#define MODULUS_DEFAULT 512

struct making {
	bool exportable;
	char label[];
};

static bool
key_exists(struct shell *sh, const char *label)
{
	return keystore_find(node_keystore(router_node(shell_router(sh))), label) != NULL;
}

void
exec_keys_changed(struct shell *sh)
{
	node_keys_changed(router_node(shell_router(sh)));
	router_touch(shell_router(sh));
}

bool
exec_key_keeps(struct shell *sh, const char *kind, const char *label, bool exists)
{
	bool keep = exists && !shell_is_typed(sh);

	if (keep)
		shell_printf(sh,
		             "%% You already have %s keys defined named %s.\n"
		             "%% They are kept.\n",
		             kind, label);
	return keep;
}

/* --- generation ------------------------------------------------------------------------------- */

/* A long key takes seconds: it is made beside the loop, while its session waits. */
struct generating {
	struct node_task task;
	struct shell *sh; /* NULL: the session is gone, and nobody wants the key */
	struct rsa_key *key;
	unsigned bits;
	bool exportable;
	msec began;
	char label[];
};

static void
generate_run(struct node_task *task)
{
	struct generating *g = (struct generating *)task;

	g->key = rsa_key_generate(g->bits);
}

static void
generate_done(struct node_task *task)
{
	struct generating *g = (struct generating *)task;
	struct shell *sh = g->sh;
	struct router *r = sh ? shell_router(sh) : NULL;
	struct node *node = r ? router_node(r) : NULL;

	if (!sh) {
		rsa_key_free(g->key);
	} else if (!g->key) {
		shell_refuse(sh);
		shell_printf(sh, "%% RSA keys of %u bits cannot be generated.\n\n", g->bits);
	} else {
		keystore_adopt(node_keystore(node), g->label, g->key, g->exportable,
		               router_wall(r));
		shell_printf(sh, "[OK] (elapsed time was %lld seconds)\n\n",
		             (long long)((node_now(node) - g->began) / 1000));
		exec_keys_changed(sh);
	}
	free(g);
	if (sh)
		shell_finish(sh);
}

static void
generate_interrupt(struct shell *sh, void *state)
{
	struct generating *g = state;

	g->sh = NULL;
	shell_finish(sh);
}

static void
generate_key(struct shell *sh, const char *label, unsigned bits, bool exportable)
{
	struct node *node = router_node(shell_router(sh));
	size_t size = strlen(label) + 1;
	struct generating *g = x_alloc(sizeof(*g) + size);

	g->task = (struct node_task){.run = generate_run, .done = generate_done};
	g->sh = sh;
	g->bits = bits;
	g->exportable = exportable;
	g->began = node_now(node);
	memcpy(g->label, label, size);
	shell_printf(sh, "%% Generating %u bit RSA keys, keys will be %sexportable...\n", bits,
	             exportable ? "" : "non-");
	shell_hold(sh, generate_interrupt, g);
	if (shell_is_typed(sh)) {
		node_do(node, &g->task);
	} else { /* a file cannot wait */
		generate_run(&g->task);
		generate_done(&g->task);
	}
}

/* --- the dialogue ----------------------------------------------------------------------------- */

static void
bits_answer(struct shell *sh, const char *line, void *state)
{
	struct making *m = state;
	unsigned long bits = MODULUS_DEFAULT;
	char *end;

	if (line && *line) {
		bits = strtoul(line, &end, 10);
		if (*end || bits < MODULUS_MIN || bits > MODULUS_MAX) {
			shell_printf(sh, "%% A decimal number between %d and %d.\n", MODULUS_MIN,
			             MODULUS_MAX);
			shell_ask(sh, "How many bits in the modulus [512]: ", bits_answer, m);
			return;
		}
	}
	if (line)
		generate_key(sh, m->label, (unsigned)bits, m->exportable);
	free(m);
}

static void
ask_bits(struct shell *sh, struct making *m)
{
	shell_printf(sh,
	             "Choose the size of the key modulus in the range of %d to %d for your\n"
	             "  General Purpose Keys. Choosing a key modulus greater than 512 may take\n"
	             "  a few minutes.\n\n",
	             MODULUS_MIN, MODULUS_MAX);
	shell_ask(sh, "How many bits in the modulus [512]: ", bits_answer, m);
}

/* 1: yes, 0: no, -1: neither. An abbreviation will do. */
static int
yes_or_no(const char *line)
{
	size_t n = strlen(line);

	if (n && !strncasecmp("yes", line, n))
		return 1;
	return n && !strncasecmp("no", line, n) ? 0 : -1;
}

/* yes_or_no; when it is neither, the question is put again. No answer at all is no. */
static int
answer_or_again(struct shell *sh, const char *line, const char *question,
                void (*again)(struct shell *sh, const char *line, void *state), void *state)
{
	int yes = line ? yes_or_no(line) : 0;

	if (yes < 0) {
		shell_refuse(sh);
		shell_puts(sh, "% Please answer 'yes' or 'no'.\n");
		shell_ask(sh, question, again, state);
	}
	return yes;
}

static void
replace_answer(struct shell *sh, const char *line, void *state)
{
	struct making *m = state;
	int yes = answer_or_again(
	    sh, line, "% Do you really want to replace them? [yes/no]: ", replace_answer, m);

	if (yes > 0)
		ask_bits(sh, m);
	else if (!yes)
		free(m);
}

/* The keys' name when none is given: the router's full one; NULL, and said why, without it. */
static const char *
default_label(struct shell *sh, struct arena *a)
{
	struct router *r = shell_router(sh);
	const struct policy *p = node_policy(router_node(r));

	if (!strcasecmp(router_hostname(r), "Router")) {
		shell_puts(sh, "% Please define a hostname other than Router.\n");
		return NULL;
	}
	if (!p || !p->domain_name[0]) {
		shell_puts(sh, "% Please define a domain-name first.\n");
		return NULL;
	}
	return arena_printf(a, "%s.%s", router_hostname(r), p->domain_name);
}

static void
generate_named(struct shell *sh, const struct command *cmd, const char *label)
{
	bool exists = key_exists(sh, label), modulus = command_has(cmd, ARG_MODULUS);
	bool exportable = command_has(cmd, ARG_EXPORTABLE);
	size_t size = strlen(label) + 1;
	struct making *m;

	if (exec_key_keeps(sh, "RSA", label, exists))
		return;
	if (exists)
		shell_printf(sh, "%% You already have RSA keys defined named %s.\n", label);
	else
		shell_printf(sh, "The name for the keys will be: %s\n", label);
	if (modulus) {
		shell_printf(sh, "%s\n%% The key modulus size is %u bits\n",
		             exists ? "% They will be replaced.\n" : "",
		             command_u32(cmd, ARG_MODULUS));
		generate_key(sh, label, command_u32(cmd, ARG_MODULUS), exportable);
		return;
	}
	m = x_alloc(sizeof(*m) + size);
	m->exportable = exportable;
	memcpy(m->label, label, size);
	if (exists)
		shell_ask(sh, "% Do you really want to replace them? [yes/no]: ", replace_answer,
		          m);
	else
		ask_bits(sh, m);
}

void
config_crypto_key_generate(struct shell *sh, const struct command *cmd)
{
	const char *usage = command_str(cmd, ARG_USAGE), *label;
	struct arena *a = arena_new();

	router_commit(shell_router(sh), false);
	label = command_has(cmd, ARG_LABEL) ? command_str(cmd, ARG_LABEL) : default_label(sh, a);
	if (usage && !strcmp(usage, "usage-keys")) {
		shell_refuse(sh);
		shell_puts(sh, "% Only general purpose keys are supported.\n");
	} else if (!label) {
		shell_refuse(sh);
	} else {
		generate_named(sh, cmd, label);
	}
	arena_free(a);
}

/* --- EC --------------------------------------------------------------------------------------- */

static void
generate_ec(struct shell *sh, const struct command *cmd, const char *label)
{
	struct router *r = shell_router(sh);
	struct keystore *ks = node_keystore(router_node(r));
	unsigned bits = (unsigned)strtoul(command_str(cmd, ARG_KEYSIZE), NULL, 10);
	bool exportable = command_has(cmd, ARG_EXPORTABLE), exists = keystore_find_ec(ks, label);
	struct ec_key *key;

	if (exec_key_keeps(sh, "EC", label, exists))
		return;
	key = ec_key_generate(bits);
	if (exists)
		shell_printf(sh,
		             "%% You already have EC keys defined named %s.\n"
		             "%% They will be replaced.\n\n",
		             label);
	else
		shell_printf(sh, "The name for the keys will be: %s\n\n", label);
	shell_printf(sh, "%% Generating %u bit EC keys, keys will be %sexportable...\n", bits,
	             exportable ? "" : "non-");
	if (!key) {
		shell_refuse(sh);
		shell_puts(sh, "% The keys cannot be generated.\n\n");
		return;
	}
	keystore_adopt_ec(ks, label, key, exportable, router_wall(r));
	shell_puts(sh, "[OK] (elapsed time was 0 seconds)\n\n");
	exec_keys_changed(sh);
}

void
config_crypto_key_generate_ec(struct shell *sh, const struct command *cmd)
{
	struct router *r = shell_router(sh);
	struct arena *a = arena_new();
	const struct policy *p;
	const char *label;

	router_commit(r, false);
	p = node_policy(router_node(r));
	if (command_has(cmd, ARG_LABEL))
		label = command_str(cmd, ARG_LABEL);
	else
		label = p && p->domain_name[0]
		            ? arena_printf(a, "%s.%s", router_hostname(r), p->domain_name)
		            : router_hostname(r);
	generate_ec(sh, cmd, label);
	arena_free(a);
}

/* --- zeroize ---------------------------------------------------------------------------------- */

struct zeroing {
	bool ec, all;
	char label[];
};

static void
zeroize_answer(struct shell *sh, const char *line, void *state)
{
	struct keystore *ks = node_keystore(router_node(shell_router(sh)));
	struct zeroing *z = state;
	const char *label = z->all ? NULL : z->label;
	int yes = answer_or_again(
	    sh, line, "Do you really want to remove these keys? [yes/no]: ", zeroize_answer, z);

	if (yes < 0)
		return;
	if (yes && (z->ec ? keystore_remove_ec(ks, label) : keystore_remove(ks, label)))
		exec_keys_changed(sh);
	free(z);
}

static void
zeroize_keys(struct shell *sh, const struct command *cmd, bool ec)
{
	const char *label = command_has(cmd, ARG_LABEL) ? command_str(cmd, ARG_LABEL) : "";
	const struct keystore *ks = node_keystore(router_node(shell_router(sh)));
	size_t size = strlen(label) + 1;
	struct zeroing *z;
	bool any;

	if (*label)
		any = ec ? keystore_find_ec(ks, label) != NULL : key_exists(sh, label);
	else
		any = ec ? keystore_ec_count(ks) : keystore_count(ks);
	if (!any) {
		shell_printf(sh, "%% No %s Keys found in configuration.\n\n",
		             ec ? "EC" : "Signature RSA");
		return;
	}
	z = x_alloc(sizeof(*z) + size);
	z->ec = ec;
	z->all = !*label;
	memcpy(z->label, label, size);
	if (z->all)
		shell_printf(sh, "%% All %s keys will be removed.\n", ec ? "EC" : "RSA");
	else
		shell_printf(sh, "%% Keys to be removed are named '%s'.\n", label);
	shell_puts(sh, "% All router certs issued using these keys will also be removed.\n");
	shell_ask(sh, "Do you really want to remove these keys? [yes/no]: ", zeroize_answer, z);
}

void
config_crypto_key_zeroize(struct shell *sh, const struct command *cmd)
{
	zeroize_keys(sh, cmd, false);
}

void
config_crypto_key_zeroize_ec(struct shell *sh, const struct command *cmd)
{
	zeroize_keys(sh, cmd, true);
}
