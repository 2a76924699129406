/* SPDX-License-Identifier: Apache-2.0 */
/* See lab_main.h. */
#include "cli/app/lab_main.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/app/keep_offer.h"
#include "cli/app/run_cage.h"
#include "cli/app/run_options.h"
#include "cli/files/host_file.h"
#include "cli/frr/frr_speaker.h"
#include "cli/lab/lab.h"
#include "cli/lab/lab_keep.h"
#include "cli/lab/lab_keeper.h"
#include "cli/lab/lab_live.h"
#include "cli/lab/lab_views.h"
#include "cli/lab/player.h"
#include "cli/lab/transcript.h"
#include "cli/tools/usage.h"
#include "compiler/base/text.h"
#include "runtime/crypto/random.h"

#define LAB_HELP  "testudo lab --help"
#define HELP      "testudo --help"
#define LAB_PAGES "testudo help samples, testudo help lab" /* what a lab and its documents hold */

/* Exit statuses: a lab that failed, and one that could not be started. */
enum { EXIT_FAILED = 1 };

#define DAY (INT64_C(86400) * 1000)

const char lab_help[] =
    "Usage: testudo lab LAB.yaml|FOLDER [OPTION]...\n"
    "\n"
    "Brings up the lab that LAB.yaml describes: routers and links in a virtual network. A FOLDER\n"
    "is its lab.yaml, and plays lab.txt and verify.txt in it where no --play is given.\n"
    "\n"
    "  --play FILE         type the lines of FILE that have a router's prompt, check what its\n"
    "                      \"!@ expect\" lines say; several are played in order; - is stdin\n"
    "  --compare           hold what follows commands in the documents, as their author saw it,\n"
    "                      against what is shown here; status 1 when it differs\n"
    "  --pcap DIR          write a capture of every link into DIR\n"
    "  --telnet-base PORT  the first node's console is at 127.0.0.1 port PORT, the next one's at\n"
    "                      PORT+1 and so on (2001 when left out); 0: any free ports\n"
    "  --ssh-base PORT     likewise by ssh (22001 when left out; 0 where --telnet-base is 0)\n"
    "  --sockets DIR       for testudo sh a way in without ssh or telnet: the socket DIR/R1 of "
    "R1;\n"
    "                      DIR is the user's alone\n"
    "  --netns             nodes in network namespaces of this machine (root), in real time\n"
    "  --dataplane KIND    there: auto, xfrm (the kernel's ESP) or esp (our own)\n"
    "  --export FILE       at the end write the lab as it then is, every node's configuration and\n"
    "                      keys, into FILE, from which it can be started again\n"
    "  --keep DIR          keep what \"write memory\" saves and what is in flash: of each node, "
    "in\n"
    "                      DIR, and start with what is there\n"
    "  --graph FORMAT      print a drawing, dot (Graphviz) or mermaid, and end\n"
    "  --inventory         print an inventory for Ansible, and end\n"
    "  --import            LAB.yaml is a topology of containerlab: print it as a lab, and end\n"
    "  --seed N            the seed of all that is random: same seed, same bytes, but for\n"
    "                      what tells of this machine (show version, processes, memory) and,\n"
    "                      where LAB.yaml has no clock, of the day\n"
    "  --no-cage           keep every right and system call: to look for a fault\n"
    "\n"
    "With --play and no terminal on stdin, time is virtual: the documents are played as fast as\n"
    "it goes, and the status is 0 when every command was taken and every check held, else 1.\n"
    "On a terminal the lab then goes live: the terminal is the first node's console, `exit`\n"
    "ends a session there, and Ctrl-D where there is none ends the lab. Without --play and\n"
    "terminal it is live until SIGTERM or SIGINT.\n"
    "\n"
    "  testudo run --help  another command: this machine is a router\n"
    "  testudo sh --help   a terminal, a command or a script for a router of this machine\n"
    "  testudo check FILE  what is wrong with configurations; testudo explain ID: why\n"
    "  testudo convert FILE --to yaml|ios   between IOS text and YAML; testudo schema: its keys\n"
    "  testudo help        the manual, page by page; testudo help SUBJECT\n"
    "  testudo --help      this text\n"
    "  testudo --version   the version\n";

