/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `show crypto gdoi feature [X]`: which nodes of a group could use a feature, asked before it is
 * configured; without X, which of them tell, and what this router has.
 */
#include "cli/show/show_gdoi.h"

#include <string.h>

/* By the grammar's words. What is absent or false is not built. */
static const struct {
	const char *name;
	bool here;
} features[] = {
    {"ckm", false},
    {"crl-check", false},
    {"cts-sgt", false},
    {"dp-recovery", true},
    {"gdoi-interop-ack", true},
    {"gdoi-mib", false},
    {"gikev2", false},
    {"gm-removal", true},
    {"ip-d3p", false},
    {"long-sa-lifetime", true},
    {"pfs", false},
    {"policy-replace", true},
    {"suite-b", true},
};

const char *
show_feature_at(size_t i)
{
	return i < ARRAY_SIZE(features) ? features[i].name : NULL;
}

/* Without a name it is whether a node tells what it supports at all, as each of our kind does. */
bool
show_feature_is_here(const char *name)
{
	if (!name)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (!strcmp(features[i].name, name))
			return features[i].here;
	return false;
}

bool
show_member_has_feature(const struct snap_member *m, const char *name)
{
	return m->testudo && show_feature_is_here(name);
}

static void
show_row(struct text *t, uint32_t addr, const char *version, bool yes)
{
	char a[ADDR_TEXT_MAX];

	text_printf(t, "        %-16s %-14s %s\n", addr_text(addr, a), version, yes ? "Yes" : "No");
}

void
show_gdoi_feature(struct text *t, const struct snap_group *g, const char *feature)
{
	bool here = show_feature_is_here(feature);

	text_printf(t, "Group Name: %s\n", g->name);
	if (g->local) {
		text_puts(t, "    Key Server ID       Version   Feature Supported\n");
		show_row(t, g->local_addr, SHOW_GDOI_VERSION, here);
		text_puts(t, "\n");
	}
	text_puts(t, "    Group Member ID     Version   Feature Supported\n");
	if (!g->local)
		show_row(t, g->local_addr, SHOW_GDOI_VERSION, here);
	for (size_t i = 0; g->local && i < g->n_members; i++)
		show_row(t, g->members[i].addr, show_member_version(&g->members[i]),
		         show_member_has_feature(&g->members[i], feature));
	if (feature)
		return;
	text_printf(t, "\n    Features of this %s\n", g->local ? "Key Server" : "Group Member");
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		text_printf(t, "        %-17s %s\n", features[i].name,
		            features[i].here ? "Yes" : "No");
}
