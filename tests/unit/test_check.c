/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `testudo check`: samples/configs is without a fault; tests/data/check/cases.txt changes it so
 * that each diagnostic there is comes up once, and each has a page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/app/commands.h"
#include "cli/tools/check.h"
#include "compiler/check/explain.h"

#define LINES_MAX 1000
#define N_FILES   5

static const char *const names[N_FILES] = {"ks1", "gm1", "gm2", "gm3", "asa1"};

/* --- configurations --------------------------------------------------------------------------- */

static char *
read_whole(const char *path)
{
	struct text t = TEXT_INIT;
	FILE *f = fopen(path, "r");
	char buf[4096];
	size_t n;

	if (!f)
		fail_msg("cannot read %s", path);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		text_add(&t, buf, n);
	fclose(f);
	return t.p;
}

/* A file as lines that can be changed. */
struct config {
	size_t n;
	char *lines[LINES_MAX];
	size_t at; /* where the next line goes */
};

static void
lines_read(struct config *c, const char *name)
{
	char path[512];
	char *text, *line, *rest;

	snprintf(path, sizeof(path), "%s/samples/configs/%s.cfg", TESTUDO_SOURCE, name);
	text = read_whole(path);
	*c = (struct config){0};
	for (rest = text; (line = strsep(&rest, "\n")) && rest;)
		c->lines[c->n++] = x_strdup(line);
	c->at = c->n - 1; /* before its end */
	free(text);
}

static void
config_free(struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->lines[i]);
}

static void
config_remove(struct config *c, const char *what)
{
	size_t i;

	for (i = 0; i < c->n && strcmp(c->lines[i] + strspn(c->lines[i], " "), what) != 0; i++)
		;
	if (i == c->n)
		fail_msg("no line \"%s\"", what);
	free(c->lines[i]);
	memmove(c->lines + i, c->lines + i + 1, (--c->n - i) * sizeof(*c->lines));
	c->at = i;
}

static void
config_insert(struct config *c, const char *line)
{
	assert_true(c->n < LINES_MAX);
	memmove(c->lines + c->at + 1, c->lines + c->at, (c->n++ - c->at) * sizeof(*c->lines));
	c->lines[c->at++] = x_asprintf(" %s", line);
}

/* Inserts N lines "text", each with its number in the place of #### (four digits) and of %. */
static void
insert_many(struct config *c, const char *what)
{
	char *text;
	unsigned long n = strtoul(what, &text, 10);

	for (unsigned i = 1; i <= n; i++) {
		const char *hashes = strstr(++text, "####"),
			   *at = hashes ? hashes : strchr(text, '%');
		int before = at ? (int)(at - text) : (int)strlen(text);
		char *line = x_asprintf(hashes ? "%.*s%04u%s" : "%.*s%u%s", before, text, i,
		                        at ? at + (hashes ? 4 : 1) : "");

		config_insert(c, line);
		free(line);
		text--;
	}
}

static char *
config_text(const struct config *c)
{
	struct text t = TEXT_INIT;

	for (size_t i = 0; i < c->n; i++)
		text_line(&t, c->lines[i]);
	return t.p;
}

/* --- a check ---------------------------------------------------------------------------------- */

struct bench {
	struct config configs[N_FILES];
	struct check_file files[N_FILES];
};

static void
bench_open(struct bench *b)
{
	for (size_t i = 0; i < N_FILES; i++)
		lines_read(&b->configs[i], names[i]);
}

static void
bench_check(struct bench *b)
{
	struct checkup *checkup = checkup_new();

	for (size_t i = 0; i < N_FILES; i++) {
		b->files[i] =
		    (struct check_file){.path = names[i], .text = config_text(&b->configs[i])};
		check_read(checkup, &b->files[i]);
	}
	check_finish(checkup, b->files, N_FILES);
	checkup_free(checkup);
}

static void
bench_close(struct bench *b)
{
	for (size_t i = 0; i < N_FILES; i++) {
		check_file_fini(&b->files[i]);
		free(b->files[i].text);
		config_free(&b->configs[i]);
	}
}

