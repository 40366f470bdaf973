//! A stack of the template with chosen parameters, for the tests of its parameters.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    sync::LazyLock,
};

use regex_automata::nfa::thompson::pikevm::PikeVM;
use serde_json::Value;
use xzepr_settings::Settings;

use super::cloud_formation::{CloudFormation, document};
use crate::workspace;

/// The functions that use Kafka.
pub(super) const KAFKA_FUNCTIONS: [&str; 4] =
    ["PublishEvents", "RedriveDeadLetters", "ReplayEvents", "ReconcileEvents"];

/// Parameters with their values.
pub(super) type Parameters<'a> = &'a [(&'a str, &'a str)];

/// The template.
pub(super) static TEMPLATE: LazyLock<Value> =
    LazyLock::new(|| document(&fs::read_to_string(workspace::root().join("template.yaml")).unwrap()));

/// The stack that a deployment with some parameters makes.
pub(super) struct Stack(CloudFormation);

impl Stack {
    /// A stack with these parameters. The last value of a parameter counts, and the others have their defaults.
    pub(super) fn new(given: Parameters<'_>) -> Self {
        let document = &*TEMPLATE;
        let defaults = document["Parameters"].as_object().unwrap().iter();
        let mut parameters: BTreeMap<_, _> = defaults
            .map(|(name, parameter)| {
                let default = match &parameter["Default"] {
                    // It is the only parameter without a default.
                    Value::Null if name == "KafkaBrokers" => "broker:9092".to_owned(),
                    Value::Number(number) => number.to_string(),
                    default => default.as_str().unwrap_or_else(|| panic!("{name}: {default}")).to_owned(),
                };
                (name.clone(), default)
            })
            .collect();
        for &(name, value) in given {
            *parameters.get_mut(name).unwrap_or_else(|| panic!("there is no parameter {name}")) =
                value.into();
        }
        Self(CloudFormation { document, parameters })
    }

