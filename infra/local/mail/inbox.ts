import type { AddressObject, ParsedMail } from 'mailparser';

export interface Letter {
  readonly id: string;
  /** As the sender wrote it: the same letter sent twice has it twice. */
  readonly messageId: string;
  readonly to: string;
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly at: string;
  readonly links: readonly string[];
}

const KEPT = 1_000;

/** The newest letters, oldest first. */
export class Inbox {
  #letters: Letter[] = [];
  #count = 0;

  /** Keeps a letter. Its recipients are those of the envelope, because that is where it would have gone. */
  add(parsed: ParsedMail, recipients: readonly string[], now: Date): void {
    const text = parsed.text ?? '';
    const html = parsed.html || '';
    this.#letters.push({
      id: String(++this.#count),
      messageId: parsed.messageId ?? '',
      to: recipients.join(', '),
      from: written(parsed.from),
      subject: parsed.subject ?? '',
      text,
      html,
      at: now.toISOString(),
      links: linksIn(`${html} ${text}`),
    });
    if (this.#letters.length > KEPT) this.#letters = this.#letters.slice(-KEPT);
  }

  /** All letters, or those to one address. */
  letters(to?: string | null): readonly Letter[] {
    if (!to) return this.#letters;
    const wanted = to.toLowerCase();
    return this.#letters.filter((letter) => letter.to.toLowerCase().split(', ').includes(wanted));
  }

  clear(): void {
    this.#letters = [];
  }
}

const written = (address: AddressObject | undefined): string => address?.text ?? '';

const linksIn = (body: string): string[] => {
  const found = body.match(/https?:\/\/[^\s"'<>]+/g) ?? [];
  return [...new Set(found.map((link) => link.replaceAll('&amp;', '&').replace(/[).,;]+$/, '')))];
};

/** One page with every letter, newest first. Letters are shown as text: nothing in them runs or loads. */
export function inboxPage(letters: readonly Letter[]): string {
  const articles = [...letters].reverse().map(
    ({ to, from, subject, at, text, html, links }) => `<article>
<h2>${escape(subject) || '(no subject)'}</h2>
<p>${escape(from)} → <b>${escape(to)}</b> · ${at}</p>
<pre>${escape(text || html)}</pre>
${links.map((link) => `<p><a rel="noreferrer" href="${escape(link)}">${escape(link)}</a></p>`).join('\n')}
</article>`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Mail</title>
<style>body{font:15px system-ui;max-width:52rem;margin:2rem auto;padding:0 1rem}article{border-top:1px solid #ccc}pre{white-space:pre-wrap}</style>
<h1>${letters.length} letters</h1>
${articles.join('\n')}</html>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
