//! Many lists in one piece.

/// Lists of values, known by number.
#[derive(Debug, Clone)]
pub(crate) struct Lists<T> {
    /// By list, its first value and the end.
    spans: Vec<(u32, u32)>,
    values: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self {
            spans: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<T> Lists<T> {
    /// The values of a list; none where there is no list.
    pub fn get(&self, list: Option<&u32>) -> &[T] {
        list.and_then(|&list| self.spans.get(list as usize))
            .and_then(|&(from, to)| self.values.get(from as usize..to as usize))
            .unwrap_or_default()
    }
}

/// No further value.
const NONE: u32 = u32::MAX;

/// Lists that still grow: every value knows the next of its list.
#[derive(Debug)]
pub(crate) struct Growing<T> {
    /// By list, its first value and the last.
    ends: Vec<(u32, u32)>,
    values: Vec<(T, u32)>,
}

impl<T> Default for Growing<T> {
    fn default() -> Self {
        Self {
            ends: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl<T: Copy> Growing<T> {
    /// Begins a list and gives its number.
    pub fn new_list(&mut self) -> u32 {
        self.ends.push((NONE, NONE));
        self.ends.len() as u32 - 1
    }

    /// Adds a value at the end of a list.
    pub fn push(&mut self, list: u32, value: T) {
        let Some((first, last)) = self.ends.get_mut(list as usize) else {
            return;
        };
        let place = self.values.len() as u32;
        self.values.push((value, NONE));
        match self.values.get_mut(*last as usize) {
            Some((_, next)) => *next = place,
            None => *first = place,
        }
        *last = place;
    }

    /// The last value of a list.
    pub fn last_mut(&mut self, list: u32) -> Option<&mut T> {
        let (_, last) = self.ends.get(list as usize)?;
        self.values.get_mut(*last as usize).map(|(value, _)| value)
    }

    /// The first value of a list that is looked for.
    pub fn find_mut(&mut self, list: u32, is: impl Fn(&T) -> bool) -> Option<&mut T> {
        let &(mut at, _) = self.ends.get(list as usize)?;
        while let Some((value, next)) = self.values.get(at as usize)
            && !is(value)
        {
            at = *next;
        }
        self.values.get_mut(at as usize).map(|(value, _)| value)
    }

    /// The lists, each in one piece.
    pub fn finish(self) -> Lists<T> {
        let mut lists = Lists {
            spans: Vec::with_capacity(self.ends.len()),
            values: Vec::with_capacity(self.values.len()),
        };
        for (first, _) in &self.ends {
            let from = lists.values.len() as u32;
            let mut at = *first;
            while let Some((value, next)) = self.values.get(at as usize) {
                lists.values.push(*value);
                at = *next;
            }
            lists.spans.push((from, lists.values.len() as u32));
        }
        lists
    }
}
