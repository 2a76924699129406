# SPDX-License-Identifier: Apache-2.0
# The manual as text for `testudo help`, in C: what its index lists, in that order.
#
#   awk -f manual.awk docs/manual/README.md >manual.c

function quote(s) {
	gsub(/\\/, "&&", s)
	gsub(/"/, "\\\"", s)
	gsub(/\t/, "\\t", s)
	return "\"" s "\\n\""
}

# [text](address) is text
function without_links(s,    out, text) {
	while (match(s, /\[[^]]*\]\([^)]*\)/)) {
		text = substr(s, RSTART + 1, RLENGTH)
		sub(/\].*/, "", text)
		out = out substr(s, 1, RSTART - 1) text
		s = substr(s, RSTART + RLENGTH)
	}
	return out s
}

function put_paragraph(    n, i, line) {
	n = split(without_links(paragraph), line, "\n")
	for (i = 1; i < n; i++)
		print quote(line[i])
	paragraph = ""
}

# A row is its first cell, and the others below it
function put_row(s,    n, i, cell, row) {
	s = without_links(s)
	gsub(/\\\|/, "\001", s)
	n = split(s, cell, /[ \t]*\|[ \t]*/)
	for (i = 2; i < n; i++) {
		gsub(/\001/, "|", cell[i])
		if (i == 2)
			print quote(cell[i])
		else if (cell[i] != "")
			print quote("    " cell[i])
	}
}

function put_page(path,    line, row, fenced, below, first) {
	first = 1
	while ((getline line < path) > 0) {
		if (first) { first = 0; continue }
		if (line !~ /^\|/) { put_row(row); row = "" }
		if (line ~ /^```/) { put_paragraph(); fenced = !fenced; continue }
		if (fenced) {
			gsub(/build\/testudo/, "testudo", line)
			print quote("    " line)
		} else if (line ~ /^##/) {
			sub(/^#+ /, "", line)
			print quote(toupper(line))
		} else if (line ~ /^\|[-| ]*$/) {
			row = "" # the table's head says little in lines
		} else if (line ~ /^\|/) {
			put_row(row)
			row = line
		} else if (line == "") {
			put_paragraph()
			print quote("")
		} else {
			below = line ~ /^: / || (below && line ~ /^  /) # what a term means
			sub(/^: /, "  ", line)
			if (below)
				line = "  " line
			paragraph = paragraph line "\n"
		}
	}
	put_row(row)
	put_paragraph()
	if (first) {
		print "manual.awk: there is no " path > "/dev/stderr"
		exit 1
	}
	close(path)
}

BEGIN {
	folder = ARGV[1]
	sub(/[^\/]*$/, "", folder)
	print "/* Made by cli/tools/manual.awk. */\n#include \"cli/tools/manual.h\"\n"
	print "const struct manual_page manual_pages[] = {"
}
/^\| \[/ {
	match($0, /\([^)]*\)/)
	path = substr($0, RSTART + 1, RLENGTH - 2)
	name = path
	sub(/\/README\.md$/, "", name)
	sub(/\.md$/, "", name)
	sub(/.*\//, "", name)
	n = split(without_links($0), cell, /[ \t]*\|[ \t]*/)
	if (n > 4 || cell[2] == name)
		what = cell[n - 1]
	else
		what = cell[2] ": " cell[n - 1]
	gsub(/`/, "", what)
	printf "{\"%s\", \"%s\",\n", name, what
	put_page(folder path)
	print "},"
}
END { print "};\nconst size_t manual_count = sizeof(manual_pages) / sizeof(manual_pages[0]);" }
