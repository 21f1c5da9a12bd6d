//! The rules that say what code shows: a small Datalog over what tree-sitter's queries found.
//!
//! Relations are filled from the bottom up, in the order of the file: a rule sees only what stands above it, so there is no
//! recursion and every evaluation ends. Work is counted, and stops at a budget.

use std::collections::HashMap;

/// A thing in the code that a pattern captured, or a value that the answer shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// Where it starts, in bytes over all listings.
    pub start: usize,
    /// Where it ends, exclusive.
    pub end: usize,
    /// Its text.
    pub text: String,
}

/// A row of a relation: items by number.
pub(super) type Row = Vec<u32>;

/// Rows of relations, by the relation's name.
pub(super) type Relations = HashMap<String, Vec<Row>>;

/// What the reader knows of an item beyond the code's own form.
pub(super) trait Knowledge {
    /// Whether a test that isn't about places or text holds ("offered", "inline" …). `None`: no such test.
    fn holds(&self, test: &str, items: &[&Item]) -> Option<bool>;
}

/// Everything that may be named in `shows` and `opposes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// What it says, in a sentence.
    pub sentence: String,
}

/// A file of rules, read.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub facts: Vec<Fact>,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    head: String,
    head_places: Vec<usize>,
    atoms: Vec<Atom>,
    variables: usize,
}

#[derive(Debug, Clone)]
struct Atom {
    name: String,
    places: Vec<Place>,
    inside: Option<usize>,
    is_denied: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Any,
    Variable(usize),
    Text(String),
}

/// The most rows that are looked at for one answer. An answer with two dozen functions needs a few thousand.
const BUDGET: u32 = 400_000;
/// The most rows that a rule may add.
const MOST_ROWS: usize = 512;

/// Tests between items that a rule may use beside relations.
const TESTS: &[(&str, usize)] = &[
    ("same", 2),
    ("in", 2),
    ("before", 2),
    ("named", 2),
    ("grew", 2),
    ("apart", 2),
    ("mentions", 2),
    ("is-true", 1),
    ("is-false", 1),
    ("is-empty", 1),
    ("offered", 1),
    ("blamed", 1),
    ("denied", 1),
    ("differs", 1),
    ("inline", 1),
];

/// Relations that the reader fills itself.
const GIVEN: &[&str] = &["shown", "at-name"];

impl Rules {
    /// Reads a file of rules. `known` are the names of the relations that patterns fill.
    pub fn parse(text: &str, known: &[&str]) -> Result<Self, String> {
        let mut rules = Self::default();
        let mut statement = String::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim_end();
            if line.trim().is_empty() {
                continue;
            }
            if let Some(fact) = line.strip_prefix("fact ") {
                let (name, sentence) = fact
                    .split_once(": ")
                    .ok_or_else(|| format!("line {}: a fact needs a sentence", number + 1))?;
                rules.facts.push(Fact {
                    name: name.trim().to_owned(),
                    sentence: sentence.trim().to_owned(),
                });
                continue;
            }
            statement.push(' ');
            statement.push_str(line.trim());
            if line.ends_with('.') {
                let rule = Rule::parse(statement.trim().trim_end_matches('.'))
                    .map_err(|why| format!("line {}: {why}", number + 1))?;
                rules.rules.push(rule);
                statement.clear();
            }
        }
        if !statement.is_empty() {
            return Err(format!("the last rule has no full stop: {statement}"));
        }
        rules.check(known)?;
        Ok(rules)
    }

    /// Sees that every relation is there before it is used, and every fact has a rule.
    fn check(&self, known: &[&str]) -> Result<(), String> {
        let mut seen: Vec<&str> = known.iter().chain(GIVEN).copied().collect();
        for rule in &self.rules {
            for atom in &rule.atoms {
                match TESTS.iter().find(|(name, _)| *name == atom.name) {
                    Some((name, places)) if atom.places.len() != *places => {
                        return Err(format!("{name} takes {places} places"));
                    }
                    Some(_) => {}
                    None if seen.contains(&atom.name.as_str()) => {}
                    None => return Err(format!("{}: nothing above it is called {}", rule.head, atom.name)),
                }
            }
            seen.push(&rule.head);
        }
        match self
            .facts
            .iter()
            .find(|fact| !self.rules.iter().any(|rule| rule.head == fact.name))
        {
            Some(fact) => Err(format!("no rule for the fact {}", fact.name)),
            None => Ok(()),
        }
    }

    /// Adds to `relations` what follows from them.
    pub fn apply(&self, items: &[Item], relations: &mut Relations, knowledge: &dyn Knowledge) {
        let mut budget = BUDGET;
        for rows in relations.values_mut() {
            sort(rows, items);
        }
        let mut at = 0;
        while let Some(rule) = self.rules.get(at) {
            let mut rows: Vec<Row> = relations.remove(&rule.head).unwrap_or_default();
            // Neighbouring rules of one name fill one relation.
            while let Some(next) = self.rules.get(at).filter(|next| next.head == rule.head) {
                let mut search = Search {
                    rule: next,
                    items,
                    relations,
                    knowledge,
                    budget: &mut budget,
                    rows: &mut rows,
                };
                let mut bound = vec![None; next.variables];
                search.solve(0, &mut bound);
                at += 1;
            }
            sort(&mut rows, items);
            rows.dedup();
            if !rows.is_empty() {
                relations.insert(rule.head.clone(), rows);
            }
        }
    }
}

