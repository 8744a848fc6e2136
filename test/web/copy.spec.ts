import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copyPublicLog, isPublished, sendMessage } from '../../src/client/index.js';
import { verifyCommand } from '../../src/cli/verify.js';
import { describeWithBrowser, givenBrowser, type Browser, type Device } from '../support/machines/browser.js';
import { until } from '../support/machines/database.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { CANARIES, givenReceipt } from '../support/network/receipts.js';

describeWithBrowser('the copy that a person saves', () => {
  let server: FoundedServer;
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    server = await givenNetwork(undefined, { publishing: { delaySeconds: 1 } });
    browser = await givenBrowser();
    folder = mkdtempSync(join(tmpdir(), 'relais-copy-'));
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  async function save({ page }: Device, button: string): Promise<string> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('relais.html');
    return readFileSync(await download.path(), 'utf8');
  }

  /** Exit code of `relais verify` over the public log and this one copy. */
  async function verify(referral: string, html: string): Promise<{ code: number; told: string }> {
    const { worker } = server.network.laRuelle;
    await until(() => isPublished(worker, referral));
    const write = (path: string, bytes: Uint8Array): void => {
      mkdirSync(dirname(join(folder, 'log', path)), { recursive: true });
      writeFileSync(join(folder, 'log', path), bytes);
    };
    rmSync(join(folder, 'log'), { recursive: true, force: true });
    await copyPublicLog(worker.transport, server.network.trust, write);
    mkdirSync(join(folder, 'cases'), { recursive: true });
    writeFileSync(join(folder, 'cases', '1.html'), html);
    writeFileSync(join(folder, 'trust.json'), JSON.stringify(server.network.trust));
    const written: string[] = [];
    const out = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
    try {
      const [log, trust, cases] = ['log', 'trust.json', 'cases'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      return { code: await verifyCommand([log, '--trust', trust, '--cases', cases]), told: written.join('') };
    } finally {
      process.stdout.write = out;
    }
  }

  async function opened(
    record = { calledName: CANARIES.name, reason: '<img src=x onerror=alert(1)> & "so"' },
  ) {
    const { code, referral } = await givenReceipt(server, { isOpened: true, record });
    await sendMessage(server.network.clinique.worker, referral, '<b>Monday</b>');
    const device = await browser.device({ acceptDownloads: true });
    await device.page.goto(`${server.address}/receipt#${code}`);
    await device.page.getByRole('button', { name: 'Enregistrer une copie' }).waitFor();
    return { device, code, referral };
  }

  it('can be read without a program, and relais verify takes it', async () => {
    const { device, code, referral } = await opened();
    await device.page.getByRole('button', { name: 'Enregistrer une copie' }).click();
    const html = await save(device, 'Enregistrer le fichier');
    expect(html).not.toContain(code);
    expect(html).not.toMatch(/<script|<img|<b>Monday/);
    const page = await device.context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.setContent(html);
    const text = await page.locator('body').innerText();
    for (const words of [
      CANARIES.name,
      '<img src=x onerror=alert(1)> & "so"',
      '<b>Monday</b>',
      'l’a ouvert le',
    ])
      expect(text).toContain(words);
    expect(asked).toEqual([]);
    const { code: exit, told } = await verify(referral, html);
    expect([exit, told]).toEqual([0, expect.stringContaining('person’s copy') as unknown]);
    const spoilt = html.replace(/(id="relais-case" hidden>[^<]{400})./, '$1A');
    expect((await verify(referral, spoilt)).code).toBe(1);
    await device.context.close();
  });

  it('is, after a withdrawal, the receipt of its end, with the signed statement and its proof', async () => {
    const { device, referral } = await opened();
    const { page } = device;
    await page.getByRole('button', { name: 'Retirer mon accord' }).click();
    await page.getByRole('button', { name: 'Oui, je retire mon accord' }).click();
    await page.getByRole('heading', { name: 'Votre accord est retiré' }).waitFor();
    const html = await save(device, 'Enregistrer le fichier');
    expect(html).toMatch(/Votre accord a pris fin le/);
    expect(html).not.toContain(CANARIES.name);
    const { code, told } = await verify(referral, html);
    expect([code, told]).toEqual([0, expect.stringContaining('consent record') as unknown]);
    await device.context.close();
  });
});
