// Markdown to HTML, with anchors as GitHub has them and tables that may be scrolled.

import { Marked } from 'marked';

/** The anchor of a heading. @param {string} text */
export const slug = (text) => text.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const plain = (html) => html.replace(/<[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');

/**
 * A page's HTML and its second-level headings.
 * @param {string} markdown
 * @param {(href: string) => string | null} address where a link leads; null to show its words alone
 */
export function htmlOf(markdown, address = (href) => href) {
  const headings = [];
  let tables = 0;
  const renderer = {
    heading({ tokens, depth }) {
      const html = this.parser.parseInline(tokens);
      const id = slug(plain(html));
      if (depth === 2) headings.push({ id, html });
      return `<h${depth} id="${id}">${html}</h${depth}>\n`;
    },
    link({ href, tokens }) {
      const html = this.parser.parseInline(tokens);
      const target = address(href);
      return target === null ? html : `<a href="${escape(target)}">${html}</a>`;
    },
    code({ text }) {
      return `<pre tabindex="0"><code>${escape(text)}</code></pre>\n`;
    },
    table(token) {
      tables += 1;
      const cells = (row, tag) => row.map((cell) => `<${tag}${tag === 'th' ? ' scope="col"' : ''}${cell.align ? ` class="${cell.align}"` : ''}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('');
      // An empty head says nothing to anybody.
      const isNamed = token.header.some(({ text }) => text !== '');
      const header = token.header.map((cell) => cell);
      const head = isNamed ? `<thead><tr>${cells(header, 'th').replaceAll(/<th scope="col"( class="\w+")?><\/th>/g, '<td></td>')}</tr></thead>` : '';
      const rows = token.rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
      return `<div class="scroll" tabindex="0" role="group" aria-label="Table ${tables}"><table>${head}<tbody>${rows}</tbody></table></div>\n`;
    },
    html({ text }) {
      // Only marks for programs.
      if (!/^\s*<!--[^]*-->\s*$/.test(text)) throw new Error(`HTML in Markdown: ${text}`);
      return '';
    },
  };
  const html = new Marked({ renderer }).parse(markdown);
  return { html, headings };
}

/** What a short text says, without a paragraph around it if it is one. @param {string} markdown */
export function htmlOfText(markdown) {
  return new Marked().parse(markdown).trim();
}