/// Sorts rows by where their first item starts.
fn sort(rows: &mut [Row], items: &[Item]) {
    rows.sort_by_key(|row| (row.first().map(|item| start_of(items, *item)), row.clone()));
}

fn start_of(items: &[Item], item: u32) -> usize {
    items.get(item as usize).map_or(0, |item| item.start)
}

impl Rule {
    /// Reads `head(a, b) if atom(a) in b, not atom(b)`.
    fn parse(text: &str) -> Result<Self, String> {
        let (head, body) = text.split_once(" if ").ok_or("a rule needs an `if`")?;
        let mut names: Vec<String> = Vec::new();
        let (name, arguments) = call(head)?;
        let mut atoms = Vec::new();
        for part in parts(body) {
            let part = part.trim();
            let (is_denied, part) = part
                .strip_prefix("not ")
                .map_or((false, part), |rest| (true, rest));
            let (part, inside) = match part.split_once(") in ") {
                Some((part, inside)) => (format!("{part})"), Some(variable(&mut names, inside.trim()))),
                None => (part.to_owned(), None),
            };
            let (name, arguments) = call(&part)?;
            let places = arguments
                .iter()
                .map(|argument| match argument.strip_prefix('"') {
                    Some(text) => Place::Text(text.trim_end_matches('"').to_owned()),
                    None if argument == "_" => Place::Any,
                    None => Place::Variable(variable(&mut names, argument)),
                })
                .collect();
            atoms.push(Atom {
                name,
                places,
                inside,
                is_denied,
            });
        }
        let bound = names.len();
        let head_places = arguments
            .iter()
            .map(|argument| {
                names
                    .iter()
                    .position(|name| name == argument)
                    .filter(|at| *at < bound)
            })
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| format!("{name}: a place of the head is nowhere in the body"))?;
        Ok(Self {
            head: name,
            head_places,
            atoms,
            variables: names.len(),
        })
    }
}

/// The number of a variable, new if it has none.
fn variable(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// Splits `name(a, b)`.
fn call(text: &str) -> Result<(String, Vec<String>), String> {
    let text = text.trim();
    let (name, rest) = text
        .split_once('(')
        .ok_or_else(|| format!("`{text}` has no places"))?;
    let inner = rest
        .strip_suffix(')')
        .ok_or_else(|| format!("`{text}` is not closed"))?;
    Ok((
        name.trim().to_owned(),
        inner
            .split(',')
            .map(|argument| argument.trim().to_owned())
            .collect(),
    ))
}

/// Splits a rule's body at the commas outside brackets.
fn parts(body: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from) = (0_i32, 0);
    for (at, c) in body.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(body.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(body.get(from..).unwrap_or_default());
    parts
}

struct Search<'a> {
    rule: &'a Rule,
    items: &'a [Item],
    relations: &'a Relations,
    knowledge: &'a dyn Knowledge,
    budget: &'a mut u32,
    rows: &'a mut Vec<Row>,
}

