import { createReadStream } from 'node:fs';
import {
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { ROOT } from '#build/discover.ts';
import type { Stack } from '#local/stack/stack.ts';
import { sendBareProblem } from '#platform/bare.ts';
import { NotFound, Unavailable } from '#platform/problem.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.png': 'image/png',
};

const docsDir = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const html = (res: ServerResponse, body: string): void => {
  res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(`<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><style>
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd}
.up{color:#070}.down{color:#b00}code{background:#f4f4f4;padding:0 .3rem}</style>${body}</html>`);
};

/** The pages beside the API: what runs here, the API reference, and the mail that was sent. */
export function statusPages({ engines, env }: Stack, url: string): RequestListener {
  const ended = new Map<string, string>();
  for (const { name, exited } of engines) void exited.then((reason) => ended.set(name, reason));

  const status = (): string => {
    const rows = engines.map(({ name, version, address, startedInMs }) => {
      const reason = ended.get(name);
      const state = reason ? `<span class="down">${reason}</span>` : '<span class="up">up</span>';
      return `<tr><td>${name}<td>${state}<td>${version}<td><code>${address}</code><td>${startedInMs} ms`;
    });
    return `<title>Mixillo</title><h1>Mixillo</h1>
<p><a href="/docs">API reference</a> · <a href="/api/openapi.json">OpenAPI</a> · <a href="/_mail">Mail</a> · <a href="/api/health?deep=1">Health</a> · <a href="/api/content/feed">Feed</a></p>
<p>Functions by themselves: <code>${url}/functions/&lt;functionName&gt;/…</code>. The clock moves by
<code>POST /_local/clock?advanceSeconds=86400</code>, a job runs by <code>POST /_local/jobs/&lt;name&gt;</code>.</p>
<table><tr><th>Engine<th>State<th>What<th>Where<th>Started in</tr>${rows.join('')}</table>`;
  };

  return (req, res) => {
    const path = (req.url ?? '/').split('?')[0] ?? '/';
    if (path === '/') return html(res, status());
    if (path === '/docs' || path === '/docs/')
      return file(res, join(ROOT, 'infra/build/docs.html'));
    const asset = /^\/docs\/(swagger-ui[a-z-]*\.(?:css|js))$/.exec(path)?.[1];
    if (asset) return file(res, join(docsDir, asset));
    if (path === '/_mail' || path.startsWith('/_mail/'))
      return mail(req, res, env['MAIL_SINK_URL']);
    sendBareProblem(res, new NotFound());
  };
}

function file(res: ServerResponse, path: string): void {
  res.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
  createReadStream(path)
    .on('error', () => sendBareProblem(res, new NotFound()))
    .pipe(res);
}

function mail(req: IncomingMessage, res: ServerResponse, sink: string | undefined): void {
  const path = (req.url ?? '').slice('/_mail'.length) || '/';
  request(`${sink}${path}`, { method: req.method ?? 'GET' }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  })
    .on('error', () => sendBareProblem(res, new Unavailable()))
    .end();
}
