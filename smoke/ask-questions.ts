import { messageOf } from '../src/errors.ts';
import type { Asked, Question } from './question.ts';
import type { Scene } from './scene.ts';

/** Puts one question after the other. What goes wrong with one is told of it, and the others are asked. */
export async function askQuestions(
  scene: Scene,
  questions: readonly Question[],
  tell: (text: string) => void,
): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  for (const question of questions) {
    tell(`${question.point}: ${question.asks}`);
    asked.push(await askQuestion(scene, question));
  }
  return asked;
}

async function askQuestion(scene: Scene, question: Question): Promise<Asked> {
  try {
    await scene.connection.reopen();
    const { sent, cameBack, asAssumed } = await question.ask(scene);
    return { ...question, sent, cameBack, verdict: asAssumed ? 'as assumed' : 'not as assumed' };
  } catch (error) {
    return { ...question, sent: [], cameBack: messageOf(error), verdict: 'not answered' };
  }
}
