#!/bin/sh
# A verified copy, nightly-<moment>.db, then the old ones of that name go: what was copied by hand
# stays. Nothing is deleted before the new copy is whole: `db backup` writes under another name,
# syncs and renames.
#   SEATCORE_DB=box-office.db BACKUPS=backups KEEP_DAYS=14 deploy/backup.sh
set -eu
: "${SEATCORE_DB:?the database}" "${BACKUPS:?where copies go}"
mkdir -p "$BACKUPS"
name="$BACKUPS/nightly-$(date -u +%Y%m%dT%H%M%SZ).db"
seatcore db backup --quiet --verify "$name"
find "$BACKUPS" -name 'nightly-*.db' -type f -mtime "+${KEEP_DAYS:-14}" -delete
echo "$name"
