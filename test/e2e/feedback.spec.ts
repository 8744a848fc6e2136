import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listFeedback, Receipt, type Device } from '../../src/client/index.js';
import { asOwner, shiftClock, until } from '../support/machines/database.js';
import { insertDevice } from '../support/network/principals.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenReceipt } from '../support/network/receipts.js';

const NO_ANSWER = { reached: null, helped: null, respected: null } as const;

describe('how it went', () => {
  let server: FoundedServer;

  beforeAll(async () => {
    server = await givenNetwork(undefined, { statistics: ['feedback'] });
  });
  afterAll(() => server.stop());

  async function opened(isOpened = true) {
    const { referral, code } = await givenReceipt(server, { isOpened });
    return { referral, page: await (await Receipt.fromCode(server.address, code)).open() };
  }

  const rows = (table: string) => asOwner<Record<string, unknown>>(server.urls, `SELECT * FROM ${table}`);

  it('is said once a receipt, and counted without the person, the case and the day', async () => {
    const { referral, page } = await opened();
    await page.giveFeedback({ reached: 'yes', helped: 'partly', respected: null });
    expect((await page.story()).feedbackGiven).toBe(true);
    const [row] = await rows('feedback');
    const { laRuelle, clinique } = server.network;
    expect(row).toEqual({
      id: expect.any(String),
      source: laRuelle.founder.public.id,
      target: clinique.service,
      quarter: expect.stringMatching(/^\d{4}-[1-4]$/),
      reached: 'yes',
      helped: 'partly',
      respected: null,
    });
    expect(JSON.stringify(row)).not.toContain(referral);
    await expect(page.giveFeedback(NO_ANSWER)).rejects.toMatchObject({ code: 'wrong_state' });
    expect(await rows('feedback')).toHaveLength(1);
  });

  it('is not asked before anybody has opened it', async () => {
    const { page } = await opened(false);
    await expect(page.giveFeedback(NO_ANSWER)).rejects.toMatchObject({ code: 'wrong_state' });
  });

  it('carries a text to the observers alone, where the network has one', async () => {
    const { page } = await opened();
    expect(await page.mayGiveText()).toBe(false);
    const { founder } = server.network.laRuelle;
    const observer = await insertDevice(server, {
      organisation: founder.public.id,
      services: [],
      role: 'observer',
    });
    expect(await page.mayGiveText()).toBe(true);
    await page.giveFeedback(NO_ANSWER, 'They were kind, but I waited long.');
    const asDevice = {
      session: { json: async <T>({ path }: { path: string }) => (await observer.caller.get(path)).body as T },
      keys: { box: observer.box },
    } as unknown as Device;
    const { done, refused } = await listFeedback(asDevice);
    expect(refused).toEqual([]);
    expect(done).toEqual([
      {
        service: server.network.clinique.service,
        quarter: expect.stringMatching(/^\d{4}-[1-4]$/) as unknown,
        text: 'They were kind, but I waited long.',
      },
    ]);
    const { body } = await observer.caller.get('/v1/feedback');
    expect(JSON.stringify(body)).not.toContain('kind');
  });

  it('becomes the table of its quarter thirty days after it, once; then the answers are gone', async () => {
    const { clinique } = server.network;
    const given = await rows('feedback');
    const quarter = String(given[0]?.['quarter']);
    await asOwner(
      server.urls,
      `INSERT INTO feedback (source, target, quarter, helped)
       SELECT ('00000000-0000-0000-0000-00000000000' || n % 4)::uuid, '${clinique.service}', '${quarter}', 'yes'
       FROM generate_series(1, 23) AS n`,
    );
    const path = `${server.address}/v1/statistics/feedback/${quarter}`;
    expect((await fetch(path)).status).toBe(404);
    await shiftClock(server.urls, '130 days');
    try {
      await until(async () => (await fetch(path)).status === 200);
      const table = (await (await fetch(path)).json()) as { total: number; cells: { count: unknown }[] };
      expect(table).toMatchObject({ quarter, total: 30 });
      expect(table.cells).toHaveLength(9);
      expect(table.cells).toContainEqual({
        service: clinique.service,
        question: 'helped',
        answer: 'yes',
        count: 25,
      });
      expect(table.cells.filter(({ count }) => count === '<10')).toHaveLength(8);
      expect(await rows('feedback')).toEqual([]);
    } finally {
      await shiftClock(server.urls, '0 days');
    }
  });

  it('forgets the texts half a year after their quarter', async () => {
    expect(await rows('feedback_text')).toHaveLength(1);
    await shiftClock(server.urls, '300 days');
    try {
      await until(async () => (await rows('feedback_text')).length === 0);
    } finally {
      await shiftClock(server.urls, '0 days');
    }
  });
});
