// What COPY alone takes: streams a file of rows, in COPY's text format, into a table. Usage: copy-alone.mjs URL TABLE FILE
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from } from 'pg-copy-streams';

const [url, table, file] = process.argv.slice(2);
const client = new pg.Client(url);
await client.connect();
await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), client.query(from(`copy ${table} from stdin`)));
await client.end();
