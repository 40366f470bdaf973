//! `docs/api-reference.md` is rendered from the document.
//!
//! After a change of the document, this command renders it again:
//!
//! `XZEPR_RENDER_REFERENCE=1 cargo test -p end-to-end --test openapi reference`
//!
//! No renderer of others is used. In 2026 the known ones for Markdown either do not read OpenAPI 3.1, or need another
//! release of Node than the rest of the tests and a hundred packages.

mod page;
mod schema;

use std::{env, fs};

use end_to_end::ApiDescription;

use crate::{read, root};

const PAGE: &str = "docs/api-reference.md";

#[test]
fn the_reference_is_current() {
    let page = page::render(ApiDescription::of_the_repository());
    if env::var_os("XZEPR_RENDER_REFERENCE").is_some() {
        fs::write(root().join(PAGE), &page).unwrap();
    }
    let command = "XZEPR_RENDER_REFERENCE=1 cargo test -p end-to-end --test openapi reference";
    assert!(read(PAGE) == page, "{PAGE} is not as the document is. Render it again: {command}");
}