/* What is printed of a lab that is not brought up. */
enum view { VIEW_NONE, VIEW_DOT, VIEW_MERMAID, VIEW_INVENTORY, VIEW_IMPORT };

#define FOLDER_PARTS 3

struct options {
	enum view view;
	const char *lab, *pcap, *export, *keep, *sockets;
	size_t n_plays;
	const char **plays;
	char *parts[FOLDER_PARTS]; /* files of a folder that was named instead of a lab */
	unsigned long telnet_base, ssh_base;
	bool ssh_given;
	bool seeded;
	uint64_t seed;
	bool netns, no_cage, compare;
	enum linux_dataplane dataplane;
};

/* --- the command line ------------------------------------------------------------------------- */

static bool
parse_number(const char *s, uint64_t max, uint64_t *ret)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(s, &end, 10);
	if (*s < '0' || *s > '9' || *end || errno || value > max)
		return false;
	*ret = value;
	return true;
}

/* Is argv[*i] this option? Its value, as "--name VALUE" or "--name=VALUE"; NULL: it has none. */
static bool
is_option(const char *name, int argc, char **argv, int *i, const char **ret_value)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n) != 0)
		return false;
	if (argv[*i][n] == '=')
		*ret_value = argv[*i] + n + 1;
	else if (argv[*i][n])
		return false;
	else
		*ret_value = *i + 1 < argc ? argv[++*i] : NULL;
	return true;
}

static bool
parse_graph(const char *name, enum view *ret)
{
	if (strcmp(name, "dot") == 0)
		*ret = VIEW_DOT;
	else if (strcmp(name, "mermaid") == 0)
		*ret = VIEW_MERMAID;
	else
		return false;
	return true;
}

/* A folder is the lab in it, and its documents where no other is named. */
static void
open_folder(struct options *o)
{
	static const char *const parts[FOLDER_PARTS] = {"lab.yaml", "lab.txt", "verify.txt"};
	bool plays = o->n_plays > 0;
	struct stat st;

	if (stat(o->lab, &st) || !S_ISDIR(st.st_mode))
		return;
	for (size_t i = 0; i < FOLDER_PARTS; i++) {
		o->parts[i] = x_asprintf("%s/%s", o->lab, parts[i]);
		if (i && !plays && access(o->parts[i], R_OK) == 0)
			o->plays[o->n_plays++] = o->parts[i];
	}
	o->lab = o->parts[0];
}

static void
options_fini(struct options *o)
{
	for (size_t i = 0; i < FOLDER_PARTS; i++)
		free(o->parts[i]);
	free(o->plays);
}

