//! Who is measured side by side.

pub mod bare_log;
pub mod django;
pub mod engine;
pub mod postgres;
pub mod process;
pub mod redis;
pub mod rows;
