/** Words that titles and artists are made of. No name of a real artist is intended. */
// biome-ignore format: words read better in rows.
export const adjectives: readonly string[] = [
  'Amber', 'Ancient', 'Bitter', 'Borrowed', 'Brass', 'Broken', 'Burning', 'Careless', 'Cobalt', 'Crooked',
  'Distant', 'Drowsy', 'Dusty', 'Electric', 'Endless', 'Faded', 'Feral', 'Final', 'Foolish', 'Frozen', 'Gentle',
  'Gilded', 'Hidden', 'Hollow', 'Humble', 'Idle', 'Ivory', 'Jagged', 'Lonesome', 'Lucid', 'Lunar', 'Magnetic',
  'Marble', 'Midnight', 'Mild', 'Modern', 'Mossy', 'Narrow', 'Neon', 'Nervous', 'Northern', 'Pale', 'Paper',
  'Patient', 'Polar', 'Quiet', 'Rapid', 'Restless', 'Rusty', 'Sacred', 'Salty', 'Scarlet', 'Second', 'Silent',
  'Simple', 'Slow', 'Solar', 'Stolen', 'Stubborn', 'Sudden', 'Tender', 'Tidal', 'Tiny', 'Twisted', 'Velvet',
  'Violet', 'Wandering', 'Weary', 'Wicked', 'Wooden',
];

/** Singular, capitalised, each with a plain plural. */
// biome-ignore format: words read better in rows.
export const nouns: readonly string[] = [
  'Anchor', 'Arrow', 'Avenue', 'Balcony', 'Beacon', 'Bridge', 'Candle', 'Canyon', 'Carousel', 'Cathedral', 'Chapel',
  'Circus', 'Clock', 'Cloud', 'Comet', 'Compass', 'Copper', 'Crown', 'Dagger', 'Delta', 'Desert', 'Diary', 'Echo',
  'Ember', 'Engine', 'Falcon', 'Feather', 'Ferry', 'Forest', 'Fountain', 'Garden', 'Ghost', 'Glacier', 'Harbor',
  'Hawk', 'Horizon', 'Island', 'Kettle', 'Kingdom', 'Ladder', 'Lantern', 'Letter', 'Lighthouse', 'Machine',
  'Magpie', 'Map', 'Meadow', 'Mirror', 'Monsoon', 'Motel', 'Ocean', 'Orchard', 'Parade', 'Pilot', 'Planet',
  'Prairie', 'Puzzle', 'Radio', 'Railway', 'Raven', 'Ribbon', 'River', 'Rocket', 'Sailor', 'Satellite', 'Season',
  'Shadow', 'Signal', 'Sparrow', 'Station', 'Statue', 'Summer', 'Telegram', 'Thunder', 'Tower', 'Tractor', 'Tunnel',
  'Umbrella', 'Valley', 'Violin', 'Wagon', 'Whisper', 'Willow', 'Window', 'Winter', 'Wolf', 'Zenith',
];

/** Nouns that most databases need more than ASCII for. */
// biome-ignore format: words read better in rows.
export const foreignNouns: readonly string[] = [
  'Señal', 'Corazón', 'Über', 'Brücke', 'Forêt', 'Étoile', 'Łódka', 'Žena', 'Smörgås', 'Þoka', 'Ночь', 'Θάλασσα',
  '夜曲', '東京',
];

/** Imperatives that take an object. */
// biome-ignore format: words read better in rows.
export const verbs: readonly string[] = [
  'Answer', 'Borrow', 'Build', 'Call', 'Carry', 'Catch', 'Chase', 'Count', 'Cross', 'Draw', 'Find', 'Follow',
  'Forget', 'Hold', 'Keep', 'Leave', 'Light', 'Lose', 'Mend', 'Open', 'Paint', 'Remember', 'Ride', 'Sell', 'Steal',
  'Trust',
];

/** What stands behind a title in brackets. */
// biome-ignore format: words read better in rows.
export const versions: readonly string[] = [
  'Album Version', 'Live', 'Acoustic', 'Demo', 'Radio Edit', 'Instrumental', 'Extended Mix', 'Reprise',
];

/** A place with the coordinates a catalogue gives for it. */
export interface ArtistPlace {
  readonly location: string;
  readonly latitude: number;
  readonly longitude: number;
}

/** Where artists come from; degrees, north and east positive. */
export const artistPlaces: readonly ArtistPlace[] = [
  { location: 'Reykjavík, Iceland', latitude: 64.14548, longitude: -21.90816 },
  { location: 'Lisbon, Portugal', latitude: 38.71694, longitude: -9.13917 },
  { location: 'Porto Alegre, Brazil', latitude: -30.03306, longitude: -51.23 },
  { location: 'Dakar, Senegal', latitude: 14.69366, longitude: -17.44406 },
  { location: 'Kyoto, Japan', latitude: 35.02107, longitude: 135.75385 },
  { location: 'Wellington, New Zealand', latitude: -41.28664, longitude: 174.77557 },
  { location: 'Tromsø, Norway', latitude: 69.6489, longitude: 18.95508 },
  { location: 'Kraków, Poland', latitude: 50.06143, longitude: 19.93658 },
  { location: 'Halifax, Nova Scotia, Canada', latitude: 44.64533, longitude: -63.57239 },
  { location: 'Bristol, England', latitude: 51.45523, longitude: -2.59665 },
  { location: 'Cork, Ireland', latitude: 51.89797, longitude: -8.47061 },
  { location: 'Ghent, Belgium', latitude: 51.05, longitude: 3.71667 },
  { location: 'Leipzig, Germany', latitude: 51.33962, longitude: 12.37129 },
  { location: 'Valparaíso, Chile', latitude: -33.036, longitude: -71.62963 },
  { location: 'Tbilisi, Georgia', latitude: 41.69411, longitude: 44.83368 },
  { location: 'Athens, GA', latitude: 33.96095, longitude: -83.37794 },
  { location: 'Santa Cruz, CA', latitude: 36.97412, longitude: -122.0308 },
  { location: 'Olympia, Washington', latitude: 47.03787, longitude: -122.9007 },
  { location: 'Tulsa, Oklahoma', latitude: 36.15398, longitude: -95.99278 },
  { location: 'Duluth, Minnesota', latitude: 46.78327, longitude: -92.10658 },
  { location: 'Brno, Czech Republic', latitude: 49.19522, longitude: 16.60796 },
  { location: 'Tartu, Estonia', latitude: 58.38062, longitude: 26.72509 },
  { location: 'Bamako, Mali', latitude: 12.65, longitude: -8 },
  { location: 'Hobart, Tasmania', latitude: -42.87936, longitude: 147.32941 },
];
