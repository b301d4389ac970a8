import { createServer, type Server, type Socket } from 'node:net';
import type { Engine } from './call.ts';
import { answer } from './commands.ts';
import { Framer, readMessage, writeReply } from './wire.ts';

/** Serves drivers on a connection each: in order within one, side by side between them. */
export function serve(engine: Engine, sockets: Set<Socket>): Server {
  return createServer({ noDelay: true }, (socket) => {
    const framer = new Framer();
    const waiting: Buffer[] = [];
    let working = false;
    sockets.add(socket);
    const work = async () => {
      if (working) return;
      working = true;
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await respond(engine, socket, next);
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
      engine.transactions.ownerLeft(socket);
    });
  });
}

async function respond(engine: Engine, socket: Socket, bytes: Buffer): Promise<void> {
  const message = readMessage(bytes);
  const reply = await answer(engine, message, socket);
  if (!message.wantsReply || socket.destroyed) return;
  socket.write(writeReply(message, reply));
}
