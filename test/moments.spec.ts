import { expect, it } from '@jest/globals';
import { asOwner } from './support/machines/database.js';
import { describeWithBrowser, givenBrowser } from './support/machines/browser.js';
import { givenServerProcess } from './support/machines/process.js';

/** Far more than any of them needs to answer, far less than two moments are apart. */
const CLOSE_MS = 120_000;

/** `npm run test:moments` sets them all to another time; one that kept its own would test nothing. */
describeWithBrowser('a test, its server, PostgreSQL and browser', () => {
  it('live at the same moment, which is the one that was asked for', async () => {
    const server = await givenServerProcess();
    const browser = await givenBrowser();
    try {
      const [row] = await asOwner<{ now: Date }>(server.urls, 'SELECT now() AS now');
      const answer = await fetch(`${server.address}/v1/network`);
      const { page } = await browser.device();
      await page.goto(`${server.address}/receipt`);
      const times = [
        row?.now.getTime(),
        Date.parse(answer.headers.get('date') ?? ''),
        Date.parse(((await answer.json()) as { now: string }).now),
        await page.evaluate(() => Date.now()),
      ];
      expect(times.map((time) => Math.abs((time ?? 0) - Date.now()) < CLOSE_MS)).toEqual([
        true,
        true,
        true,
        true,
      ]);
      const asked = Date.parse(process.env['RELAIS_MOMENT'] ?? new Date().toISOString());
      expect(Date.now() - asked).toBeLessThan(3_600_000);
      expect(Date.now()).toBeGreaterThanOrEqual(asked - CLOSE_MS);
    } finally {
      await browser.close();
      await server.stop();
    }
  });
});
