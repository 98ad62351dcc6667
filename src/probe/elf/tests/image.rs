//! Programs as a linker writes them, as small as they can be, for the tests.

use object::elf::{
    DT_NEEDED, DT_NULL, DT_RUNPATH, DT_STRSZ, DT_STRTAB, PT_DYNAMIC, PT_INTERP, PT_LOAD,
};

/// A program, or a library.
#[derive(Clone, Debug)]
pub struct Image {
    wide: bool,
    big: bool,
    interpreter: Vec<u8>,
    pub strings: Vec<u8>,
    /// Tags with their values, without those of the strings' table and without the end.
    pub dynamic: Vec<(i64, u64)>,
}

/// Where it is loaded.
const BASE: u64 = 0x10000;

impl Image {
    /// One that needs `needed` and looks for it along `run_path`.
    pub fn new(wide: bool, big: bool, needed: &[&str], run_path: &[&str]) -> Image {
        let interpreter = b"/lib/ld.so\0".to_vec();
        let mut image = Image { wide, big, interpreter, strings: vec![0], dynamic: Vec::new() };
        needed.iter().for_each(|name| image.say(DT_NEEDED.0, name));
        run_path.iter().for_each(|name| image.say(DT_RUNPATH.0, name));
        image
    }

    fn say(&mut self, tag: i64, name: &str) {
        self.dynamic.push((tag, self.strings.len() as u64));
        self.strings.extend(name.as_bytes());
        self.strings.push(0);
    }

    /// The last `bytes` bytes of `value`, in its byte order.
    fn number(&self, value: u64, bytes: usize) -> Vec<u8> {
        match self.big {
            true => value.to_be_bytes()[8 - bytes..].to_vec(),
            false => value.to_le_bytes()[..bytes].to_vec(),
        }
    }

    fn word(&self, value: u64) -> Vec<u8> {
        self.number(value, if self.wide { 8 } else { 4 })
    }

    pub fn segment(&self, kind: u32, offset: u64, size: u64) -> Vec<u8> {
        let (kind, flags) = (self.number(kind.into(), 4), self.number(4, 4));
        let place = [offset, BASE + offset, BASE + offset, size, size].map(|it| self.word(it));
        match self.wide {
            true => [kind, flags, place.concat(), self.word(8)].concat(),
            false => [kind, place.concat(), flags, self.word(4)].concat(),
        }
    }

    pub fn header_sizes(&self) -> (u64, u64) {
        if self.wide { (64, 56) } else { (52, 32) }
    }

    /// The header of the file, with `count` program headers behind it.
    pub fn header(&self, count: u64) -> Vec<u8> {
        let (size, segment) = self.header_sizes();
        let class = [if self.wide { 2 } else { 1 }, if self.big { 2 } else { 1 }, 1];
        [
            [&b"\x7fELF"[..], &class, &[0; 9]].concat(),
            self.number(3, 2),
            self.number(62, 2),
            self.number(1, 4),
            [0, size, 0].map(|it| self.word(it)).concat(),
            self.number(0, 4),
            [size, segment, count, 0, 0, 0].map(|it| self.number(it, 2)).concat(),
        ]
        .concat()
    }

    pub fn bytes(&self) -> Vec<u8> {
        let (header, segment) = self.header_sizes();
        let strings_at = (header + 3 * segment).next_multiple_of(8);
        let interpreter_at = strings_at + self.strings.len() as u64;
        let dynamic_at = (interpreter_at + self.interpreter.len() as u64).next_multiple_of(8);
        let entries: Vec<u8> = self
            .dynamic
            .iter()
            .copied()
            .chain([
                (DT_STRTAB.0, BASE + strings_at),
                (DT_STRSZ.0, self.strings.len() as u64),
                (DT_NULL.0, 0),
            ])
            .flat_map(|(tag, value)| [self.word(tag.cast_unsigned()), self.word(value)].concat())
            .collect();
        let end = dynamic_at + entries.len() as u64;
        let mut bytes = [
            self.header(3),
            self.segment(PT_LOAD.0, 0, end),
            self.segment(PT_INTERP.0, interpreter_at, self.interpreter.len() as u64),
            self.segment(PT_DYNAMIC.0, dynamic_at, entries.len() as u64),
        ]
        .concat();
        bytes.resize(strings_at as usize, 0);
        bytes.extend([&self.strings[..], &self.interpreter].concat());
        bytes.resize(dynamic_at as usize, 0);
        bytes.extend(entries);
        bytes
    }
}
