/**
 * The host as a process of its own, so that a test can end it without asking. It reads the
 * environment it was given and tells its parent where it listens.
 */
import { flushCompileCache } from 'node:module';
import { startHost } from '#local/host/host.ts';

const { url } = await startHost({ port: 0, background: true });
process.on('disconnect', () => process.exit(0));
process.send?.({ url });
// Whoever is killed cannot do it later, and the next one starts in half the time.
flushCompileCache();
