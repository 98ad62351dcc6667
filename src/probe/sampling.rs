//! How fast something grows, seen again and again: how long groups or processes have run.

use std::time::{Duration, Instant};

use crate::error::Result;
use crate::interrupt;

/// What groups have used, seen again and again.
#[derive(Clone, Debug)]
pub struct Series {
    /// When, from the first look on, and how many microseconds each group had run since.
    looks: Vec<(Duration, Vec<u64>)>,
}

impl Series {
    /// How long it was, and how long each group ran in it, in microseconds.
    pub fn total(&self) -> (Duration, Vec<u64>) {
        self.looks.last().cloned().unwrap_or_default()
    }

    /// How fast each group's usage grew: the slope of the straight line that fits all looks best
    /// (least squares), in processors. The first and the last look alone may fall anywhere in a
    /// time slice of some milliseconds; over all looks that evens out.
    pub fn slopes(&self) -> Vec<f64> {
        let groups = self.looks.first().map_or(0, |(_, ran)| ran.len());
        let points = |group: usize| {
            self.looks.iter().map(move |(at, ran)| {
                let ran = ran.get(group).copied().unwrap_or_default();
                (at.as_secs_f64(), Duration::from_micros(ran).as_secs_f64())
            })
        };
        (0..groups).map(|group| slope(points(group))).collect()
    }
}

fn slope(points: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let count = points.clone().map(|_| 1.0).sum::<f64>().max(1.0);
    let mean_x = points.clone().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.clone().map(|(_, y)| y).sum::<f64>() / count;
    let (covariance, variance) = points.fold((0.0, 0.0), |(covariance, variance), (x, y)| {
        (covariance + (x - mean_x) * (y - mean_y), variance + (x - mean_x).powi(2))
    });
    if variance > 0.0 { covariance / variance } else { 0.0 }
}

/// Looks at `usage`, the microseconds that each of those that compete has run, every 10 ms until
/// `window` is over; every 100 ms `watch` is told how it goes.
///
/// # Errors
/// [`crate::error::Error::Interrupted`]; `usage`'s, `watch`'s.
pub fn sample(
    usage: impl Fn() -> Result<Vec<u64>>,
    window: Duration,
    mut watch: impl FnMut(&Series) -> Result<()>,
) -> Result<Series> {
    const STEP: Duration = Duration::from_millis(10);
    const LOOKS_A_WATCH: usize = 10;
    let before = usage()?;
    let begun = Instant::now();
    let mut series = Series { looks: vec![(Duration::ZERO, vec![0; before.len()])] };
    while begun.elapsed() < window {
        interrupt::sleep(window.saturating_sub(begun.elapsed()).min(STEP))?;
        let now = usage()?;
        let ran = now.iter().zip(&before).map(|(now, before)| now.saturating_sub(*before));
        series.looks.push((begun.elapsed(), ran.collect()));
        if series.looks.len().is_multiple_of(LOOKS_A_WATCH) {
            watch(&series)?;
        }
    }
    Ok(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_fitted_over_all_looks() {
        let look = |at: u64, ran: u64| (Duration::from_millis(at), vec![ran * 1000]);
        let series = Series { looks: vec![look(0, 0), look(10, 6), look(20, 9), look(30, 15)] };
        assert!((series.slopes()[0] - 0.48).abs() < 1e-9, "{:?}", series.slopes());
        assert_eq!(series.total(), (Duration::from_millis(30), vec![15_000]));
    }
}
