//! Gradient-boosted trees for three classes, small and deterministic (Friedman 2001; histograms as in LightGBM).

use crate::dice::Dice;

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub rounds: usize,
    pub depth: usize,
    pub rate: f32,
    pub least: f32,
    pub ridge: f32,
    pub columns: f32,
    pub rows: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rounds: 220,
            depth: 4,
            rate: 0.06,
            least: 12.0,
            ridge: 4.0,
            columns: 0.5,
            rows: 0.7,
        }
    }
}

/// One example: measures, class, weight.
#[derive(Debug, Clone)]
pub struct Example {
    pub measures: Vec<f32>,
    pub class: usize,
    pub weight: f32,
}

enum Grown {
    Leaf(f32),
    Split {
        measure: usize,
        threshold: f32,
        left: usize,
        right: usize,
    },
}

const BINS: usize = 40;

/// Learns and returns the weights as text; see `grading::model`.
pub fn learn(examples: &[Example], names: &[&str], settings: Settings) -> String {
    let width = names.len();
    let count = examples.len();
    // Bins by quantile.
    let edges: Vec<Vec<f32>> = (0..width)
        .map(|m| {
            let mut values: Vec<f32> = examples.iter().map(|e| e.measures[m]).collect();
            values.sort_by(f32::total_cmp);
            values.dedup();
            if values.len() <= BINS {
                values
            } else {
                let mut all: Vec<f32> = examples.iter().map(|e| e.measures[m]).collect();
                all.sort_by(f32::total_cmp);
                let mut edges: Vec<f32> = (1..=BINS)
                    .map(|k| all[(k * all.len() / BINS).min(all.len() - 1)])
                    .collect();
                edges.dedup();
                edges
            }
        })
        .collect();
    let binned: Vec<Vec<u8>> = (0..width)
        .map(|m| {
            examples
                .iter()
                .map(|e| {
                    edges[m]
                        .partition_point(|edge| *edge < e.measures[m])
                        .min(BINS - 1) as u8
                })
                .collect()
        })
        .collect();
    let total: f32 = examples.iter().map(|e| e.weight).sum();
    let mut bias = [0.0_f32; 3];
    for (class, place) in bias.iter_mut().enumerate() {
        let share: f32 = examples
            .iter()
            .filter(|e| e.class == class)
            .map(|e| e.weight)
            .sum::<f32>()
            / total;
        *place = share.max(1e-4).ln();
    }
    let mut scores = vec![bias; count];
    let mut out = format!("bias {:.4} {:.4} {:.4}\n", bias[0], bias[1], bias[2]);
    let mut dice = Dice(7);
    for _ in 0..settings.rounds {
        let chances: Vec<[f32; 3]> = scores
            .iter()
            .map(|s| {
                let top = s[0].max(s[1]).max(s[2]);
                let e = [(s[0] - top).exp(), (s[1] - top).exp(), (s[2] - top).exp()];
                let whole = e[0] + e[1] + e[2];
                [e[0] / whole, e[1] / whole, e[2] / whole]
            })
            .collect();
        let kept: Vec<u32> = (0..count as u32)
            .filter(|_| dice.roll() < settings.rows)
            .collect();
        for class in 0..3 {
            let slopes: Vec<(f32, f32)> = examples
                .iter()
                .zip(&chances)
                .map(|(e, p)| {
                    let p = p[class];
                    let goal = f32::from(u8::from(e.class == class));
                    ((p - goal) * e.weight, (p * (1.0 - p)).max(1e-4) * e.weight)
                })
                .collect();
            let columns: Vec<usize> = (0..width).filter(|_| dice.roll() < settings.columns).collect();
            let tree = grow(&binned, &edges, &slopes, &kept, &columns, settings);
            for (row, score) in scores.iter_mut().enumerate() {
                score[class] += reach(&tree, &examples[row].measures);
            }
            out.push_str(&format!("tree {class}"));
            for node in &tree {
                match node {
                    Grown::Leaf(value) => out.push_str(&format!(" ={value:.4}")),
                    Grown::Split {
                        measure,
                        threshold,
                        left,
                        right,
                    } => {
                        out.push_str(&format!(" {}<{threshold}?{left}:{right}", names[*measure]));
                    }
                }
            }
            out.push('\n');
        }
    }
    out
}

