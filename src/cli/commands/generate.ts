import { resolve } from 'node:path';
import type { GeneratedSummary } from '../../generator/generate.ts';
import { shellWord } from '../../shell-word.ts';
import type { Effects } from '../effects.ts';
import { nextCommands } from '../next-command.ts';
import { lookOf, share, wholeNumber } from '../options.ts';
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
      .option('--seed <n>', 'another number gives other data (default: 1)', wholeNumber)
      .option('--dirty <share>', 'share of lines and song files that are damaged, 0 to 1 (default: 0)', share)
      .option(
        '--outside-catalogue <share>',
        'share of plays of songs not in the catalogue, 0 to 1 (default: 0.8)',
        share,
      )
      .option('--no-double-encoded', 'write names beyond ASCII as they are, not encoded twice as the real logs are')
      .option('--gzip', 'write .json.gz'),
  answer: answerGenerate,
};

async function answerGenerate({ effects, flags, json }: Call): Promise<Answer> {
  const { generateWatched } = await import('../generating.ts');
  const given = ['users', 'days', 'songs', 'seed', 'dirty', 'outsideCatalogue', 'doubleEncoded', 'gzip']
    .filter((name) => flags[name] !== undefined)
    .map((name) => [name, flags[name]]);
  const summary = await generateWatched(
    { out: resolve(effects.folder, String(flags.out)), ...Object.fromEntries(given) },
    effects,
    json,
  );
  return { data: summary, text: () => render(summary, effects) };
}

async function render(
  { out, songs, events, eventFiles, eventBytes, planted }: GeneratedSummary,
  effects: Effects,
): Promise<string> {
  const { paint } = lookOf(effects.output);
  const { bytes, counted } = await import('../render/numbers.ts');
  const { renderNextSteps } = await import('../render/next-steps.ts');
  const written = `${counted(events, 'event')} (${bytes(eventBytes)}) in ${counted(eventFiles, 'file')} and ${counted(songs, 'song')}`;
  const conflicts = planted.filter(({ effect }) => effect === 'conflict').reduce((sum, { count }) => sum + count, 0);
  const allowed = conflicts === 0 ? '' : ` --max-conflicts ${conflicts}`;
  const command = nextCommands(effects)(`run --from ${shellWord(out)}${allowed}`);
  const damage = planted.map(({ source, kind, effect, count }) => `\n  ${source}: ${count} × ${kind} (${effect})`);
  const next = renderNextSteps([{ command, shows: 'load it' }], paint);
  return `${paint.green('✔')} Wrote ${written} to ${out}${damage.join('')}\n\n${next}`;
}
