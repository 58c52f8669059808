// Runs the built product in a process of its own, which kills itself where it is told to.
//   node run-and-die.mjs '{"product": "…/dist", "run": { options of run }, "dieAt": { "statement": 17, "afterMs": 0 }}'
// Without `afterMs` it dies before the statement is executed, with it so long after it was handed to the engine.
import process from 'node:process';
import { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';

const { product, run: options, dieAt = {} } = JSON.parse(process.argv[2]);
const statements = [];
let depth = 0;

const die = () => process.kill(process.pid, 'SIGKILL');

/** Counts the calls of a method that are not made by another one. */
function watch(kind, method, titleOf) {
  const original = kind.prototype[method];
  kind.prototype[method] = function watched(...args) {
    const isOutermost = depth === 0;
    if (isOutermost) statements.push(titleOf(...args).split('\n', 1)[0]);
    const isHere = isOutermost && statements.length === dieAt.statement;
    if (isHere && dieAt.afterMs === undefined) die();
    depth += 1;
    try {
      return original.apply(this, args);
    } finally {
      depth -= 1;
      if (isHere && dieAt.afterMs !== undefined) setTimeout(die, dieAt.afterMs);
    }
  };
}

for (const method of ['run', 'runAndReadAll', 'stream', 'prepare']) watch(DuckDBConnection, method, (sql) => sql);
watch(DuckDBConnection, 'createAppender', (table) => `append to ${table}`);
watch(DuckDBPreparedStatement, 'run', () => 'a prepared statement');

const { run, sparkify } = await import(`${product}/index.js`);
process.send('started');
const report = await run({ warehouse: sparkify, toolVersion: 'test', ...options });
process.send({ outcome: report.outcome, statements });
process.disconnect();
