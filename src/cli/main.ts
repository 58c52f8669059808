#!/usr/bin/env node
import { codeOf } from '../errors.ts';
import { main } from './command-line.ts';

// `sparkify … | head` closes the pipe. What is under way is finished all the same: a run must not die of it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') throw error;
  });
}

// The SDK's advice to update Node is for whoever builds this tool; `sparkify doctor` tells its users what they need.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

process.exitCode = await main(process.argv.slice(2));
// All is done; left to itself Node would wait for what its engine has begun in other threads. Windows writes to pipes later.
if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
