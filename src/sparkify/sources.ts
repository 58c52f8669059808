import { defineSource } from '../model/source.ts';

export const events = defineSource({
  name: 'events',
  doc: 'What listeners do in the app: one JSON object a line, a file a day; the newest file may still grow.',
  folder: 'log_data',
  framing: 'line',
  jsonPaths: 'log_json_path.json',
});

export const songMetadata = defineSource({
  name: 'songs',
  doc: 'The catalogue: one JSON object a file, with the song and the artist it is credited to.',
  folder: 'song_data',
  framing: 'object',
});
