#!/bin/sh
# Makes a small base image of Debian with debootstrap, where no registry can be reached, and imports it
# into Docker:
#
#   docker/build-base.sh [TAG]        TAG is sheaf-base:bookworm when none is given
#
#   SUITE    Debian's release (bookworm)
#   MIRROR   where its packages come from; otherwise the mirror of this machine's apt
#
# It needs root, and debootstrap. What apt has to be told here to reach its mirror (a proxy, or that dates
# are not to be checked) it has to be told in the image too, so that is copied.
set -eu

tag=${1:-sheaf-base:bookworm}
suite=${SUITE:-bookworm}

fail() {
  printf 'build-base.sh: %s\n' "$1" >&2
  exit 1
}

[ "$(id -u)" -eq 0 ] || fail 'debootstrap needs root: run it with sudo'
command -v debootstrap >/dev/null || fail 'debootstrap is missing (Debian: apt-get install debootstrap)'
command -v docker >/dev/null || fail 'docker is missing (Debian: apt-get install docker.io)'

# The first archive of Debian itself that has the suite, if this is a Debian with apt.
machines_mirror() {
  apt-get indextargets --format '$(ORIGIN) $(SUITE) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk -v suite="$suite" '$1 == "Debian" && $3 == suite { print $NF; exit }'
}

mirror=${MIRROR:-$(machines_mirror)}
mirror=${mirror:-http://deb.debian.org/debian}

root=$(mktemp -d "${TMPDIR:-/var/tmp}/sheaf-base.XXXXXX")
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM

log=$root.log
debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$log" 2>&1 || {
  tail -n 20 "$log" >&2
  rm -f "$log"
  fail "debootstrap failed with the mirror $mirror; MIRROR=... names another one"
}
rm -f "$log"

# What apt installs later on comes without these too.
cat >"$root/etc/dpkg/dpkg.cfg.d/sheaf-base" <<'END'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/info/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
END
find "$root/usr/share/doc" -mindepth 2 ! -type d ! -name copyright -delete
for dir in info lintian locale man; do
  find "$root/usr/share/$dir" -mindepth 1 -delete 2>/dev/null || :
done
find "$root/usr/share/doc" -mindepth 1 -type d -empty -delete

apt-config dump 2>/dev/null |
  grep -E '^(Acquire::(Check-Valid-Until|Check-Date|Retries|https?::(Proxy|Timeout)))\>' \
    >"$root/etc/apt/apt.conf.d/01as-its-machine" || :
cat >"$root/etc/apt/apt.conf.d/02small" <<'END'
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::GzipIndexes "true";
END
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/debconf/*-old \
  "$root"/var/lib/dpkg/*-old "$root"/var/log/* "$root"/dev/* "$root"/run/* "$root"/tmp/*
find "$root/var/cache/apt/archives" -name '*.deb' -delete
: >"$root/etc/machine-id"
rm -f "$root/etc/hostname" "$root/etc/resolv.conf"

tar --numeric-owner -C "$root" -c . |
  docker import --change 'CMD ["/bin/sh"]' --message "debootstrap $suite" - "$tag" >/dev/null
printf '%s\n' "$tag"
