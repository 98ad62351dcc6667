//! What a person reads, in both languages at once.
//!
//! A [`Text`] cannot be made without its Korean and its English, so a missing translation does not
//! compile. One run speaks one language, chosen once in `main` and read when a text is shown.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The language of this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English, the default.
    English,
    /// Korean.
    Korean,
}

static LANGUAGE: OnceLock<Language> = OnceLock::new();

impl Language {
    /// The language named by an option's value or a locale such as `ko_KR.UTF-8`, if it is one of ours.
    pub fn named(name: &str) -> Option<Language> {
        match name.split(['_', '.', '-', '@']).next()? {
            "ko" => Some(Language::Korean),
            "en" | "C" | "POSIX" => Some(Language::English),
            _ => None,
        }
    }

    /// The language the environment asks for: `LAB_LANG`, else `LC_ALL`, `LC_MESSAGES`, `LANG`
    /// (the order of locale(7)), else English. A set variable that names another language ends the
    /// search, as it does for gettext.
    pub fn from_environment() -> Language {
        ["LAB_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.is_empty())
            .and_then(|value| Language::named(&value))
            .unwrap_or(Language::English)
    }

    /// Makes this the language of the whole run. The first call wins.
    pub fn choose(self) {
        LANGUAGE.get_or_init(|| self);
    }

    /// The language of this run.
    pub fn current() -> Language {
        LANGUAGE.get().copied().unwrap_or(Language::English)
    }
}

/// One thing said in English and in Korean, the same in content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    en: Cow<'static, str>,
    ko: Cow<'static, str>,
}

impl Text {
    /// A fixed text in both languages.
    pub const fn new(en: &'static str, ko: &'static str) -> Text {
        Text { en: Cow::Borrowed(en), ko: Cow::Borrowed(ko) }
    }

    /// A text put together at run time; see the [`text!`](crate::text!) macro.
    pub fn from_strings(en: String, ko: String) -> Text {
        Text { en: Cow::Owned(en), ko: Cow::Owned(ko) }
    }

    /// Something that needs no translation: a number, a path, a name the kernel gave.
    pub fn plain(value: impl fmt::Display) -> Text {
        let value = value.to_string();
        Text { en: Cow::Owned(value.clone()), ko: Cow::Owned(value) }
    }

    /// The text in the given language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Korean => &self.ko,
        }
    }
}

impl Text {
    /// The same with control characters made [`visible`].
    #[must_use]
    pub fn visible(self) -> Text {
        Text { en: Cow::Owned(visible(&self.en)), ko: Cow::Owned(visible(&self.ko)) }
    }

    /// The same [`shortened`].
    #[must_use]
    pub fn shortened(self) -> Text {
        Text { en: Cow::Owned(shortened(&self.en)), ko: Cow::Owned(shortened(&self.ko)) }
    }
}

/// `text` with control characters as Rust writes them: a newline as `\n`, Escape as `\u{1b}`. Marks
/// that turn the direction of writing are shown so too, since they can make a name look like another,
/// and noncharacters, two of which (U+FFFE, U+FFFF) no XML 1.0 document may hold.
pub fn visible(text: &str) -> String {
    let turns = |letter| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter.is_control() || turns(letter) || is_noncharacter(letter) {
            true => shown.extend(letter.escape_default()),
            false => shown.push(letter),
        }
    }
    shown
}

/// Whether Unicode will never give it a meaning: U+FDD0 to U+FDEF, and the last two of each plane.
fn is_noncharacter(letter: char) -> bool {
    matches!(letter, '\u{fdd0}'..='\u{fdef}') || u32::from(letter) & 0xfffe == 0xfffe
}

/// So many letters of what a check saw are shown: what a student leaves lying about may be of any size.
const LONGEST: usize = 500;

/// `text` with at most [`LONGEST`] letters; where it was longer, the last is an ellipsis.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some(_) => text.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.in_language(Language::current()))
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.in_language(Language::current()))
    }
}

/// What was said in the language of this run, by a child that speaks the same.
impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        String::deserialize(deserializer).map(Text::plain)
    }
}

impl From<String> for Text {
    fn from(value: String) -> Text {
        Text::plain(value)
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Text {
        Text::plain(value)
    }
}

/// A [`Text`] from two format strings with inline values. Longer ones go through `indoc`.
///
/// `text!("{n} processes", "프로세스 {n}개")`
#[macro_export]
macro_rules! text {
    ($en:literal, $ko:literal $(,)?) => {
        $crate::text::Text::from_strings(::std::format!($en), ::std::format!($ko))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_a_language() {
        assert_eq!(Language::named("ko_KR.UTF-8"), Some(Language::Korean));
        assert_eq!(Language::named("en-GB"), Some(Language::English));
        assert_eq!(Language::named("C.UTF-8"), Some(Language::English));
        assert_eq!(Language::named("de_DE"), None);
    }

    #[test]
    fn what_a_terminal_would_obey_is_made_visible() {
        assert_eq!(visible("a\nb\u{1b}[2J"), r"a\nb\u{1b}[2J");
        assert_eq!(visible("한글 b"), "한글 b");
        assert_eq!(visible("gpj.\u{202e}exe"), r"gpj.\u{202e}exe");
    }

    #[test]
    fn what_xml_cannot_carry_is_made_visible() {
        assert_eq!(visible("a\u{ffff}b\u{fffe}"), r"a\u{ffff}b\u{fffe}");
        assert_eq!(visible("\u{fdd0}\u{fdef}\u{1ffff}"), r"\u{fdd0}\u{fdef}\u{1ffff}");
        // The replacement character, and the neighbours of a noncharacter, are letters like any other.
        assert_eq!(visible("\u{fffd}\u{fdcf}\u{fdf0}"), "\u{fffd}\u{fdcf}\u{fdf0}");
        let carried = |c| matches!(c, ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        let every: String = ('\0'..=char::MAX).collect();
        assert!(visible(&every).chars().all(carried));
    }

    #[test]
    fn a_long_text_is_cut_at_a_letter() {
        let (fits, long) = ("가".repeat(LONGEST), "가".repeat(LONGEST + 1));
        assert_eq!(shortened(&fits), fits);
        assert_eq!(shortened(&long), format!("{}…", "가".repeat(LONGEST - 1)));
    }

    #[test]
    fn values_stand_in_both_languages() {
        let n = 3;
        let both = text!("{n} processes", "프로세스 {n}개");
        assert_eq!(both.in_language(Language::English), "3 processes");
        assert_eq!(both.in_language(Language::Korean), "프로세스 3개");
    }
}
