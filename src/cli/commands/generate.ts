import { resolve } from 'node:path';
import type { GeneratedSummary } from '../../generator/generate.ts';
import type { Effects } from '../effects.ts';
import { nextCommands, shellWord } from '../next-command.ts';
import { lookOf, wholeNumber } from '../options.ts';
import type { Answer, Call, Verb } from '../verb.ts';

export const generate: Verb = {
  name: 'generate',
  summary: 'write synthetic Sparkify data: the same options give the same bytes',
  examples: ['sparkify generate --out ./bucket --users 1000 --days 90 --songs 5000 --seed 7'],
  declare: (command) =>
    command
      .requiredOption('--out <dir>', 'an empty folder, or one that does not exist yet')
      .option('--users <n>', 'users at the start (default: 100)', wholeNumber)
      .option('--days <n>', 'days from 2018-11-01 (default: 30)', wholeNumber)
      .option('--songs <n>', 'songs in the catalogue (default: 300)', wholeNumber)
      .option('--seed <n>', 'another number gives other data (default: 1)', wholeNumber),
  answer: answerGenerate,
};

async function answerGenerate({ effects, flags, json }: Call): Promise<Answer> {
  const { generateWatched } = await import('../generating.ts');
  const numbers = ['users', 'days', 'songs', 'seed']
    .filter((name) => flags[name] !== undefined)
    .map((name) => [name, flags[name]]);
  const summary = await generateWatched(
    { out: resolve(effects.folder, String(flags.out)), ...Object.fromEntries(numbers) },
    effects,
    json,
  );
  return { data: summary, text: () => render(summary, effects) };
}

async function render(
  { out, songs, events, eventFiles, eventBytes }: GeneratedSummary,
  effects: Effects,
): Promise<string> {
  const { paint } = lookOf(effects.output);
  const { bytes, counted } = await import('../render/numbers.ts');
  const { renderNextSteps } = await import('../render/next-steps.ts');
  const written = `${counted(events, 'event')} (${bytes(eventBytes)}) in ${counted(eventFiles, 'file')} and ${counted(songs, 'song')}`;
  const next = renderNextSteps(
    [{ command: nextCommands(effects)(`run --from ${shellWord(out)}`), shows: 'load it' }],
    paint,
  );
  return `${paint.green('✔')} Wrote ${written} to ${out}\n\n${next}`;
}
