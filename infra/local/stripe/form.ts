import { invalid } from './failure.ts';

/** The parameters of a call: texts, and lists and records of them. */
export type Form = { [name: string]: FormValue };
type FormValue = string | Form | FormValue[];

const MAX_DEPTH = 6;
const MAX_FIELDS = 1_000;

/** Reads `a=1&metadata[x]=y&expand[0]=z&list[]=w` as the vendor does. */
export function parseForm(encoded: string): Form {
  const form: Form = Object.create(null);
  let fields = 0;
  for (const [name, value] of new URLSearchParams(encoded)) {
    if (++fields > MAX_FIELDS) throw invalid('Too many parameters');
    put(form, pathOf(name), value);
  }
  return lists(form) as Form;
}

function pathOf(name: string): string[] {
  const [head = '', ...rest] = name.split('[');
  const path = [head, ...rest.map((part) => part.replace(/\]$/, ''))];
  if (path.length > MAX_DEPTH) throw invalid(`Too deeply nested: ${name}`, undefined, name);
  return path;
}

function put(form: Form, path: readonly string[], value: string): void {
  let place = form;
  for (const [index, written] of path.entries()) {
    const name = written === '' ? String(Object.keys(place).length) : written;
    if (index === path.length - 1) {
      place[name] = value;
      return;
    }
    const next = place[name];
    if (typeof next !== 'object' || Array.isArray(next)) {
      const made: Form = Object.create(null);
      place[name] = made;
      place = made;
    } else place = next;
  }
}

/** Records whose names are 0, 1, 2… are lists. */
function lists(value: FormValue): FormValue {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const names = Object.keys(value);
  const items = Object.values(value).map(lists);
  if (names.length > 0 && names.every((name, index) => name === String(index))) return items;
  const record: Form = Object.create(null);
  for (const [index, name] of names.entries()) record[name] = items[index] ?? '';
  return record;
}

/** Refuses parameters that the call does not have, as the vendor does. */
export function only(form: Form, names: readonly string[]): void {
  const unknown = Object.keys(form).find((name) => name !== 'expand' && !names.includes(name));
  if (unknown !== undefined)
    throw invalid(`Received unknown parameter: ${unknown}`, 'parameter_unknown', unknown);
}

export function text(form: Form, name: string): string | undefined {
  const value = form[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(`Invalid string: ${name}`, undefined, name);
  return value;
}

export function required(form: Form, name: string): string {
  const value = text(form, name);
  if (value === undefined)
    throw invalid(`Missing required param: ${name}.`, 'parameter_missing', name);
  return value;
}

/** A positive whole number of minor units. */
export function amount(form: Form, name: string): number | undefined {
  const value = text(form, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,12}$/.test(value))
    throw invalid(`Invalid integer: ${value}`, 'parameter_invalid_integer', name);
  if (Number(value) < 1)
    throw invalid(
      'This value must be greater than or equal to 1.',
      'parameter_invalid_integer',
      name,
    );
  return Number(value);
}

export function requiredAmount(form: Form, name = 'amount'): number {
  const value = amount(form, name);
  if (value === undefined)
    throw invalid(`Missing required param: ${name}.`, 'parameter_missing', name);
  return value;
}

export function currency(form: Form): string {
  const value = required(form, 'currency').toLowerCase();
  if (!/^[a-z]{3}$/.test(value)) throw invalid(`Invalid currency: ${value}`, undefined, 'currency');
  return value;
}

export const flag = (form: Form, name: string): boolean => text(form, name) === 'true';

/** Metadata merged into what there was; an empty value removes its key. */
export function metadata(
  form: Form,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const given = form['metadata'];
  if (given === undefined) return { ...before };
  if (given === '') return {};
  if (typeof given !== 'object' || Array.isArray(given))
    throw invalid('Invalid object', undefined, 'metadata');
  const merged = Object.entries({ ...before, ...given });
  if (merged.length > 50) throw invalid('Metadata can have at most 50 keys', undefined, 'metadata');
  if (merged.some(([, value]) => typeof value !== 'string'))
    throw invalid('Metadata is text, and its keys hold no brackets', undefined, 'metadata');
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => Boolean(entry[1])));
}
