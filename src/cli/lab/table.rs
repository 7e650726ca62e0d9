//! Tables of text, for people.

use std::fmt;

/// A table: columns are as wide as they need to be. The first is aligned left, as is any whose heading ends in a space.
#[derive(Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub fn new(headings: &[&str]) -> Table {
        let mut table = Table::default();
        table.row(headings.iter().map(|&heading| heading.to_owned()).collect());
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width =
            |column: usize| self.rows.iter().map(|row| row[column].trim_end().chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                let cell = cell.trim_end();
                let is_left = column == 0 || self.rows[0][column].ends_with(' ');
                line += &if is_left { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
                line += "  ";
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(&["", "ms", "said "]);
        table.row(vec!["interp".to_owned(), "1.0".to_owned(), "a".to_owned()]);
        table.row(vec!["fast-jit".to_owned(), "10.0".to_owned(), "bc".to_owned()]);
        assert_eq!(table.to_string(), "            ms  said\ninterp     1.0  a\nfast-jit  10.0  bc\n");
    }
}