/* Every diagnostic has its page, and points into its file. */
static bool
finds_diag(const struct bench *b, const char *id)
{
	bool found = false;

	for (size_t i = 0; i < N_FILES; i++) {
		const struct check_file *f = &b->files[i];

		for (size_t k = 0; k < f->diags.n; k++) {
			const struct diag *d = &f->diags.items[k];
			struct text line = TEXT_INIT;
			unsigned length, column = check_column(f, d, &length);

			if (!explain_find(d->id))
				fail_msg("%s has no page", d->id);
			check_line(f, d->line, &line);
			assert_true(column <= line.n + 1);
			text_fini(&line);
			found |= strcmp(d->id, id) == 0;
		}
	}
	return found;
}

/* --- the cases -------------------------------------------------------------------------------- */

/* One line of a case. */
static void
apply_line(struct bench *b, struct config **c, const char *line)
{
	size_t i;

	for (i = 0; i < N_FILES && strcmp(names[i], line) != 0; i++)
		;
	if (i < N_FILES) {
		*c = &b->configs[i];
	} else if (*line == '-') {
		config_remove(*c, line + 2);
	} else if (*line == '*') {
		insert_many(*c, line + 2);
	} else {
		assert_int_equal(*line, '+');
		config_insert(*c, line + 2);
	}
}

/* Plays one case; rest begins behind its "@ id" and is moved behind it. */
static void
play_case(const char *id, char **rest)
{
	struct bench b;
	struct config *c = NULL;

	bench_open(&b);
	while (*rest && **rest != '@') {
		char *line = strsep(rest, "\n");

		if (*line && *line != '#')
			apply_line(&b, &c, line);
	}
	bench_check(&b);
	if (!finds_diag(&b, id))
		fail_msg("%s is not found", id);
	bench_close(&b);
}

static void
each_has_its_case(void **state)
{
	char *text = read_whole(TESTUDO_SOURCE "/tests/data/check/cases.txt"), *rest = text, *line;
	bool *seen = x_alloc(explain_count() * sizeof(*seen));

	(void)state;
	while ((line = strsep(&rest, "\n"))) {
		if (*line != '@')
			continue;
		if (!explain_find(line + 2))
			fail_msg("there is no diagnostic %s", line + 2);
		for (size_t i = 0; i < explain_count(); i++)
			seen[i] |= strcmp(explain_at(i)->id, line + 2) == 0;
		play_case(line + 2, &rest);
	}
	for (size_t i = 0; i < explain_count(); i++)
		/*
		 * tests/unit/test_config_yaml.c has many of "yaml"; what is "...-kept" needs a
		 * router that runs: tests/lab/server_errors, as have "coop-...-away" and
		 * "coop-keyless": tests/lab/coop; "coop-moved": tests/protocol/test_coop_moved.c;
		 * "routing-not-run" and "frr-lacks" need a machine:
		 * tests/unit/test_compile_routing.c.
		 */
		if (!seen[i] && strcmp(explain_at(i)->id, "routing-not-run") != 0 &&
		    strcmp(explain_at(i)->id, "multicast-not-run") != 0 &&
		    strcmp(explain_at(i)->id, "frr-lacks") != 0 &&
		    strcmp(explain_at(i)->id, "coop-store-away") != 0 &&
		    strcmp(explain_at(i)->id, "coop-peer-away") != 0 &&
		    strcmp(explain_at(i)->id, "coop-keyless") != 0 &&
		    strcmp(explain_at(i)->id, "coop-moved") != 0 &&
		    strcmp(explain_at(i)->id, "yaml") != 0 && !strstr(explain_at(i)->id, "-kept"))
			fail_msg("%s has no case", explain_at(i)->id);
	free(seen);
	free(text);
}

static void
the_samples_are_clean(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b);
	bench_check(&b);
	for (size_t i = 0; i < N_FILES; i++)
		assert_int_equal(b.files[i].diags.n, 0);
	bench_close(&b);
}

/*
 * A key pair without a label is called after the device, as where it is made; one that is imported
 * is there, too.
 */
