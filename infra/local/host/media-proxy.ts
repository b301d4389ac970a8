import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { sendBareProblem } from '#platform/bare.ts';
import { config } from '#platform/config.ts';
import { NotFound, Unavailable } from '#platform/problem.ts';

/** The CDN's part: `/media/<object>` reads the public media bucket, ranges included. */
export function mediaProxy(req: IncomingMessage, res: ServerResponse): void {
  if (req.method !== 'GET' && req.method !== 'HEAD') return sendBareProblem(res, new NotFound());
  const path = (req.url ?? '').slice('/media/'.length);
  const address = `${process.env['STORAGE_EMULATOR_HOST']}/${config().MEDIA_BUCKET}/${path}`;
  const { host: _host, connection: _connection, ...headers } = req.headers;
  const upstream = request(address, { method: req.method, headers }, (response) => {
    res.writeHead(response.statusCode ?? 502, {
      ...response.headers,
      'access-control-allow-origin': '*',
    });
    response.pipe(res);
  });
  upstream.on('error', () => {
    if (res.headersSent) res.destroy();
    else sendBareProblem(res, new Unavailable());
  });
  res.on('close', () => upstream.destroy());
  upstream.end();
}
