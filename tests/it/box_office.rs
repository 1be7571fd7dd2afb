//! The rules, as a box office would write them down. How to read a line: [`script`].

mod broken;
mod script;

use script::{check, check_in};

#[test]
fn the_deadline_itself_is_free() {
    check(
        "19:00        ann hold A1 A2 for 10m -> held A1 A2 until 19:10:00
         19:05        bob hold A2 A3         -> seat_held A2   # A3 stays free: all or nothing
         19:09:59.999 bob hold A2            -> seat_held A2
         19:10        bob hold A2 A3         -> held           # the deadline itself is free
         19:10        seats                  -> .hh.. .....",
    );
}

#[test]
fn a_hold_is_dead_at_its_deadline_for_its_holder_too() {
    check(
        "19:00        ann hold A1 for 10m as first  -> held
         19:09:59.999 ann extend first by 10m       -> held until 19:19:59
         19:19:59.998 ann hold B1 for 1s as second  -> held
         19:19:59.999 ann book first                -> hold_expired
         19:20        ann extend first by 10m       -> hold_expired
         19:20        ann release first             -> hold_expired
         19:20        seats                         -> ..... h....",
    );
}

#[test]
fn seats_of_mine_move_into_the_new_hold() {
    check(
        "19:00 ann hold A1 A2 for 10m as first  -> held for 2500
         19:05 ann hold A2 A3 for 10m as second -> held A2 A3 until 19:15:00
         19:06 ann book first                   -> booked A1 for 1250
         19:06 ann book second                  -> booked A2 A3",
    );
}

#[test]
fn a_hold_left_empty_ends_as_released() {
    check(
        "19:00 ann hold A1 for 10m as first -> held
         19:05 ann hold A1 A2 as second     -> held A1 A2
         19:06 ann book first               -> hold_ended released
         19:06 seats                        -> hh... .....",
    );
}

#[test]
fn moved_seats_keep_their_price_and_new_ones_have_theirs() {
    check(
        "19:00 ann hold A1            -> held for 1250
         19:01 chief change price 900 -> show_changed
         19:02 ann hold A1 A2         -> held for 2150
         19:03 ann book               -> booked for 2150",
    );
}

#[test]
fn the_lifetime_cap_counts_from_the_first_acquisition() {
    check(
        "19:00 ann hold A1 for 20m       -> held until 19:20:00
         19:15 ann hold A1 A2 for 30m    -> held A1 A2 until 19:30:00   # 30 minutes from 19:00
         19:20 ann hold A2 A3 for 30m    -> held A2 A3 until 19:30:00
         19:25 bob hold A4 for 30m       -> held until 19:55:00",
    );
}

#[test]
fn an_extension_is_cut_to_the_cap_and_never_shortens() {
    check(
        "19:00 ann hold A1 for 10m as first -> held until 19:10:00
         19:01 ann extend first by 5m       -> held until 19:10:00
         19:02 ann extend first by 15m      -> held until 19:17:00
         19:10 ann extend first by 30m      -> held until 19:30:00
         19:11 ann extend first by 30m      -> over_limit lifetime
         19:11 ann extend first by 1s       -> over_limit lifetime
         19:29 ann book first               -> booked",
    );
}

#[test]
fn booking_a_part_releases_the_rest() {
    check(
        "19:00 ann hold A1 A2 A3 as first -> held
         19:01 ann book first A2          -> booked A2 for 1250
         19:01 seats                      -> .b... .....
         19:02 ann book first             -> hold_ended booked
         19:03 bob hold A1 A3             -> held",
    );
}

#[test]
fn keeping_the_rest_keeps_the_hold_and_its_clock() {
    check(
        "19:00 ann hold A1 A2 A3 for 10m as first  -> held
         19:01 ann book first A2 keep_rest as sold -> booked A2
         19:01 seats                               -> hbh.. .....
         19:02 ann book first A1 keep_rest         -> booked A1
         19:03 ann extend first by 10m             -> held A3 until 19:13:00
         19:04 ann cancel sold                     -> cancelled A2
         19:13 ann book first                      -> hold_expired",
    );
}

#[test]
fn keeping_a_rest_that_is_none_is_plain_booking() {
    check(
        "19:00 ann hold A1 A2 as first         -> held
         19:01 ann book first a2 a1 keep_rest  -> booked A1 A2
         19:01 ann book first                  -> hold_ended booked",
    );
}

