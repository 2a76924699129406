/* SPDX-License-Identifier: Apache-2.0 */
/* Access lists, prefix lists and community lists, when something refers to them. */
#include "compiler/frr/frr_priv.h"

#include <ctype.h>
#include <string.h>

#define LONG_NAME 100 /* octets: no line of several names is longer than FRR takes */

bool
frr_first_use(struct frr_out *out, const void *what)
{
	for (size_t k = 0; k < out->n_known; k++)
		if (out->known[k] == what)
			return false;
	x_grow(&out->known, &out->known_capacity, out->n_known + 1, sizeof(*out->known));
	out->known[out->n_known++] = what;
	return true;
}

/* The place of a name among those that are too long for FRR's lines. */
static size_t
long_name_place(struct frr_out *out, const char *name)
{
	size_t k = 0;

	while (k < out->n_long_names && strcmp(out->long_names[k], name) != 0)
		k++;
	if (k == out->n_long_names) {
		x_grow(&out->long_names, &out->long_names_capacity, k + 1,
		       sizeof(*out->long_names));
		out->long_names[out->n_long_names++] = name;
	}
	return k;
}

/* IOS takes nearly anything as a name: what might be more than a word is written in digits. */
const char *
frr_name(struct frr_out *out, const char *name)
{
	char *text = arena_alloc(out->arena, 3 * strlen(name) + 1), *to = text;
	static const char digits[] = "0123456789abcdef";

	if (strlen(name) > LONG_NAME)
		return arena_printf(out->arena, "testudo:long-%zu", long_name_place(out, name));
	for (const char *c = name; *c; c++) {
		if (isalnum((unsigned char)*c) || strchr("._-", *c)) {
			*to++ = *c;
			continue;
		}
		*to++ = '~';
		*to++ = digits[(unsigned char)*c >> 4];
		*to++ = digits[(unsigned char)*c & 15];
	}
	return text;
}

/* --- access lists ----------------------------------------------------------------------------- */

/* Routes have no protocol and no ports: an entry that asks for some matches none. */
static bool
concerns_routes(const struct policy_ace *e)
{
	return !e->inactive && !e->proto && !e->fragments && !e->n_sport && !e->n_dport;
}

/* A list none of whose entries concerns routes lets none pass: FRR would not have it at all. */
const char *
frr_acl(struct frr_out *out, const struct policy_acl *acl)
{
	const char *name = frr_name(out, acl->name);
	char a[ADDR_TEXT_MAX], w[ADDR_TEXT_MAX];
	bool empty = true;

	if (!frr_first_use(out, acl))
		return name;
	for (size_t k = 0; k < acl->n_aces; k++) {
		const struct policy_ace *e = &acl->aces[k];

		if (!concerns_routes(e))
			continue;
		text_printf(&out->lists, "access-list %s seq %zu %s%s %s %s", name, k + 1,
		            e->permit ? "permit" : "deny", acl->standard ? "" : " ip",
		            addr_text(e->src, a), addr_text(~e->src_mask, w));
		if (!acl->standard)
			text_printf(&out->lists, " %s %s", addr_text(e->dst, a),
			            addr_text(~e->dst_mask, w));
		text_puts(&out->lists, "\n");
		empty = false;
	}
	if (empty)
		text_printf(&out->lists, "access-list %s seq 1 deny %s\n", name,
		            acl->standard ? "any" : "ip any any");
	return name;
}

const char *
frr_none(struct frr_out *out)
{
	static const char name[] = "testudo:none";

	if (frr_first_use(out, name))
		text_printf(&out->lists, "access-list %s seq 1 deny any\n", name);
	return name;
}

/* --- prefix lists ----------------------------------------------------------------------------- */

const char *
frr_prefix_list(struct frr_out *out, const struct policy_prefix_list *l)
{
	const char *name = frr_name(out, l->name);

	if (!frr_first_use(out, l))
		return name;
	for (size_t k = 0; k < l->n_entries; k++) {
		const struct policy_prefix_entry *e = &l->entries[k];

		uint8_t le = e->le ? e->le : e->ge ? 32 : 0;

		text_printf(&out->lists, "ip prefix-list %s seq %u %s %s", name, e->seq,
		            e->permit ? "permit" : "deny", frr_prefix_text(out, e->prefix));
		if (e->ge > e->prefix.len)
			text_printf(&out->lists, " ge %u", e->ge);
		if (le > e->prefix.len)
			text_printf(&out->lists, " le %u", le);
		text_puts(&out->lists, "\n");
	}
	return name;
}

const char *
frr_classful(struct frr_out *out)
{
	static const char name[] = "testudo:classful";

	if (frr_first_use(out, name))
		text_printf(&out->lists,
		            "ip prefix-list %s seq 5 permit 0.0.0.0/1 ge 8 le 8\n"
		            "ip prefix-list %s seq 10 permit 128.0.0.0/2 ge 16 le 16\n"
		            "ip prefix-list %s seq 15 permit 192.0.0.0/3 ge 24 le 24\n",
		            name, name, name);
	return name;
}

const char *
frr_not_default(struct frr_out *out)
{
	static const char name[] = "testudo:not-default";

	if (frr_first_use(out, name))
		text_printf(&out->lists, "ip prefix-list %s seq 5 permit 0.0.0.0/0 ge 1\n", name);
	return name;
}

/* --- communities ------------------------------------------------------------------------------ */

const char *
frr_communities(struct frr_out *out, const uint32_t *list, size_t n)
{
	char *text = arena_strdup(out->arena, "");

	for (size_t k = 0; k < n; k++)
		text = arena_printf(out->arena, "%s %u:%u", text, list[k] >> 16, list[k] & 0xffff);
	return text;
}

const char *
frr_community_list(struct frr_out *out, const struct policy_community_list *l)
{
	const char *name = frr_name(out, l->name);

	if (!frr_first_use(out, l))
		return name;
	for (size_t k = 0; k < l->n_entries; k++) {
		const struct policy_community_entry *e = &l->entries[k];

		text_printf(&out->lists, "bgp community-list %s%s seq %zu %s%s\n",
		            isdigit((unsigned char)*name) ? "" : "standard ", name, k + 1,
		            e->permit ? "permit" : "deny",
		            e->n ? frr_communities(out, e->communities, e->n) : " internet");
	}
	return name;
}
