//! Tests of the whole engine.

mod backups;
mod build_flags;
mod conformance;
mod damage;
mod opening;
mod tidy;
mod transitions;
