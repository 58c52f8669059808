import type { Scene } from './scene.ts';

/** Something the documentation leaves open, or that the code relies on, put to a warehouse. */
export interface Question {
  /** The open point it belongs to (facts §8, 1 to 11); 0 where it is none of them. */
  readonly point: number;
  readonly asks: string;
  /** What the documentation or the code takes for granted. */
  readonly assumed: string;
  /** Why another answer changes nothing; undefined where the code relies on this one. */
  readonly indifferent?: string;
  /** Throws where nothing can be learnt: that is told as 'not answered'. */
  readonly ask: (scene: Scene) => Promise<Told>;
}

export interface Told {
  /** Statements, and what objects held, in the order in which they were sent. */
  readonly sent: readonly string[];
  readonly cameBack: string;
  readonly asAssumed: boolean;
}

/** A question with what came of it. */
export interface Asked extends Question {
  readonly sent: readonly string[];
  readonly cameBack: string;
  readonly verdict: 'as assumed' | 'not as assumed' | 'not answered';
}

/** Whether the code can be trusted in spite of this answer. Without an answer it cannot where it relies on one. */
export function isHarmless({ verdict, indifferent }: Asked): boolean {
  return verdict === 'as assumed' || indifferent !== undefined;
}
