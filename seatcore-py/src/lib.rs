//! The Python face: the native half of the package `seatcore`. The module itself is work that has
//! not begun; this crate is its room.

#[pyo3::pymodule]
mod _seatcore {
    /// The version of the engine inside.
    #[pyo3::pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
