import type { Question } from '../question.ts';
import { changeQuestions } from './changes.ts';
import { copyFileQuestions } from './copy-files.ts';
import { copyJsonQuestions } from './copy-json.ts';
import { snapshotQuestions } from './snapshot.ts';
import { statementQuestions } from './statements.ts';

/** The 11 open points (facts §8), with what the code relies on beside them, in their order. */
export const openPoints: readonly Question[] = [
  ...copyJsonQuestions,
  ...copyFileQuestions,
  ...statementQuestions,
  ...snapshotQuestions,
  ...changeQuestions,
].toSorted((left, right) => left.point - right.point);
