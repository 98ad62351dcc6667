//! Programs that nobody vouches for: whatever they are, they are read or refused at once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod image;

use std::fs;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use object::elf::{DT_NEEDED, PT_DYNAMIC, PT_INTERP, PT_LOAD};
use proptest::prelude::*;

use super::*;
use image::Image;

/// A root with a program in it.
struct Root(PathBuf);

impl Root {
    fn make() -> Root {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("elf-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Root(path)
    }

    fn with(program: &[u8]) -> Root {
        Root::make().and("program", program)
    }

    fn and(self, path: &str, bytes: &[u8]) -> Root {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// The same file under all these names.
    fn and_libraries(self, names: &[String], bytes: &[u8]) -> Root {
        let root = self.and("library", bytes);
        fs::create_dir(root.0.join("lib")).unwrap();
        for name in names {
            fs::hard_link(root.0.join("library"), root.0.join("lib").join(name)).unwrap();
        }
        root
    }

    fn libraries(&self) -> Result<Vec<Library>> {
        is_for_some_only(&self.0, "/program");
        libraries(&self.0, &["/program", "/program"])
    }
}

impl Drop for Root {
    #[allow(clippy::disallowed_methods, reason = "it was made here, and nothing is mounted in it")]
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn found(libraries: &[Library]) -> Vec<(&str, &str)> {
    libraries
        .iter()
        .map(|one| (one.name.as_str(), one.path.as_ref().map_or("", |path| path.to_str().unwrap())))
        .collect()
}

/// Both classes in both byte orders.
const KINDS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

#[test]
fn every_kind_is_read_and_what_it_needs_is_found_along_its_paths() {
    for (wide, big) in KINDS {
        let library = Image::new(wide, big, &["liba.so"], &[]).bytes();
        let other = Image::new(!wide, big, &[], &[]).bytes();
        let needed = ["liba.so", "libb.so", "libc.so", "/d.so", "ld.so"];
        let root = Root::with(&Image::new(wide, big, &needed, &["$ORIGIN/x:/y", "/z"]).bytes())
            .and("x/libb.so", &other)
            .and("y/liba.so", &library)
            .and("z/libb.so", &library)
            .and("far/libc.so", &library)
            .and("etc/ld.so.cache", b"")
            .and("etc/ld.so.conf", b"include more/*.conf\n")
            .and("etc/more/far.conf", b"# far away\n/far\n")
            .and("d.so", &library)
            .and("lib/ld.so", &library);
        let libraries = root.libraries().unwrap();
        let all = [
            ("liba.so", "/y/liba.so"),
            ("libb.so", "/z/libb.so"),
            ("libc.so", "/far/libc.so"),
            ("/d.so", "/d.so"),
            ("/lib/ld.so", "/lib/ld.so"),
        ];
        assert_eq!(found(&libraries), all, "{wide} {big}");
    }
}

/// Bytes at some place are replaced by others.
fn mutation() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    (any::<prop::sample::Index>(), 0..16usize, prop::collection::vec(any::<u8>(), 0..16))
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
        let _ = Root::with(&bytes).libraries();
        let _ = Root::with(&[&b"\x7fELF"[..], &bytes].concat()).libraries();
    }

    #[test]
    fn any_mutation_is_read_or_refused(
        (wide, big) in any::<(bool, bool)>(),
        all in prop::collection::vec(mutation(), 1..6),
    ) {
        let library = Image::new(wide, big, &["libb.so"], &["/"]);
        let mut bytes = Image::new(wide, big, &["liba.so", "libb.so"], &["$ORIGIN", "/y"]).bytes();
        for (at, length, with) in all {
            let at = at.index(bytes.len() + 1);
            // As often in place of as many.
            let length = if length < 8 { with.len() } else { length };
            bytes.splice(at..(at + length).min(bytes.len()), with);
        }
        let begun = worked();
        // Both as what is started, and as what is needed.
        let _ = Root::with(&bytes).and("liba.so", &library.bytes()).libraries();
        let _ = Root::with(&library.bytes()).and("libb.so", &bytes).libraries();
        prop_assert!(worked() - begun < SOON);
    }
}

/// How long this thread has worked: unlike a clock, it does not depend on what others do.
fn worked() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_THREAD).unwrap();
    let times = [usage.user_time(), usage.system_time()].into_iter();
    times.map(|time| Duration::from_micros(time.num_microseconds().cast_unsigned())).sum()
}

