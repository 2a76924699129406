/* SPDX-License-Identifier: Apache-2.0 */
/* The table of programs, and their command lines: see starter_programs.h. */
#include "cli/app/starter_programs.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What a word of a row stands for. */
#define WORD_PORT   "\1" /* left out, with the word before it, where none is asked for */
#define WORD_SOURCE "\2" /* likewise */
#define WORD_USER   "\3"
#define WORD_PLACE  "\4"

struct program {
	const char *name, *path, *package;
	enum starter_role role;
	bool has_user;
	const char *const *words;
};

/* No escape character, no file of options, no name of a user. */
static const char *const telnet_words[] = {"telnet",    "-E",       "-K",      "-c", "-b",
                                           WORD_SOURCE, WORD_PLACE, WORD_PORT, NULL};

/*
 * What a client could be told to do beside a session is off: forwarding, an agent, commands,
 * other hosts on the way, keys of its own. As in IOS nobody is asked about a host's key, and there
 * is nowhere to keep one.
 */
static const char *const ssh_words[] = {"ssh",
                                        "-4",
                                        "-F",
                                        "none",
                                        "-e",
                                        "none",
                                        "-a",
                                        "-x",
                                        "-k",
                                        "-oLogLevel=ERROR",
                                        "-oPreferredAuthentications=keyboard-interactive,password",
                                        "-oPubkeyAuthentication=no",
                                        "-oHostbasedAuthentication=no",
                                        "-oGSSAPIAuthentication=no",
                                        "-oNumberOfPasswordPrompts=3",
                                        "-oIdentityFile=none",
                                        "-oIdentityAgent=none",
                                        "-oAddKeysToAgent=no",
                                        "-oClearAllForwardings=yes",
                                        "-oTunnel=no",
                                        "-oPermitLocalCommand=no",
                                        "-oProxyCommand=none",
                                        "-oProxyJump=none",
                                        "-oControlMaster=no",
                                        "-oControlPath=none",
                                        "-oKnownHostsCommand=none",
                                        "-oCanonicalizeHostname=no",
                                        "-oVerifyHostKeyDNS=no",
                                        "-oUpdateHostKeys=no",
                                        "-oStrictHostKeyChecking=no",
                                        "-oUserKnownHostsFile=/dev/null",
                                        "-oGlobalKnownHostsFile=/dev/null",
                                        "-oConnectTimeout=30",
                                        "-b",
                                        WORD_SOURCE,
                                        "-p",
                                        WORD_PORT,
                                        "-l",
                                        WORD_USER,
                                        "--",
                                        WORD_PLACE,
                                        NULL};

static const struct program programs[STARTER_PROGRAMS] = {
    [STARTER_TELNET] = {"telnet", "/usr/bin/telnet", "telnet", STARTER_CLIENT, false, telnet_words},
    [STARTER_SSH] = {"ssh", "/usr/bin/ssh", "openssh-client", STARTER_CLIENT, true, ssh_words},
};

_Static_assert(ARRAY_SIZE(ssh_words) <= STARTER_ARGS_MAX, "a command line has room for its words");

const char *
starter_program_name(uint32_t program)
{
	return program < STARTER_PROGRAMS ? programs[program].name : "?";
}

const char *
starter_program_package(uint32_t program)
{
	return program < STARTER_PROGRAMS ? programs[program].package : "?";
}

/* A name as systems have them: it begins with a letter, a digit or '_'. */
static bool
user_is_name(const char user[static STARTER_USER_MAX + 1])
{
	const size_t n = strnlen(user, STARTER_USER_MAX + 1);

	if (!n || n > STARTER_USER_MAX || (!isalnum((unsigned char)*user) && *user != '_'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)user[i]) && !strchr("._-@+", user[i]))
			return false;
	return true;
}

static void
write_address(uint32_t addr, char ret[static 16])
{
	snprintf(ret, 16, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 255, addr >> 8 & 255, addr & 255);
}

/* The octets that stand for a word, or the word itself; NULL: it is left out. */
static char *
fill_word(const char *word, const struct starter_call *call, struct starter_command *c)
{
	if (!strcmp(word, WORD_PORT))
		return call->port ? c->port : NULL;
	if (!strcmp(word, WORD_SOURCE))
		return call->src ? c->src : NULL;
	if (!strcmp(word, WORD_USER))
		return c->user;
	return !strcmp(word, WORD_PLACE) ? c->dst : (char *)(uintptr_t)word;
}

static bool
is_option_alone(const char *word)
{
	return word[0] == '-' && word[1] && word[1] != '-' && !word[2];
}

static void
fill_words(const struct program *p, const struct starter_call *call, struct starter_command *c)
{
	size_t n = 0;

	for (size_t i = 0; p->words[i]; i++) {
		char *word = fill_word(p->words[i], call, c);

		assert(n < STARTER_ARGS_MAX - 1);
		if (word)
			c->args[n++] = word;
		else if (n && is_option_alone(c->args[n - 1]))
			n--; /* the option whose value is left out */
	}
	c->args[n] = NULL;
}

enum starter_refusal
starter_command_make(const struct starter_call *call, struct starter_command *ret)
{
	const struct program *p;

	if (call->program >= STARTER_PROGRAMS)
		return STARTER_MALFORMED;
	p = &programs[call->program];
	if (p->has_user ? !user_is_name(call->user) : *call->user != 0)
		return STARTER_MALFORMED;
	if (call->dst >> 24 == 127 || call->dst >> 24 == 0)
		return STARTER_LOOPBACK;
	if (call->dst >> 28 >= 14 || call->src >> 24 == 127)
		return STARTER_MALFORMED;
	*ret = (struct starter_command){.path = p->path, .role = p->role};
	write_address(call->dst, ret->dst);
	write_address(call->src, ret->src);
	snprintf(ret->port, sizeof(ret->port), "%u", (unsigned)call->port);
	memcpy(ret->user, call->user, sizeof(ret->user));
	fill_words(p, call, ret);
	return STARTER_STARTED;
}
