/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a configuration, as a line of the log: see router.h. */
#include <stdio.h>
#include <string.h>

#include "cli/device/router.h"
#include "compiler/base/text.h"

/* A line that holds a key is not quoted in the log. */
static bool
may_be_quoted(const struct diag *d)
{
	static const char *const words[] = {" key ", "-key ", "password", "secret",
	                                    "authentication "};
	/* Numbers and names, though they have such a word. */
	static const char *const plain[] = {
	    "tunnel key ", "ip authentication mode ", "ip authentication key-chain ",
	    "ip rip authentication mode ", "ip rip authentication key-chain "};
	const char *text = d->text + strspn(d->text, " ");

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (strncmp(text, plain[i], strlen(plain[i])) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(d->text, words[i]))
			return false;
	return d->text[0];
}

bool
router_diag_corrects(const struct diag *d)
{
	uint32_t typed, meant;
	char word[128];

	if (!d->suggest[0] || !d->column || d->column - 1 + d->length > strlen(d->text))
		return false;
	snprintf(word, sizeof(word), "%.*s", (int)d->length, d->text + d->column - 1);
	/* The suggestion replaces one address by another: that of a key server */
	if (addr_parse(word, &typed) && addr_parse(d->suggest, &meant))
		return true;
	return diag_nearest(word, &d->suggest, 1) != NULL;
}

void
router_diag_log(struct router *r, const struct diag *d)
{
	struct log_sink sink = router_log_sink(r);
	struct text t = TEXT_INIT;

	text_puts(&t, severity_text(d->severity));
	if (d->line)
		text_printf(&t, ", line %u", d->line);
	if (may_be_quoted(d))
		text_printf(&t, ", \"%s\"", d->text);
	text_printf(&t, ": %s", d->message);
	if (d->suggest[0])
		text_printf(&t, router_diag_corrects(d) ? " (did you mean %s?)" : " (see: %s)",
		            d->suggest);
	LOG(&sink, CONFIG_WARNING, text_string(&t));
	text_fini(&t);
}
