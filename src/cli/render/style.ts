import { styleText } from 'node:util';

/** Colours a text, or leaves it as it is. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const colours = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;

/** The caller decides whether there is colour; Node's own look at stdout is switched off. */
export function paintFor(colour: boolean): Paint {
  const paint = colours.map((name) => [
    name,
    (text: string) => (colour ? styleText(name, text, { validateStream: false }) : text),
  ]);
  return Object.fromEntries(paint) as Paint;
}

export const plain: Paint = paintFor(false);
