/* SPDX-License-Identifier: Apache-2.0 */
/* The policy as YAML: what the runtime is given, names and numbers resolved. Keys stay secret. */
#include "cli/show/structured.h"
#include "cli/tools/check.h"
#include "compiler/base/emit.h"

static void
put_addr(struct emit *e, const char *key, uint32_t addr)
{
	char buf[ADDR_TEXT_MAX];

	emit_string(e, key, addr ? addr_text(addr, buf) : NULL);
}

static void
put_prefix(struct emit *e, const char *key, uint32_t addr, unsigned len)
{
	char buf[ADDR_TEXT_MAX];

	emit_printf(e, key, "%s/%u", addr_text(addr, buf), len);
}

static void
put_selectors(struct emit *e, const char *key, const struct selector *s, size_t n)
{
	char a[ADDR_TEXT_MAX], b[ADDR_TEXT_MAX];

	emit_list(e, key);
	for (size_t i = 0; i < n; i++) {
		emit_map(e, NULL);
		emit_string(e, "action", s[i].permit ? "permit" : "deny");
		emit_int(e, "protocol", s[i].proto);
		emit_printf(e, "source", "%s/%s", addr_text(s[i].src, a),
		            addr_text(s[i].src_mask, b));
		emit_printf(e, "destination", "%s/%s", addr_text(s[i].dst, a),
		            addr_text(s[i].dst_mask, b));
		if (s[i].sport)
			emit_int(e, "source_port", s[i].sport);
		if (s[i].dport)
			emit_int(e, "destination_port", s[i].dport);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_interfaces(struct emit *e, const struct policy *p)
{
	emit_list(e, "interfaces");
	for (size_t i = 0; i < p->n_interfaces; i++) {
		const struct policy_interface *on = &p->interfaces[i];

		emit_map(e, NULL);
		emit_string(e, "name", on->name);
		if (on->has_address)
			put_prefix(e, "address", on->addr, on->len);
		emit_bool(e, "shutdown", on->shutdown);
		if (on->nameif) {
			emit_string(e, "nameif", on->nameif);
			emit_int(e, "security_level", on->security_level);
		}
		if (on->acl_in)
			emit_string(e, "access_group_in", on->acl_in->name);
		if (on->acl_out)
			emit_string(e, "access_group_out", on->acl_out->name);
		if (on->crypto_map)
			emit_string(e, "crypto_map", on->crypto_map->name);
		emit_end(e);
	}
	emit_end(e);
	emit_list(e, "routes");
	for (size_t i = 0; i < p->n_routes; i++) {
		emit_map(e, NULL);
		put_prefix(e, "to", p->routes[i].to.addr, p->routes[i].to.len);
		put_addr(e, "via", p->routes[i].via);
		if (p->routes[i].interface)
			emit_string(e, "interface", p->routes[i].interface);
		emit_int(e, "distance", p->routes[i].distance);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_isakmp(struct emit *e, const struct policy *p)
{
	emit_bool(e, "isakmp_enabled", p->isakmp_enabled);
	emit_isakmp_policies(e, "isakmp_policies", p);
	emit_list(e, "keys_for");
	for (size_t i = 0; i < p->n_psks; i++)
		put_prefix(e, NULL, p->psks[i].addr, mask_len(p->psks[i].mask));
	emit_end(e);
}

static void
put_sas(struct emit *e, const struct policy_server *s)
{
	emit_list(e, "sa_ipsec");
	for (size_t i = 0; i < s->n_sas; i++) {
		const struct policy_sa *sa = &s->sas[i];

		emit_map(e, NULL);
		emit_int(e, "number", sa->number);
		emit_bool(e, "served", sa->n_selectors > 0);
		emit_string(e, "encryption", cipher_row(sa->suite.cipher)->name);
		emit_string(e, "authentication", hash_row(sa->suite.auth)->name);
		emit_string(e, "mode", sa->transport ? "transport" : "tunnel");
		emit_int(e, "lifetime_seconds", sa->lifetime);
		if (sa->window)
			emit_int(e, "replay_window_packets", sa->window);
		if (sa->time_window)
			emit_int(e, "replay_window_seconds", sa->time_window);
		put_selectors(e, "selectors", sa->selectors, sa->n_selectors);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_server(struct emit *e, const struct policy_server *s)
{
	const struct policy_rekey *r = &s->rekey;

	emit_map(e, "server");
	put_addr(e, "address", s->addr);
	if (s->authorization)
		emit_string(e, "authorization", s->authorization_name);
	emit_map(e, "rekey");
	emit_string(e, "rsa_key", r->rsa_label);
	emit_bool(e, "sent", r->configured);
	emit_string(e, "transport", r->unicast ? "unicast" : "multicast");
	if (!r->unicast)
		put_addr(e, "group_address", r->group_addr);
	emit_string(e, "encryption", cipher_row(r->cipher)->name);
	if (r->lkh)
		emit_string(e, "management_algorithm", "lkh");
	emit_string(e, "signature_hash", hash_row(r->sig_hash)->name);
	emit_int(e, "lifetime_seconds", r->lifetime);
	emit_int(e, "retransmit_seconds", r->retransmit_period);
	emit_int(e, "retransmit_number", r->retransmit_number);
	emit_end(e);
	emit_int(e, "sender_identifier_bits", s->sid_bits);
	put_sas(e, s);
	emit_end(e);
}

static void
put_member(struct emit *e, const struct policy_group *g)
{
	emit_list(e, "key_servers");
	for (size_t i = 0; i < g->n_servers; i++)
		put_addr(e, NULL, g->servers[i]);
	emit_end(e);
	emit_list(e, "registers_on");
	for (size_t i = 0; i < g->n_interfaces; i++) {
		const struct policy_group_interface *on = &g->interfaces[i];

		emit_map(e, NULL);
		emit_string(e, "interface", on->name);
		emit_string(e, "crypto_map", on->map);
		put_addr(e, "local_address", on->local_addr);
		put_selectors(e, "local_denies", on->deny, on->n_deny);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_groups(struct emit *e, const struct policy *p)
{
	emit_list(e, "groups");
	for (size_t i = 0; i < p->n_groups; i++) {
		const struct policy_group *g = &p->groups[i];

		emit_map(e, NULL);
		emit_string(e, "name", g->name);
		if (g->id.type == GROUP_ID_NUMBER)
			emit_int(e, "identity", g->id.value);
		else
			put_addr(e, "identity", g->id.value);
		if (g->local)
			put_server(e, &g->server);
		else
			put_member(e, g);
		emit_end(e);
	}
	emit_end(e);
}

static void
put_acls(struct emit *e, const struct policy *p)
{
	emit_list(e, "access_lists");
	for (size_t i = 0; i < p->n_acls; i++) {
		emit_map(e, NULL);
		emit_string(e, "name", p->acls[i].name);
		emit_list(e, "entries");
		for (size_t k = 0; k < p->acls[i].n_aces; k++) {
			emit_map(e, NULL);
			emit_int(e, "sequence", p->acls[i].aces[k].seq);
			emit_string(e, "entry", p->acls[i].aces[k].text);
			emit_end(e);
		}
		emit_end(e);
		emit_end(e);
	}
	emit_end(e);
}

void
check_write_policy(const struct check_file *files, size_t n, struct text *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct policy *p = files[i].policy;
		struct emit *e;

		if (n > 1)
			text_puts(out, "---\n");
		e = emit_new(EMIT_YAML, out);
		emit_map(e, NULL);
		emit_string(e, "file", files[i].path);
		emit_string(e, "hostname", p->hostname);
		emit_bool(e, "firewall", p->firewall);
		if (p->firewall) {
			emit_bool(e, "same_security_inter_interface", p->same_security_inter);
			emit_bool(e, "same_security_intra_interface", p->same_security_intra);
			emit_string(e, "access_group_global",
			            p->acl_global ? p->acl_global->name : NULL);
		}
		put_interfaces(e, p);
		put_acls(e, p);
		put_isakmp(e, p);
		put_groups(e, p);
		emit_free(e);
	}
}
