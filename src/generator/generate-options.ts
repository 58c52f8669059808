import { SparkifyError } from '../errors.ts';

/** What to generate; all but `out` have defaults. Out of bounds is a USAGE error. */
export interface GenerateOptions {
  /** The directory to write to: one that is empty, does not exist yet, or was left by a run that was killed. */
  readonly out: string;
  /** Users at the start, at least 1; 100 unless given. */
  readonly users?: number;
  /** UTC days, at least 1; 30 unless given. */
  readonly days?: number;
  /** Songs in the catalogue, 1…1,000,000; 300 unless given. */
  readonly songs?: number;
  /** Any whole number from 0; 1 unless given. The same options give the same bytes on every machine. */
  readonly seed?: number;
  /** The first day as YYYY-MM-DD, from 1980-01-01; 2018-11-01 unless given. */
  readonly start?: string;
  /** Share of the plays, 0…1, whose song is not in the catalogue; 0.8 unless given (0.95 in the real logs). */
  readonly outsideCatalogue?: number;
  /** Whether names beyond ASCII are encoded twice and match no song, as in the real logs; true unless given. */
  readonly doubleEncoded?: boolean;
  /** Share of the lines and of the song files, 0…1, that are damaged, conflicts included; 0 unless given. */
  readonly dirty?: number;
  /** Whether logs and songs are written as `.json.gz`; false unless given. Another zlib may compress to other bytes. */
  readonly gzip?: boolean;
  /** New users in a year for each user at the start, 0…1000; 0.3 unless given. */
  readonly growthRate?: number;
  /** Share of the users that leave for good in a year, 0…1; 0.1 unless given. */
  readonly attritionRate?: number;
  /** Called after every day and every few songs. */
  readonly onProgress?: (progress: GenerateProgress) => void;
}

/** How far a run is; the songs come first. */
export interface GenerateProgress {
  readonly stage: 'songs' | 'events';
  /** Songs or days written so far, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Events written so far. */
  readonly events: number;
}

/** Options with every default filled in, all of them within their bounds. */
export interface GenerateSettings extends Required<Omit<GenerateOptions, 'start'>> {
  /** The first midnight in milliseconds since the epoch. */
  readonly startMs: number;
}

const millisecondsADay = 86_400_000;
const earliestMs = Date.UTC(1980, 0, 1);
const endOfTimeMs = Date.UTC(10_000, 0, 1);

/** Fills in the defaults; whatever is out of bounds is listed in one USAGE error. */
export function checkedOptions({ start = '2018-11-01', ...options }: GenerateOptions): GenerateSettings {
  const settings: GenerateSettings = {
    users: 100,
    days: 30,
    songs: 300,
    seed: 1,
    outsideCatalogue: 0.8,
    doubleEncoded: true,
    dirty: 0,
    gzip: false,
    growthRate: 0.3,
    attritionRate: 0.1,
    onProgress: () => {},
    ...options,
    startMs: Date.parse(`${start}T00:00:00.000Z`),
  };
  const problems = [...numberProblems(settings), ...startProblems(start, settings)];
  if (problems.length === 0) return settings;
  throw new SparkifyError('USAGE', `Cannot generate: ${problems.join('; ')}.`, {
    hint: 'Users, days and songs are whole numbers from 1, the seed is one from 0, and shares are numbers from 0 to 1.',
    details: { problems },
  });
}

function numberProblems(settings: GenerateSettings): readonly string[] {
  const { users, days, songs, seed, outsideCatalogue, dirty, growthRate, attritionRate } = settings;
  return [
    ...wholeNumberProblem('users', users, 1, 100_000_000),
    ...wholeNumberProblem('days', days, 1, 1_000_000),
    ...wholeNumberProblem('songs', songs, 1, 1_000_000),
    ...wholeNumberProblem('seed', seed, 0, Number.MAX_SAFE_INTEGER),
    ...shareProblem('outsideCatalogue', outsideCatalogue, 1),
    ...shareProblem('dirty', dirty, 1),
    ...shareProblem('growthRate', growthRate, 1000),
    ...shareProblem('attritionRate', attritionRate, 1),
  ];
}

function wholeNumberProblem(name: string, value: number, least: number, most: number): readonly string[] {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return [];
  return [`${name} must be a whole number from ${least} to ${most}, not ${value}`];
}

function shareProblem(name: string, value: number, most: number): readonly string[] {
  return value >= 0 && value <= most ? [] : [`${name} must be a number from 0 to ${most}, not ${value}`];
}

function startProblems(start: string, { startMs, days }: GenerateSettings): readonly string[] {
  if (!isDay(start, startMs)) return [`start must be a day as YYYY-MM-DD, not '${start}'`];
  if (startMs < earliestMs) return [`start must be 1980-01-01 or later, not ${start}`];
  const endMs = startMs + days * millisecondsADay;
  return endMs > endOfTimeMs ? [`${days} days from ${start} go beyond the year 9999`] : [];
}

/** Also refuses the 31st of June, which Date.parse turns into another day or into NaN. */
function isDay(text: string, ms: number): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(ms) && new Date(ms).toISOString().startsWith(text);
}
