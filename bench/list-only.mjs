// What a run with nothing new cannot do without: boot Node, list the files and stat them. Usage: list-only.mjs FOLDER…
import { readdirSync, statSync } from 'node:fs';

function walk(folder) {
  let count = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) count += walk(path);
    else if (statSync(path, { bigint: true }).isFile()) count += 1;
  }
  return count;
}

for (const folder of process.argv.slice(2)) walk(folder);
