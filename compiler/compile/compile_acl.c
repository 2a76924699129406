/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access lists: into the policy as they are, and flattened into selectors where they say what a
 * group encrypts.
 *
 * A group's policy is sent to its members as addresses, a protocol and single ports (RFC 6407
 * 5.4.1: a TEK names one source and one destination). What cannot be said that way is an error, and
 * it takes the whole `sa ipsec` with it. To leave out just the entry would be wrong: without a
 * permit members send in the clear what was meant to be encrypted, without a deny they encrypt what
 * somebody needs in the clear, and nobody would notice.
 */
#include <string.h>

#include "compiler/compile/compile_parts.h"

/* Warns that the filter leaves out an entry that it cannot check. */
static void
leave_out(struct compiler *c, const struct raw_acl *acl, const struct raw_ace *e)
{
	complain(c, DIAG_WARNING, "not-built", &e->at, NULL,
	         "%s: not built yet; entry %u of access list %s is kept, and filters nothing",
	         e->unbuilt, e->ace.seq, acl->name.text);
}

void
compile_acls(struct compiler *c)
{
	struct policy_acl *acls = arena_alloc(c->arena, c->raw.n_acls * sizeof(*acls));
	size_t i, j;

	for (i = 0; i < c->raw.n_acls; i++) {
		const struct raw_acl *raw = &c->raw.acls[i];
		struct policy_ace *aces = arena_alloc(c->arena, raw->n * sizeof(*aces));
		size_t n = 0;

		for (j = 0; j < raw->n; j++) {
			/* What it was to deny is not known: nothing after it is permitted. */
			if (raw->aces[j].lost && !raw->aces[j].ace.permit)
				break;
			if (!raw->aces[j].unbuilt && !raw->aces[j].lost)
				aces[n++] = raw->aces[j].ace;
			else if (raw->aces[j].unbuilt)
				leave_out(c, raw, &raw->aces[j]);
		}
		acls[i] = (struct policy_acl){
		    .name = raw->name.text, .standard = raw->standard, .n_aces = n, .aces = aces};
	}
	c->policy->n_acls = c->raw.n_acls;
	c->policy->acls = acls;
}

/* Why the entry cannot be a selector; NULL when it can. */
static const char *
why_unfit(const struct raw_ace *e)
{
	size_t i;

	if (e->unbuilt)
		return e->unbuilt;
	if (e->lost)
		return "object groups that are not there";
	if (e->ace.fragments)
		return "\"fragments\"";
	if (e->ace.established)
		return "\"established\"";
	if (e->ace.icmp_type >= 0)
		return "an ICMP type";
	for (i = 0; i < e->ace.n_sport; i++)
		if (e->ace.sport[i].lo != e->ace.sport[i].hi)
			return "a range of ports";
	for (i = 0; i < e->ace.n_dport; i++)
		if (e->ace.dport[i].lo != e->ace.dport[i].hi)
			return "a range of ports";
	return NULL;
}

/* One selector for each pair of ports; returns how many. */
static size_t
expand_ports(const struct policy_ace *ace, struct selector *out, size_t room)
{
	size_t s, d, n = 0, n_s = ace->n_sport ? ace->n_sport : 1,
		     n_d = ace->n_dport ? ace->n_dport : 1;

	for (s = 0; s < n_s; s++)
		for (d = 0; d < n_d && n < room; d++)
			out[n++] = (struct selector){.permit = ace->permit,
			                             .proto = ace->proto,
			                             .src = ace->src & ace->src_mask,
			                             .src_mask = ace->src_mask,
			                             .dst = ace->dst & ace->dst_mask,
			                             .dst_mask = ace->dst_mask,
			                             .sport = ace->n_sport ? ace->sport[s].lo : 0,
			                             .dport = ace->n_dport ? ace->dport[d].lo : 0};
	return n;
}

/* Port 0 would read as "any port" in a selector. */
static bool
asks_port_zero(const struct policy_ace *ace)
{
	size_t i;

	for (i = 0; i < ace->n_sport; i++)
		if (ace->sport[i].lo == 0)
			return true;
	for (i = 0; i < ace->n_dport; i++)
		if (ace->dport[i].lo == 0)
			return true;
	return false;
}

static bool
check_entry(struct compiler *c, const struct raw_acl *acl, const struct raw_ace *e,
            const char *what)
{
	const char *why = why_unfit(e);

	if (!why && asks_port_zero(&e->ace))
		why = "port 0";
	if (why)
		complain(c, DIAG_ERROR, "selector-unfit", &e->at, NULL,
		         "entry %u of access list %s: a group policy cannot carry %s; %s is not "
		         "served",
		         e->ace.seq, acl->name.text, why, what);
	else if (e->log)
		complain(c, DIAG_WARNING, "selector-log", &e->at, NULL,
		         "entry %u of access list %s: members do not log; \"log\" has no effect",
		         e->ace.seq, acl->name.text);
	return !why;
}

