//! The scripts of the model: who posts which events, which groups there are, and how many faults may happen.

/// The receivers of the model.
pub(crate) const RECEIVERS: [char; 3] = ['a', 'b', 'c'];

/// One POST of an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Post {
    /// The index of its receiver.
    pub(crate) receiver: usize,
    /// Whether the event is successful.
    pub(crate) is_green: bool,
    /// The POST of the same caller that got its response before this one is sent.
    pub(crate) after: Option<usize>,
}

/// An event receiver group of a script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    /// The names of its receivers.
    pub(crate) members: &'static str,
    pub(crate) repeat: bool,
    pub(crate) notify_incomplete: bool,
    pub(crate) is_enabled: bool,
    /// How often a PATCH enables or disables it.
    pub(crate) patches: u8,
}

impl Group {
    /// An enabled group that nobody changes.
    pub(crate) const fn of(members: &'static str) -> Self {
        Self { members, repeat: false, notify_incomplete: false, is_enabled: true, patches: 0 }
    }

    pub(crate) const fn repeats(self) -> Self {
        Self { repeat: true, ..self }
    }

    pub(crate) const fn notifies(self) -> Self {
        Self { notify_incomplete: true, ..self }
    }

    pub(crate) const fn disabled(self) -> Self {
        Self { is_enabled: false, ..self }
    }

    pub(crate) const fn patched(self, patches: u8) -> Self {
        Self { patches, ..self }
    }
}

/// Everything that may happen in one search. The order in which it happens is left open.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    /// The POSTs as text: a space is between callers, and `>` between the POSTs of one caller.
    pub(crate) text: &'static str,
    pub(crate) posts: Vec<Post>,
    pub(crate) groups: [Group; 2],
    /// How often an evaluation ends in its middle. Its record is delivered again.
    pub(crate) crashes: u8,
    /// How often a record is delivered once more than needed, also beside its first delivery.
    pub(crate) redeliveries: u8,
    /// How often the index is dropped, with the greens, and every record delivered again.
    pub(crate) rebuilds: u8,
}

impl Script {
    pub(crate) fn new(text: &'static str, groups: [Group; 2]) -> Self {
        let mut posts = Vec::new();
        for caller in text.split(' ') {
            let mut after = None;
            for post in caller.split('>') {
                let receiver = RECEIVERS.iter().position(|name| post.starts_with(*name)).unwrap();
                posts.push(Post { receiver, is_green: post.ends_with('+'), after });
                after = Some(posts.len() - 1);
            }
        }
        Self { text, posts, groups, crashes: 0, redeliveries: 0, rebuilds: 0 }
    }

    pub(crate) fn with_crashes(self, crashes: u8) -> Self {
        Self { crashes, ..self }
    }

    pub(crate) fn with_redeliveries(self, redeliveries: u8) -> Self {
        Self { redeliveries, ..self }
    }

    pub(crate) fn with_rebuild(self) -> Self {
        Self { rebuilds: 1, ..self }
    }

    /// Whether a receiver belongs to a group.
    pub(crate) fn is_member(&self, receiver: usize, group: usize) -> bool {
        self.groups[group].members.contains(RECEIVERS[receiver])
    }

    /// The members of a group.
    pub(crate) fn members(&self, group: usize) -> impl Iterator<Item = usize> {
        (0..RECEIVERS.len()).filter(move |receiver| self.is_member(*receiver, group))
    }
}

const AB: Group = Group::of("ab");
const BC: Group = Group::of("bc");

/// The scripts of every run of the tests.
pub(crate) fn small() -> Vec<Script> {
    vec![
        // Events of one caller, which the stream delivers in another order.
        Script::new("a+>a->b+", [AB, BC]).with_crashes(1).with_redeliveries(1),
        // Two callers race for the last green, and a failure comes between.
        Script::new("a+ b+ a-", [AB, BC]).with_crashes(1).with_redeliveries(1),
        // A completion, its end, and the next one.
        Script::new("a+>a->a+ b+", [AB.notifies(), BC]).with_crashes(1),
        Script::new("a+>a->a+ b+", [AB.repeats(), BC]),
        // One event completes two groups.
        Script::new("a+ b+ c+", [AB, BC]).with_crashes(1),
        Script::new("a+ b+ c+ b-", [AB.notifies(), BC]),
        // A PATCH at any moment.
        Script::new("a+ b+", [AB.patched(2), BC]).with_crashes(1),
        Script::new("a+>b+ a-", [AB.disabled().patched(2).notifies(), BC]),
        // The index is dropped and built again.
        Script::new("a+>b+>a-", [AB.notifies(), BC]).with_rebuild(),
        Script::new("a+>b+", [AB, AB.repeats()]).with_rebuild(),
        // The same event is posted again.
        Script::new("a+>b+>a+", [AB, AB.repeats()]),
    ]
}

/// Scripts whose search takes minutes.
pub(crate) fn large() -> Vec<Script> {
    let abc = Group::of("abc");
    vec![
        Script::new("a+>a->a+ b+", [AB.notifies(), BC]).with_redeliveries(1).with_crashes(1),
        Script::new("a+>a->a+ b+", [AB.repeats().notifies(), BC]).with_redeliveries(1),
        Script::new("a+>a->a+ b+", [AB.notifies().patched(2), BC]),
        Script::new("a+ b+>a-", [AB.notifies(), BC]).with_rebuild(),
        Script::new("a+ a- a+ b+", [AB.notifies(), BC]),
        Script::new("a+>a->a+>a->a+ b+", [AB.notifies(), BC]),
        Script::new("a+ b+ c+ c-", [abc.notifies(), BC]).with_crashes(1),
    ]
}
