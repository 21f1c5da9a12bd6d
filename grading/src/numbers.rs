//! Sets of small numbers, told in order.

/// The numbers of a word of the set.
const EACH: usize = u64::BITS as usize;

/// A set of small numbers: a bit each, so that to sort them costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    words: Vec<u64>,
}

impl Numbers {
    /// Adds a number.
    pub fn add(&mut self, number: usize) {
        let place = number / EACH;
        if place >= self.words.len() {
            self.words.resize(place + 1, 0);
        }
        if let Some(word) = self.words.get_mut(place) {
            *word |= 1 << (number % EACH);
        }
    }

    /// Calls `each` for every number, the smallest first.
    pub fn each(&self, mut each: impl FnMut(usize)) {
        for (word, from) in self.words.iter().zip((0..).step_by(EACH)) {
            let mut left = *word;
            while left != 0 {
                each(from + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }

    /// Takes all numbers out.
    pub fn clear(&mut self) {
        self.words.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn numbers_are_told_in_order_and_once() {
        let mut numbers = Numbers::default();
        for number in [200, 3, 64, 3, 63] {
            numbers.add(number);
        }
        let mut told = Vec::new();
        numbers.each(|number| told.push(number));
        assert_eq!(told, [3, 63, 64, 200]);
        numbers.clear();
        numbers.each(|number| panic!("{number} is left"));
    }
}
