/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets of configuration commands: see auth_seal.h. */
#include "cli/accounts/auth_seal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/accounts/auth_level.h"
#include "cli/accounts/auth_master.h"
#include "runtime/crypto/passwd.h"
#include "runtime/crypto/type6.h"

#define SECRET_TYPE PASSWD_SCRYPT /* of a clear text secret, as on IOS-XE 17 */
#define MASK        "*****"       /* what history shows in a secret's place */

struct sealing {
	struct accounts book;
	struct arena *arena;
	const char *error; /* NULL: none yet */
};

/* A password as it is to be kept. */
struct sealed {
	const char *form; /* NULL: none, as typed */
	const char *text;
};

static const struct tnode *
find_setting(struct accounts book, enum gram_key key)
{
	return tnode_first(tree_top(book.tree), key);
}

/* --- one password ----------------------------------------------------------------------------- */

/* The mask, in a line recalled from the history, must not become a password. */
static bool
is_acceptable(struct sealing *s, const char *clear)
{
	const struct tnode *n = find_setting(s->book, KEY_SECURITY_MIN_LENGTH);
	unsigned least = n ? tnode_u32(n, ARG_LENGTH) : 0;

	if (strlen(clear) < least)
		s->error = arena_printf(s->arena,
		                        "%% Password too short - must be at least %u characters. "
		                        "Password configuration failed\n",
		                        least);
	else if (strlen(clear) > PASSWD_MAX)
		s->error = arena_printf(s->arena, "%% Password too long - %d characters at most\n",
		                        PASSWD_MAX);
	else if (!strcmp(clear, MASK))
		s->error = "% " MASK " stands for a password and is none\n";
	return !s->error;
}

static bool
is_clear(const char *form)
{
	return !form || !*form || !strcmp(form, "0");
}

static unsigned
level_or_15(bool has, uint32_t level)
{
	return has ? level : 15;
}

/* The node that the command would replace; NULL: none. */
static const struct tnode *
find_replaced(const struct tree *t, const struct command *cmd)
{
	const struct tnode *n = tnode_first(tree_top(t), (enum gram_key)cmd->entry->key);
	unsigned level = level_or_15(command_has(cmd, ARG_LEVEL), command_u32(cmd, ARG_LEVEL));

	for (; n; n = tnode_next(n))
		if (cmd->entry->key == KEY_USERNAME
		        ? !strcmp(tnode_str(n, ARG_USER), command_str(cmd, ARG_USER))
		        : level_or_15(tnode_has(n, ARG_LEVEL), tnode_u32(n, ARG_LEVEL)) == level)
			return n;
	return NULL;
}

/*
 * The same secret typed again keeps its hash: what is pasted twice changes nothing, and a
 * configuration with it in clear does not differ from the running one.
 */
static bool
is_kept(struct sealing *s, const struct command *cmd, const char *form, struct sealed *p)
{
	const struct tnode *n = find_replaced(s->book.running, cmd);
	const char *kind = n ? tnode_str(n, ARG_KIND) : NULL;
	const char *had = n ? tnode_str(n, ARG_FORM) : NULL;

	if (!had || strcmp(had, form) != 0 || (kind && strcmp(kind, "secret") != 0) ||
	    !passwd_verify((enum passwd_type)strtoul(had, NULL, 10), tnode_str(n, ARG_PASSWORD),
	                   p->text))
		return false;
	*p = (struct sealed){had, arena_strdup(s->arena, tnode_str(n, ARG_PASSWORD))};
	return true;
}

