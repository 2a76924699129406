/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration session alone: a tree, lines, and what is told; no device, no shell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "compiler/session/script.h"
#include "compiler/session/session.h"
#include "compiler/tree/render.h"
#include "compiler/tree/tree_lines.h"

/* A user who writes down what he is told. */
struct user {
	struct tree *tree;
	struct config_session *session;
	struct text told;
	struct text ran; /* commands that act */
	unsigned changes, ends;
	const char *banned; /* a word that this user may not begin a command with; NULL: none */
	size_t wrong_at;    /* where a command that acts is wrong; 0: it is not */
};

static void
hear_note(void *arg, const char *text)
{
	text_puts(&((struct user *)arg)->told, text);
}

static void
hear_refusal(void *arg, const struct session_refusal *refusal)
{
	struct user *u = arg;
	char prompt[SESSION_PROMPT_MAX];

	session_prompt(u->session, NULL, prompt);
	session_refusal_text(u->session, refusal, strlen(prompt), &u->told);
}

static enum parse
parse_allowed(void *arg, enum gram_mode mode, const char **line, struct arena *a,
              struct command *ret, size_t *ret_column)
{
	const struct user *u = arg;

	*ret_column = 0;
	if (u->banned && strncmp(*line, u->banned, strlen(u->banned)) == 0)
		return PARSE_INVALID;
	return command_parse(mode, *line, a, ret, ret_column);
}

static void
run_command(void *arg, struct config_session *s, const struct command *cmd)
{
	struct user *u = arg;

	for (size_t i = 0; i < cmd->n; i++)
		text_printf(&u->ran, "%s ", cmd->values[i].text);
	text_puts(&u->ran, "\n");
	if (u->wrong_at) {
		session_refuse_at(s, u->wrong_at);
		return;
	}
	session_say(s, "done\n");
}

static void
count_change(void *arg, const struct command *cmd)
{
	(void)cmd;
	((struct user *)arg)->changes++;
}

static void
count_end(void *arg)
{
	((struct user *)arg)->ends++;
}

static const struct command *
seal_password(void *arg, const struct command *cmd, struct arena *a, const char **ret_error)
{
	struct command *sealed = arena_alloc(a, sizeof(*sealed));
	const char *password = command_str(cmd, ARG_PASSWORD);
	size_t column;

	(void)arg;
	if (!password || cmd->no)
		return cmd;
	if (strlen(password) < 4) {
		*ret_error = "% Password too short\n";
		return NULL;
	}
	assert_int_equal(command_parse(cmd->mode, "enable password hidden", a, sealed, &column),
	                 PARSE_OK);
	return sealed;
}

static bool
has_no_interface(void *arg, const char *name)
{
	(void)arg;
	(void)name;
	return false;
}

static void
start_user(struct user *u, struct tree *tree, bool typed)
{
	struct session_setup setup = {
	    .tree = tree,
	    .name = "Router",
	    .typed = typed,
	    .told = {.say = hear_note, .refuse = hear_refusal, .arg = u},
	    .hooks = {.parse = parse_allowed,
	              .run = run_command,
	              .changed = count_change,
	              .ended = count_end,
	              .seal = seal_password,
	              .has_interface = typed ? has_no_interface : NULL,
	              .arg = u},
	};

	*u = (struct user){.tree = tree, .session = session_new(&setup)};
	session_configure(u->session);
	text_clear(&u->told);
}

static void
start_router(struct user *u)
{
	start_user(u, tree_new(), false);
}

static void
close_user(struct user *u)
{
	session_free(u->session);
	tree_free(u->tree);
	text_fini(&u->told);
	text_fini(&u->ran);
}

static void
type_line(struct user *u, const char *line, enum session_verdict verdict, const char *told)
{
	enum session_verdict v;

	text_clear(&u->told);
	v = session_line(u->session, line);
	if (v != verdict || strcmp(text_string(&u->told), told) != 0)
		fail_msg("\"%s\": verdict %d, told \"%s\"", line, v, text_string(&u->told));
}

static void
take_line(struct user *u, const char *line)
{
	type_line(u, line, SESSION_TAKEN, "");
}

static void
see_prompt(const struct user *u, const char *prompt)
{
	char buf[SESSION_PROMPT_MAX];

	session_prompt(u->session, NULL, buf);
	assert_string_equal(buf, prompt);
}

