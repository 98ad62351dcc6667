//! The options of an overlay that name its layers, as the mount table has them.

use std::path::PathBuf;

use crate::probe::mountinfo::unescape;

/// The layers, as whoever mounted it named them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `lowerdir`: read-only layers, the topmost first.
    pub lowers: Vec<PathBuf>,
    /// `upperdir`.
    pub upper: Option<PathBuf>,
    /// `workdir`.
    pub work: Option<PathBuf>,
    /// Whether its marks are in `user.` attributes.
    pub userxattr: bool,
    /// Features that were asked for, and would be again: `index=on`.
    pub flags: Vec<String>,
}

impl Options {
    /// Reads the options of a line of mountinfo.
    pub fn parse(raw: &str) -> Options {
        let mut options = Options::default();
        let path = |value: &str| PathBuf::from(without_backslashes(&unescape(value)));
        for option in raw.split(',') {
            match option.split_once('=') {
                Some(("lowerdir", list)) => options.lowers = lowers(list),
                // One a layer, as fsconfig(2) takes them: nothing in them is special.
                Some(("lowerdir+", value)) => options.lowers.push(PathBuf::from(unescape(value))),
                Some(("upperdir", value)) => options.upper = Some(path(value)),
                Some(("workdir", value)) => options.work = Some(path(value)),
                Some((_, "on")) if !option.starts_with("uuid") => {
                    options.flags.push(option.to_owned());
                }
                None if option == "userxattr" => options.userxattr = true,
                _ => {}
            }
        }
        options
    }

    /// Whether all of them are absolute.
    pub fn are_absolute(&self) -> bool {
        self.lowers.iter().chain(&self.upper).all(|path| path.is_absolute())
    }
}

/// `lowerdir`: folders with a colon between them; a colon of a path has a backslash before it. What
/// follows a double colon holds data only, and no names.
fn lowers(list: &str) -> Vec<PathBuf> {
    let mut parts: Vec<String> = Vec::new();
    for part in list.split(':').map(unescape) {
        let escapes = |part: &str| part.chars().rev().take_while(|&letter| letter == '\\').count();
        match parts.last_mut() {
            Some(last) if escapes(last) % 2 == 1 => {
                last.push(':');
                last.push_str(&part);
            }
            _ => parts.push(part),
        }
    }
    let named = parts.iter().take_while(|part| !part.is_empty());
    named.map(|part| PathBuf::from(without_backslashes(part))).collect()
}

/// A path as the kernel takes it from an option: a backslash stands for the letter after it.
fn without_backslashes(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut letters = path.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().unwrap_or(letter) } else { letter });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths<const N: usize>(paths: [&str; N]) -> Vec<PathBuf> {
        paths.map(PathBuf::from).to_vec()
    }

    // Lines as Linux 6.18 writes them.

    #[test]
    fn layers_of_mount_are_read_in_order_with_their_escapes() {
        let options = Options::parse(
            r"rw,lowerdir=a\040b:co\134:lon:back\134\134slash,upperdir=up\134\054per,workdir=w,uuid=on",
        );
        assert_eq!(options.lowers, paths(["a b", "co:lon", r"back\slash"]));
        assert_eq!(options.upper, Some(PathBuf::from("up,per")));
        assert_eq!(options.work, Some(PathBuf::from("w")));
        assert!(!options.userxattr);
    }

    #[test]
    fn layers_of_fsconfig_are_taken_as_they_are() {
        let options = Options::parse(
            r"rw,lowerdir+=/x/a\054b,lowerdir+=/x/c:d,lowerdir+=/x/e\134f,upperdir=/x/up\054p:er,userxattr",
        );
        assert_eq!(options.lowers, paths(["/x/a,b", "/x/c:d", r"/x/e\f"]));
        assert_eq!(options.upper, Some(PathBuf::from("/x/up,p:er")));
        assert!(options.userxattr);
    }

    #[test]
    fn what_follows_a_double_colon_has_no_names() {
        assert_eq!(lowers(r"/b\072c:/a::/data"), paths(["/b:c", "/a"]));
    }
}
