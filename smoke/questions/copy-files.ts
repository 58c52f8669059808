import { openLandingDatabase } from '../../src/engines/landing-database.ts';
import { uploadParts } from '../../src/engines/redshift/parts.ts';
import { integerType } from '../../src/model/column-type.ts';
import type { TableShape } from '../../src/sql/dialect.ts';
import { isRefused, shownAnswer } from '../answer.ts';
import { type Copied, confirmCopyWorks, copyFrom, newFolder, shownCopy } from '../copy.ts';
import type { Question, Told } from '../question.ts';
import type { Scene } from '../scene.ts';

const ours = 'every COPY of a run names a manifest that demands each part, and its rows are counted';
const columns = 'a integer';
/** Of a part, whose one row is 1, 2. */
const partColumns = 'a integer, b integer';

/** What COPY makes of files that are not there, or are not what the manifest says. */
export const copyFileQuestions: readonly Question[] = [
  {
    point: 0,
    asks: 'Does COPY of Parquet fill columns in the order of its list, where the table has them in another?',
    assumed: 'it does',
    indifferent: 'parts and lists have the order of the table',
    ask: askOrder,
  },
  {
    point: 2,
    asks: 'What does COPY of JSON do with a prefix where nothing is?',
    assumed: 'it is refused',
    indifferent: ours,
    ask: (scene) => askNothing(scene, "format json 'auto'", ({ copy }) => isRefused(copy)),
  },
  {
    point: 2,
    asks: 'What does COPY of Parquet do with a prefix where nothing is?',
    assumed: 'it loads nothing and is no error',
    indifferent: ours,
    ask: (scene) => askNothing(scene, 'format as parquet', ({ copy }) => !isRefused(copy)),
  },
  {
    point: 2,
    asks: 'Is a manifest of Parquet refused of which a mandatory part is missing?',
    assumed: 'it is refused, and nothing is loaded',
    ask: askMissingPart,
  },
  {
    point: 2,
    asks: 'Is a manifest of JSON refused of which a mandatory object is missing?',
    assumed: 'it is refused, and nothing is loaded',
    ask: (scene) =>
      askManifest(scene, (object) => [entryOf(object), entryOf(object.replace('object', 'missing'))], isRefusedWhole),
  },
  {
    point: 10,
    asks: 'Is the content_length in a manifest of JSON compared with the object?',
    assumed: 'it is not',
    indifferent: 'it is written for Parquet alone',
    ask: (scene) =>
      askManifest(
        scene,
        (object) => [{ ...entryOf(object), meta: { content_length: 1_000 } }],
        ({ copy }) => !isRefused(copy),
      ),
  },
];

async function askNothing(scene: Scene, format: string, asAssumed: (copied: Copied) => boolean): Promise<Told> {
  await confirmCopyWorks(scene);
  return told(await copyFrom(scene, { columns, uri: scene.folder.uriOf(newFolder()), format }), asAssumed);
}

/** A manifest over one object, which is there under the name given. */
async function askManifest(
  scene: Scene,
  entriesFor: (uri: string) => readonly object[],
  asAssumed: (copied: Copied) => boolean,
): Promise<Told> {
  await confirmCopyWorks(scene);
  const folder = newFolder();
  const [object, manifest] = [`${folder}object.json`, `${folder}manifest.json`];
  const content = JSON.stringify({ entries: entriesFor(scene.folder.uriOf(object)) });
  return withKeys(scene, [object, manifest], async () => {
    await scene.folder.put(object, '{"a": 1}');
    await scene.folder.put(manifest, content);
    const uri = scene.folder.uriOf(manifest);
    return told(await copyFrom(scene, { columns, uri, format: "manifest format json 'auto'" }), asAssumed, [content]);
  });
}

const entryOf = (url: string) => ({ url, mandatory: true });

const isRefusedWhole = ({ copy, held }: Copied): boolean =>
  isRefused(copy) && held.kind === 'rows' && held.rows.length === 0;

async function askOrder(scene: Scene): Promise<Told> {
  const keys: string[] = [];
  return withKeys(scene, keys, async () => {
    const { manifest: uri } = await putPart(scene, keys);
    const table = { columns: 'b integer, a integer', list: '(a, b)' };
    const copied = await copyFrom(scene, { ...table, uri, format: 'format as parquet manifest' });
    return told(copied, ({ held }) => shownAnswer(held) === '2, 1', ['-- the part holds a = 1, b = 2']);
  });
}

/** The part that is there is one as a run makes them, so that the other is what is refused. */
async function askMissingPart(scene: Scene): Promise<Told> {
  const keys: string[] = [];
  return withKeys(scene, keys, async () => {
    const whole = await putPart(scene, keys);
    const format = 'format as parquet manifest';
    const control = await copyFrom(scene, { columns: partColumns, uri: whole.manifest, format });
    if (isRefused(control.copy)) throw new Error(`COPY loads no whole manifest: ${shownCopy(control)}`);
    const missing = { ...whole.entry, url: whole.entry.url.replace('part-0001', 'part-0002') };
    const manifest = `${newFolder()}manifest.json`;
    keys.push(manifest);
    const content = JSON.stringify({ entries: [whole.entry, missing] });
    await scene.folder.put(manifest, content);
    const copied = await copyFrom(scene, { columns: partColumns, uri: scene.folder.uriOf(manifest), format });
    return told(copied, isRefusedWhole, [content]);
  });
}

interface ManifestEntry {
  readonly url: string;
  readonly mandatory: boolean;
  readonly meta: { readonly content_length: number };
}

const shape: TableShape = {
  schema: undefined,
  name: 'smoke',
  columns: ['a', 'b'].map((name) => ({ name, type: integerType })),
};

async function putPart({ folder }: Scene, keys: string[]) {
  const database = await openLandingDatabase();
  try {
    const landing = await database.create(shape);
    await landing.connection.run(`insert into ${landing.name} values (1, 2)`);
    const beginning = newFolder();
    const onKey = (key: string) => void keys.push(key);
    const { manifest } = await uploadParts({ landing, shape, folder, beginning, slices: 1, onKey });
    const { entries } = JSON.parse((await folder.get(`${beginning}manifest.json`)) ?? '{}') as {
      entries?: readonly ManifestEntry[];
    };
    const [entry] = entries ?? [];
    if (entry === undefined) throw new Error('the manifest names no part');
    return { manifest, entry };
  } finally {
    database.close();
  }
}

async function withKeys<T>({ folder }: Scene, keys: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await folder.remove(keys);
  }
}

function told(copied: Copied, asAssumed: (copied: Copied) => boolean, before: readonly string[] = []): Told {
  return { sent: [...before, ...copied.sent], cameBack: shownCopy(copied), asAssumed: asAssumed(copied) };
}
