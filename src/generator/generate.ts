import { createCatalogue, type Song } from './catalogue.ts';
import { checkedOptions, type GenerateOptions, type GenerateSettings } from './generate-options.ts';
import { jsonPaths } from './json-paths.ts';
import { createSimulation, type Simulation, type Totals } from './simulate.ts';
import { songJson, songKey } from './song-json.ts';
import { createTrackPicker } from './tracks.ts';
import { type Bucket, createBucket } from './write-bucket.ts';

/** What was written: counts over the whole run, sizes in bytes. */
export interface GeneratedSummary extends Readonly<Totals> {
  readonly out: string;
  readonly songs: number;
  /** Days without an event have no file. */
  readonly eventFiles: number;
  readonly eventBytes: number;
}

const millisecondsADay = 86_400_000;

/** Songs written at a time. */
const songBatch = 96;

/**
 * Writes a synthetic bucket of Sparkify below `out`: songs, a log file for each UTC day, and the JSONPaths file.
 * The same options give the same bytes on every machine, and more days leave the earlier ones as they are.
 */
export async function generate(options: GenerateOptions): Promise<GeneratedSummary> {
  const settings = checkedOptions(options);
  const bucket = await createBucket(settings.out);
  const songs = createCatalogue(settings.seed, settings.songs);
  await bucket.write('log_json_path.json', jsonPaths());
  await writeSongs(bucket, songs, settings);
  const pickTrack = createTrackPicker(settings.seed, songs, settings.outsideCatalogue);
  const simulation = createSimulation({ ...settings, pickTrack });
  const written = await writeDays(bucket, simulation, settings);
  return { out: settings.out, songs: songs.length, ...written, ...simulation.totals };
}

async function writeSongs(bucket: Bucket, songs: readonly Song[], { onProgress }: GenerateSettings): Promise<void> {
  for (let done = 0; done < songs.length; done += songBatch) {
    const batch = songs.slice(done, done + songBatch);
    await Promise.all(batch.map((song) => bucket.write(songKey(song), songJson(song))));
    onProgress({ stage: 'songs', done: done + batch.length, total: songs.length, events: 0 });
  }
}

async function writeDays(bucket: Bucket, simulation: Simulation, { days, startMs, onProgress }: GenerateSettings) {
  let eventFiles = 0;
  let eventBytes = 0;
  for (let day = 0; day < days; day += 1) {
    const key = logKey(startMs + day * millisecondsADay);
    const sizeBytes = await bucket.writeChunks(key, simulation.linesOfDay(day));
    eventFiles += sizeBytes > 0 ? 1 : 0;
    eventBytes += sizeBytes;
    onProgress({ stage: 'events', done: day + 1, total: days, events: simulation.totals.events });
  }
  return { eventFiles, eventBytes };
}

/** The key of a day's events: `log_data/2018/11/2018-11-01-events.json`. */
function logKey(dayMs: number): string {
  const date = new Date(dayMs).toISOString().slice(0, 10);
  return `log_data/${date.slice(0, 4)}/${date.slice(5, 7)}/${date}-events.json`;
}
