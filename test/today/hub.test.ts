import { describe, expect, it } from 'vitest';
import { Hub, type Topic } from '../../src/http/hub.ts';
import { whileAllowed } from '../../src/http/while-allowed.ts';
import { atEnd } from '../support/at-end.ts';
import { readStream, type OpenStream } from '../support/stream.ts';

const troubles: string[] = [];

function newHub(): Hub {
  const hub = new Hub({ pollMs: 50, onTrouble: (topic, why) => troubles.push(`${topic}: ${why}`) });
  atEnd(() => hub.stop());
  return hub;
}

function watch(hub: Hub, topic: Topic<unknown>): OpenStream {
  const watched = hub.watch(topic);
  if (!(watched instanceof Response)) throw new Error(watched.problem.code);
  return readStream(watched);
}

describe('what several people watch', () => {
  it('is read once for ten watchers, never twice at a time, and by nobody when they have left', async () => {
    const hub = newHub();
    let reads = 0;
    let readingAtOnce = 0;
    let atOnceMax = 0;
    const read = async (): Promise<number> => {
      readingAtOnce += 1;
      atOnceMax = Math.max(atOnceMax, readingAtOnce);
      await new Promise(setImmediate);
      readingAtOnce -= 1;
      return ++reads;
    };
    const topic: Topic<number> = { name: 'count', event: 'count', kind: 'state', read };
    const streams = Array.from({ length: 10 }, () => watch(hub, topic));
    for (const wanted of [1, 2, 3]) {
      const told = await Promise.all(streams.map((stream) => stream.next('count')));
      expect(told).toEqual(Array.from({ length: 10 }, () => wanted));
    }
    expect({ reads, atOnceMax }).toEqual({ reads: 3, atOnceMax: 1 });
    // Who comes later knows at once what the others know: no further read.
    const late = watch(hub, topic);
    expect(await late.next('count')).toBe(3);
    expect(reads).toBe(3);
    await Promise.all([...streams, late].map((stream) => stream.close()));
    // The control: another topic, which is read meanwhile.
    let others = 0;
    const other = watch(hub, { ...topic, name: 'other', read: async () => ++others });
    for (const wanted of [1, 2]) expect(await other.next('count')).toBe(wanted);
    expect(reads).toBe(3);
  });

  it('says nothing twice, tells of trouble once, and goes on', async () => {
    const hub = newHub();
    const answers = ['a', 'a', new Error('away'), new Error('away'), 'b'];
    const read = async (): Promise<unknown> => {
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const stream = watch(hub, { name: 'letters', event: 'letter', kind: 'state', read });
    const told = [await stream.next('letter'), await stream.next('trouble'), await stream.next('letter')];
    expect(told).toEqual(['a', { detail: expect.stringContaining('goes on') }, 'b']);
    expect(troubles).toEqual(['letters: Error: away']);
  });

  it('ends for who may look no more, and goes on for the others', async () => {
    const hub = newHub();
    let reads = 0;
    const topic: Topic<number> = { name: 'ends', event: 'count', kind: 'state', read: async () => ++reads };
    let isAllowed = true;
    const watched = hub.watch(topic) as Response;
    const stream = readStream(whileAllowed(watched, async () => isAllowed, 20));
    const other = watch(hub, topic);
    for (const wanted of [1, 2]) expect(await stream.next('count')).toBe(wanted);
    isAllowed = false;
    await stream.ended;
    for (let wanted = 1; wanted < 5; wanted += 1) expect(await other.next('count')).toBe(wanted);
    await other.close();
  });

  it('ends with the process, and begins no more', async () => {
    const hub = newHub();
    const topic: Topic<string> = { name: 'end', event: 'end', kind: 'tail', read: async () => null };
    const stream = watch(hub, topic);
    await hub.stop();
    await stream.ended;
    expect(hub.watch(topic)).toMatchObject({ problem: { status: 503, code: 'too_many_streams' } });
  });
});
