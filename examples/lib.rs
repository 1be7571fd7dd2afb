//! The examples are the `.rs` files beside this one: `cargo run --example quickstart`.
#![cfg_attr(doctest, doc = include_str!("../docs/embedding.md"))]
