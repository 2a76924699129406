/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto pki certificates`, `trustpoints`, `crls` and `counters`. */
#include "cli/show/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "runtime/crypto/cert.h"

/* "CN=R3,O=Lab" as IOS has it: a line each, the type in lower case. */
static void
name_lines(struct text *t, const char *name)
{
	while (*name) {
		size_t n = strcspn(name, ","), i;

		text_puts(t, "    ");
		for (i = 0; i < n && name[i] != '='; i++)
			text_printf(t, "%c",
			            name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
		text_printf(t, "%.*s\n", (int)(n - i), name + i);
		name += n + (name[n] == ',');
	}
}

static void
put_moment(struct text *t, const char *what, int64_t seconds, const struct clock_zone *zone)
{
	char when[CLOCK_TEXT_MAX];

	text_printf(t, "    %s: %s\n", what, clock_text_short(zone, seconds * 1000, when));
}

/* Set right within so many columns; 0: set left, two blanks before them. */
static void
put_fingerprints(struct text *t, const struct cert *c, int width)
{
	static const struct {
		const char *name;
		enum hash_id hash;
	} hashes[] = {{"MD5", HASH_MD5}, {"SHA1", HASH_SHA1}, {"SHA256", HASH_SHA256}};

	for (size_t i = 0; i < ARRAY_SIZE(hashes); i++) {
		char text[CERT_FINGERPRINT_MAX], what[32];

		snprintf(what, sizeof(what), "Fingerprint %s", hashes[i].name);
		cert_fingerprint_text(c, hashes[i].hash, text);
		text_printf(t, "%*s: %s \n", width ? width : (int)strlen(what) + 2, what, text);
	}
}

void
show_fingerprints(struct text *t, const struct cert *c)
{
	text_puts(t, "Certificate has the following attributes:\n");
	put_fingerprints(t, c, 22);
	text_puts(t, "\n");
}

void
show_certificate(struct text *t, const char *trustpoint, const struct cert *c, bool ca,
                 bool verbose, const struct clock_zone *zone)
{
	char serial[64], subject[256], issuer[256];

	cert_serial_text(c, serial, sizeof(serial));
	cert_subject_text(c, subject, sizeof(subject));
	cert_issuer_text(c, issuer, sizeof(issuer));
	text_printf(t, "%sCertificate\n  Status: Available\n", ca ? "CA " : "");
	text_printf(t, "  Certificate Serial Number (hex): %s\n", serial);
	text_printf(t, "  Certificate Usage: %s\n  Issuer: \n",
	            ca ? "Signature" : "General Purpose");
	name_lines(t, issuer);
	text_puts(t, "  Subject: \n");
	name_lines(t, subject);
	text_puts(t, "  Validity Date: \n");
	put_moment(t, "start date", cert_not_before(c), zone);
	put_moment(t, "end   date", cert_not_after(c), zone);
	if (verbose)
		put_fingerprints(t, c, 0);
	text_printf(t, "  Associated Trustpoints: %s \n\n", trustpoint);
}

/* The CAs of a trustpoint, and whether it has a certificate of its own. */
void
show_trustpoint(struct text *t, const char *name, const struct cert *const *cas, size_t n, bool own)
{
	char serial[CERT_SERIAL_MAX], subject[256];

	text_printf(t, "Trustpoint %s:\n", name);
	for (size_t i = 0; i < n; i++) {
		cert_subject_text(cas[i], subject, sizeof(subject));
		cert_serial_text(cas[i], serial, sizeof(serial));
		text_puts(t, "    Subject Name: \n");
		name_lines(t, subject);
		text_printf(t, "          Serial Number (hex): %s\n", serial);
	}
	if (own)
		text_puts(t, "    Certificate configured.\n");
	text_puts(t, "\n\n");
}

void
show_crl(struct text *t, const struct crl *l, const char *url, const struct clock_zone *zone)
{
	char issuer[256];

	crl_issuer_text(l, issuer, sizeof(issuer));
	text_puts(t, "CRL Issuer Name: \n");
	name_lines(t, issuer);
	put_moment(t, "LastUpdate", crl_this_update(l), zone);
	put_moment(t, "NextUpdate", crl_next_update(l), zone);
	if (url)
		text_printf(t, "    CDP URL: %s\n", url);
	text_printf(t, "    CRL DER is %zu bytes\n    CRL is stored in parsed CRL cache\n\n",
	            crl_size(l));
}

void
show_pki_counters(struct text *t, const struct snap_pki *pki)
{
	const uint64_t checks = pki->taken + pki->refused + pki->waiting;
	const struct {
		const char *label;
		uint64_t n;
	} rows[] = {
	    {"PKI Sessions Started", checks},
	    {"PKI Sessions Ended", checks},
	    {"PKI Sessions Active", 0},
	    {"Successful Validations", pki->taken},
	    {"Failed Validations", pki->refused},
	    {"Bypassed Validations", 0},
	    {"Pending Validations", pki->waiting},
	    {"CRLs checked", pki->lists_asked},
	    {"CRL - fetch attempts", pki->fetches},
	    {"CRL - failed attempts", pki->fetches_failed},
	    {"CRL - rejected busy fetching", pki->fetches_busy},
	    {"AAA authorizations", 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		text_printf(t, "%s: %" PRIu64 "\n", rows[i].label, rows[i].n);
}
