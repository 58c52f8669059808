import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberOf, withMember, withoutMember } from '../../src/generator/damage/members.ts';

const keys = ['artist', 'song', 'ts', 'userId'];
const values = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('","ts":1', '\\', '"', '}'),
  fc.integer(),
  fc.constant(null),
);
const flat = fc
  .tuple(values, values, values, values)
  .map((list) => Object.fromEntries(keys.map((key, index) => [key, list[index]])));

/** As the logs and as the song files are written. */
const notations = [
  (fields: object) => JSON.stringify(fields),
  (fields: object) =>
    `{${Object.entries(fields)
      .map(([key, value]) => `"${key}": ${JSON.stringify(value)}`)
      .join(', ')}}`,
];

test.each(notations)('a key is taken out of any object, and the other ones stay (%#)', (write) => {
  fc.assert(
    fc.property(flat, fc.constantFrom(...keys), (fields, key) => {
      const { [key]: _, ...others } = fields;
      expect(withoutMember(write(fields), key)).toBe(write(others));
    }),
  );
});

test.each(notations)('a value is changed in any object, and the other ones stay (%#)', (write) => {
  fc.assert(
    fc.property(flat, fc.constantFrom(...keys), (fields, key) => {
      expect(memberOf(write(fields), key)).toBe(JSON.stringify(fields[key]));
      expect(withMember(write(fields), key, (json) => `[${json}]`)).toBe(write({ ...fields, [key]: [fields[key]] }));
    }),
  );
});
