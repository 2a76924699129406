/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every configuration command with every value it may have: what is typed is rendered, and the
 * text means the same; `no` and `default`, whole and cut short as IOS takes them, leave what was
 * there before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "walk_tree.h"
#include "walk_tally.h"

static void __attribute__((format(printf, 3, 4)))
report_wrong(const struct gram_entry *e, const char *line, const char *format, ...)
{
	va_list ap;

	if (failures++ >= FAILURES_SHOWN)
		return;
	print_error("mode %s, entry at line %u, \"%s\": ", gram_modes[e->mode].name, e->line, line);
	va_start(ap, format);
	vprint_error(format, ap);
	va_end(ap);
	print_error("\n");
}

/* A router in the mode of a way: its configuration before, and with the way's line typed. */
struct desk {
	struct tree *tree;
	struct tnode *mode; /* where the line is typed */
	char *before, *with;
	char line[WALK_LINE];
};

static void
desk_close(struct desk *d)
{
	free(d->before);
	free(d->with);
	tree_free(d->tree);
}

/* False: the line is another command's business, or none of configuration. */
static bool
desk_open(struct desk *d, const struct way *w)
{
	const struct gram_entry *was;
	struct tnode *context;

	*d = (struct desk){0};
	if (w->entry->verb == VERB_DO || w->entry->verb == VERB_DROP ||
	    !gram_modes[w->entry->mode].config || is_flat(w->entry->mode))
		return false;
	d->tree = tree_new_in(root_of(w->entry->mode));
	walk_line(w, w->n, d->line);
	if (!go_to_mode(d->tree, &d->mode, w->entry->mode)) {
		report_wrong(w->entry, d->line, "no line leads to the mode");
		return false;
	}
	d->before = render_tree(d->tree);
	context = d->mode;
	if (type_line_as(d->tree, &context, d->line, &was) < 0) {
		if (!w->entry->kept)
			report_wrong(w->entry, d->line, "is not taken");
		return false;
	}
	d->with = render_tree(d->tree);
	return was == w->entry;
}

/* Types a line where the way's was typed. */
static int
desk_type(struct desk *d, const char *line, const struct gram_entry **ret_entry)
{
	struct tnode *context = d->mode;

	return type_line_as(d->tree, &context, line, ret_entry);
}

/* --- text ------------------------------------------------------------------------------------- */

static void
check_fixed_point(const struct way *w, const struct desk *d)
{
	char refused[WALK_LINE];
	struct tree *again =
	    type_text((enum gram_mode)tnode_mode(tree_top(d->tree)), d->with, refused);
	char *second;

	checks++;
	if (!again) {
		report_wrong(w->entry, d->line, "rendered as \"%s\", which is not taken", refused);
		return;
	}
	second = render_tree(again);
	if (strcmp(second, d->with))
		report_wrong(w->entry, d->line, "rendered as\n%swhich is rendered as\n%s", d->with,
		             second);
	free(second);
	tree_free(again);
}

static void
text_of(void *arg, struct way *w)
{
	bool number = gram_elems[w->elems[w->at]].type != TYPE_KEYWORD;
	int value;

	(void)arg;
	for (value = 0; value < (number ? WALK_VALUES : 1); value++) {
		struct desk d;

		walk_fill(w, (enum walk_value)value);
		if (desk_open(&d, w))
			check_fixed_point(w, &d);
		desk_close(&d);
	}
}

static void
every_text_is_a_fixed_point(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(text_of, NULL);
	finish_walk(100);
}

/* --- undoing ---------------------------------------------------------------------------------- */

static void
check_undone(const struct way *w, struct desk *d, const char *undo)
{
	bool negative = w->entry->on || w->entry->either, dflt = !strncmp(undo, "default", 7);
	char line[WALK_LINE + 8], *after;

	snprintf(line, sizeof(line), "%s %s", undo, d->line);
	checks++;
	if (desk_type(d, line, NULL) < 0) {
		report_wrong(w->entry, line, "is not taken");
		return;
	}
	if (negative && !dflt) {
		/* `no` is what is kept: said once more by the text, and forgotten by default. */
		after = render_tree(d->tree);
		if (!strcmp(after, d->with) || (w->entry->on && !strcmp(after, d->before)))
			report_wrong(w->entry, line, "does nothing");
		free(after);
		snprintf(line, sizeof(line), "default %s", d->line);
		if (desk_type(d, line, NULL) < 0)
			report_wrong(w->entry, line, "is not taken");
	}
	after = render_tree(d->tree);
	if (strcmp(after, d->before))
		report_wrong(w->entry, line, "leaves\n%s", after);
	free(after);
}