fn reach(tree: &[Grown], measures: &[f32]) -> f32 {
    let mut at = 0;
    loop {
        match &tree[at] {
            Grown::Leaf(value) => return *value,
            Grown::Split {
                measure,
                threshold,
                left,
                right,
            } => {
                at = if measures[*measure] <= *threshold {
                    *left
                } else {
                    *right
                };
            }
        }
    }
}

type Histogram = Vec<[(f32, f32); BINS]>;

fn histogram(binned: &[Vec<u8>], slopes: &[(f32, f32)], rows: &[u32], columns: &[usize]) -> Histogram {
    let gathered: Vec<(f32, f32)> = rows.iter().map(|&row| slopes[row as usize]).collect();
    columns
        .iter()
        .map(|&column| {
            let mut bins = [(0.0_f32, 0.0_f32); BINS];
            let bin_of = &binned[column];
            for (&row, slope) in rows.iter().zip(&gathered) {
                let bin = &mut bins[bin_of[row as usize] as usize];
                bin.0 += slope.0;
                bin.1 += slope.1;
            }
            bins
        })
        .collect()
}

/// What is left of a parent's histogram without one child's.
fn without(parent: &Histogram, child: &Histogram) -> Histogram {
    parent
        .iter()
        .zip(child)
        .map(|(p, c)| {
            let mut out = *p;
            for (o, c) in out.iter_mut().zip(c) {
                o.0 -= c.0;
                o.1 -= c.1;
            }
            out
        })
        .collect()
}

fn grow(
    binned: &[Vec<u8>],
    edges: &[Vec<f32>],
    slopes: &[(f32, f32)],
    rows: &[u32],
    columns: &[usize],
    settings: Settings,
) -> Vec<Grown> {
    let mut tree = vec![Grown::Leaf(0.0)];
    let mut open = vec![(
        0_usize,
        rows.to_vec(),
        0_usize,
        histogram(binned, slopes, rows, columns),
    )];
    while let Some((node, rows, level, bins)) = open.pop() {
        let (g, h) = rows.iter().fold((0.0_f32, 0.0_f32), |(g, h), &row| {
            let s = slopes[row as usize];
            (g + s.0, h + s.1)
        });
        let ridge = settings.ridge;
        tree[node] = Grown::Leaf(-g / (h + ridge) * settings.rate);
        if level >= settings.depth || h < 2.0 * settings.least {
            continue;
        }
        let whole = g * g / (h + ridge);
        let mut best: Option<(f32, usize, usize)> = None;
        for (&column, bins) in columns.iter().zip(&bins) {
            let (mut lg, mut lh) = (0.0, 0.0);
            for (bin, (bg, bh)) in bins
                .iter()
                .enumerate()
                .take(edges[column].len().saturating_sub(1).min(BINS - 1))
            {
                lg += bg;
                lh += bh;
                let (rg, rh) = (g - lg, h - lh);
                if lh < settings.least || rh < settings.least {
                    continue;
                }
                let gain = lg * lg / (lh + ridge) + rg * rg / (rh + ridge) - whole;
                if gain > 1e-2 && best.is_none_or(|(most, _, _)| gain > most) {
                    best = Some((gain, column, bin));
                }
            }
        }
        let Some((_, column, bin)) = best else { continue };
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for row in rows {
            if usize::from(binned[column][row as usize]) <= bin {
                left.push(row)
            } else {
                right.push(row)
            }
        }
        let at = tree.len();
        tree.push(Grown::Leaf(0.0));
        tree.push(Grown::Leaf(0.0));
        tree[node] = Grown::Split {
            measure: column,
            threshold: edges[column][bin],
            left: at,
            right: at + 1,
        };
        let (left_bins, right_bins) = if level + 1 >= settings.depth {
            (Vec::new(), Vec::new())
        } else if left.len() < right.len() {
            let small = histogram(binned, slopes, &left, columns);
            let rest = without(&bins, &small);
            (small, rest)
        } else {
            let small = histogram(binned, slopes, &right, columns);
            let rest = without(&bins, &small);
            (rest, small)
        };
        open.push((at, left, level + 1, left_bins));
        open.push((at + 1, right, level + 1, right_bins));
    }
    tree
}
