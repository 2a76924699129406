/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto pki certificates`, `trustpoints`, `crls` and `counters`. */
#include "cli/show/show_cmd.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/crypto/cert.h"

void
cmd_show_crypto_pki_certificates(struct shell *sh, const struct command *cmd)
{
	const char *only = command_str(cmd, ARG_NAME);
	bool verbose = command_has(cmd, ARG_VERBOSE);
	struct showing s = showing_start(sh);
	struct clock_zone zone;

	router_zone(shell_router(sh), &zone);
	for (size_t i = 0; i < s.policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &s.policy->trustpoints[i];
		struct cert *c = t->cert.n ? cert_from_der(t->cert) : NULL;

		if (only && strcmp(only, t->name) != 0) {
			cert_free(c);
			continue;
		}
		if (c)
			show_certificate(&s.text, t->name, c, false, verbose, &zone);
		cert_free(c);
		for (size_t k = 0; k < t->n_cas; k++) {
			c = cert_from_der(t->cas[k]);
			if (c)
				show_certificate(&s.text, t->name, c, true, verbose, &zone);
			cert_free(c);
		}
	}
	showing_end(&s);
}

void
cmd_show_crypto_pki_trustpoints(struct shell *sh, const struct command *cmd)
{
	const char *only = command_str(cmd, ARG_NAME);
	struct showing s = showing_start(sh);

	for (size_t i = 0; i < s.policy->n_trustpoints; i++) {
		const struct policy_trustpoint *t = &s.policy->trustpoints[i];
		struct cert **cas;
		size_t n = 0;

		if (only && strcmp(only, t->name) != 0)
			continue;
		cas = x_alloc((t->n_cas + 1) * sizeof(struct cert *));
		for (size_t k = 0; k < t->n_cas; k++)
			if ((cas[n] = cert_from_der(t->cas[k])))
				n++;
		show_trustpoint(&s.text, t->name, (const struct cert *const *)cas, n,
		                t->cert.n > 0);
		while (n)
			cert_free(cas[--n]);
		free(cas);
	}
	showing_end(&s);
}

void
cmd_show_crypto_pki_crls(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct crl *l;
	struct node_crl_fetch f;
	struct clock_zone zone;

	(void)cmd;
	router_zone(shell_router(sh), &zone);
	for (size_t i = 0; i < s.policy->n_trustpoints; i++)
		for (size_t k = 0; (l = node_crl_kept(s.node, s.policy->trustpoints[i].name, k));
		     k++)
			show_crl(&s.text, l, NULL, &zone);
	for (size_t k = 0; node_crl_fetch(s.node, k, &f); k++)
		if (f.crl)
			show_crl(&s.text, f.crl, f.url, &zone);
		else
			text_printf(&s.text, "CRL of %s: %s\n\n", f.url,
			            f.why ? f.why : "on its way");
	showing_end(&s);
}

void
cmd_show_crypto_pki_counters(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	const struct snap_pki pki = node_pki(s.node);

	(void)cmd;
	show_pki_counters(&s.text, &pki);
	showing_end(&s);
}
