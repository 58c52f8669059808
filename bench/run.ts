import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { cases, freshFolder } from './cases.ts';
import type { Comparison } from './measure.ts';

// Usage: npm run bench [-- CASE …]. BENCH_PAIRS (default 5) and BENCH_EVENTS (default 5,000,000) set the size.
const pairs = Number(process.env.BENCH_PAIRS ?? 5);
const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(cases);
const report = resolve(import.meta.dirname, '../docs/benchmarks.md');

const rows: string[] = [];
for (const name of names) {
  const found = cases[name];
  if (!found) throw new Error(`there is no case '${name}'; cases are ${Object.keys(cases).join(', ')}`);
  const folder = freshFolder(join(tmpdir(), `sparkify-bench-${name}`));
  const comparison = await found.run(folder, pairs);
  rmSync(folder, { recursive: true, force: true });
  rows.push(row(found.name, found.claim, found.peer, found.atMost, comparison));
  process.stdout.write(`${rows.at(-1)}\n`);
}
if (asked.length === 0) writeFileSync(report, document(rows));

function row(
  name: string,
  claim: string,
  peer: string,
  atMost: number,
  { ours, peer: theirs, ratio, ratios }: Comparison,
): string {
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  const cells = [
    `**${name}**: ${claim}`,
    peer,
    seconds(ours.wallMs),
    seconds(theirs.wallMs),
    `**${ratio.toFixed(2)}** (${spread})`,
    `≤ ${atMost.toFixed(2)}${ratio <= atMost ? '' : ' **missed**'}`,
    `${Math.round(ours.maxRssMb).toLocaleString('en')} MiB`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function document(measured: readonly string[]): string {
  const { devDependencies, dependencies } = JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../package.json'), 'utf8'),
  );
  const versions = { ...devDependencies, ...dependencies } as Record<string, string>;
  return `# Benchmarks

Made by \`npm run bench\`. Whole processes, from start to exit; ours and the peer in turn, ${pairs} pairs after one that does
not count; the ratio is the median of the pairs' ratios (least to greatest in brackets), the times are medians, memory is
the greatest of our runs. A ratio says more than a time: machines differ, and this one is shared.

${new Date().toISOString().slice(0, 10)} · ${availableParallelism()} × ${cpus()[0]?.model.trim()} · ${Math.round(totalmem() / 2 ** 30)} GiB · Node ${process.version} · DuckDB ${versions['@duckdb/node-api']}

| what | against | ours | theirs | ratio | aim | our memory |
|---|---|---|---|---|---|---|
${measured.join('\n')}

${measuredApart()}`;
}

/** What the report says besides, written by hand: it stays. */
function measuredApart(): string {
  const text = readFileSync(report, 'utf8');
  const at = text.indexOf('## Measured apart');
  return at < 0 ? '' : text.slice(at);
}
