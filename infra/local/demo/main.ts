import { runningUrl } from '#local/stack/environment.ts';
import { playDemo } from './demo.ts';

try {
  process.exit(await playDemo(await runningUrl(), console.log));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
