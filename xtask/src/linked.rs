//! What refers to what in a module, as the linker tells it in relocations (`--emit-relocs`): calls, places in the table of functions,
//! addresses of constants. After linking the latter two are numbers like any other.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{
    DataKind, ElementItems, ElementKind, ExternalKind, KnownCustom, Linking, Operator, Parser, Payload,
    RelocationEntry, RelocationType, SymbolInfo,
};

/// Of a module what some of its exports need, other than by calls.
#[derive(Debug, Default, PartialEq)]
pub struct Needed {
    /// Places in the table of functions.
    pub slots: BTreeSet<u32>,
    /// Addresses in memory, in order.
    pub data: Vec<Range<u64>>,
}

/// Something that refers to others, or is referred to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Item {
    Function(u32),
    /// A constant, by its symbol.
    Data(u32),
}

/// What the sections tell, as they come.
#[derive(Default)]
struct Sections<'a> {
    n_imported: u32,
    exports: Vec<(&'a str, u32)>,
    /// By the function.
    slots: HashMap<u32, Vec<u32>>,
    code_start: usize,
    /// Where each function's code begins, from the start of the file.
    code: Vec<usize>,
    data_start: usize,
    segments: Vec<Segment>,
    symbols: Vec<SymbolInfo<'a>>,
    relocations: Vec<(u32, Vec<RelocationEntry>)>,
    code_section: u32,
    data_section: u32,
}

struct Segment {
    /// In the file.
    start: usize,
    address: u64,
}

/// What the exports that `is_root` names need.
pub fn needed(module: &[u8], is_root: impl Fn(&str) -> bool) -> Result<Needed> {
    let sections = Sections::read(module)?;
    let references = sections.references()?;
    let mut reached: HashSet<Item> = sections
        .exports
        .iter()
        .filter(|(name, _)| is_root(name))
        .map(|&(_, function)| Item::Function(function))
        .collect();
    ensure!(!reached.is_empty(), "no export is to be kept");
    let mut open: Vec<Item> = reached.iter().copied().collect();
    while let Some(item) = open.pop() {
        for &to in references.get(&item).into_iter().flatten() {
            if reached.insert(to) {
                open.push(to);
            }
        }
    }
    let mut needed = Needed::default();
    for &item in &reached {
        match item {
            Item::Function(function) => {
                needed.slots.extend(sections.slots.get(&function).into_iter().flatten())
            }
            Item::Data(symbol) => {
                let (start, size) = sections.place(symbol)?.context("a constant is nowhere")?;
                needed.data.push(start..start + size);
            }
        }
    }
    needed.data.sort_by_key(|range| (range.start, range.end));
    Ok(needed)
}

/// The module without what the linker tells, which no longer holds once it is changed.
pub fn without_relocations(module: &[u8]) -> Result<Vec<u8>> {
    let mut plain = module.get(..8).context("it is too short")?.to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && (section.name() == "linking" || section.name().starts_with("reloc."))
        {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            plain.push(id);
            crate::wasm::put_block(&mut plain, &module[range]);
        }
    }
    Ok(plain)
}

