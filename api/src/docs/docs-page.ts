/**
 * Everything the page loads comes from this server: the reference as one file, what starts it, and the document. Styles
 * are allowed inline because the reference writes them; scripts are not.
 */
export const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export interface DocsFiles {
  /** Path of the reference's own script; holds its version, so that browsers keep it for ever. */
  readonly reference: string;
  /** Path of what starts it. */
  readonly start: string;
}

/** The page, without a word of script in it. */
export const docsPage = ({ reference, start }: DocsFiles): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Everwave API</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 } noscript { display: block; max-width: 40rem; margin: 4rem auto; font: 16px/1.5 system-ui, sans-serif }</style>
<noscript>This page needs JavaScript. The same as data: <a href="/openapi.json">openapi.json</a>.</noscript>
<div id="reference"></div>
<script src="${reference}"></script>
<script type="module" src="${start}"></script>
</html>
`;

/**
 * Starts the reference with everything switched off that would ask another server: fonts, the vendor's proxy, its client,
 * assistant and measurements. Calls go to this server, as whoever is signed in or with the key that is entered.
 */
export const startScript = `Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  theme: 'none',
  customCss: \`
    :root { --scalar-font: "Inter Variable", Inter, system-ui, sans-serif; --scalar-font-code: "JetBrains Mono Variable", ui-monospace, monospace; --scalar-radius: 6px; --scalar-radius-lg: 10px }
    .light-mode { --scalar-background-1: #fffdf8; --scalar-background-2: #fbf5ea; --scalar-background-3: #f5ecdd; --scalar-color-1: #241a17; --scalar-color-2: #5d4f49; --scalar-color-3: #6f615b; --scalar-color-accent: #6b1426; --scalar-border-color: #e6daca }
    .dark-mode { --scalar-background-1: #1c1513; --scalar-background-2: #17110f; --scalar-background-3: #2a201d; --scalar-color-1: #f4ece4; --scalar-color-2: #c3b4ac; --scalar-color-3: #a2938c; --scalar-color-accent: #e9a9b4; --scalar-border-color: #3a2d29 }
    .light-mode .sidebar, .dark-mode .sidebar { --scalar-sidebar-background-1: var(--scalar-background-2); --scalar-sidebar-color-active: var(--scalar-color-accent) }
  \`,
  withDefaultFonts: false,
  proxyUrl: '',
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  documentDownloadType: 'json',
  defaultOpenAllTags: false,
  persistAuth: false,
  authentication: { preferredSecurityScheme: 'apiKey' },
});
`;
