import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { errorCatalogue } from '../../src/errors.ts';

test('the handbook for operations says what to do for every error there is, and for no other', () => {
  const text = readFileSync(resolve(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const table = text.slice(text.indexOf('| code |'), text.indexOf('## Rejected lines'));
  const named = [...table.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, code]) => code);
  const codes = named.filter((code) => code !== 'TMPDIR' && code !== 'AWS_ENDPOINT_URL' && code !== 'ID');
  expect(codes.toSorted()).toEqual(Object.keys(errorCatalogue).toSorted());
});