impl<'a> Sections<'a> {
    fn read(module: &'a [u8]) -> Result<Sections<'a>> {
        let mut it = Sections::default();
        let mut number = 0;
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        ensure!(
                            matches!(import?.ty, wasmparser::TypeRef::Func(_)),
                            "it imports something that is no function"
                        );
                        it.n_imported += 1;
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports.clone() {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            it.exports.push((export.name, export.index));
                        }
                    }
                }
                Payload::ElementSection(elements) => {
                    for element in elements.clone() {
                        let element = element?;
                        let ElementKind::Active { offset_expr, .. } = element.kind else { continue };
                        let ElementItems::Functions(functions) = element.items else { continue };
                        let start = constant(&offset_expr)?;
                        for (function, slot) in functions.into_iter().zip(start as u32..) {
                            it.slots.entry(function?).or_default().push(slot);
                        }
                    }
                }
                Payload::CodeSectionStart { range, .. } => {
                    it.code_start = range.start;
                    it.code_section = number;
                }
                Payload::CodeSectionEntry(body) => it.code.push(body.range().start),
                Payload::DataSection(data) => {
                    it.data_start = data.range().start;
                    it.data_section = number;
                    for segment in data.clone() {
                        let segment = segment?;
                        let DataKind::Active { offset_expr, .. } = segment.kind else {
                            bail!("constants have no place")
                        };
                        let start = segment.range.end - segment.data.len();
                        it.segments.push(Segment { start, address: constant(&offset_expr)? });
                    }
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Reloc(relocations) => {
                        let entries = relocations.entries().into_iter().collect::<Result<_, _>>()?;
                        it.relocations.push((relocations.section_index(), entries));
                    }
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let Linking::SymbolTable(symbols) = part? {
                                it.symbols = symbols.into_iter().collect::<Result<_, _>>()?;
                            }
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
            if payload.as_section().is_some() {
                number += 1;
            }
        }
        ensure!(!it.relocations.is_empty(), "the linker told no relocations");
        Ok(it)
    }

    /// By what refers to it, all that it refers to.
    fn references(&self) -> Result<HashMap<Item, Vec<Item>>> {
        let constants = self.constants()?;
        let mut references: HashMap<Item, Vec<Item>> = HashMap::new();
        for (section, entries) in &self.relocations {
            for entry in entries {
                let Some(to) = self.target(entry)? else { continue };
                let from = if *section == self.code_section {
                    let place = self.code_start + entry.offset as usize;
                    let before = self.code.partition_point(|&start| start <= place);
                    Item::Function(
                        self.n_imported + before.checked_sub(1).context("code begins later")? as u32,
                    )
                } else if *section == self.data_section {
                    let address = self.address(entry.offset)?;
                    let (_, &(end, symbol)) =
                        constants.range(..=address).next_back().context("no constant is there")?;
                    ensure!(address < end, "an address lies in no constant");
                    Item::Data(symbol)
                } else {
                    continue;
                };
                references.entry(from).or_default().push(to);
            }
        }
        Ok(references)
    }

    /// By where they begin: where they end, and their symbols.
    fn constants(&self) -> Result<BTreeMap<u64, (u64, u32)>> {
        let mut constants = BTreeMap::new();
        for symbol in 0..self.symbols.len() as u32 {
            if let Some((start, size)) = self.place(symbol)?
                && size > 0
            {
                let known = constants.entry(start).or_insert((start + size, symbol));
                // Two names of one constant; the longer one holds what the other does.
                if known.0 < start + size {
                    *known = (start + size, symbol);
                }
            }
        }
        Ok(constants)
    }

    /// Where a constant lies in memory, and its size; none if it is no constant of this module.
    fn place(&self, symbol: u32) -> Result<Option<(u64, u64)>> {
        let SymbolInfo::Data { symbol: Some(data), .. } =
            self.symbols.get(symbol as usize).context("an unknown symbol")?
        else {
            return Ok(None);
        };
        let Some(segment) = self.segments.get(data.index as usize) else { return Ok(None) };
        Ok(Some((segment.address + u64::from(data.offset), u64::from(data.size))))
    }

    /// What a place in the section of data is the address of.
    fn address(&self, offset: u32) -> Result<u64> {
        let place = self.data_start + offset as usize;
        let segment = self.segments.iter().rev().find(|segment| segment.start <= place);
        let segment = segment.context("data begin later")?;
        Ok(segment.address + (place - segment.start) as u64)
    }

    fn target(&self, entry: &RelocationEntry) -> Result<Option<Item>> {
        use RelocationType as Kind;
        Ok(match entry.ty {
            Kind::FunctionIndexLeb | Kind::TableIndexSleb | Kind::TableIndexI32 => {
                match self.symbols.get(entry.index as usize).context("an unknown symbol")? {
                    SymbolInfo::Func { index, .. } => Some(Item::Function(*index)),
                    _ => bail!("a function's symbol is of another kind"),
                }
            }
            Kind::MemoryAddrLeb | Kind::MemoryAddrSleb | Kind::MemoryAddrI32 => {
                self.place(entry.index)?.map(|_| Item::Data(entry.index))
            }
            Kind::TypeIndexLeb | Kind::GlobalIndexLeb | Kind::TableNumberLeb => None,
            other => bail!("a reference of a kind that is not expected: {other:?}"),
        })
    }
}

