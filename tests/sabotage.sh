#!/usr/bin/env bash
# Breaks one rule at a time and demands that the test named beside it notices.
# A sabotage that its test survives means the test proves nothing: this script then fails.
set -euo pipefail
cd "$(dirname "$0")/.."

# sabotage                       the test of `it` that must catch it, or of `power_loss`
table="
ack_before_commit                conformance::memory::nothing_is_told_before_the_commit
synchronous_below_full           build_flags::commits_are_at_full_and_the_file_stays_so
head_not_read                    conformance::sqlite::the_second_decides_on_what_the_first_wrote
live_at_its_deadline             conformance::memory::at_the_deadline_the_hold_is_dead
fold_forgets_a_seat              conformance::memory::all_seats_or_none
sold_bits_not_compared           damage::nothing_is_sold_on_forged_bits_and_the_show_stays_stopped
key_not_looked_up                conformance::memory::a_retry_gets_the_first_words_again
refusal_spoils_neighbours        conformance::memory::a_refusal_leaves_its_neighbours_alone
snapshot_without_valid_until     conformance::memory::a_reader_behind_the_deadline_sees_the_seat_free
followed_to_outside_the_slice    conformance::sqlite::what_happens_after_a_list_is_in_the_next_one
refusal_not_remembered           conformance::memory::a_refused_retry_gets_the_first_words_again
lapse_not_published              conformance::memory::a_lapse_that_a_command_meets_is_published_before_it
commits_not_flushed              power_loss/selling
ack_before_commit                power_loss/selling
new_name_not_flushed             power_loss/archive
new_name_not_flushed             power_loss/backup
"

# A sabotage that the engine knows and the table does not is not tested at all.
known=$(grep -rhoE 'sabotage::on\("[a-z_]+"\)' seatcore/src | grep -oE '"[a-z_]+"' | tr -d '"' | sort -u)
listed=$(awk 'NF == 2 { print $1 }' <<<"$table" | sort -u)
if [ "$known" != "$listed" ]; then
    echo "sabotage: the table and the engine name different sabotages:" >&2
    diff <(echo "$known") <(echo "$listed") >&2 || true
    exit 1
fi

export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/sabotage"
export RUST_BACKTRACE=0
unset SEATCORE_SABOTAGE
built=$(cargo test -p seatcore-tests --features sabotage --test it --test power_loss --no-run 2>&1) || {
    echo "$built" >&2
    exit 1
}
program() { realpath "$(sed -nE "s|.*Executable $1 \((.*)\)|\1|p" <<<"$built")"; }
it=$(program it/main.rs)
power_loss=$(program power_loss.rs)
cd tests

# A test that hangs under its sabotage has noticed it too; nobody waits longer for that.
run() { # test, sabotage or nothing
    case "$1" in
    # What is recorded is sabotaged, and who judges it is not.
    power_loss/*)
        SEATCORE_STATES=100 SEATCORE_RECORDED_SABOTAGE=$2 \
            timeout 120 "$power_loss" --exact "${1#*/}" >"$output" 2>&1
        ;;
    *) SEATCORE_SABOTAGE=$2 timeout 120 "$it" --exact "$1" >"$output" 2>&1 ;;
    esac
}
output=$(mktemp)
# Recordings of tests that fail are kept, and these are meant to.
trap 'rm -f "$output" "$CARGO_TARGET_DIR"/tmp/power-loss-*' EXIT

failed=0
while read -r sabotage test; do
    [ -n "$sabotage" ] || continue
    if ! run "$test" "" || ! grep -q '1 passed' "$output"; then
        cat "$output" >&2
        echo "sabotage: $test does not pass by itself (or does not exist)" >&2
        failed=1
    elif run "$test" "$sabotage"; then
        echo "sabotage: NOT CAUGHT: $sabotage, by $test" >&2
        failed=1
    elif [[ $test = power_loss/* ]] && ! grep -q 'power lost after' "$output"; then
        cat "$output" >&2
        echo "sabotage: $sabotage broke $test before any power was lost" >&2
        failed=1
    else
        echo "sabotage: caught $sabotage"
    fi
done <<<"$table"
exit "$failed"