static void
see_lines(const struct tree *tree, const char *lines)
{
	struct text t = TEXT_INIT;

	render_config(tree, text_line, &t);
	if (!strstr(text_string(&t), lines))
		fail_msg("not in the configuration: %s\n%s", lines, text_string(&t));
	text_fini(&t);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void
test_modes(void **state)
{
	struct user u;

	(void)state;
	start_router(&u);
	see_prompt(&u, "Router(config)#");
	take_line(&u, "hostname R1");
	take_line(&u, "crypto isakmp policy 10");
	see_prompt(&u, "R1(config-isakmp)#");
	take_line(&u, " group 14");
	take_line(&u, "interface Loopback0"); /* of a mode further up */
	see_prompt(&u, "R1(config-if)#");
	take_line(&u, "exit");
	see_prompt(&u, "R1(config)#");
	type_line(&u, "! nothing", SESSION_NOTHING, "");
	type_line(&u, "Building configuration...", SESSION_NOTHING, "");
	assert_int_equal(u.ends, 0);
	take_line(&u, "ip domain name example.net\x1a"); /* Ctrl-Z does the line first */
	assert_null(session_context(u.session));
	assert_int_equal(u.ends, 1);
	assert_int_equal(u.changes, 5);
	see_lines(u.tree, "hostname R1\n");
	see_lines(u.tree, "ip domain name example.net\n");
	close_user(&u);
}

static void
test_refusals(void **state)
{
	struct user u;

	(void)state;
	start_router(&u);
	type_line(&u, "hostnome R1", SESSION_REFUSED,
	          "                    ^\n% Invalid input detected at '^' marker.\n\n");
	type_line(&u, "hostname", SESSION_REFUSED, "% Incomplete command.\n\n");
	type_line(&u, "i", SESSION_REFUSED, "% Ambiguous command:  \"i\"\n");
	type_line(&u, "ip route 10.0.0.1 255.255.255.0 10.1.1.1", SESSION_REFUSED,
	          "%Inconsistent address and mask\n");
	u.banned = "hostname";
	type_line(&u, "hostname R1", SESSION_REFUSED,
	          "               ^\n% Invalid input detected at '^' marker.\n\n");
	assert_int_equal(tree_count(u.tree), 0);
	assert_int_equal(u.changes, 0);
	take_line(&u, "ip domain name example.net");
	assert_true(session_was_refused(u.session)); /* a line before it was */
	assert_false(session_was_refused(u.session));
	close_user(&u);
}

/* A text may name first what it defines later, and interfaces that are not there. */
static void
test_typed(void **state)
{
	struct user u;

	(void)state;
	start_user(&u, tree_new(), true);
	take_line(&u, "interface Loopback0");
	type_line(&u, "crypto map M", SESSION_REFUSED,
	          "ERROR: Crypto Map with tag \"M\" does not exist.\n");
	type_line(&u, "interface Ethernet7", SESSION_REFUSED,
	          "                                    ^\n"
	          "% Invalid input detected at '^' marker.\n\n");
	see_prompt(&u, "Router(config)#");
	close_user(&u);
	start_router(&u);
	take_line(&u, "interface Ethernet7");
	take_line(&u, "crypto map M");
	close_user(&u);
}

static void
test_secrets(void **state)
{
	struct user u;

	(void)state;
	start_router(&u);
	type_line(&u, "enable password abc", SESSION_REFUSED, "% Password too short\n");
	take_line(&u, "enable password secret");
	see_lines(u.tree, "enable password hidden\n");
	close_user(&u);
}

static void
test_commands_that_act(void **state)
{
	struct user u;

	(void)state;
	start_router(&u);
	take_line(&u, "crypto isakmp policy 10");
	type_line(&u, "crypto key generate rsa modulus 2048", SESSION_TAKEN, "done\n");
	see_prompt(&u, "Router(config)#");
	type_line(&u, "do show clock", SESSION_TAKEN, "done\n");
	type_line(&u, "do show clonk", SESSION_REFUSED,
	          "                          ^\n% Invalid input detected at '^' marker.\n\n");
	assert_string_equal(text_string(&u.ran),
	                    "crypto key generate rsa modulus 2048 \nshow clock \n");
	close_user(&u);
}

/* A command behind `do`, or that an answer gives, counts columns from its own first octet. */
static void
test_column_of_command(void **state)
{
	static const char caret[] = "                       ^\n"
				    "% Invalid input detected at '^' marker.\n\n";
	struct user u;

	(void)state;
	start_router(&u);
	u.wrong_at = 5;
	type_line(&u, "do show clock", SESSION_REFUSED, caret);
	text_clear(&u.told);
	session_exec(u.session, "show clock");
	assert_string_equal(text_string(&u.told), caret + 3);
	close_user(&u);
}

/* A line has one number, whatever it is: pasted with its prompt, or text of a banner. */
static void
test_line_numbers(void **state)
{
	struct user u;

	(void)state;
	start_user(&u, tree_new(), true);
	take_line(&u, "hostname R1");
	assert_int_equal(session_line_number(u.session), 1);
	session_line(u.session, "R1(config)# interface Loopback0");
	assert_int_equal(session_line_number(u.session), 2);
	assert_int_equal(tnode_line(tnode_first(tree_top(u.tree), KEY_INTERFACE)), 2);
	session_line(u.session, "banner motd #");
	session_line(u.session, "two");
	session_line(u.session, "#");
	assert_int_equal(session_line_number(u.session), 5);
	assert_int_equal(tnode_line(tnode_first(tree_top(u.tree), KEY_BANNER_MOTD)), 3);
	session_line(u.session, "R1# show clock");
	session_line(u.session, "R1(config)# ip domain name example.net");
	assert_int_equal(session_line_number(u.session), 1);
	close_user(&u);
}

static void
test_pasted(void **state)
{
	struct user u;

	(void)state;
	start_router(&u);
	type_line(&u, "- R1(config)# hostname R1 // the first", SESSION_TAKEN,
	          "% Note: prompts in front of commands are passed over.\n");
	take_line(&u, "R1(config)#interface Loopback0");
	type_line(&u, "R2(config)# hostname R2", SESSION_REFUSED,
	          "% The prompt is R2's, this is R1: passed over.\n");
	type_line(&u, "shutdown ! for now", SESSION_TAKEN,
	          "% Note: what stands after the command was taken as a remark.\n");
	type_line(&u, "R1(config-if)# shotdown", SESSION_REFUSED,
	          "                               ^\n"
	          "% Invalid input detected at '^' marker.\n\n");
	type_line(&u, "R1# show clock", SESSION_TAKEN, "done\n");
	assert_null(session_context(u.session));
	type_line(&u, "R1(config)# ip domain name example.net", SESSION_TAKEN,
	          "Enter configuration commands, one per line.  End with CNTL/Z.\n");
	see_lines(u.tree, "hostname R1\n");
	see_lines(u.tree, "interface Loopback0\n shutdown\n");
	session_end(u.session);
	u.banned = "configure";
	session_line(u.session, "R1(config)# hostname R2"); /* a mode that the user may not enter */
	assert_null(session_context(u.session));
	see_lines(u.tree, "hostname R1\n");
	close_user(&u);
}

static void
test_banner(void **state)
{
	struct user u;

	(void)state;
	start_router(&u);
	type_line(&u, "banner motd #", SESSION_TAKEN,
	          "Enter TEXT message.  End with the character '#'.\n");
	assert_true(session_in_text(u.session));
	take_line(&u, "hostname R9");
	take_line(&u, "good bye#");
	assert_false(session_in_text(u.session));
	see_lines(u.tree, "banner motd ^C\nhostname R9\ngood bye^C\n");
	see_prompt(&u, "Router(config)#");
	close_user(&u);
}

/* Ctrl-Z leaves configuration, and with it the banner that is being typed. */
static void
test_banner_left(void **state)
{
	struct user u;

	(void)state;
	start_user(&u, tree_new(), true);
	type_line(&u, "banner motd #abc\x1a", SESSION_TAKEN,
	          "Enter TEXT message.  End with the character '#'.\n");
	assert_false(session_in_text(u.session));
	assert_null(session_context(u.session));
	session_configure(u.session);
	text_clear(&u.told);
	session_line(u.session, "banner motd #");
	text_clear(&u.told);
	take_line(&u, "two\x1a");
	assert_null(session_context(u.session));
	assert_false(session_in_text(u.session));
	session_configure(u.session);
	text_clear(&u.told);
	take_line(&u, "banner motd #whole#\x1a");
	assert_null(session_context(u.session));
	see_lines(u.tree, "banner motd ^Cwhole^C\n");
	close_user(&u);
}

/* `line vty` may be several containers; they become one when nobody is in them any more. */
static void
test_lines(void **state)
{
	struct user u, other;

	(void)state;
	start_router(&u);
	take_line(&u, "line vty 0 2");
	take_line(&u, "exec-timeout 5 0");
	start_user(&other, u.tree, false);
	take_line(&other, "line vty 3 4");
	take_line(&other, "exec-timeout 5 0");
	take_line(&u, "exit");
	see_lines(u.tree, "line vty 0 2\n");
	take_line(&other, "exit");
	see_lines(u.tree, "line vty 0 4\n exec-timeout 5 0\n");
	session_free(other.session);
	text_fini(&other.told);
	close_user(&u);
}

/* Whose mode is removed by somebody else is in global configuration. */
static void
test_place(void **state)
{
	struct user u, other;

	(void)state;
	start_router(&u);
	take_line(&u, "crypto gdoi group G");
	take_line(&u, "server local");
	start_user(&other, u.tree, false);
	take_line(&other, "no crypto gdoi group G");
	see_prompt(&u, "Router(config)#");
	take_line(&u, "hostname R1");
	session_free(other.session);
	text_fini(&other.told);
	close_user(&u);
}

static void
test_firewall(void **state)
{
	struct user u;

	(void)state;
	start_user(&u, tree_new_in(MODE_ASA_CONFIG), true);
	take_line(&u, "interface GigabitEthernet0/0");
	type_line(&u, "nameif inside", SESSION_TAKEN,
	          "INFO: Security level for \"inside\" set to 100 by default.\n");
	take_line(&u, "security-level 50");
	type_line(&u, "no security-level", SESSION_TAKEN, /* a name is never without one */
	          "INFO: Security level for \"inside\" set to 100 by default.\n");
	take_line(&u, "access-list A extended permit ip any any");
	take_line(&u, "access-list A line 1 extended deny udp any any");
	type_line(&u, "access-group B in interface inside", SESSION_REFUSED,
	          "ERROR: access-list <B> does not exist\n");
	type_line(&u, "hostname", SESSION_REFUSED, "ERROR: % Incomplete command\n");
	type_line(&u, "show nameif", SESSION_TAKEN, "done\n"); /* without `do` */
	see_lines(u.tree, " extended deny udp any any\n");
	close_user(&u);
}

/* `line N` puts an entry where line N is; a wrong one is refused at its place. */
static void
test_firewall_line(void **state)
{
	struct user u;

	(void)state;
	start_user(&u, tree_new_in(MODE_ASA_CONFIG), true);
	take_line(&u, "access-list A extended permit ip any any");
	type_line(&u, "access-list A line 1 garbage here", SESSION_REFUSED,
	          "                                    ^\n"
	          "ERROR: % Invalid input detected at '^' marker.\n");
	type_line(&u, "access-list A line 1 extended permit ip any bogus", SESSION_REFUSED,
	          "                                                           ^\n"
	          "ERROR: % Invalid input detected at '^' marker.\n");
	for (int i = 4; i > 0; i--) {
		char *line = x_asprintf("access-list A line 1 permit ip host 10.0.0.%d any", i);

		take_line(&u, line);
		free(line);
	}
	take_line(&u, "access-list A line 2 extended permit ip host 10.0.0.4 any");
	take_line(&u, "access-list A line 3 permit ip host 10.0.0.1 any");
	take_line(&u, "access-list A line 3 remark three");
	take_line(&u, "access-list A line 4 remark four");
	take_line(&u, "access-list A line 9 remark nine");
	see_lines(u.tree, "access-list A extended permit ip host 10.0.0.1 any\n"
	                  "access-list A extended permit ip host 10.0.0.4 any\n"
	                  "access-list A remark three\n"
	                  "access-list A remark four\n"
	                  "access-list A extended permit ip host 10.0.0.2 any\n"
	                  "access-list A extended permit ip host 10.0.0.3 any\n"
	                  "access-list A extended permit ip any any\n"
	                  "access-list A remark nine\n");
	close_user(&u);
}

/* A list that is taken away takes along what applies it: the rest loads again. */
static void
test_firewall_clear(void **state)
{
	struct user u;

	(void)state;
	start_user(&u, tree_new_in(MODE_ASA_CONFIG), true);
	take_line(&u, "interface GigabitEthernet0/0");
	session_line(u.session, "nameif outside");
	text_clear(&u.told);
	take_line(&u, "access-list A extended permit ip any any");
	take_line(&u, "access-list B extended permit ip any any");
	take_line(&u, "access-group A in interface outside");
	take_line(&u, "access-group B out interface outside");
	take_line(&u, "access-group A global");
	type_line(&u, "clear configure access-list A", SESSION_TAKEN,
	          "WARNING: access-group A in interface outside is removed with its access-list\n"
	          "WARNING: access-group A global is removed with its access-list\n");
	assert_null(tnode_first(tree_top(u.tree), KEY_ASA_ACCESS_GROUP_GLOBAL));
	assert_non_null(tnode_first(tree_top(u.tree), KEY_ASA_ACCESS_GROUP));
	type_line(&u, "no access-list B extended permit ip any any", SESSION_TAKEN,
	          "WARNING: access-group B out interface outside is removed with its "
	          "access-list\n");
	assert_null(tnode_first(tree_top(u.tree), KEY_ASA_ACCESS_GROUP));
	close_user(&u);
}

struct found {
	struct text text;
};

static void
find_refusal(void *arg, const struct script_refusal *r)
{
	struct found *f = arg;

	text_printf(&f->text, "%u:%u %d %s|", r->line, r->column, (int)r->why, r->prompt);
}

/* A dry run is a session on a copy. */
static void
test_trial(void **state)
{
	static const char text[] =
	    "hostname R2\nbanner motd #\ntwo\n#\nR2(config)# interface Loopback0\n"
	    " ip adress 10.0.0.1 255.0.0.0\nend\ncrypto isakmp policy x\n"
	    " group 14\n";
	struct tree *running = tree_new(), *trial = tree_clone(running);
	struct session_setup setup = {.tree = trial, .name = "Router"};
	struct found f = {0};
	struct script_count count = script_read(&setup, text, SCRIPT_TYPED, find_refusal, &f);

	(void)state;
	assert_int_equal(count.taken, 5);
	assert_int_equal(count.refused, 3);
	assert_string_equal(text_string(&f.text),
	                    "6:7 2 R2(config-if)#|8:22 2 R2(config)#|9:0 0 R2(config)#|");
	assert_int_equal(tnode_line(tnode_first(tree_top(trial), KEY_INTERFACE)), 5);
	assert_int_equal(tnode_line(tnode_first(tree_top(trial), KEY_BANNER_MOTD)), 2);
	assert_int_equal(tree_count(running), 0);
	text_fini(&f.text);
	tree_free(trial);
	tree_free(running);
}

static void
see_refusals(const char *text, enum script_form form, const char *refusals)
{
	struct tree *tree = tree_new();
	struct session_setup setup = {.tree = tree, .name = "Router"};
	struct found f = {0};

	script_read(&setup, text, form, find_refusal, &f);
	assert_string_equal(text_string(&f.text), refusals);
	text_fini(&f.text);
	tree_free(tree);
}

/* A banner without an end is refused: it has swallowed the rest of the text. */
static void
test_banner_open(void **state)
{
	(void)state;
	see_refusals("hostname A\nbanner motd #abc\nhostname B\n\nhostname C\n", SCRIPT_TYPED,
	             "2:0 0 A(config)#|");
	see_refusals("banner motd #a#\nbanner login #", SCRIPT_INDENTED, "2:0 0 Router(config)#|");
	see_refusals("hostname A\nbanner motd #abc\x1a\nhostname B\ndef#\nhostname C\n",
	             SCRIPT_TYPED, "2:0 0 A(config)#|");
	see_refusals("banner motd #\nabc\x1a\nhostname B\n", SCRIPT_TYPED,
	             "2:0 0 Router(config)#|");
	see_refusals("banner motd #abc#\x1a\nhostname B\n", SCRIPT_TYPED, "");
}

/* Ctrl-Z ends a line and leaves its mode; what is refused was read in that mode. */
static void
test_ctrl_z_refused(void **state)
{
	(void)state;
	see_refusals("\x1a\x1a", SCRIPT_TYPED, "1:1 2 Router(config)#|");
	see_refusals("\x1a\x1a", SCRIPT_INDENTED, "1:1 2 Router(config)#|");
	see_refusals("interface f0/0\n foo\x1a\n\x1a\n \x1a\x1a\x1a", SCRIPT_TYPED,
	             "2:3 2 Router(config-if)#|4:2 2 Router(config)#|");
}

/*
 * What is only kept may be known in several modes. Behind a "!", a line at the margin that is
 * global configuration's is read as that; one word cut short is never read as one of two.
 */
static void
test_kept_places(void **state)
{
	(void)state;
	see_refusals("interface f0/0\n!\nmedia\n!\nip address 10.0.0.1 255.0.0.0\n", SCRIPT_TYPED,
	             "5:5 2 Router(config-telephony)#|");
	/* At the margin of a mode that does something nothing is parted from it, remarks least. */
	see_refusals("interface f0/0\nip address 10.0.0.1 255.0.0.0\n! core\nmls qos\n"
	             "crypto map M\n!\nmls qos\nno crypto map\n",
	             SCRIPT_TYPED, "");
	see_refusals("interface f0/0\nmedia\n!\nip address 10.0.0.1 255.0.0.0\n", SCRIPT_TYPED, "");
	see_refusals("interface f0/0\nmed\nmedi\nmediu\nip local\nip lo\n", SCRIPT_TYPED,
	             "2:0 4 Router(config-if)#|3:0 4 Router(config-if)#|6:0 4 Router(config-if)#|");
}

/* What a configuration says must be read again: its lines in full, and their networks. */
static void
test_loads_again(void **state)
{
	struct text line = TEXT_INIT;
	struct user u;

	(void)state;
	see_refusals("interface f0/1\n ip vrf forwarding X\n ip address 10.0.0.2 255.255.255.0\n"
	             "interface f0/0\n ip address 10.0.0.1 255.255.255.0\n"
	             "interface f0/1\n no ip vrf forwarding X\n ip vrf forwarding Y\n"
	             "interface f0/2\n ip vrf forwarding Z\n ip address 10.0.0.3 255.0.0.0\n"
	             " ip vrf forwarding Y\n",
	             SCRIPT_TYPED, "7:0 0 Router(config-if)#|12:0 0 Router(config-if)#|");
	start_router(&u);
	take_line(&u, "interface f0/0");
	text_puts(&line, "desc ");
	while (line.n < COMMAND_LINE_MAX)
		text_puts(&line, "x");
	assert_int_equal(session_line(u.session, text_string(&line)), SESSION_REFUSED);
	assert_string_equal(text_string(&u.told),
	                    "% Line too long: 4104 characters in full, 4096 at most\n\n");
	text_clear(&u.told);
	line.p[line.n -= 8] = 0;
	take_line(&u, text_string(&line));
	close_user(&u);
	text_fini(&line);
}

/*
 * In a firewall's text `clear configure` acts and `no access-list A` is refused, as at the console:
 * what stands behind them is judged by what they leave.
 */
static void
test_firewall_text(void **state)
{
	static const char text[] = "interface GigabitEthernet0/0\n nameif inside\n"
				   "access-list A extended permit ip any any\n"
				   "no access-list A\n"
				   "access-group A in interface inside\n"
				   "clear configure access-list A\n"
				   "access-group A global\n";
	struct tree *trial = tree_new_in(MODE_ASA_CONFIG);
	struct session_setup setup = {.tree = trial, .name = "ciscoasa"};
	struct found f = {0};
	struct script_count count = script_read(&setup, text, SCRIPT_TYPED, find_refusal, &f);

	(void)state;
	assert_int_equal(count.taken, 5);
	assert_string_equal(text_string(&f.text),
	                    "4:0 3 ciscoasa(config)#|7:0 0 ciscoasa(config)#|");
	assert_null(tnode_first(tree_top(trial), KEY_ASA_ACCESS_LIST));
	assert_null(tnode_first(tree_top(trial), KEY_ASA_ACCESS_GROUP));
	text_fini(&f.text);
	tree_free(trial);
}

/* Letters of several octets (UTF-8) count as many columns. */
static void
test_column_of_octets(void **state)
{
	struct tree *tree = tree_new();
	struct session_setup setup = {.tree = tree, .name = "Router"};
	struct found f = {0};

	(void)state;
	script_read(&setup, "crypto isakmp key \xc3\xa9 address x\n", SCRIPT_TYPED, find_refusal,
	            &f);
	assert_string_equal(text_string(&f.text), "1:30 2 Router(config)#|");
	text_fini(&f.text);
	tree_free(tree);
}

static void
test_indented(void **state)
{
	static const char text[] = "interface Loopback0\n ip address 10.0.0.1 255.0.0.0\n"
				   "router bgp 1\n address-family ipv4\n  network 10.0.0.0\n"
				   " exit-address-family\nhostname R1\n";
	struct tree *tree = tree_new();
	struct session_setup setup = {.tree = tree, .name = "Router"};
	struct script_count count = script_read(&setup, text, SCRIPT_INDENTED, NULL, NULL);

	(void)state;
	assert_int_equal(count.refused, 0);
	assert_int_equal(count.taken, 7);
	see_lines(tree, "interface Loopback0\n ip address 10.0.0.1 255.0.0.0\n");
	see_lines(tree, "hostname R1\n");
	tree_free(tree);
}

/* What an entry says is compared, not its number, among many. */
static void
test_prefix_entries(void **state)
{
	char line[80];
	struct user u;

	(void)state;
	start_user(&u, tree_new(), true);
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(line, sizeof(line), "ip prefix-list P permit 10.%u.%u.0/24", i >> 8,
		         i & 255);
		take_line(&u, line);
	}
	take_line(&u, "ip prefix-list P permit 10.0.1.7/24"); /* entry 10 once more */
	take_line(&u, "ip prefix-list P deny 10.0.1.0/24");
	take_line(&u, "ip prefix-list P permit 10.0.1.0/24 ge 25");
	take_line(&u, "ip prefix-list P permit 10.0.1.0/24 le 25");
	type_line(&u, "ip prefix-list P seq 3 permit 10.0.1.0/24 le 25", SESSION_REFUSED,
	          "%Insertion failed - prefix list entry exists: seq 10015 permit 10.0.1.0/24 le "
	          "25\n");
	type_line(&u, "ip prefix-list P seq 5 permit 10.0.1.0/24 le 26", SESSION_REFUSED,
	          "%Insertion failed - seq # exists: seq 5 permit 10.0.0.0/24\n");
	take_line(&u, "no ip prefix-list P permit 10.0.1.0/24");
	see_lines(u.tree, "seq 5 permit 10.0.0.0/24\n"
	                  "ip prefix-list P seq 15 permit 10.0.2.0/24\n");
	see_lines(u.tree, "seq 10000 permit 10.7.207.0/24\n"
	                  "ip prefix-list P seq 10005 deny 10.0.1.0/24\n"
	                  "ip prefix-list P seq 10010 permit 10.0.1.0/24 ge 25\n"
	                  "ip prefix-list P seq 10015 permit 10.0.1.0/24 le 25\n");
	close_user(&u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_modes),
	    cmocka_unit_test(test_refusals),
	    cmocka_unit_test(test_typed),
	    cmocka_unit_test(test_secrets),
	    cmocka_unit_test(test_pasted),
	    cmocka_unit_test(test_commands_that_act),
	    cmocka_unit_test(test_banner),
	    cmocka_unit_test(test_banner_left),
	    cmocka_unit_test(test_banner_open),
	    cmocka_unit_test(test_ctrl_z_refused),
	    cmocka_unit_test(test_kept_places),
	    cmocka_unit_test(test_loads_again),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_place),
	    cmocka_unit_test(test_firewall),
	    cmocka_unit_test(test_firewall_line),
	    cmocka_unit_test(test_firewall_clear),
	    cmocka_unit_test(test_trial),
	    cmocka_unit_test(test_indented),
	    cmocka_unit_test(test_column_of_command),
	    cmocka_unit_test(test_line_numbers),
	    cmocka_unit_test(test_firewall_text),
	    cmocka_unit_test(test_column_of_octets),
	    cmocka_unit_test(test_prefix_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
