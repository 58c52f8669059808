import { test } from 'vitest';
import { asFiles, asText, land, rootWith } from './support.ts';
test('smoke', async () => {
  const root = await rootWith({ 'plays/a.json': '{"id":1,"page":"Home"}\n{"id":"2","page":"Next"}\n\nxx\n{"id":3,"page":"Next","song":"a ","length":3.5}' });
  console.log(await land(root, { limits: asText }));
  console.log(await land(root, { limits: asFiles }));
});