static int
parse_options(int argc, char **argv, struct options *o)
{
	uint64_t number = 0;

	o->telnet_base = LAB_TELNET_BASE;
	o->ssh_base = LAB_SSH_BASE;
	o->plays = x_alloc(((size_t)argc + FOLDER_PARTS) * sizeof(*o->plays));
	for (int i = 2; i < argc; i++) {
		const char *name = argv[i], *value = "";

		if (is_option("--play", argc, argv, &i, &value)) {
			o->plays[o->n_plays++] = value;
		} else if (is_option("--pcap", argc, argv, &i, &value)) {
			o->pcap = value;
		} else if (is_option("--export", argc, argv, &i, &value)) {
			o->export = value;
		} else if (is_option("--keep", argc, argv, &i, &value)) {
			o->keep = value;
		} else if (is_option("--sockets", argc, argv, &i, &value)) {
			o->sockets = value;
		} else if (is_option("--telnet-base", argc, argv, &i, &value)) {
			if (value && !parse_number(value, 65535, &number))
				return usage_error(
				    HELP, "--telnet-base takes a port, 0 to 65535, not \"%s\"",
				    value);
			o->telnet_base = (unsigned long)number;
		} else if (is_option("--ssh-base", argc, argv, &i, &value)) {
			if (value && !parse_number(value, 65535, &number))
				return usage_error(
				    HELP, "--ssh-base takes a port, 0 to 65535, not \"%s\"", value);
			o->ssh_base = (unsigned long)number;
			o->ssh_given = true;
		} else if (is_option("--seed", argc, argv, &i, &value)) {
			if (value && !parse_number(value, UINT64_MAX, &o->seed))
				return usage_error(HELP, "--seed takes a number, not \"%s\"",
				                   value);
			o->seeded = true;
		} else if (is_option("--dataplane", argc, argv, &i, &value)) {
			if (value && !run_dataplane(value, &o->dataplane))
				return usage_error(
				    HELP, "--dataplane is auto, xfrm or esp, not \"%s\"", value);
		} else if (is_option("--graph", argc, argv, &i, &value)) {
			if (!value || !parse_graph(value, &o->view))
				return usage_error(LAB_HELP,
				                   "--graph is dot or mermaid, not \"%s\"",
				                   value ? value : "");
		} else if (strcmp(name, "--inventory") == 0) {
			o->view = VIEW_INVENTORY;
		} else if (strcmp(name, "--import") == 0) {
			o->view = VIEW_IMPORT;
		} else if (strcmp(name, "--netns") == 0) {
			o->netns = true;
		} else if (strcmp(name, "--compare") == 0) {
			o->compare = true;
		} else if (strcmp(name, "--no-cage") == 0) {
			o->no_cage = true;
		} else if (*name == '-') {
			return usage_error(HELP, "there is no option %s", name);
		} else if (o->lab) {
			return usage_error(HELP, "one lab at a time: %s, then %s", o->lab, name);
		} else {
			o->lab = name;
		}
		if (!value)
			return usage_error(HELP, "%s takes a value", name);
	}
	if (!o->telnet_base && !o->ssh_given)
		o->ssh_base = 0;
	if (o->lab)
		open_folder(o);
	if (o->compare && !o->n_plays)
		return usage_error(HELP, "--compare which document? --play FILE names it");
	return o->lab ? 0 : usage_error(HELP, "which lab? testudo lab LAB.yaml");
}

/* --- files ------------------------------------------------------------------------------------ */

static void
tell_diags(const char *path, const struct diag_list *diags)
{
	for (size_t i = 0; i < diags->n; i++) {
		const struct diag *d = &diags->items[i];

		fprintf(stderr, "%s:%u:%u: %s: %s", path, d->line, d->column,
		        severity_text(d->severity), d->message);
		if (*d->suggest)
			fprintf(stderr, " (did you mean \"%s\"?)", d->suggest);
		fputc('\n', stderr);
	}
}

static struct lab_spec *
read_lab(const char *path)
{
	struct text text = TEXT_INIT;
	struct lab_spec *spec = NULL;
	struct diag_list diags;

	diag_list_init(&diags);
	if (host_file_read(path, LAB_FILE_MAX, &text))
		spec = lab_spec_parse(path, text_string(&text), text.n, &diags);
	tell_diags(path, &diags);
	diag_list_fini(&diags);
	text_fini(&text);
	return spec;
}

/* NULL after saying what is wrong. */
static struct transcript *
read_transcript(const char *path)
{
	struct text text = TEXT_INIT;
	struct transcript *t = NULL;

	if (host_file_read(path, TRANSCRIPT_SIZE_MAX, &text))
		t = transcript_parse(strcmp(path, "-") == 0 ? "stdin" : path, text_string(&text),
		                     text.n);
	text_fini(&text);
	for (size_t i = 0; t && i < t->n_errors; i++)
		fprintf(stderr, "%s:%u: error: %s\n", t->file, t->errors[i].line,
		        t->errors[i].message);
	if (t && t->n_errors) {
		transcript_free(t);
		t = NULL;
	}
	return t;
}