static void
key_pairs_of_a_file(void **state)
{
	static const char *const made[] = {
	    "generate rsa modulus 2048",
	    "generate rsa label KS.example.net modulus 2048 exportable",
	    "import rsa KS.example.net pem url flash:ks correct horse"};

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(made); k++) {
		char *text = x_asprintf("hostname KS\nip domain name example.net\ncrypto key %s\n"
		                        "crypto gdoi group G\n identity number 7\n server local\n"
		                        "  rekey authentication mypubkey rsa KS.example.net\n",
		                        made[k]);
		struct check_file f = {.path = "a", .text = text};
		struct checkup *checkup = checkup_new();

		check_read(checkup, &f);
		check_finish(checkup, &f, 1);
		for (size_t i = 0; i < f.diags.n; i++)
			assert_string_not_equal(f.diags.items[i].id, "rsa-undefined");
		checkup_free(checkup);
		check_file_fini(&f);
		free(text);
	}
}

/* --- what is shown ---------------------------------------------------------------------------- */

static void
secrets_are_hidden(void **state)
{
	const struct check_file f = {.path = "a",
	                             .text = "crypto isakmp key 0 SECRET adress 10.0.0.1\n"
	                                     "crypto key generate rsa label KEY\r\n"
	                                     "username u secret\tHUSH\n"
	                                     "crypto isakmp k SECRET addr bogus\n"
	                                     "username u pass 0 SECRET x\n"
	                                     "crypto key export rsa K pem terminal aes SECRET\n"};
	struct text t = TEXT_INIT;

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		check_line(&f, i, &t);
		text_puts(&t, "\n");
	}
	assert_null(strstr(text_string(&t), "SECRET"));
	assert_null(strstr(text_string(&t), "HUSH"));
	assert_non_null(strstr(text_string(&t), "crypto isakmp key * ****** "));
	assert_non_null(strstr(text_string(&t), "generate rsa label KEY\n"));
	text_fini(&t);
}

static void
secrets_are_hidden_in_yaml(void **state)
{
	const struct check_file f = {.path = "a.yaml",
	                             .text = "crypto:\n"
	                                     "  isakmp:\n"
	                                     "    key:\n"
	                                     "    - SECRET1 address 10.0.0.1\n"
	                                     "    - SECRET2 address 10.0.0.2\n"
	                                     "    policy:\n"
	                                     "    - number: 10\n"
	                                     "keys:\n"
	                                     "  key: SECRET3 address 10.0.0.3\n"};
	struct text t = TEXT_INIT;

	(void)state;
	for (unsigned i = 1; i < 11; i++) {
		check_line(&f, i, &t);
		text_puts(&t, "\n");
	}
	assert_null(strstr(text_string(&t), "SECRET"));
	assert_non_null(strstr(text_string(&t), "    - number: 10\n"));
	text_fini(&t);
}

/* A misspelt word: the caret stands under it, in what was typed. */
static void
carets_point(void **state)
{
	struct bench b;
	struct config *c = NULL;
	struct text t = TEXT_INIT;

	(void)state;
	bench_open(&b);
	apply_line(&b, &c, "ks1");
	apply_line(&b, &c, "- match address ipv4 BETWEEN-SITES");
	apply_line(&b, &c, "+ mat  addr ipv4 BETWEEN_SITES");
	bench_check(&b);
	check_write_text(b.files, N_FILES, &t);
	assert_non_null(strstr(text_string(&t), "ks1:33:17: error: access list BETWEEN_SITES "
	                                        "does not exist"));
	assert_non_null(strstr(text_string(&t), "   33 |  mat  addr ipv4 BETWEEN_SITES\n"
	                                        "      |                 ^~~~~~~~~~~~~\n"
	                                        "      = suggestion: BETWEEN-SITES\n"));
	text_fini(&t);
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_samples_are_clean),      cmocka_unit_test(key_pairs_of_a_file),
	    cmocka_unit_test(each_has_its_case),          cmocka_unit_test(secrets_are_hidden),
	    cmocka_unit_test(secrets_are_hidden_in_yaml), cmocka_unit_test(carets_point),
	};

	commands_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
