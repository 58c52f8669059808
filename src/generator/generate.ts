import { createCatalogue, type Song } from './catalogue.ts';
import type { Content } from './content.ts';
import { createLineDamage } from './damage/damage-lines.ts';
import { createSongDamage, type SongDamage } from './damage/damage-songs.ts';
import type { Planted } from './damage/kinds.ts';
import { type Bucket, fillBucket } from './fill-bucket.ts';
import { checkedOptions, type GenerateOptions, type GenerateSettings } from './generate-options.ts';
import { inChunks } from './in-chunks.ts';
import { jsonPaths } from './json-paths.ts';
import { createSimulation, type Totals } from './simulate.ts';
import { songJson, songKey } from './song-json.ts';
import { createTrackPicker } from './tracks.ts';

/** What was written. Counts are of what happened, before any damage; sizes are bytes as stored. */
export interface GeneratedSummary extends Readonly<Totals> {
  readonly out: string;
  readonly songs: number;
  /** Days without an event have no file. */
  readonly eventFiles: number;
  readonly eventBytes: number;
  /** The damage by source and kind, in a fixed order; empty unless `dirty` is above 0. */
  readonly planted: readonly Planted[];
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
  const { out, seed } = settings;
  return fillBucket(settings, async (bucket) => {
    const songs = createCatalogue(seed, settings.songs);
    const songDamage = createSongDamage(seed, settings.dirty);
    const lineDamage = createLineDamage(seed, settings.dirty);
    await bucket.writePlain('log_json_path.json', jsonPaths());
    await writeSongs(bucket, songs, songDamage, settings);
    const simulation = createSimulation({ ...settings, pickTrack: createTrackPicker({ ...settings, songs }) });
    const chunksOfDay = (day: number) => inChunks(lineDamage.damaged(simulation.linesOfDay(day)));
    const written = await writeDays(bucket, chunksOfDay, simulation.totals, settings);
    const planted = [...lineDamage.planted(), ...songDamage.planted()];
    return { out, songs: songs.length, ...written, ...simulation.totals, planted };
  });
}

async function writeSongs(
  bucket: Bucket,
  songs: readonly Song[],
  damage: SongDamage,
  { onProgress }: GenerateSettings,
): Promise<void> {
  for (let done = 0; done < songs.length; done += songBatch) {
    const batch = songs.slice(done, done + songBatch);
    const objects = batch.flatMap((song) => damage.damaged(songKey(song), songJson(song)));
    await Promise.all(objects.map(({ key, content }) => bucket.write(key, [content])));
    onProgress({ stage: 'songs', done: done + batch.length, total: songs.length, events: 0 });
  }
}

async function writeDays(
  bucket: Bucket,
  chunksOfDay: (day: number) => Iterable<Content>,
  totals: Readonly<Totals>,
  { days, startMs, onProgress }: GenerateSettings,
) {
  let eventFiles = 0;
  let eventBytes = 0;
  for (let day = 0; day < days; day += 1) {
    const sizeBytes = await bucket.write(logKey(startMs + day * millisecondsADay), chunksOfDay(day));
    eventFiles += sizeBytes > 0 ? 1 : 0;
    eventBytes += sizeBytes;
    onProgress({ stage: 'events', done: day + 1, total: days, events: totals.events });
  }
  return { eventFiles, eventBytes };
}

/** The key of a day's events: `log_data/2018/11/2018-11-01-events.json`. */
function logKey(dayMs: number): string {
  const date = new Date(dayMs).toISOString().slice(0, 10);
  return `log_data/${date.slice(0, 4)}/${date.slice(5, 7)}/${date}-events.json`;
}
