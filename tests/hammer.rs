//! Several processes on one file.
