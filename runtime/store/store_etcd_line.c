/* SPDX-License-Identifier: Apache-2.0 */
/* Handles of libcurl: see store_etcd_line.h. */
#include "runtime/store/store_etcd_line.h"

#include <stdlib.h>
#include <time.h>

/* Milliseconds until a call is looked at: most have an answer by then. */
#define LOOK_FIRST 250
#define LOOK_AGAIN 150

msec
etcd_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (msec)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
etcd_lines_init(struct etcd_lines *lines)
{
	pthread_mutex_init(&lines->lock, NULL);
}

static void
line_free(struct etcd_line line)
{
	curl_easy_cleanup(line.easy);
	curl_multi_cleanup(line.multi);
}

void
etcd_lines_fini(struct etcd_lines *lines)
{
	while (lines->n_idle)
		line_free(lines->idle[--lines->n_idle]);
	pthread_mutex_destroy(&lines->lock);
}

struct etcd_line
etcd_line_take(struct etcd_lines *lines)
{
	struct etcd_line line = {0};

	pthread_mutex_lock(&lines->lock);
	if (lines->n_idle)
		line = lines->idle[--lines->n_idle];
	pthread_mutex_unlock(&lines->lock);
	if (!line.easy) {
		line.easy = curl_easy_init();
		line.multi = curl_multi_init();
	}
	if (!line.easy || !line.multi)
		abort(); /* as x_alloc: there is no memory */
	curl_easy_reset(line.easy);
	return line;
}

void
etcd_line_give(struct etcd_lines *lines, struct etcd_line line)
{
	pthread_mutex_lock(&lines->lock);
	if (lines->n_idle < ARRAY_SIZE(lines->idle)) {
		lines->idle[lines->n_idle++] = line;
		line = (struct etcd_line){0};
	}
	pthread_mutex_unlock(&lines->lock);
	if (line.easy)
		line_free(line);
}

static CURLcode
line_result(struct etcd_line line)
{
	int left;
	const CURLMsg *message = curl_multi_info_read(line.multi, &left);

	return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_RECV_ERROR;
}

CURLcode
etcd_line_call(struct etcd_line line, bool (*hopeless)(void *arg), void *arg)
{
	msec look = etcd_now() + LOOK_FIRST;
	CURLcode code = CURLE_OK;
	int running = 1;

	curl_multi_add_handle(line.multi, line.easy);
	while (!code && !curl_multi_perform(line.multi, &running) && running) {
		msec left = look - etcd_now();

		if (left <= 0 && hopeless && hopeless(arg))
			code = CURLE_ABORTED_BY_CALLBACK;
		else if (left <= 0)
			look = etcd_now() + LOOK_AGAIN;
		else
			curl_multi_poll(line.multi, NULL, 0, (int)left, NULL);
	}
	if (!code)
		code = line_result(line);
	curl_multi_remove_handle(line.multi, line.easy);
	return code;
}