static void
seal_secret(struct sealing *s, struct sealed *p, const struct command *cmd)
{
	const char *algorithm = command_str(cmd, ARG_ALGORITHM), *form;
	enum passwd_type type = SECRET_TYPE;
	char text[PASSWD_TEXT_MAX];

	if (!is_clear(p->form)) {
		if (!passwd_valid((enum passwd_type)strtoul(p->form, NULL, 10), p->text))
			s->error =
			    "ERROR: The secret you entered is not a valid encrypted secret.\n"
			    "To enter an UNENCRYPTED secret, do not specify type 5 encryption.\n"
			    "When you properly enter an UNENCRYPTED secret, it will be "
			    "encrypted.\n";
		return;
	}
	if (!is_acceptable(s, p->text))
		return;
	if (algorithm)
		type = !strcmp(algorithm, "md5")      ? PASSWD_MD5
		       : !strcmp(algorithm, "sha256") ? PASSWD_PBKDF2
		                                      : PASSWD_SCRYPT;
	form = arena_printf(s->arena, "%d", (int)type);
	if (is_kept(s, cmd, form, p))
		return;
	if (passwd_hash(type, p->text, text))
		*p = (struct sealed){form, arena_strdup(s->arena, text)};
	else
		s->error = "% The secret could not be hashed\n";
}

static void
hide_password(struct sealing *s, struct sealed *p)
{
	char text[PASSWD_TEXT_MAX];

	if (passwd_hide(p->text, text)) {
		p->form = "7";
		p->text = arena_strdup(s->arena, text);
	}
	explicit_bzero(text, sizeof(text));
}

static void
seal_password(struct sealing *s, struct sealed *p)
{
	bool ok;

	if (!is_clear(p->form)) {
		ok = *p->form == '6' ? type6_valid(p->text) : passwd_valid(PASSWD_HIDDEN, p->text);
		if (!ok)
			s->error = "% Invalid encrypted password\n";
		return;
	}
	if (p->form && !*p->form)
		p->form = NULL;
	if (is_acceptable(s, p->text) && find_setting(s->book, KEY_SERVICE_PASSWORD_ENCRYPTION))
		hide_password(s, p);
}

/* What neighbours of a routing protocol share. No user logs in with it: it may be short. */
static void
seal_shared(struct sealing *s, struct sealed *p)
{
	if (!is_clear(p->form)) {
		if (!passwd_valid(PASSWD_HIDDEN, p->text))
			s->error = "% Invalid encrypted password\n";
		return;
	}
	p->form = NULL;
	if (!strcmp(p->text, MASK))
		s->error = "% " MASK " stands for a password and is none\n";
	else if (find_setting(s->book, KEY_SERVICE_PASSWORD_ENCRYPTION))
		hide_password(s, p);
}

static const enum gram_key shared_keys[] = {KEY_IF_OSPF_KEY, KEY_IF_OSPF_DIGEST_KEY,
                                            KEY_OSPF_AREA_VIRTUAL_LINK_OPTION,
                                            KEY_BGP_NEIGHBOR_PASSWORD};

static bool
is_shared(uint16_t key)
{
	for (size_t i = 0; i < ARRAY_SIZE(shared_keys); i++)
		if (shared_keys[i] == key)
			return true;
	return false;
}

/* A pre-shared key. */
static void
seal_key(struct sealing *s, struct sealed *p)
{
	const char *text = NULL;

	if (!is_clear(p->form)) {
		if (!type6_valid(p->text))
			s->error = "% Invalid encrypted key\n";
		return;
	}
	p->form = NULL;
	if (!strcmp(p->text, MASK))
		s->error = "% " MASK " stands for a key and is none\n";
	else if (find_setting(s->book, KEY_PASSWORD_ENCRYPTION_AES))
		text = auth_key_seal(s->book, p->text, s->arena);
	if (text)
		*p = (struct sealed){"6", text};
}

/* --- the command made anew -------------------------------------------------------------------- */

static const struct command *
parse_again(struct sealing *s, const struct command *cmd, const char *line)
{
	struct command *again = arena_alloc(s->arena, sizeof(*again));
	size_t column;

	if (command_parse(cmd->mode, line, s->arena, again, &column) == PARSE_OK)
		return again;
	s->error = "% The command could not be stored\n";
	return NULL;
}

