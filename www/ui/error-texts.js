// What the library says went wrong, in another language. Its errors are English sentences of fixed form: `words/errors/en.json` has
// the forms, the same file of a language what each means. Names, numbers and what other programs said stay as they are. Of a
// sentence that is not known wholly, the code tells what kind it is, with the sentence itself in brackets.

/** By name: a text with `{value}`s. @typedef {Record<string, string>} Texts */
/** `sentences` are whole errors, `parts` what stands in their values, `codes` kinds. @typedef {{ sentences: Texts, parts: Texts, codes: Texts }} ErrorTable */
/** @typedef {{ name: string, pattern: RegExp, nLetters: number }} Form */

/** Values that stay as they are: names, and what other programs said. */
const [NAMES, QUOTES] = [new Set(['name', 'option']), new Set(['detail'])];
/** Of some words: not a number, a shape, the name of an option. */
const IS_TEXT = /\s\p{Ll}{2,}/u;

/**
 * The texts as patterns, those that say most first: `{name} did not arrive` must not take what another form has more to say of.
 * @param {Texts} texts
 * @returns {Form[]}
 */
function formsOf(texts) {
  const forms = Object.entries(texts).map(([name, text]) => {
    const pieces = text.replace(/\.$/, '').split(/\{(\w+)\}/);
    const source = pieces.map((piece, place) => (place % 2 === 1 ? `(?<${piece}>.+?)` : piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
    const nLetters = pieces.reduce((sum, piece, place) => sum + (place % 2 === 0 ? piece.length : 0), 0);
    // Beginnings are sometimes made capital, ends given a full stop.
    return { name, pattern: new RegExp(`^${source.join('')}\\.?$`, 'is'), nLetters };
  });
  return forms.sort((a, b) => b.nLetters - a.nLetters);
}

/** Where Han meets Latin a space stands, as in the page's own texts. @param {string} text */
const spaced = (text) => text.replace(/(?<=\p{Script=Han})(?=[A-Za-z0-9[])|(?<=[A-Za-z0-9\]])(?=\p{Script=Han})/gu, ' ');

/** A sentence at another's end has one full stop with it. @param {string} text @param {Texts} values */
const filled = (text, values) =>
  text.replace(/\{(\w+)\}(?=([.。]?))/g, (whole, name, stop) => (stop === '' ? values[name] : values[name]?.replace(/[.。]$/, '')) ?? whole);

export class ErrorTexts {
  #sentences;
  #parts;
  #own;

  /** @param {ErrorTable} english @param {ErrorTable} own of the language */
  constructor(english, own) {
    this.#sentences = formsOf(english.sentences);
    this.#parts = formsOf(english.parts);
    this.#own = own;
  }

  /** @param {string} message of the library, or another program @param {string | undefined} code */
  of(message, code = 'unknown') {
    const { codes } = this.#own;
    return this.sentence(message) ?? filled(codes[code] ?? codes['unknown'] ?? '{why}', { why: message });
  }

  /** A sentence of a known form with known values; else nothing. @param {string} message @returns {string | null} */
  sentence(message) {
    return this.#first(this.#sentences, this.#own.sentences, message);
  }

  /** @param {Form[]} forms @param {Texts} own @param {string} text */
  #first(forms, own, text) {
    for (const { name, pattern } of forms) {
      const found = pattern.exec(text);
      const meaning = own[name];
      if (!found || meaning === undefined) continue;
      const values = Object.entries(found.groups ?? {}).map(([value, said]) => [value, this.#value(value, said)]);
      if (values.every(([, told]) => told !== null)) return spaced(filled(meaning, Object.fromEntries(values)));
    }
    return null;
  }

  /** @param {string} name @param {string} said @returns {string | null} */
  #value(name, said) {
    if (NAMES.has(name)) return said;
    const known = (name === 'why' ? this.sentence(said) : null) ?? this.#first(this.#parts, this.#own.parts, said);
    return known ?? (QUOTES.has(name) || (name !== 'why' && !IS_TEXT.test(said)) ? said : null);
  }
}
