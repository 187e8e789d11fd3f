/** A mail as its template made it: what it says, not yet to whom. */
export interface Mail {
  /** Which template: `password_reset`. */
  readonly kind: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Seconds after which nobody wants it any more: as long as its link works. */
  readonly goodFor: number;
  /** The link that ends mails of this kind, of those that a person may do without. */
  readonly unsubscribe?: string;
}

export interface MailWords {
  readonly kind: string;
  readonly subject: string;
  /** What happened and what to do, a sentence or two each. */
  readonly paragraphs: readonly string[];
  /** The one thing to do; its link is made from the configured address of the web, never from a request. */
  readonly action?: { readonly label: string; readonly link: string };
  /** After the action: how long it works, and what to do when one did not expect this mail. */
  readonly closing?: readonly string[];
  readonly goodFor?: number;
  readonly unsubscribe?: string;
}

const day = 24 * 60 * 60;

/** The one look of all mails, as plain text and as HTML. Whatever people wrote, such as names, is escaped here. */
export const composeMail = ({
  kind,
  subject,
  paragraphs,
  action,
  closing = [],
  goodFor = 3 * day,
  unsubscribe,
}: MailWords): Mail => ({
  kind,
  // A name with a line break must not become a header.
  subject: oneLine(subject),
  text: `${[...paragraphs, ...(action ? [`${action.label}:\n${action.link}`] : []), ...closing, ...(unsubscribe ? [`${endWords}:\n${unsubscribe}`] : [])].join('\n\n')}\n`,
  html: page(subject, [
    ...paragraphs.map(paragraph),
    ...(action ? [button(action)] : []),
    ...closing.map((text) => `<p style="margin:0 0 12px;color:#5c6470;font-size:14px">${escape(text)}</p>`),
    ...(unsubscribe ? [end(unsubscribe)] : []),
  ]),
  goodFor,
  ...(unsubscribe === undefined ? {} : { unsubscribe }),
});

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const escape = (plain: string): string =>
  plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escape(text)}</p>`;

const button = ({ label, link }: { readonly label: string; readonly link: string }): string =>
  [
    `<p style="margin:24px 0"><a href="${escape(link)}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#3b3fd8;color:#ffffff;text-decoration:none;font-weight:600">${escape(label)}</a></p>`,
    `<p style="margin:0 0 16px;color:#5c6470;font-size:14px;word-break:break-all">${escape(link)}</p>`,
  ].join('\n');

const endWords = 'No more mails of this kind';

const end = (link: string): string =>
  `<p style="margin:0 0 12px;font-size:14px"><a href="${escape(link)}" style="color:#5c6470">${endWords}</a></p>`;

const page = (title: string, body: readonly string[]): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(oneLine(title))}</title></head>
<body style="margin:0;background:#f4f5f7">
<div style="max-width:520px;margin:0 auto;padding:32px 20px;color:#16181d;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<p style="margin:0 0 24px;font-weight:700">Everwave</p>
${body.join('\n')}
</div>
</body>
</html>
`;