static bool
is_password(const struct value *v)
{
	return v->elem->arg == ARG_PASSWORD || (v->elem->arg == ARG_KEY && v->elem->secret);
}

static const struct value *
secret_key(const struct command *cmd)
{
	const struct value *v = command_value(cmd, ARG_KEY, 0);

	return v && v->elem->secret ? v : NULL;
}

/*
 * Is this word left out of the command that is kept: an algorithm's name, level 15, a form that is
 * replaced?
 */
static bool
is_dropped(const struct command *cmd, size_t i)
{
	const struct value *v = &cmd->values[i], *next = i + 1 < cmd->n ? v + 1 : v;

	switch (cmd->entry->key) {
	case KEY_ENABLE_SECRET:
	case KEY_ENABLE_PASSWORD:
		if (v->elem->arg == ARG_LEVEL || next->elem->arg == ARG_LEVEL)
			return command_u32(cmd, ARG_LEVEL) == 15 &&
			       (v->elem->arg == ARG_LEVEL || !v->elem->arg);
		break;
	default:
		break;
	}
	return v->elem->arg == ARG_FORM || v->elem->arg == ARG_ALGORITHM ||
	       next->elem->arg == ARG_ALGORITHM;
}

static const struct command *
rewrite_command(struct sealing *s, const struct command *cmd, const struct sealed *p)
{
	const char *line = cmd->no ? "no" : cmd->dflt ? "default" : "";
	size_t i;

	for (i = 0; i < cmd->n; i++) {
		const struct value *v = &cmd->values[i];

		if (is_dropped(cmd, i))
			continue;
		if (is_password(v) && p->form)
			line = arena_printf(s->arena, "%s %s", line, p->form);
		line = arena_printf(s->arena, "%s %s", line,
		                    is_password(v) && p->text ? p->text
		                    : v->elem->text           ? v->elem->text
		                                              : v->text);
	}
	return parse_again(s, cmd, line);
}

/*
 * `username` sets what it names and leaves the rest: the line that is kept has both. A secret and a
 * password exclude each other.
 */
static const struct command *
merge_user(struct sealing *s, const struct command *cmd)
{
	const char *user = command_str(cmd, ARG_USER), *kind = command_str(cmd, ARG_KIND);
	struct sealed p = {command_str(cmd, ARG_FORM), command_str(cmd, ARG_PASSWORD)};
	const struct tnode *old = find_replaced(s->book.tree, cmd);
	const char *had, *line = arena_printf(s->arena, "username %s", user);

	had = old ? tnode_str(old, ARG_KIND) : NULL;
	if (kind && had && strcmp(kind, had) != 0 && strcmp(kind, "nopassword") != 0 &&
	    strcmp(had, "nopassword") != 0) {
		s->error = "ERROR: Can not have both a user password and a user secret.\n"
			   "Please choose one or the other.\n";
		return NULL;
	}
	if (command_has(cmd, ARG_LEVEL))
		line = arena_printf(s->arena, "%s privilege %u", line, command_u32(cmd, ARG_LEVEL));
	else if (old && tnode_has(old, ARG_LEVEL))
		line = arena_printf(s->arena, "%s privilege %u", line, tnode_u32(old, ARG_LEVEL));
	if (!kind && had) {
		kind = had;
		p = (struct sealed){tnode_str(old, ARG_FORM), tnode_str(old, ARG_PASSWORD)};
	} else if (kind && !strcmp(kind, "secret")) {
		seal_secret(s, &p, cmd);
	} else if (kind && !strcmp(kind, "password")) {
		seal_password(s, &p);
	}
	if (s->error)
		return NULL;
	if (kind)
		line = arena_printf(s->arena, "%s %s", line, kind);
	if (p.text)
		line = arena_printf(s->arena, "%s %s %s", line, p.form ? p.form : "0", p.text);
	return parse_again(s, cmd, line);
}

