import type { Random } from './random.ts';

/** Two letters, five random ones, and eleven hexadecimal digits that hold the index: unique below 16^6. */
export function createId(random: Random, kind: 'SO' | 'AR', index: number): string {
  const middle = Array.from({ length: 5 }, () => letter(random.below(26))).join('');
  return `${kind}${middle}${tail(random, index)}`;
}

/** The letters at 3, 4 and 5 name the folder of the file: twelve songs a folder, A/A/A first. */
export function createTrackId(random: Random, index: number): string {
  const folder = Math.floor(index / 12);
  const folderLetters = `${letter(Math.floor(folder / 676))}${letter(Math.floor(folder / 26))}${letter(folder)}`;
  return `TR${folderLetters}${letter(random.below(26))}${letter(random.below(26))}${tail(random, index)}`;
}

function tail(random: Random, index: number): string {
  const noise = random.below(16 ** 5);
  return (noise.toString(16).padStart(5, '0') + index.toString(16).padStart(6, '0')).toUpperCase();
}

function letter(index: number): string {
  return String.fromCharCode(65 + (index % 26));
}
