//! A picture as SVG.

use std::fs;

use local::{Context, Result, workspace};

/// Colours that people with any sight can tell apart: those of Okabe and Ito.
pub(super) const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// Writes a picture into the folder `benches` of the target folder.
pub(super) fn write(file: &str, svg: &str) -> Result<()> {
    let dir = workspace::target().join("benches");
    fs::create_dir_all(&dir).context("making a folder")?;
    let path = dir.join(file);
    fs::write(&path, svg).context(path.display())?;
    println!("{}", path.display());
    Ok(())
}

/// The text of a picture.
pub(super) struct Svg(String);

impl Svg {
    /// An empty picture of this width and height, on white. It names no font file, and the reader's own sans-serif is used.
    pub(super) fn new(title: &str, (width, height): (f64, f64)) -> Self {
        Self(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
             font-size=\"12\" role=\"img\">\n<title>{}</title>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n",
            escaped(title)
        ))
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        self.0.push_str(&element.to_string());
        self.0.push('\n');
    }

    /// A line.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.push(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\" stroke-width=\"1.5\"/>"
        ));
    }

    /// A filled circle.
    pub(super) fn dot(&mut self, (x, y): (f64, f64), colour: &str) {
        self.push(format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>"));
    }

    /// A text that starts at a point, ends there, or has its middle there.
    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: &str, text: &str) {
        let text = escaped(text);
        self.push(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"#333\">{text}</text>"
        ));
    }

    /// A filled rectangle from its corner at the top left.
    pub(super) fn bar(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), colour: &str) {
        self.push(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>"
        ));
    }

    /// The text of the whole picture.
    pub(super) fn end(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
