// s3rver in a process of its own, since it needs Node's legacy OpenSSL provider. It is given what S3 has and s3rver lacks
// (If-Match), and can be told to fail. Started by s3-server.ts; messages are its interface.
import S3rver from 's3rver';

const [directory, bucket] = process.argv.slice(2);
const server = new S3rver({
  address: '127.0.0.1',
  port: 0,
  silent: true,
  directory,
  vhostBuckets: false,
  configureBuckets: [{ name: bucket }],
});
const faults = [];
let requests = [];

server.middleware.unshift(note, failAsTold, honourIfMatch);

process.on('message', (told) => {
  if (told === 'requests') {
    process.send({ requests });
    requests = [];
  } else {
    faults.push(told);
    process.send({ taken: true });
  }
});
process.on('disconnect', () => process.exit());
const { port } = await server.run();
process.send({ port });

function note(ctx, next) {
  requests.push({ method: methodOf(ctx), key: decodeURIComponent(ctx.path).slice(bucket.length + 2) });
  return next();
}

async function failAsTold(ctx, next) {
  const fault = faults.find(
    ({ method, beginning = '' }) =>
      (method === undefined || method === methodOf(ctx)) &&
      decodeURIComponent(ctx.path).startsWith(`/${bucket}/${beginning}`.replace(/\/$/, '')),
  );
  if (fault === undefined) return next();
  fault.times -= 1;
  if (fault.times === 0) faults.splice(faults.indexOf(fault), 1);
  if (fault.answer !== undefined) return answer(ctx, fault.answer);
  for (const header of fault.ignoredHeaders ?? []) delete ctx.req.headers[header];
  await next();
  if (fault.cutAfterBytes !== undefined) await cut(ctx, fault.cutAfterBytes);
}

function methodOf(ctx) {
  return ctx.method === 'GET' && 'list-type' in ctx.query ? 'LIST' : ctx.method;
}

async function honourIfMatch(ctx, next) {
  await next();
  const wanted = ctx.get('if-match');
  if (ctx.method !== 'GET' || wanted === '' || ctx.status >= 300 || wanted === ctx.response.get('etag')) return;
  ctx.body.destroy();
  answer(ctx, { status: 412, code: 'PreconditionFailed' });
}

function answer(ctx, { status, code, headers = {}, fields = {} }) {
  const details = Object.entries({ Code: code, Message: `told to answer ${code}`, ...fields });
  ctx.status = status;
  ctx.set(headers);
  ctx.type = 'application/xml';
  ctx.body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${details.map(([name, text]) => `<${name}>${text}</${name}>`).join('')}</Error>`;
}

// Sends the head and the first bytes, then drops the connection.
async function cut(ctx, bytes) {
  const parts = [];
  for await (const part of ctx.body) parts.push(part);
  ctx.respond = false;
  ctx.res.statusCode = ctx.status;
  ctx.res.write(Buffer.concat(parts).subarray(0, bytes), () => ctx.res.destroy());
}
