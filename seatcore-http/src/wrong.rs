//! What is wrong with the fields of a request, collected so that all of it is said at once.

use crate::refusal::Refusal;
use hyper::StatusCode;
use seatcore::house::rejection::{FieldError, Range};
use seatcore::wire::FieldView;

/// Wrong fields, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Wrong {
    errors: Vec<FieldView>,
    unreadable: bool,
}

impl Wrong {
    /// A field that is not what it should be, is missing, or is left over.
    pub fn unreadable(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.unreadable = true;
        self.errors.push(FieldView::new(field, detail));
    }

    /// A field that can be read, and is too small, too large or too much.
    pub fn too_far(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.errors.push(FieldView::new(field, detail));
    }

    /// The same, where it is known what it may be.
    pub fn out_of(&mut self, field: impl Into<String>, range: Range) {
        let error = FieldError { field: field.into(), problem: range.into() };
        self.errors.push(FieldView::of(&error));
    }

    /// What is wrong inside is wrong with the whole.
    pub fn append(&mut self, inner: Self) {
        self.unreadable |= inner.unreadable;
        self.errors.extend(inner.errors);
    }

    /// Nothing was.
    ///
    /// # Errors
    /// `invalid`, naming every field: 400 if one could not be read, else 422.
    pub fn finish(self) -> Result<(), Refusal> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let refusal = Refusal::fields(self.errors);
        Err(if self.unreadable { refusal.status(StatusCode::BAD_REQUEST) } else { refusal })
    }
}