static void
check_undoing(void *arg, struct way *w)
{
	struct desk d;

	if (desk_open(&d, w))
		check_undone(w, &d, arg);
	desk_close(&d);
}

static void
no_undoes_exactly(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(check_undoing, "no");
	finish_walk(100);
}

static void
default_undoes_exactly(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(check_undoing, "default");
	finish_walk(100);
}

/* --- cut short -------------------------------------------------------------------------------- */

/* `no` with the first n words: undoes the line or leaves everything, and nothing between. */
static void
check_cut(const struct way *w, size_t n, const char *undo)
{
	const struct gram_entry *was;
	char line[WALK_LINE], cut[WALK_LINE + 8], *after;
	struct desk d;

	if (desk_open(&d, w) && !w->entry->on && !w->entry->either) {
		walk_line(w, n, line);
		snprintf(cut, sizeof(cut), "%s %s", undo, line);
		checks++;
		if (desk_type(&d, cut, &was) >= 0) {
			after = render_tree(d.tree);
			bool same = !strcmp(after, d.with), negative = was->on || was->either;

			if (strcmp(after, d.before) &&
			    (was == w->entry ? w->entry->verb == VERB_SET || !same
			                     : !same && !negative && !was->kept))
				report_wrong(w->entry, cut, "of \"%s\" leaves\n%s", d.line, after);
			free(after);
		}
	}
	desk_close(&d);
}

static void
cut_short(void *arg, struct way *w)
{
	size_t n;

	(void)arg;
	for (n = 1; n < w->n && w->first; n++) {
		check_cut(w, n, "no");
		check_cut(w, n, "default");
	}
}

static void
no_cut_short_undoes_or_leaves(void **state)
{
	(void)state;
	start_walk();
	walk_grammar(cut_short, NULL);
	finish_walk(100);
}

/* --- as IOS takes them ------------------------------------------------------------------------ */

