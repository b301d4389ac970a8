import type { Handler } from './call.ts';
import { encode } from './wire.ts';
export const explain: Handler = () => Promise.resolve(encode({ ok: 1 }));