/* The words of the command in full; `reset` is the way back. */
static const struct command *
seal_privilege(struct sealing *s, const struct command *cmd)
{
	const char *mode = command_str(cmd, ARG_PRIVILEGED), *line;
	bool undo = cmd->no || cmd->dflt || command_has(cmd, ARG_RESET);

	line = arena_printf(s->arena, "%sprivilege %s %slevel %u %s", undo ? "no " : "", mode,
	                    command_has(cmd, ARG_ALL) ? "all " : "", command_u32(cmd, ARG_LEVEL),
	                    auth_level_words(mode, command_str(cmd, ARG_COMMAND), s->arena));
	return parse_again(s, cmd, line);
}

const struct command *
auth_seal(struct accounts book, const struct command *cmd, struct arena *a, const char **ret_error)
{
	struct sealing s = {.book = book, .arena = a};
	struct sealed p = {command_str(cmd, ARG_FORM), command_str(cmd, ARG_PASSWORD)};
	const struct command *result = cmd;
	const struct value *key;
	bool undo = cmd->no || cmd->dflt;

	if (is_shared(cmd->entry->key)) {
		if (!undo && p.text)
			seal_shared(&s, &p);
		*ret_error = s.error;
		return s.error ? NULL : undo || !p.text ? cmd : rewrite_command(&s, cmd, &p);
	}
	switch (cmd->entry->key) {
	case KEY_ENABLE_SECRET:
		if (!undo)
			seal_secret(&s, &p, cmd);
		result = s.error ? NULL : rewrite_command(&s, cmd, &p);
		break;
	case KEY_ENABLE_PASSWORD:
	case KEY_LINE_PASSWORD:
		if (!undo)
			seal_password(&s, &p);
		result = s.error ? NULL : rewrite_command(&s, cmd, &p);
		break;
	case KEY_PRIVILEGE:
		result = seal_privilege(&s, cmd);
		break;
	case KEY_USERNAME:
		result = undo ? cmd : merge_user(&s, cmd);
		break;
	default:
		key = undo ? NULL : secret_key(cmd);
		if (!key)
			break;
		p.text = key->text;
		seal_key(&s, &p);
		result = s.error ? NULL : rewrite_command(&s, cmd, &p);
		break;
	}
	*ret_error = s.error;
	return result;
}

/* --- what is there already -------------------------------------------------------------------- */

/* The node's command, as it would be typed; with another key where one is given. */
static const struct command *
typed_as(const struct tnode *n, const char *key, struct arena *a)
{
	char *line = arena_alloc(a, COMMAND_LINE_MAX);
	struct command *cmd = arena_alloc(a, sizeof(*cmd));
	struct value *values;
	size_t column;

	if (tnode_text(n, line, COMMAND_LINE_MAX) >= COMMAND_LINE_MAX ||
	    command_parse(tnode_mode(tnode_parent(n)), line, a, cmd, &column) != PARSE_OK)
		return NULL;
	if (!key)
		return cmd;
	values = arena_memdup(a, cmd->values, cmd->n * sizeof(*values));
	for (size_t i = 0; i < cmd->n; i++)
		if (values[i].elem->arg == ARG_KEY)
			values[i].text = key;
	cmd->values = values;
	return cmd;
}

bool
auth_retype(struct accounts book, const struct tnode *n, const char *key)
{
	struct tnode *context = tnode_parent(n);
	struct arena *a = arena_new();
	const struct command *cmd = typed_as(n, key, a);
	const char *error;
	bool changed = false;

	if (cmd && (cmd = auth_seal(book, cmd, a, &error)))
		changed = tree_apply(book.tree, &context, cmd, tnode_line(n)) == TREE_CHANGED;
	arena_free(a);
	return changed;
}