const struct selector *
compile_selectors(struct compiler *c, const struct word *name, const char *what, size_t *ret_n)
{
	struct selector *out = arena_alloc(c->arena, (POLICY_SELECTORS_MAX + 1) * sizeof(*out));
	struct raw_acl *acl = raw_acl_find(c, name->text);
	bool fine = true;
	size_t n = 0, i;

	if (!acl) {
		complain(c, DIAG_ERROR, "acl-undefined", name,
		         NEAREST(c, name->text, c->raw.acls, c->raw.n_acls),
		         "access list %s does not exist: %s is not served", name->text, what);
		return NULL;
	}
	acl->used = true;
	if (acl->standard || acl->n == 0) {
		complain(c, DIAG_ERROR, acl->standard ? "acl-standard" : "acl-empty", name, NULL,
		         "access list %s %s: %s is not served", name->text,
		         acl->standard ? "is a standard list, which names no destinations"
		                       : "has no entries",
		         what);
		return NULL;
	}
	for (i = 0; i < acl->n; i++) {
		fine &= check_entry(c, acl, &acl->aces[i], what);
		n += expand_ports(&acl->aces[i].ace, out + n, POLICY_SELECTORS_MAX + 1 - n);
	}
	if (n > POLICY_SELECTORS_MAX) {
		complain(c, DIAG_ERROR, "selectors-too-many", name, NULL,
		         "access list %s makes more than %d entries: %s is not served", name->text,
		         POLICY_SELECTORS_MAX, what);
		fine = false;
	}
	if (!fine)
		return NULL;
	*ret_n = n;
	return out;
}

/*
 * A member puts denies of its own in front of the list that it downloads. When one of them cannot
 * be a selector, only that one is left out: the member then encrypts more than was asked for, which
 * gives away no secret.
 */
const struct selector *
compile_denies(struct compiler *c, const struct word *name, size_t *ret_n)
{
	struct selector *out = arena_alloc(c->arena, POLICY_SELECTORS_MAX * sizeof(*out));
	struct raw_acl *acl = raw_acl_find(c, name->text);
	size_t n = 0, i;

	*ret_n = 0;
	if (!acl) {
		complain(c, DIAG_WARNING, "map-acl-undefined", name,
		         NEAREST(c, name->text, c->raw.acls, c->raw.n_acls),
		         "access list %s does not exist: the key server's policy alone counts",
		         name->text);
		return NULL;
	}
	acl->used = true;
	for (i = 0; i < acl->n; i++) {
		const struct raw_ace *e = &acl->aces[i];
		const char *why = acl->standard ? "a standard list" : why_unfit(e);

		if (e->ace.permit) {
			complain(c, DIAG_WARNING, "map-permit-ignored", &e->at, NULL,
			         "entry %u of access list %s is ignored: a member can only deny; "
			         "what is encrypted is the key server's to say",
			         e->ace.seq, name->text);
			continue;
		}
		if (!why && asks_port_zero(&e->ace))
			why = "port 0";
		if (why || n == POLICY_SELECTORS_MAX) {
			complain(c, DIAG_WARNING, "map-deny-unfit", &e->at, NULL,
			         "entry %u of access list %s is left out (%s): its traffic is "
			         "encrypted where the key server says so",
			         e->ace.seq, name->text, why ? why : "too many entries");
			continue;
		}
		n += expand_ports(&e->ace, out + n, POLICY_SELECTORS_MAX - n);
	}
	*ret_n = n;
	return out;
}

/*
 * What may pass while fail-close mode blocks traffic. An entry that cannot be a selector lets
 * nothing through: a deny is left out, and a permit ends the list, because a deny behind it might
 * be what keeps its traffic in.
 */
size_t
compile_exceptions(struct compiler *c, const struct word *name, struct selector *ret, size_t room)
{
	struct raw_acl *acl = raw_acl_find(c, name->text);
	size_t n = 0, i;

	if (!acl) {
		complain(c, DIAG_WARNING, "fail-close-acl-undefined", name,
		         NEAREST(c, name->text, c->raw.acls, c->raw.n_acls),
		         "access list %s does not exist: nothing passes in clear until the member "
		         "is registered",
		         name->text);
		return 0;
	}
	acl->used = true;
	for (i = 0; i < acl->n; i++) {
		const struct raw_ace *e = &acl->aces[i];
		size_t wanted = (e->ace.n_sport ? e->ace.n_sport : 1) *
		                (size_t)(e->ace.n_dport ? e->ace.n_dport : 1);
		const char *why = acl->standard ? "a standard list" : why_unfit(e);

		if (!why && asks_port_zero(&e->ace))
			why = "port 0";
		if (!why && wanted > room - n)
			why = "too many entries";
		if (!why) {
			n += expand_ports(&e->ace, ret + n, room - n);
			continue;
		}
		complain(c, DIAG_WARNING, "fail-close-unfit", &e->at, NULL,
		         "entry %u of access list %s cannot be kept (%s): %s dropped until the "
		         "member is registered",
		         e->ace.seq, name->text, why,
		         e->ace.permit ? "it and all that follows is" : "its traffic is");
		if (e->ace.permit)
			break;
	}
	return n;
}

/* Does diagnostic d say that a list does not exist whose name is like this one's? */
static bool
is_about(const struct diag *d, const char *list)
{
	const char *end = d->id + strlen(d->id);

	return end - d->id > 10 && strcmp(end - 10, "-undefined") == 0 &&
	       strcmp(d->suggest, list) == 0;
}

void
compile_acl_leftovers(struct compiler *c)
{
	size_t i, j, said = c->diags->n;

	for (i = 0; i < c->raw.n_acls; i++) {
		const struct raw_acl *acl = &c->raw.acls[i];

		for (j = c->first_diag; j < said && !acl->used; j++) {
			const struct diag *d = &c->diags->items[j];
			char wrong[65] = "";

			if (!is_about(d, acl->name.text) || d->column == 0 ||
			    d->column - 1 + d->length > strlen(d->text))
				continue;
			strncat(wrong, d->text + d->column - 1,
			        d->length < sizeof(wrong) ? d->length : sizeof(wrong) - 1);
			complain(c, DIAG_NOTE, "acl-unused", &acl->name, wrong,
			         "access list %s is used nowhere; %s is, and does not exist",
			         acl->name.text, wrong);
			break;
		}
	}
}
