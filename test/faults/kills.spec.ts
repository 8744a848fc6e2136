import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded, type EmbeddedDatabase } from '../../src/database/index.js';
import { asOwner, until } from '../support/machines/database.js';
import { givenFaultyNetwork, type FaultyNetwork } from '../support/machines/faulty.js';
import { LogWatch } from '../support/log/log-watch.js';
import { storedOf } from '../support/network/makers.js';
import type { FoundedServer } from '../support/machines/process.js';
import type { Moment } from '../support/machines/proxy.js';
import { rounds } from '../support/machines/rounds.js';
import { givenStory, STORED, type Story } from '../support/network/story.js';

/** More requests than a story makes of its database, and more than a round of the sequencer makes. */
const STEPS = 32;
const FAULTS = ['connection', 'server', 'database'] as const;
type Fault = (typeof FAULTS)[number];
type Login = 'application' | 'sequencer';

const CASES = FAULTS.flatMap((fault) =>
  (['application', 'sequencer'] as const).flatMap((login) =>
    (['before', 'after'] as const).map((moment) => ({ fault, login, moment })),
  ),
);

/** Every step in the long run; otherwise a few, by the seed of the run. */
function steps(): number[] {
  const all = Array.from({ length: STEPS }, (_, i) => i + 1);
  return fc.sample(fc.shuffledSubarray(all, { minLength: STEPS }), 1)[0]?.slice(0, rounds(2, STEPS)) ?? [];
}

describe('a fault at any step between server and database', () => {
  let directory: string;
  let database: EmbeddedDatabase;
  let network: FaultyNetwork;
  let server: FoundedServer;
  let watch: LogWatch;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'relais-kills-'));
    database = await startEmbedded(directory);
    network = await givenFaultyNetwork(database.urls);
    server = network.server;
    watch = new LogWatch(server);
  });
  afterAll(async () => {
    await server.stop();
    for (const proxy of Object.values(network.proxies)) await proxy.close();
    await database.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each(CASES)(
    'of the $fault, $moment a request of the $login arrives, loses nothing that was acknowledged and does nothing twice',
    async (at) => {
      for (const step of steps()) await strikeAt(step, at).catch(named(`step ${step}`));
    },
    rounds(180_000, 1_800_000),
  );

  it('leaves one log: every statement in it once, in its order, and no size with two roots', async () => {
    await until(() => watch.isSequenced());
    await watch.look();
    await watch.requireOneLog();
  });

  async function strikeAt(
    step: number,
    { fault, login, moment }: { fault: Fault; login: Login; moment: Moment },
  ): Promise<void> {
    const story = await givenStory(server);
    let struck: Promise<void> | undefined;
    network.proxies[login].cutAt(step, moment, () => {
      struck = strike(fault, login);
    });
    await story.tell().catch(() => undefined);
    await until(async () => struck !== undefined || (await watch.isSequenced().catch(() => false)));
    network.proxies[login].cutAt(0, moment, () => undefined);
    await struck;
    await until(isReady);
    await requireRecovered(story);
    await watch.look();
  }

  async function strike(fault: Fault, login: Login): Promise<void> {
    if (fault === 'connection') network.proxies[login].reset();
    if (fault === 'database') process.kill(database.pid, 'SIGKILL');
    if (fault !== 'server') return;
    await server.kill();
    server = { ...(await server.again()), network: server.network };
  }

  /** All that was answered is there, at most the next act beside it; and the story can be told to its end. */
  async function requireRecovered(story: Story): Promise<void> {
    const told = story.told();
    expect(STORED.slice(told, told + 2)).toContainEqual(await storedOf(server, story.referral));
    await story.tell();
    expect(await storedOf(server, story.referral)).toEqual(STORED[3]);
  }

  /**
   * A server's connection can outlive the postmaster for a moment: that somebody new gets in is asked as
   * well.
   */
  async function isReady(): Promise<boolean> {
    const asked = [fetch(`${server.address}/health/ready`), asOwner(server.urls, 'SELECT 1')] as const;
    return Promise.all(asked).then(
      ([{ ok }]) => ok,
      () => false,
    );
  }
});

function named(where: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${where}: ${String(error)}`, { cause: error });
  };
}
