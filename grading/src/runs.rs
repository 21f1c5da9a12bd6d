//! Runs of words of a text, by which it is known again in another.

use crate::hash::QuickMap;
use crate::reading::Word;

/// All runs of so many words of a text, marks passed over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Runs<const LENGTH: usize> {
    /// The words, by number.
    words: QuickMap<String, u32>,
    /// The runs, by number.
    runs: QuickMap<Vec<u32>, usize>,
    /// By run, how often it stands there.
    times: Vec<usize>,
}

impl<const LENGTH: usize> Runs<LENGTH> {
    /// The runs of a text.
    pub fn of(text: &[Word]) -> Self {
        let mut all = Self::default();
        let mut numbers = Vec::new();
        for word in text.iter().filter(|word| word.mark.is_none()) {
            let next = all.words.len() as u32;
            numbers.push(*all.words.entry(word.text.to_string()).or_insert(next));
        }
        for run in numbers.windows(LENGTH) {
            let next = all.runs.len();
            let number = *all.runs.entry(run.to_vec()).or_insert(next);
            all.times.resize(all.runs.len(), 0);
            if let Some(times) = all.times.get_mut(number) {
                *times += 1;
            }
        }
        all
    }

    /// How many there are, each as often as it stands there.
    pub fn count(&self) -> usize {
        self.times.iter().sum()
    }

    /// How many of them, each as often as it stands there, stand in another text as well.
    pub fn shared_with(&self, text: &[Word]) -> usize {
        let mut times = self.times.clone();
        let found = self.found_in(text).flatten();
        found
            .filter_map(|run| times.get_mut(run).map(std::mem::take))
            .sum()
    }

    /// The runs of another text, as far as they stand in this one.
    pub fn found_in<'w>(&'w self, text: &'w [Word]) -> impl Iterator<Item = Option<usize>> + 'w {
        let mut run = [0; LENGTH];
        // How many words in a row stand in this text.
        let mut known = 0;
        let spoken = text.iter().filter(|word| word.mark.is_none());
        let runs = spoken.map(move |word| {
            let Some(number) = self.words.get(&*word.text) else {
                known = 0;
                return None;
            };
            run.rotate_left(1);
            *run.last_mut()? = *number;
            known += 1;
            (known >= LENGTH).then(|| self.runs.get(run.as_slice()).copied())?
        });
        runs.skip(LENGTH - 1)
    }
}
