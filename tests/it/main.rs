//! Tests of the whole engine.

mod archives;
mod backups;
mod box_office;
mod build_flags;
mod conformance;
mod damage;
mod migrations;
mod opening;
mod read_only;
mod replies;
mod secrets;
mod tidy;
mod transitions;
mod verified;
mod write_ahead_log;
