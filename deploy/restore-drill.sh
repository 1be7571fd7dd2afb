#!/bin/sh
# A backup that was never restored is a hope. This restores one beside the live database, verifies
# it, sells a seat in it, and takes it away again. The live database is not touched.
#   deploy/restore-drill.sh backups/nightly-20270109T043000Z.db
set -eu
copy="${1:?which backup}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
drill="$folder/drill.db"

seatcore db restore "$copy" --db "$drill" --yes --quiet >/dev/null
seatcore verify --all --db "$drill"

# Selling proves more than reading: the log goes on where the backup ended.
show=$(seatcore shows list --db "$drill" --format csv --fields id,status |
    awk -F, '$2 == "on_sale" { print $1; exit }')
if [ -n "$show" ]; then
    booking=$(seatcore book "$show" -n 1 --as drill --db "$drill" --quiet --fields booking | cut -f2)
    seatcore bookings cancel "$booking" --db "$drill" --quiet >/dev/null
    seatcore verify --all --db "$drill" --quiet >/dev/null
    echo "sold and cancelled a seat of show $show"
else
    echo "no show is on sale: only read"
fi
echo "drill passed: $copy"
