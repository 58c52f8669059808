import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolVersion } from '../src/cli/version.ts';
import { type Address, parseAddress, roleOf } from '../src/engines/redshift/address.ts';
import { endpointOf } from '../src/engines/redshift/endpoint.ts';
import { generate } from '../src/generator/generate.ts';
import { sparkify } from '../src/sparkify/warehouse.ts';
import { answerTo, onlyValue } from './answer.ts';
import { askQuestions } from './ask-questions.ts';
import { conceal } from './conceal.ts';
import { type Asked, isHarmless, type Question } from './question.ts';
import { openPoints } from './questions/index.ts';
import { renderReport } from './report.ts';
import { createDatabase, dropDatabase, openScene } from './scene.ts';
import { type Step, takeStep, takeSteps } from './steps.ts';

export interface SmokeOptions {
  /** `redshift://…`, with the rights to create a database and to load. */
  readonly target: string;
  /** What the main job reads; undefined for a small generated one. */
  readonly root: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly questions?: readonly Question[];
  readonly now?: () => Date;
  /** Told what is done next. */
  readonly tell?: (text: string) => void;
}

/**
 * Puts the main job and the open points to a real warehouse, in a database of its own that it drops again. Gives a
 * report for others to read, and whether the tool works there.
 * @throws TARGET_INVALID before anything is done
 */
export async function smokeTest(options: SmokeOptions): Promise<{ readonly report: string; readonly passed: boolean }> {
  const { target, environment, now = () => new Date(), tell = () => {} } = options;
  const address = parseAddress(target);
  roleOf(address);
  const database = `sparkify_smoke_${randomBytes(4).toString('hex')}`;
  const ours = { ...address, database };
  tell(`in the database ${database}`);
  const created = await takeStep('create a database', async () => {
    await createDatabase(address, database);
    return { passed: true, result: 'done' };
  });
  let [tested, dropped]: [Tested, readonly Step[]] = [nothing, []];
  if (created.passed) {
    try {
      tested = await testWithin(ours, { ...options, target: otherDatabase(target, database), tell });
    } finally {
      dropped = [await takeStep('drop the database', () => drop(address, database))];
    }
  }
  const steps = [created, ...tested.steps, ...dropped];
  const passed = steps.every((step) => step.passed) && tested.asked.every(isHarmless);
  const { version, asked, root: read } = tested;
  const head = {
    date: now().toISOString(),
    toolVersion: toolVersion(),
    version,
    kind: kindOf(address),
    root: rootOf(options),
  };
  return {
    report: conceal(renderReport({ ...head, steps, asked, passed }), {
      address,
      root: read ?? options.root,
      environment,
    }),
    passed,
  };
}

interface Tested {
  /** What the main job has read; undefined where it did not come to it. */
  readonly root: string | undefined;
  readonly version: string;
  readonly steps: readonly Step[];
  readonly asked: readonly Asked[];
}

const nothing: Tested = { root: undefined, version: 'unknown', steps: [], asked: [] };

async function testWithin(
  address: Address,
  { target, root, questions = openPoints, tell = () => {} }: SmokeOptions,
): Promise<Tested> {
  const folder = await mkdtemp(join(tmpdir(), 'sparkify-smoke-'));
  try {
    const from = root ?? (await generate({ out: join(folder, 'bucket'), users: 20, days: 7, songs: 100 })).out;
    const steps = await takeSteps({ warehouse: sparkify, root: from, target, toolVersion: toolVersion() }, tell);
    let [version, asked]: [string, readonly Asked[]] = ['unknown', []];
    const opened = await takeStep('ask the open points', async () => {
      const scene = await openScene(address);
      try {
        version = onlyValue(await answerTo(scene.connection, 'select version()')) ?? version;
        asked = await askQuestions(scene, questions, tell);
      } finally {
        await scene.close();
      }
      return { passed: true, result: `${asked.length} questions` };
    });
    return { root: from, version, steps: [...steps, opened], asked };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function drop(address: Address, database: string): Promise<Omit<Step, 'name'>> {
  await dropDatabase(address, database);
  return { passed: true, result: 'done' };
}

function otherDatabase(target: string, database: string): string {
  const url = new URL(target);
  url.pathname = `/${database}`;
  return url.href;
}

const kinds = { workgroup: 'Serverless', cluster: 'provisioned' } as const;

function kindOf({ host, login }: Address): string {
  const endpoint = login.kind === 'iam' ? login.endpoint : endpointOf(host);
  return endpoint ? kinds[endpoint.kind] : 'not told by the name of the host';
}

function rootOf({ root }: SmokeOptions): string {
  return root === undefined ? 'generated: 20 users, 7 days, 100 songs' : 'given';
}
