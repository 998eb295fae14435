#!/bin/sh
# Merges batches into archives and has cat copy the same bytes with fsync, in turns.
#
#   docs/bench/merge.sh [DIR [ENTRIES SIZE ARCHIVES BATCHES THREADS RUNS]]
#
# DIR is a directory on the filesystem to measure; it needs room for three times the bytes.
set -eu
cd "$(dirname "$0")/../.."
dir=${1:-${TMPDIR:-/tmp}}
[ $# -eq 0 ] || shift
[ $# -eq 6 ] || set -- 100000 4096 10 40 2 7
mvn -q -B -DskipTests -pl coordinator -am package >/dev/null
exec java -XX:+UseSerialGC -cp coordinator/target/test-classes:coordinator/target/sheaf.jar \
  io.sheaf.bench.MergeBench "$dir" "$@"
