import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { Jobs } from './jobs.ts';
import { serve } from './service.ts';
import { workIn } from './work.ts';

/** The process of the speech stand-in: `node main.ts <data folder>`. It tells its parent the port. */
const [dataDir = ''] = process.argv.slice(2);
const scratch = join(dataDir, 'scratch');
await rm(scratch, { recursive: true, force: true });
await mkdir(scratch, { recursive: true });

const jobs = await Jobs.open(join(dataDir, 'operations'), workIn(scratch));
const server = serve(jobs, { maxWaiting: Number(process.env['SPEECH_MAX_WAITING'] ?? 150) });
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (problem, port) => {
  if (problem) throw problem;
  process.send?.({ port });
});

const leave = () => {
  jobs.close();
  server.forceShutdown();
  process.exit(0);
};
process.once('SIGTERM', leave);
process.once('disconnect', leave);
// Ctrl-C reaches the whole group; the parent decides the order.
process.on('SIGINT', () => undefined);
