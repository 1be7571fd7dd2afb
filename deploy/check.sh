#!/usr/bin/env bash
# Tests what of this folder can be tested on one machine: `deploy/check.sh PATH-TO-SEATCORE`.
# A tool that is missing is named and left out.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:?the seatcore binary}")
folder=$(mktemp -d)
server=
trap '[ -n "$server" ] && kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
mkdir "$folder/bin" && ln -s "$program" "$folder/bin/seatcore"
export PATH="$folder/bin:$PATH" HOME="$folder" SEATCORE_DB="$folder/box-office.db"
say() { printf '== %s\n' "$1"; }
have() { command -v "$1" >/dev/null || { echo "   $1 is not here: left out"; return 1; }; }

say "backup while somebody sells, restore, verify, sell"
seatcore seed --quiet >/dev/null
seatcore stress --users 40 --seats 20 --processes 2 --db "$SEATCORE_DB" --quiet >/dev/null &
seller=$!
copy=$(BACKUPS="$folder/backups" "$here/backup.sh" | tail -1)
wait "$seller"
"$here/restore-drill.sh" "$copy" | grep -q "drill passed"
seatcore verify --all --quiet >/dev/null
# In its own place: the old file is kept, and nobody may have it open.
seatcore events tail --follow >"$folder/watched" &
watcher=$!
until [ -s "$folder/watched" ]; do kill -0 "$watcher"; sleep 0.05; done
{ seatcore db restore "$copy" --yes 2>&1 || true; } | grep -q "open elsewhere"
kill -TERM "$watcher"
wait "$watcher" || true
seatcore db restore "$copy" --yes --quiet | grep -q "old file kept"
seatcore verify --all --quiet >/dev/null
# A damaged backup is refused before anything is moved.
cp "$copy" "$folder/damaged.db"
dd if=/dev/urandom of="$folder/damaged.db" bs=4096 seek=2 count=8 conv=notrunc status=none
before=$(seatcore db stats --json --fields records)
if seatcore db restore "$folder/damaged.db" --yes 2>/dev/null; then exit 1; fi
[ "$before" = "$(seatcore db stats --json --fields records)" ]

say "old copies go, new ones stay"
touch -d '30 days ago' "$folder/backups/nightly-20200101T000000Z.db"
touch -d '30 days ago' "$folder/backups/box-office-20200101T000000Z.db" "$folder/backups/by-hand.db"
until [ "$(date -u +%H%M%S)" != "$(basename "$copy" .db | sed "s/.*T//; s/Z//")" ]; do sleep 0.1; done
BACKUPS="$folder/backups" "$here/backup.sh" >/dev/null
[ ! -e "$folder/backups/nightly-20200101T000000Z.db" ] && [ -e "$copy" ]
# What somebody copied by hand is theirs.
[ -e "$folder/backups/box-office-20200101T000000Z.db" ] && [ -e "$folder/backups/by-hand.db" ]

say "a folder names the copy after the moment"
seatcore db backup --verify --quiet "$folder/nights/" >/dev/null
seatcore verify --all --quiet --db "$folder"/nights/box-office-*Z.db >/dev/null

say "as the service: what is asked of systemd is what the unit says"
printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >"$folder/bin/systemd-run" && chmod +x "$folder/bin/systemd-run"
"$here/seatcore-as-service" users add 'ada b' </dev/null >"$folder/asked"
sed -n 's/^--property=//p' "$folder/asked" | grep -v '^WorkingDirectory=' >"$folder/properties"
[ "$(wc -l <"$folder/properties")" -ge 6 ]
while read -r line; do grep -qxF "$line" "$here/seatcore.service"; done <"$folder/properties"
tail -4 "$folder/asked" | diff - <(printf '%s\n' /usr/local/bin/seatcore users add 'ada b')
rm "$folder/bin/systemd-run"

say "what the pages set in the environment, the unit's own flags do not overrule"
flags=$(sed -n 's/^ExecStart=//p' "$here/seatcore.service")
for setting in $(grep -o '^SEATCORE_SERVE_[A-Z_]*' "$here/../docs/deployment.md" | sort -u); do
    flag=$(echo "${setting#SEATCORE_SERVE_}" | tr 'A-Z_' 'a-z-')
    case "$flags" in *"--$flag"*) echo "   $setting has no effect: the unit says --$flag" && exit 1 ;; esac
done

say "systemd units"
if have systemd-analyze; then
    mkdir -p "$folder/units/usr" "$folder/units/seatcore-backup.service.d"
    sed "s|/usr/bin/rsync|$(command -v true)|" "$here/copy-away.conf" \
        >"$folder/units/seatcore-backup.service.d/copy-away.conf"
    for unit in "$here"/*.service "$here"/*.timer; do
        sed "s|/usr/local/bin/seatcore|$folder/bin/seatcore|
             s|/usr/local/lib/seatcore|$here|" "$unit" >"$folder/units/$(basename "$unit")"
    done
    systemd-analyze verify --man=no "$folder"/units/*.service "$folder"/units/*.timer
    systemd-analyze security --offline=yes --threshold=20 "$folder/units/seatcore.service" |
        tail -1
fi

say "nginx"
if have nginx && have openssl; then
    mkdir -p "$folder/nginx"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tickets.example \
        -keyout "$folder/nginx/key.pem" -out "$folder/nginx/cert.pem" 2>/dev/null
    sed "s|/etc/ssl/certs/tickets.example.pem|$folder/nginx/cert.pem|
         s|/etc/ssl/private/tickets.example.key|$folder/nginx/key.pem|" \
        "$here/nginx.conf" >"$folder/nginx/site.conf"
    printf 'pid %s/pid; error_log stderr; events {} http { access_log off; include %s; }\n' \
        "$folder/nginx" "$folder/nginx/site.conf" >"$folder/nginx/nginx.conf"
    nginx -t -q -c "$folder/nginx/nginx.conf"
fi

say "caddy"
if have caddy; then
    # Its two streams come in any order.
    SITE=tickets.example caddy validate --config "$here/Caddyfile" --adapter caddyfile \
        >"$folder/caddy.log" 2>&1
    grep -q "Valid configuration" "$folder/caddy.log"
fi

say "alerts"
if have promtool; then promtool check rules "$here/alerts.yml" | tail -1; fi

say "health"
if seatcore health --url http://127.0.0.1:9 --timeout 1s --quiet >/dev/null 2>&1; then exit 1; fi
SEATCORE_SERVE_BIND=127.0.0.1:0 seatcore serve 2>"$folder/serve.log" & server=$!
for _ in $(seq 100); do
    url=$(grep -o 'http://127.0.0.1:[0-9]*' "$folder/serve.log" | head -1) && break
    kill -0 "$server" && sleep 0.1
done
seatcore health --url "${url:?the server did not start: $(cat "$folder/serve.log")}" --quiet
kill -TERM "$server" && wait "$server"
server=
say "done"
