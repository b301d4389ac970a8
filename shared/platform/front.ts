import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { sendBareProblem } from './bare.ts';
import { MalformedRequest, TooLarge } from './problem.ts';

/** What the platform in front of us lets through at most. */
export const MAX_REQUEST_BYTES = 32 * 1024 * 1024;

type WithRawBody = IncomingMessage & { rawBody?: Buffer };

/**
 * Reads the body before the framework does, bounded, and leaves the parsing to the function: the
 * framework itself would buffer a gigabyte, and answer malformed JSON with a page of HTML.
 */
export function front(listener: RequestListener): RequestListener {
  return (req: WithRawBody, res) => {
    const path = req.url?.split('?')[0] ?? '/';
    if (!decodable(path)) return sendBareProblem(res, new MalformedRequest());
    const announced = Number(req.headers['content-length'] ?? 0);
    if (announced > MAX_REQUEST_BYTES) return refuse(req, res);
    if (announced === 0 && req.headers['transfer-encoding'] === undefined) {
      req.rawBody = Buffer.alloc(0);
      // The framework skips a body that has been read to its end.
      req.resume().once('end', () => listener(req, res));
      return;
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    req.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_REQUEST_BYTES) chunks.push(chunk);
      else if (!res.headersSent) refuse(req, res);
    });
    req.on('end', () => {
      if (bytes > MAX_REQUEST_BYTES) return;
      req.rawBody = Buffer.concat(chunks);
      listener(req, res);
    });
  };
}

function refuse(req: IncomingMessage, res: ServerResponse): void {
  res.setHeader('Connection', 'close');
  sendBareProblem(res, new TooLarge({ limitBytes: MAX_REQUEST_BYTES }));
  req.resume();
}

/** Whether the path is percent-encoded UTF-8; what is not never reaches a router. */
export function decodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
