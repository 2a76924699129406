/* SPDX-License-Identifier: Apache-2.0 */
/* Lines at a console, and their answers: see typist.h. */
#include "tests/hunter/typist.h"

#include <stdio.h>
#include <string.h>

#include "runtime/crypto/random.h"
#include "runtime/crypto/secret.h"

static void
on_write(void *arg, const char *text, size_t n)
{
	text_add(&((struct typist *)arg)->screen, text, n);
}

static void
on_done(void *arg)
{
	(void)arg;
}

static struct shell *
console_of(struct typist *t, struct lab *lab, size_t node)
{
	static const struct shell_io io = {.write = on_write, .done = on_done, .close = on_done};
	struct shell **sh = &t->shells[node];

	if (*sh && shell_is_over(*sh)) {
		shell_free(*sh);
		*sh = NULL;
	}
	if (!*sh)
		*sh = shell_new(lab_router_at(lab, node), &io, t, true);
	return *sh;
}

bool
typist_line(struct typist *t, struct lab *lab, size_t node, const char *line,
            void (*pass)(void *arg), void *arg)
{
	struct shell *sh = console_of(t, lab, node);

	text_clear(&t->screen);
	shell_line(sh, line);
	for (int i = 0; i < 4 && shell_asking(sh); i++)
		shell_line(sh, strstr(text_string(&t->screen), "yes") ? "yes" : "");
	for (int i = 0; i < 5 && shell_busy(sh); i++)
		pass(arg);
	if (!shell_busy(sh))
		return true;
	shell_interrupt(sh);
	return false;
}

bool
typist_next(const char **lines, char line[static 160])
{
	size_t n = strcspn(*lines, "\n");

	if (!**lines)
		return false;
	snprintf(line, 160, "%.*s", (int)n, *lines);
	*lines += n + ((*lines)[n] == '\n');
	return true;
}

void
typist_fini(struct typist *t)
{
	for (size_t i = 0; i < TYPIST_NODES; i++)
		shell_free(t->shells[i]);
	text_fini(&t->screen);
}

const char *
typist_keys(void)
{
	static struct secret text;

	if (!text.n) {
		struct keystore *ks = keystore_new();
		struct secret written = {0};

		crypto_random_seed(1);
		keystore_generate(ks, "KEY", 1024, true, TYPIST_WALL);
		keystore_write(ks, &written);
		secret_init(&text, written.n + 1); /* and a NUL, as a text has */
		memcpy(text.p, written.p, written.n);
		secret_fini(&written);
		keystore_free(ks);
	}
	return (const char *)text.p;
}