    /// A parameter's value.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.0.parameters.get(name).map(String::as_str)
    }

    /// The names of the functions' resources.
    pub(super) fn functions(&self) -> Vec<&str> {
        let resources = self.0.document["Resources"].as_object().unwrap().iter();
        let functions = resources.filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function");
        functions.map(|(name, _)| name.as_str()).collect()
    }

    /// The reasons for which CloudFormation refuses the parameters: their own rules, and the rules of the template.
    pub(super) fn refusals(&self) -> Vec<String> {
        let definitions = self.0.document["Parameters"].as_object().unwrap().iter();
        let wrong = definitions.filter(|(name, parameter)| !accepts(parameter, &self.0.parameters[*name]));
        let own = wrong.map(|(name, parameter)| match parameter["ConstraintDescription"].as_str() {
            Some(description) => format!("{name} {description}"),
            None => name.clone(),
        });
        own.chain(self.broken_rules()).collect()
    }

    /// The texts of the template's rules that the parameters break.
    pub(super) fn broken_rules(&self) -> Vec<String> {
        let rules = self.0.document["Rules"].as_object().unwrap().values();
        rules
            .filter(|rule| rule["RuleCondition"].is_null() || self.0.holds(&rule["RuleCondition"]))
            .flat_map(|rule| rule["Assertions"].as_array().unwrap())
            .filter(|assertion| !self.0.holds(&assertion["Assert"]))
            .map(|assertion| assertion["AssertDescription"].as_str().unwrap().to_owned())
            .collect()
    }

    /// The environment of a function.
    pub(super) fn environment(&self, function: &str) -> HashMap<String, String> {
        let globals = &self.0.document["Globals"]["Function"];
        [globals, self.properties(function)]
            .into_iter()
            .filter_map(|properties| properties["Environment"]["Variables"].as_object())
            .flatten()
            .map(|(name, value)| (name.clone(), self.0.text(value)))
            .collect()
    }

    /// The layers of a function.
    pub(super) fn layers(&self, function: &str) -> Value {
        self.0.value(&self.properties(function)["Layers"])
    }

    /// The settings that a function reads. Here a file of the layer is any file that can be read, and a generated name
    /// is that of its resource.
    pub(super) fn settings(&self, function: &str) -> Settings {
        let mut environment = self.environment(function);
        let file = workspace::root().join("template.yaml");
        for value in environment.values_mut() {
            if value.starts_with("/opt/") {
                file.to_str().unwrap().clone_into(value);
            } else if value.starts_with('<') {
                *value = name(value).to_owned();
            }
        }
        // Lambda sets it.
        environment.insert("AWS_REGION".into(), "eu-central-1".into());
        Settings::new(move |name| environment.get(name).cloned(), "").unwrap()
    }

    /// Whether a function's role allows an action on a resource, at least for some items of a table.
    pub(super) fn allows(&self, function: &str, action: &str, resource: &str) -> bool {
        self.allowing(function, action, resource).next().is_some()
    }

    /// Whether a function's role allows an action on the items of a table with this partition key.
    pub(super) fn allows_key(&self, function: &str, action: &str, table: &str, key: &str) -> bool {
        self.allowing(function, action, table).any(|statement| {
            let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
            keys.is_null() || list(keys).into_iter().any(|pattern| matches(pattern, key))
        })
    }

    /// The statements of a function's role that allow an action on a resource.
    fn allowing(&self, function: &str, action: &str, resource: &str) -> impl Iterator<Item = Value> {
        let allows = move |statement: &Value| {
            assert_eq!(statement["Effect"], "Allow");
            list(&statement["Action"]).contains(&action)
                && list(&statement["Resource"]).into_iter().any(|pattern| matches(pattern, resource))
        };
        self.statements(function).into_iter().filter(allows)
    }

    /// The statements of a function's role.
    pub(super) fn statements(&self, function: &str) -> Vec<Value> {
        let role = self.0.value(&self.properties(function)["Role"]);
        let role = self.0.value(self.properties(name(role.as_str().unwrap())));
        let attached = role["ManagedPolicyArns"].as_array().into_iter().flatten();
        let attached = attached.map(|policy| self.0.value(self.properties(name(policy.as_str().unwrap()))));
        let own = role["Policies"].as_array().into_iter().flatten().cloned();
        attached
            .chain(own)
            .flat_map(|policy| {
                let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap().clone();
                assert!(!statements.is_empty(), "IAM refuses an empty policy");
                statements
            })
            .collect()
    }

    /// The resources of a type that the stack has: each name with the properties.
    pub(super) fn resources(&self, kind: &str) -> BTreeMap<&str, Value> {
        let resources = self.0.document["Resources"].as_object().unwrap().iter();
        let of_kind = resources.filter(|(_, resource)| {
            let condition = resource["Condition"].as_str();
            let exists = condition.is_none_or(|name| self.0.holds(&self.0.document["Conditions"][name]));
            resource["Type"] == kind && exists
        });
        of_kind.map(|(name, resource)| (name.as_str(), self.0.value(&resource["Properties"]))).collect()
    }

    /// The value of an output.
    pub(super) fn output(&self, name: &str) -> String {
        self.0.text(&self.0.document["Outputs"][name]["Value"])
    }

    fn properties(&self, resource: &str) -> &Value {
        &self.0.document["Resources"][resource]["Properties"]
    }
}

/// The name of the resource that a value of `Ref` or `GetAtt` stands for.
fn name(value: &str) -> &str {
    let value = value.trim_start_matches('<').trim_end_matches('>');
    value.split_once('.').map_or(value, |(name, _)| name)
}

/// Whether a text is the pattern, or begins with the text before its `*`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => pattern == text,
    }
}

/// A text or a list of texts.
pub(super) fn list(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap()).collect(),
        text => vec![text.as_str().unwrap()],
    }
}

fn accepts(parameter: &Value, value: &str) -> bool {
    let is_whole_match = |pattern: &str| {
        // CloudFormation matches the whole value, and each entry of a list.
        let regex = PikeVM::new(&format!("^(?:{pattern})$")).unwrap();
        let is_list = parameter["Type"] == "CommaDelimitedList";
        let is_match = |text: &str| regex.is_match(&mut regex.create_cache(), text);
        if is_list { value.split(',').all(is_match) } else { is_match(value) }
    };
    let values = parameter["AllowedValues"].as_array();
    parameter["AllowedPattern"].as_str().is_none_or(is_whole_match)
        && values
            .is_none_or(|values| values.iter().any(|allowed| allowed.to_string().trim_matches('"') == value))
        && parameter["MaxLength"].as_u64().is_none_or(|most| value.len() as u64 <= most)
        && parameter["MinValue"]
            .as_i64()
            .is_none_or(|least| value.parse().is_ok_and(|value: i64| value >= least))
}
