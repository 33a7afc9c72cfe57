//! Metrics: what a classifier got right, summed up example by example.

use super::checkpoint::Tape;
use crate::error::Result;

/// Sums over examples. They can be added to in any number of calls and merged.
#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    n_classes: usize,
    /// Counts `[actual][predicted]`.
    confusion: Vec<u32>,
    /// Examples by how many classes were put above the actual one.
    ranks: Vec<u32>,
    n_examples: u64,
    loss_sum: f64,
}

/// How well one class is told from the others. A ratio of nothing is 0.
#[derive(serde::Serialize, Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ClassMetrics {
    /// The examples of the class.
    pub n_examples: u32,
    /// The examples predicted as the class.
    pub n_predicted: u32,
    /// The share of those predicted as the class that are of it.
    pub precision: f32,
    /// The share of those of the class that are predicted as it.
    pub recall: f32,
    /// 2 precision recall / (precision + recall)
    pub f1: f32,
}

/// A class that is taken for another.
#[derive(serde::Serialize, Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct ConfusedPair {
    /// The class the examples are of.
    pub actual: u32,
    /// The class they were taken for.
    pub predicted: u32,
    /// How many were.
    pub n_examples: u32,
}

impl Metrics {
    /// Sums of no examples yet.
    pub fn new(n_classes: usize) -> Metrics {
        Metrics {
            n_classes,
            confusion: vec![0; n_classes * n_classes],
            ranks: vec![0; n_classes],
            n_examples: 0,
            loss_sum: 0.0,
        }
    }

    /// Forgets all examples, keeping the memory.
    pub fn clear(&mut self) {
        self.confusion.fill(0);
        self.ranks.fill(0);
        self.n_examples = 0;
        self.loss_sum = 0.0;
    }

    /// Adds a batch. The class of the largest logit is the predicted one, the first of equals; what
    /// is not a number is below all numbers.
    ///
    /// Shapes: `logits: [batch, n_classes]` (or probabilities), `labels` and `losses` `[batch]`.
    ///
    /// # Panics
    /// When the lengths do not fit or a label is not below `n_classes`.
    pub fn add(&mut self, logits: &[f32], labels: &[u32], losses: &[f32]) {
        assert_eq!(logits.len(), labels.len() * self.n_classes, "one row of logits for each label");
        assert_eq!(losses.len(), labels.len(), "one loss for each label");
        for ((row, &label), &loss) in logits.chunks_exact(self.n_classes).zip(labels).zip(losses) {
            let label = label as usize;
            self.confusion[label * self.n_classes + first_largest(row)] += 1;
            self.ranks[rank(row, label)] += 1;
            self.loss_sum += f64::from(loss);
        }
        self.n_examples += labels.len() as u64;
    }

    /// Adds the sums of other examples of the same classes.
    ///
    /// # Panics
    /// When the numbers of classes differ.
    pub fn merge(&mut self, other: &Metrics) {
        assert_eq!(self.n_classes, other.n_classes, "the same classes");
        for (sum, n) in self.confusion.iter_mut().zip(&other.confusion) {
            *sum += n;
        }
        for (sum, n) in self.ranks.iter_mut().zip(&other.ranks) {
            *sum += n;
        }
        self.n_examples += other.n_examples;
        self.loss_sum += other.loss_sum;
    }

    pub(super) fn keep(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        tape.u32s(&mut self.confusion)?;
        tape.u32s(&mut self.ranks)?;
        tape.u64(&mut self.n_examples)?;
        tape.f64(&mut self.loss_sum)
    }

    /// The classes it tells apart.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// The examples added.
    pub fn n_examples(&self) -> u64 {
        self.n_examples
    }

    /// The mean loss; 0 of no examples.
    pub fn loss(&self) -> f32 {
        if self.n_examples == 0 { 0.0 } else { (self.loss_sum / self.n_examples as f64) as f32 }
    }

    /// The share of examples whose predicted class is the actual one; 0 of no examples.
    pub fn accuracy(&self) -> f32 {
        self.top_k(1)
    }

    /// The share of examples whose actual class is among the `k` of the largest logits; 0 of no examples.
    pub fn top_k(&self, k: usize) -> f32 {
        let n_hits: u64 = self.ranks.iter().take(k).map(|&n| u64::from(n)).sum();
        ratio(n_hits, self.n_examples)
    }

    /// How many examples of class `actual` were predicted as each class.
    ///
    /// # Panics
    /// When there is no such class.
    pub fn confusion(&self, actual: usize) -> &[u32] {
        &self.confusion[actual * self.n_classes..][..self.n_classes]
    }

    /// The confusion matrix, `[actual][predicted]`.
    pub fn confusion_rows(&self) -> Vec<Vec<u32>> {
        (0..self.n_classes).map(|actual| self.confusion(actual).to_vec()).collect()
    }

    /// At most `most` pairs of a class and another it was taken for, the most frequent first.
    pub fn most_confused(&self, most: usize) -> Vec<ConfusedPair> {
        let key = |pair: &ConfusedPair| (u32::MAX - pair.n_examples, pair.actual, pair.predicted);
        let mut pairs: Vec<ConfusedPair> = Vec::new();
        for (i, &n_examples) in self.confusion.iter().enumerate() {
            let (actual, predicted) = ((i / self.n_classes) as u32, (i % self.n_classes) as u32);
            if actual != predicted && n_examples > 0 {
                let pair = ConfusedPair { actual, predicted, n_examples };
                // In order without the library's sorting, as in `Answers::mistakes`.
                pairs.insert(pairs.partition_point(|other| key(other) < key(&pair)), pair);
                pairs.truncate(most);
            }
        }
        pairs
    }

