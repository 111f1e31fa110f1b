//! Words of a lab's page and its charts.
