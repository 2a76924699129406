/* SPDX-License-Identifier: Apache-2.0 */
/* `show processes`, `show memory`: what the program has of the machine. */
#include "cli/show/structured.h"

#include <inttypes.h>
#include <malloc.h>
#include <unistd.h>

#include "runtime/base/cpu.h"

/* --- processor -------------------------------------------------------------------------------- */

static void
put_utilization(struct text *t, const struct cpu_usage *u)
{
	text_printf(t,
	            "CPU utilization for five seconds: %u%%/0%%; one minute: %u%%; five minutes: "
	            "%u%%\n",
	            u->five_seconds, u->one_minute, u->five_minutes);
}

/* One row: all of the program is one process. */
void
cmd_show_processes(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	struct cpu_usage u = cpu_usage();

	(void)cmd;
	put_utilization(&s.text, &u);
	text_puts(&s.text,
	          " PID Runtime(ms)     Invoked      uSecs   5Sec   1Min   5Min TTY Process \n");
	text_printf(&s.text,
	            "%4ld %11" PRIu64 " %11" PRIu64 " %10" PRIu64
	            " %5.2f%% %5.2f%% %5.2f%%   0 Testudo          \n",
	            (long)getpid(), u.spent, u.switches,
	            u.switches ? u.spent * 1000 / u.switches : 0, (double)u.five_seconds,
	            (double)u.one_minute, (double)u.five_minutes);
	showing_end(&s);
}

/* --- memory ----------------------------------------------------------------------------------- */

struct pool {
	uint64_t total, used, free;
};

static struct pool
pool_of_machine(void)
{
	const struct show_machine m = show_machine();

	return (struct pool){m.memory, m.memory - m.free, m.free};
}

/* What the program has taken of it. */
static struct pool
pool_of_heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return (struct pool){m.arena + m.hblkhd, m.uordblks + m.hblkhd, m.fordblks};
}

/* The least and the largest that was free is not kept: 0. */
static void
put_pool(struct text *t, const char *name, struct pool p)
{
	text_printf(t, "%-9s %8s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 " %12d %12d\n", name, "-",
	            p.total, p.used, p.free, 0, 0);
}

void
cmd_show_memory(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);

	(void)cmd;
	text_puts(&s.text,
	          "              Head     Total(b)      Used(b)      Free(b)    Lowest(b)   "
	          "Largest(b)\n");
	put_pool(&s.text, "Processor", pool_of_machine());
	put_pool(&s.text, "Testudo", pool_of_heap());
	showing_end(&s);
}

void
cmd_show_processes_memory(struct shell *sh, const struct command *cmd)
{
	struct showing s = showing_start(sh);
	struct pool machine = pool_of_machine(), heap = pool_of_heap();

	(void)cmd;
	text_printf(&s.text,
	            "Processor Pool Total: %10" PRIu64 " Used: %10" PRIu64 " Free: %10" PRIu64
	            "\n\n",
	            machine.total, machine.used, machine.free);
	text_puts(&s.text,
	          " PID TTY  Allocated      Freed    Holding    Getbufs    Retbufs Process\n");
	text_printf(&s.text,
	            "%4ld   0 %10" PRIu64 " %10" PRIu64 " %10" PRIu64
	            "          0          0 Testudo\n",
	            (long)getpid(), heap.total, heap.free, heap.used);
	showing_end(&s);
}

/* --- for scripts ------------------------------------------------------------------------------ */

static void
put_processes(struct showing *s, struct emit *e)
{
	struct cpu_usage u = cpu_usage();

	(void)s;
	emit_int(e, "process_id", (int64_t)getpid());
	emit_int(e, "five_seconds_percent", u.five_seconds);
	emit_int(e, "one_minute_percent", u.one_minute);
	emit_int(e, "five_minutes_percent", u.five_minutes);
	emit_int(e, "runtime_milliseconds", (int64_t)u.spent);
	emit_int(e, "invoked", (int64_t)u.switches);
}

static void
emit_pool(struct emit *e, const char *key, struct pool p)
{
	emit_map(e, key);
	emit_int(e, "total_bytes", (int64_t)p.total);
	emit_int(e, "used_bytes", (int64_t)p.used);
	emit_int(e, "free_bytes", (int64_t)p.free);
	emit_end(e);
}

static void
put_memory(struct showing *s, struct emit *e)
{
	(void)s;
	emit_pool(e, "processor", pool_of_machine());
	emit_pool(e, "testudo", pool_of_heap());
}

const struct command_view structured_process[] = {
    {.handler = H_SHOW_PROCESSES, .put = put_processes},
    {.handler = H_SHOW_PROCESSES_MEMORY, .put = put_memory},
    {.handler = H_SHOW_MEMORY, .put = put_memory},
    {.put = NULL},
};
