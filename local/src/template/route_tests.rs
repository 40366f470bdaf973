//! Who may call the routes of the template. `routes/deployment_tests.rs` compares their paths with the functions'.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::{Value, json};

use super::{
    RouteKey,
    stack::{Parameters, Stack, TEMPLATE, list},
};
use crate::workspace;

const ROUTE: &str = "AWS::ApiGatewayV2::Route";
const IAM: Parameters<'_> = &[];
const JWT: Parameters<'_> = &[
    ("AuthorizationType", "JWT"),
    ("JwtIssuer", "https://login.example.com/"),
    ("JwtAudience", "xzepr,portal"),
];
const NONE: Parameters<'_> = &[("AuthorizationType", "NONE")];
const CORS: (&str, &str) = ("CorsAllowOrigins", "https://portal.example.com,http://localhost:3000");

/// The start of the ARN of a request to the API. The tests have no values for its parts.
const API_ARN: &str = "arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<Api>/";

/// The start of a route's path, the scope of its routes for `POST` and `PATCH`, and the one of its route for `ANY`.
const SCOPES: [(&str, &str, &str); 12] = [
    ("/api/v1/events/batch", "xzepr/events:write", "xzepr/events:write"),
    ("/api/v1/events", "xzepr/events:write", "xzepr/read"),
    ("/api/v1/event-receivers", "xzepr/receivers:write", "xzepr/read"),
    ("/api/v1/receivers", "xzepr/receivers:write", "xzepr/read"),
    ("/api/v1/event-receiver-groups", "xzepr/groups:write", "xzepr/read"),
    ("/api/v1/groups", "xzepr/groups:write", "xzepr/read"),
    ("/api/v1/gates", "xzepr/read", "xzepr/read"),
    ("/api/v1/admin/", "xzepr/admin", "xzepr/admin"),
    ("/api/v1/openapi.json", "xzepr/read", "xzepr/read"),
    ("/api/v1/status", "xzepr/read", "xzepr/read"),
    ("/health", "xzepr/read", "xzepr/read"),
    ("/healthz/", "xzepr/read", "xzepr/read"),
];

fn stack(parameters: Parameters<'_>) -> Stack {
    let stack = Stack::new(parameters);
    assert_eq!(stack.refusals(), [""; 0], "{parameters:?}");
    stack
}

/// The properties of the routes by their keys.
fn routes(stack: &Stack) -> BTreeMap<String, Value> {
    let routes = stack.resources(ROUTE);
    let count = routes.len();
    let by_key: BTreeMap<_, _> = routes
        .into_values()
        .map(|properties| (properties["RouteKey"].as_str().unwrap().to_owned(), properties))
        .collect();
    assert_eq!(by_key.len(), count, "no two routes have one key");
    by_key
}

/// Who may call a route: the type, the authorizer and the scopes.
fn access(route: &Value) -> (&str, &Value, &Value) {
    (route["AuthorizationType"].as_str().unwrap(), &route["AuthorizerId"], &route["AuthorizationScopes"])
}

/// The path of a key, unless it is the default route's.
fn path(key: &str) -> Option<String> {
    match RouteKey::parse(key).unwrap_or_else(|| panic!("{key}")) {
        RouteKey::Default => None,
        RouteKey::Path { path, .. } => Some(path),
    }
}

#[test]
fn every_route_but_the_default_route_has_the_chosen_authorizer() {
    for (parameters, chosen, authorizer) in
        [(IAM, "AWS_IAM", Value::Null), (JWT, "JWT", json!("<JwtAuthorizer>")), (NONE, "NONE", Value::Null)]
    {
        for (key, route) in routes(&stack(parameters)) {
            let Some(path) = path(&key) else {
                assert_eq!(access(&route), ("NONE", &Value::Null, &Value::Null));
                continue;
            };
            // Nobody but a known caller may replay, also if the API is public.
            let is_closed_admin = chosen == "NONE" && path.starts_with("/api/v1/admin/");
            let expected = if is_closed_admin { "AWS_IAM" } else { chosen };
            let (kind, id, scopes) = access(&route);
            assert_eq!((kind, id), (expected, &authorizer), "{key}");
            assert_eq!(scopes.is_null(), chosen != "JWT", "{key}");
        }
    }
}

/// The entry of [`SCOPES`] for a path.
fn scopes_of(path: &str) -> (&'static str, &'static str, &'static str) {
    let mut entries = SCOPES.iter().filter(|(start, ..)| {
        // The whole segment: /api/v1/event-receivers is no start of /api/v1/event-receiver-groups.
        path.strip_prefix(start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || start.ends_with('/'))
    });
    *entries.next().unwrap_or_else(|| panic!("{path} has no scope"))
}