#[test]
fn releasing_a_part_keeps_the_rest() {
    check(
        "19:00 ann hold A1 A2 for 10m as first -> held
         19:01 ann release first A1            -> held A2 until 19:10:00 for 1250
         19:02 ann release first A1            -> unknown_seat A1   # no longer in this hold
         19:03 ann release first A2            -> released A2
         19:04 ann release first               -> hold_ended released",
    );
}

#[test]
fn holds_of_a_closed_show_may_be_booked_and_released_but_not_extended() {
    check(
        "19:00 ann hold A1 as first     -> held
         19:00 bob hold A2 as second    -> held
         19:01 chief change closed      -> show_changed
         19:02 ann hold A3              -> show_closed
         19:02 chief block A3           -> show_closed
         19:02 ann extend first by 10m  -> show_closed
         19:03 ann book first           -> booked
         19:03 bob release second       -> released
         19:04 ann cancel first         -> cancelled
         19:05 chief change open        -> show_changed
         19:06 bob hold A1 A2           -> held",
    );
}

#[test]
fn sales_close_at_their_moment_and_not_before() {
    check(
        "19:00        chief change closes 19:30 -> show_changed
         19:29:59.999 ann hold A1               -> held
         19:30        ann hold A2               -> show_closed
         19:31        ann book                  -> booked",
    );
}

#[test]
fn a_cancelled_booking_frees_its_seats() {
    check(
        "19:00 ann hold A1 A2 as first -> held
         19:01 ann book first          -> booked
         19:02 bob hold A2             -> seat_booked A2
         19:03 ann cancel first        -> cancelled A1 A2 for 2500
         19:03 bob hold A2             -> held
         19:04 ann cancel first        -> hold_ended cancelled",
    );
}

#[test]
fn what_was_never_booked_cannot_be_cancelled() {
    check(
        "19:00 ann hold A1 as first   -> held
         19:01 ann cancel first       -> not_found
         19:02 ann release first      -> released
         19:03 ann cancel first       -> not_found",
    );
}

#[test]
fn cancelling_a_show_ends_everything_in_it() {
    check(
        "19:00 ann hold A1 as first      -> held
         19:00 bob hold B1 as second     -> held
         19:01 bob book second           -> booked
         19:02 chief block A5            -> blocked
         19:03 chief cancel_show         -> show_cancelled
         19:03 seats                     -> ..... .....
         19:04 ann book first            -> hold_ended cancelled
         19:04 bob cancel second         -> hold_ended cancelled
         19:04 ann hold A2               -> show_cancelled
         19:04 ann extend first by 5m    -> show_cancelled
         19:05 chief unblock A5          -> show_cancelled
         19:05 chief change open         -> show_cancelled
         19:05 chief cancel_show         -> show_cancelled",
    );
}

#[test]
fn only_force_blocks_a_held_seat() {
    check(
        "19:00 ann hold A1 A2 as first -> held
         19:01 chief block A2 A3       -> seat_held A2
         19:02 chief block A2 A3 force -> blocked A2 A3
         19:02 seats                   -> hxx.. .....
         19:03 ann book first          -> booked A1
         19:04 chief block A1 force    -> seat_booked A1
         19:05 chief block A1 A2 force -> seat_blocked A1 A2
         19:06 chief unblock A2        -> released A2
         19:07 bob hold A2             -> held",
    );
}

#[test]
fn force_takes_the_last_seat_and_ends_the_hold() {
    check(
        "19:00 ann hold A1 as first -> held
         19:01 chief block A1 force -> blocked
         19:02 ann book first       -> hold_ended released
         19:03 chief unblock A1 A2  -> not_found          # A2 is not blocked
         19:03 seats                -> x.... .....",
    );
}

#[test]
fn the_worst_seat_names_a_refusal_that_lists_all_in_the_order_asked() {
    check(
        "19:00 ann hold A1              -> held
         19:00 bob hold A2              -> held
         19:01 bob book                 -> booked
         19:02 chief block A3           -> blocked
         19:03 cy hold A4 A1 A2         -> seat_booked A1 A2
         19:03 cy hold A1 A2 A3 B1      -> seat_blocked A1 A2 A3
         19:03 cy hold Z9 A1 C3 A3 A2   -> unknown_seat Z9 A1 C3 A3 A2
         19:03 cy hold a3 a1            -> seat_blocked A3 A1
         19:03 seats                    -> hbx.. .....",
    );
}

