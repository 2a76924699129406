/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `crypto pki import NAME crl`: a revocation list by paste or from a file. It is kept beside the
 * router's keys, one for each CA of a trustpoint, and survives a reload. `crypto pki crl request`
 * fetches lists by HTTP; `clear crypto pki crls` takes all of them away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exec/exec_pki.h"
#include "cli/shell/shell_files.h"
#include "runtime/crypto/cert.h"

#define NAME_MAX_OCTETS 128 /* of a trustpoint that has lists: it stands in their labels */

struct crl_paste {
	struct text text;
	char name[];
};

/* --- taking it -------------------------------------------------------------------------------- */

/* Why none of the trustpoint's CAs stands for the list; NULL: one does. */
static const char *
why_foreign(const struct policy_trustpoint *t, struct crl *l, int64_t now)
{
	const char *why = "no CA of the trustpoint has issued it";

	for (size_t k = 0; k < t->n_cas; k++) {
		struct cert *ca = cert_from_der(t->cas[k]);
		char issuer[256], subject[256];
		const char *no;

		if (!ca)
			continue;
		crl_issuer_text(l, issuer, sizeof(issuer));
		cert_subject_text(ca, subject, sizeof(subject));
		no = crl_refused(l, ca, now);
		cert_free(ca);
		if (!no)
			return NULL;
		if (!strcmp(issuer, subject))
			why = no;
	}
	return why;
}

/* Is there a list of the same CA that is newer? Nobody may bring back the days before. */
static bool
has_newer(struct node *node, const char *name, const struct crl *l)
{
	const struct crl *old;

	for (size_t k = 0; (old = node_crl(node, name, k)); k++)
		if (crl_issuer_hash(old) == crl_issuer_hash(l) &&
		    crl_this_update(old) > crl_this_update(l))
			return true;
	return false;
}

static void
keep_list(struct shell *sh, const char *name, const struct crl *l)
{
	struct router *r = shell_router(sh);
	char label[NAME_MAX_OCTETS + 32], *pem = crl_pem(l);

	snprintf(label, sizeof(label), "crl:%s:%08x", name, (unsigned)crl_issuer_hash(l));
	router_keep_key(r, label, NODE_CRL_KIND, SPAN(pem, strlen(pem)));
	free(pem);
	node_crls_changed(router_node(r));
	shell_puts(sh, "% CRL successfully imported\n\n");
}

static void
take_list(struct shell *sh, const char *name, struct span octets)
{
	const struct policy_trustpoint *t = exec_pki_trustpoint(sh, name);
	struct crl *l = t && octets.n <= CRL_PASTE_MAX ? crl_read(octets) : NULL;
	const char *why = NULL;

	if (!t)
		return;
	if (!l)
		why = "it is none, or too long";
	else if (strlen(name) > NAME_MAX_OCTETS || strchr(name, ':'))
		why = "the name of the trustpoint cannot have one";
	else if (has_newer(router_node(shell_router(sh)), name, l))
		why = "there is a newer one";
	else
		why = why_foreign(t, l, router_wall(shell_router(sh)) / 1000);
	if (why) {
		shell_refuse(sh);
		shell_printf(sh, "%% The CRL is not taken: %s.\n", why);
	} else {
		keep_list(sh, name, l);
	}
	crl_free(l);
}

/* --- from the terminal, from a file ----------------------------------------------------------- */

static void
paste_free(struct crl_paste *p)
{
	text_fini(&p->text);
	free(p);
}

static void
take_paste(struct shell *sh, struct crl_paste *p)
{
	static const char begin[] = "-----BEGIN X509 CRL-----\n",
			  end[] = "-----END X509 CRL-----\n";
	struct text t = TEXT_INIT;

	if (strstr(text_string(&p->text), "-----BEGIN"))
		text_puts(&t, text_string(&p->text));
	else
		text_printf(&t, "%s%s%s", begin, text_string(&p->text), end);
	take_list(sh, p->name, SPAN(text_string(&t), t.n));
	text_fini(&t);
	paste_free(p);
}

static void
paste_line(struct shell *sh, const char *line, void *state)
{
	struct crl_paste *p = state;

	if (!line) {
		paste_free(p);
	} else if (!strcmp(line, "quit") || (!*line && p->text.n)) {
		take_paste(sh, p);
	} else if (p->text.n + strlen(line) >= CRL_PASTE_MAX) {
		shell_refuse(sh);
		shell_puts(sh, "% Too long for a CRL.\n");
		paste_free(p);
	} else {
		if (*line)
			text_printf(&p->text, "%s\n", line);
		shell_ask(sh, "", paste_line, p);
	}
}

void
config_crypto_pki_import_crl(struct shell *sh, const struct command *cmd)
{
	const char *name = command_str(cmd, ARG_NAME), *file = command_str(cmd, ARG_FILE);
	size_t size = strlen(name) + 1;
	struct crl_paste *p;
	struct text t = TEXT_INIT;

	if (!exec_pki_trustpoint(sh, name))
		return;
	if (file) {
		if (shell_file_read(sh, file, &t))
			take_list(sh, name, SPAN(t.p, t.n));
		text_fini(&t);
		return;
	}
	p = x_alloc(sizeof(*p) + size);
	p->text = TEXT_INIT;
	memcpy(p->name, name, size);
	shell_puts(sh, "\nEnter the base 64 encoded CRL.\n"
	               "End with a blank line or the word \"quit\" on a line by itself\n\n");
	shell_ask(sh, "", paste_line, p);
}

/* --- by HTTP, and away ------------------------------------------------------------------------ */

void
config_crypto_pki_crl_request(struct shell *sh, const struct command *cmd)
{
	const char *name = command_str(cmd, ARG_NAME);
	size_t named, asked;

	if (!exec_pki_trustpoint(sh, name))
		return;
	asked = node_crl_request(router_node(shell_router(sh)), name, &named);
	if (asked)
		return; /* `show crypto pki crls` tells what becomes of it */
	shell_refuse(sh);
	shell_puts(sh, named ? "% CRL request failed: it was tried within the last minute, or this "
	                       "router fetches nothing.\n"
	                     : "% CRL request failed: no certificate of the trustpoint says where "
	                       "its CA's CRL is.\n");
}

void
exec_clear_crypto_pki_crls(struct shell *sh, const struct command *cmd)
{
	(void)cmd;
	router_drop_keys(shell_router(sh), NODE_CRL_KIND);
	node_crls_clear(router_node(shell_router(sh)));
}
