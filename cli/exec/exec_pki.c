/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `crypto pki authenticate`, `enroll` and `import`: certificates by cut and paste. What is pasted
 * ends up in the configuration, below `crypto pki certificate chain`.
 */
#include "cli/exec/exec_pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/show/show.h"
#include "runtime/crypto/cert.h"

#define PASTE_MAX    16384
#define LINE_OCTETS  32
#define GROUP_OCTETS 4

struct pasting {
	bool ca;
	size_t n;
	char text[PASTE_MAX];
	struct cert *cert;
	char name[];
};

static void
pasting_free(struct pasting *p)
{
	cert_free(p->cert);
	free(p);
}

const struct policy_trustpoint *
exec_pki_trustpoint(struct shell *sh, const char *name)
{
	const struct policy *p;

	router_commit(shell_router(sh), false);
	p = node_policy(router_node(shell_router(sh)));
	for (size_t i = 0; p && i < p->n_trustpoints; i++)
		if (!strcmp(p->trustpoints[i].name, name))
			return &p->trustpoints[i];
	shell_refuse(sh);
	shell_printf(sh, "%% There is no trustpoint %s: crypto pki trustpoint %s\n", name, name);
	return NULL;
}

/* --- into the configuration ------------------------------------------------------------------- */

/* Is that what the trustpoint has now? */
static bool
is_kept(struct shell *sh, const struct pasting *p)
{
	const struct policy_trustpoint *t = exec_pki_trustpoint(sh, p->name);
	struct span der = cert_der(p->cert);
	bool found = t && !p->ca && span_equal_ct(t->cert, der);

	for (size_t k = 0; t && p->ca && k < t->n_cas; k++)
		found |= span_equal_ct(t->cas[k], der);
	return found;
}

/* False after having refused. */
static bool
keep_certificate(struct shell *sh, const struct pasting *p)
{
	struct span der = cert_der(p->cert);
	struct text t = TEXT_INIT;
	char serial[64];

	cert_serial_text(p->cert, serial, sizeof(serial));
	text_printf(&t, "crypto pki certificate chain %s\nno certificate%s %s\ncertificate%s %s\n",
	            p->name, p->ca ? " ca" : "", serial, p->ca ? " ca" : "", serial);
	for (size_t i = 0; i < der.n; i++)
		text_printf(&t, "%s%02X",
		            !i                      ? ""
		            : i % LINE_OCTETS == 0  ? "\n"
		            : i % GROUP_OCTETS == 0 ? " "
		                                    : "",
		            der.p[i]);
	text_puts(&t, "\nquit\n");
	router_load(shell_router(sh), text_string(&t), NULL, NULL);
	text_fini(&t);
	if (is_kept(sh, p))
		return true;
	shell_refuse(sh);
	shell_puts(sh, "% The configuration does not take the certificate.\n");
	return false;
}

/*
 * A serial number is one issuer's, and the configuration knows a CA's certificate by it alone: that
 * of another one is not overwritten. False after having refused.
 */
static bool
check_serial(struct shell *sh, const struct policy_trustpoint *t, const struct cert *cert)
{
	char mine[64], its[64], subject[256];

	cert_serial_text(cert, mine, sizeof(mine));
	for (size_t k = 0; k < t->n_cas; k++) {
		struct cert *ca = cert_from_der(t->cas[k]);
		bool other = ca && !span_equal_ct(t->cas[k], cert_der(cert));

		if (ca) {
			cert_serial_text(ca, its, sizeof(its));
			cert_subject_text(ca, subject, sizeof(subject));
		}
		cert_free(ca);
		if (!other || strcmp(mine, its) != 0)
			continue;
		shell_refuse(sh);
		shell_printf(
		    sh,
		    "%% Trustpoint %s has another CA certificate with serial number %s, of "
		    "%s.\n%% Paste this one into a trustpoint of its own, or delete that "
		    "one first: crypto pki certificate chain %s, no certificate ca %s\n",
		    t->name, mine, subject, t->name, mine);
		return false;
	}
	return true;
}

/* --- the dialogue ----------------------------------------------------------------------------- */

/* Base 64 with or without its armour. */
static struct cert *
parse_pasted(struct pasting *p)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----\n",
			  end[] = "-----END CERTIFICATE-----\n";
	struct text t = TEXT_INIT;
	struct cert *c;

	if (strstr(p->text, "-----BEGIN"))
		text_puts(&t, p->text);
	else
		text_printf(&t, "%s%s%s", begin, p->text, end);
	c = cert_from_pem(SPAN(text_string(&t), strlen(text_string(&t))));
	text_fini(&t);
	return c;
}

static void
accept_answer(struct shell *sh, const char *line, void *state)
{
	struct pasting *p = state;
	size_t n = line ? strlen(line) : 0;

	if (line && (!n || (strncasecmp("yes", line, n) != 0 && strncasecmp("no", line, n) != 0))) {
		shell_refuse(sh);
		shell_puts(sh, "% Please answer 'yes' or 'no'.\n");
		shell_ask(sh, "% Do you accept this certificate? [yes/no]: ", accept_answer, p);
		return;
	}
	if (n && !strncasecmp("yes", line, n)) {
		if (keep_certificate(sh, p))
			shell_puts(sh, "Trustpoint CA certificate accepted.\n% Certificate "
			               "successfully imported\n\n");
	}
	pasting_free(p);
}