/* --- the lab ---------------------------------------------------------------------------------- */

struct run {
	const struct options *options;
	struct lab_spec *spec;
	struct transcript **transcripts; /* as many as plays */
	struct lab_live *loop;
	struct lab *lab;
	struct keep_offer *offer;  /* of a lab at a terminal that keeps nothing; else NULL */
	struct lab_keeper *keeper; /* of one in namespaces; else NULL */
	int speaker;               /* there: the line to who runs FRR; -1: none */
	unsigned startup_refused;
	bool live;
	struct lab_live_options consoles; /* of a live lab */
};

/* lab_options has one arg for its three functions. */
static void
submit_job(void *arg, struct node *node, struct job *job)
{
	lab_live_submit(((struct run *)arg)->loop, node, job);
}

static void
on_touched(void *arg, struct router *router)
{
	lab_live_touched(((struct run *)arg)->loop, router);
}

static void
on_refused(void *arg, const char *node, const char *file, unsigned line, const char *text)
{
	struct run *r = arg;

	r->startup_refused++;
	if (file && !line)
		fprintf(stderr, "%s: error: %s starts without it: %s", file, node, text);
	else
		fprintf(stderr, "%s:%u: error: %s refuses its startup line:\n%s",
		        file ? file : r->spec->file, line, node, text);
}

static void
on_twins(void *arg, const struct lab_end *one, const struct lab_end *other, const char *addr)
{
	const struct run *r = arg;

	fprintf(stderr, "%s: warning: %s %s and %s %s, on one link, have one address, %s\n",
	        r->spec->file, one->node, one->interface, other->node, other->interface, addr);
}

static bool
bind_consoles(struct run *r)
{
	r->consoles = (struct lab_live_options){.telnet_base = (uint16_t)r->options->telnet_base,
	                                        .ssh_base = (uint16_t)r->options->ssh_base,
	                                        .sockets = r->options->sockets,
	                                        .terminal = isatty(STDIN_FILENO),
	                                        .out = stdout};
	return !lab_live_bind(r->loop, r->spec, &r->consoles);
}

/* The network is made: nothing that needs more rights is left to do. */
static bool
on_placed(void *arg)
{
	const struct options *o = ((struct run *)arg)->options;
	const struct run_cage_lab lab = {.pcap = o->pcap,
	                                 .keep = o->keep,
	                                 .sockets = o->sockets,
	                                 .export = o->export,
	                                 .netns = o->netns};

	return o->no_cage || run_cage_shut_lab(&lab);
}

/* Who may open the folder may come in, so it must be the user's own, and nobody else's. */
static bool
make_sockets(const char *folder)
{
	struct stat st;
	int error = mkdir(folder, 0700) && errno != EEXIST ? errno : 0;

	if (!error && lstat(folder, &st))
		error = errno;
	else if (!error && !S_ISDIR(st.st_mode))
		error = ENOTDIR;
	else if (!error && (st.st_uid != geteuid() || (st.st_mode & 077)))
		error = EPERM;
	if (error)
		fprintf(stderr, "testudo: --sockets %s: %s\n", folder,
		        error == EPERM ? "a folder that is not yours alone (mode 0700)"
		                       : strerror(error));
	return !error;
}

/*
 * When a lab in virtual time begins: at midnight, UTC, so that the time of the day tells how long
 * it has been up; today, so that certificates of today are valid.
 */
static int64_t
virtual_wall(const struct lab_spec *spec)
{
	const int64_t now = (int64_t)time(NULL) * 1000;

	return spec->clock ? spec->wall : now - now % DAY;
}