static bool
retype_all(struct accounts book, const struct tnode *parent, enum gram_key key)
{
	const struct tnode *n, *next;
	bool changed = false;

	for (n = tnode_first(parent, key); n; n = next) {
		next = tnode_next(n);
		changed |= auth_retype(book, n, NULL);
	}
	return changed;
}

static bool
has_secret_key(const struct tnode *n)
{
	const struct gram_entry *e = tnode_entry(n);

	if (!tnode_has(n, ARG_KEY))
		return false;
	for (uint16_t i = e->elem; i < e->elem + e->n_elems; i++)
		if (gram_elems[i].arg == ARG_KEY && gram_elems[i].secret)
			return true;
	return false;
}

static void
each_key(const struct tnode *parent, void (*fn)(void *arg, const struct tnode *n), void *arg)
{
	const struct tnode *n, *next;

	for (n = tnode_child(parent); n; n = next) {
		next = tnode_sibling(n);
		each_key(n, fn, arg);
		if (has_secret_key(n))
			fn(arg, n);
	}
}

void
auth_each_key(struct accounts book, void (*fn)(void *arg, const struct tnode *n), void *arg)
{
	each_key(tree_top(book.tree), fn, arg);
}

struct retyping {
	struct accounts book;
	bool changed;
};

static void
retype_key(void *arg, const struct tnode *n)
{
	struct retyping *r = arg;

	r->changed |= auth_retype(r->book, n, NULL);
}

static bool
encrypt_keys(struct accounts book)
{
	struct retyping r = {.book = book};

	auth_each_key(book, retype_key, &r);
	return r.changed;
}

/* Passwords of routing protocols stand one level below the top. */
static bool
hide_shared(struct accounts book)
{
	const struct tnode *n;
	bool changed = false;

	for (n = tnode_child(tree_top(book.tree)); n; n = tnode_sibling(n))
		for (size_t i = 0; i < ARRAY_SIZE(shared_keys); i++)
			changed |= retype_all(book, n, shared_keys[i]);
	return changed;
}

