//! The engine beside a slow, obvious model.