/// How long the worst may work, without optimization.
const SOON: Duration = Duration::from_secs(5);

/// What comes of a hog.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// So many libraries.
    Read(usize),
    NotElf,
    TooMuch,
}

fn end_of(root: &Root) -> End {
    let begun = worked();
    let libraries = root.libraries();
    let took = worked() - begun;
    assert!(took < SOON, "{took:?}");
    match libraries {
        Ok(libraries) => End::Read(libraries.len()),
        Err(Error::Untold(_)) => End::TooMuch,
        Err(error) => {
            assert_eq!(error.errno(), Some(Errno::ENOEXEC), "{error}");
            End::NotElf
        }
    }
}

fn names(count: usize, length: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:0length$}")).collect()
}

fn image(wide: bool, big: bool, needed: &[String], run_path: &[String]) -> Image {
    let needed: Vec<&str> = needed.iter().map(String::as_str).collect();
    let run_path: Vec<&str> = run_path.iter().map(String::as_str).collect();
    Image::new(wide, big, &needed, &run_path)
}

/// A sparse file with these program headers, and its end a little behind the last byte that they name.
fn sparse(image: &Image, segments: &[(u32, u64, u64)]) -> Root {
    let headers = segments.iter().flat_map(|&(kind, at, size)| image.segment(kind, at, size));
    let bytes = image.header(segments.len() as u64).into_iter().chain(headers).collect::<Vec<u8>>();
    let root = Root::with(&bytes);
    let end = segments.iter().map(|(_, at, size)| at + size).max().unwrap();
    let file = fs::OpenOptions::new().write(true).open(root.0.join("program")).unwrap();
    file.set_len(end + 4096).unwrap();
    root
}

#[test]
fn hog_of_many_names_and_folders() {
    for (wide, big) in KINDS {
        let both = image(wide, big, &names(4000, 4), &names(4000, 4)).bytes();
        assert_eq!(end_of(&Root::with(&both)), End::TooMuch);
        // Each within its limits: too many places to look at.
        let long = image(wide, big, &names(500, 200), &names(64, 4000)).bytes();
        assert_eq!(end_of(&Root::with(&long)), End::TooMuch);
        let short = image(wide, big, &names(100, 4), &names(8, 4)).bytes();
        assert_eq!(end_of(&Root::with(&short)), End::Read(101));
    }
}

#[test]
fn hog_of_one_long_string() {
    for (wide, big) in KINDS {
        for count in [2000, 500] {
            let mut image = Image::new(wide, big, &["a".repeat((1 << 20) - 2).as_str()], &[]);
            image.dynamic.extend((0..count).map(|at| (DT_NEEDED.0, at)));
            assert_eq!(end_of(&Root::with(&image.bytes())), End::TooMuch);
        }
        // Libraries that need each a few hundred ends of one string: little to read, much to keep.
        let all = names(500, 4);
        let mut hog = image(wide, big, &all, &[]);
        let at = hog.strings.len() as u64;
        hog.strings.extend([&[b'a'; 4000][..], &[0]].concat());
        let program = hog.clone();
        hog.dynamic.clear();
        hog.dynamic.extend((0..500).map(|end| (DT_NEEDED.0, at + end)));
        let root = Root::with(&program.bytes()).and_libraries(&all, &hog.bytes());
        assert_eq!(end_of(&root), End::TooMuch);
    }
}

