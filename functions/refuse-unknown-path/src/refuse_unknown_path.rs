//! The default route of the API.

use xzepr_http::Api;

/// Without endpoints every path is unknown.
pub(crate) fn api() -> Api<'static> {
    Api::new()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use xzepr_http::testing::{request, respond};

    use super::*;

    #[tokio::test]
    async fn every_path_is_not_found() {
        let mut responses = Vec::new();
        for path in ["", "/", "/api/v1/events", "/api/v1/admin/replays/01HJ1K2M3N4P5Q6R7S8T9V0W1X"] {
            for method in ["GET", "POST", "PUT"] {
                responses.push(respond(&api(), request(method, path, "{}")).await);
            }
        }
        responses.dedup();
        assert_snapshot!(responses.join("\n\n"), @r#"
            404 Not Found
            content-type: application/json
            x-request-id: REQUEST

            {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
        "#);
    }
}
