//! Tests of the whole engine.

mod backups;
mod box_office;
mod build_flags;
mod conformance;
mod damage;
mod opening;
mod tidy;
mod transitions;