#[test]
fn hog_of_large_parts() {
    const GIB: u64 = 1 << 30;
    const MIB: u64 = 1 << 20;
    for (wide, big) in KINDS {
        let image = Image::new(wide, big, &[], &[]);
        assert_eq!(end_of(&sparse(&image, &[(PT_INTERP.0, 4096, 2 * GIB)])), End::NotElf);
        assert_eq!(end_of(&sparse(&image, &[(PT_DYNAMIC.0, 4096, 2 * GIB)])), End::TooMuch);
        let many: Vec<_> = (1..1000).map(|at| (PT_DYNAMIC.0, at * MIB, MIB)).collect();
        assert_eq!(end_of(&sparse(&image, &many)), End::Read(0));
        // As many as the number can say, and the number that says that it stands elsewhere.
        for count in [u64::from(u16::MAX) - 1, u64::from(u16::MAX)] {
            let mut bytes = image.header(count);
            bytes.resize(4 << 20, 0);
            assert_eq!(end_of(&Root::with(&bytes)), End::NotElf);
        }
        // Its strings lie in a part of 3 GiB, and are no more than others'.
        let mut bytes = Image::new(wide, big, &["liba.so"], &[]).bytes();
        let (header, segment) = image.header_sizes();
        let load = image.segment(PT_LOAD.0, 0, 3 * GIB);
        bytes.splice(header as usize..(header + segment) as usize, load);
        let root = Root::with(&bytes);
        let file = fs::OpenOptions::new().write(true).open(root.0.join("program")).unwrap();
        file.set_len(3 * GIB).unwrap();
        assert_eq!(end_of(&root), End::Read(2));
    }
}

/// Files that are no libraries for this program, and cost what they may.
#[test]
fn hog_of_many_large_files() {
    let all = names(500, 4);
    let mut other = Image::new(false, false, &[], &[]);
    other.strings.resize(1 << 20, 0);
    other.dynamic = vec![(0x1234, 0); 100_000];
    let root = Root::with(&image(true, false, &all, &[]).bytes());
    let root = root.and_libraries(&all, &other.bytes());
    assert_eq!(end_of(&root), End::TooMuch);
    let root = root.and("program", &image(true, false, &all[..5], &[]).bytes());
    assert_eq!(end_of(&root), End::Read(6));
}

#[test]
fn hog_of_a_folder_that_grows() {
    let origin = format!("{}/", "d".repeat(250)).repeat(10);
    let run_path = ["$ORIGIN".repeat(500)];
    let program = image(true, false, &[], &run_path).bytes();
    let root = Root::make().and(&format!("{origin}program"), &program);
    let said = libraries(&root.0, &[&format!("/{origin}program")]);
    assert!(matches!(said, Err(Error::Untold(_))), "{said:?}");
}

#[test]
fn hog_of_configuration() {
    let program = image(true, false, &names(10, 4), &[]).bytes();
    let circle = "include /etc/more/*.conf\n".repeat(60) + &"/lib\n".repeat(60);
    let mut root =
        Root::with(&program).and("etc/ld.so.cache", b"").and("etc/ld.so.conf", circle.as_bytes());
    for number in 0..61 {
        root = root.and(&format!("etc/more/{number}.conf"), circle.as_bytes());
    }
    assert_eq!(end_of(&root), End::Read(11));
    // Folders that are looked through for nothing.
    let nothing = "include /many/*.conf\n".repeat(3000);
    let mut root =
        Root::with(&program).and("etc/ld.so.cache", b"").and("etc/ld.so.conf", nothing.as_bytes());
    for number in 0..1000 {
        root = root.and(&format!("many/{number}"), b"");
    }
    assert_eq!(end_of(&root), End::Read(11));
}

/// All of them once more, where little memory is to be had.
#[test]
fn hogs_take_little_memory() {
    let limited = "ulimit -v 262144; exec \"$0\" probe::elf::tests::hog_ --test-threads 1";
    let mut tests = Command::new("bash");
    let tests = tests.args(["-c", limited]).arg(std::env::current_exe().unwrap()).output().unwrap();
    let said = String::from_utf8_lossy(&tests.stdout);
    assert!(tests.status.success() && said.contains("6 passed"), "{said}");
}
