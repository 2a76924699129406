/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key pair that signs rekeys, as one of several servers has it. Where it is `shared` the store
 * has it, from the leader, who writes it in the transaction that brings the first KEK signed with
 * it. So the record is always of the KEK that members hold: another one was put there by somebody
 * else, an older one that is put back, say, and nobody takes it over.
 *
 *            another label is typed          the KEK that is signed
 *            on the leader                   with it is made
 *   signer ------------------------> next ------------------------> signer
 */
#include <string.h>

#include "runtime/core/core_priv.h"
#include "runtime/core/ks.h"
#include "runtime/crypto/sig.h"

const struct rsa_key *
ks_coop_signer(const struct ks *ks)
{
	return ks->coop.leads && ks->coop.next_signer ? ks->coop.next_signer : ks->coop.signer;
}

bool
ks_coop_lacks_signer(const struct ks *ks)
{
	return ks->coop.on && ks->cfg->server.rekey.rsa_label && !ks_rsa_key(ks);
}

/* --- what the store has ----------------------------------------------------------------------- */

static void
note_wrong(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (!k->signer_wrong)
		LOG(&ks->core->env.log, COOP_SIGNER_LOST, ks_name(ks));
	k->signer_wrong = true;
}

/*
 * A store that has lost the key, or has it torn, takes it from nobody who knows it. A KEK that was
 * taken over before its signer has one now.
 */
static void
take_signer(struct ks *ks, const struct store_record *r)
{
	struct ks_coop *k = &ks->coop;
	struct rsa_key *found = r->value.p ? rsa_key_from_pem(r->value) : NULL;
	const bool wrong = found && ks->kek.present && !ks_kek_is_signed_with(ks, found);
	const bool due = k->leads && !k->signer_there; /* its own is about to be written */

	k->signer_there = (found && !wrong) || (r->value.p && !found && !k->signer);
	if (r->value.p && !found)
		LOG(&ks->core->env.log, STORE_UNREADABLE, ks_name(ks),
		    store_error_text(-STORE_TORN), "the key that signs rekeys is not taken over");
	if (wrong && ks->cfg->server.rekey.shared && !due)
		note_wrong(ks);
	if (!found || wrong) {
		rsa_key_free(found);
		return;
	}
	k->signer_wrong = false;
	rsa_key_free(k->signer);
	k->signer = found;
	if (ks->kek.present && !ks->kek.signer)
		ks_restore_signer(ks);
}

/* Nobody else is to wonder, long after, why the pair changes. */
static void
drop_next(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (!k->next_signer || !k->leader || k->leader == ks->cfg->server.addr)
		return;
	rsa_key_free(k->next_signer);
	k->next_signer = NULL;
	if (ks->cfg->server.rekey.rsa_label)
		LOG(&ks->core->env.log, COOP_SIGNER_KEPT, ks_name(ks),
		    ks->cfg->server.rekey.rsa_label);
}

/* Was it read before what this server has written since? */
static bool
is_from_before(const struct ks_coop *k, const struct store_record *r, const struct ks_look *look)
{
	return ks_look_is_older(look, r, k->signer_saved, k->signer_revision);
}

/* After the keys, which tell what is right. */
void
ks_coop_take_signer(struct ks *ks, const struct ks_look *look)
{
	const struct store_record none = {.name = "", .revision = keep_load_revision(look->found)};
	bool found = false;

	drop_next(ks);
	for (size_t i = 0; i < keep_load_count(look->found); i++) {
		struct store_record r = keep_load_at(look->found, i);

		if (!ks_save_is_signer(ks, r.name))
			continue;
		found = true;
		if (!is_from_before(&ks->coop, &r, look))
			take_signer(ks, &r);
	}
	if (look->whole && !found && !is_from_before(&ks->coop, &none, look))
		take_signer(ks, &none);
}

/* --- and what it is to have ------------------------------------------------------------------- */

bool
ks_coop_wants_signer(const struct ks *ks)
{
	const struct ks_coop *k = &ks->coop;
	const struct rsa_key *key = ks_rsa_key(ks);

	return k->leads && ks->cfg->server.rekey.shared && !k->signer_there && key &&
	       (!ks->kek.present || ks_kek_is_signed_with(ks, key));
}

void
ks_coop_put_signer(struct ks *ks, struct keep_batch *b)
{
	char name[KS_NAME_MAX];
	struct secret pem = {0};

	ks->coop.signer_writing = ks_coop_wants_signer(ks);
	if (!ks->coop.signer_writing)
		return;
	rsa_key_private_pem(ks_rsa_key(ks), &pem);
	ks_save_name(&ks->id, name, "signer");
	keep_put(b, name, secret_span(&pem));
	secret_fini(&pem);
}

void
ks_coop_signer_saved(struct ks *ks, uint64_t revision)
{
	struct ks_coop *k = &ks->coop;

	if (k->signer_writing) {
		rsa_key_free(k->next_signer);
		k->next_signer = NULL;
		k->signer_there = true;
		k->signer_wrong = false;
		k->signer_saved = ks->save.saves;
		k->signer_revision = revision;
	}
	k->signer_writing = false;
}

/* --- another one ------------------------------------------------------------------------------ */

void
ks_coop_signer_typed(struct ks *ks, const struct policy_rekey *old)
{
	const struct core_env *env = &ks->core->env;
	const struct policy_rekey *r = &ks->cfg->server.rekey;
	const struct rsa_key *key;

	if (!ks->coop.leads || !ks->coop.signer || !r->shared || !r->rsa_label || !old->rsa_label ||
	    !strcmp(r->rsa_label, old->rsa_label) || !env->rsa_key)
		return;
	key = env->rsa_key(env->arg, r->rsa_label);
	if (!key) {
		LOG(&env->log, COOP_SIGNER_KEPT, ks_name(ks), r->rsa_label);
		return;
	}
	rsa_key_free(ks->coop.next_signer);
	ks->coop.next_signer = rsa_key_ref(key);
}

void
ks_coop_signer_made(struct ks *ks)
{
	struct ks_coop *k = &ks->coop;

	if (!k->leads || !k->next_signer || !ks->kek.present)
		return;
	rsa_key_free(k->signer);
	k->signer = rsa_key_ref(k->next_signer);
	k->signer_there = false;
}

void
ks_coop_signer_came(struct ks *ks)
{
	if (!ks->coop.on || ks->coop.leads || !ks->kek.present)
		return;
	for (int i = 0; i <= KS_OLDER; i++) {
		struct ks_kek *kek = i ? &ks->older[i - 1] : &ks->kek;

		rsa_key_free(kek->signer);
		kek->signer = NULL;
	}
	ks_restore_signer(ks);
}

void
ks_coop_signer_fini(struct ks_coop *k)
{
	rsa_key_free(k->signer);
	rsa_key_free(k->next_signer);
	k->signer = k->next_signer = NULL;
}
