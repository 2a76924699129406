/* SPDX-License-Identifier: Apache-2.0 */
/* Reads prompts: see prompt.h. And writes the one that is shown: session_prompt. */
#include "compiler/session/prompt.h"

#include <ctype.h>
#include <string.h>

#include "compiler/base/octets.h"
#include "compiler/session/session_parts.h"

#define NAME_MAX_LEN 63
#define MODE_MAX_LEN 63
#define PROMPT_HOST  20
#define PROMPT_WIDTH 30

/* --- text as people type it ------------------------------------------------------------------- */

/* Characters that word processors put in place of ASCII. "(" and ")" of full width stay apart. */
static const struct {
	const char *utf8, *ascii;
} plain[] = {
    /* clang-format off */
    {"\xc2\xa0",     " "},
    {"\xe3\x80\x80", " "},
    {"\xe2\x80\x89", " "},
    {"\xe2\x80\xaf", " "},
    {"\xef\xbb\xbf", ""},
    {"\xe2\x80\x8b", ""},
    {"\xef\xbc\x83", "#"},
    {"\xef\xbc\x9e", ">"},
    {"\xe2\x80\x9c", "\""},
    {"\xe2\x80\x9d", "\""},
    {"\xef\xbc\x82", "\""},
    {"\xe2\x80\x98", "'"},
    {"\xe2\x80\x99", "'"},
    {"\xef\xbc\x87", "'"},
    /* clang-format on */
};

static const char wide_open[] = "\xef\xbc\x88", wide_close[] = "\xef\xbc\x89";

char *
prompt_plain(struct arena *a, const char *s, size_t n)
{
	char *out = arena_alloc(a, n + 1);
	size_t o = 0, i = 0, k;
	bool steers;

	while (i < n) {
		k = (unsigned char)s[i] < 0x80 ? ARRAY_SIZE(plain) : 0;
		for (; k < ARRAY_SIZE(plain); k++) {
			size_t len = strlen(plain[k].utf8);

			if (len <= n - i && memcmp(s + i, plain[k].utf8, len) == 0)
				break;
		}
		if (k < ARRAY_SIZE(plain)) {
			size_t len = strlen(plain[k].ascii);

			memcpy(out + o, plain[k].ascii, len);
			o += len;
			i += strlen(plain[k].utf8);
			continue;
		}
		/* Control characters, a CR before the line's end among them, are blanks. */
		k = octets_character(s + i, n - i, &steers);
		memcpy(out + o, steers ? " " : s + i, steers ? 1 : k);
		o += steers ? 1 : k;
		i += k;
	}
	out[o] = '\0';
	return out;
}

