import { expect, it } from 'vitest';
import { Turns } from '../../src/apps/connections/turns.ts';

const late = async (): Promise<string> => 'late';

it('leaves a place to others when a service does not answer, and nobody waits long behind it', async () => {
  const turns = new Turns(20);
  let answer: (text: string) => void = () => {};
  const dead = new Promise<string>((resolve) => {
    answer = resolve;
  });
  const stuck = [1, 2, 3, 4].map(() => turns.take('dead', () => dead, late));
  expect(await turns.take('alive', async () => 'done', late)).toBe('done');
  const [asked, waited] = [performance.now(), 25];
  while (performance.now() - asked < waited) await new Promise((resolve) => setTimeout(resolve, 5));
  answer('at last');
  expect(await Promise.all(stuck)).toEqual(['at last', 'at last', 'late', 'late']);
  expect(await turns.take('dead', async () => 'done', late)).toBe('done');
});
