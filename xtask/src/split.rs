//! A module cut in two: what some of its exports need, and the rest, which is instantiated in the same memory when it is first needed.
//!
//! The second part imports memory, tables, globals and functions of the first, and puts its own functions and constants into the
//! places that were left free for them. Nothing in the first refers to the second, so it may stay away for ever.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use walrus::ir::Value;
use walrus::{
    ConstExpr, DataKind, ElementItems, ElementKind, ExportItem, FunctionId, FunctionKind, GlobalKind,
    ImportedFunction, Module, ModuleConfig, TableId,
};

use crate::linked::Needed;

/// What the second part calls the first: each import names it, and `bindings.js` offers it.
const FIRST: &str = "b";

/// Both parts.
pub struct Parts {
    pub core: Vec<u8>,
    pub later: Vec<u8>,
}

/// Cuts a module: `is_core` names the exports that the first part keeps, `needed` is what these need other than by calls.
pub fn split(module: &[u8], is_core: impl Fn(&str) -> bool, needed: &Needed) -> Result<Parts> {
    let parse =
        || ModuleConfig::new().generate_name_section(false).generate_producers_section(false).parse(module);
    let mut core = parse()?;
    keep_exports(&mut core, &is_core);
    keep_slots(&mut core, |slot| needed.slots.contains(&slot))?;
    keep_data(&mut core, &needed.data)?;
    // Ids are places, and so the same in both.
    let links: Vec<(String, ExportItem)> = (core.memories.iter())
        .map(|memory| (format!("m{}", memory.id().index()), memory.id().into()))
        .chain(core.tables.iter().map(|table| (format!("t{}", table.id().index()), table.id().into())))
        .chain(core.globals.iter().map(|global| (format!("g{}", global.id().index()), global.id().into())))
        .collect();
    for (name, item) in links {
        core.exports.add(&name, item);
    }
    walrus::passes::gc::run(&mut core);

    let mut later = parse()?;
    keep_exports(&mut later, |name| !is_core(name));
    keep_slots(&mut later, |slot| !needed.slots.contains(&slot))?;
    keep_data(&mut later, &complement(&needed.data))?;
    for function in core.funcs.iter_local().map(|(id, _)| id.index()).collect::<Vec<_>>() {
        let same = later.funcs.iter().map(|it| it.id()).find(|id| id.index() == function);
        import_function(&mut later, same.context("a function is in one of two equal modules")?);
    }
    for memory in later.memories.iter().map(|memory| memory.id()).collect::<Vec<_>>() {
        let import = later.imports.add(FIRST, &format!("m{}", memory.index()), memory);
        later.memories.get_mut(memory).import = Some(import);
    }
    for table in later.tables.iter().map(|table| table.id()).collect::<Vec<_>>() {
        let import = later.imports.add(FIRST, &format!("t{}", table.index()), table);
        later.tables.get_mut(table).import = Some(import);
    }
    for global in later.globals.iter().map(|global| global.id()).collect::<Vec<_>>() {
        let import = later.imports.add(FIRST, &format!("g{}", global.index()), global);
        later.globals.get_mut(global).kind = GlobalKind::Import(import);
    }
    walrus::passes::gc::run(&mut later);

    let wanted: BTreeSet<&str> = (later.imports.iter())
        .filter(|import| import.module == FIRST)
        .map(|import| import.name.as_str())
        .collect();
    for function in core.funcs.iter().map(|it| it.id()).collect::<Vec<_>>() {
        let name = format!("f{}", function.index());
        if wanted.contains(name.as_str()) {
            core.exports.add(&name, function);
        }
    }
    let offered: BTreeSet<&str> = core.exports.iter().map(|export| export.name.as_str()).collect();
    let missing: Vec<_> = wanted.difference(&offered).collect();
    ensure!(missing.is_empty(), "the first part lacks {missing:?}");
    keep_exports(&mut core, |name| is_core(name) && !is_link(name) || wanted.contains(name));
    Ok(Parts { core: core.emit_wasm(), later: later.emit_wasm() })
}

fn keep_exports(module: &mut Module, keeps: impl Fn(&str) -> bool) {
    let others: Vec<_> =
        module.exports.iter().filter(|export| !keeps(&export.name)).map(|export| export.id()).collect();
    for export in others {
        module.exports.delete(export);
    }
}

