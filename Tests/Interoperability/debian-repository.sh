#!/bin/sh
# Makes a signed Debian repository with Debian's own tools, for a test's client.
#
#     debian-repository.sh FOLDER GNUPGHOME VERSION
#
# Writes FOLDER/dists and FOLDER/pool with the packages kscmirror-small, and kscmirror-large of 4 MB, in this version;
# by-hash files of earlier runs stay. The key is made in GNUPGHOME at the first run and exported to GNUPGHOME/key.asc.
# Needs dpkg-deb, apt-ftparchive (apt-utils), gpg and gpg-agent.
set -eu
folder=$1 version=$3
mkdir -p "$2" "$folder/pool" "$folder/dists/stable/main/binary-all/by-hash/SHA512"
chmod 700 "$2"
# A socket's path has 107 bytes at the most: gpg-agent gets a short one, whatever the temporary folder's length.
short=$(mktemp -d /tmp/gpg.XXXXXX)
ln -s "$2" "$short/g"
export GNUPGHOME="$short/g" SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1700000000}"
trap 'gpgconf --kill all; rm -rf "$short"' EXIT

if ! [ -e "$GNUPGHOME/key.asc" ]; then
  gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key 'Test <test@example.invalid>' ed25519 sign 1d
  gpg --batch --quiet --armor --export >"$GNUPGHOME/key.asc"
fi

package() { # NAME BYTES
  tree=$GNUPGHOME/$1
  rm -rf "$tree"
  mkdir -p "$tree/DEBIAN" "$tree/usr/share/$1"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: Test <test@example.invalid>\nDescription: made for a test\n' \
    "$1" "$version" >"$tree/DEBIAN/control"
  head -c "$2" /dev/urandom >"$tree/usr/share/$1/data"
  rm -f "$folder/pool/$1"_*.deb
  dpkg-deb --root-owner-group -Znone --build "$tree" "$folder/pool/$1_${version}_all.deb" >/dev/null
}
package kscmirror-small 1000
package kscmirror-large 4000000

cd "$folder"
indexes=dists/stable/main/binary-all
apt-ftparchive packages pool >"$indexes/Packages"
gzip -9nkf "$indexes/Packages"
for index in "$indexes/Packages" "$indexes/Packages.gz"; do
  cp "$index" "$indexes/by-hash/SHA512/$(sha512sum "$index" | cut -d' ' -f1)"
done
rm -f dists/stable/Release dists/stable/InRelease dists/stable/Release.gpg
apt-ftparchive -o APT::FTPArchive::Release::Suite=stable -o APT::FTPArchive::Release::Codename=stable \
  -o APT::FTPArchive::Release::Architectures=all -o APT::FTPArchive::Release::Components=main \
  -o APT::FTPArchive::Release::Acquire-By-Hash=yes -o APT::FTPArchive::DoByHash=false \
  release dists/stable >"$GNUPGHOME/Release"
mv "$GNUPGHOME/Release" dists/stable/Release
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --clearsign -o dists/stable/InRelease dists/stable/Release
gpg --batch --quiet --pinentry-mode loopback --passphrase '' -abs -o dists/stable/Release.gpg dists/stable/Release
