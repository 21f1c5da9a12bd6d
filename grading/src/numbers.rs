//! Sets of small numbers, told in order.

/// The numbers of a word of the set.
const EACH: usize = u64::BITS as usize;

/// A set of small numbers: a bit each, so that to sort them costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    words: Vec<u64>,
    /// So many words may hold a number.
    used: usize,
}

impl Numbers {
    /// Adds a number.
    pub fn add(&mut self, number: usize) {
        let place = number / EACH;
        if place >= self.used {
            self.used = place + 1;
            if place >= self.words.len() {
                self.words.resize(place + 1, 0);
            }
        }
        if let Some(word) = self.words.get_mut(place) {
            *word |= 1 << (number % EACH);
        }
    }

    /// Calls `each` for every number, the smallest first.
    pub fn each(&self, mut each: impl FnMut(usize)) {
        for (place, word) in self.words.iter().take(self.used).enumerate() {
            let mut left = *word;
            while left != 0 {
                each(place * EACH + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }

    /// Takes all numbers out.
    pub fn clear(&mut self) {
        self.words.iter_mut().take(self.used).for_each(|word| *word = 0);
        self.used = 0;
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