/// Leaves other places of the table free.
fn keep_slots(module: &mut Module, keeps: impl Fn(u32) -> bool) -> Result<()> {
    let segments: Vec<_> = module.elements.iter().map(|segment| segment.id()).collect();
    for segment in segments {
        let element = module.elements.get(segment);
        let ElementKind::Active { table, offset: ConstExpr::Value(Value::I32(start)) } = element.kind else {
            continue;
        };
        let ElementItems::Functions(functions) = &element.items else { continue };
        let kept: Vec<(u32, FunctionId)> =
            (start as u32..).zip(functions.iter().copied()).filter(|&(slot, _)| keeps(slot)).collect();
        delete_segment(module, table, segment);
        for run in kept.chunk_by(|a, b| a.0 + 1 == b.0) {
            let offset = ConstExpr::Value(Value::I32(run[0].0 as i32));
            let functions = run.iter().map(|&(_, function)| function).collect();
            let added = module
                .elements
                .add(ElementKind::Active { table, offset }, ElementItems::Functions(functions));
            module.tables.get_mut(table).elem_segments.insert(added);
        }
    }
    Ok(())
}

fn delete_segment(module: &mut Module, table: TableId, segment: walrus::ElementId) {
    module.tables.get_mut(table).elem_segments.remove(&segment);
    module.elements.delete(segment);
}

/// Keeps the bytes at these addresses, which are in order.
fn keep_data(module: &mut Module, ranges: &[Range<u64>]) -> Result<()> {
    let segments: Vec<_> = module.data.iter().map(|segment| segment.id()).collect();
    for segment in segments {
        let data = module.data.get(segment);
        let DataKind::Active { memory, offset: ConstExpr::Value(Value::I32(start)) } = data.kind else {
            bail!("constants have no place")
        };
        let bytes = data.value.clone();
        module.memories.get_mut(memory).data_segments.remove(&segment);
        module.data.delete(segment);
        let start = u64::from(start as u32);
        let end = start + bytes.len() as u64;
        for part in joined(ranges.iter().map(|range| range.start.max(start)..range.end.min(end))) {
            let offset = ConstExpr::Value(Value::I32(part.start as i32));
            let value = bytes[(part.start - start) as usize..(part.end - start) as usize].to_vec();
            let added = module.data.add(DataKind::Active { memory, offset }, value);
            module.memories.get_mut(memory).data_segments.insert(added);
        }
    }
    Ok(())
}

/// The ranges that are not empty, those that touch each other as one.
fn joined(ranges: impl Iterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges.filter(|range| range.start < range.end) {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// What lies between ranges in order, before and behind them.
fn complement(ranges: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut rest = Vec::new();
    let mut from = 0;
    for range in joined(ranges.iter().cloned()) {
        rest.push(from..range.start);
        from = range.end;
    }
    rest.push(from..u64::MAX);
    rest
}

/// Whether a name is one by which the second part imports something.
fn is_link(name: &str) -> bool {
    name.split_at_checked(1).is_some_and(|(kind, place)| {
        "fgmt".contains(kind) && !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn import_function(module: &mut Module, function: FunctionId) {
    let import = module.imports.add(FIRST, &format!("f{}", function.index()), function);
    let ty = module.funcs.get(function).ty();
    module.funcs.get_mut(function).kind = FunctionKind::Import(ImportedFunction { import, ty });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linked::tests::{CONSTANTS, linked};
    use crate::linked::{needed, without_relocations};

    fn data(module: &Module) -> Vec<(i32, Vec<u8>)> {
        let place = |kind: &DataKind| match kind {
            DataKind::Active { offset: ConstExpr::Value(Value::I32(start)), .. } => *start,
            _ => panic!("it has a place"),
        };
        module.data.iter().map(|data| (place(&data.kind), data.value.clone())).collect()
    }

    #[test]
    fn each_part_has_what_its_exports_need_and_the_second_takes_the_rest_from_the_first() {
        let needed = needed(&linked(), |name| name == "a").unwrap();
        let plain = without_relocations(&linked()).unwrap();
        let Parts { core, later } = split(&plain, |name| name != "b", &needed).unwrap();
        assert!(wasmparser::validate(&core).is_ok() && wasmparser::validate(&later).is_ok());
        let [core, later] = [core, later].map(|part| Module::from_buffer(&part).unwrap());
        let names =
            |module: &Module| module.exports.iter().map(|export| export.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&later), ["b"]);
        let wanted: Vec<_> = later.imports.iter().map(|import| import.name.clone()).collect();
        assert!(wanted.iter().all(|name| names(&core).contains(name)), "{wanted:?}");
        assert_eq!((core.funcs.iter_local().count(), later.funcs.iter_local().count()), (2, 2));
        assert_eq!(data(&core), [(CONSTANTS as i32, vec![5, 6, 7, 8])]);
        assert_eq!(data(&later), [(CONSTANTS as i32 + 4, vec![2, 0, 0, 0])]);
    }

    #[test]
    fn ranges_that_touch_become_one_and_leave_the_rest() {
        let ranges = [2..4, 4..6, 5..9, 12..12, 20..21];
        assert_eq!(joined(ranges.iter().cloned()), [2..9, 20..21]);
        assert_eq!(complement(&ranges), [0..2, 9..20, 21..u64::MAX]);
    }
}
