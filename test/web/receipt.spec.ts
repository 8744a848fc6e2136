import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { getReferral, listMessages, sendMessage } from '../../src/client/index.js';
import { describeWithBrowser, givenBrowser, type Browser, type Device } from '../support/machines/browser.js';
import { asOwner } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { CANARIES, givenReceipt, mistyped } from '../support/network/receipts.js';

describeWithBrowser('the page of a person with a paper', () => {
  let server: FoundedServer;
  let browser: Browser;

  beforeAll(async () => {
    [server, browser] = [await givenNetwork(), await givenBrowser()];
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  const at = (fragment = ''): string => `${server.address}/receipt${fragment}`;

  async function opened(code: string, device?: Device): Promise<Device> {
    const { page, ...rest } = device ?? (await browser.device());
    await page.goto(at(`#${code}`));
    await page.getByRole('heading', { level: 1, name: 'Où en est-on' }).waitFor();
    return { page, ...rest };
  }

  it('shows a scanned paper without an account; its code is in no address, no title and no request', async () => {
    const { code } = await givenReceipt(server, { isOpened: true });
    const { page, faults, requests, context } = await opened(code);
    await page.getByText(/l’a ouvert le/).waitFor();
    await page.getByRole('button', { name: 'Ce qui a été transmis' }).click();
    await page.getByText(CANARIES.name).waitFor();
    expect(await page.getByText(CANARIES.reason).count()).toBe(1);
    expect(page.url()).toBe(at());
    expect(await page.title()).toBe('Relais');
    for (const request of requests) expect(request).not.toContain(code.slice(0, 5));
    expect(new Set(requests.map((request) => new URL(request).origin))).toEqual(new Set([server.address]));
    expect(faults).toEqual([]);
    await context.close();
  });

  it('asks back, with the whole code, where one sign was mistyped', async () => {
    const { code } = await givenReceipt(server);
    const { page, context } = await browser.device();
    await page.goto(at());
    await page.getByLabel('Code de votre papier').fill(mistyped(code).toLowerCase().replaceAll('-', ' '));
    await page.getByRole('button', { name: 'Ouvrir' }).click();
    await page.getByText(code).waitFor();
    await page.getByRole('button', { name: 'Oui, c’est celui-là' }).click();
    await page.getByRole('heading', { name: 'Où en est-on' }).waitFor();
    await context.close();
  });

  it('takes consent back in two taps, and the content is gone', async () => {
    const { code, referral } = await givenReceipt(server, { isOpened: true });
    const { page, faults, context } = await opened(code);
    await page.getByRole('button', { name: 'Retirer mon accord' }).click();
    await page.getByRole('button', { name: 'Oui, je retire mon accord' }).click();
    await page.getByRole('heading', { name: 'Votre accord est retiré' }).waitFor();
    const { status, statusReason } = await getReferral(server.network.clinique.worker, referral);
    expect({ status, statusReason }).toEqual({ status: 'cancelled', statusReason: 'consent-withdrawn' });
    expect(await asOwner(server.urls, `SELECT FROM handoff WHERE referral = '${referral}'`)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('without the word shows neither service nor content, and still takes consent back', async () => {
    const { code, referral } = await givenReceipt(server, { word: 'Tsehay', isOpened: true });
    const { page, context } = await opened(code);
    const shown = await page.locator('body').innerText();
    expect(shown).not.toMatch(/Ruelle|Canal|Clinique/);
    await page.getByLabel('Votre mot').fill('autre');
    await page.getByRole('button', { name: 'Lire' }).click();
    await page.getByText('Ce n’est pas le mot.').waitFor();
    await page.getByRole('button', { name: 'Retirer mon accord' }).click();
    await page.getByRole('button', { name: 'Oui, je retire mon accord' }).click();
    await page.getByRole('heading', { name: 'Votre accord est retiré' }).waitFor();
    expect(await getReferral(server.network.laRuelle.worker, referral)).toMatchObject({
      status: 'cancelled',
    });
    await context.close();
  });

  it('opens with paper and word, however the word is written', async () => {
    const { code } = await givenReceipt(server, { word: 'Tsehay', isOpened: true });
    const { page, context } = await opened(code);
    await page.getByLabel('Votre mot').fill(' TSEHAY ');
    await page.getByRole('button', { name: 'Lire' }).click();
    await page.getByText(/l’a ouvert le/).waitFor();
    await context.close();
  });

  it('carries messages and a request for correction both ways', async () => {
    const { code, referral } = await givenReceipt(server, { isOpened: true });
    const { laRuelle, clinique } = server.network;
    await sendMessage(clinique.worker, referral, 'Venez lundi.');
    const { page, context } = await opened(code);
    await page.getByRole('button', { name: 'Messages' }).click();
    await page.getByText('Venez lundi.').waitFor();
    await page.getByLabel('Votre message').fill('Je viens mardi.');
    await page.getByRole('button', { name: 'Envoyer' }).click();
    await page.getByText('Votre message est envoyé.').waitFor();
    await page.getByRole('button', { name: 'Retour' }).click();
    await page.getByRole('button', { name: 'Quelque chose n’est pas juste' }).click();
    await page.getByRole('checkbox').first().check();
    await page.getByLabel('Comment cela devrait être').fill('Mon nom s’écrit autrement.');
    await page.getByRole('button', { name: 'Demander la correction' }).click();
    await page.getByText(/Votre demande est envoyée/).waitFor();
    for (const device of [laRuelle.worker, clinique.worker])
      expect(await listMessages(device, referral)).toMatchObject([
        { side: 'target', text: 'Venez lundi.' },
        { side: 'person', text: 'Je viens mardi.' },
        { side: 'person', kind: 'correction', text: expect.stringContaining('Mon nom') as unknown },
      ]);
    await context.close();
  });

  it('keeps it longer where the person wants so', async () => {
    const { code, referral } = await givenReceipt(server, { isOpened: true });
    const { page, context } = await opened(code);
    await page.getByRole('button', { name: 'Garder plus longtemps' }).click();
    const field = page.getByLabel('Garder jusqu’au');
    const latest = (await field.getAttribute('max')) ?? '';
    await field.fill(latest);
    await page.getByRole('button', { name: 'Garder jusqu’à ce jour' }).click();
    await page.getByText(/C’est maintenant gardé/).waitFor();
    expect(await getReferral(server.network.laRuelle.worker, referral)).toMatchObject({ keepUntil: latest });
    await context.close();
  });

  it('goes on trying to withdraw while the server answers 503, and the network is away', async () => {
    const { code, referral } = await givenReceipt(server);
    const { page, context } = await opened(code);
    let refused = 0;
    await context.route('**/v1/receipts/withdrawals', async (route) => {
      refused++;
      if (refused > 7) return route.continue();
      return refused % 2 ? route.fulfill({ status: 503, headers: { 'retry-after': '0' } }) : route.abort();
    });
    await page.getByRole('button', { name: 'Retirer mon accord' }).click();
    await page.getByRole('button', { name: 'Oui, je retire mon accord' }).click();
    await page.getByRole('heading', { name: 'Votre accord est retiré' }).waitFor({ timeout: 40_000 });
    expect(refused).toBeGreaterThan(7);
    expect(await getReferral(server.network.laRuelle.worker, referral)).toMatchObject({
      status: 'cancelled',
    });
    await context.close();
  });

  it('takes it back once, from two devices at once', async () => {
    const { code, referral } = await givenReceipt(server, { isOpened: true });
    const devices = [await opened(code), await opened(code)];
    for (const { page } of devices) await page.getByRole('button', { name: 'Retirer mon accord' }).click();
    await Promise.all(
      devices.map(async ({ page }) => {
        await page.getByRole('button', { name: 'Oui, je retire mon accord' }).click();
        await page.getByRole('heading', { name: 'Votre accord est retiré' }).waitFor();
      }),
    );
    const rows = await asOwner<{ number: number }>(
      server.urls,
      `SELECT number FROM statement WHERE referral = '${referral}'`,
    );
    expect(rows).toHaveLength(4);
    for (const { context } of devices) await context.close();
  });

  it('gives a screen the focus with its first words, so that no key is pressed into nothing', async () => {
    const { code } = await givenReceipt(server);
    const { page, context } = await opened(code);
    await page.getByRole('button', { name: 'Ce qui a été transmis' }).waitFor();
    const focused = await page.evaluate(
      () =>
        new Promise<string | null | undefined>((resolve) => {
          const screen = new MutationObserver(() => resolve(document.activeElement?.textContent));
          screen.observe(document.body, { childList: true, subtree: true });
          Array.from(document.querySelectorAll('button'))
            .find((b) => b.textContent === 'Retirer mon accord')
            ?.click();
        }),
    );
    expect(focused).toBe('Retirer votre accord ?');
    await context.close();
  });

  it('works by keyboard alone', async () => {
    const { code } = await givenReceipt(server);
    const { page, context } = await browser.device();
    await page.goto(at());
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type(code);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Ce qui a été transmis' }).waitFor();
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Retirer mon accord') break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Retirer votre accord ?' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Votre accord est retiré' }).waitFor();
    await context.close();
  });
});