#[test]
fn a_token_needs_the_scope_of_the_route() {
    for (key, route) in routes(&stack(JWT)) {
        let Some(path) = path(&key) else { continue };
        let (_, of_writes, of_any) = scopes_of(&path);
        let scope = if key.starts_with("ANY ") { of_any } else { of_writes };
        assert_eq!(route["AuthorizationScopes"], json!([scope]), "{key}");
    }
}

#[test]
fn a_path_with_a_trailing_slash_has_the_access_and_the_function_of_the_path_without() {
    for parameters in [IAM, JWT, NONE] {
        let routes = routes(&stack(parameters));
        for (key, route) in &routes {
            let Some(path) = path(key).filter(|path| !path.ends_with("+}")) else { continue };
            // Its own greedy route, or the one of the path without `{id}` if that is in the same function.
            let root = path.strip_suffix("/{id}").unwrap_or(&path);
            let (method, _) = key.split_once(' ').unwrap();
            let slash =
                [&path, root].iter().find_map(|root| routes.get(&format!("{method} {root}/{{proxy+}}")));
            let slash = slash.unwrap_or_else(|| panic!("{path} has no route with a trailing slash"));
            assert_eq!((access(slash), &slash["Target"]), (access(route), &route["Target"]), "{path}");
        }
    }
}

#[test]
fn the_function_of_the_routes_without_authorizer_has_no_rights() {
    let stack = stack(&[CORS]);
    for (key, route) in routes(&stack).into_iter().filter(|(_, route)| access(route).0 == "NONE") {
        assert_eq!(route["Target"], "integrations/<RefuseUnknownPathIntegration>", "{key}");
    }
    let integrations = stack.resources("AWS::ApiGatewayV2::Integration");
    let function = &integrations["RefuseUnknownPathIntegration"]["IntegrationUri"];
    // The function, or its alias.
    assert!(function.as_str().unwrap().starts_with("<RefuseUnknownPath."), "{function}");
    for statement in stack.statements("RefuseUnknownPath") {
        for action in list(&statement["Action"]) {
            assert!(action.starts_with("logs:"), "{action}");
        }
    }
}

#[test]
fn the_api_may_invoke_each_function_over_its_own_paths_alone() {
    let stack = stack(&[CORS]);
    let integrations = stack.resources("AWS::ApiGatewayV2::Integration");
    let permissions = stack.resources("AWS::Lambda::Permission");
    let routes = routes(&stack);
    let function = |route: &Value| {
        let target = route["Target"].as_str().unwrap();
        let integration = target.strip_prefix("integrations/<").and_then(|target| target.strip_suffix('>'));
        integrations[integration.unwrap()]["IntegrationUri"].as_str().unwrap().to_owned()
    };
    // The paths of events and of batches have one start in a permission.
    let start = |key: &str| path(key).map(|path| scopes_of(&path).0.trim_end_matches("/batch"));
    for (key, route) in &routes {
        // The caller's ARN ends in the stage, the method (`*` for `ANY`) and the path of the route.
        let request = match RouteKey::parse(key).unwrap() {
            RouteKey::Default => "$default/$default".to_owned(),
            RouteKey::Path { method: None, path } => format!("$default/*{path}"),
            RouteKey::Path { method: Some(method), path } => format!("$default/{method}{path}"),
        };
        let invocable = permissions.values().filter(|permission| {
            let pattern = permission["SourceArn"].as_str().unwrap().strip_prefix(API_ARN).unwrap();
            permission["Action"] == "lambda:InvokeFunction"
                && permission["Principal"] == "apigateway.amazonaws.com"
                && matches(pattern, &request)
        });
        let invocable = invocable.map(|permission| permission["FunctionName"].as_str().unwrap().to_owned());
        let invocable: BTreeSet<_> = invocable.collect();
        assert!(invocable.contains(&function(route)), "{key}");
        // The functions of the same paths, and the one without rights over every route.
        let of_paths = routes.iter().filter(|(other, _)| start(other) == start(key));
        let mut expected: BTreeSet<_> = of_paths.map(|(_, route)| function(route)).collect();
        expected.insert(function(&routes["$default"]));
        assert_eq!(invocable, expected, "{key}");
    }
}

/// Whether a text matches a pattern of IAM, where `*` is any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            (0..=text.len()).any(|index| text.get(index..).is_some_and(|text| matches(rest, text)))
        }),
    }
}

