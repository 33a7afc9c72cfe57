// The reference of the package in JavaScript, read off its types by the TypeScript compiler: every exported name with what its
// comment says.

import { join } from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { htmlOfText } from './markdown.mjs';

const GROUPS = [
  ['classes', 'Classes', ({ kind }) => kind === SyntaxKind.ClassDeclaration],
  ['functions', 'Functions and values', ({ kind }) => kind === SyntaxKind.FunctionDeclaration || kind === SyntaxKind.VariableStatement],
  ['elements', 'Elements', (_, file) => file === 'element.d.ts'],
  ['types', 'Types', () => true],
];

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The files' own names, with their declarations in order: `Map<name, { kind, file, nodes, source }>`. */
function declarations(lib) {
  const api = new API({ cwd: join(lib, '../..') });
  try {
    const snapshot = api.updateSnapshot({ openProject: join(lib, '../../tsconfig.json') });
    const [project] = snapshot.getProjects();
    const found = new Map();
    for (const file of ['index.d.ts', 'presets.d.ts', 'generator.d.ts', 'element.d.ts']) {
      const source = project.program.getSourceFile(join(lib, file));
      for (const node of source.statements) {
        const isVariable = node.kind === SyntaxKind.VariableStatement;
        const name = isVariable ? node.declarationList.declarations[0].name.text : node.name?.text;
        const isExported = node.modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword);
        // What elements share is told with them, though it has no name outside.
        if (!name || name === 'global' || (!isExported && node.kind !== SyntaxKind.InterfaceDeclaration)) continue;
        if (found.has(name)) continue; // an element's interface and its constructor: one name
        found.set(name, describe(node, file, source, name));
      }
    }
    return found;
  } finally {
    api.close();
  }
}

/** What of a declaration is shown, as plain data: the compiler is closed afterwards. */
function describe(node, file, source, name) {
  const text = (of) => dedent(of.getText(source));
  const isPrivate = ({ modifiers }) => modifiers?.some(({ kind }) => kind === SyntaxKind.PrivateKeyword || kind === SyntaxKind.ProtectedKeyword);
  const members = [];
  for (const member of node.members ?? []) {
    if (isPrivate(member)) continue;
    const isConstructor = member.kind === SyntaxKind.Constructor;
    const key = isConstructor ? 'constructor' : member.name?.getText(source).replace(/^\[(.*)\]$/, '$1');
    if (!key) continue;
    const isStatic = member.modifiers?.some(({ kind }) => kind === SyntaxKind.StaticKeyword) ?? false;
    const former = members.find((other) => other.key === key && other.isStatic === isStatic);
    if (former) former.code += `\n${text(member)}`; // an overload
    else members.push({ key, isStatic, code: text(member), comment: commentOf(member, source) });
  }
  const isClass = node.kind === SyntaxKind.ClassDeclaration;
  const heritage = (node.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type.getText(source)));
  const isRecord = isClass || node.kind === SyntaxKind.InterfaceDeclaration;
  const code = isRecord ? `${isClass ? 'class' : 'interface'} ${name}${heritage.length ? ` extends ${heritage.join(', ')}` : ''}` : text(node).replace(/^export (declare )?/, '');
  return { name, kind: node.kind, file, code, members, heritage, comment: commentOf(node, source) };
}

/** The last comment before a node: what precedes it may be the file's own. */
function commentOf(node, source) {
  const comment = node.jsDoc?.at(-1);
  if (!comment) return '';
  const text = source.text.slice(comment.pos, comment.end);
  return text.trim().replace(/^\/\*\*\s?/, '').replace(/\s*\*\/$/, '').replace(/^[ \t]*\* ?/gm, '').trim();
}

/** Continued lines begin as far left as they may. */
function dedent(text) {
  const [first, ...rest] = text.split('\n');
  const depth = Math.min(...rest.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length));
  return [first, ...rest.map((line) => line.slice(depth))].join('\n');
}

/** The page. @param {string} lib the folder of the types */
export function reference(lib) {
  const all = declarations(lib);

  /** Where a name of a comment leads, seen from a declaration. */
  const target = (name, from) => {
    const member = (owner, key) => {
      const found = all.get(owner);
      if (!found) return null;
      if (found.members.some((member) => member.key === key)) return `#${owner}.${key}`;
      const bases = found.heritage.flatMap((base) => base.match(/\b[A-Z]\w+/g) ?? []);
      return bases.map((base) => member(base, key)).find(Boolean) ?? null;
    };
    const [owner, key] = name.split('.');
    const to = key ? member(owner, key) : all.has(name) ? `#${name}` : member(from, name);
    if (!to) throw new Error(`the comment of ${from} links to ${name}, which is not there`);
    return to;
  };
  const prose = (comment, from) => {
    const text = comment
      .replace(/\{@link ([\w.]+)\}/g, (_, name) => `[\`${name}\`](${target(name, from)})`)
      .replace(/^@param (\w+) /gm, '\n`$1`: ');
    return text && htmlOfText(text);
  };
  const code = (text, from) =>
    escape(text.replace(/\{@link ([\w.]+)\}/g, '$1')).replace(/\b[A-Z]\w+\b/g, (name) => (all.has(name) && name !== from ? `<a href="#${name}">${name}</a>` : name));
  const block = (text, from) => `<pre class="signature"><code>${code(text, from)}</code></pre>`;

  const entry = (declaration) => {
    const { name, kind, members } = declaration;
    const head = `<h3 id="${name}"><code>${name}</code></h3>\n${block(declaration.code, name)}\n${prose(declaration.comment, name)}\n`;
    if (kind === SyntaxKind.ClassDeclaration) {
      const seen = new Set();
      const parts = members.map(({ key, isStatic, code: text, comment }) => {
        const id = seen.has(key) ? '' : ` id="${name}.${key}"`;
        seen.add(key);
        return `<h4${id}><code>${isStatic ? `${name}.` : ''}${key}</code></h4>\n${block(text, name)}\n${prose(comment, name)}\n`;
      });
      return head + parts.join('');
    }
    const rows = members.map(
      ({ key, code: text, comment }) => `<dt id="${name}.${key}"><code>${code(text.replace(/[;,]$/, ''), name)}</code></dt>\n<dd>${prose(comment, name)}</dd>\n`,
    );
    return rows.length > 0 ? `${head}<dl>\n${rows.join('')}</dl>\n` : head;
  };

  const rest = new Set(all.values());
  const headings = [];
  const sections = GROUPS.map(([id, title, isOfIt]) => {
    const entries = [...rest].filter((declaration) => isOfIt(declaration, declaration.file));
    entries.forEach((declaration) => rest.delete(declaration));
    headings.push({ id, html: title });
    const list = entries.map(({ name }) => `<li><a href="#${name}"><code>${name}</code></a></li>`).join('\n');
    return `<h2 id="${id}">${title}</h2>\n<ul class="names">${list}</ul>\n${entries.map(entry).join('')}`;
  });
  const about = `<h1>JavaScript</h1>
<p>Every name that <code>ocelli</code> exports, and the elements of <code>ocelli/element</code>, as their types tell it.
<code>ocelli/inference</code> exports <a href="#Predictor"><code>Predictor</code></a> as <code>Classifier</code>;
<code>ocelli/inline</code> and <code>ocelli/direct</code> export what <code>ocelli</code> does.</p>
`;
  return { html: about + sections.join(''), headings };
}
