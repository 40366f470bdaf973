//! Access to the API with `--auth jwt`, through the functions' real processes: tokens, scopes, the ways around them that
//! must not exist, and the limits of the stage.

mod caller;
mod cors;
mod limits;
mod overrides;
mod paths;
mod scopes;
mod tokens;
