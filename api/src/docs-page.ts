import { createHash } from 'node:crypto';

const style = `
:root { color-scheme: light dark; --page: #fbf5ea; --ink: #241a17; --quiet: #6a5b55; --line: #e6daca; --accent: #6b1426 }
@media (prefers-color-scheme: dark) { :root { --page: #17110f; --ink: #f4ece4; --quiet: #b5a59d; --line: #3a2d29; --accent: #d9a3ae } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem }
details { border-bottom: 1px solid var(--line); padding: .5rem 0 }
summary { cursor: pointer } code, pre { font: 13px/1.45 ui-monospace, monospace }
summary code { color: var(--accent) } .quiet { color: var(--quiet) }
pre { overflow: auto; padding: .75rem; border: 1px solid var(--line); border-radius: 8px }`;

const script = `
const element = (name, text, className) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
};
const show = (title, value) => {
  const part = document.createDocumentFragment();
  part.append(element('p', title, 'quiet'), element('pre', JSON.stringify(value, null, 2)));
  return part;
};
const operation = (method, path, details) => {
  const entry = element('details');
  const summary = element('summary');
  summary.append(element('code', method.toUpperCase() + ' ' + path), ' ', element('span', details.summary, 'quiet'));
  entry.append(summary);
  if (details.description) entry.append(element('p', details.description));
  entry.append(element('p', 'Permission: ' + details['x-permission'], 'quiet'));
  if (details.parameters) entry.append(show('Parameters', details.parameters));
  if (details.requestBody) entry.append(show('Body', details.requestBody.content));
  entry.append(show('Answers', details.responses));
  return entry;
};
const main = document.querySelector('main');
const reply = await fetch('/openapi.json');
const { info, tags, paths, components } = await reply.json();
document.querySelector('h1').textContent = info.title + ' ' + info.version;
for (const tag of tags) {
  main.append(element('h2', tag.name), element('p', tag.description, 'quiet'));
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, details] of Object.entries(methods)) {
      if (details.tags?.includes(tag.name)) main.append(operation(method, path, details));
    }
  }
}
main.append(element('h2', 'Shapes'));
for (const [name, shape] of Object.entries(components.schemas)) {
  const entry = element('details');
  entry.append(element('summary', name), element('pre', JSON.stringify(shape, null, 2)));
  main.append(entry);
}`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only this page's own script and style may run, and it may call only this server. */
export const docsPolicy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'`;

export const docsPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Everwave API</title>
<style>${style}</style>
<h1>Everwave API</h1>
<p>The same as data: <a href="/openapi.json">openapi.json</a>. Send an API key as <code>Authorization: Bearer ew_…</code>.</p>
<main></main>
<script type="module">${script}</script>
</html>
`;
