import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import encodeQR from 'qr';
import { describeWithBrowser, givenBrowser, type Browser } from '../support/machines/browser.js';
import { givenNetwork, type FoundedServer } from '../support/machines/process.js';
import { givenReceipt } from '../support/network/receipts.js';

const [WIDTH, HEIGHT] = [640, 480];

/** Two pictures of a square, as a camera film without compression (YUV4MPEG2). */
function filmOf(text: string): Buffer {
  const square = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const size = Math.floor(HEIGHT / square.length);
  const luma = Buffer.alloc(WIDTH * HEIGHT, 235);
  for (let y = 0; y < size * square.length; y++)
    for (let x = 0; x < size * square.length; x++)
      if (square[Math.floor(y / size)]?.[Math.floor(x / size)]) luma[y * WIDTH + x + 60] = 16;
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420\n`);
  return Buffer.concat([head, frame, frame]);
}

describeWithBrowser('the camera of the person’s page', () => {
  let server: FoundedServer;
  let browser: Browser;
  let folder: string;
  let code: string;

  beforeAll(async () => {
    server = await givenNetwork();
    ({ code } = await givenReceipt(server));
    folder = mkdtempSync(join(tmpdir(), 'relais-film-'));
    const film = join(folder, 'paper.y4m');
    writeFileSync(film, filmOf(`https://relais.example/receipt#${code}`));
    browser = await givenBrowser([
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ]);
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  it('reads the square of a paper, wherever it was printed for, and lets the camera go', async () => {
    const { page, faults, context, requests } = await browser.device();
    await page.goto(`${server.address}/receipt`);
    await page.getByRole('button', { name: 'Utiliser la caméra' }).click();
    await page.getByRole('heading', { name: 'Votre papier' }).waitFor();
    expect(await page.getByLabel('Code de votre papier').inputValue()).toBe(code);
    await page.getByRole('button', { name: 'Ouvrir' }).click();
    await page.getByRole('heading', { name: 'Où en est-on' }).waitFor();
    expect(requests.filter((url) => url.includes('relais.example'))).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('says so where it may not be used, and the code can be typed', async () => {
    const { page, context } = await browser.device();
    await page.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    await page.goto(`${server.address}/receipt`);
    await page.getByRole('button', { name: 'Utiliser la caméra' }).click();
    await page.getByText('La caméra ne peut pas être utilisée ici.').waitFor();
    await page.getByRole('button', { name: 'Arrêter la caméra' }).click();
    await page.getByLabel('Code de votre papier').waitFor();
    await context.close();
  });
});
