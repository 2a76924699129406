/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of it: see alike.h. */
#include "compiler/policy/alike.h"

#include "compiler/base/text.h"

static const char *const words[ALIKE_N] = {
    [ALIKE_AUTHENTICATION] = "rekey authentication",
    [ALIKE_MANAGEMENT] = "rekey management-algorithm",
    [ALIKE_TRANSPORT] = "rekey transport",
    [ALIKE_CIPHER] = "rekey algorithm",
    [ALIKE_SIG_HASH] = "rekey sig-hash algorithm",
    [ALIKE_REKEY_LIFETIME] = "rekey lifetime",
    [ALIKE_ADDRESS] = "rekey address",
    [ALIKE_DELAY] = "rekey delay",
    [ALIKE_ACKNOWLEDGEMENT] = "rekey acknowledgement",
    [ALIKE_SIZE] = "group size",
    [ALIKE_AUTHORIZATION] = "authorization",
    [ALIKE_SAS] = "the number of sa ipsec",
    [ALIKE_TRANSFORM] = "transform-set",
    [ALIKE_LIFETIME] = "security-association lifetime",
    [ALIKE_REPLAY] = "replay",
    [ALIKE_RECEIVE_ONLY] = "sa receive-only",
    [ALIKE_MATCH] = "match address",
};

struct walk {
	policy_alike_setting *setting;
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
end_setting(struct walk *w, enum alike which)
{
	w->setting(w->arg, which, SPAN(w->value.p ? w->value.p : "", w->value.n));
	text_clear(&w->value);
}

static void
put_setting(struct walk *w, enum alike which, uint32_t value)
{
	put_u32(w, value);
	end_setting(w, which);
}

static void
walk_rekey(struct walk *w, const struct policy_rekey *r)
{
	put_u32(w, r->shared);
	put_setting(w, ALIKE_AUTHENTICATION, r->rsa_label != NULL || r->configured);
	put_setting(w, ALIKE_MANAGEMENT, r->lkh);
	put_setting(w, ALIKE_TRANSPORT, r->unicast);
	put_name(w, cipher_row(r->cipher)->name);
	end_setting(w, ALIKE_CIPHER);
	put_name(w, hash_row(r->sig_hash)->name);
	end_setting(w, ALIKE_SIG_HASH);
	put_setting(w, ALIKE_REKEY_LIFETIME, r->lifetime);
	put_u32(w, r->group_port);
	put_setting(w, ALIKE_ADDRESS, r->group_addr);
	put_u32(w, r->activation);
	put_setting(w, ALIKE_DELAY, r->deactivation);
	put_setting(w, ALIKE_ACKNOWLEDGEMENT, r->acks);
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
	put_setting(w, ALIKE_TRANSFORM, sa->transport);
	put_setting(w, ALIKE_LIFETIME, sa->lifetime);
	put_u32(w, sa->window);
	put_setting(w, ALIKE_REPLAY, sa->time_window);
	put_setting(w, ALIKE_RECEIVE_ONLY, sa->receive_only);
	for (size_t i = 0; i < sa->n_selectors; i++)
		put_selector(w, &sa->selectors[i]);
	end_setting(w, ALIKE_MATCH);
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
	end_setting(w, ALIKE_AUTHORIZATION);
}

void
policy_alike(const struct policy_server *s, policy_alike_setting *setting, void *arg)
{
	struct walk w = {.setting = setting, .arg = arg, .value = TEXT_INIT};

	walk_rekey(&w, &s->rekey);
	put_setting(&w, ALIKE_SIZE, s->sid_bits);
	walk_authorization(&w, s);
	put_setting(&w, ALIKE_SAS, (uint32_t)s->n_sas);
	for (size_t i = 0; i < s->n_sas; i++)
		walk_sa(&w, &s->sas[i]);
	text_fini(&w.value);
}

const char *
alike_words(enum alike which)
{
	return words[which];
}

void
alike_put(struct text *t, uint32_t set)
{
	bool first = true;

	for (unsigned i = 0; i < ALIKE_N; i++) {
		if (!(set & 1u << i))
			continue;
		text_printf(t, "%s%s", first ? "" : ", ", words[i]);
		first = false;
		if (i == ALIKE_SAS)
			break;
	}
}
