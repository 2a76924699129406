/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside runtime/store only: handles of libcurl that keep their connections between calls, and a
 * call that somebody looks at while it waits for its answer.
 */
#ifndef TESTUDO_STORE_ETCD_LINE_H
#define TESTUDO_STORE_ETCD_LINE_H

#include <curl/curl.h>
#include <pthread.h>

#include "compiler/base/base.h"

struct etcd_line {
	CURL *easy; /* as after curl_easy_reset where it was taken */
	CURLM *multi;
};

struct etcd_lines {
	pthread_mutex_t lock;
	size_t n_idle;
	struct etcd_line idle[16]; /* that wait for their next call */
};

void etcd_lines_init(struct etcd_lines *lines);
void etcd_lines_fini(struct etcd_lines *lines);

/* Any thread may take one, and gives it back when its call is over. */
struct etcd_line etcd_line_take(struct etcd_lines *lines);
void etcd_line_give(struct etcd_lines *lines, struct etcd_line line);

/*
 * Carries out the call that line.easy is set up for. While it has no answer `hopeless`, if there is
 * one, is asked several times a second; CURLE_ABORTED_BY_CALLBACK: it said yes.
 */
CURLcode etcd_line_call(struct etcd_line line, bool (*hopeless)(void *arg), void *arg);

/* Milliseconds by the clock that nobody sets. */
msec etcd_now(void);

#endif
