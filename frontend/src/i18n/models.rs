//! Words of the page of models.
