#!/bin/sh
# Installs kscmirror on this host, or removes it. Run as root from the unpacked folder; an upgrade is the same again.
#
#   ./install.sh [--prefix FOLDER] [--user NAME] [--no-user] [--no-units] [--root FOLDER]
#   ./install.sh --uninstall [--prefix FOLDER] [--root FOLDER]
#
#   --prefix FOLDER   where bin/, lib/ and share/ go; default: /usr/local
#   --user NAME       the user that it runs as, made if missing, with a group of the same name; default: kscmirror
#   --no-user         only the program, its manual pages, completions and examples: no user, no folders, no units
#   --no-units        no units for systemd
#   --root FOLDER     all goes below this folder, such as an image's, and nothing of this host is touched
#   --uninstall       removes what was installed; the store, its outbox, /etc/kscmirror and the user stay
#
# Only what every system has is needed: a shell, coreutils or busybox, and sed.
set -eu
umask 022

prefix=/usr/local user=kscmirror root='' with_user=yes with_units=yes uninstall=no
fail() { status=$1; shift; echo "install.sh: $*" >&2; exit "$status"; }
while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --user | --root) [ $# -ge 2 ] || fail 64 "$1 needs a value" ;;
  esac
  case $1 in
    --prefix) prefix=${2%/}; shift ;;
    --user) user=$2; shift ;;
    --root) root=${2%/}; shift ;;
    --no-user) with_user=no with_units=no ;;
    --no-units) with_units=no ;;
    --uninstall) uninstall=yes ;;
    -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p;}' "$0"; exit 0 ;;
    *) fail 64 "unknown option $1; see $0 --help" ;;
  esac
  shift
done
case $prefix in /*) ;; *) fail 64 "--prefix has to be an absolute path, not '$prefix'" ;; esac
case $prefix$user in *[!A-Za-z0-9/._-]*) fail 64 "only letters, digits, '.', '_' and '-' may be in the prefix and the user" ;; esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
home=$prefix/lib/kscmirror
list=$root$home/installed
units=/etc/systemd/system
# Whether systemd runs on this very host.
is_running() { [ -z "$root" ] && [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1; }

# What systemd calls the units among the installed files.
units_of() { sed -n "s|^$units/||p" "$1"; }

# A list has a line for each file, and one with a slash at its end for each folder that was made for them.
remove_listed() { # LIST [KEPT]: removes what LIST has and KEPT has not; folders only when they are empty
  sort -r "$1" | while IFS= read -r path; do
    if [ $# -gt 1 ] && grep -qxF -- "$path" "$2"; then continue; fi
    case $path in
      */) rmdir -- "$root$path" 2>/dev/null || true ;;
      *) rm -f -- "$root$path" ;;
    esac
  done
}

if [ "$uninstall" = yes ]; then
  [ -f "$list" ] || fail 66 "nothing was installed by this script below $root$prefix ($list is missing)"
  if is_running; then
    for unit in $(units_of "$list"); do systemctl disable --now "$unit" >/dev/null 2>&1 || true; done
  fi
  # The list goes last, so that a run that was cut short can be done again.
  remove_listed "$list"
  rm -rf -- "$root$home.new" "$root$home.old" "$root$home"
  if is_running; then systemctl daemon-reload; fi
  echo "kscmirror is removed. Its store, the outbox, /etc/kscmirror and the user stay; remove them by hand if nobody needs them."
  exit 0
fi

