//! The examples are the `.rs` files beside this one: `cargo run --example quickstart`.

#[cfg(test)]
mod handler;
