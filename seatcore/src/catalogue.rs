//! What is on: movies, screens, layouts, shows and prices. No rule reads a movie's title or a
//! screen's name, so these live in ordinary tables and can be corrected or deleted.

pub mod layout;
pub mod movie;
pub mod price;
pub mod screen;
pub mod show;
