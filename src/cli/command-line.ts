import { Command, CommanderError } from 'commander';
import { demo } from './commands/demo.ts';
import { docs } from './commands/docs.ts';
import { doctor } from './commands/doctor.ts';
import { generate } from './commands/generate.ts';
import { plan } from './commands/plan.ts';
import { query } from './commands/query.ts';
import { rejects } from './commands/rejects.ts';
import { run } from './commands/run.ts';
import { sql } from './commands/sql.ts';
import { status } from './commands/status.ts';
import { verify } from './commands/verify.ts';
import { type Effects, realEffects } from './effects.ts';
import { tellFailure } from './failure.ts';
import { renderJson } from './render/json.ts';
import type { Flags } from './settings.ts';
import type { Verb } from './verb.ts';
import { toolVersion } from './version.ts';

/** In the order in which `--help` lists them. */
const verbs: readonly Verb[] = [demo, run, plan, verify, query, status, rejects, sql, docs, generate, doctor];

/**
 * Carries out one command line (without `node` and the script) and gives its exit code: 0 done, 1 failed, 2 wrong usage.
 * Throws nothing.
 */
export async function main(argv: readonly string[], effects: Effects = realEffects()): Promise<number> {
  let exitCode = 0;
  try {
    const program = buildProgram(effects, (code) => {
      exitCode = code;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommanderError && error.code === 'commander.help' && !argv.includes('--json')) return 2;
    return tellFailure(error, effects, argv.includes('--json'));
  }
}

function buildProgram(effects: Effects, exit: (code: number) => void): Command {
  const { output } = effects;
  const program = new Command('sparkify')
    .description('JSON in S3 or a folder to a star schema people can trust.')
    .version(toolVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .exitOverride()
    .configureOutput({
      writeOut: output.write,
      writeErr: output.writeError,
      outputError: () => {},
      getOutHelpWidth: () => output.width ?? 100,
      getErrHelpWidth: () => output.width ?? 100,
    })
    .addHelpText('after', '\nNew here?\n  $ sparkify demo');
  for (const verb of verbs) declareVerb(program, verb, effects, exit);
  return program;
}

function declareVerb(program: Command, verb: Verb, effects: Effects, exit: (code: number) => void): void {
  const command = verb.declare(program.command(verb.name).description(verb.summary));
  command
    .option('--json', 'print one JSON object, errors too, and nothing else')
    .addHelpText('after', `\nExample:\n${verb.examples.map((example) => `  $ ${example}`).join('\n')}`)
    .action(async () => {
      exit(await carryOut(verb, command, effects));
    });
}

async function carryOut(verb: Verb, command: Command, effects: Effects): Promise<number> {
  const flags: Flags = command.opts();
  const json = flags.json === true;
  const { data, text, passed = true } = await verb.answer({ effects, flags, args: command.processedArgs, json });
  effects.output.write(`${json ? renderJson(data) : await text()}\n`);
  return passed ? 0 : 1;
}
