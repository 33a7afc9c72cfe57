//! Offsets for slots of known lifetimes in as little memory as a greedy search finds.

/// When a slot is in use: from moment `first` to moment `last`, both included.
#[derive(Default, Clone, Copy, Debug)]
pub(super) struct Lifetime {
    /// Elements.
    pub len: usize,
    /// Moment of its first writer.
    pub first: usize,
    /// Moment of its last reader.
    pub last: usize,
}

impl Lifetime {
    /// Extends the lifetime to `moment`.
    pub fn until(&mut self, moment: usize) {
        self.last = self.last.max(moment);
    }

    fn overlaps(&self, other: &Lifetime) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Every slot starts at a multiple of 16 elements, one cache line.
    pub fn padded_len(&self) -> usize {
        self.len.next_multiple_of(16)
    }
}

/// An offset for each lifetime so that no two in use at once overlap, and the length of the whole:
/// largest first, each in the lowest gap that fits.
pub(super) fn pack(lifetimes: &[Lifetime]) -> (Vec<usize>, usize) {
    // Kept in order by insertion: for some hundred slots as quick as a sort, of which each kind weighs 5 kB.
    let mut order: Vec<usize> = Vec::new();
    for i in (0..lifetimes.len()).filter(|&i| lifetimes[i].len > 0) {
        order.insert(order.partition_point(|&placed| lifetimes[placed].len >= lifetimes[i].len), i);
    }
    let mut offsets = vec![0; lifetimes.len()];
    let mut placed: Vec<usize> = Vec::new();
    for &i in &order {
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for &j in placed.iter().filter(|&&j| lifetimes[j].overlaps(&lifetimes[i])) {
            let range = (offsets[j], offsets[j] + lifetimes[j].padded_len());
            taken.insert(taken.partition_point(|other| *other < range), range);
        }
        let mut offset = 0;
        for (start, end) in taken {
            if start >= offset + lifetimes[i].padded_len() {
                break;
            }
            offset = offset.max(end);
        }
        offsets[i] = offset;
        placed.push(i);
    }
    let len = order.iter().map(|&i| offsets[i] + lifetimes[i].padded_len()).max().unwrap_or(0);
    (offsets, len)
}