impl Search<'_> {
    /// Satisfies the atoms from that one on, in every way, and notes the rows of the head.
    fn solve(&mut self, at: usize, bound: &mut Vec<Option<u32>>) {
        if self.rows.len() >= MOST_ROWS {
            return;
        }
        let rule = self.rule;
        let Some(atom) = rule.atoms.get(at) else {
            let row: Option<Row> = rule
                .head_places
                .iter()
                .map(|place| bound.get(*place).copied().flatten())
                .collect();
            self.rows.extend(row);
            return;
        };
        if TESTS.iter().any(|(name, _)| *name == atom.name) {
            if self.test(atom, bound) != atom.is_denied {
                self.solve(at + 1, bound);
            }
            return;
        }
        let relations = self.relations;
        // A rule may also see what the rules of its own name found so far nowhere: they are alternatives, no recursion.
        let rows = relations.get(&atom.name).map_or(&[][..], Vec::as_slice);
        let rows = self.narrowed(rows, atom, bound);
        if atom.is_denied {
            let mut found = false;
            for row in rows {
                if *self.budget == 0 {
                    return;
                }
                *self.budget -= 1;
                let mut tried = bound.clone();
                if self.unify(atom, row, &mut tried) {
                    found = true;
                    break;
                }
            }
            if !found {
                self.solve(at + 1, bound);
            }
            return;
        }
        for row in rows {
            if *self.budget == 0 || self.rows.len() >= MOST_ROWS {
                return;
            }
            *self.budget -= 1;
            let mut tried = bound.clone();
            if self.unify(atom, row, &mut tried) {
                self.solve(at + 1, &mut tried);
            }
        }
    }

    /// The rows whose first item can lie where the atom wants it.
    fn narrowed<'r>(&self, rows: &'r [Row], atom: &Atom, bound: &[Option<u32>]) -> &'r [Row] {
        let value = |place: usize| {
            bound
                .get(place)
                .copied()
                .flatten()
                .and_then(|item| self.items.get(item as usize))
        };
        let first = match atom.places.first() {
            Some(Place::Variable(place)) => value(*place).map(|item| (item.start, item.start + 1)),
            _ => None,
        };
        let inside = atom.inside.and_then(value).map(|item| (item.start, item.end));
        let Some((from, to)) = first.or(inside) else {
            return rows;
        };
        let start = |row: &Row| row.first().map_or(0, |item| start_of(self.items, *item));
        let low = rows.partition_point(|row| start(row) < from);
        let high = rows.partition_point(|row| start(row) < to);
        rows.get(low..high).unwrap_or_default()
    }

    /// Binds the atom's variables to a row, if they agree.
    fn unify(&self, atom: &Atom, row: &Row, bound: &mut [Option<u32>]) -> bool {
        for (place, item) in atom.places.iter().zip(row) {
            match place {
                Place::Any => {}
                Place::Variable(variable) => match bound.get_mut(*variable) {
                    Some(Some(known)) if known != item => return false,
                    Some(slot) => *slot = Some(*item),
                    None => return false,
                },
                Place::Text(text) => {
                    if self
                        .items
                        .get(*item as usize)
                        .is_none_or(|item| item.text != *text)
                    {
                        return false;
                    }
                }
            }
        }
        match atom.inside {
            Some(place) => {
                let outer = bound
                    .get(place)
                    .copied()
                    .flatten()
                    .and_then(|item| self.items.get(item as usize));
                let inner = row.first().and_then(|item| self.items.get(*item as usize));
                matches!((inner, outer), (Some(inner), Some(outer)) if contains(outer, inner))
            }
            None => true,
        }
    }

    /// Whether a test holds. A test of something unbound doesn't.
    fn test(&mut self, atom: &Atom, bound: &[Option<u32>]) -> bool {
        let item = |place: usize| match atom.places.get(place) {
            Some(Place::Variable(variable)) => bound
                .get(*variable)
                .copied()
                .flatten()
                .and_then(|item| self.items.get(item as usize)),
            _ => None,
        };
        let Some(first) = item(0) else { return false };
        if atom.name == "named" {
            return matches!(atom.places.get(1), Some(Place::Text(text)) if *text == first.text);
        }
        let second = item(1);
        match (atom.name.as_str(), second) {
            ("same", Some(second)) => first.text == second.text,
            ("in", Some(second)) => contains(second, first),
            ("before", Some(second)) => first.end <= second.start,
            (test, Some(second)) => self.knowledge.holds(test, &[first, second]).unwrap_or(false),
            (test, None) => self.knowledge.holds(test, &[first]).unwrap_or(false),
        }
    }
}

/// Whether one item lies within another.
fn contains(outer: &Item, inner: &Item) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;
    impl Knowledge for Nothing {
        fn holds(&self, _: &str, _: &[&Item]) -> Option<bool> {
            None
        }
    }

    fn item(start: usize, end: usize, text: &str) -> Item {
        Item {
            start,
            end,
            text: text.to_owned(),
        }
    }

    #[test]
    fn rules_join_relations_by_place_and_text() {
        let rules = Rules::parse(
            "fact b: Something.\na(x, y) if p(x), q(y) in x, same(x, y).\nb(x) if a(x, _),\n  not r(x).\n",
            &["p", "q", "r"],
        )
        .unwrap();
        let items = [
            item(0, 9, "n"),
            item(3, 4, "n"),
            item(12, 13, "n"),
            item(20, 30, "m"),
            item(21, 22, "m"),
        ];
        let mut relations = Relations::new();
        relations.insert("p".to_owned(), vec![vec![0], vec![3]]);
        relations.insert("q".to_owned(), vec![vec![1], vec![2], vec![4]]);
        relations.insert("r".to_owned(), vec![vec![3]]);
        rules.apply(&items, &mut relations, &Nothing);
        assert_eq!(relations["a"], [[0, 1], [3, 4]]);
        assert_eq!(relations["b"], [[0]]);
    }

    #[test]
    fn mistakes_are_named() {
        assert!(
            Rules::parse("a(x) if b(x).", &[])
                .unwrap_err()
                .contains("nothing above it is called b")
        );
        assert!(
            Rules::parse("fact c: Something.", &[])
                .unwrap_err()
                .contains("no rule")
        );
        assert!(
            Rules::parse("a(x) if p(y).", &["p"])
                .unwrap_err()
                .contains("nowhere in the body")
        );
    }
}
