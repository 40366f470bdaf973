//! A picture of bars: medians with their quartiles, from zero on.

use super::{
    samples::{Summary, figure},
    svg::{COLOURS, Svg},
};

const WIDTH: f64 = 720.0;
const LEFT: f64 = 190.0;
/// The place of the number behind the longest bar.
const RIGHT: f64 = 90.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 16.0;
const BAR: f64 = 13.0;
const STEP: f64 = 16.0;
/// The space between two groups.
const SPACE: f64 = 10.0;

/// Groups of bars. Each group has a bar of each series, or fewer.
pub(super) struct Bars {
    title: &'static str,
    /// The unit of all values.
    unit: &'static str,
    series: Vec<String>,
    groups: Vec<(String, Vec<(usize, Summary)>)>,
}

impl Bars {
    /// An empty picture.
    pub(super) fn new(title: &'static str, unit: &'static str) -> Self {
        Self { title, unit, series: Vec::new(), groups: Vec::new() }
    }

    /// Adds the bar of a series to a group.
    pub(super) fn add(&mut self, group: &str, series: &str, summary: Summary) {
        let known = self.series.iter().position(|name| name == series);
        let series = known.unwrap_or_else(|| {
            self.series.push(series.to_owned());
            self.series.len() - 1
        });
        match self.groups.iter_mut().find(|(name, _)| name == group) {
            Some((_, bars)) => bars.push((series, summary)),
            None => self.groups.push((group.to_owned(), vec![(series, summary)])),
        }
    }

    /// The picture as SVG.
    pub(super) fn svg(&self) -> String {
        let bars = || self.groups.iter().flat_map(|(_, bars)| bars);
        let height = TOP + bars().count() as f64 * STEP + self.groups.len() as f64 * SPACE + BOTTOM;
        let longest = bars().map(|(_, summary)| summary.upper_quartile).fold(0.0, f64::max);
        let length = |value: f64| if longest > 0.0 { value / longest * (WIDTH - LEFT - RIGHT) } else { 0.0 };
        let colour = |series: usize| COLOURS.get(series % COLOURS.len()).copied().unwrap_or_default();
        let mut svg = Svg::new(self.title, (WIDTH, height));
        let heading = format!("{}: median and quartiles, {}", self.title, self.unit);
        svg.text((16.0, 22.0), "start", &heading);
        let mut x = 16.0;
        for (index, name) in self.series.iter().enumerate() {
            svg.bar((x, 36.0), (BAR, BAR), colour(index));
            svg.text((x + BAR + 5.0, 47.0), "start", name);
            // About the width of the text.
            x += BAR + 22.0 + 6.5 * name.chars().count() as f64;
        }
        let mut y = TOP;
        for (name, bars) in &self.groups {
            svg.text((LEFT - 8.0, y + BAR - 2.0), "end", name);
            for (series, Summary { median, lower_quartile, upper_quartile, .. }) in bars {
                svg.bar((LEFT, y), (length(*median), BAR), colour(*series));
                let (middle, end) = (y + BAR / 2.0, LEFT + length(*upper_quartile));
                svg.line((LEFT + length(*lower_quartile), middle), (end, middle), "#333");
                svg.text((end + 6.0, y + BAR - 2.0), "start", &figure(*median));
                y += STEP;
            }
            y += SPACE;
        }
        svg.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_median_and_the_line_on_it_joins_the_quartiles() {
        let summary = |median| Summary {
            count: 3,
            median,
            lower_quartile: median / 2.0,
            upper_quartile: median * 2.0,
            p99: median,
        };
        let mut bars = Bars::new("Starts", "ms");
        bars.add("init", "ours", summary(10.0));
        bars.add("init", "other", summary(5.0));
        let svg = bars.svg();
        let whole = WIDTH - LEFT - RIGHT;
        for (width, colour, number) in [(whole / 2.0, COLOURS[0], "10.0"), (whole / 4.0, COLOURS[1], "5.00")]
        {
            let bar = format!("width=\"{width:.1}\" height=\"{BAR:.1}\" fill=\"{colour}\"");
            assert!(svg.contains(&bar), "no {bar} in {svg}");
            let line = format!("x1=\"{:.1}\"", LEFT + width / 2.0);
            assert!(svg.contains(&line), "no {line} in {svg}");
            assert!(svg.contains(&format!(">{number}<")), "no {number} in {svg}");
        }
        assert!(svg.contains("Starts: median and quartiles, ms"), "{svg}");
    }
}