/* The pair that a trustpoint names, whether there is one or not. */
static struct key_pair
pair_of(struct shell *sh, const struct policy_trustpoint *t)
{
	const struct keystore *ks = node_keystore(router_node(shell_router(sh)));

	if (t->ec_label)
		return (struct key_pair){.ec = keystore_find_ec(ks, t->ec_label)};
	return (struct key_pair){.rsa = keystore_find(ks, t->rsa_label)};
}

/* "RSA key R3_KEY" */
static void
name_pair(const struct policy_trustpoint *t, struct text *ret)
{
	text_printf(ret, "%s key %s", t->ec_label ? "EC" : "RSA",
	            t->ec_label ? t->ec_label : t->rsa_label);
}

static void
take_pasted(struct shell *sh, struct pasting *p)
{
	const struct policy_trustpoint *t = exec_pki_trustpoint(sh, p->name);
	struct text shown = TEXT_INIT;

	p->cert = parse_pasted(p);
	if (!t || !p->cert || (p->ca && !cert_is_ca(p->cert))) {
		shell_refuse(sh);
		shell_puts(
		    sh, !t ? ""
			: p->cert
			    ? "% It is not the certificate of a CA.\n"
			    : "% Error in receiving certificate: not one with an RSA or EC key.\n");
		pasting_free(p);
		return;
	}
	if (p->ca && !check_serial(sh, t, p->cert)) {
		pasting_free(p);
		return;
	}
	if (p->ca) {
		show_fingerprints(&shown, p->cert);
		shell_puts(sh, text_string(&shown));
		text_fini(&shown);
		shell_ask(sh, "% Do you accept this certificate? [yes/no]: ", accept_answer, p);
		return;
	}
	if (cert_fits(p->cert, pair_of(sh, t))) {
		if (keep_certificate(sh, p))
			shell_puts(sh, "% Router Certificate successfully imported\n\n");
	} else {
		shell_refuse(sh);
		name_pair(t, &shown);
		shell_printf(sh, "%% The certificate is not for the %s.\n", text_string(&shown));
		text_fini(&shown);
	}
	pasting_free(p);
}

static void
paste_line(struct shell *sh, const char *line, void *state)
{
	struct pasting *p = state;
	size_t n = line ? strlen(line) : 0;

	if (!line) {
		pasting_free(p);
		return;
	}
	if (!strcmp(line, "quit") || (!n && p->n)) {
		take_pasted(sh, p);
		return;
	}
	if (p->n + n + 2 > PASTE_MAX) {
		shell_refuse(sh);
		shell_puts(sh, "% Too long for a certificate.\n");
		pasting_free(p);
		return;
	}
	memcpy(p->text + p->n, line, n);
	p->n += n;
	if (n)
		p->text[p->n++] = '\n';
	p->text[p->n] = 0;
	shell_ask(sh, "", paste_line, p);
}

static void
begin_paste(struct shell *sh, const char *name, bool ca)
{
	struct pasting *p;
	size_t size;

	if (!exec_pki_trustpoint(sh, name))
		return;
	size = strlen(name) + 1;
	p = x_alloc(sizeof(*p) + size);
	p->ca = ca;
	memcpy(p->name, name, size);
	shell_printf(sh,
	             "\nEnter the base 64 encoded %scertificate.\n"
	             "End with a blank line or the word \"quit\" on a line by itself\n\n",
	             ca ? "CA " : "");
	shell_ask(sh, "", paste_line, p);
}

void
config_crypto_pki_authenticate(struct shell *sh, const struct command *cmd)
{
	begin_paste(sh, command_str(cmd, ARG_NAME), true);
}

void
config_crypto_pki_import(struct shell *sh, const struct command *cmd)
{
	begin_paste(sh, command_str(cmd, ARG_NAME), false);
}

/* --- the request ------------------------------------------------------------------------------ */

void
config_crypto_pki_enroll(struct shell *sh, const struct command *cmd)
{
	const struct policy_trustpoint *t = exec_pki_trustpoint(sh, command_str(cmd, ARG_NAME));
	struct key_pair key = t ? pair_of(sh, t) : (struct key_pair){0};
	struct text name = TEXT_INIT;
	char *request, subject[160];

	if (!t)
		return;
	if (!key.rsa && !key.ec) {
		shell_refuse(sh);
		name_pair(t, &name);
		shell_printf(sh, "%% There is no %s: crypto key generate %s\n", text_string(&name),
		             t->ec_label ? "ec" : "rsa");
		text_fini(&name);
		return;
	}
	snprintf(subject, sizeof(subject), "%s%s", *t->subject ? "" : "cn=",
	         *t->subject ? t->subject : router_hostname(shell_router(sh)));
	request = cert_request(key, subject, 0);
	if (!request) {
		shell_refuse(sh);
		shell_printf(sh, "%% Not a subject name: %s\n", subject);
		return;
	}
	shell_printf(sh,
	             "%% Start certificate enrollment .. \n\n"
	             "%% The subject name in the certificate will include: %s\n"
	             "Certificate Request follows:\n\n%s\n"
	             "---End - This line not part of the certificate request---\n\n",
	             subject, request);
	free(request);
}