/* What is typed, and a `no` that every IOS takes: "MODE LINE|LINE". Both end in the same place. */
static const struct {
	const char *mode, *line, *undo;
} habits[] = {
    {"", "hostname R7", "no hostname"},
    {"", "ip domain name example.com", "no ip domain name"},
    {"", "ip domain-name example.com", "no ip domain-name"},
    {"", "username bob privilege 15 secret 0 x", "no username bob"},
    {"", "enable secret 0 x", "no enable secret"},
    {"", "logging buffered 8192", "default logging buffered"},
    {"", "crypto isakmp policy 10", "no crypto isakmp policy 10"},
    {"", "crypto isakmp key K address 10.0.0.1", "no crypto isakmp key K address 10.0.0.1"},
    {"", "crypto isakmp key 0 K address 10.0.0.1 255.255.255.255",
     "no crypto isakmp key K address 10.0.0.1"},
    {"", "crypto isakmp key K address 0.0.0.0 0.0.0.0", "no crypto isakmp key K address 0.0.0.0"},
    {"", "crypto isakmp keepalive 10 3 periodic", "no crypto isakmp keepalive"},
    {"", "crypto isakmp identity hostname", "no crypto isakmp identity"},
    {"", "crypto ipsec transform-set T esp-aes esp-sha-hmac", "no crypto ipsec transform-set T"},
    {"", "crypto ipsec profile P", "no crypto ipsec profile P"},
    {"", "crypto ipsec security-association lifetime seconds 300",
     "no crypto ipsec security-association lifetime seconds"},
    {"", "crypto gdoi group G", "no crypto gdoi group G"},
    {"", "crypto gdoi group G", "no crypto gkm group G"},
    {"", "crypto map M 10 gdoi", "no crypto map M 10"},
    {"", "crypto map M 10 gdoi", "no crypto map M 10 gdoi"},
    {"", "crypto map M 10 gdoi", "no crypto map M"},
    {"", "crypto map M local-address Loopback0", "no crypto map M local-address"},
    {"", "crypto pki trustpoint CA", "no crypto pki trustpoint CA"},
    {"", "crypto keyring K", "no crypto keyring K"},
    {"", "interface Loopback7", "no interface lo7"},
    {"", "interface Tunnel 7", "no int tu7"},
    {"", "ip access-list extended X", "no ip access-list extended X"},
    {"", "ip access-list standard X", "no ip access-list standard X"},
    {"", "ip route 10.0.0.0 255.0.0.0 10.1.1.1", "no ip route 10.0.0.0 255.0.0.0 10.1.1.1"},
    {"", "ip route 10.0.0.0 255.0.0.0 10.1.1.1 200", "no ip route 10.0.0.0 255.0.0.0 10.1.1.1"},
    {"", "ip route 10.0.0.0 255.0.0.0 10.1.1.1", "no ip route 10.0.0.0 255.0.0.0"},
    {"", "ip ssh version 2", "no ip ssh version"},
    {"", "ip ssh time-out 60", "no ip ssh time-out"},
    {"", "line vty 5 15", "no line vty 5 15"},
    {"crypto isakmp policy 10", "lifetime 3600", "no lifetime"},
    {"crypto isakmp policy 10", "lifetime 3600", "no lifetime 60"},
    {"crypto isakmp policy 10", "encryption aes 256", "no encryption"},
    {"crypto isakmp policy 10", "encryption aes 256", "no encr aes 256"},
    {"crypto isakmp policy 10", "hash sha256", "no hash"},
    {"crypto isakmp policy 10", "group 14", "no group"},
    {"crypto isakmp policy 10", "authentication pre-share", "no authentication"},
    {"crypto isakmp policy 10", "authentication pre-share", "no auth pre"},
    {"crypto ipsec transform-set T esp-aes", "mode transport", "no mode"},
    {"crypto ipsec profile P", "set transform-set T", "no set transform-set"},
    {"crypto ipsec profile P", "set pfs group14", "no set pfs"},
    {"crypto ipsec profile P", "set security-association lifetime seconds 300",
     "no set security-association lifetime seconds"},
    {"crypto gdoi group G", "identity number 1", "no identity number"},
    {"crypto gdoi group G", "identity number 1", "no identity"},
    {"crypto gdoi group G", "server local", "no server local"},
    {"crypto gdoi group G", "server address ipv4 10.0.0.1", "no server address ipv4 10.0.0.1"},
    {"crypto gdoi group G|server local", "rekey lifetime seconds 300", "no rekey lifetime seconds"},
    {"crypto gdoi group G|server local", "rekey lifetime seconds 300", "no rekey lifetime"},
    {"crypto gdoi group G|server local", "rekey retransmit 10 number 2", "no rekey retransmit"},
    {"crypto gdoi group G|server local", "rekey algorithm aes 256", "no rekey algorithm"},
    {"crypto gdoi group G|server local", "rekey authentication mypubkey rsa K",
     "no rekey authentication"},
    {"crypto gdoi group G|server local", "rekey transport unicast", "no rekey transport unicast"},
    {"crypto gdoi group G|server local", "rekey transport unicast", "no rekey transport"},
    {"crypto gdoi group G|server local", "rekey address ipv4 101", "no rekey address ipv4"},
    {"crypto gdoi group G|server local", "authorization address ipv4 X", "no authorization"},
    {"crypto gdoi group G|server local", "authorization address ipv4 X",
     "no authorization address ipv4"},
    {"crypto gdoi group G|server local", "sa ipsec 1", "no sa ipsec 1"},
    {"crypto gdoi group G|server local", "address ipv4 10.0.0.1", "no address ipv4"},
    {"crypto gdoi group G|server local", "redundancy", "no redundancy"},
    {"crypto gdoi group G|server local|sa ipsec 1", "profile P", "no profile"},
    {"crypto gdoi group G|server local|sa ipsec 1", "match address ipv4 X", "no match address"},
    {"crypto gdoi group G|server local|sa ipsec 1", "replay time window-size 5", "no replay"},
    {"crypto gdoi group G|server local|sa ipsec 1", "replay time window-size 5",
     "no replay time window-size"},
    {"crypto gdoi group G|server local|sa ipsec 1", "tag cts sgt", "no tag"},
    {"crypto gdoi group G|server local|redundancy", "local priority 7", "no local priority"},
    {"crypto gdoi group G|server local|redundancy", "peer address ipv4 10.0.0.2",
     "no peer address ipv4 10.0.0.2"},
    {"crypto map M 10 gdoi", "set group G", "no set group"},
    {"crypto map M 10 gdoi", "match address X", "no match address"},
    {"interface Loopback0", "ip address 10.0.0.1 255.0.0.0", "no ip address"},
    {"interface Loopback0", "ip address 10.0.0.1 255.0.0.0", "no ip address 10.0.0.1 255.0.0.0"},
    {"interface Loopback0", "description some text", "no description"},
    {"interface Loopback0", "crypto map M", "no crypto map"},
    {"interface Loopback0", "crypto map M", "no crypto map M"},
    {"interface Loopback0", "ip access-group X in", "no ip access-group in"},
    {"interface Loopback0", "ip access-group X in", "no ip access-group X in"},
    {"interface Loopback0", "mtu 1400", "no mtu"},
    {"interface Loopback0", "ip mtu 1400", "no ip mtu"},
    {"interface Loopback0", "ip tcp adjust-mss 1360", "no ip tcp adjust-mss"},
    {"interface Loopback0", "no shutdown", "default shutdown"},
    {"interface Tunnel0", "tunnel source Loopback0", "no tunnel source"},
    {"interface Tunnel0", "tunnel destination 10.0.0.1", "no tunnel destination"},
    {"ip access-list extended X", "20 permit ip any any", "no 20"},
    {"ip access-list extended X", "permit ip any any", "no permit ip any any"},
    {"ip access-list extended X", "20 permit ip any any", "no permit ip any any"},
    {"ip access-list extended X", "20 permit ip any any", "no 20 permit ip any any"},
    {"ip access-list extended X", "remark some text", "no remark some text"},
    {"ip access-list standard X", "permit 10.0.0.1", "no permit host 10.0.0.1"},
    {"ip access-list standard X", "permit 10.0.0.1", "no 10"},
    {"line vty 0 4", "exec-timeout 5 0", "no exec-timeout"},
    {"line vty 0 4", "exec-timeout 5", "default exec-timeout"},
    {"line vty 0 4", "login local", "default login"},
    {"line vty 0 4", "transport input ssh", "default transport input"},
    {"line vty 0 4", "access-class X in", "no access-class X in"},
    {"line vty 0 4", "length 0", "no length"},
    {"line vty 0 4", "password x", "no password"},
    {"line vty 0 4", "privilege level 15", "no privilege level"},
    {"line vty 0 4", "logging synchronous", "no logging synchronous"},
};

