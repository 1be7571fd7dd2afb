//! One suite, every store: each case runs on each, and none can be skipped. A case that is
//! missing from the list below is dead code, which the lints refuse.

mod accounts;
mod api_keys;
mod archives;
mod batches;
mod catalogue;
mod clocks;
mod crowd;
mod engines;
mod expiry;
mod feeds;
mod keys;
mod reading;
mod recovery;
mod selling;
mod sessions;
mod snapshots;
mod stopping;

macro_rules! conformance {
    ($($store:ident => $place:expr;)+) => {
        $(mod $store { every_case! { $place; } })+
    };
}

macro_rules! every_case {
    ($place:expr;) => {
        cases! { $place;
            selling:
                a_booking_is_what_was_held
                a_customer_s_second_order_moves_the_seats_of_the_first
                a_till_s_second_buyer_does_not_get_the_first_one_s_seat
                a_released_seat_is_free_again
                a_cancelled_booking_frees_its_seats_and_voids_its_tickets
                a_blocked_seat_is_off_sale_until_unblocked
                a_block_is_nobody_s_hold
                all_seats_or_none
                a_part_is_booked_and_the_rest_kept
                tickets_are_never_numbered_twice
                a_cancelled_show_ends_everything_in_it
                best_available_takes_what_is_free
                an_unknown_show_is_not_found;
            expiry:
                a_millisecond_before_the_deadline_the_hold_is_live
                at_the_deadline_the_hold_is_dead
                a_millisecond_after_the_deadline_the_hold_is_dead
                the_sweep_publishes_each_lapse_once
                a_lapse_that_a_command_meets_is_published_before_it
                the_sweep_reaches_shows_that_were_evicted
                lapses_of_a_show_nobody_asks_for_are_published_beside_sales
                lapses_are_published_while_nobody_asks;
            snapshots:
                a_reader_behind_the_deadline_sees_the_seat_free
                a_reader_sees_sales_open_without_an_event
                a_read_after_an_answer_shows_it
                the_etag_changes_with_what_is_seen_and_only_then;
            feeds:
                a_feed_has_every_event_once_and_in_order
                a_cursor_resumes_where_it_was_taken
                a_cursor_is_behind_what_was_handed_out
                a_cursor_of_another_history_stays_until_positions_are_set
                remembered_refusals_hide_no_gap
                a_show_is_followed_from_its_opening
                a_position_that_events_have_passed_is_reset
                a_gap_is_told
                a_position_behind_which_nothing_can_come_is_silent
                a_cursor_of_another_history_is_reset
                a_cursor_ahead_of_the_log_is_reset
                a_cursor_too_far_behind_is_reset
                a_slow_reader_falls_back_on_the_log
                a_reader_left_far_behind_is_reset
                two_feeds_see_the_same
                a_waiting_reader_is_woken
                growth_is_what_was_not_looked_at
                whoever_is_woken_for_nothing_waits_on
                the_end_is_told_from_silence
                a_feed_ends_with_its_engine;
            keys:
                a_retry_gets_the_first_words_again
                a_refused_retry_gets_the_first_words_again
                every_verb_replays
                another_command_under_the_key_is_refused
                a_replay_outlives_the_engine
                a_replay_outlives_the_hold
                a_refusal_sticks_after_the_seat_became_free
                the_65th_refusal_is_answered_and_not_remembered
                a_key_is_scoped_by_caller_and_show
                a_key_without_a_caller_is_scoped_by_its_hold
                what_only_says_the_question_was_wrong_is_not_remembered
                a_refusal_without_a_key_writes_nothing
                keys_survive_checkpoints_and_evictions;
            batches:
                a_swap_is_a_release_and_a_hold
                a_failing_last_step_leaves_no_trace
                each_step_has_its_result
                a_batch_spans_shows
                a_keyed_batch_replays_every_result
                a_key_that_a_later_step_s_show_knows_is_refused
                a_keyed_refusal_of_a_batch_replays
                a_refusal_leaves_its_neighbours_alone
                one_commit_carries_all_that_waited
                who_comes_while_others_are_decided_shares_their_commit
                a_full_queue_is_busy_and_changes_nothing;
            clocks:
                a_step_of_two_minutes_is_watched_for_ten_seconds
                reads_go_on_while_a_step_is_watched
                a_step_of_two_days_waits_for_staff
                reads_go_on_while_a_step_is_refused
                a_step_back_neither_revives_nor_shortens
                what_a_reader_saw_lapse_is_not_live_again
                a_log_from_the_future_is_refused_until_accepted
                a_clock_that_is_set_right_needs_no_new_start
                what_staff_accept_beside_it_is_accepted
                a_seed_gives_no_name_twice_on_one_file
                a_suspended_night_is_no_step;
            catalogue:
                a_movie_from_first_to_last
                a_title_is_one_line
                a_poster_is_an_image
                a_screen_from_first_to_last
                a_show_keeps_the_plan_it_was_opened_with
                a_screen_is_busy_with_one_show_at_a_time
                a_moved_show_must_fit_too
                a_show_that_begins_later_ends_later
                a_show_that_has_moved_is_not_cancelled
                no_show_becomes_longer_than_a_day
                what_is_in_use_stays
                names_are_taken_once
                a_show_s_moments_are_on_every_calendar
                behind_the_last_number_there_is_nothing
                a_tier_that_the_hall_lacks_is_missed_first
                two_who_change_prices_at_once_change_what_they_meant
                what_is_said_of_best_available_beside_named_seats_is_refused
                prices_are_for_tiers_of_the_plan
                a_retried_creation_finds_what_the_first_made
                a_retried_opening_opens_once_and_the_log_says_who
                a_refused_creation_is_not_remembered
                a_retried_opening_is_the_first_whatever_its_screen_became
                a_show_that_stays_is_not_bound_by_a_longer_cleaning
                numbers_are_never_given_twice
                a_show_s_terms_change_for_later_holds;
            accounts:
                a_user_signs_in_until_disabled
                the_last_manager_stays_one
                nobody_has_a_name_that_looks_like_another_s
                a_wrong_name_and_a_wrong_password_read_the_same
                passwords_are_accepted_by_their_policy
                users_are_paged_by_number
                a_removed_user_is_gone_and_their_booking_stays
                a_password_is_changed_by_who_knows_the_old_one
                a_password_that_was_changed_meanwhile_lets_nobody_in
                a_weak_hash_is_replaced_when_its_owner_signs_in
                many_sign_in_at_once_while_the_hash_is_replaced;
            sessions:
                a_session_is_what_signing_in_began
                twelve_hours_end_a_session_that_was_never_silent
                half_an_hour_of_silence_ends_a_session
                a_request_in_the_last_millisecond_keeps_a_session
                being_heard_of_is_written_once_a_minute
                asking_about_a_session_keeps_it_no_longer
                being_heard_of_at_the_second_keeps_it_at_the_first
                a_late_word_revives_no_session
                signing_out_ends_this_session_and_no_other
                sessions_are_listed_and_ended_by_their_owner
                what_changes_a_user_s_rights_ends_their_sessions
                one_session_too_many_ends_the_most_silent
                a_sign_in_clears_away_what_has_ended;
            api_keys:
                a_key_opens_what_it_was_made_for
                a_revoked_key_opens_nothing_and_stays_listed
                a_secret_under_another_id_opens_nothing
                a_key_has_a_name_and_scopes;
            engines:
                the_second_decides_on_what_the_first_wrote
                the_second_reads_what_the_first_wrote
                a_key_of_the_first_replays_at_the_second
                a_feed_at_the_second_tells_what_the_first_sold
                both_sell_at_once_and_no_seat_twice
                one_that_only_watches_keeps_to_its_budget
                a_stop_at_the_first_keeps_what_the_second_knows
                a_stop_at_the_first_reaches_the_second
                an_id_that_is_taken_is_given_to_nobody_else
                receipts_of_two_processes_are_kept_together
                many_that_die_young_leave_the_tables_no_further_behind
                a_reply_can_be_awaited
                a_closed_engine_answers_busy
                what_was_queued_before_closing_is_answered;
            reading:
                history_is_newest_first
                activity_says_who_and_why
                bookings_are_newest_first_and_paged
                what_happens_after_a_list_is_in_the_next_one
                pages_are_read_by_many_at_once
                shows_are_listed_and_counted
                seats_are_listed_for_their_asker
                holds_are_found_until_they_are_forgotten
                alternatives_are_free_and_near;
            crowd:
                a_thousand_clients_get_ten_seats
                parties_are_refused_only_when_nothing_is_left
                sixty_shows_fit_a_tiny_budget
                merged_holds_leave_the_same_checkpoint_everywhere;
            recovery:
                a_lost_commit_is_unknown_and_the_retry_decides_anew
                a_written_commit_is_unknown_and_the_retry_replays
                nothing_is_told_before_the_commit
                neighbours_of_an_unknown_commit_are_unknown_too
                a_full_disk_changes_nothing_and_passes
                a_writer_that_panics_says_so
                a_busy_lock_changes_nothing_and_passes
                a_failed_recovery_is_tried_again
                a_lost_seat_is_sold_once
                a_feed_never_tells_what_was_lost;
            archives:
                an_archive_has_all_that_the_show_had
                an_archived_show_refuses_everything_and_is_listed
                the_others_sell_on_beside_an_archive
                only_what_is_over_is_archived
                an_archive_whose_commit_was_lost_is_made_again
                an_archive_whose_commit_was_written_is_one
                an_archive_that_cannot_be_written_changes_nothing;
            stopping:
                sold_bits_that_differ_once_are_read_again
                sold_bits_that_differ_twice_stop_the_show
                a_stopped_show_stays_stopped_and_the_others_sell
                a_stopped_show_harms_no_list
                what_was_sold_before_a_stop_is_found
                a_stopped_show_is_listed_as_it_stood
                a_second_ticket_stops_only_its_show;
        }
    };
}

macro_rules! cases {
    ($place:expr; $($topic:ident: $($case:ident)+;)+) => {
        $($(
            #[test]
            fn $case() {
                crate::conformance::$topic::$case(&$place);
            }
        )+)+
    };
}

conformance! {
    memory => support::place::Memory::empty();
    sqlite => support::place::File::temporary();
}