static bool
start_lab(struct run *r)
{
	const struct options *o = r->options;
	struct lab_options lo = {
	    .seed = o->seed, .wall = virtual_wall(r->spec), .pcap = o->pcap, .keep = o->keep};
	const char *error = "";
	int keeps;

	lo.placed = on_placed;
	lo.refused = on_refused;
	lo.arg = r;
	if (r->offer)
		keep_offer_nodes(r->offer, r->spec);
	if (o->netns) {
		signal(SIGPIPE, SIG_IGN);
		r->loop = lab_live_new();
		lo.netns_loop = lab_live_uv(r->loop);
		lo.keeper = r->keeper;
		lo.speaker = r->speaker;
		lo.dataplane = o->dataplane;
		lo.submit = submit_job;
		lo.touched = on_touched;
	} else if (r->live) {
		lo.wall = (int64_t)time(NULL) * 1000;
		lo.submit = submit_job;
		lo.touched = on_touched;
		r->loop = lab_live_new();
	} else {
		/* Seeded random numbers serve one thread only, and a live lab has more */
		crypto_random_seed(o->seed);
	}
	if (o->pcap && mkdir(o->pcap, 0777) && errno != EEXIST) {
		fprintf(stderr, "testudo: %s: %s\n", o->pcap, strerror(errno));
		return false;
	}
	if (o->keep && (keeps = lab_keep_open(o->keep, r->spec))) {
		fprintf(stderr, "testudo: --keep %s: %s\n", o->keep, strerror(-keeps));
		return false;
	}
	if (o->sockets && !make_sockets(o->sockets))
		return false;
	/* Behind it there may be no way to this machine's network. */
	if (r->live && !bind_consoles(r))
		return false;
	r->lab = lab_new(r->spec, &lo, &error);
	if (!r->lab)
		fprintf(stderr, "testudo: %s: %s\n", r->spec->file, error);
	else
		lab_tell_twins(r->lab, on_twins, r);
	return r->lab && !r->startup_refused;
}

static bool
play_transcripts(struct run *r)
{
	struct player *p = player_new(r->lab, stdout);
	bool ok;

	if (r->options->compare)
		player_compare(p);
	for (size_t i = 0; i < r->options->n_plays; i++)
		player_reasons(p, r->transcripts[i]);
	for (size_t i = 0; i < r->options->n_plays; i++)
		player_play(p, r->transcripts[i]);
	ok = player_verify(p);
	player_free(p);
	fflush(stdout);
	return ok;
}