#[test]
fn labels_nobody_knows_are_listed_as_they_were_asked() {
    check_in(
        "stalls/A:3; A:2",
        "19:00 ann hold Z9 a1 x1 stalls/a4 -> unknown_seat Z9 x1 stalls/a4
         19:00 ann hold A01 stalls/B1      -> unknown_seat A01 stalls/B1
         19:01 ann hold STALLS/a1 a1       -> held stalls/A1 A1",
    );
}

#[test]
fn who_is_not_the_holder_hears_so_before_anything_else() {
    check(
        "19:00 ann hold A1 for 10m as first -> held
         19:01 bob book first               -> not_holder
         19:01 bob book first Z9            -> not_holder
         19:01 chief extend first by 15m    -> held until 19:16:00
         19:01 house release first Z9       -> unknown_seat Z9
         19:16 bob release first            -> not_holder
         19:16 ann book first Z9            -> unknown_seat Z9   # before hold_expired
         19:16 house book first             -> hold_expired",
    );
}

#[test]
fn a_holder_has_at_most_16_live_holds() {
    let mut log = String::new();
    for seat in 1..=16 {
        log += &format!("19:00 ann hold A{seat} for 10m -> held\n");
    }
    log += "19:01 ann hold A17          -> over_limit holds
            19:01 ann hold A16 A17      -> held              # one moves, so they stay 16
            19:01 bob hold A18          -> held
            19:10 ann hold A19          -> held              # 15 have lapsed";
    check_in("A:20", &log);
}

#[test]
fn a_holder_has_at_most_64_live_seats() {
    let row = |row: char, to: u32| {
        (1..=to).map(|seat| format!("{row}{seat}")).collect::<Vec<_>>().join(" ")
    };
    let log = format!(
        "19:00 ann hold {} as first -> held
         19:00 ann hold {} -> held
         19:01 ann hold C1 -> over_limit seats
         19:01 ann hold A1 B1 -> held
         19:02 ann release first A2 -> held
         19:03 ann hold C1 -> held",
        row('A', 40),
        row('B', 24)
    );
    check_in("A-C:40", &log);
}

#[test]
fn a_request_of_more_than_64_seats_is_invalid() {
    let seats: Vec<_> = (1..=65).map(|seat| format!("A{seat}")).collect();
    let log = format!(
        "19:00 ann hold {} -> invalid
         19:00 ann hold A1 a1 -> invalid
         19:00 ann best 65 -> invalid
         19:00 ann hold A1 for 0s -> invalid
         19:00 ann hold A1 for 31m -> invalid
         19:00 ann hold A1 for 30m -> held until 19:30:00",
        seats.join(" ")
    );
    check_in("A:70", &log);
}

#[test]
fn best_available_falls_back_from_together_to_apart() {
    check(
        "19:00 ann hold A2 A4 B2 B4 -> held
         19:01 bob best 2 together  -> no_block_together 1
         19:01 bob best 7           -> no_block_together 1
         19:01 bob best 2           -> held
         19:02 cy best 4            -> held
         19:03 eve best 1           -> sold_out",
    );
}

#[test]
fn best_available_takes_lapsed_seats_and_nobody_elses() {
    check_in(
        "A:2",
        "19:00 ann hold A1 A2 for 10m -> held
         19:09 bob best 1             -> sold_out
         19:09 ann best 1             -> sold_out     # what is mine is not free either
         19:10 bob best 2             -> held A1 A2
         19:11 chief block A1         -> seat_held A1",
    );
}

#[test]
fn best_available_keeps_to_tiers_and_accessible_places() {
    check_in(
        "A:4*premium; B:4@1",
        "19:00 ann best 2 tier premium   -> held for 4000
         19:00 bob best 3 tier PREMIUM   -> no_block_together 2
         19:00 bob best 1 tier balcony   -> not_found
         19:01 bob best 3                -> held B2 B3 B4    # B1 is for those who need it
         19:02 cy best 2 accessible 1    -> held B1
         19:03 eve best 1 accessible 1   -> no_block_together 0",
    );
}

#[test]
fn a_swap_is_a_release_and_a_hold_in_one() {
    check(
        "19:00 ann hold A1 A2 as first                      -> held
         19:01 ann batch release first ; hold B1 B2         -> released A1 A2, held B1 B2
         19:01 seats                                        -> ..... hh...
         19:02 ann batch hold A1 ; book @0 ; cancel @1      -> held, booked, cancelled
         19:02 seats                                        -> ..... hh...",
    );
}

