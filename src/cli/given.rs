//! The options that were given, behind the command's name or before it.

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::complaint;
use crate::error::Result;

/// Options that only some commands take.
const OPTIONS: [&str; 4] = ["yes", "format", "root", "rootless"];

/// The options of one command line.
pub struct Given<'a> {
    before: &'a ArgMatches,
    /// The command and what stands behind it.
    behind: Option<(&'a str, &'a ArgMatches)>,
}

impl<'a> Given<'a> {
    /// Those of `matches`.
    pub fn new(matches: &'a ArgMatches) -> Given<'a> {
        Given { before: matches, behind: matches.subcommand() }
    }

    /// What stands behind the command counts more than what stands before it.
    fn sources(&self) -> impl Iterator<Item = &ArgMatches> {
        self.behind.iter().map(|(_, matches)| *matches).chain([self.before])
    }

    /// Whether a flag was given.
    pub fn flag(&self, id: &str) -> bool {
        self.sources().any(|matches| matches!(matches.try_get_one::<bool>(id), Ok(Some(true))))
    }

    /// An option's value.
    pub fn value(&self, id: &str) -> Option<String> {
        self.sources().find_map(|matches| matches.try_get_one::<String>(id).ok().flatten().cloned())
    }

    /// That the command takes what was given before its name.
    ///
    /// # Errors
    /// [`crate::error::Error::Usage`] when it means nothing to it.
    pub fn must_mean_something(&self) -> Result<()> {
        let Some((command, behind)) = self.behind else {
            return Ok(());
        };
        let given = |id: &&str| self.before.value_source(id) == Some(ValueSource::CommandLine);
        let takes = |id: &str| behind.try_contains_id(id).is_ok();
        match OPTIONS.iter().filter(|id| given(id)).find(|id| !takes(id)) {
            Some(id) => Err(complaint::not_taken(Some(command), &format!("--{id}"))),
            None => Ok(()),
        }
    }
}
