import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { sendMessage } from '../../src/client/index.js';
import { describeWithBrowser, givenBrowser, type Browser, type Device } from '../support/machines/browser.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { CANARIES, givenReceipt } from '../support/network/receipts.js';
import ar from '../../src/web/messages/ar.json' with { type: 'json' };
import en from '../../src/web/messages/en.json' with { type: 'json' };
import fr from '../../src/web/messages/fr.json' with { type: 'json' };
import nl from '../../src/web/messages/nl.json' with { type: 'json' };

const MESSAGES = { fr, nl, en, ar };
const PARTS = [
  'shared-title',
  'messages-title',
  'correct-title',
  'feedback-title',
  'renew-title',
  'copy-title',
] as const;
/** Where the screens are kept to be looked at. */
const SHOTS = 'reports/screens';

describeWithBrowser('the screens of the person’s page', () => {
  let server: FoundedServer;
  let browser: Browser;

  beforeAll(async () => {
    [server, browser] = [await givenNetwork(), await givenBrowser()];
    mkdirSync(SHOTS, { recursive: true });
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  /** No sideways scrolling, and nothing that axe finds wrong. */
  async function requireSound({ page }: Device, name: string): Promise<void> {
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    expect([name, violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])]).toEqual([
      name,
      [],
    ]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect([name, overflow <= 0]).toEqual([name, true]);
    await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  }

  it.each(['fr', 'nl', 'en', 'ar'] as const)(
    'can be read, heard and used at 320 pixels in %s',
    async (language) => {
      const words = MESSAGES[language];
      const { code, referral } = await givenReceipt(server, { word: 'abc', isOpened: true, language });
      await sendMessage(server.network.clinique.worker, referral, 'Come on Monday.');
      const options = { locale: language, viewport: { width: 320, height: 640 } };
      const device = await browser.device(options);
      const { page, faults } = device;
      await page.goto(`${server.address}/receipt`);
      await page.getByRole('heading', { level: 1, name: words['enter-title'] }).waitFor();
      expect(
        await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]),
      ).toEqual([language, language === 'ar' ? 'rtl' : 'ltr']);
      await requireSound(device, `${language}-enter`);
      await page.getByLabel(words['code-label']).fill(code);
      await page.getByRole('button', { name: words['code-open'] }).click();
      await page.getByRole('heading', { level: 1, name: words['status-title'] }).waitFor();
      await requireSound(device, `${language}-paper`);
      await page.getByLabel(words['word-label'], { exact: true }).fill('abc');
      await page.getByRole('button', { name: words['word-open'], exact: true }).click();
      await page.getByRole('button', { name: words['shared-title'] }).waitFor();
      await requireSound(device, `${language}-home`);
      for (const part of PARTS) {
        await page.getByRole('button', { name: words[part], exact: true }).click();
        await page.getByRole('heading', { level: 1, name: words[part] }).waitFor();
        if (part === 'shared-title') await page.getByText(CANARIES.name).waitFor();
        if (part === 'messages-title') await page.getByText('Come on Monday.').waitFor();
        await requireSound(device, `${language}-${part}`);
        await page.getByRole('button', { name: words.back, exact: true }).click();
      }
      await page.getByRole('button', { name: words.withdraw, exact: true }).click();
      await requireSound(device, `${language}-withdraw`);
      await page.getByRole('button', { name: words['withdraw-yes'], exact: true }).click();
      await page.getByRole('heading', { level: 1, name: words['withdraw-done-title'] }).waitFor();
      await requireSound(device, `${language}-withdrawn`);
      expect(faults).toEqual([]);
      await device.context.close();
    },
  );

  it('is dark where the device is', async () => {
    const device = await browser.device({ colorScheme: 'dark' });
    await device.page.goto(`${server.address}/receipt`);
    await device.page.getByRole('heading', { level: 1 }).waitFor();
    await requireSound(device, 'dark-enter');
    await device.context.close();
  });

  it('weighs little: 60 kB before the cryptography, 270 kB with it', () => {
    const weight = (wanted: RegExp): number =>
      readdirSync('dist/web/assets')
        .filter((name) => wanted.test(name))
        .reduce(
          (sum, name) => sum + gzipSync(readFileSync(`dist/web/assets/${name}`), { level: 9 }).length,
          0,
        );
    // one language is loaded; all four are counted
    const before = weight(/^(?!worker|decode|audit).*\.(js|css)$/);
    expect(before).toBeLessThanOrEqual(60_000);
    expect(before + weight(/^worker.*\.js$/)).toBeLessThanOrEqual(270_000);
  });
});
