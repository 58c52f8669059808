/** What real catalogues hold and careless loaders trip over. A number means the text it is written as. */
export interface Oddity {
  readonly title?: string | number;
  readonly artistName?: string | number;
  readonly location?: string | number;
  /** By an artist that has a song already: at another place, or recorded a second time under the title of its first. */
  readonly again?: 'elsewhere' | 'recorded';
}

/** Sprinkled over the catalogue, the first ones among its most played songs. */
export const oddities: readonly Oddity[] = [
  { title: '<b onclick="alert(\'hi\')">Bold Type</b>' },
  { title: 1986 },
  { artistName: 707 },
  { title: 'The "Last" Word' },
  { title: 'Paper Boats ', location: 'Lisbon, Portugal ' },
  { again: 'recorded' },
  { title: 'Żółta łódka' },
  { artistName: 'Åse & Jürgen' },
  { again: 'elsewhere' },
  { title: 'Don\u0019t Look Down' },
  { title: '夜行列車 🚂' },
  { title: 4.5 },
  { location: 27 },
  { title: 'NULL' },
  { location: '<a href="https://example.org/">Somewhere</a>' },
  { title: ' Leading Blank' },
  { title: '=1+2' },
  { title: 'Forwards\\Backwards' },
  { location: 'D\ufffdrfli, Switzerland' },
  { artistName: 'The "Quotation" Marks' },
  { title: 'أغنية الليل' },
  {
    title:
      'Suite For A Slow Afternoon In Seven Movements_ With A Prologue_ Two Interludes_ And A Closing Chorale For Everyone Who Stayed Until The Very End (Remastered Edition)',
  },
];