#[test]
fn jwt_needs_an_issuer_and_an_audience_and_the_others_refuse_them() {
    let [kind, issuer, audience] = JWT else { panic!() };
    let cases: [(Parameters<'_>, &[&str]); 9] = [
        (&[*kind, *audience], &["AuthorizationType JWT requires JwtIssuer"]),
        (&[*kind, *issuer], &["AuthorizationType JWT requires JwtAudience, without an empty entry"]),
        (
            &[*kind, *issuer, ("JwtAudience", "a,,b")],
            &["AuthorizationType JWT requires JwtAudience, without an empty entry"],
        ),
        (&[*issuer], &["JwtIssuer requires AuthorizationType JWT"]),
        (&[*audience], &["JwtAudience requires AuthorizationType JWT"]),
        (&[NONE[0], *audience], &["JwtAudience requires AuthorizationType JWT"]),
        (
            &[*kind, *audience, ("JwtIssuer", "http://login.example.com")],
            &["JwtIssuer must be an https URL without query and fragment"],
        ),
        (&[*kind, *issuer, ("JwtAudience", "a b")], &["JwtAudience must have no spaces"]),
        (&[("AuthorizationType", "")], &["AuthorizationType"]),
    ];
    for (parameters, refusals) in cases {
        assert_eq!(Stack::new(parameters).refusals(), refusals, "{parameters:?}");
    }
    let with_jwt = stack(JWT);
    let authorizers = with_jwt.resources("AWS::ApiGatewayV2::Authorizer");
    let configuration = &authorizers["JwtAuthorizer"]["JwtConfiguration"];
    assert_eq!(
        configuration,
        &json!({"Issuer": "https://login.example.com/", "Audience": ["xzepr", "portal"]})
    );
    assert!(stack(IAM).resources("AWS::ApiGatewayV2::Authorizer").is_empty());
}

#[test]
fn an_output_says_who_may_call() {
    for (parameters, start) in [
        (IAM, "AWS_IAM: requests signed"),
        (JWT, "JWT: a token of https://login.example.com/ "),
        (NONE, "NONE: the API is public."),
    ] {
        let access = stack(parameters).output("Access");
        assert!(access.starts_with(start), "{access}");
    }
}

#[test]
fn cors_is_closed_unless_origins_are_named() {
    let api = |parameters| stack(parameters).resources("AWS::ApiGatewayV2::Api")["Api"].clone();
    assert_eq!(api(IAM)["CorsConfiguration"], Value::Null);
    assert!(routes(&stack(IAM)).keys().all(|key| !key.starts_with("OPTIONS ")));
    let configuration = api(&[CORS])["CorsConfiguration"].clone();
    assert_eq!(configuration["AllowOrigins"], json!(["https://portal.example.com", "http://localhost:3000"]));
    assert_eq!(configuration["AllowCredentials"], Value::Null);
    for origin in ["*", "https://*", "https://a.example.com:8443"] {
        stack(&[("CorsAllowOrigins", origin)]);
    }
    for origin in ["a.example.com", "https://a.example.com/", "https://*.example.com", "null", "ftp://a"] {
        let refusals = Stack::new(&[("CorsAllowOrigins", origin)]).refusals();
        let reason =
            "CorsAllowOrigins must be * or origins such as https://portal.example.com, without a path";
        assert_eq!(refusals, [reason], "{origin}");
    }
    let refusals = Stack::new(&[("CorsAllowOrigins", "https://a,,https://b")]).refusals();
    assert_eq!(refusals, ["CorsAllowOrigins has an empty entry"]);
}

/// A second API, an API of SAM's events or a function's URL would be a way around the authorizer.
#[test]
fn the_api_is_the_only_way_to_a_function() {
    let stack = stack(IAM);
    assert_eq!(stack.resources("AWS::ApiGatewayV2::Api").len(), 1);
    for kind in
        ["AWS::Serverless::Api", "AWS::Serverless::HttpApi", "AWS::ApiGateway::RestApi", "AWS::Lambda::Url"]
    {
        assert!(stack.resources(kind).is_empty(), "{kind}");
    }
    for (name, function) in stack.resources("AWS::Serverless::Function") {
        assert_eq!(function["FunctionUrlConfig"], Value::Null, "{name}");
        let events = function["Events"].as_object().into_iter().flat_map(|events| events.values());
        for event in events {
            assert!(!["Api", "HttpApi"].contains(&event["Type"].as_str().unwrap()), "{name}");
        }
    }
}

/// The headers of a CloudEvent in the binary content mode are those of the attributes that `docs/api.md` lists.
#[test]
fn a_page_may_send_every_header_that_a_function_reads() {
    let stack = stack(&[CORS]);
    let headers = &stack.resources("AWS::ApiGatewayV2::Api")["Api"]["CorsConfiguration"]["AllowHeaders"];
    let headers: BTreeSet<_> = list(headers).into_iter().map(str::to_owned).collect();
    let text = fs::read_to_string(workspace::root().join("docs/api.md")).unwrap();
    let (_, table) = text.split_once("| Attribute | Member of a plain body |\n").unwrap();
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap());
    let attributes = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).filter(|name| *name != "data");
    let attributes: BTreeSet<_> =
        attributes.filter(|name| *name != "datacontenttype").map(|name| format!("ce-{name}")).collect();
    assert!(attributes.len() > 10, "{attributes:?}");
    let of_cloudevents = headers.iter().filter(|header| header.starts_with("ce-")).cloned();
    assert_eq!(of_cloudevents.collect::<BTreeSet<_>>(), attributes);
    for header in ["authorization", "content-type", "idempotency-key", "traceparent", "x-amz-date"] {
        assert!(headers.contains(header), "{header}");
    }
}

