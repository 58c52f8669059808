import { afterAll, beforeAll, describe, test } from 'vitest';
import { jsonPathsObject } from '../support/bucket.ts';
import { testEngines } from '../support/targets.ts';
import { folderPlace, moreObjects, openScene, type Scene } from './scene.ts';

const { key, content } = jsonPathsObject;
const paths: readonly string[] = JSON.parse(String(content)).jsonpaths;
const withPaths = (...jsonpaths: readonly unknown[]) => JSON.stringify({ jsonpaths });
const replacing = (path: unknown) => withPaths(path, ...paths.slice(1));

const wrongFiles: readonly (readonly [what: string, content: string | Buffer, says: RegExp, hint: RegExp])[] = [
  ['is no JSON', '{"jsonpaths": [', /it is not JSON/, /"jsonpaths"/],
  ['is no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), /not valid UTF-8/, /"jsonpaths"/],
  ['is empty', '', /it is not JSON/, /"jsonpaths"/],
  ['is an array', JSON.stringify(paths), /no key "jsonpaths"/, /"jsonpaths"/],
  ['has another key', JSON.stringify({ JsonPaths: paths }), /no key "jsonpaths"/, /"jsonpaths"/],
  ['has a text for the paths', '{"jsonpaths":"$.a"}', /"jsonpaths" is no array/, /"jsonpaths"/],
  ['has a path that is no text', replacing(1), /element 1 is no text/, /"jsonpaths"/],
  ['has a path too few', withPaths(...paths.slice(1)), /17 paths, and staging_events has 18/, /artist, auth/],
  ['has a path too many', withPaths(...paths, '$.x'), /19 paths, and staging_events has 18/, /artist, auth/],
  ['has a path without $', replacing('artist'), /element 1 \(artist\), character 1/, /Mend/],
  ['has a wildcard', replacing('$.*'), /element 1 \(\$\.\*\), character 3: a wildcard/, /Mend/],
  ['has an index', replacing('$.a[0]'), /character 5: an array index/, /Mend/],
  ['has an open quote', replacing("$['a"), /character 3: the quote is not closed/, /Mend/],
  ['reads a key twice in other case', replacing('$.AUTH'), /differ in letter case only/, /Rename a key/],
  ['reads a value and what lies inside', replacing("$['auth'].x"), /inside the other/, /Rename a key/],
];

describe.each(testEngines)('on $engine', (engine) => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene(folderPlace(), engine);
    await scene.place.put(...moreObjects);
  });
  afterAll(() => scene.remove());

  test.each(wrongFiles)('a JSONPaths file that %s is refused at the place where it is wrong', async (...wrong) => {
    const [, bad, says, hint] = wrong;
    await scene.place.put({ key, content: bad });
    await scene.fails({ code: 'JSONPATHS_INVALID', names: [`${scene.place.root}/${key}`, says], hint });
  });

  test('a JSONPaths file that is missing is named', async () => {
    await scene.place.take(key);
    await scene.fails({ code: 'JSONPATHS_INVALID', names: [scene.place.root, key], hint: /Put it there/ });
  });

  test('once the file is mended the run loads', async () => {
    await scene.place.put(jsonPathsObject);
    await scene.loads(...moreObjects);
  });
});