/* The file is readable by its owner alone, because keys are in it */
static bool
export_lab(struct run *r)
{
	struct text text = TEXT_INIT;
	int fd = open(r->options->export, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	bool fine = f != NULL;

	lab_export(r->lab, &text);
	fine = fine && fwrite(text.p, 1, text.n, f) == text.n;
	fine = f && fclose(f) == 0 && fine;
	if (!fine)
		fprintf(stderr, "testudo: %s: %s\n", r->options->export, strerror(errno));
	text_fini(&text);
	return fine;
}

static int
run_lab(struct run *r)
{
	const struct options *o = r->options;
	int status = 0;

	if (!start_lab(r))
		return EXIT_USAGE;
	if (o->netns)
		printf("Lab \"%s\": %zu nodes in network namespaces, %zu links\n", r->spec->name,
		       r->spec->n_nodes, r->spec->n_links);
	else
		printf("Lab \"%s\": %zu nodes, %zu links, seed %llu\n", r->spec->name,
		       r->spec->n_nodes, r->spec->n_links, (unsigned long long)o->seed);
	if (o->n_plays && !play_transcripts(r))
		status = EXIT_FAILED;
	if (r->live && lab_live_run(r->loop, r->lab, &r->consoles))
		status = EXIT_FAILED;
	if (r->offer && lab_live_was_left(r->loop) && !keep_offer_make(r->offer, r->lab))
		status = EXIT_FAILED;
	if (o->export && !export_lab(r))
		status = EXIT_FAILED;
	if (fflush(stdout) || ferror(stdout))
		status = EXIT_FAILED;
	return status;
}

/* --- what is printed of a lab ----------------------------------------------------------------- */

static int
print_text(struct text *text)
{
	fputs(text_string(text), stdout);
	text_fini(text);
	return fflush(stdout) || ferror(stdout) ? EXIT_USAGE : 0;
}

static int
print_view(const struct options *o)
{
	struct lab_spec *spec = read_lab(o->lab);
	struct text out = TEXT_INIT;

	if (!spec)
		return usage_next(LAB_PAGES);
	if (o->view == VIEW_DOT)
		lab_graph_dot(spec, &out);
	else if (o->view == VIEW_MERMAID)
		lab_graph_mermaid(spec, &out);
	else
		lab_inventory(spec, (unsigned)o->ssh_base, &out);
	lab_spec_free(spec);
	return print_text(&out);
}

static int
print_import(const struct options *o)
{
	struct text text = TEXT_INIT, out = TEXT_INIT, notes = TEXT_INIT;
	struct diag_list diags;
	int status = EXIT_USAGE;

	diag_list_init(&diags);
	if (host_file_read(o->lab, LAB_FILE_MAX, &text) &&
	    lab_from_clab(text_string(&text), text.n, &out, &notes, &diags))
		status = print_text(&out);
	tell_diags(o->lab, &diags);
	fputs(text_string(&notes), stderr);
	diag_list_fini(&diags);
	text_fini(&text);
	text_fini(&out);
	text_fini(&notes);
	return status;
}

/* Before anything is read, so that no secret of it is in their memory. 0, or the exit status. */
static int
start_helpers(struct run *r)
{
	const struct options *o = r->options;

	if (r->live && isatty(STDIN_FILENO) && !o->keep)
		r->offer = keep_offer_new(o->lab, !o->no_cage);
	if (o->netns)
		r->keeper = lab_keeper_new();
	if (o->netns && frr_speaker_there())
		r->speaker = frr_speaker_start(NULL);
	if (!o->netns || r->keeper)
		return 0;
	fprintf(stderr, "testudo: %s: cannot start a process that keeps its namespaces\n", o->lab);
	return EXIT_USAGE;
}

int
lab_main(int argc, char **argv)
{
	struct options o = {0};
	struct run r = {.options = &o, .speaker = -1};
	int status = parse_options(argc, argv, &o);
	bool ok;

	if (!status && o.view) {
		status = o.view == VIEW_IMPORT ? print_import(&o) : print_view(&o);
		options_fini(&o);
		return status;
	}
	if (!status && !o.seeded &&
	    getrandom(&o.seed, sizeof(o.seed), 0) != (ssize_t)sizeof(o.seed))
		o.seed = (uint64_t)time(NULL);
	if (!o.seeded)
		o.seed &= 0xffffffff; /* short enough to be typed again */
	r.live = o.n_plays == 0 || isatty(STDIN_FILENO);
	if (!status)
		status = start_helpers(&r);
	r.spec = status ? NULL : read_lab(o.lab);
	r.transcripts = x_alloc((o.n_plays + 1) * sizeof(struct transcript *));
	ok = r.spec != NULL;
	for (size_t i = 0; ok && i < o.n_plays; i++) {
		r.transcripts[i] = read_transcript(o.plays[i]);
		ok = r.transcripts[i] != NULL;
	}
	if (!status && ok)
		status = run_lab(&r);
	else if (!status)
		status = usage_next(LAB_PAGES);
	lab_free(r.lab);
	lab_live_free(r.loop);
	frr_speaker_end(r.speaker);
	lab_keeper_free(r.keeper);
	keep_offer_free(r.offer);
	for (size_t i = 0; i < o.n_plays; i++)
		transcript_free(r.transcripts[i]);
	free(r.transcripts);
	lab_spec_free(r.spec);
	options_fini(&o);
	return status;
}
