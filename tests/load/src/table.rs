//! What was measured, as one table to paste.

use std::fmt;

/// A line for each thing that was measured, a column for each engine.
#[derive(Default)]
pub struct Table {
    engines: Vec<&'static str>,
    lines: Vec<(String, Vec<(&'static str, String)>)>,
}

impl Table {
    /// Notes what was measured on an engine, and says so at once: the whole takes a while.
    pub fn put(&mut self, engine: &'static str, what: &str, measured: String) {
        println!("{what}: {measured}");
        if !self.engines.contains(&engine) {
            self.engines.push(engine);
        }
        match self.lines.iter_mut().find(|(known, _)| known == what) {
            Some((_, measured_before)) => measured_before.push((engine, measured)),
            None => self.lines.push((what.to_owned(), vec![(engine, measured)])),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| | {} |", self.engines.join(" | "))?;
        writeln!(formatter, "|---|{}", "---|".repeat(self.engines.len()))?;
        for (what, measured) in &self.lines {
            write!(formatter, "| {what} |")?;
            for engine in &self.engines {
                let cell = measured.iter().find(|(on, _)| on == engine);
                write!(formatter, " {} |", cell.map_or("", |(_, text)| text))?;
            }
            writeln!(formatter)?;
        }
        Ok(())
    }
}