/// A browser asks by `OPTIONS` without a token, and `ANY` would demand one. `routes/deployment_tests.rs` finds the route
/// of each question.
#[test]
fn each_preflight_route_is_open_and_has_the_path_of_another_route() {
    let parameters = [JWT, &[CORS]].concat();
    let routes = routes(&stack(&parameters));
    let mut count = 0;
    for (key, preflight) in routes.iter().filter(|(key, _)| key.starts_with("OPTIONS ")) {
        assert_eq!(access(preflight), ("NONE", &Value::Null, &Value::Null), "{key}");
        assert!(routes.contains_key(&key.replace("OPTIONS", "ANY")), "{key}");
        count += 1;
    }
    assert!(count > 10, "{count}");
}

/// A stack that is updated has routes for `ANY` to the functions that create.
#[test]
fn a_route_for_any_leads_to_the_reading_function_only_after_the_one_for_post_exists() {
    let stack = stack(IAM);
    let names: BTreeMap<_, _> = stack
        .resources(ROUTE)
        .into_iter()
        .map(|(name, route)| (route["RouteKey"].as_str().unwrap().to_owned(), name))
        .collect();
    let mut count = 0;
    for (key, name) in &names {
        let Some(path) = key.strip_prefix("POST ") else { continue };
        let any = names[&format!("ANY {path}")];
        assert_eq!(TEMPLATE["Resources"][any]["DependsOn"], *name, "{key}");
        count += 1;
    }
    assert_eq!(count, 10);
}

#[test]
fn a_limit_of_zero_is_refused() {
    for limit in ["RequestsPerSecond", "RequestBurst"] {
        assert_eq!(Stack::new(&[(limit, "0")]).refusals(), [limit]);
        assert_eq!(Stack::new(&[(limit, "1")]).refusals(), [""; 0]);
    }
}

#[test]
fn each_route_has_the_limits_of_the_stage() {
    let stack = stack(&[("RequestsPerSecond", "7"), ("RequestBurst", "11")]);
    let [stage] = &*stack.resources("AWS::ApiGatewayV2::Stage").into_values().collect::<Vec<_>>() else {
        panic!("one stage")
    };
    assert_eq!(
        stage["DefaultRouteSettings"],
        json!({"ThrottlingRateLimit": "7", "ThrottlingBurstLimit": "11"})
    );
    assert_eq!((&stage["StageName"], &stage["AutoDeploy"]), (&json!("$default"), &json!(true)));
}

#[test]
fn the_access_log_names_the_caller_and_the_reason_of_a_refusal() {
    let stack = stack(IAM);
    let format = &stack.resources("AWS::ApiGatewayV2::Stage")["Stage"]["AccessLogSettings"]["Format"];
    let format: BTreeMap<String, String> = serde_json::from_str(format.as_str().unwrap()).unwrap();
    for variable in [
        "$context.identity.userArn",
        "$context.identity.caller",
        "$context.authorizer.claims.iss",
        "$context.authorizer.claims.sub",
        "$context.authorizer.error",
        "$context.error.message",
        "$context.error.responseType",
    ] {
        assert!(format.values().any(|value| value == variable), "{variable}");
    }
    // A caller writes these, and API Gateway escapes nothing.
    for variable in ["$context.path", "$context.identity.userAgent"] {
        assert!(!format.values().any(|value| value.contains(variable)), "{variable}");
    }
}