const char *
prompt_skip_blanks(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

const char *
prompt_trim(struct arena *a, const char *s, size_t n)
{
	while (n > 0 && *s == ' ') {
		s++;
		n--;
	}
	while (n > 0 && s[n - 1] == ' ')
		n--;
	return arena_strndup(a, s, n);
}

const char *
prompt_skip_bullets(const char *s)
{
	static const char *const bullets[] = {"\xe2\x80\xa2", "\xc2\xb7",     "\xe2\x80\x93",
	                                      "\xe2\x80\x94", "\xe2\x97\xa6", "\xe2\x96\xaa",
	                                      "\xe2\x97\x8f", "\xe2\x80\xa3", "\xe2\x88\x92"};
	const char *start, *digits;

	do {
		start = s = prompt_skip_blanks(s);
		while (*s == '-' || *s == '*' || *s == '+' || *s == '|' || *s == '`')
			s++;
		for (size_t i = 0; i < ARRAY_SIZE(bullets); i++)
			if (strncmp(s, bullets[i], strlen(bullets[i])) == 0)
				s += strlen(bullets[i]);
		for (digits = s; isdigit((unsigned char)*digits);)
			digits++;
		if (digits > s && digits - s < 4 && (*digits == '.' || *digits == ')') &&
		    digits[1] == ' ')
			s = digits + 1;
	} while (s != start);
	return s;
}

/* --- prompts ---------------------------------------------------------------------------------- */

static bool
is_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* "(mode)", with parentheses of either width; NULL when s does not begin with one. */
static const char *
skip_mode(const char *s)
{
	size_t n = 0;

	if (*s == '(')
		s++;
	else if (strncmp(s, wide_open, 3) == 0)
		s += 3;
	else
		return NULL;
	while (is_name(s[n]) || s[n] == '/' || s[n] == ':')
		n++;
	if (n == 0 || n > MODE_MAX_LEN)
		return NULL;
	s += n;
	if (*s == ')')
		return s + 1;
	return strncmp(s, wide_close, 3) == 0 ? s + 3 : NULL;
}

const char *
prompt_remark(const char *s)
{
	for (const char *p = s; *p; p++)
		if ((p == s || p[-1] == ' ') &&
		    (strncmp(p, "//", 2) == 0 || strncmp(p, "<--", 3) == 0 ||
		     strncmp(p, wide_open, 3) == 0))
			return p;
	return s + strlen(s);
}

bool
prompt_read(struct arena *a, const char *line, struct prompted *ret)
{
	const char *name = prompt_skip_bullets(line), *s, *after;
	size_t n = 0;

	*ret = (struct prompted){0};
	if (!isalpha((unsigned char)*name))
		return false;
	while (is_name(name[n]))
		n++;
	if (n > NAME_MAX_LEN || !isalnum((unsigned char)name[n - 1]))
		return false;
	s = name + n;
	after = skip_mode(prompt_skip_blanks(s));
	if (after) {
		ret->config = true;
		s = after;
	}
	/* A blank before > is prose ("a > b"), and configuration modes end in #. */
	if (*s == '>' && !ret->config)
		ret->user = true;
	else if (*(s = prompt_skip_blanks(s)) != '#')
		return false;
	s = prompt_skip_blanks(s + 1);
	ret->name = arena_strndup(a, name, n);
	ret->command = prompt_trim(a, s, (size_t)(prompt_remark(s) - s));
	return true;
}

bool
prompt_is_or(const char *line)
{
	const char *s = prompt_skip_bullets(line);

	return strncmp(s, "OR", 2) == 0 && !*prompt_skip_blanks(s + 2);
}

/* --- the session's own ------------------------------------------------------------------------ */

const char *
session_hostname(const struct config_session *s)
{
	const char *name = tree_str(s->tree, KEY_HOSTNAME, ARG_HOSTNAME);

	return name ? name : s->setup.name;
}

/* IOS-XE has other words for some modes, and scripts that automate it wait for them. */
static const char *
mode_prompt(enum gram_mode mode, const char *dialect)
{
	bool xe = dialect && !strcmp(dialect, "ios-xe");

	if (xe && mode == MODE_CONFIG_GDOI_GROUP)
		return "(config-gkm-group)#";
	if (xe && mode == MODE_GDOI_LOCAL_SERVER)
		return "(gkm-local-server)#";
	if (xe && mode == MODE_GDOI_SA_IPSEC)
		return "(gkm-sa-ipsec)#";
	return gram_modes[mode].prompt;
}

/* Its mode is that of an interface, and only the prompt is its own. */
static bool
is_subinterface(const struct tnode *at)
{
	return tnode_key(at) == KEY_INTERFACE && strchr(tnode_str(at, ARG_NAME), '.');
}

/* A prompt that is too long loses the end of its mode: "Basement-rtr2(config-crypto-)#". */
void
session_prompt(const struct config_session *s, const char *dialect,
               char buf[static SESSION_PROMPT_MAX])
{
	const char *name = session_hostname(s), *mode;
	size_t host = strnlen(name, s->place.at ? PROMPT_HOST : NAME_MAX_LEN), length;

	memcpy(buf, name, host);
	if (!s->place.at) {
		memcpy(buf + host, "#", 2);
		return;
	}
	if (!dialect)
		dialect = tree_str(s->tree, KEY_TESTUDO_DIALECT, ARG_DIALECT);
	mode = range_is_entered(s)            ? "(config-if-range)#"
	       : is_subinterface(s->place.at) ? "(config-subif)#"
	                                      : mode_prompt(tnode_mode(s->place.at), dialect);
	length = strlen(mode);
	if (host + length <= PROMPT_WIDTH) {
		memcpy(buf + host, mode, length + 1);
	} else {
		length = PROMPT_WIDTH - host - 2;
		memcpy(buf + host, mode, length);
		memcpy(buf + host + length, ")#", 3);
	}
}
