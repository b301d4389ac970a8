import { createServer, type Server, type Socket } from 'node:net';
import type { Engine } from './call.ts';
import { answer } from './commands.ts';
import { Request } from './request.ts';
import { Framer, type Message, readMessage, writeReply } from './wire.ts';

/** The name of the application whose connections can only read. */
const AUDITOR = 'auditor';

/**
 * Serves drivers on a connection each: in order within one, side by side between them. A
 * connection that introduces itself as the auditor's is served by the one who only reads.
 */
export function serve(engine: Engine, reader: Engine, sockets: Set<Socket>): Server {
  return createServer({ noDelay: true }, (socket) => {
    const framer = new Framer();
    const waiting: Buffer[] = [];
    let working = false;
    let serving: Engine | undefined;
    sockets.add(socket);
    const work = async () => {
      if (working) return;
      working = true;
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const message = readMessage(next);
        serving ??= isAuditor(message) ? reader : engine;
        await respond(serving, socket, message);
      }
      working = false;
    };
    socket.on('data', (chunk) => {
      try {
        waiting.push(...framer.push(chunk));
        void work().catch(() => socket.destroy());
      } catch {
        socket.destroy(); // not MongoDB's protocol
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      serving?.transactions.ownerLeft(socket);
    });
  });
}

/** A driver says who it is in its first command. */
function isAuditor(message: Message): boolean {
  const client = new Request(message).document('client');
  const application = client?.['application'] as { readonly name?: unknown } | undefined;
  return application?.name === AUDITOR;
}

async function respond(engine: Engine, socket: Socket, message: Message): Promise<void> {
  const reply = await answer(engine, message, socket);
  if (!message.wantsReply || socket.destroyed) return;
  socket.write(writeReply(message, reply));
}
