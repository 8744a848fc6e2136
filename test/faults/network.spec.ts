import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { getReferral } from '../../src/client/index.js';
import { givenDatabase, until } from '../support/machines/database.js';
import { givenFaultyNetwork, type FaultyNetwork } from '../support/machines/faulty.js';
import { storedOf } from '../support/network/makers.js';
import { givenStory, STORED } from '../support/network/story.js';

/** More at once than a process has connections. */
const PARALLEL = 24;

describe('a network between server and database that', () => {
  let network: FaultyNetwork;

  beforeAll(async () => {
    network = await givenFaultyNetwork(await givenDatabase());
  });
  afterEach(() => {
    for (const proxy of Object.values(network.proxies)) {
      proxy.delayMs = 0;
      proxy.swallows = false;
    }
  });
  afterAll(async () => {
    await network.server.stop();
    for (const proxy of Object.values(network.proxies)) await proxy.close();
  });

  function ask(path: string): Promise<Response> {
    return fetch(`${network.server.address}${path}`);
  }

  async function requireClear(answer: Response): Promise<void> {
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await answer.json()).toEqual({
      type: '/problems/overloaded',
      title: 'The server cannot answer at present.',
      status: 503,
      instance: `urn:uuid:${answer.headers.get('request-id')}`,
    });
  }

  /** Nobody does anything, and it works again. */
  async function requireRecovery(): Promise<void> {
    await until(async () => (await ask('/health/ready')).ok);
    const story = await givenStory(network.server);
    await story.tell();
    expect(await storedOf(network.server, story.referral)).toEqual(STORED[3]);
  }

  it('is slow is waited for', async () => {
    const story = await givenStory(network.server);
    for (const proxy of Object.values(network.proxies)) proxy.delayMs = 30;
    await story.tell();
    expect(await storedOf(network.server, story.referral)).toEqual(STORED[3]);
  });

  it('swallows everything yields clear answers, a living process, and no wait for a person', async () => {
    for (const proxy of Object.values(network.proxies)) proxy.swallows = true;
    const asked = Array.from({ length: PARALLEL }, () => ask('/v1/network'));
    expect((await ask('/health/live')).status).toBe(200);
    expect((await ask('/health/ready')).status).toBe(503);
    for (const answer of await Promise.all(asked)) await requireClear(answer);
    for (const proxy of Object.values(network.proxies)) proxy.swallows = false;
    await requireRecovery();
  }, 120_000);

  it('resets every connection in the middle is survived, and what was answered is there', async () => {
    const stories = [];
    while (stories.length < PARALLEL) stories.push(await givenStory(network.server));
    const told = stories.map((story) => story.tell().catch(() => undefined));
    await Promise.race(told);
    for (const proxy of Object.values(network.proxies)) proxy.reset();
    await Promise.all(told);
    for (const story of stories) {
      const after = story.told();
      expect(STORED.slice(after, after + 2)).toContainEqual(await storedOf(network.server, story.referral));
      await story.tell();
      const { status } = await getReferral(network.server.network.clinique.worker, story.referral);
      expect(status).toBe('cancelled');
    }
    await requireRecovery();
  }, 120_000);
});
