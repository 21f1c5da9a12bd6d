//! A table in one piece.

/// Rows of equal length, one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Grid<T> {
    width: usize,
    values: Vec<T>,
}

impl<T> Default for Grid<T> {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl<T> Grid<T> {
    /// An empty table with room for so many rows of that length.
    pub fn new(width: usize, rows: usize) -> Self {
        Self {
            width,
            values: Vec::with_capacity(width * rows),
        }
    }

    /// A table of rows of that length, with their values one after the other.
    pub fn of(width: usize, values: Vec<T>) -> Self {
        Self { width, values }
    }

    /// The length of the rows.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Adds a row; what it lacks of the length or has too much of it would shift the rows after it.
    pub fn push_row(&mut self, row: impl IntoIterator<Item = T>) {
        self.values.extend(row);
    }

    /// A row; empty where there is none.
    pub fn row(&self, number: usize) -> &[T] {
        self.values
            .get(number * self.width..(number + 1) * self.width)
            .unwrap_or_default()
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = &[T]> {
        self.values.chunks_exact(self.width.max(1))
    }

    /// What stands in one place of all rows, from the first row to the last.
    pub fn column(&self, number: usize) -> impl Iterator<Item = &T> {
        self.rows().filter_map(move |row| row.get(number))
    }
}
