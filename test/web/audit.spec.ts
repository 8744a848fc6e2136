import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { AxeBuilder } from '@axe-core/playwright';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportCase, fetchFinalProofs } from '../../src/client/index.js';
import { MESSAGES } from '../../src/client/audit/audit-messages.js';
import { logCommand } from '../../src/cli/log.js';
import { canonicalText } from '../../src/protocol/encoding/json.js';
import { describeWithBrowser, givenBrowser, type Browser, type Device } from '../support/machines/browser.js';
import { until } from '../support/machines/database.js';
import { givenReferral } from '../support/network/makers.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenPullWitness } from '../support/log/witness.js';
import { publishedSize } from '../support/requests/requests.js';
import { THIS_YEAR } from '../support/log/this-year.js';

/** Anybody who has a trust file, with nothing installed. */
describeWithBrowser('the auditor’s door', () => {
  const root = mkdtempSync(join(tmpdir(), 'relais-web-audit-'));
  const trustFile = join(root, 'trust.json');
  const copy = join(root, 'copy');
  const file = join(root, '1.json');
  let server: FoundedServer;
  let browser: Browser;
  let witness: Awaited<ReturnType<typeof givenPullWitness>>;

  beforeAll(async () => {
    [server, browser] = [await givenNetwork(), await givenBrowser()];
    const { laRuelle, clinique, trust } = server.network;
    witness = await givenPullWitness(trust, clinique);
    const { referral } = await givenReferral(server, 'received');
    await until(async () => {
      await witness.pull();
      return (await fetchFinalProofs(laRuelle.worker, referral)) !== undefined;
    });
    writeFileSync(trustFile, JSON.stringify(trust));
    writeFileSync(file, canonicalText(await exportCase(clinique.worker, referral)));
    // what is proven is published a little later
    await publishedSize(`${server.address}/log/consent/${THIS_YEAR}/checkpoint`);
    await logCommand(['export', copy, '--server', server.address, '--trust', trustFile]);
  });
  afterAll(async () => {
    await browser.close();
    witness.remove();
    rmSync(root, { recursive: true });
    await server.stop();
  });

  async function open(locale = 'en-GB'): Promise<Device> {
    const device = await browser.device({ locale, viewport: { width: 1000, height: 900 } });
    await device.page.goto(`${server.address}/audit`);
    return device;
  }

  const report = ({ page }: Device) => page.getByRole('region', { name: 'relais verify' }).innerText();

  it('verifies the server’s own log and an opened case, and says who has seen it', async () => {
    const device = await open();
    const { page, faults, requests } = device;
    await page.getByLabel('Your trust file').setInputFiles(trustFile);
    await page.getByLabel('Cases opened for you').setInputFiles(file);
    await page.getByRole('button', { name: 'Check' }).click();
    const text = await report(device);
    expect(text).toContain(MESSAGES.en.sound);
    expect(text).toContain(MESSAGES.en.witnessed);
    expect(text).toContain('1 opened cases with 3 statements');
    const row = page.getByRole('row', { name: `consent/${THIS_YEAR}` });
    expect(await row.innerText()).toContain('Clinique du Canal');
    expect(faults).toEqual([]);
    // nothing goes to the server but questions for what is public
    const own = ['/audit', '/assets/', '/log/', '/v1/charter', '/v1/network'];
    for (const url of requests.map((each) => new URL(each)))
      expect([url.origin, own.some((path) => url.pathname.startsWith(path))]).toEqual([server.address, true]);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it('verifies a copy, and names what was changed in it', async () => {
    const folder = join(copy, `consent/${THIS_YEAR}/tile/entries/000.p`);
    const [width = ''] = readdirSync(folder);
    const entries = join(folder, width);
    const bytes = readFileSync(entries);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(entries, bytes);
    const device = await open('fr-BE');
    await device.page.getByLabel('Votre fichier de confiance').setInputFiles(trustFile);
    await device.page.getByLabel('Une copie du journal').setInputFiles(copy);
    await device.page.getByRole('button', { name: 'Vérifier' }).click();
    expect(await report(device)).toContain('[tiles/');
    expect(device.requests.some((url) => url.includes('/log/'))).toBe(false);
    expect(device.faults).toEqual([]);
  });

  it('says what is wrong with a trust file, in the language that was chosen', async () => {
    const { page } = await open('nl-BE');
    await page.getByLabel('Uw vertrouwensbestand').setInputFiles(file);
    await page.getByRole('button', { name: 'Nakijken' }).click();
    await page.getByText('Dit vertrouwensbestand is niet goed gevormd.').waitFor();
    await page.getByLabel('Taal').selectOption('en');
    await page.getByText('This trust file is malformed.').waitFor();
  });
});
