/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto pki certificates`. */
#include "cli/show/show.h"

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
show_date(struct text *t, const char *what, int64_t seconds)
{
	time_t s = (time_t)seconds;
	char clock[16], month[8];
	struct tm tm;

	gmtime_r(&s, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	strftime(month, sizeof(month), "%b", &tm);
	text_printf(t, "    %s date: %s UTC %s %d %d\n", what, clock, month, tm.tm_mday,
	            tm.tm_year + 1900);
}

void
show_certificate(struct text *t, const char *trustpoint, const struct cert *c, bool ca)
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
	show_date(t, "start", cert_not_before(c));
	show_date(t, "end  ", cert_not_after(c));
	text_printf(t, "  Associated Trustpoints: %s \n\n", trustpoint);
}
