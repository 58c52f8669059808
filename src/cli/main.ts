#!/usr/bin/env node
import process from 'node:process';
import { codeOf } from '../errors.ts';
import { main } from './command-line.ts';

// `sparkify … | head` closes the pipe. What is under way is finished all the same: a run must not die of it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') throw error;
  });
}

process.exitCode = await main(process.argv.slice(2));