[ -x "$here/lib/kscmirror/kscmirror" ] || fail 66 "$here/lib/kscmirror/kscmirror is missing: run this script from the unpacked folder"
[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || fail 69 "this program is for Linux on x86-64, and this is $(uname -s) on $(uname -m)"
if [ "$with_user" = yes ] && [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; then
  fail 77 "run as root, for the user, the folders and the units; --no-user with a --prefix of yours needs no root"
fi
"$here/bin/kscmirror" --version >/dev/null || fail 69 "the program does not run on this host (its own message is above)"

# The program and its libraries: all of the new ones, then the old ones out of the way. What runs keeps those that it has.
if [ -e "$root$home.old" ] && [ ! -e "$root$home" ]; then mv "$root$home.old" "$root$home"; fi
rm -rf -- "$root$home.new" "$root$home.old"
mkdir -p "$root$prefix/lib"
cp -R "$here/lib/kscmirror" "$root$home.new"
: >"$root$home.new/installed"
note() { echo "$1" >>"$root$home.new/installed"; }
make_folder() {
  if [ -z "$1" ] || [ -d "$root$1" ]; then return; fi
  make_folder "${1%/*}"
  mkdir "$root$1"
  note "$1/"
}
put() { # MODE FROM TO: installs a file by one rename
  make_folder "${3%/*}"
  cp "$2" "$root$3.new"
  chmod "$1" "$root$3.new"
  mv -f "$root$3.new" "$root$3"
  note "$3"
}
previous=$root$home.previous
rm -f "$previous"
if [ -f "$list" ]; then
  cp "$list" "$previous"
  sed -n '/\/$/p' "$list" >>"$root$home.new/installed"
fi

(cd "$here/share" && find . -type f) | sort | while IFS= read -r file; do
  put 0644 "$here/share/${file#./}" "$prefix/share/${file#./}"
done
if [ "$with_units" = yes ] && [ -z "$root" ]; then
  # Version 235 brought what the units rely on.
  version=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
  if [ "${version:-0}" -lt 235 ]; then
    with_units=no
    echo "No units are installed: they need systemd 235 or newer, and this host has ${version:-none}. Use $prefix/share/kscmirror/cron/kscmirror."
  fi
fi
if [ "$with_units" = yes ]; then
  for unit in "$here"/share/kscmirror/systemd/*; do
    sed -e "s|^\(Exec[A-Za-z]*\)=\(-\{0,1\}\)kscmirror |\1=\2$prefix/bin/kscmirror |" -e "s|^User=kscmirror$|User=$user|" "$unit" >"$root$home.new/unit"
    put 0644 "$root$home.new/unit" "$units/${unit##*/}"
    rm -f "$root$home.new/unit"
  done
fi
put 0755 "$here/bin/kscmirror" "$prefix/bin/kscmirror"
[ ! -e "$root$home" ] || mv "$root$home" "$root$home.old"
mv "$root$home.new" "$root$home"
rm -rf -- "$root$home.old"
# What an earlier version had and this one has not.
if [ -f "$previous" ]; then
  remove_listed "$previous" "$list"
  rm -f "$previous"
fi

if [ "$with_user" = yes ] && [ -z "$root" ]; then
  if ! id "$user" >/dev/null 2>&1; then
    shell=/bin/false
    for candidate in /usr/sbin/nologin /sbin/nologin; do [ ! -x "$candidate" ] || shell=$candidate; done
    if command -v useradd >/dev/null 2>&1; then
      useradd --system --user-group --home-dir /var/lib/kscmirror --no-create-home --shell "$shell" "$user"
    elif command -v adduser >/dev/null 2>&1; then
      addgroup -S "$user" 2>/dev/null || true
      adduser -S -D -H -h /var/lib/kscmirror -s "$shell" -G "$user" "$user"
    else
      fail 69 "there is neither useradd nor adduser: make the user $user by hand, and run this again"
    fi
  fi
  group=$(id -gn "$user")
  # The web server's user reads what is served, by this group.
  if ! id "$user-web" >/dev/null 2>&1; then
    shell=/bin/false
    if command -v useradd >/dev/null 2>&1; then
      useradd --system --gid "$group" --no-create-home --home-dir / --shell "$shell" "$user-web"
    else
      adduser -S -D -H -s "$shell" -G "$group" "$user-web"
    fi
  fi
  # What is there, whatever it is and whose, is the administrator's.
  for folder in /var/lib/kscmirror /var/lib/kscmirror-outbox; do
    [ -e "$folder" ] || { mkdir -p "$folder"; chown "$user:$group" "$folder"; chmod g+s "$folder"; }
  done
  [ -e /etc/kscmirror ] || { mkdir -p /etc/kscmirror; chown "root:$group" /etc/kscmirror; chmod 0750 /etc/kscmirror; }
fi
if [ -z "$root" ] && command -v restorecon >/dev/null 2>&1; then
  restorecon -R "$prefix/bin/kscmirror" "$home" >/dev/null 2>&1 || true
fi
if is_running && [ "$with_units" = yes ]; then
  systemctl daemon-reload
  systemctl try-restart kscmirror-serve.service || true
fi

version=$("$here/bin/kscmirror" --version)
echo "kscmirror ${version#kscmirror } is installed: $prefix/bin/kscmirror. The manual: man kscmirror."
