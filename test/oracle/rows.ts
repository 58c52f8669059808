/** A value of a row: BIGINT is bigint, smaller integers and doubles are numbers. */
export type Cell = string | number | bigint | null;

/** Columns in the order of design §2, which is also the order that decides between duplicates. */
export interface StagingEvent {
  readonly artist: string | null;
  readonly auth: string | null;
  readonly first_name: string | null;
  readonly gender: string | null;
  readonly item_in_session: number;
  readonly last_name: string | null;
  readonly length: number | null;
  readonly level: string;
  readonly location: string | null;
  readonly method: string | null;
  readonly page: string;
  readonly registration: number | null;
  readonly session_id: bigint;
  readonly song: string | null;
  readonly status: number | null;
  /** Milliseconds since the epoch. */
  readonly ts: bigint;
  readonly user_agent: string | null;
  readonly user_id: bigint | null;
}

/** Columns in the order of design §2, which is also the order that decides between duplicates. */
export interface StagingSong {
  readonly num_songs: number | null;
  readonly artist_id: string;
  readonly artist_latitude: number | null;
  readonly artist_longitude: number | null;
  readonly artist_location: string | null;
  readonly artist_name: string;
  readonly song_id: string;
  readonly title: string;
  readonly duration: number;
  readonly year: number | null;
}

export interface Songplay {
  readonly songplay_id: bigint;
  /** Milliseconds since the epoch. */
  readonly start_time: bigint;
  readonly user_id: bigint | null;
  readonly level: string;
  readonly song_id: string | null;
  readonly artist_id: string | null;
  readonly session_id: bigint;
  readonly location: string | null;
  readonly user_agent: string | null;
  readonly song_title: string | null;
  readonly artist_name: string | null;
  readonly song_length: number | null;
}

export interface User {
  readonly user_id: bigint;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly gender: string | null;
  readonly level: string;
}

export interface Song {
  readonly song_id: string;
  readonly title: string;
  readonly artist_id: string;
  /** NULL when unknown. */
  readonly year: number | null;
  readonly duration: number;
  readonly artist_name: string;
}

export interface Artist {
  readonly artist_id: string;
  readonly name: string;
  readonly location: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export interface Time {
  /** Milliseconds since the epoch. */
  readonly start_time: bigint;
  readonly hour: number;
  readonly day: number;
  /** ISO 8601, 1…53. */
  readonly week: number;
  /** 1…12. */
  readonly month: number;
  readonly year: number;
  /** 0 = Sunday. */
  readonly weekday: number;
}

/** What became of the lines of a source. */
export interface LineCounts {
  readonly read: number;
  readonly loaded: number;
  readonly rejected: number;
  readonly blank: number;
}

/** The seven tables, each sorted by its key (text by its bytes), and what was counted on the way. */
export interface Star {
  /** Without object_id, sorted by session_id, item_in_session and then every column. */
  readonly staging_events: readonly StagingEvent[];
  /** Without object_id, sorted by song_id and then every column. */
  readonly staging_songs: readonly StagingSong[];
  readonly songplays: readonly Songplay[];
  readonly users: readonly User[];
  readonly songs: readonly Song[];
  readonly artists: readonly Artist[];
  readonly time: readonly Time[];
  readonly lines: { readonly events: LineCounts; readonly songs: LineCounts };
  /** Staged lines beyond the first of their natural key. */
  readonly duplicates: { readonly events: number; readonly songs: number };
  /** Natural keys of events whose lines differ in ts or user_id. */
  readonly conflicts: number;
}
