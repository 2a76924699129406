/* SPDX-License-Identifier: Apache-2.0 */
/* `show crypto session`: a member's groups and, on a key server, those who come to it. */
#include "cli/show/show_cmd.h"
#include "compiler/policy/vrf.h"

#include <stdlib.h>
#include <string.h>

/* --- which ------------------------------------------------------------------------------------ */

const struct snap_isakmp *
showing_isakmp_of(struct showing *s, const struct snap_group *g)
{
	size_t n;
	const struct snap_isakmp *sas = showing_isakmp(s, false, &n), *found = NULL;

	for (size_t i = 0; i < n; i++)
		if (sas[i].initiator && sas[i].src == g->local_addr &&
		    vrf_same(sas[i].vrf, g->vrf) && (!g->server || sas[i].dst == g->server))
			found = &sas[i];
	return found;
}

static int
compare_peers(const void *a, const void *b)
{
	const struct snap_isakmp *x = a, *y = b;

	if (x->src != y->src)
		return x->src < y->src ? -1 : 1;
	if (x->dst != y->dst)
		return x->dst < y->dst ? -1 : 1;
	/* One address in two VRFs is two peers. */
	if (!vrf_same(x->vrf, y->vrf))
		return strcmp(x->vrf ? x->vrf : "", y->vrf ? y->vrf : "");
	return x->conn_id < y->conn_id ? -1 : x->conn_id > y->conn_id;
}

const struct snap_isakmp *
showing_peers(struct showing *s, size_t *ret_n)
{
	size_t n, kept = 0;
	const struct snap_isakmp *sas = showing_isakmp(s, false, &n);
	struct snap_isakmp *peers = arena_alloc(s->arena, (n + 1) * sizeof(*peers));

	for (size_t i = 0; i < n; i++)
		if (!sas[i].initiator)
			peers[kept++] = sas[i];
	qsort(peers, kept, sizeof(*peers), compare_peers);
	*ret_n = kept;
	return peers;
}

size_t
showing_same_peer(const struct snap_isakmp *sas, size_t n)
{
	size_t same = 0;

	while (same < n && sas[same].src == sas->src && sas[same].dst == sas->dst &&
	       vrf_same(sas[same].vrf, sas->vrf))
		same++;
	return same;
}

const char *
showing_interface_at(struct showing *s, uint32_t addr)
{
	size_t n;
	const struct host_interface *ifs = s->host->ops->interfaces(s->host, s->arena, &n);

	for (size_t i = 0; i < n; i++)
		if (ifs[i].has_address && ifs[i].addr == addr)
			return ifs[i].name;
	return NULL;
}

static bool
asks_for_name(const struct showing *s, enum gram_arg arg, const char *name)
{
	const char *only = command_str(s->cmd, arg);

	return !only || (name && !strcmp(only, name));
}

bool
showing_session(const struct showing *s, const struct session_ends *e)
{
	return asks_for_name(s, ARG_INTERFACE, e->interface) &&
	       asks_for_name(s, ARG_FVRF, e->fvrf) && asks_for_name(s, ARG_IVRF, e->ivrf) &&
	       (!command_has(s->cmd, ARG_LOCAL) || command_u32(s->cmd, ARG_LOCAL) == e->local) &&
	       (!command_has(s->cmd, ARG_REMOTE) || command_u32(s->cmd, ARG_REMOTE) == e->remote);
}

/* Sessions stand under the VRF of what they protect. */
static void
head_brief(struct showing *s, const char *ivrf)
{
	if (!s->text.n)
		show_session_brief_heading(&s->text);
	if (!s->count || !vrf_same(s->ivrf, ivrf))
		show_session_brief_vrf(&s->text, ivrf);
	s->ivrf = ivrf;
	s->count++;
}

/* --- a member's ------------------------------------------------------------------------------- */

static void
session_interface(struct showing *s, const struct show_ipsec *what)
{
	const struct snap_isakmp *ike = showing_isakmp_of(s, what->group);
	const struct session_ends ends = {what->on->name, what->on->local_addr, what->group->server,
	                                  what->on->vrf, what->on->inner};

	if (!showing_session(s, &ends))
		return;
	if (command_str(s->cmd, ARG_BRIEF)) {
		head_brief(s, what->on->inner);
		show_session_brief(&s->text, what, ike);
	} else
		show_session(&s->text, what, ike);
}

static void
session_block(struct showing *s, const struct snap_group *g, const struct policy_group *p,
              size_t nth)
{
	(void)nth;
	showing_interfaces(s, g, p, session_interface);
}

/* --- a key server's --------------------------------------------------------------------------- */

/* Sorted by peer, so that an interface is looked for no more often than it changes. */
static void
peer_sessions(struct showing *s)
{
	size_t n, same;
	const struct snap_isakmp *sas = showing_peers(s, &n);
	const char *interface = NULL;

	for (size_t i = 0; i < n; i += same) {
		const struct show_peer peer = {
		    .sas = &sas[i],
		    .n = same = showing_same_peer(&sas[i], n - i),
		    .detail = command_str(s->cmd, ARG_DETAIL),
		};

		if (!i || sas[i].dst != sas[i - 1].dst)
			interface = showing_interface_at(s, sas[i].dst);
		if (!showing_session(s, &(struct session_ends){interface, sas[i].dst, sas[i].src,
		                                               sas[i].vrf, sas[i].inner}))
			continue;
		if (command_str(s->cmd, ARG_BRIEF)) {
			head_brief(s, sas[i].inner);
			show_session_peer_brief(&s->text, &peer, interface);
		} else
			show_session_peer(&s->text, &peer, interface);
	}
}

void
cmd_show_crypto_session(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	s.cmd = cmd;
	if (command_str(cmd, ARG_BRIEF))
		head_brief(&s, NULL);
	else
		text_puts(&s.text, "Crypto session current status\n");
	if (command_str(cmd, ARG_DETAIL))
		show_session_detail_heading(&s.text);
	showing_groups(&s, ROLE_MEMBER, NULL, session_block);
	peer_sessions(&s);
	showing_end(&s);
}
