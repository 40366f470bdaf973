//! The rows of the truth table.

use std::fs;

use xzepr_domain::{EventReceiverGroup, GroupId, ReceiverId, ShortText};

use crate::root;

const DOCUMENT: &str = "docs/gates.md";

/// A row.
#[derive(Debug)]
pub(super) struct Row {
    /// The row as the document has it.
    pub(super) text: String,
    pub(super) number: usize,
    /// The peculiarity of the group.
    group: String,
    pub(super) steps: Vec<Step>,
    /// The message of each step.
    pub(super) messages: Vec<String>,
}

#[derive(Debug)]
pub(super) enum Step {
    Event(Posted),
    /// The records on their way arrive.
    Arrive,
    /// All records so far arrive a second time.
    Again,
    Group(Change),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    Create,
    Enable,
    Disable,
}

/// An event that is accepted.
#[derive(Debug)]
pub(super) struct Posted {
    /// The index of the receiver.
    pub(super) receiver: usize,
    pub(super) success: bool,
    /// Whether its record arrives later.
    pub(super) is_on_the_way: bool,
    /// Whether its id is older than all others.
    pub(super) is_old: bool,
    pub(super) is_of_another_release: bool,
}

impl Row {
    /// The rows of the document.
    pub(super) fn all() -> Vec<Self> {
        let document = fs::read_to_string(root().join(DOCUMENT)).unwrap();
        let (_, table) =
            document.split_once("\n| Group | Steps | Messages |\n| --- | --- | --- |\n").unwrap();
        let lines = table.lines().take_while(|line| line.starts_with('|'));
        lines.enumerate().map(|(number, line)| Self::parse(number, line)).collect()
    }

    fn parse(number: usize, line: &str) -> Self {
        let cells: Vec<_> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
        let [group, steps, messages] = &cells[..] else { panic!("{line} has no three cells") };
        let words = |cell: &str| cell.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let steps: Vec<_> = words(steps).iter().map(|word| step(word)).collect();
        let messages = words(messages);
        assert_eq!(steps.len(), messages.len(), "{line}: each step has a message or a dot");
        Self { text: line.to_owned(), number, group: group.clone(), steps, messages }
    }

    pub(super) fn is_created_later(&self) -> bool {
        self.group == "created later"
    }

    /// The group of the row.
    pub(super) fn group(&self, receivers: &[ReceiverId]) -> EventReceiverGroup {
        let known = ["", "created later", "disabled", "repeat", "notify_incomplete", "without receivers"];
        assert!(known.contains(&&*self.group), "{}: this group is unknown", self.text);
        let text = |text: &str| ShortText::try_from(text.to_owned()).unwrap();
        let has_receivers = self.group != "without receivers";
        EventReceiverGroup {
            id: GroupId::generate(),
            name: text("release"),
            r#type: text("com.example.release"),
            version: text("1"),
            description: "Ready for a release".to_owned().try_into().unwrap(),
            enabled: self.group != "disabled",
            event_receiver_ids: receivers.iter().copied().filter(|_| has_receivers).collect(),
            repeat: self.group == "repeat",
            notify_incomplete: self.group == "notify_incomplete",
            updated_at: None,
        }
    }
}

fn step(word: &str) -> Step {
    match word {
        "arrive" => return Step::Arrive,
        "again" => return Step::Again,
        "create" => return Step::Group(Change::Create),
        "enable" => return Step::Group(Change::Enable),
        "disable" => return Step::Group(Change::Disable),
        _ => {}
    }
    let bracketed = word.strip_prefix('(').and_then(|word| word.strip_suffix(')'));
    let rest = bracketed.unwrap_or(word);
    let (is_old, rest) = rest.strip_prefix('^').map_or((false, rest), |rest| (true, rest));
    let (is_of_another_release, rest) =
        rest.strip_prefix("other:").map_or((false, rest), |rest| (true, rest));
    let (receiver, success) = match rest {
        "r1+" => (0, true),
        "r1-" => (0, false),
        "r2+" => (1, true),
        "r2-" => (1, false),
        _ => panic!("{word} is no step"),
    };
    Step::Event(Posted {
        receiver,
        success,
        is_on_the_way: bracketed.is_some(),
        is_old,
        is_of_another_release,
    })
}
