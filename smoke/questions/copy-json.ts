import { isRefused, onlyValue, shownAnswer } from '../answer.ts';
import { type Copied, type CopyJson, copyJson, shownCopy } from '../copy.ts';
import type { Question, Told } from '../question.ts';
import type { Scene } from '../scene.ts';

const landed = 'what lands comes as Parquet of our own';
const direct = 'docs/redshift.md says of copy=direct that it is left open';

/** What COPY makes of JSON: the objects are below the landing prefix for as long as they are needed. */
export const copyJsonQuestions: readonly Question[] = [
  {
    point: 1,
    asks: 'Is a JSON object of 5 MB loaded, beyond the documented 4 MB?',
    assumed: 'it is refused',
    indifferent: `${landed}, and copy=direct fails at it or loads it whole`,
    ask: (scene) =>
      askCopy(scene, { columns: 'a integer', content: `{"a": 1, "filler": "${'x'.repeat(5_000_000)}"}` }, ({ copy }) =>
        isRefused(copy),
      ),
  },
  {
    point: 5,
    asks: 'Is milliseconds since the epoch taken for a time where it is a number, a text, a number with a fraction?',
    assumed: 'a number is, to the millisecond',
    indifferent: 'such times are staged as BIGINT',
    ask: askEpochs,
  },
  {
    point: 6,
    asks: 'As what text does an object come into a VARCHAR by JSONPaths, if it does?',
    assumed: 'as one that begins with {, by which copy=direct knows it and fails',
    ask: (scene) =>
      askCopy(
        scene,
        { columns: 'a varchar(100)', content: '{"a": {"b": 1,  "c": [1, 2]}}', json: ["$['a']"] },
        ({ copy, held }) => isRefused(copy) || (onlyValue(held) ?? '').startsWith('{'),
      ),
  },
  {
    point: 7,
    asks: 'Which of two keys that differ in their case counts under auto ignorecase?',
    assumed: 'one of the two',
    indifferent: 'auto ignorecase is never used',
    ask: (scene) =>
      askCopy(
        scene,
        { columns: 'userid integer', content: '{"userid": 1, "userId": 2}', json: 'auto ignorecase' },
        ({ held }) => ['1', '2'].includes(shownAnswer(held)),
      ),
  },
  {
    point: 10,
    asks: 'Is an object loaded that begins with a byte order mark?',
    assumed: 'it is refused',
    indifferent: `${landed}, and ${direct}`,
    ask: (scene) => askCopy(scene, { columns: 'a integer', content: '\ufeff{"a": 1}' }, ({ copy }) => isRefused(copy)),
  },
];

async function askCopy(scene: Scene, copy: CopyJson, asAssumed: (copied: Copied) => boolean): Promise<Told> {
  const copied = await copyJson(scene, copy);
  return { sent: copied.sent, cameBack: shownCopy(copied), asAssumed: asAssumed(copied) };
}

const epochs = [
  ['a number', '1541121934796'],
  ['a text', '"1541121934796"'],
  ['with a fraction', '1541121934796.0'],
] as const;

async function askEpochs(scene: Scene): Promise<Told> {
  const copies: { readonly what: string; readonly copied: Copied }[] = [];
  for (const [what, value] of epochs) {
    const content = `{"a": ${value}}`;
    copies.push({
      what,
      copied: await copyJson(scene, { columns: 'a timestamp', content, options: "timeformat 'epochmillisecs'" }),
    });
  }
  return {
    sent: copies.flatMap(({ copied }) => copied.sent),
    cameBack: copies.map(({ what, copied }) => `${what}: ${shownCopy(copied)}`).join('. '),
    asAssumed: copies[0] !== undefined && shownAnswer(copies[0].copied.held) === '2018-11-02 01:25:34.796',
  };
}
