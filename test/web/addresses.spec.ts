import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithBrowser, givenBrowser, type Browser } from '../support/machines/browser.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenReceipt } from '../support/network/receipts.js';

describeWithBrowser('an address typed from paper', () => {
  let server: FoundedServer;
  let browser: Browser;

  beforeAll(async () => {
    [server, browser] = [await givenNetwork(), await givenBrowser()];
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${server.address}${path}`, { method, redirect: 'manual', headers: { accept: HTML, ...headers } });

  it.each([
    ['/receipt/', '/receipt'],
    ['/Receipt', '/receipt'],
    ['/RECEIPT/', '/receipt'],
    ['//receipt', '/receipt'],
    ['/receipt.', '/receipt'],
    ['/receipt.html', '/receipt'],
    ['/receipt%20', '/receipt'],
    ['/%EF%BD%92eceipt', '/receipt'],
    ['/receipt/12345-ABCDE-12345-ABCDE-12345', '/receipt'],
    ['/Receipt?x=1', '/receipt'],
    ['/audit/', '/audit'],
    ['/Audit', '/audit'],
  ])('%s leads to %s', async (path, page) => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, page]);
  });

  it.each([
    ['nl-BE,nl;q=0.9,en;q=0.8', 'nl', 'welke pagina'],
    ['de,en;q=0.5', 'en', 'which page'],
    ['ar', 'ar', 'dir="rtl"'],
    ['en;q=0.1,fr;q=0.9', 'fr', 'quelle page'],
    ['en;q=0,de', 'fr', 'quelle page'],
    ['x;q=abc,,;q', 'fr', 'quelle page'],
  ])('in a browser that asks for %s, helps in %s', async (languages, language, words) => {
    for (const [path, status] of [
      ['/', 200],
      ['/reçu', 404],
      ['/receipts', 404],
    ] as const) {
      const answer = await get(path, { 'accept-language': languages });
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
      expect(answer.headers.get('content-language')).toBe(language);
      expect(answer.headers.get('vary')).toContain('accept-language');
      const text = await answer.text();
      expect(text).toContain(`<html lang="${language}"`);
      expect(text).toContain(words);
    }
  });

  it('answers programs, and the API, as it always did', async () => {
    const API = [
      '/v1',
      '/v1/nothing',
      '/V1/nothing',
      '/hsds/nothing',
      '/log/x',
      '/health/x',
      '/assets/none.js',
    ];
    const problem = ['/', '/receipt/', '/Receipt', '/nothing'];
    for (const [path, accept] of [
      ...API.filter((each) => each !== '/V1/nothing').map((each) => [each, HTML] as const),
      ...problem.flatMap((each) => [[each, 'application/json'] as const, [each, '*/*'] as const]),
    ]) {
      const answer = await get(path, { accept });
      expect([path, accept, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        accept,
        expect.any(Number),
        expect.stringMatching(/^application\/problem\+json/),
      ]);
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    const posted = await get('/Receipt', {}, 'POST');
    expect(posted.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(posted.headers.get('location')).toBeNull();
  });

  it('brings a code behind # along to the page, and out of the address', async () => {
    const { code } = await givenReceipt(server);
    const { page, faults, context, requests } = await browser.device();
    await page.goto(`${server.address}/Receipt/#${code}`);
    await page.getByRole('heading', { level: 1, name: 'Où en est-on' }).waitFor();
    expect(page.url()).toBe(`${server.address}/receipt`);
    for (const request of requests) expect(request).not.toContain(code.slice(0, 5));
    expect(faults).toEqual([]);
    await context.close();
  });

  it.each(['%', '%zz', '%E0%A4', 'ABCDE-%', '%00', '%F0%9F', '"><b>x'])(
    'with #…%s behind it the page is there, and the code is gone from the address',
    async (fragment) => {
      const { page, faults, context } = await browser.device();
      await page.goto(`${server.address}/receipt#12345-${fragment}`);
      await page.getByLabel('Code de votre papier').waitFor();
      expect(page.url()).toBe(`${server.address}/receipt`);
      expect(faults).toEqual([]);
      await context.close();
    },
  );

  it('takes another paper’s address in the same window, and its code out of it', async () => {
    const [first, second] = [await givenReceipt(server), await givenReceipt(server, { word: 'Tsehay' })];
    const { page, faults, context } = await browser.device();
    await page.goto(`${server.address}/receipt?x=1#${first.code}`);
    await page.getByRole('heading', { level: 1, name: 'Où en est-on' }).waitFor();
    expect(page.url()).toBe(`${server.address}/receipt`);
    await page.goto(`${server.address}/receipt#${second.code}`);
    await page.getByLabel('Votre mot').waitFor();
    expect(page.url()).toBe(`${server.address}/receipt`);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('the page that helps fits on a phone, says its languages, and leads on without a script', async () => {
    const { page, faults, context } = await browser.device({ locale: 'ar', javaScriptEnabled: false });
    await page.goto(`${server.address}/recu`);
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    await page.getByRole('link', { name: 'Nederlands' }).click();
    await page.getByRole('heading', { name: 'Relais: welke pagina zoekt u?' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.getByRole('link', { name: 'Ik heb een papier met een code' }).click();
    expect(page.url()).toBe(`${server.address}/receipt`);
    expect(faults).toEqual([]);
    await context.close();
  });
});
