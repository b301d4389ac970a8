import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { discover, ROOT } from '#build/discover.ts';
import { drifted } from '#build/generate.ts';

type Json = { readonly [name: string]: Json };

const document = JSON.parse(await readFile(join(ROOT, 'docs/openapi.json'), 'utf8')) as Json;
const { endpoints } = await discover();

/** Where a schema says nothing at all of what it describes. */
function unsaid(schema: unknown, where: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if (Object.keys(schema).filter((name) => name !== 'description').length === 0) return [where];
  const { properties = {}, items, anyOf = [], oneOf = [] } = schema as Record<string, object>;
  return [
    ...Object.entries(properties).flatMap(([name, inner]) => unsaid(inner, `${where}.${name}`)),
    ...(items ? unsaid(items, `${where}[]`) : []),
    ...[...Object.values(anyOf), ...Object.values(oneOf)].flatMap((inner) => unsaid(inner, where)),
  ];
}

describe('the API document', () => {
  test('and all that is derived is as the code says', async () => {
    expect(await drifted()).toEqual([]);
  });

  test('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));

    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  test('has every endpoint under its own name', () => {
    const operations = Object.values(document['paths'] ?? {}).flatMap((path) =>
      Object.values(path).map((operation) => operation['operationId']),
    );

    expect(operations.sort()).toEqual(endpoints.map(({ name }) => name).sort());
  });

  test('says what every field of every answer is', () => {
    const silent = endpoints
      .filter(({ name }) => name !== 'openapiGet')
      .flatMap(({ name, definition: { path, method, status = 200 } }) => {
        const operation =
          document['paths']?.[path.replace(/:([A-Za-z]+)/g, '{$1}')]?.[method.toLowerCase()];
        const answer = operation?.['responses']?.[String(status)]?.['content'];
        return unsaid(answer?.['application/json']?.['schema'], name);
      });

    expect(silent).toEqual([]);
  });
});