static void
check_habit(size_t i)
{
	struct tree *t = tree_new();
	struct tnode *context = tree_root(t), *mode;
	char *modes = x_strdup(habits[i].mode), *rest = modes, *line, *before, *after;

	checks++;
	while ((line = strsep(&rest, "|")))
		if (*line && type_line(t, &context, line) < 0)
			fail_msg("\"%s\" is not taken", line);
	mode = context;
	before = render_tree(t);
	if (type_line(t, &context, habits[i].line) < 0) {
		print_error("\"%s\" in \"%s\" is not taken\n", habits[i].line, habits[i].mode);
		failures++;
	}
	context = mode;
	if (type_line(t, &context, habits[i].undo) < 0) {
		print_error("\"%s\" of \"%s\" is not taken\n", habits[i].undo, habits[i].line);
		failures++;
	}
	after = render_tree(t);
	if (strcmp(after, before)) {
		print_error("\"%s\" of \"%s\" leaves\n%s\n", habits[i].undo, habits[i].line, after);
		failures++;
	}
	free(after);
	free(before);
	free(modes);
	tree_free(t);
}

static void
no_as_ios_takes_it(void **state)
{
	size_t i;

	(void)state;
	checks = 100;
	failures = 0;
	for (i = 0; i < ARRAY_SIZE(habits); i++)
		check_habit(i);
	finish_walk(100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_text_is_a_fixed_point),
	    cmocka_unit_test(no_undoes_exactly),
	    cmocka_unit_test(default_undoes_exactly),
	    cmocka_unit_test(no_cut_short_undoes_or_leaves),
	    cmocka_unit_test(no_as_ios_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