    /// Precision and recall of each class.
    pub fn per_class(&self) -> Vec<ClassMetrics> {
        (0..self.n_classes)
            .map(|class| {
                let n_hits = self.confusion(class)[class];
                let n_examples: u32 = self.confusion(class).iter().sum();
                let n_predicted: u32 = self.confusion.iter().skip(class).step_by(self.n_classes).sum();
                ClassMetrics {
                    n_examples,
                    n_predicted,
                    precision: ratio(n_hits.into(), n_predicted.into()),
                    recall: ratio(n_hits.into(), n_examples.into()),
                    // 2 p r / (p + r) with the common factors gone.
                    f1: ratio(2 * u64::from(n_hits), u64::from(n_examples) + u64::from(n_predicted)),
                }
            })
            .collect()
    }
}

fn ratio(part: u64, whole: u64) -> f32 {
    if whole == 0 { 0.0 } else { (part as f64 / whole as f64) as f32 }
}

/// Puts what is not a number below all numbers.
fn comparable(logit: f32) -> f32 {
    if logit.is_nan() { f32::NEG_INFINITY } else { logit }
}

fn first_largest(row: &[f32]) -> usize {
    let mut best = 0;
    for (class, &logit) in row.iter().enumerate() {
        if comparable(logit) > comparable(row[best]) {
            best = class;
        }
    }
    best
}

/// How many classes come before `class` when sorted by falling logits, the first of equals first.
fn rank(row: &[f32], class: usize) -> usize {
    let own = comparable(row[class]);
    let equal_before = row[..class].iter().filter(|&&logit| comparable(logit) == own).count();
    row.iter().filter(|&&logit| comparable(logit) > own).count() + equal_before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_small_case_counted_by_hand() {
        let mut metrics = Metrics::new(3);
        metrics.add(&[5.0, 1.0, 0.0, 0.1, 0.2, 0.3], &[0, 1], &[0.5, 1.5]);
        metrics.add(&[1.0, 2.0, 0.0, 2.0, 2.0, 0.0], &[1, 1], &[0.0, 1.0]);
        assert_eq!(metrics.confusion_rows(), [[1, 0, 0], [1, 1, 1], [0, 0, 0]]);
        assert_eq!((metrics.loss(), metrics.accuracy()), (0.75, 0.5));
        assert_eq!((metrics.top_k(2), metrics.top_k(0), metrics.top_k(99)), (1.0, 0.0, 1.0));
        let one = metrics.per_class()[1];
        assert_eq!((one.n_examples, one.n_predicted), (3, 1));
        assert_eq!((one.precision, one.recall, one.f1), (1.0, 1.0 / 3.0, 0.5));
        assert_eq!(metrics.per_class()[2].recall, 0.0);
        metrics.add(&[0.0, 0.0, 1.0], &[1], &[0.0]);
        let pairs: Vec<_> =
            metrics.most_confused(9).iter().map(|p| (p.actual, p.predicted, p.n_examples)).collect();
        assert_eq!(pairs, [(1, 2, 2), (1, 0, 1)]);
        assert_eq!(metrics.most_confused(1), metrics.most_confused(9)[..1]);
        metrics.clear();
        assert_eq!(metrics, Metrics::new(3));
        assert_eq!((metrics.loss(), metrics.accuracy()), (0.0, 0.0));
    }

    #[test]
    fn accuracy_is_the_confusion_matrix_diagonal_even_with_ties_and_nan() {
        let mut rng = Rng::new(8, 8);
        for _ in 0..50 {
            let mut metrics = Metrics::new(4);
            let logits: Vec<f32> =
                (0..40).map(|_| [f32::NAN, f32::NEG_INFINITY, 0.0, 1.0][rng.below(4) as usize]).collect();
            let labels: Vec<u32> = (0..10).map(|_| rng.below(4)).collect();
            metrics.add(&logits, &labels, &[0.0; 10]);
            let diagonal: u32 = (0..4).map(|class| metrics.confusion(class)[class]).sum();
            assert_eq!(metrics.accuracy(), diagonal as f32 / 10.0);
        }
    }

    #[test]
    fn merging_parts_equals_adding_all() {
        let mut rng = Rng::new(2, 2);
        let logits: Vec<f32> = (0..60).map(|_| rng.normal()).collect();
        let labels: Vec<u32> = (0..12).map(|_| rng.below(5)).collect();
        let losses: Vec<f32> = (0..12).map(|i| i as f32 * 0.25).collect();
        let (mut whole, mut first, mut second) = (Metrics::new(5), Metrics::new(5), Metrics::new(5));
        whole.add(&logits, &labels, &losses);
        first.add(&logits[..35], &labels[..7], &losses[..7]);
        second.add(&logits[35..], &labels[7..], &losses[7..]);
        first.merge(&second);
        assert_eq!(whole, first);
    }
}
