"""The HTTP API in the translated template. The emulator's CloudFormation does not create it."""

import fnmatch
import unittest

from deployment.parameter_sets import SETS, deployed

SCOPES = {
    "CreateEvent": "xzepr/events:write",
    "CreateEventReceiver": "xzepr/receivers:write",
    "CreateEventReceiverGroup": "xzepr/groups:write",
    "ModifyEventReceiverGroup": "xzepr/groups:write",
    "QueryRegistry": "xzepr/read",
    "ManageReplays": "xzepr/admin",
    "DescribeApi": "xzepr/read",
}


class Api(unittest.TestCase):
    def test_every_route_but_the_default_one_needs_a_signature_unless_a_parameter_says_otherwise(self):
        for route in self.guarded_routes("default"):
            self.assertEqual(route["AuthorizationType"], "AWS_IAM", route["RouteKey"])

    def test_jwt_needs_a_token_with_the_scope_of_the_function(self):
        stack = deployed("jwt")
        (authorizer,) = stack.names_of("AWS::ApiGatewayV2::Authorizer")
        properties = stack.properties(authorizer)
        self.assertEqual(properties["JwtConfiguration"],
                         {"Issuer": "https://issuer.example.com/", "Audience": ["xzepr", "other"]})
        for route in self.guarded_routes("jwt"):
            self.assertEqual(route["AuthorizationType"], "JWT", route["RouteKey"])
            self.assertEqual(route["AuthorizerId"], f"<{authorizer}>", route["RouteKey"])
            self.assertEqual(route["AuthorizationScopes"], [SCOPES[self.function(stack, route)]], route["RouteKey"])

    def test_no_set_but_jwt_has_an_authorizer_of_its_own(self):
        for name in SETS:
            self.assertEqual(len(deployed(name).names_of("AWS::ApiGatewayV2::Authorizer")), int(name == "jwt"), name)

    def test_none_still_guards_the_routes_of_operators(self):
        for route in self.guarded_routes("guarded"):
            is_operators = "/admin/" in route["RouteKey"]
            self.assertEqual(route["AuthorizationType"], "AWS_IAM" if is_operators else "NONE", route["RouteKey"])

    def test_the_default_route_refuses(self):
        stack = deployed("default")
        (route,) = [route for route in self.routes(stack) if route["RouteKey"] == "$default"]
        self.assertEqual(self.function(stack, route), "RefuseUnknownPath")

    def test_api_gateway_may_invoke_the_function_of_each_route(self):
        stack = deployed("default")
        permissions = [stack.properties(name) for name in stack.names_of("AWS::Lambda::Permission")]
        for route in self.routes(stack):
            function = self.function(stack, route)
            sources = [permission["SourceArn"] for permission in permissions
                       if permission["Principal"] == "apigateway.amazonaws.com"
                       and stack.physical[function] in permission["FunctionName"]]
            path = route["RouteKey"].split(" ")[-1]
            source = f"arn:aws:execute-api:us-east-1:123456789012:<Api>/$default/*{path}"
            self.assertTrue(any(fnmatch.fnmatchcase(source, allowed) for allowed in sources), route["RouteKey"])

    def test_the_stage_logs_and_throttles(self):
        stack = deployed("default")
        (stage,) = stack.names_of("AWS::ApiGatewayV2::Stage")
        properties = stack.properties(stage)
        self.assertEqual(properties["DefaultRouteSettings"],
                         {"ThrottlingRateLimit": "1000", "ThrottlingBurstLimit": "2000"})
        self.assertIn(stack.physical["AccessLogs"], properties["AccessLogSettings"]["DestinationArn"])

    @staticmethod
    def routes(stack):
        return [stack.properties(name) for name in stack.names_of("AWS::ApiGatewayV2::Route")]

    def guarded_routes(self, name):
        routes = [route for route in self.routes(deployed(name)) if route["RouteKey"] != "$default"]
        self.assertTrue(routes)
        return routes

    @staticmethod
    def function(stack, route):
        integration = route["Target"].removeprefix("integrations/").strip("<>")
        uri = stack.properties(integration)["IntegrationUri"]
        functions = stack.names_of("AWS::Lambda::Function")
        return next(name for name in functions if uri.endswith(f":{stack.physical[name]}"))
