//! A picture of curves: both axes are logarithmic, so a straight line of slope 1 is growth in proportion.

use super::svg::{COLOURS, Svg};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 40.0;
/// The place of the names of the curves, at the right.
const RIGHT: f64 = 190.0;
const BOTTOM: f64 = 50.0;

/// Curves in one picture.
pub(super) struct Plot {
    title: &'static str,
    /// The quantity of the upward axis, with its unit.
    quantity: &'static str,
    curves: Vec<(&'static str, Vec<(f64, f64)>)>,
}

/// The powers of ten around all values of an axis.
struct Axis {
    first: f64,
    last: f64,
}

impl Axis {
    fn around(values: impl Iterator<Item = f64> + Clone) -> Self {
        let first = values.clone().fold(f64::INFINITY, f64::min).log10().floor();
        let last = values.fold(0.0, f64::max).log10().ceil();
        Self { first, last: last.max(first + 1.0) }
    }

    /// The part of the axis before a value: 0 at its start, 1 at its end.
    fn part(&self, value: f64) -> f64 {
        (value.log10() - self.first) / (self.last - self.first)
    }

    fn powers(&self) -> impl Iterator<Item = f64> {
        let (first, last) = (self.first, self.last);
        (0_u8..)
            .map(move |step| first + f64::from(step))
            .take_while(move |power| *power <= last)
            .map(|power| 10_f64.powf(power))
    }
}

impl Plot {
    /// An empty picture.
    pub(super) fn new(title: &'static str, quantity: &'static str) -> Self {
        Self { title, quantity, curves: Vec::new() }
    }

    /// Adds a point to a curve. Both numbers must be above 0, as on every logarithmic axis.
    pub(super) fn add(&mut self, curve: &'static str, x: f64, y: f64) {
        if x <= 0.0 || y <= 0.0 {
            return;
        }
        match self.curves.iter_mut().find(|(name, _)| *name == curve) {
            Some((_, points)) => points.push((x, y)),
            None => self.curves.push((curve, vec![(x, y)])),
        }
    }

    /// The picture as SVG, on white. It names no font file, and the reader's own sans-serif is used.
    pub(super) fn svg(&self) -> String {
        let mut svg = Svg::new(self.title, (WIDTH, HEIGHT));
        if self.curves.is_empty() {
            return svg.end();
        }
        let points = self.curves.iter().flat_map(|(_, points)| points);
        let across = Axis::around(points.clone().map(|(x, _)| *x));
        let up = Axis::around(points.map(|(_, y)| *y));
        let x = |value: f64| LEFT + across.part(value) * (WIDTH - LEFT - RIGHT);
        let y = |value: f64| HEIGHT - BOTTOM - up.part(value) * (HEIGHT - TOP - BOTTOM);
        for power in across.powers() {
            svg.line((x(power), TOP), (x(power), HEIGHT - BOTTOM), "#ddd");
            svg.text((x(power), HEIGHT - BOTTOM + 18.0), "middle", &format!("{power} ×"));
        }
        for power in up.powers() {
            svg.line((LEFT, y(power)), (WIDTH - RIGHT, y(power)), "#ddd");
            svg.text((LEFT - 6.0, y(power) + 4.0), "end", &power.to_string());
        }
        svg.text((LEFT, TOP - 18.0), "start", &format!("{}: {}", self.title, self.quantity));
        for (index, ((name, points), colour)) in self.curves.iter().zip(COLOURS.iter().cycle()).enumerate() {
            for (from, to) in points.iter().zip(points.iter().skip(1)) {
                svg.line((x(from.0), y(from.1)), (x(to.0), y(to.1)), colour);
            }
            for point in points {
                svg.dot((x(point.0), y(point.1)), colour);
            }
            let place = TOP + 20.0 * index as f64;
            svg.dot((WIDTH - RIGHT + 16.0, place), colour);
            svg.text((WIDTH - RIGHT + 26.0, place + 4.0), "start", name);
        }
        svg.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_in_proportion_is_a_straight_line_between_the_corners() {
        let mut plot = Plot::new("Growth", "CPU, ms");
        for factor in [1.0, 10.0, 100.0] {
            plot.add("a < b", factor, factor / 10.0);
        }
        let svg = plot.svg();
        let (left, right, middle) = (LEFT, WIDTH - RIGHT, f64::midpoint(LEFT, WIDTH - RIGHT));
        let (top, bottom) = (TOP, HEIGHT - BOTTOM);
        for point in [(left, bottom), (middle, f64::midpoint(top, bottom)), (right, top)] {
            let dot = format!("<circle cx=\"{:.1}\" cy=\"{:.1}\"", point.0, point.1);
            assert!(svg.contains(&dot), "no {dot} in {svg}");
        }
        assert!(svg.contains("a &lt; b") && svg.ends_with("</svg>\n"), "{svg}");
    }

    #[test]
    fn a_point_that_a_logarithm_does_not_have_is_left_out() {
        let mut plot = Plot::new("Growth", "CPU, ms");
        plot.add("curve", 1.0, 1.0);
        plot.add("curve", 10.0, 0.0);
        assert!(!plot.svg().contains("NaN") && !plot.svg().contains("inf"));
    }
}
