//! What became of a claim: what was seen of it, and what there is to say about that.

use serde::{Deserialize, Serialize};

use crate::text::{Text, shortened, visible};

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The kernel agrees.
    Pass,
    /// The kernel disagrees.
    Fail,
    /// It was not done yet.
    Open,
    /// It cannot be told; the reason is in what was seen.
    Unknown,
}

impl Verdict {
    /// The sign that stands for it wherever a person reads it.
    pub fn mark(self) -> &'static str {
        match self {
            Verdict::Pass => "✔",
            Verdict::Fail => "✘",
            Verdict::Open => "○",
            Verdict::Unknown => "–",
        }
    }
}

/// What a probe saw.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    verdict: Verdict,
    expected: Text,
    seen: Text,
    source: String,
    /// What to do about this very cause.
    hint: Option<Text>,
    /// The command that mends it.
    mend: Option<String>,
    /// What is there beside what was asked for.
    remark: Option<Text>,
}

impl Seen {
    /// A judgement: what was expected, what was seen, and the file or call that showed it.
    pub fn judge(holds: bool, expected: Text, seen: Text, source: impl Into<String>) -> Seen {
        let verdict = if holds { Verdict::Pass } else { Verdict::Fail };
        Seen::new(verdict, expected, seen, source)
    }

    /// A value that should be exactly another.
    pub fn equal<T>(expected: T, seen: T, source: impl Into<String>) -> Seen
    where
        T: PartialEq + std::fmt::Display,
    {
        let holds = expected == seen;
        Seen::judge(holds, Text::plain(expected), Text::plain(seen), source)
    }

    /// It was not done yet: nothing was tried that could hold or not.
    pub fn open(expected: Text, seen: Text, source: impl Into<String>) -> Seen {
        Seen::new(Verdict::Open, expected, seen, source)
    }

    /// It cannot be told, and why.
    pub fn unknown(expected: Text, reason: Text, source: impl Into<String>) -> Seen {
        Seen::new(Verdict::Unknown, expected, reason, source)
    }

    /// The same with what to do about the cause that was seen, where the cause is known and the claim does not hold: it
    /// stands in the place of the check's own hint, which has to fit every cause.
    #[must_use]
    pub fn advise(mut self, hint: impl FnOnce() -> Option<Text>) -> Seen {
        if self.is_unmet() && self.hint.is_none() {
            self.hint = hint().map(|hint| hint.visible().shortened());
        }
        self
    }

    /// The same with a command that mends what was seen, typed as it stands by whoever asked, where the claim does
    /// not hold: about the work that was looked at, by its own names ([`crate::lab::mend`]). It takes nothing away that
    /// is not the student's own.
    #[must_use]
    pub fn mend(mut self, command: impl FnOnce() -> Option<String>) -> Seen {
        if self.is_unmet() && self.mend.is_none() {
            self.mend = command();
        }
        self
    }

    /// The same with what is there beyond what was asked for, where the claim holds all the same.
    #[must_use]
    pub fn remark(mut self, remark: impl FnOnce() -> Option<Text>) -> Seen {
        if self.verdict == Verdict::Pass && self.remark.is_none() {
            self.remark = remark().map(|remark| remark.visible().shortened());
        }
        self
    }

    /// The same of what is said to be done: that it is not has failed then.
    #[must_use]
    pub fn done(mut self) -> Seen {
        if self.verdict == Verdict::Open {
            self.verdict = Verdict::Fail;
        }
        self
    }

    /// What became of the claim.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    fn is_unmet(&self) -> bool {
        matches!(self.verdict, Verdict::Fail | Verdict::Open)
    }

    /// Names of files and processes are in these, and a student's may hold anything: what a terminal
    /// would obey is made visible here, and what nobody would read to its end cut, once for all.
    fn new(verdict: Verdict, expected: Text, seen: Text, source: impl Into<String>) -> Seen {
        let source = shortened(&visible(&source.into()));
        let clear = |text: Text| text.visible().shortened();
        let (hint, mend, remark) = (None, None, None);
        Seen { verdict, expected: clear(expected), seen: clear(seen), source, hint, mend, remark }
    }

    /// What was seen of `claim`, the claim of `check`; `hint` stands where no cause is known, and `mistake` is what
    /// it looks like.
    pub fn of(
        self,
        check: &'static str,
        claim: Text,
        hint: Text,
        mistake: Option<Recognised>,
    ) -> Finding {
        let Seen { verdict, expected, seen, source, .. } = self;
        let (hint, mend, remark) = (self.hint.unwrap_or(hint), self.mend, self.remark);
        Finding { check, verdict, claim, expected, seen, source, hint, mend, remark, mistake }
    }
}

/// A mistake that what was seen looks like.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recognised {
    /// Its name within the lab, the same in every language.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// What happened, in a sentence or two.
    pub what_happened: Text,
}

/// A check and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The check's identifier.
    pub check: &'static str,
    /// What became of it.
    pub verdict: Verdict,
    /// What should be true.
    pub claim: Text,
    /// What was expected to be seen.
    pub expected: Text,
    /// What was seen.
    pub seen: Text,
    /// The kernel's file or call that showed it.
    pub source: String,
    /// What to look at, when it failed or is not done.
    pub hint: Text,
    /// A command that mends it, where one is known.
    pub mend: Option<String>,
    /// What is there beyond what was asked for.
    pub remark: Option<Text>,
    /// Which mistake it looks like.
    pub mistake: Option<Recognised>,
}
