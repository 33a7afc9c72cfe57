// What stands around every page: head, navigation, foot. Plain HTML that needs no script.

const MARK = '<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><circle cx="16" cy="9" r="6"/><circle cx="8" cy="22" r="6"/><circle cx="24" cy="22" r="6"/></svg>';

/** The navigation; under the page that is open, its own parts. */
function navigation(open, groups, headings) {
  const link = ([name, title]) => {
    const isOpen = name === open;
    const parts = isOpen && headings.length > 1 ? `<ul>${headings.map(({ id, html }) => `<li><a href="#${id}">${html}</a></li>`).join('')}</ul>` : '';
    return `<li><a href="${name}.html"${isOpen ? ' aria-current="page"' : ''}>${title}</a>${parts}</li>`;
  };
  return groups.map(([title, pages]) => `<p>${title}</p>\n<ul>${pages.map(link).join('\n')}</ul>`).join('\n');
}

/**
 * A whole page.
 * @param {{ name: string, title: string, groups: any[], html: string, headings: { id: string, html: string }[] }} page
 */
export function framed({ name, title, groups, html, headings }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>${title} · Ocelli</title>
<meta name="color-scheme" content="light dark">
<link rel="icon" href="../icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="../style.css">
<link rel="stylesheet" href="../css/frame.css">
<link rel="stylesheet" href="docs.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top"><div class="top-inner">
<a class="brand" href="index.html" aria-label="Ocelli, documentation">${MARK}<span>Ocelli</span></a>
<p class="ways"><a class="to-contents" href="#contents">Contents</a> <a href="../index.html">Open the page</a></p>
</div></header>
<div class="columns">
<main id="content" tabindex="-1">
${html}</main>
<div class="contents" id="contents"><div role="navigation" aria-label="Documentation">
${navigation(name, groups, headings)}
</div></div>
</div>
</body>
</html>
`;
}
