/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of it: see alike.h. */
#include "compiler/policy/alike.h"

#include "compiler/base/text.h"

struct walk {
	policy_alike_line *line;
	void *arg;
	struct text value;
};

static void
put_u32(struct walk *w, uint32_t n)
{
	const char octets[] = {(char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n};

	text_add(&w->value, octets, sizeof(octets));
}

/* With its end, so that two of them are not one. */
static void
put_name(struct walk *w, const char *name)
{
	text_puts(&w->value, name);
	put_u32(w, 0);
}

static void
end_line(struct walk *w, const char *line)
{
	w->line(w->arg, line, SPAN(w->value.p ? w->value.p : "", w->value.n));
	text_clear(&w->value);
}

static void
put_line(struct walk *w, const char *line, uint32_t value)
{
	put_u32(w, value);
	end_line(w, line);
}

static void
walk_rekey(struct walk *w, const struct policy_rekey *r)
{
	put_line(w, "rekey authentication", r->rsa_label != NULL || r->configured);
	put_line(w, "rekey management-algorithm", r->lkh);
	put_line(w, "rekey transport", r->unicast);
	put_name(w, cipher_row(r->cipher)->name);
	end_line(w, "rekey algorithm");
	put_name(w, hash_row(r->sig_hash)->name);
	end_line(w, "rekey sig-hash algorithm");
	put_line(w, "rekey lifetime", r->lifetime);
	put_u32(w, r->group_port);
	put_line(w, "rekey address", r->group_addr);
	put_u32(w, r->activation);
	put_line(w, "rekey delay", r->deactivation);
	put_line(w, "rekey acknowledgement", r->acks);
}

static void
put_selector(struct walk *w, const struct selector *s)
{
	put_u32(w, (uint32_t)s->permit << 8 | s->proto);
	put_u32(w, s->src);
	put_u32(w, s->src_mask);
	put_u32(w, s->dst);
	put_u32(w, s->dst_mask);
	put_u32(w, (uint32_t)s->sport << 16 | s->dport);
}

static void
walk_sa(struct walk *w, const struct policy_sa *sa)
{
	put_name(w, cipher_row(sa->suite.cipher)->name);
	put_name(w, hash_row(sa->suite.auth)->name);
	put_line(w, "transform-set", sa->transport);
	put_line(w, "security-association lifetime", sa->lifetime);
	put_u32(w, sa->window);
	put_line(w, "replay", sa->time_window);
	put_line(w, "sa receive-only", sa->receive_only);
	for (size_t i = 0; i < sa->n_selectors; i++)
		put_selector(w, &sa->selectors[i]);
	end_line(w, "match address");
}

static void
put_names(struct walk *w, const char *const *names, size_t n)
{
	put_u32(w, (uint32_t)n);
	for (size_t i = 0; i < n; i++)
		put_name(w, names[i]);
}

/* Who may join; a member that one server turns away registers with the next. */
static void
walk_authorization(struct walk *w, const struct policy_server *s)
{
	const struct policy_acl *list = s->authorized;
	const struct policy_identity *who = s->authorized_identity;

	put_u32(w, (uint32_t)s->authorization << 2 | (uint32_t) !!list << 1 | !!who);
	for (size_t i = 0; list && i < list->n_aces; i++) {
		put_u32(w, list->aces[i].permit);
		put_u32(w, list->aces[i].src);
		put_u32(w, list->aces[i].src_mask);
	}
	if (who) {
		put_names(w, who->dns, who->n_dns);
		put_names(w, who->fqdns, who->n_fqdns);
	}
	end_line(w, "authorization");
}

void
policy_alike(const struct policy_server *s, policy_alike_line *line, void *arg)
{
	struct walk w = {.line = line, .arg = arg, .value = TEXT_INIT};

	walk_rekey(&w, &s->rekey);
	put_line(&w, "group size", s->sid_bits);
	walk_authorization(&w, s);
	put_line(&w, ALIKE_SAS, (uint32_t)s->n_sas);
	for (size_t i = 0; i < s->n_sas; i++)
		walk_sa(&w, &s->sas[i]);
	text_fini(&w.value);
}
