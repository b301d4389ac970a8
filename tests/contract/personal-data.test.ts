import { expect, test } from 'vitest';
import { allModels } from '#build/models.ts';
import { personalDataOf } from '#platform/collection.ts';

const models = await allModels();

/** Fields that name a person, in the models' own words. */
const PEOPLE = ['User'];

const refersToPeople = (path: unknown): boolean =>
  PEOPLE.includes(String((path as { options?: { ref?: unknown } }).options?.ref));

test.each(models.map((model) => [model.modelName, model] as const))(
  '%s says whose its rows are, and what becomes of them when that person leaves',
  (name, model) => {
    const declared = personalDataOf(name);
    const fields = Object.keys(model.schema.paths);

    expect(declared).toBeDefined();
    if (declared === undefined || declared === 'none') return;
    expect(fields).toEqual(expect.arrayContaining([...declared.owner]));
    expect(fields.map((field) => field.split('.')[0])).toEqual(
      expect.arrayContaining([...(declared.hidden ?? [])].map((field) => field.split('.')[0])),
    );
    if (declared.erase === 'retain') expect(declared.because).toBeTruthy();
  },
);

test('no model that points at a person calls its rows nobody’s', () => {
  const forgotten = models
    .filter((model) => personalDataOf(model.modelName) === 'none')
    .filter((model) => Object.values(model.schema.paths).some(refersToPeople))
    .map(({ modelName }) => modelName);

  // A setting remembers who changed it last; that person is staff, and the audit trail is kept.
  expect(forgotten).toEqual(['SystemSetting']);
});