/// The number that an offset is.
fn constant(expression: &wasmparser::ConstExpr) -> Result<u64> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(u64::from(value as u32)),
        other => bail!("an offset is no number: {other:?}"),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::wasm::put_block;

    /// Where the constants lie.
    pub const CONSTANTS: u64 = 1024;

    /// A module whose export `a` names the function at place 1 of the table, which reads the first constant, and whose export `b` reads
    /// the second, which names the function at place 2. The memory is exported as `m`. Each of the functions is four bytes of locals, an address and an end.
    pub fn linked() -> Vec<u8> {
        let section = |module: &mut Vec<u8>, id: u8, content: &[u8]| {
            module.push(id);
            put_block(module, content);
        };
        // A number in five bytes, as the linker leaves room for.
        let padded = |value: u64| {
            let digit = |place: u32| (value >> (7 * place)) as u8 & 127;
            [digit(0) | 128, digit(1) | 128, digit(2) | 128, digit(3) | 128, digit(4)]
        };
        let mut code = vec![4];
        for value in [1, CONSTANTS + 4, CONSTANTS, 0] {
            let body = [&[0, 0x41][..], &padded(value), &[0x1a, 0x0b]].concat();
            put_block(&mut code, &body);
        }
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        section(&mut module, 1, &[1, 0x60, 0, 0]);
        section(&mut module, 3, &[4, 0, 0, 0, 0]);
        section(&mut module, 4, &[1, 0x70, 0, 3]);
        section(&mut module, 5, &[1, 0, 1]);
        section(&mut module, 7, &[3, 1, b'a', 0, 0, 1, b'b', 0, 1, 1, b'm', 2, 0]);
        section(&mut module, 9, &[1, 0, 0x41, 1, 0x0b, 2, 2, 3]);
        section(&mut module, 10, &code);
        section(&mut module, 11, &[1, 0, 0x41, 0x80, 8, 0x0b, 8, 5, 6, 7, 8, 2, 0, 0, 0]);
        // Symbols: functions 0 to 3, and the two constants.
        let mut symbols = vec![6];
        for function in 0..4 {
            symbols.extend([0, 0, function, 1, b'0' + function]);
        }
        for (name, offset) in [(b'x', 0), (b'y', 4)] {
            symbols.extend([1, 0, 1, name, 0, offset, 4]);
        }
        let mut linking = b"\x07linking\x02\x08".to_vec();
        put_block(&mut linking, &symbols);
        section(&mut module, 0, &linking);
        // Each body is a size, no locals, `i32.const` and the number that is told of: its places are 4, 14 and 24.
        let of_code = [&b"\x0areloc.CODE\x06\x03"[..], &[1, 4, 2], &[4, 14, 5, 0], &[4, 24, 4, 0]].concat();
        section(&mut module, 0, &of_code);
        section(&mut module, 0, &[&b"\x0areloc.DATA\x07\x01"[..], &[2, 11, 3]].concat());
        module
    }

    #[test]
    fn what_exports_need_is_found_through_table_and_constants() {
        let of = |root: &str| needed(&linked(), |name| name == root).unwrap();
        let first = CONSTANTS..CONSTANTS + 4;
        let second = CONSTANTS + 4..CONSTANTS + 8;
        assert_eq!(of("a"), Needed { slots: [1].into(), data: vec![first] });
        assert_eq!(of("b"), Needed { slots: [2].into(), data: vec![second] });
    }

    #[test]
    fn a_module_that_tells_nothing_is_refused() {
        let plain = without_relocations(&linked()).unwrap();
        assert!(plain.len() < linked().len());
        assert!(wasmparser::validate(&plain).is_ok());
        assert!(needed(&plain, |_| true).is_err());
        assert!(needed(&linked(), |_| false).is_err());
    }
}
