/* SPDX-License-Identifier: Apache-2.0 */
/* A treap over borrowed links: see order.h. */
#include "compiler/tree/order.h"

/* splitmix64: neighbouring keys get unrelated priorities, so sorted input does not make a list. */
static uint64_t
priority_of(const struct order_link *link)
{
	uint64_t z = link->key + 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Cuts a treap into what lies below key and the rest. */
static void
split_treap(struct order_link *from, uint64_t key, struct order_link **below,
            struct order_link **rest)
{
	while (from) {
		if (from->key < key) {
			*below = from;
			below = &from->right;
			from = from->right;
		} else {
			*rest = from;
			rest = &from->left;
			from = from->left;
		}
	}
	*below = *rest = NULL;
}

void
order_add(struct order_link **root, struct order_link *link)
{
	struct order_link *rest;

	while (*root && priority_of(*root) >= priority_of(link))
		root = link->key < (*root)->key ? &(*root)->left : &(*root)->right;
	rest = *root;
	*root = link;
	split_treap(rest, link->key, &link->left, &link->right);
}

void
order_remove(struct order_link **root, struct order_link *link)
{
	struct order_link *a = link->left, *b = link->right;

	while (*root != link)
		root = link->key < (*root)->key ? &(*root)->left : &(*root)->right;
	while (a && b) {
		if (priority_of(a) >= priority_of(b)) {
			*root = a;
			root = &a->right;
			a = a->right;
		} else {
			*root = b;
			root = &b->left;
			b = b->left;
		}
	}
	*root = a ? a : b;
}

struct order_link *
order_below(struct order_link *root, uint64_t key)
{
	struct order_link *found = NULL;

	while (root) {
		if (root->key < key) {
			found = root;
			root = root->right;
		} else {
			root = root->left;
		}
	}
	return found;
}

struct order_link *
order_from(struct order_link *root, uint64_t key)
{
	struct order_link *found = NULL;

	while (root) {
		if (root->key >= key) {
			found = root;
			root = root->left;
		} else {
			root = root->right;
		}
	}
	return found;
}

struct order_link *
order_last(struct order_link *root)
{
	while (root && root->right)
		root = root->right;
	return root;
}
