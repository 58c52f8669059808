// A bare AWS SDK loop: list a prefix, then get every object over as many connections. Usage: s3-loop.mjs BUCKET PREFIX CONNECTIONS
import { Agent } from 'node:http';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';

const [bucket, prefix, connections] = process.argv.slice(2);
const httpAgent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const client = new S3Client({ forcePathStyle: true, requestHandler: { httpAgent } });

const keys = [];
for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
  for (const { Key } of page.Contents ?? []) keys.push(Key);
}
async function getNext() {
  for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    await Body.transformToByteArray();
  }
}
await Promise.all(Array.from({ length: Number(connections) }, getNext));
client.destroy();
