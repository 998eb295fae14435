#!/bin/sh
# Builds the image:
#
#   docker/build.sh [OPTION...]       options of docker build, as --network host or --build-arg APT_OPTIONS=...
#
#   TAG    of the image (sheaf:latest)
#   BASE   image to build on; otherwise debian:bookworm-slim, or where that cannot be had one that
#          docker/build-base.sh makes, as root
#   JAR    coordinator/target/sheaf.jar: take the program that is built already
set -eu
cd "$(dirname "$0")/.."

base=${BASE:-debian:bookworm-slim}
own=sheaf-base:bookworm

has() {
  docker image inspect "$1" >/dev/null 2>&1
}

if [ -z "${BASE-}" ] && ! has "$base"; then
  if has "$own"; then
    base=$own
  elif ! timeout 120 docker pull -q "$base" >/dev/null 2>&1; then
    echo "build.sh: $base cannot be pulled; making a base image with debootstrap" >&2
    docker/build-base.sh "$own" >&2
    base=$own
  fi
fi
if [ -n "${JAR-}" ] && [ ! -f "$JAR" ]; then
  echo "build.sh: $JAR is not there: build it with ./sheaf --version, or leave JAR away" >&2
  exit 1
fi
docker build --file docker/Dockerfile --build-arg BASE="$base" --build-arg JAR="${JAR-}" \
  --tag "${TAG:-sheaf:latest}" "$@" .
