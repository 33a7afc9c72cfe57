/**
 * What passes between JavaScript and the module. wasm-bindgen writes a function for each call; here a call is a word of a table, of
 * which the build makes the lines at the end (`xtask/src/bindings.rs`).
 */

let wasm;
let decoder;
/** Bytes decoded by it: Safari's gives up after two gigabytes. */
let decoded = Infinity;
const encoder = /* @__PURE__ */ new TextEncoder();
const LISTS = { 8: Uint8Array, s: Uint8Array, u: Uint32Array, v: Uint32Array, i: Int32Array, f: Float32Array, d: Float64Array };

/** Numbers in the module's memory, until it grows. */
const numbersAt = (List, ptr, length) => new List(wasm.memory.buffer, ptr >>> 0, length);
const isLikeNone = (value) => value === undefined || value === null;

function getStringFromWasm0(ptr, length) {
    decoded += length;
    if (decoded > 2e9) {
        decoder = new TextDecoder('utf-8', { ignoreBOM: true });
        decoded = length;
    }
    return decoder.decode(numbersAt(Uint8Array, ptr, length));
}

function addToExternrefTable0(value) {
    const place = wasm._alloc();
    wasm._externrefs.set(place, value);
    return place;
}

function takeFromExternrefTable0(place) {
    const value = wasm._externrefs.get(place);
    wasm._dealloc(place);
    return value;
}

/** A value in words: as much as a message needs, JSON where it has such a form. */
function debugString(value) {
    try {
        return JSON.stringify(value) ?? String(value);
    } catch {
        return String(value);
    }
}

/** An import that may throw. */
const caught = (work) => (...given) => {
    try {
        return work(...given);
    } catch (error) {
        wasm._exn_store(addToExternrefTable0(error));
    }
};

/** An argument as the module takes it. */
function passed(kind, value) {
    if (kind === 'x') return [value];
    const isNone = isLikeNone(value);
    if (kind === 'n') return [isNone ? Number.MAX_SAFE_INTEGER : value];
    if (kind === 'b') return [isNone ? 0xFFFFFF : value];
    if (kind === 'e') return [isNone ? 0 : addToExternrefTable0(value)];
    if (isNone) return [0, 0];
    const list = kind === 's' ? encoder.encode(value) : kind === 'v' ? Uint32Array.from(value, addToExternrefTable0) : value;
    const List = LISTS[kind];
    const size = List.BYTES_PER_ELEMENT;
    const ptr = wasm._malloc(list.length * size, size);
    numbersAt(List, ptr, list.length).set(list);
    return [ptr, list.length];
}

/** A text or bytes that the module asked for, told at the place that it named. */
function putList(place, kind, value) {
    const list = passed(kind, value); // for which the memory may grow
    numbersAt(Int32Array, place, 2).set(list);
}

/** A number that the module asked for, or that there is none, told likewise. */
function putNumber(place, value) {
    numbersAt(Int32Array, place, 1)[0] = isLikeNone(value) ? 0 : 1;
    numbersAt(Float64Array, place + 8, 1)[0] = value;
}

/** What a call came to; its error follows the value. */
function given(kind, ret, Kind) {
    if (!kind || kind === 'r') return ret;
    const width = kind === 'z' ? 0 : 'xnmoc'.includes(kind) ? 1 : 2;
    if (ret[width + 1]) throw takeFromExternrefTable0(ret[width]);
    const [value, length] = ret;
    if (kind === 'x') return takeFromExternrefTable0(value);
    if (kind === 'n') return value;
    if (kind === 'm') return value >>> 0;
    if (kind === 'o') return value !== 0;
    if (kind === 'c') return new Kind(value);
    // A list that there is not lies nowhere.
    if (kind === 'z' || !value) return undefined;
    const List = LISTS[kind];
    const list = kind === 's' ? getStringFromWasm0(value, length) : numbersAt(List, value, length).slice();
    wasm._free(value, length * List.BYTES_PER_ELEMENT, List.BYTES_PER_ELEMENT);
    return list;
}

/** A call: the letters are of what it takes, one each, and of what it gives. */
const call = (name, takes, gives, Kind) =>
    function (...values) {
        const own = this?.ptr === undefined ? [] : [this.ptr];
        return given(gives, wasm[name](...own, ...[...takes].flatMap((kind, place) => passed(kind, values[place]))), Kind);
    };

/** Adds calls to a class: words of a name, what it takes, and what it gives; a star is before those of the class itself. */
export function addCalls(Kind, table) {
    for (const entry of table.split(',')) {
        const [word, takes, gives] = entry.split(' ');
        const name = word.replace('*', '');
        (word === name ? Kind.prototype : Kind)[name] = call(`${Kind.module}_${name}`, takes, gives, Kind);
    }
    return Kind;
}

/** A class of the module's. Its instances are freed by hand: who holds them ends with the instance's memory, or frees it. */
function classOf(module, table) {
    class Kind {
        static module = module;
        constructor(ptr) {
            this.ptr = ptr;
        }
        free() {
            wasm[`_${module}_free`](this.ptr, 0);
            this.ptr = 0;
        }
    }
    return addCalls(Kind, table);
}

/** The module is running from now on. */
function begin(instance) {
    wasm = instance.exports;
    wasm._start();
}

/** Starts the module, once. */
export function initSync({ module }) {
    if (!wasm) begin(new WebAssembly.Instance(module, { MODULE: IMPORTS }));
}

/** The rest of a module in two parts: it works in the memory of the first, whose exports it imports as `b`. */
export function addModule({ module }) {
    wasm = { ...wasm, ...new WebAssembly.Instance(module, { MODULE: IMPORTS, b: wasm }).exports };
}

let beginning;
/** The same where a thread must not be held up, of the module or its bytes; gives what it exports. */
export default async function init({ module_or_path: module } = {}) {
    beginning ??= WebAssembly.instantiate(module, { MODULE: IMPORTS }).then((made) => begin(made.instance ?? made));
    await beginning.catch((error) => {
        beginning = undefined;
        throw error;
    });
    return wasm;
}
