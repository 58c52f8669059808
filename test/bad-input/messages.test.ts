import { expect, test } from 'vitest';
import { statementFailure } from '../../src/engines/duckdb/failures.ts';

test.each([
  [`Conversion Error: Could not convert string 'Nora' to INT32`, `Could not convert string '…' to INT32`],
  [`Conversion Error: Could not convert string 'O'Nora' to INT32\n\nLINE 1: select 'a'`, `convert string '…' to INT32`],
  [`Conversion Error: Could not convert string 'a\nNora' to INT32`, `convert string '…' to INT32`],
  [`Conversion Error: Could not convert string 'Nora\n\nLINE 1: ' to INT32`, `convert string '…`],
  ['Conversion Error: invalid date field format: "say "Nora"", expected', 'date field format: "…", expected'],
  ['Constraint Error: Duplicate key "first_name: Nora" violates', 'Duplicate key "…" violates'],
  [`Conversion Error: Type INT64 with value 4711 can't be cast`, 'with value …'],
  ['Out of Range Error: Overflow in addition of INT64 (4711 + 1)!', 'INT64 (…)!'],
])('%j is told without its value', (said, told) => {
  const { message } = statementFailure('-- fill users', new Error(said));
  expect(message).toContain(told);
  expect(message).not.toMatch(/Nora|4711|\n/);
});

test.each([
  `IO Error: Could not write file "/data/o'brien/w.duckdb": No space left on device`,
  'Binder Error: Table "s" does not have a column named "status"',
  'Catalog Error: Table with name objects does not exist!',
])('%j keeps its names', (said) => {
  expect(statementFailure('-- fill users', new Error(said)).message).toBe(`fill users failed: ${said}`);
});
