//! Words of the page "Your engine".
