//! Requests as API Gateway gives them to a function, after its authorizer has let them through.

use serde_json::{Map, Value, json};

use crate::System;

/// The event of a request. The target is a path, and a query string after a question mark. `authorizer` is the member of
/// the request context, or null for an API without one.
pub fn gateway_request(method: &str, target: &str, body: &Value, authorizer: &Value) -> Value {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let parameters: Map<_, _> = pairs.map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": {"content-type": "application/json"}, "queryStringParameters": parameters,
        "requestContext": {
            "accountId": "123456789012", "apiId": "a", "authorizer": authorizer, "domainName": "d",
            "domainPrefix": "d", "requestId": "r", "routeKey": "$default", "stage": "$default",
            "time": "19/Dec/2023:18:12:19 +0000", "timeEpoch": 1_703_009_539_884_u64,
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.24",
                "userAgent": "test",
            },
        },
        "body": body.to_string(), "isBase64Encoded": false,
    })
}

impl System {
    /// Gives a function a request of API Gateway that must succeed, and returns the `data` of its response.
    pub async fn data_for(&self, function: &str, request: &Value) -> String {
        let response = self.invoke(function, request).await;
        let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        body["data"].as_str().unwrap_or_else(|| panic!("no data: {response}")).to_owned()
    }
}
