import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithBrowser, givenBrowser, type Browser, type Device } from '../support/machines/browser.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { CANARIES, givenReceipt } from '../support/network/receipts.js';

describeWithBrowser('leaving the person’s page', () => {
  let server: FoundedServer;
  let browser: Browser;

  beforeAll(async () => {
    [server, browser] = [await givenNetwork(), await givenBrowser()];
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  async function reading(): Promise<Device & { code: string }> {
    const { code } = await givenReceipt(server, { isOpened: true });
    const device = await browser.device();
    await device.page.goto(`${server.address}/receipt#${code}`);
    await device.page.getByRole('button', { name: 'Ce qui a été transmis' }).click();
    await device.page.getByText(CANARIES.name).waitFor();
    return { ...device, code };
  }

  /** Everything of the site that a browser keeps. */
  async function kept({ page, context }: Device): Promise<string> {
    const inPage = await page.evaluate(async () => ({
      local: JSON.stringify(localStorage),
      session: JSON.stringify(sessionStorage),
      databases: await indexedDB.databases(),
      caches: await Promise.all(
        (await caches.keys()).map(async (name) =>
          (await (await caches.open(name)).keys()).map(({ url }) => url),
        ),
      ),
      cookies: document.cookie,
      title: document.title,
      html: document.documentElement.outerHTML,
      state: JSON.stringify(history.state),
      workers: (await navigator.serviceWorker.getRegistrations()).length,
    }));
    return JSON.stringify([inPage, await context.cookies(), await context.storageState()]);
  }

  it.each([
    ['by its button', (device: Device) => device.page.getByRole('button', { name: 'Quitter vite' }).click()],
    [
      'by Escape, three times',
      async ({ page }: Device) => {
        for (let times = 0; times < 3; times++) await page.keyboard.press('Escape');
      },
    ],
  ])('%s shows the month, and leaves no name, service or code anywhere', async (_, leave) => {
    const device = await reading();
    const { page, code } = device;
    await leave(device);
    await page.waitForURL('**/today');
    await page.getByRole('table').waitFor();
    const left = await kept(device);
    for (const word of [CANARIES.name, CANARIES.reason, 'Canal', 'Ruelle', code, code.slice(0, 11)])
      expect(left).not.toContain(word);
    await page.goBack().catch(() => null);
    expect(await page.locator('body').innerText()).not.toContain(CANARIES.name);
    for (const request of device.requests)
      expect(decodeURIComponent(request)).not.toContain(code.slice(0, 11));
    expect(device.faults).toEqual([]);
    await device.context.close();
  });

  it('also happens to whoever goes away for ten minutes: the page is as if nobody had been', async () => {
    const { code } = await givenReceipt(server, { isOpened: true });
    const { page, context } = await browser.device();
    await page.clock.install();
    await page.goto(`${server.address}/receipt#${code}`);
    await page.getByRole('button', { name: 'Ce qui a été transmis' }).waitFor();
    await page.clock.fastForward('10:05');
    await page.getByLabel('Code de votre papier').waitFor();
    expect(await page.getByLabel('Code de votre papier').inputValue()).toBe('');
    expect(await page.locator('body').innerText()).not.toMatch(/Canal|Ruelle/);
    await context.close();
  });

  it('keeps every answer about the person out of the browser’s cache', async () => {
    const { code } = await givenReceipt(server, { isOpened: true });
    const { page, context } = await browser.device();
    const caching = new Set<string | null>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith('/v1/')) caching.add(response.headers()['cache-control'] ?? null);
    });
    await page.goto(`${server.address}/receipt#${code}`);
    await page.getByRole('button', { name: 'Ce qui a été transmis' }).click();
    await page.getByText(CANARIES.name).waitFor();
    expect([...caching]).toEqual(['no-store']);
    await context.close();
  });
});