static bool
hide_passwords(struct accounts book)
{
	static const enum gram_key lines[] = {KEY_LINE_CON, KEY_LINE_AUX, KEY_LINE_VTY};
	const struct tnode *top = tree_top(book.tree), *n;
	bool changed = retype_all(book, top, KEY_ENABLE_PASSWORD);

	for (n = tnode_first(top, KEY_USERNAME); n; n = tnode_next(n))
		if (tnode_str(n, ARG_KIND) && !strcmp(tnode_str(n, ARG_KIND), "password"))
			changed |= auth_retype(book, n, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		for (n = tnode_first(top, lines[i]); n; n = tnode_next(n))
			changed |= retype_all(book, n, KEY_LINE_PASSWORD);
	return changed | hide_shared(book);
}

static const char *
old_type(const struct command *cmd)
{
	const char *form = command_has(cmd, ARG_PASSWORD) ? command_str(cmd, ARG_FORM) : NULL;

	return form && !strcmp(form, "4") ? "WARNING: Command has been added to the configuration "
	                                    "using a type 4 password.\n"
	                                    "However, type 4 passwords have been deprecated. "
	                                    "Migrate to a supported password "
	                                    "type\n"
	                                  : NULL;
}

const char *
auth_sealed(struct accounts book, const struct command *cmd, bool *ret_changed)
{
	char master[AUTH_MASTER_MAX + 1];
	bool there;

	*ret_changed = false;
	if (cmd->no || cmd->dflt)
		return NULL;
	if (cmd->entry->key == KEY_SERVICE_PASSWORD_ENCRYPTION)
		*ret_changed = hide_passwords(book);
	if (cmd->entry->key == KEY_PASSWORD_ENCRYPTION_AES)
		*ret_changed = encrypt_keys(book);
	else if (!secret_key(cmd) || command_str(cmd, ARG_FORM) ||
	         !find_setting(book, KEY_PASSWORD_ENCRYPTION_AES))
		return old_type(cmd);
	there = auth_master(book, master);
	explicit_bzero(master, sizeof(master));
	return there ? NULL
	             : "Can not encrypt password. Please configure a configuration-key with "
	               "'key config-key'\n";
}

/* --- history ---------------------------------------------------------------------------------- */

static bool
same_letters(const char *a, const char *b, size_t n)
{
	return !strncasecmp(a, b, n);
}

/* One letter too many, too few or another, or two exchanged: "secert", "pasword". */
static bool
is_misspelt(const char *word, size_t n, const char *right)
{
	const size_t length = strlen(right);
	size_t at = 0;

	while (at < n && at < length && same_letters(word + at, right + at, 1))
		at++;
	if (n == length + 1)
		return same_letters(word + at + 1, right + at, length - at);
	if (n + 1 == length)
		return same_letters(word + at, right + at + 1, n - at);
	if (n != length || at == n)
		return false;
	return same_letters(word + at + 1, right + at + 1, n - at - 1) ||
	       (at + 1 < n && same_letters(word + at, right + at + 1, 1) &&
	        same_letters(word + at + 1, right + at, 1) &&
	        same_letters(word + at + 2, right + at + 2, n - at - 2));
}

bool
auth_announces_secret(const char *word, size_t n, bool first)
{
	static const struct {
		const char *word;
		size_t least; /* letters: "authentication" begins much that is none */
	} words[] = {
	    {"secret", 1},     {"password", 1},  {"key", 1},
	    {"key-string", 1}, {"psk", 1},       {"pre-shared-key", 1},
	    {"md5", 3},        {"community", 1}, {"password-encrypt", 1},
	    {"passwd", 6},     {"ascii", 5},     {"authentication-key", 15},
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *right = words[i].word;

		if (n >= (first && words[i].least < 3 ? 3 : words[i].least) && n <= strlen(right) &&
		    same_letters(right, word, n))
			return true;
		if (strlen(right) >= 6 && is_misspelt(word, n, right))
			return true;
	}
	return n > 4 && same_letters(word + n - 4, "-key", 4);
}

static bool
is_form(const char *word, size_t n)
{
	return n == 1 && isdigit((unsigned char)*word);
}

/* Of standby, vrrp and glbp the word behind "authentication" is one. */
static bool
is_redundancy(const char *line)
{
	line += strspn(line, " \t");
	return !strncasecmp(line, "standby ", 8) || !strncasecmp(line, "vrrp ", 5) ||
	       !strncasecmp(line, "glbp ", 5);
}

/*
 * Finds the secret in a line that was not understood, by its look: rather too much is hidden than
 * too little.
 */
static size_t
looks_secret(const char *line, size_t *ret_n)
{
	bool announced = false, first = true;

	for (size_t i = 0, n; line[i]; i += n) {
		i += strspn(line + i, " \t");
		n = strcspn(line + i, " \t");
		if (announced && n && !is_form(line + i, n)) {
			*ret_n = strlen(line + i);
			return i;
		}
		/* What a filter looks for: `| s` is `section`. */
		if (!announced && n && line[i + n - 1] == '|')
			break;
		announced = announced || auth_announces_secret(line + i, n, first) ||
		            (n == strlen("authentication") && is_redundancy(line) &&
		             !strncasecmp(line + i, "authentication", n));
		first &= !n;
	}
	*ret_n = 0;
	return strlen(line);
}

char *
auth_mask(const char *line, const struct command *cmd)
{
	size_t at = strlen(line), n = 0;

	for (size_t i = 0; cmd && i < cmd->n; i++)
		if (cmd->values[i].elem->secret) {
			at = cmd->values[i].column;
			n = cmd->values[i].length;
		}
	if (!cmd)
		at = looks_secret(line, &n);
	if (!n || at + n > strlen(line))
		return x_strdup(line);
	return x_asprintf("%.*s" MASK "%s", (int)at, line, line + at + n);
}
