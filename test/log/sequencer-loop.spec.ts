import { describe, expect, it } from '@jest/globals';
import { SequencerLoop, type Signing } from '../../src/server/log/sequencer-loop.js';
import { SigningRefused } from '../../src/server/log/signing-refused.js';

const HOUR = 3_600_000;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the loop', () => {
  it('runs again at once while something is left, and then when it is nudged', async () => {
    let rounds = 0;
    const loop = new SequencerLoop(() => Promise.resolve(++rounds < 3 ? 'more' : 'idle'), HOUR);
    await loop.start();
    await until(() => rounds === 3);
    loop.nudge();
    await until(() => rounds === 4);
    await loop.stop();
    expect(rounds).toBe(4);
  });

  it('does not lose a nudge that comes during a round', async () => {
    let rounds = 0;
    let end: (() => void) | undefined;
    const round = async (): Promise<'idle'> => {
      rounds++;
      await new Promise<void>((resolve) => (end = resolve));
      return 'idle';
    };
    const loop = new SequencerLoop(round, HOUR);
    const started = loop.start();
    loop.nudge();
    end?.();
    await started;
    await until(() => rounds === 2);
    loop.nudge();
    end?.();
    await until(() => rounds === 3);
    const stopped = loop.stop();
    end?.();
    await stopped;
  });

  it('goes on after a failure, and says why it does not sign without quoting the database', async () => {
    const failures = [
      new SigningRefused('the database is older'),
      Object.assign(new Error('row (secret) violates'), { code: '23505' }),
    ];
    const told: Signing[] = [];
    const round = (): Promise<'idle'> => {
      const failure = failures.shift();
      return failure ? Promise.reject(failure) : Promise.resolve('idle');
    };
    const loop = new SequencerLoop(round, 1, (signing) => told.push(signing));
    await loop.start();
    await until(() => loop.signing.able);
    await loop.stop();
    expect(told).toEqual([
      { able: false, reason: 'the database is older' },
      { able: false, reason: 'the last round failed: 23505' },
      { able: true },
    ]);
  });
});
