import { after, clock, seconds } from './clock.ts';

const FRESH_MS = seconds(30);

/**
 * Makes a reader of something that everybody asks for and that rarely changes: an instance keeps
 * what it has read for half a minute. `forget` is for whoever changes it.
 */
export function remembered<Value>(read: () => Promise<Value>) {
  let known: { readonly value: Value; readonly until: Date } | undefined;
  const ask = async (): Promise<Value> => {
    if (known && known.until > clock.now()) return known.value;
    const value = await read();
    known = { value, until: after(clock.now(), FRESH_MS) };
    return value;
  };
  return Object.assign(ask, {
    forget: (): void => {
      known = undefined;
    },
  });
}
