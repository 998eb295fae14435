#!/bin/sh
# Builds the image:
#
#   docker/build.sh [OPTION...]       options of docker build, as --network host or --build-arg APT_OPTIONS=...
#
#   TAG    of the image (sheaf:latest)
#   BASE   image to build on; otherwise debian:bookworm-slim, or where that cannot be had one that
#          docker/build-base.sh makes, as root
#   CERTIFICATES  directory of further certificates (*.crt) that the build trusts, otherwise
#          /usr/local/share/ca-certificates
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
# Behind a proxy that looks into TLS, Maven in the build stage must trust what this machine does. What is
# shipped does not.
certificates=${CERTIFICATES:-/usr/local/share/ca-certificates}
if [ -z "${JAR-}" ] && [ -n "$(find "$certificates" -name '*.crt' 2>/dev/null)" ]; then
  trap 'rm -rf docker/certificates' EXIT
  trap 'exit 1' HUP INT TERM
  mkdir -p docker/certificates
  find -L "$certificates" -name '*.crt' -exec cp {} docker/certificates/ \;
fi

docker build --file docker/Dockerfile --build-arg BASE="$base" --build-arg JAR="${JAR-}" \
  --tag "${TAG:-sheaf:latest}" "$@" .
