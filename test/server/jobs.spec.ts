import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Jobs } from '../../src/server/common/jobs.js';

describe('a job that fails', () => {
  let said: string[];
  const refused = (code: string, message: string) => () =>
    Promise.reject(Object.assign(new Error(message), { code }));

  beforeEach(() => {
    said = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is told once when it begins, once when the reason changes, and once when it works again', async () => {
    const jobs = new Jobs();
    for (const code of ['ECONNREFUSED', 'ECONNREFUSED', '53100']) await jobs.run('clock', refused(code, 'x'));
    for (let i = 0; i < 2; i++) await jobs.run('clock', () => Promise.resolve());
    expect(said).toEqual([
      'relais: referrals do not lapse and nothing is erased: ECONNREFUSED\n',
      'relais: referrals do not lapse and nothing is erased: 53100\n',
      'relais: referrals lapse and are erased again\n',
    ]);
  });

  it('never quotes what an error says, as it may hold a row', async () => {
    await new Jobs().run('expiry', refused('23505', 'Key (kid)=(secret) already exists'));
    await new Jobs().run('expiry', () => Promise.reject(new TypeError('secret')));
    expect(said.join('')).not.toContain('secret');
    expect(said.at(-1)).toContain('unknown error');
  });

  it('keeps the time of its last success', async () => {
    const jobs = new Jobs();
    expect(new Set(Object.values(jobs.lastSuccess))).toEqual(new Set([null]));
    await jobs.run('clock', () => Promise.resolve());
    const { clock } = jobs.lastSuccess;
    await jobs.run('clock', refused('ECONNREFUSED', 'x'));
    expect(clock).toEqual(expect.any(String));
    expect(jobs.lastSuccess).toMatchObject({ clock, sequencer: null });
  });
});
