/* SPDX-License-Identifier: Apache-2.0 */
/* See help.h. A subject is a page of the manual, a diagnostic, or words that pages have. */
#define _GNU_SOURCE /* strcasestr */
#include "cli/tools/help.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/tools/check.h"
#include "cli/tools/manual.h"
#include "cli/tools/usage.h"
#include "compiler/base/diag.h"
#include "compiler/base/text.h"
#include "compiler/check/explain.h"

#define PAGES_MAX 64

/* Runs where the user has named no pager; what is not installed must not cost the text. */
#define PAGER "command -v less >/dev/null && exec less -F; exec cat"

const char help_help[] =
    "Usage: testudo help [SUBJECT]...\n"
    "\n"
    "Prints the page of the manual about SUBJECT: a command of this program, a subject, or what\n"
    "stands in brackets behind a diagnostic. Other words list the pages that have them. Without\n"
    "SUBJECT lists all pages. On a terminal the text goes through PAGER, or less.\n"
    "\n"
    "  testudo help certificates\n"
    "  testudo help psk-differs\n"
    "  testudo help receive-only\n";

static void
list_page(const struct manual_page *page)
{
	printf("  %-15s %s\n", page->name, page->what);
}

/* What somebody asks for who does not know what its page is called. */
static const struct {
	const char *asked, *page;
} aliases[] = {
    {"run", "testudo"}, /* the program's own page has that command */
    {"redundancy", "several"}, {"coop", "several"}, {"cooperative", "several"},
    {"peer", "several"},       {"etcd", "several"},
};

static const struct manual_page *
find_page(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (strcasecmp(name, aliases[i].asked) == 0)
			name = aliases[i].page;
	for (size_t i = 0; i < manual_count; i++)
		if (strcasecmp(manual_pages[i].name, name) == 0)
			return &manual_pages[i];
	return NULL;
}

static bool
list_pages_with(const char *words)
{
	bool any = false;

	for (size_t i = 0; i < manual_count; i++) {
		const struct manual_page *page = &manual_pages[i];

		if (!strcasestr(page->text, words) && !strcasestr(page->what, words))
			continue;
		if (!any)
			printf("No page is about \"%s\" alone. These speak of it:\n\n", words);
		any = true;
		list_page(page);
	}
	if (any)
		printf("\nOne of them: testudo help PAGE\n");
	return any;
}

static int
no_page(const char *subject)
{
	const char *names[PAGES_MAX], *near;
	size_t n = manual_count < PAGES_MAX ? manual_count : PAGES_MAX;

	for (size_t i = 0; i < n; i++)
		names[i] = manual_pages[i].name;
	near = diag_nearest(subject, names, n);
	if (!near)
		near = explain_nearest(subject);
	if (near)
		return usage_error("testudo help",
		                   "nothing here is about \"%s\"; did you mean \"%s\"?", subject,
		                   near);
	return usage_error("testudo help", "nothing here is about \"%s\"", subject);
}

static int
show_subject(char *subject)
{
	const struct manual_page *page = find_page(subject);
	char program[] = "testudo", explain[] = "explain";
	char *explained[] = {program, explain, subject, NULL};

	if (page) {
		printf("%s: %s\n%s", page->name, page->what, page->text);
		return 0;
	}
	if (explain_find(subject))
		return explain_main(3, explained);
	return *subject && list_pages_with(subject) ? 0 : no_page(subject);
}

static void
list_all(void)
{
	puts("The manual, page by page; testudo help PAGE prints one:\n");
	for (size_t i = 0; i < manual_count; i++)
		list_page(&manual_pages[i]);
	puts("\ntestudo COMMAND --help says how a command is called, testudo explain what a "
	     "diagnostic\nmeans, and ? in a router's shell which commands there are.");
}

/* What is printed from now on goes through a pager, where somebody looks on; NULL: it does not. */
static FILE *
start_pager(void)
{
	FILE *pager = NULL;

	if (isatty(STDOUT_FILENO))
		/* NOLINTNEXTLINE(cert-env33-c): $PAGER is a line of the user's own shell */
		pager = popen("[ -z \"$PAGER\" ] || exec $PAGER; " PAGER, "w");
	if (pager) {
		signal(SIGPIPE, SIG_IGN); /* the user has read enough */
		dup2(fileno(pager), STDOUT_FILENO);
	}
	return pager;
}

static void
end_pager(FILE *pager)
{
	fflush(stdout);
	close(STDOUT_FILENO);
	pclose(pager);
}

int
help_main(int argc, char **argv)
{
	FILE *pager = start_pager();
	struct text words = TEXT_INIT;
	char *subject;
	int status = 0;

	for (int i = 2; i < argc; i++)
		text_printf(&words, "%s%s", i > 2 ? " " : "", argv[i]);
	subject = x_strdup(text_string(&words));
	if (argc > 2)
		status = show_subject(subject);
	else
		list_all();
	free(subject);
	text_fini(&words);
	if (pager)
		end_pager(pager);
	else if (fflush(stdout) || ferror(stdout))
		status = EXIT_USAGE;
	return status;
}
