// An S3 server for measuring: lists and gets what lies in a folder, every answer DELAY milliseconds late.
// Usage: slow-s3.mjs FOLDER DELAY; sends its port to the parent.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [folder, delay] = process.argv.slice(2);
const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const objects = new Map(
  names.map((entry) => {
    const path = `${entry.parentPath}/${entry.name}`;
    const body = readFileSync(path);
    return [path.slice(folder.length + 1), { body, etag: `"${createHash('md5').update(body).digest('hex')}"` }];
  }),
);
const keys = [...objects.keys()].sort();

function listing(query) {
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? '';
  const found = keys.filter((key) => key.startsWith(prefix) && key > after);
  const page = found.slice(0, 1000);
  const contents = page.map((key) => {
    const { body, etag } = objects.get(key);
    return `<Contents><Key>${key}</Key><ETag>${etag}</ETag><Size>${body.length}</Size></Contents>`;
  });
  const more = found.length > page.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more !== ''}</IsTruncated>${more}${contents.join('')}</ListBucketResult>`;
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const key = decodeURIComponent(pathname.split('/').slice(2).join('/'));
  setTimeout(() => {
    if (key === '') return response.setHeader('Content-Type', 'application/xml').end(listing(searchParams));
    const object = objects.get(key);
    if (!object) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    response.writeHead(200, { ETag: object.etag, 'Content-Length': object.body.length }).end(object.body);
  }, Number(delay));
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