#[test]
fn a_batch_whose_last_step_fails_leaves_no_trace() {
    check(
        "19:00 bob hold B1                                   -> held
         19:00 ann hold A1 as first                          -> held
         19:01 ann batch book first ; hold A2 ; hold B1      -> seat_held B1 at step 2
         19:01 seats                                         -> h.... h....
         19:02 ann batch release first ; hold A1 ; book first -> hold_ended released at step 2
         19:03 ann book first                                -> booked",
    );
}

#[test]
fn later_steps_see_earlier_ones() {
    check(
        "19:00 ann batch hold A1 A2 ; hold A2 A3 ; book @0   -> held A1 A2, held A2 A3, booked A1
         19:01 ann batch hold B1 ; hold Z1 ; hold B2         -> unknown_seat Z1 at step 1
         19:02 ann batch book @0                             -> invalid
         19:02 seats                                         -> bhh.. .....",
    );
}

#[test]
fn the_first_answer_under_a_key_is_the_answer() {
    check(
        "19:00 ann hold A1 for 10m key k1 -> held until 19:10:00
         19:05 ann hold A1 for 10m key k1 -> held until 19:10:00 again
         19:05 ann hold A2 for 10m key k1 -> key_reused
         19:05 bob hold A2 for 10m key k1 -> held               # another caller's key is another
         19:20 ann hold A1 for 10m key k1 -> held until 19:10:00 again
         19:20 seats                      -> ..... .....",
    );
}

#[test]
fn a_refusal_under_a_key_is_sticky() {
    check(
        "19:00 ann hold A1 A2 for 10m     -> held
         19:01 bob hold A3 A2 a1 key k    -> seat_held A2 A1
         19:10 bob hold A3 A2 a1 key k    -> seat_held A2 A1 again  # free by now
         19:10 bob hold A3 A2 A1 key k    -> key_reused             # not as it was asked
         19:10 bob hold A3 A2 a1          -> held",
    );
}

#[test]
fn a_batch_has_one_key() {
    check(
        "19:00 ann hold A1 as first                              -> held
         19:01 ann batch release first ; hold B1 key swap        -> released A1, held B1
         19:02 ann batch release first ; hold B1 key swap        -> released A1, held B1 again
         19:02 ann batch release first ; hold B2 key swap        -> key_reused
         19:03 ann batch hold B2 ; hold Z9 key bad               -> unknown_seat Z9 at step 1
         19:04 ann batch hold B2 ; hold Z9 key bad               -> unknown_seat Z9 at step 1 again",
    );
}

#[test]
fn what_only_says_that_the_question_was_wrong_is_asked_afresh() {
    check(
        "19:00 ann hold A1 as first     -> held
         19:01 ann cancel first key c   -> not_found
         19:02 ann book first           -> booked
         19:03 ann cancel first key c   -> cancelled
         19:04 ann cancel first key c   -> cancelled again",
    );
}

#[test]
fn a_key_known_there_answers_before_any_rule() {
    check(
        "19:00 ann hold A1 for 1m key k   -> held
         19:01 chief cancel_show key c    -> show_cancelled
         19:02 ann hold A1 for 1m key k   -> held again
         19:02 chief cancel_show key c    -> show_cancelled again
         19:02 ann hold A1 for 1m key n   -> show_cancelled",
    );
}

#[test]
fn sixty_four_refusals_are_remembered_for_one_caller() {
    let mut log = String::from("19:00 ann hold A1 for 10m -> held\n");
    for number in 1..=65 {
        log += &format!("19:01 bob hold A1 key k{number} -> seat_held A1\n");
    }
    log += "19:10 bob hold A1 key k64 -> seat_held A1 again
            19:10 bob hold A1 key k65 -> held                # it was not remembered
            19:10 bob hold A1 key k65 -> held again";
    check(&log);
}

#[test]
fn ended_holds_are_forgotten_after_a_day_of_the_shows_time() {
    check(
        "19:00           ann hold A1 as first -> held
         19:01           ann release first    -> released
         19:00:59.999+1d bob hold B1          -> held
         19:00:59.999+1d ann book first       -> hold_ended released
         19:01+1d        ann book first       -> hold_ended released   # no event has told the hour
         19:01+1d        bob hold B2          -> held
         19:01+1d        ann book first       -> not_found",
    );
}

#[test]
fn one_lapse_ends_all_seats_of_its_hold() {
    check(
        "19:00 ann hold A1 A2 A3 for 10m as first -> held
         19:10 seats                              -> ..... .....
         19:11 bob hold A2                        -> held
         19:12 ann book first A1                  -> hold_expired
         19:12 seats                              -> .h... .....",
    );
}
